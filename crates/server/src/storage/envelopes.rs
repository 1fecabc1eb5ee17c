//! Rows of `envelopes`: every change of state is one conditional statement, so that racing requests cannot both win.

use super::blobs::BlobName;
use super::database::{Database, octets};
use super::envelope_row::{EnvelopeRow, NO_TOKEN, StoredState, file};
use super::failure::StorageError;
use super::leases::end_leases;
use super::writers::Writer;
use envelock_wire::limits::TRIES;
use sqlx::{AnyConnection, Row};

/// What is stored when an envelope is announced.
#[derive(Debug)]
pub(crate) struct NewEnvelope<'a> {
    /// Its name.
    pub(crate) id: &'a [u8; 16],
    /// Its sender.
    pub(crate) account: i64,
    /// Version of the fixed parameters.
    pub(crate) profile: u8,
    /// The Argon2 salt.
    pub(crate) salt: &'a [u8; 16],
    /// Whether the link carries a secret.
    pub(crate) link_secret: bool,
    /// SHA-256 of the access token.
    pub(crate) token_hash: &'a [u8; 32],
    /// Password hint.
    pub(crate) hint: Option<&'a str>,
    /// The sender's encrypted note.
    pub(crate) note: Option<&'a str>,
    /// Octets of ciphertext to come.
    pub(crate) size: i64,
    /// Now.
    pub(crate) created: i64,
    /// The end.
    pub(crate) expires: i64,
    /// How often it may be opened.
    pub(crate) max_openings: Option<u32>,
}

/// What an account may keep.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// Octets of ciphertext, in envelopes, in replies to them, in drafts and in its keyring.
    pub(crate) octets: i64,
    /// Envelopes, ended ones included.
    pub(crate) envelopes: i64,
}

/// What announcing an envelope led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Announced {
    /// It is stored.
    Stored,
    /// The account has as many envelopes as it may.
    TooMany,
    /// The account keeps as many octets as it may.
    Full,
}

/// What trying a token led to.
pub(crate) enum Attempt {
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

/// What an account keeps: the ciphertext of envelopes announced or sealed, that of all replies, of its drafts and
/// of its keyring, and its envelopes.
pub(super) async fn used(connection: &mut AnyConnection, account: i64) -> Result<Room, StorageError> {
    let row = sqlx::query(
        "SELECT CAST((SELECT coalesce(sum(size), 0) FROM envelopes WHERE account = $1 AND state IN ('uploading', 'sealed'))
              + (SELECT coalesce(sum(r.size), 0) FROM replies r JOIN envelopes e ON e.id = r.envelope
                 WHERE e.account = $1)
              + (SELECT coalesce(sum(size), 0) FROM drafts WHERE account = $1)
              + (SELECT coalesce(sum(size), 0) FROM keyrings WHERE account = $1) AS BIGINT) AS octets,
                (SELECT count(*) FROM envelopes WHERE account = $1) AS envelopes",
    )
    .bind(account)
    .fetch_one(connection)
    .await?;
    Ok(Room { octets: row.try_get("octets")?, envelopes: row.try_get("envelopes")? })
}

impl Database {
    /// Stores an announced envelope, if the account then keeps no more than it may.
    pub(crate) async fn add_envelope(
        &self,
        writer: &Writer,
        new: &NewEnvelope<'_>,
        room: Room,
    ) -> Result<Announced, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_writer(&mut transaction, writer, new.created).await?;
        let used = used(&mut transaction, new.account).await?;
        if used.envelopes >= room.envelopes {
            return Ok(Announced::TooMany);
        }
        if used.octets.saturating_add(new.size) > room.octets {
            return Ok(Announced::Full);
        }
        sqlx::query(
            "INSERT INTO envelopes (id, account, profile, salt, link_secret, token_hash, hint, note, size, created,
                                    expires, state, max_openings, tries_left)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'uploading', $12, $13)",
        )
        .bind(new.id.as_slice())
        .bind(new.account)
        .bind(i64::from(new.profile))
        .bind(new.salt.as_slice())
        .bind(i64::from(new.link_secret))
        .bind(new.token_hash.as_slice())
        .bind(new.hint)
        .bind(new.note)
        .bind(new.size)
        .bind(new.created)
        .bind(new.expires)
        .bind(new.max_openings.map(i64::from))
        .bind(i64::from(TRIES))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Announced::Stored)
    }

    /// The envelope of this name.
    pub(crate) async fn envelope(&self, id: &[u8; 16]) -> Result<Option<EnvelopeRow>, StorageError> {
        let row =
            sqlx::query(select_envelope!("WHERE e.id = $1")).bind(id.as_slice()).fetch_optional(&self.readers).await?;
        row.as_ref().map(EnvelopeRow::try_from).transpose()
    }

    /// The envelope of this name, if it is this account's.
    pub(crate) async fn envelope_of(&self, account: i64, id: &[u8; 16]) -> Result<Option<EnvelopeRow>, StorageError> {
        let row = sqlx::query(select_envelope!("WHERE e.id = $1 AND e.account = $2"))
            .bind(id.as_slice())
            .bind(account)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(EnvelopeRow::try_from).transpose()
    }

    /// At most `limit` envelopes of this account, newest first; with `before` those that follow it in this order, given
    /// as its time of announcement and its name.
    pub(crate) async fn envelopes_of(
        &self,
        account: i64,
        before: Option<(i64, &[u8; 16])>,
        limit: u32,
    ) -> Result<Vec<EnvelopeRow>, StorageError> {
        // All envelopes come before the end of time.
        let (created, id) = before.unwrap_or((i64::MAX, &[0; 16]));
        let rows = sqlx::query(select_envelope!(
            "WHERE e.account = $1 AND (e.created, e.id) < ($2, $3) ORDER BY e.created DESC, e.id DESC LIMIT $4"
        ))
        .bind(account)
        .bind(created)
        .bind(id.as_slice())
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(EnvelopeRow::try_from).collect()
    }

    /// uploading → sealed, with this file. False if it was no longer waiting for one.
    pub(crate) async fn seal_envelope(
        &self,
        writer: &Writer,
        id: &[u8; 16],
        file: BlobName,
        now: i64,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_writer(&mut transaction, writer, now).await?;
        let done = sqlx::query(
            "UPDATE envelopes SET state = 'sealed', file = $1
             WHERE id = $2 AND account = $3 AND state = 'uploading' AND expires > $4",
        )
        .bind(file.0.as_slice())
        .bind(id.as_slice())
        .bind(writer.account())
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Changes the end of an envelope that has not ended, at most to `longest_life` after creation. False if it has.
    pub(crate) async fn set_expiry(
        &self,
        writer: &Writer,
        id: &[u8; 16],
        expires: i64,
        longest_life: i64,
        now: i64,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_writer(&mut transaction, writer, now).await?;
        let done = sqlx::query(
            "UPDATE envelopes SET expires = CASE WHEN $1 < created + $2 THEN $1 ELSE created + $2 END
             WHERE id = $3 AND account = $4 AND state IN ('uploading', 'sealed', 'opened') AND expires > $5",
        )
        .bind(expires)
        .bind(longest_life)
        .bind(id.as_slice())
        .bind(writer.account())
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives all tries back to an envelope that has not ended, and counts lapsed leases anew. False if it has ended.
    pub(crate) async fn unlock_envelope(&self, writer: &Writer, id: &[u8; 16], now: i64) -> Result<bool, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_writer(&mut transaction, writer, now).await?;
        let done = sqlx::query(
            "UPDATE envelopes SET tries_left = $1, lapsed_leases = 0, lapsed_lease_at = NULL
             WHERE id = $2 AND account = $3 AND state IN ('uploading', 'sealed', 'opened') AND expires > $4",
        )
        .bind(i64::from(TRIES))
        .bind(id.as_slice())
        .bind(writer.account())
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        let unlocked = done.rows_affected() == 1;
        if unlocked {
            // Not counted yet, so that no sender has seen it: that stays to be seen.
            end_leases(&mut transaction, id, now, now).await?;
        }
        transaction.commit().await?;
        Ok(unlocked)
    }

    /// Ends the envelope for its sender and forgets what opened it. Returns the file to remove; the outer `None` says
    /// that there is no such envelope of this account.
    pub(crate) async fn withdraw_envelope(
        &self,
        account: i64,
        id: &[u8; 16],
        now: i64,
    ) -> Result<Option<Option<BlobName>>, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_envelope(&mut transaction, id).await?;
        let Some(row) = sqlx::query("SELECT file FROM envelopes WHERE id = $1 AND account = $2")
            .bind(id.as_slice())
            .bind(account)
            .fetch_optional(&mut *transaction)
            .await?
        else {
            return Ok(None);
        };
        // One that expired stays expired, and saying it again does not put off the end.
        sqlx::query(
            "UPDATE envelopes SET state = 'withdrawn', ended = $1, hint = NULL, file = NULL, token_hash = $3
             WHERE id = $2 AND state NOT IN ('expired', 'withdrawn')",
        )
        .bind(now)
        .bind(id.as_slice())
        .bind(NO_TOKEN)
        .execute(&mut *transaction)
        .await?;
        // Those that hold, too: nobody can confirm them any more.
        end_leases(&mut transaction, id, i64::MAX, now).await?;
        sqlx::query("DELETE FROM leases WHERE envelope = $1").bind(id.as_slice()).execute(&mut *transaction).await?;
        let file = file(&row)?;
        transaction.commit().await?;
        Ok(Some(file))
    }

    /// The envelopes of this account that have not ended, the oldest first.
    pub(crate) async fn envelopes_going_on(&self, account: i64, now: i64) -> Result<Vec<[u8; 16]>, StorageError> {
        let rows = sqlx::query(
            "SELECT id FROM envelopes WHERE account = $1 AND state IN ('uploading', 'sealed', 'opened') AND expires > $2
             ORDER BY created, id",
        )
        .bind(account)
        .bind(now)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| octets(row, "id")).collect()
    }

    /// Tries a token: `right` compares it with the stored hash, and is given 32 zero octets where there is no envelope,
    /// so that the work is the same. A wrong one takes one of the tries left.
    ///
    /// Only what is sealed has tries to lose. Once the ciphertext is gone a token gives no more than the right to reply:
    /// a wrong one finds nothing and changes nothing, and no stranger can take that right from whoever has the token.
    ///
    /// Holding the envelope's row (on SQLite the write lock) from the first read to the last write, any number of racing
    /// guesses is judged one after the other: no more than the tries left can ever be told anything about a token.
    pub(crate) async fn try_token(
        &self,
        id: &[u8; 16],
        usable: impl Fn(&EnvelopeRow) -> bool,
        right: impl Fn(&[u8; 32]) -> bool,
        even_if_locked: bool,
    ) -> Result<Attempt, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_envelope(&mut transaction, id).await?;
        let row = sqlx::query(select_envelope!("WHERE e.id = $1"))
            .bind(id.as_slice())
            .fetch_optional(&mut *transaction)
            .await?;
        let row = row.as_ref().map(EnvelopeRow::try_from).transpose()?;
        let right = right(row.as_ref().map_or(&[0; 32], |row| &row.token_hash));
        let Some(row) = row.filter(usable) else { return Ok(Attempt::Nothing) };
        if right && (even_if_locked || row.tries_left > 0) {
            return Ok(Attempt::Right(Box::new(row)));
        }
        if row.state != StoredState::Sealed {
            // To all but the right token it is gone.
            return Ok(if right { Attempt::Locked } else { Attempt::Nothing });
        }
        let Some(tries_left) = row.tries_left.checked_sub(1) else { return Ok(Attempt::Locked) };
        sqlx::query("UPDATE envelopes SET tries_left = tries_left - 1 WHERE id = $1 AND tries_left > 0")
            .bind(id.as_slice())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Attempt::Wrong { tries_left })
    }
}
