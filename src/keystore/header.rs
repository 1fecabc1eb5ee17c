//! The header of a keystore: its session key once under the passphrase, and once more under each passkey.
//!
//! First one SKESK v6 with Argon2id (RFC 9580 §5.3.2), alone as long as no passkey is enrolled. Then private packets of the
//! non-critical type 60 (§4.3), which other programs skip; their first octet is the version of this format, 1:
//!
//! - version, 1, length of the credential ID (two octets), credential ID, one SKESK v6 whose S2K is the private type 100 and
//!   holds the 32 octets to hand to the PRF. There is one for each passkey.
//! - version, 2, one SEIPD v2 packet under the session key with the passphrase in it, which unlocks the keys inside; once, if
//!   there is a passkey. Its length is hidden in steps of 128 octets.

use envelock_seipd::skesk::{S2k, Skesk};
use envelock_seipd::{S2kArgon2, Tag, packet};

use super::{KeystoreError, only};

/// Passkeys of one keystore.
pub const MAX_PASSKEYS: usize = 16;
/// Web Authentication level 2, §4: a credential ID has at most 1023 octets.
const MAX_CREDENTIAL: usize = 1023;
const PRIVATE: u8 = 60;
const VERSION: u8 = 1;
const PASSKEY: u8 = 1;
const PASSPHRASE: u8 = 2;
/// A private S2K type (RFC 9580 §3.7.1): the key is not derived from something typed.
const S2K_PRF: u8 = 100;

/// A passkey that opens a keystore: what the browser has to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The credential ID, which names the passkey.
    pub credential: Vec<u8>,
    /// The input of its PRF (Web Authentication level 3, §10.1.4), random for each passkey.
    pub prf_input: [u8; 32],
}

pub(super) struct Slot {
    pub(super) passkey: Passkey,
    pub(super) skesk: Skesk,
}

impl Slot {
    pub(super) fn s2k(passkey: &Passkey) -> S2k {
        S2k::Other([&[S2K_PRF][..], &passkey.prf_input].concat())
    }
}

pub(super) struct Header {
    pub(super) skesk: Skesk,
    pub(super) argon2: S2kArgon2,
    pub(super) slots: Vec<Slot>,
    /// The sealed passphrase.
    pub(super) passphrase: Option<Vec<u8>>,
}

impl Header {
    pub(super) fn parse(octets: &[u8]) -> Result<Header, KeystoreError> {
        let malformed = |what| KeystoreError::Malformed { what };
        let mut packets = packet::split(octets);
        let mut next = || packets.next().transpose().map_err(|_| malformed("packets"));
        let first =
            next()?.filter(|packet| packet.tag == Tag::SKESK).and_then(|packet| Skesk::parse(&packet.body).ok());
        let skesk = first.ok_or(malformed("not one SKESK v6"))?;
        let S2k::Argon2(argon2) = skesk.s2k else { return Err(malformed("not Argon2")) };
        let mut header = Header { argon2, skesk, slots: Vec::new(), passphrase: None };
        while let Some(packet) = next()? {
            match (packet.tag, packet.body.split_first_chunk::<2>()) {
                (PRIVATE, Some(([VERSION, PASSKEY], body))) if header.slots.len() < MAX_PASSKEYS => {
                    header.slots.push(slot(body).ok_or(malformed("passkey"))?);
                }
                (PRIVATE, Some(([VERSION, PASSPHRASE], body))) if header.passphrase.is_none() => {
                    header.passphrase = Some(body.to_vec());
                }
                _ => return Err(malformed("made by another version")),
            }
        }
        if header.slots.is_empty() == header.passphrase.is_none() { Ok(header) } else { Err(malformed("passkeys")) }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.skesk.serialize(&mut out);
        for Slot { passkey, skesk } in &self.slots {
            let mut body = vec![VERSION, PASSKEY];
            body.extend_from_slice(&(passkey.credential.len() as u16).to_be_bytes());
            body.extend_from_slice(&passkey.credential);
            skesk.serialize(&mut body);
            private(&mut out, &body);
        }
        if let Some(sealed) = &self.passphrase {
            private(&mut out, &[&[VERSION, PASSPHRASE], sealed.as_slice()].concat());
        }
        out
    }

    pub(super) fn slot(&self, credential: &[u8]) -> Result<&Slot, KeystoreError> {
        self.slots.iter().find(|slot| slot.passkey.credential == credential).ok_or(KeystoreError::UnknownPasskey)
    }

    /// Adds a passkey, or replaces the one with the same credential ID.
    pub(super) fn enrol(&mut self, slot: Slot) -> Result<(), KeystoreError> {
        if slot.passkey.credential.is_empty() || slot.passkey.credential.len() > MAX_CREDENTIAL {
            return Err(KeystoreError::UnknownPasskey);
        }
        self.slots.retain(|known| known.passkey.credential != slot.passkey.credential);
        if self.slots.len() >= MAX_PASSKEYS {
            return Err(KeystoreError::TooManyPasskeys { allowed: MAX_PASSKEYS });
        }
        self.slots.push(slot);
        Ok(())
    }
}

fn private(out: &mut Vec<u8>, body: &[u8]) {
    packet::write_header(out, PRIVATE, body.len() as u32);
    out.extend_from_slice(body);
}

fn slot(body: &[u8]) -> Option<Slot> {
    let (length, rest) = body.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (credential, rest) = rest.split_at_checked(length).filter(|_| (1..=MAX_CREDENTIAL).contains(&length))?;
    let skesk = Skesk::parse(&only(rest, Tag::SKESK)?).ok()?;
    let S2k::Other(specifier) = &skesk.s2k else { return None };
    let (&kind, input) = specifier.split_first()?;
    let prf_input = input.try_into().ok().filter(|_| kind == S2K_PRF)?;
    Some(Slot { passkey: Passkey { credential: credential.to_vec(), prf_input }, skesk })
}
