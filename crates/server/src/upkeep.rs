//! `envelock-server backup`, `restore` and `check`.

use crate::options::AnyError;
use crate::place::{Place, must_be_there};
use clap::Args;
use envelock_server::backup::{Copied, backup, examine, restore};
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The directory to make. It holds what the data directory holds: keep it as well guarded.
    directory: PathBuf,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup's directory.
    directory: PathBuf,
    /// Locks nothing and keeps app tokens: for a server that moved, and whose old place took nothing more after the backup.
    #[arg(long)]
    as_is: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    place: Place,
}

pub(crate) async fn run_backup(given: Backup) -> Result<(), AnyError> {
    let settings = given.place.options()?.settings()?;
    must_be_there(&settings)?;
    let Copied { files, missing, damaged, .. } = backup(&settings, &given.directory).await?;
    let mut out = std::io::stdout();
    writeln!(out, "{}: the rows and {files} files", given.directory.display())?;
    if missing > 0 {
        writeln!(out, "{missing} files that rows name are not there: `check` names them")?;
    }
    out.flush()?;
    whole(damaged)
}

pub(crate) async fn run_restore(given: Restore) -> Result<(), AnyError> {
    let settings = given.place.options()?.settings()?;
    let Copied { files, missing, damaged, locked, tokens } = restore(&settings, &given.directory, given.as_is).await?;
    let mut out = std::io::stdout();
    writeln!(out, "{}: the rows and {files} files", settings.data_dir.display())?;
    if missing > 0 {
        writeln!(out, "{missing} files are not in the backup: their envelopes cannot be opened")?;
    }
    if locked > 0 {
        writeln!(
            out,
            "{locked} envelopes are locked: the backup does not know what was withdrawn or opened after it was made. Their senders can unlock them."
        )?;
    }
    if tokens > 0 {
        writeln!(
            out,
            "{tokens} app tokens are not restored: the backup does not know which were revoked after it was made. Their owners can make others."
        )?;
    }
    if !given.as_is {
        writeln!(
            out,
            "Accounts that were closed, and passwords and second factors that were changed, after the backup are as they were before: close and change them once more."
        )?;
    }
    out.flush()?;
    match missing {
        0 => whole(damaged),
        _ => Err("restored, but for the files that are missing".into()),
    }
}

fn whole(damaged: u64) -> Result<(), AnyError> {
    match damaged {
        0 => Ok(()),
        _ => Err(format!(
            "{damaged} files are not as long as they were when they were stored: what is in them cannot be opened"
        )
        .into()),
    }
}

pub(crate) async fn run_check(given: Check) -> Result<(), AnyError> {
    let settings = given.place.options()?.settings()?;
    must_be_there(&settings)?;
    let found = examine(&settings).await?;
    let mut out = std::io::stdout();
    writeln!(out, "whole\t{}", found.whole)?;
    writeln!(out, "without a row yet\t{}", found.orphans)?;
    for name in &found.missing {
        writeln!(out, "missing\tblobs/{name}")?;
    }
    for name in &found.damaged {
        writeln!(out, "wrong size\tblobs/{name}")?;
    }
    for name in &found.strays {
        writeln!(out, "not the server's\tblobs/{name}")?;
    }
    if found.lost_secret {
        writeln!(out, "missing\tlogin-secret")?;
    }
    if found.other_secret {
        writeln!(out, "of another database\tlogin-secret")?;
    }
    if found.unproven_secret {
        writeln!(out, "not proven yet\tlogin-secret")?;
    }
    for line in &found.database {
        writeln!(out, "database\t{line}")?;
    }
    out.flush()?;
    if found.is_well() { Ok(()) } else { Err("not all is well".into()) }
}
