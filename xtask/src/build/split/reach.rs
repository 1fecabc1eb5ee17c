//! The bound module, and what of it some of its functions can reach.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{
    DataKind, ElementItems, ElementKind, Export, ExternalKind, FunctionBody, Global, Import, KnownCustom, Name,
    Operator, Parser, Payload, Table, TypeRef, TypeSectionReader,
};

use super::NUMBER;
use super::linked::{Item, References, constant};

/// The module that wasm-bindgen made.
#[derive(Default)]
pub struct Bound<'a> {
    pub types: Option<TypeSectionReader<'a>>,
    /// Of functions; nothing else is imported.
    pub imports: Vec<Import<'a>>,
    /// The type of each function, imported ones first.
    pub function_types: Vec<u32>,
    pub bodies: Vec<FunctionBody<'a>>,
    pub tables: Vec<Table<'a>>,
    pub memories: Vec<wasmparser::MemoryType>,
    pub globals: Vec<Global<'a>>,
    pub exports: Vec<Export<'a>>,
    /// The functions in the slots of table 0.
    pub slots: BTreeMap<u32, u32>,
    /// Each with its address.
    pub segments: Vec<(u32, &'a [u8])>,
    pub names: BTreeMap<u32, &'a str>,
}

impl<'a> Bound<'a> {
    pub fn read(module: &'a [u8]) -> Result<Bound<'a>> {
        let mut bound = Bound::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => bound.types = Some(types),
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        let TypeRef::Func(of_type) = import.ty else {
                            bail!("`{}` is imported and not a function", import.name)
                        };
                        bound.function_types.push(of_type);
                        bound.imports.push(import);
                    }
                }
                Payload::FunctionSection(types) => {
                    for of_type in types {
                        bound.function_types.push(of_type?);
                    }
                }
                Payload::TableSection(tables) => {
                    bound.tables = tables.into_iter().collect::<wasmparser::Result<_>>()?
                }
                Payload::MemorySection(memories) => {
                    bound.memories = memories.into_iter().collect::<wasmparser::Result<_>>()?
                }
                Payload::GlobalSection(globals) => {
                    bound.globals = globals.into_iter().collect::<wasmparser::Result<_>>()?
                }
                Payload::ExportSection(exports) => {
                    bound.exports = exports.into_iter().collect::<wasmparser::Result<_>>()?
                }
                Payload::ElementSection(elements) => {
                    for element in elements {
                        let element = element?;
                        match (element.kind, element.items) {
                            (
                                ElementKind::Active { table_index: None | Some(0), offset_expr },
                                ElementItems::Functions(functions),
                            ) => {
                                for (slot, function) in (constant(&offset_expr)?..).zip(functions) {
                                    bound.slots.insert(slot, function?);
                                }
                            }
                            (ElementKind::Declared, _) => {}
                            _ => bail!("a table is not filled as linkers fill it"),
                        }
                    }
                }
                Payload::DataSection(segments) => {
                    for segment in segments {
                        let segment = segment?;
                        let DataKind::Active { offset_expr, .. } = &segment.kind else {
                            bail!("a segment of data without a place")
                        };
                        bound.segments.push((constant(offset_expr)?, segment.data));
                    }
                }
                Payload::CodeSectionEntry(body) => bound.bodies.push(body),
                Payload::StartSection { .. } | Payload::TagSection(_) | Payload::DataCountSection { .. } => {
                    bail!("a section that nobody expected; xtask/src/build/split would have to learn it");
                }
                Payload::CustomSection(section) => {
                    let KnownCustom::Name(subsections) = section.as_known() else { continue };
                    for subsection in subsections {
                        let Name::Function(functions) = subsection? else { continue };
                        for function in functions {
                            let function = function?;
                            bound.names.insert(function.index, function.name);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(bound)
    }

    /// The name as people write paths: without numbers and hashes.
    pub fn path(&self, function: u32) -> String {
        let name = self.name(function).0;
        let mut path = String::new();
        let mut rest = name.as_str();
        while let Some((before, behind)) = rest.split_once('[') {
            path.push_str(before);
            let (inside, after) = behind.split_once(']').unwrap_or((behind, ""));
            let is_hash = inside.len() >= 8 && inside.bytes().all(|octet| octet.is_ascii_hexdigit());
            if is_hash {
                rest = after
            } else {
                path.push('[');
                rest = behind
            }
        }
        path + rest
    }

    /// How many parameters functions of a type take.
    pub fn parameters(&self, of_type: u32) -> Result<u32> {
        let types = self.types.clone().context("functions without types")?;
        let of_type = types.into_iter_err_on_gc_types().nth(of_type as usize).context("a type that is not there")??;
        Ok(of_type.params().len() as u32)
    }

    /// How many functions are imported; they come first.
    pub fn imported(&self) -> u32 {
        self.imports.len() as u32
    }

    pub fn defined(&self) -> std::ops::Range<u32> {
        self.imported()..self.function_types.len() as u32
    }

    pub fn body(&self, function: u32) -> Option<&FunctionBody<'a>> {
        self.bodies.get(function.checked_sub(self.imported())? as usize)
    }

    /// The name without the number of [`super::number`], and that number if the function is the linker's.
    pub fn name(&self, function: u32) -> (String, Option<u32>) {
        let name = self.names.get(&function).copied().unwrap_or_default();
        let Some((start, end)) = name.split_once(NUMBER) else { return (name.to_owned(), None) };
        let end_of_number = end.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(end.len());
        let (number, end) = end.split_at(end_of_number);
        // wasm-bindgen names a function after what it goes around: `NAME.of.linker.7 multivalue shim`.
        (format!("{start}{end}"), if end.is_empty() { number.parse().ok() } else { None })
    }
}

/// What is reached.
#[derive(Default)]
pub struct Reached {
    pub functions: BTreeSet<u32>,
    /// Places in [`References::data`].
    pub data: BTreeSet<usize>,
    /// Functions that are called and not followed, each with its callers.
    pub gates: BTreeMap<u32, BTreeSet<u32>>,
    /// Functions whose address is known and which are not followed: their slots stay empty at first.
    pub empty: BTreeSet<u32>,
}

/// What the functions of `roots` can reach, short of the functions that are `behind` gates.
pub fn reached(
    bound: &Bound<'_>,
    references: &References,
    roots: impl Iterator<Item = u32>,
    behind: &BTreeSet<u32>,
) -> Result<Reached> {
    let by_number = by_number(bound)?;
    let mut reached = Reached::default();
    let mut open: Vec<u32> = roots.collect();
    let mut open_data: Vec<usize> = Vec::new();
    loop {
        let items = if let Some(function) = open.pop() {
            if behind.contains(&function) || !reached.functions.insert(function) {
                continue;
            }
            if let Some(body) = bound.body(function) {
                for called in Uses::of(body)?.functions {
                    if behind.contains(&called) {
                        reached.gates.entry(called).or_default().insert(function);
                    }
                    open.push(called);
                }
            }
            bound.name(function).1.and_then(|number| references.functions.get(&number))
        } else if let Some(datum) = open_data.pop() {
            if !reached.data.insert(datum) {
                continue;
            }
            references.data.get(datum).map(|datum| &datum.refers)
        } else {
            return Ok(reached);
        };
        for item in items.into_iter().flatten() {
            match item {
                Item::Datum(datum) => open_data.push(*datum),
                // One that wasm-bindgen removed (a description) is called by nobody.
                Item::Function(number) => {
                    reached.empty.extend(by_number.get(number).filter(|function| behind.contains(function)));
                    open.extend(by_number.get(number));
                }
            }
        }
    }
}

/// The functions by the linker's numbers. What has none must be wasm-bindgen's: a function that lost its number would have lost its references.
fn by_number(bound: &Bound<'_>) -> Result<BTreeMap<u32, u32>> {
    let mut by_number = BTreeMap::new();
    for function in bound.defined() {
        match bound.name(function) {
            (name, Some(number)) => {
                ensure!(by_number.insert(number, function).is_none(), "{name}: there are two of number {number}")
            }
            (name, None) => ensure!(
                name.ends_with(" shim") || name.starts_with("__wbindgen_"),
                "`{name}` has no number; xtask/src/build/split would have to learn what it is"
            ),
        }
    }
    Ok(by_number)
}

/// What code mentions.
#[derive(Default)]
pub struct Uses {
    pub functions: BTreeSet<u32>,
    pub globals: BTreeSet<u32>,
    pub tables: BTreeSet<u32>,
}

impl Uses {
    pub fn of(body: &FunctionBody<'_>) -> Result<Uses> {
        let mut uses = Uses::default();
        uses.add(body)?;
        Ok(uses)
    }

    pub fn add(&mut self, body: &FunctionBody<'_>) -> Result<()> {
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index } => {
                    self.functions.insert(function_index);
                }
                Operator::CallIndirect { table_index: table, .. }
                | Operator::TableGet { table }
                | Operator::TableSet { table }
                | Operator::TableGrow { table }
                | Operator::TableSize { table }
                | Operator::TableFill { table } => {
                    self.tables.insert(table);
                }
                Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
                    self.globals.insert(global_index);
                }
                operator @ (Operator::RefFunc { .. }
                | Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. }
                | Operator::TableCopy { .. }
                | Operator::TableInit { .. }
                | Operator::ElemDrop { .. }
                | Operator::MemoryInit { .. }
                | Operator::DataDrop { .. }) => bail!("{operator:?}: xtask/src/build/split would have to learn it"),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The function behind an export.
pub fn exported<'a>(export: &Export<'a>) -> Option<(&'a str, u32)> {
    (export.kind == ExternalKind::Func).then_some((export.name, export.index))
}
