//! When: renewals while a third of a certificate's life is left, and pauses between tries.

use super::folder::Certificate;
use rand::Rng;
use rand::rngs::OsRng;

/// Seconds after the first try. CAs allow few: Let's Encrypt five an hour for one name.
const FIRST_PAUSE: i64 = 300;

/// Longest pause between two tries, in seconds.
const LONGEST_PAUSE: i64 = 12 * 3600;

/// When to order the next one, in seconds since 1970: with a third of its life left or a little less, so that not all
/// servers that got theirs together come back together.
pub(super) fn due(certificate: &Certificate) -> i64 {
    let life = certificate.until.saturating_sub(certificate.from).max(0);
    certificate.until - life / 3 + OsRng.gen_range(0..=life / 30)
}

/// Tries, one after another, that led to no certificate for long.
#[derive(Debug, Default)]
pub(super) struct Tries {
    count: u32,
    next: Option<i64>,
}

impl Tries {
    pub(super) fn may_be(&self, now: i64) -> bool {
        // A pause that is longer than any was begun by a clock that was ahead.
        self.next.is_none_or(|next| now >= next || next - now > LONGEST_PAUSE + LONGEST_PAUSE / 5)
    }

    /// One more; returns in how many seconds another try may be.
    pub(super) fn add(&mut self, now: i64) -> i64 {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.count.min(10)).min(LONGEST_PAUSE);
        let pause = pause + OsRng.gen_range(0..=pause / 5);
        self.count = self.count.saturating_add(1);
        self.next = Some(now.saturating_add(pause));
        pause
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn a_third_of_its_life_is_left_or_a_little_less() {
        let day = 24 * 3600;
        let certificate = |days| Certificate { from: 1_000_000, until: 1_000_000 + days * day, der: Vec::new() };
        for (days, first, last) in [(90, 60, 63), (6, 4, 5), (0, 0, 0), (-1, -1, -1)] {
            let when = due(&certificate(days)) - 1_000_000;
            assert!((first * day..=last * day).contains(&when), "{days}: {when}");
        }
    }

    #[test]
    fn pauses_grow_to_half_a_day() {
        let mut tries = Tries::default();
        assert!(tries.may_be(0));
        let mut now = 0;
        for shortest in [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 43_200, 43_200] {
            let pause = tries.add(now);
            assert!((shortest..=shortest + shortest / 5).contains(&pause), "{pause}");
            assert!(!tries.may_be(now + pause - 1) && tries.may_be(now + pause));
            now += pause;
        }
    }

    #[test]
    fn a_try_under_a_clock_that_was_years_ahead_does_not_put_off_the_next_for_years() {
        let mut tries = Tries::default();
        tries.add(4_000_000_000);
        assert!(tries.may_be(2_000_000_000));
    }
}
