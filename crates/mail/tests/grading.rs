//! The table of alarms, row by row.
#![allow(missing_docs)]

use envelock_mail::validation::{
    Alarm, CheckResult as Is, Dkim, Dmarc, DmarcPolicy, Evidence, Oddity, Reason, Spf, SpfIdentity, Weakness, grade,
};

/// SPF's result and whether it is aligned, signatures likewise, DMARC's result and policy.
type Row<'a> = (&'a str, (Is, bool), &'a [(Is, bool)], (Is, Option<DmarcPolicy>), Alarm, Reason);

const REJECT: Option<DmarcPolicy> = Some(DmarcPolicy::Reject);
const QUARANTINE: Option<DmarcPolicy> = Some(DmarcPolicy::Quarantine);
const NO_WISH: Option<DmarcPolicy> = Some(DmarcPolicy::None);

fn evidence(spf: (Is, bool), dkim: &[(Is, bool)], dmarc: (Is, Option<DmarcPolicy>)) -> Evidence {
    let signature = |(result, aligned): &(Is, bool)| Dkim {
        result: *result,
        domain: "example.org".into(),
        selector: "s1".into(),
        aligned: *aligned,
        weaknesses: Vec::new(),
    };
    Evidence {
        author_domain: Some("example.org".into()),
        spf: Spf { result: spf.0, identity: SpfIdentity::MailFrom, domain: "example.org".into(), aligned: spf.1 },
        dkim: dkim.iter().map(signature).collect(),
        dmarc: Dmarc { result: dmarc.0, policy: dmarc.1 },
        oddities: Vec::new(),
    }
}

#[test]
fn each_row_of_the_table() {
    let rows: &[Row<'_>] = &[
        ("both pass", (Is::Pass, true), &[(Is::Pass, true)], (Is::Pass, REJECT), Alarm::None, Reason::Aligned),
        ("forwarded", (Is::Fail, false), &[(Is::Pass, true)], (Is::Pass, REJECT), Alarm::None, Reason::Aligned),
        (
            "a list that signs itself",
            (Is::Pass, false),
            &[(Is::Pass, false), (Is::Pass, true)],
            (Is::Pass, REJECT),
            Alarm::None,
            Reason::Aligned,
        ),
        (
            "signature broken on the way",
            (Is::Pass, true),
            &[(Is::Fail, true)],
            (Is::Pass, REJECT),
            Alarm::None,
            Reason::Aligned,
        ),
        ("no DMARC", (Is::Pass, true), &[], (Is::None, None), Alarm::None, Reason::Aligned),
        (
            "SPF fails, and the domain signed it",
            (Is::Fail, true),
            &[(Is::Pass, true)],
            (Is::Pass, REJECT),
            Alarm::None,
            Reason::Aligned,
        ),
        (
            "DNS failed for the other one",
            (Is::Pass, true),
            &[(Is::TempError, true)],
            (Is::Pass, REJECT),
            Alarm::None,
            Reason::Aligned,
        ),
        ("forged", (Is::Fail, true), &[], (Is::Fail, REJECT), Alarm::Red, Reason::DisownedByPolicy),
        ("to be quarantined", (Is::None, true), &[], (Is::Fail, QUARANTINE), Alarm::Red, Reason::DisownedByPolicy),
        (
            "passes for another domain",
            (Is::Pass, false),
            &[(Is::Pass, false)],
            (Is::Fail, REJECT),
            Alarm::Red,
            Reason::DisownedByPolicy,
        ),
        ("SPF fails, no DMARC", (Is::Fail, true), &[], (Is::None, None), Alarm::Red, Reason::DisownedBySpf),
        (
            "SPF fails, another domain signed",
            (Is::Fail, true),
            &[(Is::Pass, false)],
            (Is::None, None),
            Alarm::Red,
            Reason::DisownedBySpf,
        ),
        ("SPF of another domain fails", (Is::Fail, false), &[], (Is::None, None), Alarm::Amber, Reason::NothingPasses),
        ("no wish", (Is::Neutral, true), &[], (Is::Fail, NO_WISH), Alarm::Amber, Reason::FailsWithoutPolicy),
        ("softfail", (Is::SoftFail, true), &[], (Is::None, None), Alarm::Amber, Reason::ProbablyNotFromThere),
        ("nothing published", (Is::None, true), &[], (Is::None, None), Alarm::Amber, Reason::NothingPublished),
        (
            "a stranger signed",
            (Is::None, true),
            &[(Is::Pass, false)],
            (Is::None, None),
            Alarm::Amber,
            Reason::OnlyAnotherDomain,
        ),
        (
            "broken signature alone",
            (Is::None, true),
            &[(Is::Fail, true)],
            (Is::None, None),
            Alarm::Amber,
            Reason::NothingPasses,
        ),
        ("SPF cannot be read", (Is::PermError, true), &[], (Is::None, None), Alarm::Amber, Reason::Unreadable),
        ("DMARC cannot be read", (Is::None, true), &[], (Is::PermError, None), Alarm::Amber, Reason::Unreadable),
        ("no answer about SPF", (Is::TempError, true), &[], (Is::None, None), Alarm::Grey, Reason::NoAnswer),
        (
            "no answer about the key",
            (Is::Fail, true),
            &[(Is::TempError, true)],
            (Is::TempError, REJECT),
            Alarm::Grey,
            Reason::NoAnswer,
        ),
        ("no answer about DMARC", (Is::None, true), &[], (Is::TempError, None), Alarm::Grey, Reason::NoAnswer),
        (
            "no answer about a stranger",
            (Is::Fail, true),
            &[(Is::TempError, false)],
            (Is::Fail, REJECT),
            Alarm::Red,
            Reason::DisownedByPolicy,
        ),
    ];
    for (name, spf, dkim, dmarc, alarm, reason) in rows {
        let graded = grade(&evidence(*spf, dkim, *dmarc));
        assert_eq!((graded.alarm, graded.reasons.as_slice()), (*alarm, [*reason].as_slice()), "{name}");
    }
}

#[test]
fn what_is_weak_does_not_count_as_a_proof() {
    let with = |all: &[&[Weakness]]| {
        let mut found = evidence((Is::Fail, false), &vec![(Is::Pass, true); all.len()], (Is::Pass, REJECT));
        for (dkim, weaknesses) in found.dkim.iter_mut().zip(all) {
            dkim.weaknesses = weaknesses.to_vec();
        }
        grade(&found)
    };
    for weakness in [Weakness::Sha1, Weakness::ShortKey, Weakness::FromUnsigned] {
        assert_eq!(with(&[&[weakness]]).reasons, [Reason::WeakSignature], "{weakness:?}");
        assert_eq!(with(&[&[weakness]]).alarm, Alarm::Amber);
        assert_eq!(with(&[&[weakness], &[]]).alarm, Alarm::None, "another signature is good");
    }
    assert_eq!(with(&[&[Weakness::PartOfBody]]).reasons, [Reason::PartOfBody]);
    let mut found = evidence((Is::Pass, true), &[(Is::Pass, true)], (Is::Pass, REJECT));
    if let Some(dkim) = found.dkim.first_mut() {
        dkim.weaknesses.push(Weakness::Sha1);
    }
    assert_eq!(grade(&found).alarm, Alarm::None, "SPF is good");
}

#[test]
fn an_unclear_author_is_never_validated() {
    for oddity in [Oddity::NoAuthor, Oddity::SeveralFrom, Oddity::SeveralAuthors] {
        let mut found = evidence((Is::Pass, true), &[(Is::Pass, true)], (Is::Pass, REJECT));
        found.oddities = vec![oddity, Oddity::BadFieldName];
        let graded = grade(&found);
        assert_eq!(graded.alarm, Alarm::Amber);
        assert_eq!(graded.reasons, [Reason::AuthorUnclear, Reason::BadFieldName]);
    }
    let mut found = evidence((Is::Fail, true), &[], (Is::Fail, REJECT));
    found.oddities = vec![Oddity::BadFieldName];
    assert_eq!(grade(&found).reasons, [Reason::DisownedByPolicy], "what is louder hides what is not");
    found.author_domain = None;
    assert_eq!(grade(&found).alarm, Alarm::Amber);
}

#[test]
fn what_a_domain_answers_for_can_be_odd_all_the_same() {
    for (oddity, alarm, reason) in [
        (Oddity::DoubledField, Alarm::Amber, Reason::DoubledField),
        (Oddity::NameOfAnother, Alarm::Amber, Reason::NameOfAnother),
        (Oddity::DisguisedDomain, Alarm::Amber, Reason::DisguisedDomain),
        (Oddity::LooksLikeOurs, Alarm::Red, Reason::LooksLikeOurs),
    ] {
        let mut found = evidence((Is::Pass, true), &[(Is::Pass, true)], (Is::Pass, REJECT));
        found.oddities = vec![oddity];
        let graded = grade(&found);
        assert_eq!((graded.alarm, graded.reasons), (alarm, vec![reason]));
    }
}

#[test]
fn grades_are_stored_by_stable_names() {
    let graded = grade(&evidence((Is::Fail, true), &[], (Is::Fail, REJECT)));
    let stored = serde_json::to_string(&graded).unwrap_or_default();
    assert_eq!(stored, r#"{"alarm":"red","reasons":["disowned-by-policy"]}"#);
}
