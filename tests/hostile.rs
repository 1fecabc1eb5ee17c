//! Bad input to the core: every truncation and every flipped bit of a small envelope, hostile heads, octets that claim more
//! than there is. Each time a typed error, and the same call with good input works afterwards.
//!
//! The password's key is derived once and used for thousands of tries, so that only the parser and the cipher are timed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use envelock_seipd::engine::{RustCrypto, ready};
use envelock_seipd::link::{self, Access, LinkSecret, Profile};
use envelock_seipd::packet::{Tag, write_header};
use envelock_seipd::sealed::{new_session_key, open_sealed, seal};
use envelock_seipd::{Error, Limits, inner};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

const CONTENT: &[u8] = b"Subject: s\r\n\r\nt";

struct Envelope {
    access: Access,
    ciphertext: Vec<u8>,
}

impl Envelope {
    fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let secret = LinkSecret::generate(&mut rng);
        let access = link::derive(Profile::V1, &link::passphrase(Some(&secret), "Ahornallee 17"), [7; 16]).unwrap();
        let session_key = new_session_key(Profile::V1.suite(), &mut rng);
        let mut packets = Vec::new();
        write_header(&mut packets, Tag::LITERAL, 6 + CONTENT.len() as u32);
        packets.extend_from_slice(b"b\0\0\0\0\0");
        packets.extend_from_slice(CONTENT);
        let ciphertext = ready(seal(&RustCrypto, &access, &session_key, &[], &packets, &mut rng, &mut ())).unwrap();
        Self { access, ciphertext }
    }

    fn open(&self, ciphertext: &[u8]) -> Result<Vec<u8>, Error> {
        let packets = ready(open_sealed(&RustCrypto, ciphertext, &self.access, &Limits::default(), &mut ()))?;
        inner::inner(&packets).map(|inner| inner.literal.into_owned())
    }

    /// Opens as it is: what was refused before has broken nothing.
    fn assert_opens(&self) {
        assert_eq!(self.open(&self.ciphertext).unwrap(), CONTENT);
    }

    /// Where the Argon2 specifier of the SKESK starts: type 4, salt, t, p, m (RFC 9580 §3.7.1.4).
    fn specifier(&self) -> usize {
        let marker: Vec<u8> = [4].into_iter().chain([7; 16]).chain([3, 4, 16]).collect();
        self.ciphertext.windows(marker.len()).position(|window| window == marker).expect("an Argon2 specifier")
    }
}

#[test]
fn cut_at_every_length() {
    let envelope = Envelope::new();
    for length in 0..envelope.ciphertext.len() {
        let refused = envelope.open(&envelope.ciphertext[..length]).expect_err(&format!("cut to {length} octets"));
        assert!(!refused.code().is_empty());
    }
    envelope.assert_opens();
}

#[test]
fn every_bit_flipped() {
    let envelope = Envelope::new();
    for bit in 0..envelope.ciphertext.len() * 8 {
        let mut flipped = envelope.ciphertext.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(envelope.open(&flipped).is_err(), "opens with bit {bit} flipped");
    }
    envelope.assert_opens();
}

#[test]
fn every_octet_set_to_the_extremes() {
    let envelope = Envelope::new();
    for place in 0..envelope.ciphertext.len() {
        for value in [0x00, 0xff] {
            let mut changed = envelope.ciphertext.clone();
            if std::mem::replace(&mut changed[place], value) != value {
                assert!(envelope.open(&changed).is_err(), "opens with octet {place} set to {value:#x}");
            }
        }
    }
    envelope.assert_opens();
}

#[test]
fn octets_before_after_and_twice() {
    let envelope = Envelope::new();
    let good = &envelope.ciphertext;
    let odd: [Vec<u8>; 4] = [
        [good.as_slice(), &[0]].concat(),
        [&[0xca, 0], good.as_slice()].concat(),
        [good.as_slice(), good].concat(),
        Vec::new(),
    ];
    for (case, ciphertext) in odd.iter().enumerate() {
        assert!(envelope.open(ciphertext).is_err(), "case {case} opens");
    }
    envelope.assert_opens();
}

/// A hostile server could ask for a cheap token: every other parameter is refused, by its name and before it is derived.
#[test]
fn cheap_and_dear_argon2_parameters() {
    let envelope = Envelope::new();
    let parameters = envelope.specifier() + 17;
    for [t, p, m] in
        [[1, 4, 16], [3, 1, 16], [3, 4, 15], [3, 4, 17], [1, 1, 3], [3, 4, 31], [0, 4, 16], [3, 0, 16], [255, 255, 255]]
    {
        let mut other = envelope.ciphertext.clone();
        other[parameters..parameters + 3].copy_from_slice(&[t, p, m]);
        let start = std::time::Instant::now();
        let refused = envelope.open(&other).expect_err(&format!("t={t} p={p} m={m} opens"));
        assert_ne!(refused, Error::DecryptionFailed, "t={t} p={p} m={m} was derived");
        assert!(start.elapsed().as_millis() < 100, "t={t} p={p} m={m} took {:?}", start.elapsed());
    }
    envelope.assert_opens();
}

#[test]
fn another_salt_than_the_heads() {
    let envelope = Envelope::new();
    let mut other = envelope.ciphertext.clone();
    other[envelope.specifier() + 1] ^= 1;
    assert!(
        !matches!(envelope.open(&other), Ok(_) | Err(Error::DecryptionFailed)),
        "the salt must be compared, not tried"
    );
    envelope.assert_opens();
}

#[test]
fn lengths_that_claim_more_than_there_is() {
    let envelope = Envelope::new();
    for claim in [
        &[0xd2, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 9, 2][..],
        &[0xc3, 0xff, 0x7f, 0xff, 0xff, 0xff, 6],
        &[0xd2, 0xfe, 2],
        &[0xcb],
    ] {
        assert!(envelope.open(claim).is_err(), "{claim:x?}");
    }
}

#[test]
fn noise() {
    let envelope = Envelope::new();
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    for size in (0..4096).step_by(7) {
        let mut noise = vec![0; size];
        rng.fill_bytes(&mut noise);
        assert!(envelope.open(&noise).is_err(), "{size} octets of noise");
    }
    envelope.assert_opens();
}

/// Each of these lengths once ended in a panic of the base64 decoder, whose output buffer was too small.
#[test]
fn link_secrets_of_another_form() {
    let good = LinkSecret::generate(&mut ChaCha20Rng::seed_from_u64(6)).to_base64url();
    assert_eq!(LinkSecret::parse(&good).unwrap().to_base64url(), good);
    for length in (0..22).chain(23..200) {
        assert!(LinkSecret::parse(&"A".repeat(length)).is_err(), "{length} characters");
    }
    for end in ["=", "==", "+", "/", "\0", "ä"] {
        let other = format!("{}{end}", &good[..22 - end.len()]);
        assert!(LinkSecret::parse(&other).is_err(), "ends in {end}");
    }
    // 22 characters hold 132 bits: the last four must be zero (A, Q, g, w), or two links would mean one secret.
    for end in "BCDEFGHIJKLMNOPRSTUVWXYZabcdefhijklmnopqrstuvxyz0123456789-_".chars() {
        assert!(LinkSecret::parse(&format!("{}{end}", "A".repeat(21))).is_err(), "ends in {end}");
    }
}
