//! `cargo xtask build`: wasm modules → npm package → web pages → server, each skipped when nothing it reads has changed.

mod glue;
mod server;
mod split;
mod wasm;
mod web;

use std::fs::File;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

pub use self::server::{SEALER, for_mail_of_this_machine};
use crate::place;

/// What can be built, in the order in which one needs the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The whole core as a wasm module: `pkg/wasm/envelock*`.
    Wasm,
    /// The same with post-quantum algorithms: `pkg/wasm/pqc*`.
    PostQuantum,
    /// The small module of the decrypt page: `pkg/wasm/reader*`.
    Reader,
    /// The small module of a login: `pkg/wasm/login*`.
    Login,
    /// The npm package: `pkg/dist`.
    Pkg,
    /// The demo webmail and the decrypt page: `www/dist`.
    Www,
    /// The server's programs, in cargo's target directory.
    Server,
}

/// How much the compiler should try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Quick to build.
    Dev,
    /// As it is shipped.
    Release,
}

/// What the npm package is made of.
pub const PACKAGE: [Part; 5] = [Part::Wasm, Part::PostQuantum, Part::Reader, Part::Login, Part::Pkg];
const ORDER: [Part; 7] = [Part::Wasm, Part::PostQuantum, Part::Reader, Part::Login, Part::Pkg, Part::Www, Part::Server];

/// The command line.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let mut effort = Effort::Release;
    let mut parts = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--dev" => effort = Effort::Dev,
            "--only" => match rest.next() {
                Some(name) => parts.push(part(name)?),
                None => bail!("--only needs one of wasm, pqc, reader, login, pkg, www, server"),
            },
            other => bail!("build does not know `{other}`"),
        }
    }
    match parts.as_slice() {
        [] => build(&ORDER, effort)?,
        parts => {
            for part in parts {
                only(*part, effort)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the parts, which must be given in order.
pub fn build(parts: &[Part], effort: Effort) -> Result<()> {
    let _alone = alone()?;
    if parts.contains(&Part::Wasm) && parts.contains(&Part::PostQuantum) {
        wasm::compile_both(effort)?;
    }
    for part in parts {
        match part {
            Part::Wasm => wasm::build(&wasm::FULL, effort)?,
            Part::PostQuantum => wasm::build(&wasm::POST_QUANTUM, effort)?,
            Part::Reader => wasm::build(&wasm::READER, effort)?,
            Part::Login => wasm::build(&wasm::LOGIN, effort)?,
            Part::Pkg => {
                wasm::build_lanes()?;
                web::build_package()?;
            }
            Part::Www => web::build_pages()?,
            Part::Server => server::build(effort)?,
        }
    }
    Ok(())
}

/// Two builds at once would mix their results in `pkg` and `www`: the second waits until the first lets go of the file.
fn alone() -> Result<File> {
    let path = place::target().join("xtask.lock");
    std::fs::create_dir_all(place::target())?;
    let file = File::create(&path).with_context(|| format!("cannot make {}", place::shown(&path)))?;
    if file.try_lock().is_err() {
        println!("waiting for another build");
        file.lock().with_context(|| format!("cannot lock {}", place::shown(&path)))?;
    }
    Ok(file)
}

/// A module as it is shipped, but with the names of its functions.
pub fn named_module(name: &str) -> std::path::PathBuf {
    wasm::named(name)
}

/// The module that is inside of `envelock-rsa` in the browser, made if need be, and the variable by which the compiler is told where.
pub fn module_for_rsa() -> Result<(&'static str, std::path::PathBuf)> {
    Ok((wasm::PLACE_OF_FMA, wasm::build_fma()?))
}

/// Where `Part::Server` is afterwards.
pub fn server_program(effort: Effort) -> std::path::PathBuf {
    server::program(effort)
}

/// One part, and before it whatever it needs that was never built.
fn only(part: Part, effort: Effort) -> Result<()> {
    let needs: &[Part] = match part {
        Part::Wasm | Part::PostQuantum | Part::Reader | Part::Login | Part::Server => &[],
        Part::Pkg => &[Part::Wasm, Part::PostQuantum, Part::Reader, Part::Login],
        Part::Www => &PACKAGE,
    };
    let missing: Vec<Part> = needs.iter().copied().filter(|need| !exists(*need)).collect();
    build(&missing, effort)?;
    build(&[part], effort)
}

fn exists(part: Part) -> bool {
    match part {
        Part::Wasm => place::at("pkg/wasm/envelock_bg.wasm").exists(),
        Part::PostQuantum => place::at("pkg/wasm/pqc_bg.wasm").exists(),
        Part::Reader => place::at("pkg/wasm/reader_bg.wasm").exists(),
        Part::Login => place::at("pkg/wasm/login_bg.wasm").exists(),
        Part::Pkg => place::at("pkg/dist").exists(),
        Part::Www => place::at("www/dist").exists(),
        Part::Server => false,
    }
}

fn part(name: &str) -> Result<Part> {
    Ok(match name {
        "wasm" => Part::Wasm,
        "pqc" => Part::PostQuantum,
        "reader" => Part::Reader,
        "login" => Part::Login,
        "pkg" => Part::Pkg,
        "www" => Part::Www,
        "server" => Part::Server,
        other => bail!("there is no part `{other}`; parts are wasm, pqc, reader, login, pkg, www, server"),
    })
}
