//! Signatures in their three forms, and every reason why one is not valid.

use crate::cast::*;
use envelock::message::{
    DecryptOptions, Decryptor, EncryptOptions, Reason, SignError, SignOptions, SignatureForm, SignedInput, Signer,
    Verdict, VerdictStatus, Verified, VerifyError, VerifyOptions, decrypt_blocking, encrypt_blocking, sign, verify,
};
use envelock::{Certificate, Limits, Profile, SecretKey, Timestamp};
use envelock_seipd::packet::split;
use pgp::{
    crypto::hash::HashAlgorithm,
    packet::{PacketTrait, SignatureConfig, SignatureType, Subpacket, SubpacketData},
    types::{KeyDetails, KeyId},
};

const TEXT: &[u8] = b"Dear Bert,\n- the heron\n-----\nFrom here \t\nand on.\n";

fn sign_at(
    data: &[u8],
    keys: &[&SecretKey],
    form: SignatureForm,
    text: bool,
    when: Timestamp,
) -> Result<Vec<u8>, SignError> {
    let signers: Vec<_> = keys.iter().map(|key| Signer { key, passphrase: None }).collect();
    let options = SignOptions { data, signers: &signers, form, armor: true, text, ..SignOptions::default() };
    sign(options, &policy(), &limits(), when, &mut rng(5))
}

fn signed(data: &[u8], keys: &[&SecretKey], form: SignatureForm, text: bool) -> Vec<u8> {
    sign_at(data, keys, form, text, now()).unwrap()
}

fn check(input: SignedInput<'_>, certificates: &[Certificate], when: Timestamp) -> Result<Verified, VerifyError> {
    verify(VerifyOptions { input, verify_with: certificates, ..VerifyOptions::default() }, &policy(), &limits(), when)
}

fn check_detached(data: &[u8], signature: &[u8], certificates: &[Certificate], when: Timestamp) -> Verdict {
    let mut verdicts = check(SignedInput::Detached { data, signature }, certificates, when).unwrap().signatures;
    assert_eq!(verdicts.len(), 1);
    verdicts.remove(0)
}

fn statuses(verified: &Verified) -> Vec<VerdictStatus> {
    verified.signatures.iter().map(|verdict| verdict.status).collect()
}

#[test]
fn issuer_hints_say_whose_key_is_tried() {
    let anna = key(Profile::Compat, "Anna");
    let signer = &anna.as_pgp().primary_key;
    let hinted = |hint: Option<KeyId>| {
        let mut config = SignatureConfig::v4(SignatureType::Binary, signer.algorithm(), HashAlgorithm::Sha512);
        config.hashed_subpackets = vec![Subpacket::critical(SubpacketData::SignatureCreationTime(now())).unwrap()];
        let hint = hint.map(|key_id| Subpacket::regular(SubpacketData::IssuerKeyId(key_id)).unwrap());
        config.unhashed_subpackets = hint.into_iter().collect();
        let mut packet = Vec::new();
        let signature = config.sign(signer, &pgp::types::Password::empty(), TEXT).unwrap();
        signature.to_writer_with_header(&mut packet).unwrap();
        check_detached(TEXT, &packet, &[anna.certificate()], now()).status
    };
    assert_eq!(hinted(None), VerdictStatus::Valid);
    assert_eq!(hinted(Some(signer.legacy_key_id())), VerdictStatus::Valid);
    for other in [[0; 8], [1; 8]] {
        assert_eq!(hinted(Some(other.into())), VerdictStatus::UnknownSigner, "{other:?}");
    }
}

#[test]
fn a_message_nobody_could_read_again_is_not_signed() {
    let anna = key(Profile::Compat, "Anna");
    let signers = [Signer { key: &anna, passphrase: None }];
    let mut limits = limits();
    limits.plaintext_bytes = TEXT.len() as u64 - 1;
    let sign = |form| {
        let options =
            SignOptions { data: TEXT, signers: &signers, form, armor: false, text: false, ..SignOptions::default() };
        sign(options, &policy(), &limits, now(), &mut rng(5))
    };
    for form in [SignatureForm::Inline, SignatureForm::Cleartext] {
        assert_eq!(sign(form).unwrap_err(), SignError::TooLarge { allowed: limits.plaintext_bytes }, "{form:?}");
    }
    assert!(sign(SignatureForm::Detached).is_ok());
}

#[test]
fn no_more_signatures_are_made_than_are_checked() {
    let anna = key(Profile::Rfc9580, "Anna");
    let certificates = [anna.certificate()];
    let most = limits().message_signatures;
    let sign_by = |signers: usize, form, beside: Option<&[u8]>| {
        let signers = vec![Signer { key: &anna, passphrase: None }; signers];
        let options = SignOptions { data: TEXT, signers: &signers, form, beside, ..SignOptions::default() };
        sign(options, &policy(), &limits(), now(), &mut rng(5))
    };
    let refused = Err(SignError::TooManySigners { found: most + 1, allowed: most });
    for form in [SignatureForm::Detached, SignatureForm::Inline, SignatureForm::Cleartext] {
        let signed = sign_by(most, form, None).unwrap();
        let input = match form {
            SignatureForm::Detached => SignedInput::Detached { data: TEXT, signature: &signed },
            _ => SignedInput::Message(&signed),
        };
        assert_eq!(check(input, &certificates, now()).unwrap().signatures.len(), most);
        assert_eq!(sign_by(most + 1, form, None), refused, "{form:?}");
    }
    let most_of_them = sign_by(most, SignatureForm::Detached, None).unwrap();
    assert_eq!(sign_by(1, SignatureForm::Detached, Some(&most_of_them)), refused);

    // Somebody else's are refused by their number, not by their size.
    let one = sign_by(1, SignatureForm::Detached, None).unwrap();
    let too_many = SignedInput::Detached { data: TEXT, signature: &[most_of_them, one].concat() };
    let error = check(too_many, &certificates, now()).unwrap_err();
    assert_eq!(
        (error.code(), error.to_string()),
        ("too-large", format!("the message holds more than {most} signatures"))
    );
}

#[test]
fn every_form_with_one_and_with_two_signers() {
    use VerdictStatus::Valid;
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"));
    let certificates = [anna.certificate(), bert.certificate()];
    for keys in [vec![&anna], vec![&bert], vec![&anna, &bert]] {
        let valid = vec![Valid; keys.len()];
        for text in [false, true] {
            let signature = signed(TEXT, &keys, SignatureForm::Detached, text);
            assert!(signature.starts_with(b"-----BEGIN PGP SIGNATURE-----\n"));
            let verified =
                check(SignedInput::Detached { data: TEXT, signature: &signature }, &certificates, now()).unwrap();
            assert_eq!(statuses(&verified), valid);
            assert!(verified.data.is_none());

            let message = signed(TEXT, &keys, SignatureForm::Inline, text);
            let verified = check(SignedInput::Message(&message), &certificates, now()).unwrap();
            assert_eq!(statuses(&verified), valid);
            assert_eq!(verified.data.unwrap().as_slice(), TEXT);
        }
        let message = signed(TEXT, &keys, SignatureForm::Cleartext, false);
        let verified = check(SignedInput::Message(&message), &certificates, now()).unwrap();
        assert_eq!(statuses(&verified), valid);
        let returned = verified.data.unwrap().to_vec();
        assert_eq!(String::from_utf8(returned).unwrap(), "Dear Bert,\n- the heron\n-----\nFrom here\nand on.\n");
    }
}

#[test]
fn text_signatures_do_not_care_about_line_ends_binary_ones_do() {
    let anna = key(Profile::Rfc9580, "Anna");
    let certificates = [anna.certificate()];
    let crlf = b"one\r\ntwo\r\n";
    for (text, status) in [(true, VerdictStatus::Valid), (false, VerdictStatus::Invalid)] {
        let signature = signed(b"one\ntwo\n", &[&anna], SignatureForm::Detached, text);
        assert_eq!(check_detached(crlf, &signature, &certificates, now()).status, status);
    }
    let signature = signed(b"one\ntwo\n", &[&anna], SignatureForm::Detached, true);
    for other in [&b"one\ntwo"[..], b"one \ntwo\n", b"one\rtwo\r", b"one\n\ntwo\n"] {
        assert_eq!(
            check_detached(other, &signature, &certificates, now()).reason,
            Some(Reason::BadSignature),
            "{other:?}"
        );
    }
}

#[test]
fn changed_data_and_unknown_signers() {
    let (anna, eve) = (key(Profile::Compat, "Anna"), key(Profile::Compat, "Eve"));
    let signature = signed(TEXT, &[&anna], SignatureForm::Detached, false);
    let changed = check_detached(b"Dear Eve", &signature, &[anna.certificate()], now());
    assert_eq!((changed.status, changed.signer), (VerdictStatus::Invalid, None));
    let unknown = check_detached(TEXT, &signature, &[eve.certificate()], now());
    assert_eq!((unknown.status, unknown.reason), (VerdictStatus::UnknownSigner, Some(Reason::NoCertificate)));
    assert_eq!(unknown.key, Some(anna.fingerprint()), "what it claims helps to find the certificate");
    assert_eq!((unknown.signer, unknown.signer_user_id), (None, None));
    assert_eq!(check_detached(TEXT, &signature, &[], now()).status, VerdictStatus::UnknownSigner);
}

#[test]
fn every_flipped_bit_of_a_signature_packet_is_noticed() {
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let anna = key(profile, "Anna");
        let certificates = [anna.certificate()];
        let signers = [Signer { key: &anna, passphrase: None }];
        let options = SignOptions {
            data: TEXT,
            signers: &signers,
            form: SignatureForm::Detached,
            armor: false,
            text: false,
            ..SignOptions::default()
        };
        let signature = sign(options, &policy(), &limits(), now(), &mut rng(5)).unwrap();
        let unsigned = if profile == Profile::Compat { unsigned_octets(&signature) } else { Vec::new() };
        for bit in 0..signature.len() * 8 {
            let mut flipped = signature.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let result = check(SignedInput::Detached { data: TEXT, signature: &flipped }, &certificates, now());
            let valid = result.is_ok_and(|verified| statuses(&verified).contains(&VerdictStatus::Valid));
            assert!(!valid || unsigned.contains(&(bit / 8)), "bit {bit}");
        }
    }
}

/// What a version 4 signature does not cover: the unhashed area with the issuer's key ID, and the bit counts of R and S.
fn unsigned_octets(signature: &[u8]) -> Vec<usize> {
    let packet = split(signature).next().unwrap().unwrap();
    let start = packet.span.end - packet.body.len();
    let number = |place: usize| usize::from(packet.body[place]) << 8 | usize::from(packet.body[place + 1]);
    let unhashed = 6 + number(4);
    let r = unhashed + 2 + number(unhashed) + 2;
    let s = r + 2 + number(r).div_ceil(8);
    (unhashed..r - 2).chain(r..r + 2).chain(s..s + 2).map(|place| start + place).collect()
}

#[test]
fn keys_sign_while_they_live() {
    let end = at(NOW + 10 * DAY);
    for profile in [Profile::Compat, Profile::Rfc9580] {
        let anna = key_until(profile, "Anna", Some(end));
        let certificates = [anna.certificate()];
        let signature = signed(TEXT, &[&anna], SignatureForm::Detached, false);
        let later = at(NOW + 100 * DAY);
        assert_eq!(check_detached(TEXT, &signature, &certificates, later).status, VerdictStatus::Valid, "made in time");
        let refused = sign_at(TEXT, &[&anna], SignatureForm::Detached, false, end).unwrap_err();
        assert_eq!(refused.code(), "key-not-usable");
        // A signature dated before its key was made.
        let young = {
            let options = envelock::GenerateOptions {
                profile,
                user_ids: vec!["Young <y@demo.example>".into()],
                passphrase: None,
                created: at(NOW),
                expires: None,
            };
            envelock::generate(&options, &mut rng(77)).unwrap().key
        };
        assert!(sign_at(TEXT, &[&young], SignatureForm::Detached, false, at(NOW - DAY)).is_err());
    }
}

#[test]
fn signatures_from_the_future() {
    let anna = key(Profile::Compat, "Anna");
    let certificates = [anna.certificate()];
    let signature = sign_at(TEXT, &[&anna], SignatureForm::Detached, false, at(NOW + DAY)).unwrap();
    let verdict = check_detached(TEXT, &signature, &certificates, now());
    assert_eq!((verdict.status, verdict.reason), (VerdictStatus::Invalid, Some(Reason::FutureDated)));
    // A clock that is a little ahead is no forgery.
    let signature = sign_at(TEXT, &[&anna], SignatureForm::Detached, false, at(NOW + 60)).unwrap();
    assert_eq!(check_detached(TEXT, &signature, &certificates, now()).status, VerdictStatus::Valid);
}

#[test]
fn one_pass_packets_must_announce_what_follows() {
    let anna = key(Profile::Rfc9580, "Anna");
    let signers = [Signer { key: &anna, passphrase: None }];
    let options = SignOptions {
        data: TEXT,
        signers: &signers,
        form: SignatureForm::Inline,
        armor: false,
        text: false,
        ..SignOptions::default()
    };
    let mut message = sign(options, &policy(), &limits(), now(), &mut rng(5)).unwrap();
    // Version, type: says that text was signed.
    message[3] = 1;
    let verified = check(SignedInput::Message(&message), &[anna.certificate()], now()).unwrap();
    assert_eq!(verified.signatures[0].reason, Some(Reason::Malformed));
}

#[test]
fn a_message_forwarded_to_somebody_else() {
    let (anna, bert, carl) =
        (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"), key(Profile::Rfc9580, "Carl"));
    let signers = [Signer { key: &anna, passphrase: None }];
    let recipients = [bert.certificate()];
    let options =
        EncryptOptions { data: TEXT, recipients: &recipients, signers: &signers, ..EncryptOptions::default() };
    let to_bert = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap();
    let certificates = [anna.certificate()];
    let verdicts = decrypt_with_key(&to_bert, &bert, &certificates).unwrap().signatures;
    assert_eq!(verdicts[0].status, VerdictStatus::Valid);
    // Bert takes the signed packets out and encrypts them to Carl.
    let forwarded = reencrypt(&to_bert, &bert, &carl);
    let verdicts = decrypt_with_key(&forwarded, &carl, &certificates).unwrap().signatures;
    assert_eq!(verdicts[0].reason, Some(Reason::NotIntendedRecipient));
}

fn reencrypt(message: &[u8], from: &SecretKey, to: &SecretKey) -> Vec<u8> {
    use pgp::composed::{PlainSessionKey, RawSessionKey};
    use pgp::packet::{PacketHeader, PacketTrait, PublicKeyEncryptedSessionKey};
    use pgp::types::EskType;
    let packets: Vec<_> = split(message).map(Result::unwrap).collect();
    let header = PacketHeader::new_fixed(pgp::types::Tag::PublicKeyEncryptedSessionKey, packets[0].body.len() as u32);
    let pkesk = PublicKeyEncryptedSessionKey::try_from_reader(header, &packets[0].body[..]).unwrap();
    let component = from.decryption_keys().into_iter().find(|key| pkesk.match_identity(&key.key())).unwrap();
    let opened = component.unlock(None, &Limits::default()).unwrap();
    let plain = opened.decrypt_session_key(pkesk.values().unwrap(), EskType::V6).unwrap();
    let PlainSessionKey::V6 { ref key } = plain else { panic!("a version 6 session key") };
    let certificate = to.certificate();
    let checked = certificate.at(&policy(), now());
    let session_key = RawSessionKey::from(key.as_ref());
    let pkesk =
        PublicKeyEncryptedSessionKey::from_session_key_v6(rng(4), &session_key, &checked.encryption_keys()[0]).unwrap();
    let mut out = Vec::new();
    pkesk.to_writer_with_header(&mut out).unwrap();
    out.extend_from_slice(&message[packets.last().unwrap().span.clone()]);
    out
}

#[test]
fn unsigned_input_and_input_that_is_not_signed_text() {
    let verified = check(SignedInput::Message(&literal(b"plain")), &[], now()).unwrap();
    assert!(verified.signatures.is_empty());
    assert_eq!(verified.data.unwrap().as_slice(), b"plain");
    let encrypted = encrypt_packets(&literal(b"plain"), "heron");
    assert_eq!(check(SignedInput::Message(&encrypted), &[], now()).unwrap_err(), VerifyError::Encrypted);
    for junk in
        [&b""[..], b"Hello", b"\xff\xff\xff", b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n"]
    {
        assert!(check(SignedInput::Message(junk), &[], now()).is_err(), "{junk:?}");
        assert!(check(SignedInput::Detached { data: b"", signature: junk }, &[], now()).is_err(), "{junk:?}");
    }
    let inline = signed(TEXT, &[&key(Profile::Compat, "Anna")], SignatureForm::Inline, false);
    let detached = check(SignedInput::Detached { data: TEXT, signature: &inline }, &[], now());
    assert_eq!(detached.unwrap_err().code(), "malformed", "a message is no detached signature");
}

#[test]
fn cleartext_is_text() {
    let anna = key(Profile::Compat, "Anna");
    let refused = sign_at(b"\xff", &[&anna], SignatureForm::Cleartext, true, now());
    assert_eq!(refused, Err(SignError::NotText));
    assert_eq!(sign_at(TEXT, &[], SignatureForm::Detached, false, now()), Err(SignError::NoSigner));
}

#[test]
fn a_password_reader_is_not_asked_for_a_recipient_fingerprint() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"));
    let signers = [Signer { key: &anna, passphrase: None }];
    let recipients = [bert.certificate()];
    let passwords = [envelock::Password::from("heron")];
    let options = EncryptOptions {
        data: TEXT,
        recipients: &recipients,
        passwords: &passwords,
        signers: &signers,
        ..EncryptOptions::default()
    };
    let message = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap();
    let certificates = [anna.certificate()];
    let keys = [Decryptor { key: &bert, passphrase: None }];
    for options in [
        DecryptOptions {
            message: &message,
            passwords: &passwords,
            verify_with: &certificates,
            ..DecryptOptions::default()
        },
        DecryptOptions { message: &message, keys: &keys, verify_with: &certificates, ..DecryptOptions::default() },
    ] {
        let decrypted = decrypt_blocking(options, &policy(), &limits(), now(), &mut ()).unwrap();
        assert_eq!(decrypted.signatures[0].status, VerdictStatus::Valid);
    }
}
