//! Rows of `sts_policies`: what other domains want of whoever sends to them (MTA-STS), until it is over.

use super::database::Database;
use super::failure::StorageError;
use sqlx::Row;

impl Database {
    /// The policy of a domain that was kept last, with its id, unless it is over.
    pub(crate) async fn sts_policy(&self, domain: &str, now: i64) -> Result<Option<(String, Vec<u8>)>, StorageError> {
        let row = sqlx::query("SELECT id, policy FROM sts_policies WHERE domain = $1 AND expires > $2")
            .bind(domain)
            .bind(now)
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| Ok((row.try_get("id")?, row.try_get("policy")?))).transpose()
    }

    /// Keeps a policy in the place of the one before, and forgets those that are over.
    pub(crate) async fn put_sts_policy(
        &self,
        domain: &str,
        (id, policy): (&str, &[u8]),
        expires: i64,
        now: i64,
    ) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM sts_policies WHERE expires <= $1").bind(now).execute(&self.writer).await?;
        sqlx::query(
            "INSERT INTO sts_policies (domain, id, policy, expires) VALUES ($1, $2, $3, $4)
             ON CONFLICT (domain) DO UPDATE SET id = excluded.id, policy = excluded.policy, expires = excluded.expires",
        )
        .bind(domain)
        .bind(id)
        .bind(policy)
        .bind(expires)
        .execute(&self.writer)
        .await?;
        Ok(())
    }
}
