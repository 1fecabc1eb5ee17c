//! Recovery codes: ten, each good once, for whoever has lost app and passkey.
//!
//! A code is 80 random bits in Crockford's base32 (`7K3M-Q0XD-…`): no two characters are taken for each other, and case, hyphens
//! and spaces do not count.

use rand::RngCore;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Codes of one set.
pub(super) const CODES: usize = 10;

/// Characters of a code: of 5 bits each.
const LENGTH: usize = 16;
const GROUP: usize = 4;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A set of codes for this account, and all that is kept of it.
pub(super) fn generate(account: i64) -> (Zeroizing<Vec<String>>, Vec<[u8; 32]>) {
    let mut codes = Zeroizing::new(Vec::with_capacity(CODES));
    let mut hashes = Vec::with_capacity(CODES);
    for _ in 0..CODES {
        let mut octets = Zeroizing::new([0_u8; LENGTH]);
        rand::rngs::OsRng.fill_bytes(octets.as_mut());
        let letters = octets.map(|octet| ALPHABET.get(usize::from(octet % 32)).copied().unwrap_or_default());
        hashes.push(hash(account, &letters));
        let mut code = String::with_capacity(LENGTH + LENGTH / GROUP);
        for (index, letter) in letters.iter().enumerate() {
            if index > 0 && index % GROUP == 0 {
                code.push('-');
            }
            code.push(char::from(*letter));
        }
        codes.push(code);
    }
    (codes, hashes)
}

/// What is kept of a code that somebody typed, if it can be one.
pub(super) fn hash_of(account: i64, typed: &str) -> Option<[u8; 32]> {
    let mut letters = Zeroizing::new([0; LENGTH]);
    let mut places = letters.iter_mut();
    for letter in typed.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        *places.next()? = match letter.to_ascii_uppercase() {
            'O' => b'0',
            'I' | 'L' => b'1',
            letter => u8::try_from(letter).ok().filter(|letter| ALPHABET.contains(letter))?,
        };
    }
    places.next().is_none().then(|| hash(account, &letters))
}

/// A hash that costs nothing is enough: what is slow for a password is slow because people choose it. Nobody tries 2^80 codes,
/// and the account's number in front keeps one try from being one for all accounts.
fn hash(account: i64, letters: &[u8; LENGTH]) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"envelock recovery code 1")
        .chain_update(account.to_be_bytes())
        .chain_update(letters)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_code_is_known_however_it_is_typed_and_for_one_account() {
        let (codes, hashes) = generate(7);
        assert_eq!((codes.len(), hashes.iter().collect::<HashSet<_>>().len()), (CODES, CODES));
        for (code, hash) in codes.iter().zip(&hashes) {
            assert_eq!(code.len(), 19);
            for typed in [
                code.clone(),
                code.to_lowercase(),
                code.replace('-', ""),
                format!("  {} ", code.replace('-', " ")),
                code.replace('0', "o").replace('1', "l"),
            ] {
                assert_eq!(hash_of(7, &typed).as_ref(), Some(hash), "{typed}");
            }
            assert_ne!(hash_of(8, code).as_ref(), Some(hash));
        }
    }

    #[test]
    fn what_is_no_code_is_none() {
        for typed in
            ["", "123456", "0000-0000-0000-000", "0000-0000-0000-00000", "0000-0000-0000-000U", "0000-0000-0000-000ü"]
        {
            assert_eq!(hash_of(7, typed), None, "{typed}");
        }
        assert!(hash_of(7, "0000-0000-0000-0000").is_some());
    }
}
