//! Copies of one key: merged without loss, reduced for others, and previewed before they are imported.

use envelock::{
    Certificate, Certification, KeyError, KeyringItem, Limits, Passphrase, Policy, Profile, SecretKey, merge,
    preview::{Change, preview},
};
use pgp::packet::{RevocationCode, SubpacketData};

use crate::{
    edit_bench::{Bench, PASSPHRASE, made, packets, rng},
    forge::{Back, Forge, day, says},
};

fn limits() -> Limits {
    Limits::default()
}

fn union(one: &Certificate, other: &Certificate) -> Certificate {
    let merged = one.merge(other, &limits()).unwrap();
    assert_eq!(merged.merge(other, &limits()).unwrap(), merged, "merging again adds nothing");
    assert_eq!(merged.merge(one, &limits()).unwrap(), merged);
    let all = packets(&merged.to_bytes());
    for packet in packets(&one.to_bytes()).into_iter().chain(packets(&other.to_bytes())) {
        assert!(all.contains(&packet), "a packet of type {} was lost", packet.0);
    }
    merged
}

#[test]
fn merging_keeps_what_either_copy_has() {
    let base = || Forge::new().user("Nora <nora@example.org>", [says(0).certify_and_sign()]);
    let one = base().encryption_subkey([says(0).encrypt()]).user("Second", [says(1)]).certificate();
    let other = base().encryption_subkey([says(0).encrypt(), says(5).encrypt()]).revoke(says(9)).certificate();
    let merged = union(&one, &other);
    assert_eq!(merged.user_ids().count(), 2);
    assert_eq!(merged.at(&Policy::default(), day(10)).status().code(), "revoked");
    assert_eq!(union(&other, &one).at(&Policy::default(), day(10)).status().code(), "revoked");
    let foreign = Forge::of(8).certificate();
    assert_eq!(one.merge(&foreign, &limits()), Err(KeyError::KeyMismatch));
}

/// A certificate flooded with other people's signatures must not keep its owner's revocation out.
#[test]
fn a_flood_keeps_no_revocation_out() {
    let mut few = limits();
    few.component_signatures = 4;
    let usual = Forge::usual().certificate();
    let mut flooded = usual.clone();
    for seed in 20..26 {
        let foreign = Forge::of(seed).user("Nora <nora@example.org>", [says(0)]).octets();
        let signature = packets(&foreign).pop().unwrap();
        // Another key's self-certification, put after the user ID: does not verify, and need not.
        flooded = with_after_user(&flooded, &signature.1);
    }
    let flooded = Certificate::parse(&flooded.to_bytes(), &few).unwrap();
    let revoked = Forge::usual().revoke_user(0, says(9)).certificate();
    let merged = flooded.merge(&revoked, &few).unwrap();
    assert_eq!(merged.at(&Policy::default(), day(10)).user_ids()[0].status().code(), "revoked");
}

fn with_after_user(certificate: &Certificate, signature: &[u8]) -> Certificate {
    let mut octets = Vec::new();
    for (tag, body) in packets(&certificate.to_bytes()) {
        let mut write = |tag: u8, body: &[u8]| {
            envelock_seipd::packet::write_header(&mut octets, tag, body.len() as u32);
            octets.extend_from_slice(body);
        };
        write(tag, &body);
        if tag == 13 {
            write(2, signature);
        }
    }
    Certificate::parse(&octets, &limits()).unwrap()
}

#[test]
fn merging_never_touches_a_secret_part() {
    let open = unlocked(Profile::Compat, &["Anna"]);
    let mut locked = open.clone();
    locked.lock(&Passphrase::from("mine"), &mut rng()).unwrap();
    let mut other = open.clone();
    other.lock(&Passphrase::from("theirs"), &mut rng()).unwrap();
    let (locked, other) = (KeyringItem::SecretKey(locked), KeyringItem::SecretKey(other));
    for update in [&other, &KeyringItem::SecretKey(open.clone()), &KeyringItem::Certificate(open.certificate())] {
        let KeyringItem::SecretKey(merged) = merge(&locked, update, &limits()).unwrap() else { panic!() };
        assert!(merged.is_locked());
        merged.unlock_check(Some(&Passphrase::from("mine")), &limits()).unwrap();
        assert_eq!(merged.certificate(), open.certificate());
    }
    let KeyringItem::SecretKey(gained) =
        merge(&KeyringItem::Certificate(open.certificate()), &other, &limits()).unwrap()
    else {
        panic!()
    };
    gained.unlock_check(Some(&Passphrase::from("theirs")), &limits()).unwrap();
}

#[test]
fn a_missing_secret_part_is_taken_in() {
    let whole = unlocked(Profile::Compat, &["Anna"]);
    // The same key with its primary secret part replaced by GnuPG's "dummy", and a subkey that is public only.
    let mut octets = Vec::new();
    for (tag, body) in packets(&whole.to_bytes()) {
        let public = packets(&whole.certificate().to_bytes());
        let body = match tag {
            5 => [&public[0].1[..], &[254, 7, 101, 0], b"GNU", &[1]].concat(),
            _ => body,
        };
        envelock_seipd::packet::write_header(&mut octets, tag, body.len() as u32);
        octets.extend_from_slice(&body);
    }
    let dummy = SecretKey::parse(&octets, &limits()).unwrap();
    assert_eq!(dummy.components().count(), 1);
    let merged = dummy.merge(&whole, &limits()).unwrap();
    assert_eq!(merged.components().count(), 2);
    merged.unlock_check(None, &limits()).unwrap();
    assert_eq!(whole.merge(&dummy, &limits()).unwrap(), whole);
}

#[test]
fn local_certifications_do_not_leave_the_house() {
    let bench = Bench::at(5);
    let anna = unlocked(Profile::Compat, &["Anna"]);
    let subject = Forge::usual().certificate();
    let name = ["Nora <nora@example.org>".to_owned()];
    let certify = |exportable, subject: &Certificate| {
        let certification = Certification { exportable, ..Certification::default() };
        anna.certify(subject, &name, &certification, &bench.without_passphrase(), &mut rng()).unwrap()
    };
    let local = certify(false, &subject);
    assert_ne!(local, subject);
    assert_eq!(local.to_publish(), subject);
    let public = certify(true, &subject);
    assert_eq!(public.to_publish(), public);
    assert_eq!(public.minimize(None, &Policy::default(), day(6)), subject.minimize(None, &Policy::default(), day(6)));
}

#[test]
fn reduced_certificates_are_worth_the_same_at_every_time() {
    let full = Forge::new()
        .user("Old", [says(0).certify_and_sign()])
        .user(
            "Nora",
            [
                says(0).certify_and_sign().key_days(30),
                says(10).certify_and_sign().key_days(30),
                says(20).certify_and_sign().key_days(90),
                says(80).certify_and_sign().regular(SubpacketData::IsPrimary(true)),
            ],
        )
        .revoke_user(0, says(25).reason(RevocationCode::CertUserIdInvalid))
        .encryption_subkey([says(0).encrypt(), says(1).encrypt(), says(2).encrypt(), says(50).encrypt().key_days(60)])
        .encryption_subkey([says(0).encrypt(), says(40).encrypt()])
        .revoke_subkey(1, says(30).reason(RevocationCode::KeyRetired))
        .certificate();
    let policy = Policy::default();
    let reduced = full.minimize(None, &policy, day(100));
    assert!(packets(&reduced.to_bytes()).len() < packets(&full.to_bytes()).len());
    for days in 0..120 {
        let (before, after) = (full.at(&policy, day(days)), reduced.at(&policy, day(days)));
        assert_eq!(after.status(), before.status(), "{days}");
        assert_eq!(after.expires(), before.expires(), "{days}");
        assert_eq!(after.encryption_keys(), before.encryption_keys(), "{days}");
        assert_eq!(after.signing_keys(), before.signing_keys(), "{days}");
        let statuses =
            |checked: &envelock::Checked<'_>| -> Vec<_> { checked.user_ids().iter().map(|it| it.status()).collect() };
        assert_eq!(statuses(&after), statuses(&before), "{days}");
    }
    let one = full.minimize(Some(&["Nora".to_owned()]), &policy, day(100));
    assert_eq!(one.user_ids().collect::<Vec<_>>(), ["Nora"]);
    // Superseded bindings that said the same are gone: of four, the first, and the one that set an end.
    assert_eq!(reduced.as_pgp().public_subkeys[0].signatures.len(), 2);
}

/// A newer self-signature took a soft revocation back: which one is the newest at a moment counts then.
#[test]
fn reduced_certificates_stay_alive_after_a_revocation_that_was_taken_back() {
    let mut full =
        Forge::new().user("Nora", [says(0).certify_and_sign()]).revoke(says(10).reason(RevocationCode::KeyRetired));
    for days in [1, 2, 20, 30, 40] {
        full = full.direct(says(days));
    }
    let (full, policy) = (full.certificate(), Policy::default());
    let reduced = full.minimize(None, &policy, day(50));
    for days in 0..50 {
        assert_eq!(reduced.at(&policy, day(days)).status(), full.at(&policy, day(days)).status(), "{days}");
    }
    assert!(full.at(&policy, day(25)).status().is_valid());
}

/// Of a signing subkey each binding counts: one without the subkey's consent ends its signing until the next.
#[test]
fn reduced_certificates_sign_when_the_full_ones_do() {
    let bound = |days, consents: bool| {
        let back = consents.then_some((says(days), Back::Subkey));
        Forge::usual().signing_subkey(says(days).sign(), back).certificate()
    };
    let policy = Policy::default();
    let parts = [bound(1, true), bound(5, false), bound(10, true), bound(15, false)];
    for order in [[0, 1, 2, 3], [3, 1, 0, 2]] {
        let full = order[1..].iter().fold(parts[order[0]].clone(), |full, part| union(&full, &parts[*part]));
        let reduced = full.minimize(None, &policy, day(30));
        for days in 0..30 {
            let signs = |certificate: &Certificate| certificate.at(&policy, day(days)).signing_keys().len();
            assert_eq!(signs(&reduced), signs(&full), "{days}");
            assert_eq!(signs(&full), if (1..5).contains(&days) || (10..15).contains(&days) { 2 } else { 1 }, "{days}");
        }
    }
}

/// GnuPG puts a subkey's consent into the unhashed area, where anybody can take it out: a copy without it that came first
/// must not end the subkey's signing.
#[test]
fn a_form_of_a_binding_without_consent_does_no_harm() {
    let whole = Forge::usual().signing_subkey(says(0).sign(), Some((says(0), Back::Subkey))).with_consent_unhashed();
    let mut octets = Vec::new();
    let last = packets(&whole.octets()).len() - 1;
    for (place, (tag, body)) in packets(&whole.octets()).into_iter().enumerate() {
        let mut body = body;
        if place == last {
            let mut signature = whole.certificate().as_pgp().public_subkeys[1].signatures[0].clone();
            signature.unhashed_subpacket_remove(0).unwrap();
            body = pgp::ser::Serialize::to_bytes(&signature).unwrap();
        }
        envelock_seipd::packet::write_header(&mut octets, tag, body.len() as u32);
        octets.extend(body);
    }
    let stripped = Certificate::parse(&octets, &limits()).unwrap();
    let signs = |certificate: &Certificate| certificate.at(&Policy::default(), day(3)).signing_keys().len();
    assert_eq!((signs(&whole.certificate()), signs(&stripped)), (2, 1));
    let merged = union(&stripped, &whole.certificate());
    assert_eq!((signs(&merged), signs(&merged.minimize(None, &Policy::default(), day(3)))), (2, 2));
    // And the subkey still signs when its end is set anew.
    let key = whole.secret_key();
    let KeyringItem::SecretKey(key) =
        merge(&KeyringItem::Certificate(merged), &KeyringItem::SecretKey(key), &limits()).unwrap()
    else {
        panic!()
    };
    let subkey = key.certificate().component_keys().nth(2).map(|it| pgp::types::KeyDetails::fingerprint(&it)).unwrap();
    let options = Bench::at(2);
    let edited = key.set_subkey_expiration(&subkey, Some(day(90)), &options.without_passphrase(), &mut rng()).unwrap();
    assert_eq!(signs(&edited.certificate()), 2);
}

/// Many copies of one key cost as much as they are large.
#[test]
fn many_copies_of_one_key_are_previewed_in_linear_time() {
    let certificate = Forge::usual().certificate();
    let copies = |count: u16| -> Vec<u8> {
        let copy = |number: u16| {
            let mut octets = Vec::new();
            for (tag, mut body) in packets(&certificate.to_bytes()).into_iter().take(3) {
                if tag == 2 {
                    // In the middle of S: one that is out of range would be refused without work.
                    let middle = body.len() - 16;
                    body[middle..middle + 2].copy_from_slice(&number.to_be_bytes());
                }
                envelock_seipd::packet::write_header(&mut octets, tag, body.len() as u32);
                octets.extend(body);
            }
            octets
        };
        (0..count).flat_map(copy).collect()
    };
    let time = |count| {
        let input = copies(count);
        let once = |_| {
            let start = std::time::Instant::now();
            let seen = preview(&input, &[], &Policy::default(), &limits(), day(10)).unwrap();
            assert_eq!(seen.entries.len(), 1);
            start.elapsed()
        };
        (0..3).map(once).min().unwrap()
    };
    let (few, many) = (time(25), time(400));
    // One by one they took 256 times as long.
    assert!(many < 100 * few, "{few:?} for 25 copies, {many:?} for 400");
}

#[test]
fn a_key_that_is_too_large_spoils_only_itself_in_a_preview() {
    let few = {
        let mut few = limits();
        few.component_signatures = 3;
        few
    };
    let nora = |first: u32| Forge::new().user("Nora", [says(first), says(first + 1)]).certificate();
    let input = [nora(0).to_bytes(), Forge::of(8).user("Olga", [says(0)]).octets(), nora(5).to_bytes()].concat();
    let look = |input: &[u8], known: &[KeyringItem]| preview(input, known, &Policy::default(), &few, day(10)).unwrap();
    let changes = |seen: &envelock::preview::Preview| seen.entries.iter().map(|it| it.change).collect::<Vec<_>>();
    let seen = look(&input, &[]);
    assert_eq!(changes(&seen), [Change::Unsupported, Change::New]);
    let KeyringItem::Unsupported { reason, fingerprint } = &seen.entries[0].entry.item else { panic!() };
    assert!(reason.contains("too large") && *fingerprint == Some(nora(0).fingerprint()), "{reason}");
    let seen = look(&input[nora(0).to_bytes().len()..], &[KeyringItem::Certificate(nora(0))]);
    assert_eq!(changes(&seen), [Change::New, Change::Unsupported]);
}

#[test]
fn unverified_user_ids_and_stolen_subkeys_are_not_published() {
    let octets = Forge::usual().user("Nobody", []).octets();
    let certificate = Certificate::parse(&octets, &limits()).unwrap();
    let reduced = certificate.minimize(None, &Policy::default(), day(5));
    assert_eq!(reduced.user_ids().collect::<Vec<_>>(), ["Nora <nora@example.org>"]);
    let mut damaged = Forge::usual().octets();
    *damaged.last_mut().unwrap() ^= 1;
    let certificate = Certificate::parse(&damaged, &limits()).unwrap();
    assert_eq!(certificate.minimize(None, &Policy::default(), day(5)).component_keys().count(), 1);
}

#[test]
fn previews() {
    let (policy, at) = (Policy::default(), day(10));
    let usual = Forge::usual().certificate();
    let look = |input: &[u8], known: &[KeyringItem]| preview(input, known, &policy, &limits(), at).unwrap();
    let known = [KeyringItem::Certificate(usual.clone())];
    let codes = |input: &[u8], known: &[KeyringItem]| {
        let seen = look(input, known);
        let entry = &seen.entries[0];
        (entry.change, entry.details.iter().map(|detail| detail.code()).collect::<Vec<_>>())
    };
    assert_eq!(codes(&usual.to_bytes(), &[]), (Change::New, vec![]));
    assert_eq!(codes(&usual.to_bytes(), &known), (Change::Unchanged, vec![]));
    for (update, code) in [
        (Forge::usual().revoke(says(5)), "revoked"),
        (Forge::usual().user("Second", [says(1)]), "user-id-added"),
        (Forge::usual().revoke_user(0, says(5)), "user-id-changed"),
        (Forge::usual().direct(says(5).key_days(90)), "expiry-changed"),
        (Forge::usual().encryption_subkey([says(2).encrypt()]), "subkey-added"),
        (Forge::usual().revoke_subkey(0, says(5)), "subkey-changed"),
        (Forge::usual().direct(says(5)), "signatures-added"),
    ] {
        let (change, details) = codes(&update.octets(), &known);
        assert_eq!(change, Change::Updated);
        assert!(details.contains(&code), "{code}: {details:?}");
    }
    // An older copy brings nothing and takes nothing.
    let newer = [KeyringItem::Certificate(Forge::usual().revoke(says(5)).certificate())];
    assert_eq!(codes(&usual.to_bytes(), &newer).0, Change::Unchanged);
    let anna = unlocked(Profile::Compat, &["Anna"]);
    let public = [KeyringItem::Certificate(anna.certificate())];
    assert_eq!(codes(&anna.to_bytes(), &public), (Change::Updated, vec!["secret-added"]));

    let mut v3 = Vec::new();
    envelock_seipd::packet::write_header(&mut v3, 6, 14);
    v3.extend([3, 0, 0, 0, 0, 0, 0, 1, 0, 8, 255, 0, 8, 3]);
    let mixed = [v3, usual.to_bytes(), Forge::usual().user("Second", [says(1)]).octets(), vec![0x99, 0xff]].concat();
    let seen = look(&mixed, &[]);
    assert_eq!(seen.entries.iter().map(|it| it.change).collect::<Vec<_>>(), [Change::Unsupported, Change::New]);
    let KeyringItem::Certificate(both) = &seen.entries[1].entry.item else { panic!() };
    assert_eq!(both.user_ids().count(), 2, "copies of one key are one");
    assert_eq!(seen.skipped.iter().map(|it| it.code()).collect::<Vec<_>>(), ["truncated"]);
    assert!(seen.skipped[0].offset > 0);
}

fn unlocked(profile: Profile, user_ids: &[&str]) -> SecretKey {
    let mut key = made(profile, user_ids, None);
    key.unlock(&PASSPHRASE.into(), &Limits::default()).unwrap();
    key
}
