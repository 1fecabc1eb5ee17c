//! Stored envelopes that must open for ever: the profile may get a successor, never another meaning.

use crate::cast::*;
use envelock::Password;
use envelock::envelope::{Attachment, LinkSecret, OpenOptions, OpenWith, open_blocking};
use envelock::message::{CertificateSource, DecryptOptions, VerdictStatus, decrypt_blocking};

const SECRET: &str = "AAECAwQFBgcICQoLDA0ODw";
const PASSWORD: &str = "Ahornallee 17";

/// Sealed by version 0.1.0: Anna's version 4 key signed, her certificate and a file are enclosed.
const SIGNED_COMPAT: &[u8] = include_bytes!("pinned/envelope-v1-compat.pgp");
/// The same by a version 6 key, sealed to that key as well.
const SIGNED_RFC9580: &[u8] = include_bytes!("pinned/envelope-v1-rfc9580.pgp");
/// Unsigned, by a password without link secret.
const SHORT_LINK: &[u8] = include_bytes!("pinned/envelope-v1-short.pgp");

fn open(ciphertext: &[u8], link_secret: Option<&LinkSecret>) -> envelock::envelope::Opened {
    let password = Password::from(PASSWORD);
    let with = OpenWith::Password { password: &password, link_secret, salt: None };
    let options = OpenOptions { ciphertext, with, verify_with: &[] };
    open_blocking(options, &policy(), &limits(), now(), &mut ()).unwrap()
}

#[test]
fn signed_envelopes() {
    let secret = LinkSecret::parse(SECRET).unwrap();
    for ciphertext in [SIGNED_COMPAT, SIGNED_RFC9580] {
        let opened = open(ciphertext, Some(&secret));
        assert_eq!(opened.content.subject, "Grüße");
        assert_eq!(opened.content.text, "Alles gut.\n– Anna");
        let expected =
            Attachment { name: "Röntgen.png".into(), mime_type: "image/png".into(), data: vec![0, 255, 10] };
        assert_eq!(opened.content.attachments, [expected]);
        assert_eq!(opened.signatures[0].status, VerdictStatus::Valid);
        assert_eq!(opened.signatures[0].certificate, CertificateSource::Enclosed);
        assert_eq!(opened.signatures[0].signer_user_id.as_deref(), Some("Anna <anna@demo.example>"));
    }
}

#[test]
fn short_link() {
    assert_eq!(open(SHORT_LINK, None).content.text, "Short.");
}

/// A saved copy is an ordinary message: `secret-password` opens it in any program.
#[test]
fn as_an_ordinary_message() {
    let passwords = [Password::new(format!("{SECRET}-{PASSWORD}"))];
    for message in [SIGNED_COMPAT, SIGNED_RFC9580] {
        let options = DecryptOptions { message, passwords: &passwords, ..DecryptOptions::default() };
        let decrypted = decrypt_blocking(options, &policy(), &limits(), now(), &mut ()).unwrap();
        assert!(
            decrypted.data.starts_with(b"Subject: ") || decrypted.data.windows(10).any(|text| text == b"\nSubject: ")
        );
    }
}
