//! Keys whose secret numbers are read when they are used: as if they had been read at once.

use envelock::message::{EncryptOptions, SignOptions, Signer, VerdictStatus, encrypt_blocking, sign};
use envelock::{Curve, KeyError, KeyringItem, Profile, SecretKey, read_keys};
use envelock_seipd::packet::{split, write_header};
use num_bigint_dig::{BigUint, ModInverse};
use pgp::ser::Serialize;
use pgp::types::{Mpi, PlainSecretParams, SecretParams};

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
        (Profile::Rsa { bits: 2048 }, "secret-mismatch"),
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
    let unlocked = |key: &SecretKey| key.components().next().unwrap().unlock(None, &limits()).map(|_| ());
    assert_eq!(unlocked(&for_use(&octets)), Err(KeyError::SecretMismatch));
    assert!(matches!(SecretKey::parse(&octets, &limits()), Err(KeyError::Malformed { .. })));
}

/// With primes that have no inverse modulo each other rPGP panics.
#[test]
fn primes_of_rsa_that_are_the_same() {
    let anna = key(Profile::Rsa { bits: 2048 }, "Anna");
    let pgp = anna.as_pgp();
    let SecretParams::Plain(PlainSecretParams::RSA(secret)) = pgp.primary_key.secret_params() else { panic!() };
    let number = |octets: &[u8]| BigUint::from_bytes_be(octets);
    let (p, e) = (number(&secret.to_bytes().1), number(&[1, 0, 1]));
    let d = e.clone().mod_inverse(&p - number(&[1])).unwrap().to_biguint().unwrap();
    let mpis = |numbers: &[&BigUint]| -> Vec<u8> {
        numbers.iter().flat_map(|number| Mpi::from_slice(&number.to_bytes_be()).to_bytes().unwrap()).collect()
    };
    let (public, secret) = (mpis(&[&(&p * &p), &e]), mpis(&[&d, &p, &p, &number(&[2])]));
    let sum = secret.iter().fold(0u16, |sum, octet| sum.wrapping_add(u16::from(*octet)));
    let body = [&[4, 0, 0, 0, 0, 1][..], &public, &[0], &secret, &sum.to_be_bytes()].concat();
    let mut octets = Vec::new();
    write_header(&mut octets, 5, body.len() as u32);
    octets.extend(body);

    assert!(matches!(SecretKey::parse(&octets, &limits()), Err(KeyError::Malformed { .. })));
    assert!(matches!(read_keys(&octets, &limits()).unwrap().entries[0].item, KeyringItem::Certificate(_)));
    assert_eq!(for_use(&octets).unlock_check(None, &limits()), Err(KeyError::SecretMismatch));
    assert!(for_use(&octets).as_pgp().primary_key.secret_params().is_encrypted(), "as if it were kept elsewhere");
}

/// Of version 6 no sum says where numbers end: what is behind them is not theirs.
#[test]
fn numbers_of_version_6_are_read_to_the_end() {
    let whole = key(Profile::Rfc9580, "Anna");
    for place in [0, 2] {
        for change in [|body: &mut Vec<u8>| body.push(0), |body: &mut Vec<u8>| body.truncate(body.len() - 1)] {
            let mut octets = Vec::new();
            for (index, packet) in split(&whole.to_bytes()).map(Result::unwrap).enumerate() {
                let mut body = packet.body.to_vec();
                if packet.tag == [5, 5, 7][place] && (place == 0) == (index == 0) {
                    change(&mut body);
                }
                write_header(&mut octets, packet.tag, body.len() as u32);
                octets.extend(body);
            }
            assert_eq!(for_use(&octets).unlock_check(None, &limits()).unwrap_err().code(), "malformed");
            let components = SecretKey::parse(&octets, &limits()).map(|key| key.components().count());
            assert!(matches!(components, Err(KeyError::Malformed { .. }) | Ok(1)));
        }
    }
}

/// rPGP's own `Debug` shows numbers that it has not read.
#[test]
fn debug_shows_no_numbers() {
    let octets = key(Profile::Compat, "Anna").to_bytes();
    let primary = split(&octets).next().unwrap().unwrap().body.to_vec();
    let number: String =
        primary[primary.len() - 34..primary.len() - 2].iter().map(|octet| format!("{octet:02x}")).collect();
    let anna = for_use(&octets);
    let component = anna.components().next().unwrap();
    let unlocked = component.unlock(None, &limits()).unwrap();
    for shown in
        [format!("{anna:?}"), format!("{component:?}"), format!("{unlocked:?}"), format!("{:?}", anna.as_pgp())]
    {
        assert!(!shown.contains(&number), "{shown}");
    }
}
