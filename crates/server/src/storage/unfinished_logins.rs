//! Rows of `unfinished_logins`: logins whose password was right, and that owe a second factor. One that is completed is none any
//! more; what stays tells the account's owner that somebody knows the password.

use super::database::{Database, Writing};
use super::failure::StorageError;
use super::logins::NewSession;

/// So many of an account are kept, the latest: whoever knows the password could go on for ever.
const KEPT: i64 = 100;

/// Notes that the password of this account, which the transaction holds, was right.
pub(super) async fn note_unfinished_login(
    transaction: &mut Writing,
    account: i64,
    session: &NewSession,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO unfinished_logins (token_hash, account, begun, browser, system) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(session.token_hash.as_slice())
    .bind(account)
    .bind(session.now)
    .bind(session.browser)
    .bind(session.system)
    .execute(&mut **transaction)
    .await?;
    sqlx::query(
        "DELETE FROM unfinished_logins WHERE account = $1 AND token_hash NOT IN
             (SELECT token_hash FROM unfinished_logins WHERE account = $1 ORDER BY begun DESC, token_hash LIMIT $2)",
    )
    .bind(account)
    .bind(KEPT)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// What was begun with this session is completed.
pub(super) async fn forget_unfinished_login(
    transaction: &mut Writing,
    token_hash: &[u8; 32],
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM unfinished_logins WHERE token_hash = $1")
        .bind(token_hash.as_slice())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

impl Database {
    /// Forgets those of before this time.
    pub(crate) async fn remove_old_unfinished_logins(&self, before: i64) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM unfinished_logins WHERE begun < $1").bind(before).execute(&self.writer).await?;
        Ok(())
    }
}
