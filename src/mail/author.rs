//! Who wrote the mail, and what of it that author signed.

use super::{
    autocrypt::{of_entity, of_gossip},
    layers::Reader,
    parts::Layer,
    protected::{FieldProtection, all_unprotected, recipients},
    read::{Mail, MailLayer},
};
use crate::{
    Address,
    message::{FromMatch, Overall, Verdict, VerdictStatus, compare_from, overall},
};
use envelock_mime::{
    Mailbox,
    mail::{Entity, mailboxes},
};

impl<E> Reader<'_, E> {
    /// What was found, with the author and the header fields chosen.
    pub(super) fn finish(mut self, outside: &Entity<'_>) -> Mail {
        let outer = author(outside.fields.only("From").map(|field| field.unfolded()).as_deref());
        let inner = author(self.inside.as_ref().and_then(|inside| inside.from.as_deref()));
        let mut layers = std::mem::take(&mut self.layers);
        let mut is_proven = |author: &Mailbox| {
            let whole = layers.get(self.whole);
            whole.is_some_and(|layer| is_signed(layer, |verdict| self.compare(verdict, Some(author))))
        };
        // RFC 9788 §4.4: an author inside who differs counts only if shown to be the signer.
        let trusts_from = inner.is_some() && (inner == outer || inner.as_ref().is_some_and(&mut is_proven));
        let from = if trusts_from { inner } else { outer };

        for verdict in layers.iter_mut().flat_map(|layer| &mut layer.signatures) {
            verdict.from = Some(self.compare(verdict, from.as_ref()));
        }
        let judged = |layer: Layer| {
            let signed = is_signed(&layer, |verdict| verdict.from.unwrap_or(FromMatch::Unknown));
            let protection = FieldProtection::new(layer.encrypted, signed);
            MailLayer { path: layer.path, protection, signatures: layer.signatures }
        };
        let layers: Vec<MailLayer> = layers.into_iter().map(judged).collect();
        let of = |index: usize| layers.get(index).map_or(FieldProtection::Unprotected, |layer| layer.protection);
        for part in &mut self.parts {
            part.protection = of(part.layer);
        }
        let (fields, mismatches) = match &self.inside {
            Some(inside) => inside.merge(&outside.fields, of(self.whole).is_signed(), trusts_from),
            None => (all_unprotected(&outside.fields).collect(), Vec::new()),
        };
        Mail {
            fields,
            from,
            protection: of(self.whole),
            signatures: layers.get(self.whole).map(|layer| layer.signatures.clone()).unwrap_or_default(),
            mismatches,
            layers,
            parts: self.parts,
            autocrypt: of_entity(outside, self.limits),
            gossip: of_gossip(&self.gossip, &recipients(self.inside.as_ref(), &outside.fields), self.limits),
        }
    }

    fn compare(&mut self, verdict: &Verdict, author: Option<&Mailbox>) -> FromMatch {
        let address = author.map(|mailbox| mailbox.address.as_str()).unwrap_or_default();
        compare_from(verdict, &mut self.judgements, address)
    }
}

/// Whether the author signed: no signature is invalid, and a valid one is by a certificate with the author's address.
fn is_signed(layer: &Layer, mut compare: impl FnMut(&Verdict) -> FromMatch) -> bool {
    let mut is_authors =
        |verdict: &Verdict| verdict.status == VerdictStatus::Valid && compare(verdict) == FromMatch::Match;
    overall(&layer.signatures) == Overall::Signed(VerdictStatus::Valid) && layer.signatures.iter().any(&mut is_authors)
}

/// The one mailbox of a `From` field. A name that is another address would be taken for the author's.
fn author(from: Option<&str>) -> Option<Mailbox> {
    let mut found = from.map(mailboxes).unwrap_or_default();
    let Mailbox { name, address } = if found.len() == 1 { found.pop()? } else { return None };
    let is_other = name.contains('@')
        && !Address::parse(&name).zip(Address::parse(&address)).is_some_and(|(name, address)| name.is_same(&address));
    Some(Mailbox { name: if is_other { String::new() } else { name }, address })
}
