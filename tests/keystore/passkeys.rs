//! A keystore opens with any of its passkeys, and always with its passphrase.

use envelock::Limits;
use envelock::keystore::{Keystore, KeystoreError, MAX_PASSKEYS, Passkey, PrfOutput, passkeys, remove_passkey};
use envelock_seipd::engine::RustCrypto;

use crate::{keystore, now, rng};

fn passkey(name: &str) -> Passkey {
    Passkey { credential: name.as_bytes().to_vec(), prf_input: [name.len() as u8; 32] }
}

fn prf(octet: u8) -> PrfOutput {
    PrfOutput::new(&[octet; 32]).unwrap()
}

fn add(keystore: &Keystore, header: &[u8], name: &str, octet: u8, passphrase: &str) -> Result<Vec<u8>, KeystoreError> {
    let (prf, passphrase, mut rng) = (prf(octet), passphrase.into(), rng());
    now(keystore.add_passkey(header, passkey(name), &prf, &passphrase, &mut rng, &RustCrypto))
}

fn enrolled(keystore: &Keystore, header: &[u8], name: &str, octet: u8, passphrase: &str) -> Vec<u8> {
    add(keystore, header, name, octet, passphrase).unwrap()
}

fn changed(keystore: &Keystore, header: &[u8], passphrase: &str) -> Result<Vec<u8>, KeystoreError> {
    now(keystore.change_passphrase(header, &passphrase.into(), &Limits::default(), &mut rng(), &RustCrypto))
}

fn open(header: &[u8], name: &str, octet: u8) -> Result<(Keystore, envelock::Passphrase), KeystoreError> {
    now(Keystore::open_with_passkey(header, name.as_bytes(), &prf(octet), &Limits::default(), &RustCrypto))
}

fn opens_with(header: &[u8], passphrase: &str) -> bool {
    now(Keystore::open(header, &passphrase.into(), &Limits::default(), &RustCrypto)).is_ok()
}

#[test]
fn each_passkey_opens_the_same_keystore_and_brings_the_passphrase() {
    let (keystore, plain) = keystore(&mut rng());
    assert_eq!(passkeys(&plain).unwrap(), []);
    let header = enrolled(&keystore, &plain, "phone", 1, "harbour");
    let header = enrolled(&keystore, &header, "laptop", 2, "harbour");
    assert_eq!(passkeys(&header).unwrap(), [passkey("phone"), passkey("laptop")]);
    for (name, octet) in [("phone", 1), ("laptop", 2)] {
        let (opened, passphrase) = open(&header, name, octet).unwrap();
        assert_eq!(opened.slot("a"), keystore.slot("a"), "the same session key");
        assert_eq!(passphrase.as_bytes(), b"harbour");
    }
    assert!(opens_with(&header, "harbour"));
    assert!(!opens_with(&header, "harbor"));
}

#[test]
fn a_wrong_or_foreign_passkey_is_refused() {
    let (keystore, plain) = keystore(&mut rng());
    let header = enrolled(&keystore, &plain, "phone", 1, "harbour");
    assert_eq!(open(&header, "phone", 2).err().unwrap(), KeystoreError::WrongPasskey);
    assert_eq!(open(&header, "other", 1).err().unwrap(), KeystoreError::UnknownPasskey);
    assert_eq!(open(&plain, "phone", 1).err().unwrap(), KeystoreError::UnknownPasskey);
    assert_eq!(PrfOutput::new(&[1; 31]).err().unwrap(), KeystoreError::WrongPasskey);
    // The key is bound to the credential: the same PRF output under another name opens nothing.
    let at = header.windows(5).position(|window| window == b"phone").unwrap();
    let mut moved = header.clone();
    moved[at..at + 5].copy_from_slice(b"stone");
    assert_eq!(open(&moved, "stone", 1).err().unwrap(), KeystoreError::WrongPasskey);
}

#[test]
fn a_new_passphrase_keeps_the_passkeys() {
    let (keystore, plain) = keystore(&mut rng());
    let header = enrolled(&keystore, &plain, "phone", 1, "harbour");
    let changed_header = changed(&keystore, &header, "lantern").unwrap();
    assert!(opens_with(&changed_header, "lantern") && !opens_with(&changed_header, "harbour"));
    assert_eq!(open(&changed_header, "phone", 1).unwrap().1.as_bytes(), b"lantern");
    assert_eq!(changed(&keystore, &header, "").unwrap_err(), KeystoreError::EmptyPassphrase);
}

#[test]
fn a_removed_passkey_opens_nothing_and_the_last_takes_the_sealed_passphrase_along() {
    let (keystore, plain) = keystore(&mut rng());
    let header = enrolled(&keystore, &plain, "phone", 1, "harbour");
    let both = enrolled(&keystore, &header, "laptop", 2, "harbour");
    let one = remove_passkey(&both, b"phone").unwrap();
    assert_eq!(open(&one, "phone", 1).err().unwrap(), KeystoreError::UnknownPasskey);
    assert!(open(&one, "laptop", 2).is_ok());
    assert_eq!(remove_passkey(&one, b"laptop").unwrap(), plain);
    assert_eq!(remove_passkey(&plain, b"laptop").unwrap_err(), KeystoreError::UnknownPasskey);
}

#[test]
fn the_same_credential_is_replaced_and_too_many_are_refused() {
    let (keystore, mut header) = keystore(&mut rng());
    for number in 0..MAX_PASSKEYS {
        header = enrolled(&keystore, &header, &format!("passkey {number}"), number as u8, "harbour");
    }
    header = enrolled(&keystore, &header, "passkey 3", 99, "harbour");
    assert!(open(&header, "passkey 3", 99).is_ok() && open(&header, "passkey 3", 3).is_err());
    assert_eq!(add(&keystore, &header, "one more", 1, "harbour").unwrap_err().code(), "too-many-passkeys");
    for credential in [String::new(), "x".repeat(1024)] {
        assert_eq!(add(&keystore, &header, &credential, 1, "p").unwrap_err(), KeystoreError::UnknownPasskey);
    }
}

#[test]
fn the_header_hides_the_passphrase_and_its_length() {
    let (keystore, plain) = keystore(&mut rng());
    let sizes: Vec<usize> = ["p", "harbour harbour harbour", &"x".repeat(126)]
        .map(|passphrase| enrolled(&keystore, &plain, "phone", 1, passphrase).len())
        .to_vec();
    assert_eq!(sizes, [sizes[0]; 3]);
    let header = enrolled(&keystore, &plain, "phone", 1, "harbour");
    assert!(!header.windows(7).any(|window| window == b"harbour"));
    let long = "ä".repeat(300);
    let header = enrolled(&keystore, &plain, "phone", 1, &long);
    assert_eq!(open(&header, "phone", 1).unwrap().1.as_str(), Some(long.as_str()));
}

#[test]
fn every_changed_octet_of_a_header_is_noticed_and_none_panics() {
    let (keystore, plain) = keystore(&mut rng());
    let header = enrolled(&keystore, &plain, "phone", 1, "harbour");
    for at in plain.len()..header.len() {
        for mask in [1, 0x80] {
            let mut changed = header.clone();
            changed[at] ^= mask;
            // The input of the PRF is not checked here: another input gives another output.
            let refused = open(&changed, "phone", 1).map(|(_, passphrase)| passphrase.as_bytes().to_vec());
            let input = passkeys(&changed).is_ok_and(|all| all[0].prf_input != passkey("phone").prf_input);
            assert!(refused.is_err() || input, "octet {at}");
        }
        let cut = open(&header[..at], "phone", 1);
        assert!(cut.is_err(), "cut at {at}");
    }
}
