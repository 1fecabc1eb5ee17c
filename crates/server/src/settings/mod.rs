//! What an operator may choose, with defaults that need no choice.

mod address_domain;
mod balancer_network;
mod mail;
mod outgoing;

pub use address_domain::{AddressDomain, InvalidAddressDomain};
pub use balancer_network::{BalancerNetwork, InvalidNetwork};
pub use mail::MailSettings;
#[cfg(feature = "test-network")]
pub use outgoing::TestMail;
pub use outgoing::{OutgoingSettings, Smarthost};

use crate::public_name::PublicName;
use crate::storage::{BucketLocation, DatabaseLocation};
use envelock_wire::{Keyserver, Registration, limits};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

/// Settings of one server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Where database, ciphertext and the self-signed certificate live; made on first use, readable by the owner only.
    pub data_dir: PathBuf,
    /// Where the database is.
    pub database: DatabaseLocation,
    /// The bucket that ciphertext is in, if it is not in the data directory.
    pub bucket: Option<BucketLocation>,
    /// The built web application; without one only the API answers.
    pub web_root: Option<PathBuf>,
    /// The name others use for this server: passkeys are for it, and apps show it beside their codes. Without one it is `localhost`.
    pub public_name: Option<PublicName>,
    /// The port it listens on, which is the one others use unless `public_name` has another.
    pub listening_port: u16,
    /// Whether everybody needs a second factor: whoever has none sets one up at the next login.
    pub require_second_factor: bool,
    /// Whether the demo account exists and `GET /api/v1/server` says so.
    pub demo: bool,
    /// Who may make an account without the operator.
    pub registration: Registration,
    /// The domains of which an address has to be that somebody registers with; none: of any, by invitation.
    pub registration_domains: Vec<AddressDomain>,
    /// Accounts made, or tried to be, per minute and address (IPv6: per /64).
    pub registrations_per_minute: NonZeroU32,
    /// Largest ciphertext of an envelope, in octets.
    pub envelope_bytes: u64,
    /// Largest ciphertext of a reply, in octets.
    pub reply_bytes: u64,
    /// Largest keyring that the devices of an account exchange, in octets.
    pub keyring_bytes: u64,
    /// Largest ciphertext of a draft, in octets.
    pub draft_bytes: u64,
    /// Drafts one account may have.
    pub account_drafts: NonZeroU32,
    /// Ciphertext one account may keep at a time, in octets: its envelopes, the replies to them, its drafts, its keyring.
    pub account_bytes: u64,
    /// Envelopes one account may have, ended ones included while they are in its list. Each may hold a note of 16 KiB.
    pub account_envelopes: NonZeroU32,
    /// Logins tried per minute and address (IPv6: per /64), and per account.
    pub login_attempts_per_minute: NonZeroU32,
    /// Tokens tried per minute and address, on top of the ten wrong ones per envelope.
    pub open_attempts_per_minute: NonZeroU32,
    /// Changes made per minute in one session, or with one token of a program. An account has four times as many.
    pub writes_per_minute: NonZeroU32,
    /// Uploads under way at a time in one session, or with one token; of one account four times as many. As many of replies to one
    /// envelope; from one address (IPv6: from one /64) four times as many.
    pub uploads: NonZeroU32,
    /// Whether certificates are looked up for those who are logged in.
    pub lookup: bool,
    /// Keyservers that are asked, in this order, when the domain of an address publishes nothing.
    pub keyservers: Vec<Keyserver>,
    /// Lookups per minute and account.
    pub lookups_per_minute: NonZeroU32,
    /// How mail is sent, if it is.
    pub outgoing: Option<OutgoingSettings>,
    /// Messages that an account sends per minute.
    pub messages_per_minute: NonZeroU32,
    /// Longest pause between two purges; the next expiry shortens it.
    pub purge_every: Duration,
    /// How old a file that nothing refers to must be before it is removed; uploads in flight are younger.
    pub orphan_age: Duration,
    /// Longest silence while a body is received, and longest pause in taking an answer.
    pub stall: Duration,
    /// Slowest reader of an answer, in octets per second, averaged: the worst of mobile lines.
    pub slowest_reader: NonZeroU32,
    /// Connections at a time.
    pub connections: NonZeroU32,
    /// Connections at a time of one address (IPv6: of one /64).
    pub connections_of_one_network: NonZeroU32,
    /// Where load balancers are that say whom a connection comes from (PROXY protocol), and have to.
    pub balancers: Vec<BalancerNetwork>,
    /// Longest time a connection stays without a request.
    pub idle: Duration,
    /// Mail from outside.
    pub mail: MailSettings,
}

const GIB: u64 = 1024 * 1024 * 1024;
const ENVELOPES: NonZeroU32 = NonZeroU32::MIN.saturating_add(9_999);
const DRAFTS: NonZeroU32 = NonZeroU32::MIN.saturating_add(limits::DRAFTS - 1);
const LOGINS: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);
const REGISTRATIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);
const OPENINGS: NonZeroU32 = NonZeroU32::MIN.saturating_add(119);
const WRITES: NonZeroU32 = NonZeroU32::MIN.saturating_add(599);
const UPLOADS: NonZeroU32 = NonZeroU32::MIN.saturating_add(7);
const SLOWEST_READER: NonZeroU32 = NonZeroU32::MIN.saturating_add(2 * 1024 - 1);
const CONNECTIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(1_999);
const CONNECTIONS_OF_ONE_NETWORK: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);
const LOOKUPS: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);
const MESSAGES: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);

impl Settings {
    /// The defaults, for this data directory.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            database: DatabaseLocation::DataDirectory,
            bucket: None,
            web_root: None,
            public_name: None,
            listening_port: 8443,
            require_second_factor: false,
            demo: false,
            registration: Registration::Closed,
            registration_domains: Vec::new(),
            registrations_per_minute: REGISTRATIONS,
            envelope_bytes: limits::ENVELOPE_BYTES,
            reply_bytes: limits::REPLY_BYTES,
            keyring_bytes: limits::KEYRING_BYTES,
            draft_bytes: limits::DRAFT_BYTES,
            account_drafts: DRAFTS,
            account_bytes: 10 * GIB,
            account_envelopes: ENVELOPES,
            login_attempts_per_minute: LOGINS,
            open_attempts_per_minute: OPENINGS,
            writes_per_minute: WRITES,
            uploads: UPLOADS,
            lookup: true,
            keyservers: Vec::new(),
            lookups_per_minute: LOOKUPS,
            outgoing: None,
            messages_per_minute: MESSAGES,
            purge_every: Duration::from_secs(30),
            orphan_age: Duration::from_secs(3600),
            stall: Duration::from_secs(30),
            slowest_reader: SLOWEST_READER,
            connections: CONNECTIONS,
            connections_of_one_network: CONNECTIONS_OF_ONE_NETWORK,
            balancers: Vec::new(),
            idle: Duration::from_secs(300),
            mail: MailSettings::default(),
        }
    }
}
