//! The build scripts of Envelock, and the only ones there are.
//!
//! `cargo xtask build | serve | package | test | bench | size | matrix | check`; each command lives in the file of its name. Nothing here prompts,
//! and every tool that is not on the machine is either installed into `target/` or named in one sentence.
#![allow(clippy::print_stdout, reason = "a command line tool talks to its user")]

mod bench;
mod build;
mod check;
mod debian;
mod licences;
mod matrix;
mod npm;
mod package;
mod place;
mod serve;
mod size;
mod stamp;
mod step;
mod test;
mod toolchain;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  build [--dev] [--only PART]   PART: wasm, pqc, reader, login, pkg, www, server
                                --dev: quick to build, not optimised
                                --only: that part, and whatever it needs that was never built
  serve [--dev] [--listen ADDRESS] [--data-dir DIR]
                                the demo webmail on https://localhost:8443
  package                       the server, the pages and a systemd unit as a Debian package
  test [--only GROUP…]          GROUP: core, wasm, npm, interop, envelope, keystore, accounts, mail, e2e
  bench [--json FILE] [--only TEXT] [--skip-browser] [--write [--from FILE…]]
                                speed and size beside OpenPGP.js, in node and in Chromium
                                --write: into the tables of README.md and docs/benchmark.md
                                --from: the rows that --json kept; of a row in several files, the last
  size [--write]                what a browser loads and what the modules are made of, beside the budget
  matrix                        who exchanges what with whom, as tables; writes docs/interop.md
  check                         formatting, lints, documentation, the rules of ARCHITECTURE.md";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    let outcome = match command {
        "build" => build::run(rest),
        "serve" => serve::run(rest),
        "package" => package::run(rest),
        "test" => test::run(rest),
        "bench" => bench::run(rest),
        "check" => check::run(rest),
        "size" => size::run(rest),
        "matrix" => matrix::run(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => Err(anyhow::anyhow!("there is no command `{other}`\n\n{USAGE}")),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
