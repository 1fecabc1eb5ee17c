//! The last step of reading a key: what was gathered becomes a certificate or a secret key that is no larger than allowed.

use pgp::composed::{SignedKeyDetails, SignedPublicKey, SignedPublicSubKey, SignedSecretKey, SignedSecretSubKey};

use super::{
    KeyringEntry, KeyringItem,
    component::{Primary, Subkey},
    draft::Draft,
    problem::Place,
};
use crate::{
    certificate::{Certificate, Held, fit},
    secret_key::SecretKey,
};

impl Draft<'_> {
    /// The key, with what was told of it.
    pub(super) fn finish(self) -> KeyringEntry {
        let Place { offset, block, .. } = self.start;
        let is_small = self.is_small();
        let item = match self.primary {
            Err(reason) => KeyringItem::Unsupported { reason, fingerprint: self.names.map(|names| names.fingerprint) },
            Ok(primary) => {
                let details = SignedKeyDetails {
                    revocation_signatures: self.revocations,
                    direct_signatures: self.direct,
                    users: self.users,
                    user_attributes: self.attributes,
                };
                let (mut public_subkeys, mut secret_subkeys) = (Vec::new(), Vec::new());
                for (subkey, signatures) in self.subkeys {
                    match subkey {
                        Subkey::Public(key) => public_subkeys.push(SignedPublicSubKey { key, signatures }),
                        Subkey::Secret(key) => secret_subkeys.push(SignedSecretSubKey { key, signatures }),
                    }
                }
                match primary {
                    Primary::Public(primary_key) => {
                        let key = SignedPublicKey { primary_key, details, public_subkeys };
                        let mut certificate = Certificate::from_pgp(key, self.unread);
                        if !is_small {
                            fit(&mut certificate, &Held::default(), self.limits);
                        }
                        KeyringItem::Certificate(certificate)
                    }
                    Primary::Secret(primary_key) => {
                        let key = SignedSecretKey { primary_key, details, public_subkeys, secret_subkeys };
                        let key = SecretKey::from_pgp(key, self.unread);
                        KeyringItem::SecretKey(if is_small { key } else { key.fitted(self.limits) })
                    }
                }
            }
        };
        KeyringEntry { item, problems: self.problems.into_vec(), offset, block }
    }
}
