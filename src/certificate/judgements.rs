//! Certificates judged at several moments, for what signatures of theirs are worth: each once for each moment, and all together
//! within bounds.
//!
//! Signatures bear any number of dates, and a certificate any number of signatures, so that together they could cost any amount.

use std::collections::BTreeMap;

use pgp::{composed::SignedPublicSubKey, packet::Signature, types::Timestamp};

use super::{
    Certificate, Checked, ComponentKey,
    rules::{Names, may_be_from},
    self_signatures::{CONSENTS, embedded},
};
use crate::policy::Policy;

/// When a certificate is judged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Moment {
    /// At the reference time.
    Now,
    /// When a signature was made, as it says.
    Then(Timestamp),
}

/// A key that may have made a signature.
#[derive(Clone)]
pub(crate) struct Candidate<'a> {
    /// Which certificate it is in.
    pub(crate) certificate: usize,
    pub(crate) key: ComponentKey<'a>,
    pub(crate) names: Names,
}

/// Certificates at hand, judged as they are asked about.
pub(crate) struct Judgements<'a> {
    certificates: &'a [Certificate],
    /// Their keys, once somebody has asked.
    keys: Option<Vec<Candidate<'a>>>,
    policy: &'a Policy,
    at: Timestamp,
    judged: BTreeMap<(usize, Moment), Checked<'a>>,
    left: usize,
}

impl<'a> Judgements<'a> {
    /// At most `allowed` signatures are verified.
    pub(crate) fn new(certificates: &'a [Certificate], policy: &'a Policy, at: Timestamp, allowed: usize) -> Self {
        Self { certificates, keys: None, policy, at, judged: BTreeMap::new(), left: allowed }
    }

    pub(crate) fn certificates(&self) -> &'a [Certificate] {
        self.certificates
    }

    /// The keys that may have made a signature, for [`candidate`](Self::candidate).
    pub(crate) fn candidates(&mut self, signature: &Signature) -> Vec<usize> {
        let certificates = self.certificates;
        let keys = self.keys.get_or_insert_with(|| {
            let mut keys = Vec::new();
            for (certificate, it) in certificates.iter().enumerate() {
                for key in it.component_keys() {
                    keys.push(Candidate { certificate, key, names: Names::of(&key) });
                }
            }
            keys
        });
        let mut found = Vec::new();
        for (index, candidate) in keys.iter().enumerate() {
            if may_be_from(signature, &candidate.names) {
                found.push(index);
            }
        }
        found
    }

    pub(crate) fn candidate(&self, index: usize) -> Option<&Candidate<'a>> {
        self.keys.as_ref()?.get(index)
    }

    /// Nobody's signature would be checked.
    pub(crate) fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    pub(crate) fn policy(&self) -> &'a Policy {
        self.policy
    }

    /// The reference time.
    pub(crate) fn at(&self) -> Timestamp {
        self.at
    }

    /// Counts signatures that are about to be verified; `None` if they are too many.
    pub(crate) fn spend(&mut self, signatures: usize) -> Option<()> {
        self.left = self.left.checked_sub(signatures)?;
        Some(())
    }

    /// The certificate of this index at a moment; `None` if that would cost too much.
    pub(crate) fn judge(&mut self, index: usize, moment: Moment) -> Option<&Checked<'a>> {
        let certificate = self.certificates.get(index)?;
        if !self.judged.contains_key(&(index, moment)) {
            self.spend(claims(certificate))?;
            let checked = match moment {
                Moment::Now => certificate.at(self.policy, self.at),
                Moment::Then(created) => certificate.when_signed(self.policy, created),
            };
            self.judged.insert((index, moment), checked);
        }
        self.judged.get(&(index, moment))
    }
}

/// At most so many signatures are verified to judge a certificate: those it claims to have made about itself, and consents.
fn claims(certificate: &Certificate) -> usize {
    let (inner, names) = (&certificate.inner, Names::of(&certificate.primary()));
    let lists = [&inner.details.revocation_signatures, &inner.details.direct_signatures].into_iter();
    let users = inner.details.users.iter().map(|user| &user.signatures);
    let subkeys = inner.public_subkeys.iter().map(|subkey| &subkey.signatures);
    lists.chain(users).chain(subkeys).flatten().filter(|signature| may_be_from(signature, &names)).count()
        + inner.public_subkeys.iter().map(consents).sum::<usize>()
}

fn consents(subkey: &SignedPublicSubKey) -> usize {
    subkey.signatures.iter().filter_map(Signature::config).map(|it| embedded(it).count()).sum::<usize>().min(CONSENTS)
}
