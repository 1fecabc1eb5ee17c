//! CERTS: certificates, one or several in a file.

use envelock::armor::{self, ArmorKind};
use envelock::{Certificate, Fingerprint, KeyringItem, Limits, read_keys};
use sop::errors::Error;
use sop::{Load, Save};
use std::io::{Read, Write};

use crate::failure::{because, of_key};
use crate::input;
use crate::program::Envelock;

/// Certificates, in the order of their file.
pub struct Certs {
    pub certificates: Vec<Certificate>,
    /// Why the first of those that cannot be used here was left out, if any was.
    pub unsupported: Option<String>,
    source: Option<String>,
}

impl Certs {
    /// Certificates made here.
    pub fn new(certificates: Vec<Certificate>) -> Self {
        Self { certificates, unsupported: None, source: None }
    }

    /// As [`new`](Self::new), for operations that can only do all of them.
    pub fn all_supported(&self) -> sop::Result<&[Certificate]> {
        match &self.unsupported {
            None => Ok(&self.certificates),
            Some(what) => Err(because(format!("unsupported certificate: {what}"), Error::UnsupportedAsymmetricAlgo)),
        }
    }
}

impl<'s> Load<'s, Envelock> for Certs {
    fn from_reader(
        _: &'s Envelock,
        source: &mut (dyn Read + Send + Sync),
        source_name: Option<String>,
    ) -> sop::Result<Self> {
        let octets = input::read(source)?;
        let (mut certificates, mut unsupported) = (Vec::new(), None);
        for entry in read_keys(&octets, &Limits::default()).map_err(of_key)?.entries {
            match entry.item {
                KeyringItem::Certificate(certificate) => certificates.push(certificate),
                KeyringItem::SecretKey(_) => {
                    return Err(because("a secret key stands where a certificate is needed", Error::BadData));
                }
                KeyringItem::Unsupported { reason, .. } => unsupported = unsupported.or(Some(reason)),
                _ => return Err(Error::BadData),
            }
        }
        Ok(Self { certificates, unsupported, source: source_name })
    }

    fn source_name(&self) -> Option<&str> {
        self.source.as_deref()
    }
}

impl Save for Certs {
    fn to_writer(&self, armored: bool, sink: &mut (dyn Write + Send + Sync)) -> sop::Result<()> {
        let octets: Vec<u8> = self.certificates.iter().flat_map(Certificate::to_bytes).collect();
        if armored {
            sink.write_all(armor::write(ArmorKind::PublicKey, &octets).as_bytes())?;
        } else {
            sink.write_all(&octets)?;
        }
        Ok(())
    }
}

impl<'s> sop::plumbing::SopRef<'s, Envelock> for Certs {
    fn sop(&self) -> &'s Envelock {
        &Envelock
    }
}

/// The certificates of possible signers, and which file each came from.
#[derive(Default)]
pub struct Signers {
    pub certificates: Vec<Certificate>,
    sources: Vec<(Fingerprint, String)>,
}

impl Signers {
    /// Adds a file's certificates; those that cannot be used here cannot verify anything.
    pub fn add(&mut self, certs: &Certs) {
        for certificate in &certs.certificates {
            if let Some(source) = &certs.source {
                self.sources.push((certificate.fingerprint(), source.clone()));
            }
            self.certificates.push(certificate.clone());
        }
    }

    /// The files a certificate came in, each once.
    pub fn sources_of<'a>(&'a self, fingerprint: &'a Fingerprint) -> Vec<&'a str> {
        let mut sources: Vec<&str> = Vec::new();
        for (_, source) in self.sources.iter().filter(|(known, _)| known == fingerprint) {
            if !sources.contains(&source.as_str()) {
                sources.push(source);
            }
        }
        sources
    }
}
