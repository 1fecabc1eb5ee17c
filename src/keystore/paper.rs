//! Text that is printed, kept in a drawer, and typed again years later.
//!
//! Crockford's base 32 (no I, L, O, U) in groups of five. The last character of a group is a check over the four before it
//! and the number of the group, so that a mistyped character, two exchanged ones, and exchanged groups are all noticed, and
//! the group in which it happened can be named.

use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a group that carry data; one more checks them.
pub const DATA: usize = 4;
const GROUP: usize = DATA + 1;
/// Stands for a character that is none of the alphabet; it fails every check.
const FOREIGN: u8 = 0xFF;

/// What is wrong with a typed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// So many characters instead of what is wanted.
    Length(usize),
    /// The group with this number, counted from 1.
    Group(usize),
}

/// Prints symbols of five bits each, [`DATA`] to a group.
pub fn print(symbols: &[u8]) -> Zeroizing<String> {
    let groups = symbols.chunks(DATA);
    let mut text = Zeroizing::new(String::with_capacity(groups.len() * (GROUP + 1)));
    for (number, group) in (1..).zip(groups) {
        if number > 1 {
            text.push('-');
        }
        for symbol in group.iter().copied().chain([check(number, group)]) {
            text.push(ALPHABET.get(usize::from(symbol & 31)).map_or('?', |character| char::from(*character)));
        }
    }
    text
}

/// Reads what was typed: upper or lower case, with any separators or none; O is read as 0, I and L as 1.
pub fn read(text: &str, groups: usize) -> Result<Zeroizing<Vec<u8>>, Fault> {
    // Allocated once: growing would leave copies behind.
    let mut typed = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut lengths = vec![0usize];
    for character in text.chars() {
        if character.is_whitespace()
            || ['-', '.', ',', '_', '\u{2010}', '\u{2011}', '\u{2013}', '\u{2014}'].contains(&character)
        {
            if lengths.last() != Some(&0) {
                lengths.push(0);
            }
            continue;
        }
        typed.push(symbol(character));
        if let Some(length) = lengths.last_mut() {
            *length += 1;
        }
    }
    lengths.retain(|length| *length > 0);
    if typed.len() != groups * GROUP {
        // If it was typed in groups, the one that is too short or too long can be named.
        let odd = lengths.iter().position(|length| *length != GROUP).filter(|_| lengths.len() == groups);
        return Err(odd.map_or(Fault::Length(typed.len()), |at| Fault::Group(at + 1)));
    }
    let mut symbols = Zeroizing::new(Vec::with_capacity(groups * DATA));
    for (number, group) in (1..).zip(typed.chunks(GROUP)) {
        let Some((last, data)) = group.split_last() else { continue };
        if group.contains(&FOREIGN) || check(number, data) != *last {
            return Err(Fault::Group(usize::from(number)));
        }
        symbols.extend_from_slice(data);
    }
    Ok(symbols)
}

fn symbol(character: char) -> u8 {
    let upper = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let at = ALPHABET.iter().position(|known| char::from(*known) == upper);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(FOREIGN)
}

/// A polynomial over GF(32) = GF(2)[x] / (x⁵ + x² + 1), with the number of the group as its first coefficient, at x: every
/// place has a weight of its own, so that one wrong character and two exchanged ones change the sum.
fn check(number: u8, data: &[u8]) -> u8 {
    let times_x = |value: u8| ((value << 1) ^ (0u8.wrapping_sub(value >> 4 & 1) & 0b10_0101)) & 31;
    times_x(data.iter().fold(number & 31, |sum, symbol| times_x(sum) ^ (symbol & 31)))
}

/// The lowest `5 × symbols` bits of a big-endian number, as symbols.
pub fn symbols_of(octets: &[u8], symbols: usize) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(vec![0; symbols]);
    let bit = |at: usize| {
        let octet = octets.len().checked_sub(1 + at / 8).and_then(|place| octets.get(place));
        octet.map_or(0, |octet| octet >> (at % 8) & 1)
    };
    for (place, symbol) in out.iter_mut().rev().enumerate() {
        *symbol = (0..5).fold(0, |sum, at| sum | bit(place * 5 + at) << at);
    }
    out
}

/// The number that symbols spell, in so many octets. Bits that do not fit have to be zero; otherwise `None`.
pub fn octets_of<const N: usize>(symbols: &[u8]) -> Option<Zeroizing<[u8; N]>> {
    let mut out = Zeroizing::new([0u8; N]);
    for (place, symbol) in symbols.iter().rev().enumerate() {
        for at in 0..5 {
            let (bit, to) = (symbol >> at & 1, place * 5 + at);
            match N.checked_sub(1 + to / 8).and_then(|octet| out.get_mut(octet)) {
                Some(octet) => *octet |= bit << (to % 8),
                None if bit == 0 => {}
                None => return None,
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;

    const SYMBOLS: [u8; 8] = [0, 17, 31, 4, 9, 22, 1, 30];

    #[test]
    fn what_is_printed_is_read() {
        let text = print(&SYMBOLS);
        assert_eq!(text.len(), 11);
        for typed in [
            text.to_string(),
            text.to_lowercase(),
            text.replace('-', ""),
            text.replace('-', " – "),
            format!(" {}\n", *text),
        ] {
            assert_eq!(*read(&typed, 2).unwrap(), SYMBOLS, "{typed}");
        }
        assert_eq!(*read(&print(&[0, 1, 0, 1]).replace('0', "O").replace('1', "l"), 1).unwrap(), [0, 1, 0, 1]);
    }

    #[test]
    fn every_single_mistake_is_named() {
        let text = print(&SYMBOLS).to_string();
        for at in (0..text.len()).filter(|at| *at != 5) {
            let group = Fault::Group(1 + at / 6);
            for wrong in ALPHABET.iter().chain(b"U*").filter(|wrong| **wrong != text.as_bytes()[at]) {
                let mut typed = text.clone().into_bytes();
                typed[at] = *wrong;
                assert_eq!(read(std::str::from_utf8(&typed).unwrap(), 2).unwrap_err(), group, "{at}");
            }
            let mut missing = text.clone();
            missing.remove(at);
            assert_eq!(read(&missing, 2).unwrap_err(), group);
        }
        for (group, number) in [(0..5, 1), (6..11, 2)] {
            for (one, other) in group.clone().flat_map(|one| group.clone().map(move |other| (one, other))) {
                let mut typed = text.clone().into_bytes();
                typed.swap(one, other);
                if typed[one] != typed[other] {
                    assert_eq!(read(std::str::from_utf8(&typed).unwrap(), 2).unwrap_err(), Fault::Group(number));
                }
            }
        }
        let (first, second) = text.split_once('-').unwrap();
        assert_eq!(read(&format!("{second}-{first}"), 2).unwrap_err(), Fault::Group(1));
        assert_eq!(read(first, 2).unwrap_err(), Fault::Length(5));
        assert_eq!(read("", 2).unwrap_err(), Fault::Length(0));
    }

    #[test]
    fn numbers_and_symbols_are_the_same_bits() {
        let octets: [u8; 5] = [0x01, 0x23, 0x45, 0x67, 0x89];
        let symbols = symbols_of(&octets, 8);
        assert_eq!(*symbols, [0, 4, 17, 20, 10, 25, 28, 9]);
        assert_eq!(*octets_of::<5>(&symbols).unwrap(), octets);
        assert_eq!(*octets_of::<4>(&symbols_of(&octets[1..], 7)).unwrap(), octets[1..]);
        assert!(octets_of::<4>(&symbols).is_none(), "a bit that does not fit");
    }
}
