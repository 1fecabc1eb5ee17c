//! Cuts octets into packets and packets into transferable keys (RFC 9580 §10.1, §10.2).

use envelock_seipd::packet::split;

use super::{
    Keyring,
    draft::Draft,
    packets::tag,
    problem::{Place, ProblemKind},
};
use crate::{error::KeyError, limits::Limits};

/// Reads the keys in binary `octets` and appends them to `keyring`. `block` is the block of armor they came from, or 0.
pub(super) fn assemble(octets: &[u8], block: usize, limits: &Limits, keyring: &mut Keyring) -> Result<(), KeyError> {
    let mut draft: Option<Draft<'_>> = None;
    let mut next = 0;
    for packet in split(octets) {
        let Ok(packet) = packet else {
            let place = Place { tag: None, offset: next, block };
            match draft.as_mut() {
                Some(draft) => draft.note(place, ProblemKind::Truncated),
                None => keyring.skip(place, ProblemKind::Truncated),
            }
            break;
        };
        let place = Place { tag: Some(packet.tag), offset: packet.span.start, block };
        next = packet.span.end;
        let body: &[u8] = &packet.body;
        match packet.tag {
            tag::PUBLIC_KEY | tag::SECRET_KEY => {
                if let Some(finished) = draft.replace(Draft::start(packet.tag, body, place, limits)) {
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
    Ok(())
}
