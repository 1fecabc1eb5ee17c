//! The content of an envelope as a MIME message: subject, text, attachments, the sender's certificate, reply options.
//!
//! * I have a [`Content`] and want octets → [`build()`] (feature `build`)
//! * I have the octets of an opened envelope → [`parse()`]
//!
//! What is written is plain RFC 5322 and MIME (RFC 2045–2047, 2183, 2231, 3156 §7): a saved copy opens in any mail program. What is
//! read is only what [`build()`] writes, and strictly so: a few kilobytes of wasm, and no two readings of the same octets.
//!
//! ```text
//! multipart/mixed                     (left out if there is nothing but a text)
//! ├─ multipart/alternative            (left out if there is no HTML)
//! │  ├─ text/plain; charset=utf-8
//! │  └─ text/html; charset=utf-8
//! ├─ any type, disposition attachment (any number)
//! └─ application/pgp-keys, Envelock-Part: sender-certificate
//! ```
//!
//! Mail from elsewhere is read by [`mail`] (feature `mail`). Not here: OpenPGP, sanitising HTML.
#![forbid(unsafe_code)]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

#[cfg(feature = "build")]
mod build;
mod content;
mod file_name;
#[cfg(feature = "mail")]
pub mod mail;
mod parse;

#[cfg(feature = "build")]
pub use build::{Boundaries, build, build_resting};
pub use content::{Attachment, Content, Mailbox, ReplyOptions};
pub use file_name::file_name;
pub use parse::{Limits, ParseError, Parsing, parse};
