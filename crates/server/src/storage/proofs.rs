//! Sessions and what their owners prove: a pending one that becomes a login, one that is confirmed, a factor that is added in one.

use super::database::{Database, Dialect, Writing};
use super::factors::{NewFactor, Proof, has_of, insert_factor, put_recovery_codes, spend};
use super::failure::StorageError;
use super::login_secret::hold_login_secret;
use super::logins::{Begins, LoggedIn, NewSession, TakenLogin, add_session, has_record, take_login};
use super::unfinished_logins::forget_unfinished_login;
use super::writers::Writer;
use envelock_login::LoginState;
use sqlx::Row;

/// What came of confirming a session with a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confirming {
    Confirmed,
    WrongLogin,
    /// The password was right, and what has to come with it was not.
    WrongCode,
}

/// What came of adding a factor.
pub(crate) enum Adding {
    /// It was added.
    Added {
        /// It is the first one: the recovery codes hold.
        is_first: bool,
        /// The session was pending, and another one took its place.
        login: Option<LoggedIn>,
    },
    /// The session has ended, or waits for another factor that was added meanwhile.
    NoSession,
    /// The passkey is somebody's already, or the account has as many as it may; or the app is set up already.
    Refused,
}

/// The account of this session, held, and whether the session is pending; `None` if there is no such session, or the account is
/// closed.
pub(super) async fn hold_session(
    database: &Database,
    transaction: &mut Writing,
    token_hash: &[u8; 32],
) -> Result<Option<(i64, bool)>, StorageError> {
    let account = sqlx::query("SELECT account FROM sessions WHERE token_hash = $1")
        .bind(token_hash.as_slice())
        .fetch_optional(&mut **transaction)
        .await?;
    let Some(account) = account else { return Ok(None) };
    let account: i64 = account.try_get(0)?;
    database.hold_account(transaction, account).await?;
    // Once more: it may have ended before the account was held.
    let session = match database.dialect {
        Dialect::Sqlite => {
            "SELECT s.pending FROM sessions s JOIN accounts a ON a.id = s.account
             WHERE s.token_hash = $1 AND a.login_record IS NOT NULL"
        }
        Dialect::Postgres => {
            "SELECT s.pending FROM sessions s JOIN accounts a ON a.id = s.account
             WHERE s.token_hash = $1 AND a.login_record IS NOT NULL FOR KEY SHARE OF s"
        }
    };
    let row = sqlx::query(session).bind(token_hash.as_slice()).fetch_optional(&mut **transaction).await?;
    row.map(|row| Ok((account, row.try_get::<i64, _>(0)? != 0))).transpose()
}

/// Another session takes the place of this one: what was seen of a cookie before the second factor is good for nothing after it.
async fn replace_session(
    transaction: &mut Writing,
    (account, old): (i64, &[u8; 32]),
    new: &NewSession,
) -> Result<LoggedIn, StorageError> {
    sqlx::query("DELETE FROM sessions WHERE token_hash = $1").bind(old.as_slice()).execute(&mut **transaction).await?;
    forget_unfinished_login(transaction, old).await?;
    add_session(transaction, account, new, Begins::Confirmed(new.now)).await
}

impl Database {
    /// Makes a login of a pending session, if this is a proof: another session takes its place.
    pub(crate) async fn complete_login(
        &self,
        pending: &[u8; 32],
        proof: Proof<'_>,
        session: &NewSession,
    ) -> Result<Option<LoggedIn>, StorageError> {
        let mut transaction = self.write().await?;
        let Some((account, true)) = hold_session(self, &mut transaction, pending).await? else { return Ok(None) };
        if !spend(&mut transaction, account, proof, session.now).await? {
            return Ok(None);
        }
        let login = replace_session(&mut transaction, (account, pending), session).await?;
        transaction.commit().await?;
        Ok(Some(login))
    }

    /// Logs in to an account without its password, if this is a proof and the account is not closed.
    pub(crate) async fn log_in_with(
        &self,
        account: i64,
        proof: Proof<'_>,
        session: &NewSession,
    ) -> Result<Option<LoggedIn>, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_account(&mut transaction, account).await?;
        let open = sqlx::query("SELECT 1 FROM accounts WHERE id = $1 AND login_record IS NOT NULL")
            .bind(account)
            .fetch_optional(&mut *transaction)
            .await?;
        if open.is_none() || !spend(&mut transaction, account, proof, session.now).await? {
            return Ok(None);
        }
        let login = add_session(&mut transaction, account, session, Begins::Confirmed(session.now)).await?;
        transaction.commit().await?;
        Ok(Some(login))
    }

    /// Ends a login of the session's own account and notes that its owner proved themselves now, if `proves` what was remembered
    /// of the login and, where the account has a second factor, this is a proof as well.
    pub(crate) async fn confirm_with_password(
        &self,
        token_hash: &[u8; 32],
        login: &[u8; 32],
        proves: impl FnOnce(LoginState) -> bool,
        proof: Option<Proof<'_>>,
        now: i64,
    ) -> Result<Confirming, StorageError> {
        let mut transaction = self.write().await?;
        let Some((account, false)) = hold_session(self, &mut transaction, token_hash).await? else {
            return Ok(Confirming::WrongLogin);
        };
        let taken = take_login(&mut transaction, login, now).await?;
        let is_right = match taken {
            Some(TakenLogin { account: Some(of), record: Some(record), state }) => {
                of == account && proves(state) && has_record(&mut transaction, account, &record).await?
            }
            _ => false,
        };
        let confirming = if !is_right {
            Confirming::WrongLogin
        } else if !has_of(&mut transaction, account).await?.a_factor() {
            Confirming::Confirmed
        } else {
            match proof {
                Some(proof) if spend(&mut transaction, account, proof, now).await? => Confirming::Confirmed,
                _ => Confirming::WrongCode,
            }
        };
        if confirming == Confirming::Confirmed {
            note_confirmed(&mut transaction, token_hash, now).await?;
        }
        transaction.commit().await?;
        Ok(confirming)
    }

    /// Notes that the owner of a session proved themselves now, if this is a proof that needs no password.
    pub(crate) async fn confirm_with(
        &self,
        token_hash: &[u8; 32],
        proof: Proof<'_>,
        now: i64,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.write().await?;
        let Some((account, false)) = hold_session(self, &mut transaction, token_hash).await? else { return Ok(false) };
        if !spend(&mut transaction, account, proof, now).await? {
            return Ok(false);
        }
        note_confirmed(&mut transaction, token_hash, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Adds a factor to the account of a session, with these recovery codes if it is the first one. A session that is pending
    /// because there was none is a login with that.
    pub(crate) async fn add_factor(
        &self,
        token_hash: &[u8; 32],
        factor: &NewFactor<'_>,
        recovery_codes: &[[u8; 32]],
        session: &NewSession,
    ) -> Result<Adding, StorageError> {
        let mut transaction = self.write().await?;
        if let NewFactor::Totp { sealed_with, .. } = factor {
            hold_login_secret(self, &mut transaction, sealed_with).await?;
        }
        let Some((account, is_pending)) = hold_session(self, &mut transaction, token_hash).await? else {
            return Ok(Adding::NoSession);
        };
        if !is_pending {
            self.hold_writer(&mut transaction, &Writer::confirmed(account, *token_hash), session.now).await?;
        }
        let is_first = !has_of(&mut transaction, account).await?.a_factor();
        if is_pending && !is_first {
            return Ok(Adding::NoSession);
        }
        if !insert_factor(&mut transaction, account, factor, session.now).await? {
            return Ok(Adding::Refused);
        }
        if is_first {
            put_recovery_codes(&mut transaction, account, recovery_codes).await?;
        }
        let login = match is_pending {
            true => Some(replace_session(&mut transaction, (account, token_hash), session).await?),
            false => None,
        };
        transaction.commit().await?;
        Ok(Adding::Added { is_first, login })
    }
}

async fn note_confirmed(transaction: &mut Writing, token_hash: &[u8; 32], now: i64) -> Result<(), StorageError> {
    sqlx::query("UPDATE sessions SET confirmed = $1 WHERE token_hash = $2")
        .bind(now)
        .bind(token_hash.as_slice())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
