//! `cargo xtask bench [--json FILE] [--only TEXT] [--skip-browser] [--write [--from FILE…]]`: speed, memory and size beside
//! OpenPGP.js, through the packed package, in node and in Chromium; the command line, the server and its mail beside others.
//!
//! The jobs and how they are timed are in `xtask/bench`. Here their rows are collected, compared with the goals, shown and written:
//! as JSON, and with `--write` into the tables of README.md and docs/benchmark.md (`--from` takes the rows of earlier runs; of a row in
//! several of them, the last). Tables are written from runs in which nothing failed, and never with fewer figures than they have.

pub mod goals;
mod lost;
mod row;
mod table;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::build::{self, Effort, Part, server_program};
use crate::test::{Group, NodeTests, build_fast_sop, peers};
use crate::{place, step};

/// Who is measured beside us; the version is the one of `tests/package-lock.json`.
const PEER: &str = "openpgp";

/// What measures, in this order: the script, whether it needs a browser, and what its rows' names begin with if it is to be started
/// for those alone.
const SCRIPTS: &[(&str, bool, Option<&str>)] = &[
    ("node.mjs", false, None),
    ("memory.mjs", false, Some("memory")),
    ("streams.mjs", false, Some("stream")),
    ("native.mjs", false, Some("native")),
    ("server.mjs", false, Some("server")),
    ("mail.mjs", false, Some("mail")),
    ("browser.mjs", true, None),
    ("streams_browser.mjs", true, Some("stream")),
    ("tasks.mjs", true, Some("longest task")),
    ("cold.mjs", true, Some("cold page")),
    ("sizes.mjs", false, Some("size")),
    ("page.mjs", true, Some("size")),
];

/// The command line.
struct Options {
    file: Option<PathBuf>,
    only: Option<String>,
    browser: bool,
    write: bool,
    earlier: Vec<PathBuf>,
}

/// Measures, or writes what was measured before.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let options = read(arguments)?;
    if !options.earlier.is_empty() {
        let mut rows: Vec<Value> = Vec::new();
        for file in &options.earlier {
            let text = std::fs::read(file).with_context(|| format!("cannot read {}", place::shown(file)))?;
            for row in serde_json::from_slice::<Vec<Value>>(&text)? {
                match rows.iter_mut().find(|before| row::is_same(before, &row)) {
                    Some(before) => *before = row,
                    None => rows.push(row),
                }
            }
        }
        if with(&rows, "error") > 0 {
            bail!("the tables stay as they are: the run has rows that could not be measured");
        }
        table::write(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(only) = &options.only
        && !is_named(only)?
    {
        bail!("no row has `{only}` in its name: they are in docs/benchmark.md");
    }
    // The browser's group has everything built that is weighed or measured.
    let folder = NodeTests::prepare(&[Group::E2e])?.folder_with(&place::at("xtask/bench"), "bench")?;
    let peer = format!("{PEER} {}", peer_version(&folder)?);
    let mut rows = Vec::new();
    let mut whole = true;
    for (script, needs_browser, begin) in SCRIPTS {
        let asked = match (&options.only, begin) {
            (None, _) | (Some(_), None) => true,
            (Some(only), Some(begin)) => only.starts_with(begin) || begin.starts_with(only),
        };
        if !asked || (*needs_browser && !options.browser) {
            continue;
        }
        let mut node = command(&folder, script)?;
        if let Some(only) = &options.only {
            node.env("ENVELOCK_BENCH_ONLY", only);
        }
        println!("\n── {script}");
        whole &= step::lines(&mut node, |line| match serde_json::from_str(line) {
            Ok(measured) => {
                let row = row::complete(measured, &peer);
                println!("{}", row::shown(&row));
                rows.push(row);
            }
            Err(_) => println!("{line}"),
        })?;
    }
    if rows.is_empty() {
        // Some scripts are started by how the names of their rows begin.
        bail!("nothing was measured: name rows from their beginning on");
    }
    if let Some(file) = options.file {
        let text = serde_json::to_string_pretty(&rows)?;
        std::fs::write(&file, text + "\n").with_context(|| format!("cannot write {}", place::shown(&file)))?;
    }
    let (failed, missed) = (with(&rows, "error"), with(&rows, "missed"));
    let slower = rows.iter().filter(|row| row::is_slower(row)).count();
    println!(
        "\n{} rows, {missed} beyond a goal (✗), {slower} slower without one (▲), {failed} not measured",
        rows.len()
    );
    let succeeded = whole && failed == 0;
    if options.write && !succeeded {
        bail!("the tables stay as they are: something could not be measured");
    }
    if options.write {
        table::write(&rows)?;
    }
    Ok(if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(arguments: &[String]) -> Result<Options> {
    let mut options = Options { file: None, only: None, browser: true, write: false, earlier: Vec::new() };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--json" => options.file = Some(place::root().join(value()?)),
            "--only" => options.only = Some(value()?.clone()),
            "--skip-browser" => options.browser = false,
            "--write" => options.write = true,
            "--from" => options.earlier.push(place::root().join(value()?)),
            other => bail!("bench does not know `{other}`"),
        }
    }
    if options.write && (options.only.is_some() || !options.browser) {
        bail!("--write needs a whole run: neither --only nor --skip-browser");
    }
    if !options.earlier.is_empty() && !options.write {
        bail!("--from is for --write");
    }
    Ok(options)
}

/// Whether a row may have this in its name: one that was measured before, or that a script makes now.
fn is_named(only: &str) -> Result<bool> {
    let scripts =
        std::fs::read_dir(place::at("xtask/bench"))?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    for file in scripts.iter().filter(|path| path.is_file()).chain([&place::at("docs/benchmark.md")]) {
        if std::fs::read_to_string(file)?.contains(only) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A script with the programs it is about.
fn command(folder: &Path, script: &str) -> Result<Command> {
    let mut node = Command::new("node");
    node.current_dir(folder).arg(folder.join("bench").join(script)).env("ENVELOCK_ROOT", place::root());
    match script {
        "native.mjs" => {
            node.env("ENVELOCK_SOP", build_fast_sop()?).env("RSOP", peers::fast_rsop()?);
            node.env("SQOP", peers::sqop()?).env("GPG", peers::gpg()?);
        }
        "server.mjs" => {
            peers::load_tools()?;
            build::build(&[Part::Server], Effort::Release)?;
            node.env("ENVELOCK_SERVER", server_program(Effort::Release));
        }
        "mail.mjs" => {
            peers::load_tools()?;
            peers::name_server()?;
            peers::mail_servers()?;
            node.env("ENVELOCK_SERVER", build::for_mail_of_this_machine()?);
        }
        "tasks.mjs" => {
            // What the page does is measured; the server only has to be there.
            build::build(&[Part::Server], Effort::Dev)?;
            node.env("ENVELOCK_SERVER", server_program(Effort::Dev)).env("ENVELOCK_CHROMIUM", peers::chromium()?);
        }
        "browser.mjs" | "streams_browser.mjs" | "cold.mjs" | "page.mjs" => {
            node.env("ENVELOCK_CHROMIUM", peers::chromium()?);
        }
        _ => {}
    }
    Ok(node)
}

fn with(rows: &[Value], field: &str) -> usize {
    rows.iter().filter(|row| row.get(field).is_some()).count()
}

fn peer_version(folder: &Path) -> Result<String> {
    let manifest = std::fs::read(folder.join("node_modules").join(PEER).join("package.json"))?;
    let manifest: Value = serde_json::from_slice(&manifest)?;
    Ok(manifest.get("version").and_then(Value::as_str).unwrap_or("?").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All was built first, for minutes, and nothing measured.
    #[test]
    fn what_no_row_is_called_is_told_before_anything_is_built() {
        let read = |only: &str| is_named(only).unwrap_or_default();
        assert!(read("memory of decrypt 50 MB") && read("cold page") && !read("nonsense"));
    }
}
