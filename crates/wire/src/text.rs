//! Text that people type: what a sender stores with an envelope, what an owner calls a passkey or an app token, codes.

use crate::limits::{APP_TOKEN_NAME_CHARS, CODE_CHARS, HINT_CHARS, NOTE_BYTES, PASSKEY_NAME_CHARS};
use crate::validity::InvalidValue;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A password hint: at most 200 characters on one line, stored in clear and shown to whoever has the link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, max_length = 200))]
#[serde(try_from = "String", into = "String")]
pub struct Hint(String);

impl TryFrom<String> for Hint {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        if text.chars().count() > HINT_CHARS {
            return Err(InvalidValue::TooLong { what: "a hint", allowed: HINT_CHARS, unit: "characters" });
        }
        if text.chars().any(|c| c.is_control() || disguises(c)) {
            return Err(InvalidValue::ControlCharacter { what: "a hint" });
        }
        Ok(Hint(text))
    }
}

impl From<Hint> for String {
    fn from(hint: Hint) -> String {
        hint.0
    }
}

impl Hint {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters that break lines or turn the direction of what follows (Unicode TR #9), so that a hint reads as another.
fn disguises(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A sender's note to themselves: an armored message only they can read, at most 16 KiB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, max_length = 16_384))]
#[serde(try_from = "String", into = "String")]
pub struct Note(String);

impl TryFrom<String> for Note {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        if text.len() > NOTE_BYTES {
            return Err(InvalidValue::TooLong { what: "a note", allowed: NOTE_BYTES, unit: "octets" });
        }
        // Armor is ASCII (RFC 9580 §6).
        if text.chars().any(|c| !c.is_ascii() || c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(InvalidValue::ControlCharacter { what: "a note" });
        }
        Ok(Note(text))
    }
}

impl From<Note> for String {
    fn from(note: Note) -> String {
        note.0
    }
}

impl Note {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the owner calls a passkey: one line of 1 to 60 characters that are not all spaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, min_length = 1, max_length = 60))]
#[serde(try_from = "String", into = "String")]
pub struct PasskeyName(String);

impl TryFrom<String> for PasskeyName {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        check_name(&text, "a name of a passkey", PASSKEY_NAME_CHARS)?;
        Ok(PasskeyName(text))
    }
}

/// One line that can be read as what it is.
fn check_name(text: &str, what: &'static str, allowed: usize) -> Result<(), InvalidValue> {
    if text.chars().count() > allowed {
        return Err(InvalidValue::TooLong { what, allowed, unit: "characters" });
    }
    if text.chars().any(|c| c.is_control() || disguises(c)) {
        return Err(InvalidValue::ControlCharacter { what });
    }
    if text.trim().is_empty() {
        return Err(InvalidValue::Empty { what });
    }
    Ok(())
}

impl From<PasskeyName> for String {
    fn from(name: PasskeyName) -> String {
        name.0
    }
}

impl PasskeyName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the owner calls an app token: one line of 1 to 60 characters that are not all spaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, min_length = 1, max_length = 60))]
#[serde(try_from = "String", into = "String")]
pub struct AppTokenName(String);

impl TryFrom<String> for AppTokenName {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        check_name(&text, "a name of an app token", APP_TOKEN_NAME_CHARS)?;
        Ok(AppTokenName(text))
    }
}

impl From<AppTokenName> for String {
    fn from(name: AppTokenName) -> String {
        name.0
    }
}

impl AppTokenName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A code as somebody typed it, of an app or for recovery: at most 64 characters.
///
/// A secret: erased when dropped, never shown by `Debug`.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, max_length = 64))]
#[serde(try_from = "String", into = "String")]
pub struct Code(String);

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl TryFrom<String> for Code {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        let code = Code(text);
        if code.0.chars().count() > CODE_CHARS {
            return Err(InvalidValue::TooLong { what: "a code", allowed: CODE_CHARS, unit: "characters" });
        }
        Ok(code)
    }
}

impl From<Code> for String {
    fn from(mut code: Code) -> String {
        std::mem::take(&mut code.0)
    }
}

impl Code {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn a_hint_counts_characters_not_octets() {
        assert!(Hint::try_from("ü".repeat(200)).is_ok());
        assert!(Hint::try_from("u".repeat(201)).is_err());
        for bad in ["two\nlines", "tab\t", "\u{202e}terces", "\u{2066}x", "x\u{2028}y", "\u{7f}"] {
            assert!(Hint::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_note_may_have_lines_but_no_nul() {
        assert!(Note::try_from("-----BEGIN PGP MESSAGE-----\r\n".to_owned()).is_ok());
        assert!(Note::try_from("a\0b".to_owned()).is_err());
        assert!(Note::try_from("a\u{202e}b".to_owned()).is_err());
        assert!(Note::try_from("a".repeat(16_385)).is_err());
    }

    #[test]
    fn a_passkey_has_a_name_that_can_be_read() {
        assert!(PasskeyName::try_from("Annas Schlüssel".to_owned()).is_ok());
        assert!(PasskeyName::try_from("ü".repeat(60)).is_ok());
        let long = "u".repeat(61);
        for bad in ["", "  ", "two\nlines", "\u{202e}terces", long.as_str()] {
            assert!(PasskeyName::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
