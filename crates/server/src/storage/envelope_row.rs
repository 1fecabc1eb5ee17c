//! A row of `envelopes` as this program reads it.

use super::blobs::BlobName;
use super::database::{count, octets};
use super::failure::StorageError;
use sqlx::Row;
use sqlx::any::AnyRow;

/// The part of an envelope's state that is stored; locked and just expired follow from other columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoredState {
    /// Announced, without ciphertext.
    Uploading,
    /// With ciphertext.
    Sealed,
    /// Opened as often as allowed.
    Opened,
    /// Ended by time.
    Expired,
    /// Ended by the sender.
    Withdrawn,
}

impl StoredState {
    fn parse(text: &str) -> Result<Self, StorageError> {
        Ok(match text {
            "uploading" => Self::Uploading,
            "sealed" => Self::Sealed,
            "opened" => Self::Opened,
            "expired" => Self::Expired,
            "withdrawn" => Self::Withdrawn,
            _ => return Err(StorageError::Corrupt("state")),
        })
    }
}

/// An envelope with its sender and the number of its replies.
pub(crate) struct EnvelopeRow {
    /// Its name.
    pub(crate) id: [u8; 16],
    /// Version of the fixed parameters.
    pub(crate) profile: u8,
    /// The Argon2 salt.
    pub(crate) salt: [u8; 16],
    /// Whether the link carries a secret.
    pub(crate) link_secret: bool,
    /// SHA-256 of the access token; zeros, which no token has, when it is forgotten.
    pub(crate) token_hash: [u8; 32],
    /// Password hint.
    pub(crate) hint: Option<String>,
    /// The sender's encrypted note.
    pub(crate) note: Option<String>,
    /// Octets of ciphertext.
    pub(crate) size: i64,
    /// When it was announced.
    pub(crate) created: i64,
    /// The end.
    pub(crate) expires: i64,
    /// Stored state.
    pub(crate) state: StoredState,
    /// How often it may be opened.
    pub(crate) max_openings: Option<u32>,
    /// Confirmed openings.
    pub(crate) openings: u32,
    /// Wrong tokens left.
    pub(crate) tries_left: u32,
    /// First confirmed opening.
    pub(crate) opened_at: Option<i64>,
    /// How often it was handed out without a confirmation, since it was unlocked.
    pub(crate) lapsed_leases: u32,
    /// When the last of these was over.
    pub(crate) lapsed_lease_at: Option<i64>,
    /// The ciphertext, while there is one.
    pub(crate) file: Option<BlobName>,
    /// Replies received.
    pub(crate) replies: u32,
    /// The sender's address.
    pub(crate) sender_address: String,
    /// The sender's name.
    pub(crate) sender_name: String,
}

/// Stands in the place of a token's hash when nobody may come with it any more.
pub(super) const NO_TOKEN: &[u8] = &[];

fn token_hash(row: &AnyRow) -> Result<[u8; 32], StorageError> {
    match row.try_get::<&[u8], _>("token_hash")? {
        NO_TOKEN => Ok([0; 32]),
        hash => hash.try_into().map_err(|_| StorageError::Corrupt("token_hash")),
    }
}

pub(super) fn file(row: &AnyRow) -> Result<Option<BlobName>, StorageError> {
    row.try_get::<Option<Vec<u8>>, _>("file")?.map(BlobName::try_from).transpose()
}

impl TryFrom<&AnyRow> for EnvelopeRow {
    type Error = StorageError;

    fn try_from(row: &AnyRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: octets(row, "id")?,
            profile: count(row, "profile")?.try_into().map_err(|_| StorageError::Corrupt("profile"))?,
            salt: octets(row, "salt")?,
            link_secret: row.try_get::<i64, _>("link_secret")? != 0,
            token_hash: token_hash(row)?,
            hint: row.try_get("hint")?,
            note: row.try_get("note")?,
            size: row.try_get("size")?,
            created: row.try_get("created")?,
            expires: row.try_get("expires")?,
            state: StoredState::parse(row.try_get("state")?)?,
            max_openings: row
                .try_get::<Option<i64>, _>("max_openings")?
                .map(|_| count(row, "max_openings"))
                .transpose()?,
            openings: count(row, "openings")?,
            tries_left: count(row, "tries_left")?,
            opened_at: row.try_get("opened_at")?,
            lapsed_leases: count(row, "lapsed_leases")?,
            lapsed_lease_at: row.try_get("lapsed_lease_at")?,
            file: file(row)?,
            replies: count(row, "replies")?,
            sender_address: row.try_get("address")?,
            sender_name: row.try_get("name")?,
        })
    }
}
