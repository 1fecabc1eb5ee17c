//! Changes a key without losing anything: `cargo run --example edit_key`
//!
//! A year more, a new address, a subkey that signs; then a revocation certificate for the day the key is lost.

#![allow(clippy::print_stdout)]

use std::time::{SystemTime, UNIX_EPOCH};

use envelock::{
    EditOptions, GenerateOptions, KeyUse, Limits, NewSubkey, Passphrase, Policy, Profile, RevocationReason, Timestamp,
    generate, user_id,
};
use rand::rngs::OsRng;

const YEAR: u32 = 31_557_600;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now = u32::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let at = Timestamp::from_secs(now);
    let passphrase = Passphrase::from("locks the key");
    let options = GenerateOptions {
        profile: Profile::Compat,
        user_ids: vec![user_id("Anna Berg", "anna@demo.example")?],
        passphrase: Some(passphrase.clone()),
        created: at,
        expires: Some(Timestamp::from_secs(now + YEAR)),
    };
    let key = generate(&options, &mut OsRng)?.key;

    let (policy, limits) = (Policy::default(), Limits::default());
    let options = EditOptions { passphrase: Some(&passphrase), policy: &policy, limits: &limits, at };
    let key = key.set_expiration(Some(Timestamp::from_secs(now + 2 * YEAR)), &options, &mut OsRng)?;
    let key = key.add_user_id(&user_id("Anna Berg", "berg@new.example")?, true, &options, &mut OsRng)?;
    let signs = NewSubkey { key_use: KeyUse::Sign, algorithm: None, expires: None };
    let key = key.add_subkey(&signs, &options, &mut OsRng)?;

    let certificate = key.certificate();
    let checked = certificate.at(&policy, at);
    println!("{} of {:X} is {}", checked.primary_user_id().unwrap_or("nobody"), key.fingerprint(), checked.status());
    println!("{}", certificate.to_armored());

    let file = key.generate_revocation(RevocationReason::Compromised, "", &options, &mut OsRng)?;
    let revoked = certificate.apply_revocation(file.as_bytes(), &policy, &limits)?;
    println!("with its revocation certificate it is {}", revoked.at(&policy, at).status());
    Ok(())
}
