//! Whole keys revoked: at once, later, and by files from elsewhere.

use envelock::{
    Certificate, GenerateOptions, KeyError, KeyringItem, Limits, Policy, Profile, RevocationReason, SecretKey, Status,
    apply_revocation, armor, generate,
};
use pgp::packet::RevocationCode;

use crate::edit_bench::{ANNA, BERG, BOTH, Bench, PASSPHRASE, added, changes, locked, rng};
use crate::forge::{Forge, day, says};

fn status(certificate: &Certificate, days: u32) -> Status {
    certificate.at(&Policy::default(), day(days)).status()
}

#[test]
fn at_once_with_reason_and_text() {
    for profile in BOTH {
        let key = locked(profile);
        let bench = Bench::at(5);
        let soft = key.revoke(RevocationReason::Superseded, "see my new key", &bench.options(), &mut rng()).unwrap();
        assert_eq!(changes(&key, &soft), [(2, 1)], "right after the primary key");
        let revocation = &soft.as_pgp().details.revocation_signatures[0];
        assert_eq!(revocation.revocation_reason_code(), Some(&RevocationCode::KeySuperseded));
        assert_eq!(revocation.revocation_reason_string().unwrap().as_ref(), b"see my new key");
        assert!(status(&soft.certificate(), 4).is_valid());
        assert!(matches!(status(&soft.certificate(), 6), Status::Revoked { hard: false, .. }));
        let hard = soft.revoke(RevocationReason::Compromised, "", &bench.options(), &mut rng()).unwrap();
        assert!(matches!(status(&hard.certificate(), 4), Status::Revoked { hard: true, .. }));
        let again = hard.revoke(RevocationReason::Unspecified, "", &bench.options(), &mut rng());
        assert_eq!(again.unwrap_err().code(), "key-not-usable");
    }
}

/// A newer self-signature takes a soft revocation back, so that a harmless-looking edit would bring the key back to life.
#[test]
fn a_revoked_key_is_not_edited() {
    let bench = Bench::at(6);
    for profile in BOTH {
        for reason in [RevocationReason::Retired, RevocationReason::Compromised] {
            let key = locked(profile).revoke(reason, "", &Bench::at(5).options(), &mut rng()).unwrap();
            let code = |result: Result<SecretKey, KeyError>| result.unwrap_err().code();
            assert_eq!(code(key.add_user_id("x", false, &bench.options(), &mut rng())), "key-not-usable");
            assert_eq!(code(key.revoke_user_id(BERG, "", &bench.options(), &mut rng())), "key-not-usable");
            assert_eq!(code(key.set_primary_user_id(BERG, &bench.options(), &mut rng())), "key-not-usable");
            assert_eq!(code(key.set_expiration(Some(day(99)), &bench.options(), &mut rng())), "key-not-usable");
        }
    }
}

/// Made in the second of the newest self-signature, a soft revocation must still count.
#[test]
fn it_is_newer_than_the_self_signatures() {
    for profile in BOTH {
        let key = locked(profile).set_expiration(Some(day(50)), &Bench::at(0).options(), &mut rng()).unwrap();
        let revoked = key.revoke(RevocationReason::Retired, "", &Bench::at(0).options(), &mut rng()).unwrap();
        assert_eq!(
            revoked.as_pgp().details.revocation_signatures[0].created().unwrap().as_secs(),
            day(0).as_secs() + 2
        );
        assert_eq!(status(&revoked.certificate(), 1).code(), "revoked");
    }
}

#[test]
fn made_for_later_and_applied_to_key_and_certificate() {
    let (policy, limits) = (Policy::default(), Limits::default());
    for profile in BOTH {
        let key = locked(profile);
        let reason = RevocationReason::Compromised;
        let file = key.generate_revocation(reason, "stolen", &Bench::at(5).options(), &mut rng()).unwrap();
        assert!(file.starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: This is a revocation certificate\n"));
        let revoked = key.apply_revocation(file.as_bytes(), &policy, &limits).unwrap();
        assert_eq!(changes(&key, &revoked), [(2, 1)]);
        let certificate = key.certificate().apply_revocation(file.as_bytes(), &policy, &limits).unwrap();
        assert_eq!(certificate, revoked.certificate());
        assert!(
            matches!(status(&certificate, 1), Status::Revoked { hard: true, reason: found, .. } if found == reason)
        );

        let twice = revoked.apply_revocation(file.as_bytes(), &policy, &limits).unwrap();
        assert_eq!(twice.to_bytes(), revoked.to_bytes(), "twice is once");
        // A revoked copy is as good as the file, and so is the binary packet.
        let copy = revoked.certificate().to_armored();
        assert_eq!(key.apply_revocation(copy.as_bytes(), &policy, &limits).unwrap().to_bytes(), revoked.to_bytes());
        let binary = armor::read_all(file.as_bytes(), 10_000).unwrap().remove(0).octets;
        let by_octets = apply_revocation(&key.to_bytes(), &binary, &policy, &limits).unwrap();
        assert!(matches!(by_octets, KeyringItem::SecretKey(found) if found.to_bytes() == revoked.to_bytes()));
    }
}

#[test]
fn the_one_made_at_the_beginning() {
    let options = GenerateOptions {
        profile: Profile::Compat,
        user_ids: vec![ANNA.to_owned()],
        passphrase: Some(PASSPHRASE.into()),
        created: day(0),
        expires: None,
    };
    let made = generate(&options, &mut rng()).unwrap();
    let file = made.revocation_certificate;
    let apply = |file: &str| made.key.apply_revocation(file.as_bytes(), &Policy::default(), &Limits::default());
    assert_eq!(status(&apply(&file).unwrap().certificate(), 9).code(), "revoked");
    // GnuPG's form: prose before it, and a colon so that it is not imported by mistake.
    let colon = format!("This is a revocation certificate for the OpenPGP key:\r\n\r\n  uid\r\n\r\n:{file}");
    assert_eq!(status(&apply(&colon).unwrap().certificate(), 9).code(), "revoked");
}

#[test]
fn only_the_owners_count() {
    let (policy, limits) = (Policy::default(), Limits::default());
    let key = locked(Profile::Compat);
    let other = crate::edit_bench::made(Profile::Compat, &[ANNA], None);
    let foreign =
        other.generate_revocation(RevocationReason::Retired, "", &Bench::at(5).options(), &mut rng()).unwrap();
    let code = |input: &[u8]| key.apply_revocation(input, &policy, &limits).unwrap_err().code();
    assert_eq!(code(foreign.as_bytes()), "key-mismatch");
    assert_eq!(
        key.certificate().apply_revocation(foreign.as_bytes(), &policy, &limits).unwrap_err().code(),
        "key-mismatch"
    );

    // Damaged: it names the right key, and does not verify.
    let own = key.generate_revocation(RevocationReason::Retired, "", &Bench::at(5).options(), &mut rng()).unwrap();
    let mut octets = armor::read_all(own.as_bytes(), 10_000).unwrap().remove(0).octets;
    *octets.last_mut().unwrap() ^= 1;
    assert_eq!(code(&octets), "key-mismatch");
    // Forged by another key in the victim's name: of two signatures, the wrong one goes.
    let both = [foreign.as_bytes(), own.as_bytes()].concat();
    let revoked = key.apply_revocation(&both, &policy, &limits).unwrap();
    assert_eq!(revoked.as_pgp().details.revocation_signatures.len(), 1);

    assert_eq!(code(key.certificate().to_armored().as_bytes()), "no-revocation");
    assert_eq!(code(&key.certificate().to_bytes()), "no-revocation");
    assert!(["bad-armor", "no-revocation"].contains(&code(b"hello")));
    let mut small = Limits::default();
    small.key_bytes = 10;
    assert_eq!(key.apply_revocation(own.as_bytes(), &policy, &small).unwrap_err().code(), "too-large");
    added(&key.to_bytes(), &revoked.to_bytes());
}

/// Its owner may say so whatever else is wrong with a key.
#[test]
fn a_key_that_is_good_for_nothing_else_is_revoked() {
    let bare = Forge::new().user("Nora", [says(0).certify_and_sign().signature_days(3)]).secret_key();
    let bench = Bench::at(50);
    assert_eq!(status(&bare.certificate(), 50).code(), "invalid");
    let edit = bare.set_expiration(None, &bench.without_passphrase(), &mut rng());
    assert_eq!(edit.unwrap_err().code(), "key-not-usable");
    let revoked = bare.revoke(RevocationReason::Compromised, "", &bench.without_passphrase(), &mut rng()).unwrap();
    assert_eq!(status(&revoked.certificate(), 50).code(), "revoked");
    let expired = Forge::new().user("Nora", [says(0).certify_and_sign().key_days(3)]).secret_key();
    let revoked = expired.revoke(RevocationReason::Retired, "", &bench.without_passphrase(), &mut rng()).unwrap();
    assert_eq!(status(&revoked.certificate(), 51).code(), "revoked");
}
