//! The code of a keystore under the key that an account's password gives.

use envelock::keystore::{AccountKey, KeystoreError, RecoveryCode, open_code, seal_code};
use envelock_seipd::engine::RustCrypto;

use crate::{now, rng};

fn key(octet: u8) -> AccountKey {
    AccountKey::new(&[octet; 64]).unwrap()
}

#[test]
fn the_same_password_opens_it_and_no_other() {
    let mut rng = rng();
    let code = RecoveryCode::generate(&mut rng);
    let sealed = now(seal_code(&code, &key(1), &mut rng, &RustCrypto)).unwrap();
    assert!(now(open_code(&sealed, &key(1), &RustCrypto)).unwrap() == code);
    let refused = now(open_code(&sealed, &key(2), &RustCrypto)).err().unwrap();
    assert_eq!((refused.code(), &refused), ("wrong-account-key", &KeystoreError::WrongAccountKey));
    assert_ne!(now(seal_code(&code, &key(1), &mut rng, &RustCrypto)).unwrap(), sealed, "its nonce is random");
    for length in [0, 32, 63, 65] {
        assert_eq!(AccountKey::new(&vec![1; length]).err().unwrap(), KeystoreError::WrongAccountKey);
    }
}

#[test]
fn whatever_is_changed_does_not_open() {
    let mut rng = rng();
    let code = RecoveryCode::generate(&mut rng);
    let sealed = now(seal_code(&code, &key(1), &mut rng, &RustCrypto)).unwrap();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(now(open_code(&changed, &key(1), &RustCrypto)).is_err(), "octet {at}");
        assert!(now(open_code(&sealed[..at], &key(1), &RustCrypto)).is_err(), "cut at {at}");
    }
    assert!(now(open_code(&[sealed.as_slice(), &sealed].concat(), &key(1), &RustCrypto)).is_err());
}

/// What is stored somewhere must open for ever.
#[test]
fn a_code_that_was_sealed_once_opens() {
    let sealed = include_bytes!("pinned/account-code-v1.pgp");
    let code = now(open_code(sealed, &key(7), &RustCrypto)).unwrap();
    assert_eq!(code.text().as_str(), include_str!("pinned/account-code-v1.txt").trim_end());
}
