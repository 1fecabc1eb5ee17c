//! A report of somebody else's: a message, or what is attached to it (RFC 8460 §5). Strangers write it, so whatever it unfolds to has a
//! limit.

use envelock_mime::mail::{Entity, MailLimits};
use flate2::read::GzDecoder;
use mail_auth::report::tlsrpt::TlsReport;
use serde_json::Value;
use std::io::Read;

/// Most octets of a report that is read, and of what it unfolds to. Large senders have some hundred KiB.
pub const LARGEST_REPORT: usize = 8 << 20;

/// Multiparts within multiparts.
const DEPTH: usize = 4;

/// What is no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadableReport {
    /// It is larger than a report is, as it stands there or unfolded.
    #[error("it is larger than 8 MiB, or unfolds to more")]
    TooLarge,
    /// There is no report in it.
    #[error("there is no report on TLS in it (application/tlsrpt+gzip, application/tlsrpt+json)")]
    None,
    /// It is not gzip.
    #[error("it cannot be unfolded (gzip)")]
    Folded,
    /// It is not the JSON of RFC 8460.
    #[error("it is not as RFC 8460 wants a report")]
    Malformed,
}

/// What some write before a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a message with a report, or a report as it is attached to one, folded (gzip) or not.
///
/// # Errors
/// [`UnreadableReport`].
pub fn read_report(octets: &[u8]) -> Result<TlsReport, UnreadableReport> {
    if octets.len() > LARGEST_REPORT {
        return Err(UnreadableReport::TooLarge);
    }
    let read = report(octets).or_else(|| attached(octets, DEPTH));
    read.unwrap_or(Err(UnreadableReport::None))
}

/// A report, by how it begins.
fn report(octets: &[u8]) -> Option<Result<TlsReport, UnreadableReport>> {
    match without_mark(octets) {
        [0x1f, 0x8b, ..] => Some(folded(octets)),
        [b'{', ..] => Some(parsed(octets)),
        _ => None,
    }
}

fn without_mark(octets: &[u8]) -> &[u8] {
    octets.strip_prefix(BYTE_ORDER_MARK).unwrap_or(octets)
}

fn attached(octets: &[u8], depth: usize) -> Option<Result<TlsReport, UnreadableReport>> {
    let entity = Entity::parse(octets, &MailLimits::default()).ok()?;
    match entity.content_type.mime_type.as_str() {
        "application/tlsrpt+gzip" => Some(folded(&entity.data())),
        "application/tlsrpt+json" => Some(parsed(&entity.data())),
        // Of senders whose mail program knows neither.
        "application/gzip" | "application/octet-stream" => report(&entity.data()),
        _ if depth > 0 && entity.content_type.is("multipart") => {
            entity.parts().find_map(|part| attached(part, depth - 1))
        }
        _ => None,
    }
}

fn folded(octets: &[u8]) -> Result<TlsReport, UnreadableReport> {
    let mut unfolded = Vec::new();
    let most = LARGEST_REPORT as u64 + 1;
    GzDecoder::new(octets).take(most).read_to_end(&mut unfolded).map_err(|_| UnreadableReport::Folded)?;
    if unfolded.len() > LARGEST_REPORT {
        return Err(UnreadableReport::TooLarge);
    }
    parsed(&unfolded)
}

fn parsed(octets: &[u8]) -> Result<TlsReport, UnreadableReport> {
    let malformed = |_| UnreadableReport::Malformed;
    let mut whole: Value = serde_json::from_slice(without_mark(octets)).map_err(malformed)?;
    forget_nulls(&mut whole);
    TlsReport::parse_json(whole.to_string().as_bytes()).map_err(|_| UnreadableReport::Malformed)
}

/// Some write what they have not as `null`, and not at all is how it is read.
fn forget_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(forget_nulls);
        }
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(forget_nulls);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use mail_auth::report::tlsrpt::Policy;
    use std::io::Write;

    /// As large senders write it, with what they leave out.
    const REPORT: &str = r#"{"organization-name":"Company-X","date-range":{"start-datetime":"2016-04-01T00:00:00Z",
        "end-datetime":"2016-04-01T23:59:59Z"},"contact-info":"sts-reporting@company-x.example","report-id":"5065427c",
        "policies":[{"policy":{"policy-type":"sts","policy-string":["version: STSv1","mode: testing"],
        "policy-domain":"company-y.example","mx-host":["*.mail.company-y.example"]},
        "summary":{"total-successful-session-count":5326,"total-failure-session-count":303},
        "failure-details":[{"result-type":"certificate-expired","sending-mta-ip":"2001:db8:abcd:12::1",
        "receiving-mx-hostname":"mx1.mail.company-y.example","failed-session-count":100},
        {"result-type":"to-be-invented","failed-session-count":203,"failure-reason-code":"X509_V_ERR_PROXY_PATH"}]}]}"#;

    fn gzip(octets: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(octets).unwrap();
        encoder.finish().unwrap()
    }

    fn message(kind: &str, octets: &[u8]) -> Vec<u8> {
        use base64::Engine;
        let body = base64::engine::general_purpose::STANDARD.encode(octets);
        format!(
            "From: a@b.example\r\nContent-Type: multipart/report; report-type=tlsrpt; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x\r\n\
             Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}\r\n--x--\r\n"
        )
        .into_bytes()
    }

    #[test]
    fn reports_are_read_in_every_form() {
        let octets = REPORT.as_bytes();
        let folded = gzip(octets);
        let whole = read_report(octets).unwrap();
        assert_eq!(whole.policies.first().unwrap().failure_details.len(), 2);
        for one in [
            folded.clone(),
            message("application/tlsrpt+gzip", &folded),
            message("application/tlsrpt+json; charset=utf-8", octets),
            message("application/octet-stream; name=\"a!b!1!2.json.gz\"", &folded),
            message("application/octet-stream", octets),
            message("application/gzip", &folded),
            [BYTE_ORDER_MARK, octets].concat(),
            gzip(&[BYTE_ORDER_MARK, octets].concat()),
            message("application/tlsrpt+json", &[BYTE_ORDER_MARK, octets].concat()),
        ] {
            assert_eq!(read_report(&one).as_ref(), Ok(&whole));
        }
    }

    #[test]
    fn nulls_stand_for_what_is_not_there() {
        let none = r#"{"organization-name":null,"contact-info":null,"report-id":null,"policies":null,"x":null,
            "date-range":{"start-datetime":"2016-04-01T00:00:00Z","end-datetime":"2016-04-01T23:59:59Z"}}"#;
        assert_eq!(read_report(none.as_bytes()).unwrap().policies, []);
        let with = |details: &str| {
            let policy = format!(
                r#"[null,{{"policy":{{"policy-type":"no-policy-found","policy-string":null,"policy-domain":null,
                "mx-host":null}},"summary":{{"total-successful-session-count":5,"total-failure-session-count":null}},
                "failure-details":{details}}}]"#
            );
            read_report(none.replacen("\"policies\":null", &format!("\"policies\":{policy}"), 1).as_bytes()).unwrap()
        };
        for details in ["null", "[]", "[null]"] {
            let read = with(details).policies;
            let [Policy { summary, failure_details, .. }] = read.as_slice() else { unreachable!("{read:?}") };
            assert_eq!((summary.total_success, summary.total_failure, failure_details.len()), (5, 0, 0));
        }
    }

    #[test]
    fn what_is_no_report_costs_little() {
        let mut bomb = gzip(&vec![b' '; LARGEST_REPORT + 1]);
        assert!(bomb.len() < 20_000);
        assert_eq!(read_report(&bomb), Err(UnreadableReport::TooLarge));
        assert_eq!(read_report(&message("application/tlsrpt+gzip", &bomb)), Err(UnreadableReport::TooLarge));
        bomb.truncate(1000);
        assert_eq!(read_report(&bomb), Err(UnreadableReport::Folded));
        assert_eq!(read_report(&vec![b'{'; LARGEST_REPORT + 1]), Err(UnreadableReport::TooLarge));
        // serde_json stops at 128.
        assert_eq!(read_report("{\"policies\":[".repeat(100_000).as_bytes()), Err(UnreadableReport::Malformed));
        assert_eq!(read_report(&gzip(b"{}")), Err(UnreadableReport::Malformed));
        let deep = "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n".repeat(1000);
        for none in [&b""[..], b"Subject: hi\r\n\r\nhello\r\n", deep.as_bytes(), &message("application/zip", b"PK")] {
            assert_eq!(read_report(none), Err(UnreadableReport::None));
        }
    }
}
