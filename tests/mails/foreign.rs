//! Mails of other programs, and of people who mean harm.

use crate::cast::*;
use envelock::mail::{MailError, ReadOptions, read_blocking};
use envelock::message::{
    Decryptor, EncryptOptions, SignOptions, SignatureForm, Signer, VerdictStatus, encrypt_blocking, overall, sign,
};
use envelock::{Certificate, Limits, Passphrase, Policy, Profile, SecretKey, Timestamp};

fn vector(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)).unwrap()
}

fn encrypted(data: &[u8], to: &SecretKey) -> String {
    let recipients = [to.certificate()];
    let options = EncryptOptions { data, recipients: &recipients, armor: true, ..EncryptOptions::default() };
    let message = encrypt_blocking(options, &Policy::default(), &Limits::default(), now(), &mut rng(5), &mut ());
    String::from_utf8(message.unwrap()).unwrap()
}

fn pgp_mime(message: &str) -> String {
    format!(
        "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=enc\n\n--enc\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--enc\nContent-Type: application/octet-stream\n\n{message}\n--enc--\n"
    )
}

#[test]
fn efail_parts_are_never_joined() {
    let nora = SecretKey::parse(&vector("00-keys/nora.sec.asc"), &Limits::default()).unwrap();
    let keys = [Decryptor { key: &nora, passphrase: None }];
    let mail = vector("60-mime/efail-direct-img.eml");
    let options = ReadOptions { mail: &mail, keys: &keys, ..ReadOptions::default() };
    let at = Timestamp::from_secs(1_795_478_399);
    let read = read_blocking(options, &Policy::default(), &Limits::default(), at, &mut ()).unwrap();
    let states: Vec<_> = read.parts.iter().map(|part| part.protection.code()).collect();
    assert_eq!(states, ["unprotected", "encrypted", "unprotected"]);
    assert_eq!(read.protection.code(), "unprotected", "only a part of it is encrypted");
    for part in &read.parts {
        let holds = |needle: &str| String::from_utf8_lossy(&part.data).contains(needle);
        assert!(!(holds("leak") && holds("4417")), "{:?}", part.path);
    }
    assert!(String::from_utf8_lossy(&read.parts[1].data).contains("4417"));
}

#[test]
fn mails_of_gopenpgp() {
    let key = SecretKey::parse(&vector("00-keys/gopenpgp-mime-decryption.asc"), &Limits::default()).unwrap();
    let certificates =
        [Certificate::parse(&vector("00-keys/gopenpgp-mime-verification.asc"), &Limits::default()).unwrap()];
    let passphrase = Passphrase::from("test_passphrase");
    let keys = [Decryptor { key: &key, passphrase: Some(&passphrase) }];
    // 2019-05-13, when they were signed.
    let at = Timestamp::from_secs(1_557_754_627);
    for (name, good) in [("60-mime/gopenpgp-mime-00.asc", true), ("60-mime/gopenpgp-mime-13.asc", false)] {
        let message = String::from_utf8(vector(name)).unwrap();
        let mail = format!("From: a@b.example\nMIME-Version: 1.0\n{}", pgp_mime(&message));
        let options =
            ReadOptions { mail: mail.as_bytes(), keys: &keys, verify_with: &certificates, ..ReadOptions::default() };
        let read = read_blocking(options, &Policy::default(), &Limits::default(), at, &mut ()).unwrap();
        assert!(read.parts.iter().all(|part| part.problem.is_none() && part.protection.code().contains("encrypted")));
        let is_good = overall(&read.signatures) == envelock::message::Overall::Signed(VerdictStatus::Valid);
        assert_eq!(is_good, good, "{name}: {:?}", read.signatures);
    }
}

#[test]
fn thunderbird_hides_the_subject_its_own_way() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Compat, "Bert"));
    let payload = "Content-Type: multipart/mixed; boundary=\"in\"; protected-headers=\"v1\"\r\nFrom: Anna <anna@demo.example>\r\nTo: bert@demo.example\r\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <x@demo.example>\r\n\r\n--in\r\nContent-Type: text/plain; protected-headers=\"v1\"\r\nContent-Disposition: inline\r\n\r\nSubject: Gruesse\r\n\r\n--in\r\nContent-Type: text/plain; charset=UTF-8; format=flowed\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nHall=C3=B6chen\r\n\r\n--in--\r\n";
    let signers = [Signer { key: &anna, passphrase: None }];
    let recipients = [bert.certificate()];
    let options = EncryptOptions {
        data: payload.as_bytes(),
        recipients: &recipients,
        signers: &signers,
        armor: true,
        ..EncryptOptions::default()
    };
    let message = encrypt_blocking(options, &Policy::default(), &Limits::default(), now(), &mut rng(5), &mut ());
    let message = String::from_utf8(message.unwrap()).unwrap();
    let mail = format!(
        "From: Anna <anna@demo.example>\nTo: bert@demo.example\nMessage-ID: <x@demo.example>\nSubject: ...\nMIME-Version: 1.0\n{}",
        pgp_mime(&message)
    );
    let read = opened(mail.as_bytes(), &[&bert], &[anna.certificate()]);
    assert_eq!(field(&read, "subject"), ("Grüße", "signed-and-encrypted"));
    assert!(read.mismatches.is_empty(), "{:?}", read.mismatches);
    assert_eq!(read.parts.len(), 1, "the repeated subject is not a part of the text");
    assert_eq!(read.parts[0].text.as_deref(), Some("Hallöchen\r\n"));
}

#[test]
fn openpgp_inside_of_text() {
    let (anna, bert) = (key(Profile::Compat, "Anna"), key(Profile::Compat, "Bert"));
    let signers = [Signer { key: &anna, passphrase: None }];
    let options = SignOptions {
        data: b"signed words",
        signers: &signers,
        form: SignatureForm::Cleartext,
        ..SignOptions::default()
    };
    let cleartext = sign(options, &Policy::default(), &Limits::default(), now(), &mut rng(5)).unwrap();
    let cleartext = String::from_utf8(cleartext).unwrap();
    let block = encrypted(b"secret words", &bert);
    let mail = format!("From: anna@demo.example\n\nHello\n{block}\nin between\n{cleartext}bye\n");
    let read = opened(mail.as_bytes(), &[&bert], &[anna.certificate()]);
    let seen: Vec<_> = read
        .parts
        .iter()
        .map(|part| (part.path.as_str(), part.text.as_deref().unwrap().trim(), part.protection.code()))
        .collect();
    assert_eq!(
        seen,
        [
            ("1#1", "Hello", "unprotected"),
            ("1#2", "secret words", "encrypted"),
            ("1#3", "in between", "unprotected"),
            ("1#4", "signed words", "signed"),
            ("1#5", "bye", "unprotected"),
        ]
    );
    assert_eq!(read.protection.code(), "unprotected");
}

#[test]
fn an_encrypted_file_is_opened() {
    let bert = key(Profile::Compat, "Bert");
    let block = encrypted(b"\x00\x01", &bert);
    let mail = format!(
        "From: anna@demo.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: application/octet-stream; name=\"a.bin.pgp\"\nContent-Disposition: attachment; filename=\"a.bin.pgp\"\n\n{block}\n--b--\n"
    );
    let read = opened(mail.as_bytes(), &[&bert], &[]);
    let file = &read.parts[1];
    assert_eq!(
        (file.name.as_deref(), &file.data[..], file.protection.code()),
        (Some("a.bin"), &[0, 1][..], "encrypted")
    );
    let closed = opened(mail.as_bytes(), &[], &[]);
    assert_eq!(closed.parts[1].problem.as_ref().unwrap().code, "no-matching-key");
}

#[test]
fn a_signature_around_encryption_says_nothing_about_the_inside() {
    let (eve, bert) = (key(Profile::Compat, "Eve"), key(Profile::Compat, "Bert"));
    let inner = pgp_mime(&encrypted(b"Content-Type: text/plain\r\n\r\nsecret", &bert)).replace('\n', "\r\n");
    let signers = [Signer { key: &eve, passphrase: None }];
    let options = SignOptions { data: inner.as_bytes(), signers: &signers, armor: true, ..SignOptions::default() };
    let signature = sign(options, &Policy::default(), &Limits::default(), now(), &mut rng(5)).unwrap();
    let mail = format!(
        "From: eve@demo.example\r\nContent-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=s\r\n\r\n--s\r\n{inner}\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n{}\r\n--s--\r\n",
        String::from_utf8(signature).unwrap()
    );
    let read = opened(mail.as_bytes(), &[&bert], &[eve.certificate()]);
    assert_eq!((read.protection.code(), read.signatures.len()), ("encrypted", 0));
    assert_eq!(read.parts[0].text.as_deref(), Some("secret"));
}

#[test]
fn a_signed_part_inside_speaks_for_itself_only() {
    let anna = key(Profile::Compat, "Anna");
    let signed = String::from_utf8(written(&draft(), &[&anna], &[], true)).unwrap();
    let inner = &signed[signed.find("Content-Type: multipart/signed").unwrap()..];
    let mail = format!(
        "From: anna@demo.example\r\nSubject: Pay Eve\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nPay Eve.\r\n--o\r\n{inner}\r\n--o--\r\n"
    );
    let read = opened(mail.as_bytes(), &[], &[anna.certificate()]);
    let states: Vec<_> = read.parts.iter().map(|part| part.protection.code()).collect();
    assert_eq!(states, ["unprotected", "signed"]);
    assert_eq!((read.protection.code(), read.signatures.len()), ("unprotected", 0));
    assert_eq!(field(&read, "subject"), ("Pay Eve", "unprotected"), "the inner part's fields are not the mail's");
}

#[test]
fn junk_and_bombs_are_typed_errors() {
    let read = |mail: &[u8]| {
        let options = ReadOptions { mail, ..ReadOptions::default() };
        read_blocking(options, &Policy::default(), &Limits::default(), now(), &mut ())
    };
    assert!(matches!(read(b""), Err(MailError::Malformed { .. })));
    assert!(matches!(read(b"no header at all"), Err(MailError::Malformed { .. })));
    let mut nested = b"text".to_vec();
    for depth in 0..40 {
        let head = format!("Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n");
        nested = [head.as_bytes(), &nested, format!("\n--b{depth}--\n").as_bytes()].concat();
    }
    assert!(matches!(read(&nested), Err(MailError::TooLarge { .. })));
    let parts = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\n\n".repeat(2000));
    let many = read(parts.as_bytes()).unwrap();
    assert_eq!(many.parts[0].problem.as_ref().unwrap().code, "malformed");
    let block = "-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n".repeat(100);
    assert!(matches!(read(format!("From: a@b\n\n{block}").as_bytes()), Err(MailError::TooLarge { .. })));
    for odd in [
        "Content-Type: multipart/mixed\n\nx",
        "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\n\n--b\n\nx\n--b--\n",
        "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\n\nx\n--b--\n",
    ] {
        let read = read(odd.as_bytes()).unwrap();
        assert_eq!(read.parts[0].problem.as_ref().unwrap().code, "malformed", "{odd:?}");
    }
}
