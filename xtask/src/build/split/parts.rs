//! Writes the two parts.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, ImportSection, MemorySection, Module, NameMap, NameSection, TableSection,
    TypeSection,
};
use wasmparser::ExternalKind;

use super::behind::{IS_LOADED, is_behind, unused};
use super::indices::Indices;
use super::linked::References;
use super::reach::{Bound, Reached, Uses, exported, reached};

/// Under which name the second part imports from the first.
const FIRST: &str = "first";

/// The two modules.
pub struct Parts {
    pub first: Vec<u8>,
    pub rest: Vec<u8>,
    /// Where the first part may come to need the second: each function behind a gate, and who calls it; those that are called by address. For people.
    pub gates: String,
}

/// Divides a module: the exports in `later`, and what only they can reach, become the second part.
pub fn divide(module: &[u8], references: &References, later: &[&str], is_post_quantum: bool) -> Result<Parts> {
    let bound = Bound::read(module)?;
    let paths: Vec<String> = bound.defined().map(|function| bound.path(function)).collect();
    let unused = unused(&paths, is_post_quantum);
    ensure!(unused.is_empty(), "xtask/src/build/split/behind.rs names what is not there: {}", unused.join(", "));
    ensure!(bound.memories.len() == 1 && !bound.tables.is_empty(), "not a module that rustc linked");
    let roots = bound
        .exports
        .iter()
        .filter_map(exported)
        .filter(|(name, _)| !later.contains(name))
        .map(|(_, function)| function);
    let behind = bound.defined().filter(|function| is_behind(&bound.path(*function))).collect();
    let question = bound.defined().find(|function| bound.path(*function) == IS_LOADED);
    let kept = reached(&bound, references, roots, &behind)?;
    let moved: BTreeSet<u32> = bound.defined().filter(|function| !kept.functions.contains(function)).collect();
    let mut uses = Uses::default();
    for body in moved.iter().filter_map(|function| bound.body(*function)) {
        uses.add(body)?;
    }
    let shared =
        uses.functions.iter().copied().filter(|function| *function >= bound.imported() && !moved.contains(function));
    let division = Division {
        later,
        mark: Sha256::digest(module).iter().take(6).map(|octet| format!("{octet:02x}")).collect(),
        shared: shared.collect(),
        uses,
        bound,
        references,
        question: question.context("no function says whether the second part is there: a gate would be a trap")?,
        kept,
        moved,
    };
    Ok(Parts { first: division.first()?, rest: division.rest()?, gates: division.told_gates() })
}

struct Division<'a> {
    bound: Bound<'a>,
    references: &'a References,
    later: &'a [&'a str],
    /// By which the parts of one module know each other.
    mark: String,
    /// The function that says whether the second part is there.
    question: u32,
    kept: Reached,
    moved: BTreeSet<u32>,
    /// Kept functions that moved ones call.
    shared: BTreeSet<u32>,
    /// What moved functions use.
    uses: Uses,
}

impl Division<'_> {
    /// The first part: everything as it was, without the functions and data that moved, and with exports for what the other part uses.
    fn first(&self) -> Result<Vec<u8>> {
        let bound = &self.bound;
        let mut indices =
            Indices { globals: same(bound.globals.len()), tables: same(bound.tables.len()), ..Indices::default() };
        let mut imports = ImportSection::new();
        let in_slots: BTreeSet<u32> =
            bound.slots.values().copied().filter(|function| *function < bound.imported()).collect();
        for (function, import) in (0..).zip(&bound.imports) {
            if self.kept.functions.contains(&function) || in_slots.contains(&function) {
                indices.functions.insert(function, imports.len());
                RoundtripReencoder.parse_import(&mut imports, *import)?;
            }
        }
        let bodies: BTreeSet<u32> =
            self.kept.functions.iter().copied().filter(|function| *function >= bound.imported()).collect();
        let gates = imports.len() + bodies.len() as u32;
        indices.functions.extend(self.gates().zip(gates..));
        let (mut functions, mut code) = self.code(&mut indices, imports.len(), &bodies)?;
        self.write_gates(self.gate_slots(), &mut functions, &mut code)?;
        self.write_no(&mut functions, &mut code)?;
        let mut tables = TableSection::new();
        for table in self.all_tables()? {
            tables.table(table);
        }
        let mut memories = MemorySection::new();
        for memory in &bound.memories {
            memories.memory(RoundtripReencoder.memory_type(*memory)?);
        }
        let mut globals = GlobalSection::new();
        for global in &bound.globals {
            RoundtripReencoder.parse_global(&mut globals, global.clone())?;
        }
        let mut exports = ExportSection::new();
        for export in &bound.exports {
            match export.kind {
                ExternalKind::Func if self.later.contains(&export.name) => {}
                ExternalKind::Func => {
                    exports.export(export.name, ExportKind::Func, indices.function_index(export.index)?);
                }
                kind => {
                    let kind = RoundtripReencoder.export_kind(kind)?;
                    exports.export(export.name, kind, export.index);
                }
            }
        }
        exports.export(&self.mark, ExportKind::Memory, 0);
        for (name, table) in named('t', self.tables()) {
            exports.export(&name, ExportKind::Table, table);
        }
        for (name, global) in named('g', self.uses.globals.iter().copied()) {
            exports.export(&name, ExportKind::Global, global);
        }
        let slots = bound.slots.iter().map(|(slot, function)| (*slot, *function)).chain(self.shared_slots()).collect();
        let mut elements = self.elements(&slots, &indices, |function| !self.moved.contains(&function))?;
        let question =
            self.gates().position(|gate| gate == self.question).context("nobody asks for the second part")? as u32;
        let no = [gates + self.gates().count() as u32];
        let slot = ConstExpr::i32_const((self.first_gate() + question).cast_signed());
        elements.active(None, &slot, Elements::Functions(no.as_slice().into()));
        let mut module = Module::new();
        module
            .section(&self.types()?)
            .section(&imports)
            .section(&functions)
            .section(&tables)
            .section(&memories)
            .section(&globals);
        module.section(&exports).section(&elements).section(&code).section(&self.data(true));
        module.section(&self.names(&indices));
        Ok(module.finish())
    }

    /// The second part: what moved, with everything else from the first and from JavaScript.
    fn rest(&self) -> Result<Vec<u8>> {
        let bound = &self.bound;
        let mut indices = Indices::default();
        let mut imports = ImportSection::new();
        for (function, import) in (0..).zip(&bound.imports) {
            if self.uses.functions.contains(&function) {
                indices.functions.insert(function, imports.len());
                RoundtripReencoder.parse_import(&mut imports, *import)?;
            }
        }
        let imported = imports.len();
        let shared = imported + self.moved.len() as u32;
        indices.functions.extend(self.shared.iter().copied().zip(shared..));
        for memory in &bound.memories {
            let of_type = RoundtripReencoder.memory_type(*memory)?;
            imports.import(FIRST, &self.mark, EntityType::Memory(of_type));
        }
        let tables = self.all_tables()?;
        for (place, (name, table)) in (0..).zip(named('t', self.tables())) {
            let of_type = *tables.get(table as usize).context("a table that is not there")?;
            indices.tables.insert(table, place);
            imports.import(FIRST, &name, EntityType::Table(of_type));
        }
        for (place, (name, global)) in (0..).zip(named('g', self.uses.globals.iter().copied())) {
            let of_type = bound.globals.get(global as usize).context("a global that is not there")?.ty;
            indices.globals.insert(global, place);
            imports.import(FIRST, &name, EntityType::Global(RoundtripReencoder.global_type(of_type)?));
        }
        let (mut functions, mut code) = self.code(&mut indices, imported, &self.moved)?;
        self.write_gates(self.shared_slots(), &mut functions, &mut code)?;
        let mut exports = ExportSection::new();
        for (name, function) in bound.exports.iter().filter_map(exported).filter(|(name, _)| self.later.contains(name))
        {
            exports.export(name, ExportKind::Func, indices.function_index(function)?);
        }
        let slots = bound.slots.iter().map(|(slot, function)| (*slot, *function));
        let slots = slots.chain(self.gate_slots()).collect();
        let elements = self.elements(&slots, &indices, |function| self.moved.contains(&function))?;
        let mut module = Module::new();
        module
            .section(&self.types()?)
            .section(&imports)
            .section(&functions)
            .section(&exports)
            .section(&elements)
            .section(&code);
        module.section(&self.data(false)).section(&self.names(&indices));
        Ok(module.finish())
    }

    fn types(&self) -> Result<TypeSection> {
        let mut types = TypeSection::new();
        if let Some(section) = &self.bound.types {
            RoundtripReencoder.parse_type_section(&mut types, section.clone())?;
        }
        Ok(types)
    }

    /// The moved functions that the first part calls.
    fn gates(&self) -> impl Iterator<Item = u32> {
        self.kept.gates.keys().copied()
    }

    fn told_gates(&self) -> String {
        let paths = |functions: &BTreeSet<u32>| {
            functions.iter().map(|function| format!("    {}\n", self.bound.path(*function))).collect::<String>()
        };
        let gates = self.kept.gates.iter();
        let gates: String = gates.map(|(gate, callers)| self.bound.path(*gate) + "\n" + &paths(callers)).collect();
        format!("{gates}by address\n{}", paths(&self.kept.empty))
    }

    /// Their slots are behind those of table 0.
    fn first_gate(&self) -> u32 {
        self.bound.tables.first().map_or(0, |table| table.ty.initial as u32)
    }

    fn gate_slots(&self) -> impl Iterator<Item = (u32, u32)> {
        (self.first_gate()..).zip(self.gates())
    }

    /// Behind those are what the second part calls of the first. An export would do as well, but whoever starts the first part pays for
    /// each of its exports, even if nobody ever loads the second: 16 µs of V8's time, for a slot nearly none.
    fn shared_slots(&self) -> impl Iterator<Item = (u32, u32)> {
        let first = self.first_gate() + self.gates().count() as u32;
        (first..).zip(self.shared.iter().copied())
    }

    /// The tables, with slots for what one part calls of the other.
    fn all_tables(&self) -> Result<Vec<wasm_encoder::TableType>> {
        let mut tables = Vec::new();
        for table in &self.bound.tables {
            ensure!(matches!(table.init, wasmparser::TableInit::RefNull), "a table that does not begin empty");
            tables.push(RoundtripReencoder.table_type(table.ty)?);
        }
        let more = (self.gates().count() + self.shared.len()) as u64;
        if let Some(table) = tables.first_mut() {
            table.minimum += more;
            table.maximum = table.maximum.map(|maximum| maximum + more);
        }
        Ok(tables)
    }

    /// What a part calls in the place of a function of the other: whatever is in its slot. While that is empty, it is a trap.
    fn write_gates(
        &self,
        slots: impl Iterator<Item = (u32, u32)>,
        functions: &mut FunctionSection,
        code: &mut CodeSection,
    ) -> Result<()> {
        for (slot, function) in slots {
            let of_type = *self.bound.function_types.get(function as usize).context("a function without a type")?;
            functions.function(of_type);
            let mut gate = Function::new([]);
            for parameter in 0..self.bound.parameters(of_type)? {
                gate.instructions().local_get(parameter);
            }
            gate.instructions().i32_const(slot.cast_signed()).call_indirect(0, of_type).end();
            code.function(&gate);
        }
        Ok(())
    }

    /// What says no in the slot of the question.
    fn write_no(&self, functions: &mut FunctionSection, code: &mut CodeSection) -> Result<()> {
        let of_type = *self.bound.function_types.get(self.question as usize).context("a function without a type")?;
        functions.function(of_type);
        let mut no = Function::new([]);
        no.instructions().i32_const(0).end();
        code.function(&no);
        Ok(())
    }

    /// Table 0 always: there are slots to fill.
    fn tables(&self) -> BTreeSet<u32> {
        self.uses.tables.iter().copied().chain([0]).collect()
    }

    fn code(
        &self,
        indices: &mut Indices,
        imported: u32,
        bodies: &BTreeSet<u32>,
    ) -> Result<(FunctionSection, CodeSection)> {
        indices.functions.extend(bodies.iter().copied().zip(imported..));
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for function in bodies {
            functions
                .function(*self.bound.function_types.get(*function as usize).context("a function without a type")?);
            let body = self.bound.body(*function).context("a function without a body")?;
            indices.parse_function_body(&mut code, body.clone())?;
        }
        Ok((functions, code))
    }

    /// The slots whose functions are in this part, each run of them as one segment.
    fn elements(
        &self,
        slots: &BTreeMap<u32, u32>,
        indices: &Indices,
        is_here: impl Fn(u32) -> bool,
    ) -> Result<ElementSection> {
        let mut runs: Vec<(u32, Vec<u32>)> = Vec::new();
        for (slot, function) in slots.iter().filter(|(_, function)| is_here(**function)) {
            let index = *indices.functions.get(function).context("a slot for a function of nobody")?;
            match runs.last_mut() {
                Some((first, run)) if *first + run.len() as u32 == *slot => run.push(index),
                _ => runs.push((*slot, vec![index])),
            }
        }
        let mut elements = ElementSection::new();
        for (first, run) in &runs {
            elements.active(None, &ConstExpr::i32_const(first.cast_signed()), Elements::Functions(run.into()));
        }
        Ok(elements)
    }

    /// The data that is in this part. What has no name stays in the first.
    fn data(&self, first: bool) -> DataSection {
        let mut data = DataSection::new();
        for (start, bytes) in &self.bound.segments {
            let mut run: Option<(u32, Vec<u8>)> = None;
            for (address, octet) in (*start..).zip(*bytes) {
                let stays = self.references.datum_at(address).is_none_or(|datum| self.kept.data.contains(&datum));
                if stays == first {
                    run.get_or_insert_with(|| (address, Vec::new())).1.push(*octet);
                } else if let Some((start, run)) = run.take() {
                    data.active(0, &ConstExpr::i32_const(start.cast_signed()), run);
                }
            }
            if let Some((start, run)) = run {
                data.active(0, &ConstExpr::i32_const(start.cast_signed()), run);
            }
        }
        data
    }

    /// The names as the compiler gave them.
    fn names(&self, indices: &Indices) -> NameSection {
        let new: BTreeMap<u32, u32> = indices.functions.iter().map(|(old, new)| (*new, *old)).collect();
        let mut functions = NameMap::new();
        for (new, old) in new {
            functions.append(new, &self.bound.name(old).0);
        }
        let mut names = NameSection::new();
        names.functions(&functions);
        names
    }
}

fn same(count: usize) -> BTreeMap<u32, u32> {
    (0..count as u32).map(|index| (index, index)).collect()
}

/// Short names for what one part exports to the other, alike in both.
fn named(kind: char, items: impl IntoIterator<Item = u32>) -> Vec<(String, u32)> {
    items.into_iter().enumerate().map(|(number, item)| (format!("{kind}{number}"), item)).collect()
}
