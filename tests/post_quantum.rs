//! RFC 9980 (feature `pqc`): the RFC's samples, our own keys, and what happens when one half of a composite is wrong.
#![cfg(feature = "pqc")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::path::Path;

use envelock::message::{
    Container, DecryptOptions, Decrypted, Decryptor, EncryptOptions, Format, SignOptions, SignatureForm, SignedInput,
    Signer, Verdict, VerdictStatus, VerifyOptions, decrypt_blocking, encrypt_blocking, sign, verify,
};
use envelock::{
    Certificate, EditOptions, GenerateOptions, KeyUse, Limits, NewSubkey, Passphrase, Policy, Profile, SecretKey,
    Timestamp, generate,
};
use envelock_seipd::packet::{Tag, split};
use pgp::{crypto::public_key::PublicKeyAlgorithm as Algo, types::KeyDetails};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

/// Every sample is over this.
const DATA: &[u8] = b"Testing\n";

struct Sample {
    name: &'static str,
    fingerprint: &'static str,
    algorithms: &'static str,
    messages: &'static [(&'static str, Container)],
    detached: bool,
}

const SAMPLES: &[Sample] = &[
    Sample {
        name: "v6-eddsa",
        fingerprint: "c789e17d9dbdca7b3c833a3c063feb0353f80ad911fe27868fb0645df803e947",
        algorithms: "Ed25519 + ML-KEM-768+X25519",
        messages: &[("", Container::SeipdV2)],
        detached: false,
    },
    Sample {
        name: "v4-eddsa",
        fingerprint: "342e5db2de345215cb2c944f7102ffed3b9cf12d",
        algorithms: "Ed25519 + ML-KEM-768+X25519",
        messages: &[("-v1", Container::SeipdV1), ("-v2", Container::SeipdV2)],
        detached: false,
    },
    Sample {
        name: "v6-mldsa-65",
        fingerprint: "a3e2e14b6a493ff930fb27321f125e9a6880338be9fb7da3ae065ea65793242f",
        algorithms: "ML-DSA-65+Ed25519 + ML-KEM-768+X25519",
        messages: &[("", Container::SeipdV2)],
        detached: true,
    },
    Sample {
        name: "v6-mldsa-87",
        fingerprint: "0d7a8be1410cd68eed4845ab487b4b4cfaecd8ebad1a1166a84230499200ee20",
        algorithms: "ML-DSA-87+Ed448 + ML-KEM-1024+X448",
        messages: &[("", Container::SeipdV2)],
        detached: true,
    },
    Sample {
        name: "v6-slhdsa-128s",
        fingerprint: "eed4d13fc36c78e48276a93233339c4dd230fd5f6f5c5b82c63d5c0b5e361d92",
        algorithms: "SLH-DSA-SHAKE-128s + ML-KEM-768+X25519",
        messages: &[("", Container::SeipdV2)],
        detached: true,
    },
    Sample {
        name: "v6-slhdsa-128f",
        fingerprint: "d54e0307021169f7b88beb2b76e3aad0e114be1a8f982d74dba9ca51d03537f4",
        algorithms: "SLH-DSA-SHAKE-128f + ML-KEM-768+X25519",
        messages: &[],
        detached: true,
    },
    Sample {
        name: "v6-slhdsa-256s",
        fingerprint: "72fff84863aeba67f0d1d7691173247dd427533b9d7ee76011c6f77f2ce9fa7a",
        algorithms: "SLH-DSA-SHAKE-256s + ML-KEM-1024+X448",
        messages: &[],
        detached: true,
    },
];

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/35-pqc").join(name);
    std::fs::read(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

fn secret(name: &str) -> SecretKey {
    SecretKey::parse(&file(&format!("{name}-sample-sk.asc")), &Limits::default()).unwrap()
}

fn certificate(name: &str) -> Certificate {
    Certificate::parse(&file(&format!("{name}-sample-pk.asc")), &Limits::default()).unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_secs(1_795_000_000)
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(5)
}

fn decrypt(message: &[u8], key: &SecretKey, signer: &Certificate) -> Decrypted {
    let keys = [Decryptor { key, passphrase: None }];
    let verify_with = std::slice::from_ref(signer);
    let options = DecryptOptions { message, keys: &keys, verify_with, ..DecryptOptions::default() };
    decrypt_blocking(options, &Policy::default(), &Limits::default(), now(), &mut ()).unwrap()
}

fn check_detached(data: &[u8], signature: &[u8], by: &Certificate) -> Verdict {
    let input = SignedInput::Detached { data, signature };
    let options = VerifyOptions { input, verify_with: std::slice::from_ref(by), ..Default::default() };
    let verified = verify(options, &Policy::default(), &Limits::default(), now()).unwrap();
    verified.signatures.into_iter().next().unwrap()
}

fn sign_detached(data: &[u8], key: &SecretKey) -> Vec<u8> {
    let signers = [Signer { key, passphrase: None }];
    let options = SignOptions { data, signers: &signers, form: SignatureForm::Detached, ..Default::default() };
    sign(options, &Policy::default(), &Limits::default(), now(), &mut rng()).unwrap()
}

#[test]
fn sample_keys_are_read_and_their_halves_belong_together() {
    for sample in SAMPLES {
        let (key, certificate) = (secret(sample.name), certificate(sample.name));
        assert_eq!(format!("{:x}", certificate.fingerprint()), sample.fingerprint, "{}", sample.name);
        assert_eq!(certificate.algorithms(), sample.algorithms, "{}", sample.name);
        assert_eq!(key.fingerprint(), certificate.fingerprint());
        let policy = Policy::default();
        let checked = certificate.at(&policy, now());
        assert!(checked.status().is_valid(), "{}: {}", sample.name, checked.status());
        assert!(!checked.encryption_keys().is_empty() && !checked.signing_keys().is_empty(), "{}", sample.name);
        key.unlock_check(None, &Limits::default()).unwrap();
    }
}

#[test]
fn sample_messages_open_and_their_signatures_are_valid() {
    for sample in SAMPLES {
        let (key, certificate) = (secret(sample.name), certificate(sample.name));
        for (end, container) in sample.messages {
            let decrypted = decrypt(&file(&format!("{}-sample-message{end}.asc", sample.name)), &key, &certificate);
            assert_eq!(*decrypted.data, DATA, "{}{end}", sample.name);
            assert_eq!(decrypted.container, *container, "{}{end}", sample.name);
            assert_eq!(decrypted.signatures[0].status, VerdictStatus::Valid, "{}{end}", sample.name);
        }
    }
}

#[test]
fn sample_detached_signatures() {
    for sample in SAMPLES.iter().filter(|sample| sample.detached) {
        let signature = file(&format!("{}-sample-signature.asc", sample.name));
        let certificate = certificate(sample.name);
        assert_eq!(check_detached(DATA, &signature, &certificate).status, VerdictStatus::Valid, "{}", sample.name);
        assert_eq!(check_detached(b"Tasting\n", &signature, &certificate).status, VerdictStatus::Invalid);
    }
}

#[test]
fn what_sample_keys_sign_and_encrypt_comes_back() {
    for sample in SAMPLES {
        let (key, certificate) = (secret(sample.name), certificate(sample.name));
        let signers = [Signer { key: &key, passphrase: None }];
        let recipients = [certificate.clone()];
        for format in [Format::SeipdV1, Format::SeipdV2] {
            let options =
                EncryptOptions { data: DATA, recipients: &recipients, signers: &signers, format, ..Default::default() };
            let message =
                encrypt_blocking(options, &Policy::default(), &Limits::default(), now(), &mut rng(), &mut ()).unwrap();
            let decrypted = decrypt(&message, &key, &certificate);
            assert_eq!(*decrypted.data, DATA, "{} {format:?}", sample.name);
            assert_eq!(decrypted.signatures[0].status, VerdictStatus::Valid, "{} {format:?}", sample.name);
        }
    }
}

/// A composite signature is valid only if both of its halves are (RFC 9980 §5.2.2).
#[test]
fn either_half_of_a_composite_signature_spoils_it() {
    let (key, certificate) = (secret("v6-mldsa-65"), certificate("v6-mldsa-65"));
    let signature = sign_detached(DATA, &key);
    assert_eq!(check_detached(DATA, &signature, &certificate).status, VerdictStatus::Valid);
    // The signature's value is the end of the packet: 64 octets of Ed25519, 3309 of ML-DSA-65.
    let value = signature.len() - 64 - 3309;
    for place in [value, value + 63, value + 64, signature.len() - 1] {
        let mut spoilt = signature.clone();
        spoilt[place] ^= 1;
        assert_ne!(check_detached(DATA, &spoilt, &certificate).status, VerdictStatus::Valid, "octet {place}");
    }
}

/// The Ed25519 half is verified strictly: S plus the order of the base point is the same signature to a lax verifier.
#[test]
fn the_ed25519_half_has_one_form() {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let (key, certificate) = (secret("v6-mldsa-65"), certificate("v6-mldsa-65"));
    let mut signature = sign_detached(DATA, &key);
    let s = signature.len() - 3309 - 32;
    let mut carry = 0u16;
    for (octet, order) in signature[s..s + 32].iter_mut().zip(ORDER) {
        carry += u16::from(*octet) + u16::from(order);
        *octet = carry as u8;
        carry >>= 8;
    }
    assert_ne!(check_detached(DATA, &signature, &certificate).status, VerdictStatus::Valid);
}

/// Who has a post-quantum encryption key beside an older one is encrypted to by the former alone.
#[test]
fn post_quantum_keys_are_not_weakened_by_others() {
    let certificate = certificate("v4-eddsa");
    let recipients = [certificate];
    let options = EncryptOptions { data: DATA, recipients: &recipients, ..Default::default() };
    let message =
        encrypt_blocking(options, &Policy::default(), &Limits::default(), now(), &mut rng(), &mut ()).unwrap();
    let pkesks = split(&message).map(Result::unwrap).filter(|packet| packet.tag == Tag::PKESK).count();
    assert_eq!(pkesks, 1);
}

/// The secret of one key under the public part of another is refused before it signs.
#[test]
fn mixed_halves_are_refused() {
    let octets = secret("v6-mldsa-65").to_bytes();
    let body = split(&octets).next().unwrap().unwrap().body.to_vec();
    let start = octets.windows(body.len()).position(|window| window == body).unwrap();
    // The secret part is the end of the packet: a seed of Ed25519 and one of ML-DSA, 32 octets each.
    for back in [1, 33] {
        let mut mixed = octets.clone();
        mixed[start + body.len() - back] ^= 1;
        let key = SecretKey::parse(&mixed, &Limits::default()).unwrap();
        assert_eq!(key.unlock_check(None, &Limits::default()).unwrap_err().code(), "secret-mismatch", "{back}");
    }
}

#[test]
fn a_key_of_our_own_signs_encrypts_and_stays_locked() {
    let passphrase = Passphrase::from("a long one");
    let options = GenerateOptions {
        profile: Profile::Pqc,
        user_ids: vec!["Anna <anna@demo.example>".into()],
        passphrase: Some(passphrase.clone()),
        created: now(),
        expires: None,
    };
    let key = generate(&options, &mut rng()).unwrap().key;
    let key = SecretKey::parse(&key.to_bytes(), &Limits::default()).unwrap();
    assert!(key.is_locked());
    assert_eq!(key.certificate().algorithms(), "ML-DSA-65+Ed25519 + ML-KEM-768+X25519");
    let recipients = [key.certificate()];
    let signers = [Signer { key: &key, passphrase: Some(&passphrase) }];
    let options = EncryptOptions { data: DATA, recipients: &recipients, signers: &signers, ..Default::default() };
    let message =
        encrypt_blocking(options, &Policy::default(), &Limits::default(), now(), &mut rng(), &mut ()).unwrap();
    let keys = [Decryptor { key: &key, passphrase: Some(&passphrase) }];
    let options = DecryptOptions { message: &message, keys: &keys, verify_with: &recipients, ..Default::default() };
    let decrypted = decrypt_blocking(options, &Policy::default(), &Limits::default(), now(), &mut ()).unwrap();
    assert_eq!(*decrypted.data, DATA);
    assert_eq!(decrypted.container, Container::SeipdV2);
    assert_eq!(decrypted.signatures[0].status, VerdictStatus::Valid);
}

/// A new subkey without a wish is no step back from what the key has: whoever recorded its traffic would wait for that.
#[test]
fn a_new_subkey_is_post_quantum_where_the_others_are() {
    let last = |key: &SecretKey| key.as_pgp().secret_subkeys.last().unwrap().key.algorithm();
    let (policy, limits) = (Policy::default(), Limits::default());
    let options = EditOptions { passphrase: None, policy: &policy, limits: &limits, at: now() };
    for (name, sign) in [("v6-mldsa-65", Algo::MlDsa65Ed25519), ("v6-eddsa", Algo::Ed25519)] {
        for (key_use, algorithm) in [(KeyUse::Encrypt, Algo::MlKem768X25519), (KeyUse::Sign, sign)] {
            let new = NewSubkey { key_use, algorithm: None, expires: None };
            let edited = secret(name).add_subkey(&new, &options, &mut rng()).unwrap();
            assert_eq!(last(&edited), algorithm, "{name}");
        }
    }
}
