//! Programs that act for an account: tokens that its owner makes, each with a name, scopes and an end (RFC 6750). Of a token only
//! the hash is kept: 256 random bits need no slow one.
//!
//! Tokens are no sessions. They stay when their owner changes the password or ends sessions, as people expect of what runs by
//! itself, and are revoked one by one or all at once. What the operator does to let somebody in or to keep somebody out ends
//! them all: another password, a closed account, factors that are removed (`storage`).
//!
//! Not here: which route takes which scope (`request::program`), HTTP (`api::app_tokens`).

use crate::clock::Clock;
use crate::session::SessionToken;
use crate::storage::{AddingAppToken, AppTokenRow, Database, NewAppToken, StorageError, Writer};
use envelock_wire::{
    AppToken, AppTokenCreated, AppTokenId, AppTokenName, AppTokenRecord, CreateAppToken, Scope, Timestamp,
};
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use zeroize::Zeroizing;

const DAY: i64 = 24 * 3600;

/// The time of last use is written this often at most, to spare the disk.
const TOUCH_SECONDS: i64 = 60;

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum AppTokenRefusal {
    /// The account has as many as it may.
    #[error("too many app tokens")]
    TooMany,
    /// The session ended meanwhile.
    #[error("the session is over")]
    SessionOver,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A program that has a token.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// For which account it acts.
    pub(crate) account: i64,
    /// Of its token.
    pub(crate) token: AppTokenId,
    /// Whether the account has to be given a second factor before anything is done for it.
    pub(crate) needs_factor: bool,
    scopes: Vec<Scope>,
}

impl Program {
    /// What it writes by.
    pub(crate) fn writer(&self) -> Writer {
        Writer::program(self.account, *self.token.as_octets())
    }

    pub(crate) fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

/// The tokens of all accounts.
#[derive(Clone)]
pub(crate) struct AppTokens {
    database: Database,
    clock: Arc<dyn Clock>,
    required: bool,
}

impl AppTokens {
    /// Over this database; whether everybody needs a second factor.
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>, required: bool) -> Self {
        Self { database, clock, required }
    }

    /// Which program has this token, if it has not ended. Counts as use.
    pub(crate) async fn who(&self, token: &AppToken) -> Result<Option<Program>, StorageError> {
        let now = self.now();
        let Some(row) = self.database.app_token(&hash(token), now).await? else { return Ok(None) };
        if row.used.is_none_or(|used| used <= now - TOUCH_SECONDS) {
            match self.database.touch_app_token(&row.id, now).await {
                // Reading goes on.
                Err(cause @ StorageError::Unwritable(_)) => tracing::warn!(%cause, "the use of a token is not noted"),
                touched => touched?,
            }
        }
        Ok(Some(Program {
            account: row.account,
            token: AppTokenId::from_octets(row.id),
            needs_factor: self.required && !row.has.a_factor(),
            scopes: stored(&row.scopes),
        }))
    }

    /// The tokens of this account that have not ended, the oldest first.
    pub(crate) async fn list(&self, account: i64) -> Result<Vec<AppTokenRecord>, StorageError> {
        self.database.app_tokens(account, self.now()).await?.into_iter().map(record).collect()
    }

    /// Makes a token for the account of this session.
    pub(crate) async fn create(
        &self,
        session: &SessionToken,
        wanted: CreateAppToken,
    ) -> Result<AppTokenCreated, AppTokenRefusal> {
        let mut rng = rand::rngs::OsRng;
        let (mut secret, mut id) = (Zeroizing::new([0; AppToken::LENGTH]), [0; AppTokenId::LENGTH]);
        rng.fill_bytes(secret.as_mut());
        rng.fill_bytes(&mut id);
        let token = AppToken::from_octets(*secret);
        let now = self.now();
        let expires = now + i64::from(wanted.expires_in_days) * DAY;
        let new = NewAppToken {
            id,
            hash: hash(&token),
            name: wanted.name.as_str(),
            scopes: wanted.scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(" "),
            now,
            expires,
        };
        match self.database.add_app_token(&session.hash(), &new).await? {
            AddingAppToken::Added => {}
            AddingAppToken::NoSession => return Err(AppTokenRefusal::SessionOver),
            AddingAppToken::TooMany => return Err(AppTokenRefusal::TooMany),
        }
        let record = AppTokenRecord {
            id: AppTokenId::from_octets(id),
            name: wanted.name,
            scopes: wanted.scopes.into(),
            created: Timestamp::from_unix(now),
            expires: Timestamp::from_unix(expires),
            used: None,
        };
        Ok(AppTokenCreated { token, record })
    }

    /// Ends one token of this account; `false` if it has none of this name.
    pub(crate) async fn revoke(&self, account: i64, id: &AppTokenId) -> Result<bool, StorageError> {
        self.database.ending(|| self.database.remove_app_token(account, id.as_octets())).await
    }

    /// Ends all tokens of this account.
    pub(crate) async fn revoke_all(&self, account: i64) -> Result<(), StorageError> {
        self.database.ending(|| self.database.remove_app_tokens(account)).await
    }

    /// Forgets those that have ended. Returns how many.
    pub(crate) async fn purge(&self) -> Result<u64, StorageError> {
        self.database.remove_old_app_tokens(self.now()).await
    }

    fn now(&self) -> i64 {
        self.clock.now().as_unix()
    }
}

/// All that is kept of a token: whoever sees the rows has none.
fn hash(token: &AppToken) -> [u8; 32] {
    Sha256::digest(token.as_octets()).into()
}

/// What a later version wrote and this one does not know allows nothing.
fn stored(scopes: &str) -> Vec<Scope> {
    scopes.split(' ').filter_map(|scope| scope.parse().ok()).collect()
}

fn record(row: AppTokenRow) -> Result<AppTokenRecord, StorageError> {
    Ok(AppTokenRecord {
        id: AppTokenId::from_octets(row.id),
        name: AppTokenName::try_from(row.name).map_err(|_| StorageError::Corrupt("name"))?,
        scopes: stored(&row.scopes),
        created: Timestamp::from_unix(row.created),
        expires: Timestamp::from_unix(row.expires),
        used: row.used.map(Timestamp::from_unix),
    })
}
