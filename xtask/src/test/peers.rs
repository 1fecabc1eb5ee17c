//! Other people's programs that the tests talk to: found, or installed where that is possible.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::{debian, place, step};

/// The version of `rsop` (rPGP's Stateless OpenPGP program) that the exchanges are written against.
const RSOP_VERSION: &str = "0.12.0";

const SCHEMATHESIS_VERSION: &str = "4.32.5";

/// Chromium, for the tests in a real browser.
pub fn chromium() -> Result<PathBuf> {
    debian_program("chromium", "chromium")
}

/// GnuPG.
pub fn gpg() -> Result<PathBuf> {
    debian_program("gpg", "gnupg")
}

/// A mail program that reads whole mails.
pub fn notmuch() -> Result<PathBuf> {
    debian_program("notmuch", "notmuch")
}

/// Sequoia's Stateless OpenPGP program.
pub fn sqop() -> Result<PathBuf> {
    debian_program("sqop", "sqop")
}

/// Sequoia's own program, which tells what it sees in a key.
pub fn sq() -> Result<PathBuf> {
    debian_program("sq", "sq")
}

/// What makes random requests of an OpenAPI document: from PyPI, in a Python environment of its own below `target/tools`.
pub fn schemathesis() -> Result<PathBuf> {
    let folder = place::target().join("tools/schemathesis");
    let program = folder.join("bin/schemathesis");
    if program.exists() {
        return Ok(program);
    }
    let make = || {
        let mut python = Command::new("python3");
        step::quiet(python.args(["-m", "venv", "--clear"]).arg(&folder))
    };
    if make().is_err() {
        debian::install(&["python3-venv"])?;
        make()?;
    }
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", &format!("schemathesis=={SCHEMATHESIS_VERSION}")]);
    step::run(&format!("install schemathesis {SCHEMATHESIS_VERSION}"), &mut pip)?;
    Ok(program)
}

/// What puts the server under load, what fills its database, and what stands beside it.
pub fn load_tools() -> Result<()> {
    for (name, package) in [("wrk", "wrk"), ("sqlite3", "sqlite3"), ("nginx", "nginx-light")] {
        debian_program(name, package)?;
    }
    Ok(())
}

/// OpenSSL, as a TLS client and server that knows old versions and weak suites.
pub fn openssl() -> Result<PathBuf> {
    debian_program("openssl", "openssl")
}

/// A CA that speaks ACME, for tests.
pub fn pebble() -> Result<PathBuf> {
    debian_program("pebble", "pebble")
}

/// A name server that signs (BIND).
pub fn name_server() -> Result<()> {
    if !Path::new("/usr/sbin/named").exists() || !step::on_path("dnssec-signzone") {
        debian::install(&["bind9", "bind9-utils"])?;
    }
    Ok(())
}

/// What verifies signatures of mail (dkimpy), for the Python of the machine.
pub fn dkimpy() -> Result<()> {
    let mut look = Command::new("/usr/bin/python3");
    if step::quiet(look.args(["-c", "import dkim, nacl"])).is_err() {
        debian::install(&["python3-dkim", "python3-nacl"])?;
    }
    Ok(())
}

/// Postfix, Dovecot and OpenDKIM, for the tests of `deploy/`; and OpenSSL, which makes their certificates.
pub fn mail_servers() -> Result<()> {
    openssl()?;
    let dovecot = |file: &str| Path::new("/usr/lib/dovecot").join(file).exists();
    let is_there = Path::new("/usr/sbin/postfix").exists()
        && ["imap", "pop3", "lmtp"].into_iter().all(dovecot)
        && Path::new("/usr/sbin/opendkim").exists()
        && step::on_path("opendkim-genkey");
    if !is_there {
        let packages = ["postfix", "dovecot-imapd", "dovecot-pop3d", "dovecot-lmtpd", "opendkim", "opendkim-tools"];
        debian::install_without_starting(&packages, &["postfix", "dovecot", "opendkim"])?;
    }
    Ok(())
}

/// What writes down what passes on an interface.
pub fn tcpdump() -> Result<PathBuf> {
    debian_program("tcpdump", "tcpdump")
}

/// A load balancer.
pub fn haproxy() -> Result<PathBuf> {
    debian_program("haproxy", "haproxy")
}

/// curl.
pub fn curl() -> Result<PathBuf> {
    debian_program("curl", "curl")
}

/// rPGP's Stateless OpenPGP program, built once into `target/tools`. It need not be fast, only there soon.
pub fn rsop() -> Result<PathBuf> {
    let quick = [("OPT_LEVEL", "1"), ("CODEGEN_UNITS", "16"), ("LTO", "off"), ("DEBUG", "false")];
    install_rsop(&place::target().join("tools"), &quick)
}

/// The same as its authors release it, for whoever measures; in `target/tools/fast`.
pub fn fast_rsop() -> Result<PathBuf> {
    install_rsop(&place::target().join("tools/fast"), &[])
}

fn install_rsop(root: &Path, profile: &[(&str, &str)]) -> Result<PathBuf> {
    let program = root.join("bin/rsop");
    if program.exists() {
        return Ok(program);
    }
    let build = place::target().join("rsop");
    let mut install = step::cargo("install");
    for (name, value) in profile {
        install.env(format!("CARGO_PROFILE_RELEASE_{name}"), value);
    }
    install.arg("--root").arg(root).arg("--target-dir").arg(&build);
    install.args(["--no-default-features", "--features", "cli,pqc", "--version", RSOP_VERSION, "rsop"]);
    // In CI `step::cargo` has said it already, and cargo takes it only once.
    if std::env::var_os("CI").is_none() {
        install.arg("--locked");
    }
    step::run(&format!("install rsop {RSOP_VERSION}"), &mut install)?;
    let _ = std::fs::remove_dir_all(build);
    Ok(program)
}

fn debian_program(name: &str, package: &str) -> Result<PathBuf> {
    if !step::on_path(name) {
        debian::install(&[package])?;
    }
    let found = step::quiet(Command::new("sh").arg("-c").arg(format!("command -v {name}")))?;
    Ok(PathBuf::from(found.trim()))
}
