//! Login with a password that the server never sees: OPAQUE-3DH (RFC 9807) on ristretto255 with SHA-512.
//!
//! - Choose a password: [`Registration`] here, [`ServerSecret::register`] there. What the client gives last, the
//!   [`RegistrationRecord`], is all that the server keeps of it.
//! - Prove it: [`Login`] here, [`ServerSecret::start`] and [`LoginState::finish`] there.
//! - Both give the client the same [`ExportKey`] until it registers anew; the server never has it.
//!
//! Who has records and [`ServerSecret`] can try passwords, each at the price of one Argon2id over 64 MiB; who has the
//! records alone cannot (RFC 9807 §10.3, §10.8). Randomness is a parameter, and nothing here does I/O.
//!
//! ```
//! # use rand_core::SeedableRng;
//! # let mut rng = rand_chacha::ChaCha20Rng::from_seed([7; 32]);
//! use envelock_login::{Login, Record, Registration, ServerSecret};
//! let secret = ServerSecret::generate(&mut rng);
//!
//! let (registration, request) = Registration::start("correct horse", &mut rng)?;
//! let response = secret.register(&request, b"anna@example.org")?;
//! let registered = registration.finish(&response, &mut rng)?;
//! let record = Record::parse(&registered.record)?;
//!
//! let (login, ke1) = Login::start("correct horse", &mut rng)?;
//! let (state, ke2) = secret.start(Some(&record), b"anna@example.org", &ke1, &mut rng)?;
//! let finished = login.finish(&ke2, &mut rng)?;
//! assert!(state.finish(&finished.ke3).is_ok());
//! assert!(finished.export_key.as_octets() == registered.export_key.as_octets());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Not here: how messages travel (`envelock-wire`), who may try how often and what a session is (`envelock-server`).
#![forbid(unsafe_code)]
#![no_std]

#[cfg(feature = "client")]
extern crate alloc;

#[cfg(feature = "client")]
mod client;
#[cfg(feature = "server")]
mod server;
mod suite;

#[cfg(feature = "client")]
pub use client::{ClientError, ExportKey, FinishedLogin, Login, Registered, Registration};
#[cfg(feature = "server")]
pub use server::{LoginState, Malformed, Record, ServerSecret, WrongPassword};

/// First message of a registration, the client's (RFC 9807 §5.1).
pub type RegistrationRequest = [u8; 32];

/// The server's answer to a [`RegistrationRequest`].
pub type RegistrationResponse = [u8; 64];

/// Last message of a registration, the client's: what the server keeps.
pub type RegistrationRecord = [u8; 192];

/// First message of a login, the client's (RFC 9807 §6.1).
pub type Ke1 = [u8; 96];

/// The server's answer to a [`Ke1`].
pub type Ke2 = [u8; 320];

/// Last message of a login, the client's.
pub type Ke3 = [u8; 64];

/// Fewest characters (Unicode scalar values) of a password that is chosen. The server cannot count them.
pub const SHORTEST_PASSWORD: usize = 12;

/// Most octets of a password in UTF-8.
pub const LONGEST_PASSWORD: usize = 1024;
