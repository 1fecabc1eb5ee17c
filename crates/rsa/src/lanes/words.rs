//! Products of digits, for everything that is not wasm.

use super::{Columns, Digits};

/// A digit.
#[derive(Clone, Copy)]
pub struct Factor(u32);

#[inline(always)]
pub fn factor(digit: u32) -> Factor {
    Factor(digit)
}

/// Adds to four columns what four pairs of factors and digits give.
#[inline(always)]
pub fn add_products(columns: &mut [Columns; 2], products: [(Factor, &Digits); 4]) {
    for (Factor(factor), digits) in products {
        for (column, digit) in columns.as_flattened_mut().iter_mut().zip(digits) {
            *column += u64::from(factor) * u64::from(*digit);
        }
    }
}
