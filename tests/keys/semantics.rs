//! What a certificate is worth at a moment, rule by rule.

use envelock::{Certificate, Policy, Status, Timestamp};
use pgp::{
    bytes::Bytes,
    crypto::hash::HashAlgorithm,
    packet::{Notation, RevocationCode, SubpacketData},
};

use crate::forge::{DAY, Forge, START, day, says};

fn encrypts(certificate: &Certificate, at: Timestamp) -> bool {
    !certificate.at(&Policy::default(), at).encryption_keys().is_empty()
}

fn signing_keys(certificate: &Certificate, at: Timestamp) -> usize {
    certificate.at(&Policy::default(), at).signing_keys().len()
}

fn status(certificate: &Certificate, at: Timestamp) -> &'static str {
    certificate.at(&Policy::default(), at).status().code()
}

#[test]
fn a_usual_certificate() {
    let certificate = Forge::usual().certificate();
    let checked = certificate.at(&Policy::default(), day(10));
    assert_eq!(checked.status(), Status::Valid);
    assert_eq!(checked.primary_user_id(), Some("Nora <nora@example.org>"));
    assert_eq!(checked.expires(), None);
    assert!(!checked.prefers_seipd_v2());
    assert_eq!(checked.encryption_keys().len(), 1);
    let signing = checked.signing_keys();
    assert!(signing.len() == 1 && signing[0].is_primary());
}

#[test]
fn nothing_is_valid_before_it_was_made() {
    let certificate = Forge::usual().certificate();
    assert_eq!(status(&certificate, Timestamp::from_secs(START - DAY)), "invalid");
    assert!(!encrypts(&certificate, Timestamp::from_secs(START - DAY)));
    assert!(encrypts(&certificate, Timestamp::from_secs(START - 60)), "clocks differ by minutes");
}

#[test]
fn without_self_signature() {
    let bare = Forge::new().encryption_subkey([says(0).encrypt()]).certificate();
    assert_eq!(status(&bare, day(1)), "invalid");
    assert!(!encrypts(&bare, day(1)));
    let direct = Forge::new().direct(says(0).certify_and_sign()).encryption_subkey([says(0).encrypt()]).certificate();
    assert!(encrypts(&direct, day(1)));
}

#[test]
fn the_primary_key_ends_where_any_current_self_signature_says() {
    let by_user =
        Forge::new().user("Nora", [says(0).certify_and_sign().key_days(30)]).encryption_subkey([says(0).encrypt()]);
    let by_direct = Forge::usual().direct(says(0).key_days(30));
    for certificate in [by_user.certificate(), by_direct.certificate()] {
        assert!(encrypts(&certificate, day(29)));
        assert!(!encrypts(&certificate, day(30)), "the end itself is outside");
        assert_eq!(signing_keys(&certificate, day(31)), 0);
        assert!(
            matches!(certificate.at(&Policy::default(), day(31)).status(), Status::Expired { at } if at == day(30))
        );
        assert_eq!(certificate.at(&Policy::default(), day(1)).expires(), Some(day(30)));
    }
}

#[test]
fn a_newer_self_signature_prolongs_or_shortens() {
    let prolonged = Forge::new()
        .user("Nora", [says(0).certify_and_sign().key_days(30), says(20).certify_and_sign().key_days(90)])
        .encryption_subkey([says(0).encrypt()])
        .certificate();
    assert!(encrypts(&prolonged, day(60)) && !encrypts(&prolonged, day(91)));
    let shortened = Forge::new()
        .user("Nora", [says(20).certify_and_sign().key_days(25), says(0).certify_and_sign()])
        .encryption_subkey([says(0).encrypt()])
        .certificate();
    assert!(encrypts(&shortened, day(24)) && !encrypts(&shortened, day(26)));
}

#[test]
fn a_key_lifetime_of_zero_is_no_end() {
    let certificate = Forge::new()
        .user("Nora", [says(0).certify_and_sign().key_days(0)])
        .encryption_subkey([says(0).encrypt().key_days(0)])
        .certificate();
    assert!(encrypts(&certificate, day(9000)));
}

#[test]
fn an_ended_signature_binds_nothing() {
    let certificate = Forge::new()
        .user("Nora", [says(0).certify_and_sign().signature_days(10)])
        .encryption_subkey([says(0).encrypt()])
        .certificate();
    assert!(encrypts(&certificate, day(9)));
    assert_eq!(status(&certificate, day(11)), "invalid");
    let subkey = Forge::new()
        .user("Nora", [says(0).certify_and_sign()])
        .encryption_subkey([says(0).encrypt().signature_days(10)])
        .certificate();
    assert!(encrypts(&subkey, day(9)) && !encrypts(&subkey, day(11)));
}

#[test]
fn subkeys_end_by_their_newest_binding() {
    let certificate = Forge::new()
        .user("Nora", [says(0).certify_and_sign()])
        .encryption_subkey([says(0).encrypt(), says(5).encrypt().key_days(10)])
        .certificate();
    assert!(encrypts(&certificate, day(9)) && !encrypts(&certificate, day(11)));
    let checked = certificate.at(&Policy::default(), day(11));
    assert!(checked.status().is_valid());
    assert_eq!(checked.components()[1].status(), Status::Expired { at: day(10) });
}

#[test]
fn hard_revocations_count_for_all_time_and_soft_ones_from_their_date() {
    for (code, hard) in [
        (None, true),
        (Some(RevocationCode::NoReason), true),
        (Some(RevocationCode::KeyCompromised), true),
        (Some(RevocationCode::Other(77)), true),
        (Some(RevocationCode::KeySuperseded), false),
        (Some(RevocationCode::KeyRetired), false),
    ] {
        let reason = |says: crate::forge::Says| match code {
            Some(code) => says.reason(code),
            None => says,
        };
        let primary = Forge::usual().revoke(reason(says(20))).certificate();
        assert_eq!(encrypts(&primary, day(10)), !hard, "{code:?}");
        assert_eq!(signing_keys(&primary, day(10)), usize::from(!hard), "{code:?}");
        assert!(!encrypts(&primary, day(21)) && signing_keys(&primary, day(21)) == 0, "{code:?}");
        assert!(
            matches!(primary.at(&Policy::default(), day(21)).status(), Status::Revoked { hard: is_hard, .. } if is_hard == hard)
        );

        let subkey = Forge::usual().revoke_subkey(0, reason(says(20))).certificate();
        assert_eq!(encrypts(&subkey, day(10)), !hard, "{code:?}");
        assert!(!encrypts(&subkey, day(21)), "{code:?}");
        assert_eq!(signing_keys(&subkey, day(21)), 1, "the primary key signs on");
    }
}

#[test]
fn a_newer_self_signature_takes_back_a_soft_revocation_only() {
    let soft = Forge::new()
        .user("Nora", [says(0).certify_and_sign(), says(30).certify_and_sign()])
        .encryption_subkey([says(0).encrypt()])
        .revoke(says(20).reason(RevocationCode::KeyRetired))
        .certificate();
    assert!(encrypts(&soft, day(10)) && !encrypts(&soft, day(25)) && encrypts(&soft, day(35)));
    let hard = Forge::new()
        .user("Nora", [says(0).certify_and_sign(), says(30).certify_and_sign()])
        .encryption_subkey([says(0).encrypt()])
        .revoke(says(20).reason(RevocationCode::KeyCompromised))
        .certificate();
    assert!([10, 25, 35].iter().all(|days| !encrypts(&hard, day(*days))));
}

#[test]
fn someone_elses_revocation_is_ignored() {
    let mut victim = Forge::usual();
    let key = std::mem::replace(&mut victim.primary, Forge::of(8).primary);
    let mut forged = victim.revoke(says(5));
    forged.primary = key;
    assert_eq!(forged.certificate().as_pgp().details.revocation_signatures.len(), 1);
    assert!(encrypts(&forged.certificate(), day(10)));
}

#[test]
fn user_ids() {
    let certificate = Forge::new()
        .user("Old <old@example.org>", [says(0).certify_and_sign().regular(SubpacketData::IsPrimary(true))])
        .user("New <new@example.org>", [says(5).certify_and_sign()])
        .user("Nobody <nobody@example.org>", [])
        .revoke_user(0, says(20).reason(RevocationCode::CertUserIdInvalid))
        .certificate();
    let policy = Policy::default();
    assert_eq!(certificate.at(&policy, day(10)).primary_user_id(), Some("Old <old@example.org>"));
    let later = certificate.at(&policy, day(21));
    assert_eq!(later.primary_user_id(), Some("New <new@example.org>"));
    let codes: Vec<_> = later.user_ids().iter().map(|user| user.status().code()).collect();
    assert_eq!(codes, ["revoked", "valid", "invalid"]);
    assert!(later.status().is_valid());
}

#[test]
fn a_v4_certificate_whose_user_ids_are_all_revoked_is_not_valid() {
    let certificate = Forge::usual().revoke_user(0, says(20)).certificate();
    assert!(encrypts(&certificate, day(19)) && !encrypts(&certificate, day(21)));
}

#[test]
fn key_flags_count_only_in_the_hashed_area() {
    let mut flags = pgp::packet::KeyFlags::default();
    flags.set_encrypt_comms(true);
    let unhashed = Forge::new()
        .user("Nora", [says(0).certify_and_sign()])
        .encryption_subkey([says(0).unhashed(SubpacketData::KeyFlags(flags))])
        .certificate();
    assert!(!encrypts(&unhashed, day(1)));
    let without = Forge::new().user("Nora", [says(0)]).encryption_subkey([says(0)]).certificate();
    assert!(!encrypts(&without, day(1)));
    assert_eq!(signing_keys(&without, day(1)), 0);
    assert!(without.at(&Policy::default(), day(1)).status().is_valid());
}

#[test]
fn key_expiry_counts_only_in_the_hashed_area() {
    let certificate = Forge::new()
        .user(
            "Nora",
            [says(0)
                .certify_and_sign()
                .unhashed(SubpacketData::KeyExpirationTime(pgp::types::Duration::from_secs(DAY)))],
        )
        .encryption_subkey([says(0).encrypt()])
        .certificate();
    assert!(encrypts(&certificate, day(5)));
}

#[test]
fn flags_for_an_algorithm_that_cannot_give_nothing() {
    let certificate = Forge::new()
        .user("Nora", [says(0).flags(|flags| flags.set_encrypt_comms(true))])
        .encryption_subkey([says(0).sign()])
        .certificate();
    assert!(!encrypts(&certificate, day(1)));
    assert_eq!(signing_keys(&certificate, day(1)), 0);
}

/// 2022-06-01 and 2023-06-01: before and after the cut-off for SHA-1 in self-signatures.
const BEFORE: u32 = 1_654_041_600;
const AFTER: u32 = 1_685_577_600;

#[test]
fn hash_cut_offs() {
    let bound = |seconds, hash| {
        let says = || says(0).at(seconds).hash(hash);
        let certificate = Forge::rsa().user("Ivan", [says().certify_and_sign()]).direct(says()).certificate();
        certificate.at(&Policy::default(), day(1)).status().is_valid()
    };
    for hash in [HashAlgorithm::Sha256, HashAlgorithm::Sha512, HashAlgorithm::Sha224, HashAlgorithm::Sha3_256] {
        assert!(bound(BEFORE, hash) && bound(AFTER, hash), "{hash:?}");
    }
    assert!(bound(BEFORE, HashAlgorithm::Sha1) && !bound(AFTER, HashAlgorithm::Sha1));
    for hash in [HashAlgorithm::Md5, HashAlgorithm::Ripemd160] {
        assert!(!bound(BEFORE, hash) && !bound(1_090_000_000, hash), "{hash:?}");
    }
}

#[test]
fn a_revocation_with_an_outdated_hash_is_believed() {
    let certificate = Forge::rsa()
        .user("Ivan", [says(0).at(BEFORE).certify_and_sign()])
        .revoke(says(0).at(AFTER).hash(HashAlgorithm::Sha1).reason(RevocationCode::KeyRetired))
        .certificate();
    assert_eq!(status(&certificate, Timestamp::from_secs(AFTER - DAY)), "valid");
    assert_eq!(status(&certificate, Timestamp::from_secs(AFTER + DAY)), "revoked");
}

#[test]
fn what_is_critical_and_unknown_voids_its_signature() {
    let bad = [
        SubpacketData::Other(99, Bytes::from_static(b"?")),
        SubpacketData::Experimental(101, Bytes::from_static(b"?")),
        SubpacketData::Notation(Notation { readable: true, name: "a@example.org".into(), value: "b".into() }),
    ];
    for data in bad {
        let subkey = |says| {
            Forge::new()
                .user("Nora", [crate::forge::says(0).certify_and_sign()])
                .encryption_subkey([says])
                .certificate()
        };
        assert!(!encrypts(&subkey(says(0).encrypt().critical(data.clone())), day(1)), "{data:?}");
        assert!(encrypts(&subkey(says(0).encrypt().regular(data.clone())), day(1)), "{data:?}");
        // An older good binding still counts.
        let both = Forge::new()
            .user("Nora", [says(0).certify_and_sign()])
            .encryption_subkey([says(0).encrypt(), says(5).critical(data)])
            .certificate();
        assert!(encrypts(&both, day(9)));
    }
}

#[test]
fn signatures_from_the_future_do_not_count_yet() {
    let certificate = Forge::new()
        .user("Nora", [says(0).certify_and_sign()])
        .encryption_subkey([says(0).encrypt(), says(100).flags(|_| ())])
        .certificate();
    assert!(encrypts(&certificate, day(99)) && !encrypts(&certificate, day(101)));
}

#[test]
fn the_last_of_several_equal_subpackets_counts() {
    let certificate = Forge::new()
        .user("Nora", [says(0).certify_and_sign().key_days(30).key_days(60)])
        .encryption_subkey([says(0).encrypt()])
        .certificate();
    assert_eq!(certificate.at(&Policy::default(), day(1)).expires(), Some(day(60)));
}

/// What is understood but asks nothing of a reader (RFC 9580 §5.2.3.25, §5.2.3.28, §5.2.3.33) may be critical.
#[test]
fn statements_without_effect_void_nothing() {
    for data in [
        SubpacketData::KeyServerPreferences([0x80].into_iter().collect()),
        SubpacketData::PolicyURI("https://example.org/policy".to_owned()),
        SubpacketData::SignatureTarget(22.into(), HashAlgorithm::Sha256, vec![7; 32].into()),
    ] {
        let said = says(0).encrypt().critical(data);
        let certificate =
            Forge::new().user("Nora", [says(0).certify_and_sign()]).encryption_subkey([said]).certificate();
        assert!(encrypts(&certificate, day(1)));
    }
}

#[test]
fn several_encryption_keys_come_newest_first() {
    let certificate = Forge::new()
        .user("Nora", [says(0).certify_and_sign()])
        .encryption_subkey([says(3).encrypt()])
        .encryption_subkey([says(9).encrypt()])
        .encryption_subkey([says(6).encrypt()])
        .certificate();
    let checked = certificate.at(&Policy::default(), day(10));
    let bound: Vec<_> = checked
        .encryption_keys()
        .iter()
        .map(|key| checked.components().iter().position(|it| it.key() == *key))
        .collect();
    assert_eq!(bound, [Some(2), Some(3), Some(1)]);
}

#[test]
fn a_damaged_binding_binds_nothing() {
    let octets = Forge::usual().octets();
    let mut damaged = octets.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let certificate = Certificate::parse(&damaged, &envelock::Limits::default()).unwrap();
    assert!(certificate.at(&Policy::default(), day(1)).status().is_valid());
    assert!(!encrypts(&certificate, day(1)));
}
