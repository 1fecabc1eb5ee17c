//! Who has an account: what the operator does about it, beside a running server or without one.

use crate::clock::Clock;
use crate::session::{PasswordFault, hash_password};
use crate::storage::{AccountLine, Database, StorageError};
use std::sync::Arc;

/// Shortest password, in characters.
const SHORTEST: usize = 12;

/// Longest address, name and password, in octets: what a login looks at (RFC 5321 §4.5.3.1 has less for an address).
pub(crate) const LONGEST: usize = 1024;

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// There is one with this address.
    #[error("there is an account with this address already")]
    Exists,
    /// There is none with this address.
    #[error("there is no account with this address")]
    NotThere,
    /// Not `name@domain`, or with spaces or control characters.
    #[error("an address has the form name@example.org")]
    Address,
    /// Nothing but spaces, control characters, or too long.
    #[error("a name is one line of text")]
    Name,
    /// Too short.
    #[error("a password has at least {SHORTEST} characters")]
    ShortPassword,
    /// Too long.
    #[error("a password has at most {LONGEST} octets")]
    LongPassword,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Hashing failed.
    #[error(transparent)]
    Password(#[from] PasswordFault),
}

/// The accounts of a server.
#[derive(Clone)]
pub struct Accounts {
    database: Database,
    clock: Arc<dyn Clock>,
}

impl Accounts {
    /// Over this database.
    pub fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    /// Makes an account.
    pub async fn add(&self, address: &str, name: &str, password: &str) -> Result<(), AccountError> {
        check_address(address)?;
        if name.trim().is_empty() || name.len() > LONGEST || name.chars().any(char::is_control) {
            return Err(AccountError::Name);
        }
        check_password(password)?;
        let hash = hash_password(password)?;
        let added = self.database.add_account(address, name, &hash, self.clock.now().as_unix()).await?;
        if added { Ok(()) } else { Err(AccountError::Exists) }
    }

    /// Another password, which opens a closed account again; every session of the account ends.
    pub async fn set_password(&self, address: &str, password: &str) -> Result<(), AccountError> {
        check_address(address)?;
        check_password(password)?;
        let hash = hash_password(password)?;
        if self.database.set_password_hash(address, &hash).await? { Ok(()) } else { Err(AccountError::NotThere) }
    }

    /// Nobody can log in any more, and nobody is; what the account owns stays.
    pub async fn close(&self, address: &str) -> Result<(), AccountError> {
        check_address(address)?;
        if self.database.close_account(address).await? { Ok(()) } else { Err(AccountError::NotThere) }
    }

    /// All of them, by address.
    pub async fn list(&self) -> Result<Vec<AccountLine>, StorageError> {
        self.database.accounts().await
    }

    /// Makes an account, or gives an existing one this name and password; its sessions go on. For accounts that a program
    /// makes at every start: nothing is checked. Returns its number.
    pub async fn put(&self, address: &str, name: &str, password: &str) -> Result<i64, AccountError> {
        let hash = hash_password(password)?;
        Ok(self.database.put_account(address, name, &hash, self.clock.now().as_unix()).await?)
    }

    /// Waits for running statements and closes the database.
    pub async fn disconnect(self) {
        self.database.close().await;
    }
}

/// Enough to log in with it and to be shown: whether mail arrives there, this server need not know.
fn check_address(address: &str) -> Result<(), AccountError> {
    let is_strange = |c: char| c.is_control() || c.is_whitespace();
    match address.rsplit_once('@') {
        Some((local_part, domain))
            if !local_part.is_empty()
                && !domain.is_empty()
                && address.len() <= LONGEST
                && !address.contains(is_strange) =>
        {
            Ok(())
        }
        _ => Err(AccountError::Address),
    }
}

fn check_password(password: &str) -> Result<(), AccountError> {
    match password.chars().count() {
        ..SHORTEST => Err(AccountError::ShortPassword),
        _ if password.len() > LONGEST => Err(AccountError::LongPassword),
        _ => Ok(()),
    }
}
