//! Two words of 64 bits, for everything that is not wasm.

/// Two words of 64 bits.
pub type Pair = [u64; 2];

pub const ZERO: Pair = [0; 2];

#[inline(always)]
pub fn from_words(words: [u64; 2]) -> Pair {
    words
}

#[inline(always)]
pub fn to_words(pair: Pair) -> [u64; 2] {
    pair
}

#[inline(always)]
pub fn xor(one: Pair, other: Pair) -> Pair {
    [one[0] ^ other[0], one[1] ^ other[1]]
}

/// `a + b + 2 · low(a) · low(b)` for each of four words.
#[inline(always)]
pub fn multiply_add(a: [Pair; 2], b: [Pair; 2]) -> [Pair; 2] {
    let sum = |a: u64, b: u64| {
        let product = u64::from(a as u32) * u64::from(b as u32);
        a.wrapping_add(b).wrapping_add(product.wrapping_add(product))
    };
    let pair = |a: Pair, b: Pair| [sum(a[0], b[0]), sum(a[1], b[1])];
    [pair(a[0], b[0]), pair(a[1], b[1])]
}

/// The second word of one and the first of the next.
#[inline(always)]
pub fn middle(one: Pair, next: Pair) -> Pair {
    [one[1], next[0]]
}

#[inline(always)]
pub fn rotate_right_32(pair: Pair) -> Pair {
    pair.map(|word| word.rotate_right(32))
}

#[inline(always)]
pub fn rotate_right_24(pair: Pair) -> Pair {
    pair.map(|word| word.rotate_right(24))
}

#[inline(always)]
pub fn rotate_right_16(pair: Pair) -> Pair {
    pair.map(|word| word.rotate_right(16))
}

#[inline(always)]
pub fn rotate_right_63(pair: Pair) -> Pair {
    pair.map(|word| word.rotate_right(63))
}
