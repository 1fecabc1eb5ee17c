//! The name others use for this server: in its certificate, in the line that says it is ready, in redirects.

use rustls::pki_types::DnsName;
use serde::Deserialize;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use url::Host;

/// The port that `https` URLs need not name (RFC 9110 §4.2.2).
const HTTPS: u16 = 443;

/// A host name (other scripts as A-labels, RFC 5891) or an address. Safe in a URL and in a header field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicName(Host);

/// Why a text is no name for a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a public name is a host name such as mail.example.org, without scheme, port and path")]
pub struct InvalidPublicName;

impl PublicName {
    /// Where the server is to be found: `https://NAME`, with the port if it must be named.
    pub fn origin(&self, port: u16) -> String {
        if port == HTTPS { format!("https://{}", self.0) } else { format!("https://{}:{port}", self.0) }
    }

    /// Whether it is a name, and no address.
    pub fn is_domain(&self) -> bool {
        matches!(self.0, Host::Domain(_))
    }

    /// As it stands in a certificate: an IPv6 address has no brackets there.
    pub fn in_certificate(&self) -> String {
        match &self.0 {
            Host::Ipv6(address) => address.to_string(),
            name => name.to_string(),
        }
    }
}

impl fmt::Display for PublicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for PublicName {
    type Err = InvalidPublicName;

    fn from_str(text: &str) -> Result<Self, InvalidPublicName> {
        if let Ok(address) = text.parse() {
            return Ok(Self(match address {
                IpAddr::V4(address) => Host::Ipv4(address),
                IpAddr::V6(address) => Host::Ipv6(address),
            }));
        }
        let host = Host::parse(text.strip_suffix('.').unwrap_or(text)).map_err(|_| InvalidPublicName)?;
        match &host {
            Host::Domain(name) if DnsName::try_from(name.as_str()).is_err() => Err(InvalidPublicName),
            _ => Ok(Self(host)),
        }
    }
}

impl TryFrom<String> for PublicName {
    type Error = InvalidPublicName;

    fn try_from(text: String) -> Result<Self, InvalidPublicName> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn names_and_addresses_as_urls_and_certificates_write_them() {
        for (text, origin, in_certificate) in [
            ("Mail.Example.org", "https://mail.example.org:8443", "mail.example.org"),
            ("mail.example.org.", "https://mail.example.org:8443", "mail.example.org"),
            ("bücher.example", "https://xn--bcher-kva.example:8443", "xn--bcher-kva.example"),
            ("192.0.2.7", "https://192.0.2.7:8443", "192.0.2.7"),
            ("2001:db8::7", "https://[2001:db8::7]:8443", "2001:db8::7"),
            ("[2001:db8::7]", "https://[2001:db8::7]:8443", "2001:db8::7"),
        ] {
            let name: PublicName = text.parse().unwrap();
            assert_eq!((name.origin(8443).as_str(), name.in_certificate().as_str()), (origin, in_certificate));
        }
        assert_eq!("localhost".parse::<PublicName>().unwrap().origin(443), "https://localhost");
    }

    #[test]
    fn whatever_else_a_url_has_is_no_name() {
        for text in [
            "",
            ".",
            "https://mail.example.org",
            "mail.example.org:443",
            "mail.example.org/x",
            "anna@example.org",
            "*.example.org",
            "mail example.org",
            "mail.example.org\r\nSet-Cookie: a=b",
            "mail.example.org?x",
            "mail.example.org#x",
            "mail.example.org\\x",
            "mail..example.org",
        ] {
            assert_eq!(text.parse::<PublicName>(), Err(InvalidPublicName), "{text}");
        }
    }
}
