//! Receives mail: the server's half of SMTP and LMTP, without sockets.
//!
//! * octets of a conversation in, what is to be done out → [`Session`]
//! * whether a program that shares a secret with the server wrote a request → [`WebhookSecrets`]
//!
//! Not here: sockets, TLS and time limits (the server drives this), whether a mailbox exists, where messages are kept, what a message is
//! worth ([`crate::validation`]).

mod command;
mod content;
mod forwarded;
mod line;
mod reply;
mod session;
mod webhook;

pub use command::{POSTMASTER, is_path};
use serde::{Deserialize, Serialize};
pub use session::{Ending, Event, Recipient, Session, Stored};
use std::net::IpAddr;
pub use webhook::{BadSecret, Signed, WebhookSecrets};

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// With whoever delivers to us (RFC 5321).
    Smtp,
    /// With a mail server in front of us (RFC 2033).
    Lmtp,
}

impl Protocol {
    /// What a greeting calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smtp => "ESMTP",
            Self::Lmtp => "LMTP",
        }
    }
}

/// What holds for a conversation.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The name the server gives itself.
    pub hostname: String,
    /// What is spoken.
    pub protocol: Protocol,
    /// Most octets of one message.
    pub size: u64,
    /// Most recipients of one message. RFC 5321 §4.5.3.1.8 asks for 100.
    pub recipients: usize,
    /// Whether TLS is offered. It is not where the client is a mail server on the same machine.
    pub has_tls: bool,
    /// Whether the client is a mail server of ours that says where a message came from (XFORWARD).
    pub is_forwarder: bool,
    /// Commands that may be wrong before the conversation ends.
    pub faults: u32,
}

/// Who brings a message, as it is stored with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its address; an unspecified one (`0.0.0.0`) if nobody says.
    pub address: IpAddr,
    /// What it calls itself (HELO, EHLO), if it said so.
    pub name: Option<String>,
    /// The TLS it came by, if it did.
    pub tls: Option<Secured>,
}

/// A connection by TLS, as `Received` fields tell of it (RFC 8314 §4.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secured {
    /// Version, as `TLSv1.3`.
    pub version: String,
    /// Cipher suite by its IANA name.
    pub suite: String,
}

/// Envelope of a message (RFC 5321 §2.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Who brings it; behind a mail server of ours, who brought it there.
    pub client: Client,
    /// Where failures are told (MAIL FROM); empty for a message that is such news itself.
    pub sender: String,
    /// Mailboxes of this server that it is for, each once: addresses, or [`POSTMASTER`].
    pub recipients: Vec<String>,
    /// Octets of its content.
    pub size: u64,
}
