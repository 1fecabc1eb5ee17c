//! What a domain publishes about its mail, in DNS and as a policy of MTA-STS.

use super::SigningKeys;
use crate::route::StsPolicy;
use sha2::{Digest, Sha256};
use std::fmt;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Octets of one string of a TXT record (RFC 1035 §3.3.14).
const STRING: usize = 255;

/// A domain whose mail one server takes and sends.
#[derive(Clone, Copy)]
pub struct Publication<'a> {
    /// The domain, as behind the `@`; other scripts as A-labels.
    pub domain: &'a str,
    /// The server's name.
    pub host: &'a str,
    /// What the server signs with.
    pub keys: &'a SigningKeys,
    /// What the domain asks of whoever sends to it (MTA-STS), if that is served.
    pub policy: Option<&'a StsPolicy>,
    /// The server's own certificate (DER), if others are to know its key by DNSSEC.
    pub certificate: Option<&'a [u8]>,
}

/// A record of DNS, as a line of a zone file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its name, without the last dot.
    pub name: String,
    /// Its type.
    pub kind: &'static str,
    /// Its data, as it stands in a zone file.
    pub data: String,
}

impl fmt::Display for Record {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}. IN {} {}", self.name, self.kind, self.data)
    }
}

impl Publication<'_> {
    /// What the zone of the domain needs: MX; SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 9989); TLSRPT (RFC 8460), and MTA-STS
    /// (RFC 8461), if there is a policy; and in that of the server, if there is a certificate, TLSA (RFC 7672).
    pub fn records(&self) -> Vec<Record> {
        let Self { domain, host, .. } = self;
        let mut records = vec![
            Record { name: (*domain).to_owned(), kind: "MX", data: format!("10 {host}.") },
            text((*domain).to_owned(), "v=spf1 mx -all"),
        ];
        for (selector, key) in self.keys.records() {
            records.push(text(format!("{selector}._domainkey.{domain}"), key));
        }
        records.push(text(format!("_dmarc.{domain}"), "v=DMARC1; p=reject; adkim=s; aspf=s"));
        if let Some(policy) = self.policy {
            // It goes by the hash of what it says, so that another one has another id (RFC 8461 §3.1).
            let hash = Sha256::digest(policy.serialize());
            let id: String = hash.iter().take(10).map(|octet| format!("{octet:02x}")).collect();
            records.push(text(format!("_mta-sts.{domain}"), &format!("v=STSv1; id={id}")));
            records.push(Record { name: format!("mta-sts.{domain}"), kind: "CNAME", data: format!("{host}.") });
        }
        records.push(text(format!("_smtp._tls.{domain}"), &format!("v=TLSRPTv1; rua=mailto:postmaster@{domain}")));
        records.extend(self.tlsa());
        records
    }

    /// `3 1 1`: the server's own key, by its SHA-256 (RFC 7672 §3.1.1).
    fn tlsa(&self) -> Option<Record> {
        let (_, certificate) = X509Certificate::from_der(self.certificate?).ok()?;
        let hash = Sha256::digest(certificate.tbs_certificate.subject_pki.raw);
        let hash: String = hash.iter().map(|octet| format!("{octet:02x}")).collect();
        Some(Record { name: format!("_25._tcp.{}", self.host), kind: "TLSA", data: format!("3 1 1 {hash}") })
    }
}

/// A text without quotes and backslashes, in strings that are not too long.
fn text(name: String, text: &str) -> Record {
    let mut data = String::new();
    let mut rest = text;
    while let Some((string, after)) = rest.split_at_checked(STRING.min(rest.len())).filter(|(one, _)| !one.is_empty()) {
        data.push_str(if data.is_empty() { "\"" } else { " \"" });
        data.push_str(string);
        data.push('"');
        rest = after;
    }
    Record { name, kind: "TXT", data }
}
