//! The files of the repository that people wrote, found without asking git.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::place;

/// Folders of generated or fetched files, and of test data.
const SKIPPED: [&str; 9] =
    ["target", "node_modules", "dist", "wasm-debian", "vectors", ".git", "data", "blobs", "stored"];

/// Every file below a folder of the repository whose name ends in one of `ends`, in order.
pub fn below(folder: &str, ends: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(&place::at(folder), ends, &mut found)?;
    found.sort();
    Ok(found)
}

/// A file's text.
pub fn text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", place::shown(path)))
}

fn collect(folder: &Path, ends: &[&str], found: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        let generated = SKIPPED.contains(&name.as_str()) || entry.path() == place::at("pkg/wasm");
        if kind.is_dir() && !generated {
            collect(&entry.path(), ends, found)?;
        } else if kind.is_file() && ends.iter().any(|end| name.ends_with(end)) {
            found.push(entry.path());
        }
    }
    Ok(())
}
