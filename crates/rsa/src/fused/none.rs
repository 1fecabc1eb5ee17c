//! No engine: Rust's own `mul_add` is slower than whole numbers where the processor's instruction is not known to be there.

use envelock_fma::Multiplication;

use super::Multiply;

/// There is none.
pub enum Engine {}

impl Engine {
    pub fn find() -> Option<Self> {
        None
    }
}

impl Multiply for Engine {
    fn multiply(&self, _: Multiplication<'_>) {
        match *self {}
    }
}
