//! Rows of `logins`: logins under way, between the server's answer and the client's last message. Those of nobody are kept
//! like all others.

use super::database::{Database, Writing, octets};
use super::factors::{Has, has_of};
use super::failure::StorageError;
use super::keystore_backups::{KeystoreBackupRow, version, write};
use super::login_days::note_login;
use super::login_secret::{NewRecord, hold_login_secret};
use super::unfinished_logins::note_unfinished_login;
use super::writers::Writer;
use envelock_login::{LoginState, Record};
use sqlx::Row;

/// In the place of an account's number: nobody is held as long as somebody.
const NOBODY: i64 = -1;

/// So many sessions an account has that are logged in. Those that are pending live for minutes, and whoever knows the password alone
/// must not end others by beginning more.
const SESSIONS: i64 = 50;

/// A login that was answered.
pub(crate) struct NewLogin<'a> {
    pub(crate) hash: [u8; 32],
    pub(crate) account: Option<i64>,
    /// What it was answered with.
    pub(crate) record: Option<&'a Record>,
    pub(crate) state: LoginState,
    pub(crate) expires: i64,
}

/// A session to begin.
pub(crate) struct NewSession {
    pub(crate) token_hash: [u8; 32],
    /// What it is begun with.
    pub(crate) browser: &'static str,
    pub(crate) system: &'static str,
    pub(crate) now: i64,
}

/// What a change of the password led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordChange {
    /// It is another one.
    Changed,
    /// The old one was not proved.
    WrongLogin,
    /// The code of a keystore is stored, and does not come along.
    CodeLeftBehind,
    /// The code that comes along was made from one that is not stored any more.
    CodeChanged,
}

/// Who has logged in, or is about to.
pub(crate) struct LoggedIn {
    pub(crate) address: String,
    pub(crate) name: String,
    /// Whether something has to follow the password …
    pub(crate) is_pending: bool,
    /// … and what could.
    pub(crate) has: Has,
}

/// How a session begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    /// After the password, before anything else.
    Pending,
    /// Its owner proved themselves at this moment.
    Confirmed(i64),
}

/// A login that is not there any more.
pub(super) struct TakenLogin {
    pub(super) account: Option<i64>,
    pub(super) record: Option<Vec<u8>>,
    pub(super) state: LoginState,
}

impl Database {
    /// Keeps a login until the client's last message.
    pub(crate) async fn add_login(&self, login: &NewLogin<'_>) -> Result<(), StorageError> {
        sqlx::query("INSERT INTO logins (hash, account, record, state, expires) VALUES ($1, $2, $3, $4, $5)")
            .bind(login.hash.as_slice())
            .bind(login.account)
            .bind(login.record.map(|record| record.as_octets().to_vec()))
            .bind(login.state.as_octets().as_slice())
            .bind(login.expires)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Ends a login, and begins a session if `proves` what was remembered of it; not if the account's password has changed or it
    /// was closed since the login began. Whatever comes of it, the login is over. The session is pending if the account has a
    /// second factor, or if one is `required`.
    pub(crate) async fn finish_login(
        &self,
        hash: &[u8; 32],
        proves: impl FnOnce(LoginState) -> bool,
        session: &NewSession,
        required: bool,
    ) -> Result<Option<LoggedIn>, StorageError> {
        let mut transaction = self.write().await?;
        let Some(row) = sqlx::query("SELECT account FROM logins WHERE hash = $1")
            .bind(hash.as_slice())
            .fetch_optional(&mut *transaction)
            .await?
        else {
            return Ok(None);
        };
        // Before the login, as whoever changes a password does.
        let account: Option<i64> = row.try_get(0)?;
        self.hold_account(&mut transaction, account.unwrap_or(NOBODY)).await?;
        let taken = take_login(&mut transaction, hash, session.now).await?;
        let mut logged_in = None;
        if let Some(TakenLogin { account, record, state }) = taken
            && proves(state)
            && let (Some(account), Some(record)) = (account, record)
            && has_record(&mut transaction, account, &record).await?
        {
            let is_pending = required || has_of(&mut transaction, account).await?.a_factor();
            let begins = if is_pending { Begins::Pending } else { Begins::Confirmed(session.now) };
            logged_in = Some(add_session(&mut transaction, account, session, begins).await?);
        }
        transaction.commit().await?;
        Ok(logged_in)
    }

    /// Ends a login of this account and, if `proves` what was remembered of it, gives the account another password: all of
    /// its sessions and logins are over, and a new session begins, confirmed when the one before was. Not if it does not prove it, if
    /// the account's password has changed since the login began, or if the code of a keystore would be left behind, which the old
    /// password opens.
    pub(crate) async fn change_password(
        &self,
        (writer, confirmed): (&Writer, i64),
        hash: &[u8; 32],
        proves: impl FnOnce(LoginState) -> bool,
        new: &NewRecord,
        code: Option<&([u8; 16], KeystoreBackupRow)>,
        session: &NewSession,
    ) -> Result<PasswordChange, StorageError> {
        let mut transaction = self.write().await?;
        match hold_login_secret(self, &mut transaction, &new.made_with).await {
            // The old password, which is proved below, proves the secret, too.
            Err(StorageError::UnprovenLoginSecret) => {}
            held => held?,
        }
        let account = writer.account();
        self.hold_writer(&mut transaction, writer, session.now).await?;
        let taken = take_login(&mut transaction, hash, session.now).await?;
        let mut change = PasswordChange::WrongLogin;
        if let Some(TakenLogin { account: Some(of), record: Some(old), state }) = taken
            && of == account
            && proves(state)
            && has_record(&mut transaction, account, &old).await?
        {
            change = match (version(&mut transaction, account).await?, code) {
                (None, None) => PasswordChange::Changed,
                (Some(stored), Some((replaces, code))) if stored == *replaces => {
                    write(&mut transaction, account, code).await?;
                    PasswordChange::Changed
                }
                (Some(_), None) => PasswordChange::CodeLeftBehind,
                (_, Some(_)) => PasswordChange::CodeChanged,
            };
            if change == PasswordChange::Changed {
                sqlx::query("UPDATE accounts SET login_record = $1 WHERE id = $2")
                    .bind(new.record.as_octets().as_slice())
                    .bind(account)
                    .execute(&mut *transaction)
                    .await?;
                end_everywhere(&mut transaction, account).await?;
                add_session(&mut transaction, account, session, Begins::Confirmed(confirmed)).await?;
            }
        }
        transaction.commit().await?;
        Ok(change)
    }

    /// Forgets logins that nobody finished in time.
    pub(crate) async fn remove_old_logins(&self, now: i64) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM logins WHERE expires <= $1").bind(now).execute(&self.writer).await?;
        Ok(())
    }
}

/// Whoever is logged in no longer is, nor whoever is about to.
pub(super) async fn end_everywhere(transaction: &mut Writing, account: i64) -> Result<(), StorageError> {
    for end in ["DELETE FROM sessions WHERE account = $1", "DELETE FROM logins WHERE account = $1"] {
        sqlx::query(end).bind(account).execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Ends those that were used longest ago, beyond what an account may have with this new one.
async fn end_unused(transaction: &mut Writing, account: i64, new: &[u8; 32]) -> Result<(), StorageError> {
    sqlx::query(
        "DELETE FROM sessions WHERE account = $1 AND pending = 0 AND token_hash <> $2 AND token_hash NOT IN
             (SELECT token_hash FROM sessions WHERE account = $1 AND pending = 0 AND token_hash <> $2
              ORDER BY used DESC, created DESC, token_hash LIMIT $3)",
    )
    .bind(account)
    .bind(new.as_slice())
    .bind(SESSIONS - 1)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(super) async fn take_login(
    transaction: &mut Writing,
    hash: &[u8; 32],
    now: i64,
) -> Result<Option<TakenLogin>, StorageError> {
    let row = sqlx::query("DELETE FROM logins WHERE hash = $1 AND expires > $2 RETURNING account, record, state")
        .bind(hash.as_slice())
        .bind(now)
        .fetch_optional(&mut **transaction)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let state = LoginState::from_octets(&octets(&row, "state")?);
    Ok(Some(TakenLogin { account: row.try_get("account")?, record: row.try_get("record")?, state }))
}

/// Whether the account's password is still this one.
pub(super) async fn has_record(transaction: &mut Writing, account: i64, record: &[u8]) -> Result<bool, StorageError> {
    let row = sqlx::query("SELECT 1 FROM accounts WHERE id = $1 AND login_record = $2")
        .bind(account)
        .bind(record)
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(row.is_some())
}

/// Begins a session of this account, which the transaction holds. One that is pending is no login yet, and no other makes room for it.
pub(super) async fn add_session(
    transaction: &mut Writing,
    account: i64,
    session: &NewSession,
    begins: Begins,
) -> Result<LoggedIn, StorageError> {
    let is_pending = begins == Begins::Pending;
    let confirmed = if let Begins::Confirmed(at) = begins { at } else { 0 };
    sqlx::query(
        "INSERT INTO sessions (token_hash, account, created, used, browser, system, pending, confirmed)
         VALUES ($1, $2, $3, $3, $4, $5, $6, $7)",
    )
    .bind(session.token_hash.as_slice())
    .bind(account)
    .bind(session.now)
    .bind(session.browser)
    .bind(session.system)
    .bind(i64::from(is_pending))
    .bind(confirmed)
    .execute(&mut **transaction)
    .await?;
    if is_pending {
        note_unfinished_login(transaction, account, session).await?;
    } else {
        note_login(transaction, account, (session.browser, session.system), session.now).await?;
        end_unused(transaction, account, &session.token_hash).await?;
    }
    let row = sqlx::query("SELECT address, name FROM accounts WHERE id = $1")
        .bind(account)
        .fetch_one(&mut **transaction)
        .await?;
    let has = has_of(transaction, account).await?;
    Ok(LoggedIn { address: row.try_get("address")?, name: row.try_get("name")?, is_pending, has })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::storage::DatabaseLocation;

    /// Every change of a password read all logins under way, and so did the purge twice a minute.
    #[tokio::test]
    async fn logins_are_found_by_their_account_and_by_their_end() {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        for (statement, index) in [
            ("EXPLAIN QUERY PLAN DELETE FROM logins WHERE account = $1", "logins_of_account"),
            ("EXPLAIN QUERY PLAN DELETE FROM logins WHERE expires <= $1", "logins_by_end"),
        ] {
            let plan = sqlx::query(statement).bind(1_i64).fetch_one(&database.readers).await.unwrap();
            let plan: String = plan.get("detail");
            assert!(plan.contains(index), "{plan}");
        }
        database.close().await;
    }
}
