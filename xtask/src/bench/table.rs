//! The rows of a run as tables for people: all of them in `docs/benchmark.md`, the most telling in the README.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::place;

const MARKS: (&str, &str) = ("<!-- bench:start -->", "<!-- bench:end -->");
/// What the README shows of the jobs; everything is in `docs/benchmark.md`.
const TELLING: &[&str] = &[
    "initialise",
    "Curve25519 v6 generate",
    "Curve25519 v6 sign 1 KB",
    "Curve25519 v6 decrypt 1 KB",
    "AES-256-GCM by key encrypt 10 MB",
    "AES-256-GCM by key decrypt 10 MB",
    "SEIPD v1 decrypt 10 MB",
    "AES-256-OCB decrypt 10 MB",
    "verify 10 MB",
    "envelope seal (Argon2id 64 MiB)",
    "envelope open (Argon2id 64 MiB)",
];

/// Writes both documents from the rows of a whole run.
pub fn write(rows: &[Value]) -> Result<()> {
    let works = works(rows);
    let telling: Vec<&Work<'_>> = works.iter().filter(|work| TELLING.contains(&work.name)).collect();
    between_marks("README.md", &format!("{}\n{}", sizes(rows), times(&telling)))?;
    let all: Vec<&Work<'_>> = works.iter().collect();
    between_marks("docs/benchmark.md", &format!("{}\n{}", sizes(rows), times(&all)))
}

/// A job with its row in each runtime.
struct Work<'r> {
    name: &'r str,
    node: Option<&'r Value>,
    browser: Option<&'r Value>,
}

fn works(rows: &[Value]) -> Vec<Work<'_>> {
    let mut works: Vec<Work<'_>> = Vec::new();
    for row in rows.iter().filter(|row| row.get("ratio").is_some()) {
        let name = text(row, "work");
        let work = match works.iter().position(|work| work.name == name) {
            Some(known) => works.get_mut(known),
            None => {
                works.push(Work { name, node: None, browser: None });
                works.last_mut()
            }
        };
        if let Some(work) = work {
            let side = if text(row, "runtime").starts_with("node") { &mut work.node } else { &mut work.browser };
            *side = Some(row);
        }
    }
    works
}

fn times(works: &[&Work<'_>]) -> String {
    let node = works.iter().find_map(|work| work.node).map_or("Node", |row| text(row, "runtime"));
    let browser = works.iter().find_map(|work| work.browser).map_or("Chromium", |row| text(row, "runtime"));
    let mut table =
        format!("| milliseconds: Envelock / OpenPGP.js (ratio) | {node} | {browser} |\n| --- | --- | --- |\n");
    for work in works {
        table += &format!("| {} | {} | {} |\n", work.name, cell(work.node), cell(work.browser));
    }
    table
}

fn cell(row: Option<&Value>) -> String {
    let number = |row: &Value, name: &str| row.get(name).and_then(Value::as_f64).unwrap_or_default();
    row.map_or_else(String::new, |row| {
        let times =
            format!("{:.1} / {:.1} (**{:.2}**)", number(row, "ours_ms"), number(row, "peer_ms"), number(row, "ratio"));
        if row.get("ours_peak_mib").is_none() {
            return times;
        }
        format!("{times}, {:.0} / {:.0} MiB", number(row, "ours_peak_mib"), number(row, "peer_peak_mib"))
    })
}

fn sizes(rows: &[Value]) -> String {
    let mut table = String::from("| what is loaded (gzip) | Envelock | OpenPGP.js |\n| --- | --- | --- |\n");
    for row in rows {
        let Some(ours) = row.get("ours_gzip").and_then(Value::as_f64) else { continue };
        let theirs = row.get("peer_gzip").and_then(Value::as_f64).map_or_else(String::new, kilobytes);
        let name = text(row, "work").trim_start_matches("size:");
        table += &format!("| {name} | {} | {theirs} |\n", kilobytes(ours));
    }
    table
}

fn kilobytes(octets: f64) -> String {
    let kilobytes = octets / 1000.0;
    if kilobytes < 100.0 { format!("{kilobytes:.1} kB") } else { format!("{kilobytes:.0} kB") }
}

fn text<'r>(row: &'r Value, name: &str) -> &'r str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn between_marks(file: &str, content: &str) -> Result<()> {
    let path = place::at(file);
    let old = fs::read_to_string(&path).with_context(|| format!("cannot read {file}"))?;
    let (before, rest) = old.split_once(MARKS.0).with_context(|| format!("{file} lacks {}", MARKS.0))?;
    let (_, after) = rest.split_once(MARKS.1).with_context(|| format!("{file} lacks {}", MARKS.1))?;
    fs::write(&path, format!("{before}{}\n{content}{}{after}", MARKS.0, MARKS.1))?;
    Ok(())
}
