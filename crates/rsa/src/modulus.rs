//! Arithmetic modulo an odd number, after Montgomery: numbers are kept times R, a power of two, and R is so much larger than the
//! modulus that what is multiplied need not be below it. "Inside" is what is kept so: below twice the modulus.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::lanes::{self, Columns, Digits};
use crate::number::{BITS, LANES, MASK, Number, negative_inverse};
use crate::{MAX_OCTETS, trimmed};

/// R has at least so many bits more than the modulus.
pub const ROOM: usize = 4;
/// Bits of a secret exponent that are looked at together.
pub const WINDOW: u32 = 4;

/// Reads an odd number above 2 from big-endian octets, with room above it; `None` if it is none, or too long.
pub fn number(octets: &[u8]) -> Option<Number> {
    let octets = trimmed(octets);
    let (first, last) = (octets.first()?, octets.last()?);
    if octets.len() > MAX_OCTETS || last & 1 == 0 || octets == [1] {
        return None;
    }
    let bits = octets.len() * 8 - first.leading_zeros() as usize;
    Number::from_octets(octets, (bits + ROOM).div_ceil(BITS as usize).next_multiple_of(LANES))
}

/// An odd number above 2.
pub struct Modulus {
    number: Number,
    rows: Rows,
    /// The lowest digit's inverse, negative.
    inverse: u32,
    /// R, and its square: 1 inside, and what brings a number there.
    one: Number,
    square: Number,
}

impl Modulus {
    /// Reads it from big-endian octets.
    pub fn new(octets: &[u8]) -> Option<Self> {
        Self::of(number(octets)?)
    }

    /// From such a [`number`].
    pub fn of(number: Number) -> Option<Self> {
        let digits = number.digits().len();
        let lowest = *number.digits().first()?;
        let inverse = negative_inverse(lowest.into()) as u32 & MASK;
        let mut rows = Rows::new(digits);
        rows.set(&number);
        let mut modulus = Self { number, rows, inverse, one: Number::zero(digits), square: Number::zero(digits) };
        modulus.prepare();
        Some(modulus)
    }

    /// R and its square modulo the number, by doubling: R from the highest power of two below the number; then 2 inside, raised to
    /// the number of R's bits.
    fn prepare(&mut self) {
        let all = self.digits() * BITS as usize;
        self.one = self.number.power_of_two(all);
        // The first bits of the exponent by doubling, which is cheaper than squaring.
        let (steps, rest) = (all >> 4, all & 15);
        let mut power = self.one.clone();
        (0..steps).for_each(|_| power.double_modulo(&self.number));
        for bit in (0..4).rev() {
            power = self.multiply(&power, &power);
            power.reduce_once(&self.number);
            if rest >> bit & 1 == 1 {
                power.double_modulo(&self.number);
            }
        }
        self.square = power;
    }

    pub fn digits(&self) -> usize {
        self.number.digits().len()
    }

    pub fn number(&self) -> &Number {
        &self.number
    }

    /// `left · right / R`. Inside, if both are, or if their product is below 16 times the square of the modulus.
    pub fn multiply(&self, left: &Number, right: &Number) -> Number {
        let mut product = Number::zero(self.digits());
        self.multiply_into(left, right, &mut Room::new(self.digits()), &mut product);
        product
    }

    /// The same where there is room already. Two digits of `left` at a time.
    fn multiply_into(&self, left: &Number, right: &Number, room: &mut Room, product: &mut Number) {
        room.right.set(right);
        room.columns.fill([0; 2]);
        let ([first, second], [modulus_first, modulus_second]) = (room.right.lowest(), self.rows.lowest());
        let (pairs, _) = left.digits().as_chunks::<2>();
        for (place, digits) in pairs.iter().enumerate() {
            let columns = room.columns.get_mut(place..).unwrap_or_default();
            let [[lower, upper], [next, _], ..] = columns else { break };
            // What makes both columns multiples of 2^27, and what they then carry on.
            let [digit, other] = digits.map(u64::from);
            let lower = *lower + digit * first;
            let quotient = self.quotient(lower);
            let upper = *upper
                + digit * second
                + other * first
                + u64::from(quotient) * modulus_second
                + ((lower + u64::from(quotient) * modulus_first) >> BITS);
            let second_quotient = self.quotient(upper);
            *next += (upper + u64::from(second_quotient) * modulus_first) >> BITS;
            add_rows(columns, &room.right, *digits, &self.rows, [quotient, second_quotient]);
        }
        product.carry(room.columns.get(self.digits() / 2..).unwrap_or_default().as_flattened());
    }

    /// How often the modulus has to be added for the lowest digit of the column to vanish.
    fn quotient(&self, column: u64) -> u32 {
        (column as u32).wrapping_mul(self.inverse) & MASK
    }

    /// Brings a number below R inside.
    pub fn enter(&self, number: &Number) -> Number {
        self.multiply(number, &self.square)
    }

    /// Brings a number of any length inside: from its highest digits on, R times what was there and the next.
    pub fn enter_long(&self, number: &Number) -> Number {
        let mut sum = Number::zero(self.digits());
        for part in number.digits().chunks(self.digits()).rev() {
            let mut low = Number::zero(self.digits());
            low.digits_mut().iter_mut().zip(part).for_each(|(target, digit)| *target = *digit);
            sum = self.add(&self.enter(&sum), &self.enter(&low));
        }
        sum
    }

    /// Adds what is inside.
    pub fn add(&self, left: &Number, right: &Number) -> Number {
        let columns =
            left.digits().iter().zip(right.digits()).map(|(left, right)| u64::from(*left) + u64::from(*right));
        let mut sum = Number::zero(self.digits());
        sum.carry(&Zeroizing::new(columns.collect::<Vec<_>>()));
        self.multiply(&sum, &self.one)
    }

    /// Subtracts what is inside.
    pub fn subtract(&self, left: &Number, right: &Number) -> Number {
        let mut negative = Number::zero(self.digits());
        // Twice the modulus is not below it.
        let twice = self.number.digits().iter().map(|digit| 2 * u64::from(*digit));
        negative.carry(&twice.collect::<Vec<_>>());
        negative.subtract(right);
        self.add(left, &negative)
    }

    /// What is inside as a number below the modulus.
    pub fn leave(&self, inside: &Number) -> Number {
        let mut one = Number::zero(self.digits());
        if let Some(lowest) = one.digits_mut().first_mut() {
            *lowest = 1;
        }
        let mut number = self.multiply(inside, &one);
        number.reduce_once(&self.number);
        number
    }

    /// A power whose exponent everybody may know.
    pub fn public_power(&self, base: &Number, exponent: &[u8]) -> Number {
        let mut power: Option<Number> = None;
        for octet in exponent {
            for bit in (0..8).rev() {
                power = power.map(|power| self.multiply(&power, &power));
                if octet >> bit & 1 == 1 {
                    power = Some(power.map_or_else(|| base.clone(), |power| self.multiply(&power, base)));
                }
            }
        }
        power.unwrap_or_else(|| self.one.clone())
    }

    /// A power whose exponent nobody may know, but its length.
    pub fn secret_power(&self, base: &Number, exponent: &[u8]) -> Number {
        let digits = self.digits();
        let mut powers = vec![self.one.clone(), base.clone()];
        for _ in 2..1 << WINDOW {
            powers.extend(powers.last().map(|last| self.multiply(last, base)));
        }
        let mut room = Room::new(digits);
        let (mut power, mut other, mut chosen) = (self.one.clone(), Number::zero(digits), Number::zero(digits));
        for octet in exponent {
            for window in [octet >> WINDOW, octet & 15] {
                for _ in 0..WINDOW / 2 {
                    self.multiply_into(&power, &power, &mut room, &mut other);
                    self.multiply_into(&other, &other, &mut room, &mut power);
                }
                // All are read, whichever it is.
                for (index, candidate) in (0u8..).zip(&powers) {
                    chosen.assign(candidate, index.ct_eq(&window));
                }
                self.multiply_into(&power, &chosen, &mut room, &mut other);
                std::mem::swap(&mut power, &mut other);
            }
        }
        power
    }
}

/// A factor as rows of a product take it: its digits in vectors, and once more a place higher.
struct Rows {
    even: Zeroizing<Vec<Digits>>,
    odd: Zeroizing<Vec<Digits>>,
}

impl Rows {
    fn new(digits: usize) -> Self {
        let empty = || Zeroizing::new(vec![[0; LANES]; digits / LANES + 1]);
        Self { even: empty(), odd: empty() }
    }

    fn set(&mut self, number: &Number) {
        self.even.as_flattened_mut().iter_mut().zip(number.digits()).for_each(|(target, digit)| *target = *digit);
        let odd = self.odd.as_flattened_mut().iter_mut().skip(1);
        odd.zip(number.digits()).for_each(|(target, digit)| *target = *digit);
    }

    fn lowest(&self) -> [u64; 2] {
        self.even.first().map_or([0; 2], |[first, second, ..]| [*first, *second].map(u64::from))
    }
}

/// Room for a multiplication.
struct Room {
    right: Rows,
    columns: Zeroizing<Vec<Columns>>,
}

impl Room {
    fn new(digits: usize) -> Self {
        Self { right: Rows::new(digits), columns: Zeroizing::new(vec![[0; 2]; digits + 2]) }
    }
}

/// Adds two rows of a product, and two multiples of the modulus.
#[inline(never)]
fn add_rows(columns: &mut [Columns], right: &Rows, digits: [u32; 2], modulus: &Rows, quotients: [u32; 2]) {
    let ([first, second], [third, fourth]) = (digits.map(lanes::factor), quotients.map(lanes::factor));
    let (columns, _) = columns.as_chunks_mut::<2>();
    let right = right.even.iter().zip(right.odd.iter());
    let modulus = modulus.even.iter().zip(modulus.odd.iter());
    for ((columns, right), modulus) in columns.iter_mut().zip(right).zip(modulus) {
        lanes::add_products(columns, [(first, right.0), (second, right.1), (third, modulus.0), (fourth, modulus.1)]);
    }
}
