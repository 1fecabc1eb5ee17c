//! What signatures say beside the data: notations, recipients, the signer's user ID, and how that compares with the sender.

use crate::cast::*;
use envelock::message::{
    DecryptOptions, Decryptor, EncryptOptions, FromMatch, Notation, Reason, SignError, SignOptions, SignatureForm,
    SignedInput, Signer, Verdict, VerdictStatus, VerifyOptions, decrypt_blocking, encrypt_blocking, sign, verify,
};
use envelock::{Certificate, GenerateOptions, Policy, Profile, SecretKey, generate};

const TEXT: &[u8] = b"Dear Bert\r\n";

fn notation(name: &str, value: &[u8], readable: bool, critical: bool) -> Notation {
    Notation { name: name.into(), value: value.to_vec(), readable, critical }
}

fn signature(keys: &[&SecretKey], options: SignOptions<'_>) -> Result<Vec<u8>, SignError> {
    let signers: Vec<_> = keys.iter().map(|key| Signer { key, passphrase: None }).collect();
    sign(SignOptions { data: TEXT, signers: &signers, ..options }, &policy(), &limits(), now(), &mut rng(5))
}

fn verdicts(signature: &[u8], certificates: &[Certificate], from: Option<&str>, policy: &Policy) -> Vec<Verdict> {
    let input = SignedInput::Detached { data: TEXT, signature };
    verify(VerifyOptions { input, verify_with: certificates, from }, policy, &limits(), now()).unwrap().signatures
}

fn with_user_ids(user_ids: &[&str]) -> SecretKey {
    let options = GenerateOptions {
        profile: Profile::Compat,
        user_ids: user_ids.iter().map(|text| (*text).to_owned()).collect(),
        passphrase: None,
        created: at(NOW - DAY),
        expires: None,
    };
    generate(&options, &mut rng(77)).unwrap().key
}

#[test]
fn three_signers_of_both_versions_each_have_their_verdict() {
    let keys = [key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"), key(Profile::Compat, "Cleo")];
    let certificates: Vec<_> = keys.iter().map(SecretKey::certificate).collect();
    let people: Vec<&SecretKey> = keys.iter().collect();
    for form in [SignatureForm::Detached, SignatureForm::Inline, SignatureForm::Cleartext] {
        let signed = signature(&people, SignOptions { form, ..SignOptions::default() }).unwrap();
        let input = match form {
            SignatureForm::Detached => SignedInput::Detached { data: TEXT, signature: &signed },
            _ => SignedInput::Message(&signed),
        };
        let options = VerifyOptions { input, verify_with: &certificates, ..VerifyOptions::default() };
        let found = verify(options, &policy(), &limits(), now()).unwrap().signatures;
        assert_eq!(found.len(), 3);
        for key in &keys {
            let own = found.iter().find(|verdict| verdict.signer == Some(key.fingerprint())).unwrap();
            assert_eq!(own.status, VerdictStatus::Valid, "{form:?}");
        }
    }
}

#[test]
fn a_signature_is_added_beside_another() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"));
    let first = signature(&[&anna], SignOptions { armor: true, ..SignOptions::default() }).unwrap();
    let both =
        signature(&[&bert], SignOptions { beside: Some(&first), armor: true, ..SignOptions::default() }).unwrap();
    let found = verdicts(&both, &[anna.certificate(), bert.certificate()], None, &policy());
    let signers: Vec<_> = found.iter().map(|verdict| verdict.signer.clone().unwrap()).collect();
    assert_eq!(signers, [anna.fingerprint(), bert.fingerprint()]);
    assert!(found.iter().all(|verdict| verdict.status == VerdictStatus::Valid));
    let refused = signature(&[&bert], SignOptions { beside: Some(b"junk"), ..SignOptions::default() });
    assert_eq!(refused.unwrap_err().code(), "malformed");
}

#[test]
fn notations_come_back_as_they_went_in() {
    let anna = key(Profile::Rfc9580, "Anna");
    let notations = [
        notation("ticket@demo.example", "Nº 7".as_bytes(), true, false),
        notation("raw@demo.example", &[0, 255], false, false),
    ];
    let signed = signature(&[&anna], SignOptions { notations: &notations, ..SignOptions::default() }).unwrap();
    let found = verdicts(&signed, &[anna.certificate()], None, &policy());
    assert_eq!(found[0].status, VerdictStatus::Valid);
    assert_eq!(found[0].notations, notations);
    let stranger = verdicts(&signed, &[], None, &policy());
    assert!(stranger[0].notations.is_empty(), "nobody is shown to have said it");
}

#[test]
fn an_unknown_critical_notation_is_not_valid_unless_the_caller_knows_it() {
    let anna = key(Profile::Compat, "Anna");
    let notations = [notation("contract@demo.example", b"yes", true, true)];
    let signed = signature(&[&anna], SignOptions { notations: &notations, ..SignOptions::default() }).unwrap();
    let certificates = [anna.certificate()];
    let unknown = &verdicts(&signed, &certificates, None, &policy())[0];
    assert_eq!((unknown.status, unknown.reason), (VerdictStatus::Invalid, Some(Reason::UnknownCritical)));
    for (names, status) in [
        (vec!["other@demo.example".to_owned()], VerdictStatus::Invalid),
        (vec!["contract@demo.example".to_owned()], VerdictStatus::Valid),
    ] {
        let mut policy = policy();
        policy.known_notations = names;
        assert_eq!(verdicts(&signed, &certificates, None, &policy)[0].status, status);
    }
}

#[test]
fn notations_that_cannot_be_written() {
    let anna = key(Profile::Compat, "Anna");
    let long = "x".repeat(20_000);
    for notation in [
        notation("", b"", true, false),
        notation("two words", b"", true, false),
        notation("bad@demo.example", &[255], true, false),
        notation(&long, b"", true, false),
        notation("long@demo.example", long.as_bytes(), true, false),
    ] {
        let refused = signature(&[&anna], SignOptions { notations: &[notation], ..SignOptions::default() });
        assert_eq!(refused.unwrap_err().code(), "bad-notation");
    }
}

#[test]
fn a_sender_matches_only_a_user_id_its_owner_certifies() {
    let anna = with_user_ids(&["Anna Berg <anna@demo.example>", "anna@office.example"]);
    let eve = with_user_ids(&["anna@demo.example <eve@evil.example>"]);
    let from = |key: &SecretKey, from: &str| {
        let signed = signature(&[key], SignOptions::default()).unwrap();
        verdicts(&signed, &[key.certificate()], Some(from), &policy())[0].from
    };
    assert_eq!(from(&anna, "anna@demo.example"), Some(FromMatch::Match));
    assert_eq!(from(&anna, "ANNA@Demo.example"), Some(FromMatch::Match));
    assert_eq!(from(&anna, "anna@office.example"), Some(FromMatch::Match));
    assert_eq!(from(&anna, "anna@evil.example"), Some(FromMatch::Mismatch));
    assert_eq!(from(&anna, "Anna <anna@demo.example>"), Some(FromMatch::Mismatch), "not a bare address");
    assert_eq!(from(&eve, "anna@demo.example"), Some(FromMatch::Mismatch), "a name that looks like an address");
    assert_eq!(from(&eve, "eve@evil.example"), Some(FromMatch::Match));
    // A user ID that somebody else added proves nothing.
    let mut forged = eve.certificate().to_bytes();
    forged.extend(packet(13, b"Anna Berg <anna@demo.example>"));
    let forged = Certificate::parse(&forged, &limits()).unwrap();
    let signed = signature(&[&eve], SignOptions::default()).unwrap();
    assert_eq!(verdicts(&signed, &[forged], Some("anna@demo.example"), &policy())[0].from, Some(FromMatch::Mismatch));
    assert_eq!(verdicts(&signed, &[], Some("anna@demo.example"), &policy())[0].from, Some(FromMatch::Unknown));
    assert_eq!(verdicts(&signed, &[], None, &policy())[0].from, None);
}

#[test]
fn the_signer_says_under_which_user_id() {
    let anna = with_user_ids(&["Anna Berg <anna@demo.example>", "Dr. Berg <berg@office.example>"]);
    for (from, shown) in [
        (Some("berg@office.example"), "Dr. Berg <berg@office.example>"),
        (Some("stranger@demo.example"), "Anna Berg <anna@demo.example>"),
        (None, "Anna Berg <anna@demo.example>"),
    ] {
        let signed = signature(&[&anna], SignOptions { from, ..SignOptions::default() }).unwrap();
        let found = verdicts(&signed, &[anna.certificate()], None, &policy());
        assert_eq!(found[0].signer_user_id.as_deref(), Some(shown), "{from:?}");
    }
}

#[test]
fn a_message_passed_on_to_others_is_not_valid() {
    let (anna, bert, cleo) =
        (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"), key(Profile::Compat, "Cleo"));
    let signers = [Signer { key: &anna, passphrase: None }];
    let recipients = [bert.certificate()];
    let certificates = [anna.certificate()];
    for intended_recipients in [true, false] {
        let options = EncryptOptions {
            data: TEXT,
            recipients: &recipients,
            signers: &signers,
            intended_recipients,
            ..EncryptOptions::default()
        };
        let message = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap();
        let opened = decrypt_with_key(&message, &bert, &certificates).unwrap();
        assert_eq!(opened.signatures[0].status, VerdictStatus::Valid);
        let named: &[_] = if intended_recipients { &[bert.fingerprint()] } else { &[] };
        assert_eq!(opened.signatures[0].intended_recipients, named);
        // Bert has the session key and could make a packet for Cleo with it, or take the signed message out.
        let session_keys = [opened.session_key.unwrap()];
        let keys = [Decryptor { key: &cleo, passphrase: None }];
        let options = DecryptOptions {
            message: &message,
            session_keys: &session_keys,
            keys: &keys,
            verify_with: &certificates,
            ..DecryptOptions::default()
        };
        let passed_on = decrypt_blocking(options, &policy(), &limits(), now(), &mut ()).unwrap().signatures.remove(0);
        let expected = if intended_recipients { Some(Reason::NotIntendedRecipient) } else { None };
        assert_eq!(passed_on.reason, expected);
        assert_eq!(passed_on.status == VerdictStatus::Valid, expected.is_none());
    }
}

/// Whoever is hidden from the world is hidden from the other recipients, too.
#[test]
fn hidden_recipients_are_not_named_inside() {
    let (anna, bert, cleo) =
        (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"), key(Profile::Compat, "Cleo"));
    let signers = [Signer { key: &anna, passphrase: None }];
    let recipients = [bert.certificate(), cleo.certificate()];
    for hide_recipients in [true, false] {
        let options = EncryptOptions {
            data: TEXT,
            recipients: &recipients,
            signers: &signers,
            hide_recipients,
            ..EncryptOptions::default()
        };
        let message = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap();
        let opened = decrypt_with_key(&message, &bert, &[anna.certificate()]).unwrap();
        assert_eq!(opened.signatures[0].status, VerdictStatus::Valid);
        assert_eq!(opened.signatures[0].intended_recipients.len(), if hide_recipients { 0 } else { 2 });
    }
}

#[test]
fn a_signature_for_an_encrypted_message_does_not_count_in_the_open() {
    use pgp::crypto::hash::HashAlgorithm;
    use pgp::packet::{PacketTrait, SignatureConfig, SignatureType, Subpacket, SubpacketData};
    use pgp::types::KeyDetails;

    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"));
    let signer = &anna.as_pgp().primary_key;
    let mut config = SignatureConfig::v4(SignatureType::Binary, signer.algorithm(), HashAlgorithm::Sha512);
    config.hashed_subpackets = vec![
        Subpacket::critical(SubpacketData::SignatureCreationTime(now())).unwrap(),
        Subpacket::regular(SubpacketData::IntendedRecipientFingerprint(bert.fingerprint())).unwrap(),
    ];
    let mut packet = Vec::new();
    let signature = config.sign(signer, &pgp::types::Password::empty(), TEXT).unwrap();
    signature.to_writer_with_header(&mut packet).unwrap();
    let found = &verdicts(&packet, &[anna.certificate()], None, &policy())[0];
    assert_eq!((found.status, found.reason), (VerdictStatus::Invalid, Some(Reason::NotIntendedRecipient)));
}
