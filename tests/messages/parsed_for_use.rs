//! Keys whose secret numbers are read when they are used: as if they had been read at once.

use envelock::message::{EncryptOptions, SignOptions, Signer, VerdictStatus, encrypt_blocking, sign};
use envelock::{Curve, KeyError, Profile, SecretKey};
use envelock_seipd::packet::{split, write_header};

use crate::cast::{decrypt_with_key, key, limits, now, policy, rng};

const TEXT: &[u8] = b"Moin";
const PROFILES: [Profile; 4] =
    [Profile::Compat, Profile::Rfc9580, Profile::Nist { curve: Curve::P256 }, Profile::Rsa { bits: 2048 }];

fn for_use(octets: &[u8]) -> SecretKey {
    SecretKey::parse_for_use(octets, &limits()).unwrap()
}

fn round_trip(key: &SecretKey) -> VerdictStatus {
    let (recipients, signers) = ([key.certificate()], [Signer { key, passphrase: None }]);
    let options =
        EncryptOptions { data: TEXT, recipients: &recipients, signers: &signers, ..EncryptOptions::default() };
    let message = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap();
    let opened = decrypt_with_key(&message, key, &recipients).unwrap();
    assert_eq!(opened.data.as_slice(), TEXT);
    opened.signatures[0].status
}

#[test]
fn they_sign_decrypt_and_are_written_as_they_came() {
    for profile in PROFILES {
        let whole = key(profile, "Anna");
        let octets = whole.to_bytes();
        let anna = for_use(&octets);
        assert_eq!(anna.to_bytes(), octets, "{profile:?}");
        assert_eq!(*anna.as_pgp(), *whole.as_pgp(), "{profile:?}");
        assert_eq!((anna.is_locked(), anna.components().count()), (false, 2), "{profile:?}");
        anna.unlock_check(None, &limits()).unwrap();
        assert_eq!(round_trip(&anna), VerdictStatus::Valid, "{profile:?}");

        let mut locked = anna.clone();
        locked.lock(&"harbour".into(), &mut rng(2)).unwrap();
        let mut opened = SecretKey::parse(&locked.to_bytes(), &limits()).unwrap();
        opened.unlock(&"harbour".into(), &limits()).unwrap();
        assert_eq!(opened.to_bytes(), octets, "{profile:?}");
        assert_eq!(round_trip(&opened), VerdictStatus::Valid, "{profile:?}");
    }
}

/// The key with other secret octets in one of its packets, which are as many, and the sum that fits.
fn with_secret(key: &SecretKey, place: usize, change: impl Fn(&mut [u8])) -> Vec<u8> {
    let certificate = key.certificate().to_bytes();
    let public = split(&certificate).map(Result::unwrap).nth(place).unwrap().body.len();
    let mut octets = Vec::new();
    for (index, packet) in split(&key.to_bytes()).map(Result::unwrap).enumerate() {
        let mut body = packet.body.to_vec();
        if index == place {
            let end = body.len() - 2;
            change(&mut body[public + 1..end]);
            let sum = body[public + 1..end].iter().fold(0u16, |sum, octet| sum.wrapping_add(u16::from(*octet)));
            body[end..].copy_from_slice(&sum.to_be_bytes());
        }
        write_header(&mut octets, packet.tag, body.len() as u32);
        octets.extend(body);
    }
    octets
}

#[test]
fn numbers_that_are_wrong_are_told_by_who_uses_them() {
    for (profile, code) in [
        (Profile::Compat, "secret-mismatch"),
        (Profile::Nist { curve: Curve::P256 }, "secret-mismatch"),
        (Profile::Rsa { bits: 2048 }, "malformed"),
    ] {
        let whole = key(profile, "Anna");
        let wrong = for_use(&with_secret(&whole, 0, |numbers| numbers[20] ^= 1));
        let signers = [Signer { key: &wrong, passphrase: None }];
        let options = SignOptions { data: TEXT, signers: &signers, ..SignOptions::default() };
        let signed = sign(options, &policy(), &limits(), now(), &mut rng(1));
        assert_eq!(signed.unwrap_err().code(), code, "{profile:?}");
        // The subkey is as it was.
        let recipients = [whole.certificate()];
        let options = EncryptOptions { data: TEXT, recipients: &recipients, ..EncryptOptions::default() };
        let message = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap();
        assert_eq!(decrypt_with_key(&message, &wrong, &[]).unwrap().data.as_slice(), TEXT);
    }
}

#[test]
fn numbers_that_cannot_be_read_are_not_shown() {
    // A number that is longer than the octets that are there.
    let octets = with_secret(&key(Profile::Compat, "Anna"), 0, |numbers| numbers[0] = 0xff);
    assert_eq!(SecretKey::parse(&octets, &limits()).unwrap_err().code(), "malformed");
    let anna = for_use(&octets);
    assert_eq!(anna.unlock_check(None, &limits()).unwrap_err().code(), "malformed");
    let shown = anna.as_pgp();
    assert!(
        shown.primary_key.secret_params().is_encrypted() && !shown.secret_subkeys[0].key.secret_params().is_encrypted()
    );
}

#[test]
fn a_subkey_that_cannot_be_read_is_as_good_as_none() {
    let whole = key(Profile::Compat, "Anna");
    let subkey = split(&whole.to_bytes()).map(Result::unwrap).position(|packet| packet.tag == 7).unwrap();
    let octets = with_secret(&whole, subkey, |numbers| numbers[0] = 0xff);
    let recipients = [whole.certificate()];
    let options = EncryptOptions { data: TEXT, recipients: &recipients, ..EncryptOptions::default() };
    let message = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap();
    for key in [SecretKey::parse(&octets, &limits()).unwrap(), for_use(&octets)] {
        assert_eq!(decrypt_with_key(&message, &key, &[]).unwrap_err().code(), "no-matching-key");
    }
}

/// Files whose inverse is that of the other prime, or none at all: nobody looked at it so far.
#[test]
fn a_wrong_inverse_of_rsa_is_computed_anew() {
    let whole = key(Profile::Rsa { bits: 2048 }, "Anna");
    for parse in [SecretKey::parse, SecretKey::parse_for_use] {
        let last = |numbers: &mut [u8]| *numbers.last_mut().unwrap() ^= 1;
        let anna = parse(&with_secret(&whole, 0, last), &limits()).unwrap();
        anna.unlock_check(None, &limits()).unwrap();
        assert_eq!(round_trip(&anna), VerdictStatus::Valid);
    }
}

/// Whoever may write to the file could have the secret part signed away with a public part of his.
#[test]
fn numbers_of_rsa_that_do_not_belong_to_the_public_key() {
    let (anna, eve) = (key(Profile::Rsa { bits: 2048 }, "Anna"), key(Profile::Rsa { bits: 2048 }, "Eve"));
    let public = split(&eve.certificate().to_bytes()).next().unwrap().unwrap().body.to_vec();
    let mut octets = Vec::new();
    for (index, packet) in split(&anna.to_bytes()).map(Result::unwrap).enumerate() {
        let mut body = packet.body.to_vec();
        if index == 0 {
            body[6..public.len()].copy_from_slice(&public[6..]);
        }
        write_header(&mut octets, packet.tag, body.len() as u32);
        octets.extend(body);
    }
    let component_fails = |key: &SecretKey| key.components().next().unwrap().unlock(None, &limits()).is_err();
    assert!(component_fails(&for_use(&octets)));
    assert!(matches!(SecretKey::parse(&octets, &limits()), Err(KeyError::Malformed { .. })));
}
