//! What was found out about where a message came from, as it is stored and shown.

use serde::{Deserialize, Serialize};

/// Everything that was found out about one message. Data about data: it decides nothing, [`grade`](super::grade()) does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The domain of the one address in From, as A-labels in lower case; `None` if there is not exactly one.
    pub author_domain: Option<String>,
    /// SPF (RFC 7208).
    pub spf: Spf,
    /// DKIM (RFC 6376), one for each signature, in the order of the message.
    pub dkim: Vec<Dkim>,
    /// DMARC (RFC 9989).
    pub dmarc: Dmarc,
    /// What is odd about the header.
    pub oddities: Vec<Oddity>,
}

/// Result of a check by SPF or DKIM (RFC 8601 §2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckResult {
    /// It holds.
    Pass,
    /// It does not hold, and the domain says that it would if the message were its own.
    Fail,
    /// Probably not of that domain (SPF only).
    SoftFail,
    /// The domain says nothing about this, or the check could not be made and never will be.
    Neutral,
    /// Nothing to check.
    None,
    /// DNS did not answer; later it may.
    TempError,
    /// What DNS or the message says cannot be understood.
    PermError,
}

/// Which name SPF was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpfIdentity {
    /// The domain of MAIL FROM.
    MailFrom,
    /// The name the client gave itself: of messages without a sender, as bounces are.
    Helo,
}

/// Result of SPF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spf {
    /// What came out.
    pub result: CheckResult,
    /// Which name was asked about.
    pub identity: SpfIdentity,
    /// That name.
    pub domain: String,
    /// It is aligned with the domain in From.
    pub aligned: bool,
}

/// Result of one DKIM signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dkim {
    /// What came out.
    pub result: CheckResult,
    /// Who signed (`d=`).
    pub domain: String,
    /// With which key (`s=`).
    pub selector: String,
    /// It is aligned with the domain in From.
    pub aligned: bool,
    /// What makes it worth less.
    pub weaknesses: Vec<Weakness>,
}

/// What makes a signature worth less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weakness {
    /// SHA-1 (RFC 8301).
    Sha1,
    /// RSA with fewer than 2048 bits (RFC 8301 §3.2 tells signers to have as many).
    ShortKey,
    /// Only the beginning of the body is signed (`l=`): anybody may have added to it (RFC 6376 §8.2).
    PartOfBody,
    /// From is not among the fields that are signed.
    FromUnsigned,
}

/// What the domain's owner asks for with messages that fail DMARC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DmarcPolicy {
    /// Nothing.
    None,
    /// To be suspicious.
    Quarantine,
    /// Not to take them.
    Reject,
}

/// Result of DMARC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dmarc {
    /// `Pass`, `Fail`, `None` (the domain publishes nothing), `TempError`, `PermError`.
    pub result: CheckResult,
    /// What the domain asks for, if it publishes anything.
    pub policy: Option<DmarcPolicy>,
}

/// What is odd about a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Oddity {
    /// No From, or no address in it.
    NoAuthor,
    /// From twice.
    SeveralFrom,
    /// Several addresses in From.
    SeveralAuthors,
    /// A field name with octets that no name has: programs differ in what they take it for.
    BadFieldName,
    /// A field that there may be once (RFC 5322 §3.6) is there again: programs differ in which one they show, and a signature covers one of
    /// them (RFC 6376 §8.15).
    DoubledField,
    /// The name in From shows an address in another domain.
    NameOfAnother,
    /// The domain is written to look like another one: scripts that no language mixes, or letters that look like ASCII (UTS #39).
    DisguisedDomain,
    /// The domain could be taken for one of this server's.
    LooksLikeOurs,
}
