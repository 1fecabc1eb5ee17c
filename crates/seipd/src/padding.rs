//! Padmé: hides the size of a message at a cost of at most 12 % (RFC 9580 §5.14; Nikitin et al., PURBs, PETS 2019).

use alloc::vec::Vec;

use rand_core::{CryptoRngCore, RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use zeroize::Zeroize;

use crate::packet::{Tag, write_length};

/// The smallest Padmé size that is at least `length`: only the topmost ⌊log₂⌊log₂ n⌋⌋ + 1 bits of a size may be set.
pub fn padme(length: u64) -> u64 {
    if length < 2 {
        return length;
    }
    let exponent = u64::from(length.ilog2());
    let significant = u64::from(exponent.checked_ilog2().unwrap_or(0)) + 1;
    let free_bits = exponent.saturating_sub(significant);
    let mask = (1u64 << free_bits) - 1;
    length.saturating_add(mask) & !mask
}

/// How long a message of `length` octets is once it is padded: the capacity with which [`pad`] copies nothing.
pub fn padded_len(length: usize) -> usize {
    padme(length as u64 + 2) as usize
}

/// Appends a padding packet of random octets, so that `out` becomes a Padmé size. `out` holds the whole inner message.
/// When it has to be moved, the old place is wiped.
pub fn pad(out: &mut Vec<u8>, rng: &mut impl CryptoRngCore) {
    let target = padded_len(out.len());
    if out.capacity() < target {
        let mut moved = Vec::with_capacity(target);
        moved.extend_from_slice(out);
        out.zeroize();
        *out = moved;
    }
    let length = out.len();
    append_for(out, length, rng);
}

/// Appends the padding packet of an inner message of `length` octets, which need not lie in `out`.
pub fn append_for(out: &mut Vec<u8>, length: usize, rng: &mut impl CryptoRngCore) {
    let body = begin(out, length as u64) as usize;
    fill(out, body, rng);
}

/// Appends `octets` of its body: random, so that no compression on the way gives the size away (§5.14). They are no secret for whoever gets to
/// see them, and tell nothing but their own seed: so they come from a generator that is faster than the platform's.
pub fn fill(out: &mut Vec<u8>, octets: usize, rng: &mut impl CryptoRngCore) {
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    let start = out.len();
    out.resize(start + octets, 0);
    Xoshiro256PlusPlus::from_seed(seed).fill_bytes(out.get_mut(start..).unwrap_or_default());
}

/// Appends the header of that packet, and tells how many random octets have to follow.
pub fn begin(out: &mut Vec<u8>, length: u64) -> u64 {
    let packet = padme(length.saturating_add(2)).saturating_sub(length);
    out.push(0xC0 | Tag::PADDING);
    // Exactly `packet` octets in all. Length octets: one up to 191; two from 192; five for what lies between and beyond.
    match packet {
        0..=193 | 195..=8386 => {
            let body = packet.saturating_sub(if packet < 194 { 2 } else { 3 });
            write_length(out, body as u32);
            body
        }
        _ => {
            // A packet has no more; nobody has so long a message.
            let body = (packet - 6).min(u32::MAX.into());
            out.push(255);
            out.extend_from_slice(&(body as u32).to_be_bytes());
            body
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::packet::split;
    use rand::{Rng, SeedableRng};
    use std::vec;

    #[test]
    fn padme_numbers() {
        // From the paper's definition: L = 2^E..2^(E+1), S = ⌊log₂ E⌋ + 1 bits kept, the rest zero.
        for (length, padded) in [
            (0, 0),
            (1, 1),
            (2, 2),
            (8, 8),
            (9, 10),
            (15, 16),
            (100, 104),
            (1000, 1024),
            (1025, 1088),
            (1 << 20, 1 << 20),
            ((1 << 20) + 1, (1 << 20) + (1 << 15)),
        ] {
            assert_eq!(padme(length), padded, "{length}");
        }
    }

    #[test]
    fn padme_grows_by_at_most_12_percent_and_is_stable() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(7);
        for length in (2..5000).chain((0..5000).map(|_| rng.gen_range(2..1 << 40))) {
            let padded = padme(length);
            assert!(padded >= length && padded <= length + length * 12 / 100 + 1, "{length} {padded}");
            assert_eq!(padme(padded), padded);
        }
    }

    #[test]
    fn padded_messages_have_padme_sizes_and_one_padding_packet() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(8);
        let mut packets_seen = std::collections::BTreeSet::new();
        for length in (2..6000).step_by(7).chain([65_536, 131_073, 200_000, 1_048_577, 3_000_001]) {
            let mut out = Vec::new();
            let body = length
                - if length - 2 < 192 {
                    2
                } else if length - 3 < 8384 {
                    3
                } else {
                    6
                };
            crate::packet::write_header(&mut out, Tag::LITERAL, body as u32);
            out.resize(out.len() + body, 1);
            let before = out.len();
            pad(&mut out, &mut rng);
            assert_eq!(padme(out.len() as u64), out.len() as u64);
            let packets = split(&out).collect::<Result<Vec<_>, _>>().unwrap();
            assert_eq!((packets.len(), packets[1].tag, packets[1].span.clone()), (2, Tag::PADDING, before..out.len()));
            packets_seen.insert(out.len() - before);
        }
        assert!(packets_seen.len() > 100);
    }

    #[test]
    fn octets_of_padding_are_as_frequent_as_each_other() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(10);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        fill(&mut first, 1 << 20, &mut rng);
        fill(&mut second, 1 << 20, &mut rng);
        assert_ne!(first[..32], second[..32], "each has a seed of its own");
        // No octet is much more frequent than others, none follows another one more often, and no eight of them come twice.
        let (mut octets, mut pairs) = (vec![0u32; 256], vec![0u32; 1 << 16]);
        first.iter().for_each(|octet| octets[usize::from(*octet)] += 1);
        first.windows(2).for_each(|pair| pairs[usize::from(pair[0]) << 8 | usize::from(pair[1])] += 1);
        assert!(octets.iter().all(|count| (3700..4500).contains(count)));
        assert!(pairs.iter().all(|count| *count < 50));
        let eights: std::collections::BTreeSet<_> = first.as_chunks::<8>().0.iter().collect();
        assert_eq!(eights.len(), 1 << 17);
    }

    #[test]
    fn every_size_of_padding_packet_is_exact() {
        // 194 octets can be had neither with one nor with two length octets.
        for packet in (2..9000).chain([70_000]) {
            let mut out = vec![0; 1 << 20];
            let start = (1 << 20) + (1 << 15) - packet;
            out.resize(start, 0);
            let mut rng = rand::rngs::StdRng::seed_from_u64(9);
            pad(&mut out, &mut rng);
            let padding = split(&out[start..]).next().unwrap().unwrap();
            assert_eq!(padding.span.len(), out.len() - start, "{packet}");
        }
    }
}
