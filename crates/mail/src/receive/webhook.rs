//! Who hands mail over by HTTP: a program that signs each request with a secret it shares with this server, as Standard Webhooks 1.0 has
//! it (<https://www.standardwebhooks.com>): HMAC-SHA-256 over `id.timestamp.body`.
//!
//! The envelope is part of the body, so whom a message is for and who brought it is signed as well.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use zeroize::Zeroizing;

/// What marks a secret.
const MARK: &str = "whsec_";
/// Octets that a secret may have.
const SECRET_OCTETS: std::ops::RangeInclusive<usize> = 24..=64;
/// Seconds that the clocks of both sides may be apart: an older request may be somebody else's copy.
const TOLERANCE: u64 = 300;

/// One that holds, and one that takes its place.
const MOST_SECRETS: usize = 2;

/// Secrets that requests may be signed with; a second one while the first is being replaced.
pub struct WebhookSecrets(Vec<Key>);

/// Why no secrets could be read. What stands there is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadSecret {
    /// Nothing is there.
    #[error("there is no secret: write whsec_ and the base64 of 24 to 64 random octets")]
    None,
    /// Something that may not be one.
    #[error("line {line} does not begin with whsec_, as a secret does")]
    Unmarked {
        /// Which one, from 1.
        line: usize,
    },
    /// Too short, too long or mistyped.
    #[error("line {line} is no secret: behind whsec_ stands the base64 of 24 to 64 random octets")]
    Malformed {
        /// Which one, from 1.
        line: usize,
    },
    /// Old ones were left behind.
    #[error("there are more than two secrets: leave the one that holds and, while it is replaced, the next one")]
    TooMany,
}

/// What the header fields of a request say.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'r> {
    /// `webhook-id`
    pub id: &'r str,
    /// `webhook-timestamp`, in seconds since 1970
    pub timestamp: &'r str,
    /// `webhook-signature`: `v1,` and a signature in base64, or several with spaces between
    pub signature: &'r str,
}

impl WebhookSecrets {
    /// Reads a secret from each line that is not empty.
    ///
    /// # Errors
    ///
    /// If there is none, or more than two, or one of them is malformed, too short or without its mark.
    pub fn parse(text: &str) -> Result<Self, BadSecret> {
        let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
        let keys: Vec<Key> = lines.map(|(before, line)| key(line, before + 1)).collect::<Result<_, _>>()?;
        match keys.len() {
            0 => Err(BadSecret::None),
            1..=MOST_SECRETS => Ok(Self(keys)),
            _ => Err(BadSecret::TooMany),
        }
    }

    /// Whether this body was signed with one of the secrets, not long before or after `now` (seconds since 1970), in a request that has a name. Takes the same time
    /// whatever differs.
    pub fn signed(&self, signed: Signed<'_>, body: &[u8], now: i64) -> bool {
        let is_timely = signed.timestamp.parse::<i64>().is_ok_and(|then| then.abs_diff(now) <= TOLERANCE);
        let given: Vec<Vec<u8>> = signed
            .signature
            .split_ascii_whitespace()
            .filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok())
            .collect();
        let fits = self.0.iter().any(|key| {
            let mut context = Context::with_key(key);
            for part in [signed.id.as_bytes(), b".", signed.timestamp.as_bytes(), b".", body] {
                context.update(part);
            }
            let expected = context.sign();
            given.iter().any(|one| verify_slices_are_equal(expected.as_ref(), one).is_ok())
        });
        is_timely && fits && !signed.id.is_empty()
    }
}

impl fmt::Debug for WebhookSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecrets")
    }
}

fn key(text: &str, line: usize) -> Result<Key, BadSecret> {
    let secret = text.strip_prefix(MARK).ok_or(BadSecret::Unmarked { line })?;
    let octets = Zeroizing::new(STANDARD.decode(secret).map_err(|_| BadSecret::Malformed { line })?);
    match SECRET_OCTETS.contains(&octets.len()) {
        true => Ok(Key::new(HMAC_SHA256, &octets)),
        false => Err(BadSecret::Malformed { line }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    /// The example of the specification's own libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNED: Signed<'static> = Signed {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp: "1614265330",
        signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    const THEN: i64 = 1_614_265_330;

    #[test]
    fn what_others_have_signed_fits() {
        let secrets = WebhookSecrets::parse(SECRET).unwrap();
        assert!(secrets.signed(SIGNED, BODY, THEN));
        let several = format!("v2,abc v1,AAAA {} v1a,g0hM", SIGNED.signature);
        assert!(secrets.signed(Signed { signature: &several, ..SIGNED }, BODY, THEN));
        let other = format!("{MARK}{}", STANDARD.encode([7; 24]));
        for replaced in [format!("{other}\n{SECRET}\n"), format!("\r\n {SECRET} \r\n{other}\r\n")] {
            assert!(WebhookSecrets::parse(&replaced).unwrap().signed(SIGNED, BODY, THEN));
        }
        assert!(!WebhookSecrets::parse(&other).unwrap().signed(SIGNED, BODY, THEN));
    }

    #[test]
    fn everything_is_signed_and_none_of_it_for_long() {
        let secrets = WebhookSecrets::parse(SECRET).unwrap();
        for changed in [
            Signed { id: "msg_other", ..SIGNED },
            Signed { timestamp: "1614265331", ..SIGNED },
            Signed { timestamp: "", ..SIGNED },
            Signed { signature: "", ..SIGNED },
            Signed { signature: "v1,", ..SIGNED },
            Signed { signature: "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", ..SIGNED },
            Signed { signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=", ..SIGNED },
        ] {
            assert!(!secrets.signed(changed, BODY, THEN), "{} {}", changed.timestamp, changed.signature);
        }
        assert!(!secrets.signed(SIGNED, b"{}", THEN));
        for (apart, expected) in [(300, true), (-300, true), (301, false), (-301, false)] {
            assert_eq!(secrets.signed(SIGNED, BODY, THEN + apart), expected, "{apart}");
        }
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_none() {
        let long = format!("{MARK}{}", STANDARD.encode([0; 65]));
        let (unmarked, twice, thrice) =
            (&SECRET[MARK.len()..], format!("{SECRET}\n\nwhsec_c2hvcnQ="), format!("{SECRET}\n").repeat(3));
        for (bad, expected) in [
            ("", BadSecret::None),
            ("\n", BadSecret::None),
            ("whsec_", BadSecret::Malformed { line: 1 }),
            ("whsec_c2hvcnQ=", BadSecret::Malformed { line: 1 }),
            ("whsec_not base64 at all, but long enough to be one", BadSecret::Malformed { line: 1 }),
            (&long, BadSecret::Malformed { line: 1 }),
            (&twice, BadSecret::Malformed { line: 3 }),
            (unmarked, BadSecret::Unmarked { line: 1 }),
            ("# the secret", BadSecret::Unmarked { line: 1 }),
            (&thrice, BadSecret::TooMany),
        ] {
            assert_eq!(WebhookSecrets::parse(bad).err(), Some(expected), "{bad}");
        }
    }
}
