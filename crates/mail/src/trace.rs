//! What a server writes on top of a message that it took: where it came from, and what was found out about it.
//!
//! * the field of where failures are told (RFC 5321 §4.4) → [`return_path`]
//! * the field of who brought it and how (RFC 5321 §4.4) → [`received`]
//! * the field of what SPF, DKIM and DMARC say (RFC 8601) → [`authentication_results`]
//! * the message without fields that claim to be the latter and are not → [`without_forged`]

use crate::receive::Client;
use crate::validation::{CheckResult, Evidence, SpfIdentity};
use std::borrow::Cow;
use std::net::IpAddr;

/// `Return-Path`, with its line end.
pub fn return_path(sender: &str) -> String {
    format!("Return-Path: <{}>\r\n", dot_atoms(sender))
}

/// `Received`, with its line end. `date` is RFC 5322's, as `Sun, 29 Nov 2026 12:00:00 +0000`; `id` is what the server calls the message.
pub fn received(client: &Client, hostname: &str, id: &str, date: &str) -> String {
    let name = client.name.as_deref().map_or_else(|| "unknown".to_owned(), dot_atoms);
    let address = match client.address.to_canonical() {
        address if address.is_unspecified() => "unknown".to_owned(),
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    };
    let (with, how) = match &client.tls {
        Some(tls) => {
            ("ESMTPS", format!("\r\n\t(using {} with cipher {})", dot_atoms(&tls.version), dot_atoms(&tls.suite)))
        }
        None => ("ESMTP", String::new()),
    };
    format!("Received: from {name} ({address}){how}\r\n\tby {hostname} with {with} id {id};\r\n\t{date}\r\n")
}

/// `Authentication-Results` of the server of that name, with its line end.
pub fn authentication_results(evidence: &Evidence, hostname: &str) -> String {
    let mut field = format!("Authentication-Results: {hostname}");
    let spf = &evidence.spf;
    let property = match spf.identity {
        SpfIdentity::MailFrom => "smtp.mailfrom",
        SpfIdentity::Helo => "smtp.helo",
    };
    field.push_str(&format!(";\r\n\tspf={} {property}={}", named(spf.result), dot_atoms(&spf.domain)));
    for dkim in &evidence.dkim {
        let (domain, selector) = (dot_atoms(&dkim.domain), dot_atoms(&dkim.selector));
        field.push_str(&format!(";\r\n\tdkim={} header.d={domain} header.s={selector}", named(dkim.result)));
    }
    if evidence.dkim.is_empty() {
        field.push_str(";\r\n\tdkim=none");
    }
    let author = evidence.author_domain.as_deref().map(|domain| format!(" header.from={}", dot_atoms(domain)));
    field.push_str(&format!(";\r\n\tdmarc={}{}\r\n", named(evidence.dmarc.result), author.unwrap_or_default()));
    field
}

/// The message without fields that say they are of this server (RFC 8601 §5): it has written none of them yet.
pub fn without_forged<'m>(message: &'m [u8], hostname: &str) -> Cow<'m, [u8]> {
    let (mut kept, mut at, mut is_forged) = (Vec::new(), 0, false);
    for line in message.split_inclusive(|octet| *octet == b'\n') {
        if line == b"\r\n" || line == b"\n" {
            break;
        }
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            is_forged = claims(message.get(at..).unwrap_or_default(), hostname);
        }
        if !is_forged {
            kept.push(at..at + line.len());
        }
        at += line.len();
    }
    if kept.iter().map(ExactSizeIterator::len).sum::<usize>() == at {
        return Cow::Borrowed(message);
    }
    let lines = kept.into_iter().chain(std::iter::once(at..message.len())).filter_map(|line| message.get(line));
    Cow::Owned(lines.flatten().copied().collect())
}

/// Whether the field at the front is `Authentication-Results` in the name of this server. Names of fields and servers have no case; a
/// comment or a fold before the name is none.
fn claims(octets: &[u8], hostname: &str) -> bool {
    const NAME: &[u8] = b"authentication-results";
    let Some((_, rest)) = octets.split_at_checked(NAME.len()).filter(|(name, _)| name.eq_ignore_ascii_case(NAME))
    else {
        return false;
    };
    // Blanks before the colon make no field of it by the book, and do for some programs.
    let rest = rest.trim_ascii_start();
    let Some(mut value) = rest.strip_prefix(b":") else { return false };
    loop {
        value = value.trim_ascii_start();
        match value.strip_prefix(b"(") {
            Some(comment) => match after_comment(comment) {
                Some(after) => value = after,
                None => return true, // a comment that does not end says nothing, and hides what might
            },
            None => break,
        }
    }
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let claimed = value.get(..hostname.len()).is_some_and(|name| name.eq_ignore_ascii_case(hostname.as_bytes()));
    let after = value.get(hostname.len());
    claimed && after.is_none_or(|octet| !(octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_')))
}

fn after_comment(octets: &[u8]) -> Option<&[u8]> {
    let (mut depth, mut escaped) = (1, false);
    for (index, octet) in octets.iter().enumerate() {
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return octets.get(index + 1..);
        }
    }
    None
}

fn named(result: CheckResult) -> &'static str {
    match result {
        CheckResult::Pass => "pass",
        CheckResult::Fail => "fail",
        CheckResult::SoftFail => "softfail",
        CheckResult::Neutral => "neutral",
        CheckResult::None => "none",
        CheckResult::TempError => "temperror",
        CheckResult::PermError => "permerror",
    }
}

/// A stranger's word, of which nothing is left that could end the field or begin another.
fn dot_atoms(word: &str) -> String {
    let is_plain = |one: char| one.is_ascii_alphanumeric() || "-._:@+=[]".contains(one);
    word.chars().take(255).map(|one| if is_plain(one) { one } else { '?' }).collect()
}

#[cfg(test)]
mod tests {
    use super::{authentication_results, received, return_path, without_forged};
    use crate::receive::{Client, Secured};
    use crate::validation::{CheckResult, Dkim, Dmarc, Evidence, Spf, SpfIdentity};

    fn client(name: &str, tls: Option<Secured>) -> Client {
        Client { address: std::net::Ipv4Addr::new(192, 0, 2, 7).into(), name: Some(name.to_owned()), tls }
    }

    #[test]
    fn who_brought_it() {
        let tls = Some(Secured { version: "TLSv1.3".into(), suite: "TLS13_AES_256_GCM_SHA384".into() });
        let field =
            received(&client("mx.sender.example", tls), "mx.example.org", "abc", "Sun, 29 Nov 2026 12:00:00 +0000");
        let expected = "Received: from mx.sender.example ([192.0.2.7])\r\n\t(using TLSv1.3 with cipher TLS13_AES_256_GCM_SHA384)\r\n\tby mx.example.org with ESMTPS id abc;\r\n\tSun, 29 Nov 2026 12:00:00 +0000\r\n";
        assert_eq!(field, expected);
        let field = received(&client("a\r\nSubject: forged (", None), "mx.example.org", "abc", "x");
        assert!(field.starts_with("Received: from a??Subject:?forged?? ([192.0.2.7])\r\n\tby"), "{field}");
        let unknown = Client { address: std::net::Ipv4Addr::UNSPECIFIED.into(), ..client("front", None) };
        assert!(received(&unknown, "mx.example.org", "abc", "x").starts_with("Received: from front (unknown)\r\n"));
        assert_eq!(return_path("eve@example.net"), "Return-Path: <eve@example.net>\r\n");
        assert_eq!(return_path("a>\r\nX: y@b"), "Return-Path: <a???X:?y@b>\r\n");
    }

    #[test]
    fn what_was_found_out() {
        let evidence = Evidence {
            author_domain: Some("example.net".into()),
            spf: Spf {
                result: CheckResult::SoftFail,
                identity: SpfIdentity::MailFrom,
                domain: "example.net".into(),
                aligned: true,
            },
            dkim: vec![Dkim {
                result: CheckResult::Pass,
                domain: "example.net;\r\n".into(),
                selector: "s1".into(),
                aligned: true,
                weaknesses: vec![],
            }],
            dmarc: Dmarc { result: CheckResult::Pass, policy: None },
            oddities: vec![],
        };
        let expected = "Authentication-Results: mx.example.org;\r\n\tspf=softfail smtp.mailfrom=example.net;\r\n\tdkim=pass header.d=example.net??? header.s=s1;\r\n\tdmarc=pass header.from=example.net\r\n";
        assert_eq!(authentication_results(&evidence, "mx.example.org"), expected);
    }

    #[test]
    fn what_others_say_in_our_name_goes() {
        let ours = [
            "Authentication-Results: mx.example.org; dkim=pass\r\n",
            "AUTHENTICATION-results:MX.example.ORG;\r\n\tdkim=pass\r\n",
            "Authentication-Results:\r\n mx.example.org 1; spf=pass\r\n",
            "Authentication-Results: (a (nested\\)) comment) mx.example.org; spf=pass\r\n",
            "Authentication-Results : \"mx.example.org\"; spf=pass\r\n",
            "Authentication-Results: (no end mx.example.org; spf=pass\r\n",
        ];
        for forged in ours {
            let message = format!(
                "From: a@b.example\r\n{forged}Subject: hi\r\n\r\nAuthentication-Results: mx.example.org; body\r\n"
            );
            let kept = "From: a@b.example\r\nSubject: hi\r\n\r\nAuthentication-Results: mx.example.org; body\r\n";
            assert_eq!(without_forged(message.as_bytes(), "mx.example.org").as_ref(), kept.as_bytes(), "{forged}");
        }
        for others in [
            "Authentication-Results: mx.example.org.evil.example; x\r\n",
            "Authentication-Results: other.example; x\r\n",
            "X-Authentication-Results: mx.example.org\r\n",
        ] {
            let message = format!("{others}\r\nhi\r\n");
            assert_eq!(without_forged(message.as_bytes(), "mx.example.org").as_ref(), message.as_bytes());
        }
    }
}
