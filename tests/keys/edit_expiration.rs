//! When keys and subkeys end, changed.

use envelock::{KeyError, Policy, Profile, SecretKey, Status, Timestamp};
use pgp::{
    packet::{Notation, SubpacketData},
    types::KeyDetails,
};

use crate::edit_bench::{ANNA, BERG, BOTH, Bench, changes, locked, made, rng, users};
use crate::forge::{Back, Forge, day, says};

fn end(key: &SecretKey, at: Timestamp) -> Option<Timestamp> {
    key.certificate().at(&Policy::default(), at).expires()
}

#[test]
fn it_is_set_prolonged_and_taken_away() {
    for (profile, signatures) in BOTH.into_iter().zip([2, 1]) {
        let key = locked(profile);
        let bench = Bench::at(5);
        let ends = key.set_expiration(Some(day(100)), &bench.options(), &mut rng()).unwrap();
        // v4: each of two user IDs; v6: the direct-key signature.
        assert_eq!(changes(&key, &ends).iter().map(|it| it.0).collect::<Vec<_>>(), vec![2; signatures]);
        assert_eq!((end(&ends, day(4)), end(&ends, day(6))), (None, Some(day(100))));
        assert_eq!(ends.certificate().at(&Policy::default(), day(100)).status(), Status::Expired { at: day(100) });

        // Long after its end it comes back to life, and can be used from then on.
        let late = Bench::at(200);
        let longer = ends.set_expiration(Some(day(300)), &late.options(), &mut rng()).unwrap();
        assert_eq!(end(&longer, day(201)), Some(day(300)));
        let certificate = longer.certificate();
        let checked = certificate.at(&Policy::default(), day(201));
        assert!(checked.status().is_valid() && checked.encryption_keys().len() == 1);
        let never = longer.set_expiration(None, &late.options(), &mut rng()).unwrap();
        assert_eq!(end(&never, day(9000)), None);
        assert_eq!(crate::edit_bench::primary_user(&never, day(300)), ANNA);
        changes(&key, &never);
    }
}

#[test]
fn each_valid_user_id_says_it_and_what_it_said_before() {
    let key = locked(Profile::Compat).revoke_user_id(BERG, "", &Bench::at(1).options(), &mut rng()).unwrap();
    let edited = key.set_expiration(Some(day(100)), &Bench::at(5).options(), &mut rng()).unwrap();
    assert_eq!(users(&edited.certificate(), day(6))[1].1, "revoked", "a revoked one is left alone");
    let user = &edited.as_pgp().details.users;
    assert_eq!((user[0].signatures.len(), user[1].signatures.len()), (2, 2));
    let said = |index: usize| {
        let config = user[0].signatures[index].config().unwrap();
        assert_eq!(config.typ, user[0].signatures[0].config().unwrap().typ);
        let subpackets = config.hashed_subpackets.iter().filter(|it| {
            !matches!(it.data, SubpacketData::SignatureCreationTime(_) | SubpacketData::KeyExpirationTime(_))
        });
        subpackets.cloned().collect::<Vec<_>>()
    };
    assert_eq!(said(0), said(1));
}

/// Statements nobody here knows, notations, and the end of the certification itself are kept.
#[test]
fn a_refreshed_certification_says_everything_the_old_one_said() {
    let notation =
        SubpacketData::Notation(Notation { readable: true, name: "n@example.org".into(), value: "v".into() });
    let unknown = SubpacketData::Other(99, pgp::bytes::Bytes::from_static(b"?"));
    let said = says(0).certify_and_sign().regular(notation.clone()).regular(unknown.clone()).signature_days(50);
    let forged = Forge::new().user("Nora", [said.key_days(30)]).direct(says(0).key_days(30)).secret_key();
    let edited = forged.set_expiration(Some(day(200)), &Bench::at(20).without_passphrase(), &mut rng()).unwrap();
    assert_eq!(end(&edited, day(21)), Some(day(200)), "the direct-key signature says so as well");
    let certificate = edited.certificate();
    let config = certificate.as_pgp().details.users[0].signatures[1].config().unwrap();
    for data in [notation, unknown] {
        assert!(config.hashed_subpackets.iter().any(|it| it.data == data), "{data:?}");
    }
    assert_eq!(users(&edited.certificate(), day(49))[0].1, "valid");
    assert_eq!(users(&edited.certificate(), day(51))[0].1, "invalid", "its own end did not move");
}

/// What this program cannot read is somebody's all the same: a signature of version 3, and a subkey of an unknown algorithm.
#[test]
fn what_is_not_understood_stays() {
    let key = made(Profile::Compat, &[ANNA], None);
    let octets = key.to_bytes();
    let spans: Vec<_> = envelock_seipd::packet::split(&octets).map(|packet| packet.unwrap().span).collect();
    let signature = [0xc2, 19, 3, 5, 0x10, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 99, 8, 0, 0];
    let subkey = [0xce, 8, 4, 0x65, 0, 0, 0, 99, 1, 2];
    let with = [&octets[..spans[2].end], &signature, &octets[spans[2].end..], &subkey].concat();
    let given = SecretKey::parse(&with, &envelock::Limits::default()).unwrap();
    assert_eq!(given.to_bytes().len(), with.len());
    let edited = given.set_expiration(Some(day(100)), &Bench::at(5).options(), &mut rng()).unwrap();
    assert_eq!(changes(&given, &edited).len(), 1);
}

#[test]
fn subkeys_end_by_themselves() {
    for profile in BOTH {
        let key = locked(profile);
        let subkey = key.as_pgp().secret_subkeys[0].key.fingerprint();
        let bench = Bench::at(5);
        let ends = key.set_subkey_expiration(&subkey, Some(day(50)), &bench.options(), &mut rng()).unwrap();
        assert_eq!(changes(&key, &ends).len(), 1);
        let encrypts = |key: &SecretKey, at| key.certificate().at(&Policy::default(), at).encryption_keys().len() == 1;
        assert!(encrypts(&ends, day(49)) && !encrypts(&ends, day(50)));
        assert_eq!(end(&ends, day(60)), None, "the primary key lives on");
        let late = Bench::at(60);
        let again = ends.set_subkey_expiration(&subkey, None, &late.options(), &mut rng()).unwrap();
        assert!(encrypts(&again, day(61)) && !encrypts(&again, day(59)));
    }
}

/// A binding without the subkey's consent would bind a signing subkey no more, even where the consent stood unhashed.
#[test]
fn a_signing_subkey_still_consents_after_its_end_was_changed() {
    for unhashed in [false, true] {
        let forged = Forge::usual().signing_subkey(says(0).sign(), Some((says(0), Back::Subkey)));
        let forged = if unhashed { forged.with_consent_unhashed() } else { forged }.secret_key();
        let subkey = forged.as_pgp().public_subkeys[1].key.fingerprint();
        let signs = |key: &SecretKey, at| key.certificate().at(&Policy::default(), at).signing_keys().len() == 2;
        assert!(signs(&forged, day(2)));
        let edited = forged
            .set_subkey_expiration(&subkey, Some(day(30)), &Bench::at(5).without_passphrase(), &mut rng())
            .unwrap();
        assert!(signs(&edited, day(29)) && !signs(&edited, day(30)));
    }
}

#[test]
fn ends_that_make_no_sense() {
    let key = made(Profile::Compat, &[ANNA], None);
    let bench = Bench::at(5);
    let code = |result: Result<SecretKey, KeyError>| result.unwrap_err().code();
    for at in [Timestamp::from_secs(0), day(0), day(5)] {
        assert_eq!(code(key.set_expiration(Some(at), &bench.options(), &mut rng())), "bad-options", "{at:?}");
    }
    let before_it_was_made = Bench { at: Timestamp::from_secs(day(0).as_secs() - 100), ..Bench::at(0) };
    assert_eq!(code(key.set_expiration(Some(day(0)), &before_it_was_made.options(), &mut rng())), "bad-options");
    let unknown = locked(Profile::Rfc9580).fingerprint();
    let result = key.set_subkey_expiration(&unknown, Some(day(9)), &bench.options(), &mut rng());
    assert_eq!(code(result), "unknown-subkey");
    assert_eq!(
        code(key.set_subkey_expiration(&key.fingerprint(), Some(day(9)), &bench.options(), &mut rng())),
        "unknown-subkey",
        "the primary key is none"
    );
}
