//! What the npm package's module brings only when it is asked for: the code that today's mail seldom needs.
//!
//! The build divides the module in two (`xtask/src/build/split`), and what only old or rare algorithms need is in the second part. Whoever
//! is about to run such code asks here first. If the part is not there, that is noted, and the call ends with any error or result: whoever made it
//! throws that away, loads the part, and makes the call once more. So nothing is ever told about a key or a message because code was missing.
//! Everywhere else the code is in one piece and always there.

use std::{cell::Cell, hint::black_box};

use envelock_fma::Engine;
use envelock_seipd::{Cipher, Mode};
use pgp::crypto::{aead::AeadAlgorithm, sym::SymmetricKeyAlgorithm};

thread_local! {
    static MISSED: Cell<bool> = const { Cell::new(false) };
}

/// Where this function is, there is the second part: the build puts it there and another one into the first, which says no.
#[inline(never)]
fn is_loaded() -> bool {
    #[cfg(test)]
    if tests::ABSENT.get() {
        return false;
    }
    black_box(true)
}

/// Whether the second part is there; notes that it was missed if not.
pub(crate) fn is_here() -> bool {
    let is_here = is_loaded();
    if !is_here {
        MISSED.set(true);
    }
    is_here
}

/// Whether it was missed since that was last [taken](take_missed): nothing that came out is to be believed, or kept.
pub(crate) fn is_missed() -> bool {
    MISSED.get()
}

/// Whether the second part was missed; forgets it. To be asked after each turn of work. The outcome of one that missed it means nothing.
pub fn take_missed() -> bool {
    MISSED.replace(false)
}

/// Whether the code for the key in the body of a key packet is there (RFC 9580 §5.5.2). Without the second part that is Curve25519 alone, and anything
/// else may be a key of some kind.
pub(crate) fn has_key(body: &[u8]) -> bool {
    let params = match body {
        [4, _, _, _, _, params @ ..] => params,
        // Version 6 tells how long they are, behind the algorithm.
        [6, _, _, _, _, algorithm @ (25 | 27), ..] => std::slice::from_ref(algorithm),
        _ => &[],
    };
    let is_curve25519 = matches!(
        params,
        // X25519, Ed25519.
        [25 | 27, ..]
        // ECDH and EdDSALegacy, with their curve's object identifier (§9.2).
        | [18, 10, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01, ..]
        | [22, 9, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01, ..]
    );
    is_curve25519 || is_here()
}

/// Whoever agrees faster than Rust, where the second part is, which has it. Without it nothing is missed.
pub(crate) fn fma() -> Option<Engine> {
    if is_loaded() { Engine::find() } else { None }
}

/// AES, whose code is always there; `None` for other ciphers.
pub(crate) fn aes(cipher: SymmetricKeyAlgorithm) -> Option<Cipher> {
    Cipher::from_id(cipher.into()).ok()
}

/// Whether the code for a cipher is there.
pub(crate) fn has_cipher(cipher: SymmetricKeyAlgorithm) -> bool {
    aes(cipher).is_some() || is_here()
}

/// Whether the code for a mode is there.
pub(crate) fn has_mode(mode: Mode) -> bool {
    mode != Mode::Eax || is_here()
}

/// As [`has_mode`], of rPGP's name for it.
pub(crate) fn has_aead(mode: AeadAlgorithm) -> bool {
    matches!(mode, AeadAlgorithm::Ocb | AeadAlgorithm::Gcm) || is_here()
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use std::cell::Cell;

    use pgp::types::Timestamp;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::{
        Algorithm, Certificate, Curve, EditOptions, GenerateOptions, KeyError, KeyUse, Limits, NewSubkey, Policy,
        Profile, RecentCertificates, SecretKey, generate, read_keys,
    };

    thread_local! {
        /// Makes the second part absent for this thread.
        pub(crate) static ABSENT: Cell<bool> = const { Cell::new(false) };
    }

    fn without<T>(work: impl FnOnce() -> T) -> (T, bool) {
        ABSENT.set(true);
        let result = work();
        ABSENT.set(false);
        (result, take_missed())
    }

    /// The same key each time, without a passphrase.
    pub(crate) fn key(profile: Profile) -> SecretKey {
        let options = GenerateOptions {
            profile,
            user_ids: vec!["Alice <alice@example.org>".into()],
            passphrase: None,
            created: Timestamp::from_secs(1_700_000_000),
            expires: None,
        };
        generate(&options, &mut StdRng::seed_from_u64(1)).unwrap().key
    }

    #[test]
    fn todays_keys_need_one_part_only() {
        for profile in [Profile::Compat, Profile::Rfc9580] {
            let octets = key(profile).to_bytes();
            let (read, missed) = without(|| SecretKey::parse(&octets, &Limits::default()));
            assert!(read.is_ok() && !missed);
        }
    }

    /// A subkey that was left out must not make the rest of the key pass for the whole, nor be remembered so.
    #[test]
    fn a_key_that_needs_more_is_neither_read_nor_remembered() {
        let key = key(Profile::Compat);
        let at = Timestamp::from_secs(1_700_000_100);
        let mut rng = StdRng::seed_from_u64(2);
        let subkey = NewSubkey {
            key_use: KeyUse::Encrypt,
            algorithm: Some(Algorithm::Nist { curve: Curve::P384 }),
            expires: None,
        };
        let options = EditOptions { policy: &Policy::default(), limits: &Limits::default(), passphrase: None, at };
        let key = key.add_subkey(&subkey, &options, &mut rng).unwrap();
        let octets = key.certificate().to_bytes();
        let mut recent = RecentCertificates::new(Limits::default());
        let (read, missed) = without(|| recent.parse(&octets));
        assert!(read.is_err() && missed);
        let whole = recent.parse(&octets).unwrap();
        assert_eq!(whole, Certificate::parse(&octets, &Limits::default()).unwrap());
        assert_eq!(whole.component_keys().count(), 3);
    }

    #[test]
    fn every_other_algorithm_and_curve_asks_for_it() {
        let head = |version: u8, rest: &[u8]| [&[version, 0, 0, 0, 0], rest].concat();
        let here = [
            &[25][..],
            &[27],
            b"\x12\x0a\x2b\x06\x01\x04\x01\x97\x55\x01\x05\x01",
            b"\x16\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01",
        ];
        for params in here {
            assert_eq!(without(|| has_key(&head(4, params))), (true, false), "{params:?}");
        }
        for algorithm in 0..=255 {
            for version in [4, 6] {
                let (found, missed) = without(|| has_key(&head(version, &[algorithm, 0, 0, 0, 0])));
                let is_here = matches!(algorithm, 25 | 27);
                assert_eq!((found, missed), (is_here, !is_here), "{algorithm}");
            }
        }
        // NIST P-256 under ECDH, secp256k1 under EdDSA, a longer identifier, none.
        for params in [
            &b"\x12\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"[..],
            b"\x16\x05\x2b\x81\x04\x00\x0a",
            b"\x12\x0b\x2b\x06\x01\x04\x01\x97\x55\x01\x05\x01",
            b"\x12",
            b"",
        ] {
            assert_eq!(without(|| has_key(&head(4, params))), (false, true), "{params:?}");
        }
    }

    #[test]
    fn nothing_is_missed_where_the_code_is_in_one_piece() {
        assert!(is_here() && !is_missed() && !take_missed());
        let (read, missed) = without(|| read_keys(&[0x99, 0, 6, 4, 0, 0, 0, 0, 1], &Limits::default()));
        assert!(matches!(read, Err(KeyError::Internal { .. })) && missed);
    }
}
