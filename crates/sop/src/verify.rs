//! `verify` and `inline-verify`, and the lines that tell of valid signatures.

use envelock::message::{self, SignedInput, Verdict, VerdictStatus, VerifyOptions, VerifyStream};
use envelock::{Certificate, Timestamp};
use sop::errors::Error;
use sop::ops::{Ready, SignatureMode, Verification};
use std::io::{Read, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::certificates::{Certs, Signers};
use crate::failure::{because, of_verifying};
use crate::input::{Rules, pass, read};
use crate::program::Envelock;
use crate::signatures::Sigs;

/// Whose signatures count, and from when to when.
#[derive(Default)]
pub struct VerifyWith {
    pub signers: Signers,
    pub not_before: Option<SystemTime>,
    pub not_after: Option<SystemTime>,
}

impl VerifyWith {
    /// One line for each valid signature within the period. Others are told on standard error only.
    pub fn verifications(&self, verdicts: &[Verdict]) -> sop::Result<Vec<Verification>> {
        let mut lines = Vec::new();
        for verdict in verdicts {
            if verdict.status != VerdictStatus::Valid {
                let reason = verdict.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                eprintln!("signature not valid ({}){reason}", verdict.status.code());
                continue;
            }
            let (Some(created), Some(key), Some(signer)) = (verdict.created, &verdict.key, &verdict.signer) else {
                continue;
            };
            if !self.counts(created) {
                eprintln!("signature outside of the period asked for");
                continue;
            }
            let mode = if verdict.text { SignatureMode::Text } else { SignatureMode::Binary };
            let (key, certificate) = (format!("{key:X}"), format!("{signer:X}"));
            let mut line = Verification::new(moment(created), key, certificate, mode, None)?;
            for source in self.signers.sources_of(signer) {
                line.add_signer(source);
            }
            lines.push(line);
        }
        Ok(lines)
    }

    fn counts(&self, created: Timestamp) -> bool {
        let created = moment(created);
        self.not_before.is_none_or(|start| start <= created) && self.not_after.is_none_or(|end| created <= end)
    }

    /// Whose signatures count; a failure if there is nobody.
    fn certificates(&self) -> sop::Result<&[Certificate]> {
        match self.signers.certificates.as_slice() {
            [] => Err(because("no certificate to verify with", Error::NoSignature)),
            certificates => Ok(certificates),
        }
    }

    /// As [`verifications`](Self::verifications); none at all is a failure.
    fn some_verifications(&self, verdicts: &[Verdict]) -> sop::Result<Vec<Verification>> {
        let lines = self.verifications(verdicts)?;
        if lines.is_empty() { Err(Error::NoSignature) } else { Ok(lines) }
    }
}

fn moment(timestamp: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(timestamp.as_secs().into())
}

/// `verify`.
#[derive(Default)]
pub struct Verify {
    with: VerifyWith,
}

impl<'s> sop::ops::Verify<'s, Envelock, Certs, Sigs> for Verify {
    fn not_before(mut self: Box<Self>, t: SystemTime) -> Box<dyn sop::ops::Verify<'s, Envelock, Certs, Sigs> + 's> {
        self.with.not_before = Some(t);
        self
    }

    fn not_after(mut self: Box<Self>, t: SystemTime) -> Box<dyn sop::ops::Verify<'s, Envelock, Certs, Sigs> + 's> {
        self.with.not_after = Some(t);
        self
    }

    fn certs(
        mut self: Box<Self>,
        certs: &Certs,
    ) -> sop::Result<Box<dyn sop::ops::Verify<'s, Envelock, Certs, Sigs> + 's>> {
        self.with.signers.add(certs);
        Ok(self)
    }

    fn signatures<'sigs>(
        self: Box<Self>,
        signatures: &'sigs Sigs,
    ) -> sop::Result<Box<dyn sop::ops::VerifySignatures<'sigs> + 'sigs>>
    where
        's: 'sigs,
    {
        Ok(Box::new(VerifyReady { with: self.with, signatures }))
    }
}

struct VerifyReady<'sigs> {
    with: VerifyWith,
    signatures: &'sigs Sigs,
}

impl<'sigs> sop::ops::VerifySignatures<'sigs> for VerifyReady<'sigs> {
    fn data(self: Box<Self>, data: &mut (dyn Read + Send + Sync)) -> sop::Result<Vec<Verification>> {
        let (rules, signature) = (Rules::now(), self.signatures.packets.as_slice());
        let certificates = self.with.certificates()?;
        let verifying = VerifyStream::new(signature, certificates, None, &rules.policy, &rules.limits, rules.at);
        let mut verifying = verifying.map_err(of_verifying)?;
        pass(data, |piece| {
            verifying.push(piece);
            Ok(())
        })?;
        self.with.some_verifications(&verifying.finish())
    }
}

/// `inline-verify`.
#[derive(Default)]
pub struct InlineVerify {
    with: VerifyWith,
}

impl<'s> sop::ops::InlineVerify<'s, Envelock, Certs> for InlineVerify {
    fn not_before(mut self: Box<Self>, t: SystemTime) -> Box<dyn sop::ops::InlineVerify<'s, Envelock, Certs> + 's> {
        self.with.not_before = Some(t);
        self
    }

    fn not_after(mut self: Box<Self>, t: SystemTime) -> Box<dyn sop::ops::InlineVerify<'s, Envelock, Certs> + 's> {
        self.with.not_after = Some(t);
        self
    }

    fn certs(
        mut self: Box<Self>,
        certs: &Certs,
    ) -> sop::Result<Box<dyn sop::ops::InlineVerify<'s, Envelock, Certs> + 's>> {
        self.with.signers.add(certs);
        Ok(self)
    }

    fn message<'d>(
        self: Box<Self>,
        data: &'d mut (dyn Read + Send + Sync),
    ) -> sop::Result<Box<dyn Ready<Vec<Verification>> + 'd>>
    where
        's: 'd,
    {
        Ok(Box::new(InlineVerifyReady { with: self.with, data }))
    }
}

struct InlineVerifyReady<'d> {
    with: VerifyWith,
    data: &'d mut (dyn Read + Send + Sync),
}

impl Ready<Vec<Verification>> for InlineVerifyReady<'_> {
    fn to_writer(self: Box<Self>, sink: &mut (dyn Write + Send + Sync)) -> sop::Result<Vec<Verification>> {
        let (rules, message) = (Rules::now(), read(self.data)?);
        let (input, verify_with) = (SignedInput::Message(&message), self.with.certificates()?);
        let options = VerifyOptions { input, verify_with, ..VerifyOptions::default() };
        let verified = message::verify(options, &rules.policy, &rules.limits, rules.at).map_err(of_verifying)?;
        let lines = self.with.some_verifications(&verified.signatures)?;
        sink.write_all(&verified.data.unwrap_or_default())?;
        Ok(lines)
    }
}
