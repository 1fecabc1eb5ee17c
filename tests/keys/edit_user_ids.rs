//! User IDs added, revoked, and made the primary one.

use envelock::{Policy, Profile, SecretKey};
use pgp::packet::{RevocationCode, SubpacketData};

use crate::edit_bench::{ANNA, BERG, BOTH, Bench, changes, locked, made, primary_user, rng, users};
use crate::forge::{Forge, day, says};

const NEW: &str = "Anna Neu <neu@demo.example>";

#[test]
fn one_is_added_and_nothing_else_changes() {
    for profile in BOTH {
        let key = locked(profile);
        let bench = Bench::at(5);
        let edited = key.add_user_id(NEW, false, &bench.options(), &mut rng()).unwrap();
        // The user ID packet and its certification, before the subkey.
        let at = changes(&key, &edited)[0].1;
        assert_eq!(changes(&key, &edited), [(13, at), (2, at)]);
        let texts = users(&edited.certificate(), day(6));
        assert_eq!(texts.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>(), [ANNA, BERG, NEW]);
        assert!(texts.iter().all(|(_, status)| *status == "valid"));
        assert_eq!(users(&edited.certificate(), day(4))[2].1, "invalid", "not before it was added");
        assert_eq!(primary_user(&edited, day(6)), ANNA);
    }
}

#[test]
fn a_new_one_of_version_4_speaks_for_the_key_as_the_others_do() {
    let key = made(Profile::Compat, &[ANNA], Some(day(100)));
    let edited = key.add_user_id(NEW, true, &Bench::at(5).options(), &mut rng()).unwrap();
    let users = &edited.as_pgp().details.users;
    let (old, new) = (users[0].signatures[0].config().unwrap(), users[1].signatures[0].config().unwrap());
    let speaks = |config: &pgp::packet::SignatureConfig| {
        let mut data: Vec<String> = config
            .hashed_subpackets
            .iter()
            .filter(|it| !matches!(it.data, SubpacketData::SignatureCreationTime(_)))
            .map(|it| format!("{it:?}"))
            .collect();
        data.sort();
        data
    };
    assert_eq!(speaks(old), speaks(new));
    assert_eq!(edited.certificate().at(&Policy::default(), day(6)).expires(), Some(day(100)));
    // In version 6 the direct-key signature speaks: the certification says who is primary, and no more.
    let edited = locked(Profile::Rfc9580).add_user_id(NEW, true, &Bench::at(5).options(), &mut rng()).unwrap();
    let certificate = edited.certificate();
    let new = certificate.as_pgp().details.users[2].signatures[0].config().unwrap();
    assert_eq!(new.hashed_subpackets.len(), 3);
}

#[test]
fn the_primary_one_is_chosen_and_the_mark_moves() {
    for profile in BOTH {
        let key = locked(profile);
        let edited = key.set_primary_user_id(BERG, &Bench::at(5).options(), &mut rng()).unwrap();
        // One new certification on each: one loses the mark, one gets it.
        assert_eq!(changes(&key, &edited).iter().map(|(tag, _)| *tag).collect::<Vec<_>>(), [2, 2]);
        assert_eq!((primary_user(&edited, day(4)), primary_user(&edited, day(6))), (ANNA.to_owned(), BERG.to_owned()));
        let back = edited.set_primary_user_id(ANNA, &Bench::at(5).options(), &mut rng()).unwrap();
        assert_eq!(primary_user(&back, day(6)), ANNA, "at the same second");
        let marked = |key: &SecretKey, index: usize| {
            key.as_pgp().details.users[index]
                .signatures
                .last()
                .unwrap()
                .config()
                .unwrap()
                .hashed_subpackets
                .iter()
                .any(|it| it.data == SubpacketData::IsPrimary(true))
        };
        assert_eq!((marked(&back, 0), marked(&back, 1)), (true, false));
        assert_eq!((marked(&edited, 0), marked(&edited, 1)), (false, true));

        let added = key.add_user_id(NEW, true, &Bench::at(5).options(), &mut rng()).unwrap();
        assert_eq!(primary_user(&added, day(6)), NEW);
    }
}

/// Of several certified in the same second the first counts, as in GnuPG.
#[test]
fn of_unmarked_ones_of_one_date_the_first_is_primary() {
    let says = || [says(0).certify_and_sign()];
    let forged = Forge::new().user(ANNA, says()).user(BERG, says()).secret_key();
    assert_eq!(primary_user(&forged, day(2)), ANNA);
}

/// The most recently certified user ID counts as primary where none is marked; adding one would change that silently.
#[test]
fn an_unmarked_primary_one_stays_primary_when_another_is_added() {
    let forged =
        Forge::new().user(ANNA, [says(0).certify_and_sign()]).user(BERG, [says(1).certify_and_sign()]).secret_key();
    assert_eq!(primary_user(&forged, day(2)), BERG);
    let bench = Bench::at(5);
    let added = forged.add_user_id(NEW, false, &bench.without_passphrase(), &mut rng()).unwrap();
    assert_eq!(primary_user(&added, day(6)), BERG);
    let longer = forged.set_expiration(Some(day(300)), &bench.without_passphrase(), &mut rng()).unwrap();
    assert_eq!(primary_user(&longer, day(6)), BERG);
}

#[test]
fn one_is_revoked_with_a_text_and_added_again() {
    for profile in BOTH {
        let key = locked(profile);
        let bench = Bench::at(5);
        let revoked = key.revoke_user_id(BERG, "moved house", &bench.options(), &mut rng()).unwrap();
        assert_eq!(changes(&key, &revoked).len(), 1);
        assert_eq!(users(&revoked.certificate(), day(6))[1], (BERG.to_owned(), "revoked"));
        assert_eq!(users(&revoked.certificate(), day(6))[0].1, "valid");
        assert_eq!(users(&revoked.certificate(), day(4))[1].1, "valid", "not before");
        let certificate = revoked.certificate();
        let reason = certificate.as_pgp().details.users[1].signatures.last().unwrap();
        assert_eq!(reason.revocation_reason_code(), Some(&RevocationCode::CertUserIdInvalid));
        assert_eq!(reason.revocation_reason_string().unwrap().as_ref(), b"moved house");

        let again = revoked.add_user_id(BERG, false, &bench.options(), &mut rng()).unwrap();
        assert_eq!(changes(&revoked, &again).len(), 1, "no second packet for the same user ID");
        assert_eq!(users(&again.certificate(), day(6))[1].1, "valid");
    }
}

/// In version 4 the next user ID would say something else about the key: here, that it ended and is for nothing.
#[test]
fn the_key_stays_what_it_was_when_its_primary_user_id_goes() {
    let mark = SubpacketData::IsPrimary(true);
    let forged = Forge::new()
        .user(ANNA, [says(0).certify_and_sign().regular(mark).key_days(100)])
        .user(BERG, [says(0).key_days(3)])
        .user(NEW, [says(1)])
        .encryption_subkey([says(0).encrypt()])
        .secret_key();
    let judged = |key: &SecretKey, at| {
        let certificate = key.certificate();
        let checked = certificate.at(&Policy::default(), day(at));
        (checked.status().code(), checked.expires(), checked.signing_keys().len(), checked.encryption_keys().len())
    };
    let bench = Bench::at(5);
    let revoked = forged.revoke_user_id(ANNA, "", &bench.without_passphrase(), &mut rng()).unwrap();
    assert_eq!(judged(&forged, 6), ("valid", Some(day(100)), 1, 1));
    assert_eq!(judged(&revoked, 6), judged(&forged, 6));
    assert_eq!(primary_user(&revoked, day(6)), NEW, "the one certified last");
    let again = revoked.revoke_user_id(NEW, "", &bench.without_passphrase(), &mut rng()).unwrap();
    assert_eq!((judged(&again, 6), primary_user(&again, day(6))), (judged(&forged, 6), BERG.to_owned()));
    assert_eq!(changes(&forged, &again).len(), 4);

    // Another one goes: nothing is said anew. In version 6 the direct-key signature speaks.
    let other = forged.revoke_user_id(BERG, "", &bench.without_passphrase(), &mut rng()).unwrap();
    assert_eq!(changes(&forged, &other).len(), 1);
    let key = locked(Profile::Rfc9580);
    let revoked = key.revoke_user_id(ANNA, "", &bench.options(), &mut rng()).unwrap();
    assert_eq!(changes(&key, &revoked).len(), 1);
}

/// With the date of what it takes the place of, a revocation would win or lose by the order of packets.
#[test]
fn dates_are_strictly_later_than_what_they_replace() {
    let key = locked(Profile::Compat);
    let bench = Bench::at(0);
    let mut edited = key;
    for _ in 0..3 {
        edited = edited.revoke_user_id(BERG, "", &bench.options(), &mut rng()).unwrap();
        edited = edited.add_user_id(BERG, false, &bench.options(), &mut rng()).unwrap();
    }
    let dates: Vec<u32> = edited.as_pgp().details.users[1]
        .signatures
        .iter()
        .map(|signature| signature.created().unwrap().as_secs() - day(0).as_secs())
        .collect();
    assert_eq!(dates, [0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn what_cannot_be_done() {
    let bench = Bench::at(5);
    for profile in BOTH {
        let key = locked(profile);
        let code = |result: Result<SecretKey, envelock::KeyError>| result.unwrap_err().code();
        assert_eq!(code(key.add_user_id(ANNA, false, &bench.options(), &mut rng())), "user-id-exists");
        assert_eq!(code(key.add_user_id("a\nb", false, &bench.options(), &mut rng())), "bad-options");
        assert_eq!(code(key.add_user_id("  ", false, &bench.options(), &mut rng())), "bad-options");
        assert_eq!(code(key.add_user_id(&"x".repeat(2049), false, &bench.options(), &mut rng())), "too-large");
        assert!(key.add_user_id(&"x".repeat(2048), false, &bench.options(), &mut rng()).is_ok());
        assert_eq!(code(key.revoke_user_id("nobody", "", &bench.options(), &mut rng())), "unknown-user-id");
        assert_eq!(code(key.revoke_user_id(BERG, "bell \u{7}", &bench.options(), &mut rng())), "bad-options");
        assert_eq!(code(key.revoke_user_id(BERG, &"x".repeat(3000), &bench.options(), &mut rng())), "bad-options");
        assert_eq!(code(key.set_primary_user_id("nobody", &bench.options(), &mut rng())), "unknown-user-id");
        assert_eq!(code(key.add_user_id(NEW, false, &bench.without_passphrase(), &mut rng())), "passphrase-required");
        let wrong = Bench { passphrase: "harbour 6".into(), ..Bench::at(5) };
        assert_eq!(code(key.add_user_id(NEW, false, &wrong.options(), &mut rng())), "wrong-passphrase");

        let revoked = key.revoke_user_id(BERG, "", &bench.options(), &mut rng()).unwrap();
        assert_eq!(code(revoked.revoke_user_id(BERG, "", &bench.options(), &mut rng())), "key-not-usable");
        assert_eq!(code(revoked.set_primary_user_id(BERG, &bench.options(), &mut rng())), "key-not-usable");
        let last = revoked.revoke_user_id(ANNA, "", &bench.options(), &mut rng());
        match profile {
            Profile::Rfc9580 => assert!(last.unwrap().certificate().at(&bench.policy, day(6)).status().is_valid()),
            _ => assert_eq!(code(last), "last-user-id"),
        }
    }
}

#[test]
fn as_many_as_are_read_back() {
    let mut bench = Bench::at(5);
    bench.limits.user_ids = 2;
    let full = locked(Profile::Compat).add_user_id(NEW, false, &bench.options(), &mut rng()).unwrap_err();
    assert_eq!(full.code(), "too-large");
    bench.limits.user_ids = 3;
    bench.limits.component_signatures = 1;
    locked(Profile::Compat).add_user_id(NEW, false, &bench.options(), &mut rng()).unwrap();
    let full = locked(Profile::Compat).set_primary_user_id(BERG, &bench.options(), &mut rng()).unwrap_err();
    assert_eq!(full.code(), "too-large");
}
