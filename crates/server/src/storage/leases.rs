//! Rows of `leases`: an opening held for one recipient until it is confirmed or lapses.
//!
//! One that lapses gives its opening back, and is counted for the sender: whoever had it had the ciphertext, and with the password
//! the message.

use super::blobs::BlobName;
use super::database::{Database, Writing, count, octets};
use super::failure::StorageError;
use envelock_wire::limits::LAPSED_LEASES;
use sqlx::Row;
use std::collections::BTreeSet;

/// What confirming a lease led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// It counts now, or did already; so many openings are left, and this file is to be removed.
    Confirmed {
        /// `None` is without limit.
        openings_left: Option<u32>,
        /// Set at the last opening.
        remove: Option<BlobName>,
    },
    /// No such lease, or its time is over.
    NoLease,
}

/// Counts the leases of this envelope that end by `until` unconfirmed, and forgets them; how many. [`LAPSED_LEASES`] of them lock
/// it, where openings are counted.
///
/// The caller holds the envelope. However many see a lease lapse, whoever deletes it counts it.
pub(super) async fn end_leases(
    transaction: &mut Writing,
    id: &[u8; 16],
    until: i64,
    now: i64,
) -> Result<u64, StorageError> {
    let rows =
        sqlx::query("DELETE FROM leases WHERE envelope = $1 AND confirmed IS NULL AND expires <= $2 RETURNING expires")
            .bind(id.as_slice())
            .bind(until)
            .fetch_all(&mut **transaction)
            .await?;
    let ended: Vec<i64> = rows.iter().map(|row| row.try_get("expires")).collect::<Result<_, _>>()?;
    if let Some(last) = ended.iter().max() {
        sqlx::query(
            "UPDATE envelopes SET lapsed_leases = lapsed_leases + $1, lapsed_lease_at = $2,
                 tries_left = CASE WHEN max_openings IS NOT NULL AND lapsed_leases + $1 >= $3 THEN 0 ELSE tries_left END
             WHERE id = $4",
        )
        .bind(ended.len() as i64)
        .bind(now.min(*last))
        .bind(i64::from(LAPSED_LEASES))
        .bind(id.as_slice())
        .execute(&mut **transaction)
        .await?;
    }
    Ok(ended.len() as u64)
}

impl Database {
    /// Leases one opening, if the envelope can be opened and not all openings are used or leased. Returns whether it
    /// did: of any number of racing calls, no more succeed than there are openings.
    pub(crate) async fn add_lease(
        &self,
        hash: &[u8; 32],
        id: &[u8; 16],
        expires: i64,
        now: i64,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_envelope(&mut transaction, id).await?;
        end_leases(&mut transaction, id, now, now).await?;
        let done = sqlx::query(
            "INSERT INTO leases (hash, envelope, expires)
             SELECT $1, e.id, $3 FROM envelopes e
             WHERE e.id = $2 AND e.state = 'sealed' AND e.expires > $4 AND e.tries_left > 0
               AND (e.max_openings IS NULL OR e.openings +
                    (SELECT count(*) FROM leases l WHERE l.envelope = e.id AND l.confirmed IS NULL) < e.max_openings)",
        )
        .bind(hash.as_slice())
        .bind(id.as_slice())
        .bind(expires)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether this lease holds for this envelope, confirmed or not.
    pub(crate) async fn has_lease(&self, hash: &[u8; 32], id: &[u8; 16], now: i64) -> Result<bool, StorageError> {
        let row = sqlx::query("SELECT 1 FROM leases WHERE hash = $1 AND envelope = $2 AND expires > $3")
            .bind(hash.as_slice())
            .bind(id.as_slice())
            .bind(now)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.is_some())
    }

    /// Takes a lease back under which nothing was handed out: the opening is free, and nothing lapsed.
    pub(crate) async fn remove_lease(&self, hash: &[u8; 32]) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM leases WHERE hash = $1 AND confirmed IS NULL")
            .bind(hash.as_slice())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// The envelopes with leases that lapsed and are not counted yet.
    pub(crate) async fn envelopes_with_lapsed_leases(&self, now: i64) -> Result<BTreeSet<[u8; 16]>, StorageError> {
        let rows = sqlx::query("SELECT envelope FROM leases WHERE expires <= $1 AND confirmed IS NULL")
            .bind(now)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(|row| octets(row, "envelope")).collect()
    }

    /// Counts those of one envelope, for its sender; how many.
    pub(crate) async fn count_lapsed_leases(&self, id: &[u8; 16], now: i64) -> Result<u64, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_envelope(&mut transaction, id).await?;
        let ended = end_leases(&mut transaction, id, now, now).await?;
        transaction.commit().await?;
        Ok(ended)
    }

    /// Counts a leased opening, once however often it is said. At the last one the envelope becomes opened and loses
    /// its file and its hint.
    pub(crate) async fn confirm_lease(
        &self,
        hash: &[u8; 32],
        id: &[u8; 16],
        now: i64,
    ) -> Result<Confirmation, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_envelope(&mut transaction, id).await?;
        let Some(lease) =
            sqlx::query("SELECT confirmed FROM leases WHERE hash = $1 AND envelope = $2 AND expires > $3")
                .bind(hash.as_slice())
                .bind(id.as_slice())
                .bind(now)
                .fetch_optional(&mut *transaction)
                .await?
        else {
            return Ok(Confirmation::NoLease);
        };
        if lease.try_get::<Option<i64>, _>("confirmed")?.is_none() {
            sqlx::query("UPDATE leases SET confirmed = $1 WHERE hash = $2")
                .bind(now)
                .bind(hash.as_slice())
                .execute(&mut *transaction)
                .await?;
            sqlx::query(
                "UPDATE envelopes SET openings = openings + 1, opened_at = coalesce(opened_at, $1),
                     state = CASE WHEN openings + 1 >= max_openings THEN 'opened' ELSE state END,
                     ended = CASE WHEN openings + 1 >= max_openings THEN $1 ELSE ended END,
                     hint = CASE WHEN openings + 1 >= max_openings THEN NULL ELSE hint END,
                     tries_left = CASE WHEN openings + 1 >= max_openings AND tries_left = 0 THEN 1 ELSE tries_left END
                 WHERE id = $2",
            )
            .bind(now)
            .bind(id.as_slice())
            .execute(&mut *transaction)
            .await?;
        }
        let row = sqlx::query("SELECT state, file, max_openings, openings FROM envelopes WHERE id = $1")
            .bind(id.as_slice())
            .fetch_one(&mut *transaction)
            .await?;
        let mut remove = None;
        if row.try_get::<&str, _>("state")? == "opened" {
            remove = row.try_get::<Option<Vec<u8>>, _>("file")?.map(BlobName::try_from).transpose()?;
            sqlx::query("UPDATE envelopes SET file = NULL WHERE id = $1")
                .bind(id.as_slice())
                .execute(&mut *transaction)
                .await?;
        }
        let openings_left = match row.try_get::<Option<i64>, _>("max_openings")? {
            Some(_) => Some(count(&row, "max_openings")?.saturating_sub(count(&row, "openings")?)),
            None => None,
        };
        transaction.commit().await?;
        Ok(Confirmation::Confirmed { openings_left, remove })
    }
}
