//! Rows of `envelopes`: every change of state is one conditional statement, so that racing requests cannot both win.

use super::blobs::BlobName;
use super::database::{Database, StorageError};
use super::envelope_row::{EnvelopeRow, StoredState, file};
use envelock_wire::limits::TRIES;

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

/// What trying a token led to.
pub enum Attempt {
    /// There is no usable envelope of this name.
    Nothing,
    /// No tries were left.
    Locked,
    /// The token is wrong; so many tries are left.
    Wrong {
        /// 0: it is locked now.
        tries_left: u32,
    },
    /// The token is right.
    Right(Box<EnvelopeRow>),
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
    /// Only what is sealed has tries to lose. Once the ciphertext is gone a token gives no more than the right to reply:
    /// a wrong one finds nothing and changes nothing, and no stranger can take that right from whoever has the token.
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
        let sealed = row.state == StoredState::Sealed;
        if right && (even_if_locked || !sealed || row.tries_left > 0) {
            return Ok(Attempt::Right(Box::new(row)));
        }
        if !sealed {
            return Ok(Attempt::Nothing);
        }
        let Some(tries_left) = row.tries_left.checked_sub(1) else { return Ok(Attempt::Locked) };
        sqlx::query("UPDATE envelopes SET tries_left = tries_left - 1 WHERE id = ? AND tries_left > 0")
            .bind(id.as_slice())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Attempt::Wrong { tries_left })
    }
}
