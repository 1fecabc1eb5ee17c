//! The Rust tests: one build for all of them, so that nothing is compiled twice, then each executable in its group.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::count::Count;
use super::postgres::Postgres;
use super::{FEW, Group, peers};
use crate::build::SEALER;
use crate::{place, step};

/// Packages without Rust tests of their own: what they do is tested through the npm package.
pub const ONLY_WASM: [&str; 4] = ["envelock-wasm", "envelock-reader", "envelock-login-wasm", "envelock-lanes"];
/// This program; its tests are built apart, with the features it runs with.
const THIS: &str = "xtask";
const SERVER: &str = "envelock-server";
/// The programs that the browser's tests run, one beside the other.
const SERVICE: [&str; 2] = [SERVER, SEALER];
/// The Stateless OpenPGP command line; its tests set the clock.
pub const SOP: &str = "envelock-sop";
/// What the names of the core's envelope tests have in them: they are run in the group of that name, the others in `core`.
const ENVELOPE: &str = "envelope";
/// The core's tests of the keystore, a group of their own.
const KEYSTORE: &str = "keystore";

/// Tests of the server that are of its network, and the same on every database.
const OF_THE_NETWORK: &str = "network::";
/// Tests of the server that are run once more with ciphertext in a bucket, on SQLite: what else they ask for is the same.
const IN_A_BUCKET: [(&str, &[&str]); 3] = [
    ("accounts", &["keyring::"]),
    ("envelopes", &["life_cycle::", "purge::", "replies::"]),
    ("mail", &["arrival::", "kept::", "sealing::"]),
];
/// Tells the server's tests to start an S3 server and to keep ciphertext there.
const BUCKET: &str = "ENVELOCK_TEST_BUCKET";

/// Tests of the server that wait for disks and restarts for minutes: begun first, the others run meanwhile.
const LONG: &str = "kills::";
/// The server's programs that have such tests.
const WITH_LONG: [&str; 2] = ["envelopes", "mail"];
/// So many runs of the server's tests at a time: they wait for disks and for each other's time limits as much as for the processor.
const AT_ONCE: usize = 4;

/// Tells the server's tests which database server to use instead of SQLite.
const ON_POSTGRES: &str = "ENVELOCK_TEST_POSTGRES";

/// The test executables of the workspace.
pub struct Tests {
    programs: Vec<Program>,
    /// For the second run of the server's tests, when they are to be run.
    postgres: Option<Result<Postgres>>,
    /// The selection of packages and features that everything was built with.
    selection: Vec<String>,
}

struct Program {
    group: Group,
    /// Whether this is the core itself, whose envelope tests are a group of their own.
    is_core: bool,
    /// Whether it is of the server, and run once on SQLite and once on PostgreSQL.
    on_both_databases: bool,
    target: String,
    name: String,
    executable: PathBuf,
    folder: PathBuf,
}

/// Whether a group has Rust tests.
pub fn has(group: Group) -> bool {
    matches!(group, Group::Core | Group::Envelope | Group::Accounts | Group::Keystore | Group::Mail)
}

impl Tests {
    /// Builds the tests that these groups need.
    pub fn build(groups: &[Group]) -> Result<Tests> {
        let mut selection: Vec<String> = Vec::new();
        if groups.iter().any(|group| matches!(group, Group::Envelope | Group::Accounts | Group::Mail | Group::E2e)) {
            selection.push("--workspace".to_owned());
            selection.extend(ONLY_WASM.iter().chain([&THIS]).map(|name| format!("--exclude={name}")));
            selection.push(format!("--features={SERVER}/test-clock,{SERVER}/test-network,{SOP}/test-clock"));
        } else {
            selection = core_selection();
        }
        let has_tests = |group: &Group| has(*group) || *group == Group::E2e;
        if !groups.iter().any(has_tests) {
            if groups.contains(&Group::Interop) {
                build_sop()?;
            }
            return Ok(Tests { programs: Vec::new(), postgres: None, selection });
        }
        if groups.contains(&Group::Accounts) {
            peers::openssl()?;
            peers::curl()?;
            peers::haproxy()?;
            peers::pebble()?;
        }
        if groups.contains(&Group::Mail) {
            peers::dkimpy()?;
            peers::gpg()?;
            peers::sqop()?;
        }
        if groups.contains(&Group::Mail) || groups.contains(&Group::E2e) {
            peers::name_server()?;
        }
        // With the tests of a package goes its program: `envelock-sop` for the exchanges, and what node's tests start.
        let mut programs = compile(&selection)?;
        if groups.contains(&Group::Core) {
            programs.extend(compile(&[format!("--package={THIS}")])?);
        }
        if groups.iter().any(|group| matches!(group, Group::Mail | Group::E2e)) {
            keep_server()?;
        }
        let on_both = programs.iter().any(|program| program.on_both_databases && groups.contains(&program.group));
        Ok(Tests { programs, postgres: on_both.then(Postgres::start), selection })
    }

    /// Runs a group's programs, and for the core the examples in the documentation.
    pub fn run(&self, group: Group) -> Count {
        let of_group: Vec<&Program> = self.programs.iter().filter(|program| program.is_of(group)).collect();
        let mut runs: Vec<Run<'_>> = of_group.iter().flat_map(|program| self.runs(program, group)).collect();
        runs.sort_by_key(|run| run.names != [LONG]);
        let at_once = if of_group.iter().any(|program| program.on_both_databases) { AT_ONCE } else { 1 };
        let (waiting, told) = (Mutex::new(VecDeque::from(runs)), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..at_once {
                scope.spawn(|| {
                    while let Some(run) = next(&waiting) {
                        let output = run.tell(&[]);
                        // Shown as a whole, one after the other.
                        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                        told.push((run.shown(output), run));
                    }
                });
            }
        });
        let mut count = Count::default();
        for (first, run) in told.into_inner().unwrap_or_else(PoisonError::into_inner) {
            count.add(if at_once > 1 { run.after(first) } else { first });
        }
        if let Some(Err(error)) = &self.postgres
            && of_group.iter().any(|program| program.on_both_databases)
        {
            count.add(Count::broken(error));
        }
        if group == Group::Core {
            println!("\nexamples in the documentation");
            let mut command = step::cargo("test");
            command.args(["--doc", "--quiet"]).args(&self.selection);
            count.add(harness(&mut command));
        }
        count
    }

    /// A program's runs: one; of the server's, some on each database, and perhaps one in a bucket.
    fn runs<'a>(&self, program: &'a Program, group: Group) -> Vec<Run<'a>> {
        let run = |on: Option<(&str, Variable)>, names: &[&'static str]| Run {
            title: [program.name.as_str(), on.as_ref().map_or("", |(on, _)| on), &names.join(" ")].join(" "),
            program,
            variable: on.map(|(_, variable)| variable),
            names: names.to_vec(),
        };
        if !program.on_both_databases {
            let names: &[&str] = match (program.is_core, group) {
                (true, Group::Envelope) => &[ENVELOPE],
                (true, _) => &["--skip", ENVELOPE],
                (false, _) => &[],
            };
            return vec![run(None, names)];
        }
        let mut on = vec![(None, vec![])];
        if let Some(Ok(server)) = &self.postgres {
            on.push((Some(("on PostgreSQL", (ON_POSTGRES, server.url()))), vec!["--skip", OF_THE_NETWORK]));
        }
        let mut runs = Vec::new();
        for (on, mut names) in on {
            if WITH_LONG.contains(&program.target.as_str()) {
                runs.push(run(on.clone(), &[LONG]));
                names.extend(["--skip", LONG]);
            }
            runs.push(run(on, &names));
        }
        if let Some((_, names)) = IN_A_BUCKET.iter().find(|(target, _)| *target == program.target) {
            runs.push(run(Some(("in a bucket", (BUCKET, "1".to_owned()))), names));
        }
        runs
    }
}

impl Program {
    fn is_of(&self, group: Group) -> bool {
        self.group == group || (self.is_core && group == Group::Envelope)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder).env_remove(ON_POSTGRES);
        command.env_remove(BUCKET);
        command
    }
}

/// Of a program's surroundings: name and value.
type Variable = (&'static str, String);

/// A test program, how it is to be run.
struct Run<'a> {
    title: String,
    program: &'a Program,
    /// What tells it where its server keeps what it keeps.
    variable: Option<Variable>,
    /// Which tests, by parts of their names; all if there are none.
    names: Vec<&'static str>,
}

/// What a run said.
struct Output {
    ended_well: Result<bool>,
    lines: Vec<String>,
}

impl Run<'_> {
    /// Runs all its tests, or only some.
    fn tell(&self, only: &[String]) -> Output {
        let mut command = self.program.command();
        command.envs(self.variable.iter().map(|(name, value)| (name, value)));
        if only.is_empty() {
            command.args(&self.names);
        } else {
            command.args(["--exact", "--test-threads=1"]).args(only);
        }
        let mut lines = Vec::new();
        let ended_well = step::lines(&mut command, |line| lines.push(line.to_owned()));
        Output { ended_well, lines }
    }

    /// Shows and counts it.
    fn shown(&self, output: Output) -> Count {
        println!("\n{}", self.title);
        let mut count = Count::default();
        let mut saw_result = false;
        for line in &output.lines {
            println!("{line}");
            saw_result |= count.read_rust(line);
        }
        match output.ended_well {
            Ok(ended_well) => count.close(ended_well, saw_result),
            Err(error) => Count::broken(&error),
        }
    }

    /// Has what failed run once more, when nothing else runs.
    fn after(&self, first: Count) -> Count {
        if !first.can_run_again() || first.failures.len() > FEW {
            return first;
        }
        println!("\nonce more, alone: {}", first.failures.join(", "));
        let second = self.shown(self.tell(&first.failures));
        first.after(&second)
    }
}

fn next<'a>(waiting: &Mutex<VecDeque<Run<'a>>>) -> Option<Run<'a>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

/// Where cargo puts `envelock-sop` for the exchanges.
pub fn sop() -> PathBuf {
    place::target().join("debug").join(SOP)
}

/// Builds `envelock-sop` as the group `core` does, so that nothing is compiled twice; gives its place.
pub fn build_sop() -> Result<PathBuf> {
    let mut build = step::cargo("build");
    build.args(core_selection()).arg(format!("--bin={SOP}"));
    step::run("compile envelock-sop for the exchanges", &mut build)?;
    Ok(sop())
}

/// `envelock-sop` as it is shipped, for whoever measures; gives its place.
pub fn build_fast_sop() -> Result<PathBuf> {
    let mut build = step::cargo("build");
    build.args(["--release", "--package", SOP]);
    step::run("compile envelock-sop to be measured", &mut build)?;
    Ok(place::target().join("release").join(SOP))
}

/// The core and what stands on it alone.
fn core_selection() -> Vec<String> {
    let core = ["envelock", "envelock-seipd", "envelock-mime", "envelock-wire", SOP];
    let mut selection: Vec<String> = core.map(|name| format!("--package={name}")).into();
    selection.push(format!("--features={SOP}/test-clock"));
    selection
}

/// Where the server with a clock and a network that tests can set is kept: other builds replace cargo's own copy.
pub fn server() -> PathBuf {
    place::target().join("e2e").join(SERVER)
}

fn keep_server() -> Result<()> {
    let kept = server();
    if let Some(folder) = kept.parent() {
        std::fs::create_dir_all(folder)?;
    }
    for name in SERVICE {
        let kept = kept.with_file_name(name);
        // A fresh file: the old one may still be running.
        let _ = std::fs::remove_file(&kept);
        std::fs::copy(place::target().join("debug").join(name), &kept).context("cannot keep the server's programs")?;
    }
    Ok(())
}

fn harness(command: &mut Command) -> Count {
    let mut count = Count::default();
    let mut saw_result = false;
    match step::stream(command, |line| saw_result |= count.read_rust(line)) {
        Ok(ended_well) => count.close(ended_well, saw_result),
        Err(error) => Count::broken(&error),
    }
}

fn compile(selection: &[String]) -> Result<Vec<Program>> {
    let mut command = step::cargo("test");
    command.args(["--quiet", "--no-run"]).args(["--message-format", "json-render-diagnostics"]).args(selection);
    let messages = step::run(&format!("compile the Rust tests ({})", selection.join(" ")), &mut command)?;
    let mut programs = Vec::new();
    for line in messages.lines() {
        let message: Value = serde_json::from_str(line)?;
        if let Some(program) = program(&message) {
            programs.push(program);
        }
    }
    if programs.is_empty() {
        bail!("cargo built no test programs");
    }
    programs.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(programs)
}

/// The test executable that a line of cargo's tells of, if it does.
fn program(message: &Value) -> Option<Program> {
    let text = |path: &str| message.pointer(path).and_then(Value::as_str);
    if message.pointer("/profile/test").and_then(Value::as_bool) != Some(true) {
        return None;
    }
    let executable = PathBuf::from(text("/executable")?);
    let folder = Path::new(text("/manifest_path")?).parent()?.to_path_buf();
    let target = text("/target/name")?;
    let is_integration = text("/target/kind/0") == Some("test");
    let server = folder.ends_with("crates/server");
    let group = match (server, is_integration) {
        _ if folder.ends_with("crates/mail") || folder.ends_with("crates/seal") => Group::Mail,
        (true, true) if target == "mail" => Group::Mail,
        (true, true) if target == "accounts" => Group::Accounts,
        (true, _) => Group::Envelope,
        (false, true) if target == KEYSTORE && folder == place::root() => Group::Keystore,
        _ => Group::Core,
    };
    let is_core = folder == place::root() && group == Group::Core;
    let place = if folder == place::root() { String::new() } else { format!("{}/", place::shown(&folder)) };
    let on_both_databases = server && is_integration;
    Some(Program {
        group,
        is_core,
        on_both_databases,
        target: target.to_owned(),
        name: format!("{place}{target}"),
        executable,
        folder,
    })
}
