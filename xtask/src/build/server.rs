//! The server's programs.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::Effort;
use crate::{place, step};

/// What encrypts mail that arrived to its owner.
pub const SEALER: &str = "envelock-seal";

/// Builds `envelock-server`, and `envelock-seal`, which it finds beside it; cargo decides whether there is anything to do.
pub fn build(effort: Effort) -> Result<()> {
    let mut command = step::cargo("build");
    command.args(["--quiet", "--package", "envelock-server", "--package", SEALER]);
    if effort == Effort::Release {
        command.arg("--release");
    }
    step::run("compile envelock-server and envelock-seal", &mut command)?;
    Ok(())
}

/// Where `envelock-server` is after `build`.
pub fn program(effort: Effort) -> PathBuf {
    let profile = match effort {
        Effort::Dev => "debug",
        Effort::Release => "release",
    };
    place::target().join(profile).join("envelock-server")
}

/// `envelock-server` as it is shipped, but that it can be told to send mail to addresses of this machine; put apart, so that nobody
/// finds it where the one is that cannot.
pub fn for_mail_of_this_machine() -> Result<PathBuf> {
    let mut command = step::cargo("build");
    command.args(["--quiet", "--release", "--package", "envelock-server", "--features", "test-network"]);
    step::run("compile envelock-server for mail of this machine", &mut command)?;
    let kept = place::target().join("mail/envelock-server");
    fs::create_dir_all(kept.with_file_name(""))?;
    fs::rename(program(Effort::Release), &kept).context("cannot put the server apart")?;
    Ok(kept)
}
