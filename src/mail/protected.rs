//! Header fields inside the protection (RFC 9788), and how they compare with what the mail says outside.
//!
//! Read are RFC 9788's `hp` parameter with `HP-Outer`, and its forerunner `protected-headers="v1"`. A field inside is shown
//! instead of the one outside, with two exceptions: a `From` with another address counts only if the signer is shown to be
//! its owner (RFC 9788 §4.4), else anybody could have put it there; and what mail servers write is never taken from the inside.

use super::autocrypt::canonical;
use envelock_mime::mail::{Entity, Fields, mailboxes};
use std::collections::{HashMap, HashSet};

/// How a mail, a part or a header field is protected.
///
/// `Signed` and `SignedEncrypted` mean: by the author that is shown ([`Mail::from`](super::Mail::from)). There is a valid
/// signature by a certificate whose owner certifies that address, and no invalid one beside it. Signatures that say less,
/// as valid ones of somebody else, stand in the list of signatures only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldProtection {
    /// Anybody on the way could have written it.
    Unprotected,
    /// Signed, and readable outside.
    Signed,
    /// Only readable inside.
    Encrypted,
    /// Signed, and only readable inside.
    SignedEncrypted,
}

impl FieldProtection {
    /// Every value, for lists that must be complete.
    pub const ALL: [FieldProtection; 4] = [Self::Unprotected, Self::Signed, Self::Encrypted, Self::SignedEncrypted];

    /// Stable name for other languages: `unprotected`, `signed`, `encrypted`, `signed-and-encrypted`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unprotected => "unprotected",
            Self::Signed => "signed",
            Self::Encrypted => "encrypted",
            Self::SignedEncrypted => "signed-and-encrypted",
        }
    }

    pub(super) fn is_signed(self) -> bool {
        matches!(self, Self::Signed | Self::SignedEncrypted)
    }

    pub(super) fn new(encrypted: bool, signed: bool) -> Self {
        match (encrypted, signed) {
            (false, false) => Self::Unprotected,
            (false, true) => Self::Signed,
            (true, false) => Self::Encrypted,
            (true, true) => Self::SignedEncrypted,
        }
    }
}

/// A header field as it should be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownField {
    /// Its name as written.
    pub name: String,
    /// Its value on one line, encoded words decoded.
    pub value: String,
    /// How far to trust it.
    pub protection: FieldProtection,
}

/// A header field that says one thing inside the protection and another outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Its name as written inside.
    pub name: String,
    /// What the mail says outside, if anything.
    pub outer: Option<String>,
    /// What it should say there, as the inside has it; `None` if it should not be there at all.
    pub inner: Option<String>,
}

/// Fields that say how something is encoded, or belong to this mechanism: never shown as fields of the mail.
const STRUCTURAL: [&str; 5] =
    ["mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-id"];
const OWN: [&str; 2] = ["hp-outer", "autocrypt-gossip"];
/// Written by mail servers on the way. Inside of the protection only the sender can have put them.
const TRACE: [&str; 10] = [
    "return-path",
    "received",
    "received-spf",
    "delivered-to",
    "dkim-signature",
    "authentication-results",
    "arc-seal",
    "arc-message-signature",
    "arc-authentication-results",
    "x-spam-status",
];
/// The fields people and programs act on.
const COMPARED: [&str; 11] = [
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "reply-to",
    "sender",
    "message-id",
    "in-reply-to",
    "references",
    "followup-to",
];
/// What programs that write the forerunner put for a subject they hide: Thunderbird and K-9, Delta Chat, older Enigmail.
const STAND_INS: [&str; 4] = ["...", "[...]", "…", "Encrypted Message"];

/// A header field of the payload.
#[derive(Debug, Clone)]
struct InnerField {
    name: String,
    lower: String,
    /// As people read it.
    value: String,
    /// The same as [`words`].
    words: String,
    /// On one line, not decoded.
    unfolded: String,
}

/// What the payload says about the header fields outside.
#[derive(Debug, Clone)]
enum Scheme {
    /// `hp="cipher"`: they are those that `HP-Outer` lists, by name in lower case.
    Cipher(HashMap<String, String>),
    /// `hp="clear"`: they are the same, also where somebody encrypted the payload afterwards (RFC 9788 §2.1.1).
    Clear,
    /// `protected-headers="v1"`: nothing. A stand-in for the subject is expected.
    Forerunner,
}

/// The header fields of the protected payload.
#[derive(Debug, Clone)]
pub(super) struct Inside {
    fields: Vec<InnerField>,
    /// What they say, name by name.
    said: HashSet<(String, String)>,
    scheme: Scheme,
    /// The unfolded, not decoded `From`, if there is exactly one.
    pub(super) from: Option<String>,
    encrypted: bool,
}

impl Inside {
    /// Reads the payload's fields, if it says that they are protected.
    pub(super) fn of(payload: &Entity<'_>, encrypted: bool) -> Option<Self> {
        let hp = payload.content_type.parameter("hp").map(str::to_ascii_lowercase);
        let scheme = match hp.as_deref() {
            Some("cipher") => {
                let mut outer = HashMap::new();
                for field in payload.fields.all("HP-Outer") {
                    let (line, decoded) = (field.unfolded(), field.decoded());
                    if let (Some((name, _)), Some((_, value))) = (line.split_once(':'), decoded.split_once(':')) {
                        outer.entry(name.trim().to_ascii_lowercase()).or_insert_with(|| words(value));
                    }
                }
                Scheme::Cipher(outer)
            }
            Some("clear") => Scheme::Clear,
            _ if payload.content_type.parameter("protected-headers") == Some("v1") => Scheme::Forerunner,
            _ => return None,
        };
        let named = payload.fields.iter().filter(|field| is_shown(field.name) && !is_one_of(&TRACE, field.name));
        let fields: Vec<InnerField> = named
            .map(|field| InnerField {
                name: field.name.to_owned(),
                lower: field.name.to_ascii_lowercase(),
                value: field.decoded(),
                words: words(&field.decoded()),
                unfolded: field.unfolded(),
            })
            .collect();
        let said = fields.iter().map(|field| (field.lower.clone(), field.words.clone())).collect();
        let from = payload.fields.only("From").map(|field| field.unfolded());
        Some(Self { fields, said, scheme, from, encrypted })
    }

    /// What the field should say outside: `None` if it should not be there.
    fn expected<'s>(&'s self, lower: &str, inner: &'s str) -> Option<&'s str> {
        match &self.scheme {
            Scheme::Cipher(outer) => outer.get(lower).map(String::as_str),
            Scheme::Clear | Scheme::Forerunner => Some(inner),
        }
    }

    /// The fields to show, and where inside and outside disagree. `signed` says whether the author shown signed, `trusts_from`
    /// whether a `From` with another address than outside may be shown.
    pub(super) fn merge(
        &self,
        outside: &Fields<'_>,
        signed: bool,
        trusts_from: bool,
    ) -> (Vec<ShownField>, Vec<Mismatch>) {
        let outer = Outer::of(outside);
        let (mut shown, mut mismatches) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for InnerField { name, lower, value, words: inner, .. } in &self.fields {
            let (actual, expected) = (outer.only(lower), self.expected(lower, inner));
            let is_first = seen.insert(lower.as_str());
            if is_first && is_one_of(&COMPARED, lower) && actual != expected && !self.is_stand_in(lower, actual) {
                let [outer, inner] = [actual, expected].map(|said| said.map(str::to_owned));
                mismatches.push(Mismatch { name: name.clone(), outer, inner });
            }
            if lower == "from" && !trusts_from && actual != Some(inner) {
                shown.extend(unprotected(outside, name).filter(|_| is_first));
                continue;
            }
            let outside_says = if matches!(self.scheme, Scheme::Forerunner) { actual } else { expected };
            let hidden = self.encrypted && outside_says != Some(inner);
            let protection = FieldProtection::new(hidden, signed);
            shown.push(ShownField { name: name.clone(), value: value.clone(), protection });
        }
        shown.extend(all_unprotected(outside).filter(|field| !seen.contains(field.name.to_ascii_lowercase().as_str())));
        // The forerunner's writers repeat inside what they think fit; RFC 9788 §2.2 leaves nothing out.
        if !matches!(self.scheme, Scheme::Forerunner) {
            for (name, lower, value) in &outer.fields {
                let expected = self.expected(lower, "").filter(|expected| !expected.is_empty());
                if is_one_of(&COMPARED, lower) && expected != Some(value) && seen.insert(lower) {
                    let inner = expected.map(str::to_owned);
                    mismatches.push(Mismatch { name: name.clone(), outer: Some(value.clone()), inner });
                }
            }
        }
        (shown, mismatches)
    }

    /// Whether what stands outside is no more than the forerunner's way to hide the subject.
    fn is_stand_in(&self, lower: &str, actual: Option<&str>) -> bool {
        let is_known = |actual: &str| STAND_INS.iter().any(|known| known.eq_ignore_ascii_case(actual));
        matches!(self.scheme, Scheme::Forerunner)
            && self.encrypted
            && lower == "subject"
            && actual.is_some_and(is_known)
    }

    /// The text without the header lines that its writer put in front for programs that know no protected header fields (RFC 9788
    /// §5.2). Only lines that say what the fields say, so that nothing is hidden.
    pub(super) fn without_legacy_display(&self, part: &Entity<'_>, text: String) -> String {
        let asks = part.content_type.parameter("hp-legacy-display") == Some("1");
        if !asks || part.content_type.mime_type != "text/plain" || !matches!(self.scheme, Scheme::Cipher(_)) {
            return text;
        }
        let split = text.split_once("\r\n\r\n").or_else(|| text.split_once("\n\n"));
        let repeats = |line: &str| {
            let said = line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), words(value)));
            said.is_some_and(|said| self.said.contains(&said))
        };
        match split {
            Some((lines, rest)) if lines.lines().all(repeats) => rest.to_owned(),
            _ => text,
        }
    }

    /// Whether the first part of the payload is only there to show header fields in programs that know no protected ones (the
    /// forerunner's way): nothing in it but lines of fields that the payload has.
    pub(super) fn is_legacy_display(&self, part: &Entity<'_>) -> bool {
        let is_so_called = self.encrypted
            && matches!(self.scheme, Scheme::Forerunner)
            && part.content_type.parameter("protected-headers") == Some("v1")
            && matches!(part.content_type.mime_type.as_str(), "text/plain" | "text/rfc822-headers");
        let names: HashSet<&str> = self.fields.iter().map(|field| field.lower.as_str()).collect();
        let is_field = |line: &str| {
            let name = line.split_once(':').map(|(name, _)| name.to_ascii_lowercase());
            line.trim().is_empty() || name.is_some_and(|name| names.contains(name.as_str()))
        };
        is_so_called && String::from_utf8_lossy(&part.data()).lines().all(is_field)
    }

    /// The values of a field inside, unfolded and not decoded.
    fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        let named = self.fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name));
        named.map(|field| field.unfolded.as_str())
    }
}

/// The fields outside: name as written and in lower case, value as [`words`] has it.
struct Outer {
    fields: Vec<(String, String, String)>,
    /// Where the field of a name is, if there is exactly one.
    only: HashMap<String, Option<usize>>,
}

impl Outer {
    fn of(outside: &Fields<'_>) -> Self {
        let (mut fields, mut only) = (Vec::new(), HashMap::new());
        for field in outside.iter() {
            let lower = field.name.to_ascii_lowercase();
            let place = Some(fields.len());
            only.entry(lower.clone()).and_modify(|place| *place = None).or_insert(place);
            fields.push((field.name.to_owned(), lower, words(&field.decoded())));
        }
        Self { fields, only }
    }

    fn only(&self, lower: &str) -> Option<&str> {
        let place = self.only.get(lower).copied().flatten()?;
        self.fields.get(place).map(|(.., value)| value.as_str())
    }
}

/// The addresses of the recipients that everybody sees, in the form that spellings have in common: those inside, else those outside.
pub(super) fn recipients(inside: Option<&Inside>, outside: &Fields<'_>) -> HashSet<String> {
    let mut found = HashSet::new();
    for name in ["To", "Cc"] {
        let mut values: Vec<String> = inside.iter().flat_map(|inside| inside.all(name)).map(str::to_owned).collect();
        if values.is_empty() {
            values.extend(outside.all(name).map(|field| field.unfolded()));
        }
        let people = values.iter().flat_map(|value| mailboxes(value));
        found.extend(people.map(|mailbox| canonical(&mailbox.address)));
    }
    found
}

/// The fields of a mail without protected ones.
pub(super) fn all_unprotected<'f>(outside: &'f Fields<'_>) -> impl Iterator<Item = ShownField> + 'f {
    outside.iter().filter(|field| is_shown(field.name)).map(|field| ShownField {
        name: field.name.to_owned(),
        value: field.decoded(),
        protection: FieldProtection::Unprotected,
    })
}

fn unprotected(outside: &Fields<'_>, name: &str) -> Option<ShownField> {
    let field = outside.only(name)?;
    Some(ShownField { name: field.name.to_owned(), value: field.decoded(), protection: FieldProtection::Unprotected })
}

fn is_shown(name: &str) -> bool {
    !is_one_of(&STRUCTURAL, name) && !is_one_of(&OWN, name)
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Mail servers fold anew: white space counts as one blank.
fn words(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for word in value.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
