//! `cargo xtask check`: everything about the sources that a machine can judge without running them.

mod circles;
mod formats;
mod links;
mod rooms;
mod sources;
mod standard;

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::build::{self, Effort};
use crate::test::{Count, ONLY_WASM};
use crate::toolchain::{TARGET, Toolchain};
use crate::{licences, place, size, step};

type Rule = (&'static str, fn() -> Result<()>);

/// Cheap ones first. Names begin with the rule of ARCHITECTURE.md that they keep.
const RULES: [Rule; 18] = [
    ("R1 the core knows no browser, no clock, no randomness", rooms::core_is_pure),
    ("R2 the server has no OpenPGP crate in its tree", rooms::server_cannot_decrypt),
    ("R4 www uses the package and HTTP only", rooms::pages_use_the_package),
    ("R5 one file, one job: no file is too long", rooms::files_are_short),
    ("R6 files are nouns of the domain", rooms::files_are_named),
    ("R7 no room of the server needs one that needs it", circles::server_has_none),
    ("no {:?} where the wasm modules print nothing for it", rooms::nothing_shown_by_debug),
    ("programs reach OpenPGP through the core only", rooms::programs_use_the_core),
    ("links in the papers lead somewhere", links::papers),
    ("items and vectors in the map of RFC 9580 exist", standard::map),
    ("licences and banned crates are those of deny.toml, and all are of crates.io", licences::check),
    ("npm lock files name no registry", formats::lock_files),
    ("no file has what a merge left", formats::merges_are_finished),
    ("cargo fmt", fmt),
    ("cargo clippy", clippy),
    ("cargo doc", doc),
    ("docs/size-budget.json holds", size::within_budget),
    ("pkg/api.d.ts is the public face that was built", api_snapshot),
];

/// The command line.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    if let Some(unknown) = arguments.first() {
        bail!("check does not know `{unknown}`");
    }
    let count = count();
    println!("{} passed, {} failed", count.passed, count.failed);
    Ok(if count.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every rule, counted like tests. All are looked at, also after the first that is broken.
pub fn count() -> Count {
    let mut count = Count::default();
    for (name, rule) in RULES {
        match rule() {
            Ok(()) => {
                println!("ok      {name}");
                count.passed += 1;
            }
            Err(error) => {
                println!("BROKEN  {name}\n{error:#}");
                count.failed += 1;
                count.note.get_or_insert_with(|| name.to_owned());
            }
        }
    }
    count
}

fn fmt() -> Result<()> {
    let mut fmt = step::cargo("fmt");
    let output = fmt.args(["--all", "--", "--check", "-l"]).output().context("cannot start cargo fmt")?;
    if !output.status.success() {
        bail!("run `cargo fmt`; it would change\n{}", String::from_utf8_lossy(&output.stdout).trim_end());
    }
    Ok(())
}

/// Our crates for this machine, then those for the browser as the browser's code.
fn clippy() -> Result<()> {
    let mut clippy = step::cargo("clippy");
    clippy.args(["--quiet", "--workspace", "--all-targets"]).args(except(&ONLY_WASM));
    step::quiet(clippy.args(["--", "-D", "warnings"]))?;
    // Debian's compiler comes without clippy; there every build compiles them at least.
    if Toolchain::find()? == Toolchain::Installed {
        let (name, fma) = build::module_for_rsa()?;
        for package in ONLY_WASM {
            let mut clippy = step::cargo("clippy");
            clippy.env(name, &fma);
            clippy.args(["--quiet", "--package", package, "--target", TARGET]);
            clippy.arg("--target-dir").arg(place::target().join("wasm"));
            step::quiet(clippy.args(["--", "-D", "warnings"]))?;
        }
    }
    Ok(())
}

/// Broken links in the documentation are errors (workspace lint).
fn doc() -> Result<()> {
    let mut doc = step::cargo("doc");
    doc.env("RUSTDOCFLAGS", "-D warnings").args(["--quiet", "--workspace", "--no-deps"]);
    step::quiet(doc.args(except(&ONLY_WASM)).arg("--exclude=xtask")).map(drop)
}

fn except(packages: &[&str]) -> Vec<String> {
    packages.iter().map(|name| format!("--exclude={name}")).collect()
}

/// The package's build writes the snapshot anew; a difference to what git has is a change nobody has looked at.
fn api_snapshot() -> Result<()> {
    build::build(&build::PACKAGE, Effort::Release)?;
    let mut git = Command::new("git");
    git.current_dir(place::root()).args(["diff", "--exit-code", "--no-color", "--", "pkg/api.d.ts"]);
    let output = git.output().context("cannot start git")?;
    if !output.status.success() {
        bail!(
            "the public TypeScript API changed: look at it and commit it\n{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
    Ok(())
}
