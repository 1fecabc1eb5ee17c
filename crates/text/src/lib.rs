//! What large messages in text spend their time in, many octets at a time: Base64, CRC-24, line ends (RFC 9580 §6, §7).
//!
//! Sixty-four characters at a time without a branch, in vectors, and lines found eight octets at a time. Only what is plain is taken; whatever is not, the caller looks at.
//!
//! Not here: headers, tail lines, what armor or a cleartext signed message may be (`envelock::armor`, `envelock::message`).
#![forbid(unsafe_code)]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod base64;
mod block;
pub mod crc24;
pub mod lines;
