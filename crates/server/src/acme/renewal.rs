//! When the CA would have a certificate renewed (ACME Renewal Information, RFC 9773): before it revokes many at once, or where it
//! has less to do. It is asked now and then, and believed while its moment is one of the certificate's life.
//!
//! Not here: what holds without an answer (`schedule`), the order (`order`).

use super::folder::{Certificate, Folder};
use super::order::kept_account;
use super::{Acme, AcmeError};
use instant_acme::{CertificateIdentifier, Error};
use rand::Rng;
use rand::rngs::OsRng;
use rustls::pki_types::CertificateDer;
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

/// Two requests, of which each has half a minute.
const PATIENCE: Duration = Duration::from_secs(70);

/// Seconds between two questions, whatever the CA says (RFC 9773 §4.3.2).
const SOONEST: i64 = 60;
const LATEST: i64 = 24 * 3600;

/// Seconds after a question that had no answer (§4.3.3).
const AFTER_FAILURE: i64 = 6 * 3600;

/// What the CA said of one certificate.
pub(super) struct Answer {
    /// From when to when, in seconds since 1970.
    window: (i64, i64),
    /// Where it says why.
    reasons: Option<Url>,
    /// After how many seconds to ask again.
    again: i64,
}

/// When to renew one certificate as its CA likes it, as far as that is known.
#[derive(Debug, Default)]
pub(super) struct Renewal {
    suggested: Option<Suggested>,
    asked: Option<Asked>,
}

#[derive(Debug)]
struct Suggested {
    window: (i64, i64),
    moment: i64,
}

#[derive(Debug)]
struct Asked {
    at: i64,
    again: i64,
}

impl Renewal {
    /// When, if the CA has said.
    pub(super) fn moment(&self) -> Option<i64> {
        self.suggested.as_ref().map(|suggested| suggested.moment)
    }

    /// Whether it is time to ask. What was asked later than now was asked by a clock that was ahead.
    pub(super) fn may_ask(&self, now: i64) -> bool {
        self.asked.as_ref().is_none_or(|asked| now >= asked.again || now < asked.at)
    }

    /// Takes the answer, or that there was none: what was said before stays then.
    pub(super) fn take(&mut self, answer: Option<Answer>, certificate: &Certificate, now: i64) {
        let again = answer.as_ref().map_or(AFTER_FAILURE, |answer| answer.again.clamp(SOONEST, LATEST));
        self.asked = Some(Asked { at: now, again: now.saturating_add(again) });
        let Some(Answer { window: (from, until), reasons, .. }) = answer else { return };
        if from >= until || until > certificate.until {
            tracing::warn!(from, until, "the CA suggests to renew the certificate when it is no good: not believed");
            self.suggested = None;
            return;
        }
        // Every server that got its own together comes at another moment (§4.2), which stays while the window does.
        if self.suggested.as_ref().is_none_or(|suggested| suggested.window != (from, until)) {
            let moment = OsRng.gen_range(from..=until);
            self.suggested = Some(Suggested { window: (from, until), moment });
            let reasons = reasons.map(String::from).unwrap_or_default();
            tracing::info!(moment, reasons, "the CA suggests when to renew the certificate");
        }
    }
}

/// What names a certificate to its CA (§4.1), if anything does.
pub(super) fn identifier(der: &[u8]) -> Option<CertificateIdentifier<'static>> {
    let der = CertificateDer::from(der);
    CertificateIdentifier::try_from(&der).ok().map(CertificateIdentifier::into_owned)
}

/// Asks the CA; `None` if it says nothing about when to renew.
pub(super) async fn ask(acme: &Acme, folder: &Folder, certificate: &Certificate) -> Option<Answer> {
    let (acme, folder, identifier) = (acme.clone(), folder.clone(), identifier(&certificate.der)?);
    let asking = async move {
        let Some(account) = kept_account(&acme, &folder).await? else { return Ok(None) };
        let (info, again) = match account.renewal_info(&identifier).await {
            Err(Error::Unsupported(_)) => return Ok(None),
            answer => answer?,
        };
        let window = (info.suggested_window.start.unix_timestamp(), info.suggested_window.end.unix_timestamp());
        let reasons = info.explanation_url.and_then(|url| Url::parse(&url).ok());
        Ok(Some(Answer { window, reasons, again: again.as_secs().try_into().unwrap_or(LATEST) }))
    };
    // As with orders: the library may panic.
    let asked: Result<Option<Answer>, AcmeError> =
        match timeout(PATIENCE, AbortOnDropHandle::new(tokio::spawn(asking))).await {
            Ok(Ok(asked)) => asked,
            Ok(Err(broken)) => Err(broken.into()),
            Err(_) => Err(AcmeError::Slow),
        };
    asked.unwrap_or_else(|error| {
        tracing::warn!(%error, "the CA does not say when to renew the certificate");
        None
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    const DAY: i64 = 24 * 3600;

    fn certificate() -> Certificate {
        Certificate { from: 0, until: 90 * DAY, der: Vec::new() }
    }

    fn answer(from: i64, until: i64, again: i64) -> Option<Answer> {
        Some(Answer { window: (from, until), reasons: None, again })
    }

    #[test]
    fn a_moment_of_the_window_is_drawn_once_and_anew_for_another_window() {
        let mut renewal = Renewal::default();
        assert_eq!((renewal.moment(), renewal.may_ask(0)), (None, true));
        renewal.take(answer(50 * DAY, 60 * DAY, DAY), &certificate(), 0);
        let moment = renewal.moment().unwrap();
        assert!((50 * DAY..=60 * DAY).contains(&moment));
        renewal.take(answer(50 * DAY, 60 * DAY, DAY), &certificate(), DAY);
        assert_eq!(renewal.moment(), Some(moment));
        renewal.take(None, &certificate(), 2 * DAY);
        assert_eq!(renewal.moment(), Some(moment), "no answer is none");
        renewal.take(answer(DAY, 2 * DAY, DAY), &certificate(), 3 * DAY);
        assert!(renewal.moment().unwrap() <= 2 * DAY, "at once");
    }

    #[test]
    fn a_window_that_is_none_or_goes_beyond_the_certificate_leaves_it_to_the_schedule() {
        for (from, until) in [(2, 2), (3, 2), (89 * DAY, 90 * DAY + 1)] {
            let mut renewal = Renewal::default();
            renewal.take(answer(1, 2, DAY), &certificate(), 0);
            renewal.take(answer(from, until, DAY), &certificate(), 0);
            assert_eq!(renewal.moment(), None, "{from} {until}");
        }
    }

    #[test]
    fn it_is_asked_again_when_the_ca_says_but_neither_at_once_nor_never() {
        for (said, waits) in [(0, 60), (6 * 3600, 6 * 3600), (i64::MAX, DAY)] {
            let mut renewal = Renewal::default();
            renewal.take(answer(1, 2, said), &certificate(), 1000);
            assert!(!renewal.may_ask(1000 + waits - 1) && renewal.may_ask(1000 + waits), "{said}");
            assert!(renewal.may_ask(999), "the clock was ahead");
        }
        let mut renewal = Renewal::default();
        renewal.take(None, &certificate(), 1000);
        assert!(!renewal.may_ask(1000 + 6 * 3600 - 1) && renewal.may_ask(1000 + 6 * 3600));
    }
}
