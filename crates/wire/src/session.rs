//! Logging in and knowing who is logged in.

use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// Body of `POST /api/v1/session`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Login {
    /// Mail address of the account.
    pub address: String,
    /// The account's password; it is erased after use.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password))]
    pub password: Zeroizing<String>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").finish_non_exhaustive()
    }
}

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Mail address.
    pub address: String,
    /// Display name.
    pub name: String,
}
