//! Messages larger than memory: encrypted and decrypted piece by piece (RFC 9580 §4.2.1.4, §5.4, §10.3), without I/O.
//!
//! Octets are pushed in and come out as soon as they may. [`EncryptStream`] writes every container so. [`DecryptStream`]
//! releases what SEIPD version 2 has authenticated (§13.7); everything else it holds until all of it is confirmed, as
//! [`decrypt()`](super::decrypt()) does: version 1, GnuPG's packet, and compressed data, whose size cannot be told beforehand.
//! Verdicts, errors and limits are those of the whole message; only the order of discovery differs, for a stream that ends in
//! an error may have given data before. Not here: who reads and writes, and how fast.

mod content;
mod decrypt;
mod detached;
mod encrypt;
mod front;
mod packets;
mod sealer;

pub use self::{
    decrypt::DecryptStream,
    detached::{SignStream, VerifyStream},
    encrypt::{EncryptStream, PART, UNKNOWN_TOTAL},
};
