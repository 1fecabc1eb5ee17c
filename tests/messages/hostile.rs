//! Messages that mean harm: a typed error each, before the cost is paid, and never a plaintext that was not authenticated.

use crate::cast::*;
use envelock::message::{
    DecryptError, DecryptOptions, EncryptOptions, Format, Note, decrypt_blocking, encrypt_blocking,
};
use envelock::{Password, Profile};
use envelock_seipd::packet::{Tag, split};
use pgp::crypto::{hash::HashAlgorithm, sym::SymmetricKeyAlgorithm};
use pgp::packet::{PacketTrait, SymEncryptedProtectedData};
use pgp::ser::Serialize;
use pgp::types::StringToKey;
use std::time::{Duration, Instant};

const CHEAP: u8 = 0;

fn iterated(salt: u8, count: u8) -> StringToKey {
    StringToKey::IteratedAndSalted { hash_alg: HashAlgorithm::Sha256, salt: [salt; 8], count }
}

fn written(packet: &impl PacketTrait) -> Vec<u8> {
    let mut out = Vec::new();
    packet.to_writer_with_header(&mut out).unwrap();
    out
}

fn seipd_v1(cipher: SymmetricKeyAlgorithm, key: &[u8], inner: &[u8]) -> Vec<u8> {
    written(&SymEncryptedProtectedData::encrypt_seipdv1(rng(1), cipher, key, inner).unwrap())
}

/// SKESK v4 without an encrypted session key.
fn bare_skesk(cipher: SymmetricKeyAlgorithm, s2k: &StringToKey) -> Vec<u8> {
    packet(Tag::SKESK, &[&[4, cipher.into()], s2k.to_bytes().unwrap().as_slice()].concat())
}

/// A message whose session key is what the password derives to.
fn v1_message(cipher: SymmetricKeyAlgorithm, inner: &[u8], password: &str) -> Vec<u8> {
    let s2k = iterated(1, CHEAP);
    let key = s2k.derive_key(password.as_bytes(), cipher.key_size()).unwrap();
    [bare_skesk(cipher, &s2k), seipd_v1(cipher, key.as_ref(), inner)].concat()
}

#[test]
fn old_ciphers_are_read_with_a_note_and_idea_is_not() {
    use SymmetricKeyAlgorithm::*;
    for (cipher, note) in [
        (AES128, None),
        (AES256, None),
        (TripleDES, Some("3DES")),
        (CAST5, Some("CAST5")),
        (Blowfish, Some("Blowfish")),
        (Twofish, Some("Twofish")),
        (Camellia256, Some("Camellia")),
    ] {
        let decrypted = decrypt_with_password(&v1_message(cipher, &literal(b"old"), "heron"), "heron").unwrap();
        assert_eq!(*decrypted.data, b"old");
        let notes: Vec<_> = note.into_iter().map(|cipher| Note::WeakCipher { cipher }).collect();
        assert_eq!(decrypted.notes, notes);
    }
    assert!(decrypt_with_password(&v1_message(IDEA, &literal(b"old"), "heron"), "heron").is_err());
}

#[test]
fn several_candidates_until_one_opens() {
    let cipher = SymmetricKeyAlgorithm::AES128;
    let other: Vec<u8> = (2..8).flat_map(|salt| bare_skesk(cipher, &iterated(salt, CHEAP))).collect();
    let message = [other, v1_message(cipher, &literal(b"found"), "heron")].concat();
    assert_eq!(*decrypt_with_password(&message, "heron").unwrap().data, b"found");
    assert_eq!(decrypt_with_password(&message, "egret").unwrap_err(), DecryptError::DecryptionFailed);
}

#[test]
fn session_key_packets_beyond_the_limit_are_not_tried() {
    let cipher = SymmetricKeyAlgorithm::AES128;
    let other: Vec<u8> = (2..12).flat_map(|salt| bare_skesk(cipher, &iterated(salt, CHEAP))).collect();
    let message = [other, v1_message(cipher, &literal(b"hidden"), "heron")].concat();
    assert!(decrypt_with_password(&message, "heron").is_err());
    // Packets that cannot be for us do not count.
    let strangers: Vec<u8> =
        (0..50).flat_map(|_| packet(Tag::PKESK, &[3, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 8, 1])).collect();
    let message = [strangers, v1_message(cipher, &literal(b"found"), "heron")].concat();
    assert_eq!(*decrypt_with_password(&message, "heron").unwrap().data, b"found");
}

#[test]
fn key_derivation_is_bounded_before_it_is_done() {
    let argon2 = |t: u8, p: u8, m: u8| packet(Tag::SKESK, &[&[4, 9, 4], &[5; 16][..], &[t, p, m]].concat());
    let container = seipd_v1(SymmetricKeyAlgorithm::AES256, &[1; 32], &literal(b"x"));
    for (skesk, code) in [
        (argon2(1, 1, 31), "too-expensive"),
        (argon2(1, 4, 21), "too-expensive"),
        (argon2(200, 4, 16), "too-expensive"),
        (argon2(10, 4, 20), "too-much-work"),
        (argon2(3, 0, 16), "malformed"),
        (argon2(0, 4, 16), "malformed"),
        (argon2(3, 4, 255), "malformed"),
    ] {
        let start = Instant::now();
        let refused = decrypt_with_password(&[skesk, container.clone()].concat(), "heron").unwrap_err();
        assert_eq!(refused.code(), code);
        assert!(start.elapsed() < Duration::from_millis(500), "{code} took {:?}", start.elapsed());
    }
}

#[test]
fn many_derivations_are_one_too_many() {
    let cipher = SymmetricKeyAlgorithm::AES128;
    let slow: Vec<u8> = (2..10).flat_map(|salt| bare_skesk(cipher, &iterated(salt, 255))).collect();
    let message = [slow, seipd_v1(cipher, &[1; 16], &literal(b"x"))].concat();
    let passwords: Vec<_> = (0..40).map(|n| Password::new(format!("guess {n}"))).collect();
    let mut strict = limits();
    strict.s2k_derivations = 1;
    let options = DecryptOptions { message: &message, passwords: &passwords, ..DecryptOptions::default() };
    let refused = decrypt_blocking(options, &policy(), &strict, now(), &mut ()).unwrap_err();
    assert_eq!(refused, DecryptError::TooMuchWork);
}

#[test]
fn unprotected_and_unknown_containers() {
    let skesk = bare_skesk(SymmetricKeyAlgorithm::AES128, &iterated(1, CHEAP));
    let open = |container: Vec<u8>| decrypt_with_password(&[skesk.clone(), container].concat(), "heron").unwrap_err();
    assert_eq!(open(packet(Tag::SED, &[0; 40])), DecryptError::NotIntegrityProtected);
    assert_eq!(open(packet(Tag::SEIPD, &[])).code(), "malformed");
    assert_eq!(open(packet(Tag::SEIPD, &[3, 1, 2, 3])).code(), "unsupported");
    for length in 1..45 {
        assert_eq!(open(packet(Tag::SEIPD, &vec![1; length])), DecryptError::DecryptionFailed, "{length} octets");
    }
    assert_eq!(decrypt_with_password(&literal(b"plain"), "heron").unwrap_err(), DecryptError::NotEncrypted);
}

#[test]
fn only_one_message() {
    let message = encrypt_packets(&literal(b"one"), "heron");
    assert_eq!(*decrypt_with_password(&message, "heron").unwrap().data, b"one");
    for odd in [
        [message.as_slice(), &message].concat(),
        [message.as_slice(), &literal(b"two")].concat(),
        [literal(b"two").as_slice(), &message].concat(),
        [message.as_slice(), b"\n"].concat(),
        encrypt_packets(&[literal(b"one"), literal(b"two")].concat(), "heron"),
        encrypt_packets(b"", "heron"),
        encrypt_packets(&packet(Tag::PADDING, b"..."), "heron"),
    ] {
        assert_eq!(decrypt_with_password(&odd, "heron").unwrap_err().code(), "malformed");
    }
    let nested = encrypt_packets(&message, "heron");
    assert_eq!(decrypt_with_password(&nested, "heron").unwrap_err().code(), "unsupported");
}

/// What is malformed is told with packet and octet, also inside what was encrypted; what does not decrypt is not.
#[test]
fn malformed_messages_name_packet_and_octet() {
    let place = |message: &[u8]| {
        let place = decrypt_with_password(message, "heron").unwrap_err().place()?;
        Some((place.tag, place.offset, place.depth))
    };
    let good = encrypt_packets(&literal(b"one"), "heron");
    let skesk = split(&good).next().unwrap().unwrap().span.end;
    assert_eq!(place(&[good.as_slice(), &literal(b"two")].concat()), Some((Some(Tag::SEIPD), skesk, 0)));
    assert_eq!(place(&good[..good.len() - 1]), Some((Some(Tag::SEIPD), skesk, 0)));
    let two = [literal(b"one"), literal(b"two")].concat();
    assert_eq!(place(&encrypt_packets(&two, "heron")), Some((Some(Tag::LITERAL), 11, 1)));
    assert_eq!(place(&encrypt_packets(&deflated(&two), "heron")), Some((Some(Tag::LITERAL), 11, 2)));
    assert_eq!(place(&encrypt_packets(&packet(Tag::LITERAL, b"b"), "heron")), Some((Some(Tag::LITERAL), 0, 1)));
    let argon2 = packet(Tag::SKESK, &[&[4, 9, 4], &[5; 16][..], &[3, 0, 16]].concat());
    let v1 = seipd_v1(SymmetricKeyAlgorithm::AES256, &[1; 32], &literal(b"x"));
    let marker = packet(Tag::MARKER, b"PGP");
    assert_eq!(place(&[marker, argon2, v1].concat()), Some((Some(Tag::SKESK), 5, 0)));
    let mut damaged = good.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!((place(&damaged), decrypt_with_password(&good, "egret").unwrap_err().place()), (None, None));
    let text = decrypt_with_password(&encrypt_packets(&two, "heron"), "heron").unwrap_err().to_string();
    assert!(text.ends_with("(packet 11 at octet 11 of the content)"), "{text}");
}

fn deflated(inner: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(vec![1], flate2::Compression::best());
    encoder.write_all(inner).unwrap();
    packet(Tag::COMPRESSED, &encoder.finish().unwrap())
}

#[test]
fn compression_bombs() {
    let huge = encrypt_packets(&deflated(&literal(&vec![0; 64 << 20])), "heron");
    assert!(huge.len() < 100_000);
    assert_eq!(decrypt_with_password(&huge, "heron").unwrap_err().code(), "too-large");
    let mut nested = literal(b"deep");
    for _ in 0..15 {
        nested = deflated(&nested);
    }
    assert_eq!(*decrypt_with_password(&encrypt_packets(&nested, "heron"), "heron").unwrap().data, b"deep");
    let deeper = encrypt_packets(&deflated(&nested), "heron");
    assert_eq!(
        decrypt_with_password(&deeper, "heron").unwrap_err(),
        DecryptError::TooMany { unit: "layers", allowed: 16 }
    );
}

#[test]
fn sizes_are_bounded() {
    let mut small = limits();
    small.plaintext_bytes = 1000;
    let passwords = [Password::from("heron")];
    for (size, fits) in [(900, true), (2000, false)] {
        let message = encrypt_packets(&literal(&vec![1; size]), "heron");
        let options = DecryptOptions { message: &message, passwords: &passwords, ..DecryptOptions::default() };
        let result = decrypt_blocking(options, &policy(), &small, now(), &mut ());
        assert_eq!(result.is_ok(), fits);
        if let Err(error) = result {
            assert_eq!(error.code(), "too-large");
        }
    }
}

#[test]
fn every_damaged_octet_of_a_message() {
    let (compat, modern) = (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"));
    for (key, format) in [(&compat, Format::SeipdV1), (&modern, Format::SeipdV2), (&modern, Format::SeipdV1)] {
        let recipients = [key.certificate()];
        let options = EncryptOptions { data: b"intact", recipients: &recipients, format, ..EncryptOptions::default() };
        let message = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap();
        for place in 0..message.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut damaged = message.clone();
                damaged[place] ^= change;
                // A bit that X25519 ignores (RFC 7748 §5) changes nothing; anything else must fail as a whole.
                if let Ok(decrypted) = decrypt_with_key(&damaged, key, &[]) {
                    assert_eq!(*decrypted.data, b"intact", "octet {place} ^ {change:#x}");
                }
            }
        }
        for length in 0..message.len() {
            assert!(decrypt_with_key(&message[..length], key, &[]).is_err(), "cut to {length} octets");
        }
    }
}

#[test]
fn damage_to_the_container_is_always_noticed() {
    for message in [
        encrypt_packets(&literal(b"intact"), "heron"),
        v1_message(SymmetricKeyAlgorithm::AES256, &literal(b"intact"), "heron"),
    ] {
        let container = split(&message).map(Result::unwrap).last().unwrap();
        for bit in (message.len() - container.body.len()) * 8..message.len() * 8 {
            let mut damaged = message.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decrypt_with_password(&damaged, "heron").is_err(), "bit {bit}");
        }
    }
}

/// rPGP takes the first octet of the decrypted session key without asking whether there is one.
#[test]
fn an_rsa_session_key_of_no_octets() {
    use pgp::composed::{KeyType, SecretKeyParamsBuilder};
    use pgp::types::{KeyDetails, PublicParams};
    let mut parameters = SecretKeyParamsBuilder::default();
    parameters.key_type(KeyType::Rsa(2048)).can_sign(true).can_certify(true);
    parameters.primary_user_id("Rosa <rosa@demo.example>".into()).created_at(at(NOW - DAY));
    let rosa = parameters.build().unwrap().generate(rng(8)).unwrap();
    let PublicParams::RSA(public) = rosa.primary_key.public_params() else { panic!("an RSA key") };
    for payload in [&b""[..], b"\x09", b"\x09\x00", b"\x09\x00\x00", b"\x00\x00\x00"] {
        for version in [3, 6] {
            let values = pgp::crypto::rsa::encrypt(rng(3), &public.key, payload).unwrap();
            let mut body = vec![version];
            if version == 3 {
                body.extend_from_slice(rosa.primary_key.legacy_key_id().as_ref());
            } else {
                body.extend_from_slice(&[21, 4]);
                body.extend_from_slice(rosa.primary_key.fingerprint().as_bytes());
            }
            body.push(1);
            values.to_writer(&mut body).unwrap();
            let container = if version == 3 {
                seipd_v1(SymmetricKeyAlgorithm::AES256, &[1; 32], &literal(b"x"))
            } else {
                split(&encrypt_packets(&literal(b"x"), "p"))
                    .map(Result::unwrap)
                    .last()
                    .map(|p| packet(p.tag, &p.body))
                    .unwrap()
            };
            let message = [packet(Tag::PKESK, &body), container].concat();
            let key = envelock::SecretKey::parse(&rosa.to_bytes().unwrap(), &limits()).unwrap();
            assert_eq!(
                decrypt_with_key(&message, &key, &[]).unwrap_err(),
                DecryptError::DecryptionFailed,
                "{payload:?}"
            );
        }
    }
}

/// Random bodies behind plausible first octets, in every position of a message.
#[test]
fn noise_in_every_kind_of_packet() {
    use envelock::message::{Decryptor, SignedInput, VerifyOptions, verify};
    use rand::Rng;
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"));
    let keys = [Decryptor { key: &anna, passphrase: None }, Decryptor { key: &bert, passphrase: None }];
    let ids: Vec<Vec<u8>> = [&anna, &bert]
        .into_iter()
        .flat_map(|key| key.decryption_keys())
        .flat_map(|key| {
            let (key, fingerprint) = (key.key(), key.fingerprint());
            let version = if fingerprint.as_bytes().len() == 20 { 4 } else { 6 };
            let mut named = vec![fingerprint.as_bytes().len() as u8 + 1, version];
            named.extend_from_slice(fingerprint.as_bytes());
            [key.key_id().as_ref().to_vec(), named, vec![0; 8], vec![0]]
        })
        .collect();
    let passwords = [Password::from("heron")];
    let certificates = [anna.certificate(), bert.certificate()];
    let mut cheap = limits();
    cheap.argon2_kib = 1024;
    let mut rng = rng(42);
    let signed = sign_inline(&anna);
    for _ in 0..1000 {
        let noise = |rng: &mut rand_chacha::ChaCha20Rng, most: usize| -> Vec<u8> {
            (0..rng.gen_range(0..most))
                .map(|_| if rng.gen_bool(0.3) { rng.gen_range(0..27) } else { rng.r#gen() })
                .collect()
        };
        let mut pkesk = vec![*[3u8, 6].get(rng.gen_range(0..2)).unwrap()];
        pkesk.extend_from_slice(&ids[rng.gen_range(0..ids.len())]);
        pkesk.push(*[1u8, 16, 18, 25, 26].get(rng.gen_range(0..5)).unwrap());
        pkesk.extend(noise(&mut rng, 120));
        let skesk = [vec![rng.gen_range(4..7)], noise(&mut rng, 80)].concat();
        let container =
            [vec![rng.gen_range(1..3), 9, rng.gen_range(1..4), rng.gen_range(0..18)], noise(&mut rng, 120)].concat();
        let tag = *[Tag::SEIPD, Tag::SEIPD, Tag::GNUPG_AEAD].get(rng.gen_range(0..3)).unwrap();
        let message = [packet(Tag::PKESK, &pkesk), packet(Tag::SKESK, &skesk), packet(tag, &container)].concat();
        let options =
            DecryptOptions { message: &message, passwords: &passwords, keys: &keys, ..DecryptOptions::default() };
        assert!(decrypt_blocking(options, &policy(), &cheap, now(), &mut ()).is_err());

        let signature = [
            vec![rng.gen_range(2..7), rng.gen_range(0..2), rng.gen_range(0..28), rng.gen_range(0..15)],
            noise(&mut rng, 90),
        ]
        .concat();
        let one_pass = [vec![rng.gen_range(2..7)], noise(&mut rng, 90)].concat();
        let odd = [
            packet(Tag::SIGNATURE, &signature),
            [packet(Tag::ONE_PASS_SIGNATURE, &one_pass), literal(b"x"), packet(Tag::SIGNATURE, &signature)].concat(),
            packet(Tag::COMPRESSED, &noise(&mut rng, 90)),
            packet(Tag::LITERAL, &noise(&mut rng, 20)),
            [signed[..rng.gen_range(0..signed.len())].to_vec(), noise(&mut rng, 40)].concat(),
        ];
        for message in &odd {
            let inline = VerifyOptions {
                input: SignedInput::Message(message),
                verify_with: &certificates,
                ..VerifyOptions::default()
            };
            let detached = SignedInput::Detached { data: b"x", signature: message };
            let detached = VerifyOptions { input: detached, verify_with: &certificates, ..VerifyOptions::default() };
            for options in [inline, detached] {
                if let Ok(verified) = verify(options, &policy(), &cheap, now()) {
                    assert!(verified.signatures.iter().all(|verdict| verdict.status.code() != "valid"));
                }
            }
        }
    }
}

fn sign_inline(key: &envelock::SecretKey) -> Vec<u8> {
    use envelock::message::{SignOptions, SignatureForm, Signer, sign};
    let signers = [Signer { key, passphrase: None }];
    let options = SignOptions {
        data: b"x",
        signers: &signers,
        form: SignatureForm::Inline,
        armor: false,
        text: false,
        ..SignOptions::default()
    };
    sign(options, &policy(), &limits(), now(), &mut rng(5)).unwrap()
}
