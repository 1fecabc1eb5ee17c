//! String-to-key (RFC 9580 §3.7.1.3, §3.7.1.4), fast, and with rests in which others have their turns.
//!
//! GnuPG asks for 62 MiB of SHA-1 per component. rPGP feeds its hash a salt and a passphrase at a time and looks for SHA-1
//! collisions on the way, which nobody can place here; whole blocks and the plain hash take a fraction of the time, and an engine that
//! has the processor's instructions a fraction of that.

use envelock_seipd::engine::{Argon2Error, Argon2Parameters, Engine, Hash, argon2};
use pgp::{composed::RawSessionKey, crypto::hash::HashAlgorithm, types::StringToKey};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512, digest::DynDigest};
use zeroize::Zeroizing;

use crate::{error::KeyError, rest};

/// Salt and passphrase stand so often in what is hashed at once, so that no hash keeps a part of it in its buffer.
const UNITS: usize = 128;

/// Octets hashed between two rests, about: a few milliseconds in a browser.
const STEP: usize = 1 << 20;

/// Derives `length` octets. What it costs was checked before ([`Limits::check_s2k`](crate::Limits::check_s2k)).
pub(crate) async fn derive_key(
    s2k: &StringToKey,
    passphrase: &[u8],
    length: usize,
    engine: &impl Engine,
) -> Result<RawSessionKey, KeyError> {
    match s2k {
        StringToKey::IteratedAndSalted { hash_alg, salt, count } if let Some(hash) = hash(*hash_alg) => {
            Ok(iterated(hash, salt, passphrase, *count, length, engine).await.into())
        }
        StringToKey::Argon2 { salt, t, p, m_enc } if *m_enc < 32 => {
            let parameters = Argon2Parameters { passes: (*t).into(), lanes: (*p).into(), memory_kib: 1 << m_enc };
            let key = argon2(engine, passphrase, salt, parameters, length).await;
            key.map(Into::into).map_err(|error| match error {
                Argon2Error::OutOfMemory => KeyError::OutOfMemory,
                Argon2Error::Parameters => KeyError::BadS2k { reason: "parameters of Argon2" },
            })
        }
        _ if !rest::is_here() => Err(KeyError::Internal { what: "second part" }),
        other => other.derive_key(passphrase, length).map_err(|_| KeyError::WrongPassphrase),
    }
}

/// The hashes that lock keys today, by the engine's name.
fn hash(algorithm: HashAlgorithm) -> Option<Hash> {
    match algorithm {
        HashAlgorithm::Sha1 => Some(Hash::Sha1),
        HashAlgorithm::Sha256 => Some(Hash::Sha256),
        HashAlgorithm::Sha384 => Some(Hash::Sha384),
        HashAlgorithm::Sha512 => Some(Hash::Sha512),
        _ => None,
    }
}

async fn iterated(
    hash: Hash,
    salt: &[u8; 8],
    passphrase: &[u8],
    coded_count: u8,
    length: usize,
    engine: &impl Engine,
) -> Zeroizing<Vec<u8>> {
    let unit = Zeroizing::new([salt, passphrase].concat());
    // At least one whole unit is hashed.
    let count = ((16 + usize::from(coded_count & 15)) << (usize::from(coded_count >> 4) + 6)).max(unit.len());
    let mut key = Zeroizing::new(Vec::with_capacity(length + 64));
    let mut zeros = 0;
    while key.len() < length {
        // §3.7.1: each further hash starts with one more zero octet.
        match engine.hash_repeated(hash, zeros, &unit, count).await {
            Some(digest) => key.extend_from_slice(&digest),
            None => key.extend_from_slice(&hashed(hash, zeros, &unit, count, engine).await),
        }
        zeros += 1;
    }
    key.truncate(length);
    key
}

/// As [`Engine::hash_repeated`], here.
async fn hashed(hash: Hash, zeros: usize, unit: &[u8], count: usize, engine: &impl Engine) -> Zeroizing<Vec<u8>> {
    let block = Zeroizing::new(unit.repeat(UNITS));
    let mut hashing = Hashing::new(hash);
    hashing.0.update(&vec![0; zeros]);
    let (mut left, mut since) = (count, 0);
    while left > 0 {
        let piece = block.get(..left).unwrap_or(&block);
        hashing.0.update(piece);
        left -= piece.len();
        since += piece.len();
        if since >= STEP {
            since = 0;
            engine.rest().await;
        }
    }
    let mut digest = Zeroizing::new(vec![0; hashing.0.output_size()]);
    // It is as long as it says.
    let _ = hashing.0.finalize_into_reset(&mut digest);
    digest
}

/// A hash under way, over secrets: what is left of them in its buffer is overwritten.
struct Hashing(Box<dyn DynDigest>);

impl Hashing {
    fn new(hash: Hash) -> Self {
        Self(match hash {
            Hash::Sha1 => Box::new(Sha1::new()),
            Hash::Sha256 => Box::new(Sha256::new()),
            Hash::Sha384 => Box::new(Sha384::new()),
            Hash::Sha512 => Box::new(Sha512::new()),
        })
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        self.0.reset();
        // All of the longest buffer but one octet; of the shorter ones as well.
        self.0.update(&[0; 127]);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use envelock_seipd::engine::{RustCrypto, at_once};

    use super::*;
    use crate::counting_engine::CountingEngine;

    /// GnuPG's 62 MiB of SHA-1, twice for a key of 32 octets; ours; Argon2.
    #[test]
    fn others_have_their_turns() {
        let iterated = |hash_alg, count| StringToKey::IteratedAndSalted { hash_alg, salt: [1; 8], count };
        for (s2k, least) in [
            (iterated(HashAlgorithm::Sha1, 255), 120),
            (iterated(HashAlgorithm::Sha256, 224), 15),
            (StringToKey::Argon2 { salt: [7; 16], t: 1, p: 4, m_enc: 16 }, 15),
        ] {
            let engine = CountingEngine::default();
            at_once(derive_key(&s2k, b"lantern", 32, &engine)).unwrap().unwrap();
            assert!(engine.rests() >= least, "{s2k:?}: {} rests", engine.rests());
        }
    }

    fn derive(s2k: &StringToKey, passphrase: &[u8], length: usize) -> RawSessionKey {
        at_once(derive_key(s2k, passphrase, length, &RustCrypto)).unwrap().unwrap()
    }

    #[test]
    fn argon2_as_rpgp_derives() {
        for (t, p, m_enc) in [(1, 1, 3), (2, 4, 7), (3, 3, 6)] {
            let s2k = StringToKey::Argon2 { salt: [7; 16], t, p, m_enc };
            for length in [16, 24, 32] {
                let (ours, theirs) = (derive(&s2k, b"lantern", length), s2k.derive_key(b"lantern", length).unwrap());
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
                        let (ours, theirs) =
                            (derive(&s2k, &passphrase, length), s2k.derive_key(&passphrase, length).unwrap());
                        assert_eq!(ours.as_ref(), theirs.as_ref(), "{hash_alg:?} {count} {size} {length}");
                    }
                }
            }
        }
    }
}
