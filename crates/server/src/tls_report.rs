//! `envelock-server tls-report`: what somebody else tells of TLS with the mail servers of a domain (RFC 8460), in lines.

use crate::options::AnyError;
use clap::Args;
use envelock_mail::tls_report::{FailureDetails, LARGEST_REPORT, Policy, PolicyType, TlsReport, read_report};
use std::fs::File;
use std::io::{Read, Write, stdin, stdout};
use std::path::PathBuf;

/// Most characters of a stranger's words that are shown.
const WORDS: usize = 200;

#[derive(Debug, Args)]
pub(crate) struct Given {
    /// The message as a file, or what is attached to it (.json.gz, .json); standard input if none is named.
    file: Option<PathBuf>,
}

/// One line says who tells of which days; each policy has one, with the sessions that came about and those that did not, and below it each
/// kind of failure.
pub(crate) fn run(given: Given) -> Result<(), AnyError> {
    let mut octets = Vec::new();
    let most = LARGEST_REPORT as u64 + 1;
    match given.file {
        Some(file) => File::open(&file)
            .and_then(|file| file.take(most).read_to_end(&mut octets))
            .map_err(|error| format!("{}: {error}", file.display()))?,
        None => stdin().take(most).read_to_end(&mut octets)?,
    };
    let TlsReport { organization_name, date_range, policies, report_id, .. } = read_report(&octets)?;
    let mut out = stdout();
    let (from, to) = (date_range.start_datetime.to_rfc3339(), date_range.end_datetime.to_rfc3339());
    writeln!(out, "{}\t{from} to {to}\t{}", words(&organization_name), words(&Some(report_id)))?;
    for Policy { policy, summary, failure_details } in policies {
        let kind = match policy.policy_type {
            PolicyType::Tlsa => "DANE",
            PolicyType::Sts => "MTA-STS",
            PolicyType::NoPolicyFound => "no policy",
            PolicyType::Other => "other",
        };
        let domain = words(&Some(policy.policy_domain));
        writeln!(out, "{domain}\t{kind}\t{} well\t{} failed", summary.total_success, summary.total_failure)?;
        for failure in failure_details {
            writeln!(out, "\t{}", line(&failure)?)?;
        }
    }
    Ok(out.flush()?)
}

fn line(failure: &FailureDetails) -> Result<String, AnyError> {
    let result = serde_json::to_value(failure.result_type)?;
    Ok(format!(
        "{}\t{}\t{}\t{}",
        failure.failed_session_count,
        result.as_str().unwrap_or_default(),
        words(&failure.receiving_mx_hostname),
        words(&failure.failure_reason_code),
    ))
}

/// A stranger's words, as a terminal may be given them.
fn words(text: &Option<String>) -> String {
    let text = text.as_deref().unwrap_or_default();
    let shown =
        text.chars().take(WORDS).map(|one| if one.is_ascii_graphic() || one.is_alphanumeric() { one } else { ' ' });
    shown.collect()
}
