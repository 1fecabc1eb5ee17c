//! Writes of mail that share a commit. SQLite has one writer, and each commit waits for the disk: what comes meanwhile is written in the
//! next one, all of it at once. Nobody hears of theirs before it is on the disk. PostgreSQL does as much by itself.

use super::database::{Database, Dialect, Writing};
use super::failure::StorageError;
use futures_util::future::BoxFuture;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Writes that wait for the next commit. Cheap to clone, all clones are one.
#[derive(Clone, Default)]
pub(super) struct Waiting(Arc<Mutex<Vec<Job>>>);

/// Writes something, unless there is no transaction.
type Job = Box<dyn for<'t> FnOnce(Result<&'t mut Writing, StorageError>) -> BoxFuture<'t, Written> + Send>;

/// What came of a job.
struct Written {
    stays: bool,
    /// Whom to tell how the commit went.
    tell: Box<dyn FnOnce(Result<(), StorageError>) + Send>,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waiting(…)")
    }
}

impl Waiting {
    fn jobs(&self) -> MutexGuard<'_, Vec<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Database {
    /// Does this in a transaction, and gives what it gave when that is committed. What fails is undone, and keeps nothing else from being
    /// written. It is done to its end even if the caller goes away.
    pub(super) async fn together<T, W>(&self, work: W) -> Result<T, StorageError>
    where
        T: Send + 'static,
        W: for<'t> FnOnce(&'t mut Writing) -> BoxFuture<'t, Result<T, StorageError>> + Send + 'static,
    {
        if self.dialect == Dialect::Postgres {
            let mut transaction = self.write().await?;
            let done = work(&mut transaction).await?;
            transaction.commit().await?;
            return Ok(done);
        }
        let (sender, answer) = oneshot::channel();
        let is_first = {
            let mut jobs = self.waiting.jobs();
            jobs.push(job(work, sender));
            jobs.len() == 1
        };
        if is_first {
            let this = self.clone();
            tokio::spawn(async move { this.write_what_waits().await });
        }
        answer.await.map_err(io::Error::other)?
    }

    /// Waits for its turn to write, and takes whatever is there by then.
    async fn write_what_waits(&self) {
        let mut transaction = self.write().await;
        let jobs = std::mem::take(&mut *self.waiting.jobs());
        let mut all = Vec::with_capacity(jobs.len());
        for job in jobs {
            transaction = match transaction {
                Ok(transaction) => apart(transaction, job, &mut all).await,
                Err(cause) => {
                    all.push(job(Err(alike(&cause))).await);
                    Err(cause)
                }
            };
        }
        let committed = match transaction {
            Ok(transaction) => transaction.commit().await.map_err(StorageError::from),
            Err(cause) => Err(cause),
        };
        for written in all {
            (written.tell)(committed.as_ref().copied().map_err(alike));
        }
    }
}

fn job<T, W>(work: W, sender: oneshot::Sender<Result<T, StorageError>>) -> Job
where
    T: Send + 'static,
    W: for<'t> FnOnce(&'t mut Writing) -> BoxFuture<'t, Result<T, StorageError>> + Send + 'static,
{
    Box::new(move |transaction| {
        Box::pin(async move {
            let done = match transaction {
                Ok(transaction) => work(transaction).await,
                Err(cause) => Err(cause),
            };
            let stays = done.is_ok();
            // Whoever went away is told nothing.
            let tell = move |committed: Result<(), StorageError>| {
                let _ = sender.send(done.and_then(|done| committed.map(|()| done)));
            };
            Written { stays, tell: Box::new(tell) }
        })
    })
}

/// Does one of several jobs, and undoes it alone if it fails. Where SQLite has ended all of it (a disk that is full), the transaction is
/// no more.
async fn apart(mut transaction: Writing, job: Job, all: &mut Vec<Written>) -> Result<Writing, StorageError> {
    let begun = sqlx::query("SAVEPOINT job").execute(&mut *transaction).await;
    let written = match begun {
        Ok(_) => job(Ok(&mut transaction)).await,
        Err(cause) => job(Err(cause.into())).await,
    };
    let end = if written.stays { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    all.push(written);
    sqlx::raw_sql(end).execute(&mut *transaction).await?;
    Ok(transaction)
}

/// The same, for somebody else.
fn alike(cause: &StorageError) -> StorageError {
    match cause {
        StorageError::Busy(_) => StorageError::Busy(sqlx::Error::PoolTimedOut),
        StorageError::Unwritable(words) if !cause.leaves_unsure() => StorageError::Unwritable(words.to_string().into()),
        other => StorageError::Database(sqlx::Error::Protocol(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::storage::DatabaseLocation;
    use sqlx::Row;

    const ONE: &str = "INSERT INTO sts_policies (domain, id, policy, expires) VALUES ($1, 'a', x'00', 0)";

    async fn put(database: &Database, domain: String, fails: bool) -> Result<(), StorageError> {
        let put = database.together(move |transaction| {
            Box::pin(async move {
                sqlx::query(ONE).bind(domain).execute(&mut **transaction).await?;
                if fails { Err(StorageError::Corrupt("test")) } else { Ok(()) }
            })
        });
        put.await
    }

    async fn count(database: &Database) -> i64 {
        let row = sqlx::query("SELECT count(*) FROM sts_policies").fetch_one(&database.readers).await.unwrap();
        row.get(0)
    }

    #[tokio::test]
    async fn what_comes_while_somebody_writes_is_one_commit_and_what_fails_is_undone_alone() {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        let other = database.write().await.unwrap();
        let racing: Vec<_> = (0..20)
            .map(|one| {
                let database = database.clone();
                tokio::spawn(async move { put(&database, one.to_string(), one % 5 == 0).await })
            })
            .collect();
        while database.waiting.jobs().len() < racing.len() {
            tokio::task::yield_now().await;
        }
        assert_eq!(count(&database).await, 0);
        let log = || std::fs::metadata(data.path().join("envelock.sqlite-wal")).unwrap().len();
        let before = log();
        other.rollback().await.unwrap();
        for (one, racing) in racing.into_iter().enumerate() {
            assert_eq!(racing.await.unwrap().is_ok(), one % 5 != 0);
        }
        assert_eq!(count(&database).await, 16);
        // Sixteen commits would have written each page sixteen times.
        assert!(log() - before < 10 * 4096, "{}", log() - before);
    }

    #[tokio::test]
    async fn who_goes_away_is_written_all_the_same() {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        let other = database.write().await.unwrap();
        let left = tokio::spawn({
            let database = database.clone();
            async move { put(&database, "left".to_owned(), false).await }
        });
        while database.waiting.jobs().is_empty() {
            tokio::task::yield_now().await;
        }
        left.abort();
        other.rollback().await.unwrap();
        put(&database, "stayed".to_owned(), false).await.unwrap();
        assert_eq!(count(&database).await, 2);
    }
}
