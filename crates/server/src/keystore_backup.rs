//! The code of an account's keystore, under what the account's password gives its clients and nobody else: here it is a few
//! octets of ciphertext with a revision.
//!
//! A change of the password brings the code along, sealed
//! anew, in one transaction (`session`): there is no moment in which the password and the code do not belong together. One that
//! the operator sets cannot: the code stays and opens no more, until a device that knows it seals it anew.
//!
//! Not here: HTTP (`api`, `request::precondition`), SQL (`storage`), what is sealed.

use crate::clock::Clock;
use crate::envelope::Refusal;
use crate::revision::{KeyringRefusal, Seen, Written};
use crate::storage::{Database, KeystoreBackupRow, Writer};
use envelock_wire::{KeystoreBackup, Revision, SealedCode};
use rand::RngCore;
use std::sync::Arc;

/// The codes of all accounts.
#[derive(Clone)]
pub struct KeystoreBackups {
    database: Database,
    clock: Arc<dyn Clock>,
}

impl KeystoreBackups {
    /// Over this database.
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    /// The code of this account and its version.
    pub async fn read(&self, account: i64) -> Result<(Revision, KeystoreBackup), KeyringRefusal> {
        let row = self.database.keystore_backup(account).await?.ok_or(Refusal::NotFound)?;
        let sealed = SealedCode::from_octets(row.sealed);
        Ok((Revision::from_octets(row.version), KeystoreBackup { sealed }))
    }

    /// The version alone, which opens nothing; `None` if there is no code.
    pub async fn version(&self, account: i64) -> Result<Option<Revision>, KeyringRefusal> {
        let row = self.database.keystore_backup(account).await?;
        Ok(row.map(|row| Revision::from_octets(row.version)))
    }

    /// Stores this code in place of the one its writer has seen.
    pub async fn write(&self, writer: &Writer, seen: Seen, code: &SealedCode) -> Result<Written, KeyringRefusal> {
        let new = row_of(code);
        let version = Revision::from_octets(new.version);
        match self.database.put_keystore_backup(writer, seen.version(), &new, self.now()).await? {
            true => Ok(Written { version, created: seen == Seen::Nothing }),
            false => Err(KeyringRefusal::Changed),
        }
    }

    /// Removes the code; with `seen` only this version of it. That there is none is no fault, unless one was seen.
    pub async fn remove(&self, writer: &Writer, seen: Option<Revision>) -> Result<(), KeyringRefusal> {
        let (expected, now) = (seen.as_ref().map(Revision::as_octets), self.now());
        let removed = self.database.ending(|| self.database.remove_keystore_backup(writer, expected, now)).await?;
        if removed || seen.is_none() { Ok(()) } else { Err(KeyringRefusal::Changed) }
    }

    fn now(&self) -> i64 {
        self.clock.now().as_unix()
    }
}

/// With a version of its own.
pub(crate) fn row_of(code: &SealedCode) -> KeystoreBackupRow {
    let mut version = [0; 16];
    rand::rngs::OsRng.fill_bytes(&mut version);
    KeystoreBackupRow { version, sealed: code.as_octets().to_vec() }
}
