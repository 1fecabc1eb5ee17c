//! Rows of `leases`: an opening held for one recipient until it is confirmed or given back.

use super::blobs::BlobName;
use super::database::{Database, count};
use super::failure::StorageError;
use sqlx::Row;

/// What confirming a lease led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
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

impl Database {
    /// Leases one opening, if the envelope can be opened and not all openings are used or leased. Returns whether it
    /// did: of any number of racing calls, no more succeed than there are openings.
    pub async fn add_lease(
        &self,
        hash: &[u8; 32],
        id: &[u8; 16],
        expires: i64,
        now: i64,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_envelope(&mut transaction, id).await?;
        let done = sqlx::query(
            "INSERT INTO leases (hash, envelope, expires)
             SELECT $1, e.id, $3 FROM envelopes e
             WHERE e.id = $2 AND e.state = 'sealed' AND e.expires > $4 AND e.tries_left > 0
               AND (e.max_openings IS NULL OR e.openings +
                    (SELECT count(*) FROM leases l WHERE l.envelope = e.id AND l.confirmed IS NULL AND l.expires > $4)
                    < e.max_openings)",
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
    pub async fn has_lease(&self, hash: &[u8; 32], id: &[u8; 16], now: i64) -> Result<bool, StorageError> {
        let row = sqlx::query("SELECT 1 FROM leases WHERE hash = $1 AND envelope = $2 AND expires > $3")
            .bind(hash.as_slice())
            .bind(id.as_slice())
            .bind(now)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.is_some())
    }

    /// Gives an opening back.
    pub async fn remove_lease(&self, hash: &[u8; 32]) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM leases WHERE hash = $1 AND confirmed IS NULL")
            .bind(hash.as_slice())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Counts a leased opening, once however often it is said. At the last one the envelope becomes opened and loses
    /// its file and its hint.
    pub async fn confirm_lease(&self, hash: &[u8; 32], id: &[u8; 16], now: i64) -> Result<Confirmation, StorageError> {
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
                     hint = CASE WHEN openings + 1 >= max_openings THEN NULL ELSE hint END
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
