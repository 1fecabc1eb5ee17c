//! The command line.

use crate::options::{AnyError, LogFormat, Options, bind};
use crate::publication;
use crate::tls_report;
use crate::upkeep::{self, Backup, Check, Restore};
use crate::users::{self, User};
use clap::{CommandFactory, Parser, Subcommand};
use envelock_server::{DemoAccount, Redirecting, Serving, api, check, serve};
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

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
    Serve(Box<Options>),
    /// Makes accounts, changes their passwords, closes and lists them.
    User(User),
    /// Copies everything into a new directory, beside a running server.
    Backup(Backup),
    /// Puts a backup into a new data directory (and a new PostgreSQL database or bucket, if they are named).
    Restore(Restore),
    /// Looks whether database and files are whole and belong together; changes nothing.
    Check(Check),
    /// Prints what to publish in DNS for each --mail-domain.
    Dns(Box<Options>),
    /// Shows what somebody else tells of TLS with the mail servers of a domain (TLSRPT): a message, or what is attached to it.
    TlsReport(tls_report::Given),
    /// Prints the description of the HTTP API (OpenAPI 3.1).
    Openapi,
}

pub(crate) async fn run(cli: Cli) -> Result<(), AnyError> {
    match cli.command {
        Command::Openapi => Ok(std::io::stdout().write_all(api::document()?.as_bytes())?),
        Command::Dns(options) => publication::run(*options),
        Command::TlsReport(given) => tls_report::run(given),
        Command::User(user) => users::run(user).await,
        Command::Backup(given) => upkeep::run_backup(given).await,
        Command::Restore(given) => upkeep::run_restore(given).await,
        Command::Check(given) => upkeep::run_check(given).await,
        Command::Serve(options) => {
            let options = options.complete()?;
            if options.check_config {
                let mut out = std::io::stderr();
                for name in unknown_variables() {
                    writeln!(out, "envelock-server: no option has the name of the variable {name}: it is ignored")?;
                }
                for doubt in options.open_secrets() {
                    writeln!(out, "envelock-server: {doubt}")?;
                }
                let (certificate, acme) = (options.certificate(), options.acme()?);
                let name = options.public_name.clone();
                for doubt in check(&options.settings()?, certificate.as_ref(), acme.as_ref(), name.as_ref())? {
                    writeln!(out, "envelock-server: {doubt}")?;
                }
                return Ok(());
            }
            run_server(options).await
        }
    }
}

async fn run_server(options: Options) -> Result<(), AnyError> {
    // Before anything that takes time: until somebody listens for it SIGHUP ends the process. `serve` does what it asks for.
    let _hangup = signal(SignalKind::hangup());
    log_to_stderr(options.log());
    for name in unknown_variables() {
        tracing::warn!(name, "no option has the name of this variable: it is ignored");
    }
    for doubt in options.open_secrets() {
        tracing::warn!("{doubt}");
    }
    raise_open_files(&options);
    let listener = bind(options.listen())?;
    let status = options.status_listen.map(bind).transpose()?;
    let public_name = options.public_name.clone();
    let redirect = match (options.redirect_listen, &public_name) {
        (Some(address), Some(name)) => Some(Redirecting { listener: bind(address)?, to: name.clone() }),
        _ => None,
    };
    let demo = options.demo();
    let serving = Serving {
        listener,
        certificate: options.certificate(),
        acme: options.acme()?,
        public_name: public_name.clone(),
        redirect,
        status,
        mail: options.mail.listen()?,
        #[cfg(feature = "test-network")]
        lookups: options.test_lookups.network(),
    };
    let clock = options.clock();
    let ready = |address: SocketAddr| {
        let port = address.port();
        let origin = public_name.map_or_else(|| format!("https://localhost:{port}"), |name| name.origin(port));
        // If standard output is closed nobody waits for the line.
        let mut out = std::io::stdout();
        let _ = writeln!(out, "Envelock is ready at {origin}");
        if demo {
            let _ = writeln!(out, "Demo account: {} / {}", DemoAccount::ADDRESS, DemoAccount::PASSWORD);
        }
        let _ = out.flush();
    };
    Ok(serve(options.settings()?, clock, serving, ready, interrupted()).await?)
}

/// What programs of this server's users are told by (docs/programs.md, `examples`), on the same machine as well.
const OF_PROGRAMS: [&str; 2] = ["ENVELOCK_TOKEN", "ENVELOCK_PASSWORD"];

/// Variables of the environment that look like options and are none, as after a slip of the pen. They are named and not refused: some
/// platforms set such ones by themselves, for a service of this name.
fn unknown_variables() -> Vec<String> {
    let cli = Cli::command();
    let known: Vec<_> =
        cli.get_subcommands().flat_map(clap::Command::get_arguments).filter_map(|option| option.get_env()).collect();
    let unknown = std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| name.as_encoded_bytes().starts_with(b"ENVELOCK_") && !known.contains(&name.as_os_str()))
        .filter(|name| !OF_PROGRAMS.iter().any(|other| name == other));
    unknown.map(|name| name.to_string_lossy().escape_debug().to_string()).collect()
}

/// The resolver names in its warnings whose domain it asked for: those of mail's senders and recipients.
const LOGGED: &str = "warn,envelock_server=info,hickory_net=error,hickory_proto=error,hickory_resolver=error";

fn log_to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOGGED));
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
fn raise_open_files(options: &Options) {
    let wanted = 2 * u64::from(options.connections()) + 200;
    let allowed = rlimit::increase_nofile_limit(wanted).unwrap_or(0);
    if allowed < wanted {
        tracing::warn!(allowed, wanted, "the limit of open files (LimitNOFILE) is low for so many connections");
    }
}

/// Done when the process is asked to end.
async fn interrupted() {
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
