//! Where the data of a server is, for what is done beside it: the same options as those of `serve`.

use crate::options::{AnyError, BucketOptions, Options};
use clap::Args;
use envelock_server::Settings;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The server's options in a file.
    #[arg(long, global = true, env = "ENVELOCK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where database and ciphertext are kept [default: data]
    #[arg(long, global = true, env = "ENVELOCK_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// A file with the URL of a PostgreSQL database.
    #[arg(long, global = true, env = "ENVELOCK_DATABASE_URL_FILE", value_name = "FILE")]
    database_url_file: Option<PathBuf>,
    #[command(flatten)]
    bucket: BucketOptions,
}

impl Place {
    pub(crate) fn options(self) -> Result<Options, AnyError> {
        Options::of_storage(self.config, self.data_dir, self.database_url_file, self.bucket).complete()
    }
}

/// Work in a place where no server looks helps nobody.
pub(crate) fn must_be_there(settings: &Settings) -> Result<(), AnyError> {
    if settings.data_dir.is_dir() {
        return Ok(());
    }
    let place = settings.data_dir.display();
    Err(format!("there is no data directory {place}: start the server once, or say where it is (--data-dir)").into())
}
