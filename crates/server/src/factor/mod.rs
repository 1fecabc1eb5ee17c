//! What accounts prove themselves with besides a password: codes of an app (`totp`), passkeys (`passkey`), and recovery codes
//! (`recovery_code`) for whoever has lost both.
//!
//! A factor is added and removed by whoever proved themselves a moment ago (`proving`). With the first one come ten recovery codes; with
//! the last one they go. Whatever is accepted is accepted once: rows decide that (`storage`), so that it holds for any number of
//! processes.
//!
//! Not here: passwords and sessions (`session`), how often something may be tried (`limits`).

mod passkey;
mod proving;
mod recovery_code;
mod totp;

use crate::clock::Clock;
use crate::login_secret::{LoginSecret, Seal};
use crate::settings::Settings;
use crate::storage::{Database, Removal, StorageError, Writer};
use envelock_wire::{Factors as FactorList, PasskeyId, PasskeyName, PasskeyRecord, Timestamp, TotpRecord};
use passkey::RelyingParty;
pub(crate) use proving::Added;
use std::sync::Arc;

/// Why nobody was let in, or no factor changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum FactorRefusal {
    /// The code fits nothing, or was accepted before.
    #[error("wrong code")]
    WrongCode,
    /// The passkey is none of the account's, or what it says does not fit what was begun.
    #[error("wrong passkey")]
    WrongPasskey,
    /// Another password, or no such login.
    #[error("wrong address or password")]
    WrongLogin,
    /// One factor is required, and there is no other.
    #[error("the last factor")]
    LastFactor,
    /// The account has as many as it may.
    #[error("too many passkeys")]
    TooManyPasskeys,
    /// There is no such factor.
    #[error("not there")]
    NotThere,
    /// The server has no name that passkeys could be for, or the account has none.
    #[error("no passkeys")]
    NoPasskeys,
    /// The session ended meanwhile.
    #[error("the session is over")]
    SessionOver,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The second factors of all accounts.
#[derive(Clone)]
pub(crate) struct Factors {
    database: Database,
    clock: Arc<dyn Clock>,
    secret: Arc<LoginSecret>,
    seal: Arc<Seal>,
    /// Who it is that apps show codes for.
    issuer: String,
    relying_party: Option<RelyingParty>,
    required: bool,
}

impl Factors {
    /// Over this database, with a key made from this secret.
    pub(crate) fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        secret: Arc<LoginSecret>,
        settings: &Settings,
    ) -> Result<Self, StorageError> {
        Ok(Self {
            database,
            clock,
            seal: Arc::new(Seal::of(secret.unchecked())?),
            secret,
            issuer: totp::issuer(settings.public_name.as_ref()),
            relying_party: RelyingParty::of(settings.public_name.as_ref(), settings.listening_port),
            required: settings.require_second_factor,
        })
    }

    /// The key, unless the secret that it was made from is not the database's own any more: it would open nothing.
    async fn seal(&self) -> Result<&Seal, StorageError> {
        self.secret.must_be_current().await?;
        Ok(&self.seal)
    }

    /// What this account has.
    pub(crate) async fn list(&self, account: i64) -> Result<FactorList, FactorRefusal> {
        let (totp, recovery_codes) = self.database.totp_and_recovery_codes(account).await?;
        let passkeys = self.database.passkeys(account).await?;
        let record = |row: crate::storage::PasskeyRow| {
            Ok(PasskeyRecord {
                id: PasskeyId::from_octets(row.id),
                name: PasskeyName::try_from(row.name).map_err(|_| StorageError::Corrupt("name of a passkey"))?,
                created: Timestamp::from_unix(row.created),
                used: row.used.map(Timestamp::from_unix),
            })
        };
        Ok(FactorList {
            totp: totp.map(|row| TotpRecord { created: Timestamp::from_unix(row.created) }),
            passkeys: passkeys.into_iter().map(record).collect::<Result<_, StorageError>>()?,
            recovery_codes,
            required: self.required,
        })
    }

    /// Removes the app that makes codes.
    pub(crate) async fn remove_totp(&self, writer: &Writer) -> Result<(), FactorRefusal> {
        removed(self.database.remove_factor(writer, None, self.required, self.now()).await?)
    }

    /// Removes a passkey.
    pub(crate) async fn remove_passkey(&self, writer: &Writer, id: &PasskeyId) -> Result<(), FactorRefusal> {
        removed(self.database.remove_factor(writer, Some(id.as_octets()), self.required, self.now()).await?)
    }

    fn now(&self) -> i64 {
        self.clock.now().as_unix()
    }
}

fn removed(removal: Removal) -> Result<(), FactorRefusal> {
    match removal {
        Removal::Removed => Ok(()),
        Removal::NotThere => Err(FactorRefusal::NotThere),
        Removal::Last => Err(FactorRefusal::LastFactor),
    }
}
