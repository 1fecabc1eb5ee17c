//! Makes a key, signs a text in the cleartext framework and prints what verification says about it.
//!
//! `cargo run --example sign_and_verify -- "The text to sign"`

#![allow(clippy::print_stdout)]

use envelock::message::{SignOptions, SignatureForm, SignedInput, Signer, VerifyOptions, sign, verify};
use envelock::{GenerateOptions, Limits, Policy, Profile, Timestamp, generate};
use rand::rngs::OsRng;
use std::{env, error::Error, time::SystemTime};

fn main() -> Result<(), Box<dyn Error>> {
    let text = env::args().nth(1).ok_or("usage: sign_and_verify TEXT")?;
    let (policy, limits) = (Policy::default(), Limits::default());
    let now = Timestamp::try_from(SystemTime::now())?;

    let options = GenerateOptions {
        profile: Profile::Rfc9580,
        user_ids: vec!["Anna Berg <anna@demo.example>".into()],
        passphrase: None,
        created: now,
        expires: None,
    };
    let key = generate(&options, &mut OsRng)?.key;

    let signers = [Signer { key: &key, passphrase: None }];
    let form = SignatureForm::Cleartext;
    let options = SignOptions {
        data: text.as_bytes(),
        signers: &signers,
        form,
        armor: true,
        text: true,
        ..SignOptions::default()
    };
    let signed = sign(options, &policy, &limits, now, &mut OsRng)?;
    println!("{}", String::from_utf8_lossy(&signed));

    let verify_with = [key.certificate()];
    let options =
        VerifyOptions { input: SignedInput::Message(&signed), verify_with: &verify_with, ..VerifyOptions::default() };
    for verdict in verify(options, &policy, &limits, now)?.signatures {
        let signer = verdict.signer_user_id.unwrap_or_default();
        println!("{} by {signer}", verdict.status.code());
    }
    Ok(())
}
