//! npm, called so that it changes nothing but the folder it is told to fill.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::stamp::Inputs;
use crate::{place, step};

/// `npm ci` in a folder, unless its `node_modules` already come from the same lock file.
pub fn ci(folder: &Path) -> Result<()> {
    let label = format!("npm ci in {}", place::shown(folder));
    let inputs =
        Inputs::new("npm ci").add(&folder.join("package.json"), &[])?.add(&folder.join("package-lock.json"), &[])?;
    let stamp = inputs.stamp(&format!("npm-{}", place::shown(folder).replace('/', "-")));
    if stamp.holds(&[folder.join("node_modules")]) {
        return Ok(());
    }
    step::run(&label, npm(folder).args(["ci", "--no-audit", "--no-fund", "--prefer-offline"]))?;
    stamp.set()
}

/// `npm` in a folder, for the caller to complete.
pub fn npm(folder: &Path) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder);
    command.env("npm_config_update_notifier", "false").env("NO_COLOR", "1");
    command
}
