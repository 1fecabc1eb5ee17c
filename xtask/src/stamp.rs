//! Remembers what a step was built from, so that a step whose inputs are the same is skipped.
//!
//! A stamp is the SHA-256 of the inputs' names and contents, kept below `target/stamps`. Times are not looked at: a fresh
//! clone, a branch switch and a `touch` all give the same answer.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::place;

/// The inputs of one step, gathered.
pub struct Inputs(Sha256);

impl Inputs {
    /// Starts with what is not a file: the profile, the tool's version, the arguments.
    pub fn new(parameters: &str) -> Inputs {
        Inputs(Sha256::new().chain_update(parameters))
    }

    /// Adds a file, or a folder with everything in it but the folders named in `without`.
    pub fn add(mut self, path: &Path, without: &[&str]) -> Result<Inputs> {
        let mut files = Vec::new();
        collect(path, without, &mut files)?;
        files.sort();
        for file in files {
            let content = fs::read(&file).with_context(|| format!("cannot read {}", place::shown(&file)))?;
            self.0.update(file.to_string_lossy().as_bytes());
            self.0.update(content.len().to_le_bytes());
            self.0.update(content);
        }
        Ok(self)
    }

    /// Ends the list.
    pub fn stamp(self, name: &str) -> Stamp {
        let digest = self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Stamp { file: place::target().join("stamps").join(name), digest }
    }
}

/// What a step's inputs are now, to be compared with what they were when it last succeeded.
pub struct Stamp {
    file: PathBuf,
    digest: String,
}

impl Stamp {
    /// Whether the step has already succeeded with these inputs and its outputs are still there.
    pub fn holds(&self, outputs: &[PathBuf]) -> bool {
        outputs.iter().all(|output| output.exists())
            && fs::read_to_string(&self.file).is_ok_and(|digest| digest == self.digest)
    }

    /// To be called after the step succeeded.
    pub fn set(&self) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.file, &self.digest).with_context(|| format!("cannot write {}", place::shown(&self.file)))
    }
}

fn collect(path: &Path, without: &[&str], files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let entries = fs::read_dir(path).with_context(|| format!("cannot read {}", place::shown(path)))?;
    for entry in entries {
        let entry = entry?;
        if without.iter().all(|name| entry.file_name() != *name) {
            collect(&entry.path(), without, files)?;
        }
    }
    Ok(())
}
