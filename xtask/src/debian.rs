//! Installing Debian packages, where that is possible: a Debian or Ubuntu machine, as root.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};

use crate::step;

/// `apt-get` does not wait for another of its kind, it fails.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Whether `apt-get install` can work here at all.
pub fn available() -> bool {
    Path::new("/etc/debian_version").exists() && step::on_path("apt-get") && is_root()
}

/// Whether this runs as root.
pub fn is_root() -> bool {
    step::quiet(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
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

/// The same for packages that would start servers, now and with the machine: whoever installs them here starts their own.
pub fn install_without_starting(packages: &[&str], services: &[&str]) -> Result<()> {
    let policy = Path::new("/usr/sbin/policy-rc.d");
    let is_ours = available() && !policy.exists();
    if is_ours {
        fs::write(policy, "#!/bin/sh\nexit 101\n")?;
        fs::set_permissions(policy, Permissions::from_mode(0o755))?;
    }
    let installed = install(packages);
    if is_ours {
        fs::remove_file(policy)?;
    }
    installed?;
    // Without systemd nothing would start them.
    let _ = step::quiet(Command::new("systemctl").args(["--quiet", "disable"]).args(services));
    Ok(())
}

fn apt(packages: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    // Nothing has to go for a test, such as another mail server.
    command.args(["-qq", "install", "-y", "--no-install-recommends", "--no-remove"]).args(packages);
    command
}
