//! RSA and ECDSA by an engine, as platforms make and check signatures and decrypt: what it says, and what is left to Rust.

use crate::{
    cast::*,
    elsewhere::{Elsewhere, There, data, decrypt_there, encrypt_there},
};
use envelock::message::{
    DecryptError, Format, SignOptionsOn, SignatureForm, SignedInput, SignedInputOn, Signer, Verdict, VerdictStatus,
    VerifyOptions, VerifyOptionsOn, sign_on, verify, verify_on,
};
use envelock::{GenerateOptions, KeyPair, Profile, SecretKey, generate, generate_on};
use envelock_seipd::engine::{Hash, RustCrypto, Scheme, Signatures, Signed, at_once};
use p256::ecdsa::{VerifyingKey, signature::hazmat::PrehashVerifier};
use rsa::{
    Pkcs1v15Sign, RsaPrivateKey,
    pkcs8::{DecodePrivateKey, DecodePublicKey},
};
use sha2::{Sha256, Sha384, Sha512};

fn padding(hash: Hash) -> Pkcs1v15Sign {
    match hash {
        Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
        Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
        Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
        Hash::Sha1 => panic!("nobody signs with SHA-1"),
    }
}

impl Signatures<Elsewhere> for There {
    const SIGNS: bool = true;

    async fn sign(&self, scheme: Scheme, key: &[u8], signed: Signed<'_, Elsewhere>) -> Option<Vec<u8>> {
        let (Scheme::Rsa, true) = (scheme, self.is_able) else { return None };
        self.asked.set(self.asked.get() + 1);
        RsaPrivateKey::from_pkcs8_der(key).unwrap().sign(padding(signed.hash), signed.digest).ok()
    }

    async fn verify(
        &self,
        scheme: Scheme,
        key: &[u8],
        signed: Signed<'_, Elsewhere>,
        signature: &[u8],
    ) -> Option<bool> {
        let (Scheme::P256, true) = (scheme, self.is_able) else { return None };
        self.asked.set(self.asked.get() + 1);
        let key = VerifyingKey::from_public_key_der(key).unwrap();
        let signature = p256::ecdsa::Signature::from_slice(signature).ok();
        Some(!self.denies && signature.is_some_and(|signature| key.verify_prehash(signed.digest, &signature).is_ok()))
    }
}

fn rsa_key() -> SecretKey {
    let pair = |octets: &[u8]| KeyPair::from_pkcs8(octets).unwrap();
    let pairs = [pair(include_bytes!("../keys/rsa-2048-a.p8")), pair(include_bytes!("../keys/rsa-2048-b.p8"))];
    let options = GenerateOptions {
        profile: Profile::from_code("rsa", Some(2048), None).unwrap(),
        user_ids: vec!["Anna <anna@example.org>".into()],
        passphrase: None,
        created: at(NOW - DAY),
        expires: None,
    };
    at_once(generate_on::<[u8], _, _>(&options, Some(pairs), &mut rng(1), &RustCrypto)).unwrap().unwrap().key
}

fn p256_key() -> SecretKey {
    let options = GenerateOptions {
        profile: Profile::from_code("nist", None, Some("p256")).unwrap(),
        user_ids: vec!["Anna <anna@example.org>".into()],
        passphrase: None,
        created: at(NOW - DAY),
        expires: None,
    };
    generate(&options, &mut rng(2)).unwrap().key
}

fn signed(key: &SecretKey, engine: &There, data: &[u8]) -> Vec<u8> {
    let options = SignOptionsOn {
        data: &Elsewhere::new(data),
        signers: &[Signer { key, passphrase: None }],
        form: SignatureForm::Detached,
        armor: false,
        text: false,
        notations: &[],
        from: None,
        beside: None,
    };
    let made = at_once(sign_on(options, &policy(), &limits(), now(), &mut rng(1), engine, &mut ())).unwrap().unwrap();
    made.octets().to_vec()
}

/// The verdict of the engine, which is that of Rust alone.
fn verdict(key: &SecretKey, engine: &There, data: &[u8], signature: &[u8]) -> Verdict {
    let verify_with = [key.certificate()];
    let input = SignedInputOn::Detached { data: &Elsewhere::new(data), signature };
    let options = VerifyOptionsOn { input, verify_with: &verify_with, from: None };
    let there = at_once(verify_on(options, &policy(), &limits(), now(), engine, &mut ())).unwrap().unwrap();
    let options =
        VerifyOptions { input: SignedInput::Detached { data, signature }, verify_with: &verify_with, from: None };
    assert_eq!(there.signatures, verify(options, &policy(), &limits(), now()).unwrap().signatures);
    there.signatures.into_iter().next().unwrap()
}

#[test]
fn what_an_engine_signs_and_finds_right_is_so() {
    let engine = There { is_able: true, ..There::default() };
    for key in [rsa_key(), p256_key()] {
        for data in [&b"a letter"[..], &vec![7; 100_000]] {
            engine.asked.set(0);
            let signature = signed(&key, &engine, data);
            assert_eq!(signature, signed(&key, &There::default(), data), "nothing is left to chance");
            assert_eq!(verdict(&key, &engine, data, &signature).status, VerdictStatus::Valid);
            assert_eq!(engine.asked.get(), 1, "to sign with RSA, to verify ECDSA");
        }
    }
}

#[test]
fn what_an_engine_finds_wrong_or_cannot_do_is_left_to_rust() {
    let (keys, data) = ([rsa_key(), p256_key()], b"a letter");
    for (key, is_able, denies) in keys.iter().flat_map(|key| [(key, false, false), (key, true, true)]) {
        let engine = There { is_able, denies, ..There::default() };
        let signature = signed(key, &engine, data);
        assert_eq!(verdict(key, &engine, data, &signature).status, VerdictStatus::Valid);
        let mut forged = signature.clone();
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(verdict(key, &engine, data, &forged).status, VerdictStatus::Invalid);
        assert_eq!(verdict(key, &engine, b"another", &signature).status, VerdictStatus::Invalid);
    }
}

#[test]
fn an_engine_does_not_make_forgeries_right() {
    let (keys, data) = ([rsa_key(), p256_key()], b"a letter");
    let engine = There { is_able: true, ..There::default() };
    for key in &keys {
        let signature = signed(key, &engine, data);
        for place in [20, signature.len() / 2, signature.len() - 50, signature.len() - 1] {
            let mut forged = signature.clone();
            forged[place] ^= 1;
            let status = verdict(key, &engine, data, &forged).status;
            assert_ne!(status, VerdictStatus::Valid, "octet {place}");
        }
    }
}

#[test]
fn what_an_engine_decrypts_is_what_was_encrypted() {
    let (key, engine) = (rsa_key(), There { is_able: true, ..There::default() });
    for format in [Format::SeipdV1, Format::SeipdV2] {
        let message = encrypt_there(&There::default(), &key, format, false).octets().to_vec();
        engine.asked.set(0);
        let decrypted = decrypt_there(&engine, &key, &message).unwrap();
        assert_eq!(decrypted.data.octets(), data());
        assert_eq!(engine.asked.get(), 1, "to decrypt");
        // Within the encrypted session key.
        let mut damaged = message.clone();
        damaged[100] ^= 1;
        assert!(matches!(decrypt_there(&engine, &key, &damaged), Err(DecryptError::DecryptionFailed)));
    }
}

/// What the padding says is not asked of Rust again: that would take longer, and everybody could see it.
#[test]
fn a_wrong_padding_has_no_second_try() {
    let (key, engine) = (rsa_key(), There { is_able: true, denies: true, ..There::default() });
    let message = encrypt_there(&There::default(), &key, Format::SeipdV2, false).octets().to_vec();
    assert!(decrypt_there(&There::default(), &key, &message).is_ok());
    assert!(matches!(decrypt_there(&engine, &key, &message), Err(DecryptError::DecryptionFailed)));
    assert_eq!(engine.asked.get(), 1);
}
