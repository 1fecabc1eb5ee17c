//! The server's program.

use std::path::PathBuf;

use anyhow::Result;

use super::Effort;
use crate::{place, step};

/// Builds `envelock-server`; cargo decides whether there is anything to do.
pub fn build(effort: Effort) -> Result<()> {
    let mut command = step::cargo("build");
    command.args(["--quiet", "--package", "envelock-server"]);
    if effort == Effort::Release {
        command.arg("--release");
    }
    step::run("compile envelock-server", &mut command)?;
    Ok(())
}

/// Where the program is after `build`.
pub fn program(effort: Effort) -> PathBuf {
    let profile = match effort {
        Effort::Dev => "debug",
        Effort::Release => "release",
    };
    place::target().join(profile).join("envelock-server")
}
