//! Finds session keys in PKESK and SKESK packets (RFC 9580 §5.1, §5.3).
//!
//! First a plan: which packet might open with which key or password, secret keys before passwords. Then one attempt at a
//! time, each checked against the limits before its cost is paid. Several session keys may come out: a SKESK v4 without an
//! encrypted key yields one for any password, so only the container can tell.

use super::{
    agreement, container::Container, decrypt::Decryptor, derivation, error::DecryptError, given_key::SessionKey,
    key_packets::open_skesk_v4, place::Place, rsa::Rsa,
};
use crate::{
    Limits, Password,
    error::KeyError,
    limits::MIB_PASSES_PER_DERIVATION,
    policy::low_order,
    rest,
    secret_key::{OpenSecret, SecretComponent, UnlockedComponent},
    session_key,
};
use envelock_seipd::{
    engine::Engine,
    packet::{RawPacket, Tag},
};
use pgp::{
    composed::PlainSessionKey,
    crypto::{hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    packet::{PacketHeader, PublicKeyEncryptedSessionKey as Pkesk, SymKeyEncryptedSessionKey as Skesk},
    types::{EskType, Fingerprint, KeyDetails, PkeskBytes, PublicParams, StringToKey},
};
use std::rc::Rc;

/// Unlocking a component costs about as much as Argon2 with 64 MiB and two passes.
const COST_OF_UNLOCKING: u64 = 128;

/// The planned attempts of one message.
pub(crate) struct Search<'a> {
    container: Container,
    given: std::vec::IntoIter<PlainSessionKey>,
    attempts: std::vec::IntoIter<Attempt<'a>>,
    limits: &'a Limits,
    /// MiB·passes left for key derivation.
    work: u64,
    unlocked: Vec<(Fingerprint, Result<Rc<UnlockedComponent>, DecryptError>)>,
    outcome: Outcome,
}

enum Attempt<'a> {
    Key { decryptor: Decryptor<'a>, component: SecretComponent<'a>, pkesk: Rc<Pkesk> },
    Password { password: &'a Password, skesk: Rc<Skesk>, place: Place },
}

impl Attempt<'_> {
    /// §5.1.1, §5.1.2: an all-zero key ID or an absent fingerprint hides the recipient, so every key is tried.
    fn is_anonymous(&self) -> bool {
        match self {
            Self::Key { pkesk, .. } => match &**pkesk {
                Pkesk::V3 { id, .. } => id.is_wildcard(),
                Pkesk::V6 { fingerprint, .. } => fingerprint.is_none(),
                Pkesk::Other { .. } => false,
            },
            Self::Password { .. } => false,
        }
    }
}

/// The most telling thing that went wrong so far.
#[derive(Default)]
struct Outcome {
    tried: bool,
    locked: bool,
    wrong_passphrase: bool,
    /// A session key from elsewhere was tried.
    given: bool,
    refused: Option<DecryptError>,
}

impl<'a> Search<'a> {
    /// Plans which packets to try. Packets that do not belong to this kind of container are passed over (§10.3.2.1).
    pub(crate) fn plan(
        packets: &[RawPacket<'_>],
        container: Container,
        keys: &[Decryptor<'a>],
        passwords: &'a [Password],
        limits: &'a Limits,
    ) -> Self {
        let (mut by_name, mut anonymous, mut by_password) = (Vec::new(), Vec::new(), Vec::new());
        let mut fitting = 0;
        for packet in packets {
            let planned = match packet.tag {
                Tag::PKESK => plan_pkesk(&packet.body, container, keys),
                _ => plan_skesk(packet, container, passwords),
            };
            if planned.first().is_some_and(Attempt::is_anonymous) {
                let room = limits.anonymous_attempts - anonymous.len();
                anonymous.extend(planned.into_iter().take(room));
            } else if !planned.is_empty() && fitting < limits.session_key_packets {
                fitting += 1;
                if packet.tag == Tag::PKESK { &mut by_name } else { &mut by_password }.extend(planned);
            }
        }
        by_name.append(&mut anonymous);
        by_name.append(&mut by_password);
        Self {
            container,
            given: Vec::new().into_iter(),
            attempts: by_name.into_iter(),
            limits,
            work: MIB_PASSES_PER_DERIVATION.saturating_mul(limits.s2k_derivations as u64),
            unlocked: Vec::new(),
            outcome: Outcome::default(),
        }
    }

    /// Tries session keys from elsewhere first. If nothing opens a container of the cipher `named` then, and one of them would fit,
    /// that one is wrong or the message damaged.
    pub(crate) fn after(mut self, given: &[SessionKey], named: Option<u8>) -> Self {
        let keys: Vec<_> = given.iter().map(|key| key.for_container(self.container)).collect();
        self.outcome.given = given.iter().any(|key| key.fits(named));
        self.given = keys.into_iter();
        self
    }

    /// The next session key that might be right, or `None` when nothing is left to try.
    pub(crate) async fn next(&mut self, rsa: &Rsa<'_>, engine: &impl Engine) -> Option<PlainSessionKey> {
        if let Some(given) = self.given.next() {
            return Some(given);
        }
        loop {
            let attempt = self.attempts.next()?;
            let result = match &attempt {
                Attempt::Key { decryptor, component, pkesk, .. } => {
                    self.open_pkesk(decryptor, component, pkesk, rsa, engine).await
                }
                Attempt::Password { password, skesk, place } => {
                    self.open_skesk(password, skesk, engine).await.map_err(|error| error.at(*place))
                }
            };
            match result {
                Ok(session_key) => {
                    self.outcome.tried = true;
                    return Some(session_key);
                }
                Err(DecryptError::PassphraseRequired) => self.outcome.locked = true,
                Err(DecryptError::WrongPassphrase) => self.outcome.wrong_passphrase = true,
                Err(DecryptError::DecryptionFailed) => self.outcome.tried = true,
                Err(DecryptError::NoMatchingKey) => {}
                Err(refused) => self.outcome.refused = self.outcome.refused.take().or(Some(refused)),
            }
        }
    }

    /// What to tell when no session key opened the container.
    pub(crate) fn failure(self) -> DecryptError {
        match self.outcome {
            Outcome { refused: Some(refused), .. } => refused,
            Outcome { wrong_passphrase: true, .. } => DecryptError::WrongPassphrase,
            Outcome { tried: true, .. } => DecryptError::DecryptionFailed,
            Outcome { locked: true, .. } => DecryptError::PassphraseRequired,
            Outcome { given: true, .. } => DecryptError::DecryptionFailed,
            Outcome { .. } => DecryptError::NoMatchingKey,
        }
    }

    async fn open_pkesk(
        &mut self,
        decryptor: &Decryptor<'a>,
        component: &SecretComponent<'a>,
        pkesk: &Pkesk,
        rsa: &Rsa<'_>,
        engine: &impl Engine,
    ) -> Result<PlainSessionKey, DecryptError> {
        let (values, esk_type) = match pkesk {
            Pkesk::V3 { values, .. } => (values, EskType::V3_4),
            Pkesk::V6 { values, .. } => (values, EskType::V6),
            Pkesk::Other { .. } => return Err(DecryptError::DecryptionFailed),
        };
        check_values(values)?;
        let key = self.unlock(decryptor, component, engine).await?;
        match (key.secret(), values) {
            // rPGP takes the first octet of what RSA decrypts to without asking whether there is one.
            (OpenSecret::Rsa(secret), PkeskBytes::Rsa { mpi }) => {
                let plain = match (rsa(&key, mpi.as_ref()), key.public_params()) {
                    (Some(opened), _) => opened,
                    (None, PublicParams::RSA(public)) => crate::rsa::decrypt(secret, public, mpi.as_ref()),
                    (None, _) => None,
                };
                let plain = plain.ok_or(DecryptError::DecryptionFailed)?;
                session_key::checked(&plain, esk_type).ok_or(DecryptError::DecryptionFailed)
            }
            _ => {
                if let Some(plain) = agreement::decrypt(engine, &key, values).await {
                    let opened = plain.and_then(|plain| session_key::checked(&plain, esk_type));
                    return opened.ok_or(DecryptError::DecryptionFailed);
                }
                let opened = key.decrypt_session_key(values, esk_type).map_err(|_| DecryptError::DecryptionFailed)?;
                check_cipher(values, opened)
            }
        }
    }

    /// Unlocks each component once, however many packets may be for it.
    async fn unlock(
        &mut self,
        decryptor: &Decryptor<'a>,
        component: &SecretComponent<'a>,
        engine: &impl Engine,
    ) -> Result<Rc<UnlockedComponent>, DecryptError> {
        let fingerprint = component.fingerprint();
        if let Some((_, known)) = self.unlocked.iter().find(|(known, _)| *known == fingerprint) {
            return known.clone();
        }
        if component.is_locked() {
            self.work = self.work.checked_sub(COST_OF_UNLOCKING).ok_or(DecryptError::TooMuchWork)?;
        }
        let opened = component.unlock_on(decryptor.passphrase, self.limits, engine).await;
        let result = opened.map(Rc::new).map_err(|error| not_unlocked(error, component.is_locked()));
        self.unlocked.push((fingerprint, result.clone()));
        result
    }

    async fn open_skesk(
        &mut self,
        password: &Password,
        skesk: &Skesk,
        engine: &impl Engine,
    ) -> Result<PlainSessionKey, DecryptError> {
        let (Some(cipher), Some(s2k), Some(encrypted)) = (skesk.sym_algorithm(), skesk.s2k(), skesk.encrypted_key())
        else {
            return Err(DecryptError::DecryptionFailed);
        };
        let aead_is_here = match skesk {
            Skesk::V5 { aead, .. } | Skesk::V6 { aead, .. } => rest::has_aead(aead.into()),
            _ => true,
        };
        if !rest::has_cipher(cipher) || !aead_is_here {
            return Err(DecryptError::DecryptionFailed);
        }
        self.spend(s2k)?;
        let key = derivation::derive(s2k, password, cipher.key_size(), self.limits, engine).await?;
        if encrypted.is_empty() {
            // §5.3.1: without an encrypted session key, the derived key is the session key itself.
            return Ok(PlainSessionKey::V3_4 { key, sym_alg: cipher });
        }
        match (skesk, rest::aes(cipher)) {
            (Skesk::V4 { .. }, Some(cipher)) => open_skesk_v4(cipher, &key, encrypted),
            _ => skesk.decrypt(key).map_err(|_| DecryptError::DecryptionFailed),
        }
    }

    /// Refuses a derivation that is invalid, too large on its own, or one too many.
    fn spend(&mut self, s2k: &StringToKey) -> Result<(), DecryptError> {
        self.limits.check_s2k(s2k).map_err(|error| match error {
            KeyError::S2kTooExpensive { required_kib, allowed_kib, .. } => {
                DecryptError::S2kTooExpensive { required_kib, allowed_kib: allowed_kib.into() }
            }
            _ => DecryptError::Malformed { what: "a string-to-key specifier is invalid", place: None },
        })?;
        self.work = self.work.checked_sub(derivation::cost(s2k)).ok_or(DecryptError::TooMuchWork)?;
        Ok(())
    }
}

/// What an unlocking that failed is told as.
fn not_unlocked(error: KeyError, is_locked: bool) -> DecryptError {
    match error {
        KeyError::PassphraseRequired => DecryptError::PassphraseRequired,
        KeyError::S2kTooExpensive { required_kib, allowed_kib, .. } => {
            DecryptError::S2kTooExpensive { required_kib, allowed_kib: allowed_kib.into() }
        }
        KeyError::OutOfMemory => DecryptError::OutOfMemory,
        // Numbers that cannot be read, or are not the key's, are as good as none.
        _ if !is_locked => DecryptError::NoMatchingKey,
        _ => DecryptError::WrongPassphrase,
    }
}

fn plan_pkesk<'a>(body: &[u8], container: Container, keys: &[Decryptor<'a>]) -> Vec<Attempt<'a>> {
    let mut plan = Vec::new();
    let Some(pkesk) = read_whole(
        body,
        |header, rest| Pkesk::try_from_reader(header, rest).ok(),
        pgp::types::Tag::PublicKeyEncryptedSessionKey,
    ) else {
        return plan;
    };
    let fits = matches!(
        (&pkesk, container),
        (Pkesk::V3 { .. }, Container::SeipdV1 | Container::GnupgOcb) | (Pkesk::V6 { .. }, Container::SeipdV2)
    );
    if !fits {
        return plan;
    }
    let pkesk = Rc::new(pkesk);
    for decryptor in keys {
        for component in decryptor.key.decryption_keys() {
            if pkesk.match_identity(&component.key())
                && pkesk.algorithm().is_ok_and(|algorithm| algorithm == component.key().algorithm())
            {
                plan.push(Attempt::Key { decryptor: *decryptor, component, pkesk: pkesk.clone() });
            }
        }
    }
    plan
}

fn plan_skesk<'a>(packet: &RawPacket<'_>, container: Container, passwords: &'a [Password]) -> Vec<Attempt<'a>> {
    let Some(skesk) = read_whole(
        &packet.body,
        |header, rest| Skesk::try_from_reader(header, rest).ok(),
        pgp::types::Tag::SymKeyEncryptedSessionKey,
    ) else {
        return Vec::new();
    };
    let fits = match (&skesk, container) {
        (Skesk::V4 { .. }, Container::SeipdV1 | Container::GnupgOcb) => true,
        (Skesk::V5 { .. }, Container::GnupgOcb) => true,
        // §3.7.2.2, §9.5: version 6 never with a broken hash.
        (Skesk::V6 { s2k, .. }, Container::SeipdV2) => !has_weak_hash(s2k),
        _ => false,
    };
    let readable =
        skesk.sym_algorithm().is_some_and(|cipher| cipher.key_size() != 0 && cipher != SymmetricKeyAlgorithm::IDEA);
    if !fits || !readable {
        return Vec::new();
    }
    let (skesk, place) = (Rc::new(skesk), Place::of(packet));
    passwords.iter().map(|password| Attempt::Password { password, skesk: skesk.clone(), place }).collect()
}

fn has_weak_hash(s2k: &StringToKey) -> bool {
    matches!(
        s2k,
        StringToKey::Simple { hash_alg } | StringToKey::Salted { hash_alg, .. } | StringToKey::IteratedAndSalted { hash_alg, .. }
            if matches!(hash_alg, HashAlgorithm::Md5 | HashAlgorithm::Sha1 | HashAlgorithm::Ripemd160)
    )
}

/// A packet that cannot be read, or not to its end, is no session key packet of ours: others may still fit.
fn read_whole<T>(
    body: &[u8],
    read: impl FnOnce(PacketHeader, &mut &[u8]) -> Option<T>,
    tag: pgp::types::Tag,
) -> Option<T> {
    let mut rest = body;
    let packet = read(PacketHeader::new_fixed(tag, body.len() as u32), &mut rest)?;
    rest.is_empty().then_some(packet)
}

/// §11.4: the ephemeral point of Curve25519Legacy is 0x40 and 32 octets; rPGP looks at the length only.
fn check_values(values: &PkeskBytes) -> Result<(), DecryptError> {
    match values {
        PkeskBytes::Ecdh { public_point, .. }
            if public_point.len() == 33 && public_point.as_ref().first() != Some(&0x40) =>
        {
            Err(DecryptError::DecryptionFailed)
        }
        // §5.1.7: rPGP misses the points of low order that are not written in their shortest form.
        PkeskBytes::X448 { ephemeral, .. } if low_order::x448(ephemeral) => Err(DecryptError::DecryptionFailed),
        _ => Ok(()),
    }
}

/// §5.1.6, §5.1.7, RFC 9980 §4.4: where the cipher stands in the clear, anybody can change it, and it must be AES. Under RSA and
/// ECDH it is encrypted with the key.
fn check_cipher(values: &PkeskBytes, opened: PlainSessionKey) -> Result<PlainSessionKey, DecryptError> {
    use SymmetricKeyAlgorithm::{AES128, AES192, AES256};
    let in_the_clear = !matches!(values, PkeskBytes::Rsa { .. } | PkeskBytes::Ecdh { .. });
    match &opened {
        PlainSessionKey::V3_4 { sym_alg, .. } if in_the_clear && !matches!(sym_alg, AES128 | AES192 | AES256) => {
            Err(DecryptError::DecryptionFailed)
        }
        _ => Ok(opened),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn without_memory_no_passphrase_is_wrong() {
        let codes = [KeyError::OutOfMemory, KeyError::WrongPassphrase].map(|error| not_unlocked(error, true).code());
        assert_eq!(codes, ["out-of-memory", "wrong-passphrase"]);
    }
}
