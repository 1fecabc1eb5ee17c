//! Group commit: writes of mail that share one. SQLite has one writer, and each commit waits for the disk: what comes meanwhile is written in
//! the next one, all of it at once. Nobody hears of theirs before it is on the disk. PostgreSQL does as much by itself.

use super::database::{Database, Dialect, Writing};
use super::failure::StorageError;
use futures_util::future::BoxFuture;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, io};
use tokio::sync::oneshot;

/// Writes that wait for the next commit. Cheap to clone, all clones are one.
#[derive(Clone, Default)]
pub(super) struct Waiting(Arc<Mutex<Vec<Job>>>);

/// Writes something, unless there is no transaction.
type Job = Box<dyn for<'t> FnOnce(Result<&'t mut Writing, StorageError>) -> BoxFuture<'t, Written> + Send>;

/// What came of a job.
struct Written {
    /// Why it does not stay, in words for others.
    failure: Option<StorageError>,
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
        // Whoever wrote is no more, perhaps in the middle of the commit.
        answer.await.map_err(|_| StorageError::Database(sqlx::Error::WorkerCrashed))?
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
                    all.push(job(Err(undone(&cause))).await);
                    Err(cause)
                }
            };
        }
        let committed = match transaction {
            Ok(transaction) => transaction.commit().await.map_err(StorageError::from),
            Err(cause) => Err(undone(&cause)),
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
            let failure = done.as_ref().err().map(undone);
            // Whoever went away is told nothing.
            let tell = move |committed: Result<(), StorageError>| {
                let _ = sender.send(done.and_then(|done| committed.map(|()| done)));
            };
            Written { failure, tell: Box::new(tell) }
        })
    })
}

/// Does one of several jobs, and undoes it alone if it fails. Where SQLite has ended all of it (a disk that is full), the transaction is
/// no more.
async fn apart(mut transaction: Writing, job: Job, all: &mut Vec<Written>) -> Result<Writing, StorageError> {
    let begun = sqlx::query("SAVEPOINT job").execute(&mut *transaction).await;
    let mut written = match begun {
        Ok(_) => job(Ok(&mut transaction)).await,
        Err(cause) => job(Err(cause.into())).await,
    };
    let end = if written.failure.is_none() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    let ended = sqlx::raw_sql(end).execute(&mut *transaction).await;
    let failure = written.failure.take();
    all.push(written);
    match ended {
        Ok(_) => Ok(transaction),
        // Why it was ended, if that is known.
        Err(cause) => Err(failure.unwrap_or_else(|| cause.into())),
    }
}

/// The same, for somebody else.
fn alike(cause: &StorageError) -> StorageError {
    match cause.leaves_unsure() {
        true => StorageError::Database(sqlx::Error::Protocol(cause.to_string())),
        false => undone(cause),
    }
}

/// The same, for somebody else, of whom nothing was committed.
fn undone(cause: &StorageError) -> StorageError {
    match cause {
        StorageError::Busy(_) | StorageError::NoConnection => StorageError::NoConnection,
        StorageError::Unwritable(words) => StorageError::Unwritable(words.to_string().into()),
        StorageError::File(cause) => StorageError::File(io::Error::new(cause.kind(), cause.to_string())),
        other => StorageError::File(io::Error::other(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::storage::DatabaseLocation;
    use sqlx::Row;

    /// What a job does.
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Does {
        Put(i64),
        Fail,
        Crash,
    }

    async fn put(database: &Database, domain: String, does: Does) -> Result<(), StorageError> {
        let put = database.together(move |transaction| {
            Box::pin(async move {
                let size = if let Does::Put(size) = does { size } else { 1 };
                let put = "INSERT INTO sts_policies (domain, id, policy, expires) VALUES ($1, 'a', zeroblob($2), 0)";
                sqlx::query(put).bind(domain).bind(size).execute(&mut **transaction).await?;
                assert!(does != Does::Crash, "the writer is lost");
                if does == Does::Fail { Err(StorageError::Corrupt("test")) } else { Ok(()) }
            })
        });
        put.await
    }

    /// Has these done for one commit, and gives how each went.
    async fn put_at_once(database: &Database, all: Vec<Does>) -> Vec<Result<(), StorageError>> {
        let other = database.write().await.unwrap();
        let mut racing = Vec::new();
        for does in all {
            let (database, domain) = (database.clone(), racing.len().to_string());
            let waiting = database.waiting.clone();
            racing.push(tokio::spawn(async move { put(&database, domain, does).await }));
            // In this order.
            while waiting.jobs().len() < racing.len() {
                tokio::task::yield_now().await;
            }
        }
        other.rollback().await.unwrap();
        let mut went = Vec::new();
        for racing in racing {
            went.push(racing.await.unwrap());
        }
        went
    }

    async fn count(database: &Database) -> i64 {
        let row = sqlx::query("SELECT count(*) FROM sts_policies").fetch_one(&database.readers).await.unwrap();
        row.get(0)
    }

    #[tokio::test]
    async fn what_comes_while_somebody_writes_is_one_commit_and_what_fails_is_undone_alone() {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        let log = || std::fs::metadata(data.path().join("envelock.sqlite-wal")).unwrap().len();
        let before = log();
        let all = (0..20).map(|one| if one % 5 == 0 { Does::Fail } else { Does::Put(1) }).collect();
        for (one, went) in put_at_once(&database, all).await.iter().enumerate() {
            assert_eq!(went.is_ok(), one % 5 != 0);
        }
        assert_eq!(count(&database).await, 16);
        // Sixteen commits would have written each page sixteen times.
        assert!(log() - before < 10 * 4096, "{}", log() - before);
    }

    /// They were told that it is not known whether anything was written.
    #[tokio::test]
    async fn where_the_disk_fills_all_know_that_nothing_was_written() {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        let room = |pages: &str| sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
        let pages: i64 = sqlx::query("PRAGMA page_count").fetch_one(&database.writer).await.unwrap().get(0);
        sqlx::query(room(&(pages + 2).to_string())).fetch_one(&database.writer).await.unwrap();
        let all = vec![Does::Put(1), Does::Put(100_000), Does::Put(1)];
        for went in put_at_once(&database, all).await {
            assert!(matches!(&went, Err(cause @ StorageError::Unwritable(_)) if !cause.leaves_unsure()), "{went:?}");
        }
        assert_eq!(count(&database).await, 0);
        sqlx::query(room("1000000")).fetch_one(&database.writer).await.unwrap();
        put(&database, "later".to_owned(), Does::Put(1)).await.unwrap();
        assert_eq!(count(&database).await, 1);
    }

    /// They were told that nothing was changed, though it may have been lost in the middle of the commit.
    #[tokio::test]
    async fn where_whoever_writes_is_lost_nobody_is_told_that_nothing_was_written() {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        for went in put_at_once(&database, vec![Does::Put(1), Does::Crash, Does::Put(1)]).await {
            assert!(went.is_err_and(|cause| cause.leaves_unsure()));
        }
        put(&database, "later".to_owned(), Does::Put(1)).await.unwrap();
    }

    #[tokio::test]
    async fn who_goes_away_is_written_all_the_same() {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        let other = database.write().await.unwrap();
        let left = tokio::spawn({
            let database = database.clone();
            async move { put(&database, "left".to_owned(), Does::Put(1)).await }
        });
        while database.waiting.jobs().is_empty() {
            tokio::task::yield_now().await;
        }
        left.abort();
        other.rollback().await.unwrap();
        put(&database, "stayed".to_owned(), Does::Put(1)).await.unwrap();
        assert_eq!(count(&database).await, 2);
    }
}
