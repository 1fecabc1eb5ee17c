//! The tests that node runs: against the packed npm package, installed as a user would install it.
//!
//! `target/test-npm` holds the packages of `tests/package-lock.json` and the tarball of `pkg`. `tests/node_modules` is a
//! link to it, and the package's own tests are copied below it, so that every `import "envelock"` finds the tarball.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::count::Count;
use super::tap::Report;
use super::{FEW, Group, build_for_node, peers, rust};
use crate::stamp::Inputs;
use crate::{debian, npm, place, step};

/// A place where the packed package can be imported.
pub struct Tests {
    folder: PathBuf,
}

/// Where everything that tests import is installed.
pub fn folder() -> PathBuf {
    place::target().join("test-npm")
}

/// Whether a group has tests for node.
pub fn has(group: Group) -> bool {
    matches!(group, Group::Wasm | Group::Npm | Group::Interop | Group::Keystore | Group::Mail | Group::E2e)
}

impl Tests {
    /// Builds, packs and installs what these groups import.
    pub fn prepare(groups: &[Group]) -> Result<Tests> {
        let folder = folder();
        if groups.iter().any(|group| has(*group)) {
            build_for_node(groups)?;
            install(&folder)?;
        }
        Ok(Tests { folder })
    }

    /// A copy of a folder of scripts beside the installed packages; gives the place of both.
    pub fn folder_with(&self, scripts: &Path, name: &str) -> Result<PathBuf> {
        let copy = self.folder.join(name);
        let _ = fs::remove_dir_all(&copy);
        place::copy_folder(scripts, &copy)?;
        Ok(self.folder.clone())
    }

    /// Runs a group's files in one call of node's test runner, and those with a test that failed once more, one after the other.
    pub fn run(&self, group: Group) -> Result<Count> {
        let files = self.files(group)?;
        if files.is_empty() {
            return Ok(Count::default());
        }
        let Report { count, failed, .. } = report(group, &files, at_once(group))?;
        // Tests that a file imports from elsewhere do not say whose they are.
        let is_known = failed.iter().all(|file| files.contains(file));
        // One test may end all that follow it in its file.
        let failed: Vec<PathBuf> = files.into_iter().filter(|file| failed.contains(file)).collect();
        if at_once(group) == 1 || !is_known || !count.can_run_again() || failed.len() > FEW {
            return Ok(count);
        }
        println!("\nonce more, alone: {}", count.failures.join(", "));
        Ok(count.after(&report(group, &failed, 1)?.count))
    }

    /// The package's tests are told apart by name, the others by folder.
    fn files(&self, group: Group) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for file in test_files(&self.folder.join("pkg/test"))? {
            if package_group(&file) == group {
                files.push(file);
            }
        }
        let folder = match group {
            Group::Npm => {
                files.extend(test_files(&self.folder.join("readme"))?);
                "tests/npm"
            }
            Group::Interop => "tests/interop",
            Group::Mail => "tests/mail",
            Group::E2e => {
                // What the pages decide without a browser.
                files.extend(test_files(&place::at("www/test"))?);
                "tests/e2e"
            }
            _ => return Ok(files),
        };
        files.extend(test_files(&place::at(folder))?);
        Ok(files)
    }
}

/// Runs files, so many at a time.
fn report(group: Group, files: &[PathBuf], at_once: usize) -> Result<Report> {
    let mut node = runner(group);
    node.current_dir(place::root()).args(["--test", "--test-reporter=tap"]);
    node.arg(format!("--test-concurrency={at_once}"));
    node.env("ENVELOCK_ROOT", place::root()).env("NO_COLOR", "1");
    match group {
        Group::Interop => {
            node.env("RSOP", peers::rsop()?)
                .env("SQOP", peers::sqop()?)
                .env("GPG", peers::gpg()?)
                .env("NOTMUCH", peers::notmuch()?)
                .env("SQ", peers::sq()?);
            node.env("ENVELOCK_SOP", rust::sop());
        }
        Group::Mail => {
            peers::mail_servers()?;
            peers::name_server()?;
            peers::tcpdump()?;
            in_browser(&mut node)?;
        }
        Group::E2e => {
            in_browser(&mut node)?.env("SCHEMATHESIS", peers::schemathesis()?);
        }
        _ => {}
    }
    let mut report = Report::default();
    let ended_well = step::stream(node.args(files), |line| report.read(line))?;
    report.count = report.count.close(ended_well, report.is_whole);
    Ok(report)
}

/// With the server, its pages, and a browser.
fn in_browser(node: &mut Command) -> Result<&mut Command> {
    node.env("ENVELOCK_SERVER", rust::server()).env("ENVELOCK_WEB_ROOT", place::at("www/dist"));
    Ok(node.env("ENVELOCK_CHROMIUM", peers::chromium()?))
}

/// So many files run at a time.
fn at_once(group: Group) -> usize {
    match group {
        // The ports of mail there are once.
        Group::Mail => 1,
        // Each has a browser and a server of its own, and waits for them more than it computes.
        Group::E2e => 3,
        _ => 2,
    }
}

/// node; mail servers are started by root alone.
fn runner(group: Group) -> Command {
    if group != Group::Mail || debian::is_root() {
        return Command::new("node");
    }
    let mut command = Command::new("sudo");
    command.args(["-n", "--preserve-env", "node"]);
    command
}

fn package_group(file: &Path) -> Group {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if name.starts_with("keystore") {
        Group::Keystore
    } else if ["wasm", "reader", "login"].iter().any(|room| name.starts_with(room)) {
        Group::Wasm
    } else {
        Group::Npm
    }
}

fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The packages of `tests/package-lock.json` alone, for scripts that do not import ours.
pub fn install_others(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(place::at("tests").join(file), folder.join(file)).with_context(|| format!("tests/{file}"))?;
    }
    npm::ci(folder)?;
    link(&folder.join("node_modules"), &place::at("tests/node_modules"))
}

fn install(folder: &Path) -> Result<()> {
    install_others(folder)?;
    let stamp = Inputs::new("packed package")
        .add(&place::at("pkg/dist"), &[])?
        .add(&place::at("pkg/wasm"), &[])?
        .add(&place::at("pkg/package.json"), &[])?
        .add(&folder.join("package-lock.json"), &[])?
        .stamp("test-npm");
    if !stamp.holds(&[folder.join("node_modules/envelock/package.json")]) {
        pack(folder)?;
        stamp.set()?;
    }
    copy_package_tests(folder)?;
    readme_tests(folder)?;
    link(&place::at("tests"), &folder.join("tests"))
}

/// `npm pack`, then `npm install` of the tarball beside the locked packages.
fn pack(folder: &Path) -> Result<()> {
    let packed = folder.join("packed");
    let _ = fs::remove_dir_all(&packed);
    fs::create_dir_all(&packed)?;
    let mut pack = npm::npm(&place::at("pkg"));
    step::run("pack the npm package", pack.args(["pack", "--pack-destination"]).arg(&packed))?;
    let Some(tarball) = fs::read_dir(&packed)?.next() else { bail!("npm pack made no file") };
    let mut install = npm::npm(folder);
    install.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefer-offline"]).arg(tarball?.path());
    step::run("install the packed package", &mut install)?;
    Ok(())
}

fn copy_package_tests(folder: &Path) -> Result<()> {
    let copy = folder.join("pkg/test");
    let _ = fs::remove_dir_all(&copy);
    place::copy_folder(&place::at("pkg/test"), &copy)
}

/// Each JavaScript example of the README is a test: it must run to its end.
fn readme_tests(folder: &Path) -> Result<()> {
    let copy = folder.join("readme");
    fs::create_dir_all(&copy)?;
    let readme = fs::read_to_string(place::at("README.md")).context("README.md")?;
    for (number, example) in readme.split("```js\n").skip(1).enumerate() {
        let example = example.split("```").next().unwrap_or_default();
        fs::write(copy.join(format!("example-{}.test.mjs", number + 1)), example)?;
    }
    Ok(())
}

/// A symbolic link, made anew; a real folder in its place (a developer's own `npm ci`) gives way.
fn link(to: &Path, at: &Path) -> Result<()> {
    match fs::symlink_metadata(at) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(at)?,
        Ok(_) => fs::remove_file(at)?,
        Err(_) => {}
    }
    std::os::unix::fs::symlink(to, at).with_context(|| format!("cannot link {}", place::shown(at)))
}
