//! Work in several steps, told as the progress of the whole.

use envelock_seipd::{Error, Progress};
use std::ops::{ControlFlow, Range};

/// One step, which is told as a part of the octets of the whole.
pub(crate) struct Share<'p> {
    progress: &'p mut dyn Progress,
    part: Range<u64>,
    told: u64,
    total: u64,
}

impl<'p> Share<'p> {
    /// Step `index` of so many that take equally long.
    pub(super) fn of(progress: &'p mut dyn Progress, index: usize, steps: usize, total: usize) -> Self {
        let total = total as u64;
        let place = |index: usize| total.saturating_mul(index as u64) / steps.max(1) as u64;
        Self { progress, part: place(index)..place(index + 1), told: 0, total }
    }

    /// All that is left from step `index` on.
    fn from(progress: &'p mut dyn Progress, index: usize, steps: usize, total: usize) -> Self {
        let first = Self::of(progress, index, steps, total);
        Self { part: first.part.start..first.total, ..first }
    }

    /// Says that the step is over, unless that was said.
    pub(super) fn end(self) -> Result<(), Error> {
        let is_told = self.told == self.part.end;
        if !is_told && self.progress.report(self.part.end, self.total).is_break() {
            return Err(Error::Cancelled);
        }
        Ok(())
    }
}

impl Progress for Share<'_> {
    fn report(&mut self, done: u64, total: u64) -> ControlFlow<()> {
        let length = self.part.end - self.part.start;
        let done = length.saturating_mul(done.min(total)).checked_div(total).unwrap_or(length);
        self.told = self.part.start + done;
        self.progress.report(self.told, self.total)
    }
}

/// Steps that take equally long, one after the other.
pub(crate) struct Steps<'p> {
    progress: &'p mut dyn Progress,
    next: usize,
    steps: usize,
    total: usize,
}

impl<'p> Steps<'p> {
    /// So many steps of a whole of `total` octets.
    pub(crate) fn of(progress: &'p mut dyn Progress, steps: usize, total: usize) -> Self {
        Self { progress, next: 0, steps, total }
    }

    /// The next step. There are no more than were told.
    pub(crate) fn next(&mut self) -> Share<'_> {
        let index = self.next.min(self.steps.saturating_sub(1));
        self.next += 1;
        Share::of(self.progress, index, self.steps, self.total)
    }

    /// The steps that are left, as one.
    pub(crate) fn rest(&mut self) -> Share<'_> {
        Share::from(self.progress, self.next.min(self.steps), self.steps, self.total)
    }
}

/// A call as whoever listens hears of it: `done` never falls, the total is the first one that was known, and the last word alone is that
/// all is done.
pub(crate) struct Whole<'p> {
    progress: &'p mut dyn Progress,
    done: u64,
    total: Option<u64>,
}

impl<'p> Whole<'p> {
    /// Nothing is told yet.
    pub(crate) fn of(progress: &'p mut dyn Progress) -> Self {
        Self { progress, done: 0, total: None }
    }

    /// Says that all is done: what is made is about to be handed over. `length` is the total if nobody ever told one, of empty data for
    /// instance.
    pub(crate) fn end(self, length: usize) -> Result<(), Error> {
        let total = self.total.unwrap_or(length as u64);
        if self.progress.report(total, total).is_break() {
            return Err(Error::Cancelled);
        }
        Ok(())
    }
}

impl Progress for Whole<'_> {
    fn report(&mut self, done: u64, total: u64) -> ControlFlow<()> {
        let known = *self.total.get_or_insert(total);
        // Some steps count more octets than others, and some are done again.
        let scaled = if known == total {
            done
        } else {
            known.saturating_mul(done.min(total)).checked_div(total).unwrap_or(known)
        };
        self.done = self.done.max(scaled.min(known));
        // Something is left to do after the last step as well: that all is done is said at the end.
        if self.done == known { ControlFlow::Continue(()) } else { self.progress.report(self.done, known) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn whoever_listens_hears_of_one_whole() {
        let mut told = Told(Vec::new());
        let mut whole = Whole::of(&mut told);
        // Another total, what was done already, and an end that nobody told.
        for (done, total) in [(10, 50), (30, 90), (20, 50), (60, 90)] {
            assert!(whole.report(done, total).is_continue());
        }
        whole.end(7).unwrap();
        assert_eq!(told.0, [(10, 50), (16, 50), (20, 50), (33, 50), (50, 50)]);
        let mut told = Told(Vec::new());
        let mut whole = Whole::of(&mut told);
        assert!(whole.report(50, 50).is_continue());
        whole.end(50).unwrap();
        assert_eq!(told.0, [(50, 50)], "the end is told once");
        let mut told = Told(Vec::new());
        Whole::of(&mut told).end(0).unwrap();
        assert_eq!(told.0, [(0, 0)], "of nothing as well");
        assert_eq!(Whole::of(&mut told).end(100), Err(Error::Cancelled));
    }

    struct Told(Vec<(u64, u64)>);

    impl Progress for Told {
        fn report(&mut self, done: u64, total: u64) -> ControlFlow<()> {
            self.0.push((done, total));
            if done == 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }

    #[test]
    fn steps_follow_each_other_and_the_rest_is_one() {
        let mut told = Told(Vec::new());
        let mut steps = Steps::of(&mut told, 3, 90);
        assert!(steps.next().report(1, 1).is_continue());
        let mut rest = steps.rest();
        let mut within = Steps::of(&mut rest, 2, 50);
        assert!(within.next().report(5, 10).is_continue() && within.next().report(9, 10).is_continue());
        assert!(within.next().report(10, 10).is_continue(), "a step too many is the last one again");
        assert_eq!(told.0, [(30, 90), (44, 90), (86, 90), (90, 90)]);
    }

    #[test]
    fn steps_add_up_to_the_whole() {
        let mut told = Told(Vec::new());
        for step in 0..3 {
            for done in [0, 4, 8] {
                let go_on = Share::of(&mut told, step, 3, 100).report(done, 8);
                assert_eq!(go_on.is_break(), (step, done) == (2, 8), "whoever listens may stop it");
            }
        }
        assert_eq!(told.0.iter().map(|(done, _)| *done).collect::<Vec<_>>(), [0, 16, 33, 33, 49, 66, 66, 83, 100]);
        assert!(told.0.iter().all(|(_, total)| *total == 100));
        // Nothing to do is all done.
        assert!(Share::of(&mut told, 0, 1, 100).report(0, 0).is_break());
        assert_eq!(Share::of(&mut told, 0, 1, 100).end(), Err(Error::Cancelled));
        let mut nothing = Told(Vec::new());
        Share::of(&mut nothing, 0, 1, 0).end().unwrap();
        let mut half = Share::of(&mut nothing, 0, 2, 100);
        assert!(half.report(8, 8).is_continue());
        half.end().unwrap();
        assert_eq!(nothing.0, [(50, 100)], "an end is told once, and that of nothing not at all");
    }
}
