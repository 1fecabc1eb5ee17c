//! The rows of a run as tables for people: all of them in `docs/benchmark.md`, the most telling in the README.

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::goals::{self, Figure};
use super::lost::lost;
use super::row::{SLOWER, is_slower, number, text};
use crate::place;

const MARKS: (&str, &str) = ("<!-- bench:start -->", "<!-- bench:end -->");
/// What stands beside a figure that misses its goal.
const MISSED: &str = " ✗";
/// What the README shows of the jobs; everything is in `docs/benchmark.md`.
const TELLING: &[&str] = &[
    "initialise",
    "Curve25519 v6 generate",
    "Curve25519 v6 sign 1 KB",
    "Curve25519 v6 decrypt 1 KB",
    "RSA-3072 sign 1 KB",
    "AES-256-GCM by key encrypt 10 MB",
    "AES-256-GCM by key decrypt 10 MB",
    "SEIPD v1 decrypt 10 MB",
    "AES-256-OCB decrypt 10 MB",
    "encrypt and sign 10 MB",
    "decrypt and verify 10 MB",
    "armored decrypt and verify 10 MB",
    "envelope open (Argon2id 64 MiB)",
    "stream decrypt 1000 MB",
    "cold page",
];

/// Writes both documents from the rows of a whole run; neither, if one would lose figures that it has.
pub fn write(rows: &[Value]) -> Result<()> {
    let jobs = jobs(rows);
    let told = |job: &&Job<'_>| job.has("ratio") && TELLING.iter().any(|name| job.name.starts_with(name));
    let telling: Vec<&Job<'_>> = jobs.iter().filter(told).collect();
    let short: Vec<Value> = rows.iter().filter(|row| !text(row, "work").ends_with(".wasm")).cloned().collect();
    let readme = Document::open("README.md", format!("{}\n{}", sizes(&short), times(&telling)))?;
    let compared: Vec<&Job<'_>> = jobs.iter().filter(|job| job.has("ratio")).collect();
    let alone: Vec<&Job<'_>> = jobs.iter().filter(|job| !job.has("ratio")).collect();
    let of_server = [under_load(rows, "server", "answers"), under_load(rows, "mail", "messages")].join("\n");
    let all = format!(
        "{}\n{}\n{}\n{}\n{}\n{of_server}",
        sizes(rows),
        times(&compared),
        limits(&alone),
        floors(&alone),
        native(rows)
    );
    let benchmark = Document::open("docs/benchmark.md", all)?;
    let lost: Vec<String> = [&readme, &benchmark].into_iter().flat_map(|document| document.lost()).collect();
    if !lost.is_empty() {
        bail!("the tables would lose figures; take those of jobs that are no more out by hand:\n{}", lost.join("\n"));
    }
    readme.write()?;
    benchmark.write()
}

/// A job with its row in each runtime.
struct Job<'r> {
    name: &'r str,
    node: Option<&'r Value>,
    browser: Option<&'r Value>,
}

impl Job<'_> {
    fn has(&self, figure: &str) -> bool {
        [self.node, self.browser].into_iter().flatten().any(|row| row.get(figure).is_some())
    }
}

fn jobs(rows: &[Value]) -> Vec<Job<'_>> {
    let mut jobs: Vec<Job<'_>> = Vec::new();
    for row in rows {
        let (name, runtime) = (text(row, "work"), text(row, "runtime"));
        let in_browser = runtime.starts_with("chromium");
        if row.get("error").is_some() || !(in_browser || runtime.starts_with("node")) {
            continue;
        }
        let job = match jobs.iter().position(|job| job.name == name) {
            Some(known) => jobs.get_mut(known),
            None => {
                jobs.push(Job { name, node: None, browser: None });
                jobs.last_mut()
            }
        };
        if let Some(job) = job {
            *(if in_browser { &mut job.browser } else { &mut job.node }) = Some(row);
        }
    }
    jobs
}

fn runtimes<'r>(jobs: &[&Job<'r>]) -> (&'r str, &'r str) {
    let node = jobs.iter().find_map(|job| job.node).map_or("Node", |row| text(row, "runtime"));
    let browser = jobs.iter().find_map(|job| job.browser).map_or("Chromium", |row| text(row, "runtime"));
    (node, browser)
}

fn times(jobs: &[&Job<'_>]) -> String {
    let (node, browser) = runtimes(jobs);
    let mut table = format!(
        "| milliseconds: Envelock / OpenPGP.js (ratio) | goal | {node} | {browser} |\n| --- | --- | --- | --- |\n"
    );
    for job in jobs {
        let goal = goals::most(job.name, Figure::Ratio).map_or_else(String::new, |(node, chromium)| {
            match (job.node.is_some(), job.browser.is_some()) {
                (true, true) => format!("≤ {node} / {chromium}"),
                (true, false) => format!("≤ {node}"),
                _ => format!("≤ {chromium}"),
            }
        });
        table += &format!("| {} | {goal} | {} | {} |\n", job.name, time(job.node), time(job.browser));
    }
    table
}

fn time(row: Option<&Value>) -> String {
    let Some(row) = row else { return String::new() };
    let figure = |name: &str| number(row, name).unwrap_or_default();
    let mut cell = format!(
        "{} / {} (**{:.2}**{}{})",
        milliseconds(figure("ours_ms")),
        milliseconds(figure("peer_ms")),
        figure("ratio"),
        missed(row, Figure::Ratio),
        slower(row)
    );
    if row.get("ours_peak_mib").is_some() {
        let (ours, theirs) = (figure("ours_peak_mib"), figure("peer_peak_mib"));
        cell += &format!(", {ours:.0} / {theirs:.0} MiB{}", missed(row, Figure::Memory));
    }
    cell
}

/// What has no other side, or is no time.
fn limits(jobs: &[&Job<'_>]) -> String {
    let (node, browser) = runtimes(jobs);
    let mut table = format!("| Envelock (/ OpenPGP.js) | goal | {node} | {browser} |\n| --- | --- | --- | --- |\n");
    let figures =
        [(Figure::Milliseconds, "peer_ms"), (Figure::Memory, "peer_peak_mib"), (Figure::Spread, "peer_spread")];
    for job in jobs {
        for (figure, peer) in figures.into_iter().filter(|(figure, _)| job.has(goals::field(*figure))) {
            let goal =
                goals::most(job.name, figure).map_or_else(String::new, |(most, _)| format!("≤ {}", unit(figure, most)));
            let cell = |row: Option<&Value>| {
                let Some(ours) = row.and_then(|row| number(row, goals::field(figure))) else { return String::new() };
                let theirs = row.and_then(|row| number(row, peer)).map(|value| format!(" / {}", unit(figure, value)));
                format!(
                    "{}{}{}",
                    unit(figure, ours),
                    row.map_or("", |row| missed(row, figure)),
                    theirs.unwrap_or_default()
                )
            };
            table += &format!("| {} | {goal} | {} | {} |\n", job.name, cell(job.node), cell(job.browser));
        }
    }
    table
}

/// What something takes by itself, whoever does it.
fn floors(jobs: &[&Job<'_>]) -> String {
    let (node, browser) = runtimes(jobs);
    let mut table = format!("| by itself | {node} | {browser} |\n| --- | --- | --- |\n");
    for job in jobs.iter().filter(|job| job.has("floor_ms")) {
        let cell = |row: Option<&Value>| {
            let Some(least) = row.and_then(|row| number(row, "floor_ms")) else { return String::new() };
            // Some take a tenth of a millisecond, and are told apart by less.
            let time = if least < 10.0 { format!("{least:.2} ms") } else { format!("{} ms", milliseconds(least)) };
            let peak = row.and_then(|row| number(row, "floor_peak_mib")).map(|peak| format!(", {peak:.0} MiB"));
            time + &peak.unwrap_or_default()
        };
        table += &format!("| {} | {} | {} |\n", job.name, cell(job.node), cell(job.browser));
    }
    table
}

fn unit(figure: Figure, value: f64) -> String {
    match figure {
        Figure::Memory => format!("{value:.0} MiB"),
        Figure::Spread => format!("{:.0} %", value * 100.0),
        Figure::Milliseconds | Figure::Ratio | Figure::Gzip => format!("{} ms", milliseconds(value)),
    }
}

/// The command line beside others: a column for each program.
fn native(rows: &[Value]) -> String {
    let native: Vec<&Value> =
        rows.iter().filter(|row| text(row, "runtime") == "native" && row.get("ratio").is_some()).collect();
    let mut programs: Vec<&str> = Vec::new();
    let mut works: Vec<&str> = Vec::new();
    for row in &native {
        for (list, name) in [(&mut programs, text(row, "peer")), (&mut works, text(row, "work"))] {
            if !list.contains(&name) {
                list.push(name);
            }
        }
    }
    let mut table = format!("| milliseconds (ours as a share) | envelock-sop | {} |\n", programs.join(" | "));
    table += &format!("| --- | --- |{}\n", " --- |".repeat(programs.len()));
    for work in works {
        let rows: Vec<&&Value> = native.iter().filter(|row| text(row, "work") == work).collect();
        let ours = rows.first().and_then(|row| number(row, "ours_ms")).map(milliseconds).unwrap_or_default();
        table += &format!("| {work} | {ours} |");
        for program in &programs {
            let cell = rows.iter().find(|row| text(row, "peer") == *program).map_or_else(String::new, |row| {
                let figure = |name: &str| number(row, name).unwrap_or_default();
                format!("{} (**{:.2}**{})", milliseconds(figure("peer_ms")), figure("ratio"), slower(row))
            });
            table += &format!(" {cell} |");
        }
        table.push('\n');
    }
    table
}

/// The server under load, beside who is named where there is anybody.
fn under_load(rows: &[Value], runtime: &str, what: &str) -> String {
    let is_one = |row: &&Value| text(row, "runtime") == runtime && row.get("ours_per_second").is_some();
    let rows: Vec<&Value> = rows.iter().filter(is_one).collect();
    let Some(peer) = rows.iter().map(|row| text(row, "peer")).find(|peer| !peer.is_empty()) else {
        return String::new();
    };
    let mut table = format!(
        "| Envelock / {peer} | {what} a second | median, ms | p99, ms | longest, ms | memory, MiB |\n| --- | --- | --- | --- | --- | --- |\n"
    );
    for row in rows {
        let pair = |figure: &str, shown: fn(f64) -> String| {
            let of = |side: &str| number(row, &format!("{side}_{figure}")).map(shown);
            let beside = of("peer").map(|theirs| format!(" / {theirs}"));
            of("ours").unwrap_or_default() + &beside.unwrap_or_default()
        };
        let whole = |value: f64| format!("{value:.0}");
        let cells = [
            pair("per_second", whole),
            pair("p50", milliseconds),
            pair("p99", milliseconds),
            pair("longest", milliseconds),
            pair("peak_mib", whole),
        ];
        table += &format!("| {} | {} |\n", text(row, "work"), cells.join(" | "));
    }
    table
}

fn sizes(rows: &[Value]) -> String {
    let mut table = String::from(
        "| what is loaded | goal (gzip) | Envelock, gzip | OpenPGP.js, gzip | Envelock, brotli | OpenPGP.js, brotli |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for row in rows.iter().filter(|row| row.get("ours_gzip").is_some()) {
        let name = text(row, "work");
        let goal =
            goals::most(name, Figure::Gzip).map_or_else(String::new, |(most, _)| format!("≤ {}", kilobytes(most)));
        let cell = |field: &str| number(row, field).map_or_else(String::new, kilobytes);
        table += &format!(
            "| {} | {goal} | {}{} | {} | {} | {} |\n",
            name.trim_start_matches("size:"),
            cell("ours_gzip"),
            missed(row, Figure::Gzip),
            cell("peer_gzip"),
            cell("ours_brotli"),
            cell("peer_brotli")
        );
    }
    table
}

fn slower(row: &Value) -> &'static str {
    if is_slower(row) { SLOWER } else { "" }
}

fn missed(row: &Value, figure: Figure) -> &'static str {
    if goals::missed(row).contains(&figure) { MISSED } else { "" }
}

fn milliseconds(value: f64) -> String {
    if value < 100.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

fn kilobytes(octets: f64) -> String {
    let kilobytes = octets / 1000.0;
    if kilobytes < 100.0 { format!("{kilobytes:.1} kB") } else { format!("{kilobytes:.0} kB") }
}

/// A document, and what is to stand between its marks.
struct Document {
    file: &'static str,
    text: String,
    tables: String,
}

impl Document {
    fn open(file: &'static str, tables: String) -> Result<Document> {
        let text = fs::read_to_string(place::at(file)).with_context(|| format!("cannot read {file}"))?;
        let document = Document { file, text, tables };
        document.parts().with_context(|| format!("{file} lacks {} or {}", MARKS.0, MARKS.1))?;
        Ok(document)
    }

    /// What is before, between and behind the marks.
    fn parts(&self) -> Option<(&str, &str, &str)> {
        let (before, rest) = self.text.split_once(MARKS.0)?;
        let (between, after) = rest.split_once(MARKS.1)?;
        Some((before, between, after))
    }

    fn lost(&self) -> Vec<String> {
        let present = self.parts().map(|(_, between, _)| between).unwrap_or_default();
        lost(present, &self.tables).into_iter().map(|figure| format!("{}: {figure}", self.file)).collect()
    }

    fn write(&self) -> Result<()> {
        let Some((before, _, after)) = self.parts() else { return Ok(()) };
        let text = format!("{before}{}\n{}{}{after}", MARKS.0, self.tables, MARKS.1);
        fs::write(place::at(self.file), text).with_context(|| format!("cannot write {}", self.file))
    }
}
