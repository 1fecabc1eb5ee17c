//! What one domain is told of a day (RFC 8460 §4), as the message that is sent (§5.3).

use mail_auth::report::tlsrpt::{
    DateRange, FailureDetails, Policy, PolicyDetails, PolicyType, ResultType, Summary, TlsReport,
};
use std::collections::BTreeSet;
use std::io;

/// Seconds of a day.
const DAY: i64 = 24 * 3600;

/// What a server had to prove who it is by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// DANE.
    Tlsa,
    /// MTA-STS.
    Sts,
    /// Neither: a certificate of a known authority.
    None,
}

impl PolicyKind {
    /// As reports call it (§4.4), and as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tlsa => "tlsa",
            Self::Sts => "sts",
            Self::None => "no-policy-found",
        }
    }
}

/// Why there was no session (§4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// The server offers no TLS, or does not begin it.
    NoStartTls,
    /// Its certificate is for another name.
    HostMismatch,
    /// Its certificate is over, or not valid yet.
    Expired,
    /// Nobody known vouches for its certificate.
    NotTrusted,
    /// What DNS says is not what was signed.
    Dnssec,
    /// The policy is announced, and not to be had.
    PolicyFetch,
    /// What is to be had is no policy.
    PolicyInvalid,
    /// Whoever has the policy does not prove to be the one.
    PolicyHost,
    /// Of the records of TLSA none can be used.
    Tlsa,
    /// Anything else: a key that DNSSEC does not name, a server that the policy does not name, no common version.
    Other,
}

impl TlsFault {
    /// As reports call it, and as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoStartTls => "starttls-not-supported",
            Self::HostMismatch => "certificate-host-mismatch",
            Self::Expired => "certificate-expired",
            Self::NotTrusted => "certificate-not-trusted",
            Self::Dnssec => "dnssec-invalid",
            Self::PolicyFetch => "sts-policy-fetch-error",
            Self::PolicyInvalid => "sts-policy-invalid",
            Self::PolicyHost => "sts-webpki-invalid",
            Self::Tlsa => "tlsa-invalid",
            Self::Other => "validation-failure",
        }
    }
}

/// Sessions, or tries at some, that fared the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sessions {
    /// What [`PolicyKind`] calls it.
    pub policy: String,
    /// The lines of the policy, or the records of TLSA; of sessions that have none, those of others of the same kind count.
    pub policy_text: Vec<String>,
    /// The server; empty if none was asked.
    pub server: String,
    /// What [`TlsFault`] calls it; empty if all was well.
    pub fault: String,
    /// How many.
    pub count: u32,
}

/// A day's sessions with the servers of a domain.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The domain, which is told.
    pub domain: &'a str,
    /// The domain that tells; its postmaster answers questions.
    pub submitter: &'a str,
    /// The name of the server that tells: others of the same domain tell of the same day.
    pub server: &'a str,
    /// The day of UTC, counted from 1970 on.
    pub day: i64,
    /// The sessions.
    pub sessions: &'a [Sessions],
}

impl Report<'_> {
    /// The message to this address, written at this time (seconds since 1970), without a signature. The same day has the same id each time,
    /// so that who gets it twice can tell.
    ///
    /// # Errors
    /// None that memory has not.
    pub fn message(&self, to: &str, now: i64) -> io::Result<Vec<u8>> {
        let mut message = Vec::new();
        let postmaster = self.postmaster();
        self.content().write_rfc5322(
            self.domain,
            self.submitter,
            postmaster.as_str(),
            std::iter::once(to),
            &mut message,
        )?;
        Ok(dated(message, now))
    }

    /// Who writes, and is told of failures.
    pub fn postmaster(&self) -> String {
        format!("postmaster@{}", self.submitter)
    }

    fn content(&self) -> TlsReport {
        let Self { domain, submitter, server, day, .. } = *self;
        let kinds = [PolicyKind::Tlsa, PolicyKind::Sts, PolicyKind::None];
        let policies = kinds.into_iter().flat_map(|kind| {
            let of_kind = self.sessions.iter().filter(move |one| one.policy == kind.as_str());
            let domains: BTreeSet<&str> = of_kind.map(|one| self.policy_domain(one)).collect();
            domains.into_iter().map(move |domain| self.policy(kind, domain))
        });
        TlsReport {
            organization_name: Some(submitter.to_owned()),
            date_range: DateRange::from_timestamps(day * DAY, day * DAY + DAY - 1),
            contact_info: Some(self.postmaster()),
            report_id: format!("{day}.{domain}@{server}"),
            policies: policies.collect(),
        }
    }

    /// Whose policy it is: with DANE the server's, if one was asked (§1.1).
    fn policy_domain<'a>(&'a self, one: &'a Sessions) -> &'a str {
        let is_of_server = one.policy == PolicyKind::Tlsa.as_str() && !one.server.is_empty();
        if is_of_server { &one.server } else { self.domain }
    }

    fn policy(&self, kind: PolicyKind, domain: &str) -> Policy {
        let own = |one: &&Sessions| one.policy == kind.as_str() && self.policy_domain(one) == domain;
        let all = self.sessions.iter().filter(own);
        let (well, failed): (Vec<&Sessions>, Vec<&Sessions>) = all.clone().partition(|one| one.fault.is_empty());
        let count = |sessions: &[&Sessions]| sessions.iter().fold(0_u32, |sum, one| sum.saturating_add(one.count));
        let policy_type = match kind {
            PolicyKind::Tlsa => PolicyType::Tlsa,
            PolicyKind::Sts => PolicyType::Sts,
            PolicyKind::None => PolicyType::NoPolicyFound,
        };
        let mut policy = PolicyDetails::new(policy_type, domain);
        let mut texts = all.map(|one| &one.policy_text);
        policy.policy_string = texts.find(|text| !text.is_empty()).cloned().unwrap_or_default();
        let named = policy.policy_string.iter().filter_map(|line| line.strip_prefix("mx: "));
        policy.mx_host = named.map(str::to_owned).collect();
        Policy {
            policy,
            summary: Summary { total_success: count(&well), total_failure: count(&failed) },
            failure_details: failed.into_iter().map(failure).collect(),
        }
    }
}

/// With this date: the library writes the machine's.
fn dated(message: Vec<u8>, now: i64) -> Vec<u8> {
    let date = DateRange::from_timestamps(now, now).start_datetime.to_rfc822();
    let mut dated = format!("Date: {date}\r\n").into_bytes();
    let mut is_header = true;
    for line in message.split_inclusive(|octet| *octet == b'\n') {
        is_header &= line != b"\r\n";
        if !(is_header && line.starts_with(b"Date:")) {
            dated.extend_from_slice(line);
        }
    }
    dated
}

fn failure(sessions: &Sessions) -> FailureDetails {
    let result = serde_json::from_value(sessions.fault.as_str().into()).unwrap_or(ResultType::Other);
    let mut details = FailureDetails::new(result);
    details.receiving_mx_hostname = Some(sessions.server.clone()).filter(|server| !server.is_empty());
    details.failed_session_count = sessions.count;
    details
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::deliver::Content;
    use crate::sign::{SigningKeys, generate};
    use crate::tls_report::read_report;

    fn sessions(policy: PolicyKind, server: &str, fault: Option<TlsFault>, count: u32) -> Sessions {
        Sessions {
            policy: policy.as_str().to_owned(),
            policy_text: Vec::new(),
            server: server.to_owned(),
            fault: fault.map(TlsFault::as_str).unwrap_or_default().to_owned(),
            count,
        }
    }

    #[test]
    fn each_policy_has_its_sums_and_what_failed() {
        let mut all = vec![
            sessions(PolicyKind::Sts, "a.example", None, 7),
            sessions(PolicyKind::Sts, "a.example", Some(TlsFault::Expired), 2),
            sessions(PolicyKind::Sts, "b.example", None, u32::MAX),
            sessions(PolicyKind::Tlsa, "d.example", None, 1),
            sessions(PolicyKind::Tlsa, "d.example", Some(TlsFault::Other), 2),
            sessions(PolicyKind::Tlsa, "", Some(TlsFault::Dnssec), 3),
        ];
        all.first_mut().unwrap().policy_text =
            ["version: STSv1", "mx: a.example", "mx: b.example"].map(str::to_owned).to_vec();
        let report = Report {
            domain: "c.example",
            submitter: "own.example",
            server: "mx1.own.example",
            day: 20_000,
            sessions: &all,
        };
        let message = report.message("tls@c.example", 20_001 * DAY + 3).unwrap();
        let text = String::from_utf8(message.clone()).unwrap();
        for field in [
            "Date: Sat, 5 Oct 2024 00:00:03 +0000\r\n",
            "From: <postmaster@own.example>\r\n",
            "To: <tls@c.example>\r\n",
            "TLS-Report-Domain: c.example\r\n",
            "TLS-Report-Submitter: own.example\r\n",
            "Report-ID: 20000.c.example@mx1.own.example\r\n",
            "own.example!c.example!1728000000!1728086399.json.gz",
            "application/tlsrpt+gzip",
        ] {
            assert!(text.contains(field), "{field} in {text}");
        }
        assert_eq!(text.matches("Date: ").count(), 1, "{text}");
        assert!(text.contains("multipart/report") && text.contains("report-type=\"tlsrpt\""), "{text}");
        let keys = SigningKeys::from_pem(generate().unwrap().as_bytes()).unwrap();
        let signed = [keys.sign(&message, "own.example").unwrap().as_bytes(), &message].concat();
        assert!(Content::new(&signed).is_ok(), "it can travel");
        let read = read_report(&signed).unwrap();
        assert_eq!(read, report.content());
        let json = read.to_json();
        assert!(
            json.contains(r#""start-datetime":"2024-10-04T00:00:00Z","end-datetime":"2024-10-04T23:59:59Z""#),
            "{json}"
        );
        let [unasked, dane, sts] = read.policies.as_slice() else { unreachable!("{json}") };
        assert_eq!((sts.summary.total_success, sts.summary.total_failure), (u32::MAX, 2));
        assert_eq!(sts.policy.mx_host, ["a.example", "b.example"]);
        assert_eq!(sts.failure_details.len(), 1);
        let named = [unasked, dane, sts].map(|one| one.policy.policy_domain.as_str());
        assert_eq!(named, ["c.example", "d.example", "c.example"], "with DANE it is the server's policy (§1.1)");
        assert_eq!((dane.summary.total_success, dane.summary.total_failure), (1, 2));
        assert_eq!(unasked.failure_details.first().unwrap().receiving_mx_hostname, None);
    }

    #[test]
    fn what_is_stored_is_what_reports_call_it() {
        use TlsFault::{Dnssec, Expired, HostMismatch, NoStartTls, NotTrusted, Other};
        use TlsFault::{PolicyFetch, PolicyHost, PolicyInvalid, Tlsa};
        let of_policies = [PolicyFetch, PolicyInvalid, PolicyHost, Tlsa];
        for fault in [NoStartTls, HostMismatch, Expired, NotTrusted, Dnssec, Other].into_iter().chain(of_policies) {
            let details = failure(&sessions(PolicyKind::None, "", Some(fault), 1));
            assert_eq!(serde_json::to_value(details.result_type).unwrap(), fault.as_str());
        }
    }
}
