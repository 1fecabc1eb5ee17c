//! How loudly a message is to be warned of.
//!
//! What counts is whether the domain that people see, the one in From, answers for the message: SPF or DKIM has to pass *for that domain*.
//! A pass for another domain says who brought it and not who wrote it. Lists and forwarders break one of the two as a rule, so that one is
//! enough.

use super::evidence::{CheckResult, Dmarc, DmarcPolicy, Evidence, Oddity, Weakness};
use serde::{Deserialize, Serialize};

/// How loudly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Alarm {
    /// Not at all: the domain in From answers for it.
    None,
    /// It could not be found out, and may be later.
    Grey,
    /// It cannot be validated.
    Amber,
    /// It is probably forged: the domain in From disowns it.
    Red,
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Validated: SPF or DKIM passed for the domain in From.
    Aligned,
    /// The domain in From says that messages like this one are not its own.
    DisownedByPolicy,
    /// The domain in From does not send from there, and nothing else answers for it.
    DisownedBySpf,
    /// DMARC fails, and the domain does not say what that means.
    FailsWithoutPolicy,
    /// The domain in From probably does not send from there.
    ProbablyNotFromThere,
    /// Nothing is published by which it could be told.
    NothingPublished,
    /// Something is published, and nothing passes.
    NothingPasses,
    /// Only another domain answers for it.
    OnlyAnotherDomain,
    /// What is published cannot be understood.
    Unreadable,
    /// DNS did not answer.
    NoAnswer,
    /// The only signature that passes is weak.
    WeakSignature,
    /// The signature leaves the end of the message out.
    PartOfBody,
    /// From cannot be relied on: none, or more than one.
    AuthorUnclear,
    /// Field names that programs read differently.
    BadFieldName,
    /// A field that there may be once is there again.
    DoubledField,
    /// The name in From shows somebody else's address.
    NameOfAnother,
    /// The domain is written to look like another one.
    DisguisedDomain,
    /// The domain could be taken for one of this server's.
    LooksLikeOurs,
}

/// The alarm for a message, with the reasons for it; the first one weighs most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grade {
    /// How loudly.
    pub alarm: Alarm,
    /// Why; never empty.
    pub reasons: Vec<Reason>,
}

/// Grades a message.
pub fn grade(evidence: &Evidence) -> Grade {
    let (alarm, reason) = by_author(evidence);
    let mut found = vec![(alarm, reason)];
    for oddity in &evidence.oddities {
        found.push(match oddity {
            Oddity::NoAuthor | Oddity::SeveralFrom | Oddity::SeveralAuthors => (Alarm::Amber, Reason::AuthorUnclear),
            Oddity::BadFieldName => (Alarm::Amber, Reason::BadFieldName),
            Oddity::DoubledField => (Alarm::Amber, Reason::DoubledField),
            // Whoever registered it answers for it: that it was signed says nothing for it.
            Oddity::NameOfAnother => (Alarm::Amber, Reason::NameOfAnother),
            Oddity::DisguisedDomain => (Alarm::Amber, Reason::DisguisedDomain),
            Oddity::LooksLikeOurs => (Alarm::Red, Reason::LooksLikeOurs),
        });
    }
    let loudest = found.iter().map(|(alarm, _)| *alarm).max().unwrap_or(alarm);
    // What is not as loud is no reason for the alarm, but for one there is.
    found.retain(|(alarm, _)| *alarm == loudest);
    let mut reasons: Vec<Reason> = Vec::new();
    for (_, reason) in found {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    Grade { alarm: loudest, reasons }
}

/// By what answers for the domain in From.
fn by_author(evidence: &Evidence) -> (Alarm, Reason) {
    if evidence.author_domain.is_none() {
        return (Alarm::Amber, Reason::AuthorUnclear);
    }
    let passes = |aligned: bool, result: CheckResult| aligned && result == CheckResult::Pass;
    let spf_passes = passes(evidence.spf.aligned, evidence.spf.result);
    let mut signatures = evidence.dkim.iter().filter(|dkim| passes(dkim.aligned, dkim.result)).peekable();
    let is_signed = signatures.peek().is_some();
    let weakest = signatures.map(|dkim| dkim.weaknesses.as_slice()).min_by_key(|weaknesses| weaknesses.len());
    match weakest {
        Some([]) => return (Alarm::None, Reason::Aligned),
        _ if spf_passes => return (Alarm::None, Reason::Aligned),
        Some(weaknesses) if weaknesses.contains(&Weakness::PartOfBody) => return (Alarm::Amber, Reason::PartOfBody),
        Some(_) => return (Alarm::Amber, Reason::WeakSignature),
        None => {}
    }
    if may_still_pass(evidence) {
        return (Alarm::Grey, Reason::NoAnswer);
    }
    let spf_fails = evidence.spf.result == CheckResult::Fail && evidence.spf.aligned;
    match evidence.dmarc {
        Dmarc { result: CheckResult::Fail, policy: Some(DmarcPolicy::Reject | DmarcPolicy::Quarantine) } => {
            (Alarm::Red, Reason::DisownedByPolicy)
        }
        _ if spf_fails && !is_signed => (Alarm::Red, Reason::DisownedBySpf),
        Dmarc { result: CheckResult::PermError, .. } => (Alarm::Amber, Reason::Unreadable),
        Dmarc { result: CheckResult::Fail, .. } => (Alarm::Amber, Reason::FailsWithoutPolicy),
        _ => (Alarm::Amber, without_dmarc(evidence)),
    }
}

/// Whether something that did not answer could have passed for the domain in From.
fn may_still_pass(evidence: &Evidence) -> bool {
    let failed_for_now = |result: CheckResult| result == CheckResult::TempError;
    (evidence.spf.aligned && failed_for_now(evidence.spf.result))
        || evidence.dkim.iter().any(|dkim| dkim.aligned && failed_for_now(dkim.result))
        || failed_for_now(evidence.dmarc.result)
}

fn without_dmarc(evidence: &Evidence) -> Reason {
    let results = || evidence.dkim.iter().map(|dkim| dkim.result).chain([evidence.spf.result]);
    if evidence.spf.aligned && evidence.spf.result == CheckResult::SoftFail {
        Reason::ProbablyNotFromThere
    } else if results().any(|result| result == CheckResult::PermError) {
        Reason::Unreadable
    } else if results().any(|result| result == CheckResult::Pass) {
        Reason::OnlyAnotherDomain
    } else if results().all(|result| result == CheckResult::None) {
        Reason::NothingPublished
    } else {
        Reason::NothingPasses
    }
}
