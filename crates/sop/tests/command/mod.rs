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

/// 2026-11-24.
pub const NOW: u32 = 1_795_500_000;

/// Runs `line`, split at blanks; `{n}` stands for the file `files[n]`.
pub fn run(line: &str, files: &[&str], input: &[u8]) -> Output {
    at(NOW, line, files, input)
}

pub fn at(seconds: u32, line: &str, files: &[&str], input: &[u8]) -> Output {
    let word = |word: &str| {
        let place = |text: String, (index, file): (usize, &&str)| text.replace(&format!("{{{index}}}"), file);
        files.iter().enumerate().fold(word.to_owned(), place)
    };
    let arguments: Vec<String> = line.split(' ').map(word).collect();
    run_at(Some(seconds), &arguments, input)
}

/// What a run wrote that must end well.
pub fn good(line: &str, files: &[&str], input: &[u8]) -> Vec<u8> {
    let output = run(line, files, input);
    assert_eq!(output.code, 0, "{line}: {}", output.error);
    output.data
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

/// Somebody with a key: the files of both parts.
pub struct Person {
    pub secret: String,
    pub certificate: String,
}

impl Person {
    pub fn new(work: &Folder, options: &str) -> Self {
        let secret = good(&format!("generate-key {options} Ann<a@x.example>").replace("  ", " "), &[], b"");
        let certificate = good("extract-cert", &[], &secret);
        Self { secret: work.file(&secret), certificate: work.file(&certificate) }
    }

    pub fn secret(&self) -> Vec<u8> {
        std::fs::read(&self.secret).unwrap()
    }

    pub fn certificate(&self) -> Vec<u8> {
        std::fs::read(&self.certificate).unwrap()
    }
}
