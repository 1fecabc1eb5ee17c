//! SEIPD v2 and SKESK v6 against rPGP, in both directions, with random sizes around every chunk border.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::io::Read;

use envelock_seipd::engine::{RustCrypto, ready};
use envelock_seipd::packet::split;
use envelock_seipd::skesk::{KeyEncryptionKey, S2k, Skesk};
use envelock_seipd::{ChunkSize, Cipher, Limits, Mode, S2kArgon2, Suite, Tag, decrypt, encrypt};
use pgp::composed::{Message, MessageBuilder, PlainSessionKey};
use pgp::crypto::{aead::AeadAlgorithm, sym::SymmetricKeyAlgorithm};
use pgp::packet::SymEncryptedProtectedData;
use pgp::types::{Password, StringToKey};
use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};

const CIPHERS: [Cipher; 3] = [Cipher::Aes128, Cipher::Aes192, Cipher::Aes256];
const MODES: [Mode; 3] = [Mode::Eax, Mode::Ocb, Mode::Gcm];

struct Case {
    suite: Suite,
    session_key: Vec<u8>,
    salt: [u8; 32],
    plaintext: Vec<u8>,
}

impl Case {
    fn random(rng: &mut StdRng, cipher: Cipher, mode: Mode, chunk: u8, length: usize) -> Case {
        let mut case = Case {
            suite: Suite { cipher, mode, chunk: ChunkSize::new(chunk).unwrap() },
            session_key: vec![0; cipher.key_len()],
            salt: rng.r#gen(),
            plaintext: vec![0; length],
        };
        rng.fill_bytes(&mut case.session_key);
        rng.fill_bytes(&mut case.plaintext);
        case
    }

    fn ours(&self) -> Vec<u8> {
        let packet =
            ready(encrypt(&RustCrypto, self.suite, &self.session_key, self.salt, &self.plaintext, &mut ())).unwrap();
        let packets = split(&packet).collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!((packets.len(), packets[0].tag), (1, Tag::SEIPD));
        packets[0].body.to_vec()
    }

    fn theirs(&self) -> Vec<u8> {
        let (cipher, mode) =
            (SymmetricKeyAlgorithm::from(self.suite.cipher.id()), AeadAlgorithm::from(self.suite.mode.id()));
        let chunk = self.suite.chunk.octet().try_into().unwrap();
        let mut out = vec![2, self.suite.cipher.id(), self.suite.mode.id(), self.suite.chunk.octet()];
        out.extend(self.salt);
        SymEncryptedProtectedData::encrypt_seipdv2_stream(
            cipher,
            mode,
            chunk,
            &self.session_key,
            self.salt,
            &self.plaintext[..],
        )
        .unwrap()
        .read_to_end(&mut out)
        .unwrap();
        out
    }

    /// The same octets from both, and ours opens what both made.
    fn check(&self) {
        let (ours, theirs) = (self.ours(), self.theirs());
        assert!(ours == theirs, "{:?}, {} octets", self.suite, self.plaintext.len());
        let opened = ready(decrypt(&RustCrypto, &theirs, &self.session_key, &Limits::default(), &mut ())).unwrap();
        assert!(*opened == self.plaintext, "{:?}, {} octets", self.suite, self.plaintext.len());
    }
}

#[test]
fn every_suite_and_every_border_of_small_chunks() {
    let mut rng = StdRng::seed_from_u64(1);
    for cipher in CIPHERS {
        for mode in MODES {
            for chunk in [0, 1, 3] {
                let size = 1usize << (chunk + 6);
                for chunks in 0..5 {
                    for length in (chunks * size).saturating_sub(17)..=chunks * size + 17 {
                        Case::random(&mut rng, cipher, mode, chunk, length).check();
                    }
                }
            }
        }
    }
}

#[test]
fn random_sizes_around_the_borders_of_every_chunk_size() {
    let mut rng = StdRng::seed_from_u64(2);
    for chunk in 0..=16u8 {
        let size = 1usize << (chunk + 6);
        for chunks in 1..=if chunk > 13 { 1 } else { 3 } {
            for near in [-1i64, 0, 1, rng.gen_range(-40..40)] {
                let length = (chunks * size) as i64 + near;
                let (cipher, mode) = (CIPHERS[rng.gen_range(0..3)], MODES[rng.gen_range(0..3)]);
                Case::random(&mut rng, cipher, mode, chunk, length.max(1) as usize).check();
            }
        }
        let length = rng.gen_range(1..3 * size.min(1 << 18));
        let (cipher, mode) = (CIPHERS[rng.gen_range(0..3)], MODES[rng.gen_range(0..3)]);
        Case::random(&mut rng, cipher, mode, chunk, length).check();
    }
}

#[test]
fn an_empty_text() {
    let mut rng = StdRng::seed_from_u64(3);
    for mode in MODES {
        let case = Case::random(&mut rng, Cipher::Aes256, mode, 0, 0);
        let ours = case.ours();
        assert_eq!(ours.len(), 36 + 16, "no chunk, a final tag");
        let opened = ready(decrypt(&RustCrypto, &ours, &case.session_key, &Limits::default(), &mut ())).unwrap();
        assert!(opened.is_empty());
        assert_eq!(ours, case.theirs());
    }
}

#[test]
fn rpgp_opens_a_message_with_our_skesk() {
    let mut rng = StdRng::seed_from_u64(4);
    for cipher in CIPHERS {
        for mode in MODES {
            let s2k = S2kArgon2 { salt: rng.r#gen(), passes: 1, lanes: 2, memory_exponent: 6 };
            // The S2K gives as many octets as the cipher's key has, and Argon2 of other lengths is another function.
            let material = s2k.derive(b"correct horse", cipher.key_len(), &Limits::default()).unwrap();
            let key = KeyEncryptionKey::derive(&material, cipher, mode).unwrap();
            let mut literal = vec![0xC0 | Tag::LITERAL, 6 + 5, b'b', 0, 0, 0, 0, 0];
            literal.extend(b"hello");
            let mut case = Case::random(&mut rng, cipher, mode, 2, 0);
            case.plaintext = literal;
            let skesk =
                ready(Skesk::wrap(&RustCrypto, &key, S2k::Argon2(s2k), rng.r#gen(), &case.session_key)).unwrap();

            let mut message = Vec::new();
            skesk.serialize(&mut message);
            message.extend(
                ready(encrypt(&RustCrypto, case.suite, &case.session_key, case.salt, &case.plaintext, &mut ()))
                    .unwrap(),
            );

            let mut opened = Message::from_bytes(&message[..])
                .unwrap()
                .decrypt_with_password(&Password::from("correct horse"))
                .unwrap();
            assert_eq!(opened.as_data_vec().unwrap(), b"hello", "{cipher:?} {mode:?}");
            assert!(
                Message::from_bytes(&message[..]).unwrap().decrypt_with_password(&Password::from("wrong")).is_err()
            );

            // And it reads back as it was.
            let packet = split(&message).next().unwrap().unwrap();
            assert_eq!(Skesk::parse(&packet.body).unwrap(), skesk);
        }
    }
}

#[test]
fn we_open_a_message_that_rpgp_made() {
    let mut rng = StdRng::seed_from_u64(5);
    for cipher in CIPHERS {
        for mode in MODES {
            for length in [0, 1, 1000, 70_000] {
                let mut text = vec![0; length];
                rng.fill_bytes(&mut text);
                let chunk = pgp::crypto::aead::ChunkSize::C1KiB;
                let (theirs, mode_id) = (SymmetricKeyAlgorithm::from(cipher.id()), AeadAlgorithm::from(mode.id()));
                let mut builder =
                    MessageBuilder::from_bytes("", text.clone()).seipd_v2(&mut rng, theirs, mode_id, chunk);
                let s2k = StringToKey::new_argon2(&mut rng, 1, 1, 5);
                builder.encrypt_with_password(&mut rng, s2k.clone(), &Password::from("pass")).unwrap();
                let message = builder.to_vec(&mut rng).unwrap();

                let packets = split(&message).collect::<Result<Vec<_>, _>>().unwrap();
                assert_eq!(packets.iter().map(|p| p.tag).collect::<Vec<_>>(), [Tag::SKESK, Tag::SEIPD]);
                let skesk = Skesk::parse(&packets[0].body).unwrap();
                let derived = s2k.derive_key(b"pass", cipher.key_len()).unwrap();
                let key = KeyEncryptionKey::derive(derived.as_ref(), cipher, mode).unwrap();
                let session_key = ready(skesk.unwrap(&RustCrypto, &key)).unwrap();
                let inside =
                    ready(decrypt(&RustCrypto, &packets[1].body, &session_key, &Limits::default(), &mut ())).unwrap();
                let literal = envelock_seipd::inner::inner(&inside).unwrap();
                assert!(literal.literal == text && !literal.signed);
            }
        }
    }
}

#[test]
fn rpgp_decrypts_with_the_session_key_what_we_encrypt_in_many_chunks() {
    let mut rng = StdRng::seed_from_u64(6);
    let mut case = Case::random(&mut rng, Cipher::Aes256, Mode::Gcm, 12, 3_000_000);
    let mut literal = Vec::new();
    envelock_seipd::packet::write_header(&mut literal, Tag::LITERAL, 6 + 3_000_000);
    literal.extend([b'b', 0, 0, 0, 0, 0]);
    literal.append(&mut case.plaintext.clone());
    let text = std::mem::replace(&mut case.plaintext, literal);
    let packet =
        ready(encrypt(&RustCrypto, case.suite, &case.session_key, case.salt, &case.plaintext, &mut ())).unwrap();
    let session_key = PlainSessionKey::V6 { key: case.session_key.clone().into() };
    let mut opened = Message::from_bytes(&packet[..]).unwrap().decrypt_with_session_key(session_key).unwrap();
    assert!(opened.as_data_vec().unwrap() == text);
}
