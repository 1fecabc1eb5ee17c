//! Logging in, knowing who is logged in, and where.

use crate::factor::{Method, Pending};
use crate::keystore_backup::ResealedBackup;
use crate::octets::{
    Ke1, Ke2, Ke3, LoginId, LoginSecretHash, RegistrationRecord, RegistrationRequest, RegistrationResponse, SessionId,
};
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Body of `POST /api/v1/session/start`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StartLogin {
    /// Mail address of the account.
    pub address: String,
    /// What the client makes of the password.
    pub request: Ke1,
}

impl fmt::Debug for StartLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartLogin").finish_non_exhaustive()
    }
}

/// Answer of `POST /api/v1/session/start`, the same for accounts that are not there.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LoginStarted {
    /// The login that this began.
    pub login: LoginId,
    /// What the client finishes it with.
    pub response: Ke2,
}

/// Body of `POST /api/v1/session`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FinishLogin {
    /// The login that was begun.
    pub login: LoginId,
    /// The proof that the client knows the password.
    pub finalization: Ke3,
}

/// Body of `POST /api/v1/account/password/start`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StartPasswordChange {
    /// What the client makes of the new password.
    pub request: RegistrationRequest,
}

/// Answer of `POST /api/v1/account/password/start`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasswordChangeStarted {
    /// What the client makes the record with.
    pub response: RegistrationResponse,
    /// Goes back with the record: the server may have another secret by then, with which it would be good for nothing.
    pub made_with: LoginSecretHash,
}

/// Body of `PUT /api/v1/account/password`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangePassword {
    /// A login of the caller's own account, begun for this.
    pub login: LoginId,
    /// The proof that the client knows the old password.
    pub finalization: Ke3,
    /// What the server keeps of the new one.
    pub record: RegistrationRecord,
    /// As it came with what the record was made with.
    pub made_with: LoginSecretHash,
    /// The code of the keystore under the new one, if one is stored: the old password opens what is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keystore_backup: Option<ResealedBackup>,
}

/// Who is logged in, or about to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Mail address.
    pub address: String,
    /// Display name.
    pub name: String,
    /// What the session still waits for; absent in one that is logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    /// With `second-factor`: what may follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<Method>,
}

/// A browser, as far as it says which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Browser {
    /// Mozilla Firefox.
    Firefox,
    /// Google Chrome, or one that does not say otherwise.
    Chrome,
    /// Microsoft Edge.
    Edge,
    /// Apple Safari.
    Safari,
    /// Opera.
    Opera,
    /// Another one, a program, or not said.
    Other,
}

/// An operating system, as far as the browser says which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// Microsoft Windows.
    Windows,
    /// Apple macOS; iPads often say so as well.
    MacOs,
    /// Linux, but for Android and ChromeOS.
    Linux,
    /// Android.
    Android,
    /// Apple iOS and iPadOS.
    Ios,
    /// ChromeOS.
    ChromeOs,
    /// Another one, or not said.
    Other,
}

/// What a session was begun with, as it said itself: enough to be recognised, no proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// The browser.
    pub browser: Browser,
    /// What it runs on.
    pub system: System,
}

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionRecord {
    /// Its name.
    pub id: SessionId,
    /// What it was begun with.
    pub device: Device,
    /// When it was begun.
    pub created: Timestamp,
    /// When it was used last, up to a minute before.
    pub used: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Answer of `GET /api/v1/sessions`, the one used last first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionList {
    /// The caller's sessions that have not ended.
    pub sessions: Vec<SessionRecord>,
}

/// The logins of one day (of UTC) with one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LoginRecord {
    /// With what.
    pub device: Device,
    /// When first on that day.
    pub first: Timestamp,
    /// When last on that day.
    pub last: Timestamp,
    /// How often on that day.
    pub times: u32,
    /// Whether that browser on that system had not been used in the 90 days before.
    pub new_device: bool,
    /// Whether these got as far as the password and no further: it was right, and the second factor did not follow, or not yet.
    pub unfinished: bool,
}

/// Answer of `GET /api/v1/logins`, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LoginList {
    /// Those to the caller's account.
    pub logins: Vec<LoginRecord>,
}
