//! A row of `envelopes` as this program reads it.

use super::blobs::BlobName;
use super::database::StorageError;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// The part of an envelope's state that is stored; locked and just expired follow from other columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredState {
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
pub struct EnvelopeRow {
    /// Its name.
    pub id: [u8; 16],
    /// Version of the fixed parameters.
    pub profile: u8,
    /// The Argon2 salt.
    pub salt: [u8; 16],
    /// Whether the link carries a secret.
    pub link_secret: bool,
    /// SHA-256 of the access token.
    pub token_hash: [u8; 32],
    /// Password hint.
    pub hint: Option<String>,
    /// The sender's encrypted note.
    pub note: Option<String>,
    /// Octets of ciphertext.
    pub size: i64,
    /// When it was announced.
    pub created: i64,
    /// The end.
    pub expires: i64,
    /// Stored state.
    pub state: StoredState,
    /// How often it may be opened.
    pub max_openings: Option<u32>,
    /// Confirmed openings.
    pub openings: u32,
    /// Wrong tokens left.
    pub tries_left: u32,
    /// First confirmed opening.
    pub opened_at: Option<i64>,
    /// The ciphertext, while there is one.
    pub file: Option<BlobName>,
    /// Replies received.
    pub replies: u32,
    /// The sender's address.
    pub sender_address: String,
    /// The sender's name.
    pub sender_name: String,
}

fn octets<const N: usize>(row: &SqliteRow, column: &'static str) -> Result<[u8; N], StorageError> {
    row.try_get::<Vec<u8>, _>(column)?.try_into().map_err(|_| StorageError::Corrupt(column))
}

pub(super) fn file(row: &SqliteRow) -> Result<Option<BlobName>, StorageError> {
    row.try_get::<Option<Vec<u8>>, _>("file")?.map(BlobName::try_from).transpose()
}

impl TryFrom<&SqliteRow> for EnvelopeRow {
    type Error = StorageError;

    fn try_from(row: &SqliteRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: octets(row, "id")?,
            profile: row.try_get("profile")?,
            salt: octets(row, "salt")?,
            link_secret: row.try_get("link_secret")?,
            token_hash: octets(row, "token_hash")?,
            hint: row.try_get("hint")?,
            note: row.try_get("note")?,
            size: row.try_get("size")?,
            created: row.try_get("created")?,
            expires: row.try_get("expires")?,
            state: StoredState::parse(row.try_get("state")?)?,
            max_openings: row.try_get("max_openings")?,
            openings: row.try_get("openings")?,
            tries_left: row.try_get("tries_left")?,
            opened_at: row.try_get("opened_at")?,
            file: file(row)?,
            replies: row.try_get("replies")?,
            sender_address: row.try_get("address")?,
            sender_name: row.try_get("name")?,
        })
    }
}
