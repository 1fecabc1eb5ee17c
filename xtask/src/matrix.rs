//! `cargo xtask matrix`: who exchanges what with whom, as tables, and written to `docs/interop.md`.
//!
//! The exchanges are in `tests/interop/matrix.mjs`. Fails if one with `envelock-sop` fails that both programs can do.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::place;
use crate::test::{build_sop, install_others, node_folder, peers};

const PAGE: &str = "docs/interop.md";

/// The command line.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    if let Some(unknown) = arguments.first() {
        bail!("matrix does not know `{unknown}`");
    }
    install_others(&node_folder())?;
    let mut node = Command::new("node");
    node.current_dir(place::root()).arg(place::at("tests/interop/matrix-tables.mjs"));
    node.env("ENVELOCK_SOP", build_sop()?).env("NO_COLOR", "1");
    node.env("RSOP", peers::rsop()?).env("SQOP", peers::sqop()?).env("GPG", peers::gpg()?);
    let output = node.stderr(Stdio::inherit()).output().context("cannot start node")?;
    let page = String::from_utf8(output.stdout).context("the tables are not text")?;
    println!("{page}");
    if page.is_empty() {
        bail!("the matrix was not made");
    }
    std::fs::write(place::at(PAGE), &page).with_context(|| format!("cannot write {PAGE}"))?;
    Ok(if output.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
