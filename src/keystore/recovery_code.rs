//! The recovery code of a backup: 140 random bits on paper.

use rand::{CryptoRng, Rng};
use zeroize::Zeroizing;

use super::KeystoreError;
use super::paper::{self, Fault};
use crate::Passphrase;

/// Groups of five characters, of which four carry five bits each.
const GROUPS: usize = 7;
const SYMBOLS: usize = GROUPS * paper::DATA;
/// The code as a number of 140 bits, padded with four zeros in front.
pub(super) const OCTETS: usize = 18;

/// Opens a backup. 140 bits, so that nobody guesses it, whatever the backup is locked with. Wiped when dropped; no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Zeroizing<Vec<u8>>);

impl RecoveryCode {
    /// A new code.
    pub fn generate<R: CryptoRng + Rng>(rng: &mut R) -> Self {
        let mut symbols = Zeroizing::new(vec![0; SYMBOLS]);
        rng.fill_bytes(&mut symbols);
        symbols.iter_mut().for_each(|symbol| *symbol &= 31);
        RecoveryCode(symbols)
    }

    /// Reads what was typed, in upper or lower case, with any separators; names the group that has a typing error.
    pub fn parse(typed: &str) -> Result<Self, KeystoreError> {
        paper::read(typed, GROUPS).map(RecoveryCode).map_err(|fault| match fault {
            Fault::Length(found) => KeystoreError::RecoveryCodeLength { found, wanted: GROUPS },
            Fault::Group(group) => KeystoreError::RecoveryCodeMistyped { group },
        })
    }

    /// The code as it is printed: seven groups of five, in capitals, with hyphens in between.
    pub fn text(&self) -> Zeroizing<String> {
        paper::print(&self.0)
    }

    /// The code as the password of a message: exactly as printed, so that every OpenPGP program takes it.
    pub(super) fn passphrase(&self) -> Passphrase {
        Passphrase::new(self.text().as_bytes())
    }

    pub(super) fn octets(&self) -> Zeroizing<[u8; OCTETS]> {
        paper::octets_of(&self.0).unwrap_or_default()
    }

    /// `None` if the number has more bits than a code.
    pub(super) fn from_octets(octets: &[u8; OCTETS]) -> Option<Self> {
        let code = RecoveryCode(paper::symbols_of(octets, SYMBOLS));
        (*code.octets() == *octets).then_some(code)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::*;

    #[test]
    fn a_code_has_seven_groups_and_is_read_again() {
        let code = RecoveryCode::generate(&mut ChaCha20Rng::seed_from_u64(1));
        let text = code.text();
        assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [5; 7]);
        assert!(RecoveryCode::parse(&text).unwrap() == code);
        assert!(RecoveryCode::from_octets(&code.octets()).unwrap() == code);
        assert!(RecoveryCode::from_octets(&[0xFF; OCTETS]).is_none());
    }

    #[test]
    fn typing_errors_are_named() {
        let text = RecoveryCode::generate(&mut ChaCha20Rng::seed_from_u64(1)).text();
        let third = &text[12..17];
        let wrong = text.replace(third, &third.chars().rev().collect::<String>());
        assert_eq!(RecoveryCode::parse(&wrong).err().unwrap(), KeystoreError::RecoveryCodeMistyped { group: 3 });
        let short = RecoveryCode::parse(&text[..23]).err().unwrap();
        assert_eq!(short, KeystoreError::RecoveryCodeLength { found: 20, wanted: 7 });
        assert_eq!(short.code(), "recovery-code-mistyped");
    }
}
