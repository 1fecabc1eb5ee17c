//! Mail that arrived, and copies of what was sent. A message itself travels as octets, not as JSON.

use crate::octets::MailId;
use crate::timestamp::Timestamp;
use crate::validity::{InvalidValue, PageLimit};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::net::IpAddr;

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
    /// `weak-signature`, `part-of-body`, `author-unclear`, `bad-field-name`, `doubled-field`, `name-of-another`,
    /// `disguised-domain`, `looks-like-ours`, `not-checked-yet`; a newer server may know others.
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
    /// When it arrived; a copy: when it was stored.
    pub received_at: Timestamp,
    /// Octets as they arrived, without what the server writes on top.
    pub size: u64,
    /// Whether its owner has seen it.
    pub seen: bool,
    /// Whether message and summary are encrypted to their owner.
    pub sealed: bool,
    /// The fields From, Subject, Date, Message-ID, Content-Type, To and Cc of its header section, at most 8 KiB, in base64url; an OpenPGP
    /// message that holds them if it is sealed, and of a copy whatever its device encrypted.
    pub summary: String,
    /// How far what arrived can be relied on; absent of a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// Answer of `GET /api/v1/mailbox`, the latest first.
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

/// Most octets of a certificate that mail is encrypted to: those with post-quantum keys have some ten thousand.
const CERTIFICATE_BYTES: usize = 40 << 10;

/// 1 to 40 960 octets of an OpenPGP certificate (RFC 9580 §10.1), in base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = String, min_length = 2, max_length = 54614, pattern = "^[A-Za-z0-9_-]{2,54614}$")
)]
#[serde(try_from = "String", into = "String")]
pub struct CertificateOctets(Vec<u8>);

impl CertificateOctets {
    /// From the octets themselves.
    pub fn from_octets(octets: Vec<u8>) -> Self {
        Self(octets)
    }

    /// The octets themselves.
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<String> for CertificateOctets {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        let invalid =
            InvalidValue::TooLong { what: "a certificate", allowed: CERTIFICATE_BYTES, unit: "octets of base64url" };
        // Checked first, so that a huge text costs nothing.
        if text.is_empty() || text.len() > (CERTIFICATE_BYTES * 8).div_ceil(6) {
            return Err(invalid);
        }
        URL_SAFE_NO_PAD.decode(text).map(Self).map_err(|_| invalid)
    }
}

impl From<CertificateOctets> for String {
    fn from(certificate: CertificateOctets) -> String {
        URL_SAFE_NO_PAD.encode(certificate.0)
    }
}

/// Body of `PUT /api/v1/account/mailbox-certificate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MailboxCertificate {
    /// To what mail is to be encrypted.
    pub certificate: CertificateOctets,
}

/// Answer of `GET /api/v1/account/mailbox-certificate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MailboxCertificateState {
    /// To what mail is encrypted.
    pub certificate: CertificateOctets,
    /// Whether it is: false if it has expired, say, and mail stays as it comes.
    pub usable: bool,
}

/// Body of `POST /api/v1/inbound`: a message, and what SMTP would say of it (RFC 5321 §2.3.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InboundMail<'b> {
    /// Address of the mail server that brought it to whoever hands it over: SPF is asked about this one. Without it, SPF says nothing.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub client_address: Option<IpAddr>,
    /// What that server called itself (EHLO).
    #[serde(default)]
    pub client_name: Option<String>,
    /// Where failures are told (MAIL FROM); empty for such news itself.
    pub sender: String,
    /// Whom it is for (RCPT TO), 1 to 100.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    pub recipients: Vec<String>,
    /// The message (RFC 5322) as it came, its lines ended by CR LF, in base64 (RFC 4648 §4).
    #[serde(borrow)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, content_encoding = "base64"))]
    pub message: Cow<'b, str>,
}

/// Answer of `POST /api/v1/inbound`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InboundTaken {
    /// What became of it for each recipient, in their order.
    pub recipients: Vec<InboundOutcome>,
}

/// What became of a message for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum InboundOutcome {
    /// It is in the mailbox.
    Kept,
    /// There is no such mailbox: the sender is to be told.
    Unknown,
    /// Nobody can open the mailbox for now; it may be handed over once more, later.
    Closed,
    /// The mailbox has no room; likewise.
    Full,
}

/// Request header of `PUT /api/v1/mailbox/sent/{id}`: how many octets of the body are the summary, which comes first.
pub const SUMMARY_HEADER: &str = "envelock-summary";

/// What a list of mail is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum MailFolder {
    /// What arrived.
    #[default]
    Inbox,
    /// Copies of what was sent.
    Sent,
}

/// Query of `GET /api/v1/mailbox`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListMail {
    /// Of which messages; what arrived if absent.
    #[serde(default)]
    pub folder: MailFolder,
    /// Only those after this one in the list: `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<MailId>,
    /// Most messages of a page; 100 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<PageLimit>,
}
