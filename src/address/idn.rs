//! Domains in other scripts: from their letters (U-labels) to the form the DNS and mail headers have (A-labels, RFC 5891 §4).
//!
//! Letters are lower-cased one by one (RFC 5895 §2) and have to be composed (NFC) already, as U-labels are (RFC 5890 §2.3.2.1).
//! Nothing else is mapped and nothing is judged: two domains are the same here only if the DNS has one name for both.

use std::borrow::Cow;

use crate::rest;

/// Longest label in octets (RFC 1034 §3.1).
const LONGEST: usize = 63;

/// The domain as A-labels, in lower case; `None` if a label is too long for one.
pub(super) fn to_ascii(domain: &str) -> Option<Cow<'_, str>> {
    if domain.is_ascii() {
        let is_lower = !domain.bytes().any(|octet| octet.is_ascii_uppercase());
        return Some(if is_lower { Cow::Borrowed(domain) } else { Cow::Owned(domain.to_ascii_lowercase()) });
    }
    if rest::is_here() { a_labels(domain).map(Cow::Owned) } else { None }
}

/// With a table of all scripts' letters, in the second part.
#[inline(never)]
fn a_labels(domain: &str) -> Option<String> {
    let labels: Option<Vec<String>> = domain.split('.').map(a_label).collect();
    labels.map(|labels| labels.join("."))
}

fn a_label(label: &str) -> Option<String> {
    let letters: Vec<char> = label.chars().flat_map(char::to_lowercase).collect();
    let label = if letters.iter().all(char::is_ascii) {
        letters.iter().collect()
    } else {
        format!("xn--{}", punycode(&letters)?)
    };
    (label.len() <= LONGEST).then_some(label)
}

/// RFC 3492 §6.3, with the parameters of §5.
fn punycode(letters: &[char]) -> Option<String> {
    const BASE: u32 = 36;
    let mut out: String = letters.iter().filter(|letter| letter.is_ascii()).collect();
    let basic = u32::try_from(out.len()).ok()?;
    let (mut done, mut code, mut delta, mut bias) = (basic, 128, 0u32, 72);
    if basic > 0 {
        out.push('-');
    }
    while let Some(next) = letters.iter().map(|letter| u32::from(*letter)).filter(|letter| *letter >= code).min() {
        delta = delta.checked_add((next - code).checked_mul(done + 1)?)?;
        code = next;
        for letter in letters.iter().map(|letter| u32::from(*letter)) {
            if letter < code {
                delta = delta.checked_add(1)?;
            }
            if letter != code {
                continue;
            }
            let (mut rest, mut place) = (delta, BASE);
            loop {
                let threshold = place.saturating_sub(bias).clamp(1, 26);
                if rest < threshold {
                    break;
                }
                out.push(digit(threshold + (rest - threshold) % (BASE - threshold))?);
                rest = (rest - threshold) / (BASE - threshold);
                place += BASE;
            }
            out.push(digit(rest)?);
            bias = adapt(delta, done + 1, done == basic);
            delta = 0;
            done += 1;
        }
        delta = delta.checked_add(1)?;
        code += 1;
    }
    Some(out)
}

/// RFC 3492 §6.1.
fn adapt(delta: u32, points: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut bias = 0;
    while delta > 455 {
        delta /= 35;
        bias += 36;
    }
    bias + 36 * delta / (delta + 38)
}

/// §5: a to z, then 0 to 9.
fn digit(value: u32) -> Option<char> {
    char::from_digit(value.checked_sub(26).unwrap_or(value + 10), 36)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::to_ascii;

    /// The same as RFC 3492 §7.1 and the platforms' `URL` have.
    #[test]
    fn domains_in_other_scripts() {
        for (domain, ascii) in [
            ("Demo.Example", "demo.example"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.Example", "xn--bcher-kva.example"),
            ("straße.example", "xn--strae-oqa.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("почта.рф", "xn--80a1acny.xn--p1ai"),
            ("他们为什么不说中文.example", "xn--ihqwcrb4cv8a8dqg056pqjye.example"),
            ("ليهمابتكلموشعربي؟.example", "xn--egbpdaj6bu4bxfgehfvwxn.example"),
            ("\u{212a}.example", "k.example"),
        ] {
            assert_eq!(to_ascii(domain).as_deref(), Some(ascii), "{domain}");
        }
        assert_eq!(to_ascii(&"ü".repeat(80)), None);
    }
}
