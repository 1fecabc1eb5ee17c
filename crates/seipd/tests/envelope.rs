//! Envelopes: the key schedule, the profile's strictness, tampering, cancelling.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::ops::ControlFlow;
use std::sync::OnceLock;

use envelock_seipd::engine::{RustCrypto, ready};
use envelock_seipd::link::{self, Access, LinkSecret, Profile, passphrase};
use envelock_seipd::packet::{split, write_header};
use envelock_seipd::skesk::{S2k, Skesk};
use envelock_seipd::{Error, Limits, Progress, Tag, inner, padding, sealed};
use rand::SeedableRng;
use rand::rngs::StdRng;
use sha2::Digest;

const SALT: [u8; 16] = *b"0123456789abcdef";

/// Argon2 with 64 MiB is slow unoptimised: once for all tests.
fn access() -> &'static Access {
    static ACCESS: OnceLock<Access> = OnceLock::new();
    ACCESS.get_or_init(|| link::derive(Profile::V1, &passphrase(None, "correct horse"), SALT).unwrap())
}

fn literal(text: &[u8]) -> Vec<u8> {
    let mut packets = Vec::new();
    write_header(&mut packets, Tag::LITERAL, 6 + text.len() as u32);
    packets.extend([b'b', 0, 0, 0, 0, 0]);
    packets.extend(text);
    packets
}

fn seal(inner: &[u8], pkesks: &[u8]) -> Vec<u8> {
    let mut rng = StdRng::seed_from_u64(1);
    let session_key = sealed::new_session_key(Profile::V1.suite(), &mut rng);
    ready(sealed::seal(&RustCrypto, access(), &session_key, pkesks, inner, &mut rng, &mut ())).unwrap()
}

fn open(ciphertext: &[u8]) -> Result<Vec<u8>, Error> {
    ready(sealed::open_sealed(&RustCrypto, ciphertext, access(), &Limits::default(), &mut ()))
        .map(|inner| inner.to_vec())
}

#[test]
fn round_trip_with_padding() {
    let mut packets = literal(b"The harbour is closed.");
    padding::pad(&mut packets, &mut StdRng::seed_from_u64(2));
    let opened = open(&seal(&packets, &[])).unwrap();
    assert_eq!(opened, packets);
    let message = inner::inner(&opened).unwrap();
    assert_eq!(message.literal, &b"The harbour is closed."[..]);
    assert_eq!((message.signed, message.message), (false, 0..literal(b"The harbour is closed.").len()));
}

#[test]
fn any_openpgp_program_opens_it_with_the_passphrase() {
    use pgp::composed::Message;
    let sealed = seal(&literal(b"hello"), &[]);
    let mut opened = Message::from_bytes(&sealed[..]).unwrap().decrypt_with_password(&"correct horse".into()).unwrap();
    assert_eq!(opened.as_data_vec().unwrap(), b"hello");
}

#[test]
fn the_passphrase_is_secret_dash_password_in_nfc() {
    let secret = LinkSecret::parse("AAECAwQFBgcICQoLDA0ODw").unwrap();
    assert_eq!(passphrase(Some(&secret), "Zu\u{308}rich").as_slice(), "AAECAwQFBgcICQoLDA0ODw-Zürich".as_bytes());
    assert_eq!(passphrase(None, "Zu\u{308}rich").as_slice(), "Zürich".as_bytes());
    // Not NFKC: compatibility characters are other characters.
    assert_eq!(passphrase(None, "ﬁ½").as_slice(), "ﬁ½".as_bytes());
    assert_eq!(passphrase(None, "").as_slice(), b"");
}

#[test]
fn link_secrets_have_one_spelling() {
    let mut rng = StdRng::seed_from_u64(3);
    for _ in 0..100 {
        let secret = LinkSecret::generate(&mut rng);
        let text = secret.to_base64url();
        assert!(text.len() == 22 && LinkSecret::parse(&text).unwrap() == secret);
    }
    // Padded, cut, longer, the other alphabet, not canonical (unused bits set), not ASCII, empty.
    for text in [
        "AAECAwQFBgcICQoLDA0ODw==",
        "AAECAwQFBgcICQoLDA0OD",
        "AAECAwQFBgcICQoLDA0ODxA",
        "//ECAwQFBgcICQoLDA0ODw",
        "AAECAwQFBgcICQoLDA0ODx",
        "AAECAwQFBgcICQoLDA0Oöw",
        "",
        " AAECAwQFBgcICQoLDA0ODw",
    ] {
        assert_eq!(LinkSecret::parse(text), Err(Error::Malformed("link secret")), "{text}");
    }
    assert_eq!(format!("{:?}", LinkSecret::generate(&mut rng)), "LinkSecret(..)");
}

#[test]
fn the_token_is_pinned() {
    // Every envelope on every server depends on this: Argon2id t=3 p=4 64 MiB, then HKDF-SHA256 without salt.
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let access = access();
    assert_eq!(hex(access.token()), PINNED_TOKEN);
    assert_eq!(access.token_hash().as_slice(), sha2::Sha256::digest(access.token()).as_slice());
    assert_eq!(access.token_base64url().len(), 43);
    assert_eq!((access.salt(), access.profile().number()), (SALT, 1));
}

/// Computed once by Python's `argon2-cffi` and `hmac`, not by this code.
const PINNED_TOKEN: &str = "bfdb28c6bd019050c93b8df92698e744057562f026a35e759c8244dea54bf2ee";

/// Stored on 2026-11-23. Saved copies have to open for ever.
#[test]
fn the_first_envelope_of_profile_1_still_opens() {
    let secret = LinkSecret::parse("AAECAwQFBgcICQoLDA0ODw").unwrap();
    let access = link::derive(Profile::V1, &passphrase(Some(&secret), "Zürich"), SALT).unwrap();
    assert_eq!(access.token_base64url().as_str(), "o4U3fyHx3SaOZ5_xUIoKSfJgL4fg_7k1qJt2LEanl_8");
    let ciphertext = include_bytes!("pinned/envelope-v1.pgp");
    let packets = ready(sealed::open_sealed(&RustCrypto, ciphertext, &access, &Limits::default(), &mut ())).unwrap();
    let literal = inner::inner(&packets).unwrap().literal.into_owned();
    let hash: String = sha2::Sha256::digest(literal).iter().map(|octet| format!("{octet:02x}")).collect();
    assert_eq!(hash, "4623561f9ef859f22b725f03289b9f191d27d716457fccc02c1ee31e1cdb0596");
}

#[test]
fn every_single_bit_flip_fails() {
    let sealed = seal(&literal(b"hi"), &[]);
    for bit in 0..sealed.len() * 8 {
        let mut damaged = sealed.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let error = open(&damaged).expect_err("a flipped bit went unnoticed");
        assert!(Error::CODES.contains(&error.code()), "bit {bit}: {error:?}");
    }
}

#[test]
fn every_cut_and_every_addition_fails() {
    let sealed = seal(&literal(&[7; 600]), &[]);
    for length in 0..sealed.len() {
        assert!(open(&sealed[..length]).is_err(), "{length}");
    }
    for more in [vec![0], vec![0xD5, 0], literal(b"more"), sealed.clone()] {
        assert!(open(&[sealed.clone(), more].concat()).is_err());
    }
}

#[test]
fn whole_chunks_cannot_be_dropped_swapped_or_repeated() {
    let size = Profile::V1.suite().chunk.bytes();
    let sealed = seal(&literal(&vec![9; 2 * size + 100]), &[]);
    let packets = split(&sealed).collect::<Result<Vec<_>, _>>().unwrap();
    let (before, body) = (&sealed[..packets[0].span.end], &packets[1].body);
    let (header, chunks) = body.split_at(36);
    let (first, rest) = chunks.split_at(size + 16);
    let (second, third) = rest.split_at(size + 16);
    let (third, last) = third.split_at(third.len() - 16);
    for parts in [
        vec![header, second, third, last],
        vec![header, first, third, last],
        vec![header, first, second, last],
        vec![header, second, first, third, last],
        vec![header, first, first, second, third, last],
        vec![header, first, second, third],
        vec![header, first, second],
        vec![header, first, second, third, last, last],
        vec![header, last],
        vec![header],
    ] {
        let body = parts.concat();
        let mut message = before.to_vec();
        write_header(&mut message, Tag::SEIPD, body.len() as u32);
        message.extend(body);
        assert_eq!(open(&message), Err(Error::DecryptionFailed));
    }
}

#[test]
fn another_password_and_another_salt() {
    let sealed = seal(&literal(b"hi"), &[]);
    let wrong = link::derive(Profile::V1, b"wrong horse", SALT).unwrap();
    let opened = ready(sealed::open_sealed(&RustCrypto, &sealed, &wrong, &Limits::default(), &mut ()));
    assert_eq!(opened.err(), Some(Error::DecryptionFailed));
    assert_ne!(wrong.token(), access().token());

    let other = link::derive(Profile::V1, b"correct horse", *b"fedcba9876543210").unwrap();
    let opened = ready(sealed::open_sealed(&RustCrypto, &sealed, &other, &Limits::default(), &mut ()));
    assert_eq!(opened.err(), Some(Error::ProfileMismatch("password derivation")));
}

#[test]
fn a_server_cannot_make_the_password_cheaper() {
    let sealed = seal(&literal(b"hi"), &[]);
    let packets = split(&sealed).collect::<Result<Vec<_>, _>>().unwrap();
    let skesk = Skesk::parse(&packets[0].body).unwrap();
    let S2k::Argon2(honest) = skesk.s2k else { panic!("Argon2") };
    for (passes, lanes, memory_exponent) in [(1, 4, 16), (3, 1, 16), (3, 4, 5), (3, 4, 31), (0, 0, 0), (255, 255, 255)]
    {
        let mut changed = skesk.clone();
        changed.s2k = S2k::Argon2(envelock_seipd::S2kArgon2 { passes, lanes, memory_exponent, ..honest });
        let mut message = Vec::new();
        changed.serialize(&mut message);
        message.extend(&sealed[packets[1].span.clone()]);
        assert_eq!(open(&message), Err(Error::ProfileMismatch("password derivation")));
    }
    // The iterated S2K instead of Argon2.
    let mut changed = skesk.clone();
    changed.s2k = S2k::Other([&[3, 8][..], &[1; 8], &[0]].concat());
    let mut message = Vec::new();
    changed.serialize(&mut message);
    message.extend(&sealed[packets[1].span.clone()]);
    assert_eq!(open(&message), Err(Error::ProfileMismatch("password derivation")));
}

#[test]
fn only_pkesk_v6_may_stand_before_the_skesk() {
    let pkesk = |version| [0xC1, 3, version, 0, 25];
    let inside = literal(b"hi");
    assert_eq!(open(&seal(&inside, &[])).unwrap(), inside);
    assert_eq!(open(&seal(&inside, &pkesk(6))).unwrap(), inside);
    assert_eq!(open(&seal(&inside, &[pkesk(6), pkesk(6)].concat())).unwrap(), inside);
    assert!(open(&seal(&inside, &pkesk(3))).is_err());
    assert!(open(&seal(&inside, &[0xCA, 3, b'P', b'G', b'P'])).is_err());
    assert_eq!(open(&seal(&inside, &pkesk(6).repeat(sealed::MAX_PKESKS))).unwrap(), inside);
    assert!(open(&seal(&inside, &pkesk(6).repeat(sealed::MAX_PKESKS + 1))).is_err());
    assert!(open(&inside).is_err());
    assert!(open(&[]).is_err());
}

#[test]
fn hostile_insides() {
    let literal = literal(b"text");
    let ops = [0xC4, 1, 0];
    let signature = [0xC2, 1, 0];
    let padding = [0xD5, 2, 1, 2];
    let marker = [0xCA, 3, b'P', b'G', b'P'];
    let compressed = [0xC8, 1, 0];
    let check = |parts: &[&[u8]]| inner::inner(&parts.concat()).map(|inner| inner.signed).map_err(|e| e.code());
    assert_eq!(check(&[&literal]), Ok(false));
    assert_eq!(check(&[&literal, &padding]), Ok(false));
    assert_eq!(check(&[&ops, &literal, &signature]), Ok(true));
    assert_eq!(check(&[&ops, &ops, &literal, &signature, &signature, &padding]), Ok(true));
    for parts in [
        &[][..],
        &[&padding[..]],
        &[&literal, &literal],
        &[&literal, &padding, &literal],
        &[&literal, &padding, &padding],
        &[&padding, &literal],
        &[&literal, &signature],
        &[&signature, &literal],
        &[&ops, &literal],
        &[&ops, &literal, &signature, &signature],
        &[&ops, &ops, &literal, &signature],
        &[&ops, &literal, &padding, &signature],
        &[&ops, &literal, &literal, &signature],
        &[&ops, &signature],
        &[&compressed],
        &[&literal, &compressed],
        &[&marker, &literal],
        &[&literal, &[0xCB, 9]],
        &[&literal, &[0x00]],
        &[&[0xCB, 1, b'b']],
        &[&[0xCB, 6, b'b', 200, 0, 0, 0, 0]],
        &[&[0xCB, 6, b'm', 0, 0, 0, 0, 0]],
    ] {
        assert_eq!(check(parts), Err("malformed"), "{parts:?}");
    }
    assert_eq!(check(&[&ops.repeat(17), &literal, &signature.repeat(17)]), Err("malformed"));
}

#[test]
fn a_partial_literal_is_joined() {
    let mut packet = vec![0xCB, 0xE9, b'b', 3, b'x', b'y', b'z', 0, 0, 0, 0];
    packet.extend([5; 512 - 9]);
    packet.extend([2, 6, 6]);
    assert_eq!(inner::inner(&packet).unwrap().literal, [vec![5; 503], vec![6, 6]].concat());
}

#[test]
fn too_large_is_said_before_anything_is_decrypted() {
    let sealed = seal(&literal(&[1; 1000]), &[]);
    let limits = Limits { plaintext_bytes: 999, ..Limits::default() };
    let opened = ready(sealed::open_sealed(&RustCrypto, &sealed, access(), &limits, &mut ()));
    assert!(matches!(opened, Err(Error::TooLarge { size: 1009, allowed: 999 })), "{opened:?}");
}

struct Stop {
    after: usize,
    heard: Vec<(u64, u64)>,
}

impl Progress for Stop {
    fn report(&mut self, done: u64, total: u64) -> ControlFlow<()> {
        self.heard.push((done, total));
        if self.heard.len() == self.after { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn progress_grows_to_the_total_and_can_cancel() {
    let size = Profile::V1.suite().chunk.bytes();
    let inside = literal(&vec![1; 3 * size]);
    let sealed = seal(&inside, &[]);
    let mut listener = Stop { after: 0, heard: vec![] };
    ready(sealed::open_sealed(&RustCrypto, &sealed, access(), &Limits::default(), &mut listener)).unwrap();
    let total = inside.len() as u64;
    assert!(listener.heard.is_sorted() && listener.heard.iter().all(|heard| heard.1 == total));
    assert_eq!(listener.heard.last(), Some(&(total, total)));

    let mut listener = Stop { after: 2, heard: vec![] };
    let cancelled = ready(sealed::open_sealed(&RustCrypto, &sealed, access(), &Limits::default(), &mut listener));
    assert_eq!((cancelled.err(), listener.heard.len()), (Some(Error::Cancelled), 2));
}
