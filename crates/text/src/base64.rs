//! Base64 (RFC 4648 §4) in lines (RFC 9580 §6).

use alloc::vec::Vec;

use crate::block::{LINE, OCTETS, decode_block, encode_block};
use crate::lines::find_line_feed;

/// Appends the octets of characters that make whole ones. `None`, and nothing appended, if there is any other character, padding among
/// them, or their number is no multiple of four.
pub fn decode(text: &[u8], octets: &mut Vec<u8>) -> Option<()> {
    let before = octets.len();
    let (blocks, rest) = text.as_chunks::<LINE>();
    let mut is_good = rest.len().is_multiple_of(4);
    octets.reserve(text.len() / 4 * 3 + OCTETS);
    for block in blocks {
        let (made, is_base64) = decode_block(block);
        is_good &= is_base64;
        octets.extend_from_slice(&made);
    }
    if !rest.is_empty() {
        let mut block = [b'A'; LINE];
        block.get_mut(..rest.len())?.copy_from_slice(rest);
        let (made, is_base64) = decode_block(&block);
        is_good &= is_base64;
        octets.extend_from_slice(made.get(..rest.len() / 4 * 3)?);
    }
    if !is_good {
        octets.truncate(before);
    }
    is_good.then_some(())
}

/// Appends the octets of whole lines, which end with LF or CRLF, and says how many characters those are. It stops at a line that is not
/// all Base64 without padding, or makes no whole octets, or has no end.
pub fn decode_lines(text: &[u8], octets: &mut Vec<u8>) -> usize {
    let (mut at, mut usual) = (0, 0);
    while let Some(rest) = text.get(at..) {
        // Most lines are as long as the one before. One that ends sooner has its end among its characters, and is not taken.
        let end = if rest.get(usual) == Some(&b'\n') { Some(usual) } else { find_line_feed(rest) };
        let Some(line) = end.and_then(|end| rest.get(..end)) else { break };
        usual = line.len();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || decode(line, octets).is_none() {
            break;
        }
        at += usual + 1;
    }
    at
}

/// Appends octets as lines, each ended with LF; the last may be shorter, and padded.
pub fn encode_lines(octets: &[u8], text: &mut Vec<u8>) {
    let (blocks, rest) = octets.as_chunks::<OCTETS>();
    text.reserve(octets.len() / OCTETS * (LINE + 1) + LINE + 1);
    for block in blocks {
        text.extend_from_slice(&encode_block(block));
        text.push(b'\n');
    }
    if !rest.is_empty() {
        let mut block = [0; OCTETS];
        for (place, octet) in block.iter_mut().zip(rest) {
            *place = *octet;
        }
        let characters = (rest.len() * 4).div_ceil(3);
        text.extend(encode_block(&block).into_iter().take(characters));
        text.extend(core::iter::repeat_n(b'=', characters.next_multiple_of(4) - characters));
        text.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use ::base64::{Engine, engine::general_purpose::STANDARD};
    use rand::{Rng, RngCore, SeedableRng};
    use rand_chacha::ChaCha20Rng;
    use std::{string::String, vec};

    fn lines(octets: &[u8], width: usize, end: &str) -> String {
        let text = STANDARD.encode(octets);
        let mut out = String::new();
        for line in text.as_bytes().chunks(width) {
            out.push_str(std::str::from_utf8(line).unwrap());
            out.push_str(end);
        }
        out
    }

    #[test]
    fn every_character_means_what_it_means_elsewhere() {
        for character in 0..=255u8 {
            for place in [0, 1, 2, 3, 62, 63, 64, 67] {
                let mut text = [b'b'; 68];
                text[place] = character;
                let mut octets = vec![9];
                let is_good = decode(&text, &mut octets).is_some();
                // Padding at the end is for others to read.
                let expected = STANDARD.decode(text).ok().filter(|_| character != b'=');
                assert_eq!(is_good.then(|| octets[1..].to_vec()), expected, "{character} at {place}");
                assert!(is_good || octets == [9], "something is left of {character} at {place}");
            }
        }
    }

    #[test]
    fn lines_are_written_as_elsewhere() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for length in (0..400).chain([4800, 4801]) {
            let mut octets = vec![0; length];
            rng.fill_bytes(&mut octets);
            let mut text = b"before\n".to_vec();
            encode_lines(&octets, &mut text);
            assert_eq!(String::from_utf8(text).unwrap(), std::format!("before\n{}", lines(&octets, 64, "\n")));
        }
    }

    #[test]
    fn lines_are_read_as_elsewhere_up_to_one_that_is_not_plain() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        for round in 0..4000 {
            let mut octets = vec![0; rng.gen_range(0..300) * 3];
            rng.fill_bytes(&mut octets);
            let width = [4, 60, 64, 76, 128][round % 5];
            let end = ["\n", "\r\n"][round % 2];
            let whole = lines(&octets, width, end);
            let mut text = whole.clone().into_bytes();
            let mut damaged = text.len();
            if !text.is_empty() && round % 3 > 0 {
                damaged = rng.gen_range(0..text.len());
                text[damaged] = rng.r#gen();
            }
            let mut made = Vec::new();
            let taken = decode_lines(&text, &mut made);
            // What it takes are whole lines, of nothing but Base64, and it stops only where there is a reason.
            assert!(taken == 0 || text[taken - 1] == b'\n');
            let taken_text: String =
                text[..taken].iter().map(|octet| char::from(*octet)).filter(|c| !"\r\n".contains(*c)).collect();
            assert_eq!(STANDARD.decode(taken_text).unwrap(), made);
            if damaged == text.len() {
                assert_eq!((taken, &made), (text.len(), &octets));
            } else {
                assert!(taken + width + end.len() > damaged, "it stopped before the damage at {damaged}: {taken}");
            }
        }
    }

    #[test]
    fn a_line_without_an_end_is_left() {
        let mut octets = Vec::new();
        assert_eq!(decode_lines(b"AAAA\nAAAA", &mut octets), 5);
        assert_eq!(decode_lines(b"AAAA\n\nAAAA\n", &mut octets), 5);
        assert_eq!(decode_lines(b"AAA\n", &mut octets), 0);
        assert_eq!(decode_lines(b"AA==\n", &mut octets), 0);
        assert_eq!(decode_lines(b"AAAA \n", &mut octets), 0);
        assert_eq!(octets, [0; 6]);
    }
}
