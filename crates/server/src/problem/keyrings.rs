//! What is refused about a keyring, and about a keystore's code.

use super::Problem;
use crate::revision::KeyringRefusal;
use envelock_wire::ErrorCode;

impl From<KeyringRefusal> for Problem {
    fn from(refusal: KeyringRefusal) -> Self {
        match refusal {
            KeyringRefusal::Changed => Self::new(
                ErrorCode::KeyringChanged,
                "Another device was faster. Nothing was changed; read what is stored, put both together and send it again.",
            ),
            KeyringRefusal::Refused(refusal) => refusal.into(),
        }
    }
}
