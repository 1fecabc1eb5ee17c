//! SEIPD v2, SKESK v6 (RFC 9580 §5.13.2, §5.3.2) and the key schedule of password links.
//!
//! * I want to cut a message into packets → [`packet::split`]
//! * I want to encrypt or decrypt a SEIPD v2 packet → [`encrypt`], [`decrypt`]
//! * I want to open an envelope with a password → [`link::passphrase`], [`link::derive`], [`sealed::open_sealed`]
//! * I want to seal one → [`sealed::seal`]
//! * I want to wrap a session key under a password → [`skesk`]
//! * I have no async runtime → [`engine::ready`] around any of these futures with [`engine::RustCrypto`]
//!
//! Bytes in, bytes out: the codec plans chunks (range, nonce, associated data) and an [`engine::Engine`] seals them, or an
//! [`engine::Bulk`] where they lie ([`Octets`]).
//! Randomness is a parameter, there is no clock and no I/O.
//!
//! What a platform computes beside ciphers, hashes, signatures and key agreement, is asked for here too ([`engine`]): the numbers, not the packets.
//!
//! Not here: key and signature packets, PKESK contents, SEIPD v1 (but its cipher for browsers, [`cfb`]), armor, compression. Nothing in this crate knows another OpenPGP library.
#![forbid(unsafe_code)]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod base64url;
pub mod body;
pub mod cfb;
pub mod engine;
mod error;
mod growing;
pub mod inner;
mod limits;
pub mod link;
mod octets;
pub mod packet;
pub mod padding;
pub mod plan;
mod s2k;
pub mod sealed;
mod secret_octets;
pub mod skesk;
mod suite;

pub use body::{Header, decrypt, encrypt};
pub use engine::{Engine, Progress};
pub use error::Error;
pub use growing::Growing;
pub use limits::Limits;
pub use octets::{Octets, Read, Rope};
pub use packet::{FramingError, RawPacket, Tag};
pub use s2k::S2kArgon2;
pub use secret_octets::SecretOctets;
pub use suite::{ChunkSize, Cipher, Mode, Suite};

/// A session key (RFC 9580 §2.1): wiped when dropped.
pub type SessionKey = zeroize::Zeroizing<alloc::vec::Vec<u8>>;
