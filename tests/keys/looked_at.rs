//! Everything about a key as data: user IDs, what others certify, components, weaknesses.

use envelock::{
    Certificate, Certification, KeyringItem, Limits, Policy, Profile, SecretKey, ThirdPartyStatus,
    inspect::{Inspection, SecretPart, UserIdWarning, inspect},
};
use pgp::crypto::hash::HashAlgorithm;

use crate::{
    edit_bench::{Bench, PASSPHRASE, made, rng},
    forge::{Forge, day, says},
};

fn look(key: KeyringItem, known: &[Certificate], days: u32) -> Inspection {
    inspect(&key, known, &Policy::default(), day(days)).unwrap()
}

#[test]
fn a_certificate_in_full() {
    let certificate =
        Forge::usual().user("\u{0410}nna \u{202E}<a@b.example>", [says(3)]).revoke_subkey(0, says(5)).certificate();
    let seen = look(KeyringItem::Certificate(certificate), &[], 10);
    let [nora, anna] = &seen.user_ids[..] else { panic!() };
    assert_eq!((nora.parts.name.as_str(), nora.parts.email.as_deref()), ("Nora", Some("nora@example.org")));
    assert!(nora.warnings.is_empty() && nora.status.is_valid() && nora.certified == Some(day(0)));
    assert_eq!(anna.warnings, [UserIdWarning::Bidirectional, UserIdWarning::MixedScript]);
    assert!(anna.primary && !nora.primary, "the most recently certified stands for the key");
    assert_eq!(seen.components[1].status.code(), "revoked");
    assert!(seen.components.iter().all(|it| it.secret.is_none() && it.bits.is_none()));
    assert!(seen.weaknesses.is_empty());
}

#[test]
fn secret_parts_by_component() {
    let mut key = unlocked(Profile::Rfc9580, &["Anna"]);
    let parts = |key: &SecretKey| {
        look(KeyringItem::SecretKey(key.clone()), &[], 1).components.iter().map(|it| it.secret).collect::<Vec<_>>()
    };
    assert_eq!(parts(&key), [Some(SecretPart::Open); 2]);
    key.lock(&"secret".into(), &mut rng()).unwrap();
    assert_eq!(parts(&key), [Some(SecretPart::Locked); 2]);
}

#[test]
fn what_others_certify() {
    let bench = Bench::at(5);
    for (maker, subject) in [
        (unlocked(Profile::Compat, &["Anna"]), Forge::usual().certificate()),
        (unlocked(Profile::Rfc9580, &["Anna"]), Forge::usual().certificate()),
        (unlocked(Profile::Compat, &["Anna"]), unlocked(Profile::Rfc9580, &["Nora <nora@example.org>"]).certificate()),
    ] {
        let name = ["Nora <nora@example.org>".to_owned()];
        let certification = Certification { expires: Some(day(20)), exportable: false, trust: Some((1, 60)) };
        let certified =
            maker.certify(&subject, &name, &certification, &bench.without_passphrase(), &mut rng()).unwrap();
        let known = [maker.certificate()];
        let status = |certificate: &Certificate, known: &[Certificate], days| {
            let seen = look(KeyringItem::Certificate(certificate.clone()), known, days);
            let [one] = &seen.user_ids[0].certifications[..] else { panic!() };
            assert_eq!((one.exportable, one.trust, one.expires), (false, Some((1, 60)), Some(day(20))));
            one.status
        };
        assert_eq!(status(&certified, &known, 10), ThirdPartyStatus::Valid);
        assert_eq!(status(&certified, &[], 10), ThirdPartyStatus::Unknown);
        assert_eq!(status(&certified, &known, 21), ThirdPartyStatus::Expired);
        assert_eq!(status(&certified, &known, 1), ThirdPartyStatus::Invalid, "from the future");
        let later = Bench::at(8);
        let revoked =
            maker.revoke_certification(&certified, &name, "", &later.without_passphrase(), &mut rng()).unwrap();
        assert_eq!(status(&revoked, &known, 10), ThirdPartyStatus::Revoked);
        assert_eq!(status(&revoked, &known, 7), ThirdPartyStatus::Valid, "not yet");
        // A maker who retired a minute later had certified.
        let minute = Bench { at: envelock::Timestamp::from_secs(day(5).as_secs() + 60), ..Bench::at(5) };
        let retired = envelock::RevocationReason::Retired;
        let gone = maker.revoke(retired, "", &minute.without_passphrase(), &mut rng()).unwrap();
        assert_eq!(status(&certified, &[gone.certificate()], 10), ThirdPartyStatus::Valid);
        // A maker whose key was compromised vouches for nothing, whenever.
        let options = later.without_passphrase();
        let lost = maker.revoke(envelock::RevocationReason::Compromised, "", &options, &mut rng()).unwrap();
        assert_eq!(status(&certified, &[lost.certificate()], 10), ThirdPartyStatus::Invalid);
    }
}

#[test]
fn a_certification_of_somebody_else_does_not_count() {
    let bench = Bench::at(5);
    let anna = unlocked(Profile::Compat, &["Anna"]);
    let name = ["Nora <nora@example.org>".to_owned()];
    let options = bench.without_passphrase();
    let real =
        anna.certify(&Forge::usual().certificate(), &name, &Certification::default(), &options, &mut rng()).unwrap();
    // Its packets under another key with the same user ID.
    let signature = crate::edit_bench::packets(&real.to_bytes()).into_iter().filter(|it| it.0 == 2).nth(1).unwrap();
    let mut eve = Forge::of(99).user("Nora <nora@example.org>", [says(0).certify_and_sign()]).octets();
    envelock_seipd::packet::write_header(&mut eve, 2, signature.1.len() as u32);
    eve.extend(signature.1);
    let eve = Certificate::parse(&eve, &Limits::default()).unwrap();
    let seen = look(KeyringItem::Certificate(eve), &[anna.certificate()], 10);
    assert_eq!(seen.user_ids[0].certifications[0].status, ThirdPartyStatus::Invalid);
}

#[test]
fn weaknesses_have_dates_and_sources() {
    let ivan = Forge::rsa()
        .user("Ivan", [says(0).at(1_654_041_600).hash(HashAlgorithm::Sha1).certify_and_sign()])
        .certificate();
    let seen = look(KeyringItem::Certificate(ivan), &[], 10);
    let found: Vec<_> =
        seen.weaknesses.iter().map(|it| (it.kind.code(), it.since.map(|since| since.as_secs()))).collect();
    assert!(found.contains(&("sha1-self-signature", Some(1_675_209_600))), "{found:?}");
    assert!(seen.weaknesses.iter().all(|it| !it.source.is_empty() && !it.message.is_empty()));
    let short = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/20-keys/cert-rsa-1024.asc");
    let short = Certificate::parse(&std::fs::read(short).unwrap(), &Limits::default()).unwrap();
    let seen = look(KeyringItem::Certificate(short), &[], 10);
    assert!(seen.weaknesses.iter().any(|it| it.kind.code() == "weak-key" && it.source.contains("12.4")));
    assert_eq!(seen.components[0].bits, Some(1024));
}

fn unlocked(profile: Profile, user_ids: &[&str]) -> SecretKey {
    let mut key = made(profile, user_ids, None);
    key.unlock(&PASSPHRASE.into(), &Limits::default()).unwrap();
    key
}
