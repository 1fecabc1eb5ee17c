//! The server's programs.

use std::path::PathBuf;

use anyhow::Result;

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
