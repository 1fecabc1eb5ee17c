//! Mail addresses, as far as finding a certificate needs them: a local part and the name of a public host.
//!
//! The domain becomes a host that somebody's server connects to, so it is held to what a public host name is. Not here:
//! IDNA. Domains come as A-labels (RFC 5890): browsers have `URL` for that, servers the `idna` crate.

use crate::limits::{DOMAIN_BYTES, LABEL_BYTES, LOCAL_PART_BYTES};
use std::fmt;

/// `local-part@domain`, the domain in lower case as A-labels.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MailAddress {
    local_part: String,
    domain: String,
}

/// Why something is no address whose certificate can be looked up. The texts repeat nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAddress {
    /// No `@`, nothing before it or nothing after it.
    #[error("an address has the form name@example.org")]
    Form,
    /// The part before the `@` is longer than 64 octets (RFC 5321 §4.5.3.1.1) or holds quotes, spaces, control
    /// characters or others that need quoting (RFC 5322 §3.2.3, RFC 6531 §3.3).
    #[error("the part before the @ is too long or holds characters that need quoting")]
    LocalPart,
    /// The part after the `@` is no host name of letters, digits and hyphens with at least one dot (RFC 1123 §2.1).
    #[error("the part after the @ must be a domain name such as example.org")]
    Domain,
    /// The part after the `@` is, or could be read as, an IP address.
    #[error("the part after the @ must be a domain name, not an IP address")]
    IpAddress,
    /// A name of private networks, reserved by RFC 6761, 6762, 7686, 8375 or ICANN.
    #[error("this domain exists in private networks only")]
    PrivateDomain,
}

/// Names below which there are no public hosts.
const PRIVATE: [&str; 8] = ["localhost", "local", "internal", "arpa", "onion", "test", "invalid", "alt"];

impl MailAddress {
    /// From its two parts; the domain as A-labels, in upper or lower case.
    pub fn new(local_part: &str, domain: &str) -> Result<Self, InvalidAddress> {
        let domain = domain.to_ascii_lowercase();
        check_local_part(local_part)?;
        check_domain(&domain)?;
        Ok(Self { local_part: local_part.to_owned(), domain })
    }

    /// What stands before the last `@` and what stands after it.
    pub fn split(address: &str) -> Result<(&str, &str), InvalidAddress> {
        match address.rsplit_once('@') {
            Some((local_part, domain)) if !local_part.is_empty() && !domain.is_empty() => Ok((local_part, domain)),
            _ => Err(InvalidAddress::Form),
        }
    }

    /// Before the `@`, as it was written.
    pub fn local_part(&self) -> &str {
        &self.local_part
    }

    /// After the `@`, in lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local_part, self.domain)
    }
}

/// Whom somebody writes to stays out of logs.
impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailAddress(…@{})", self.domain)
    }
}

fn check_local_part(local_part: &str) -> Result<(), InvalidAddress> {
    let special = |c: char| c.is_control() || c.is_whitespace() || "()<>[]:;@\\,\"".contains(c);
    if local_part.is_empty() || local_part.len() > LOCAL_PART_BYTES || local_part.chars().any(special) {
        return Err(InvalidAddress::LocalPart);
    }
    Ok(())
}

fn check_domain(domain: &str) -> Result<(), InvalidAddress> {
    if domain.starts_with('[') || domain.parse::<std::net::IpAddr>().is_ok() {
        return Err(InvalidAddress::IpAddress);
    }
    let is_label = |label: &str| {
        (1..=LABEL_BYTES).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if domain.len() > DOMAIN_BYTES || !domain.split('.').all(is_label) {
        return Err(InvalidAddress::Domain);
    }
    let last = domain.rsplit('.').next().unwrap_or(domain);
    // Resolvers read 127.1, 0x7f.1 and 017700000001 as IPv4 addresses. No top-level domain begins with a digit.
    if last.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(InvalidAddress::IpAddress);
    }
    if PRIVATE.contains(&last) {
        return Err(InvalidAddress::PrivateDomain);
    }
    if !domain.contains('.') {
        return Err(InvalidAddress::Domain);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    fn parse(address: &str) -> Result<MailAddress, InvalidAddress> {
        let (local_part, domain) = MailAddress::split(address)?;
        MailAddress::new(local_part, domain)
    }

    #[test]
    fn addresses_people_have() {
        for address in
            ["anna@example.org", "Joe.Doe+tag@sub.example.co.uk", "o'hara@xn--bcher-kva.example", "ünal@example.org"]
        {
            assert_eq!(parse(address).unwrap().to_string(), address);
        }
        assert_eq!(parse("Joe.Doe@Example.ORG").unwrap().to_string(), "Joe.Doe@example.org");
        assert_eq!(parse("a@b.org@c.org"), Err(InvalidAddress::LocalPart));
    }

    #[test]
    fn what_is_no_public_host_is_refused() {
        use InvalidAddress::{Domain, Form, IpAddress, PrivateDomain};
        for (address, why) in [
            ("", Form),
            ("anna", Form),
            ("@example.org", Form),
            ("anna@", Form),
            ("anna@example", Domain),
            ("anna@example.org.", Domain),
            ("anna@.example.org", Domain),
            ("anna@example..org", Domain),
            ("anna@-example.org", Domain),
            ("anna@example.org:8443", Domain),
            ("anna@example.org/path", Domain),
            ("anna@example.org?x", Domain),
            ("anna@example.org#x", Domain),
            ("anna@exa%6dple.org", Domain),
            ("anna@exa mple.org", Domain),
            ("anna@exämple.org", Domain),
            ("anna@example。org", Domain),
            ("anna@example.org\r\nHost: x", Domain),
            ("anna@127.0.0.1", IpAddress),
            ("anna@[127.0.0.1]", IpAddress),
            ("anna@[IPv6:::1]", IpAddress),
            ("anna@127.1", IpAddress),
            ("anna@2130706433", IpAddress),
            ("anna@0x7f.0x1", IpAddress),
            ("anna@0x7f000001", IpAddress),
            ("anna@017700000001", IpAddress),
            ("anna@localhost", PrivateDomain),
            ("anna@mail.localhost", PrivateDomain),
            ("anna@printer.local", PrivateDomain),
            ("anna@metadata.google.internal", PrivateDomain),
            ("anna@router.home.arpa", PrivateDomain),
            ("anna@hidden.onion", PrivateDomain),
        ] {
            assert_eq!(parse(address), Err(why), "{address}");
        }
        assert_eq!(parse(&format!("anna@{}.org", "a".repeat(64))), Err(Domain));
        assert_eq!(parse(&format!("anna@{}org", "a.".repeat(120))), Err(Domain));
    }

    #[test]
    fn local_parts_that_need_quoting_are_refused() {
        for local_part in ["\"a b\"", "a b", "a\nb", "a\0b", "<a", "a,b", "\u{202e}\u{0085}", &"a".repeat(65)] {
            assert_eq!(MailAddress::new(local_part, "example.org"), Err(InvalidAddress::LocalPart), "{local_part:?}");
        }
    }

    #[test]
    fn logs_do_not_show_whom_somebody_writes_to() {
        assert_eq!(format!("{:?}", parse("anna@example.org").unwrap()), "MailAddress(…@example.org)");
    }
}
