//! The Envelock server: stores sealed envelopes, which it cannot read, takes mail, and serves the web application.
//!
//! - I want to run one → `envelock-server serve`, or [`serve()`] from a program.
//! - I want to call it without a network → [`App::open`], then [`router`].
//! - I want to move its time → implement [`Clock`].
//!
//! No OpenPGP crate is in its tree: it cannot decrypt by construction. No password comes to it: see `envelock_login`. What clients
//! and server share is `envelock_wire`.
//!
//! Rooms, from the network inwards:
//! - `serve` (all of it on the network), [`tls`], `acme` (certificates from a CA), `redirect` (port 80), `connection` (whose, how
//!   many, how slow), `status` (what the operator may ask), `metrics` (what was done);
//! - `router` (all routes), `app` (what handlers share), `request` (what is checked first), `limits` (how often, how many at a time),
//!   [`api`] (routes), `problem` (refusals as answers), `web` (static files, headers), `lookup` (finding certificates);
//! - `accounts` (who has one), `registration` (making one oneself), `login_secret` (what every password needs), [`session`] (who is
//!   calling), `factor` (what proves it besides a password), `app_token` (programs that call for an account), `demo`;
//! - [`envelope`] (the life of an envelope), [`keyring`] (the file in which the devices of an account meet), `keystore_backup` (the
//!   code of a keystore under the account's password), `draft` (what somebody is writing), `revision` (of these three),
//!   [`ciphertext`] (in and out);
//! - `mail` (what comes in over SMTP and LMTP: as it was sent, so in clear unless its sender encrypted it), `outgoing` (mail until it has
//!   arrived);
//! - [`storage`] (rows and files), [`backup`] (copies of everything), `maintenance` (what time does);
//! - `settings` (what the operator may choose), `data_directory` (who has it), `private_file` (in it), `public_name`, `mail_address`,
//!   `clock`.

mod accounts;
mod acme;
pub mod api;
mod app;
mod app_token;
pub mod backup;
pub mod ciphertext;
mod clock;
mod connection;
mod data_directory;
mod demo;
mod draft;
pub mod envelope;
mod factor;
pub mod keyring;
mod keystore_backup;
mod limits;
mod login_secret;
mod lookup;
mod mail;
mod mail_address;
mod maintenance;
mod metrics;
mod outgoing;
mod private_file;
mod problem;
mod public_name;
mod redirect;
mod registration;
mod request;
mod revision;
mod router;
mod serve;
pub mod session;
mod settings;
mod status;
pub mod storage;
pub mod tls;
mod web;

pub use accounts::{AccountError, Accounts, open_accounts};
pub use acme::{Acme, AcmeError};
pub use app::{App, StartError};
#[cfg(feature = "test-clock")]
pub use clock::FileClock;
pub use clock::{Clock, SystemClock};
pub use data_directory::DirectoryError;
pub use demo::DemoAccount;
pub use draft::{DraftRefusal, Drafts};
pub use keystore_backup::KeystoreBackups;
pub use login_secret::{accounts_to_close, renew_login_secret, trust_login_secret};
#[cfg(feature = "test-network")]
pub use lookup::TestNetwork;
pub use mail::{LmtpListener, MailListeners, Mailboxes};
pub use maintenance::{Maintained, maintain};
pub use outgoing::NoOutgoing;
pub use problem::Problem;
pub use public_name::{InvalidPublicName, PublicName};
pub use redirect::Redirecting;
pub use registration::{RegistrationRefusal, Registrations};
pub use revision::{KeyringRefusal, Seen, Written};
pub use router::router;
pub use serve::{ServeError, Serving, check, serve};
#[cfg(feature = "test-network")]
pub use settings::TestMail;
pub use settings::{
    AddressDomain, BalancerNetwork, InvalidAddressDomain, InvalidNetwork, MailSettings, OutgoingSettings, Settings,
    Smarthost,
};
pub use web::CONTENT_SECURITY_POLICY;
