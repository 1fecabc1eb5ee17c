//! Senders that look like somebody else: SPF, DKIM and DMARC answer for a domain, and not for what people take it for.

use super::evidence::Oddity;
use super::header::domain_of;
use unicode_security::confusable_detection::skeleton;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection};

/// What of a sender looks like somebody else's, by the name and the domain (A-labels) in From.
pub(super) fn oddities(name: &str, domain: &str) -> Vec<Oddity> {
    let found =
        [(gives_another_address(name, domain), Oddity::NameOfAnother), (is_disguised(domain), Oddity::DisguisedDomain)];
    found.into_iter().filter(|(is, _)| *is).map(|(_, oddity)| oddity).collect()
}

/// Whether people could take this domain, or the one it is part of, for another one of ours (both as A-labels in lower case): written with
/// characters that look alike (UTS #39 §4), such as `examp1e.org` or `exarnple.org`.
pub fn resembles(domain: &str, ours: &str) -> bool {
    let labels = ours.split('.').count();
    let skipped = domain.split('.').count().saturating_sub(labels);
    let part: Vec<&str> = domain.split('.').skip(skipped).collect();
    let part = part.join(".");
    part != ours && seen(&part) == seen(ours)
}

/// As it looks: the same for what looks alike.
fn seen(domain: &str) -> String {
    let (unicode, _) = idna::domain_to_unicode(domain);
    skeleton(&unicode).collect::<String>().to_lowercase()
}

/// Whether a name shows the address of somebody in another domain. Programs that show only names show that one.
fn gives_another_address(name: &str, domain: &str) -> bool {
    let is_around = |c: char| c.is_whitespace() || "<>()[]\"',;:".contains(c);
    let name = name.replace(['\u{ff20}', '\u{fe6b}'], "@");
    name.split(is_around).filter(|word| !word.starts_with('@')).filter_map(domain_of).any(|shown| {
        let is_within = |inner: &str, outer: &str| inner == outer || inner.ends_with(&format!(".{outer}"));
        shown.contains('.') && !is_within(&shown, domain) && !is_within(domain, &shown)
    })
}

/// Whether a domain mixes scripts as no language does (UTS #39 §5.2), or looks as if it were written in ASCII under a top-level domain that is.
fn is_disguised(domain: &str) -> bool {
    let (unicode, _) = idna::domain_to_unicode(domain);
    let is_under_ascii = unicode.rsplit('.').next().is_some_and(str::is_ascii);
    unicode.split('.').filter(|label| !label.is_ascii()).any(|label| {
        !label.check_restriction_level(RestrictionLevel::HighlyRestrictive)
            || (is_under_ascii && skeleton(label).all(|c| c.is_ascii()))
    })
}

#[cfg(test)]
mod tests {
    use super::super::header::domain_of;
    use super::*;

    fn a_labels(domain: &str) -> String {
        domain_of(&format!("a@{domain}")).unwrap_or_default()
    }

    #[test]
    fn a_name_that_shows_another_address_is_found() {
        for another in [
            "boss@example.org",
            "\"Boss\" <boss@example.org>",
            "Boss (boss@EXAMPLE.org)",
            "boss\u{ff20}example.org via List",
            "b\u{fc}ro@b\u{fc}cher.example",
        ] {
            assert_eq!(oddities(another, "evil.example"), [Oddity::NameOfAnother], "{another}");
        }
        for honest in [
            "Anna",
            "",
            "anna@mail.example.org",
            "Anna @home",
            "@anna",
            "a@b",
            "Anna @ Example.org",
            "anna@EXAMPLE.ORG",
        ] {
            assert_eq!(oddities(honest, "example.org"), [], "{honest}");
        }
        assert_eq!(oddities("anna@example.org", "mail.example.org"), []);
    }

    #[test]
    fn a_domain_that_is_written_to_look_like_another_is_found() {
        // Cyrillic a among Latin letters; Cyrillic letters alone, for apple and paypal; Greek o.
        for disguised in [
            "ex\u{430}mple.org",
            "\u{430}\u{440}\u{440}\u{4cf}\u{435}.example",
            "\u{440}\u{430}\u{443}\u{440}\u{430}l.com",
            "g\u{3bf}\u{3bf}gle.example",
        ] {
            assert_eq!(oddities("", &a_labels(disguised)), [Oddity::DisguisedDomain], "{disguised}");
        }
        for honest in [
            "example.org",
            "b\u{fc}cher.example",
            "\u{43c}\u{43e}\u{441}\u{43a}\u{432}\u{430}.example",
            "\u{441}\u{43e}\u{440}.\u{440}\u{444}",
            "\u{65e5}\u{672c}\u{8a9e}.example",
            "caff\u{e8}.example",
        ] {
            assert_eq!(oddities("", &a_labels(honest)), [], "{honest}");
        }
    }

    #[test]
    fn what_looks_like_ours_and_is_not_is_found() {
        for alike in ["examp1e.org", "exarnple.org", "ex\u{430}mple.org", "mail.examp1e.org", "EXAMP1E.org"] {
            assert!(resembles(&a_labels(alike), "example.org"), "{alike}");
        }
        for other in
            ["example.org", "mail.example.org", "example.net", "org", "example", "examp1e.org.example", "g00d.example"]
        {
            assert!(!resembles(other, "example.org"), "{other}");
        }
        assert!(resembles("g00gle.example", "google.example"));
    }
}
