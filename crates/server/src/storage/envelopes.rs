//! Rows of `envelopes`: every change of state is one conditional statement, so that racing requests cannot both win.

use super::blobs::BlobName;
use super::database::{Database, StorageError};
use envelock_wire::limits::TRIES;
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

/// What is stored when an envelope is announced.
#[derive(Debug)]
pub struct NewEnvelope<'a> {
    /// Its name.
    pub id: &'a [u8; 16],
    /// Its sender.
    pub account: i64,
    /// Version of the fixed parameters.
    pub profile: u8,
    /// The Argon2 salt.
    pub salt: &'a [u8; 16],
    /// Whether the link carries a secret.
    pub link_secret: bool,
    /// SHA-256 of the access token.
    pub token_hash: &'a [u8; 32],
    /// Password hint.
    pub hint: Option<&'a str>,
    /// The sender's encrypted note.
    pub note: Option<&'a str>,
    /// Octets of ciphertext to come.
    pub size: i64,
    /// Now.
    pub created: i64,
    /// The end.
    pub expires: i64,
    /// How often it may be opened.
    pub max_openings: Option<u32>,
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

/// What trying a token led to.
pub enum Attempt {
    /// There is no usable envelope of this name.
    Nothing,
    /// No tries were left.
    Locked {
        /// Where the envelope is in its life.
        state: StoredState,
    },
    /// The token is wrong; so many tries are left.
    Wrong {
        /// 0: it is locked now.
        tries_left: u32,
        /// Where the envelope is in its life.
        state: StoredState,
    },
    /// The token is right.
    Right(Box<EnvelopeRow>),
}

fn octets<const N: usize>(row: &SqliteRow, column: &'static str) -> Result<[u8; N], StorageError> {
    row.try_get::<Vec<u8>, _>(column)?.try_into().map_err(|_| StorageError::Corrupt(column))
}

fn file(row: &SqliteRow) -> Result<Option<BlobName>, StorageError> {
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

macro_rules! select_envelope {
    ($rest:literal) => {
        concat!(
            "SELECT e.*, a.address, a.name, (SELECT count(*) FROM replies r WHERE r.envelope = e.id) AS replies
             FROM envelopes e JOIN accounts a ON a.id = e.account ",
            $rest
        )
    };
}

impl Database {
    /// Stores an announced envelope, if the account then keeps no more than `account_bytes`. Returns whether it did.
    pub async fn add_envelope(&self, new: &NewEnvelope<'_>, account_bytes: i64) -> Result<bool, StorageError> {
        let done = sqlx::query(
            "INSERT INTO envelopes (id, account, profile, salt, link_secret, token_hash, hint, note, size, created,
                                    expires, state, max_openings, tries_left)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'uploading', ?12, ?13
             WHERE ?9 + (SELECT coalesce(sum(size), 0) FROM envelopes
                         WHERE account = ?2 AND state IN ('uploading', 'sealed')) <= ?14",
        )
        .bind(new.id.as_slice())
        .bind(new.account)
        .bind(new.profile)
        .bind(new.salt.as_slice())
        .bind(new.link_secret)
        .bind(new.token_hash.as_slice())
        .bind(new.hint)
        .bind(new.note)
        .bind(new.size)
        .bind(new.created)
        .bind(new.expires)
        .bind(new.max_openings)
        .bind(TRIES)
        .bind(account_bytes)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The envelope of this name.
    pub async fn envelope(&self, id: &[u8; 16]) -> Result<Option<EnvelopeRow>, StorageError> {
        let row =
            sqlx::query(select_envelope!("WHERE e.id = ?")).bind(id.as_slice()).fetch_optional(&self.readers).await?;
        row.as_ref().map(EnvelopeRow::try_from).transpose()
    }

    /// The envelope of this name, if it is this account's.
    pub async fn envelope_of(&self, account: i64, id: &[u8; 16]) -> Result<Option<EnvelopeRow>, StorageError> {
        let row = sqlx::query(select_envelope!("WHERE e.id = ? AND e.account = ?"))
            .bind(id.as_slice())
            .bind(account)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(EnvelopeRow::try_from).transpose()
    }

    /// All envelopes of this account, newest first.
    pub async fn envelopes_of(&self, account: i64) -> Result<Vec<EnvelopeRow>, StorageError> {
        let rows = sqlx::query(select_envelope!("WHERE e.account = ? ORDER BY e.created DESC, e.id"))
            .bind(account)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(EnvelopeRow::try_from).collect()
    }

    /// uploading → sealed, with this file. False if it was no longer waiting for one.
    pub async fn seal_envelope(
        &self,
        account: i64,
        id: &[u8; 16],
        file: BlobName,
        now: i64,
    ) -> Result<bool, StorageError> {
        let done = sqlx::query(
            "UPDATE envelopes SET state = 'sealed', file = ?
             WHERE id = ? AND account = ? AND state = 'uploading' AND expires > ?",
        )
        .bind(file.0.as_slice())
        .bind(id.as_slice())
        .bind(account)
        .bind(now)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Changes the end of an envelope that has not ended, at most to `longest_life` after creation. False if it has.
    pub async fn set_expiry(
        &self,
        account: i64,
        id: &[u8; 16],
        expires: i64,
        longest_life: i64,
        now: i64,
    ) -> Result<bool, StorageError> {
        let done = sqlx::query(
            "UPDATE envelopes SET expires = min(?, created + ?)
             WHERE id = ? AND account = ? AND state IN ('uploading', 'sealed', 'opened') AND expires > ?",
        )
        .bind(expires)
        .bind(longest_life)
        .bind(id.as_slice())
        .bind(account)
        .bind(now)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives all tries back to an envelope that has not ended. False if it has.
    pub async fn unlock_envelope(&self, account: i64, id: &[u8; 16], now: i64) -> Result<bool, StorageError> {
        let done = sqlx::query(
            "UPDATE envelopes SET tries_left = ?
             WHERE id = ? AND account = ? AND state IN ('uploading', 'sealed', 'opened') AND expires > ?",
        )
        .bind(TRIES)
        .bind(id.as_slice())
        .bind(account)
        .bind(now)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends the envelope for its sender and forgets what opened it. Returns the file to remove; the outer `None` says
    /// that there is no such envelope of this account.
    pub async fn withdraw_envelope(
        &self,
        account: i64,
        id: &[u8; 16],
    ) -> Result<Option<Option<BlobName>>, StorageError> {
        let mut transaction = self.write().await?;
        let Some(row) = sqlx::query("SELECT file FROM envelopes WHERE id = ? AND account = ?")
            .bind(id.as_slice())
            .bind(account)
            .fetch_optional(&mut *transaction)
            .await?
        else {
            return Ok(None);
        };
        // One that expired stays expired.
        sqlx::query(
            "UPDATE envelopes SET state = 'withdrawn', file = NULL, token_hash = zeroblob(32)
             WHERE id = ? AND state <> 'expired'",
        )
        .bind(id.as_slice())
        .execute(&mut *transaction)
        .await?;
        sqlx::query("DELETE FROM leases WHERE envelope = ?").bind(id.as_slice()).execute(&mut *transaction).await?;
        let file = file(&row)?;
        transaction.commit().await?;
        Ok(Some(file))
    }

    /// Tries a token: `right` compares it with the stored hash, and is given 32 zero octets where there is no envelope,
    /// so that the work is the same. A wrong one takes one of the tries left.
    ///
    /// Holding the write lock from the first read to the last write, any number of racing guesses is judged one after
    /// the other: no more than the tries left can ever be told anything about a token.
    pub async fn try_token(
        &self,
        id: &[u8; 16],
        usable: impl Fn(&EnvelopeRow) -> bool,
        right: impl Fn(&[u8; 32]) -> bool,
        even_if_locked: bool,
    ) -> Result<Attempt, StorageError> {
        let mut transaction = self.write().await?;
        let row = sqlx::query(select_envelope!("WHERE e.id = ?"))
            .bind(id.as_slice())
            .fetch_optional(&mut *transaction)
            .await?;
        let row = row.as_ref().map(EnvelopeRow::try_from).transpose()?;
        let right = right(row.as_ref().map_or(&[0; 32], |row| &row.token_hash));
        let Some(row) = row.filter(usable) else { return Ok(Attempt::Nothing) };
        if right && (even_if_locked || row.tries_left > 0) {
            return Ok(Attempt::Right(Box::new(row)));
        }
        let state = row.state;
        let Some(tries_left) = row.tries_left.checked_sub(1) else { return Ok(Attempt::Locked { state }) };
        sqlx::query("UPDATE envelopes SET tries_left = tries_left - 1 WHERE id = ? AND tries_left > 0")
            .bind(id.as_slice())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Attempt::Wrong { tries_left, state })
    }

    /// Whether some row names this file.
    pub async fn names_file(&self, name: BlobName) -> Result<bool, StorageError> {
        let row = sqlx::query(
            "SELECT EXISTS (SELECT 1 FROM envelopes WHERE file = ?1) OR EXISTS (SELECT 1 FROM replies WHERE file = ?1)",
        )
        .bind(name.0.as_slice())
        .fetch_one(&self.readers)
        .await?;
        Ok(row.try_get(0)?)
    }

    /// Ends what is over by time. Returns the files to remove.
    pub async fn expire_envelopes(&self, now: i64) -> Result<Vec<BlobName>, StorageError> {
        let mut transaction = self.write().await?;
        let rows =
            sqlx::query("SELECT file FROM envelopes WHERE state = 'sealed' AND expires <= ? AND file IS NOT NULL")
                .bind(now)
                .fetch_all(&mut *transaction)
                .await?;
        sqlx::query(
            "UPDATE envelopes SET state = 'expired', file = NULL, token_hash = zeroblob(32)
             WHERE state = 'sealed' AND expires <= ?",
        )
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        // Takes no more replies.
        sqlx::query("UPDATE envelopes SET token_hash = zeroblob(32) WHERE state = 'opened' AND expires <= ? AND token_hash <> zeroblob(32)")
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        let files = rows.iter().filter_map(|row| file(row).transpose()).collect::<Result<_, _>>()?;
        transaction.commit().await?;
        Ok(files)
    }

    /// Forgets announced envelopes whose ciphertext never came. Returns how many.
    pub async fn remove_abandoned(&self, created_until: i64, now: i64) -> Result<u64, StorageError> {
        let done = sqlx::query("DELETE FROM envelopes WHERE state = 'uploading' AND (created <= ? OR expires <= ?)")
            .bind(created_until)
            .bind(now)
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected())
    }

    /// Forgets envelopes that ended long ago, with their replies. Returns the files to remove.
    pub async fn remove_ended(&self, expired_until: i64) -> Result<Vec<BlobName>, StorageError> {
        let mut transaction = self.write().await?;
        let rows = sqlx::query(
            "SELECT r.file FROM replies r JOIN envelopes e ON e.id = r.envelope
             WHERE e.state IN ('opened', 'expired', 'withdrawn') AND e.expires <= ?",
        )
        .bind(expired_until)
        .fetch_all(&mut *transaction)
        .await?;
        sqlx::query("DELETE FROM envelopes WHERE state IN ('opened', 'expired', 'withdrawn') AND expires <= ?")
            .bind(expired_until)
            .execute(&mut *transaction)
            .await?;
        let files = rows.iter().filter_map(|row| file(row).transpose()).collect::<Result<_, _>>()?;
        transaction.commit().await?;
        Ok(files)
    }

    /// When the next envelope ends by time.
    pub async fn next_expiry(&self) -> Result<Option<i64>, StorageError> {
        let row = sqlx::query("SELECT min(expires) FROM envelopes WHERE state IN ('uploading', 'sealed')")
            .fetch_one(&self.readers)
            .await?;
        Ok(row.try_get(0)?)
    }
}
