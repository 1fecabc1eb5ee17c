//! Uploads of ciphertext that are under way. Each has a file and a connection for as long as it is patiently waited for, so they
//! are few: so many in one session or of one program, and four times as many of one account, so that one of them cannot use up what
//! the account's owner needs; as many of replies to one envelope, and four times as many from one network, so that no link keeps
//! others from replying; as many of mail that is handed over from one network, as it is known only at its end who signed it. Counted in memory: each process has its own disk to spare.

use super::peer::Peer;
use crate::problem::Problem;
use crate::storage::Writer;
use envelock_wire::{EnvelopeId, TooMany};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How soon it is worth to try again.
const WAIT: Duration = Duration::from_secs(4);

/// The uploads of all accounts, and the replies to their envelopes.
pub(crate) struct Uploads {
    under_way: UnderWay,
    of_one: u32,
}

type UnderWay = Arc<Mutex<HashMap<Of, u32>>>;

/// Whose uploads are counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Of {
    Writer([u8; 32]),
    Account(i64),
    Envelope([u8; 16]),
    Mail(Peer),
    Network(Peer),
}

/// One of them, until it is dropped.
pub(crate) struct Upload {
    under_way: UnderWay,
    of: [Of; 2],
}

impl Uploads {
    /// Of one writer, and to one envelope, so many.
    pub(crate) fn new(of_one: NonZeroU32) -> Self {
        Self { under_way: UnderWay::default(), of_one: of_one.get() }
    }

    /// Counts one more of an account's, or refuses it.
    pub(crate) fn begin(&self, writer: &Writer) -> Result<Upload, Problem> {
        self.count([Of::Writer(writer.key()), Of::Account(writer.account())])
    }

    /// Counts one more reply, or refuses it.
    pub(crate) fn begin_reply(&self, envelope: &EnvelopeId, from: Peer) -> Result<Upload, Problem> {
        self.count([Of::Envelope(*envelope.as_octets()), Of::Network(from)])
    }

    /// Counts one more message that somebody hands over, or refuses it.
    pub(crate) fn begin_inbound(&self, from: Peer) -> Result<Upload, Problem> {
        self.count([Of::Mail(from), Of::Network(from)])
    }

    /// The second one may have four times as many as the first.
    fn count(&self, of: [Of; 2]) -> Result<Upload, Problem> {
        let [one, all] = of;
        let limits = [(one, self.of_one), (all, self.of_one.saturating_mul(4))];
        let mut counts = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if limits.iter().any(|(of, most)| counts.get(of).is_some_and(|count| count >= most)) {
            return Err(Problem::too_many_requests(TooMany::Uploads, WAIT));
        }
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
    use std::net::IpAddr;

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

    #[test]
    fn no_link_takes_the_place_of_others_and_no_network_that_of_others() {
        let uploads = Uploads::new(NonZeroU32::MIN);
        let network = |address: &str| Peer::from(address.parse::<IpAddr>().unwrap());
        let reply = |envelope, from: &str| uploads.begin_reply(&EnvelopeId::from_octets([envelope; 16]), network(from));
        let first = reply(0, "2001:db8:1:2::1").unwrap();
        assert!(reply(0, "192.0.2.1").is_err(), "from anywhere");
        let all: Vec<_> = (1..4).map(|envelope| reply(envelope, "2001:db8:1:2::1").unwrap()).collect();
        assert!(reply(4, "2001:db8:1:2:ffff::9").is_err(), "the network has four");
        let _other = reply(4, "2001:db8:1:3::1").unwrap();
        // Those of accounts are counted apart.
        let _own = uploads.begin(&Writer::session(7, [0; 32])).unwrap();
        drop(first);
        let _again = reply(0, "2001:db8:1:2::1").unwrap();
        drop(all);
        assert_eq!(uploads.under_way.lock().unwrap().len(), 6, "nothing is kept of those that are over");
    }
}
