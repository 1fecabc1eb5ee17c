//! Mail addresses: the one rule for taking an address out of a user ID or a header, and for comparing two.
//!
//! Taking out is strict, since names are chosen by strangers: `"anna@demo.example" <eve@evil.example>` is Eve's, and text with
//! two addresses in angle brackets is nobody's. Comparing is by octets, where ASCII letters of either case are the same in
//! both halves: no provider gives `Anna@` and `anna@` to different people, and Autocrypt and WKD fold them as well. Domains are
//! compared as the DNS has them: the letters of another script and their A-labels (`xn--`) are one name. Nothing else is
//! folded: no dots, no `+tags`, no Unicode normalisation, so that look-alikes never match.
//!
//! `addressOf` of the npm package is the same rule; `tests/addresses.json` holds both together.

mod idn;

use std::borrow::Cow;

/// Longest address in octets (RFC 5321 §4.5.3.1.3, without the angle brackets).
const LONGEST: usize = 254;

/// An address, `local@domain`, taken apart.
#[derive(Debug, Clone, Copy)]
pub struct Address<'a> {
    local: &'a str,
    domain: &'a str,
}

impl<'a> Address<'a> {
    /// Reads a bare address: no name, no comment, no quoted local part (nobody gives those out).
    pub fn parse(text: &'a str) -> Option<Self> {
        let odd = |c: char| {
            c.is_control() || c.is_whitespace() || is_invisible(c) || is_disguise(c) || "<>()[],;:\\\"".contains(c)
        };
        let (local, domain) = text.split_once('@')?;
        let sound = !local.is_empty()
            && !domain.is_empty()
            && text.len() <= LONGEST
            && !domain.contains('@')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !text.chars().any(odd);
        sound.then_some(Self { local, domain })
    }

    /// The address that a user ID (RFC 9580 §5.11) names: the part in angle brackets at its end, or all of it.
    pub fn of_user_id(text: &'a str) -> Option<Self> {
        let text = text.trim_matches(' ');
        let Some(before_end) = text.strip_suffix('>') else { return Self::parse(text) };
        let (name, address) = before_end.split_once('<')?;
        // A second bracket would let two readers find two addresses.
        if name.contains('>') || address.contains('<') { None } else { Self::parse(address) }
    }

    /// Whether both are the same mailbox; see the rule above.
    pub fn is_same(&self, other: &Address<'_>) -> bool {
        self.local.eq_ignore_ascii_case(other.local) && self.ascii_domain() == other.ascii_domain()
    }

    /// The form that all spellings of one mailbox have in common: ASCII in lower case, the domain as A-labels.
    pub fn canonical(&self) -> String {
        format!("{}@{}", self.local.to_ascii_lowercase(), self.ascii_domain())
    }

    /// The form for a mail's header, which is ASCII where not all servers on the way announce more (RFC 6531 §3.2): the domain as
    /// A-labels. `None` if the half before the `@` is in another script: there is no ASCII for it.
    pub fn for_header(&self) -> Option<String> {
        self.local.is_ascii().then(|| format!("{}@{}", self.local, self.ascii_domain()))
    }

    /// A domain that no DNS can have stays as it is.
    fn ascii_domain(&self) -> Cow<'a, str> {
        idn::to_ascii(self.domain).unwrap_or(Cow::Borrowed(self.domain))
    }

    /// The half before the `@`.
    pub fn local(&self) -> &'a str {
        self.local
    }

    /// The half behind the `@`.
    pub fn domain(&self) -> &'a str {
        self.domain
    }
}

impl std::fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// Characters that show nothing, or turn the direction of what follows: they make two addresses look alike.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Characters that look like the `@`, or that some software takes for the dot (UTS #46 §2.3).
pub(crate) fn is_disguise(c: char) -> bool {
    is_like_at(c) || matches!(c, '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
}

/// Characters that look like the `@`.
pub(crate) fn is_like_at(c: char) -> bool {
    matches!(c, '\u{ff20}' | '\u{fe6b}' | '\u{24b6}' | '\u{24d0}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;

    fn found(user_id: &str) -> Option<String> {
        Address::of_user_id(user_id).map(|address| address.to_string())
    }

    #[test]
    fn the_address_is_what_stands_in_brackets_at_the_end() {
        assert_eq!(found("Anna Berg <anna@demo.example>").as_deref(), Some("anna@demo.example"));
        assert_eq!(found("Anna (work) <anna@demo.example>").as_deref(), Some("anna@demo.example"));
        assert_eq!(found("anna@demo.example").as_deref(), Some("anna@demo.example"));
        assert_eq!(found("<anna@demo.example>").as_deref(), Some("anna@demo.example"));
        assert_eq!(found("anna@demo.example <eve@evil.example>").as_deref(), Some("eve@evil.example"));
        assert_eq!(found("\"<anna@demo.example\" eve@evil.example>"), None);
    }

    #[test]
    fn texts_with_two_readings_name_nobody() {
        for text in [
            "",
            "Anna Berg",
            "<anna@demo.example> <eve@evil.example>",
            "<anna@demo.example> Eve",
            "anna@demo.example, eve@evil.example",
            "anna@demo.example@evil.example",
            "anna@demo.example\u{0}<eve@evil.example",
            "anna\u{200b}@demo.example",
            "\u{202e}anna@demo.example",
            "anna @demo.example",
            "@demo.example",
            "anna@",
            "anna@.example",
            "\"anna\"@demo.example",
            "Eve <<anna@demo.example>>",
        ] {
            assert_eq!(found(text), None, "{text:?}");
        }
    }

    #[test]
    fn comparing_folds_ascii_case_and_nothing_else() {
        let same = |a, b| Address::parse(a).unwrap().is_same(&Address::parse(b).unwrap());
        assert!(same("Anna@Demo.Example", "anna@demo.example"));
        assert!(!same("anna@demo.example", "anna@demo.example.evil"));
        assert!(!same("an.na@demo.example", "anna@demo.example"));
        assert!(!same("anna+x@demo.example", "anna@demo.example"));
        assert!(!same("ann\u{430}@demo.example", "anna@demo.example"), "a Cyrillic letter");
        assert!(!same("ÄNNA@demo.example", "änna@demo.example"));
        assert!(same("anna@Bücher.example", "anna@xn--bcher-kva.example"));
        assert!(!same("anna@bücher.example", "anna@bucher.example"));
    }
}
