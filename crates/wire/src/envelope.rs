//! What the sender of an envelope says and sees.

use crate::octets::{EnvelopeId, Salt, TokenHash};
use crate::text::{Hint, Note};
use crate::timestamp::Timestamp;
use crate::validity::{ExpirySeconds, MaxOpenings, PageLimit, Profile};
use serde::{Deserialize, Serialize};

/// Body of `POST /api/v1/envelopes`: announces an envelope whose ciphertext follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateEnvelope {
    /// Version of the fixed parameters.
    pub profile: Profile,
    /// The Argon2 salt, the same as in the ciphertext.
    pub salt: Salt,
    /// Whether the password alone does not open it.
    pub link_secret: bool,
    /// SHA-256 of the access token.
    pub token_hash: TokenHash,
    /// Password hint, stored in clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
    /// Life time from now; seven days if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_seconds: Option<ExpirySeconds>,
    /// How often it may be opened: once if absent, without limit if `null`.
    #[serde(default = "once")]
    pub max_openings: Option<MaxOpenings>,
    /// Octets of the ciphertext that follows.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub size: u64,
    /// The sender's note to themselves, encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
}

// Wrapped because absent means once while `null` means without limit.
#[allow(clippy::unnecessary_wraps)]
fn once() -> Option<MaxOpenings> {
    Some(MaxOpenings::ONCE)
}

/// Body of `PATCH /api/v1/envelopes/{id}`; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeEnvelope {
    /// New life time from now. The end is never later than 365 days after creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_seconds: Option<ExpirySeconds>,
    /// `true` gives a locked envelope its ten tries back, and counts lapsed leases anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlock: Option<bool>,
}

/// Where an envelope is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum EnvelopeState {
    /// Announced; the ciphertext has not arrived.
    Uploading,
    /// Can be opened.
    Sealed,
    /// Ten wrong tokens, or handed out three times without a confirmation: closed until the sender unlocks it.
    Locked,
    /// Opened as often as allowed; the ciphertext is gone.
    Opened,
    /// Its time is over; the ciphertext is gone.
    Expired,
    /// Taken back by the sender; the ciphertext is gone.
    Withdrawn,
}

/// An envelope as its sender sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnvelopeRecord {
    /// Its name in the link.
    pub id: EnvelopeId,
    /// Where it is in its life.
    pub state: EnvelopeState,
    /// When it was announced.
    pub created: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
    /// Octets of ciphertext.
    pub size: u64,
    /// Password hint, if there is one; forgotten when the envelope ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
    /// Whether the password alone does not open it.
    pub link_secret: bool,
    /// How often it may be opened; `null` is without limit.
    pub max_openings: Option<MaxOpenings>,
    /// Confirmed openings so far.
    pub openings: u32,
    /// Wrong tokens left before it locks.
    pub tries_left: u32,
    /// Replies received.
    pub replies: u32,
    /// The sender's note, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// When it was first opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    /// How often it was handed out to somebody with link and password who did not confirm while they could, since it was unlocked.
    pub lapsed_leases: u32,
    /// When the last of these could not be confirmed any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lapsed_lease_at: Option<Timestamp>,
}

/// Answer of `GET /api/v1/envelopes`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnvelopeList {
    /// The caller's envelopes, or a page of them.
    pub envelopes: Vec<EnvelopeRecord>,
    /// If there are more: `before` of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<EnvelopeId>,
}

/// Query of `GET /api/v1/envelopes`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListEnvelopes {
    /// Only those after this one in the list: `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<EnvelopeId>,
    /// Most envelopes of a page; 100 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<PageLimit>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    const SMALLEST: &str = r#"{"profile":1,"salt":"AAECAwQFBgcICQoLDA0ODw","linkSecret":true,
        "tokenHash":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","size":9"#;

    fn parse(more: &str) -> Result<CreateEnvelope, serde_json::Error> {
        serde_json::from_str(&format!("{SMALLEST}{more}}}"))
    }

    #[test]
    fn openings_default_to_once_and_null_is_without_limit() {
        assert_eq!(parse("").unwrap().max_openings, Some(MaxOpenings::ONCE));
        assert_eq!(parse(r#","maxOpenings":null"#).unwrap().max_openings, None);
        assert!(parse(r#","maxOpenings":0"#).is_err());
    }

    #[test]
    fn unknown_fields_and_short_lives_are_refused() {
        assert!(parse(r#","password":"x""#).is_err());
        assert!(parse(r#","expiresInSeconds":3599"#).is_err());
        assert!(parse(r#","expiresInSeconds":3600"#).is_ok());
    }
}
