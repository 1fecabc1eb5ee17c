//! Generated files that are committed: lock files.

use anyhow::{Result, bail};

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
