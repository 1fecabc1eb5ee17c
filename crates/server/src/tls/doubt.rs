//! What makes a certificate useless to browsers, although TLS can be spoken with it: with HSTS nobody clicks past it.

use super::Offer;
use crate::public_name::PublicName;
use rustls::client::verify_server_name;
use rustls::pki_types::ServerName;
use rustls::server::ParsedCertificate;

/// Why browsers will refuse a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// Its time is over.
    #[error("the certificate has expired: browsers refuse it")]
    Expired,
    /// Its time has not come.
    #[error("the certificate is not valid yet: browsers refuse it")]
    NotYetValid,
    /// It does not name what others call this server.
    #[error("the certificate is not for the public name: browsers refuse it")]
    OtherName,
    /// It does not name the hosts of policies (RFC 8461 §3.3).
    #[error("the certificate is not for mta-sts.DOMAIN of every --mail-domain: nobody believes a policy there")]
    OtherPolicyHost,
}

impl Offer {
    /// All that is wrong with its certificate at that moment (seconds since 1970), under the name that others use for this server.
    pub(crate) fn doubts(&self, name: Option<&PublicName>, policy_hosts: &[String], now: i64) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        if let Ok((_, x509)) = x509_parser::parse_x509_certificate(&self.own) {
            let validity = x509.validity();
            if now > validity.not_after.timestamp() {
                doubts.push(Doubt::Expired);
            }
            if now < validity.not_before.timestamp() {
                doubts.push(Doubt::NotYetValid);
            }
        }
        let Ok(parsed) = ParsedCertificate::try_from(&self.own) else { return doubts };
        let is_other =
            |name: String| ServerName::try_from(name).is_ok_and(|name| verify_server_name(&parsed, &name).is_err());
        if name.is_some_and(|name| is_other(name.in_certificate())) {
            doubts.push(Doubt::OtherName);
        }
        if policy_hosts.iter().cloned().any(is_other) {
            doubts.push(Doubt::OtherPolicyHost);
        }
        doubts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::CertificateFiles;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    #[test]
    fn what_browsers_refuse_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["mail.example.org".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        let certificate = params.self_signed(&key).unwrap();
        let files = CertificateFiles { certificate: folder.path().join("c"), key: folder.path().join("k") };
        std::fs::write(&files.certificate, certificate.pem()).unwrap();
        std::fs::write(&files.key, key.serialize_pem()).unwrap();
        let offer = Offer::with(&files).unwrap();
        let at = |name: &str, year| {
            offer.doubts(Some(&name.parse().unwrap()), &[], date_time_ymd(year, 6, 1).unix_timestamp())
        };
        assert_eq!(at("mail.example.org", 2020), []);
        assert_eq!(at("mail.example.org:8443", 2020), []);
        assert_eq!(at("mail.example.org", 2021), [Doubt::Expired]);
        assert_eq!(at("mail.example.org", 2019), [Doubt::NotYetValid]);
        assert_eq!(at("example.org", 2022), [Doubt::Expired, Doubt::OtherName]);
        let now = date_time_ymd(2020, 6, 1).unix_timestamp();
        let with = |host: &str| offer.doubts(None, &["mail.example.org".to_owned(), host.to_owned()], now);
        assert_eq!(with("mail.example.org"), []);
        assert_eq!(with("mta-sts.example.org"), [Doubt::OtherPolicyHost]);
    }
}
