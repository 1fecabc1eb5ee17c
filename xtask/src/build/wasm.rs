//! The wasm modules: cargo, then wasm-bindgen, then (for release) wasm-opt, into `pkg/wasm`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::Effort;
use crate::stamp::Inputs;
use crate::toolchain::Toolchain;
use crate::{npm, place, step};

/// One of our modules.
pub struct Module {
    package: &'static str,
    /// The feature of the package that makes the difference, if there is one.
    feature: Option<&'static str>,
    /// The compiler's file name, without `.wasm`.
    artifact: &'static str,
    /// The name in `pkg/wasm`.
    name: &'static str,
    /// Cargo's profile when it is built to be shipped.
    release: &'static str,
}

/// The whole core.
pub const FULL: Module = Module {
    package: "envelock-wasm",
    feature: None,
    artifact: "envelock_wasm",
    name: "envelock",
    release: "wasm-release",
};
/// The whole core with the post-quantum algorithms, which few need and which weigh much.
pub const POST_QUANTUM: Module = Module { feature: Some("pqc"), name: "pqc", ..FULL };
/// What the decrypt page needs first.
pub const READER: Module = Module {
    package: "envelock-reader",
    feature: None,
    artifact: "envelock_reader",
    name: "reader",
    release: "reader-release",
};

/// What rustc emits for the target by default; wasm-opt must be told, or it refuses the module.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// For speed: the size passes of wasm-opt cost Argon2 a fifth of its speed and save next to nothing after rustc's own.
const PASSES: &[&str] = &["-O3"];

/// Builds one module. Cargo itself decides whether there is anything to compile.
pub fn build(module: &Module, effort: Effort) -> Result<()> {
    let toolchain = Toolchain::find()?;
    let profile = match effort {
        Effort::Dev => "wasm-dev",
        Effort::Release => module.release,
    };
    let mut compile = toolchain.build();
    compile.args(["--quiet", "--package", module.package, "--profile", profile]);
    if let Some(feature) = module.feature {
        compile.args(["--features", feature]);
    }
    step::run(&format!("compile {} as {} ({profile})", module.package, module.name), &mut compile)?;

    let compiled = toolchain.output(profile).join(format!("{}.wasm", module.artifact));
    let folder = place::at("pkg/wasm");
    let outputs = outputs(&folder, module);
    let stamp = Inputs::new(&format!("{profile} {PASSES:?} {FEATURES:?} glue 3"))
        .add(&compiled, &[])?
        .add(&place::at("xtask/tools/package-lock.json"), &[])?
        .stamp(&format!("wasm-{}", module.name));
    let label = format!("bind pkg/wasm/{}.js", module.name);
    if stamp.holds(&outputs) {
        step::unchanged(&label);
        return Ok(());
    }
    // Made aside and brought over when both are complete: glue and module of different builds do not work together.
    let aside = place::target().join("bound").join(module.name);
    step::work(&label, || bind(&compiled, &aside, module, effort))?;
    if effort == Effort::Release {
        optimise(&aside.join(format!("{}_bg.wasm", module.name)))?;
    }
    deliver(&aside, &folder, module)?;
    stamp.set()
}

fn bind(compiled: &Path, folder: &Path, module: &Module, effort: Effort) -> Result<()> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name(module.name).web(true)?;
    // pkg brings its own loader and its own types: no path of the module inside the glue, no generated declarations.
    bindgen.omit_default_module_path(true).typescript(false);
    // The loader starts over after a trap.
    bindgen.reset_state_function(true);
    bindgen.remove_name_section(effort == Effort::Release).remove_producers_section(true);
    bindgen.generate(folder)
}

/// The glue last: it is what the others are reached through.
fn deliver(aside: &Path, folder: &Path, module: &Module) -> Result<()> {
    fs::create_dir_all(folder)?;
    forget_snippets(folder, module)?;
    let snippets = aside.join("snippets");
    if snippets.exists() {
        place::copy_folder(&snippets, &folder.join("snippets"))?;
    }
    for end in ["_bg.wasm", ".js"] {
        let name = format!("{}{end}", module.name);
        fs::copy(aside.join(&name), folder.join(&name)).with_context(|| format!("cannot write pkg/wasm/{name}"))?;
    }
    Ok(())
}

/// JavaScript that a crate brings along gets a folder named by a hash of it; those of earlier builds would pile up.
fn forget_snippets(folder: &Path, module: &Module) -> Result<()> {
    let Ok(snippets) = fs::read_dir(folder.join("snippets")) else { return Ok(()) };
    for snippet in snippets {
        let path = snippet?.path();
        let of_this = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(module.package));
        if of_this {
            fs::remove_dir_all(&path).with_context(|| format!("cannot remove {}", place::shown(&path)))?;
        }
    }
    Ok(())
}

fn optimise(module: &Path) -> Result<()> {
    let optimised = module.with_extension("opt.wasm");
    let mut command = Command::new(wasm_opt()?);
    command.args(PASSES).args(FEATURES).arg(module).arg("-o").arg(&optimised);
    step::run(&format!("wasm-opt {}", place::shown(module)), &mut command)?;
    fs::rename(&optimised, module).context("cannot replace the module by its optimised form")
}

/// wasm-opt of npm's binaryen, installed into `target/tools` from a lock file of its own.
fn wasm_opt() -> Result<PathBuf> {
    let folder = place::target().join("tools/npm");
    fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json", ".npmrc"] {
        fs::copy(place::at("xtask/tools").join(file), folder.join(file))?;
    }
    npm::ci(&folder)?;
    Ok(folder.join("node_modules/.bin/wasm-opt"))
}

fn outputs(folder: &Path, module: &Module) -> Vec<PathBuf> {
    [".js", "_bg.wasm"].map(|end| folder.join(format!("{}{end}", module.name))).to_vec()
}
