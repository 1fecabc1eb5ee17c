//! Rows of `totp` and `recovery_codes`, and what is asked of all second factors together. Passkeys have rows of their own
//! (`passkeys`).
//!
//! Whatever is accepted once is taken while the account is held, in the same transaction as what it is taken for: of any number
//! of racing requests with one code, one is let in.

use super::accounts::address_key;
use super::app_tokens::end_programs;
use super::ceremonies::end_ceremony;
use super::database::{Database, Writing, count};
use super::failure::StorageError;
use super::login_secret::SecretHash;
use super::logins::end_everywhere;
use super::passkeys::{NewPasskey, insert_passkey, spend_passkey};
use super::writers::Writer;
use sqlx::Row;
use sqlx::any::AnyRow;

/// What an account has besides its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Has {
    pub(crate) totp: bool,
    pub(crate) passkeys: bool,
    pub(crate) recovery_codes: bool,
}

/// Columns for [`Has`], of an account that the statement calls `a`.
macro_rules! has {
    () => {
        "(SELECT count(*) FROM totp t WHERE t.account = a.id) AS totp,
         (SELECT count(*) FROM passkeys p WHERE p.account = a.id) AS passkeys,
         (SELECT count(*) FROM recovery_codes r WHERE r.account = a.id) AS recovery_codes"
    };
}
pub(super) use has;

impl Has {
    /// Whether a login needs more than the password. Recovery codes stand in for a factor, they are none.
    pub(crate) fn a_factor(self) -> bool {
        self.totp || self.passkeys
    }

    pub(super) fn of(row: &AnyRow) -> Result<Self, StorageError> {
        Ok(Self {
            totp: count(row, "totp")? > 0,
            passkeys: count(row, "passkeys")? > 0,
            recovery_codes: count(row, "recovery_codes")? > 0,
        })
    }
}

/// Finds out which step a code is of, given the sealed secret; `None` if it fits none.
pub(crate) type StepOf<'a> = &'a (dyn Fn(&[u8]) -> Option<i64> + Send + Sync);

/// Looks whether a passkey answered, given what is kept of it; returns what to keep from now on.
pub(crate) type Answers<'a> = &'a (dyn Fn(&str) -> Option<String> + Send + Sync);

/// What somebody proves themselves with.
#[derive(Clone, Copy)]
pub(crate) enum Proof<'a> {
    Totp(StepOf<'a>),
    /// Its hash.
    RecoveryCode(&'a [u8; 32]),
    Passkey {
        credential: &'a [u8],
        /// As the authenticator said it, if it did.
        user_handle: Option<&'a [u8]>,
        answers: Answers<'a>,
    },
}

/// A factor to be added.
pub(crate) enum NewFactor<'a> {
    /// In the place of one that is there. The step is that of the code which proved that the app has the secret. The ceremony in
    /// which it was shown is over with it.
    Totp {
        ceremony: &'a [u8; 32],
        sealed: &'a [u8],
        sealed_with: SecretHash,
        step: i64,
    },
    Passkey(NewPasskey<'a>),
}

/// What removing a factor led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removal {
    Removed,
    NotThere,
    /// It is the last one, and one is required.
    Last,
}

/// The app of an account, as far as its owner is told of it.
pub(crate) struct TotpRow {
    pub(crate) created: i64,
}

pub(super) async fn has_of(transaction: &mut Writing, account: i64) -> Result<Has, StorageError> {
    let row = sqlx::query(concat!("SELECT ", has!(), " FROM accounts a WHERE a.id = $1"))
        .bind(account)
        .fetch_one(&mut **transaction)
        .await?;
    Has::of(&row)
}

/// Uses a proof up; `false` if it is none. The transaction holds the account.
pub(super) async fn spend(
    transaction: &mut Writing,
    account: i64,
    proof: Proof<'_>,
    now: i64,
) -> Result<bool, StorageError> {
    match proof {
        Proof::Totp(step_of) => spend_totp(transaction, account, step_of).await,
        Proof::RecoveryCode(hash) => {
            let done = sqlx::query("DELETE FROM recovery_codes WHERE account = $1 AND hash = $2")
                .bind(account)
                .bind(hash.as_slice())
                .execute(&mut **transaction)
                .await?;
            Ok(done.rows_affected() == 1)
        }
        Proof::Passkey { credential, user_handle, answers } => {
            spend_passkey(transaction, account, (credential, user_handle), answers, now).await
        }
    }
}

/// RFC 6238 §5.2: a code is accepted once, and none that is older than one that was.
async fn spend_totp(transaction: &mut Writing, account: i64, step_of: StepOf<'_>) -> Result<bool, StorageError> {
    let row = sqlx::query("SELECT sealed FROM totp WHERE account = $1")
        .bind(account)
        .fetch_optional(&mut **transaction)
        .await?;
    let Some(row) = row else { return Ok(false) };
    let Some(step) = step_of(&row.try_get::<Vec<u8>, _>("sealed")?) else { return Ok(false) };
    let done = sqlx::query("UPDATE totp SET last_step = $1 WHERE account = $2 AND last_step < $1")
        .bind(step)
        .bind(account)
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Adds a factor; `false` if it is a passkey that is somebody's already, or an app that another request has set up. The transaction
/// holds the account.
pub(super) async fn insert_factor(
    transaction: &mut Writing,
    account: i64,
    factor: &NewFactor<'_>,
    now: i64,
) -> Result<bool, StorageError> {
    match factor {
        NewFactor::Passkey(passkey) => insert_passkey(transaction, account, passkey, now).await,
        NewFactor::Totp { ceremony, sealed, step, .. } => {
            if !end_ceremony(transaction, ceremony).await? {
                return Ok(false);
            }
            sqlx::query(
                "INSERT INTO totp (account, sealed, created, last_step) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (account) DO UPDATE
                 SET sealed = excluded.sealed, created = excluded.created, last_step = excluded.last_step",
            )
            .bind(account)
            .bind(*sealed)
            .bind(now)
            .bind(*step)
            .execute(&mut **transaction)
            .await?;
            Ok(true)
        }
    }
}

/// Puts these in the place of all recovery codes of the account, which the transaction holds.
pub(super) async fn put_recovery_codes(
    transaction: &mut Writing,
    account: i64,
    hashes: &[[u8; 32]],
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM recovery_codes WHERE account = $1").bind(account).execute(&mut **transaction).await?;
    for hash in hashes {
        sqlx::query("INSERT INTO recovery_codes (account, hash) VALUES ($1, $2)")
            .bind(account)
            .bind(hash.as_slice())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

impl Database {
    /// The app of this account, if there is one, and how many recovery codes are left.
    pub(crate) async fn totp_and_recovery_codes(&self, account: i64) -> Result<(Option<TotpRow>, u32), StorageError> {
        let row = sqlx::query(
            "SELECT (SELECT created FROM totp WHERE account = $1) AS created,
                    (SELECT count(*) FROM recovery_codes WHERE account = $1) AS kept",
        )
        .bind(account)
        .fetch_one(&self.readers)
        .await?;
        let created: Option<i64> = row.try_get("created")?;
        Ok((created.map(|created| TotpRow { created }), count(&row, "kept")?))
    }

    /// Some secrets of apps as they are sealed, with the account each belongs to.
    pub(crate) async fn some_sealed_totp(&self) -> Result<Vec<(i64, Vec<u8>)>, StorageError> {
        let some = "SELECT account, sealed FROM totp ORDER BY account LIMIT 100";
        let rows = sqlx::query(some).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.try_get("account")?, row.try_get("sealed")?))).collect()
    }

    /// Puts these in the place of all recovery codes of the account; `false` if it has no factor that they could stand in for.
    pub(crate) async fn renew_recovery_codes(
        &self,
        writer: &Writer,
        hashes: &[[u8; 32]],
        now: i64,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.write().await?;
        let account = writer.account();
        self.hold_writer(&mut transaction, writer, now).await?;
        if !has_of(&mut transaction, account).await?.a_factor() {
            return Ok(false);
        }
        put_recovery_codes(&mut transaction, account, hashes).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Removes the app of this account, or with an `id` one of its passkeys; with the last factor go the recovery codes, and
    /// logins that wait for a factor. Not the last one if one is `required`.
    pub(crate) async fn remove_factor(
        &self,
        writer: &Writer,
        id: Option<&[u8; 16]>,
        required: bool,
        now: i64,
    ) -> Result<Removal, StorageError> {
        let mut transaction = self.write().await?;
        let account = writer.account();
        self.hold_writer(&mut transaction, writer, now).await?;
        let removed = match id {
            None => sqlx::query("DELETE FROM totp WHERE account = $1").bind(account).execute(&mut *transaction).await?,
            Some(id) => {
                sqlx::query("DELETE FROM passkeys WHERE account = $1 AND id = $2")
                    .bind(account)
                    .bind(id.as_slice())
                    .execute(&mut *transaction)
                    .await?
            }
        };
        if removed.rows_affected() == 0 {
            return Ok(Removal::NotThere);
        }
        if !has_of(&mut transaction, account).await?.a_factor() {
            if required {
                return Ok(Removal::Last);
            }
            for end in [
                "DELETE FROM recovery_codes WHERE account = $1",
                "DELETE FROM sessions WHERE account = $1 AND pending = 1",
            ] {
                sqlx::query(end).bind(account).execute(&mut *transaction).await?;
            }
        }
        transaction.commit().await?;
        Ok(Removal::Removed)
    }

    /// Nothing but the password is left of what this account proves itself with, and every session, login and app token of it is over.
    /// `false` if there is no account.
    pub(crate) async fn remove_factors(&self, address: &str) -> Result<bool, StorageError> {
        let Some(account) = self.account(address).await? else { return Ok(false) };
        let mut transaction = self.write().await?;
        self.hold_account(&mut transaction, account.id).await?;
        for end in [
            "DELETE FROM totp WHERE account = $1",
            "DELETE FROM passkeys WHERE account = $1",
            "DELETE FROM recovery_codes WHERE account = $1",
        ] {
            sqlx::query(end).bind(account.id).execute(&mut *transaction).await?;
        }
        end_everywhere(&mut transaction, account.id).await?;
        end_programs(&mut transaction, account.id).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// What this account has besides its password; nothing if it is not there.
    pub(crate) async fn has(&self, address: &str) -> Result<Option<Has>, StorageError> {
        let row = sqlx::query(concat!("SELECT ", has!(), " FROM accounts a WHERE a.address_key = $1"))
            .bind(address_key(address))
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(Has::of).transpose()
    }
}
