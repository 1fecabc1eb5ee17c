//! Making an account oneself.

use crate::octets::{InvitationToken, LoginSecretHash, RegistrationRecord, RegistrationRequest, RegistrationResponse};
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who may make an account without the operator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Nobody.
    #[default]
    Closed,
    /// Whoever holds an invitation.
    Invitation,
    /// Everybody, with an address of the server's domains.
    Open,
}

/// Body of `POST /api/v1/registration/invitation`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ShowInvitation {
    /// What stands behind `#` in its link.
    pub invitation: InvitationToken,
}

/// Answer of `POST /api/v1/registration/invitation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// The only address it is good for, if the operator named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// When it ends.
    pub expires: Timestamp,
}

/// Body of `POST /api/v1/registration/start`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StartRegistration {
    /// Needed where registration is by invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<InvitationToken>,
    /// Mail address of the account to be made.
    pub address: String,
    /// What the client makes of the password.
    pub request: RegistrationRequest,
}

/// Answer of `POST /api/v1/registration/start`, the same for addresses that have an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RegistrationStarted {
    /// What the client makes the record with.
    pub response: RegistrationResponse,
    /// Goes back with the record: the server may have another secret by then, with which it would be good for nothing.
    pub made_with: LoginSecretHash,
}

/// Body of `POST /api/v1/registration`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FinishRegistration {
    /// Used up by this, if it succeeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<InvitationToken>,
    /// The address that was begun with.
    pub address: String,
    /// Display name.
    pub name: String,
    /// What the server keeps of the password.
    pub record: RegistrationRecord,
    /// As it came with what the record was made with.
    pub made_with: LoginSecretHash,
}

/// Who wants an account stays out of logs.
macro_rules! without_whom {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

without_whom!(StartRegistration FinishRegistration);
