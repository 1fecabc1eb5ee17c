//! Encrypted messages that were changed on their way, or put together from others.

use envelock::{
    Password, Profile,
    message::{
        DecryptError, EncryptOptions, Format, SessionKey, SessionKeyOptions, encrypt_blocking, encrypt_session_key,
    },
};
use envelock_seipd::{
    engine::{RustCrypto, ready},
    packet::{Tag, split},
};
use pgp::{
    crypto::sym::SymmetricKeyAlgorithm,
    packet::{PacketTrait, SymEncryptedProtectedData},
};

use crate::cast::*;

const TEXT: &[u8] = b"Content-Type: text/html\n\nThe deposit goes to account 17, and the code of the safe is 4417.\n";

fn sealed(format: Format) -> Vec<u8> {
    let passwords = [Password::from("heron")];
    let options = EncryptOptions { data: TEXT, passwords: &passwords, format, ..EncryptOptions::default() };
    encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(3), &mut ()).map(binary).unwrap()
}

fn to_anna(format: Format) -> Vec<u8> {
    let recipients = [key(Profile::Rfc9580, "Anna").certificate()];
    let options = EncryptOptions { data: TEXT, recipients: &recipients, format, ..EncryptOptions::default() };
    encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(4), &mut ()).map(binary).unwrap()
}

fn binary(message: Vec<u8>) -> Vec<u8> {
    if envelock::armor::is_binary(&message) {
        return message;
    }
    envelock::armor::read_all(&message, 1 << 20).unwrap().remove(0).octets
}

/// Session key packets, and the body of the container.
fn parts(message: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let packets: Vec<_> = split(message).map(Result::unwrap).collect();
    let (container, keys) = packets.split_last().unwrap();
    assert_eq!(container.tag, Tag::SEIPD);
    (keys.iter().flat_map(|key| message[key.span.clone()].to_vec()).collect(), container.body.to_vec())
}

/// Without its MDC, or declared as the old packet that has none, a message could be changed at will.
#[test]
fn the_mdc_cannot_be_stripped() {
    let message = sealed(Format::SeipdV1);
    assert_eq!(*decrypt_with_password(&message, "heron").unwrap().data, TEXT);
    let (keys, body) = parts(&message);
    let open = |tag, body: &[u8]| decrypt_with_password(&[keys.clone(), packet(tag, body)].concat(), "heron");
    assert_eq!(open(Tag::SED, &body[1..]).unwrap_err(), DecryptError::NotIntegrityProtected);
    assert_eq!(open(Tag::SED, &body[1..body.len() - 22]).unwrap_err(), DecryptError::NotIntegrityProtected);
    for cut in [1, 20, 21, 22, 23, 40] {
        assert_eq!(open(Tag::SEIPD, &body[..body.len() - cut]).unwrap_err(), DecryptError::DecryptionFailed, "{cut}");
    }
    let mut flipped = body.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(open(Tag::SEIPD, &flipped).unwrap_err(), DecryptError::DecryptionFailed);
}

/// EFAIL (2018): known blocks of CFB are turned into HTML that sends the rest away. Nothing of a changed message comes out, in
/// any container, and all changes look alike.
#[test]
fn efail_gadgets() {
    for format in [Format::SeipdV1, Format::SeipdV2] {
        let (keys, body) = parts(&sealed(format));
        let head = if format == Format::SeipdV1 { 1 } else { 36 };
        for place in (head..body.len() - 1).step_by(7) {
            let mut changed = body.clone();
            // Known plaintext exclusive-or wanted plaintext, over one block.
            for (octet, gadget) in changed[place..].iter_mut().zip(b"<img src=\"http:/") {
                *octet ^= gadget ^ 0x20;
            }
            let message = [keys.clone(), packet(Tag::SEIPD, &changed)].concat();
            assert_eq!(decrypt_with_password(&message, "heron").unwrap_err(), DecryptError::DecryptionFailed);
        }
        // A block twice, and one taken out.
        for (from, to) in [(head + 16, head + 32), (head + 32, head + 16)] {
            let changed = [&body[..from], &body[to..]].concat();
            let message = [keys.clone(), packet(Tag::SEIPD, &changed)].concat();
            assert_eq!(decrypt_with_password(&message, "heron").unwrap_err(), DecryptError::DecryptionFailed);
        }
    }
}

/// Session key packets of one version before a container of the other (RFC 9580 §10.3.2.1), and of one message before
/// another's: downgrading v2 to v1 would let an attacker change what AEAD protects.
#[test]
fn session_key_packets_of_another_container() {
    let anna = key(Profile::Rfc9580, "Anna");
    let ((k1, b1), (k2, b2)) = (parts(&sealed(Format::SeipdV1)), parts(&sealed(Format::SeipdV2)));
    let ((p1, c1), (p2, c2)) = (parts(&to_anna(Format::SeipdV1)), parts(&to_anna(Format::SeipdV2)));
    // Packets of the other version are not even tried: what opens with them would be told apart from what does not.
    const PASSED_OVER: DecryptError = DecryptError::NoMatchingKey;
    const TRIED: DecryptError = DecryptError::DecryptionFailed;
    for (keys, body, refused) in
        [(&k1, &b2, PASSED_OVER), (&k2, &b1, PASSED_OVER), (&k1, &c1, TRIED), (&k2, &c2, TRIED)]
    {
        let message = [keys.as_slice(), &packet(Tag::SEIPD, body)].concat();
        assert_eq!(decrypt_with_password(&message, "heron").unwrap_err(), refused);
    }
    for (keys, body, refused) in
        [(&p1, &c2, PASSED_OVER), (&p2, &c1, PASSED_OVER), (&p1, &b1, TRIED), (&p2, &b2, TRIED)]
    {
        let message = [keys.as_slice(), &packet(Tag::SEIPD, body)].concat();
        assert_eq!(decrypt_with_key(&message, &anna, &[]).unwrap_err(), refused);
    }
    // The right ones open, also after a foreign packet that does not fit the container.
    for (keys, body) in [(&k1, &b1), (&k2, &b2)] {
        let message = [keys.as_slice(), &packet(Tag::SEIPD, body)].concat();
        assert_eq!(*decrypt_with_password(&message, "heron").unwrap().data, TEXT);
    }
    // Nor do they take the place of the right one.
    let message = [k1.as_slice(), &k2, &packet(Tag::SEIPD, &b2)].concat();
    assert_eq!(*decrypt_with_password(&message, "heron").unwrap().data, TEXT);
    // A version 2 container declared as version 1.
    let mut downgraded = b2.clone();
    downgraded[0] = 1;
    let message = [k1.as_slice(), &packet(Tag::SEIPD, &downgraded)].concat();
    assert_eq!(decrypt_with_password(&message, "heron").unwrap_err(), DecryptError::DecryptionFailed);
}

/// In a PKESK v3 for X25519 the cipher stands in the clear (§5.1.6): whoever changes it must not choose how the key is used.
#[test]
fn a_cipher_named_in_the_clear() {
    let anna = key(Profile::Rfc9580, "Anna");
    let session_key = SessionKey::new(9, &[7; 32]).unwrap();
    let options = SessionKeyOptions {
        session_key: &session_key,
        recipients: &[anna.certificate()],
        passwords: &[],
        format: Format::SeipdV1,
        hide_recipients: false,
        armor: false,
    };
    let keys = ready(encrypt_session_key(options, &policy(), &limits(), now(), &mut rng(6), &RustCrypto)).unwrap();
    let container = |cipher| {
        let container = SymEncryptedProtectedData::encrypt_seipdv1(rng(7), cipher, &[7; 32], &literal(TEXT)).unwrap();
        let mut packet = Vec::new();
        container.to_writer_with_header(&mut packet).unwrap();
        packet
    };
    // Version, key ID, algorithm, point and length, then the cipher.
    let place = keys.len() - 41;
    assert_eq!(keys[place], 9);
    let message = [keys.clone(), container(SymmetricKeyAlgorithm::AES256)].concat();
    assert_eq!(*decrypt_with_key(&message, &anna, &[]).unwrap().data, TEXT);
    for cipher in [SymmetricKeyAlgorithm::Twofish, SymmetricKeyAlgorithm::Camellia256] {
        let mut changed = keys.clone();
        changed[place] = cipher.into();
        let message = [changed, container(cipher)].concat();
        assert_eq!(decrypt_with_key(&message, &anna, &[]).unwrap_err(), DecryptError::DecryptionFailed);
    }
}
