//! Domains with macros in them (RFC 7208 §7).

use std::net::IpAddr;

/// Longest domain name; what is longer loses labels from the left (§7.3).
const LONGEST: usize = 253;
/// Where a macro's value may be cut.
const DELIMITERS: &str = ".-+,/_=";

/// A domain, or what makes one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DomainSpec(Vec<Piece>);

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Literal(char),
    Macro { letter: char, escaped: bool, labels: Option<usize>, reversed: bool, delimiters: Vec<char> },
}

/// What macros stand for.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    pub(super) sender: &'a str,
    pub(super) domain: &'a str,
    pub(super) address: IpAddr,
    pub(super) helo: &'a str,
    /// The validated name of the address, where somebody asks for it.
    pub(super) validated: Option<&'a str>,
}

impl DomainSpec {
    /// Reads one; `None` if it does not follow the grammar.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let pieces = pieces(text)?;
        let ends = matches!(pieces.last(), Some(Piece::Macro { .. })) || ends_in_toplabel(text);
        ends.then_some(Self(pieces))
    }

    /// Checks the value of a modifier that nobody knows.
    pub(super) fn check_macro_string(text: &str) -> Option<()> {
        pieces(text).map(|_| ())
    }

    /// Whether the validated name of the address is asked for.
    pub(super) fn asks_for_validated(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Macro { letter: 'p', .. }))
    }

    /// The domain.
    pub(super) fn expand(&self, values: Values<'_>) -> String {
        let mut domain = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(one) => domain.push(*one),
                Piece::Macro { letter, escaped, labels, reversed, delimiters } => {
                    let value = value(*letter, values);
                    let mut parts: Vec<&str> = value.split(|one| delimiters.contains(&one)).collect();
                    if *reversed {
                        parts.reverse();
                    }
                    let from = parts.len().saturating_sub(labels.unwrap_or(usize::MAX));
                    let value = parts.get(from..).unwrap_or_default().join(".");
                    if *escaped { escape(&value, &mut domain) } else { domain.push_str(&value) }
                }
            }
        }
        let mut rest = domain.strip_suffix('.').unwrap_or(&domain);
        while rest.len() > LONGEST {
            let Some((_, shorter)) = rest.split_once('.') else { break };
            rest = shorter;
        }
        rest.to_owned()
    }
}

fn pieces(text: &str) -> Option<Vec<Piece>> {
    let (mut pieces, mut rest) = (Vec::new(), text.chars());
    while let Some(one) = rest.next() {
        if one != '%' {
            pieces.push(Piece::Literal(one));
            continue;
        }
        match rest.next()? {
            '%' => pieces.push(Piece::Literal('%')),
            '_' => pieces.push(Piece::Literal(' ')),
            '-' => "%20".chars().for_each(|one| pieces.push(Piece::Literal(one))),
            '{' => {
                let (inside, after) = rest.as_str().split_once('}')?;
                pieces.push(macro_of(inside)?);
                rest = after.chars();
            }
            _ => return None,
        }
    }
    Some(pieces)
}

/// `macro-letter transformers *delimiter`. The letters of explanations alone (c, r, t) are none here.
fn macro_of(text: &str) -> Option<Piece> {
    let mut characters = text.chars();
    let letter = characters.next()?;
    let escaped = letter.is_ascii_uppercase();
    let letter = letter.to_ascii_lowercase();
    if !"slodiphv".contains(letter) {
        return None;
    }
    let rest = characters.as_str();
    let digits = rest.find(|one: char| !one.is_ascii_digit()).unwrap_or(rest.len());
    let (number, rest) = rest.split_at_checked(digits)?;
    let labels = match number {
        "" => None,
        // A number too large for anything is as good as all.
        number => Some(number.parse().unwrap_or(usize::MAX)).filter(|number| *number > 0).map(Some)?,
    };
    let reversed = rest.starts_with(['r', 'R']);
    let rest = rest.strip_prefix(['r', 'R']).unwrap_or(rest);
    let mut delimiters: Vec<char> = rest.chars().collect();
    if delimiters.iter().any(|one| !DELIMITERS.contains(*one)) {
        return None;
    }
    if delimiters.is_empty() {
        delimiters.push('.');
    }
    Some(Piece::Macro { letter, escaped, labels, reversed, delimiters })
}

/// `"." toplabel [ "." ]` at the end (§7.1).
fn ends_in_toplabel(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    let Some((_, label)) = text.rsplit_once('.') else { return false };
    let is_sound = label.chars().all(|one| one.is_ascii_alphanumeric() || one == '-');
    let has_more_than_digits = label.chars().any(|one| !one.is_ascii_digit());
    !label.is_empty() && is_sound && has_more_than_digits && !label.starts_with('-') && !label.ends_with('-')
}

fn value(letter: char, values: Values<'_>) -> String {
    let (local_part, domain) = values.sender.rsplit_once('@').unwrap_or(("postmaster", values.sender));
    match letter {
        's' => values.sender.to_owned(),
        'l' => local_part.to_owned(),
        'o' => domain.to_owned(),
        'd' => values.domain.to_owned(),
        'h' => values.helo.to_owned(),
        'p' => values.validated.unwrap_or("unknown").to_owned(),
        'v' => if values.address.is_ipv4() { "in-addr" } else { "ip6" }.to_owned(),
        _ => match values.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let nibbles = address.octets().into_iter().flat_map(|octet| [octet >> 4, octet & 15]);
                nibbles.map(|nibble| format!("{nibble:x}")).collect::<Vec<_>>().join(".")
            }
        },
    }
}

/// As in URLs (RFC 3986 §2.3).
fn escape(text: &str, out: &mut String) {
    for octet in text.bytes() {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(octet)),
            _ => out.push_str(&format!("%{octet:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DomainSpec, Values};

    /// The examples of §7.4.
    #[test]
    fn the_examples_of_the_rfc() {
        let values = Values {
            sender: "strong-bad@email.example.com",
            domain: "email.example.com",
            address: "192.0.2.3".parse().unwrap_or(std::net::Ipv4Addr::LOCALHOST.into()),
            helo: "mx.example.org",
            validated: None,
        };
        for (text, expected) in [
            ("%{s}", "strong-bad@email.example.com"),
            ("%{o}", "email.example.com"),
            ("%{d4}", "email.example.com"),
            ("%{d2}", "example.com"),
            ("%{d1}", "com"),
            ("%{dr}", "com.example.email"),
            ("%{d2r}", "example.email"),
            ("%{l}", "strong-bad"),
            ("%{l-}", "strong.bad"),
            ("%{lr}", "strong-bad"),
            ("%{lr-}", "bad.strong"),
            ("%{l1r-}", "strong"),
            ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
            ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
            ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
            ("%{S}", "strong-bad%40email.example.com"),
        ] {
            assert_eq!(DomainSpec::parse(text).map(|spec| spec.expand(values)).as_deref(), Some(expected), "{text}");
        }
        let six = Values { address: "2001:db8::cb01".parse().unwrap_or(values.address), ..values };
        let spec = DomainSpec::parse("%{ir}.%{v}._spf.%{d2}").map(|spec| spec.expand(six)).unwrap_or_default();
        assert_eq!(spec, "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com");
        for malformed in ["%{c}.a.example", "%{x}", "%", "%(d)", "%{d0}", "%{d!}", "a", "a.1", "a.b-", "%{d"] {
            assert_eq!(DomainSpec::parse(malformed), None, "{malformed}");
        }
    }
}
