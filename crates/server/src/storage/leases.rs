//! Rows of `leases`: an opening held for one recipient until it is confirmed or given back.

use super::blobs::BlobName;
use super::database::{Database, StorageError};
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
        let done = sqlx::query(
            "INSERT INTO leases (hash, envelope, expires)
             SELECT ?1, e.id, ?3 FROM envelopes e
             WHERE e.id = ?2 AND e.state = 'sealed' AND e.expires > ?4 AND e.tries_left > 0
               AND (e.max_openings IS NULL OR e.openings +
                    (SELECT count(*) FROM leases l WHERE l.envelope = e.id AND l.confirmed IS NULL AND l.expires > ?4)
                    < e.max_openings)",
        )
        .bind(hash.as_slice())
        .bind(id.as_slice())
        .bind(expires)
        .bind(now)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether this lease holds for this envelope, confirmed or not.
    pub async fn has_lease(&self, hash: &[u8; 32], id: &[u8; 16], now: i64) -> Result<bool, StorageError> {
        let row = sqlx::query("SELECT EXISTS (SELECT 1 FROM leases WHERE hash = ? AND envelope = ? AND expires > ?)")
            .bind(hash.as_slice())
            .bind(id.as_slice())
            .bind(now)
            .fetch_one(&self.readers)
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Gives an opening back.
    pub async fn remove_lease(&self, hash: &[u8; 32]) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM leases WHERE hash = ? AND confirmed IS NULL")
            .bind(hash.as_slice())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Counts a leased opening, once however often it is said. At the last one the envelope becomes opened and loses
    /// its file and its hint.
    pub async fn confirm_lease(&self, hash: &[u8; 32], id: &[u8; 16], now: i64) -> Result<Confirmation, StorageError> {
        let mut transaction = self.write().await?;
        let Some(lease) = sqlx::query("SELECT confirmed FROM leases WHERE hash = ? AND envelope = ? AND expires > ?")
            .bind(hash.as_slice())
            .bind(id.as_slice())
            .bind(now)
            .fetch_optional(&mut *transaction)
            .await?
        else {
            return Ok(Confirmation::NoLease);
        };
        if lease.try_get::<Option<i64>, _>("confirmed")?.is_none() {
            sqlx::query("UPDATE leases SET confirmed = ? WHERE hash = ?")
                .bind(now)
                .bind(hash.as_slice())
                .execute(&mut *transaction)
                .await?;
            sqlx::query(
                "UPDATE envelopes SET openings = openings + 1, opened_at = coalesce(opened_at, ?1),
                     state = CASE WHEN openings + 1 >= max_openings THEN 'opened' ELSE state END,
                     ended = CASE WHEN openings + 1 >= max_openings THEN ?1 ELSE ended END,
                     hint = CASE WHEN openings + 1 >= max_openings THEN NULL ELSE hint END
                 WHERE id = ?2",
            )
            .bind(now)
            .bind(id.as_slice())
            .execute(&mut *transaction)
            .await?;
        }
        let row =
            sqlx::query("SELECT state, file, max(max_openings - openings, 0) AS left FROM envelopes WHERE id = ?")
                .bind(id.as_slice())
                .fetch_one(&mut *transaction)
                .await?;
        let mut remove = None;
        if row.try_get::<&str, _>("state")? == "opened" {
            remove = row.try_get::<Option<Vec<u8>>, _>("file")?.map(BlobName::try_from).transpose()?;
            sqlx::query("UPDATE envelopes SET file = NULL WHERE id = ?")
                .bind(id.as_slice())
                .execute(&mut *transaction)
                .await?;
        }
        let openings_left = row.try_get("left")?;
        transaction.commit().await?;
        Ok(Confirmation::Confirmed { openings_left, remove })
    }

    /// Forgets leases whose time is over.
    pub async fn remove_old_leases(&self, now: i64) -> Result<u64, StorageError> {
        let done = sqlx::query("DELETE FROM leases WHERE expires <= ?").bind(now).execute(&self.writer).await?;
        Ok(done.rows_affected())
    }
}
