//! Where the certificate for a mail address is published: Web Key Directory and keyservers, as URLs.
//!
//! Pure: nothing is fetched here. A server asks on behalf of a page (`GET /api/v1/lookup`), a program asks by itself.
//! The order is draft-koch-openpgp-webkey-service §3.1's: the advanced method; the direct one only if the host
//! `openpgpkey.` + domain does not exist; after both, the keyservers somebody chose.

use crate::mail_address::{InvalidAddress, MailAddress};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};
use std::fmt;

/// An `https` URL in the parts a connection needs.
#[derive(Clone, PartialEq, Eq)]
pub struct LookupUrl {
    /// Host to connect to and to check the certificate for; lower case.
    pub host: String,
    /// 443 except for a keyserver on another port.
    pub port: u16,
    /// Path and query.
    pub target: String,
}

impl LookupUrl {
    /// `host`, or `host:port` if the port is not 443.
    pub fn authority(&self) -> String {
        if self.port == HTTPS { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }
}

impl fmt::Display for LookupUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}{}", self.authority(), self.target)
    }
}

/// The target tells whom somebody writes to.
impl fmt::Debug for LookupUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LookupUrl(https://{}/…)", self.authority())
    }
}

const HTTPS: u16 = 443;

/// The Web Key Directory's URL by the advanced method (draft-koch-openpgp-webkey-service §3.1).
///
/// ```
/// use envelock_wire::{MailAddress, wkd_advanced, wkd_direct};
/// let address = MailAddress::new("Joe.Doe", "Example.ORG")?;
/// assert_eq!(
///     wkd_advanced(&address).to_string(),
///     "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe"
/// );
/// assert_eq!(
///     wkd_direct(&address).to_string(),
///     "https://example.org/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe"
/// );
/// # Ok::<(), envelock_wire::InvalidAddress>(())
/// ```
pub fn wkd_advanced(address: &MailAddress) -> LookupUrl {
    let domain = address.domain();
    LookupUrl {
        host: format!("openpgpkey.{domain}"),
        port: HTTPS,
        target: format!("/.well-known/openpgpkey/{domain}/{}", hashed_user(address)),
    }
}

/// The Web Key Directory's URL by the direct method (draft-koch-openpgp-webkey-service §3.1).
pub fn wkd_direct(address: &MailAddress) -> LookupUrl {
    let target = format!("/.well-known/openpgpkey/{}", hashed_user(address));
    LookupUrl { host: address.domain().to_owned(), port: HTTPS, target }
}

/// Last part of both: z-base-32 of SHA-1 of the local part in ASCII lower case, and the local part as it was written.
fn hashed_user(address: &MailAddress) -> String {
    let hash: [u8; 20] = Sha1::digest(address.local_part().to_ascii_lowercase()).into();
    format!("hu/{}?l={}", z_base_32(&hash), percent_encode(address.local_part()))
}

/// RFC 6189 §5.1.6: 20 octets are exactly 32 characters.
fn z_base_32(hash: &[u8; 20]) -> String {
    const ALPHABET: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";
    let mut text = String::with_capacity(32);
    for five in hash.chunks(5) {
        let bits = five.iter().fold(0_u64, |bits, octet| bits << 8 | u64::from(*octet));
        for place in (0..8).rev() {
            let index = (bits >> (place * 5)) as usize % 32;
            text.push(ALPHABET.get(index).map_or('y', |character| char::from(*character)));
        }
    }
    text
}

/// RFC 3986 §2.1; everything but the unreserved characters.
fn percent_encode(text: &str) -> String {
    use fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for octet in text.bytes() {
        match octet {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(octet)),
            // Writing to a String cannot fail.
            _ => drop(write!(encoded, "%{octet:02X}")),
        }
    }
    encoded
}

/// A keyserver somebody chose to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyserver {
    host: String,
    port: u16,
    interface: Interface,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interface {
    /// HTTP Keyserver Protocol over TLS (draft-gallagher-openpgp-hkp): anybody may have put anything there.
    Hkps,
    /// Verifying keyserver (keys.openpgp.org/about/api): the owner of the address confirmed it.
    Vks,
}

/// Why something names no keyserver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a keyserver is written as https://HOST (verifying keyserver, VKS) or hkps://HOST, with :PORT if it is not 443"
)]
pub struct InvalidKeyserver;

impl std::str::FromStr for Keyserver {
    type Err = InvalidKeyserver;

    fn from_str(text: &str) -> Result<Self, InvalidKeyserver> {
        let (scheme, authority) = text.split_once("://").ok_or(InvalidKeyserver)?;
        let interface = match scheme {
            "hkps" => Interface::Hkps,
            "https" => Interface::Vks,
            _ => return Err(InvalidKeyserver),
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = match authority.split_once(':') {
            None => (authority, HTTPS),
            Some((host, port)) => (host, port.parse().ok().filter(|port| *port != 0).ok_or(InvalidKeyserver)?),
        };
        // A host is what could be a domain of an address.
        let host = MailAddress::new("x", host).map_err(|_: InvalidAddress| InvalidKeyserver)?.domain().to_owned();
        Ok(Self { host, port, interface })
    }
}

impl Keyserver {
    /// Where it answers for this address.
    pub fn url(&self, address: &MailAddress) -> LookupUrl {
        let encoded = percent_encode(&address.to_string());
        let target = match self.interface {
            Interface::Hkps => format!("/pks/lookup?op=get&options=mr&search={encoded}"),
            Interface::Vks => format!("/vks/v1/by-email/{encoded}"),
        };
        LookupUrl { host: self.host.clone(), port: self.port, target }
    }
}

/// Who gave a certificate, which says how much that means: the domain's own directory, or a keyserver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CertificateOrigin {
    /// The Web Key Directory of the address's domain, below `openpgpkey.`.
    WkdAdvanced,
    /// The Web Key Directory of the address's domain itself.
    WkdDirect,
    /// A keyserver.
    Keyserver,
}

/// Query of `GET /api/v1/lookup`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookUp {
    /// The mail address.
    pub address: String,
}

/// Answer of `GET /api/v1/lookup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FoundCertificates {
    /// Where they were found.
    pub origin: CertificateOrigin,
    /// The host that gave them.
    pub host: String,
    /// What it gave, unread: OpenPGP certificates, binary or armored, in base64url without padding.
    pub certificates: UnreadOctets,
}

/// Octets nobody looked at, in base64url without padding.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, pattern = "^[A-Za-z0-9_-]*$"))]
#[serde(try_from = "String", into = "String")]
pub struct UnreadOctets(pub Vec<u8>);

impl fmt::Debug for UnreadOctets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnreadOctets({})", self.0.len())
    }
}

impl TryFrom<String> for UnreadOctets {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        URL_SAFE_NO_PAD.decode(text).map(Self)
    }
}

impl From<UnreadOctets> for String {
    fn from(octets: UnreadOctets) -> String {
        URL_SAFE_NO_PAD.encode(octets.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    fn address(local_part: &str) -> MailAddress {
        MailAddress::new(local_part, "example.org").unwrap()
    }

    #[test]
    fn z_base_32_of_all_bits() {
        assert_eq!(z_base_32(&[0; 20]), "y".repeat(32));
        assert_eq!(z_base_32(&[0xff; 20]), "9".repeat(32));
        // RFC 6189 has no vector of 20 octets; each character once, from the alphabet itself.
        let all = [
            0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf, 0x84, 0x65, 0x3a, 0x56, 0xd7, 0xc6, 0x75, 0xbe,
            0x77, 0xdf,
        ];
        assert_eq!(z_base_32(&all), "ybndrfg8ejkmcpqxot1uwisza345h769");
    }

    #[test]
    fn only_ascii_letters_are_lowered_and_the_local_part_is_told_as_written() {
        let lower = wkd_direct(&address("joe.doe")).target;
        let upper = wkd_direct(&address("JOE.DOE")).target;
        assert_eq!(lower.split_once('?').unwrap().0, upper.split_once('?').unwrap().0);
        assert!(upper.ends_with("?l=JOE.DOE"));
        // §3.1: non-ASCII characters are not changed.
        let hash = |text| wkd_direct(&address(text)).target.split_once('?').unwrap().0.to_owned();
        assert_ne!(hash("Ünal"), hash("ünal"));
        assert!(wkd_direct(&address("a+b&c=d/e?#%é")).target.ends_with("?l=a%2Bb%26c%3Dd%2Fe%3F%23%25%C3%A9"));
    }

    #[test]
    fn keyservers_are_https_hosts_and_nothing_more() {
        let url = |text: &str| text.parse::<Keyserver>().map(|keyserver| keyserver.url(&address("a+b")).to_string());
        assert_eq!(
            url("https://keys.openpgp.org").unwrap(),
            "https://keys.openpgp.org/vks/v1/by-email/a%2Bb%40example.org"
        );
        assert_eq!(
            url("hkps://Keys.Example.org:8443/").unwrap(),
            "https://keys.example.org:8443/pks/lookup?op=get&options=mr&search=a%2Bb%40example.org"
        );
        for bad in [
            "keys.openpgp.org",
            "http://keys.openpgp.org",
            "hkp://keys.openpgp.org",
            "https://user@keys.openpgp.org",
            "https://keys.openpgp.org/path",
            "https://keys.openpgp.org?x",
            "https://127.0.0.1",
            "https://localhost",
            "https://keys.openpgp.org:0",
            "https://keys.openpgp.org:x",
            "https://[::1]",
            "https://",
        ] {
            assert!(url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nothing_printed_for_developers_names_the_address() {
        let shown = format!("{:?}", wkd_advanced(&address("anna")));
        assert_eq!(shown, "LookupUrl(https://openpgpkey.example.org/…)");
    }
}
