//! The life of an envelope: uploading → sealed → (right token) leased for ten minutes → confirmed opening; its bytes
//! are removed at the last allowed opening, at its end, or when the sender withdraws it.
//!
//! [`Envelopes`] knows three kinds of callers: senders (`sending`), holders of a link (`opening`, `replying`), and the
//! clock (`purge`). Ten wrong tokens lock a sealed envelope until its sender unlocks it, and so do three leases that lapse
//! where openings are counted: who does not confirm shows, and gets it no more often than that. A wrong password never burns it.
//! For a link holder unknown, unfinished, expired, withdrawn and used-up envelopes are all [`Refusal::Gone`].
//!
//! Not here: HTTP (`api`), SQL and files (`storage`), who is logged in (`session`).

mod opening;
mod purge;
mod replying;
mod sending;

pub use opening::Opening;
pub use purge::Purged;

use crate::ciphertext::{Interrupted, NotReceived};
use crate::clock::Clock;
use crate::settings::Settings;
use crate::storage::{Blobs, Database, Room, StorageError, stored_size};
use std::sync::Arc;
use std::time::Duration;

/// Why an operation on an envelope was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// For a link holder: there is nothing to open, whatever the reason.
    #[error("nothing to open")]
    Gone,
    /// For a sender: no envelope of theirs has this name.
    #[error("not found")]
    NotFound,
    /// The token is wrong; `tries_left` is what remains before the envelope locks.
    #[error("wrong token")]
    WrongToken {
        /// 0: it is locked now.
        tries_left: u32,
    },
    /// No tries are left.
    #[error("locked")]
    Locked,
    /// All openings left are leased.
    #[error("in use")]
    InUse,
    /// The lease is unknown or over.
    #[error("lease expired")]
    LeaseExpired,
    /// The ciphertext is already there.
    #[error("already sealed")]
    AlreadySealed,
    /// The envelope has ended.
    #[error("ended")]
    Ended,
    /// It has all the replies it takes.
    #[error("reply limit")]
    ReplyLimit,
    /// Larger than allowed; nothing was kept.
    #[error("too large")]
    TooLarge {
        /// Octets allowed.
        allowed: u64,
    },
    /// Not as long as announced; nothing was kept.
    #[error("size mismatch")]
    SizeMismatch {
        /// Octets announced.
        announced: u64,
    },
    /// The account's share of the disk is used up.
    #[error("storage full")]
    StorageFull,
    /// For a link holder: the sender's share of the disk is used up.
    #[error("the sender's storage is full")]
    SenderFull,
    /// The account has as many envelopes as it may.
    #[error("too many envelopes")]
    TooManyEnvelopes {
        /// Envelopes allowed.
        allowed: u32,
    },
    /// The body did not arrive; nothing was kept.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Refusal::Storage(error.into())
    }
}

impl From<NotReceived> for Refusal {
    fn from(cause: NotReceived) -> Self {
        match cause {
            NotReceived::SizeMismatch { announced } => Refusal::SizeMismatch { announced },
            NotReceived::Interrupted(cause) => Refusal::Interrupted(cause),
            NotReceived::Storage(cause) => Refusal::Storage(cause),
        }
    }
}

/// All envelopes of a server.
#[derive(Clone)]
pub struct Envelopes {
    database: Database,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    envelope_bytes: u64,
    reply_bytes: u64,
    room: Room,
    orphan_age: Duration,
}

impl Envelopes {
    /// Over this database and these directories.
    pub(crate) fn new(database: Database, blobs: Blobs, clock: Arc<dyn Clock>, settings: &Settings) -> Self {
        Self {
            database,
            blobs,
            clock,
            envelope_bytes: settings.envelope_bytes,
            reply_bytes: settings.reply_bytes,
            room: Room {
                octets: stored_size(settings.account_bytes),
                envelopes: i64::from(settings.account_envelopes.get()),
            },
            orphan_age: settings.orphan_age,
        }
    }

    fn now(&self) -> i64 {
        self.clock.now().as_unix()
    }
}

fn read_size(size: i64) -> u64 {
    u64::try_from(size).unwrap_or(0)
}
