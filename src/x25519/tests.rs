#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
use pgp::types::{EncryptionKey, KeyDetails};
use rand::{SeedableRng, rngs::StdRng};

use super::*;
use crate::{Limits, Profile, UnlockedComponent, rest::tests::key, secret_key::OpenSecret};

/// What the module does, by Rust's `mul_add`.
struct InRust;

impl Agree for InRust {
    fn agree(&self, scalar: &[u8; 32], point: &[u8; 32]) -> Zeroizing<[u8; 32]> {
        let words = |octets: &[u8; 32]| {
            let (words, _) = octets.as_chunks::<8>();
            [words[0], words[1], words[2], words[3]].map(u64::from_le_bytes)
        };
        let shared = envelock_fma::x25519(words(scalar), words(point)).map(u64::to_le_bytes);
        Zeroizing::new(shared.concat().try_into().unwrap())
    }
}

/// The subkey that is encrypted to.
fn component(profile: Profile) -> UnlockedComponent {
    key(profile).components().nth(1).unwrap().unlock(None, &Limits::default()).unwrap()
}

fn encrypted(component: &UnlockedComponent, plain: &[u8], typ: EskType, seed: u64) -> Option<PkeskBytes> {
    let key = component.key();
    let rng = StdRng::seed_from_u64(seed);
    encrypt(rng, &InRust, key.public_params(), key.fingerprint().as_bytes(), plain, typ)
}

fn decrypted(component: &UnlockedComponent, values: &PkeskBytes, typ: EskType) -> Option<PlainSessionKey> {
    let OpenSecret::Other(secret) = component.secret() else { panic!("another algorithm") };
    let key = component.key();
    decrypt(&InRust, secret, key.public_params(), key.fingerprint().as_bytes(), values, typ)
}

/// A session key as it is encrypted to a key of the profile.
fn plain(profile: Profile, typ: EskType) -> Vec<u8> {
    let session_key = [7; 32];
    let cipher = [9].into_iter().filter(|_| matches!(typ, EskType::V3_4));
    let sum = [0, 224].into_iter().filter(|_| matches!(profile, Profile::Compat));
    cipher.chain(session_key).chain(sum).collect()
}

const PROFILES: [Profile; 2] = [Profile::Compat, Profile::Rfc9580];

#[test]
fn what_one_encrypts_the_other_decrypts() {
    for profile in PROFILES {
        let component = component(profile);
        for typ in [EskType::V3_4, EskType::V6] {
            let plain = plain(profile, typ);
            let theirs = component.key().encrypt(StdRng::seed_from_u64(2), &plain, typ).unwrap();
            let ours = encrypted(&component, &plain, typ, 2).unwrap();
            assert_eq!(ours, theirs, "the same octets were drawn");
            let opened = decrypted(&component, &theirs, typ).unwrap();
            assert_eq!(opened, component.decrypt_session_key(&ours, typ).unwrap());
            assert!(
                matches!(&opened, PlainSessionKey::V3_4 { key, .. } | PlainSessionKey::V6 { key } if key.as_ref() == [7; 32])
            );
        }
    }
}

#[test]
fn what_is_wrong_is_left_to_rpgp() {
    for profile in PROFILES {
        let component = component(profile);
        let typ = EskType::V3_4;
        let right = encrypted(&component, &plain(profile, typ), typ, 3).unwrap();
        assert!(decrypted(&component, &right, typ).is_some());
        let changed = |point: &dyn Fn(&mut [u8]), wrapped: &dyn Fn(&mut Vec<u8>)| match right.clone() {
            PkeskBytes::X25519 { mut ephemeral, session_key, sym_alg } => {
                let mut octets = session_key.to_vec();
                point(&mut ephemeral);
                wrapped(&mut octets);
                PkeskBytes::X25519 { ephemeral, session_key: octets.into(), sym_alg }
            }
            PkeskBytes::Ecdh { public_point, encrypted_session_key } => {
                let (mut octets, mut at) = (encrypted_session_key.to_vec(), public_point.as_ref().to_vec());
                point(&mut at[1..]);
                wrapped(&mut octets);
                PkeskBytes::Ecdh { public_point: Mpi::from_slice(&at), encrypted_session_key: octets.into() }
            }
            _ => panic!("another algorithm"),
        };
        let (same, whole) = (|_: &mut [u8]| {}, |_: &mut Vec<u8>| {});
        let damaged = [
            changed(&|point| point[5] ^= 1, &whole),
            changed(&|point| point.fill(0), &whole),
            changed(&same, &|octets| octets[3] ^= 1),
            changed(&same, &|octets| octets.truncate(8)),
            changed(&same, &|octets| octets.clear()),
        ];
        for (place, values) in damaged.iter().enumerate() {
            assert!(decrypted(&component, values, typ).is_none(), "{place}");
            assert!(component.decrypt_session_key(values, typ).is_err());
        }
        assert!(encrypted(&component, &[0; MOST + 1], typ, 4).is_none());
    }
    // Of another version, for another algorithm.
    let (old, new) = (component(Profile::Compat), component(Profile::Rfc9580));
    let values = encrypted(&new, &plain(Profile::Rfc9580, EskType::V6), EskType::V6, 5).unwrap();
    assert!(decrypted(&new, &values, EskType::V3_4).is_none());
    assert!(decrypted(&old, &values, EskType::V6).is_none());
}

/// Keys of version 4 say how keys are derived from what was agreed on.
#[test]
fn other_derivations_are_left_to_rpgp() {
    let component = component(Profile::Compat);
    let PublicParams::ECDH(EcdhPublicParams::Curve25519Legacy { p, ecdh_kdf_type, .. }) =
        component.key().public_params().clone()
    else {
        panic!("another algorithm")
    };
    let of = |hash, alg_sym| PublicParams::ECDH(EcdhPublicParams::Curve25519Legacy { p, hash, alg_sym, ecdh_kdf_type });
    assert!(legacy(&of(HASH, CIPHER)).is_some());
    assert!(legacy(&of(HashAlgorithm::Sha512, CIPHER)).is_none());
    assert!(legacy(&of(HASH, SymmetricKeyAlgorithm::AES256)).is_none());
}
