//! Rows of `ceremonies`: what was begun and waits for an answer of somebody's app or authenticator. Here and not in memory, as the
//! answer may come to another process.

use super::database::{Database, Writing};
use super::failure::StorageError;
use sqlx::Row;

/// What a ceremony is for, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CeremonyKind {
    /// An app that makes codes is to be set up.
    Totp,
    /// A passkey is to be added.
    AddPasskey,
    /// A passkey is to be used.
    UsePasskey,
}

impl CeremonyKind {
    fn word(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::AddPasskey => "add-passkey",
            Self::UsePasskey => "use-passkey",
        }
    }
}

/// A ceremony to be remembered.
pub(crate) struct NewCeremony<'a> {
    pub(crate) hash: [u8; 32],
    /// Hash of the token of the session it is begun in.
    pub(crate) session: Option<[u8; 32]>,
    pub(crate) kind: CeremonyKind,
    pub(crate) state: &'a [u8],
    pub(crate) expires: i64,
}

/// Ends one together with what comes of it; `false` if it is over already.
pub(super) async fn end_ceremony(transaction: &mut Writing, hash: &[u8; 32]) -> Result<bool, StorageError> {
    let done = sqlx::query("DELETE FROM ceremonies WHERE hash = $1").bind(hash.as_slice()).execute(&mut **transaction);
    Ok(done.await?.rows_affected() == 1)
}

impl Database {
    /// Remembers a ceremony, in the place of one of this name.
    pub(crate) async fn add_ceremony(&self, ceremony: &NewCeremony<'_>) -> Result<(), StorageError> {
        sqlx::query(
            "INSERT INTO ceremonies (hash, session, kind, state, expires) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (hash) DO UPDATE SET state = excluded.state, expires = excluded.expires",
        )
        .bind(ceremony.hash.as_slice())
        .bind(ceremony.session.map(|session| session.to_vec()))
        .bind(ceremony.kind.word())
        .bind(ceremony.state)
        .bind(ceremony.expires)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// The state of a ceremony of this kind and session, which is over with that, whatever comes of it.
    pub(crate) async fn take_ceremony(
        &self,
        hash: &[u8; 32],
        session: Option<&[u8; 32]>,
        kind: CeremonyKind,
        now: i64,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        let mut transaction = self.write().await?;
        let row = sqlx::query("DELETE FROM ceremonies WHERE hash = $1 RETURNING session, kind, state, expires")
            .bind(hash.as_slice())
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        let Some(row) = row else { return Ok(None) };
        let begun_in: Option<Vec<u8>> = row.try_get("session")?;
        let is_it = begun_in.as_deref() == session.map(<[u8; 32]>::as_slice)
            && row.try_get::<String, _>("kind")? == kind.word()
            && row.try_get::<i64, _>("expires")? > now;
        Ok(if is_it { Some(row.try_get("state")?) } else { None })
    }

    /// The state of one that may be tried more than once.
    pub(crate) async fn ceremony(
        &self,
        hash: &[u8; 32],
        kind: CeremonyKind,
        now: i64,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        let row = sqlx::query("SELECT state FROM ceremonies WHERE hash = $1 AND kind = $2 AND expires > $3")
            .bind(hash.as_slice())
            .bind(kind.word())
            .bind(now)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(|row| row.try_get("state")).transpose()?)
    }

    /// Forgets those that nobody finished in time.
    pub(crate) async fn remove_old_ceremonies(&self, now: i64) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM ceremonies WHERE expires <= $1").bind(now).execute(&self.writer).await?;
        Ok(())
    }
}
