//! Who has an account: what the operator does about it, beside a running server or without one.

use crate::clock::Clock;
use crate::data_directory::open_storage;
use crate::login_secret::LoginSecret;
use crate::settings::Settings;
use crate::storage::{
    AccountLine, Database, EarlierVersion, Has, InvitationLine, NewRecord, StorageError, address_key,
};
use envelock_login::{ClientError, Malformed, Record, Registration};
use envelock_wire::InvitationToken;
use rand::RngCore;
use rand::rngs::OsRng;
use std::sync::Arc;

/// Longest address and name, in octets: what a login looks at (RFC 5321 §4.5.3.1 has less for an address).
pub(crate) const LONGEST: usize = 1024;

const DAY: i64 = 24 * 3600;

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
    /// There is none of this name.
    #[error("there is no invitation of this number")]
    NoInvitation,
    /// Not `name@domain`, or with spaces or control characters.
    #[error("an address has the form name@example.org")]
    Address,
    /// Nothing but spaces, control characters, or too long.
    #[error("a name is one line of text")]
    Name,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A password that is too short or too long, or no memory to register it.
    #[error(transparent)]
    Password(#[from] ClientError),
    /// A password could not be registered.
    #[error(transparent)]
    Registration(#[from] Malformed),
}

/// The accounts of a server.
#[derive(Clone)]
pub struct Accounts {
    database: Database,
    clock: Arc<dyn Clock>,
    secret: Arc<LoginSecret>,
}

impl Accounts {
    /// Over this database, whose passwords belong to this secret.
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>, secret: Arc<LoginSecret>) -> Self {
        Self { database, clock, secret }
    }

    /// Makes an account.
    pub async fn add(&self, address: &str, name: &str, password: &str) -> Result<(), AccountError> {
        check_address(address)?;
        if !is_name(name) {
            return Err(AccountError::Name);
        }
        let record = self.register(address, password).await?;
        let added = self.database.add_account(address, name, &record, self.clock.now().as_unix()).await?;
        if added { Ok(()) } else { Err(AccountError::Exists) }
    }

    /// Another password, which opens a closed account again; every session and every app token of the account ends.
    pub async fn set_password(&self, address: &str, password: &str) -> Result<(), AccountError> {
        check_address(address)?;
        let record = self.register(address, password).await?;
        if self.database.set_login_record(address, Some(&record)).await? { Ok(()) } else { Err(AccountError::NotThere) }
    }

    /// Nobody can log in any more, and nobody is, nor does any program act for it; what the account owns stays.
    pub async fn close(&self, address: &str) -> Result<(), AccountError> {
        check_address(address)?;
        if self.database.set_login_record(address, None).await? { Ok(()) } else { Err(AccountError::NotThere) }
    }

    /// Lets somebody make an account within so many days, with this address or one of their choice. Returns what stands in the
    /// link; it is kept nowhere.
    pub async fn invite(&self, address: Option<&str>, days: u16) -> Result<InvitationToken, AccountError> {
        if let Some(address) = address {
            check_address(address)?;
            if self.database.account(address).await?.is_some() {
                return Err(AccountError::Exists);
            }
        }
        let mut octets = [0; InvitationToken::LENGTH];
        OsRng.fill_bytes(&mut octets);
        let token = InvitationToken::from_octets(octets);
        let now = self.clock.now().as_unix();
        self.database.add_invitation(&token, address, now, now + i64::from(days) * DAY).await?;
        Ok(token)
    }

    /// The invitations that can still be used, by number.
    pub async fn invitations(&self) -> Result<Vec<InvitationLine>, StorageError> {
        self.database.invitations(self.clock.now().as_unix()).await
    }

    /// Ends one before it is used.
    pub async fn withdraw_invitation(&self, id: i64) -> Result<(), AccountError> {
        if self.database.remove_invitation(id).await? { Ok(()) } else { Err(AccountError::NoInvitation) }
    }

    /// Nothing but the password is asked of this account any more, and its sessions and app tokens end: for whoever has lost all of their second
    /// factors and recovery codes.
    pub async fn remove_factors(&self, address: &str) -> Result<(), AccountError> {
        check_address(address)?;
        if self.database.remove_factors(address).await? { Ok(()) } else { Err(AccountError::NotThere) }
    }

    /// Whether this account has a second factor.
    pub(crate) async fn has_second_factor(&self, address: &str) -> Result<bool, StorageError> {
        Ok(self.database.has(address).await?.is_some_and(Has::a_factor))
    }

    /// All of them, by address.
    pub async fn list(&self) -> Result<Vec<AccountLine>, StorageError> {
        self.database.accounts(self.clock.now().as_unix()).await
    }

    /// Makes an account, or gives an existing one this name and password; its sessions go on. For accounts that a program
    /// makes: address and name are not checked. Returns its number.
    pub async fn put(&self, address: &str, name: &str, password: &str) -> Result<i64, AccountError> {
        let record = self.register(address, password).await?;
        Ok(self.database.put_account(address, name, &record, self.clock.now().as_unix()).await?)
    }

    /// Both halves of a registration, about 0.2 s: who is at the server's keyboard is trusted with a password, the server is
    /// not.
    async fn register(&self, address: &str, password: &str) -> Result<NewRecord, AccountError> {
        let secret = self.secret.for_records().await?;
        let (registration, request) = Registration::start(password, &mut OsRng)?;
        let response = secret.register(&request, address_key(address).as_bytes())?;
        Ok(self.secret.record(Record::parse(&registration.finish(&response, &mut OsRng)?.record)?))
    }

    /// Waits for running statements and closes the database.
    pub async fn disconnect(self) {
        self.database.close().await;
    }
}

/// The accounts of a server that may be running meanwhile, and has been started before.
pub async fn open_accounts(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Accounts, StorageError> {
    let (database, _) = open_storage(settings, EarlierVersion::IsLeftAlone).await?;
    match LoginSecret::open(&database, &settings.data_dir).await {
        Ok(secret) => Ok(Accounts::new(database, clock, Arc::new(secret))),
        Err(refused) => {
            database.close().await;
            Err(refused)
        }
    }
}

/// One line with something in it.
pub(crate) fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= LONGEST && !name.chars().any(char::is_control)
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
