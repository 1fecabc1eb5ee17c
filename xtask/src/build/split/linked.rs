//! What the linker knows of a module: which data and which functions' addresses each function and each piece of data refers to.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{
    BinaryReader, DataKind, DefinedDataSymbol, ElementItems, ElementKind, KnownCustom, Linking, Operator, Parser,
    Payload, RelocationEntry, RelocationType, SymbolInfo, TypeRef,
};

/// What can be referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// A function, by its index in the linked module.
    Function(u32),
    /// A piece of data, by its place in [`References::data`].
    Datum(usize),
}

/// A piece of data that is referred to as one.
pub struct Datum {
    /// Where it is in memory.
    pub addresses: Range<u32>,
    pub refers: Vec<Item>,
}

/// Calls are not among them: they can be read from the code at any time.
#[derive(Default)]
pub struct References {
    /// Of each function, by its index in the linked module.
    pub functions: BTreeMap<u32, Vec<Item>>,
    /// In the order of their addresses; none overlaps another.
    pub data: Vec<Datum>,
}

/// A stretch of the file and what it becomes: the body of a function, or a segment of data.
struct Stretch {
    file: Range<usize>,
    /// The function's index, or the segment's address.
    of: u32,
}

/// The raw material, as the sections have it.
#[derive(Default)]
struct Sections<'a> {
    bodies: Vec<Stretch>,
    code_start: usize,
    segments: Vec<Stretch>,
    data_start: usize,
    slots: BTreeMap<u32, u32>,
    symbols: Vec<SymbolInfo<'a>>,
    /// Of the code, then of the data.
    relocations: [Vec<RelocationEntry>; 2],
}

impl References {
    /// Reads a module that was linked with `--emit-relocs`.
    pub fn read(module: &[u8]) -> Result<References> {
        let sections = Sections::read(module)?;
        ensure!(!sections.symbols.is_empty(), "the linker left no symbols: it was not asked for `--emit-relocs`");
        let (mut references, of_symbol) = sections.data()?;
        let [of_code, of_data] = &sections.relocations;
        for relocation in of_code {
            let place = sections.code_start + relocation.offset as usize;
            let function = stretch(&sections.bodies, place).context("a relocation outside of every function")?;
            if let Some(item) = sections.target(module, place, relocation, &of_symbol)? {
                references.functions.entry(function.of).or_default().push(item);
            }
        }
        for relocation in of_data {
            let place = sections.data_start + relocation.offset as usize;
            let segment = stretch(&sections.segments, place).context("a relocation outside of every segment")?;
            let address = segment.of + u32::try_from(place - segment.file.start)?;
            let datum = references.datum_at(address).context("a relocation in data that has no name")?;
            if let Some(item) = sections.target(module, place, relocation, &of_symbol)?
                && let Some(datum) = references.data.get_mut(datum)
            {
                datum.refers.push(item);
            }
        }
        Ok(references)
    }

    /// The piece of data at an address.
    pub fn datum_at(&self, address: u32) -> Option<usize> {
        let after = self.data.partition_point(|datum| datum.addresses.start <= address);
        let datum = after.checked_sub(1)?;
        self.data.get(datum)?.addresses.contains(&address).then_some(datum)
    }
}

impl<'a> Sections<'a> {
    fn read(module: &'a [u8]) -> Result<Sections<'a>> {
        let mut sections = Sections::default();
        let (mut function, mut section_number, mut code, mut data) = (0, 0, None, None);
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            match &payload {
                Payload::ImportSection(imports) => {
                    for import in imports.clone().into_imports() {
                        function += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::ElementSection(elements) => {
                    for element in elements.clone() {
                        let element = element?;
                        let (ElementKind::Active { offset_expr, .. }, ElementItems::Functions(functions)) =
                            (element.kind, element.items)
                        else {
                            bail!("the table is not filled as linkers fill it");
                        };
                        let first = constant(&offset_expr)?;
                        for (slot, function) in (first..).zip(functions) {
                            sections.slots.insert(slot, function?);
                        }
                    }
                }
                Payload::CodeSectionStart { range, .. } => {
                    sections.code_start = range.start;
                    code = Some(section_number);
                }
                Payload::CodeSectionEntry(body) => {
                    sections.bodies.push(Stretch { file: body.range(), of: function });
                    function += 1;
                }
                Payload::DataSection(segments) => {
                    sections.data_start = segments.range().start;
                    data = Some(section_number);
                    for segment in segments.clone() {
                        let segment = segment?;
                        let DataKind::Active { offset_expr, .. } = &segment.kind else {
                            bail!("a segment of data without a place")
                        };
                        let file = segment.range.end - segment.data.len()..segment.range.end;
                        sections.segments.push(Stretch { file, of: constant(offset_expr)? });
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Linking(linking) => {
                        for subsection in linking.subsections() {
                            let Linking::SymbolTable(symbols) = subsection? else { continue };
                            sections.symbols = symbols.into_iter().collect::<wasmparser::Result<_>>()?;
                        }
                    }
                    KnownCustom::Reloc(relocations) => {
                        let [of_code, of_data] = &mut sections.relocations;
                        let of = match Some(relocations.section_index()) {
                            section if section == code => of_code,
                            section if section == data => of_data,
                            _ => continue,
                        };
                        *of = relocations.entries().into_iter().collect::<wasmparser::Result<_>>()?;
                    }
                    _ => {}
                },
                _ => {}
            }
            section_number +=
                u32::from(payload.as_section().is_some() && !matches!(payload, Payload::CodeSectionEntry(_)));
        }
        Ok(sections)
    }

    /// The pieces of data, and which of them each symbol names.
    fn data(&self) -> Result<(References, BTreeMap<usize, usize>)> {
        let mut named = Vec::new();
        for (symbol, info) in self.symbols.iter().enumerate() {
            if let Some(start) = self.address(info)
                && let SymbolInfo::Data { symbol: Some(DefinedDataSymbol { size, .. }), .. } = info
            {
                named.push((start..start + (*size).max(1), symbol));
            }
        }
        named.sort_by_key(|(addresses, _)| (addresses.start, addresses.end));
        let (mut references, mut of_symbol) = (References::default(), BTreeMap::new());
        for (addresses, symbol) in named {
            match references.data.last_mut() {
                Some(last) if addresses.start < last.addresses.end => {
                    last.addresses.end = last.addresses.end.max(addresses.end)
                }
                _ => references.data.push(Datum { addresses, refers: Vec::new() }),
            }
            of_symbol.insert(symbol, references.data.len() - 1);
        }
        Ok((references, of_symbol))
    }

    /// Where a symbol's data is. Memory that begins as zeros, and places that only the linker made up, are in no segment.
    fn address(&self, info: &SymbolInfo<'_>) -> Option<u32> {
        let SymbolInfo::Data { symbol: Some(DefinedDataSymbol { index, offset, .. }), .. } = info else { return None };
        Some(self.segments.get(*index as usize)?.of + offset)
    }

    /// What a relocation points at, unless that is a call, or nothing that can be in one part only. Read back from the module, so that a linker whose
    /// relocations mean something else is found out.
    fn target(
        &self,
        module: &[u8],
        place: usize,
        relocation: &RelocationEntry,
        of_symbol: &BTreeMap<usize, usize>,
    ) -> Result<Option<Item>> {
        use RelocationType::{
            FunctionIndexLeb, GlobalIndexLeb, MemoryAddrI32, MemoryAddrLeb, MemoryAddrSleb, TableIndexI32,
            TableIndexSleb, TableNumberLeb, TypeIndexLeb,
        };
        let bytes =
            module.get(place..place + relocation.ty.extent()).context("a relocation at the end of the module")?;
        let mut reader = BinaryReader::new(bytes, 0);
        let symbol = relocation.index as usize;
        let written = match relocation.ty {
            TypeIndexLeb | GlobalIndexLeb | TableNumberLeb => return Ok(None),
            FunctionIndexLeb | MemoryAddrLeb => reader.read_var_u32()?,
            TableIndexSleb | MemoryAddrSleb => reader.read_var_i32()?.cast_unsigned(),
            TableIndexI32 | MemoryAddrI32 => reader.read_u32()?,
            other => bail!("the linker wrote a relocation of a kind that is not expected: {other:?}"),
        };
        let info = self.symbols.get(symbol).context("a relocation without a symbol")?;
        let (meant, item) = match (relocation.ty, info) {
            (FunctionIndexLeb, SymbolInfo::Func { index, .. }) => (Some(*index), None),
            (TableIndexSleb | TableIndexI32, SymbolInfo::Func { index, .. }) => {
                let slot = self.slots.get(&written).map(|function| if function == index { written } else { !written });
                (slot, Some(Item::Function(*index)))
            }
            (MemoryAddrLeb | MemoryAddrSleb | MemoryAddrI32, SymbolInfo::Data { .. }) => match of_symbol.get(&symbol) {
                Some(datum) => {
                    let address = self.address(info).map(|address| i64::from(address) + relocation.addend);
                    (address.map(|address| address as u32), Some(Item::Datum(*datum)))
                }
                None => (Some(written), None),
            },
            _ => bail!("a relocation and its symbol are of different kinds"),
        };
        ensure!(
            meant == Some(written),
            "the linker's relocations do not fit what it wrote: {relocation:?} {info:?} {written} {meant:?}"
        );
        Ok(item)
    }
}

fn stretch(stretches: &[Stretch], place: usize) -> Option<&Stretch> {
    let after = stretches.partition_point(|stretch| stretch.file.start <= place);
    stretches.get(after.checked_sub(1)?).filter(|stretch| stretch.file.contains(&place))
}

/// The value of `i32.const`.
pub fn constant(expression: &wasmparser::ConstExpr<'_>) -> Result<u32> {
    let mut operators = expression.get_operators_reader();
    match operators.read()? {
        Operator::I32Const { value } => Ok(value.cast_unsigned()),
        other => bail!("{other:?} where a number was expected"),
    }
}
