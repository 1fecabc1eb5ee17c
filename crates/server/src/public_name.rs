//! The name others use for this server: in its certificate, in the line that says it is ready, in redirects.

use rustls::pki_types::DnsName;
use serde::Deserialize;
use std::net::Ipv6Addr;
use std::str::FromStr;
use url::Host;

/// The port that `https` URLs need not name (RFC 9110 §4.2.2).
const HTTPS: u16 = 443;

/// A host name (other scripts as A-labels, RFC 5891) or an address, and the port if others use another one than the server listens
/// on: of a container, or of something in front that passes connections on. Safe in a URL and in a header field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicName {
    host: Host,
    port: Option<u16>,
}

/// Why a text is no name for a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a public name is a host name such as mail.example.org, or mail.example.org:9443, without scheme and path")]
pub struct InvalidPublicName;

impl PublicName {
    /// Where the server is to be found that listens on this port: `https://NAME`, with the port if it must be named.
    pub fn origin(&self, listening: u16) -> String {
        match self.port.unwrap_or(listening) {
            HTTPS => format!("https://{}", self.host),
            port => format!("https://{}:{port}", self.host),
        }
    }

    /// The name or address alone.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, if it was named.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether it is a name, and no address.
    pub fn is_domain(&self) -> bool {
        matches!(self.host, Host::Domain(_))
    }

    /// As it stands in a certificate: an IPv6 address has no brackets there.
    pub fn in_certificate(&self) -> String {
        match &self.host {
            Host::Ipv6(address) => address.to_string(),
            name => name.to_string(),
        }
    }
}

impl FromStr for PublicName {
    type Err = InvalidPublicName;

    fn from_str(text: &str) -> Result<Self, InvalidPublicName> {
        // An IPv6 address has colons of its own: with a port it stands in brackets (RFC 3986 §3.2.2).
        if let Ok(address) = text.parse::<Ipv6Addr>() {
            return Ok(Self { host: Host::Ipv6(address), port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port_of(port).ok_or(InvalidPublicName)?)),
            _ => (text, None),
        };
        let host = Host::parse(host.strip_suffix('.').unwrap_or(host)).map_err(|_| InvalidPublicName)?;
        match &host {
            Host::Domain(name) if DnsName::try_from(name.as_str()).is_err() => Err(InvalidPublicName),
            _ => Ok(Self { host, port }),
        }
    }
}

fn port_of(text: &str) -> Option<u16> {
    let port = text.bytes().all(|octet| octet.is_ascii_digit()).then(|| text.parse().ok())?;
    port.filter(|port| *port > 0)
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
    fn a_port_that_is_named_stands_above_the_one_it_listens_on() {
        for (text, origin, in_certificate) in [
            ("Mail.Example.org:9443", "https://mail.example.org:9443", "mail.example.org"),
            ("mail.example.org.:443", "https://mail.example.org", "mail.example.org"),
            ("192.0.2.7:9443", "https://192.0.2.7:9443", "192.0.2.7"),
            ("[2001:db8::7]:9443", "https://[2001:db8::7]:9443", "2001:db8::7"),
        ] {
            let name: PublicName = text.parse().unwrap();
            assert_eq!((name.origin(8443).as_str(), name.in_certificate().as_str()), (origin, in_certificate));
        }
    }

    #[test]
    fn whatever_else_a_url_has_is_no_name() {
        for text in [
            "",
            ".",
            "https://mail.example.org",
            "mail.example.org:",
            "mail.example.org:0",
            "mail.example.org:65536",
            "mail.example.org:+443",
            "mail.example.org:443:443",
            ":443",
            "2001:db8::7:9443:1:2:3:4",
            "[2001:db8::7]9443",
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
