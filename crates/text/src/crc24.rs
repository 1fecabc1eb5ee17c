//! The checksum that old programs want behind armor: CRC-24 (RFC 9580 §6.1.1).

use alloc::vec::Vec;

/// What it is of nothing.
pub const START: u32 = 0x00B7_04CE;

/// Octets that are worth making more tables for, which takes as long as two thousand of them.
const LARGE: usize = 16 << 10;

/// For each octet that leaves the register, which is at the top of a word, what it leaves behind. Computed by the compiler, which checks the
/// index.
#[allow(clippy::indexing_slicing)]
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < table.len() {
        let mut crc = (index as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc >> 31 == 0 { crc << 1 } else { crc << 1 ^ 0x864C_FB00 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

/// Of octets behind those that `crc` is of.
pub fn behind(crc: u32, octets: &[u8]) -> u32 {
    let crc = crc << 8;
    (if octets.len() < LARGE { one_by_one(crc, octets) } else { by_eight(crc, octets) }) >> 8
}

/// An octet always lies in a table of 256.
fn entry(table: &[u32; 256], word: u32) -> u32 {
    table.get(usize::from(word as u8)).copied().unwrap_or_default()
}

fn one_by_one(crc: u32, octets: &[u8]) -> u32 {
    octets.iter().fold(crc, |crc, octet| crc << 8 ^ entry(&TABLE, crc >> 24 ^ u32::from(*octet)))
}

/// Eight octets do not wait for each other: one table for each place.
fn by_eight(mut crc: u32, octets: &[u8]) -> u32 {
    let mut tables = Vec::from([TABLE]);
    for _ in 1..8 {
        let mut next = TABLE;
        if let Some(last) = tables.last() {
            for (next, last) in next.iter_mut().zip(last) {
                *next = last << 8 ^ entry(&TABLE, last >> 24);
            }
        }
        tables.push(next);
    }
    let Some([a, b, c, d, e, f, g, h]) = tables.first_chunk::<8>() else { return one_by_one(crc, octets) };
    let (words, rest) = octets.as_chunks::<8>();
    for word in words {
        let word = u64::from_be_bytes(*word);
        let (first, second) = ((word >> 32) as u32 ^ crc, word as u32);
        crc = entry(h, first >> 24)
            ^ entry(g, first >> 16)
            ^ entry(f, first >> 8)
            ^ entry(e, first)
            ^ entry(d, second >> 24)
            ^ entry(c, second >> 16)
            ^ entry(b, second >> 8)
            ^ entry(a, second);
    }
    one_by_one(crc, rest)
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use super::*;
    use rand::{RngCore, SeedableRng};
    use std::vec;

    /// The program of RFC 9580 §6.1.1.
    fn reference(octets: &[u8]) -> u32 {
        let mut crc = START;
        for octet in octets {
            crc ^= u32::from(*octet) << 16;
            for _ in 0..8 {
                crc <<= 1;
                if crc & 0x0100_0000 != 0 {
                    crc ^= 0x0186_4CFB;
                }
            }
        }
        crc & 0x00FF_FFFF
    }

    #[test]
    fn known_values() {
        assert_eq!(behind(START, b"123456789"), 0x0021_CF02);
        assert_eq!(behind(START, b""), START);
    }

    #[test]
    fn as_the_standard_computes_it() {
        let mut octets = vec![0; LARGE + 70];
        rand_chacha::ChaCha20Rng::seed_from_u64(1).fill_bytes(&mut octets);
        for length in (0..40).chain(LARGE - 9..LARGE + 70) {
            let octets = octets.get(..length).unwrap_or_default();
            assert_eq!(behind(START, octets), reference(octets), "{length} octets");
            let (first, second) = octets.split_at(length / 3);
            assert_eq!(behind(behind(START, first), second), reference(octets), "{length} octets in two");
        }
    }
}
