//! What gives way when a key is flooded: never what its owner said, and never so that it is not read back.

use envelock::{Certificate, Limits, Policy, Profile, RevocationReason, SecretKey, merge, read_keys};
use pgp::packet::{RevocationCode, SubpacketData};

use crate::{
    edit_bench::{BERG, Bench, PASSPHRASE, locked, packets, rng},
    forge::{Forge, Says, day, says},
};

const USER_ID: u8 = 13;
const SUBKEY: u8 = 14;

type Packets = Vec<(u8, Vec<u8>)>;

fn written(packets: &Packets) -> Vec<u8> {
    let mut octets = Vec::new();
    for (tag, body) in packets {
        envelock_seipd::packet::write_header(&mut octets, *tag, body.len() as u32);
        octets.extend_from_slice(body);
    }
    octets
}

fn signature(body: Vec<u8>) -> (u8, Vec<u8>) {
    (2, body)
}

/// With signatures after each packet of a type.
fn with_after(octets: &[u8], tag: u8, signatures: &[Vec<u8>]) -> Vec<u8> {
    let inserted = || signatures.iter().cloned().map(signature);
    let all = packets(octets).into_iter().flat_map(|packet| {
        let here = packet.0 == tag;
        std::iter::once(packet).chain(inserted().filter(move |_| here)).collect::<Vec<_>>()
    });
    written(&all.collect())
}

/// Signatures that say of themselves what the one after the first packet of a type says, and do not verify.
fn claims(octets: &[u8], tag: u8, count: u16) -> Vec<Vec<u8>> {
    let all = packets(octets);
    let place = all.iter().position(|packet| packet.0 == tag).unwrap() + 1;
    let damaged = |number: u16| {
        let mut body = all[place].1.clone();
        // In the middle of S: one that is out of range would be refused without work.
        let middle = body.len() - 16;
        body[middle..middle + 2].copy_from_slice(&number.to_be_bytes());
        body
    };
    (0..count).map(damaged).filter(|body| *body != all[place].1).collect()
}

/// Certifications by others.
fn foreign(count: u64) -> Vec<Vec<u8>> {
    let body = |seed| packets(&Forge::of(seed).user("Nora", [says(0)]).octets()).pop().unwrap().1;
    (100..100 + count).map(body).collect()
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

fn parse(octets: &[u8]) -> Certificate {
    Certificate::parse(octets, &Limits::default()).unwrap()
}

fn is_read_back(certificate: &Certificate, limits: &Limits) {
    assert_eq!(Certificate::parse(&certificate.to_bytes(), limits).unwrap().to_bytes(), certificate.to_bytes());
    let read = read_keys(&certificate.to_bytes(), limits).unwrap();
    assert!(read.entries[0].problems.is_empty(), "{:?}", read.entries[0].problems);
}

#[test]
fn a_flooded_copy_costs_no_subkey() {
    let usual = Forge::usual();
    let flooded = parse(&with_after(&usual.octets(), USER_ID, &foreign(30)));
    let size = usual.octets().len();
    for few in [limits(|it| it.key_packets = 20), limits(|it| it.key_bytes = size + 1000)] {
        let merged = usual.certificate().merge(&flooded, &few).unwrap();
        is_read_back(&merged, &few);
        assert!(packets(&merged.to_bytes()).len() > 8, "there was room for some");
        assert_eq!(merged.at(&Policy::default(), day(1)).encryption_keys().len(), 1);
        assert!(merged.merge(&flooded, &few).unwrap() == merged, "again changes nothing");
    }
    let (exact, packed) = (flooded.to_bytes().len(), packets(&flooded.to_bytes()).len());
    let just = limits(|it| (it.key_bytes, it.key_packets) = (exact, packed));
    assert_eq!(usual.certificate().merge(&flooded, &just).unwrap().to_bytes().len(), exact);
}

#[test]
fn a_flooded_copy_costs_no_secret_part() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let key = locked(profile);
        let flooded = parse(&with_after(&key.certificate().to_bytes(), USER_ID, &foreign(30)));
        let size = key.to_bytes().len();
        for few in [limits(|it| it.key_packets = 24), limits(|it| it.key_bytes = size + 1000)] {
            let merged = key.merge_certificate(&flooded, &few).unwrap();
            assert!(merged.to_bytes().len() > size);
            let read = SecretKey::parse(&merged.to_bytes(), &few).unwrap();
            assert_eq!(read.to_bytes(), merged.to_bytes());
            assert_eq!(read.components().count(), key.components().count());
            read.unlock_check(Some(&PASSPHRASE.into()), &few).unwrap();
        }
        // A stored copy that is at the limit takes in a secret part, too.
        let full = limits(|it| it.key_packets = packets(&flooded.to_bytes()).len());
        let (stored, secret) = (envelock::KeyringItem::Certificate(flooded), envelock::KeyringItem::SecretKey(key));
        let envelock::KeyringItem::SecretKey(merged) = merge(&stored, &secret, &full).unwrap() else { panic!() };
        assert_eq!(SecretKey::parse(&merged.to_bytes(), &full).unwrap().to_bytes(), merged.to_bytes());
    }
}

/// What its owner said is not left out, so that nothing is merged if that alone is too much.
#[test]
fn genuine_signatures_that_are_too_many_are_an_error() {
    let base = || Forge::new().encryption_subkey([says(0).encrypt()]);
    let one = base().user("Nora", [says(0), says(1), says(2)]).certificate();
    let other = base().user("Nora", [says(3), says(4), says(5)]).certificate();
    for few in [limits(|it| it.component_signatures = 5), limits(|it| it.key_packets = 9)] {
        assert_eq!(one.merge(&other, &few).unwrap_err().code(), "too-large");
    }
    assert!(one.merge(&other, &limits(|it| it.component_signatures = 6)).is_ok());
    let more = base().user("Nora", [says(0)]).user("Nora N", [says(0)]).certificate();
    assert_eq!(one.merge(&more, &limits(|it| it.user_ids = 1)).unwrap_err().code(), "too-large");
}

/// Whether an issuer hint names the key says nothing: hints can be written by anybody.
#[test]
fn signatures_that_claim_to_be_ours_keep_no_revocation_out() {
    let usual = Forge::usual().octets();
    let few = limits(|it| it.component_signatures = 10);
    for (tag, revoked) in [
        (USER_ID, Forge::usual().revoke_user(0, says(9))),
        (SUBKEY, Forge::usual().revoke_subkey(0, says(9))),
        (6, Forge::usual().revoke(says(9))),
    ] {
        let genuine = revoked.certificate();
        let model = if tag == 6 { revoked.octets() } else { usual.clone() };
        let junk = claims(&model, tag, 30);
        // They came before, and fill the list.
        let stored = Certificate::parse(&with_after(&usual, tag, &junk), &few).unwrap();
        let is_revoked = |certificate: &Certificate| {
            let checked = certificate.at(&Policy::default(), day(10));
            let user = checked.user_ids()[0].status();
            let all = [user, checked.components()[1].status(), checked.status()];
            all.iter().any(|status| status.code() == "revoked")
        };
        assert!(!is_revoked(&stored), "{tag}");
        let merged = stored.merge(&genuine, &few).unwrap();
        assert!(is_revoked(&merged), "{tag}");
        is_read_back(&merged, &few);
        assert!(is_revoked(&genuine.merge(&stored, &few).unwrap()), "{tag}");
        // They stand before it in one file.
        let mixed = with_after(&genuine.to_bytes(), tag, &junk[..15]);
        let read = Certificate::parse(&mixed, &few).unwrap();
        assert!(is_revoked(&read), "{tag}");
        is_read_back(&read, &few);
    }
}

/// The unhashed area of a genuine signature can be changed by anybody: a thousand forms of one are one.
#[test]
fn forms_of_one_signature_keep_no_revocation_out() {
    let revoked = Forge::usual().revoke_user(0, says(9)).certificate();
    let original = Forge::usual().octets();
    let mut forms = original.clone();
    for number in 0..30u8 {
        let mut changed = parse(&original).as_pgp().details.users[0].signatures[0].clone();
        let note = SubpacketData::Experimental(100, pgp::bytes::Bytes::copy_from_slice(&[number]));
        changed.unhashed_subpacket_push(pgp::packet::Subpacket::regular(note).unwrap()).unwrap();
        forms = with_after(&forms, USER_ID, &[pgp::ser::Serialize::to_bytes(&changed).unwrap()]);
    }
    let few = limits(|it| it.component_signatures = 10);
    let stored = Certificate::parse(&forms, &few).unwrap();
    assert_eq!(stored.as_pgp().details.users[0].signatures.len(), 10);
    let merged = stored.merge(&revoked, &few).unwrap();
    assert_eq!(merged.at(&Policy::default(), day(10)).user_ids()[0].status().code(), "revoked");
    assert!(merged.at(&Policy::default(), day(8)).status().is_valid(), "the certification is still there");
}

/// Verifying has an end, and when it is reached nothing that was there is lost.
#[test]
fn the_work_of_verifying_is_bounded() {
    let few = limits(|it| (it.component_signatures, it.verifications) = (40, 20));
    let usual = Forge::usual();
    let junk = claims(&usual.octets(), USER_ID, 80);
    let flooded = |junk: &[Vec<u8>]| parse(&with_after(&usual.octets(), USER_ID, junk));
    // Of those that were there, the ones that were not verified stand; the genuine one is the last of the list.
    let mut stored = flooded(&junk[..39]);
    let merged = stored.merge(&flooded(&junk[39..]), &few).unwrap();
    assert!(merged.at(&Policy::default(), day(10)).status().is_valid());
    is_read_back(&merged, &few);
    // What claims to be ours before it spends all there is, and does not pass for genuine.
    let spent = claims(&Forge::usual().revoke(says(1)).octets(), 6, 30);
    let bindings = claims(&usual.octets(), SUBKEY, 39);
    let octets = with_after(&with_after(&usual.octets(), 6, &spent), SUBKEY, &bindings);
    stored = parse(&octets);
    assert_eq!(stored.as_pgp().public_subkeys[0].signatures.len(), 40);
    for update in [Forge::usual().revoke_subkey(0, says(9)), Forge::usual().revoke(says(9))] {
        let merged = stored.merge(&update.certificate(), &few).unwrap();
        let checked = merged.at(&Policy::default(), day(10));
        assert_eq!(checked.components()[1].status().code(), "revoked");
        is_read_back(&merged, &few);
    }
    let base = Forge::new().user("Nora <nora@example.org>", [says(0).certify_and_sign()]);
    let renewed = base.encryption_subkey([says(0), says(5), says(6).key_days(90)].map(Says::encrypt)).certificate();
    let merged = stored.merge(&renewed, &few).unwrap();
    assert_eq!(merged.at(&Policy::default(), day(10)).components()[1].expires(), Some(day(90)));
}

/// A thief of the primary key makes as many genuine signatures as he likes: the owner's revocation comes first.
#[test]
fn genuine_signatures_keep_no_revocation_out() {
    let few = limits(|it| (it.component_signatures, it.user_ids) = (6, 2));
    let base = || Forge::new().encryption_subkey([says(0).encrypt()]);
    let stolen = [1, 2, 3, 4, 5, 6].map(|days| says(days).certify_and_sign());
    let owner = base().user("Nora", [says(0).certify_and_sign()]);
    let thief = base().user("Nora", stolen).user("Eve", [says(3)]).user("Eva", [says(4)]);
    let known = owner.certificate();
    assert_eq!(known.merge(&thief.certificate(), &few).unwrap_err().code(), "too-large");
    let hard = RevocationCode::KeyCompromised;
    let merged = known.merge(&thief.revoke(says(8).reason(hard)).certificate(), &few).unwrap();
    assert_eq!(merged.at(&Policy::default(), day(1)).status().code(), "revoked");
    is_read_back(&merged, &few);
    // Soft revocations that he takes back again do not keep a hard one out.
    let mut flooded = base().user("Nora", [says(0).certify_and_sign(), says(9).certify_and_sign()]);
    for days in 1..7 {
        flooded = flooded.revoke(says(days).reason(RevocationCode::KeyRetired));
    }
    let full = flooded.certificate();
    assert!(full.at(&Policy::default(), day(10)).status().is_valid());
    let revoked = base().user("Nora", [says(0).certify_and_sign()]).revoke(says(8).reason(hard)).certificate();
    let merged = full.merge(&revoked, &few).unwrap();
    assert_eq!(merged.at(&Policy::default(), day(10)).status().code(), "revoked");
    // Nor does a user ID that he filled.
    let filled = base().user("Nora", [0, 1, 2, 3, 4, 5].map(|days| says(days).certify_and_sign())).certificate();
    let update = base().user("Nora", [says(0).certify_and_sign()]).revoke_user(0, says(9)).certificate();
    let merged = filled.merge(&update, &few).unwrap();
    assert_eq!(merged.at(&Policy::default(), day(10)).user_ids()[0].status().code(), "revoked");
    is_read_back(&merged, &few);
}

#[test]
fn components_that_nobody_bound_give_way_to_those_that_are() {
    let few = limits(|it| (it.user_ids, it.subkeys) = (4, 4));
    let mut flooded = Forge::usual();
    for number in 0..3 {
        flooded = flooded.user(&format!("Eve {number}"), []).encryption_subkey([]);
    }
    // Another random state would make other subkeys: the genuine one comes from a copy that has all of them.
    let stored = flooded.certificate();
    let genuine = flooded.user("Nora 2", [says(5)]).encryption_subkey([says(6).encrypt()]).certificate();
    let merged = stored.merge(&genuine, &few).unwrap();
    let checked = merged.at(&Policy::default(), day(10));
    assert!(checked.user_ids().iter().any(|user| user.text() == Some("Nora 2") && user.status().is_valid()));
    assert_eq!((merged.user_ids().count(), checked.encryption_keys().len()), (4, 2));
    is_read_back(&merged, &few);
}

#[test]
fn an_edit_that_would_not_be_read_back_is_refused_and_a_revocation_is_not() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let plain = locked(profile);
        let flooded = parse(&with_after(&plain.certificate().to_bytes(), USER_ID, &foreign(10)));
        let key = plain.merge_certificate(&flooded, &Limits::default()).unwrap();
        let (count, octets) = (packets(&key.to_bytes()).len(), key.to_bytes().len());
        for full in [limits(|it| it.key_packets = count), limits(|it| it.key_bytes = octets)] {
            let bench = Bench { limits: full.clone(), ..Bench::at(5) };
            let options = bench.options();
            let subkey = envelock::NewSubkey { key_use: envelock::KeyUse::Sign, algorithm: None, expires: None };
            let fingerprint =
                key.certificate().component_keys().nth(1).map(|it| pgp::types::KeyDetails::fingerprint(&it));
            let fingerprint = fingerprint.unwrap();
            for refused in [
                key.add_user_id("New", false, &options, &mut rng()),
                key.set_primary_user_id(BERG, &options, &mut rng()),
                key.set_expiration(Some(day(99)), &options, &mut rng()),
                key.set_subkey_expiration(&fingerprint, Some(day(99)), &options, &mut rng()),
                key.add_subkey(&subkey, &options, &mut rng()),
            ] {
                assert_eq!(refused.unwrap_err().code(), "too-large");
            }
            let reason = RevocationReason::Retired;
            let file = key.generate_revocation(reason, "", &options, &mut rng()).unwrap();
            for revoked in [
                key.revoke(reason, "", &options, &mut rng()).unwrap(),
                key.revoke_subkey(&fingerprint, reason, "", &options, &mut rng()).unwrap(),
                key.revoke_user_id(BERG, "", &options, &mut rng()).unwrap(),
                key.apply_revocation(file.as_bytes(), &bench.policy, &full).unwrap(),
            ] {
                let read = SecretKey::parse(&revoked.to_bytes(), &full).unwrap();
                assert_eq!(read.to_bytes(), revoked.to_bytes());
                let certificate = read.certificate();
                let checked = certificate.at(&bench.policy, day(6));
                let components = checked.components().iter().map(|it| it.status());
                let mut all = components.chain(checked.user_ids().iter().map(|it| it.status()));
                assert!(all.any(|status| status.code() == "revoked"));
                assert_eq!(read.components().count(), 2);
            }
            let certificate = key.certificate().apply_revocation(file.as_bytes(), &bench.policy, &full).unwrap();
            assert_eq!(certificate.at(&bench.policy, day(6)).status().code(), "revoked");
        }
        let exact = limits(|it| it.key_packets = packets(&plain.to_bytes()).len());
        let bench = Bench { limits: exact, ..Bench::at(5) };
        let refused = plain.revoke(RevocationReason::Retired, "", &bench.options(), &mut rng());
        assert_eq!(refused.unwrap_err().code(), "too-large", "nothing there may be left out");
    }
}

#[test]
fn a_certification_that_would_not_be_read_back_is_refused() {
    let nora = Forge::usual().certificate();
    let full = limits(|it| it.key_packets = packets(&nora.to_bytes()).len());
    let bench = Bench { limits: full, ..Bench::at(5) };
    let name = ["Nora <nora@example.org>".to_owned()];
    let how = envelock::Certification::default();
    let refused = locked(Profile::Compat).certify(&nora, &name, &how, &bench.options(), &mut rng());
    assert_eq!(refused.unwrap_err().code(), "too-large");
}

/// A second copy of a subkey is no second subkey, though no further one would be taken.
#[test]
fn a_subkey_that_is_repeated_at_the_limit_keeps_its_revocation() {
    let usual = Forge::usual();
    let subkey = packets(&usual.octets()).into_iter().find(|packet| packet.0 == SUBKEY).unwrap();
    let revocation = packets(&Forge::usual().revoke_subkey(0, says(5)).octets()).pop().unwrap();
    let octets = [usual.octets(), written(&vec![subkey, revocation])].concat();
    let read = Certificate::parse(&octets, &limits(|it| it.subkeys = 1)).unwrap();
    assert_eq!(read.at(&Policy::default(), day(10)).components()[1].status().code(), "revoked");
}

/// What is over the limit of a component costs nothing that follows.
#[test]
fn what_is_left_out_does_not_count() {
    let flooded = with_after(&Forge::usual().octets(), USER_ID, &foreign(40));
    let few = limits(|it| (it.component_signatures, it.key_packets) = (10, 20));
    let read = Certificate::parse(&flooded, &few).unwrap();
    assert_eq!(read.at(&Policy::default(), day(1)).encryption_keys().len(), 1);
}
