//! `envelock-server`: see `envelock-server --help`.

mod cli;
mod options;
mod place;
mod publication;
#[cfg(feature = "test-network")]
mod test_lookups;
mod tls_report;
mod upkeep;
mod users;

use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        // Only a second call could fail, and there is none.
        return ExitCode::FAILURE;
    }
    match cli::run(cli::Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write;
            // If standard error is closed there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "envelock-server: {error}");
            ExitCode::FAILURE
        }
    }
}
