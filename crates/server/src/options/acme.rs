//! The options of a CA, taken together.

use super::{AnyError, Options};
use envelock_server::{Acme, PublicName};
use instant_acme::LetsEncrypt;
use url::Url;

impl Options {
    /// Whom to ask for a certificate, if anybody.
    pub(crate) fn acme(&self) -> Result<Option<Acme>, AnyError> {
        let Some(contact) = self.acme_contact.clone() else {
            let alone = self.acme_directory.is_some() || self.acme_root.is_some() || self.acme_accept_terms.is_some();
            return if alone { Err("the options of ACME need --acme-contact".into()) } else { Ok(None) };
        };
        let is_plain = contact.chars().all(|letter| letter.is_ascii_graphic() && !",?%<>\"".contains(letter));
        if !is_plain || !contact.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty()) {
            return Err("--acme-contact is a mail address".into());
        }
        if self.tls_certificate.is_some() {
            return Err("--acme-contact orders a certificate: leave --tls-certificate and --tls-key away".into());
        }
        let Some(name) = self.public_name.clone().filter(PublicName::is_domain) else {
            return Err("--acme-contact needs a --public-name that is no address: that is what is certified".into());
        };
        let directory = self.acme_directory.clone().unwrap_or_else(|| LetsEncrypt::Production.url().to_owned());
        if !self.acme_accept_terms.unwrap_or(false) {
            let terms =
                format!("read the terms of the CA ({directory}), and say that you accept them: --acme-accept-terms");
            return Err(terms.into());
        }
        match Url::parse(&directory) {
            Ok(url) if url.scheme() == "https" && url.has_host() => {
                // As it was read: what was given may have spaces around it.
                Ok(Some(Acme { directory: url.into(), contact, root: self.acme_root.clone(), name }))
            }
            _ => Err("--acme-directory is a URL that begins with https://".into()),
        }
    }
}
