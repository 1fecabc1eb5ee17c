//! RSAEP and RSADP (RFC 8017 §5.1): the numbers of RSA, without padding.
//!
//! For the crate `rsa` numbers are `num-bigint-dig`'s, whose time depends on them (RUSTSEC-2023-0071), and which is slow in wasm:
//! it multiplies 64 by 64 bits, for which wasm has no instruction. Here numbers have digits of 27 bits, so that wasm's vectors
//! multiply two at a time and no carry is looked at before a whole product is there. What is done, and where memory is read,
//! depends on the lengths of the numbers and on the public exponent, and on nothing else.
//!
//! Not here: padding, drawing keys, and whether a key is any good (`envelock`).

#![forbid(unsafe_code)]

mod fused;
mod lanes;
mod modulus;
mod number;
mod secret;

pub use secret::{Components, Secret};

use envelock_fma::Engine;
use fused::{Field, Multiply};
use modulus::Modulus;
use number::Number;
use zeroize::Zeroizing;

/// The longest modulus, in octets: rPGP reads no longer one. What is added up in a digit of 64 bits is bounded by it.
pub const MAX_OCTETS: usize = 1024;

/// `message` to the power of `exponent` modulo `modulus` (RSAEP): a number below the modulus, as long as that in octets. All are
/// big-endian; `None` if the modulus is even or longer than [`MAX_OCTETS`], or the message is not below it.
pub fn public(modulus: &[u8], exponent: &[u8], message: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    public_by(modulus, exponent, message, Engine::find().as_ref())
}

/// The same, by an engine if there is one.
fn public_by<M: Multiply>(
    modulus: &[u8],
    exponent: &[u8],
    message: &[u8],
    engine: Option<&M>,
) -> Option<Zeroizing<Vec<u8>>> {
    let (length, exponent) = (trimmed(modulus).len(), trimmed(exponent));
    let number = modulus::number(modulus)?;
    let message = Number::from_octets(message, number.digits().len())?;
    if !message.is_below(&number) {
        return None;
    }
    let power = match engine {
        Some(engine) => Field::new(engine, &[&number]).public_power(&[message], exponent).pop()?,
        None => {
            let modulus = Modulus::of(number)?;
            modulus.leave(&modulus.public_power(&modulus.enter(&message), exponent))
        }
    };
    Some(power.to_octets(length))
}

/// Without leading zeros.
fn trimmed(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    octets.get(zeros..).unwrap_or_default()
}

#[cfg(test)]
mod tests;
