//! String-to-key (RFC 9580 §3.7.1.3, §3.7.1.4), fast.
//!
//! GnuPG asks for 62 MiB of SHA-1 per component. rPGP feeds its hash a salt and a passphrase at a time and looks for SHA-1
//! collisions on the way, which nobody can place here; whole blocks and the plain hash take a fraction of the time.

use envelock_argon2::Parameters;
use pgp::{composed::RawSessionKey, crypto::hash::HashAlgorithm, errors::Result as PgpResult, types::StringToKey};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

use crate::rest;

/// Octets hashed at once, about.
const BLOCK: usize = 8192;

/// Derives `length` octets. What it costs was checked before ([`Limits::check_s2k`](crate::Limits::check_s2k)).
pub(crate) fn derive_key(s2k: &StringToKey, passphrase: &[u8], length: usize) -> PgpResult<RawSessionKey> {
    match s2k {
        StringToKey::IteratedAndSalted { hash_alg: HashAlgorithm::Sha1, salt, count } => {
            Ok(iterated::<Sha1>(salt, passphrase, *count, length).into())
        }
        StringToKey::IteratedAndSalted { hash_alg: HashAlgorithm::Sha256, salt, count } => {
            Ok(iterated::<Sha256>(salt, passphrase, *count, length).into())
        }
        StringToKey::IteratedAndSalted { hash_alg: HashAlgorithm::Sha512, salt, count } => {
            Ok(iterated::<Sha512>(salt, passphrase, *count, length).into())
        }
        StringToKey::Argon2 { salt, t, p, m_enc } if *m_enc < 32 => {
            let parameters = Parameters { passes: (*t).into(), lanes: (*p).into(), memory_kib: 1 << m_enc };
            let mut key = Zeroizing::new(vec![0; length]);
            envelock_argon2::derive(passphrase, salt, parameters, &mut key).map_err(|_| "Argon2 S2K".to_owned())?;
            Ok(key.into())
        }
        _ if !rest::is_here() => Err("second part".to_owned().into()),
        other => other.derive_key(passphrase, length),
    }
}

fn iterated<D: Digest>(salt: &[u8; 8], passphrase: &[u8], coded_count: u8, length: usize) -> Zeroizing<Vec<u8>> {
    let unit = Zeroizing::new([salt, passphrase].concat());
    // At least one whole unit is hashed.
    let count = ((16 + usize::from(coded_count & 15)) << (usize::from(coded_count >> 4) + 6)).max(unit.len());
    let block = Zeroizing::new(unit.repeat(BLOCK.div_ceil(unit.len())));
    let mut key = Zeroizing::new(Vec::with_capacity(length + 64));
    let mut zeros = 0;
    while key.len() < length {
        let mut hash = D::new();
        // §3.7.1: each further hash starts with one more zero octet.
        hash.update(vec![0; zeros]);
        for _ in 0..count / block.len() {
            hash.update(&*block);
        }
        hash.update(block.get(..count % block.len()).unwrap_or_default());
        key.extend_from_slice(&hash.finalize());
        zeros += 1;
    }
    key.truncate(length);
    key
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;

    #[test]
    fn argon2_as_rpgp_derives() {
        for (t, p, m_enc) in [(1, 1, 3), (2, 4, 7), (3, 3, 6)] {
            let s2k = StringToKey::Argon2 { salt: [7; 16], t, p, m_enc };
            for length in [16, 24, 32] {
                let (ours, theirs) =
                    (derive_key(&s2k, b"lantern", length).unwrap(), s2k.derive_key(b"lantern", length).unwrap());
                assert_eq!(ours.as_ref(), theirs.as_ref(), "{t} {p} {m_enc} {length}");
            }
        }
    }

    #[test]
    fn as_rpgp_derives() {
        for hash_alg in [HashAlgorithm::Sha1, HashAlgorithm::Sha256, HashAlgorithm::Sha512, HashAlgorithm::Sha384] {
            for count in [0, 1, 15, 96, 130] {
                for size in [0, 1, 9, 1000, 1016, 1017, 9000] {
                    let s2k = StringToKey::IteratedAndSalted { hash_alg, salt: *b"saltsalt", count };
                    let passphrase = vec![b'p'; size];
                    for length in [16, 24, 32, 64] {
                        let (ours, theirs) = (
                            derive_key(&s2k, &passphrase, length).unwrap(),
                            s2k.derive_key(&passphrase, length).unwrap(),
                        );
                        assert_eq!(ours.as_ref(), theirs.as_ref(), "{hash_alg:?} {count} {size} {length}");
                    }
                }
            }
        }
    }
}
