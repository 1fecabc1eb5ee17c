//! What an account proves itself with besides its password: codes of an app (TOTP, RFC 6238), passkeys (WebAuthn), recovery codes.

use crate::octets::{CeremonyId, Ke3, LoginId, PasskeyId};
use crate::text::{Code, PasskeyName};
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use zeroize::Zeroize;

/// What a session waits for that is no login yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Pending {
    /// The password was right, and one of `methods` has to follow.
    SecondFactor,
    /// The operator requires a second factor, and the account has to be given its first one.
    Enrolment,
}

/// A way to prove oneself after the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// A code of an app.
    Totp,
    /// A passkey.
    Passkey,
    /// One of the recovery codes.
    RecoveryCode,
}

/// Body of `POST /api/v1/session/totp`, `POST /api/v1/session/recovery-code` and `PUT /api/v1/account/totp`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnterCode {
    /// As it was typed.
    pub code: Code,
}

/// Answer of `POST /api/v1/session/passkey/start` and `POST /api/v1/account/passkeys/start`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CeremonyStarted {
    /// The ceremony that this began.
    pub ceremony: CeremonyId,
    /// What the browser takes: `PublicKeyCredentialRequestOptionsJSON` to sign in, `PublicKeyCredentialCreationOptionsJSON`
    /// to add a passkey (WebAuthn Level 3 §5.1.8, §5.1.9).
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub options: Value,
}

/// Body of `POST /api/v1/session/passkey` and `POST /api/v1/session/confirm/passkey`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UsePasskey {
    /// The ceremony that was begun.
    pub ceremony: CeremonyId,
    /// What the browser answered: `AuthenticationResponseJSON` (WebAuthn Level 3 §5.1.7).
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: Value,
}

/// Body of `POST /api/v1/account/passkeys`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddPasskey {
    /// The ceremony that was begun.
    pub ceremony: CeremonyId,
    /// What the owner calls it.
    pub name: PasskeyName,
    /// What the browser answered: `RegistrationResponseJSON` (WebAuthn Level 3 §5.1.7).
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: Value,
}

/// Body of `POST /api/v1/session/confirm`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfirmSession {
    /// A login of the caller's own account, begun for this.
    pub login: LoginId,
    /// The proof that the client knows the password.
    pub finalization: Ke3,
    /// A code of the app or a recovery code; needed if the account has a second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
}

/// The app that makes codes, as far as the server tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TotpRecord {
    /// When it was set up.
    pub created: Timestamp,
}

/// A passkey as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasskeyRecord {
    /// Its name in routes.
    pub id: PasskeyId,
    /// What the owner calls it.
    pub name: PasskeyName,
    /// When it was added.
    pub created: Timestamp,
    /// When it was used last, if it was.
    pub used: Option<Timestamp>,
}

/// Answer of `GET /api/v1/account/factors`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Factors {
    /// The app that makes codes, if there is one.
    pub totp: Option<TotpRecord>,
    /// The passkeys, the oldest first.
    pub passkeys: Vec<PasskeyRecord>,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
    /// Whether the operator requires a second factor: the last one cannot be removed then.
    pub required: bool,
}

/// Answer of `POST /api/v1/account/totp/start`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TotpStarted {
    /// The secret in base32, for an app that cannot read a QR code.
    pub secret: String,
    /// The same as `otpauth://totp/…`, which a QR code holds.
    pub uri: String,
}

/// Answer of `PUT /api/v1/account/totp` and `POST /api/v1/account/passkeys`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FactorAdded {
    /// With the first factor of the account: its recovery codes, shown this once.
    pub recovery_codes: Option<Vec<String>>,
}

/// Answer of `POST /api/v1/account/recovery-codes`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCodes {
    /// All there are, shown this once. Earlier ones are good for nothing any more.
    pub recovery_codes: Vec<String>,
}

/// Answer of `DELETE /api/v1/envelopes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Withdrawn {
    /// How many envelopes this withdrew.
    pub withdrawn: u64,
}

impl Drop for TotpStarted {
    fn drop(&mut self) {
        self.secret.zeroize();
        self.uri.zeroize();
    }
}

impl Drop for FactorAdded {
    fn drop(&mut self) {
        self.recovery_codes.zeroize();
    }
}

impl Drop for RecoveryCodes {
    fn drop(&mut self) {
        self.recovery_codes.zeroize();
    }
}

macro_rules! closed {
    ($($name:ident)*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })*
    };
}

closed!(UsePasskey AddPasskey TotpStarted FactorAdded RecoveryCodes);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn what_is_secret_is_not_shown() {
        let secret = "JBSWY3DPEHPK3PXP";
        let shown = [
            format!("{:?}", TotpStarted { secret: secret.into(), uri: format!("otpauth://totp/a?secret={secret}") }),
            format!("{:?}", RecoveryCodes { recovery_codes: vec![secret.into()] }),
            format!("{:?}", FactorAdded { recovery_codes: Some(vec![secret.into()]) }),
            format!("{:?}", serde_json::from_value::<EnterCode>(serde_json::json!({"code": secret})).unwrap()),
        ];
        assert!(shown.iter().all(|text| !text.contains(secret)), "{shown:?}");
    }

    #[test]
    fn absence_is_said() {
        let none = Factors { totp: None, passkeys: Vec::new(), recovery_codes: 0, required: false };
        let json = serde_json::json!({"totp": null, "passkeys": [], "recoveryCodes": 0, "required": false});
        assert_eq!(serde_json::to_value(none).unwrap(), json);
        let added = serde_json::to_value(FactorAdded { recovery_codes: None }).unwrap();
        assert_eq!(added, serde_json::json!({"recoveryCodes": null}));
    }
}
