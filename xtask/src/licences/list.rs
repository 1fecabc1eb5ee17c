//! What `deny.toml` allows and bans, and which crates break it.

use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;
use spdx::{Expression, ParseMode};

use super::Crate;
use crate::place;

/// Where crates may be from.
const REGISTRIES: [&str; 2] =
    ["registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"];

/// What the list says.
#[derive(Debug, PartialEq, Eq)]
pub struct Rules {
    /// Licences of anybody's.
    allowed: Vec<String>,
    /// Crates with the further licences that each alone may have.
    exceptions: Vec<(String, Vec<String>)>,
    /// Crates that are not to be there, and why.
    banned: Vec<(String, String)>,
}

/// What is read of the file.
#[derive(Deserialize)]
struct Written {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

/// Reads `deny.toml`.
pub fn read() -> Result<Rules> {
    let file = place::at("deny.toml");
    parse(&fs::read_to_string(&file).context("cannot read deny.toml")?).context("deny.toml")
}

fn parse(text: &str) -> Result<Rules> {
    let written: Written = toml::from_str(text)?;
    let exceptions = written.licenses.exceptions.into_iter().map(|one| (one.name, one.allow));
    let banned = written.bans.deny.into_iter().map(|one| (one.name, one.reason));
    Ok(Rules { allowed: written.licenses.allow, exceptions: exceptions.collect(), banned: banned.collect() })
}

impl Rules {
    /// A sentence for everything in the tree that breaks them, and for what they except and is not there.
    pub fn broken_by(&self, tree: &[Crate]) -> Vec<String> {
        let mut broken = Vec::new();
        for one in tree {
            let Crate { name, version, licence, source, wildcards, .. } = one;
            if let Err(why) = self.judge(name, licence) {
                broken.push(format!("{name} {version} {why}"));
            }
            match source.as_deref() {
                Some(source) if !REGISTRIES.contains(&source) => {
                    broken.push(format!("{name} {version} is from {source}"))
                }
                None if !wildcards.is_empty() => {
                    broken.push(format!("{name} takes any version of {}", wildcards.join(", ")))
                }
                _ => {}
            }
            if let Some((_, why)) = self.banned.iter().find(|(banned, _)| banned == name) {
                broken.push(format!("{name} {version} is banned: {why}"));
            }
        }
        let is_there = |name: &str| tree.iter().any(|one| one.name == name);
        let idle = self.exceptions.iter().filter(|(name, _)| !is_there(name));
        broken.extend(idle.map(|(name, _)| format!("deny.toml excepts {name}, which is not in the tree")));
        broken
    }

    fn judge(&self, name: &str, licence: &str) -> Result<(), String> {
        let expression = read_licence(licence)?;
        let excepted = self.exceptions.iter().find(|(excepted, _)| excepted == name);
        let further = excepted.map(|(_, licences)| licences.as_slice()).unwrap_or_default();
        let is_allowed = |licence: &str| self.allowed.iter().chain(further).any(|allowed| allowed == licence);
        if expression.evaluate(|asked| is_allowed(&asked.to_string())) {
            Ok(())
        } else {
            Err(format!("is under {licence}, which deny.toml does not allow"))
        }
    }
}

/// What a crate says of its licence. Older ones write `MIT/Apache-2.0`.
pub fn read_licence(licence: &str) -> Result<Expression, String> {
    if licence.trim().is_empty() {
        return Err("says no licence".to_owned());
    }
    Expression::parse_mode(licence, ParseMode::LAX)
        .map_err(|error| format!("says a licence that nobody knows: {}", error.reason))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    const LIST: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
        exceptions = [{ crate = "webauthn-rs", allow = ["MPL-2.0"] }]
        [bans]
        deny = [{ crate = "openssl-sys", reason = "one TLS stack" }]
    "#;

    fn one(name: &str, licence: &str) -> Crate {
        Crate {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.to_owned(),
            authors: Vec::new(),
            source: Some(REGISTRIES[0].to_owned()),
            folder: "/nowhere".into(),
            wildcards: Vec::new(),
        }
    }

    #[test]
    fn what_is_not_on_the_list_is_named() {
        let rules = parse(LIST).unwrap();
        for good in ["MIT", "MIT OR GPL-3.0-only", "MIT/Apache-2.0", "MIT AND Apache-2.0 WITH LLVM-exception"] {
            assert_eq!(rules.judge("a", good), Ok(()), "{good}");
        }
        for bad in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "MPL-2.0", "Apache-2.0 WITH GCC-exception-3.1", "", "Fun"] {
            assert!(rules.judge("a", bad).is_err(), "{bad}");
        }
        assert_eq!(rules.judge("webauthn-rs", "MPL-2.0"), Ok(()), "an exception is for one crate");
    }

    #[test]
    fn a_ban_a_foreign_source_a_wildcard_and_an_idle_exception_are_named() {
        let rules = parse(LIST).unwrap();
        let good = [one("webauthn-rs", "MPL-2.0"), one("a", "MIT")];
        assert!(rules.broken_by(&good).is_empty());
        let git = Crate { source: Some("git+https://example.org/a".to_owned()), ..one("a", "MIT") };
        let ours = Crate { source: None, wildcards: vec!["b".to_owned()], ..one("a", "MIT") };
        for (bad, why) in [
            (one("openssl-sys", "MIT"), "openssl-sys 1.0.0 is banned: one TLS stack"),
            (git, "a 1.0.0 is from git+https://example.org/a"),
            (ours, "a takes any version of b"),
            (one("a", "GPL-3.0-only"), "a 1.0.0 is under GPL-3.0-only, which deny.toml does not allow"),
        ] {
            assert_eq!(rules.broken_by(&[good[0].clone(), bad]), [why]);
        }
        assert_eq!(rules.broken_by(&good[1..]), ["deny.toml excepts webauthn-rs, which is not in the tree"]);
    }

    #[test]
    fn our_own_list_is_read() {
        let rules = read().unwrap();
        assert!(rules.allowed.iter().any(|licence| licence == "MIT") && rules.exceptions.len() > 1);
        assert!(rules.banned.iter().any(|(name, _)| name == "openssl-sys"));
    }
}
