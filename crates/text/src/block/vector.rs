//! Sixteen characters in a vector of wasm. Compilers make none where all else is compiled for size, as the module is.
//!
//! By table look-ups in registers, after Wojciech Muła (<http://0x80.pl/notesen/2016-01-17-sse-base64-decoding.html>).

use core::arch::wasm32::{
    i8x16, i8x16_add, i8x16_eq, i8x16_lt, i8x16_shuffle, i8x16_swizzle, i16x8, i16x8_shl, i32x4_dot_i16x8, i32x4_shl,
    u8x16_shr, u8x16_splat, u8x16_sub_sat, u16x8_shr, u16x8_splat, u32x4_shr, u32x4_splat, u64x2, u64x2_extract_lane,
    v128, v128_and, v128_any_true, v128_or,
};

use super::{LINE, OCTETS};

/// The octets of characters; whether all of them are of the alphabet.
#[inline(always)]
pub fn decode_block(text: &[u8; LINE]) -> ([u8; OCTETS], bool) {
    // A character is of the alphabet if its two halves have no bit in common here.
    let lows = i8x16(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A);
    let highs = i8x16(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    // What leads from a character to its number, by its upper half; that of the slash stands one before that of the plus.
    let shifts = i8x16(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    let mut octets = [0; OCTETS];
    let mut strange = u8x16_splat(0);
    for (characters, place) in text.as_chunks::<16>().0.iter().zip(octets.as_chunks_mut::<12>().0) {
        let characters = vector(characters);
        let upper = u8x16_shr(characters, 4);
        let low = i8x16_swizzle(lows, v128_and(characters, u8x16_splat(0x0F)));
        strange = v128_or(strange, v128_and(low, i8x16_swizzle(highs, upper)));
        let is_slash = i8x16_eq(characters, u8x16_splat(b'/'));
        let sextets = i8x16_add(characters, i8x16_swizzle(shifts, i8x16_add(is_slash, upper)));
        let first = v128_and(i16x8_shl(sextets, 6), u16x8_splat(0x0FC0));
        let twelve = v128_or(first, u16x8_shr(sextets, 8));
        let all = i32x4_dot_i16x8(twelve, i16x8(4096, 1, 4096, 1, 4096, 1, 4096, 1));
        let made = i8x16_shuffle::<2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 3, 7, 11, 15>(all, all);
        let (front, back) = place.split_at_mut(8);
        front.copy_from_slice(&u64x2_extract_lane::<0>(made).to_le_bytes());
        back.copy_from_slice(&(u64x2_extract_lane::<1>(made) as u32).to_le_bytes());
    }
    (octets, !v128_any_true(strange))
}

/// The characters of octets.
#[inline(always)]
pub fn encode_block(octets: &[u8; OCTETS]) -> [u8; LINE] {
    // From a number to its character, by the run of the alphabet that it is in.
    let shifts = i8x16(71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0);
    let mut text = [0; LINE];
    for (octets, place) in octets.as_chunks::<12>().0.iter().zip(text.as_chunks_mut::<16>().0) {
        let mut twelve = [0; 16];
        for (place, octet) in twelve.iter_mut().zip(octets) {
            *place = *octet;
        }
        let twelve = vector(&twelve);
        let three = i8x16_shuffle::<0, 1, 2, 12, 3, 4, 5, 12, 6, 7, 8, 12, 9, 10, 11, 12>(twelve, twelve);
        let left = |by: u32, mask: u32| v128_and(i32x4_shl(three, by), u32x4_splat(mask));
        let right = |by: u32, mask: u32| v128_and(u32x4_shr(three, by), u32x4_splat(mask));
        let first = v128_or(right(2, 0x3F), left(12, 0x3000));
        let second = v128_or(right(4, 0x0F00), left(10, 0x003C_0000));
        let third = v128_or(right(6, 0x0003_0000), left(8, 0x3F00_0000));
        let sextets = v128_or(first, v128_or(second, third));
        let run = u8x16_sub_sat(sextets, u8x16_splat(51));
        let is_upper = i8x16_lt(sextets, u8x16_splat(26));
        let run = v128_or(run, v128_and(is_upper, u8x16_splat(13)));
        let characters = i8x16_add(sextets, i8x16_swizzle(shifts, run));
        let (front, back) = place.split_at_mut(8);
        front.copy_from_slice(&u64x2_extract_lane::<0>(characters).to_le_bytes());
        back.copy_from_slice(&u64x2_extract_lane::<1>(characters).to_le_bytes());
    }
    text
}

#[inline(always)]
fn vector(octets: &[u8; 16]) -> v128 {
    let (front, back) = octets.split_at(8);
    let word = |half: &[u8]| u64::from_le_bytes(half.first_chunk().copied().unwrap_or_default());
    u64x2(word(front), word(back))
}
