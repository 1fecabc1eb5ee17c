//! The options of outgoing mail.

use super::{AnyError, secret_file};
use clap::Args;
use clap::builder::BoolishValueParser;
use envelock_mail::deliver::Login;
use envelock_server::{AddressDomain, OutgoingSettings, PublicName, Smarthost};
use serde::Deserialize;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// RFC 5321 §4.5.4.1 has four or five days; people want to know sooner.
const DAYS: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);

/// Where programs hand mail in (RFC 6409).
const SUBMISSION: u16 = 587;

#[derive(Debug, Default, Args, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(crate) struct OutgoingOptions {
    /// Sends mail, for accounts whose address is of a --mail-domain.
    #[arg(long, env = "ENVELOCK_SEND_MAIL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    send_mail: Option<bool>,
    /// Server that passes all mail on, HOST or HOST:PORT (587, or 465 where TLS comes first), instead of those of each recipient's domain.
    #[arg(long, env = "ENVELOCK_SMARTHOST", value_name = "HOST:PORT")]
    smarthost: Option<String>,
    /// Who this server is at the smarthost.
    #[arg(long, env = "ENVELOCK_SMARTHOST_USER", value_name = "NAME")]
    smarthost_user: Option<String>,
    /// A file with the password for it.
    #[arg(long, env = "ENVELOCK_SMARTHOST_PASSWORD_FILE", value_name = "FILE")]
    pub(super) smarthost_password_file: Option<PathBuf>,
    /// Days for which a message is tried before its writer is told that it failed [default: 3]
    #[arg(long, env = "ENVELOCK_SEND_DAYS", value_name = "DAYS")]
    send_days: Option<NonZeroU32>,
    /// Tells no domain how TLS with its servers fared (TLSRPT), though it asks for that.
    #[arg(long, env = "ENVELOCK_NO_TLS_REPORTS", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    no_tls_reports: Option<bool>,
    #[cfg(feature = "test-network")]
    #[command(flatten)]
    #[serde(skip)]
    test: crate::test_lookups::TestMailOptions,
}

impl OutgoingOptions {
    /// What was given, else what the file says.
    pub(crate) fn complete(&mut self, file: Self) {
        self.send_mail = self.send_mail.or(file.send_mail);
        self.smarthost = self.smarthost.take().or(file.smarthost);
        self.smarthost_user = self.smarthost_user.take().or(file.smarthost_user);
        self.smarthost_password_file = self.smarthost_password_file.take().or(file.smarthost_password_file);
        self.send_days = self.send_days.or(file.send_days);
        self.no_tls_reports = self.no_tls_reports.or(file.no_tls_reports);
    }

    /// How mail of these domains is sent, if it is.
    pub(crate) fn settings(
        self,
        domains: &[AddressDomain],
        name: Option<&PublicName>,
    ) -> Result<Option<OutgoingSettings>, AnyError> {
        if !self.send_mail.unwrap_or(false) {
            let alone = self.send_mail.is_none() && (self.smarthost.is_some() || self.send_days.is_some());
            return if alone { Err("the options of outgoing mail need --send-mail".into()) } else { Ok(None) };
        }
        if domains.is_empty() {
            return Err("--send-mail needs --mail-domain: whose mail this server sends".into());
        }
        if !name.is_some_and(PublicName::is_domain) {
            return Err("--send-mail needs a --public-name that is no address: other servers are told it".into());
        }
        let login = match (self.smarthost_user, self.smarthost_password_file) {
            (None, None) => None,
            (Some(user), Some(file)) => {
                let password = password(&file).map_err(|error| format!("{}: {error}", file.display()))?;
                Some(Arc::new(Login { user, password }))
            }
            _ => return Err("--smarthost-user and --smarthost-password-file need each other".into()),
        };
        let smarthost = match self.smarthost {
            Some(text) => Some(smarthost(&text, login)?),
            None if login.is_some() => return Err("--smarthost-user needs --smarthost".into()),
            None => None,
        };
        Ok(Some(OutgoingSettings {
            domains: domains.to_vec(),
            smarthost,
            days: self.send_days.unwrap_or(DAYS),
            tls_reports: !self.no_tls_reports.unwrap_or(false),
            #[cfg(feature = "test-network")]
            test: self.test.mail(),
        }))
    }
}

fn smarthost(text: &str, login: Option<Arc<Login>>) -> Result<Smarthost, AnyError> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok().filter(|port| *port > 0)),
        None => (text, Some(SUBMISSION)),
    };
    let is_name = rustls::pki_types::DnsName::try_from(host).is_ok();
    match port {
        Some(port) if is_name => Ok(Smarthost { host: host.to_owned(), port, login }),
        _ => {
            Err("--smarthost is the name of a server, with a port if it is another one than 587: smtp.example.org:465"
                .into())
        }
    }
}

/// Its line end is none of it.
fn password(file: &Path) -> Result<Zeroizing<String>, AnyError> {
    let text = secret_file::read(file)?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}
