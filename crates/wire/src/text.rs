//! Text a sender stores with an envelope.

use crate::limits::{HINT_CHARS, NOTE_BYTES};
use crate::validity::InvalidValue;
use serde::{Deserialize, Serialize};

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
}
