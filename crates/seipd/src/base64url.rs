//! base64url without padding (RFC 4648 §5) for link secrets and tokens: a few octets, one spelling each.
//!
//! Written out because the reader has to be small. Not constant-time per character: what it spells is shown to people anyway.

use alloc::string::String;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Spells octets.
pub(crate) fn encode(octets: &[u8]) -> String {
    // Room for all of it at once: a reallocation would leave a copy of a secret behind.
    let mut text = String::with_capacity(octets.len().div_ceil(3) * 4);
    for group in octets.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, at| bits << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
        for character in 0..=group.len() {
            let value = bits >> (18 - 6 * character) & 63;
            text.push(ALPHABET.get(value as usize).copied().map_or('A', char::from));
        }
    }
    text
}

/// Reads exactly `N` octets; another length, another character or set bits behind the last octet are refused.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut octets = [0; N];
    let (mut bits, mut count, mut places) = (0u32, 0, octets.iter_mut());
    if text.len() != (N * 8).div_ceil(6) {
        return None;
    }
    for character in text.bytes() {
        bits = bits << 6 | ALPHABET.iter().position(|&known| known == character)? as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            *places.next()? = (bits >> count) as u8;
            bits &= (1 << count) - 1;
        }
    }
    (bits == 0).then_some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_rfc_4648() {
        for (octets, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(octets.as_bytes()), text);
        }
        assert_eq!(encode(&[0xFB, 0xFF]), "-_8");
        assert_eq!(decode::<5>("Zm9vYmE"), Some(*b"fooba"));
        assert_eq!(decode::<2>("-_8"), Some([0xFB, 0xFF]));
        assert_eq!(
            (decode::<2>("-_9"), decode::<2>("+/8"), decode::<2>("-_"), decode::<3>("-_8")),
            (None, None, None, None)
        );
    }
}
