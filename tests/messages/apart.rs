//! Session keys held by callers, signatures as text, and signed messages taken apart.

use crate::cast::*;
use envelock::message::{
    DecryptError, DecryptOptions, EncryptError, EncryptOptions, Format, SessionKey, SignOptions, SignatureForm,
    SignedInput, Signer, VerdictStatus, VerifyOptions, decrypt_blocking, detach, encrypt_blocking, sign, verify,
};
use envelock::{Password, Profile};

const TEXT: &[u8] = b"first line\nsecond line\n";

#[test]
fn a_session_key_given_or_taken_out_opens_its_message_and_no_other() {
    for (profile, format) in [
        (Profile::Compat, Format::SeipdV1),
        (Profile::Compat, Format::Auto),
        (Profile::Rfc9580, Format::SeipdV2),
        (Profile::Rfc9580, Format::Auto),
    ] {
        let anna = key(profile, "Anna");
        let recipients = [anna.certificate()];
        let given = SessionKey::generate(&recipients, format, &policy(), now(), &mut rng(5)).unwrap();
        let options = EncryptOptions {
            data: TEXT,
            recipients: &recipients,
            format,
            session_key: Some(&given),
            ..EncryptOptions::default()
        };
        let message = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(6), &mut ()).unwrap();
        let by_key = decrypt_with_key(&message, &anna, &[]).unwrap();
        assert_eq!(by_key.session_key.as_ref(), Some(&given), "{format:?}");

        let open = |session_keys: &[SessionKey]| {
            let options = DecryptOptions { message: &message, session_keys, ..DecryptOptions::default() };
            decrypt_blocking(options, &policy(), &limits(), now(), &mut ())
        };
        let other = SessionKey::new(given.cipher(), &vec![9; given.as_bytes().len()]).unwrap();
        assert_eq!(*open(&[other.clone(), given]).unwrap().data, TEXT);
        assert!(open(&[other]).is_err());
        assert_eq!(open(&[]).unwrap_err(), DecryptError::NoMatchingKey);
    }
}

#[test]
fn old_ciphers_are_not_written_on_request() {
    let passwords = [Password::from("heron")];
    // 3DES, CAST5, Twofish
    for (cipher, length) in [(2, 24), (3, 16), (10, 32)] {
        let given = SessionKey::new(cipher, &vec![1; length]).unwrap();
        let options = EncryptOptions {
            data: TEXT,
            passwords: &passwords,
            format: Format::SeipdV1,
            session_key: Some(&given),
            ..EncryptOptions::default()
        };
        let refused = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(6), &mut ());
        assert_eq!(refused, Err(EncryptError::EncryptionFailed), "cipher {cipher}");
    }
}

#[test]
fn verdicts_tell_text_from_octets() {
    let anna = key(Profile::Rfc9580, "Anna");
    let (signers, recipients) = ([Signer { key: &anna, passphrase: None }], [anna.certificate()]);
    for text in [false, true] {
        let options = EncryptOptions {
            data: TEXT,
            recipients: &recipients,
            signers: &signers,
            text,
            ..EncryptOptions::default()
        };
        let message = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(6), &mut ()).unwrap();
        let opened = decrypt_with_key(&message, &anna, &recipients).unwrap();
        assert_eq!((opened.signatures[0].status, opened.signatures[0].text), (VerdictStatus::Valid, text));
    }
}

#[test]
fn what_is_taken_apart_verifies_apart() {
    for (profile, form) in [
        (Profile::Compat, SignatureForm::Inline),
        (Profile::Rfc9580, SignatureForm::Inline),
        (Profile::Compat, SignatureForm::Cleartext),
        (Profile::Rfc9580, SignatureForm::Cleartext),
    ] {
        let (anna, bert) = (key(profile, "Anna"), key(Profile::Compat, "Bert"));
        let signers = [Signer { key: &anna, passphrase: None }, Signer { key: &bert, passphrase: None }];
        let options =
            SignOptions { data: TEXT, signers: &signers, form, armor: true, text: true, ..SignOptions::default() };
        let message = sign(options, &policy(), &limits(), now(), &mut rng(6)).unwrap();
        let apart = detach(&message, &limits()).unwrap();
        assert_eq!(apart.data.as_slice(), TEXT);
        let certificates = [anna.certificate(), bert.certificate()];
        let statuses = |data: &[u8]| {
            let input = SignedInput::Detached { data, signature: &apart.signatures };
            let options = VerifyOptions { input, verify_with: &certificates, ..VerifyOptions::default() };
            let verified = verify(options, &policy(), &limits(), now()).unwrap();
            verified.signatures.iter().map(|verdict| verdict.status).collect::<Vec<_>>()
        };
        assert_eq!(statuses(&apart.data), [VerdictStatus::Valid; 2], "{form:?}");
        assert_eq!(statuses(b"another line"), [VerdictStatus::Invalid; 2]);
    }
}
