//! Codes of an app (TOTP, RFC 6238): SHA-1, six digits, thirty seconds. Apps ignore it when asked for anything else.
//!
//! A code fits one step early and one late, for clocks that are off (§5.2). That each is accepted once, and none after a later
//! one, the row of the secret decides.

use super::{FactorRefusal, Factors};
use crate::public_name::PublicName;
use crate::session::{SessionToken, SignedIn};
use crate::storage::{CeremonyKind, NewCeremony};
use envelock_wire::{Code, TotpStarted};
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret};
use zeroize::Zeroizing;

/// So long somebody has to set their app up.
const OFFER_SECONDS: i64 = 900;

const DIGITS: usize = 6;

/// A secret that was shown and no code of which was seen yet, by the session that it was shown in.
pub(super) fn offer_of(token: &SessionToken) -> [u8; 32] {
    Sha256::new().chain_update(b"totp").chain_update(token.hash()).finalize().into()
}

/// By which the app tells this server from others. A colon would end it.
pub(super) fn issuer(name: Option<&PublicName>) -> String {
    name.map_or_else(|| "Envelock".to_owned(), |name| format!("Envelock {}", name.host()).replace(':', "."))
}

/// The step that a code is of, at about this time.
pub(super) fn step_of(secret: Zeroizing<Vec<u8>>, code: &Code, now: i64) -> Option<i64> {
    let digits: Zeroizing<String> = Zeroizing::new(digits_of(code)?);
    let totp = Builder::new().with_secret(Secret::new(secret.as_slice().into())).build().ok()?;
    i64::try_from(totp.check(&digits, u64::try_from(now).ok()?)?).ok()
}

/// What was typed without the spaces that apps show; `None` if it is no code of an app.
pub(super) fn digits_of(code: &Code) -> Option<String> {
    let mut digits = String::with_capacity(DIGITS);
    for letter in code.as_str().chars().filter(|c| !c.is_whitespace() && *c != '-') {
        if !letter.is_ascii_digit() || digits.len() == DIGITS {
            return None;
        }
        digits.push(letter);
    }
    (digits.len() == DIGITS).then_some(digits)
}

impl Factors {
    /// Draws a secret for an app. It is the account's when a code of it was seen; a later one takes its place.
    pub(crate) async fn start_totp(&self, user: &SignedIn, token: &SessionToken) -> Result<TotpStarted, FactorRefusal> {
        let secret = Secret::generate();
        self.secret.must_be_known().await?;
        let sealed = self.seal.seal(user.id, secret.as_bytes())?;
        let text = secret.to_base32();
        let uri = Builder::new()
            .with_secret(secret)
            .with_issuer(Some(self.issuer.as_str()))
            .with_account_name(user.account.address.replace(':', "."))
            .build()
            .and_then(|totp| totp.to_url())
            .map_err(|_| crate::storage::StorageError::Corrupt("address"))?;
        let offer = NewCeremony {
            hash: offer_of(token),
            session: Some(token.hash()),
            kind: CeremonyKind::Totp,
            state: &sealed,
            expires: self.now() + OFFER_SECONDS,
        };
        self.database.add_ceremony(&offer).await?;
        Ok(TotpStarted { secret: text, uri })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    fn code(text: &str) -> Code {
        text.to_owned().try_into().unwrap()
    }

    /// RFC 6238, appendix B, of which six digits are shown.
    #[test]
    fn the_codes_of_the_standard() {
        let secret = || Zeroizing::new(b"12345678901234567890".to_vec());
        for (now, digits) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(step_of(secret(), &code(digits), now), Some(now / 30), "{now}");
            assert_eq!(step_of(secret(), &code(digits), now + 30), Some(now / 30), "a clock that is behind");
            assert_eq!(step_of(secret(), &code(digits), now - 30), Some(now / 30), "a clock that is ahead");
            assert_eq!(step_of(secret(), &code(digits), now + 60), None);
            assert_eq!(step_of(secret(), &code(digits), now - 60), None);
        }
    }

    #[test]
    fn spaces_do_not_count_and_nothing_else_is_a_digit() {
        assert_eq!(digits_of(&code(" 123 456 ")).as_deref(), Some("123456"));
        for bad in ["", "12345", "1234567", "+12345", "12345a", "١٢٣٤٥٦"] {
            assert_eq!(digits_of(&code(bad)), None, "{bad}");
        }
    }

    #[test]
    fn an_issuer_has_no_colon() {
        assert_eq!(issuer(None), "Envelock");
        assert_eq!(issuer(Some(&"mail.example.org".parse().unwrap())), "Envelock mail.example.org");
        assert!(!issuer(Some(&"2001:db8::7".parse().unwrap())).contains(':'));
    }
}
