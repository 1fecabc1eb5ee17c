//! What time does to rows of `envelopes`; the files they named are for the caller to remove.

use super::blobs::BlobName;
use super::database::{Database, Writing, octets};
use super::envelope_row::file;
use super::failure::StorageError;
use sqlx::Row;
use sqlx::any::AnyRow;

/// Rows that one transaction changes at most: purging goes on beside requests, and none of them waits for all of it.
const BATCH: i64 = 200;

/// What one transaction did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Envelopes, or leases.
    pub(crate) rows: u64,
    /// Files that are not named any more.
    pub(crate) files: Vec<BlobName>,
    /// Whether there may be more to do.
    pub(crate) more: bool,
}

/// What is due by the moments `$1` and, for most, `$2`: read to find it, and once more in the statement that changes it, as it may
/// have changed between the two.
macro_rules! due {
    (sealed) => {
        "state = 'sealed' AND expires <= $1"
    };
    (taking_replies) => {
        "state = 'opened' AND length(token_hash) > 0 AND expires <= $1"
    };
    (abandoned) => {
        "state = 'uploading' AND (created <= $1 OR expires <= $2)"
    };
    (ended_long_ago) => {
        "ended <= $1 AND (state <> 'opened' OR expires <= $2)
         AND NOT EXISTS (SELECT 1 FROM replies late WHERE late.envelope = envelopes.id AND late.created > $1)"
    };
}

/// Some of what is due, each by an index that has it in this order: the same for all who purge at once, so that one waits for the
/// other, and never both.
macro_rules! some_due {
    ($columns:literal, $due:ident, $order:literal, $limit:literal) => {
        concat!("SELECT ", $columns, " FROM envelopes WHERE ", due!($due), " ORDER BY ", $order, " LIMIT ", $limit)
    };
}

const ENDED_LONG_AGO: &str = some_due!("id", ended_long_ago, "ended, id", "$3");

/// What ends by itself, a row at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    Sealed,
    TakingReplies,
    Abandoned,
    ConfirmedLeases,
}

impl Due {
    /// Some of it.
    const fn select(self) -> &'static str {
        match self {
            Self::Sealed => some_due!("id, file", sealed, "expires, id", "$2"),
            Self::TakingReplies => some_due!("id", taking_replies, "expires, id", "$2"),
            Self::Abandoned => some_due!("id", abandoned, "created, id", "$3"),
            Self::ConfirmedLeases => {
                "SELECT hash AS id FROM leases WHERE expires <= $1 AND confirmed IS NOT NULL ORDER BY expires, hash LIMIT $2"
            }
        }
    }

    /// What becomes of one, if it is still due.
    const fn change(self) -> &'static str {
        match self {
            Self::Sealed => concat!(
                "UPDATE envelopes SET state = 'expired', ended = expires, hint = NULL, file = NULL,
                 token_hash = substr(token_hash, 1, 0) WHERE id = $2 AND ",
                due!(sealed)
            ),
            Self::TakingReplies => concat!(
                "UPDATE envelopes SET token_hash = substr(token_hash, 1, 0) WHERE id = $2 AND ",
                due!(taking_replies)
            ),
            Self::Abandoned => concat!("DELETE FROM envelopes WHERE id = $3 AND ", due!(abandoned)),
            Self::ConfirmedLeases => "DELETE FROM leases WHERE expires <= $1 AND confirmed IS NOT NULL AND hash = $2",
        }
    }
}

async fn some(transaction: &mut Writing, select: &'static str, moments: &[i64]) -> Result<Vec<AnyRow>, StorageError> {
    let mut query = sqlx::query(select);
    for moment in moments {
        query = query.bind(*moment);
    }
    Ok(query.bind(BATCH).fetch_all(&mut **transaction).await?)
}

/// Changes one row by a statement whose parameters are the moments and its id. Whether it was still due.
async fn change(
    transaction: &mut Writing,
    statement: &'static str,
    moments: &[i64],
    row: &AnyRow,
) -> Result<bool, StorageError> {
    let mut query = sqlx::query(statement);
    for moment in moments {
        query = query.bind(*moment);
    }
    let id: Vec<u8> = row.try_get("id")?;
    Ok(query.bind(id).execute(&mut **transaction).await?.rows_affected() == 1)
}

impl Ended {
    fn of(rows: &[AnyRow]) -> Self {
        Self { more: rows.len() as i64 == BATCH, ..Self::default() }
    }
}

impl Database {
    /// Changes some of what is due, a row at a time; the files that those name are named no more.
    async fn end_some(&self, due: Due, moments: &[i64]) -> Result<Ended, StorageError> {
        let mut transaction = self.write().await?;
        let rows = some(&mut transaction, due.select(), moments).await?;
        let mut ended = Ended::of(&rows);
        for row in &rows {
            if change(&mut transaction, due.change(), moments, row).await? {
                ended.rows += 1;
                if due == Due::Sealed {
                    ended.files.extend(file(row)?);
                }
            }
        }
        transaction.commit().await?;
        Ok(ended)
    }

    /// Ends some of what is over by time.
    pub(crate) async fn expire_envelopes(&self, now: i64) -> Result<Ended, StorageError> {
        self.end_some(Due::Sealed, &[now]).await
    }

    /// Takes no more replies to some of what was opened and is over by time.
    pub(crate) async fn end_replying(&self, now: i64) -> Result<Ended, StorageError> {
        self.end_some(Due::TakingReplies, &[now]).await
    }

    /// Forgets some of the announced envelopes whose ciphertext never came.
    pub(crate) async fn remove_abandoned(&self, created_until: i64, now: i64) -> Result<Ended, StorageError> {
        self.end_some(Due::Abandoned, &[created_until, now]).await
    }

    /// Forgets some of the confirmed leases whose time is over.
    pub(crate) async fn remove_confirmed_leases(&self, now: i64) -> Result<Ended, StorageError> {
        self.end_some(Due::ConfirmedLeases, &[now]).await
    }

    /// Forgets some of the envelopes that ended long ago, with their replies; not while one still takes replies or has
    /// got one since.
    pub(crate) async fn remove_ended(&self, ended_until: i64, now: i64) -> Result<Ended, StorageError> {
        let moments = [ended_until, now];
        let mut transaction = self.write().await?;
        let rows = some(&mut transaction, ENDED_LONG_AGO, &moments).await?;
        let mut ended = Ended::of(&rows);
        for row in &rows {
            let id: [u8; 16] = octets(row, "id")?;
            // While it is held it gets no reply, so that those read here are all.
            self.hold_envelope(&mut transaction, &id).await?;
            let replies = sqlx::query("SELECT file FROM replies WHERE envelope = $1")
                .bind(id.as_slice())
                .fetch_all(&mut *transaction)
                .await?;
            let statement = concat!("DELETE FROM envelopes WHERE id = $3 AND ", due!(ended_long_ago));
            if change(&mut transaction, statement, &moments, row).await? {
                ended.rows += 1;
                for reply in &replies {
                    ended.files.extend(file(reply)?);
                }
            }
        }
        transaction.commit().await?;
        Ok(ended)
    }

    /// When the next envelope ends by time.
    pub(crate) async fn next_expiry(&self) -> Result<Option<i64>, StorageError> {
        let row =
            sqlx::query("SELECT min(expires) FROM envelopes WHERE state = 'sealed'").fetch_one(&self.readers).await?;
        Ok(row.try_get(0)?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::super::location::DatabaseLocation;
    use super::*;

    /// All that was due was sorted for each two hundred rows of it.
    #[tokio::test]
    async fn what_is_due_is_found_by_an_index_in_its_order() {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        for (select, moments, index) in [
            (Due::Sealed.select(), 1, "envelopes_sealed"),
            (Due::TakingReplies.select(), 1, "envelopes_replied"),
            (Due::Abandoned.select(), 2, "envelopes_uploading"),
            (ENDED_LONG_AGO, 2, "envelopes_ended"),
            (Due::ConfirmedLeases.select(), 1, "leases_by_end"),
        ] {
            let explained = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {select}"));
            let query = (0..=moments).fold(sqlx::query(explained), |query, _| query.bind(1_i64));
            let plan: Vec<String> =
                query.fetch_all(&database.readers).await.unwrap().iter().map(|row| row.get("detail")).collect();
            let plan = plan.join("\n");
            assert!(plan.contains(&format!("INDEX {index}")), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "nothing is sorted: {plan}");
        }
        database.close().await;
    }
}
