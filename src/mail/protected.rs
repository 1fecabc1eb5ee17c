//! Header fields inside the protection (RFC 9788), and how they compare with what the mail says outside.
//!
//! Read are RFC 9788's `hp` parameter with `HP-Outer`, and its forerunner `protected-headers="v1"`. A field inside is shown
//! instead of the one outside, with one exception: a `From` with another address counts only if the signer is shown to be
//! its owner (RFC 9788 §4.4), else anybody could have put it there.

use envelock_mime::mail::{Entity, Fields};

/// How a header field is protected. For `Signed` and `SignedEncrypted` there is a valid signature.
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
    /// What it should say there, as the inside has it; `None` if it should not be there.
    pub inner: Option<String>,
}

/// Fields that say how something is encoded, or belong to this mechanism: never shown as fields of the mail.
const STRUCTURAL: [&str; 5] =
    ["mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-id"];
const OWN: [&str; 2] = ["hp-outer", "autocrypt-gossip"];
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

/// The header fields of the protected payload.
#[derive(Debug, Clone)]
pub(super) struct Inside {
    fields: Vec<(String, String, String)>,
    outer: Option<Vec<(String, String)>>,
    /// The unfolded, not decoded values of `Autocrypt-Gossip`.
    pub(super) gossip: Vec<String>,
    /// The unfolded, not decoded `From`.
    pub(super) from: Option<String>,
    encrypted: bool,
}

impl Inside {
    /// Reads the payload's fields, if it says that they are protected.
    pub(super) fn of(payload: &Entity<'_>, encrypted: bool) -> Option<Self> {
        let hp = payload.content_type.parameter("hp");
        let is_new = matches!(hp, Some("clear" | "cipher"));
        if !is_new && payload.content_type.parameter("protected-headers") != Some("v1") {
            return None;
        }
        let named = payload.fields.iter().filter(|field| is_shown(field.name));
        let fields = named.map(|field| (field.name.to_owned(), field.decoded(), field.unfolded())).collect();
        let outer = (hp == Some("cipher")).then(|| {
            let lines = payload.fields.all("HP-Outer").filter_map(|field| {
                let (line, decoded) = (field.unfolded(), field.decoded());
                let name = line.split_once(':')?.0.trim().to_owned();
                Some((name, decoded.split_once(':')?.1.trim().to_owned()))
            });
            lines.collect()
        });
        let gossip = payload.fields.all("Autocrypt-Gossip").map(|field| field.unfolded()).collect();
        let from = payload.fields.only("From").map(|field| field.unfolded());
        Some(Self { fields, outer, gossip, from, encrypted })
    }

    /// What the field should say outside: `None` if it should not be there.
    fn expected(&self, name: &str, inner: &str) -> Option<String> {
        match &self.outer {
            Some(outer) => {
                let mut lines = outer.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
                lines.next().map(|(_, value)| value.clone())
            }
            None => Some(inner.to_owned()),
        }
    }

    /// The fields to show, and where inside and outside disagree. `trusts_from` says whether a `From` with another address
    /// than outside may be shown.
    pub(super) fn merge(
        &self,
        outside: &Fields<'_>,
        signed: bool,
        trusts_from: bool,
    ) -> (Vec<ShownField>, Vec<Mismatch>) {
        let (mut shown, mut mismatches) = (Vec::new(), Vec::new());
        for (name, value, _) in &self.fields {
            let actual = outside.only(name).map(|field| field.decoded());
            let expected = self.expected(name, value);
            // The forerunner did not say what it left outside; a stand-in for a hidden subject is no disagreement.
            let is_stand_in = self.outer.is_none() && self.encrypted && name.eq_ignore_ascii_case("subject");
            let compared = COMPARED.iter().any(|known| known.eq_ignore_ascii_case(name));
            if compared && !is_stand_in && !same(actual.as_deref(), expected.as_deref()) {
                mismatches.push(Mismatch { name: name.clone(), outer: actual.clone(), inner: expected.clone() });
            }
            if name.eq_ignore_ascii_case("from") && !trusts_from && !same(actual.as_deref(), Some(value)) {
                shown.extend(unprotected(outside, name));
                continue;
            }
            let outside_says = if self.outer.is_some() { expected } else { actual };
            let hidden = self.encrypted && !same(outside_says.as_deref(), Some(value));
            shown.push(ShownField {
                name: name.clone(),
                value: value.clone(),
                protection: FieldProtection::new(hidden, signed),
            });
        }
        let inside = |name: &str| self.fields.iter().any(|(known, ..)| known.eq_ignore_ascii_case(name));
        shown.extend(all_unprotected(outside).filter(|field| !inside(&field.name)));
        (shown, mismatches)
    }
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
    !STRUCTURAL.iter().chain(&OWN).any(|known| known.eq_ignore_ascii_case(name))
}

/// Mail servers fold anew: white space counts as one blank.
fn same(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.split_whitespace().eq(b.split_whitespace()),
        (None, None) => true,
        _ => false,
    }
}

/// The text of a part without the header lines its writer put in front for programs that know no protected headers (RFC 9788
/// §5.2): they are shown as header fields already.
pub(super) fn without_legacy_display(part: &Entity<'_>, text: String) -> String {
    let asks = part.content_type.parameter("hp-legacy-display") == Some("1");
    if !asks || part.content_type.mime_type != "text/plain" {
        return text;
    }
    let split = text.split_once("\r\n\r\n").or_else(|| text.split_once("\n\n"));
    match split {
        Some((lines, rest)) if lines.lines().all(|line| line.contains(": ")) => rest.to_owned(),
        _ => text,
    }
}

/// Whether a part is only there to show header fields in programs that know no protected ones (the forerunner's way).
pub(super) fn is_legacy_display(part: &Entity<'_>, encrypted: bool) -> bool {
    encrypted
        && part.content_type.parameter("protected-headers") == Some("v1")
        && matches!(part.content_type.mime_type.as_str(), "text/plain" | "text/rfc822-headers")
}
