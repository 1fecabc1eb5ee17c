//! The crates of others: all that is in the tree, or what is linked into one of ours.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::step;

/// A crate, ours or somebody else's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crate {
    pub name: String,
    pub version: String,
    /// An SPDX expression; empty if it says none.
    pub licence: String,
    pub authors: Vec<String>,
    /// Where it is from; `None`: a folder of ours.
    pub source: Option<String>,
    pub folder: PathBuf,
    /// What it needs without saying which version.
    pub wildcards: Vec<String>,
}

/// Everything that is compiled for one of these targets, with all features, tests and builds included.
pub fn all(targets: &[&str]) -> Result<Vec<Crate>> {
    let mut metadata = step::cargo("metadata");
    metadata.args(["--format-version", "1", "--all-features"]);
    for target in targets {
        metadata.args(["--filter-platform", target]);
    }
    let told: Value = serde_json::from_str(&step::quiet(&mut metadata)?).context("cargo metadata is no JSON")?;
    let packages = told.get("packages").and_then(Value::as_array).context("cargo metadata names no packages")?;
    Ok(packages.iter().filter_map(read).collect())
}

/// What others wrote of what is linked into this package of ours.
pub fn linked(package: &str, feature: Option<&str>, target: &str) -> Result<Vec<Crate>> {
    let known: BTreeMap<(String, String), Crate> =
        all(&[target])?.into_iter().map(|one| ((one.name.clone(), one.version.clone()), one)).collect();
    let mut tree = step::cargo("tree");
    // What only builds, or writes code at build time, is not in what is shipped.
    tree.args(["--quiet", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"]);
    tree.args(["--package", package, "--target", target]);
    if let Some(feature) = feature {
        tree.args(["--features", feature]);
    }
    let mut linked = Vec::new();
    for line in step::quiet(&mut tree)?.lines() {
        let mut words = line.split_whitespace();
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        let version = version.trim_start_matches('v').to_owned();
        let one = known.get(&(name.to_owned(), version)).with_context(|| format!("cargo does not know {line}"))?;
        linked.extend(one.source.is_some().then(|| one.clone()));
    }
    linked.sort();
    linked.dedup();
    Ok(linked)
}

fn read(package: &Value) -> Option<Crate> {
    let text = |field: &str| package.get(field)?.as_str().map(str::to_owned);
    let authors = package.get("authors").and_then(Value::as_array).into_iter().flatten();
    let needs = package.get("dependencies")?.as_array()?;
    let is_any =
        |need: &&Value| need.get("req").is_some_and(|req| req == "*") && need.get("path").is_none_or(Value::is_null);
    let wildcards = needs.iter().filter(is_any);
    Some(Crate {
        name: text("name")?,
        version: text("version")?,
        licence: text("license").unwrap_or_default(),
        authors: authors.filter_map(Value::as_str).map(str::to_owned).collect(),
        source: text("source"),
        folder: PathBuf::from(text("manifest_path")?).parent()?.to_path_buf(),
        wildcards: wildcards.filter_map(|need| Some(need.get("name")?.as_str()?.to_owned())).collect(),
    })
}
