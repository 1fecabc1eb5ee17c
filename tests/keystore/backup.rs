//! A backup opens with its recovery code, here and in other programs, and with nothing else.

use envelock::keystore::backup::{self, Contents, Record};
use envelock::keystore::{KeystoreError, RecoveryCode};
use envelock::{Limits, Passphrase, Profile, SecretKey, armor};
use envelock_seipd::{
    engine::RustCrypto,
    packet::{split, write_header},
};
use pgp::composed::{Deserializable, Message};
use zeroize::Zeroizing;

use crate::{at, key, now, rng};

/// A key under the keystore's passphrase, one with its own, a certificate, and a record.
fn contents() -> Contents {
    let mut rng = rng();
    let (kept, own) =
        (key(Profile::Compat, Some("harbour"), &mut rng), key(Profile::Rfc9580, Some("its own"), &mut rng));
    let certificate = key(Profile::Compat, None, &mut rng).certificate();
    let keys = [kept.to_bytes(), own.to_bytes(), certificate.to_bytes()];
    let record = Record { name: "record:links ü".into(), data: Zeroizing::new(b"{\"n\":[1,2]}\xFF\0".to_vec()) };
    Contents { keys: keys.map(Zeroizing::new).to_vec(), records: vec![record] }
}

fn code() -> RecoveryCode {
    RecoveryCode::generate(&mut rng())
}

fn seal(contents: &Contents) -> Vec<u8> {
    now(backup::seal(contents, &"harbour".into(), &code(), at(), &Limits::default(), &mut rng(), &RustCrypto)).unwrap()
}

fn sealed() -> Vec<u8> {
    seal(&contents())
}

fn open_under(file: &[u8], code: &RecoveryCode, passphrase: &str) -> Result<Contents, KeystoreError> {
    now(backup::open(file, code, &passphrase.into(), &Limits::default(), &mut rng(), &RustCrypto))
}

fn open(file: &[u8], code: &RecoveryCode) -> Result<Contents, KeystoreError> {
    open_under(file, code, "new")
}

fn unlocks(key: &[u8], passphrase: &str) -> bool {
    let key = SecretKey::parse(key, &Limits::default()).unwrap();
    key.unlock_check(Some(&Passphrase::from(passphrase)), &Limits::default()).is_ok()
}

#[test]
fn everything_comes_back_under_the_new_passphrase() {
    let (before, file) = (contents(), sealed());
    for file in [file.clone(), armor::write(armor::ArmorKind::Message, &file).into_bytes()] {
        let after = open(&file, &code()).unwrap();
        assert_eq!(after.keys.len(), 3);
        assert!(unlocks(&after.keys[0], "new") && !unlocks(&after.keys[0], "harbour"));
        assert!(after.keys[1] == before.keys[1], "a key with a passphrase of its own stays as it is");
        assert!(after.keys[2] == before.keys[2], "a certificate stays as it is");
        assert!(after.records == before.records);
    }
}

/// GnuPG can give each part of a key its own passphrase. What opens with that of the keystore must not need it any longer.
#[test]
fn the_parts_of_a_key_are_locked_anew_each_by_itself() {
    let open_key = key(Profile::Compat, None, &mut rng());
    let locked = |passphrase: &str| {
        let mut key = open_key.clone();
        key.lock(&passphrase.into(), &mut rng()).unwrap();
        key.to_bytes()
    };
    let (kept, own) = (locked("harbour"), locked("its own"));
    let subkey = |octets: &[u8]| split(octets).filter_map(Result::ok).find(|it| it.tag == 7).unwrap().span.start;
    let (primary_kept, subkey_own) = (&kept[..subkey(&kept)], &own[subkey(&own)..]);
    let mixed = Zeroizing::new([primary_kept, subkey_own].concat());
    let contents = Contents { keys: vec![mixed], ..Contents::default() };
    let after = open(&seal(&contents), &code()).unwrap();

    let key = SecretKey::parse(&after.keys[0], &Limits::default()).unwrap();
    let opens = |passphrase: &str| -> Vec<bool> {
        key.components().map(|it| it.unlock(Some(&passphrase.into()), &Limits::default()).is_ok()).collect()
    };
    assert_eq!(opens("new"), [true, false]);
    assert_eq!(opens("its own"), [false, true]);
    assert_eq!(opens("harbour"), [false, false]);
}

/// Such as a post-quantum subkey in a build without that: to lock it anew would be to lose it.
#[test]
fn a_key_with_a_secret_that_nothing_here_reads_stays_to_the_octet() {
    let octets = key(Profile::Compat, Some("harbour"), &mut rng()).to_bytes();
    let mut strange = Zeroizing::new(Vec::new());
    for raw in split(&octets).map(Result::unwrap) {
        let mut body = raw.body.to_vec();
        if raw.tag == 7 {
            body[5] = 99;
        }
        write_header(&mut strange, raw.tag, body.len() as u32);
        strange.extend_from_slice(&body);
    }
    let contents = Contents { keys: vec![strange.clone()], ..Contents::default() };
    assert!(open(&seal(&contents), &code()).unwrap().keys[0] == strange);
}

#[test]
fn another_openpgp_implementation_reads_it_with_the_code_as_printed() {
    let message = Message::from_bytes(std::io::Cursor::new(sealed())).unwrap();
    let password = pgp::types::Password::from(code().text().as_str());
    let text = message.decrypt_with_password(&password).unwrap().as_data_string().unwrap();
    assert!(text.starts_with("Envelock keystore backup 1\nMade: 1780000000\n"), "{text}");
    let blocks = armor::read_all(text.as_bytes(), 1 << 20).unwrap();
    assert_eq!(blocks.len(), 3);
    let (key, _) = pgp::composed::SignedSecretKey::from_armor_single(std::io::Cursor::new(text.as_bytes())).unwrap();
    assert!(key.verify_bindings().is_ok());
    assert!(unlocks(&blocks[0].octets, &code().text()), "locked under the code, not the passphrase");
    assert!(!unlocks(&blocks[0].octets, "harbour"));
}

#[test]
fn a_wrong_code_and_a_damaged_file_are_told_apart() {
    let (file, other) = (sealed(), RecoveryCode::parse("00000").err().unwrap());
    assert_eq!(other.code(), "recovery-code-mistyped");
    let mut rng = rng();
    let _same_as_code = RecoveryCode::generate(&mut rng);
    let wrong = RecoveryCode::generate(&mut rng);
    assert_eq!(open(&file, &wrong).err().unwrap(), KeystoreError::WrongRecoveryCode);
    let mut changed = file.clone();
    *changed.last_mut().unwrap() ^= 1;
    for damaged in [&changed, &file[..file.len() - 1], &file[..100], &b"not a backup"[..], &[], &[0xC3], &file[80..]] {
        let code = open(damaged, &code()).err().unwrap().code();
        assert_eq!(code, "backup-damaged", "{} octets", damaged.len());
    }
}

#[test]
fn a_message_that_is_no_backup_is_refused() {
    let (file, contents) = (sealed(), open(&sealed(), &code()).unwrap());
    assert!(!contents.keys.is_empty() && !file.is_empty());
    let mut rng = rng();
    let mut builder = pgp::composed::MessageBuilder::from_bytes("", "hello".as_bytes()).seipd_v2(
        &mut rng,
        pgp::crypto::sym::SymmetricKeyAlgorithm::AES256,
        pgp::crypto::aead::AeadAlgorithm::Gcm,
        pgp::crypto::aead::ChunkSize::default(),
    );
    let s2k = pgp::types::StringToKey::Argon2 { salt: [1; 16], t: 3, p: 4, m_enc: 16 };
    builder.encrypt_with_password(&mut rng, s2k, &code().text().as_str().into()).unwrap();
    let message = builder.to_vec(&mut rng).unwrap();
    let refused = open(&message, &code()).err().unwrap();
    assert_eq!(refused, KeystoreError::BackupDamaged { what: "not a keystore, or of another version" });
}

#[test]
fn a_backup_that_costs_too_much_is_refused_before_any_work() {
    let mut file = sealed();
    // Packet header 2, version, count, cipher, mode, S2K length, S2K type, salt 16, t, p, encoded m.
    assert_eq!(file[26], 16);
    file[26] = 31;
    assert_eq!(open(&file, &code()).err().unwrap().code(), "too-expensive");
}

#[test]
fn the_size_tells_little() {
    let mut sizes = std::collections::BTreeSet::new();
    for length in [0, 1, 5, 9, 14, 20] {
        let record = Record { name: "r".into(), data: Zeroizing::new(vec![b'x'; 4000 + length]) };
        let contents = Contents { records: vec![record], ..Contents::default() };
        sizes.insert(seal(&contents).len());
    }
    assert!(sizes.len() <= 2, "{sizes:?}");
}

#[test]
fn an_empty_new_passphrase_is_refused() {
    assert_eq!(open_under(&sealed(), &code(), "").err().unwrap(), KeystoreError::EmptyPassphrase);
}
