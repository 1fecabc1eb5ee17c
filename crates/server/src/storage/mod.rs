//! What survives a power cut: rows in SQLite or PostgreSQL, ciphertext in files or in a bucket.
//!
//! An acknowledged write is on the disk: the database syncs with every commit, files are synced (objects acknowledged) before the row that
//! names them is written. The order is always file first, row second, and on removal row first, file second, so
//! that a crash can leave a file without a row (the purge removes it) but never a row without a file.
//!
//! All SQL is in this folder, in static strings that both databases understand (sqlx's `Any`). Not here: what the rows mean (`envelope`, `session`, `keyring`, `draft`, `mail`).

mod accounts;
mod app_tokens;
mod attempt_key;
mod attempts;
mod blobs;
mod ceremonies;
mod database;
mod drafts;
mod endings;
mod envelope_row;
mod envelopes;
mod factors;
mod failure;
mod group_commit;
mod instance;
mod invitations;
mod keyrings;
mod keystore_backups;
mod leases;
mod location;
mod login_days;
mod login_secret;
mod logins;
mod mail_arrivals;
mod mail_checks;
mod mailbox;
mod mailbox_certificates;
mod named_files;
mod newer_rows;
mod outgoing;
mod outgoing_tries;
mod passkeys;
mod proofs;
mod replies;
mod reserve;
mod sent_mail;
mod sessions;
mod signing_keys;
mod sts_policies;
mod tables;
mod tls_sessions;
mod unfinished_logins;
mod writers;

pub use accounts::AccountLine;
pub(crate) use accounts::address_key;
pub(crate) use app_tokens::{AddingAppToken, AppTokenRow, NewAppToken};
pub(crate) use attempt_key::AttemptKey;
pub(crate) use blobs::{BlobName, BlobOctets, Blobs, IncomingBlob};
pub use blobs::{BucketCredentials, BucketLocation, InvalidBucket};
pub(crate) use ceremonies::{CeremonyKind, NewCeremony};
pub use database::Database;
pub(crate) use database::EarlierVersion;
pub(crate) use drafts::{DraftRefused, DraftRemoval, DraftRoom, DraftRow, DraftWrite, NewDraft};
pub(crate) use endings::Ended;
pub(crate) use envelope_row::{EnvelopeRow, StoredState};
pub(crate) use envelopes::{Announced, Attempt, NewEnvelope, Room};
pub(crate) use factors::{Has, NewFactor, Proof, Removal};
pub use failure::{BucketFailure, StorageError};
pub use invitations::InvitationLine;
pub(crate) use invitations::{NewGuest, Welcome};
pub(crate) use keyrings::{KeyringRefused, KeyringWrite, NewKeyring};
pub(crate) use keystore_backups::KeystoreBackupRow;
pub(crate) use leases::Confirmation;
pub use location::{DatabaseLocation, InvalidDatabaseUrl, PostgresUrl};
pub(crate) use login_days::LoginDayRow;
pub(crate) use login_secret::{
    NewRecord, SecretHash, hash_of, kept_login_secret, make_login_secret, make_renewed_login_secret,
    note_known_login_secret, noted_login_secret, place_login_secret, renewed_login_secret, take_renewed_login_secret,
    warn_of_an_open_login_secret,
};
pub(crate) use logins::{LoggedIn, NewLogin, NewSession, PasswordChange};
pub(crate) use mail_arrivals::{MailAdded, MailOwner, NewMail};
pub(crate) use mail_checks::UncheckedMail;
pub(crate) use mailbox::{MailRemoval, MailRow};
pub(crate) use mailbox_certificates::{MailPlace, SealedMail, Sealing, UnsealedMail};
pub(crate) use outgoing::{NewOutgoing, OutgoingRecipientRow, OutgoingRow};
pub(crate) use outgoing_tries::{Claimed, ClaimedRecipient, Fate, Settled};
pub(crate) use passkeys::{NewPasskey, PasskeyRow};
pub(crate) use proofs::{Adding, Confirming};
pub(crate) use replies::AddedReply;
pub(crate) use sent_mail::{NewSentMail, SentMailWrite};
pub(crate) use sessions::{ABSOLUTE_SECONDS, OwnSessionRow, Since};
pub(crate) use signing_keys::copy_signing_keys;
pub use signing_keys::signing_keys;
pub(crate) use tls_sessions::DayOfSessions;
pub(crate) use writers::is_fresh;
pub use writers::{Lapse, Writer};

/// Sizes are stored as signed integers; no file is near the border.
pub(crate) fn stored_size(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
