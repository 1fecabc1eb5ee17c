//! App tokens: what programs act with for an account, in place of its password (RFC 6750). Each has a name, scopes and an end.

use crate::octets::AppTokenId;
use crate::text::AppTokenName;
use crate::timestamp::Timestamp;
use crate::validity::{AppTokenDays, InvalidValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

macro_rules! scopes {
    ($($(#[$doc:meta])* $variant:ident = $name:tt,)*) => {
        /// Something that a token may be allowed. What no scope allows, no token does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum Scope {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Scope {
            /// Every scope there is.
            pub const ALL: &'static [Scope] = &[$(Scope::$variant,)*];

            /// The scope as it is written on the wire (RFC 6749 §3.3).
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Scope::$variant => $name,)*
                }
            }
        }
    };
}

scopes! {
    /// Envelopes: the list, the state of each, replies as ciphertext.
    EnvelopesRead = "envelopes:read",
    /// Envelopes: to seal, change and withdraw them, one at a time.
    EnvelopesWrite = "envelopes:write",
    /// The sealed file in which the account's devices meet: to read it.
    KeyringRead = "keyring:read",
    /// The sealed file in which the account's devices meet: to write and remove it.
    KeyringWrite = "keyring:write",
    /// Drafts: the list, and each as ciphertext.
    DraftsRead = "drafts:read",
    /// Drafts: to write and delete them.
    DraftsWrite = "drafts:write",
    /// Mail that arrived: the list, and each message.
    MailRead = "mail:read",
    /// Mail: to send it in the name of the account, to see how far it got, and to take it back.
    MailSend = "mail:send",
}

impl FromStr for Scope {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == text).ok_or(InvalidValue::UnknownScope)
    }
}

/// What a token may do: at least one scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = Vec<Scope>, min_items = 1))]
#[serde(try_from = "Vec<Scope>", into = "Vec<Scope>")]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// In the order of [`Scope::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
}

impl TryFrom<Vec<Scope>> for Scopes {
    type Error = InvalidValue;

    fn try_from(scopes: Vec<Scope>) -> Result<Self, InvalidValue> {
        if scopes.is_empty() {
            return Err(InvalidValue::Empty { what: "the list of scopes" });
        }
        Ok(Self(scopes.into_iter().collect()))
    }
}

impl From<Scopes> for Vec<Scope> {
    fn from(scopes: Scopes) -> Vec<Scope> {
        scopes.0.into_iter().collect()
    }
}

/// A token as a program sends it in `Authorization: Bearer`: `envelock_`, by which scanners for leaked secrets know it, and 48
/// characters of base64url: 32 random octets, and the first four of SHA-256 over `envelock_` and these, by which a mistyped one is
/// known without asking.
///
/// A secret: erased when dropped, never shown by `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = String, min_length = 57, max_length = 57, pattern = "^envelock_[A-Za-z0-9_-]{48}$")
)]
#[serde(try_from = "String", into = "String")]
pub struct AppToken([u8; 32]);

const PREFIX: &str = "envelock_";
const CHARACTERS: usize = 48;

fn checksum(secret: &[u8; 32]) -> [u8; 4] {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::new().chain_update(PREFIX).chain_update(secret).finalize().into();
    [a, b, c, d]
}

impl AppToken {
    /// Length of the secret part in octets.
    pub const LENGTH: usize = 32;

    /// From the secret part.
    pub const fn from_octets(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    /// The secret part.
    pub const fn as_octets(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for AppToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppToken(…)")
    }
}

impl FromStr for AppToken {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let rest = text.strip_prefix(PREFIX).filter(|rest| rest.len() == CHARACTERS).ok_or(InvalidValue::AppToken)?;
        let mut octets = Zeroizing::new([0; 36]);
        URL_SAFE_NO_PAD.decode_slice(rest, octets.as_mut()).map_err(|_| InvalidValue::AppToken)?;
        match octets.split_first_chunk() {
            Some((secret, sum)) if sum == checksum(secret) => Ok(Self(*secret)),
            _ => Err(InvalidValue::AppToken),
        }
    }
}

impl TryFrom<String> for AppToken {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        Zeroizing::new(text).parse()
    }
}

impl From<AppToken> for String {
    fn from(token: AppToken) -> String {
        let octets = Zeroizing::new([token.0.as_slice(), &checksum(&token.0)].concat());
        let mut text = String::with_capacity(PREFIX.len() + CHARACTERS);
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(octets.as_slice(), &mut text);
        text
    }
}

/// Body of `POST /api/v1/account/tokens`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateAppToken {
    /// What the owner calls it.
    pub name: AppTokenName,
    /// What it may do.
    pub scopes: Scopes,
    /// So long it may do it.
    pub expires_in_days: AppTokenDays,
}

/// Answer of `POST /api/v1/account/tokens`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppTokenCreated {
    /// The token: told this once, and kept nowhere.
    pub token: AppToken,
    /// What the owner sees of it from now on.
    pub record: AppTokenRecord,
}

/// A token as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppTokenRecord {
    /// Its name in routes.
    pub id: AppTokenId,
    /// What the owner calls it.
    pub name: AppTokenName,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// When it was used last, up to a minute before, if it was.
    pub used: Option<Timestamp>,
}

/// Answer of `GET /api/v1/account/tokens`, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppTokenList {
    /// The caller's tokens that have not ended.
    pub tokens: Vec<AppTokenRecord>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    /// Tokens that people have must be read for ever.
    const PINNED: &str = "envelock_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBweIJl3Q";

    #[test]
    fn a_token_has_one_text_and_every_slip_is_seen() {
        let text = String::from(AppToken::from_octets([7; 32]));
        assert_eq!(text, PINNED);
        assert_eq!(text.parse::<AppToken>().unwrap().as_octets(), &[7; 32]);
        for place in 0..text.len() {
            let mut slip = text.clone().into_bytes();
            if let Some(octet) = slip.get_mut(place) {
                *octet = if *octet == b'x' { b'y' } else { b'x' };
            }
            let slip = String::from_utf8(slip).unwrap();
            assert!(slip.parse::<AppToken>().is_err(), "{slip}");
        }
        for bad in ["", "envelock_", &text.to_uppercase(), &format!("{text}="), &format!(" {text}")] {
            assert!(bad.parse::<AppToken>().is_err(), "{bad}");
        }
        assert_eq!(format!("{:?}", AppToken::from_octets([7; 32])), "AppToken(…)");
    }

    #[test]
    fn a_scope_is_written_as_it_is_serialised_and_a_list_is_not_empty() {
        for scope in Scope::ALL {
            assert_eq!(serde_json::to_string(scope).unwrap(), format!("\"{}\"", scope.as_str()));
            assert_eq!(scope.as_str().parse::<Scope>().unwrap(), *scope);
        }
        assert!("envelopes".parse::<Scope>().is_err());
        assert!(serde_json::from_str::<Scopes>("[]").is_err());
        assert!(serde_json::from_str::<Scopes>(r#"["account:write"]"#).is_err());
        let twice: Scopes = serde_json::from_str(r#"["keyring:read", "envelopes:read", "keyring:read"]"#).unwrap();
        assert_eq!(serde_json::to_string(&twice).unwrap(), r#"["envelopes:read","keyring:read"]"#);
    }
}
