//! The people of the tests.

use envelock::mail::{ComposeOptions, Draft, Mail, Mailbox, ReadOptions, compose_blocking, read_blocking};
use envelock::message::{Decryptor, Format, Signer};
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
    generate(&options, &mut rng(name.len() as u64)).unwrap().key
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
