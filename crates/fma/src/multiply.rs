//! The multiplication itself.

use crate::Vector;
use crate::digits::{BITS, LOWER, MASK, UPPER};

/// `left · right / R` modulo something odd, twice. R is 2^51 to the number of digits. Numbers are below R, their digits doubles, the lowest first.
///
/// Either two numbers are multiplied by two others, each pair modulo its own: of each vector the first half belongs to the one, the
/// second to the other. Or it is one number, and the second halves are the upper half of its digits.
///
/// Below twice the modulus if both factors are, or if their product is below the modulus times R.
pub struct Multiplication<'a> {
    /// A factor.
    pub left: &'a [Vector],
    /// A factor, as long.
    pub right: &'a [Vector],
    /// The modulus, as long, and a vector more: the inverse of its lowest digit modulo 2^51, negative, a whole number.
    pub modulus: &'a [Vector],
    /// What the columns [start](start) with.
    pub start: &'a [Vector],
    /// Room, as long as that. Not wiped.
    pub columns: &'a mut [Vector],
    /// Where the product goes.
    pub product: &'a mut [Vector],
}

/// What the columns of a product start with, for digits in so many vectors: of two numbers, or of the halves of one. Each column is a
/// sum of doubles' bits, taken as whole numbers; this is the sum of their exponents, negative.
pub fn start(width: usize, is_halved: bool) -> impl Iterator<Item = Vector> {
    let rows = if is_halved { 2 * width } else { width };
    // How many products have their lower digit in a column: of factor and factor, and as many of factor and modulus.
    let count = move |column: usize| 2 * (column + 1).min(width).min((rows + width).saturating_sub(column + 1)) as u64;
    (0..rows + width).map(move |column| {
        let upper = column.checked_sub(1).map_or(0, count);
        Vector::splat(LOWER.wrapping_mul(count(column)).wrapping_add(UPPER.wrapping_mul(upper)).wrapping_neg())
    })
}

/// Whether doubles are multiplied and added with one rounding. To be asked with [`f64::EPSILON`]; a compiler that knew the number would answer itself.
pub fn is_fused(epsilon: f64) -> bool {
    // (1 + ε)² − (1 + 2ε) is ε², and nothing if the square is rounded first.
    let [number, negative, rest] =
        [1.0 + epsilon, -1.0 - 2.0 * epsilon, epsilon * epsilon].map(|number| Vector::splat(number.to_bits()));
    rest.is_something() && !number.fused(number, negative).xor(rest).is_something()
}

impl Multiplication<'_> {
    /// Multiplies, in a time that the number of digits alone decides.
    #[inline]
    pub fn run(self) {
        let width = self.right.len();
        match self.columns.len().checked_sub(width) {
            Some(rows) if rows == width => self.rows::<false>(rows),
            Some(rows) if rows == 2 * width => self.rows::<true>(rows),
            _ => {}
        }
    }

    #[inline(always)]
    fn rows<const IS_HALVED: bool>(self, rows: usize) {
        let Self { left, right, modulus, start, columns, product } = self;
        let (Some((inverse, modulus)), Some((lowest, right))) = (modulus.split_last(), right.split_first()) else {
            return;
        };
        let Some((lowest_of_modulus, modulus)) = modulus.split_first() else { return };
        let (width, nothing) = (right.len() + 1, Vector::splat(0));
        columns.iter_mut().zip(start).for_each(|(column, start)| *column = *start);
        for row in 0..rows {
            let Some(digit) = left.get(if row < width { row } else { row - width }) else { return };
            let digit = match (IS_HALVED, row < width) {
                (false, _) => *digit,
                (true, true) => digit.pick::<0, 0>(*digit),
                (true, false) => digit.pick::<1, 1>(*digit),
            };
            // What the upper half of the digits gave to this column.
            let above = match row.checked_sub(width).and_then(|above| columns.get(above)) {
                Some(column) if IS_HALVED => column.pick::<1, 1>(*column),
                _ => nothing,
            };
            let Some((column, columns)) = columns.get_mut(row..).and_then(<[Vector]>::split_first_mut) else { return };
            let (lower, upper) = digit.product(*lowest);
            let sum = column.add(lower);
            // How often the modulus is added, for the column's digit to vanish.
            let total = sum.add(above);
            let total = if IS_HALVED { total.pick::<0, 0>(total) } else { total };
            let times = total.times(*inverse).digit();
            let (lower, more) = times.product(*lowest_of_modulus);
            let (sum, total) = (sum.add(lower), total.add(lower));
            let mut carry = upper.add(more);
            if IS_HALVED {
                *column = sum;
                carry = carry.add(total.halved_signed(BITS).pick::<0, 2>(nothing));
            } else {
                carry = carry.add(total.halved_signed(BITS));
            }
            for ((column, right), modulus) in columns.iter_mut().zip(right).zip(modulus) {
                let (lower, upper) = digit.product(*right);
                let (other, more) = times.product(*modulus);
                *column = column.add(carry).add(lower.add(other));
                carry = upper.add(more);
            }
            if let Some(column) = columns.get_mut(width - 1) {
                *column = column.add(carry);
            }
        }
        carry::<IS_HALVED>(columns, width, product);
    }
}

/// Makes digits of the product's upper columns.
#[inline(always)]
fn carry<const IS_HALVED: bool>(columns: &[Vector], width: usize, product: &mut [Vector]) {
    let Some((before, columns)) = columns.len().checked_sub(width).and_then(|place| columns.split_at_checked(place))
    else {
        return;
    };
    let nothing = Vector::splat(0);
    let mut carry = nothing;
    if !IS_HALVED {
        for (digit, column) in product.iter_mut().zip(columns) {
            let sum = column.add(carry);
            *digit = sum.digit();
            carry = sum.halved_signed(BITS);
        }
        return;
    }
    let before = before.get(before.len().saturating_sub(width)..).unwrap_or_default();
    for ((digit, column), before) in product.iter_mut().zip(columns).zip(before) {
        let sum = column.add(before.pick::<1, 2>(nothing)).add(carry);
        *digit = sum.and(Vector::splat(MASK));
        carry = sum.halved_signed(BITS);
    }
    // What the lower half carries to the upper.
    carry = nothing.pick::<0, 2>(carry);
    for digit in product {
        let sum = digit.add(carry);
        *digit = sum.digit();
        carry = sum.halved_signed(BITS);
    }
}

impl Vector {
    /// The lowest 51 bits of a whole number, as a double.
    #[inline(always)]
    fn digit(self) -> Self {
        self.and(Self::splat(MASK)).double()
    }
}
