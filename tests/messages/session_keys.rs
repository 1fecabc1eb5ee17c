//! Session key packets apart from their message, and messages looked at from outside.

use crate::cast::*;
use envelock::message::{
    Container, DecryptError, DecryptOptions, Decryptor, EncryptError, EncryptOptions, Format, MessageKind, SessionKey,
    SessionKeyOptions, SignOptions, SignatureForm, Signer, decrypt_session_keys, encrypt_blocking, encrypt_session_key,
    inspect, sign,
};
use envelock::{GenerateOptions, Generated, Password, Profile, SecretKey, generate};
use envelock_seipd::engine::{RustCrypto, ready};
use envelock_seipd::packet::{Tag, split};

const TEXT: &[u8] = b"second reader";

fn find(message: &[u8], keys: &[&SecretKey], passwords: &[Password]) -> Result<Vec<SessionKey>, DecryptError> {
    let keys: Vec<_> = keys.iter().map(|key| Decryptor { key, passphrase: None }).collect();
    let options = DecryptOptions { message, keys: &keys, passwords, ..DecryptOptions::default() };
    ready(decrypt_session_keys(options, &limits(), &RustCrypto, &mut ()))
}

fn wrap(options: SessionKeyOptions<'_>) -> Result<Vec<u8>, EncryptError> {
    ready(encrypt_session_key(options, &policy(), &limits(), now(), &mut rng(3), &RustCrypto))
}

#[test]
fn one_more_reader_gets_access_to_a_message() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"));
    let passwords = [Password::from("heron")];
    for format in [Format::SeipdV1, Format::SeipdV2] {
        let recipients = [anna.certificate()];
        let options = EncryptOptions { data: TEXT, recipients: &recipients, format, ..EncryptOptions::default() };
        let message = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap();
        let session_key = &find(&message, &[&anna], &[]).unwrap()[0];
        assert_eq!(find(&message, &[&bert], &[]), Err(DecryptError::NoMatchingKey));

        let recipients = [bert.certificate()];
        let options = SessionKeyOptions {
            session_key,
            recipients: &recipients,
            passwords: &passwords,
            format,
            hide_recipients: false,
            armor: false,
        };
        let packets = wrap(options).unwrap();
        assert_eq!(find(&packets, &[&bert], &[]).unwrap(), std::slice::from_ref(session_key), "packets alone");
        assert_eq!(find(&packets, &[], &passwords).unwrap(), std::slice::from_ref(session_key), "by password");
        let widened = [packets, message].concat();
        assert_eq!(*decrypt_with_key(&widened, &bert, &[]).unwrap().data, TEXT);
        assert_eq!(*decrypt_with_key(&widened, &anna, &[]).unwrap().data, TEXT);
        assert_eq!(*decrypt_with_password(&widened, "heron").unwrap().data, TEXT);
    }
}

#[test]
fn a_session_key_for_nobody_is_refused() {
    let session_key = SessionKey::new(9, &[1; 32]).unwrap();
    let nobody = SessionKeyOptions {
        session_key: &session_key,
        recipients: &[],
        passwords: &[],
        format: Format::Auto,
        hide_recipients: false,
        armor: true,
    };
    assert_eq!(wrap(nobody), Err(EncryptError::NoRecipient));
    let empty = [Password::from("")];
    assert_eq!(wrap(SessionKeyOptions { passwords: &empty, ..nobody }), Err(EncryptError::EmptyPassword));
    let old = SessionKey::new(2, &[1; 24]).unwrap();
    let passwords = [Password::from("heron")];
    let refused = wrap(SessionKeyOptions { session_key: &old, passwords: &passwords, ..nobody });
    assert_eq!(refused, Err(EncryptError::EncryptionFailed), "3DES");
    assert_eq!(find(b"", &[], &passwords).unwrap_err().code(), "malformed");
    assert_eq!(find(&literal(TEXT), &[], &passwords).unwrap_err().code(), "malformed");
}

#[test]
fn hidden_recipients_are_not_named_and_still_read() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"));
    let recipients = [anna.certificate(), bert.certificate()];
    for (format, container) in [(Format::SeipdV1, Container::SeipdV1), (Format::SeipdV2, Container::SeipdV2)] {
        for hide_recipients in [true, false] {
            let options = EncryptOptions {
                data: TEXT,
                recipients: &recipients,
                format,
                hide_recipients,
                ..EncryptOptions::default()
            };
            let message = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap();
            let seen = inspect(&message, &limits()).unwrap();
            assert_eq!(seen.kind, MessageKind::Encrypted(container));
            assert_eq!((seen.recipients.len(), seen.passwords), (2, 0));
            for named in &seen.recipients {
                assert_eq!(named.fingerprint.is_none() && named.key_id.is_none(), hide_recipients);
            }
            for key in [&anna, &bert] {
                assert_eq!(*decrypt_with_key(&message, key, &[]).unwrap().data, TEXT);
            }
        }
    }
}

#[test]
fn what_a_message_is_and_who_is_named() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Rfc9580, "Bert"));
    let signers = [Signer { key: &anna, passphrase: None }, Signer { key: &bert, passphrase: None }];
    let signed = |form, armor| {
        let options = SignOptions { data: TEXT, signers: &signers, form, armor, ..SignOptions::default() };
        sign(options, &policy(), &limits(), now(), &mut rng(5)).unwrap()
    };
    for (input, kind) in [
        (signed(SignatureForm::Detached, true), MessageKind::Signature),
        (signed(SignatureForm::Inline, false), MessageKind::Signed),
        (signed(SignatureForm::Cleartext, true), MessageKind::Cleartext),
    ] {
        let seen = inspect(&input, &limits()).unwrap();
        assert_eq!(seen.kind, kind);
        let named: Vec<_> = seen.signers.iter().filter_map(|named| named.fingerprint.clone()).collect();
        let primary = |key: &SecretKey| key.fingerprint();
        assert!(named.contains(&primary(&anna)) && named.contains(&primary(&bert)), "{kind:?}");
        assert_eq!(seen.signed_at, [Some(now()), Some(now())]);
        let of_type = if kind == MessageKind::Cleartext { "text" } else { "binary" };
        assert_eq!(seen.signature_types, [Some(of_type); 2]);
    }
    let options = GenerateOptions {
        profile: Profile::Compat,
        user_ids: vec!["Cleo".into()],
        passphrase: None,
        created: now(),
        expires: None,
    };
    let Generated { key: cleo, revocation_certificate } = generate(&options, &mut rng(6)).unwrap();
    let seen = inspect(revocation_certificate.as_bytes(), &limits()).unwrap();
    assert_eq!((seen.kind, seen.signature_types), (MessageKind::Signature, vec![Some("key-revocation")]));
    assert_eq!(seen.signers[0].fingerprint, Some(cleo.fingerprint()));
    assert!(inspect(cleo.certificate().to_armored().as_bytes(), &limits()).is_err());
    assert_eq!(inspect(&literal(TEXT), &limits()).unwrap().kind, MessageKind::Plain);
    let sed = packet(Tag::SED, b"old");
    assert_eq!(inspect(&sed, &limits()).unwrap().kind, MessageKind::Unreadable);
    let by_password = encrypt_packets(&literal(TEXT), "heron");
    let seen = inspect(&by_password, &limits()).unwrap();
    assert_eq!((seen.recipients.len(), seen.passwords), (0, 1));
    let first = split(&by_password).next().unwrap().unwrap();
    assert_eq!(inspect(&packet(Tag::SKESK, &first.body), &limits()).unwrap().kind, MessageKind::SessionKeys);
    for junk in [&b""[..], b"Hello", b"\xff\xff"] {
        assert!(inspect(junk, &limits()).is_err(), "{junk:?}");
    }
}

#[test]
fn a_damaged_message_is_told_from_one_for_others() {
    let anna = key(Profile::Rfc9580, "Anna");
    let recipients = [anna.certificate()];
    for format in [Format::SeipdV1, Format::SeipdV2] {
        let options = EncryptOptions { data: TEXT, recipients: &recipients, format, ..EncryptOptions::default() };
        let mut message = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(1), &mut ()).unwrap();
        let right = find(&message, &[&anna], &[]).unwrap();
        let open = |message: &[u8], session_keys: &[SessionKey]| {
            same(DecryptOptions { message, session_keys, ..DecryptOptions::default() }, &[7])
        };
        assert_eq!(*open(&message, &right).unwrap().data, TEXT);
        assert_eq!(open(&message, &[]).unwrap_err(), DecryptError::NoMatchingKey);
        let other_cipher = [SessionKey::new(7, &[1; 16]).unwrap()];
        let told = open(&message, &other_cipher).unwrap_err();
        // Version 1 does not say which cipher it is encrypted with.
        let fits = format == Format::SeipdV1;
        assert_eq!(told, if fits { DecryptError::DecryptionFailed } else { DecryptError::NoMatchingKey });
        *message.last_mut().unwrap() ^= 1;
        assert_eq!(open(&message, &right).unwrap_err(), DecryptError::DecryptionFailed, "{format:?}");
    }
}
