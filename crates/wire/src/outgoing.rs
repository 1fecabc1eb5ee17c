//! Mail on its way out. The message travels as octets, not as JSON.

use crate::octets::OutgoingId;
use crate::timestamp::Timestamp;
use crate::validity::InvalidValue;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Request header of `POST /api/v1/outgoing`: addresses of recipients, each percent-encoded (RFC 3986 §2.1), with commas between them.
pub const RECIPIENTS_HEADER: &str = "envelock-recipients";

/// Answer of `POST /api/v1/outgoing`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OutgoingAccepted {
    /// What the message goes by from now on.
    pub id: OutgoingId,
}

/// Answer of `GET /api/v1/outgoing`: the latest hundred, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OutgoingList {
    /// The messages.
    pub messages: Vec<OutgoingMessage>,
}

/// One message, as far as it got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OutgoingMessage {
    /// What it goes by.
    pub id: OutgoingId,
    /// When it was taken.
    pub created: Timestamp,
    /// Octets.
    pub size: u64,
    /// Everybody it is for, in the order in which they were named.
    pub recipients: Vec<OutgoingRecipient>,
}

/// How far a message got to one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OutgoingRecipient {
    /// The address.
    pub address: String,
    /// How far.
    pub state: OutgoingState,
    /// When that was found out.
    pub changed: Timestamp,
    /// When it is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
    /// Why it is late, or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<OutgoingReason>,
    /// What the other server said, in its words: a stranger's, for people to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
}

/// How far a message got to one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OutgoingState {
    /// Not tried yet.
    Queued,
    /// Tried, and to be tried again.
    Delayed,
    /// The other server has it.
    Sent,
    /// It is not tried any more.
    Failed,
    /// Its writer took it back before it was sent.
    Withdrawn,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $code:literal,)*) => {
        /// Why a message is late, or failed. Nothing of it was sent in clear, whatever the reason.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum OutgoingReason {
            $($(#[$doc])* $variant,)*
        }

        impl OutgoingReason {
            /// Every reason there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The reason as it is written on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }
        }
    };
}

reasons! {
    /// The domain says that it takes no mail (RFC 7505).
    TakesNoMail = "takes-no-mail",
    /// There is no such domain, or it has no mail server.
    NoSuchDomain = "no-such-domain",
    /// DNS does not answer.
    DnsSilent = "dns-silent",
    /// What DNS says is not what the domain signed (DNSSEC).
    DnsBogus = "dns-bogus",
    /// The domain's policy names none of its servers (MTA-STS).
    AgainstPolicy = "against-policy",
    /// No server takes connections.
    Unreachable = "unreachable",
    /// The server offers no TLS, or the offer was taken out on the way.
    NoTls = "no-tls",
    /// The server offers TLS and does not begin it.
    TlsRefused = "tls-refused",
    /// Something was said in clear where TLS had to begin.
    Injected = "injected",
    /// TLS fails, for another reason than the certificate.
    TlsFailed = "tls-failed",
    /// The server's certificate is over.
    CertificateExpired = "certificate-expired",
    /// The server's certificate is for another name.
    CertificateName = "certificate-name",
    /// The server's certificate is of nobody who is known, or broken.
    CertificateUnknown = "certificate-unknown",
    /// The server's certificate is not the one that its domain names (DANE).
    NotByDane = "not-by-dane",
    /// The server refuses.
    Refused = "refused",
    /// The server speaks no SMTP, or breaks off.
    BrokenOff = "broken-off",
    /// The server does not offer what message or address need.
    Unsupported = "unsupported",
    /// The message is larger than the server takes.
    TooLarge = "too-large",
}

impl FromStr for OutgoingReason {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == text).ok_or(InvalidValue::UnknownReason)
    }
}

/// Answer of `GET /api/v1/outgoing/protection`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TransportProtection {
    /// What it travels under.
    pub transport: Transport,
}

/// How a message to a domain is protected on its way, as far as that can be told before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// DNSSEC vouches for the servers' keys (RFC 7672).
    Dane,
    /// The domain's policy names its servers (RFC 8461).
    MtaSts,
    /// TLS with a certificate for the name that DNS has.
    Tls,
    /// There is nobody who takes its mail.
    None,
    /// DNS does not say.
    Unknown,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn the_written_reason_is_the_serialised_one() {
        for reason in OutgoingReason::ALL {
            assert_eq!(serde_json::to_string(reason).unwrap(), format!("\"{}\"", reason.as_str()));
            assert_eq!(reason.as_str().parse::<OutgoingReason>().unwrap(), *reason);
        }
        assert!("x".parse::<OutgoingReason>().is_err());
    }
}
