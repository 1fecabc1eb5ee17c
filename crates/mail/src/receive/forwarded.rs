//! XFORWARD: a mail server in front of ours says who brought a message there, without which SPF could not be checked.
//!
//! An extension of Postfix (its XFORWARD_README): `XFORWARD NAME=… ADDR=… PORT=… PROTO=… HELO=…`, values in xtext (RFC 3461 §4). Only ADDR
//! and HELO are of use here. What cannot be read is refused and not guessed: a wrong address would let a forgery pass.

use std::net::{IpAddr, Ipv6Addr};

/// Values that say that something is not known.
const UNKNOWN: [&str; 2] = ["[UNAVAILABLE]", "[TEMPUNAVAIL]"];

/// What was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forwarded {
    /// The client's address.
    pub(crate) address: Option<IpAddr>,
    /// What it called itself.
    pub(crate) name: Option<String>,
}

impl Forwarded {
    /// Reads the attributes behind the command; `None` if one of them is malformed or unknown.
    pub(crate) fn parse(attributes: &str) -> Option<Self> {
        let mut forwarded = Self::default();
        for attribute in attributes.split_ascii_whitespace() {
            let (name, value) = attribute.split_once('=')?;
            let value = from_xtext(value)?;
            let known = !UNKNOWN.iter().any(|unknown| value.eq_ignore_ascii_case(unknown));
            match name.to_ascii_uppercase().as_str() {
                "ADDR" if known => forwarded.address = Some(address(&value)?),
                "HELO" if known => forwarded.name = Some(value),
                "ADDR" | "HELO" | "NAME" | "PORT" | "PROTO" | "SOURCE" | "IDENT" | "DESTADDR" | "DESTPORT" => {}
                _ => return None,
            }
        }
        Some(forwarded)
    }

    /// Adds what a further command said.
    pub(crate) fn and(self, more: Self) -> Self {
        Self { address: more.address.or(self.address), name: more.name.or(self.name) }
    }
}

/// As in address literals (RFC 5321 §4.1.3): IPv6 with its tag.
fn address(value: &str) -> Option<IpAddr> {
    match value.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("IPv6:") => value.get(5..)?.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        _ => value.parse().ok(),
    }
}

/// Undoes xtext (RFC 3461 §4): `+` with two hexadecimal digits. What comes out has to be printable.
fn from_xtext(value: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes().iter();
    while let Some(&octet) = rest.next() {
        octets.push(match octet {
            b'+' => {
                let digit =
                    |octet: Option<&u8>| char::from(*octet?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                high << 4 | low
            }
            _ => octet,
        });
    }
    let text = String::from_utf8(octets).ok()?;
    text.chars().all(|character| !character.is_control()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::{Forwarded, from_xtext};

    #[test]
    fn an_address_and_a_name_are_read() {
        let said = Forwarded::parse("NAME=spike.example ADDR=192.0.2.7 PORT=4711 PROTO=ESMTP HELO=spike+2Eexample");
        let said = said.unwrap_or_default();
        assert_eq!(said.address, "192.0.2.7".parse().ok());
        assert_eq!(said.name.as_deref(), Some("spike.example"));
        let six = Forwarded::parse("ADDR=IPv6:2001:db8::7").unwrap_or_default();
        assert_eq!(six.address, "2001:db8::7".parse().ok());
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        assert_eq!(Forwarded::parse("ADDR=[UNAVAILABLE] HELO=[TEMPUNAVAIL]"), Some(Forwarded::default()));
        for malformed in ["ADDR=somewhere", "ADDR", "HELO=a+0", "HELO=a+0Ab", "LOGIN=anna", "ADDR=IPv6:192.0.2.7"] {
            assert_eq!(Forwarded::parse(malformed), None, "{malformed}");
        }
        assert_eq!(from_xtext("a+2Bb").as_deref(), Some("a+b"));
    }
}
