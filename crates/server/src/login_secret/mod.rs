//! The secret without which no record of a password is good for anything, and whether it is the one of this database: with another
//! one every password would be wrong, and whatever was made with it would be for nothing.
//!
//! The database knows its secret by a hash. One of before that was so learns it from what only the right one can do: it opens the
//! secret of an app (`seal`), or somebody logs in. Until then the server goes on, as before; but it makes no record of a password and
//! seals nothing, so that a login and an app prove what they should. Where nothing was made with any secret there is nothing to prove.
//!
//! It may be made anew beside a server that runs. What was made with the old one is refused in the transaction that would keep it
//! (`storage`), and nobody logs in at a process that has it, until it is started again.
//!
//! Not here: file and row (`storage`), what logs in (`session`).

mod seal;

pub(crate) use seal::Seal;

use crate::data_directory::open_storage;
use crate::settings::Settings;
use crate::storage::{
    Database, EarlierVersion, NewRecord, SecretHash, StorageError, hash_of, kept_login_secret, make_login_secret,
    make_renewed_login_secret, renewed_login_secret, take_renewed_login_secret, warn_of_an_open_login_secret,
};
use envelock_login::{Record, ServerSecret};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// The secret beside a database.
pub(crate) enum KeptSecret {
    /// There is none, and need not be.
    None,
    /// The database's own.
    Own(ServerSecret),
    /// There are passwords, and nothing tells whether they were made with it.
    Unproven(ServerSecret),
}

impl KeptSecret {
    /// That of this directory; refuses another one than the database's own, and none where there must be one.
    pub(crate) async fn of(database: &Database, directory: &Path) -> Result<Self, StorageError> {
        Self::known_by(database.known_login_secret().await?, database, directory).await
    }

    /// The same, where what the secret of these rows is known by, if it is, stands elsewhere.
    pub(crate) async fn known_by(
        known: Option<SecretHash>,
        database: &Database,
        directory: &Path,
    ) -> Result<Self, StorageError> {
        // Whoever made it anew may have been interrupted before it was in its place.
        let renewed = known.map(|hash| renewed_login_secret(directory, &hash)).transpose()?.flatten();
        let kept = renewed.map_or_else(|| kept_login_secret(directory), |secret| Ok(Some(secret)))?;
        let Some(secret) = kept else {
            let is_needed = known.is_some() || database.has_login_records().await?;
            return if is_needed { Err(StorageError::NoLoginSecret) } else { Ok(Self::None) };
        };
        let is_own = match known {
            Some(hash) => Some(hash_of(&secret)? == hash),
            None => opens_apps(database, &secret).await?,
        };
        match is_own {
            Some(true) => Ok(Self::Own(secret)),
            Some(false) => Err(StorageError::OtherLoginSecret),
            None if database.has_login_records().await? => Ok(Self::Unproven(secret)),
            None => Ok(Self::Own(secret)),
        }
    }
}

/// Whether it opens what is sealed for apps; `None` if nothing is. That of one account is enough: nobody seals without the secret.
async fn opens_apps(database: &Database, secret: &ServerSecret) -> Result<Option<bool>, StorageError> {
    let seal = Seal::of(secret)?;
    let sealed = database.some_sealed_totp().await?;
    let opens = sealed.iter().any(|(account, sealed)| seal.open(*account, sealed).is_some());
    Ok((!sealed.is_empty()).then_some(opens))
}

/// The secret of a server that is running, or of what is done beside it.
pub(crate) struct LoginSecret {
    secret: ServerSecret,
    hash: SecretHash,
    database: Database,
    is_known: AtomicBool,
}

impl LoginSecret {
    /// That of this data directory, which the database knows from now on if it is its own; made if there is none and never was.
    pub(crate) async fn open(database: &Database, data_dir: &Path) -> Result<Self, StorageError> {
        let mut kept = KeptSecret::of(database, data_dir).await?;
        if let KeptSecret::None = kept {
            make_login_secret(data_dir)?;
            // Ours, or of whoever starts at the same time.
            kept = KeptSecret::of(database, data_dir).await?;
        }
        if let KeptSecret::Own(secret) = &kept {
            database.learn_login_secret(secret).await?;
            // Another machine may have been first, with its own.
            kept = KeptSecret::of(database, data_dir).await?;
        }
        let (secret, is_known) = match kept {
            KeptSecret::None => return Err(StorageError::NoLoginSecret),
            KeptSecret::Own(secret) => (secret, true),
            KeptSecret::Unproven(secret) => (secret, false),
        };
        let hash = hash_of(&secret)?;
        if is_known {
            take_renewed_login_secret(data_dir, &hash)?;
        }
        warn_of_an_open_login_secret(data_dir)?;
        Ok(Self { secret, hash, database: database.clone(), is_known: AtomicBool::new(is_known) })
    }

    /// Whether it is the database's own.
    pub(crate) fn is_known(&self) -> bool {
        self.is_known.load(Ordering::Relaxed)
    }

    /// What it is known by.
    pub(crate) fn hash(&self) -> SecretHash {
        self.hash
    }

    /// Also where it may not be the database's own any more: for keys that are asked of once, at the start.
    pub(crate) fn unchecked(&self) -> &ServerSecret {
        &self.secret
    }

    /// Refuses what this process has if the database has come to know another one since, or is about to: its operator has made it
    /// anew, or put another one back.
    pub(crate) async fn must_be_current(&self) -> Result<(), StorageError> {
        match self.database.known_login_secret().await? {
            Some(hash) if hash == self.hash => {
                self.is_known.store(true, Ordering::Relaxed);
                Ok(())
            }
            None if !self.is_known() => Ok(()),
            Some(_) if !self.is_known() => Err(StorageError::OtherLoginSecret),
            _ => Err(StorageError::ReplacedLoginSecret),
        }
    }

    /// For logins, which fail with another one than the database's own.
    pub(crate) async fn for_logins(&self) -> Result<&ServerSecret, StorageError> {
        self.must_be_current().await?;
        Ok(&self.secret)
    }

    /// Refuses also what nothing proves yet: whatever was made with it would.
    pub(crate) async fn must_be_known(&self) -> Result<(), StorageError> {
        self.must_be_current().await?;
        if self.is_known() { Ok(()) } else { Err(StorageError::UnprovenLoginSecret) }
    }

    /// For records of passwords, which the database takes if they were made with its own (`record`).
    pub(crate) async fn for_records(&self) -> Result<&ServerSecret, StorageError> {
        self.must_be_known().await?;
        Ok(&self.secret)
    }

    /// One that was made with it.
    pub(crate) fn record(&self, record: Record) -> NewRecord {
        NewRecord { record, made_with: self.hash }
    }

    /// A login succeeded with it. Whoever logged in is logged in, whether that can be noted or not: the next one may.
    pub(crate) async fn proved(&self) {
        if self.is_known() {
            return;
        }
        let learned = async {
            self.database.learn_login_secret(&self.secret).await?;
            self.must_be_current().await
        };
        match learned.await {
            Ok(()) => tracing::info!("the file login-secret is this database's own: somebody logged in with it"),
            Err(cause) => tracing::warn!(%cause, "it is not noted that login-secret is this database's own"),
        }
    }
}

/// Has the database take the secret of its data directory for its own, at the operator's word: one that it could not prove, or
/// that was put back after it had come to know another. One that does not open the secrets of apps is refused all the same. A
/// server that is running has what it had: it has to be started again.
pub async fn trust_login_secret(settings: &Settings) -> Result<(), StorageError> {
    let (database, _) = open_storage(settings, EarlierVersion::IsLeftAlone).await?;
    let trusted = async {
        let secret = kept_login_secret(&settings.data_dir)?.ok_or(StorageError::NoLoginSecret)?;
        if opens_apps(&database, &secret).await? == Some(false) {
            return Err(StorageError::OtherLoginSecret);
        }
        database.set_login_secret(Some(&secret)).await
    }
    .await;
    database.close().await;
    trusted
}

/// How many accounts somebody can log in to: so many a new secret closes.
pub async fn accounts_to_close(settings: &Settings) -> Result<u32, StorageError> {
    let (database, _) = open_storage(settings, EarlierVersion::IsLeftAlone).await?;
    let open = database.open_accounts().await;
    database.close().await;
    open
}

/// Makes the secret of all passwords anew: none fits any more, and every account is closed until it is given one. For a secret
/// that is lost, or that somebody has seen. A server that is running has the old one: nobody logs in there, and it takes no
/// password, until it is started again. Returns how many accounts were open.
///
/// The old one stays in its place until the database knows the new one, which lies beside it: a start takes whichever is known.
pub async fn renew_login_secret(settings: &Settings) -> Result<u64, StorageError> {
    let (database, _) = open_storage(settings, EarlierVersion::IsLeftAlone).await?;
    let renewed = async {
        // One of an earlier run that was interrupted: it must not be lost to this one.
        if let Some(known) = database.known_login_secret().await? {
            take_renewed_login_secret(&settings.data_dir, &known)?;
        }
        let secret = make_renewed_login_secret(&settings.data_dir)?;
        let closed = database.close_accounts(&secret).await;
        // Also where the answer was lost: the database says whether it was done, now or at the next start.
        if let Ok(Some(known)) = database.known_login_secret().await {
            take_renewed_login_secret(&settings.data_dir, &known)?;
        }
        closed
    }
    .await;
    database.close().await;
    renewed
}
