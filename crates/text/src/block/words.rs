//! Sixty-four characters without a branch, which compilers make vectors of.

use super::{LINE, OCTETS};

/// All ones if so.
#[inline(always)]
fn mask(is_so: bool) -> u8 {
    (is_so as u8).wrapping_neg()
}

/// The octets of characters; whether all of them are of the alphabet.
#[inline(always)]
pub fn decode_block(text: &[u8; LINE]) -> ([u8; OCTETS], bool) {
    let mut sextets = [0; LINE];
    let mut strange = 0;
    for (sextet, character) in sextets.iter_mut().zip(text) {
        let upper = mask(character.wrapping_sub(b'A') < 26);
        let lower = mask(character.wrapping_sub(b'a') < 26);
        let digit = mask(character.wrapping_sub(b'0') < 10);
        let (plus, slash) = (mask(*character == b'+'), mask(*character == b'/'));
        let shift = upper & b'A'
            | lower & (b'a' - 26)
            | digit & b'0'.wrapping_sub(52)
            | plus & b'+'.wrapping_sub(62)
            | slash & b'/'.wrapping_sub(63);
        *sextet = character.wrapping_sub(shift);
        strange |= !(upper | lower | digit | plus | slash);
    }
    let mut words = [0; LINE / 4];
    for (word, sextets) in words.iter_mut().zip(sextets.as_chunks::<4>().0) {
        let four = u32::from_le_bytes(*sextets);
        *word = four << 2 & 0x00FC
            | four >> 12 & 0x0003
            | four << 4 & 0xF000
            | four >> 10 & 0x0F00
            | four << 6 & 0x00C0_0000
            | four >> 8 & 0x003F_0000;
    }
    let mut octets = [0; OCTETS];
    for (place, word) in octets.as_chunks_mut::<3>().0.iter_mut().zip(words) {
        let [first, second, third, _] = word.to_le_bytes();
        *place = [first, second, third];
    }
    (octets, strange == 0)
}

#[inline(always)]
pub fn encode_block(octets: &[u8; OCTETS]) -> [u8; LINE] {
    let mut words = [0; LINE / 4];
    for (word, three) in words.iter_mut().zip(octets.as_chunks::<3>().0) {
        let three = u32::from_le_bytes([three[0], three[1], three[2], 0]);
        *word = three >> 2 & 0x3F
            | three << 12 & 0x3000
            | three >> 4 & 0x0F00
            | three << 10 & 0x003C_0000
            | three >> 6 & 0x0003_0000
            | three << 8 & 0x3F00_0000;
    }
    let mut text = [0; LINE];
    for (place, word) in text.as_chunks_mut::<4>().0.iter_mut().zip(words) {
        *place = word.to_le_bytes();
    }
    for character in &mut text {
        let sextet = *character;
        // From one run of the alphabet to the next.
        let shift = b'A'
            .wrapping_add(mask(sextet >= 26) & (b'a' - b'Z' - 1))
            .wrapping_sub(mask(sextet >= 52) & (b'z' - b'0' + 1))
            .wrapping_sub(mask(sextet >= 62) & (b'9' - b'+' + 1))
            .wrapping_add(mask(sextet == 63) & (b'/' - b'+' - 1));
        *character = sextet.wrapping_add(shift);
    }
    text
}
