//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use envelock_server::storage::DatabaseLocation;
use envelock_server::tls::CertificateFiles;
use envelock_server::{Clock, DemoAccount, Serving, Settings, SystemClock, api, serve};
use envelock_wire::Keyserver;
use std::error::Error;
use std::io::{IsTerminal, Write};
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tracing_subscriber::EnvFilter;
use zeroize::Zeroizing;

/// The self-hosted Envelock server: stores sealed envelopes it cannot read.
#[derive(Debug, Parser)]
#[command(name = "envelock-server", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server until SIGTERM or Ctrl-C. SIGHUP reloads the certificate.
    Serve(Box<Serve>),
    /// Prints the description of the HTTP API (OpenAPI 3.1).
    Openapi,
}

#[derive(Debug, Args)]
struct Serve {
    /// Where database, ciphertext and the self-signed certificate are kept.
    #[arg(long, env = "ENVELOCK_DATA_DIR", default_value = "data")]
    data_dir: PathBuf,
    /// A file with the URL of a PostgreSQL database (postgres://USER:PASSWORD@HOST/NAME?sslmode=verify-full), which several
    /// servers may share; without it the database is a file in the data directory.
    #[arg(long, env = "ENVELOCK_DATABASE_URL_FILE", value_name = "FILE")]
    database_url_file: Option<PathBuf>,
    /// The built web application; without it only the API answers.
    #[arg(long, env = "ENVELOCK_WEB_ROOT")]
    web_root: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, env = "ENVELOCK_LISTEN", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// The name others use for this server.
    #[arg(long, env = "ENVELOCK_PUBLIC_NAME")]
    public_name: Option<String>,
    /// Certificate chain in PEM; without one a self-signed certificate is made.
    #[arg(long, env = "ENVELOCK_TLS_CERTIFICATE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Key of the certificate in PEM.
    #[arg(long, env = "ENVELOCK_TLS_KEY", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Makes a demo account whose password everybody knows.
    #[arg(long)]
    demo: bool,
    /// Largest ciphertext of an envelope and of a reply, in octets.
    #[arg(long, env = "ENVELOCK_ENVELOPE_BYTES")]
    envelope_bytes: Option<u64>,
    /// Largest keyring that the devices of an account exchange, in octets.
    #[arg(long, env = "ENVELOCK_KEYRING_BYTES")]
    keyring_bytes: Option<u64>,
    /// Ciphertext one account may keep at a time, replies and keyring included, in octets.
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
    /// Looks no certificates up: this server then asks no other.
    #[arg(long, env = "ENVELOCK_NO_LOOKUP")]
    no_lookup: bool,
    /// Keyserver to ask when the domain of an address publishes no certificate: https://HOST (verifying) or hkps://HOST.
    /// Can be given several times; they are asked in this order.
    #[arg(long = "keyserver", env = "ENVELOCK_KEYSERVERS", value_delimiter = ',', value_name = "URL")]
    keyservers: Vec<Keyserver>,
    /// Certificates looked up per minute and account.
    #[arg(long, env = "ENVELOCK_LOOKUPS")]
    lookups_per_minute: Option<NonZeroU32>,
    /// Connections at a time.
    #[arg(long, env = "ENVELOCK_CONNECTIONS")]
    connections: Option<NonZeroU32>,
    /// Connections at a time of one address (IPv6: of one /64). Behind a proxy all come from the proxy's.
    #[arg(long, env = "ENVELOCK_CONNECTIONS_PER_ADDRESS")]
    connections_per_address: Option<NonZeroU32>,
    /// How log lines look. What is logged is set by RUST_LOG.
    #[arg(long, env = "ENVELOCK_LOG", value_enum, default_value_t = LogFormat::Text)]
    log: LogFormat,
    /// A file with an offset in seconds that is added to the time.
    #[cfg(feature = "test-clock")]
    #[arg(long, hide = true)]
    test_clock_file: Option<PathBuf>,
    #[cfg(feature = "test-network")]
    #[command(flatten)]
    test_lookups: TestLookups,
}

/// Makes lookups ask one port of this machine.
#[cfg(feature = "test-network")]
#[derive(Debug, Args)]
struct TestLookups {
    /// Where all of them connect to.
    #[arg(long, hide = true, requires_all = ["test_lookup_authority", "test_lookup_hosts"])]
    test_lookup_to: Option<SocketAddr>,
    /// PEM file of the only authority.
    #[arg(long, hide = true)]
    test_lookup_authority: Option<PathBuf>,
    /// Hosts that exist, with commas between them.
    #[arg(long, hide = true, value_delimiter = ',')]
    test_lookup_hosts: Vec<String>,
}

#[cfg(feature = "test-network")]
impl TestLookups {
    fn network(&self) -> Option<envelock_server::TestNetwork> {
        Some(envelock_server::TestNetwork {
            to: self.test_lookup_to?,
            authority: self.test_lookup_authority.clone()?,
            hosts: self.test_lookup_hosts.clone(),
        })
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

type AnyError = Box<dyn Error + Send + Sync>;

pub(crate) async fn run(cli: Cli) -> Result<(), AnyError> {
    match cli.command {
        Command::Openapi => Ok(std::io::stdout().write_all(api::document()?.as_bytes())?),
        Command::Serve(arguments) => run_server(*arguments).await,
    }
}

async fn run_server(arguments: Serve) -> Result<(), AnyError> {
    log_to_stderr(arguments.log);
    raise_open_files(&arguments);
    let listener = TcpListener::bind(arguments.listen)
        .map_err(|error| format!("cannot listen on {}: {error}", arguments.listen))?;
    let certificate = arguments.tls_certificate.clone().zip(arguments.tls_key.clone());
    let public_name = arguments.public_name.clone();
    let demo = arguments.demo;
    let serving = Serving {
        listener,
        certificate: certificate.map(|(certificate, key)| CertificateFiles { certificate, key }),
        public_name: public_name.clone(),
        #[cfg(feature = "test-network")]
        lookups: arguments.test_lookups.network(),
    };
    let clock = arguments.clock();
    let ready = |address: SocketAddr| {
        let host = public_name.as_deref().unwrap_or("localhost");
        // If standard output is closed nobody waits for the line.
        let mut out = std::io::stdout();
        let _ = writeln!(out, "Envelock is ready at https://{host}:{}", address.port());
        if demo {
            let _ = writeln!(out, "Demo account: {} / {}", DemoAccount::ADDRESS, DemoAccount::PASSWORD);
        }
        let _ = out.flush();
    };
    Ok(serve(arguments.settings()?, clock, serving, ready, interrupted()).await?)
}

impl Serve {
    fn settings(self) -> Result<Settings, AnyError> {
        let mut settings = Settings::new(self.data_dir);
        if let Some(file) = self.database_url_file {
            settings.database = database(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        }
        settings.web_root = self.web_root;
        settings.demo = self.demo;
        if let Some(bytes) = self.envelope_bytes {
            settings.envelope_bytes = bytes;
            settings.reply_bytes = bytes;
        }
        settings.keyring_bytes = self.keyring_bytes.unwrap_or(settings.keyring_bytes);
        settings.account_bytes = self.account_bytes.unwrap_or(settings.account_bytes);
        settings.account_envelopes = self.account_envelopes.unwrap_or(settings.account_envelopes);
        settings.login_attempts_per_minute =
            self.login_attempts_per_minute.unwrap_or(settings.login_attempts_per_minute);
        settings.open_attempts_per_minute = self.open_attempts_per_minute.unwrap_or(settings.open_attempts_per_minute);
        settings.connections = self.connections.unwrap_or(settings.connections);
        settings.connections_of_one_network =
            self.connections_per_address.unwrap_or(settings.connections_of_one_network);
        settings.lookup = !self.no_lookup;
        settings.keyservers = self.keyservers;
        settings.lookups_per_minute = self.lookups_per_minute.unwrap_or(settings.lookups_per_minute);
        #[cfg(feature = "test-clock")]
        if self.test_clock_file.is_some() {
            // Time may jump at any moment: look at it every second.
            settings.purge_every = std::time::Duration::from_secs(1);
        }
        Ok(settings)
    }

    #[cfg(feature = "test-clock")]
    fn clock(&self) -> Arc<dyn Clock> {
        match &self.test_clock_file {
            Some(path) => Arc::new(envelock_server::FileClock(path.clone())),
            None => Arc::new(SystemClock),
        }
    }

    #[cfg(not(feature = "test-clock"))]
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }
}

fn database(file: &Path) -> Result<DatabaseLocation, AnyError> {
    let url = Zeroizing::new(std::fs::read_to_string(file)?);
    Ok(DatabaseLocation::Postgres(url.parse()?))
}

fn log_to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,envelock_server=info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => subscriber.init(),
        LogFormat::Json => subscriber.json().init(),
    }
}

/// As many open files as there may be connections, each with a file it is sending, and some to work with.
fn raise_open_files(arguments: &Serve) {
    let connections = arguments.connections.unwrap_or(Settings::new("").connections);
    let wanted = 2 * u64::from(connections.get()) + 200;
    let allowed = rlimit::increase_nofile_limit(wanted).unwrap_or(0);
    if allowed < wanted {
        tracing::warn!(allowed, wanted, "the limit of open files (LimitNOFILE) is low for so many connections");
    }
}

/// Done when the process is asked to end.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_) => {
            // Without Ctrl-C either, the process ends as the system likes.
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
