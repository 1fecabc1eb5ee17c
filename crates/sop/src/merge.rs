//! `merge-certs`.

use envelock::Certificate;

use crate::certificates::Certs;
use crate::failure::of_key;
use crate::input::Rules;
use crate::program::Envelock;

/// `merge-certs`.
#[derive(Default)]
pub struct MergeCerts {
    updates: Vec<Certificate>,
}

impl<'s> sop::ops::MergeCerts<'s, Envelock, Certs> for MergeCerts {
    fn merge_updates(
        mut self: Box<Self>,
        updates: &Certs,
    ) -> sop::Result<Box<dyn sop::ops::MergeCerts<'s, Envelock, Certs> + 's>> {
        self.updates.extend_from_slice(&updates.certificates);
        Ok(self)
    }

    /// Each certificate once, with what its other copies and the updates add. Updates of others are no concern.
    fn merge(self: Box<Self>, certs: &Certs) -> sop::Result<Certs> {
        let limits = Rules::now().limits;
        let mut merged: Vec<Certificate> = Vec::new();
        let known = certs.all_supported()?.iter().map(|certificate| (certificate, true));
        for (certificate, is_wanted) in known.chain(self.updates.iter().map(|update| (update, false))) {
            match merged.iter_mut().find(|present| present.fingerprint() == certificate.fingerprint()) {
                Some(present) => *present = present.merge(certificate, &limits).map_err(of_key)?,
                None if is_wanted => merged.push(certificate.clone()),
                None => {}
            }
        }
        Ok(Certs::new(merged))
    }
}
