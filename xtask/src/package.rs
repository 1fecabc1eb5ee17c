//! `cargo xtask package`: a Debian package of the server, the program that encrypts mail for it, the pages and a systemd unit, in `target/package`.
//!
//! What goes where is the table below; the words of the package (unit, options, user) are in `packaging`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::build::{self, Effort, Part, SEALER};
use crate::{debian, licences, place, step};

const NAME: &str = "envelock-server";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Files of the repository and their places on the machine.
const FILES: [(&str, &str, u32); 6] = [
    ("packaging/envelock.service", "usr/lib/systemd/system/envelock.service", 0o644),
    ("packaging/sysusers.conf", "usr/lib/sysusers.d/envelock.conf", 0o644),
    ("packaging/envelock.toml", "etc/envelock/envelock.toml", 0o640),
    ("docs/self-hosting.md", "usr/share/doc/envelock-server/self-hosting.md", 0o644),
    ("docs/threat-model.md", "usr/share/doc/envelock-server/threat-model.md", 0o644),
    ("LICENSE-MIT", "usr/share/doc/envelock-server/copyright", 0o644),
];
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// The command line.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    if let Some(unknown) = arguments.first() {
        bail!("package does not know `{unknown}`");
    }
    build::build(&build::PACKAGE, Effort::Release)?;
    build::build(&[Part::Www, Part::Server], Effort::Release)?;
    let server = build::server_program(Effort::Release);
    let programs = [server.with_file_name(SEALER), server];
    let package = pack(&place::target().join("package"), &programs, &place::at("www/dist"))?;
    println!("{}", place::shown(&package));
    println!("install it with: apt install ./{}", place::shown(&package));
    Ok(ExitCode::SUCCESS)
}

/// The package of these programs and these pages, in this folder; gives its place.
fn pack(folder: &Path, programs: &[PathBuf], pages: &Path) -> Result<PathBuf> {
    if !step::on_path("dpkg-deb") {
        bail!("a Debian package is made by dpkg-deb, on Debian or a system like it");
    }
    let root = folder.join("root");
    let _ = fs::remove_dir_all(&root);
    for program in programs {
        put(program, &root.join("usr/bin").join(program.file_name().unwrap_or_default()), 0o755)?;
    }
    place::copy_folder(pages, &root.join("usr/share/envelock/www"))?;
    for (from, to, mode) in FILES {
        put(&place::at(from), &root.join(to), mode)?;
    }
    licences::write_for_server(&root.join("usr/share/doc").join(NAME).join(licences::FILE))?;
    for script in SCRIPTS {
        put(&place::at("packaging").join(script), &root.join("DEBIAN").join(script), 0o755)?;
    }
    fs::write(root.join("DEBIAN/conffiles"), "/etc/envelock/envelock.toml\n")?;
    let architecture = step::quiet(Command::new("dpkg").arg("--print-architecture"))?;
    let architecture = architecture.trim();
    fs::write(root.join("DEBIAN/control"), control(architecture, &libraries(folder, programs)?))?;
    let package = folder.join(format!("{NAME}_{VERSION}_{architecture}.deb"));
    // It is compressed for minutes, and no half of it is to have its name.
    let unfinished = package.with_extension("deb.unfinished");
    let mut dpkg = Command::new("dpkg-deb");
    dpkg.args(["--root-owner-group", "--build"]).args([&root, &unfinished]);
    step::run("build the Debian package", &mut dpkg)?;
    fs::rename(&unfinished, &package)?;
    Ok(package)
}

fn control(architecture: &str, libraries: &str) -> String {
    format!(
        "Package: {NAME}\n\
         Version: {VERSION}\n\
         Architecture: {architecture}\n\
         Maintainer: Envelock contributors <packages@envelock.example>\n\
         Depends: {libraries}, systemd, ca-certificates\n\
         Section: mail\n\
         Priority: optional\n\
         Description: webmail with OpenPGP: stores ciphertext, and takes and sends mail\n \
         Password-encrypted messages behind links, their page for recipients, and\n \
         the demo webmail. One service, one folder of data; no third party.\n"
    )
}

/// The packages that have the programs' shared libraries, in the versions they need.
fn libraries(folder: &Path, programs: &[PathBuf]) -> Result<String> {
    if !step::on_path("dpkg-shlibdeps") {
        debian::install(&["dpkg-dev"])?;
    }
    // It wants to find the sources' debian/control beside it.
    let beside = folder.join("libraries");
    fs::create_dir_all(beside.join("debian"))?;
    fs::write(beside.join("debian/control"), format!("Source: {NAME}\n"))?;
    let mut tool = Command::new("dpkg-shlibdeps");
    let told = step::quiet(tool.current_dir(&beside).arg("-O").args(programs))?;
    let needed = told.lines().find_map(|line| line.strip_prefix("shlibs:Depends="));
    Ok(needed.context("dpkg-shlibdeps names no package")?.to_owned())
}

fn put(from: &Path, to: &Path, mode: u32) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {}", place::shown(from)))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn the_package_has_program_pages_and_a_unit_that_is_shut_in() {
        // Not where the real one is.
        let folder = place::target().join("package-of-the-test");
        let pages = folder.join("pages");
        fs::create_dir_all(&pages).unwrap();
        fs::write(pages.join("index.html"), "a page").unwrap();
        let programs = [NAME, SEALER].map(|name| folder.join(name));
        for program in &programs {
            fs::copy(std::env::current_exe().unwrap(), program).unwrap();
        }
        let package = pack(&folder, &programs, &pages).unwrap();
        let listed = step::quiet(Command::new("dpkg-deb").arg("--contents").arg(&package)).unwrap();
        for (mode, path) in [
            ("-rwxr-xr-x", "usr/bin/envelock-server"),
            ("-rwxr-xr-x", "usr/bin/envelock-seal"),
            ("-rw-r--r--", "usr/share/envelock/www/index.html"),
            ("-rw-r--r--", "usr/lib/systemd/system/envelock.service"),
            ("-rw-r-----", "etc/envelock/envelock.toml"),
            ("-rw-r--r--", "usr/share/doc/envelock-server/THIRD-PARTY-LICENSES.txt"),
        ] {
            let line = listed.lines().find(|line| line.ends_with(&format!("./{path}"))).unwrap();
            assert!(line.starts_with(&format!("{mode} root/root")), "{line}");
        }
        let control = step::quiet(Command::new("dpkg-deb").arg("--info").arg(&package)).unwrap();
        assert!(control.contains("Depends: libc6 (>="), "{control}");

        // systemd's own judgement, 0 to 10: 1.6 for this unit, 9.6 for one without any of it.
        if !step::on_path("systemd-analyze") {
            debian::install(&["systemd"]).unwrap();
        }
        let mut judge = Command::new("systemd-analyze");
        judge.args(["security", "--offline=true", "--threshold=20", "--no-pager", "--root"]);
        step::quiet(judge.arg(folder.join("root")).arg("envelock.service")).unwrap();
    }
}
