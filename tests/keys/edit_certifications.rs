//! Other people's user IDs, certified and taken back.

use envelock::{Certificate, Certification, KeyError, Profile, RevocationReason};
use pgp::{
    packet::{Signature, SignatureType, SubpacketData},
    types::Tag,
};

use crate::edit_bench::{ANNA, BERG, BOTH, Bench, added, locked, made, rng, users};
use crate::forge::day;

const CARL: &str = "Carl <carl@example.org>";
const OLD: &str = "Carl <old@example.org>";

fn carl(profile: Profile) -> Certificate {
    made(profile, &[CARL, OLD, "Carl C"], None).certificate()
}

fn ids(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn last_on(certificate: &Certificate, index: usize) -> &Signature {
    certificate.as_pgp().details.users[index].signatures.last().unwrap()
}

#[test]
fn they_are_certified_and_nothing_else_changes() {
    for signer in BOTH {
        let anna = locked(signer);
        let carl = carl(signer);
        let bench = Bench::at(5);
        let certified =
            anna.certify(&carl, &ids(&[CARL]), &Certification::default(), &bench.options(), &mut rng()).unwrap();
        assert_eq!(added(&carl.to_bytes(), &certified.to_bytes()).len(), 1);
        assert_eq!(Certificate::parse(&certified.to_bytes(), &bench.limits).unwrap().to_bytes(), certified.to_bytes());
        let signature = last_on(&certified, 0);
        assert_eq!(signature.typ(), Some(SignatureType::CertGeneric));
        let (signee, by) = (&certified.as_pgp().primary_key, &anna.as_pgp().primary_key);
        let id = &certified.as_pgp().details.users[0].id;
        signature.verify_third_party_certification(signee, by.public_key(), Tag::UserId, id).unwrap();
        assert!(signature.exportable_certification() && signature.trust_signature().is_none());
        assert!(users(&certified, day(6)).iter().all(|(_, status)| *status == "valid"));

        // Again: newer than the first, although made in the same second.
        let twice = anna
            .certify(&certified, &ids(&[CARL, OLD]), &Certification::default(), &bench.options(), &mut rng())
            .unwrap();
        let created = |index| last_on(&twice, index).created().unwrap().as_secs() - day(5).as_secs();
        assert_eq!((created(0), created(1)), (1, 0));
    }
}

#[test]
fn with_an_end_locally_and_with_trust() {
    let certification = Certification { expires: Some(day(35)), exportable: false, trust: Some((1, 120)) };
    let certified = locked(Profile::Compat)
        .certify(&carl(Profile::Compat), &ids(&[OLD]), &certification, &Bench::at(5).options(), &mut rng())
        .unwrap();
    let signature = last_on(&certified, 1);
    assert_eq!(signature.signature_expiration_time().unwrap().as_secs(), 30 * 86_400);
    assert!(!signature.exportable_certification());
    assert_eq!(signature.trust_signature(), Some((1, 120)));
    let critical = |data: &SubpacketData| {
        signature.config().unwrap().hashed_subpackets.iter().any(|it| it.is_critical && it.data == *data)
    };
    assert!(critical(&SubpacketData::ExportableCertification(false)));
}

#[test]
fn they_are_taken_back() {
    for profile in BOTH {
        let anna = locked(profile);
        let bench = Bench::at(5);
        for exportable in [true, false] {
            let how = Certification { exportable, ..Certification::default() };
            let carl = carl(profile);
            let certified = anna.certify(&carl, &ids(&[CARL]), &how, &bench.options(), &mut rng()).unwrap();
            let back =
                anna.revoke_certification(&certified, &ids(&[CARL]), "not him", &bench.options(), &mut rng()).unwrap();
            added(&certified.to_bytes(), &back.to_bytes());
            let signature = last_on(&back, 0);
            assert_eq!(signature.typ(), Some(SignatureType::CertRevocation));
            assert_eq!(signature.exportable_certification(), exportable);
            assert_eq!(signature.created().unwrap().as_secs(), day(5).as_secs() + 1);
            assert_eq!(signature.revocation_reason_string().unwrap().as_ref(), b"not him");
            assert_eq!(users(&back, day(6))[0].1, "valid", "his own word counts for himself");
            let code = |certificate: &Certificate, id: &str| {
                anna.revoke_certification(certificate, &ids(&[id]), "", &bench.options(), &mut rng())
                    .unwrap_err()
                    .code()
            };
            assert_eq!(code(&back, CARL), "not-certified", "twice");
            assert_eq!(code(&certified, OLD), "not-certified");
            assert_eq!(code(&certified, "nobody"), "unknown-user-id");
        }
    }
}

#[test]
fn across_versions() {
    for (signer, signee) in [(Profile::Compat, Profile::Rfc9580), (Profile::Rfc9580, Profile::Compat)] {
        let anna = locked(signer);
        let bench = Bench::at(5);
        let how = Certification::default();
        let certified = anna.certify(&carl(signee), &ids(&[CARL]), &how, &bench.options(), &mut rng()).unwrap();
        // It is found again as her own.
        anna.revoke_certification(&certified, &ids(&[CARL]), "", &bench.options(), &mut rng()).unwrap();
    }
}

#[test]
fn what_is_not_certified() {
    let bench = Bench::at(5);
    let anna = locked(Profile::Compat);
    let certify = |certificate: &Certificate, texts: &[&str], how: &Certification| -> Result<Certificate, KeyError> {
        anna.certify(certificate, &ids(texts), how, &bench.options(), &mut rng())
    };
    let code = |result: Result<Certificate, KeyError>| result.unwrap_err().code();
    let plain = Certification::default();
    let carl = carl(Profile::Compat);
    assert_eq!(code(certify(&carl, &["nobody"], &plain)), "unknown-user-id");
    assert_eq!(code(certify(&carl, &[], &plain)), "bad-options");
    assert_eq!(code(certify(&anna.certificate(), &[ANNA], &plain)), "bad-options");
    let ended = Certification { expires: Some(day(5)), ..plain };
    assert_eq!(code(certify(&carl, &[CARL], &ended)), "bad-options");

    let him = made(Profile::Compat, &[CARL, OLD, "Carl C"], None);
    let without_old = him.revoke_user_id(OLD, "", &Bench::at(1).options(), &mut rng()).unwrap().certificate();
    assert_eq!(code(certify(&without_old, &[OLD], &plain)), "key-not-usable");
    let revoked = him.revoke(RevocationReason::Retired, "", &Bench::at(1).options(), &mut rng()).unwrap();
    assert_eq!(code(certify(&revoked.certificate(), &[CARL], &plain)), "key-not-usable");

    let ended = made(Profile::Compat, &[BERG], Some(day(3)));
    let refused = ended.certify(&carl, &ids(&[CARL]), &plain, &bench.options(), &mut rng());
    assert_eq!(refused.unwrap_err().code(), "key-not-usable");
    let silent = crate::forge::Forge::new().user("Nora", [crate::forge::says(0).sign()]).secret_key();
    let refused = silent.certify(&carl, &ids(&[CARL]), &plain, &bench.without_passphrase(), &mut rng());
    assert_eq!(refused.unwrap_err().code(), "no-certifying-key");
}
