//! What directories and keyservers may send, and what is kept of it.

use envelock::{Discovered, Limits, Policy, select_for_address};
use pgp::packet::{RevocationCode, SubpacketData};

use crate::forge::{Forge, day, says};

fn select(input: &[u8], spellings: &[&str]) -> Discovered {
    select_for_address(input, spellings, &Policy::default(), &Limits::default(), day(100))
}

fn kept(discovered: &Discovered) -> Vec<Vec<String>> {
    discovered.certificates.iter().map(|it| it.user_ids().map(|text| text.into_owned()).collect()).collect()
}

fn codes(discovered: &Discovered) -> Vec<&'static str> {
    discovered.rejected.iter().map(|it| it.reason.code()).collect()
}

fn person(seed: u64, user_ids: &[&str]) -> Forge {
    let with = |forge: Forge, text: &&str| forge.user(text, [says(0).certify_and_sign()]);
    user_ids.iter().fold(Forge::of(seed), with).encryption_subkey([says(0).encrypt()])
}

#[test]
fn a_certificate_is_reduced_to_the_address_it_was_asked_for() {
    let nora = person(1, &["Nora <nora@example.org>", "ben@example.org", "Nora at work <NORA@Example.ORG>", "Nora"]);
    for input in [nora.octets(), nora.certificate().to_armored().into_bytes()] {
        let found = select(&input, &["nora@example.org"]);
        assert_eq!(kept(&found), [["Nora <nora@example.org>", "Nora at work <NORA@Example.ORG>"]]);
        assert!(found.rejected.is_empty());
        let checked = found.certificates[0].at(&Policy::default(), day(100));
        assert!(checked.status().is_valid() && checked.encryption_keys().len() == 1);
        assert_eq!(found.certificates[0].fingerprint(), nora.certificate().fingerprint());
    }
}

#[test]
fn certificates_for_others_are_told_and_not_kept() {
    let (nora, eve) = (person(1, &["nora@example.org"]), person(2, &["\"nora@example.org\" <eve@evil.example>"]));
    let found = select(&[eve.octets(), nora.octets()].concat(), &["nora@example.org"]);
    assert_eq!(kept(&found), [["nora@example.org"]]);
    assert_eq!(codes(&found), ["other-address"]);
    assert_eq!(found.rejected[0].fingerprint.as_ref(), Some(&eve.certificate().fingerprint()));
}

#[test]
fn a_user_id_that_its_owner_does_not_certify_is_nobodys() {
    // Anybody can append one to anybody's certificate; its owner signed another address only.
    let added = person(2, &["eve@evil.example"]).user("nora@example.org", []);
    assert_eq!(codes(&select(&added.octets(), &["nora@example.org"])), ["other-address"]);
    let left = person(3, &["nora@example.org", "new@example.org"]);
    let left = left.revoke_user(0, says(50).reason(RevocationCode::CertUserIdInvalid));
    assert_eq!(codes(&select(&left.octets(), &["nora@example.org"])), ["other-address"]);
    assert_eq!(kept(&select(&left.octets(), &["new@example.org"])), [["new@example.org"]]);
}

#[test]
fn revoked_and_expired_ones_come_along_with_their_status() {
    let revoked = person(1, &["nora@example.org"]).revoke(says(50).reason(RevocationCode::KeyCompromised));
    let expired = Forge::of(2).user("nora@example.org", [says(0).certify_and_sign().key_days(10)]);
    let found = select(&[revoked.octets(), expired.octets()].concat(), &["nora@example.org"]);
    let status: Vec<_> =
        found.certificates.iter().map(|it| it.at(&Policy::default(), day(100)).status().code()).collect();
    assert_eq!(status, ["revoked", "expired"]);
}

#[test]
fn secret_keys_and_nonsense_are_told_and_not_kept() {
    let secret = Forge::usual().secret_key().to_bytes();
    let found = select(&secret, &["nora@example.org"]);
    assert_eq!((kept(&found).len(), codes(&found)), (0, vec!["secret-key"]));
    for nonsense in [&b"<!doctype html>"[..], b"", &[0x98, 0xff, 0xff], &[0xff; 100]] {
        let found = select(nonsense, &["nora@example.org"]);
        assert!(found.certificates.is_empty() && !found.rejected.is_empty(), "{nonsense:?}");
    }
}

#[test]
fn a_domain_in_another_script_has_two_spellings() {
    let anna = person(1, &["anna@exämple.org"]).octets();
    assert_eq!(kept(&select(&anna, &["anna@exämple.org", "anna@xn--exmple-cua.org"])).len(), 1);
    let anna = person(1, &["anna@xn--exmple-cua.org"]).octets();
    assert_eq!(kept(&select(&anna, &["anna@exämple.org", "anna@xn--exmple-cua.org"])).len(), 1);
    assert!(kept(&select(&anna, &["anna@example.org"])).is_empty());
}

#[test]
fn certifications_that_must_not_travel_do_not() {
    let local = says(1).certify_and_sign().regular(SubpacketData::ExportableCertification(false));
    let nora = Forge::of(1).user("nora@example.org", [says(0).certify_and_sign(), local]);
    let found = select(&nora.octets(), &["nora@example.org"]);
    assert_eq!(found.certificates[0].as_pgp().details.users[0].signatures.len(), 1);
}
