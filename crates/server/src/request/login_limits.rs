//! How often somebody may try to log in.

use super::peer::Peer;
use super::rate::{Counted, RateLimit, SharedCounts};
use crate::problem::Problem;
use std::num::NonZeroU32;

/// Logins are counted per network and per account. An account allows four times as many, so that one network cannot
/// use up the tries of everybody.
///
/// Codes of apps are few: a million, and three fit at a time. Who tries them knows the password already. One network has a sixth
/// of the tries a minute, and an account half as many an hour: 15 by default, with which somebody who never pauses is as likely as
/// not to hit one after a year and nine months. The owner gets in with a passkey or a recovery code meanwhile, which cannot be
/// guessed and are counted per network alone.
pub(crate) struct LoginLimits {
    by_peer: RateLimit<Peer>,
    by_account: RateLimit<String>,
    finishing: RateLimit<Peer>,
    factors_by_peer: RateLimit<Peer>,
    codes_by_peer: RateLimit<OfAccount>,
    codes_by_account: RateLimit<i64>,
}

/// A network and the account that it tries.
#[derive(Clone, PartialEq, Eq, Hash)]
struct OfAccount(i64, Peer);

impl Counted for OfAccount {
    fn octets(&self) -> Vec<u8> {
        [self.0.octets(), self.1.octets()].concat()
    }
}

impl LoginLimits {
    pub(crate) fn per_minute(counts: Option<&SharedCounts>, attempts: NonZeroU32) -> Self {
        let for_account = attempts.saturating_mul(NonZeroU32::MIN.saturating_add(3));
        let part = |of: u32| NonZeroU32::new(attempts.get() / of).unwrap_or(NonZeroU32::MIN);
        Self {
            by_peer: RateLimit::per_minute(counts, "login by network", attempts),
            by_account: RateLimit::per_minute(counts, "login by account", for_account),
            finishing: RateLimit::per_minute(counts, "end of login by network", attempts),
            factors_by_peer: RateLimit::per_minute(counts, "second factor by network", attempts),
            codes_by_peer: RateLimit::per_minute(counts, "code by network", part(6)),
            codes_by_account: RateLimit::per_hour(counts, "code by account", part(2)),
        }
    }

    /// Counts the beginning of a login, or of a registration: each answer is good for one password that is tried.
    pub(crate) async fn take(&self, peer: Peer, address: &str) -> Result<(), Problem> {
        self.by_peer.take(&peer).await?;
        // Addresses are compared without case; a long one names no account and must not fill the memory.
        let key: String = address.chars().take(320).collect::<String>().to_lowercase();
        self.by_account.take(&key).await
    }

    /// Counts the beginning of a login of nobody knows whom yet, with a passkey: by network alone, or strangers could keep all
    /// others out.
    pub(crate) async fn take_anonymous(&self, peer: Peer) -> Result<(), Problem> {
        self.by_peer.take(&peer).await
    }

    /// Counts the end of a login, apart: whoever may begin one may end it.
    pub(crate) async fn take_end(&self, peer: Peer) -> Result<(), Problem> {
        self.finishing.take(&peer).await
    }

    /// Counts what cannot be guessed: passkeys and recovery codes.
    pub(crate) async fn take_factor(&self, peer: Peer) -> Result<(), Problem> {
        self.factors_by_peer.take(&peer).await
    }

    /// Counts a code of an app.
    pub(crate) async fn take_code(&self, peer: Peer, account: i64) -> Result<(), Problem> {
        self.codes_by_peer.take(&OfAccount(account, peer)).await?;
        self.codes_by_account.take(&account).await
    }

    /// Forgets keys that are as good as new.
    pub(crate) fn purge(&self) {
        self.finishing.purge();
        self.by_peer.purge();
        self.by_account.purge();
        self.factors_by_peer.purge();
        self.codes_by_peer.purge();
        self.codes_by_account.purge();
    }
}
