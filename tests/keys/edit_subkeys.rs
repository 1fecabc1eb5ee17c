//! Subkeys added and revoked, and keys whose primary secret is kept elsewhere.

use envelock::{
    Algorithm, Curve, KeyError, KeyUse, NewSubkey, Passphrase, Policy, Profile, RevocationReason, SecretKey,
};
use pgp::types::{EncryptedSecretParams, KeyDetails, S2kParams, SecretParams, StringToKey};

use crate::edit_bench::{BERG, BOTH, Bench, PASSPHRASE, changes, locked, rng};
use crate::forge::day;

const fn new(key_use: KeyUse) -> NewSubkey {
    NewSubkey { key_use, algorithm: None, expires: None }
}

#[test]
fn one_to_encrypt_to_is_added_and_used() {
    for profile in BOTH {
        let key = locked(profile);
        let edited = key.add_subkey(&new(KeyUse::Encrypt), &Bench::at(5).options(), &mut rng()).unwrap();
        assert_eq!(changes(&key, &edited).iter().map(|it| it.0).collect::<Vec<_>>(), [7, 2]);
        let certificate = edited.certificate();
        let checked = certificate.at(&Policy::default(), day(6));
        assert_eq!(checked.encryption_keys().len(), 2);
        let added = edited.as_pgp().secret_subkeys[1].key.fingerprint();
        assert_eq!(checked.encryption_keys()[0].fingerprint(), added, "the newest comes first");
        assert_eq!(certificate.at(&Policy::default(), day(4)).encryption_keys().len(), 1);
        assert_eq!(certificate.algorithms(), "Ed25519 + X25519");
        assert!(edited.components().all(|component| component.is_locked()));
        assert_eq!(
            edited.unlock_check(Some(&"x".into()), &envelock::Limits::default()).unwrap_err().code(),
            "wrong-passphrase"
        );
    }
}

#[test]
fn one_that_signs_consents() {
    for profile in BOTH {
        let key = locked(profile);
        let wanted = NewSubkey { expires: Some(day(50)), ..new(KeyUse::Sign) };
        let edited = key.add_subkey(&wanted, &Bench::at(5).options(), &mut rng()).unwrap();
        let certificate = edited.certificate();
        let added = edited.as_pgp().secret_subkeys[1].key.fingerprint();
        assert_eq!(certificate.at(&Policy::default(), day(6)).signing_keys()[0].fingerprint(), added);
        assert_eq!(edited.signing_key_at(&Policy::default(), day(6)).unwrap().fingerprint(), added);
        assert!(edited.signing_key_at(&Policy::default(), day(51)).unwrap().key().is_primary());
    }
}

#[test]
fn of_any_algorithm() {
    let algorithms = [
        (Algorithm::Curve25519, "Ed25519 + X25519"),
        (Algorithm::Nist { curve: Curve::P384 }, "Ed25519 + X25519 + NIST P-384"),
        (Algorithm::Nist { curve: Curve::P521 }, "Ed25519 + X25519 + NIST P-521"),
    ];
    for profile in BOTH {
        let key = locked(profile);
        for (algorithm, names) in algorithms {
            for key_use in [KeyUse::Sign, KeyUse::Encrypt] {
                let wanted = NewSubkey { algorithm: Some(algorithm), ..new(key_use) };
                let edited = key.add_subkey(&wanted, &Bench::at(5).options(), &mut rng()).unwrap();
                changes(&key, &edited);
                let certificate = edited.certificate();
                assert_eq!(certificate.algorithms(), names);
                let checked = certificate.at(&Policy::default(), day(6));
                let keys = checked.encryption_keys().len() + checked.signing_keys().len();
                assert_eq!(keys, 3, "{profile:?} {algorithm:?} {key_use:?}");
            }
        }
    }
    let rsa = NewSubkey { algorithm: Some(Algorithm::Rsa { bits: 2048 }), ..new(KeyUse::Sign) };
    let edited = locked(Profile::Compat).add_subkey(&rsa, &Bench::at(5).options(), &mut rng()).unwrap();
    assert_eq!(edited.certificate().at(&Policy::default(), day(6)).signing_keys().len(), 2);
    let nist = locked(Profile::Nist { curve: Curve::P256 });
    let edited = nist.add_subkey(&new(KeyUse::Sign), &Bench::at(5).options(), &mut rng()).unwrap();
    assert_eq!(edited.certificate().algorithms(), "NIST P-256", "as the primary key unless told");
}

#[test]
fn one_is_revoked_softly_then_for_good() {
    for profile in BOTH {
        let key = locked(profile);
        let subkey = key.as_pgp().secret_subkeys[0].key.fingerprint();
        let bench = Bench::at(5);
        let revoke = |key: &SecretKey, reason| key.revoke_subkey(&subkey, reason, "lost", &bench.options(), &mut rng());
        let encrypts =
            |key: &SecretKey, days| !key.certificate().at(&Policy::default(), day(days)).encryption_keys().is_empty();
        let soft = revoke(&key, RevocationReason::Retired).unwrap();
        assert_eq!(changes(&key, &soft).len(), 1);
        assert!(encrypts(&soft, 4) && !encrypts(&soft, 6));
        assert!(soft.certificate().at(&Policy::default(), day(6)).status().is_valid());
        assert_eq!(revoke(&soft, RevocationReason::Superseded).unwrap_err().code(), "key-not-usable");
        let refreshed = soft.set_subkey_expiration(&subkey, Some(day(90)), &bench.options(), &mut rng());
        assert_eq!(refreshed.unwrap_err().code(), "key-not-usable", "a newer binding would take the revocation back");
        let hard = revoke(&soft, RevocationReason::Compromised).unwrap();
        assert!(!encrypts(&hard, 4) && !encrypts(&hard, 6));
        assert_eq!(revoke(&hard, RevocationReason::Compromised).unwrap_err().code(), "key-not-usable");
        for reason in [RevocationReason::UserIdInvalid, RevocationReason::Other(9)] {
            assert_eq!(revoke(&key, reason).unwrap_err().code(), "bad-options");
        }
        // What it decrypted stays readable.
        assert_eq!(hard.decryption_keys().len(), 1);
    }
}

#[test]
fn limits() {
    let mut bench = Bench::at(5);
    bench.limits.subkeys = 1;
    let full = locked(Profile::Compat).add_subkey(&new(KeyUse::Sign), &bench.options(), &mut rng()).unwrap_err();
    assert_eq!(full.code(), "too-large");
    let ended = NewSubkey { expires: Some(day(5)), ..new(KeyUse::Sign) };
    let refused = locked(Profile::Compat).add_subkey(&ended, &Bench::at(5).options(), &mut rng()).unwrap_err();
    assert_eq!(refused.code(), "bad-options");
}

/// The key as `gpg --export-secret-subkeys` writes it: the primary secret is a stub.
fn offline(profile: Profile, is_gnupgs: bool) -> SecretKey {
    let key = locked(profile);
    let stub = StringToKey::Private { typ: 101, unknown: pgp::bytes::Bytes::from_static(b"\0GNU\x01") };
    let (sym_alg, iv) = (0.into(), pgp::bytes::Bytes::new());
    let params = if is_gnupgs {
        S2kParams::MalleableCfb { sym_alg, s2k: stub, iv }
    } else {
        S2kParams::Cfb { sym_alg, s2k: stub, iv }
    };
    let mut inner = key.as_pgp().into_owned();
    inner.primary_key = pgp::packet::SecretKey::new(
        inner.primary_key.public_key().clone(),
        SecretParams::Encrypted(EncryptedSecretParams::new(pgp::bytes::Bytes::new(), params)),
    )
    .unwrap();
    let octets = pgp::ser::Serialize::to_bytes(&inner).unwrap();
    let read = SecretKey::parse(&octets, &envelock::Limits::default()).unwrap();
    assert_eq!(read.to_bytes(), octets, "the stub is written as it was read");
    read
}

/// GnuPG writes its stub with S2K usage 255, which was read and written back as 254.
#[test]
fn both_forms_of_the_stub_are_read() {
    for is_gnupgs in [true, false] {
        let key = offline(Profile::Compat, is_gnupgs);
        assert_eq!(key.components().count(), 1, "the subkey");
        let refused = key.set_expiration(None, &Bench::at(5).options(), &mut rng()).unwrap_err();
        assert_eq!(refused.code(), "secret-absent");
    }
}

#[test]
fn without_the_primary_secret_edits_say_so_and_the_passphrase_still_changes() {
    let key = offline(Profile::Compat, true);
    let bench = Bench::at(5);
    let subkey = key.as_pgp().secret_subkeys[0].key.fingerprint();
    let code = |result: Result<SecretKey, KeyError>| result.unwrap_err().code();
    assert_eq!(code(key.add_user_id("x", false, &bench.options(), &mut rng())), "secret-absent");
    assert_eq!(code(key.revoke_user_id(BERG, "", &bench.options(), &mut rng())), "secret-absent");
    assert_eq!(code(key.set_primary_user_id(BERG, &bench.options(), &mut rng())), "secret-absent");
    assert_eq!(code(key.set_expiration(None, &bench.options(), &mut rng())), "secret-absent");
    assert_eq!(code(key.set_subkey_expiration(&subkey, None, &bench.options(), &mut rng())), "secret-absent");
    assert_eq!(code(key.add_subkey(&new(KeyUse::Sign), &bench.options(), &mut rng())), "secret-absent");
    let reason = RevocationReason::Retired;
    assert_eq!(code(key.revoke_subkey(&subkey, reason, "", &bench.options(), &mut rng())), "secret-absent");
    assert_eq!(code(key.revoke(reason, "", &bench.options(), &mut rng())), "secret-absent");
    let certifies = key.certify(
        &locked(Profile::Rfc9580).certificate(),
        &[BERG.to_owned()],
        &Default::default(),
        &bench.options(),
        &mut rng(),
    );
    assert_eq!(certifies.unwrap_err().code(), "secret-absent");

    let mut changed = key.clone();
    let new: Passphrase = "lantern".into();
    changed.change_passphrase(Some(&PASSPHRASE.into()), &new, &bench.limits, &mut rng()).unwrap();
    changed.unlock_check(Some(&new), &bench.limits).unwrap();
    assert_eq!(changed.decryption_keys().len(), 1);
    let packet = |key: &SecretKey| crate::edit_bench::packets(&key.to_bytes())[0].clone();
    assert_eq!(packet(&changed), packet(&key), "the stub stays as it is");
}
