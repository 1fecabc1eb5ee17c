//! Cuts octets into packets and packets into transferable keys (RFC 9580 §10.1, §10.2).

use envelock_seipd::packet::split;

use super::{
    Keyring,
    draft::Draft,
    mixed::is_armor,
    packets::{SecretNumbers, tag},
    problem::{Place, ProblemKind},
};
use crate::{error::KeyError, limits::Limits};

/// Where binary octets come from: the block of armor, or 0, and where in the input they start, or in the block.
#[derive(Clone, Copy)]
pub(super) struct Start {
    pub(super) offset: usize,
    pub(super) block: usize,
}

/// Reads the keys in binary `octets` and appends them to `keyring`. Gives where armor begins among them, or their end.
pub(super) fn assemble(
    octets: &[u8],
    Start { offset, block }: Start,
    limits: &Limits,
    numbers: SecretNumbers,
    keyring: &mut Keyring,
) -> Result<usize, KeyError> {
    let mut draft: Option<Draft<'_>> = None;
    let mut next = 0;
    for packet in split(octets) {
        let Ok(packet) = packet else {
            let place = Place { tag: None, offset: offset + next, block };
            if block == 0 && is_armor(octets.get(next..).unwrap_or_default()) {
                keyring.entries.extend(draft.map(Draft::finish));
                return Ok(next);
            }
            match draft.as_mut() {
                Some(draft) => draft.note(place, ProblemKind::Truncated),
                None => keyring.skip(place, ProblemKind::Truncated),
            }
            break;
        };
        let place = Place { tag: Some(packet.tag), offset: offset + packet.span.start, block };
        next = packet.span.end;
        let body: &[u8] = &packet.body;
        match packet.tag {
            tag::PUBLIC_KEY | tag::SECRET_KEY => {
                if let Some(finished) = draft.replace(Draft::start(packet.tag, body, place, limits, numbers)) {
                    keyring.entries.push(finished.finish());
                }
                if keyring.entries.len() >= limits.keys {
                    let allowed = limits.keys as u64;
                    return Err(KeyError::TooLarge { unit: "keys", found: allowed + 1, allowed });
                }
            }
            // §5.8, §5.10, §5.14: to be ignored wherever they stand.
            tag::MARKER | tag::TRUST | tag::PADDING => {}
            _ => match draft.as_mut() {
                Some(draft) => draft.add(packet.tag, body, place),
                // What stands before the first key belongs to none.
                None => keyring.skip(place, ProblemKind::NotAKey),
            },
        }
    }
    keyring.entries.extend(draft.map(Draft::finish));
    Ok(octets.len())
}
