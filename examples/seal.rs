//! Seals a text with a password and opens it again, as sender and recipient would.
//!
//! `cargo run --example seal -- "seven quiet herons" "The text to seal"`

#![allow(clippy::print_stdout)]

use envelock::envelope::{Content, Lock, OpenOptions, OpenWith, SealOptions, open_blocking, seal_blocking};
use envelock::{Limits, Password, Policy, Timestamp};
use std::{env, error::Error, time::SystemTime};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(password), Some(text)) = (arguments.next(), arguments.next()) else {
        return Err("usage: seal PASSWORD TEXT".into());
    };
    let (policy, limits) = (Policy::default(), Limits::default());
    let now = Timestamp::try_from(SystemTime::now())?;
    let password = Password::from(password.as_str());

    // The sender: ciphertext, salt and token hash go to the server, the link secret into the link only.
    let options = SealOptions {
        content: Content { subject: "Sealed".into(), text, ..Content::default() },
        lock: Lock::New { password: &password, link_secret: true },
        recipients: &[],
        signers: &[],
    };
    let sealed = seal_blocking(options, &policy, &limits, now, &mut rand::rngs::OsRng, &mut ())?;
    let secret = sealed.link_secret.as_ref().ok_or("no link secret")?;
    println!("{} octets of ciphertext, link secret {}", sealed.ciphertext.len(), secret.to_base64url().as_str());

    // The recipient: has the link and the password.
    let with = OpenWith::Password { password: &password, link_secret: Some(secret), salt: Some(sealed.salt) };
    let options = OpenOptions { ciphertext: &sealed.ciphertext, with, verify_with: &[] };
    let opened = open_blocking(options, &policy, &limits, now, &mut ())?;
    println!("opened: {}", opened.content.text);
    Ok(())
}
