//! Runs `envelock-sop` with octets on standard input, and keeps the files it reads in a folder that goes away.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

/// How a run ended.
pub struct Output {
    pub code: i32,
    pub data: Vec<u8>,
    pub error: String,
}

/// Runs the program at a moment, in seconds since 1970; now without one.
pub fn run_at(seconds: Option<u32>, arguments: &[String], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_envelock-sop"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(seconds) = seconds {
        command.env("ENVELOCK_SOP_NOW", seconds.to_string());
    }
    let mut child = command.spawn().expect("envelock-sop starts");
    let mut stdin = child.stdin.take().expect("it has an input");
    let input = input.to_vec();
    // A program that refuses its input early closes the pipe.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("envelock-sop ends");
    writer.join().expect("the input was written");
    Output {
        code: output.status.code().unwrap_or(-1),
        data: output.stdout,
        error: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A temporary folder, removed when dropped.
pub struct Folder {
    path: PathBuf,
    count: AtomicU64,
}

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("envelock-sop-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("a temporary folder");
        Self { path, count: AtomicU64::new(0) }
    }

    /// A path in it that nothing has yet.
    pub fn fresh(&self) -> String {
        self.path.join(self.count.fetch_add(1, Ordering::Relaxed).to_string()).display().to_string()
    }

    /// A new file with this content.
    pub fn file(&self, content: &[u8]) -> String {
        let path = self.fresh();
        std::fs::write(&path, content).expect("a file is written");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
