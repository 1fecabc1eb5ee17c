//! Installing Debian packages, where that is possible: a Debian or Ubuntu machine, as root.

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};

use crate::step;

/// `apt-get` does not wait for another of its kind, it fails.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Whether `apt-get install` can work here at all.
pub fn available() -> bool {
    Path::new("/etc/debian_version").exists()
        && step::on_path("apt-get")
        && step::quiet(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Installs the packages; refreshes the package lists first if the machine has none, or old ones.
pub fn install(packages: &[&str]) -> Result<()> {
    if !available() {
        bail!("please install {} (as root on Debian: apt-get install {})", packages.join(", "), packages.join(" "));
    }
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let label = format!("install {}", packages.join(" "));
    if step::quiet(&mut apt(packages)).is_ok() {
        println!("{label} … done");
        return Ok(());
    }
    step::run("refresh the package lists", Command::new("apt-get").args(["-qq", "update"]))?;
    step::run(&label, &mut apt(packages))?;
    Ok(())
}

fn apt(packages: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command.args(["-qq", "install", "-y", "--no-install-recommends"]).args(packages);
    command
}
