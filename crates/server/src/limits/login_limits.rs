//! How often somebody may try to log in, or to prove once more who they are.

use super::peer::{Peer, Wider};
use super::rate::{Counted, RateLimit, SharedCounts};
use crate::problem::Problem;
use crate::session::SessionToken;
use crate::storage::address_key;
use std::num::NonZeroU32;

/// Strangers are counted per network and per account. An account allows four times as many, so that one network cannot
/// use up the tries of everybody; of IPv6 a household may have 256 networks and a site 65 536, which have twice and three times as many as
/// one. Whoever is logged in is counted by their session, and by nothing that a stranger can use up: neither
/// their neighbours nor whoever knows the address, or even the password, keep them from ending a session or changing the password.
///
/// Codes of apps are few: a million, and three fit at a time. Who tries them knows the password already. One network has a sixth
/// of the tries a minute, and an account half as many an hour: 15 by default, with which somebody who never pauses is as likely as
/// not to hit one after a year and nine months. The owner gets in with a passkey or a recovery code meanwhile, which cannot be
/// guessed and are counted per network alone. A session that is logged in has as many codes an hour again: they were right once.
pub(crate) struct LoginLimits {
    by_peer: RateLimit<Peer>,
    by_wider: [RateLimit<Wider>; 2],
    by_account: RateLimit<String>,
    by_session: RateLimit<OfSession>,
    finishing: RateLimit<Peer>,
    factors_by_peer: RateLimit<Peer>,
    codes_by_peer: RateLimit<OfAccount>,
    codes_by_account: RateLimit<i64>,
    codes_by_session: RateLimit<OfSession>,
}

/// Hash of the token of a session.
type OfSession = [u8; 32];

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
        let times = |many: u32| attempts.saturating_mul(NonZeroU32::MIN.saturating_add(many - 1));
        let part = |of: u32| NonZeroU32::new(attempts.get() / of).unwrap_or(NonZeroU32::MIN);
        Self {
            by_peer: RateLimit::per_minute(counts, "login by network", attempts),
            by_wider: [
                RateLimit::per_minute(counts, "login by /56", times(2)),
                RateLimit::per_minute(counts, "login by /48", times(3)),
            ],
            by_account: RateLimit::per_minute(counts, "login by account", times(4)),
            by_session: RateLimit::per_minute(counts, "proof by session", attempts),
            finishing: RateLimit::per_minute(counts, "end of login by network", attempts),
            factors_by_peer: RateLimit::per_minute(counts, "second factor by network", attempts),
            codes_by_peer: RateLimit::per_minute(counts, "code by network", part(6)),
            codes_by_account: RateLimit::per_hour(counts, "code by account", part(2)),
            codes_by_session: RateLimit::per_hour(counts, "code by session", part(2)),
        }
    }

    /// Counts the beginning of a login, or of a registration: each answer is good for one password that is tried.
    pub(crate) async fn take(&self, peer: Peer, address: &str) -> Result<(), Problem> {
        self.take_anonymous(peer).await?;
        // A long one names no account and must not fill the memory.
        self.by_account.take(&address_key(&address.chars().take(320).collect::<String>())).await
    }

    /// Counts what somebody begins who is logged in, to prove once more who they are, or to choose another password. What they end
    /// was begun.
    pub(crate) async fn take_own(&self, session: &SessionToken) -> Result<(), Problem> {
        self.by_session.take(&session.hash()).await
    }

    /// Counts the beginning of a login of nobody knows whom yet, with a passkey: by network alone, or strangers could keep all
    /// others out.
    pub(crate) async fn take_anonymous(&self, peer: Peer) -> Result<(), Problem> {
        self.by_peer.take(&peer).await?;
        for (limit, wider) in self.by_wider.iter().zip(peer.wider().into_iter().flatten()) {
            limit.take(&wider).await?;
        }
        Ok(())
    }

    /// Counts the end of a login, apart: whoever may begin one may end it.
    pub(crate) async fn take_end(&self, peer: Peer) -> Result<(), Problem> {
        self.finishing.take(&peer).await
    }

    /// Counts what cannot be guessed: passkeys and recovery codes.
    pub(crate) async fn take_factor(&self, peer: Peer) -> Result<(), Problem> {
        self.factors_by_peer.take(&peer).await
    }

    /// Counts a code of an app, of somebody whose password was right.
    pub(crate) async fn take_code(&self, peer: Peer, account: i64) -> Result<(), Problem> {
        self.codes_by_peer.take(&OfAccount(account, peer)).await?;
        self.codes_by_account.take(&account).await
    }

    /// Counts a code of an app, of somebody who is logged in or sets the app up.
    pub(crate) async fn take_own_code(&self, session: &SessionToken) -> Result<(), Problem> {
        self.codes_by_session.take(&session.hash()).await
    }

    /// Forgets keys that are as good as new.
    pub(crate) fn purge(&self) {
        self.finishing.purge();
        self.by_peer.purge();
        self.by_wider.iter().for_each(RateLimit::purge);
        self.by_account.purge();
        self.by_session.purge();
        self.factors_by_peer.purge();
        self.codes_by_peer.purge();
        self.codes_by_account.purge();
        self.codes_by_session.purge();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn network(number: u32) -> Peer {
        IpAddr::V4(Ipv4Addr::from(number)).into()
    }

    /// One household, one site, and then somebody from elsewhere who has the right password.
    #[tokio::test]
    async fn whoever_has_many_ipv6_networks_does_not_use_up_an_account() {
        let limits = LoginLimits::per_minute(None, NonZeroU32::new(6).unwrap());
        let started = async |network: u64| {
            let address = IpAddr::V6((u128::from(0x2001_0db8_0001_0000 + network) << 64).into());
            let mut started = 0;
            while limits.take(address.into(), "anna@example.org").await.is_ok() {
                started += 1;
            }
            started
        };
        let household = [started(0).await, started(1).await, started(2).await];
        assert_eq!(household, [6, 6, 0]);
        let site = [started(0x100).await, started(0x200).await, started(0x300).await];
        assert_eq!(site, [6, 0, 0]);
        assert_eq!(started(0x1_0000).await, 6, "the owner's");
    }

    /// Strangers from many networks, who know the address, and in the end the password.
    #[tokio::test]
    async fn strangers_use_up_nothing_of_whoever_is_logged_in() {
        let limits = LoginLimits::per_minute(None, NonZeroU32::new(6).unwrap());
        let address = "Anna@example.org";
        for number in 0..4 {
            for _ in 0..6 {
                limits.take(network(number), address).await.unwrap();
            }
            assert!(limits.take(network(number), "nobody@example.org").await.is_err(), "one network has six");
        }
        assert!(limits.take(network(9), "anna@EXAMPLE.org").await.is_err(), "and an account four times as many");
        limits.take(network(9), "ben@example.org").await.unwrap();
        limits.take_anonymous(network(9)).await.unwrap();
        for number in 1..=3 {
            limits.take_code(network(number), 7).await.unwrap();
        }
        assert!(limits.take_code(network(9), 7).await.is_err());

        let (own, other) = (SessionToken::random(), SessionToken::random());
        for _ in 0..6 {
            limits.take_own(&own).await.unwrap();
        }
        assert!(limits.take_own(&own).await.is_err(), "an open browser is no place to guess at");
        limits.take_own(&other).await.unwrap();
        for _ in 0..3 {
            limits.take_own_code(&own).await.unwrap();
        }
        assert!(limits.take_own_code(&own).await.is_err());
        limits.take_own_code(&other).await.unwrap();
    }
}
