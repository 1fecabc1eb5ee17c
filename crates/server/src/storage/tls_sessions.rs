//! Rows of `tls_sessions`: how sessions of TLS with other domains' servers fared, by day, until the domain was told.
//!
//! Whoever is to tell a domain takes all rows of one day, in one statement that puts them off: nobody else takes them meanwhile, and if it
//! did not work somebody does when that time is over.

use super::database::{Database, Dialect};
use super::failure::StorageError;
use envelock_mail::tls_report::Sessions;
use sqlx::Row;
use sqlx::any::AnyRow;

/// Rows that a domain has of a day at most: it chooses how many servers it names.
const ROWS: i64 = 100;

/// Octets of a policy's text that are kept; of a longer one none are.
const POLICY_TEXT: usize = 4096;

/// A day's sessions with servers of a domain.
pub(crate) struct DayOfSessions {
    pub(crate) day: i64,
    pub(crate) domain: String,
    pub(crate) sessions: Vec<Sessions>,
}

macro_rules! take {
    ($locking:literal) => {
        concat!(
            "UPDATE tls_sessions SET due = $2 WHERE due <= $1 AND (day, domain) =
                 (SELECT day, domain FROM tls_sessions WHERE due <= $1 ORDER BY due, day, domain LIMIT 1",
            $locking,
            ") RETURNING day, domain, policy, server, fault, sessions, policy_text"
        )
    };
}

impl Database {
    /// Counts one, unless there are too many to tell apart. `due` is when the domain is to be told, the same for all of a day and domain.
    pub(crate) async fn count_tls_session(
        &self,
        domain: &str,
        (day, due): (i64, i64),
        one: &Sessions,
    ) -> Result<(), StorageError> {
        sqlx::query(
            "INSERT INTO tls_sessions (day, domain, policy, server, fault, sessions, policy_text, due)
             SELECT CAST($1 AS BIGINT), $2, $3, $4, $5, CAST($6 AS BIGINT), $7, CAST($8 AS BIGINT)
             WHERE (SELECT count(*) FROM tls_sessions WHERE day = $1 AND domain = $2) < $9
                OR EXISTS (SELECT 1 FROM tls_sessions
                           WHERE day = $1 AND domain = $2 AND policy = $3 AND server = $4 AND fault = $5)
             ON CONFLICT (day, domain, policy, server, fault)
             DO UPDATE SET sessions = tls_sessions.sessions + excluded.sessions, policy_text = excluded.policy_text",
        )
        .bind(day)
        .bind(domain)
        .bind(one.policy.as_str())
        .bind(one.server.as_str())
        .bind(one.fault.as_str())
        .bind(i64::from(one.count))
        .bind(Some(one.policy_text.join("\n")).filter(|text| text.len() <= POLICY_TEXT).unwrap_or_default())
        .bind(due)
        .bind(ROWS)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Takes the day and domain that has been due for longest, until `until`.
    pub(crate) async fn claim_tls_sessions(&self, now: i64, until: i64) -> Result<Option<DayOfSessions>, StorageError> {
        let take = match self.dialect {
            Dialect::Sqlite => take!(""),
            // Whoever comes second waits: of one day and domain, each would lock a row that the other wants.
            Dialect::Postgres => take!(" FOR UPDATE"),
        };
        let rows = sqlx::query(take).bind(now).bind(until).fetch_all(&self.writer).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        Ok(Some(DayOfSessions {
            day: first.try_get("day")?,
            domain: first.try_get("domain")?,
            sessions: rows.iter().map(sessions).collect::<Result<_, _>>()?,
        }))
    }

    /// Forgets what a domain was told, or is not to be told.
    pub(crate) async fn forget_tls_sessions(&self, day: i64, domain: &str) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM tls_sessions WHERE day = $1 AND domain = $2")
            .bind(day)
            .bind(domain)
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}

fn sessions(row: &AnyRow) -> Result<Sessions, StorageError> {
    let text: String = row.try_get("policy_text")?;
    Ok(Sessions {
        policy: row.try_get("policy")?,
        policy_text: text.lines().map(str::to_owned).collect(),
        server: row.try_get("server")?,
        fault: row.try_get("fault")?,
        count: u32::try_from(row.try_get::<i64, _>("sessions")?).unwrap_or(u32::MAX),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::storage::DatabaseLocation;

    fn session(server: &str, fault: &str, text: &[&str]) -> Sessions {
        Sessions {
            policy: "sts".to_owned(),
            policy_text: text.iter().map(|line| (*line).to_owned()).collect(),
            server: server.to_owned(),
            fault: fault.to_owned(),
            count: 1,
        }
    }

    #[tokio::test]
    async fn each_day_of_a_domain_is_taken_by_one_who_tells_it() {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        for (domain, day) in [("a.example", 1), ("a.example", 1), ("b.example", 1), ("a.example", 2)] {
            let one = session("mx", "", &["version: STSv1", "mx: mx"]);
            database.count_tls_session(domain, (day, day * 100), &one).await.unwrap();
        }
        database.count_tls_session("a.example", (1, 100), &session("mx", "certificate-expired", &[])).await.unwrap();
        assert!(database.claim_tls_sessions(99, 500).await.unwrap().is_none(), "the day is not over");
        let racing = (0..8).map(|_| {
            let database = database.clone();
            tokio::spawn(async move { database.claim_tls_sessions(150, 500).await.unwrap() })
        });
        let mut taken = Vec::new();
        for one in racing.collect::<Vec<_>>() {
            taken.extend(one.await.unwrap());
        }
        taken.sort_by(|one, other| one.domain.cmp(&other.domain));
        let [first, other] = taken.as_slice() else { unreachable!("{}", taken.len()) };
        let mut fared: Vec<(&str, u32, usize)> =
            first.sessions.iter().map(|one| (one.fault.as_str(), one.count, one.policy_text.len())).collect();
        fared.sort_unstable();
        assert_eq!((first.day, fared), (1, vec![("", 2, 2), ("certificate-expired", 1, 0)]));
        assert_eq!((other.domain.as_str(), other.sessions.len()), ("b.example", 1));
        database.forget_tls_sessions(1, "a.example").await.unwrap();
        let later: Vec<_> = [200, 500, 500, 600].into_iter().collect();
        let mut again = Vec::new();
        for now in later {
            again.extend(database.claim_tls_sessions(now, 1000).await.unwrap().map(|one| (one.domain, one.day)));
        }
        let expected = [("a.example".to_owned(), 2), ("b.example".to_owned(), 1)];
        assert_eq!(again, expected, "whoever took the other did not get to tell it");
    }
}
