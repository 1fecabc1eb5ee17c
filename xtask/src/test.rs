//! `cargo xtask test [--only GROUP]`: every test there is, once, and its rules; the last line is `N passed, N failed`.
//!
//! Rust tests are built together and run one executable at a time, node's tests run against the packed npm package. A group
//! that cannot run counts as one failure, with the reason in its line. Two processors run several servers,
//! databases and browsers at a time here, and a test may miss a time limit for that alone: up to five tests of one program, or files of node's,
//! that fail there have a second try alone. The summary names them, and a fault that shows only under load is one to mend.

mod count;
mod node;
pub mod peers;
mod postgres;
mod rust;
mod tap;

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Result, bail};

pub use self::count::Count;
pub use self::node::{Tests as NodeTests, folder as node_folder, install_others};
pub use self::rust::{ONLY_WASM, build_fast_sop, build_sop};
use crate::build::{self, Effort, Part};
use crate::{check, place, step};

/// More failures than this are not for want of time, and nothing is run again.
const FEW: usize = 5;

/// What can be tested by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The Rust core and the crates under it.
    Core,
    /// The wasm modules, through the package.
    Wasm,
    /// The npm package's face.
    Npm,
    /// Exchanges with other OpenPGP programs.
    Interop,
    /// Envelopes: sealing, and their life on the server.
    Envelope,
    /// The keystore.
    Keystore,
    /// Accounts and sessions.
    Accounts,
    /// Incoming and outgoing mail.
    Mail,
    /// The whole story in a real browser.
    E2e,
}

const GROUPS: [(&str, Group); 9] = [
    ("core", Group::Core),
    ("wasm", Group::Wasm),
    ("npm", Group::Npm),
    ("interop", Group::Interop),
    ("envelope", Group::Envelope),
    ("keystore", Group::Keystore),
    ("accounts", Group::Accounts),
    ("mail", Group::Mail),
    ("e2e", Group::E2e),
];

/// The command line.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let chosen = match arguments {
        [] => GROUPS.to_vec(),
        [only, names @ ..] if only == "--only" && !names.is_empty() => {
            names.iter().map(|name| group(name)).collect::<Result<_>>()?
        }
        _ => bail!("usage: cargo xtask test [--only GROUP…]"),
    };
    let whole = arguments.is_empty();
    let before = untracked();
    let groups: Vec<Group> = chosen.iter().map(|(_, group)| *group).collect();

    // The modules are linked on one processor, one after the other: meanwhile another has the tests to compile. Whoever needs
    // the modules waits for them, and says what is wrong with them.
    if whole {
        std::thread::spawn(|| build_for_node(&[Group::E2e]));
    }
    let mut summary = Vec::new();
    let rust = rust::Tests::build(&groups);
    if whole {
        summary.push(timed("check", check::count));
    }
    let node = node::Tests::prepare(&groups);
    for (name, group) in chosen {
        println!("\n── {name}");
        summary.push(timed(name, || one(group, &rust, &node)));
    }
    if whole {
        summary.push(timed("tidy", || tidy(&before)));
    }

    println!("\n── summary");
    let mut total = Count::default();
    for (name, count, seconds) in summary {
        let note = count.note.as_deref().map(|note| format!("  ({note})")).unwrap_or_default();
        println!("{name:10} {:5} passed {:4} failed {seconds:7.1} s{note}", count.passed, count.failed);
        total.add(count);
    }
    for name in &total.failures {
        println!("failed: {name}");
    }
    for name in &total.alone {
        println!("failed among others, passed alone: {name}");
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 && total.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One group: its Rust tests, then its node tests. What stops it is its failure.
fn one(group: Group, rust: &Result<rust::Tests>, node: &Result<node::Tests>) -> Count {
    let mut count = Count::default();
    if rust::has(group) {
        count.add(match rust {
            Ok(tests) => tests.run(group),
            Err(error) => Count::broken(error),
        });
    }
    if node::has(group) {
        count.add(match node {
            Ok(tests) => tests.run(group).unwrap_or_else(|error| Count::broken(&error)),
            Err(error) => Count::broken(error),
        });
    }
    if count.passed + count.failed == 0 {
        count.add(Count::broken(&anyhow::anyhow!("no tests found")));
    }
    count
}

/// Nothing a test makes may be left lying in the work tree.
fn tidy(before: &[String]) -> Count {
    let left: Vec<String> = untracked().into_iter().filter(|file| !before.contains(file)).collect();
    if left.is_empty() { Count::passed(1) } else { Count::broken(&anyhow::anyhow!("left behind: {}", left.join(", "))) }
}

/// Files that git neither knows nor ignores. Outside a git work tree: none.
fn untracked() -> Vec<String> {
    let mut git = Command::new("git");
    git.current_dir(place::root()).args(["ls-files", "--others", "--exclude-standard"]);
    step::quiet(&mut git).map(|list| list.lines().map(str::to_owned).collect()).unwrap_or_default()
}

/// What node's tests need built: the modules as they are shipped, the package, and for the browser the pages.
fn build_for_node(groups: &[Group]) -> Result<()> {
    build::build(&build::PACKAGE, Effort::Release)?;
    if groups.contains(&Group::E2e) || groups.contains(&Group::Mail) {
        build::build(&[Part::Www], Effort::Release)?;
    }
    Ok(())
}

fn timed(name: &'static str, work: impl FnOnce() -> Count) -> (&'static str, Count, f64) {
    let started = Instant::now();
    let count = work();
    (name, count, started.elapsed().as_secs_f64())
}

fn group(name: &str) -> Result<(&'static str, Group)> {
    match GROUPS.iter().find(|(known, _)| *known == name) {
        Some(group) => Ok(*group),
        None => bail!("there is no group `{name}`; groups are {}", GROUPS.map(|(name, _)| name).join(", ")),
    }
}
