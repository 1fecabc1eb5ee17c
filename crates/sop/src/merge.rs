//! `merge-certs`.

use envelock::{Certificate, Fingerprint};
use std::collections::HashMap;

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
        let mut places: HashMap<Fingerprint, usize> = HashMap::new();
        let mut copies: Vec<(&Certificate, Vec<&Certificate>)> = Vec::new();
        let known = certs.all_supported()?.iter().map(|certificate| (certificate, true));
        for (certificate, is_wanted) in known.chain(self.updates.iter().map(|update| (update, false))) {
            let fingerprint = certificate.fingerprint();
            match places.get(&fingerprint).and_then(|place| copies.get_mut(*place)) {
                Some((_, updates)) => updates.push(certificate),
                None if is_wanted => {
                    places.insert(fingerprint, copies.len());
                    copies.push((certificate, Vec::new()));
                }
                None => {}
            }
        }
        let merged = copies.into_iter().map(|(first, updates)| first.merge_all(updates, &limits).map_err(of_key));
        merged.collect::<sop::Result<_>>().map(Certs::new)
    }
}
