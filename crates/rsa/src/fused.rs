//! Powers by doubles that are multiplied and added with one rounding (`envelock_fma`), where an engine has that: a multiplication takes a
//! quarter of what it takes by whole numbers.

use envelock_fma::{BITS, Engine, Multiplication, Vector, start};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::modulus::{ROOM, WINDOW};
use crate::number::{Number, negative_inverse};

/// Multiplies as [`Multiplication::run`] does.
pub trait Multiply {
    fn multiply(&self, multiplication: Multiplication<'_>);
}

impl Multiply for Engine {
    fn multiply(&self, multiplication: Multiplication<'_>) {
        Self::multiply(self, multiplication);
    }
}

/// Arithmetic modulo one odd number, or modulo two at a time. What is done depends on their lengths, which are secret from nobody.
pub struct Field<'a, M> {
    engine: &'a M,
    moduli: &'a [&'a Number],
    /// Digits of a number.
    count: usize,
    modulus: Digits,
    start: Vec<Vector>,
    columns: Digits,
    /// R, and its square.
    one: Digits,
    square: Digits,
}

/// A number for each modulus, times R: of two their digits side by side, of one its lower and its upper half.
type Digits = Zeroizing<Vec<Vector>>;

impl<'a, M: Multiply> Field<'a, M> {
    /// For one modulus or two, above 2.
    pub fn new(engine: &'a M, moduli: &'a [&'a Number]) -> Self {
        let longest = moduli.iter().map(|modulus| modulus.bits()).max().unwrap_or_default();
        let count = (longest + ROOM).div_ceil(BITS as usize);
        let is_halved = moduli.len() == 1;
        let width = if is_halved { count.div_ceil(2) } else { count };
        let count = if is_halved { 2 * width } else { width };
        let start: Vec<_> = start(width, is_halved).collect();
        let columns = Zeroizing::new(start.clone());
        let empty = Digits::default;
        let (modulus, one, square) = (empty(), empty(), empty());
        let mut field = Self { engine, moduli, count, modulus, start, columns, one, square };
        let inverse = |modulus: &&Number| negative_inverse(modulus.to_digits(BITS, 1).first().copied().unwrap_or(1));
        let inverses = [moduli.first(), moduli.last()].map(|modulus| modulus.map_or(1, inverse));
        let digits = field.digits(moduli);
        field.modulus.reserve_exact(width + 1);
        field.modulus.extend_from_slice(&digits);
        field.modulus.push(Vector(inverses));
        field.prepare();
        field
    }

    /// R by doubling, and its square by doubling some more and squaring.
    fn prepare(&mut self) {
        const DOUBLED: u32 = 6;
        let bits = self.count * BITS as usize;
        let mut powers: Vec<_> = self.moduli.iter().map(|modulus| modulus.power_of_two(bits)).collect();
        self.one = self.digits(&powers);
        let squarings = (usize::BITS - bits.leading_zeros()).saturating_sub(DOUBLED);
        let mut twice = None;
        for _ in 0..bits >> squarings {
            powers.iter_mut().zip(self.moduli).for_each(|(power, modulus)| power.double_modulo(modulus));
            twice = twice.or_else(|| Some(self.digits(&powers)));
        }
        let mut square = self.digits(&powers);
        for bit in (0..squarings).rev() {
            square = self.multiply(&square, &square);
            if let (1, Some(twice)) = (bits >> bit & 1, &twice) {
                square = self.multiply(&square, twice);
            }
        }
        self.square = square;
    }

    /// One number for each modulus, raised to a power that everybody may know.
    pub fn public_power(&mut self, numbers: &[Number], exponent: &[u8]) -> Vec<Number> {
        let base = self.enter(numbers);
        let mut power: Option<Digits> = None;
        for octet in exponent {
            for bit in (0..8).rev() {
                power = power.map(|power| self.multiply(&power, &power));
                if octet >> bit & 1 == 1 {
                    power = Some(power.map_or_else(|| base.clone(), |power| self.multiply(&power, &base)));
                }
            }
        }
        let power = power.unwrap_or_else(|| self.one.clone());
        self.leave(&power)
    }

    /// Two numbers, each raised to a power that nobody may know, but its length.
    pub fn secret_powers(&mut self, numbers: &[Number], exponents: [&[u8]; 2]) -> Vec<Number> {
        let base = self.enter(numbers);
        let mut powers = vec![self.one.clone(), base.clone()];
        for _ in 2..1 << WINDOW {
            let next = powers.last().map(|last| self.multiply(last, &base));
            powers.extend(next);
        }
        let longest = exponents.map(<[u8]>::len).into_iter().max().unwrap_or_default();
        let mut power = self.one.clone();
        let (mut other, mut chosen) = (power.clone(), power.clone());
        for place in (0..longest).rev() {
            let octets = exponents.map(|exponent| {
                let from_start = exponent.len().checked_sub(place + 1);
                from_start.and_then(|place| exponent.get(place)).copied().unwrap_or_default()
            });
            for shift in [WINDOW, 0] {
                for _ in 0..WINDOW / 2 {
                    self.multiply_into(&power, &power, &mut other);
                    self.multiply_into(&other, &other, &mut power);
                }
                choose(&powers, octets.map(|octet| octet >> shift & 15), &mut chosen);
                self.multiply_into(&power, &chosen, &mut other);
                std::mem::swap(&mut power, &mut other);
            }
        }
        self.leave(&power)
    }

    fn multiply(&mut self, left: &Digits, right: &Digits) -> Digits {
        let mut product = Zeroizing::new(vec![Vector::default(); left.len()]);
        self.multiply_into(left, right, &mut product);
        product
    }

    fn multiply_into(&mut self, left: &Digits, right: &Digits, product: &mut Digits) {
        let Self { modulus, start, columns, .. } = self;
        self.engine.multiply(Multiplication { left, right, modulus, start, columns, product });
    }

    fn enter(&mut self, numbers: &[Number]) -> Digits {
        let square = self.square.clone();
        let numbers = self.digits(numbers);
        self.multiply(&numbers, &square)
    }

    fn leave(&mut self, digits: &Digits) -> Vec<Number> {
        let one = self.digits(&vec![Number::from_digits(&[1], BITS, 1); self.moduli.len()]);
        let product = self.multiply(digits, &one);
        let mut halves = [0; 2].map(|_| Zeroizing::new(Vec::with_capacity(self.count)));
        for vector in product.iter() {
            halves.iter_mut().zip(vector.digits()).for_each(|(half, digit)| half.push(digit));
        }
        let [mut first, second] = halves;
        let numbers = if let [_] = self.moduli {
            first.extend_from_slice(&second);
            vec![first]
        } else {
            vec![first, second]
        };
        let number = |(modulus, digits): (&&Number, Zeroizing<Vec<u64>>)| {
            let mut number = Number::from_digits(&digits, BITS, modulus.digits().len());
            number.reduce_once(modulus);
            number
        };
        self.moduli.iter().zip(numbers).map(number).collect()
    }

    fn digits<N: std::borrow::Borrow<Number>>(&self, numbers: &[N]) -> Digits {
        let mut digits = numbers.iter().map(|number| number.borrow().to_digits(BITS, self.count));
        let first = digits.next().unwrap_or_default();
        let second = digits.next();
        let (lower, upper) = match &second {
            Some(second) => (first.as_slice(), second.as_slice()),
            None => first.split_at(first.len() / 2),
        };
        Zeroizing::new(lower.iter().zip(upper).map(|(lower, upper)| Vector::of([*lower, *upper])).collect())
    }
}

/// Of each modulus' powers the one with its index. All are read, whichever it is.
fn choose(powers: &[Digits], indices: [u8; 2], chosen: &mut Digits) {
    chosen.fill(Vector::default());
    for (index, power) in (0u8..).zip(powers) {
        let masks = indices.map(|wanted| u64::from(index.ct_eq(&wanted).unwrap_u8()).wrapping_neg());
        for (Vector(chosen), Vector(power)) in chosen.iter_mut().zip(power.iter()) {
            chosen[0] |= power[0] & masks[0];
            chosen[1] |= power[1] & masks[1];
        }
    }
}
