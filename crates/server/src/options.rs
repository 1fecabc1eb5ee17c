//! What an operator sets: by flags, by environment variables, or in a file, in this order of precedence.

mod acme;
mod admission;
mod bucket;
mod mail;
mod outgoing;
mod secret_file;

pub(crate) use bucket::BucketOptions;
pub(crate) use mail::MailOptions;

use admission::Admission;
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use envelock_server::storage::DatabaseLocation;
use envelock_server::tls::CertificateFiles;
use envelock_server::{AddressDomain, BalancerNetwork, Clock, PublicName, Settings, SystemClock};
use envelock_wire::Keyserver;
use outgoing::OutgoingOptions;
use serde::Deserialize;
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) type AnyError = Box<dyn Error + Send + Sync>;

/// Where to listen unless it is said.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8443);

/// The options of `serve`. In the file they have the names of the flags, without the dashes before them. A switch may be
/// given a value, so that `--no-lookup=false` stands above a file that says otherwise.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Options {
    /// A file with any of these options (TOML: `listen = "0.0.0.0:443"`).
    #[arg(long, env = "ENVELOCK_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Says what is wrong with the options, file and certificate included, and ends; prints nothing if all is well.
    #[arg(long)]
    #[serde(skip)]
    pub(crate) check_config: bool,
    /// Where database, ciphertext and the self-signed certificate are kept [default: data]
    #[arg(long, env = "ENVELOCK_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// A file with the URL of a PostgreSQL database (postgres://USER:PASSWORD@HOST/NAME?sslmode=verify-full), which several
    /// servers may share; without it the database is a file in the data directory.
    #[arg(long, env = "ENVELOCK_DATABASE_URL_FILE", value_name = "FILE")]
    database_url_file: Option<PathBuf>,
    #[command(flatten)]
    #[serde(flatten)]
    bucket: BucketOptions,
    /// The built web application; without it only the API answers.
    #[arg(long, env = "ENVELOCK_WEB_ROOT")]
    web_root: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8443]
    #[arg(long, env = "ENVELOCK_LISTEN")]
    listen: Option<SocketAddr>,
    /// Address of this machine (127.0.0.1:PORT) where the operator may ask, in clear, for /live, /ready and /metrics.
    #[arg(long, env = "ENVELOCK_STATUS_LISTEN")]
    pub(crate) status_listen: Option<SocketAddr>,
    /// Address and port (0.0.0.0:80) where everybody who comes in clear is sent to https://PUBLIC-NAME, and nothing is served.
    #[arg(long, env = "ENVELOCK_REDIRECT_LISTEN")]
    pub(crate) redirect_listen: Option<SocketAddr>,
    /// The name others use for this server; with the port (mail.example.org:9443) if they use another one than --listen has.
    #[arg(long, env = "ENVELOCK_PUBLIC_NAME")]
    pub(crate) public_name: Option<PublicName>,
    /// Certificate chain in PEM; without one a self-signed certificate is made.
    #[arg(long, env = "ENVELOCK_TLS_CERTIFICATE")]
    tls_certificate: Option<PathBuf>,
    /// Key of the certificate in PEM.
    #[arg(long, env = "ENVELOCK_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// Orders a certificate for --public-name and renews it (ACME); your mail address, for the CA.
    #[arg(long, env = "ENVELOCK_ACME_CONTACT", value_name = "MAIL")]
    acme_contact: Option<String>,
    /// You accept the CA's terms of service.
    #[arg(long, env = "ENVELOCK_ACME_ACCEPT_TERMS", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    acme_accept_terms: Option<bool>,
    /// The CA's directory [default: Let's Encrypt's, https://acme-v02.api.letsencrypt.org/directory]
    #[arg(long, env = "ENVELOCK_ACME_DIRECTORY", value_name = "URL")]
    acme_directory: Option<String>,
    /// The authority that certifies the CA's own host, in PEM, for a CA of your own.
    #[arg(long, env = "ENVELOCK_ACME_ROOT", value_name = "FILE")]
    acme_root: Option<PathBuf>,
    /// Requires a second factor of everybody: whoever has none sets one up at the next login.
    #[arg(long, env = "ENVELOCK_REQUIRE_SECOND_FACTOR", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    require_second_factor: Option<bool>,
    /// Makes a demo account whose password everybody knows.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    demo: Option<bool>,
    /// Who may make an account without you: nobody, whoever you invite (`user invite`), or everybody [default: closed]
    #[arg(long, env = "ENVELOCK_REGISTRATION", value_enum)]
    registration: Option<Admission>,
    /// Domain of which an address has to be that somebody registers with; needed for open registration, where nobody proves
    /// that an address is theirs. Can be given several times.
    #[arg(
        long = "registration-domain",
        env = "ENVELOCK_REGISTRATION_DOMAINS",
        value_delimiter = ',',
        value_name = "DOMAIN"
    )]
    #[serde(rename = "registration-domain")]
    registration_domains: Vec<AddressDomain>,
    /// Accounts tried to be made per minute and address.
    #[arg(long, env = "ENVELOCK_REGISTRATIONS")]
    registrations_per_minute: Option<NonZeroU32>,
    /// Largest ciphertext of an envelope and of a reply, in octets.
    #[arg(long, env = "ENVELOCK_ENVELOPE_BYTES")]
    envelope_bytes: Option<u64>,
    /// Largest keyring that the devices of an account exchange, in octets.
    #[arg(long, env = "ENVELOCK_KEYRING_BYTES")]
    keyring_bytes: Option<u64>,
    /// Largest ciphertext of a draft, in octets.
    #[arg(long, env = "ENVELOCK_DRAFT_BYTES")]
    draft_bytes: Option<u64>,
    /// Drafts one account may have.
    #[arg(long, env = "ENVELOCK_ACCOUNT_DRAFTS")]
    account_drafts: Option<NonZeroU32>,
    /// Ciphertext one account may keep at a time, replies, drafts and keyring included, in octets.
    #[arg(long, env = "ENVELOCK_ACCOUNT_BYTES")]
    account_bytes: Option<u64>,
    /// Envelopes one account may have, ended ones included.
    #[arg(long, env = "ENVELOCK_ACCOUNT_ENVELOPES")]
    account_envelopes: Option<NonZeroU32>,
    /// Logins tried per minute and address.
    #[arg(long, env = "ENVELOCK_LOGIN_ATTEMPTS")]
    login_attempts_per_minute: Option<NonZeroU32>,
    /// Tokens tried per minute and address.
    #[arg(long, env = "ENVELOCK_OPEN_ATTEMPTS")]
    open_attempts_per_minute: Option<NonZeroU32>,
    /// Looks no certificates of people up: this server then asks no other, but the CA for its own.
    #[arg(long, env = "ENVELOCK_NO_LOOKUP", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    #[arg(value_parser = BoolishValueParser::new())]
    no_lookup: Option<bool>,
    /// Keyserver to ask when the domain of an address publishes no certificate: https://HOST (verifying) or hkps://HOST.
    /// Can be given several times; they are asked in this order.
    #[arg(long = "keyserver", env = "ENVELOCK_KEYSERVERS", value_delimiter = ',', value_name = "URL")]
    #[serde(rename = "keyserver", deserialize_with = "keyservers")]
    keyservers: Vec<Keyserver>,
    #[command(flatten)]
    #[serde(flatten)]
    outgoing: OutgoingOptions,
    /// Messages that an account sends per minute.
    #[arg(long, env = "ENVELOCK_MESSAGES")]
    messages_per_minute: Option<NonZeroU32>,
    /// Changes per minute in one session, or with one token of a program. An account has four times as many.
    #[arg(long, env = "ENVELOCK_WRITES")]
    writes_per_minute: Option<NonZeroU32>,
    /// Certificates looked up per minute and account.
    #[arg(long, env = "ENVELOCK_LOOKUPS")]
    lookups_per_minute: Option<NonZeroU32>,
    /// Connections at a time.
    #[arg(long, env = "ENVELOCK_CONNECTIONS")]
    connections: Option<NonZeroU32>,
    /// Connections at a time of one address (IPv6: of one /64). Behind a proxy all come from the proxy's.
    #[arg(long, env = "ENVELOCK_CONNECTIONS_PER_ADDRESS")]
    connections_per_address: Option<NonZeroU32>,
    /// Address or network of a load balancer that passes TLS through and says whom each connection comes from (PROXY protocol,
    /// on the port of --redirect-listen too). Others are not believed. Can be given several times.
    #[arg(long = "balancer", env = "ENVELOCK_BALANCERS", value_delimiter = ',', value_name = "NETWORK")]
    #[serde(rename = "balancer")]
    balancers: Vec<BalancerNetwork>,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) mail: MailOptions,
    /// How log lines look [default: text]. What is logged is set by RUST_LOG.
    #[arg(long, env = "ENVELOCK_LOG", value_enum)]
    log: Option<LogFormat>,
    /// A file with an offset in seconds that is added to the time.
    #[cfg(feature = "test-clock")]
    #[arg(long, hide = true)]
    #[serde(skip)]
    test_clock_file: Option<PathBuf>,
    #[cfg(feature = "test-network")]
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) test_lookups: crate::test_lookups::TestLookups,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
}

fn keyservers<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Keyserver>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}

/// What was given, else what the file says.
macro_rules! complete {
    ($given:ident from $file:ident: $($option:ident)*) => {
        $($given.$option = $given.$option.take().or($file.$option);)*
    };
}

impl Options {
    /// Those that say where the data is, and nothing else.
    pub(crate) fn of_storage(
        config: Option<PathBuf>,
        data_dir: Option<PathBuf>,
        database_url_file: Option<PathBuf>,
        bucket: BucketOptions,
    ) -> Self {
        Self { config, data_dir, database_url_file, bucket, ..Self::default() }
    }

    /// With what the file says, if there is one, where nothing else does.
    pub(crate) fn complete(mut self) -> Result<Self, AnyError> {
        if let Some(path) = self.config.clone() {
            let in_file = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
            let text = std::fs::read_to_string(&path).map_err(|error| in_file(&error))?;
            let file: Self = toml::from_str(&text).map_err(|error| in_file(&error))?;
            complete!(self from file:
                data_dir database_url_file web_root listen status_listen redirect_listen public_name tls_certificate tls_key
                    acme_contact acme_accept_terms acme_directory acme_root envelope_bytes
                    keyring_bytes draft_bytes account_drafts account_bytes account_envelopes login_attempts_per_minute open_attempts_per_minute
                    writes_per_minute messages_per_minute lookups_per_minute connections connections_per_address log demo no_lookup registration registrations_per_minute
                    require_second_factor);
            self.bucket.complete(file.bucket);
            self.mail.complete(file.mail);
            self.outgoing.complete(file.outgoing);
            if self.registration_domains.is_empty() {
                self.registration_domains = file.registration_domains;
            }
            if self.balancers.is_empty() {
                self.balancers = file.balancers;
            }
            if self.keyservers.is_empty() {
                self.keyservers = file.keyservers;
            }
        }
        if self.tls_certificate.is_some() != self.tls_key.is_some() {
            return Err("--tls-certificate and --tls-key need each other".into());
        }
        if self.status_listen.is_some_and(|address| !address.ip().is_loopback()) {
            return Err("--status-listen answers everybody, in clear: give it an address of this machine, such as 127.0.0.1:9443".into());
        }
        if self.redirect_listen.is_some() && self.public_name.is_none() {
            return Err("--redirect-listen needs --public-name: that is where everybody is sent to".into());
        }
        if self.registration == Some(Admission::Open) && self.registration_domains.is_empty() {
            return Err(
                "--registration open needs --registration-domain: of which addresses people may take one".into()
            );
        }
        self.mail.check(&self.registration_domains, self.public_name.as_ref())?;
        self.acme()?;
        Ok(self)
    }

    pub(crate) fn listen(&self) -> SocketAddr {
        self.listen.unwrap_or(LISTEN)
    }

    pub(crate) fn demo(&self) -> bool {
        self.demo.unwrap_or(false)
    }

    pub(crate) fn log(&self) -> LogFormat {
        self.log.unwrap_or_default()
    }

    /// Connections that there may be at a time, of all kinds.
    pub(crate) fn connections(&self) -> u32 {
        let connections = self.connections.unwrap_or(Settings::new("").connections).get();
        connections.saturating_add(self.mail.connections())
    }

    pub(crate) fn certificate(&self) -> Option<CertificateFiles> {
        let (certificate, key) = self.tls_certificate.clone().zip(self.tls_key.clone())?;
        Some(CertificateFiles { certificate, key })
    }

    pub(crate) fn settings(self) -> Result<Settings, AnyError> {
        let mut settings = Settings::new(self.data_dir.unwrap_or_else(|| PathBuf::from("data")));
        if let Some(file) = self.database_url_file {
            settings.database = database(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        }
        settings.bucket = self.bucket.location()?;
        settings.web_root = self.web_root;
        settings.demo = self.demo.unwrap_or(false);
        settings.require_second_factor = self.require_second_factor.unwrap_or(false);
        if let Some(bytes) = self.envelope_bytes {
            settings.envelope_bytes = bytes;
            settings.reply_bytes = bytes;
        }
        settings.registration = self.registration.map_or(settings.registration, Into::into);
        settings.mail = self.mail.settings(&self.registration_domains)?;
        settings.registration_domains = self.registration_domains;
        settings.registrations_per_minute = self.registrations_per_minute.unwrap_or(settings.registrations_per_minute);
        settings.keyring_bytes = self.keyring_bytes.unwrap_or(settings.keyring_bytes);
        settings.draft_bytes = self.draft_bytes.unwrap_or(settings.draft_bytes);
        settings.account_drafts = self.account_drafts.unwrap_or(settings.account_drafts);
        settings.account_bytes = self.account_bytes.unwrap_or(settings.account_bytes);
        settings.account_envelopes = self.account_envelopes.unwrap_or(settings.account_envelopes);
        settings.login_attempts_per_minute =
            self.login_attempts_per_minute.unwrap_or(settings.login_attempts_per_minute);
        settings.open_attempts_per_minute = self.open_attempts_per_minute.unwrap_or(settings.open_attempts_per_minute);
        settings.writes_per_minute = self.writes_per_minute.unwrap_or(settings.writes_per_minute);
        settings.connections = self.connections.unwrap_or(settings.connections);
        settings.connections_of_one_network =
            self.connections_per_address.unwrap_or(settings.connections_of_one_network);
        settings.lookup = !self.no_lookup.unwrap_or(false);
        settings.keyservers = self.keyservers;
        settings.outgoing = self.outgoing.settings(&settings.mail.domains, self.public_name.as_ref())?;
        settings.messages_per_minute = self.messages_per_minute.unwrap_or(settings.messages_per_minute);
        settings.balancers = self.balancers;
        settings.lookups_per_minute = self.lookups_per_minute.unwrap_or(settings.lookups_per_minute);
        #[cfg(feature = "test-clock")]
        if self.test_clock_file.is_some() {
            // Time may jump at any moment: look at it every second.
            settings.purge_every = std::time::Duration::from_secs(1);
        }
        Ok(settings)
    }

    #[cfg(feature = "test-clock")]
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        match &self.test_clock_file {
            Some(path) => Arc::new(envelock_server::FileClock(path.clone())),
            None => Arc::new(SystemClock),
        }
    }

    #[cfg(not(feature = "test-clock"))]
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }
}

/// Listens from now on, though nobody answers yet.
pub(crate) fn bind(address: SocketAddr) -> Result<TcpListener, AnyError> {
    TcpListener::bind(address).map_err(|error| format!("cannot listen on {address}: {error}").into())
}

fn database(file: &Path) -> Result<DatabaseLocation, AnyError> {
    Ok(DatabaseLocation::Postgres(secret_file::read(file)?.parse()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn settings(file: &str, flags: &[&str]) -> Settings {
        let config = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(config.path(), file).unwrap();
        let line = ["serve", "--config", config.path().to_str().unwrap()];
        Line::try_parse_from(line.iter().chain(flags)).unwrap().options.complete().unwrap().settings().unwrap()
    }

    #[test]
    fn what_the_file_switches_on_a_flag_can_switch_off() {
        let on = "demo = true\nno-lookup = true\nrequire-second-factor = true";
        let switched = |file, flags| {
            let settings = settings(file, flags);
            (settings.demo, !settings.lookup, settings.require_second_factor)
        };
        assert_eq!(switched(on, &[]), (true, true, true));
        let off = ["--demo=false", "--no-lookup=false", "--require-second-factor=false"];
        assert_eq!(switched(on, &off), (false, false, false));
        let flags = ["--demo", "--no-lookup", "--require-second-factor", "--listen", "127.0.0.1:0"];
        assert_eq!(switched("", &flags), (true, true, true));
        assert_eq!(switched("", &[]), (false, false, false));
        assert!(Line::try_parse_from(["serve", "--demo=perhaps"]).is_err());
    }
}
