//! The people of the tests.

use envelock::armor::{ArmorKind, write};
use envelock::mail::{ComposeOptions, Draft, Mail, Mailbox, ReadOptions, compose_blocking, read_blocking};
use envelock::message::{
    Decryptor, EncryptOptions, Format, SignOptions, SignatureForm, Signer, encrypt_blocking, sign,
};
use envelock::{Certificate, GenerateOptions, Limits, Policy, Profile, SecretKey, Timestamp, generate};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

/// When everything happens: 2026-01-01.
pub const NOW: u32 = 1_767_225_600;

pub fn now() -> Timestamp {
    Timestamp::from_secs(NOW)
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub fn key(profile: Profile, name: &str) -> SecretKey {
    let user_ids = vec![format!("{name} <{}@demo.example>", name.to_lowercase())];
    let created = Timestamp::from_secs(NOW - 86_400);
    let options = GenerateOptions { profile, user_ids, passphrase: None, created, expires: None };
    generate(&options, &mut rng(name.bytes().fold(0, |seed, octet| seed * 31 + u64::from(octet)))).unwrap().key
}

pub fn mailbox(name: &str, address: &str) -> Mailbox {
    Mailbox { name: name.into(), address: address.into() }
}

pub fn draft() -> Draft {
    Draft {
        from: Some(mailbox("Anna", "anna@demo.example")),
        to: vec![mailbox("Bert", "bert@demo.example")],
        subject: "Results".into(),
        text: "All is well.\n".into(),
        ..Draft::default()
    }
}

pub fn written(draft: &Draft, signers: &[&SecretKey], recipients: &[Certificate], hide_subject: bool) -> Vec<u8> {
    let signers: Vec<_> = signers.iter().map(|key| Signer { key, passphrase: None }).collect();
    let options = ComposeOptions {
        draft,
        signers: &signers,
        recipients,
        passwords: &[],
        format: Format::Auto,
        hide_subject,
        hide_recipients: false,
        notations: &[],
        autocrypt: None,
        gossip: &[],
    };
    compose_blocking(options, &Policy::default(), &Limits::default(), now(), &mut rng(3), &mut ()).unwrap().mail
}

pub fn opened(mail: &[u8], keys: &[&SecretKey], verify_with: &[Certificate]) -> Mail {
    let keys: Vec<_> = keys.iter().map(|key| Decryptor { key, passphrase: None }).collect();
    let options = ReadOptions { mail, keys: &keys, verify_with, ..ReadOptions::default() };
    read_blocking(options, &Policy::default(), &Limits::default(), now(), &mut ()).unwrap()
}

pub fn field<'m>(mail: &'m Mail, name: &str) -> (&'m str, &'static str) {
    let field = mail.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name)).unwrap();
    (&field.value, field.protection.code())
}

/// What the reader sees: path, text and protection of each part.
pub fn seen(mail: &Mail) -> Vec<(&str, &str, &'static str)> {
    let text = |part: &'_ envelock::mail::MailPart| part.problem.as_ref().map_or("", |problem| problem.code);
    let parts = mail.parts.iter();
    parts
        .map(|part| (part.path.as_str(), part.text.as_deref().unwrap_or(text(part)).trim(), part.protection.code()))
        .collect()
}

/// An armored message for one reader.
pub fn encrypted(data: &[u8], to: &SecretKey, signers: &[&SecretKey]) -> String {
    let signers: Vec<_> = signers.iter().map(|key| Signer { key, passphrase: None }).collect();
    let recipients = [to.certificate()];
    let options =
        EncryptOptions { data, recipients: &recipients, signers: &signers, armor: true, ..EncryptOptions::default() };
    let message = encrypt_blocking(options, &Policy::default(), &Limits::default(), now(), &mut rng(5), &mut ());
    String::from_utf8(message.unwrap()).unwrap()
}

/// PGP/MIME around an armored message (RFC 3156 §4).
pub fn pgp_mime(message: &str) -> String {
    format!(
        "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=enc\n\n--enc\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--enc\nContent-Type: application/octet-stream\n\n{message}\n--enc--\n"
    )
}

/// A detached signature, binary.
pub fn signature(content: &str, signer: &SecretKey) -> Vec<u8> {
    let signers = [Signer { key: signer, passphrase: None }];
    let content = content.replace("\r\n", "\n").replace('\n', "\r\n");
    let options = SignOptions { data: content.as_bytes(), signers: &signers, ..SignOptions::default() };
    sign(options, &Policy::default(), &Limits::default(), now(), &mut rng(5)).unwrap()
}

/// An armored message that is only signed.
pub fn inline_signed(text: &str, signer: &SecretKey) -> String {
    let signers = [Signer { key: signer, passphrase: None }];
    let form = SignatureForm::Inline;
    let options = SignOptions { data: text.as_bytes(), signers: &signers, form, armor: true, ..SignOptions::default() };
    let message = sign(options, &Policy::default(), &Limits::default(), now(), &mut rng(5)).unwrap();
    String::from_utf8(message).unwrap()
}

/// PGP/MIME of a part and signatures (RFC 3156 §5).
pub fn with_signature(content: &str, signatures: &[u8]) -> String {
    let armored = write(ArmorKind::Signature, signatures);
    format!(
        "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; micalg=pgp-sha512; boundary=sig\n\n--sig\n{content}\n--sig\nContent-Type: application/pgp-signature\n\n{armored}\n--sig--\n"
    )
}

/// A part signed as it should be.
pub fn signed_by(content: &str, signer: &SecretKey) -> String {
    with_signature(content, &signature(content, signer))
}

/// A multipart.
pub fn multipart(kind: &str, parts: &[&str]) -> String {
    let parts: String = parts.iter().map(|part| format!("--part\n{part}\n")).collect();
    format!("Content-Type: multipart/{kind}; boundary=part\n\n{parts}--part--\n")
}
