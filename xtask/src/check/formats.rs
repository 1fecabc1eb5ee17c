//! What a file must not hold whatever is in it: lock files a registry's name, any file what a merge left.

use std::fs;

use anyhow::{Context, Result, bail};

use super::sources;
use crate::place;

/// A lock file pins versions and checksums; where a package is downloaded from is each machine's own setting.
pub fn lock_files() -> Result<()> {
    let mut broken = Vec::new();
    for lock in sources::below("", &["package-lock.json"])? {
        if sources::text(&lock)?.contains("\"resolved\": \"http") {
            broken.push(format!("{} (set omit-lockfile-registry-resolved=true in .npmrc)", place::shown(&lock)));
        }
    }
    if broken.is_empty() { Ok(()) } else { bail!("{}", broken.join("\n")) }
}

/// Where two versions met and nobody chose, git leaves lines that no format knows.
pub fn merges_are_finished() -> Result<()> {
    let marks = ["<".repeat(7) + " ", ">".repeat(7) + " "];
    let mut broken = Vec::new();
    for file in sources::below("", &[""])? {
        let octets = fs::read(&file).with_context(|| format!("cannot read {}", place::shown(&file)))?;
        let is_left = |line: &[u8]| marks.iter().any(|mark| line.starts_with(mark.as_bytes()));
        if let Some(at) = octets.split(|octet| *octet == b'\n').position(is_left) {
            broken.push(format!("{}:{}", place::shown(&file), at + 1));
        }
    }
    if broken.is_empty() { Ok(()) } else { bail!("{}", broken.join("\n")) }
}
