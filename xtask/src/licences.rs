//! Under which licences we pass on what others wrote: whether the list in `deny.toml` allows it (`cargo xtask check`), and the texts that
//! have to travel with a package (`THIRD-PARTY-LICENSES.txt`).
//!
//! `deny.toml` is a file of cargo-deny, which may read it too. Of it are kept here licences and banned crates; beside it, that all crates
//! are of crates.io and none is asked for in any version. Not here:
//! advisories (`cargo deny check advisories` asks a database), npm's packages (`www/build/licences.mjs`).

mod crates;
mod list;
mod texts;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use self::crates::Crate;
use crate::toolchain::TARGET;
use crate::{place, step};

/// The name of the file with the texts, in every package.
pub const FILE: &str = "THIRD-PARTY-LICENSES.txt";

/// A package of ours, and what of it is compiled in.
struct Shipped {
    package: &'static str,
    feature: Option<&'static str>,
    /// For the browser, or for this machine.
    in_browser: bool,
}

/// The modules of the npm package, as `build::wasm` compiles them.
const MODULES: [Shipped; 4] = [
    Shipped { package: "envelock-wasm", feature: None, in_browser: true },
    Shipped { package: "envelock-wasm", feature: Some("pqc"), in_browser: true },
    Shipped { package: "envelock-reader", feature: None, in_browser: true },
    Shipped { package: "envelock-login-wasm", feature: None, in_browser: true },
];
const SERVER: [Shipped; 2] = [
    Shipped { package: "envelock-server", feature: None, in_browser: false },
    Shipped { package: "envelock-seal", feature: None, in_browser: false },
];

/// Whether everything that is in the tree, for this machine and for browsers, may be used as `deny.toml` says.
pub fn check() -> Result<()> {
    let rules = list::read()?;
    let tree = crates::all(&[&host()?, TARGET])?;
    let broken = rules.broken_by(&tree);
    if broken.is_empty() { Ok(()) } else { bail!("{}", broken.join("\n")) }
}

/// Writes the texts for the npm package's modules beside them.
pub fn write_for_package() -> Result<()> {
    write(&place::at("pkg").join(FILE), &MODULES, "the WebAssembly modules of the npm package envelock")
}

/// Writes the texts for the server's programs.
pub fn write_for_server(file: &Path) -> Result<()> {
    write(file, &SERVER, "the programs envelock-server and envelock-seal")
}

fn write(file: &Path, shipped: &[Shipped], what: &str) -> Result<()> {
    let mut linked = Vec::new();
    for one in shipped {
        let target = if one.in_browser { TARGET.to_owned() } else { host()? };
        linked.extend(crates::linked(one.package, one.feature, &target)?);
    }
    linked.sort();
    linked.dedup();
    let text = step::work(&format!("gather the licences of {} crates", linked.len()), || texts::of(&linked, what))?;
    fs::write(file, text).with_context(|| format!("cannot write {}", place::shown(file)))
}

/// This machine, as the compiler calls it.
fn host() -> Result<String> {
    let told = step::quiet(std::process::Command::new("rustc").arg("-vV"))?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say for which machine it is")?.to_owned())
}
