//! RFC 9580 Appendix A.9–A.11, and messages of other programs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use envelock_seipd::engine::{RustCrypto, ready};
use envelock_seipd::packet::split;
use envelock_seipd::skesk::{KeyEncryptionKey, S2k, Skesk};
use envelock_seipd::{Error, Limits, Mode, decrypt, inner};
use pgp::types::StringToKey;

fn vector(name: &str) -> Vec<u8> {
    let bytes =
        std::fs::read(format!("{}/../../tests/vectors/10-password/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    if !bytes.starts_with(b"-----BEGIN") {
        return bytes;
    }
    let mut binary = Vec::new();
    std::io::Read::read_to_end(&mut pgp::armor::Dearmor::new(&bytes[..]), &mut binary).unwrap();
    binary
}

fn open(message: &[u8], password: &str) -> Result<Vec<u8>, Error> {
    let packets = split(message).collect::<Result<Vec<_>, _>>()?;
    let skesk = Skesk::parse(&packets[0].body)?;
    let specifier = match &skesk.s2k {
        S2k::Argon2(argon2) => {
            argon2.check(&Limits::default())?;
            let mut specifier = Vec::new();
            argon2.serialize(&mut specifier);
            specifier
        }
        S2k::Other(specifier) => specifier.clone(),
    };
    let material = StringToKey::try_from_reader(&specifier[..])
        .unwrap()
        .derive_key(password.as_bytes(), skesk.cipher.key_len())
        .unwrap();
    let key = KeyEncryptionKey::derive(material.as_ref(), skesk.cipher, skesk.mode)?;
    let session_key = ready(skesk.unwrap(&RustCrypto, &key))?;
    ready(decrypt(&RustCrypto, &packets[1].body, &session_key, &Limits::default(), &mut ())).map(|plain| plain.to_vec())
}

#[test]
fn appendix_a_9_eax_a_10_ocb_a_11_gcm() {
    for (name, mode) in
        [("pw-rfc9580-A-eax.asc", Mode::Eax), ("pw-rfc9580-A-ocb.asc", Mode::Ocb), ("pw-rfc9580-A-gcm.asc", Mode::Gcm)]
    {
        let message = vector(name);
        assert_eq!(Skesk::parse(&split(&message).next().unwrap().unwrap().body).unwrap().mode, mode);
        let plain = open(&message, "password").unwrap();
        assert_eq!(inner::inner(&plain).unwrap().literal, &b"Hello, world!"[..], "{name}");
        assert_eq!(open(&message, "Password"), Err(Error::DecryptionFailed), "{name}");
    }
}

#[test]
fn our_skesk_is_the_rfcs_octet_for_octet() {
    for name in ["pw-rfc9580-A-eax.asc", "pw-rfc9580-A-ocb.asc", "pw-rfc9580-A-gcm.asc"] {
        let message = vector(name);
        let packet = split(&message).next().unwrap().unwrap();
        let mut written = Vec::new();
        Skesk::parse(&packet.body).unwrap().serialize(&mut written);
        assert_eq!(written, message[packet.span], "{name}");
    }
}

#[test]
fn messages_of_other_programs() {
    for name in ["pw-v6-ocb-aes256.pgp", "pw-v6-gcm-aes128.pgp", "pw-v6-argon2-t3-p4-m16.pgp"] {
        let plain = open(&vector(name), "granite-23").unwrap();
        assert!(split(&plain).all(|packet| packet.is_ok()), "{name}");
        assert_eq!(open(&vector(name), "granite-24"), Err(Error::DecryptionFailed), "{name}");
    }
}

#[test]
fn tampered_messages() {
    for name in ["tam-v2-flip-first.pgp", "tam-v2-no-final-tag.pgp"] {
        assert_eq!(open(&vector(name), "granite-23"), Err(Error::DecryptionFailed), "{name}");
    }
}
