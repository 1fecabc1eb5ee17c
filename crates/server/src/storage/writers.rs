//! Who writes, and by what right: a session, a proof in it, or the token of a program.
//!
//! A body may be under way for minutes. So the right is asked for again, and held, in the transaction that writes: whoever ends a session or
//! revokes a token finds nothing afterwards that was written with it.

use super::database::{Database, Dialect, Writing};
use super::failure::StorageError;
use super::sessions::Since;
use sqlx::Row;

/// So long after they proved themselves fully, the owner of a session is asked for no more.
const CONFIRMED_SECONDS: i64 = 300;

/// Somebody who may write for an account, as far as was known when they were let in.
#[derive(Clone, Copy)]
pub struct Writer {
    account: i64,
    right: Right,
}

#[derive(Clone, Copy)]
enum Right {
    /// That of a session, by the hash of its token.
    Session([u8; 32]),
    /// The same, whose owner has to have proved themselves a moment ago.
    Confirmed([u8; 32]),
    /// That of a program, by the name of its token.
    Program([u8; 16]),
}

/// What somebody had when they began, and not any more when their words were to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lapse {
    /// The session was ended, or its time was over.
    Session,
    /// The proof was given too long ago.
    Confirmation,
    /// The token was revoked, or its time was over.
    Program,
}

impl Writer {
    /// Whoever is logged in.
    pub(crate) fn session(account: i64, token_hash: [u8; 32]) -> Self {
        Self { account, right: Right::Session(token_hash) }
    }

    /// Whoever is logged in and proved themselves a moment ago.
    pub(crate) fn confirmed(account: i64, token_hash: [u8; 32]) -> Self {
        Self { account, right: Right::Confirmed(token_hash) }
    }

    /// A program with this token.
    pub(crate) fn program(account: i64, token: [u8; 16]) -> Self {
        Self { account, right: Right::Program(token) }
    }

    /// For which account.
    pub(crate) fn account(&self) -> i64 {
        self.account
    }

    /// What tells apart the sessions and programs of all accounts.
    pub(crate) fn key(&self) -> [u8; 32] {
        match self.right {
            Right::Session(hash) | Right::Confirmed(hash) => hash,
            Right::Program(id) => {
                let mut key = [0; 32];
                key.iter_mut().zip(id).for_each(|(octet, of_id)| *octet = of_id);
                key
            }
        }
    }
}

impl Database {
    /// Holds the account, and what the writer may write by: nobody ends it until the transaction does.
    pub(super) async fn hold_writer(
        &self,
        transaction: &mut Writing,
        writer: &Writer,
        now: i64,
    ) -> Result<(), StorageError> {
        self.hold_account(transaction, writer.account).await?;
        let lapse = match &writer.right {
            Right::Session(hash) => match self.hold_confirmed(transaction, writer.account, hash, now).await? {
                Some(_) => None,
                None => Some(Lapse::Session),
            },
            Right::Confirmed(hash) => match self.hold_confirmed(transaction, writer.account, hash, now).await? {
                Some(confirmed) if is_fresh(confirmed, now) => None,
                Some(_) => Some(Lapse::Confirmation),
                None => Some(Lapse::Session),
            },
            Right::Program(id) => {
                let token = match self.dialect {
                    Dialect::Sqlite => "SELECT 1 FROM app_tokens WHERE account = $1 AND id = $2 AND expires > $3",
                    Dialect::Postgres => {
                        "SELECT 1 FROM app_tokens WHERE account = $1 AND id = $2 AND expires > $3 FOR KEY SHARE"
                    }
                };
                let token = sqlx::query(token)
                    .bind(writer.account)
                    .bind(id.as_slice())
                    .bind(now)
                    .fetch_optional(&mut **transaction)
                    .await?;
                token.is_none().then_some(Lapse::Program)
            }
        };
        lapse.map_or(Ok(()), |lapse| Err(StorageError::Lapsed(lapse)))
    }

    /// When the owner of a session that is logged in proved themselves last; `None` if it has ended.
    async fn hold_confirmed(
        &self,
        transaction: &mut Writing,
        account: i64,
        token_hash: &[u8; 32],
        now: i64,
    ) -> Result<Option<i64>, StorageError> {
        // Its use may be noted meanwhile, by requests that run beside this one.
        let session = match self.dialect {
            Dialect::Sqlite => {
                "SELECT confirmed FROM sessions
                 WHERE token_hash = $1 AND account = $2 AND pending = 0 AND created > $3 AND used > $4"
            }
            Dialect::Postgres => {
                "SELECT confirmed FROM sessions
                 WHERE token_hash = $1 AND account = $2 AND pending = 0 AND created > $3 AND used > $4 FOR KEY SHARE"
            }
        };
        let since = Since::at(now);
        let row = sqlx::query(session)
            .bind(token_hash.as_slice())
            .bind(account)
            .bind(since.created)
            .bind(since.used)
            .fetch_optional(&mut **transaction)
            .await?;
        row.map(|row| Ok(row.try_get("confirmed")?)).transpose()
    }
}

/// Whether a proof of that moment is good now.
pub(crate) fn is_fresh(confirmed: i64, now: i64) -> bool {
    (0..CONFIRMED_SECONDS).contains(&(now - confirmed))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::storage::{DatabaseLocation, NewFactor, NewSentMail, NewSession};

    /// What has no body is over in a moment; a right that ended in that moment is none either.
    #[tokio::test]
    async fn who_may_not_write_any_more_changes_nothing() {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        for row in [
            "INSERT INTO instance (only_one, id, login_secret_hash) VALUES (1, zeroblob(16), zeroblob(32))",
            "INSERT INTO accounts (id, address, address_key, name, login_record, created) VALUES (1, 'a', 'a', 'A', x'00', 0)",
            "INSERT INTO sessions (token_hash, account, created, used, pending) VALUES (zeroblob(32), 1, 0, 0, 0)",
            "INSERT INTO totp (account, sealed, created, last_step) VALUES (1, x'00', 0, 0)",
        ] {
            sqlx::query(row).execute(&database.writer).await.unwrap();
        }
        let confirmed = Writer::confirmed(1, [0; 32]);
        let factor = NewFactor::Totp { ceremony: &[1; 32], sealed: &[], sealed_with: [0; 32], step: 0 };
        let session = NewSession { token_hash: [2; 32], browser: "", system: "", now: 300 };
        let file = vec![0; 16].try_into().unwrap();
        let copy = NewSentMail { id: &[5; 16], now: 300, size: 1, file, summary: &[] };
        let lapse = |error: Option<StorageError>| match error {
            Some(StorageError::Lapsed(lapse)) => Some(lapse),
            _ => None,
        };
        for (writer, expected) in [
            (confirmed, Lapse::Confirmation),
            (Writer::confirmed(1, [3; 32]), Lapse::Session),
            (Writer::session(1, [3; 32]), Lapse::Session),
            (Writer::session(2, [0; 32]), Lapse::Session),
            (Writer::program(1, [4; 16]), Lapse::Program),
        ] {
            for refused in [
                database.remove_factor(&writer, None, false, 300).await.err(),
                database.renew_recovery_codes(&writer, &[], 300).await.err(),
                database.remove_keystore_backup(&writer, None, 300).await.err(),
                database.remove_keyring(&writer, None, 300).await.err(),
                database.remove_draft(&writer, &[0; 16], &[0; 16], 300).await.err(),
                database.keep_sent_mail(&writer, &copy, i64::MAX).await.err(),
            ] {
                assert_eq!(lapse(refused), Some(expected));
            }
        }
        let added = database.add_factor(&[0; 32], &factor, &[], &session).await;
        assert_eq!(lapse(added.err()), Some(Lapse::Confirmation));
        assert!(database.renew_recovery_codes(&confirmed, &[], 299).await.unwrap());
    }
}
