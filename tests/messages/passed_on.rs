//! Signed messages that reach people they were not meant for (RFC 9580 §5.2.3.36, §13.12).

use crate::cast::*;
use envelock::envelope::{Content, OpenOptions, OpenWith, open_blocking};
use envelock::message::{
    Decryptor, EncryptOptions, Format, Reason, SessionKey, SessionKeyOptions, Signer, VerdictStatus, encrypt_blocking,
    encrypt_session_key,
};
use envelock::{Profile, SecretKey};
use envelock_mime::{Boundaries, build};
use envelock_seipd::engine::{RustCrypto, ready};

#[test]
fn a_signature_meant_for_others_is_invalid_in_an_envelope_opened_with_a_key() {
    // RFC 9580 §5.2.3.36: Bert gives Cleo the session key of what Anna signed for him.
    let (anna, bert, cleo) =
        (key(Profile::Rfc9580, "Anna"), key(Profile::Rfc9580, "Bert"), key(Profile::Rfc9580, "Cleo"));
    let content = Content { subject: "Results".into(), text: "for Bert".into(), ..Content::default() };
    let mime = build(&content, &Boundaries::from_random([7; 32]));
    let (to_bert, to_cleo) = ([bert.certificate()], [cleo.certificate()]);
    let session_key = SessionKey::generate(&to_bert, Format::SeipdV2, &policy(), now(), &mut rng(1)).unwrap();
    let signers = [Signer { key: &anna, passphrase: None }];
    let options = EncryptOptions {
        data: &mime,
        recipients: &to_bert,
        signers: &signers,
        session_key: Some(&session_key),
        ..EncryptOptions::default()
    };
    let message = encrypt_blocking(options, &policy(), &limits(), now(), &mut rng(2), &mut ()).unwrap();
    let options = SessionKeyOptions {
        session_key: &session_key,
        recipients: &to_cleo,
        passwords: &[],
        format: Format::SeipdV2,
        hide_recipients: false,
        armor: false,
    };
    let packet = ready(encrypt_session_key(options, &policy(), &limits(), now(), &mut rng(3), &RustCrypto)).unwrap();
    let passed_on = [packet, message].concat();
    let status = |key: &SecretKey| {
        let keys = [Decryptor { key, passphrase: None }];
        let verify_with = [anna.certificate()];
        let options = OpenOptions { ciphertext: &passed_on, with: OpenWith::Keys(&keys), verify_with: &verify_with };
        let opened = open_blocking(options, &policy(), &limits(), now(), &mut ()).unwrap();
        (opened.signatures[0].status, opened.signatures[0].reason)
    };
    assert_eq!(status(&bert), (VerdictStatus::Valid, None));
    assert_eq!(status(&cleo), (VerdictStatus::Invalid, Some(Reason::NotIntendedRecipient)));
}
