//! Secrets that people type: passphrases of keys and passwords of messages.
//!
//! Both are wiped when dropped and never show in `Debug`. They are two types so that one is never handed in for the other.

use std::fmt;

use zeroize::Zeroizing;

use crate::secret_key::derived::DerivedKeys;

macro_rules! typed_secret {
    ($(#[$doc:meta])* $name:ident $(, $memory:ident: $kind:ty)?) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            octets: Zeroizing<Vec<u8>>,
            $(pub(crate) $memory: $kind,)?
        }

        impl $name {
            /// Takes a copy of the octets; the caller wipes its own.
            pub fn new(secret: impl AsRef<[u8]>) -> Self {
                Self {
                    octets: Zeroizing::new(secret.as_ref().to_vec()),
                    $($memory: <$kind>::default(),)?
                }
            }

            /// The octets as they were typed.
            pub fn as_bytes(&self) -> &[u8] {
                &self.octets
            }

            /// The secret as text, if it is UTF-8.
            pub fn as_str(&self) -> Option<&str> {
                std::str::from_utf8(&self.octets).ok()
            }

            /// Whether nothing was typed.
            pub fn is_empty(&self) -> bool {
                self.octets.is_empty()
            }

            /// The form rPGP takes; a copy, wiped on drop as well.
            pub fn to_pgp(&self) -> pgp::types::Password {
                pgp::types::Password::Static(self.octets.clone())
            }
        }

        impl From<&str> for $name {
            fn from(secret: &str) -> Self {
                Self::new(secret)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

typed_secret!(
    /// Unlocks a secret key (RFC 9580 §3.7.2.1). Used as typed, without normalisation, as other programs do.
    ///
    /// It remembers the keys that were derived from it, and so do its clones, until the last of them is dropped: whoever keeps it while a
    /// key is used many times pays for one derivation per component. Whoever has it has those keys.
    Passphrase, derived: DerivedKeys
);
typed_secret!(
    /// Encrypts and decrypts a message (RFC 9580 §3.7.2.2). Normalisation, where a format asks for it, is that format's job.
    Password
);

/// Appends octets. Where that takes more room, the old room is wiped: `Vec` would leave a copy in it.
pub(crate) fn extend_wiped(secret: &mut Zeroizing<Vec<u8>>, more: &[u8]) {
    let length = secret.len() + more.len();
    if length > secret.capacity() {
        let mut wider = Zeroizing::new(Vec::with_capacity(length * 2));
        wider.extend_from_slice(secret);
        *secret = wider;
    }
    secret.extend_from_slice(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_stands_behind_what_was_there() {
        let mut secret = Zeroizing::new(b"har".to_vec());
        for piece in [&b"b"[..], b"", b"our and more than had room at first"] {
            extend_wiped(&mut secret, piece);
        }
        assert_eq!(secret.as_slice(), b"harbour and more than had room at first");
    }

    #[test]
    fn debug_shows_nothing_typed() {
        assert_eq!(
            format!("{:?} {:?}", Passphrase::from("harbour"), Password::from("lantern")),
            "Passphrase(…) Password(…)"
        );
    }
}
