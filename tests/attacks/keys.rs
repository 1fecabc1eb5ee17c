//! Keys that are made to look like, or to work against, somebody else's.

use envelock::{
    Certificate, Curve, KeyError, KeyringItem, Limits, Policy, Profile, SecretKey, Timestamp,
    inspect::{UserIdWarning, inspect},
};
use envelock_seipd::packet::{split, write_header};

use pgp::types::KeyDetails;

use crate::{
    cast::{key, limits},
    forge::{Back, Forge, day, says},
};

fn signing_keys(certificate: &Certificate, at: Timestamp) -> usize {
    certificate.at(&Policy::default(), at).signing_keys().len()
}

/// The packets of a key, with one body changed.
fn with_body(octets: &[u8], tag: u8, change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    for packet in split(octets).map(Result::unwrap) {
        let mut body = packet.body.to_vec();
        if packet.tag == tag {
            change(&mut body);
        }
        write_header(&mut out, packet.tag, body.len() as u32);
        out.extend(body);
    }
    out
}

/// That a secret part was found to belong to its public part says nothing about another public part, primary key or subkey.
#[test]
fn public_parameters_that_were_overwritten_after_the_key_was_used() {
    for profile in [Profile::Compat, Profile::Rfc9580, Profile::Nist { curve: Curve::P256 }] {
        let (anna, eve) = (key(profile, "Anna"), key(profile, "Eve"));
        let public = |key: &SecretKey, tag: u8| {
            let octets = key.certificate().to_bytes();
            let packet = split(&octets).map(Result::unwrap).find(|packet| packet.tag == tag);
            packet.unwrap().body.to_vec()
        };
        for (public_tag, secret_tag) in [(6, 5), (14, 7)] {
            anna.unlock_check(None, &limits()).unwrap();
            eve.unlock_check(None, &limits()).unwrap();
            let theirs = public(&eve, public_tag);
            let overwritten =
                with_body(&anna.to_bytes(), secret_tag, |body| body[6..theirs.len()].copy_from_slice(&theirs[6..]));
            for parse in [SecretKey::parse, SecretKey::parse_for_use] {
                let overwritten = parse(&overwritten, &limits()).unwrap();
                assert_eq!(overwritten.unlock_check(None, &limits()), Err(KeyError::SecretMismatch), "{profile:?}");
            }
        }
        anna.unlock_check(None, &limits()).unwrap();
    }
}

/// Key overwriting (Bruseghini, Huigens, Paterson 2022): the public part of a stored key is exchanged, and the signature made
/// with both gives the secret part away.
#[test]
fn public_parameters_that_were_overwritten() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let (anna, eve) = (key(profile, "Anna"), key(profile, "Eve"));
        let public = |key: &SecretKey| split(&key.certificate().to_bytes()).next().unwrap().unwrap().body.to_vec();
        let (mine, theirs) = (public(&anna), public(&eve));
        assert_eq!(mine.len(), theirs.len());
        let overwritten = with_body(&anna.to_bytes(), 5, |body| body[6..mine.len()].copy_from_slice(&theirs[6..]));
        for parse in [SecretKey::parse, SecretKey::parse_for_use] {
            let overwritten = parse(&overwritten, &limits()).unwrap();
            assert_eq!(overwritten.unlock_check(None, &limits()), Err(KeyError::SecretMismatch));
            for component in overwritten.components().take(1) {
                assert!(component.unlock(None, &limits()).is_err());
            }
        }
        anna.unlock_check(None, &limits()).unwrap();
    }
}

/// Somebody else's signing subkey, adopted, would make his signatures look like one's own ("I am Batman").
#[test]
fn subkeys_that_were_stolen() {
    let with = |back| Forge::usual().signing_subkey(says(0).sign(), back).certificate();
    assert_eq!(signing_keys(&with(None), day(1)), 1, "without 0x19");
    assert_eq!(signing_keys(&with(Some((says(0), Back::Primary))), day(1)), 1, "0x19 by the primary key");
    assert_eq!(signing_keys(&with(Some((says(0), Back::Subkey))), day(1)), 2);
    let ended = with(Some((says(0).signature_days(10), Back::Subkey)));
    assert_eq!((signing_keys(&ended, day(9)), signing_keys(&ended, day(11))), (2, 1));
    assert_eq!(signing_keys(&with(Some((says(40), Back::Subkey))), day(1)), 1, "0x19 from the future");
}

/// A name that a reader takes for another, in the text of a user ID.
#[test]
fn user_ids_that_deceive() {
    for (text, warning) in [
        ("Nora <nora@example.org>\0<eve@evil.example>", UserIdWarning::Control),
        ("Nora\n<nora@example.org>", UserIdWarning::Control),
        ("\u{202e}gro.elpmaxe@aron\u{202c} <eve@evil.example>", UserIdWarning::Bidirectional),
        ("N\u{200b}ora <eve@evil.example>", UserIdWarning::Invisible),
        ("N\u{043e}ra <eve@evil.example>", UserIdWarning::MixedScript),
        ("nora@example.org <eve@evil.example>", UserIdWarning::AddressAsName),
        ("Nora <nora@example.org> <eve@evil.example>", UserIdWarning::SeveralAddresses),
    ] {
        let eve = Forge::new().user(text, [says(0).certify_and_sign()]).certificate();
        let seen = inspect(&KeyringItem::Certificate(eve), &[], &Policy::default(), day(1)).unwrap();
        assert!(seen.user_ids[0].warnings.contains(&warning), "{text:?}: {:?}", seen.user_ids[0].warnings);
    }
    for (name, email) in
        [("No\u{7}ra", "n@example.org"), ("Nora <n@example.org>", ""), ("", "n@example.org> <e@evil.example")]
    {
        assert!(envelock::user_id(name, email).is_err(), "{name:?}");
    }
}

/// Flags and ends in the unhashed area of self-signatures, where anybody can put them.
#[test]
fn capabilities_from_the_unhashed_area() {
    let mut flags = pgp::packet::KeyFlags::default();
    flags.set_sign(true);
    flags.set_encrypt_comms(true);
    let flags = || pgp::packet::SubpacketData::KeyFlags(flags.clone());
    let certificate = Forge::new()
        .user("Nora", [says(0).unhashed(flags())])
        .encryption_subkey([says(0).unhashed(flags())])
        .certificate();
    let checked = certificate.at(&Policy::default(), day(1));
    assert!(checked.status().is_valid() && checked.encryption_keys().is_empty() && checked.signing_keys().is_empty());
}

/// Even moduli, exponents of 1 and 3, moduli of 1024 bits: each is read as no key, or as one that may nothing.
#[test]
fn weak_rsa() {
    let ivan = Forge::rsa().user("Ivan", [says(0).certify_and_sign()]).octets();
    assert_eq!(signing_keys(&Certificate::parse(&ivan, &limits()).unwrap(), day(1)), 1);
    type Change = fn(&mut Vec<u8>);
    let changes: [Change; 3] = [
        // Version, date, algorithm; the modulus, then two octets of bit count and the exponent.
        |body| {
            let end = body.len() - 6;
            body[end] ^= 1;
        },
        |body| {
            body.truncate(body.len() - 5);
            body.extend([0, 2, 3]);
        },
        |body| {
            body.truncate(body.len() - 5);
            body.extend([0, 1, 1]);
        },
    ];
    for change in changes {
        let weak = with_body(&ivan, 6, change);
        let Ok(certificate) = Certificate::parse(&weak, &Limits::default()) else { continue };
        let params = certificate.as_pgp().primary_key.public_params().clone();
        assert!(Policy::default().check_signing_key(&params, day(1)).is_err());
        assert!(Policy::default().check_encryption_key(&params).is_err());
    }
    let short = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/20-keys/cert-rsa-1024.asc");
    let short = Certificate::parse(&std::fs::read(short).unwrap(), &limits()).unwrap();
    assert!(!short.at(&Policy::default(), day(900)).status().is_valid());
}
