//! New keys by an engine, as platforms sign: over octets that lie with them. Whatever it answers, the key is the one that Rust makes.

use crate::{
    cast::*,
    elsewhere::{Elsewhere, ciphers_as_rust},
};
use envelock::{
    Certificate, Curve, GenerateOptions, Generated, KeyPair, Limits, Profile, Status, apply_revocation, generate,
    generate_on,
};
use envelock_seipd::{
    Cipher, Error, Mode, Octets,
    engine::{Engine, RustCrypto, Scheme, Signatures, Signed, Task, at_once},
};
use p256::ecdsa::{
    Signature, SigningKey, VerifyingKey,
    signature::hazmat::{PrehashSigner, PrehashVerifier},
};
use rsa::{
    Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey,
    pkcs8::{DecodePrivateKey, DecodePublicKey},
};
use sha2::{Digest, Sha512};
use std::cell::Cell;

/// What the engine makes of a signature before it gives it out.
type Answer = fn(Vec<u8>) -> Option<Vec<u8>>;

/// Signs and verifies new keys.
struct Platform {
    answer: Answer,
    /// Whether it verifies; a platform may lack that.
    verifies: bool,
    signed: Cell<usize>,
    verified: Cell<usize>,
}

impl Platform {
    fn new(answer: Answer, verifies: bool) -> Self {
        Self { answer, verifies, signed: Cell::new(0), verified: Cell::new(0) }
    }
}

impl Engine for Platform {
    ciphers_as_rust!();
}

/// As platforms do, it hashes what it is given.
fn digest(signed: &Signed<'_, Elsewhere>) -> Vec<u8> {
    Sha512::digest(&signed.rope.read(0..signed.rope.len()).unwrap()[..]).to_vec()
}

impl Signatures<Elsewhere> for Platform {
    const SIGNS: bool = true;

    async fn sign(&self, scheme: Scheme, key: &[u8], signed: Signed<'_, Elsewhere>) -> Option<Vec<u8>> {
        self.signed.set(self.signed.get() + 1);
        let digest = digest(&signed);
        assert_eq!(digest, signed.digest);
        let signature = if scheme == Scheme::Rsa {
            RsaPrivateKey::from_pkcs8_der(key).unwrap().sign(Pkcs1v15Sign::new::<Sha512>(), &digest).unwrap()
        } else {
            let signature: Signature = SigningKey::from_pkcs8_der(key).unwrap().sign_prehash(&digest).unwrap();
            signature.to_vec()
        };
        (self.answer)(signature)
    }

    async fn verify(
        &self,
        scheme: Scheme,
        key: &[u8],
        signed: Signed<'_, Elsewhere>,
        signature: &[u8],
    ) -> Option<bool> {
        if !self.verifies {
            return None;
        }
        self.verified.set(self.verified.get() + 1);
        let digest = digest(&signed);
        if scheme == Scheme::Rsa {
            let key = RsaPublicKey::from_public_key_der(key).unwrap();
            return Some(key.verify(Pkcs1v15Sign::new::<Sha512>(), &digest, signature).is_ok());
        }
        let key = VerifyingKey::from_public_key_der(key).unwrap();
        Some(Signature::from_slice(signature).is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok()))
    }
}

const PROFILES: [Profile; 2] = [Profile::Nist { curve: Curve::P256 }, Profile::Rsa { bits: 2048 }];

fn options(profile: Profile) -> GenerateOptions {
    GenerateOptions {
        profile,
        user_ids: vec!["Anna <anna@example.org>".into(), "Berg <berg@example.org>".into()],
        passphrase: None,
        created: at(NOW - DAY),
        expires: Some(at(NOW + DAY)),
    }
}

/// Drawn by OpenSSL.
fn pairs(profile: Profile) -> Option<[KeyPair; 2]> {
    let drawn: [&[u8]; 2] = match profile {
        Profile::Nist { .. } => [include_bytes!("../keys/p256.p8"); 2],
        Profile::Rsa { .. } => [include_bytes!("../keys/rsa-2048-a.p8"), include_bytes!("../keys/rsa-2048-b.p8")],
        _ => return None,
    };
    Some(drawn.map(|octets| KeyPair::from_pkcs8(octets).unwrap()))
}

fn made<D: Octets + ?Sized, E: Engine + Signatures<D>>(profile: Profile, engine: &E) -> Generated {
    at_once(generate_on::<D, _, _>(&options(profile), pairs(profile), &mut rng(1), engine)).unwrap().unwrap()
}

fn parts(made: &Generated) -> (Vec<u8>, &str) {
    (made.key.to_bytes(), &made.revocation_certificate)
}

/// As another process sees it, which remembers nothing: status, and how many user IDs, encryption and signing keys are good.
fn seen(certificate: Vec<u8>) -> (Status, usize, usize, usize) {
    let look = move || {
        let certificate = Certificate::parse(&certificate, &Limits::default()).unwrap();
        let checked = certificate.at(&policy(), now());
        let user_ids = checked.user_ids().iter().filter(|id| id.status().is_valid()).count();
        (checked.status(), user_ids, checked.encryption_keys().len(), checked.signing_keys().len())
    };
    std::thread::spawn(look).join().unwrap()
}

#[test]
fn an_engine_signs_all_that_a_new_key_says() {
    for profile in PROFILES {
        let engine = Platform::new(Some, true);
        let made_there = made::<Elsewhere, _>(profile, &engine);
        // Two user IDs, a subkey, and the revocation.
        assert_eq!((engine.signed.get(), engine.verified.get()), (4, 4), "{profile:?}");
        // Neither RSA nor RFC 6979 leaves anything to chance.
        assert_eq!(parts(&made_there), parts(&made::<[u8], _>(profile, &RustCrypto)), "{profile:?}");
        let certificate = made_there.key.certificate().to_bytes();
        assert_eq!(seen(certificate.clone()), (Status::Valid, 2, 1, 1));
        let revocation = made_there.revocation_certificate.into_bytes();
        let revoke = move || {
            let revoked = apply_revocation(&certificate, &revocation, &policy(), &limits()).unwrap();
            let envelock::KeyringItem::Certificate(revoked) = revoked else { panic!("no certificate") };
            revoked.at(&policy(), now()).status()
        };
        let status = std::thread::spawn(revoke).join().unwrap();
        assert!(matches!(status, Status::Revoked { hard: true, .. }), "{profile:?}");
    }
}

#[test]
fn what_an_engine_does_not_sign_or_signs_wrongly_is_signed_by_rust() {
    let answers: [(&str, Answer, bool); 6] = [
        ("none", |_| None, true),
        ("nothing", |_| Some(Vec::new()), true),
        ("short", |signature| Some(signature[1..].to_vec()), true),
        ("long", |signature| Some([&[0], &signature[..]].concat()), true),
        (
            "wrong",
            |mut signature| {
                signature[7] ^= 1;
                Some(signature)
            },
            true,
        ),
        ("unconfirmed", Some, false),
    ];
    for profile in PROFILES {
        let here = made::<[u8], _>(profile, &RustCrypto);
        for (what, answer, verifies) in answers {
            let engine = Platform::new(answer, verifies);
            assert_eq!(parts(&made::<Elsewhere, _>(profile, &engine)), parts(&here), "{what}, {profile:?}");
            assert_eq!(engine.signed.get(), 4, "{what}, {profile:?}");
        }
    }
}

#[test]
fn keys_of_other_algorithms_are_none_of_an_engines_business() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let engine = Platform::new(Some, true);
        let made_there = made::<Elsewhere, _>(profile, &engine);
        assert_eq!((engine.signed.get(), engine.verified.get()), (0, 0), "{profile:?}");
        assert_eq!(parts(&made_there), parts(&generate(&options(profile), &mut rng(1)).unwrap()), "{profile:?}");
        assert_eq!(seen(made_there.key.certificate().to_bytes()), (Status::Valid, 2, 1, 1));
    }
}
