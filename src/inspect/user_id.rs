//! The text of a user ID (RFC 9580 §5.11): its name and address, and what in it may deceive who reads it.

use crate::address::{Address, is_like_at};

/// A user ID, taken apart by the convention `Name <address>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserIdParts {
    /// What stands before the address; without a comment.
    pub name: String,
    /// The address, by the rule of [`Address::of_user_id`].
    pub email: Option<String>,
}

/// What in a user ID may deceive a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserIdWarning {
    /// Octets that are not UTF-8.
    NotUtf8,
    /// Control characters, line ends among them.
    Control,
    /// Characters that turn the direction of the text.
    Bidirectional,
    /// Characters that nobody sees, or that look like a space.
    Invisible,
    /// A word of letters of several alphabets that look alike, such as Latin and Cyrillic.
    MixedScript,
    /// More than one address: programs differ in which they take.
    SeveralAddresses,
    /// The name looks like another address than the one that counts.
    AddressAsName,
}

impl UserIdWarning {
    /// Every code.
    pub const CODES: &'static [&'static str] = &[
        "not-utf8",
        "control-character",
        "bidirectional",
        "invisible-character",
        "mixed-script",
        "several-addresses",
        "address-as-name",
    ];

    /// Kebab-case.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotUtf8 => "not-utf8",
            Self::Control => "control-character",
            Self::Bidirectional => "bidirectional",
            Self::Invisible => "invisible-character",
            Self::MixedScript => "mixed-script",
            Self::SeveralAddresses => "several-addresses",
            Self::AddressAsName => "address-as-name",
        }
    }
}

/// Takes a user ID apart. Text that is an address alone has no name.
pub fn user_id_parts(text: &str) -> UserIdParts {
    let email = Address::of_user_id(text).map(|address| address.to_string());
    let name = match text.find('<') {
        Some(start) => text.get(..start).unwrap_or_default(),
        None if email.as_deref() == Some(text.trim()) => "",
        None => text,
    };
    let name = name.split('(').next().unwrap_or_default().trim().trim_matches('"').trim();
    UserIdParts { name: name.to_owned(), email }
}

/// Everything about a user ID's octets that may deceive.
pub fn user_id_warnings(octets: &[u8]) -> Vec<UserIdWarning> {
    let Ok(text) = std::str::from_utf8(octets) else {
        return vec![UserIdWarning::NotUtf8];
    };
    let found = addresses(text);
    let name = text.split('<').next().unwrap_or_default();
    let checks = [
        (text.chars().any(char::is_control), UserIdWarning::Control),
        (text.chars().any(is_bidirectional), UserIdWarning::Bidirectional),
        (text.chars().any(is_invisible), UserIdWarning::Invisible),
        (text.split(|c: char| !c.is_alphabetic()).any(mixes_scripts), UserIdWarning::MixedScript),
        (text.matches('<').count() > 1 || found.len() > 1, UserIdWarning::SeveralAddresses),
        (text.contains('<') && name.contains('@') || text.chars().any(is_like_at), UserIdWarning::AddressAsName),
    ];
    checks.into_iter().filter_map(|(holds, warning)| holds.then_some(warning)).collect()
}

/// What stands in angle brackets; without any, each word with an `@`.
fn addresses(text: &str) -> Vec<String> {
    let is_address = |text: &str| {
        let at = text.find('@').filter(|at| *at > 0 && *at + 1 < text.len());
        at.is_some() && !text.contains(char::is_whitespace) && !text.contains(['<', '>'])
    };
    let bracketed: Vec<String> = text
        .split('<')
        .skip(1)
        .filter_map(|part| part.split_once('>').map(|(inside, _)| inside.trim().to_owned()))
        .filter(|inside| is_address(inside))
        .collect();
    if !bracketed.is_empty() {
        return bracketed;
    }
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '"'));
    words.filter(|word| is_address(word)).map(str::to_owned).collect()
}

/// Marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX #9).
fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Zero-width and filling characters, spaces other than the usual one, tags and variation selectors.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00A0}' | '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{1680}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{2000}'..='\u{200D}' | '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}'..='\u{2065}' | '\u{206A}'..='\u{206F}'
        | '\u{2800}' | '\u{3000}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Alphabets whose letters are easily taken for each other's (UTS #39).
fn script(c: char) -> Option<u8> {
    Some(match c {
        'a'..='z' | 'A'..='Z' | '\u{00C0}'..='\u{024F}' | '\u{0250}'..='\u{02AF}' | '\u{1E00}'..='\u{1EFF}' => 1,
        '\u{0370}'..='\u{03FF}' | '\u{1F00}'..='\u{1FFF}' => 2,
        '\u{0400}'..='\u{052F}' | '\u{1C80}'..='\u{1C8F}' | '\u{2DE0}'..='\u{2DFF}' | '\u{A640}'..='\u{A69F}' => 3,
        '\u{0530}'..='\u{058F}' => 4,
        '\u{13A0}'..='\u{13FF}' | '\u{AB70}'..='\u{ABBF}' => 5,
        '\u{2C00}'..='\u{2C5F}' => 6,
        '\u{2C80}'..='\u{2CFF}' => 7,
        '\u{A4D0}'..='\u{A4FF}' => 8,
        // Latin letters in disguise: full-width and mathematical ones, letters like symbols.
        '\u{2100}'..='\u{214F}' | '\u{FF21}'..='\u{FF5A}' | '\u{1D400}'..='\u{1D7FF}' => 9,
        _ => return None,
    })
}

fn mixes_scripts(word: &str) -> bool {
    let mut scripts = word.chars().filter_map(script);
    scripts.next().is_some_and(|first| first == 9 || scripts.any(|other| other != first))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;

    #[test]
    fn usual_user_ids_raise_no_warning() {
        for (text, name, email) in [
            ("Anna Berg <anna@demo.example>", "Anna Berg", Some("anna@demo.example")),
            ("Ännchen Śliwa (work) <a.s@demo.example>", "Ännchen Śliwa", Some("a.s@demo.example")),
            ("Анна Берг <anna@demo.example>", "Анна Берг", Some("anna@demo.example")),
            ("山田 Taro <taro@demo.example>", "山田 Taro", Some("taro@demo.example")),
            ("anna@demo.example", "", Some("anna@demo.example")),
            ("<anna@demo.example>", "", Some("anna@demo.example")),
            ("Anna", "Anna", None),
            ("", "", None),
        ] {
            assert_eq!(user_id_warnings(text.as_bytes()), [], "{text}");
            assert_eq!(user_id_parts(text), UserIdParts { name: name.into(), email: email.map(Into::into) }, "{text}");
        }
    }

    #[test]
    fn what_deceives_is_named() {
        use UserIdWarning as Warning;
        for (text, warning) in [
            ("Anna\nBerg <a@b.example>", Warning::Control),
            ("Anna\u{7}", Warning::Control),
            ("Anna \u{202E}<elpmaxe.omed@anna>", Warning::Bidirectional),
            ("An\u{200B}na <a@b.example>", Warning::Invisible),
            ("Anna\u{00A0}Berg", Warning::Invisible),
            ("\u{0410}nna <a@b.example>", Warning::MixedScript),
            ("Anna <anna@dem\u{043E}.example>", Warning::MixedScript),
            ("\u{FF21}nna", Warning::MixedScript),
            ("Anna <a@b.example> <c@d.example>", Warning::SeveralAddresses),
            ("a@b.example, c@d.example", Warning::SeveralAddresses),
            ("chief@bank.example <eve@evil.example>", Warning::AddressAsName),
            ("chief\u{FF20}bank.example <eve@evil.example>", Warning::AddressAsName),
            ("chief\u{FE6B}bank.example", Warning::AddressAsName),
        ] {
            assert!(user_id_warnings(text.as_bytes()).contains(&warning), "{text:?}");
        }
        assert_eq!(user_id_warnings(&[0xff, b'a']), [Warning::NotUtf8]);
        for nobody in
            ["Anna <a@b.example> <c@d.example>", "<a@b.example> Anna", "Anna a@b.example", "Anna <a＠b.example>"]
        {
            assert_eq!(user_id_parts(nobody).email, None, "{nobody}");
        }
    }
}
