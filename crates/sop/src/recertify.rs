//! Operations on keys and certificates as a whole: `extract-cert`.

use envelock::SecretKey;

use crate::certificates::Certs;
use crate::keys::Keys;
use crate::program::Envelock;

/// `extract-cert`.
pub struct ExtractCert;

impl<'s> sop::ops::ExtractCert<'s, Envelock, Certs, Keys> for ExtractCert {
    fn keys(self: Box<Self>, keys: &Keys) -> sop::Result<Certs> {
        Ok(Certs::new(keys.keys.iter().map(SecretKey::certificate).collect()))
    }
}
