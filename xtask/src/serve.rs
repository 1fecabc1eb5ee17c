//! `cargo xtask serve`: the demo webmail on this machine, from nothing to an `https://` address.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::build::{self, Effort, Part};
use crate::place;

/// The command line. On success it does not return: the server takes this process' place, so that Ctrl-C reaches it.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let mut effort = Effort::Release;
    let mut listen = "127.0.0.1:8443".to_owned();
    let mut data = place::target().join("demo-data");
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().cloned().with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--dev" => effort = Effort::Dev,
            "--listen" => listen = value()?,
            "--data-dir" => data = place::root().join(value()?),
            other => bail!("serve does not know `{other}`"),
        }
    }
    build::build(&build::PACKAGE, effort)?;
    build::build(&[Part::Www], effort)?;
    // The demo's server is not worth the minutes of an optimised build.
    build::build(&[Part::Server], Effort::Dev)?;
    std::fs::create_dir_all(&data).with_context(|| format!("cannot make {}", place::shown(&data)))?;
    let mut server = Command::new(build::server_program(Effort::Dev));
    server.current_dir(place::root());
    server.args(["serve", "--demo", "--listen", &listen]);
    server.arg("--data-dir").arg(&data).arg("--web-root").arg(place::at("www/dist"));
    Err(server.exec()).context("cannot start the server")
}
