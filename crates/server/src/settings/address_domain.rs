//! Domains whose addresses people may register with, as an operator says them. Who registers: `registration`.

use serde::Deserialize;
use std::fmt;
use std::str::FromStr;
use url::Host;

/// A domain of which addresses are that people register with, in lower case, other scripts as A-labels (RFC 5890).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct AddressDomain(String);

/// Why a text is no [`AddressDomain`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a domain is what stands behind the @ of addresses, such as example.org")]
pub struct InvalidAddressDomain;

impl AddressDomain {
    /// The domain.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AddressDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AddressDomain {
    type Err = InvalidAddressDomain;

    fn from_str(text: &str) -> Result<Self, InvalidAddressDomain> {
        match Host::parse(text) {
            Ok(Host::Domain(name)) if !name.ends_with('.') && !name.contains('*') => Ok(Self(name)),
            _ => Err(InvalidAddressDomain),
        }
    }
}

impl TryFrom<String> for AddressDomain {
    type Error = InvalidAddressDomain;

    fn try_from(text: String) -> Result<Self, InvalidAddressDomain> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn a_domain_is_read_as_addresses_write_it() {
        for (text, domain) in [
            ("Example.org", "example.org"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("mail.internal", "mail.internal"),
        ] {
            assert_eq!(text.parse::<AddressDomain>().unwrap().as_str(), domain);
        }
        for text in ["", "@example.org", "anna@example.org", "*.example.org", "192.0.2.1", "example.org.", "a b.org"] {
            assert_eq!(text.parse::<AddressDomain>(), Err(InvalidAddressDomain), "{text}");
        }
    }
}
