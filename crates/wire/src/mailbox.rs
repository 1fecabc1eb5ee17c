//! Mail that arrived. A message itself travels as octets, not as JSON.

use crate::octets::MailId;
use crate::timestamp::Timestamp;
use crate::validity::PageLimit;
use serde::{Deserialize, Serialize};

/// How loudly to warn of a message. It is the server's word about domains, and says nothing about persons: signatures do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Alarm {
    /// It is probably forged: the domain in From disowns it.
    Red,
    /// It cannot be validated.
    Amber,
    /// It is not known yet: DNS is being asked, or did not answer.
    Grey,
    /// Not at all: the domain in From answers for it.
    None,
}

/// What SPF, DKIM and DMARC say of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// How loudly to warn.
    pub alarm: Alarm,
    /// Why; the first one weighs most. One of `aligned`, `disowned-by-policy`, `disowned-by-spf`, `fails-without-policy`,
    /// `probably-not-from-there`, `nothing-published`, `nothing-passes`, `only-another-domain`, `unreadable`, `no-answer`,
    /// `weak-signature`, `part-of-body`, `author-unclear`, `bad-field-name`, `not-checked-yet`; a newer server may know others.
    pub reasons: Vec<String>,
    /// What was found out; `null` until it has been.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub evidence: Option<serde_json::Value>,
}

/// One message, as far as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MailRecord {
    /// Its name in routes.
    pub id: MailId,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Octets as they arrived, without what the server writes on top.
    pub size: u64,
    /// Whether its owner has seen it.
    pub seen: bool,
    /// Whether message and summary are encrypted to their owner.
    pub sealed: bool,
    /// The fields From, Subject, Date, Message-ID, Content-Type, To and Cc of its header section, at most 8 KiB, in base64url.
    pub summary: String,
    /// How far it can be relied on.
    pub verdict: Verdict,
}

/// Answer of `GET /api/v1/mailbox`, what arrived last first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MailList {
    /// The caller's messages, or a page of them.
    pub messages: Vec<MailRecord>,
    /// If there are more: `before` of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<MailId>,
}

/// Query of `GET /api/v1/mailbox`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListMail {
    /// Only those after this one in the list: `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<MailId>,
    /// Most messages of a page; 100 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<PageLimit>,
}
