//! Lines: where they end, and what the cleartext signature framework makes of them (RFC 9580 §7).

use alloc::vec::Vec;

/// Where the first line feed is.
pub fn find_line_feed(octets: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (words, rest) = octets.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        // The lowest octet that is zero here was a line feed; those above it may be wrong.
        let word = u64::from_le_bytes(*word) ^ (ONES * b'\n' as u64);
        let found = word.wrapping_sub(ONES) & !word & (ONES << 7);
        if found != 0 {
            return Some(index * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|octet| *octet == b'\n').map(|at| words.len() * 8 + at)
}

/// A line without the blanks at its end, which nobody signs (§7), and CRs, of which one belongs to its end.
pub fn trimmed(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|octet| !matches!(octet, b' ' | b'\t' | b'\r')).map_or(0, |last| last + 1);
    line.get(..end).unwrap_or_default()
}

/// Appends text with CRLF where it has LF (§5.2.1.2). `after_cr` says, and is told, whether a CR comes right before.
pub fn to_crlf(text: &[u8], after_cr: &mut bool, out: &mut Vec<u8>) {
    out.reserve(text.len() + text.len() / 32);
    let mut rest = text;
    while let Some((line, more)) = find_line_feed(rest).and_then(|end| rest.split_at_checked(end)) {
        let has_cr = line.last().map_or(*after_cr, |last| *last == b'\r');
        out.extend_from_slice(line);
        out.extend_from_slice(if has_cr { b"\n" } else { b"\r\n" });
        *after_cr = false;
        rest = more.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    *after_cr = rest.last().map_or(*after_cr, |last| *last == b'\r');
}

/// Lines of text on their way into the framework, or out of it.
#[derive(Default)]
pub struct Lines {
    /// There was one.
    begun: bool,
}

impl Lines {
    /// Appends a signed line to `text`, and to `hashed` as signatures read it.
    pub fn push(&mut self, line: &[u8], text: &mut Vec<u8>, hashed: &mut Vec<u8>) {
        if self.begun {
            text.push(b'\n');
            hashed.extend_from_slice(b"\r\n");
        }
        self.begun = true;
        text.extend_from_slice(line);
        hashed.extend_from_slice(line);
    }

    /// Takes whole lines out of the framework, up to one that begins with a dash, and says how many octets those are.
    pub fn take(&mut self, framed: &[u8], text: &mut Vec<u8>, hashed: &mut Vec<u8>) -> usize {
        let mut at = 0;
        while let Some(rest) = framed.get(at..).filter(|rest| rest.first() != Some(&b'-')) {
            let Some(line) = find_line_feed(rest).and_then(|end| rest.get(..end)) else { break };
            at += line.len() + 1;
            self.push(trimmed(line), text, hashed);
        }
        at
    }

    /// Puts whole lines into the framework, the rest as well if it `is_last`, and says how many octets those are.
    pub fn put(&mut self, text: &[u8], is_last: bool, framed: &mut Vec<u8>, hashed: &mut Vec<u8>) -> usize {
        let mut at = 0;
        while let Some(rest) = text.get(at..) {
            let line = match find_line_feed(rest) {
                Some(end) => rest.get(..end).unwrap_or_default(),
                None if is_last => rest,
                None => break,
            };
            at += line.len() + 1;
            if core::mem::replace(&mut self.begun, true) {
                hashed.extend_from_slice(b"\r\n");
            }
            let line = trimmed(line);
            // §7.2: dashes must be escaped; "From " is, because mail programs alter it.
            if line.starts_with(b"-") || line.starts_with(b"From ") {
                framed.extend_from_slice(b"- ");
            }
            framed.extend_from_slice(line);
            framed.push(b'\n');
            hashed.extend_from_slice(line);
        }
        at.min(text.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;
    use std::vec;

    /// Text in which what matters is frequent.
    fn drawn(rng: &mut ChaCha20Rng) -> Vec<u8> {
        let length = rng.gen_range(0..60);
        (0..length).map(|_| *b"\n\n\r\t -aF\x0b\x8a".get(rng.gen_range(0..10)).unwrap()).collect()
    }

    #[test]
    fn the_first_line_feed_is_found() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for _ in 0..5000 {
            let text = drawn(&mut rng);
            assert_eq!(find_line_feed(&text), text.iter().position(|octet| *octet == b'\n'), "{text:?}");
        }
        for octet in 0..=255 {
            assert_eq!(find_line_feed(&[octet; 9]), (octet == b'\n').then_some(0));
        }
    }

    #[test]
    fn line_ends_become_crlf_however_the_text_is_cut() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        for _ in 0..5000 {
            let text = drawn(&mut rng);
            let mut expected = Vec::new();
            for (index, octet) in text.iter().enumerate() {
                if *octet == b'\n' && (index == 0 || text[index - 1] != b'\r') {
                    expected.push(b'\r');
                }
                expected.push(*octet);
            }
            for step in [1, 2, 7, 60] {
                let (mut out, mut after_cr) = (Vec::new(), false);
                text.chunks(step).for_each(|piece| to_crlf(piece, &mut after_cr, &mut out));
                assert_eq!(out, expected, "{text:?} by {step}");
            }
        }
    }

    #[test]
    fn what_is_put_in_comes_out_trimmed() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        for _ in 0..5000 {
            let text = drawn(&mut rng);
            let lines: Vec<&[u8]> = text.split(|octet| *octet == b'\n').map(trimmed).collect();
            let (mut framed, mut hashed) = (Vec::new(), Vec::new());
            let (mut put, mut at) = (Lines::default(), 0);
            // In two pieces, the first up to where its lines are whole.
            at += put.put(&text[..text.len() / 2], false, &mut framed, &mut hashed);
            put.put(&text[at..], true, &mut framed, &mut hashed);
            assert_eq!(hashed, lines.join(&b"\r\n"[..]), "{text:?}");
            assert!(
                !framed.split(|octet| *octet == b'\n').any(|line| line.starts_with(b"-") && !line.starts_with(b"- "))
            );

            let (mut back, mut hashed_back, mut take, mut at) = (vec![], vec![], Lines::default(), 0);
            while at < framed.len() {
                at += take.take(&framed[at..], &mut back, &mut hashed_back);
                if let Some(end) = find_line_feed(&framed[at..]) {
                    take.push(framed[at..at + end].strip_prefix(b"- ").unwrap(), &mut back, &mut hashed_back);
                    at += end + 1;
                }
            }
            assert_eq!((back, hashed_back), (lines.join(&b"\n"[..]), hashed), "{text:?}");
        }
    }
}
