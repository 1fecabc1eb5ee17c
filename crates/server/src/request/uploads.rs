//! Uploads of ciphertext that are under way. Each has a file and a connection for as long as it is patiently waited for, so they
//! are few: so many in one session or of one program, and four times as many of one account, so that one of them cannot use up what
//! the account's owner needs. Counted in memory: each process has its own disk to spare.

use crate::problem::Problem;
use crate::storage::Writer;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How soon it is worth to try again.
const WAIT: Duration = Duration::from_secs(4);

/// The uploads of all accounts.
pub(crate) struct Uploads {
    under_way: UnderWay,
    of_one_writer: u32,
}

type UnderWay = Arc<Mutex<HashMap<Of, u32>>>;

/// Whose uploads are counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Of {
    Writer([u8; 32]),
    Account(i64),
}

/// One of them, until it is dropped.
pub(crate) struct Upload {
    under_way: UnderWay,
    of: [Of; 2],
}

impl Uploads {
    pub(crate) fn new(of_one_writer: NonZeroU32) -> Self {
        Self { under_way: UnderWay::default(), of_one_writer: of_one_writer.get() }
    }

    /// Counts one more, or refuses it.
    pub(crate) fn begin(&self, writer: &Writer) -> Result<Upload, Problem> {
        let limits = [
            (Of::Writer(writer.key()), self.of_one_writer),
            (Of::Account(writer.account()), self.of_one_writer.saturating_mul(4)),
        ];
        let mut counts = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if limits.iter().any(|(of, most)| counts.get(of).is_some_and(|count| count >= most)) {
            return Err(Problem::too_many_requests(WAIT));
        }
        let of = limits.map(|(of, _)| of);
        for of in of {
            *counts.entry(of).or_default() += 1;
        }
        Ok(Upload { under_way: Arc::clone(&self.under_way), of })
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let mut counts = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        for of in self.of {
            if let Some(count) = counts.get_mut(&of) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&of);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn no_program_takes_the_place_of_its_owner_and_no_account_that_of_others() {
        let uploads = Uploads::new(NonZeroU32::MIN);
        let session = |number| Writer::session(7, [number; 32]);
        let program = uploads.begin(&Writer::program(7, [1; 16])).unwrap();
        assert!(uploads.begin(&Writer::program(7, [1; 16])).is_err());
        let all: Vec<_> = (1..4).map(|number| uploads.begin(&session(number)).unwrap()).collect();
        assert!(uploads.begin(&session(4)).is_err(), "the account has four");
        let _other = uploads.begin(&Writer::session(8, [5; 32])).unwrap();
        drop(program);
        let _again = uploads.begin(&session(4)).unwrap();
        drop(all);
        assert_eq!(uploads.under_way.lock().unwrap().len(), 4, "nothing is kept of those that are over");
    }
}
