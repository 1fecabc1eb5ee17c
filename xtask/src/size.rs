//! `cargo xtask size [--write]`: what a browser loads, and what the modules are made of, beside the budget.
//!
//! The budget is `docs/size-budget.json`, and `cargo xtask check` keeps it: gzip for each entry of the package and for the decrypt page, and for
//! each module the octets of code by crate, so that growth has a name. `--write` raises or lowers it to what is there, for a commit that says
//! why. The goals (`bench/goals.rs`) are not raised by it, and nothing may be above them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::bench::goals::{self, Figure};
use crate::build::{self, Effort, Part, named_module};
use crate::toolchain::Toolchain;
use crate::{place, step};

const BUDGET: &str = "docs/size-budget.json";
/// The modules and their parts, as `pkg/wasm` names them.
const MODULES: [&str; 6] = ["envelock", "envelock_rest", "pqc", "pqc_rest", "reader", "login"];
/// Crates with less code than this are one item together.
const SMALL: u64 = 4096;
/// What everything may grow by before the budget is broken, in thousandths: compilers differ.
const TOLERANCE: u64 = 50;

/// The part that is measured as a browser loads it.
const GZIP: &str = "gzip";

type Items = BTreeMap<String, u64>;

/// The command line.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let write = match arguments {
        [] => false,
        [only] if only == "--write" => true,
        _ => bail!("usage: cargo xtask size [--write]"),
    };
    let measured = measure()?;
    let budget = read_budget().unwrap_or_default();
    for (part, items) in &measured {
        println!("\n{part}");
        let mut items: Vec<_> = items.iter().collect();
        items.sort_by_key(|(_, size)| std::cmp::Reverse(**size));
        for (item, size) in items {
            let allowed = budget.get(part).and_then(|part| part.get(item)).map(u64::to_string).unwrap_or_default();
            println!("{size:9} {allowed:>9} {item}");
        }
    }
    if write {
        let text = serde_json::to_string_pretty(&json!(measured))? + "\n";
        fs::write(place::at(BUDGET), text).with_context(|| format!("cannot write {BUDGET}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The rule: nothing is larger than the budget says, or than a goal.
pub fn within_budget() -> Result<()> {
    if !Toolchain::find()?.can_be_small() {
        bail!("the budget is for modules compiled with the standard library's source, which this machine lacks");
    }
    let (measured, budget) = (measure()?, read_budget()?);
    let broken = broken(&measured, &budget);
    if !broken.is_empty() {
        bail!("{}\nlook with `cargo xtask size`; if it is worth it, `cargo xtask size --write`", broken.join("\n"));
    }
    Ok(())
}

/// What is above the budget by more than the tolerance, or above a goal at all.
fn broken(measured: &BTreeMap<String, Items>, budget: &BTreeMap<String, Items>) -> Vec<String> {
    let mut broken = Vec::new();
    for (part, items) in measured {
        for (item, size) in items {
            let allowed = budget.get(part).and_then(|part| part.get(item)).copied().unwrap_or(SMALL);
            let goal = if part == GZIP { goals::most(&format!("size:{item}"), Figure::Gzip) } else { None };
            if let Some((most, _)) = goal.filter(|(most, _)| *size as f64 > *most) {
                broken.push(format!("{part}, {item}: {size} octets, the goal is {most}"));
            } else if *size > allowed + allowed * TOLERANCE / 1000 {
                broken.push(format!("{part}, {item}: {size} octets, allowed are {allowed}"));
            }
        }
    }
    broken
}

/// `gzip`: entries of the package, and the decrypt page; `code of …`: crates of a module.
fn measure() -> Result<BTreeMap<String, Items>> {
    build::build(&build::PACKAGE, Effort::Release)?;
    build::build(&[Part::Www], Effort::Release)?;
    let mut node = Command::new("node");
    node.arg(place::at("xtask/bench/weigh.mjs")).args([place::at("pkg"), place::at("www/dist")]);
    let mut measured = BTreeMap::new();
    measured.insert(GZIP.to_owned(), items(&serde_json::from_str(&step::quiet(&mut node)?)?));
    for name in MODULES {
        measured.insert(format!("code of {name}"), by_crate(&named_module(name))?);
    }
    Ok(measured)
}

fn read_budget() -> Result<BTreeMap<String, Items>> {
    let text = fs::read(place::at(BUDGET)).with_context(|| format!("cannot read {BUDGET}"))?;
    let parts: BTreeMap<String, Value> = serde_json::from_slice(&text).with_context(|| BUDGET.to_owned())?;
    Ok(parts.iter().map(|(part, value)| (part.clone(), items(value))).collect())
}

fn items(value: &Value) -> Items {
    let fields = value.as_object().into_iter().flatten();
    fields.filter_map(|(name, size)| Some((name.clone(), size.as_u64()?))).collect()
}

/// The octets of code of each crate, by the names of functions, and of the data.
fn by_crate(module: &Path) -> Result<Items> {
    let bytes = fs::read(module)
        .with_context(|| format!("{} is missing: remove target/stamps and build again", place::shown(module)))?;
    let mut names: BTreeMap<u32, String> = BTreeMap::new();
    let (mut index, mut sizes, mut all) = (0, Vec::new(), Items::new());
    for payload in Parser::new(0).parse_all(&bytes) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    index += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => {
                sizes.push((index, body.range().len() as u64));
                index += 1;
            }
            Payload::DataSection(data) => {
                all.insert("(data)".to_owned(), data.range().len() as u64);
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Name(sections) = section.as_known() else { continue };
                for section in sections {
                    let Name::Function(functions) = section? else { continue };
                    for function in functions {
                        let function = function?;
                        names.insert(function.index, format!("{:#}", rustc_demangle::demangle(function.name)));
                    }
                }
            }
            _ => {}
        }
    }
    for (function, size) in sizes {
        *all.entry(crate_of(names.get(&function).map(String::as_str).unwrap_or_default())).or_default() += size;
    }
    let (large, small): (Items, Items) = all.into_iter().partition(|(_, size)| *size >= SMALL);
    let rest = ("(small crates)".to_owned(), small.values().sum());
    Ok(large.into_iter().chain([rest]).collect())
}

/// `pgp` of `<pgp[1f0c]::types::mpi::Mpi as core[77aa]::fmt::Debug>::fmt`. Exports and instances for unnamed types have no crate.
fn crate_of(function: &str) -> String {
    let start = function.trim_start_matches(['<', '&', '*', '(', '[', '{', ' ']).trim_start_matches("mut ");
    let start = start.trim_start_matches("dyn ");
    let is_name = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    let (name, rest) = start.split_at(start.find(|letter| !is_name(letter)).unwrap_or(start.len()));
    // The compiler tells crates of one name apart by a number in brackets.
    let rest = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(rest, |(_, rest)| rest);
    let name = if rest.starts_with("::") { name } else { "(exports and others)" };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{GZIP, broken, crate_of};

    #[test]
    fn goals_are_kept_without_tolerance_and_the_budget_with_some() {
        let sizes = |envelock: u64, page: u64, inline: u64| {
            let items = [("envelock", envelock), ("decrypt page", page), ("envelock/inline", inline)];
            BTreeMap::from([(GZIP.to_owned(), items.map(|(name, size)| (name.to_owned(), size)).into())])
        };
        let budget = sizes(449_000, 44_900, 1_000_000);
        assert_eq!(broken(&sizes(450_000, 45_000, 1_050_000), &budget), Vec::<String>::new());
        assert_eq!(broken(&sizes(450_001, 45_001, 1_050_001), &budget).len(), 3);
        let generous = sizes(900_000, 90_000, 1_000_000);
        assert_eq!(
            broken(&sizes(450_001, 45_001, 1_000_000), &generous).len(),
            2,
            "a budget above a goal changes nothing"
        );
    }

    #[test]
    fn functions_belong_to_the_crate_of_their_first_path() {
        assert_eq!(crate_of("<pgp::types::mpi::Mpi as core::fmt::Debug>::fmt"), "pgp");
        assert_eq!(crate_of("<pgp[1f0c]::types::Mpi as core[77aa]::fmt::Debug>::fmt"), "pgp");
        assert_eq!(crate_of("core::ptr::drop_in_place<alloc::string::String>"), "core");
        assert_eq!(crate_of("<&mut dyn envelock_seipd::Progress as core::any::Any>::type_id"), "envelock_seipd");
        assert_eq!(crate_of("<T as core::convert::Into<U>>::into"), "(exports and others)");
        assert_eq!(crate_of("encrypt"), "(exports and others)");
    }
}
