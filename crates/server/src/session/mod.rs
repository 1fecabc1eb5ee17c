//! Who is calling: login with a password, sessions in a cookie.
//!
//! This room is the seam for other ways to log in: the rest of the server only asks [`Sessions::who`]. A session is a
//! random 256-bit token, kept as its SHA-256; it is made anew at every login and ends after twelve idle hours or seven
//! days, or when the account has fifty that were used since. Its owner sees where it was begun and when it was used last, and ends it.
//!
//! Where more than the password is needed, the password makes a session that is pending: for ten minutes it is good for nothing
//! but what is missing, and then another one takes its place. Not here: what that is (`factor`).

mod cookie;
mod device;
mod login;

pub use cookie::{SessionToken, clear_cookie, set_cookie};
pub use device::device_of;
pub use login::LoginRefusal;
pub(crate) use login::{hash as login_hash, is_right};

use crate::clock::Clock;
use crate::login_secret::LoginSecret;
use crate::storage::{
    Database, Has, LoggedIn, LoginDayRow, NewSession, OwnSessionRow, Since, StorageError, address_key, is_fresh,
};
use cookie::session_id;
use device::{browser_word, stored_device, system_word};
use envelock_wire::{Account, Device, LoginRecord, Method, Pending, SessionId, SessionRecord, Timestamp};
use std::sync::Arc;

/// The time of last use is written this often at most, to spare the disk.
const TOUCH_SECONDS: i64 = 60;

/// So long the owner can look up when and with what somebody logged in.
const HISTORY_SECONDS: i64 = 90 * 24 * 3600;

/// Someone who is logged in, or about to be: `account.pending` says so.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Number of the account.
    pub id: i64,
    /// What they see of it.
    pub account: Account,
    /// When they proved themselves last, fully, in Unix seconds.
    pub confirmed: i64,
    /// Whether that was a moment ago.
    pub is_confirmed: bool,
}

impl SignedIn {
    /// Whether they are logged in, to the account of this address.
    pub(crate) fn is_logged_in_as(&self, address: &str) -> bool {
        self.account.pending.is_none() && address_key(address) == address_key(&self.account.address)
    }
}

/// Sessions and the accounts behind them.
#[derive(Clone)]
pub struct Sessions {
    database: Database,
    clock: Arc<dyn Clock>,
    secret: Arc<LoginSecret>,
    required: bool,
}

impl Sessions {
    /// Over this database, whose passwords belong to this secret; whether everybody needs a second factor.
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>, secret: Arc<LoginSecret>, required: bool) -> Self {
        Self { database, clock, secret, required }
    }

    /// Refuses another secret than the database's own: nobody could log in with a password.
    pub(crate) async fn require_current_secret(&self) -> Result<(), StorageError> {
        self.secret.must_be_current().await
    }

    /// Who holds this token, if its session has not ended. Counts as use.
    pub async fn who(&self, token: &SessionToken) -> Result<Option<SignedIn>, StorageError> {
        let now = self.now();
        let hash = token.hash();
        let Some(row) = self.database.session(&hash, Since::at(now)).await? else { return Ok(None) };
        // Of before the operator required a second factor, or before the last one was removed: the password comes first again.
        if !row.has.a_factor() && row.is_pending != self.required {
            return Ok(None);
        }
        if row.used <= now - TOUCH_SECONDS {
            match self.database.touch_session(&hash, now).await {
                // Reading goes on; the session ends sooner, if nothing is written until then.
                Err(cause @ StorageError::Unwritable(_)) => tracing::warn!(%cause, "the use of a session is not noted"),
                touched => touched?,
            }
        }
        Ok(Some(SignedIn {
            id: row.account,
            account: account_of(row.address, row.name, row.is_pending, row.has),
            confirmed: row.confirmed,
            is_confirmed: !row.is_pending && is_fresh(row.confirmed, now),
        }))
    }

    /// The sessions of this account that have not ended, the one used last first.
    pub async fn list(&self, account: i64, calling: &SessionToken) -> Result<Vec<SessionRecord>, StorageError> {
        let now = self.now();
        let calling = calling.id();
        let rows = self.database.account_sessions(account, Since::at(now)).await?;
        let record = |row: OwnSessionRow| {
            let id = session_id(&row.token_hash);
            SessionRecord {
                id,
                device: stored_device(&row.browser, &row.system),
                created: Timestamp::from_unix(row.created),
                used: Timestamp::from_unix(row.used),
                current: id == calling,
            }
        };
        Ok(rows.into_iter().map(record).collect())
    }

    /// Ends one session of this account; `false` if it has none of this name that has not ended.
    pub async fn end(&self, account: i64, id: &SessionId) -> Result<bool, StorageError> {
        let now = self.now();
        let rows = self.database.account_sessions(account, Since::at(now)).await?;
        let Some(row) = rows.into_iter().find(|row| session_id(&row.token_hash) == *id) else { return Ok(false) };
        self.database.ending(|| self.database.remove_session(&row.token_hash)).await?;
        Ok(true)
    }

    /// Ends all sessions of this account but the calling one.
    pub async fn end_others(&self, account: i64, calling: &SessionToken) -> Result<(), StorageError> {
        let calling = calling.hash();
        self.database.ending(|| self.database.remove_other_sessions(account, &calling)).await
    }

    /// The logins of the last 90 days, the latest first; also those that got as far as the password.
    pub async fn history(&self, account: i64) -> Result<Vec<LoginRecord>, StorageError> {
        let record = |row: LoginDayRow| LoginRecord {
            device: stored_device(&row.browser, &row.system),
            first: Timestamp::from_unix(row.earliest),
            last: Timestamp::from_unix(row.latest),
            times: row.times,
            new_device: row.is_new,
            unfinished: row.is_unfinished,
        };
        Ok(self.database.login_days(account).await?.into_iter().map(record).collect())
    }

    /// Ends a session.
    pub async fn logout(&self, token: &SessionToken) -> Result<(), StorageError> {
        let hash = token.hash();
        self.database.ending(|| self.database.remove_session(&hash)).await
    }

    /// Forgets sessions that have ended, logins and ceremonies that nobody finished, and the history of old ones. Returns how many
    /// sessions.
    pub async fn purge(&self) -> Result<u64, StorageError> {
        let now = self.now();
        self.database.remove_old_logins(now).await?;
        self.database.remove_old_login_days(now - HISTORY_SECONDS).await?;
        self.database.remove_old_unfinished_logins(now - HISTORY_SECONDS).await?;
        self.database.remove_old_ceremonies(now).await?;
        self.database.remove_old_sessions(Since::at(now)).await
    }

    fn now(&self) -> i64 {
        self.clock.now().as_unix()
    }
}

/// The session that this token shall name, begun on this device.
pub(crate) fn new_session(token: &SessionToken, device: Device, now: i64) -> NewSession {
    NewSession {
        token_hash: token.hash(),
        browser: browser_word(device.browser),
        system: system_word(device.system),
        now,
    }
}

impl From<LoggedIn> for Account {
    fn from(login: LoggedIn) -> Self {
        account_of(login.address, login.name, login.is_pending, login.has)
    }
}

/// An account as its owner is told of it in a session.
fn account_of(address: String, name: String, is_pending: bool, has: Has) -> Account {
    let pending = match (is_pending, has.a_factor()) {
        (false, _) => None,
        (true, true) => Some(Pending::SecondFactor),
        (true, false) => Some(Pending::Enrolment),
    };
    let possible =
        [(has.totp, Method::Totp), (has.passkeys, Method::Passkey), (has.recovery_codes, Method::RecoveryCode)];
    let methods = match pending {
        Some(Pending::SecondFactor) => {
            possible.into_iter().filter(|(there, _)| *there).map(|(_, method)| method).collect()
        }
        _ => Vec::new(),
    };
    Account { address, name, pending, methods }
}
