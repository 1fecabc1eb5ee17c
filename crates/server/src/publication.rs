//! `envelock-server dns`: what to publish, so that a domain's mail comes to this server, and is believed when it goes out.

use crate::options::{AnyError, Options};
use crate::place::must_be_there;
use envelock_mail::sign::Publication;
use envelock_server::storage::signing_keys;
use std::io::Write;

/// Lines of zone files; what is none stands behind a semicolon. The keys that are published are made if there are none.
pub(crate) fn run(options: Options) -> Result<(), AnyError> {
    let options = options.complete()?;
    let Some(name) = options.public_name.clone().filter(envelock_server::PublicName::is_domain) else {
        return Err("--public-name is needed, and a name: to it mail is sent".into());
    };
    let host = name.host().to_string();
    let is_ordered = options.acme()?.is_some();
    let certificate = options.certificate().map(|files| files.own()).transpose()?;
    let settings = options.settings()?;
    if settings.mail.domains.is_empty() {
        return Err("--mail-domain is needed: whose mail this server takes and sends".into());
    }
    must_be_there(&settings)?;
    let keys = signing_keys(&settings.data_dir)?;
    let mut out = std::io::stdout();
    let policy = settings.mail.policy_for(&host);
    let mut tlsa = None;
    for domain in &settings.mail.domains {
        let publication = Publication {
            domain: domain.as_str(),
            host: &host,
            keys: &keys,
            policy: policy.as_ref(),
            certificate: certificate.as_deref(),
        };
        writeln!(out, "; {domain}")?;
        for record in publication.records() {
            // One for the server, however many domains it has.
            if record.kind == "TLSA" {
                tlsa = Some(record);
            } else {
                writeln!(out, "{record}")?;
            }
        }
        match &policy {
            Some(_) => writeln!(out, "; The certificate has to be for mta-sts.{domain}, too.")?,
            None => writeln!(out, "; No policy (MTA-STS): --mta-sts serves one.")?,
        }
        writeln!(out)?;
    }
    writeln!(out, "; {host}")?;
    match tlsa {
        Some(record) => {
            writeln!(
                out,
                "; Only in a zone with DNSSEC. Before a certificate with another key is served, add its record."
            )?;
            writeln!(out, "{record}")?;
        }
        None if is_ordered => writeln!(
            out,
            "; No TLSA: each certificate that is ordered has a key of its own, and a record of the one before would turn mail away."
        )?,
        None => writeln!(out, "; No TLSA: it names a certificate of yours (--tls-certificate).")?,
    }
    Ok(out.flush()?)
}
