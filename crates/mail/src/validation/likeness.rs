//! Senders that look like somebody else: SPF, DKIM and DMARC answer for a domain, and not for what people take it for.

use super::evidence::Oddity;
use unicode_security::confusable_detection::skeleton;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection};

/// What of a sender looks like somebody else's, by the name and the domain (A-labels) in From.
pub(super) fn oddities(name: &str, domain: &str) -> Vec<Oddity> {
    let found =
        [(gives_another_address(name, domain), Oddity::NameOfAnother), (is_disguised(domain), Oddity::DisguisedDomain)];
    found.into_iter().filter(|(is, _)| *is).map(|(_, oddity)| oddity).collect()
}

/// Whether people could take this domain, or the one it is part of, for one of ours, which it is not (all as A-labels in lower case):
/// written with characters that look alike (UTS #39 §4), such as `examp1e.org` or `exarnple.org`.
pub fn looks_like_ours<'o>(domain: &str, ours: impl Iterator<Item = &'o str> + Clone) -> bool {
    // Of two domains of ours that look alike neither is somebody else's.
    !ours.clone().any(|own| is_within(domain, own)) && ours.clone().any(|own| resembles(domain, own))
}

fn resembles(domain: &str, ours: &str) -> bool {
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

fn is_within(inner: &str, outer: &str) -> bool {
    inner.strip_suffix(outer).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether a name shows the address of somebody in another domain. Programs that show only names show that one.
fn gives_another_address(name: &str, domain: &str) -> bool {
    let is_around = |c: char| c.is_whitespace() || "<>()[]\"',;:".contains(c);
    let shown = as_it_looks(name);
    // Whatever is written there may be read from its other end.
    let may_be_turned = shown.contains('@') && name.contains(turns_direction);
    let words = shown.split(is_around).filter(|word| !word.starts_with('@'));
    may_be_turned
        || words.flat_map(|word| word.split('@').skip(1)).any(|shown| {
            let shown = shown.trim_end_matches(|c: char| c.is_ascii_punctuation());
            let shown = idna::domain_to_ascii(shown).unwrap_or_else(|_| shown.to_lowercase());
            shown.contains('.') && !is_within(&shown, domain) && !is_within(domain, &shown)
        })
}

/// A name with the plain signs for what looks like an at or a dot, without what nobody sees, and without blanks around an at.
fn as_it_looks(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for c in name.chars() {
        let mut octets = [0; 4];
        let mut alike = skeleton(c.encode_utf8(&mut octets)).peekable();
        match c {
            '@' | '\u{ff20}' | '\u{fe6b}' | '\u{24b6}' | '\u{24d0}' => {
                shown.truncate(shown.trim_end().len());
                shown.push('@');
            }
            // Braille's blank is none in Unicode.
            _ if c.is_whitespace() || c == '\u{2800}' => {
                if !shown.ends_with('@') {
                    shown.push(' ');
                }
            }
            // Invisible.
            _ if alike.peek().is_none() => {}
            _ if MIDDLE_DOTS.contains(&c) || alike.all(|c| c == '.') => shown.push('.'),
            _ => shown.push(c),
        }
    }
    shown
}

/// Dots that stand higher than a full stop.
const MIDDLE_DOTS: [char; 11] = [
    '\u{b7}', '\u{387}', '\u{2022}', '\u{2027}', '\u{2219}', '\u{22c5}', '\u{3002}', '\u{30fb}', '\u{ff0e}',
    '\u{ff61}', '\u{ff65}',
];

/// Whether it changes the direction in which what follows is shown (UAX #9 §2): embeddings, overrides and isolates.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
            "boss @ example.org",
            "Boss, boss\u{a0}@\u{3000}example.org",
            "boss@ example.org",
            "boss\u{2800}@example.org",
            "boss\u{fe6b}example.org",
            "boss\u{24d0}example.org",
            "boss@example\u{2024}org",
            "boss@example\u{3002}org",
            "boss@example\u{ff0e}org",
            "boss@example\u{fe52}org",
            "boss@example\u{b7}org",
            "boss@example\u{a4f8}org",
            "boss@\u{200b}exam\u{2060}ple.org",
            "boss\u{ad}@\u{feff}example\u{2024}org",
            "\u{202e}gro.elpmaxe@ssob",
            "\u{202b}\u{2066}example.org\u{2069}@\u{2066}boss\u{2069}\u{202c}",
            "\u{202e}gro\u{2024}elpmaxe \u{ff20} ssob",
            // Of an address that goes on, and one that is none.
            "boss@example.org@evil.example",
            "boss@exam_ple.org\u{fffd}",
            "boss@example.org\u{2026}",
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
            "anna@example.org!",
            "anna@example.org\u{2026}",
            "anna\u{ff20}example\u{ff0e}org",
            "Anna @ Firma",
            "@anna@social.example",
            // Marks that Arabic and Hebrew need, a number that was copied from a telephone, and dots without an address.
            "\u{200f}\u{5d0}\u{5e0}\u{5d4}\u{200f}",
            "\u{202a}+49 30 1234\u{202c}",
            "Dr. Anna \u{b7} example.net",
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

    /// Each made the mail of the other red.
    #[test]
    fn two_of_ours_that_look_alike_are_both_ours() {
        let ours = ["example.org", "examp1e.org"];
        for (domain, expected) in [
            ("example.org", false),
            ("examp1e.org", false),
            ("mail.examp1e.org", false),
            ("exarnple.org", true),
            ("mail.exarnple.org", true),
            ("elsewhere.example", false),
        ] {
            assert_eq!(looks_like_ours(domain, ours.into_iter()), expected, "{domain}");
        }
        assert!(looks_like_ours("examp1e.org", ["example.org"].into_iter()));
    }
}
