//! Stored keystores, backups and paper that must open for ever.

use envelock::keystore::{Keystore, PrfOutput, RecoveryCode, backup, shares};
use envelock::{Limits, SecretKey};
use envelock_seipd::engine::RustCrypto;

use crate::{now, rng};

/// Before there were passkeys: one SKESK, passphrase "harbour".
const HEADER: &[u8] = include_bytes!("pinned/header-v1.pgp");
/// The same keystore; passkey "phone", whose PRF gives 32 times 7, as well.
const HEADER_PASSKEY: &[u8] = include_bytes!("pinned/header-v1-passkey.pgp");
/// The entry "record:note" with the text "hello".
const ENTRY: &[u8] = include_bytes!("pinned/entry-v1.pgp");
const SLOT: &str = "e75f2bcdf3604a76ee7fd85095fd5fd3";
/// A key and the record "record:note" with the text "hello".
const BACKUP: &[u8] = include_bytes!("pinned/backup-v1.pgp");
const FINGERPRINT: &str = "E61279D2DEF04481ACFBF45F0BD5777B2A68F1E8";
const CODE: &str = "TBXPS-YZ90Y-231V5-GZ0D0-B3SYT-EPBZP-NZVJD";
/// Two of three.
const SHARES: [&str; 2] =
    ["QNT41-2130B-58D62-K132C-GE8YZ-PVTGR-VC23P-2CDF8-ZWQYT", "QNT41-2331S-S9M6J-8STQT-MMTMD-TJFTE-DKNSG-VWDZG-BT7X4"];

fn note(keystore: &Keystore) -> (String, Vec<u8>) {
    let (name, data) = now(keystore.unseal(SLOT, ENTRY, &Limits::default(), &RustCrypto)).unwrap();
    (name, data.to_vec())
}

#[test]
fn keystores() {
    for header in [HEADER, HEADER_PASSKEY] {
        let keystore = now(Keystore::open(header, &"harbour".into(), &Limits::default(), &RustCrypto)).unwrap();
        assert_eq!(note(&keystore), ("record:note".into(), b"hello".to_vec()));
    }
    let (prf, limits) = (PrfOutput::new(&[7; 32]).unwrap(), Limits::default());
    let opened = Keystore::open_with_passkey(HEADER_PASSKEY, b"phone", &prf, &limits, &RustCrypto);
    let (keystore, passphrase) = now(opened).unwrap();
    assert_eq!(note(&keystore).0, "record:note");
    assert_eq!(passphrase.as_bytes(), b"harbour");
}

#[test]
fn backups() {
    let code = RecoveryCode::parse(CODE).unwrap();
    assert!(shares::join(&SHARES).unwrap() == code);
    let passphrase = "new".into();
    let contents = now(backup::open(BACKUP, &code, &passphrase, &Limits::default(), &mut rng(), &RustCrypto)).unwrap();
    assert_eq!(contents.records[0].name, "record:note");
    assert_eq!(*contents.records[0].data, b"hello");
    let key = SecretKey::parse(&contents.keys[0], &Limits::default()).unwrap();
    assert_eq!(format!("{:X}", key.fingerprint()), FINGERPRINT);
    assert!(key.unlock_check(Some(&passphrase), &Limits::default()).is_ok());
}
