//! The options of mail from outside, taken together.

use super::{AnyError, secret_file};
use clap::{Args, ValueEnum};
use envelock_mail::receive::WebhookSecrets;
use envelock_mail::route::StsMode;
use envelock_server::{AddressDomain, LmtpListener, MailListeners, MailSettings, PublicName};
use serde::Deserialize;
use std::fs::Permissions;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

/// Who may say where a message came from: those of the server's group, into which the mail server in front belongs.
const SOCKET_MODE: u32 = 0o660;

/// Mail from outside, unless nobody listens for any.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(crate) struct MailOptions {
    /// Address and port (0.0.0.0:25) to take mail on, from everybody, for accounts whose address is of a --mail-domain.
    #[arg(long, env = "ENVELOCK_SMTP_LISTEN")]
    smtp_listen: Option<SocketAddr>,
    /// Where a mail server on this machine hands mail over (LMTP): a file (/run/envelock/lmtp) or an address (127.0.0.1:24).
    /// It is believed whom it got a message from (XFORWARD).
    #[arg(long, env = "ENVELOCK_LMTP_LISTEN", value_name = "FILE OR ADDRESS")]
    lmtp_listen: Option<LmtpPlace>,
    /// File with the secret (whsec_ and base64, from openssl rand -base64 32) that a program signs mail with which it hands over at
    /// /api/v1/inbound (Standard Webhooks). A second line is good as well, while the secret is replaced.
    #[arg(long, env = "ENVELOCK_WEBHOOK_SECRET_FILE", value_name = "FILE")]
    pub(super) webhook_secret_file: Option<PathBuf>,
    /// Domain whose mail this server takes, and sends (--send-mail); those of --registration-domain if none is given. Can be given several times.
    #[arg(long = "mail-domain", env = "ENVELOCK_MAIL_DOMAINS", value_delimiter = ',', value_name = "DOMAIN")]
    #[serde(rename = "mail-domain")]
    mail_domains: Vec<AddressDomain>,
    /// Serves a policy (MTA-STS) at https://mta-sts.DOMAIN for each --mail-domain: whoever sends to it is to insist on --public-name
    /// and its certificate, or for a start to report what would fail.
    #[arg(long, env = "ENVELOCK_MTA_STS", value_enum)]
    mta_sts: Option<Policy>,
    /// Largest message that is taken, in octets.
    #[arg(long, env = "ENVELOCK_MAIL_BYTES")]
    mail_bytes: Option<u64>,
    /// Octets that the mail of one account may take, besides what --account-bytes allows.
    #[arg(long, env = "ENVELOCK_MAILBOX_BYTES")]
    mailbox_bytes: Option<u64>,
    /// Connections of SMTP at a time, and of LMTP.
    #[arg(long, env = "ENVELOCK_MAIL_CONNECTIONS")]
    mail_connections: Option<NonZeroU32>,
    /// Connections of SMTP at a time of one address (IPv6: of one /64).
    #[arg(long, env = "ENVELOCK_MAIL_CONNECTIONS_PER_ADDRESS")]
    mail_connections_per_address: Option<NonZeroU32>,
    /// DNS server (127.0.0.1:53) that is asked about domains of senders; those of this machine if none is given. Can be given
    /// several times.
    #[arg(long = "mail-nameserver", env = "ENVELOCK_MAIL_NAMESERVERS", value_delimiter = ',', value_name = "ADDRESS")]
    #[serde(rename = "mail-nameserver")]
    mail_nameservers: Vec<SocketAddr>,
    /// The program envelock-seal, which encrypts mail to owners who gave a certificate. The one beside this program if none is given.
    #[arg(long, env = "ENVELOCK_SEAL_PROGRAM", value_name = "FILE")]
    seal_program: Option<PathBuf>,
}

/// What whoever sends to a domain is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Policy {
    /// To deliver all the same, and report.
    Testing,
    /// To deliver to that server alone.
    Enforce,
}

impl From<Policy> for StsMode {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Testing => Self::Testing,
            Policy::Enforce => Self::Enforce,
        }
    }
}

/// Where LMTP is spoken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
enum LmtpPlace {
    Address(SocketAddr),
    File(PathBuf),
}

impl FromStr for LmtpPlace {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => Ok(Self::Address(address)),
            Ok(_) => {
                Err("whoever speaks LMTP is believed: an address of this machine, such as 127.0.0.1:24, or a file")
            }
            Err(_) if text.contains('/') => Ok(Self::File(text.into())),
            Err(_) => Err("a file with its folder, such as /run/envelock/lmtp, or an address such as 127.0.0.1:24"),
        }
    }
}

impl TryFrom<String> for LmtpPlace {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl MailOptions {
    /// What was given, else what the file says.
    pub(crate) fn complete(&mut self, file: Self) {
        self.smtp_listen = self.smtp_listen.or(file.smtp_listen);
        self.lmtp_listen = self.lmtp_listen.take().or(file.lmtp_listen);
        self.webhook_secret_file = self.webhook_secret_file.take().or(file.webhook_secret_file);
        self.mta_sts = self.mta_sts.or(file.mta_sts);
        self.mail_bytes = self.mail_bytes.or(file.mail_bytes);
        self.mailbox_bytes = self.mailbox_bytes.or(file.mailbox_bytes);
        self.seal_program = self.seal_program.take().or(file.seal_program);
        self.mail_connections = self.mail_connections.or(file.mail_connections);
        self.mail_connections_per_address = self.mail_connections_per_address.or(file.mail_connections_per_address);
        if self.mail_domains.is_empty() {
            self.mail_domains = file.mail_domains;
        }
        if self.mail_nameservers.is_empty() {
            self.mail_nameservers = file.mail_nameservers;
        }
    }

    /// Whether they can be meant so, beside the domains that people register with.
    pub(crate) fn check(
        &self,
        registration_domains: &[AddressDomain],
        public_name: Option<&PublicName>,
    ) -> Result<(), AnyError> {
        let needs_domain = self.takes_mail() || self.mta_sts.is_some();
        if needs_domain && self.mail_domains.is_empty() && registration_domains.is_empty() {
            return Err("--smtp-listen, --lmtp-listen, --webhook-secret-file and --mta-sts need --mail-domain: whose mail this server takes".into());
        }
        if self.mta_sts.is_some() && !public_name.is_some_and(PublicName::is_domain) {
            return Err("--mta-sts needs a --public-name that is no address: whom others are to insist on".into());
        }
        if let Some(program) = self.seal_program.as_ref().filter(|program| !program.is_file()) {
            return Err(format!("--seal-program: {} is not there", program.display()).into());
        }
        Ok(())
    }

    /// Whether mail comes in, one way or another.
    fn takes_mail(&self) -> bool {
        self.smtp_listen.is_some() || self.lmtp_listen.is_some() || self.webhook_secret_file.is_some()
    }

    /// Connections that there may be at a time.
    pub(crate) fn connections(&self) -> u32 {
        let of_each = self.mail_connections.unwrap_or(MailSettings::default().connections).get();
        let listeners = u32::from(self.smtp_listen.is_some()) + u32::from(self.lmtp_listen.is_some());
        of_each.saturating_mul(listeners)
    }

    /// Listens from now on, though nobody answers yet.
    pub(crate) fn listen(&self) -> Result<MailListeners, AnyError> {
        let mut listeners = MailListeners::default();
        if let Some(address) = self.smtp_listen {
            listeners.smtp = Some(super::bind(address)?);
        }
        listeners.lmtp = match &self.lmtp_listen {
            Some(LmtpPlace::Address(address)) => Some(LmtpListener::Tcp(super::bind(*address)?)),
            Some(LmtpPlace::File(path)) => {
                let listener = bind_file(path);
                let listener = listener.map_err(|error| format!("cannot listen on {}: {error}", path.display()))?;
                Some(LmtpListener::Unix(listener))
            }
            None => None,
        };
        Ok(listeners)
    }

    pub(crate) fn settings(self, registration_domains: &[AddressDomain]) -> Result<MailSettings, AnyError> {
        let mut settings = MailSettings::default();
        let takes_mail = self.takes_mail();
        settings.webhook_secrets = self.webhook_secret_file.as_deref().map(webhook_secrets).transpose()?;
        // With domains of its own and no listener it is one of several servers: another one takes the mail.
        settings.domains = match self.mail_domains.is_empty() {
            true if takes_mail => registration_domains.to_vec(),
            _ => self.mail_domains,
        };
        settings.policy = self.mta_sts.map(Into::into);
        settings.message_bytes = self.mail_bytes.unwrap_or(settings.message_bytes);
        settings.mailbox_bytes = self.mailbox_bytes.unwrap_or(settings.mailbox_bytes);
        settings.connections = self.mail_connections.unwrap_or(settings.connections);
        settings.connections_of_one_network =
            self.mail_connections_per_address.unwrap_or(settings.connections_of_one_network);
        settings.nameservers = self.mail_nameservers;
        settings.seal_program = self.seal_program.or_else(beside);
        Ok(settings)
    }
}

fn webhook_secrets(file: &Path) -> Result<Arc<WebhookSecrets>, AnyError> {
    let in_file = |error: &dyn std::fmt::Display| format!("--webhook-secret-file {}: {error}", file.display());
    let text = secret_file::read(file).map_err(|error| in_file(&error))?;
    let secrets = WebhookSecrets::parse(&text).map_err(|error| in_file(&error))?;
    Ok(Arc::new(secrets))
}

/// The program of that name that was installed with this one.
fn beside() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?.with_file_name("envelock-seal");
    program.is_file().then_some(program)
}

/// What an earlier run left there, and nobody listens on any more, goes.
fn bind_file(path: &Path) -> io::Result<UnixListener> {
    let is_left = std::fs::symlink_metadata(path).is_ok_and(|there| there.file_type().is_socket())
        && UnixStream::connect(path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
    if is_left {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, Permissions::from_mode(SOCKET_MODE))?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn whoever_is_believed_is_on_this_machine() {
        assert_eq!("127.0.0.1:24".parse(), Ok(LmtpPlace::Address(([127, 0, 0, 1], 24).into())));
        assert_eq!("/run/envelock/lmtp".parse(), Ok(LmtpPlace::File("/run/envelock/lmtp".into())));
        for bad in ["0.0.0.0:24", "192.0.2.1:24", "[::]:24", "lmtp", "127.0.0.1", ""] {
            assert!(bad.parse::<LmtpPlace>().is_err(), "{bad}");
        }
    }

    #[test]
    fn whoever_does_not_listen_takes_the_mail_of_no_domain_but_those_that_were_named() {
        let domains = |text: &str| vec![text.parse::<AddressDomain>().unwrap()];
        let registration = domains("example.org");
        let smtp = Some(([127, 0, 0, 1], 25).into());
        let taken = |smtp_listen, mail_domains| {
            MailOptions { smtp_listen, mail_domains, ..MailOptions::default() }.settings(&registration).unwrap().domains
        };
        assert_eq!(taken(None, Vec::new()), []);
        assert_eq!(taken(smtp, Vec::new()), registration);
        for listens in [None, smtp] {
            assert_eq!(taken(listens, domains("example.net")), domains("example.net"));
        }
    }

    #[test]
    fn a_file_that_was_left_goes_and_one_that_is_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lmtp");
        let first = bind_file(&path).unwrap();
        assert!(bind_file(&path).is_err(), "in use");
        drop(first);
        let again = bind_file(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
        drop(again);
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "a file of somebody's").unwrap();
        assert!(bind_file(&path).is_err() && path.is_file());
    }
}
