//! The wasm modules: cargo, then wasm-bindgen, then (for release) wasm-opt, into `pkg/wasm`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, ensure};
use wasm_bindgen_cli_support::Bindgen;
use wasmparser::Parser;

use super::{Effort, glue, split};
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
    /// The calls that work as soon as the first part is there; the others wait for the second. Empty: the module is in one part.
    first: &'static [&'static str],
}

/// What most pages begin with. All else, and the code that only it needs, is in the second part; so is what old and rare algorithms need
/// (`split/behind.rs`), which these calls ask for when they meet one: `missedRest`.
const FIRST: &[&str] = &[
    "armor",
    "dearmor",
    "decrypt",
    "encrypt",
    "errorCodes",
    "missedRest",
    "readKeys",
    "sign",
    "unlockCheck",
    "useThreads",
    "verify",
];

/// The whole core.
pub const FULL: Module = Module {
    package: "envelock-wasm",
    feature: None,
    artifact: "envelock_wasm",
    name: "envelock",
    release: "wasm-release",
    first: FIRST,
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
    first: &[],
};
/// What a login page needs: the client's half of OPAQUE.
pub const LOGIN: Module =
    Module { package: "envelock-login-wasm", artifact: "envelock_login_wasm", name: "login", ..READER };

impl Module {
    fn is_split(&self) -> bool {
        !self.first.is_empty()
    }

    /// The names of its parts.
    fn parts(&self) -> Vec<String> {
        let rest = self.is_split().then(|| format!("{}_rest", self.name));
        [self.name.to_owned()].into_iter().chain(rest).collect()
    }

    /// Its files, the glue last: it is what the others are reached through.
    fn files(&self) -> Vec<String> {
        self.parts().iter().map(|part| format!("{part}_bg.wasm")).chain([format!("{}.js", self.name)]).collect()
    }
}

/// A module without glue, whose memory is given to it.
struct Bare {
    package: &'static str,
    /// The compiler's file name, without `.wasm`.
    artifact: &'static str,
    name: &'static str,
    /// What the compiler is told of it besides, and wasm-opt.
    compiler: &'static [&'static str],
    optimiser: &'static str,
    has_shared_memory: bool,
}

/// A thread that helps with Argon2. Its stack is enough for the lanes of one; each instance has one of its own, which is why the pointer to it can be set.
const LANES: Bare = Bare {
    package: "envelock-lanes",
    artifact: "envelock_lanes",
    name: "lanes",
    compiler: &["-Clink-arg=--import-memory", "-Clink-arg=--export=__stack_pointer", "-Clink-arg=-zstack-size=65536"],
    optimiser: "--enable-threads",
    has_shared_memory: true,
};
/// What multiplies for RSA, in the memory of the module that it is put into. It has no stack: using one would be a trap.
const FMA: Bare = Bare {
    package: "envelock-fma",
    artifact: "envelock_fma",
    name: "fma",
    compiler: &["-Ctarget-feature=+relaxed-simd", "-Clink-arg=--import-memory", "-Clink-arg=-zstack-size=0"],
    optimiser: "--enable-relaxed-simd",
    has_shared_memory: false,
};
/// By this variable `envelock-rsa` is told where the second of them is.
pub const PLACE_OF_FMA: &str = "ENVELOCK_FMA";

/// What rustc emits for the target by default; wasm-opt must be told, or it refuses the module.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-simd",
];

/// Neighbours by name are alike, and gzip sees no further than 32 KiB: worth 10 kB.
/// For speed: the size passes of wasm-opt cost Argon2 a fifth of its speed and save next to nothing after rustc's own.
const PASSES: &[&str] = &["-O3", "--reorder-functions-by-name"];

/// Compiles the two large modules beside each other: the end of each, one link over everything, takes minutes of one processor.
pub fn compile_both(effort: Effort) -> Result<()> {
    let toolchain = Toolchain::find()?;
    let (mut first, mut second) = (compile(&FULL, &toolchain, effort)?, compile(&POST_QUANTUM, &toolchain, effort)?);
    step::work("compile the two large modules", || {
        let second = std::thread::spawn(move || step::quiet(&mut second));
        step::quiet(&mut first)?;
        second.join().map_err(|_| anyhow!("the second compilation ended in a panic"))??;
        Ok(())
    })
}

fn compile(module: &Module, toolchain: &Toolchain, effort: Effort) -> Result<Command> {
    let mut compile = toolchain.build(module.feature, effort == Effort::Release);
    compile.args(["--quiet", "--package", module.package, "--profile", profile(module, effort)]);
    if module.is_split() {
        compile.env(PLACE_OF_FMA, build_fma()?).args(["--", "-Clink-arg=--emit-relocs"]);
    }
    Ok(compile)
}

fn profile(module: &Module, effort: Effort) -> &'static str {
    match effort {
        Effort::Dev => "wasm-dev",
        Effort::Release => module.release,
    }
}

/// Builds one module. Cargo itself decides whether there is anything to compile.
pub fn build(module: &Module, effort: Effort) -> Result<()> {
    let toolchain = Toolchain::find()?;
    let profile = profile(module, effort);
    let label = format!("compile {} as {} ({profile})", module.package, module.name);
    step::run(&label, &mut compile(module, &toolchain, effort)?)?;

    let compiled = toolchain.output(module.feature, profile).join(format!("{}.wasm", module.artifact));
    let folder = place::at("pkg/wasm");
    let outputs: Vec<PathBuf> = module.files().iter().map(|name| folder.join(name)).collect();
    let stamp =
        Inputs::new(&format!("{profile} {PASSES:?} {FEATURES:?} {:?} {} glue 10", module.first, split::rules()))
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
    step::work(&label, || bind(&compiled, &aside, module))?;
    if effort == Effort::Release {
        for part in module.parts() {
            optimise(&aside.join(format!("{part}_bg.wasm")), &named(&part), &[])?;
        }
    }
    deliver(&aside, &folder, module)?;
    stamp.set()
}

/// Builds the module of Argon2's threads into `pkg/wasm`.
pub fn build_lanes() -> Result<()> {
    let built = build_bare(&LANES)?;
    fs::create_dir_all(place::at("pkg/wasm"))?;
    fs::copy(built, place::at("pkg/wasm/lanes_bg.wasm")).context("cannot write pkg/wasm/lanes_bg.wasm")?;
    Ok(())
}

/// Builds the module that multiplies for RSA; where it is.
pub fn build_fma() -> Result<PathBuf> {
    build_bare(&FMA)
}

/// Builds such a module, which takes a second, always as it is shipped: with what panics say it would have data.
fn build_bare(module: &Bare) -> Result<PathBuf> {
    let toolchain = Toolchain::find()?;
    let Bare { package, name, .. } = module;
    let profile = READER.release;
    let mut compile = toolchain.build(None, true);
    compile.args(["--quiet", "--package", package, "--profile", profile, "--crate-type", "cdylib", "--"]);
    compile.args(module.compiler);
    step::run(&format!("compile {package} ({profile})"), &mut compile)?;
    let compiled = toolchain.output(None, profile).join(format!("{}.wasm", module.artifact));
    let folder = place::target().join("bound").join(name);
    let output = folder.join(format!("{name}_bg.wasm"));
    let stamp = Inputs::new(&format!("{profile} {PASSES:?} {FEATURES:?} {name} 2"))
        .add(&compiled, &[])?
        .add(&place::at("xtask/tools/package-lock.json"), &[])?
        .stamp(&format!("wasm-{name}"));
    if stamp.holds(std::slice::from_ref(&output)) {
        return Ok(output);
    }
    fs::create_dir_all(&folder)?;
    let linked = fs::read(&compiled).with_context(|| format!("cannot read {}", place::shown(&compiled)))?;
    let linked =
        with_its_memory(&linked, module.has_shared_memory).with_context(|| format!("the module of {package}"))?;
    fs::write(&output, linked)?;
    optimise(&output, &named(name), &[module.optimiser])?;
    stamp.set()?;
    Ok(output)
}

/// The module, whose memory is the one thing it imports and holds nothing of its own; declared as shared, of any size, if that is what it will be. The linker does that for code with
/// atomics only, and this has none: who waits for whom is JavaScript's.
fn with_its_memory(module: &[u8], is_shared: bool) -> Result<Vec<u8>> {
    const PAGES: u64 = 1 << 16;
    let mut mended = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let Some((id, range)) = payload.as_section() else { continue };
        // Each instance would write its data over the stack of another.
        let has_state =
            matches!(payload, wasmparser::Payload::DataSection(_) | wasmparser::Payload::StartSection { .. });
        ensure!(!has_state, "it has data, or something to do at its start");
        let wasmparser::Payload::ImportSection(imports) = payload else {
            let data = module.get(range).context("a section outside of the module")?;
            mended.section(&wasm_encoder::RawSection { id, data });
            continue;
        };
        let mut section = wasm_encoder::ImportSection::new();
        for import in imports.into_imports() {
            let import = import?;
            let wasmparser::TypeRef::Memory(memory) = import.ty else {
                anyhow::bail!("it imports {} as well", import.name);
            };
            let memory = wasm_encoder::MemoryType {
                minimum: memory.initial,
                maximum: is_shared.then_some(PAGES),
                memory64: false,
                shared: is_shared,
                page_size_log2: None,
            };
            section.import(import.module, import.name, memory);
        }
        mended.section(&section);
    }
    Ok(mended.finish())
}

fn bind(compiled: &Path, folder: &Path, module: &Module) -> Result<()> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder)?;
    let mut bindgen = Bindgen::new();
    let linked = fs::read(compiled).with_context(|| format!("cannot read {}", place::shown(compiled)))?;
    let (linked, references) = if module.is_split() {
        split::number(&linked).map(|(linked, references)| (linked, Some(references)))?
    } else {
        (linked, None)
    };
    bindgen.input_bytes(module.name, linked).web(true)?;
    // pkg brings its own loader and its own types: no path of the module inside the glue, no generated declarations.
    bindgen.omit_default_module_path(true).typescript(false);
    // The loader starts over after a trap.
    bindgen.reset_state_function(true);
    bindgen.remove_name_section(false).remove_producers_section(true);
    bindgen.generate(folder)?;
    let glue = folder.join(format!("{}.js", module.name));
    fs::write(&glue, glue::after_a_trap(&glue::trimmed(&fs::read_to_string(&glue)?)?)?)
        .context("cannot write the glue")?;
    references.map_or(Ok(()), |references| divide(folder, module, &references))
}

/// Divides what is in the folder.
fn divide(folder: &Path, module: &Module, references: &split::References) -> Result<()> {
    let at = |name: String| folder.join(name);
    let (glue, bound) = (at(format!("{}.js", module.name)), at(format!("{}_bg.wasm", module.name)));
    let text = fs::read_to_string(&glue)?;
    let later: Vec<&str> = glue::calls(&text).filter(|call| !module.first.contains(call)).collect();
    // A call that comes to need the second part is made once more; a stream was read from and written to by then.
    ensure!(
        !module.first.iter().any(|call| call.ends_with("Stream")),
        "a stream cannot be among the calls of the first part"
    );
    let parts = split::divide(&fs::read(&bound)?, references, &later, module.feature == POST_QUANTUM.feature)?;
    fs::write(&bound, parts.first)?;
    fs::write(at("gates.txt".to_owned()), parts.gates)?;
    fs::write(at(format!("{}_rest_bg.wasm", module.name)), parts.rest)?;
    fs::write(&glue, glue::for_two_parts(&text, &later)?).context("cannot write the glue")
}

fn deliver(aside: &Path, folder: &Path, module: &Module) -> Result<()> {
    fs::create_dir_all(folder)?;
    forget_snippets(folder, module)?;
    let snippets = aside.join("snippets");
    if snippets.exists() {
        place::copy_folder(&snippets, &folder.join("snippets"))?;
    }
    for name in module.files() {
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

/// Keeps the names until the end, for `cargo xtask size`.
fn optimise(module: &Path, named: &Path, more: &[&str]) -> Result<()> {
    let mut command = Command::new(wasm_opt()?);
    command.arg("-g").args(PASSES).args(FEATURES).args(more).arg(module).arg("-o").arg(named);
    step::run(&format!("wasm-opt {}", place::shown(module)), &mut command)?;
    let optimised = fs::read(named).with_context(|| format!("cannot read {}", place::shown(named)))?;
    let nameless = without_custom_sections(&optimised).context("wasm-opt wrote something that is not a module")?;
    fs::write(module, nameless).context("cannot replace the module by its optimised form")
}

/// Where a shipped module is with its names.
pub fn named(name: &str) -> PathBuf {
    place::target().join("bound").join(format!("{name}.named.wasm"))
}

/// A module without what only people read.
fn without_custom_sections(module: &[u8]) -> Result<Vec<u8>> {
    const HEADER: usize = 8;
    let mut kept = module.get(..HEADER).unwrap_or_default().to_vec();
    let mut end = HEADER;
    for payload in Parser::new(0).parse_all(module) {
        let Some((kind, contents)) = payload?.as_section() else { continue };
        if kind != 0 {
            kept.extend_from_slice(module.get(end..contents.end).unwrap_or_default());
        }
        end = contents.end;
    }
    Ok(kept)
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
