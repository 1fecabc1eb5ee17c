//! What others said of a user ID: the newest word counts, and looking at all of them has an end.

use std::time::{Duration, Instant};

use envelock::{Certificate, KeyringItem, Limits, Policy, ThirdPartyStatus, inspect::inspect};
use pgp::{
    crypto::hash::HashAlgorithm,
    packet::{RevocationCode, SignatureType, SubpacketData},
};

use crate::{
    edit_bench::packets,
    forge::{DAY, Forge, START, Says, day, says},
};

const CERTIFIES: SignatureType = SignatureType::CertGeneric;
const TAKES_BACK: SignatureType = SignatureType::CertRevocation;

fn with_signatures(certificate: &Certificate, signatures: &[Vec<u8>]) -> Certificate {
    let mut octets = Vec::new();
    let mut write = |tag: u8, body: &[u8]| {
        envelock_seipd::packet::write_header(&mut octets, tag, body.len() as u32);
        octets.extend_from_slice(body);
    };
    for (tag, body) in packets(&certificate.to_bytes()) {
        write(tag, &body);
        if tag == 13 {
            signatures.iter().for_each(|signature| write(2, signature));
        }
    }
    Certificate::parse(&octets, &Limits::default()).unwrap()
}

fn authority() -> Forge {
    Forge::of(30).user("Authority", [says(0).certify_and_sign()])
}

/// What the authority said, by `is_certified_by` and by the inspection of the first certification.
fn told(said: &[(SignatureType, Says)], days: u32) -> (bool, ThirdPartyStatus) {
    let (nora, authority) = (Forge::usual().certificate(), authority());
    let signatures: Vec<_> = said.iter().map(|(typ, says)| authority.on_other(&nora, *typ, says)).collect();
    judged(&with_signatures(&nora, &signatures), &authority.certificate(), days)
}

fn judged(certified: &Certificate, authority: &Certificate, days: u32) -> (bool, ThirdPartyStatus) {
    let (policy, known) = (Policy::default(), [authority.clone()]);
    let seen = inspect(&KeyringItem::Certificate(certified.clone()), &known, &policy, day(days)).unwrap();
    (certified.is_certified_by(&known, |_| true, &policy, day(days)), seen.user_ids[0].certifications[0].status)
}

#[test]
fn the_newest_word_counts() {
    let ever = || (CERTIFIES, says(2));
    assert_eq!(told(&[ever()], 30), (true, ThirdPartyStatus::Valid));
    assert!(!told(&[(CERTIFIES, says(2).signature_days(5))], 30).0);
    // One that has ended took the place of one without an end.
    let ended = [ever(), (CERTIFIES, says(3).signature_days(5))];
    assert_eq!(told(&ended, 30), (false, ThirdPartyStatus::Expired), "the inspection says so, too");
    assert!(told(&[ever(), (CERTIFIES, says(3).signature_days(5))], 6).0);
    assert!(told(&[(CERTIFIES, says(2).signature_days(5)), (CERTIFIES, says(3))], 30).0);
    // A revocation that has ended brings nothing back.
    assert!(!told(&[ever(), (TAKES_BACK, says(3).signature_days(5))], 30).0);
    assert_eq!(told(&[ever(), (TAKES_BACK, says(3))], 30), (false, ThirdPartyStatus::Revoked));
    assert!(told(&[ever(), (TAKES_BACK, says(3)), (CERTIFIES, says(4))], 30).0);
    assert!(!told(&[(CERTIFIES, says(3)), (TAKES_BACK, says(3))], 30).0, "of one moment the revocation counts");
}

/// A certification with SHA-1 is no good; a revocation with it, or with worse, is.
#[test]
fn revocations_with_outdated_hashes_are_believed() {
    let nora = Forge::usual().certificate();
    let ivan = Forge::rsa().user("Ivan", [says(0).certify_and_sign()]);
    for hash in [HashAlgorithm::Sha1, HashAlgorithm::Ripemd160, HashAlgorithm::Md5] {
        let good = ivan.on_other(&nora, CERTIFIES, &says(2));
        let weak = ivan.on_other(&nora, CERTIFIES, &says(2).hash(hash));
        let back = ivan.on_other(&nora, TAKES_BACK, &says(3).hash(hash).reason(RevocationCode::CertUserIdInvalid));
        let told = |signatures: &[Vec<u8>]| judged(&with_signatures(&nora, signatures), &ivan.certificate(), 10);
        assert_eq!(told(&[weak]), (false, ThirdPartyStatus::Invalid), "{hash:?}");
        assert_eq!(told(&[good, back]), (false, ThirdPartyStatus::Revoked), "{hash:?}");
    }
    // And so are those of the key itself.
    for hash in [HashAlgorithm::Sha1, HashAlgorithm::Ripemd160, HashAlgorithm::Md5] {
        let revoked = Forge::rsa().user("Ivan", [says(0).certify_and_sign()]);
        let revoked = revoked.revoke(says(1).hash(hash).reason(RevocationCode::KeyRetired)).certificate();
        assert_eq!(revoked.at(&Policy::default(), day(3)).status().code(), "revoked", "{hash:?}");
    }
}

/// DSA signatures are accepted until February 2023, revocations by DSA keys for ever. Made by GnuPG, dated June 2024.
#[test]
fn a_revocation_by_a_dsa_key_is_believed_whatever_its_date() {
    let certificate = Certificate::parse(include_bytes!("dsa-revoked.pub.asc"), &Limits::default()).unwrap();
    let status = |seconds| {
        let at = envelock::Timestamp::from_secs(seconds);
        certificate.at(&Policy::default(), at).status().code()
    };
    const JUNE_2024: u32 = 1_717_243_200;
    assert_eq!((status(JUNE_2024 - DAY), status(JUNE_2024 + DAY)), ("valid", "revoked"));
}

/// As a signature that does not verify, in the middle of S: one that is out of range would be refused without work.
fn damaged(mut signature: Vec<u8>, number: u16) -> Vec<u8> {
    let middle = signature.len() - 16;
    signature[middle..middle + 2].copy_from_slice(&number.to_be_bytes());
    signature
}

fn time(work: impl Fn()) -> Duration {
    let all = (0..3).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    all.min().unwrap()
}

/// Revocations that do not verify were verified again for every certification.
#[test]
fn each_signature_is_verified_once() {
    let (nora, authority) = (Forge::usual().certificate(), authority());
    let certify = |number: u32| {
        let note = SubpacketData::Experimental(100, pgp::bytes::Bytes::copy_from_slice(&number.to_be_bytes()));
        authority.on_other(&nora, CERTIFIES, &says(2).regular(note))
    };
    let junk = |number: u16| damaged(authority.on_other(&nora, TAKES_BACK, &says(5)), number);
    let known = [authority.certificate()];
    let look = |certifications: u32| {
        let signatures: Vec<_> = (0..certifications).map(certify).chain((0..60).map(junk)).collect();
        let certificate = KeyringItem::Certificate(with_signatures(&nora, &signatures));
        time(|| drop(inspect(&certificate, &known, &Policy::default(), day(9)).unwrap()))
    };
    let (one, many) = (look(1), look(30));
    assert!(many < 8 * one, "{one:?} for one certification, {many:?} for thirty");
}

/// What looking costs is bounded: when it is spent, nothing is called valid any more.
#[test]
fn what_was_not_verified_is_unknown() {
    let (nora, authority) = (Forge::usual().certificate(), authority());
    // A maker whose own certificate claims many signatures is dear to judge.
    let heavy = (0..900u16).map(|number| damaged(packets(&authority.octets()).pop().unwrap().1, number));
    let heavy = with_signatures(&authority.certificate(), &heavy.collect::<Vec<_>>());
    let made = (0..8).map(|number| authority.on_other(&nora, CERTIFIES, &says(2).at(START + 2 * DAY + number)));
    let certified = with_signatures(&nora, &made.collect::<Vec<_>>());
    let seen = inspect(&KeyringItem::Certificate(certified), &[heavy], &Policy::default(), day(9)).unwrap();
    let statuses: Vec<_> = seen.user_ids[0].certifications.iter().map(|it| it.status).collect();
    assert_eq!(statuses[0], ThirdPartyStatus::Valid);
    assert_eq!(statuses[7], ThirdPartyStatus::Unknown);
}

#[test]
fn local_certifications_of_unread_components_do_not_leave_the_house() {
    let (nora, authority) = (Forge::usual().certificate(), authority());
    let local = says(2).critical(SubpacketData::ExportableCertification(false));
    let [local, public] = [local, says(2)].map(|says| authority.on_other(&nora, CERTIFIES, &says));
    let with = |signatures: &[&Vec<u8>]| {
        let mut octets = nora.to_bytes();
        let mut write = |tag: u8, body: &[u8]| {
            envelock_seipd::packet::write_header(&mut octets, tag, body.len() as u32);
            octets.extend_from_slice(body);
        };
        write(17, &[5, 1, 16, 0, 7, 0, 3, 60, 1, 2]);
        signatures.iter().for_each(|signature| write(2, signature));
        Certificate::parse(&octets, &Limits::default()).unwrap()
    };
    assert_eq!(packets(&with(&[&local]).to_bytes()).len(), packets(&nora.to_bytes()).len() + 2, "it is kept at home");
    assert!(with(&[&local, &public]).to_publish() == with(&[&public]));
    assert!(with(&[&local]).to_publish() == nora);
    assert!(with(&[]).to_publish() == with(&[]));
}
