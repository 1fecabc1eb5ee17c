//! Encrypts standard input to the certificates in a file, armored, to standard output.
//!
//! `echo text | cargo run --example encrypt_to_certificate -- recipients.asc`

use envelock::message::{EncryptOptions, encrypt_blocking};
use envelock::{KeyringItem, Limits, Policy, Timestamp, read_keys};
use std::{
    env,
    error::Error,
    fs,
    io::{self, Read, Write},
    time::SystemTime,
};

fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args().nth(1).ok_or("usage: encrypt_to_certificate FILE")?;
    let (policy, limits) = (Policy::default(), Limits::default());
    let now = Timestamp::try_from(SystemTime::now())?;

    let mut recipients = Vec::new();
    for entry in read_keys(&fs::read(file)?, &limits)?.entries {
        match entry.item {
            KeyringItem::Certificate(certificate) => recipients.push(certificate),
            KeyringItem::SecretKey(key) => recipients.push(key.certificate()),
            KeyringItem::Unsupported { reason, .. } => eprintln!("left out: {reason}"),
            _ => {}
        }
    }
    let mut data = Vec::new();
    io::stdin().read_to_end(&mut data)?;

    let options = EncryptOptions { data: &data, recipients: &recipients, armor: true, ..EncryptOptions::default() };
    let message = encrypt_blocking(options, &policy, &limits, now, &mut rand::rngs::OsRng, &mut ())?;
    io::stdout().write_all(&message)?;
    Ok(())
}
