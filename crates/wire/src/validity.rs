//! Numbers with a range, and the one error every invalid value ends in.

use crate::limits::{APP_TOKEN_DAYS, MAX_EXPIRY_SECONDS, MAX_OPENINGS, MAX_PAGE, MIN_EXPIRY_SECONDS, PAGE};
use serde::{Deserialize, Serialize};

/// Why a value was refused; the text is fit to show to whoever sent it and repeats nothing they sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidValue {
    /// Not exactly `octets` octets in unpadded canonical base64url (RFC 4648 §5).
    #[error("{what} must be {octets} octets in base64url without padding")]
    Octets {
        /// What the value is, for example "a salt".
        what: &'static str,
        /// Its length in octets.
        octets: usize,
    },
    /// The text is longer than allowed.
    #[error("{what} may have at most {allowed} {unit}")]
    TooLong {
        /// What the text is.
        what: &'static str,
        /// The limit.
        allowed: usize,
        /// What the limit counts.
        unit: &'static str,
    },
    /// The text is empty, or nothing but spaces.
    #[error("{what} must not be empty")]
    Empty {
        /// What the text is.
        what: &'static str,
    },
    /// The text holds control characters.
    #[error("{what} must not hold control characters or others that disguise text")]
    ControlCharacter {
        /// What the text is.
        what: &'static str,
    },
    /// The number is outside its range.
    #[error("{what} must be between {min} and {max}")]
    OutOfRange {
        /// What the number is.
        what: &'static str,
        /// Smallest allowed value.
        min: u32,
        /// Largest allowed value.
        max: u32,
    },
    /// The profile is not one this version knows.
    #[error("profile must be 1: update the server or the client")]
    UnknownProfile,
    /// Not an app token, or one that was mistyped.
    #[error("an app token is envelock_ and 48 characters of base64url, the last of which are a checksum")]
    AppToken,
    /// Nothing that a token may be allowed.
    #[error("no such scope")]
    UnknownScope,
    /// Nothing that keeps a message from arriving.
    #[error("no such reason")]
    UnknownReason,
    /// Not an RFC 3339 time.
    #[error("a time must be written as RFC 3339 says, for example 2026-01-31T12:00:00Z")]
    Time,
}

/// Version of the fixed envelope parameters (Argon2id t=3, p=4, 64 MiB; AES-256-GCM). Only 1 exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = u8, minimum = 1, maximum = 1))]
#[serde(try_from = "u8", into = "u8")]
pub struct Profile(u8);

impl Profile {
    /// The profile this version knows.
    pub const V1: Profile = Profile(1);
}

impl TryFrom<u8> for Profile {
    type Error = InvalidValue;

    fn try_from(value: u8) -> Result<Self, InvalidValue> {
        if value == 1 { Ok(Profile(value)) } else { Err(InvalidValue::UnknownProfile) }
    }
}

impl From<Profile> for u8 {
    fn from(profile: Profile) -> u8 {
        profile.0
    }
}

/// A life time in seconds, from one hour to 365 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = u32, minimum = 3600, maximum = 31_536_000))]
#[serde(try_from = "u32", into = "u32")]
pub struct ExpirySeconds(u32);

impl ExpirySeconds {
    /// Seven days.
    pub const DEFAULT: ExpirySeconds = ExpirySeconds(crate::limits::DEFAULT_EXPIRY_SECONDS);
}

impl TryFrom<u32> for ExpirySeconds {
    type Error = InvalidValue;

    fn try_from(value: u32) -> Result<Self, InvalidValue> {
        if (MIN_EXPIRY_SECONDS..=MAX_EXPIRY_SECONDS).contains(&value) {
            Ok(ExpirySeconds(value))
        } else {
            Err(InvalidValue::OutOfRange { what: "expiresInSeconds", min: MIN_EXPIRY_SECONDS, max: MAX_EXPIRY_SECONDS })
        }
    }
}

impl From<ExpirySeconds> for u32 {
    fn from(expiry: ExpirySeconds) -> u32 {
        expiry.0
    }
}

impl From<ExpirySeconds> for i64 {
    fn from(expiry: ExpirySeconds) -> i64 {
        i64::from(expiry.0)
    }
}

/// A life time of an app token in days, from one to 365.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = u32, minimum = 1, maximum = 365))]
#[serde(try_from = "u32", into = "u32")]
pub struct AppTokenDays(u32);

impl TryFrom<u32> for AppTokenDays {
    type Error = InvalidValue;

    fn try_from(value: u32) -> Result<Self, InvalidValue> {
        if (1..=APP_TOKEN_DAYS).contains(&value) {
            Ok(AppTokenDays(value))
        } else {
            Err(InvalidValue::OutOfRange { what: "expiresInDays", min: 1, max: APP_TOKEN_DAYS })
        }
    }
}

impl From<AppTokenDays> for u32 {
    fn from(days: AppTokenDays) -> u32 {
        days.0
    }
}

impl From<AppTokenDays> for i64 {
    fn from(days: AppTokenDays) -> i64 {
        i64::from(days.0)
    }
}

/// How often an envelope may be opened, when that is counted at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = u32, minimum = 1, maximum = 1000))]
#[serde(try_from = "u32", into = "u32")]
pub struct MaxOpenings(u32);

impl MaxOpenings {
    /// Opened once, then gone.
    pub const ONCE: MaxOpenings = MaxOpenings(1);
}

impl TryFrom<u32> for MaxOpenings {
    type Error = InvalidValue;

    fn try_from(value: u32) -> Result<Self, InvalidValue> {
        if (1..=MAX_OPENINGS).contains(&value) {
            Ok(MaxOpenings(value))
        } else {
            Err(InvalidValue::OutOfRange { what: "maxOpenings", min: 1, max: MAX_OPENINGS })
        }
    }
}

impl From<MaxOpenings> for u32 {
    fn from(openings: MaxOpenings) -> u32 {
        openings.0
    }
}

/// How many envelopes a page of the list may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = u32, minimum = 1, maximum = 500))]
#[serde(try_from = "u32", into = "u32")]
pub struct PageLimit(u32);

impl Default for PageLimit {
    fn default() -> Self {
        PageLimit(PAGE)
    }
}

impl TryFrom<u32> for PageLimit {
    type Error = InvalidValue;

    fn try_from(value: u32) -> Result<Self, InvalidValue> {
        if (1..=MAX_PAGE).contains(&value) {
            Ok(PageLimit(value))
        } else {
            Err(InvalidValue::OutOfRange { what: "limit", min: 1, max: MAX_PAGE })
        }
    }
}

impl From<PageLimit> for u32 {
    fn from(limit: PageLimit) -> u32 {
        limit.0
    }
}
