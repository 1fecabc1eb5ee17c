//! What functions, globals and tables are called in one of the parts.

use std::collections::BTreeMap;

use wasm_encoder::reencode::{Error, Reencode};

/// New indices for old ones.
#[derive(Default)]
pub struct Indices {
    pub functions: BTreeMap<u32, u32>,
    pub globals: BTreeMap<u32, u32>,
    pub tables: BTreeMap<u32, u32>,
}

impl Reencode for Indices {
    type Error = Elsewhere;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Self::Error>> {
        found(&self.functions, function)
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Error<Self::Error>> {
        found(&self.globals, global)
    }

    fn table_index(&mut self, table: u32) -> Result<u32, Error<Self::Error>> {
        found(&self.tables, table)
    }
}

fn found(indices: &BTreeMap<u32, u32>, old: u32) -> Result<u32, Error<Elsewhere>> {
    indices.get(&old).copied().ok_or(Error::UserError(Elsewhere))
}

/// A function, global or table that this part does not have.
#[derive(Debug)]
pub struct Elsewhere;

impl std::fmt::Display for Elsewhere {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a part uses something that only the other has")
    }
}

impl std::error::Error for Elsewhere {}
