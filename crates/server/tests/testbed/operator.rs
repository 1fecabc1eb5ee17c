//! The program as its operator calls it, over a data directory and, where tests want that, PostgreSQL.

use super::databases;
use std::path::Path;
use std::process::{Command, Output};

pub async fn run(data: &Path, arguments: &[&str]) -> Output {
    let database = databases::arguments(data).await;
    let output = Command::new(env!("CARGO_BIN_EXE_envelock-server"))
        .args(arguments)
        .arg("--data-dir")
        .arg(data)
        .args(&database)
        .output()
        .unwrap();
    if let Some(file) = database.last() {
        std::fs::remove_file(file).unwrap();
    }
    output
}

pub async fn done(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub async fn refused(data: &Path, arguments: &[&str], because: &str) {
    let output = run(data, arguments).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(because), "{said}");
}
