//! The Autocrypt header (Autocrypt Level 1.1.0, §2.1): a sender's certificate in every mail.
//!
//! It is learned from whoever could send the mail and proves nothing. Headers that are malformed, more than one, or for
//! another address than the sender's are ignored, as the specification says.

use super::error::MailError;
use crate::{Address, Certificate, Limits, Policy};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use envelock_mime::mail::{Entity, MailLimits, mailboxes};
use pgp::types::Timestamp;
use std::collections::{HashMap, HashSet};

/// Longest header that is read, in octets. The specification asks senders for 10 KiB at most; keys of 2048 signatures come.
const LONGEST: usize = 64 << 10;

/// The content of an `Autocrypt` or `Autocrypt-Gossip` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutocryptHeader {
    /// The address the certificate is for.
    pub address: String,
    /// The sender wishes for encryption by default (`prefer-encrypt=mutual`).
    pub prefers_encryption: bool,
    /// The certificate.
    pub certificate: Certificate,
}

/// Why a mail teaches no certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ignored {
    /// There is no Autocrypt header.
    None,
    /// There are several sound ones.
    Several,
    /// The only ones there are cannot be read, or have a critical attribute unknown here.
    Malformed,
    /// It is for another address than the one the mail is from, or the mail is from several.
    OtherSender,
    /// A report by a mail server (`multipart/report`), not by the sender.
    Report,
}

impl Ignored {
    /// Every value, for lists that must be complete.
    pub const ALL: [Ignored; 5] = [Self::None, Self::Several, Self::Malformed, Self::OtherSender, Self::Report];

    /// Stable name for other languages: `none`, `several`, `malformed`, `other-sender`, `report`.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Several => "several",
            Self::Malformed => "malformed",
            Self::OtherSender => "other-sender",
            Self::Report => "report",
        }
    }
}

impl AutocryptHeader {
    /// The header for a sender: the certificate reduced to the user ID with that address and to what is needed to encrypt
    /// and to verify. `None` if no valid user ID has the address, or no header can: the half before the `@` is not ASCII.
    pub fn of_sender(
        certificate: &Certificate,
        address: &str,
        prefers_encryption: bool,
        policy: &Policy,
        at: Timestamp,
    ) -> Option<Self> {
        let address = Address::parse(address)?;
        let checked = certificate.at(policy, at);
        let valid = checked.user_ids().iter().filter(|id| id.status().is_valid()).filter_map(|id| id.text());
        let own = |text: &&str| Address::of_user_id(text).is_some_and(|found| found.is_same(&address));
        let user_ids: Vec<String> = valid.filter(own).map(str::to_owned).collect();
        if user_ids.is_empty() {
            return None;
        }
        let certificate = certificate.minimize(Some(&user_ids), policy, at);
        Some(Self { address: address.for_header()?, prefers_encryption, certificate })
    }

    /// Reads the value of a header. `None` if it is malformed.
    pub fn parse(value: &str, limits: &Limits) -> Option<Self> {
        if value.len() > LONGEST {
            return None;
        }
        let (mut address, mut prefers_encryption, mut keydata) = (None, false, None);
        for attribute in value.split(';').filter(|attribute| !attribute.trim().is_empty()) {
            let (name, value) = attribute.split_once('=')?;
            let value = value.trim();
            match name.trim() {
                "addr" if address.is_none() => address = Some(Address::parse(value)?.to_string()),
                "prefer-encrypt" => prefers_encryption = value == "mutual",
                "keydata" if keydata.is_none() => keydata = Some(value),
                // Attributes with an underscore may be passed over, others are critical.
                name if name.starts_with('_') => {}
                _ => return None,
            }
        }
        let keydata: String = keydata?.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let certificate = Certificate::parse(&STANDARD.decode(keydata).ok()?, limits).ok()?;
        Some(Self { address: address?, prefers_encryption, certificate })
    }

    /// The value for a header, on one line.
    pub fn value(&self) -> String {
        let prefer = if self.prefers_encryption { " prefer-encrypt=mutual;" } else { "" };
        format!("addr={};{prefer} keydata={}", self.address, STANDARD.encode(self.certificate.to_bytes()))
    }

    /// The whole header field, folded, with its line end.
    pub(super) fn field(&self) -> String {
        let prefer = if self.prefers_encryption { " prefer-encrypt=mutual;" } else { "" };
        self.folded(&format!("Autocrypt: addr={};{prefer}", self.address))
    }

    /// The same for gossip, which says nothing about what the other one prefers.
    pub(super) fn gossip_field(&self) -> String {
        self.folded(&format!("Autocrypt-Gossip: addr={};", self.address))
    }

    fn folded(&self, begin: &str) -> String {
        let mut out = format!("{begin} keydata=");
        let keydata = STANDARD.encode(self.certificate.to_bytes());
        let mut rest = keydata.as_str();
        while !rest.is_empty() {
            // Base64 is ASCII, so that any position is a character boundary.
            let (line, after) = rest.split_at(rest.len().min(76));
            out.push_str("\r\n ");
            out.push_str(line);
            rest = after;
        }
        out.push_str("\r\n");
        out
    }
}

/// What the gossip in a mail teaches about its recipients: each address in To or Cc that exactly one sound header is for. Others
/// are ignored, since a sender has no business to speak for people who did not get the mail.
pub(super) fn of_gossip(values: &[String], recipients: &HashSet<String>, limits: &Limits) -> Vec<AutocryptHeader> {
    let mut found: Vec<AutocryptHeader> = Vec::new();
    let mut times: HashMap<String, usize> = HashMap::new();
    for value in values {
        let Some(header) = AutocryptHeader::parse(value, limits) else { continue };
        let address = canonical(&header.address);
        if recipients.contains(&address) {
            *times.entry(address).or_default() += 1;
            found.push(AutocryptHeader { prefers_encryption: false, ..header });
        }
    }
    found.retain(|header| times.get(&canonical(&header.address)) == Some(&1));
    found
}

/// What all spellings of an address have in common.
pub(super) fn canonical(address: &str) -> String {
    Address::parse(address).map_or_else(|| address.to_ascii_lowercase(), |address| address.canonical())
}

/// What a mail teaches about its sender.
///
/// # Errors
/// [`MailError`] if the header section cannot be read.
pub fn of_mail(mail: &[u8], limits: &Limits) -> Result<Result<AutocryptHeader, Ignored>, MailError> {
    Ok(of_entity(&Entity::parse(mail, &MailLimits::default())?, limits))
}

pub(super) fn of_entity(mail: &Entity<'_>, limits: &Limits) -> Result<AutocryptHeader, Ignored> {
    if mail.content_type.mime_type == "multipart/report" {
        return Err(Ignored::Report);
    }
    let values: Vec<String> = mail.fields.all("Autocrypt").map(|field| field.unfolded()).collect();
    if values.is_empty() {
        return Err(Ignored::None);
    }
    let mut sound = values.iter().filter_map(|value| AutocryptHeader::parse(value, limits));
    let header = sound.next().ok_or(Ignored::Malformed)?;
    if sound.next().is_some() {
        return Err(Ignored::Several);
    }
    let from = mail.fields.only("From").map(|field| mailboxes(&field.unfolded())).unwrap_or_default();
    let [from] = from.as_slice() else { return Err(Ignored::OtherSender) };
    if canonical(&from.address) == canonical(&header.address) { Ok(header) } else { Err(Ignored::OtherSender) }
}
