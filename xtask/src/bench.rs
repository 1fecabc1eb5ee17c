//! `cargo xtask bench [--json FILE] [--only TEXT] [--skip-browser] [--write [--from FILE]]`: speed and size beside OpenPGP.js,
//! through the packed package, in node and in Chromium.
//!
//! The jobs and how they are timed are in `xtask/bench`. Here their rows are collected, shown and written: as JSON, and with
//! `--write` into the tables of README.md and docs/benchmark.md (`--from` takes the rows of an earlier run).

mod table;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::test::{Group, NodeTests, peers};
use crate::{place, step};

/// Who is measured beside us; the version is the one of `tests/package-lock.json`.
const PEER: &str = "openpgp";

/// The command line.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let mut file: Option<PathBuf> = None;
    let mut only = None;
    let mut browser = true;
    let mut write = false;
    let mut earlier: Option<PathBuf> = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--json" => file = Some(place::root().join(value()?)),
            "--only" => only = Some(value()?.clone()),
            "--skip-browser" => browser = false,
            "--write" => write = true,
            "--from" => earlier = Some(place::root().join(value()?)),
            other => bail!("bench does not know `{other}`"),
        }
    }
    if write && (only.is_some() || !browser) {
        bail!("--write needs a whole run: neither --only nor --skip-browser");
    }
    if let Some(earlier) = earlier {
        let text = std::fs::read(&earlier).with_context(|| format!("cannot read {}", place::shown(&earlier)))?;
        table::write(&serde_json::from_slice::<Vec<Value>>(&text)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    // The browser's group has everything built that is weighed or measured.
    let folder = NodeTests::prepare(&[Group::E2e])?.folder_with(&place::at("xtask/bench"), "bench")?;
    let peer = format!("{PEER} {}", peer_version(&folder)?);

    let mut scripts = vec!["node.mjs", "streams.mjs"];
    if browser {
        scripts.push("browser.mjs");
    }
    if only.as_deref().is_none_or(|text| text.starts_with("size")) {
        scripts.push("sizes.mjs");
        if browser {
            scripts.push("page.mjs");
        }
    }
    let mut rows = Vec::new();
    let mut whole = true;
    for script in scripts {
        let mut node = Command::new("node");
        node.current_dir(&folder).arg(folder.join("bench").join(script)).env("ENVELOCK_ROOT", place::root());
        if let Some(only) = &only {
            node.env("ENVELOCK_BENCH_ONLY", only);
        }
        if !matches!(script, "node.mjs" | "streams.mjs") {
            node.env("ENVELOCK_CHROMIUM", peers::chromium()?);
        }
        println!("\n── {script}");
        whole &= step::lines(&mut node, |line| match serde_json::from_str(line) {
            Ok(measured) => {
                let row = row(measured, &peer);
                println!("{}", shown(&row));
                rows.push(row);
            }
            Err(_) => println!("{line}"),
        })?;
    }
    if let Some(file) = file {
        let text = serde_json::to_string_pretty(&rows)?;
        std::fs::write(&file, text + "\n").with_context(|| format!("cannot write {}", place::shown(&file)))?;
    }
    if write {
        table::write(&rows)?;
    }
    let failed = rows.iter().filter(|row| row.get("error").is_some()).count();
    if failed > 0 || !whole {
        println!("{failed} jobs could not be measured");
    }
    Ok(if whole && failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A script's row, completed: who the other side is, and how the two compare.
fn row(mut measured: Value, peer: &str) -> Value {
    let number = |row: &Value, name: &str| row.get(name).and_then(Value::as_f64);
    let rounded = |value: f64, digits: i32| (value * 10f64.powi(digits)).round() / 10f64.powi(digits);
    if let (Some(ours), Some(theirs)) = (number(&measured, "ours_ms"), number(&measured, "peer_ms")) {
        let mut row = json!({
            "work": measured.get("work"),
            "runtime": measured.get("runtime"),
            "ours_ms": rounded(ours, 2),
            "peer": peer,
            "peer_ms": rounded(theirs, 2),
            "ratio": rounded(ours / theirs, 3),
        });
        // Memory over the process at rest, where it was measured.
        for name in ["ours_peak_mib", "peer_peak_mib"] {
            if let (Some(peak), Some(fields)) = (number(&measured, name), row.as_object_mut()) {
                fields.insert(name.to_owned(), json!(rounded(peak, 1)));
            }
        }
        return row;
    }
    if let Some(fields) = measured.as_object_mut() {
        fields.insert("peer".to_owned(), json!(peer));
    }
    measured
}

fn shown(row: &Value) -> String {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |name: &str| row.get(name).and_then(Value::as_f64);
    let work = text("work");
    if let (Some(ours), Some(theirs), Some(ratio)) = (number("ours_ms"), number("peer_ms"), number("ratio")) {
        let peaks = match (number("ours_peak_mib"), number("peer_peak_mib")) {
            (Some(ours), Some(theirs)) => format!("   {ours:.0} / {theirs:.0} MiB"),
            _ => String::new(),
        };
        return format!("{work:42} {:18} {ours:9.2} ms {theirs:9.2} ms {ratio:6.2}{peaks}", text("runtime"));
    }
    if let Some(ours) = number("ours_gzip") {
        let theirs = number("peer_gzip").map(|bytes| format!("{bytes:9} B gzip")).unwrap_or_default();
        return format!("{work:42} {ours:9} B gzip {theirs}");
    }
    format!("{work:42} {:18} not measured: {}", text("runtime"), text("error"))
}

fn peer_version(folder: &std::path::Path) -> Result<String> {
    let manifest = std::fs::read(folder.join("node_modules").join(PEER).join("package.json"))?;
    let manifest: Value = serde_json::from_slice(&manifest)?;
    Ok(manifest.get("version").and_then(Value::as_str).unwrap_or("?").to_owned())
}
