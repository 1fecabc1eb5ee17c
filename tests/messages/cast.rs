//! The people of the tests, and packets made by hand.

use envelock::message::{DecryptError, DecryptOptions, DecryptStream, Decrypted, Decryptor, decrypt_blocking};
use envelock::{
    Certificate, GenerateOptions, Limits, Passphrase, Password, Policy, Profile, SecretKey, Timestamp, generate,
};
use envelock_seipd::engine::{RustCrypto, ready};
use envelock_seipd::packet::{Tag, write_header};
use envelock_seipd::skesk::{KeyEncryptionKey, S2k, Skesk};
use envelock_seipd::{ChunkSize, Cipher, Mode, S2kArgon2, Suite};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

/// When everything happens: 2026-01-01.
pub const NOW: u32 = 1_767_225_600;
pub const DAY: u32 = 86_400;

pub fn at(seconds: u32) -> Timestamp {
    Timestamp::from_secs(seconds)
}

pub fn now() -> Timestamp {
    at(NOW)
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub fn policy() -> Policy {
    Policy::default()
}

pub fn limits() -> Limits {
    Limits::default()
}

/// An unlocked key made a day ago.
pub fn key(profile: Profile, name: &str) -> SecretKey {
    key_until(profile, name, None)
}

pub fn key_until(profile: Profile, name: &str, expires: Option<Timestamp>) -> SecretKey {
    let seed = name.bytes().fold(u64::from(profile == Profile::Compat), |seed, octet| seed * 31 + u64::from(octet));
    let user_ids = vec![format!("{name} <{}@demo.example>", name.to_lowercase())];
    let options = GenerateOptions { profile, user_ids, passphrase: None, created: at(NOW - DAY), expires };
    generate(&options, &mut rng(seed)).unwrap().key
}

pub fn locked(profile: Profile, name: &str, passphrase: &str) -> SecretKey {
    let mut key = key(profile, name);
    key.lock(&Passphrase::from(passphrase), &mut rng(9)).unwrap();
    key
}

pub fn decrypt_with_password(message: &[u8], password: &str) -> Result<Decrypted, DecryptError> {
    let passwords = [Password::from(password)];
    let options = DecryptOptions { message, passwords: &passwords, ..DecryptOptions::default() };
    same(options, &[7, 4096])
}

pub fn decrypt_with_key(
    message: &[u8],
    key: &SecretKey,
    verify_with: &[Certificate],
) -> Result<Decrypted, DecryptError> {
    let keys = [Decryptor { key, passphrase: None }];
    let options = DecryptOptions { message, keys: &keys, verify_with, ..DecryptOptions::default() };
    same(options, &[7, 4096])
}

/// What was released, and how it ended.
pub type Outcome = (Vec<u8>, Result<Decrypted<()>, DecryptError>);

pub fn decrypt_by(options: DecryptOptions<'_>, step: usize) -> Outcome {
    let (policy, limits) = (policy(), limits());
    let mut stream: DecryptStream<'_, [u8]> = DecryptStream::new(options, &policy, &limits, now());
    let mut released = Vec::new();
    for piece in options.message.chunks(step) {
        match stream.push_blocking(piece, &mut ()) {
            Ok(data) => released.extend_from_slice(data.as_deref().map_or(&[], Vec::as_slice)),
            Err(error) => return (released, Err(error)),
        }
    }
    match stream.finish_blocking(&mut ()) {
        Ok(Decrypted { data, filename, container, session_key, signatures, notes }) => {
            released.extend_from_slice(data.as_ref().map_or(&[], |data| data.as_slice()));
            (released, Ok(Decrypted { data: (), filename, container, session_key, signatures, notes }))
        }
        Err(error) => (released, Err(error)),
    }
}

/// Both ways of decrypting agree, whatever the pieces.
#[track_caller]
pub fn same(options: DecryptOptions<'_>, steps: &[usize]) -> Result<Decrypted, DecryptError> {
    let whole = decrypt_blocking(options, &policy(), &limits(), now(), &mut ());
    for step in steps {
        let (released, outcome) = decrypt_by(options, *step);
        match (&whole, outcome) {
            (Ok(whole), Ok(stream)) => {
                assert!(*whole.data == released, "other data by {step}");
                assert_eq!((&whole.filename, whole.container), (&stream.filename, stream.container));
                assert_eq!((&whole.session_key, &whole.signatures), (&stream.session_key, &stream.signatures));
                assert_eq!(whole.notes, stream.notes);
            }
            (Err(whole), Err(stream)) => assert_eq!(*whole, stream, "by {step}"),
            (whole, stream) => panic!("by {step}: whole {:?}, stream {:?}", whole.as_ref().err(), stream.err()),
        }
    }
    whole
}

/// One packet with a header of the new format.
pub fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write_header(&mut out, tag, body.len() as u32);
    out.extend_from_slice(body);
    out
}

pub fn literal(data: &[u8]) -> Vec<u8> {
    packet(Tag::LITERAL, &[b"b\0\0\0\0\0", data].concat())
}

/// Any packets, encrypted with SEIPD v2 and a password; Argon2 as cheap as it can be.
pub fn encrypt_packets(inner: &[u8], password: &str) -> Vec<u8> {
    let s2k = S2kArgon2 { salt: [1; 16], passes: 1, lanes: 1, memory_exponent: 3 };
    let material = s2k.derive(password.as_bytes(), 32, &envelock_seipd::Limits::default()).unwrap();
    let key = KeyEncryptionKey::derive(material.as_slice(), Cipher::Aes256, Mode::Ocb).unwrap();
    let session_key = [7; 32];
    let mut message = Vec::new();
    ready(Skesk::wrap(&RustCrypto, &key, S2k::Argon2(s2k), [2; 16], &session_key)).unwrap().serialize(&mut message);
    let suite = Suite { cipher: Cipher::Aes256, mode: Mode::Ocb, chunk: ChunkSize::DEFAULT };
    message.extend(ready(envelock_seipd::encrypt(&RustCrypto, suite, &session_key, [3; 32], inner, &mut ())).unwrap());
    message
}
