//! Asks DNS what SPF, DKIM and DMARC say of a message.

use super::evidence::{CheckResult, Dkim, Dmarc, DmarcPolicy, Evidence, Oddity, Spf, SpfIdentity, Weakness};
use super::header::{Author, domain_of};
use super::likeness;
use super::spf::{Asked, check_host};
use crate::canonical::trimmed;
use crate::dns::Dns;
use crate::receive::Envelope;
use mail_auth::common::crypto::Algorithm;
use mail_auth::common::verify::{DomainKey, VerifySignature};
use mail_auth::dkim::Canonicalization;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::dmarc::{Alignment, Policy};
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcOutput, DmarcResult, MX, Parameters, RecordSet, SpfOutput,
    SpfResult, Txt, common::cache::NoCache,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Signatures of one message that are checked, from the top. Each costs a question and a computation.
const MOST_SIGNATURES: usize = 8;
/// RSA keys with fewer bits are weak (RFC 8301 §3.2).
const ENOUGH_BITS: usize = 2048;

/// Asks about a message.
///
/// Costs a few questions to DNS for each signature and for SPF, and some milliseconds for each MB.
pub async fn check(message: &[u8], envelope: &Envelope, dns: &Dns) -> Evidence {
    let mut author = Author::of(message);
    let spf = spf(envelope, dns).await;
    let Some(parsed) = parsed(message) else {
        let dmarc = Dmarc { result: CheckResult::None, policy: None };
        return Evidence { author_domain: None, spf, dkim: Vec::new(), dmarc, oddities: author.oddities };
    };
    // Who is shown and who is checked has to be one and the same.
    let same =
        parsed.from.iter().filter_map(|from| domain_of(from)).all(|domain| Some(&domain) == author.domain.as_ref());
    if author.address.is_some() && (parsed.from.len() != 1 || !same) {
        author.oddities.push(Oddity::SeveralAuthors);
        author.domain = None;
    }
    let trimmed = trimmed(message, parsed.body_offset());
    let relaxed = trimmed.as_deref().and_then(self::parsed);
    let outputs = dkim(&parsed, relaxed.as_ref(), dns).await;
    let dmarc = dmarc(&parsed, &outputs, &told(&spf), &spf.domain, dns).await;
    let mut found = Evidence {
        author_domain: author.domain.clone(),
        spf: spf.clone(),
        dkim: Vec::new(),
        dmarc: Dmarc {
            result: dmarc_result(&dmarc.result()),
            policy: dmarc.dmarc_record().map(|_| policy(dmarc.policy())),
        },
        oddities: author.oddities,
    };
    let Some(domain) = author.domain else { return found };
    found.oddities.extend(likeness::oddities(&author.name, &domain));
    let strict = |alignment: Option<&Alignment>| alignment == Some(&Alignment::Strict);
    let record = dmarc.dmarc_record();
    found.spf.aligned = match dmarc.spf_result() {
        DmarcResult::Pass | DmarcResult::TempError(_) => true,
        _ => is_aligned(&found.spf.domain, &domain, strict(record.map(|record| &record.aspf))),
    };
    for output in &outputs {
        let Some(signature) = output.signature() else { continue };
        let alone = self::dmarc(&parsed, std::slice::from_ref(output), &SpfOutput::default(), &spf.domain, dns).await;
        let aligned = match alone.dkim_result() {
            DmarcResult::Pass | DmarcResult::TempError(_) if record.is_some() => true,
            DmarcResult::Fail(_) if record.is_some() => false,
            _ => is_aligned(&signature.d, &domain, strict(record.map(|record| &record.adkim))),
        };
        found.dkim.push(Dkim {
            result: dkim_result(output.result()),
            domain: signature.d.clone(),
            selector: signature.s.clone(),
            aligned,
            weaknesses: weaknesses(signature, dns).await,
        });
    }
    found
}

fn parsed(message: &[u8]) -> Option<AuthenticatedMessage<'_>> {
    // Not strict: what is signed in part only is told as that, and not as malformed.
    let mut parsed = AuthenticatedMessage::parse_with_opts(message, None, false)?;
    parsed.dkim_headers.truncate(MOST_SIGNATURES);
    Some(parsed)
}

/// By MAIL FROM; of messages without a sender by the name of the client (RFC 7208 §2.4).
async fn spf(envelope: &Envelope, dns: &Dns) -> Spf {
    let helo = envelope.client.name.as_deref().unwrap_or_default();
    let of_helo = format!("postmaster@{helo}");
    let of_sender = in_a_labels(&envelope.sender);
    let (identity, sender) = match envelope.sender.as_str() {
        "" => (SpfIdentity::Helo, of_helo.as_str()),
        _ => (SpfIdentity::MailFrom, of_sender.as_str()),
    };
    let domain = sender.rsplit_once('@').map_or(sender, |(_, domain)| domain);
    let postmaster = format!("postmaster@{domain}");
    // §4.3: a sender without a local part.
    let sender = if sender.starts_with('@') { postmaster.as_str() } else { sender };
    let address = envelope.client.address.to_canonical();
    // Whose address is not known is nobody's that a domain could have disowned.
    let result = match address.is_unspecified() {
        true => CheckResult::Neutral,
        false => check_host(Asked { address, domain, sender, helo }, dns).await,
    };
    Spf { result, identity, domain: domain.to_owned(), aligned: false }
}

/// An address as DNS is asked about it (RFC 8616 §4): what is no domain name stays as it is.
fn in_a_labels(address: &str) -> String {
    match (address.rsplit_once('@'), domain_of(address)) {
        (Some((local_part, _)), Some(domain)) => format!("{local_part}@{domain}"),
        _ => address.to_owned(),
    }
}

/// SPF's result, as DMARC wants to hear it.
fn told(spf: &Spf) -> SpfOutput {
    SpfOutput::new(spf.domain.clone()).with_result(match spf.result {
        CheckResult::Pass => SpfResult::Pass,
        CheckResult::Fail => SpfResult::Fail,
        CheckResult::SoftFail => SpfResult::SoftFail,
        CheckResult::Neutral => SpfResult::Neutral,
        CheckResult::TempError => SpfResult::TempError,
        CheckResult::PermError => SpfResult::PermError,
        CheckResult::None => SpfResult::None,
    })
}

/// For relaxed bodies the copy whose end is trimmed counts, for simple ones the message as it came.
async fn dkim<'m>(
    message: &'m AuthenticatedMessage<'m>,
    trimmed: Option<&'m AuthenticatedMessage<'m>>,
    dns: &Dns,
) -> Vec<DkimOutput<'m>> {
    let outputs = dns.resolver.verify_dkim(uncached(message)).await;
    let Some(trimmed) = trimmed else { return outputs };
    let again = dns.resolver.verify_dkim(uncached(trimmed)).await;
    let is_relaxed =
        |output: &DkimOutput<'_>| output.signature().is_some_and(|signature| signature.cb == Canonicalization::Relaxed);
    outputs.into_iter().zip(again).map(|(output, again)| if is_relaxed(&again) { again } else { output }).collect()
}

/// `domain` is the one that SPF was asked about: of MAIL FROM, or the client's name.
async fn dmarc(
    message: &AuthenticatedMessage<'_>,
    dkim_output: &[DkimOutput<'_>],
    spf_output: &SpfOutput,
    domain: &str,
    dns: &Dns,
) -> DmarcOutput {
    let asked =
        DmarcParameters { message, dkim_output, dkim2_output: None, rfc5321_mail_from_domain: domain, spf_output };
    dns.resolver.verify_dmarc(uncached(asked)).await
}

async fn weaknesses(signature: &mail_auth::dkim::Signature, dns: &Dns) -> Vec<Weakness> {
    let mut found = Vec::new();
    if signature.a == Algorithm::RsaSha1 {
        found.push(Weakness::Sha1);
    }
    if signature.l > 0 {
        found.push(Weakness::PartOfBody);
    }
    if !signature.h.iter().any(|name| name.eq_ignore_ascii_case("from")) {
        found.push(Weakness::FromUnsigned);
    }
    if matches!(signature.a, Algorithm::RsaSha1 | Algorithm::RsaSha256) {
        let none: Option<&NoCache<Box<str>, Txt>> = None;
        let key = dns.resolver.txt_lookup::<DomainKey>(signature.domain_key(), none).await;
        if key.is_ok_and(|key| key.p.public_key_bits() < ENOUGH_BITS) {
            found.push(Weakness::ShortKey);
        }
    }
    found
}

/// Whether a domain answers for another one, as far as that can be told without its DMARC record: the same, or above it. What is below
/// may have been given to somebody else, and counts only where a record says that it does.
fn is_aligned(domain: &str, author: &str, strict: bool) -> bool {
    let Ok(domain) = idna::domain_to_ascii(domain.trim_end_matches('.')) else { return false };
    let is_above = || author.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'));
    !domain.is_empty() && (domain == author || (!strict && is_above()))
}

fn dkim_result(result: &DkimResult) -> CheckResult {
    match result {
        DkimResult::Pass => CheckResult::Pass,
        // A body that was changed, or a date that has passed, is a signature that does not hold.
        DkimResult::Fail(_) | DkimResult::Neutral(_) => CheckResult::Fail,
        DkimResult::PermError(_) => CheckResult::PermError,
        DkimResult::TempError(_) => CheckResult::TempError,
        DkimResult::None => CheckResult::None,
    }
}

fn dmarc_result(result: &DmarcResult) -> CheckResult {
    match result {
        DmarcResult::Pass => CheckResult::Pass,
        DmarcResult::Fail(_) => CheckResult::Fail,
        DmarcResult::TempError(_) => CheckResult::TempError,
        DmarcResult::PermError(_) => CheckResult::PermError,
        DmarcResult::None => CheckResult::None,
    }
}

fn policy(policy: Policy) -> DmarcPolicy {
    match policy {
        Policy::Reject => DmarcPolicy::Reject,
        Policy::Quarantine => DmarcPolicy::Quarantine,
        Policy::None | Policy::Unspecified => DmarcPolicy::None,
    }
}

type Uncached<'x, P> = Parameters<
    'x,
    P,
    NoCache<Box<str>, Txt>,
    NoCache<Box<str>, RecordSet<MX>>,
    NoCache<Box<str>, RecordSet<Ipv4Addr>>,
    NoCache<Box<str>, RecordSet<Ipv6Addr>>,
    NoCache<IpAddr, RecordSet<Box<str>>>,
>;

/// The resolver keeps answers itself, as long as they may be kept.
fn uncached<'x, P>(asked: P) -> Uncached<'x, P> {
    Parameters::new(asked)
}
