//! A module in two parts with one memory: what the usual calls can reach, and the rest.
//!
//! What a function can reach is read from the linker's relocations, not from runs of it: the functions it calls, those whose address it takes,
//! and the data it points at, which may hold addresses of functions in turn. Whatever the first part's exports can reach stays
//! there, so nothing in it can want a function that is not there yet; what is told apart in `behind` it reaches through gates. The second part imports
//! what it needs of the first.
//!
//! wasm-bindgen works between linker and division and keeps no relocations; so each function gets a number into its name before.

mod behind;
mod indices;
mod linked;
mod parts;
mod reach;

use anyhow::{Context, Result};
use wasm_encoder::{CustomSection, Module, NameMap, NameSection, RawSection};
use wasmparser::{KnownCustom, Name, Parser};

pub use behind::rules;
pub use linked::References;
pub use parts::divide;

/// Before a function's number in its name.
const NUMBER: &str = ".of.linker.";

/// The linked module with a number in each function's name and without what only the linker knows, and what its functions refer to.
pub fn number(module: &[u8]) -> Result<(Vec<u8>, References)> {
    let references = References::read(module)?;
    let mut numbered = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let Some((id, range)) = payload.as_section() else { continue };
        let data = module.get(range).context("a section outside of the module")?;
        if id != 0 {
            numbered.section(&RawSection { id, data });
            continue;
        }
        let wasmparser::Payload::CustomSection(section) = payload else { continue };
        match section.as_known() {
            KnownCustom::Linking(_) | KnownCustom::Reloc(_) => {}
            KnownCustom::Name(subsections) => {
                let mut names = NameSection::new();
                for subsection in subsections {
                    match subsection? {
                        Name::Function(functions) => {
                            let mut map = NameMap::new();
                            for function in functions {
                                let function = function?;
                                map.append(function.index, &format!("{}{NUMBER}{}", function.name, function.index));
                            }
                            names.functions(&map);
                        }
                        Name::Global(globals) => {
                            let mut map = NameMap::new();
                            for global in globals {
                                let global = global?;
                                map.append(global.index, global.name);
                            }
                            names.globals(&map);
                        }
                        _ => {}
                    }
                }
                numbered.section(&names);
            }
            _ => {
                numbered.section(&CustomSection { name: section.name().into(), data: section.data().into() });
            }
        }
    }
    Ok((numbered.finish(), references))
}
