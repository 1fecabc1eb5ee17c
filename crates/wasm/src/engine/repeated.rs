//! The hash of a secret over and over, of which a key is made (RFC 9580 §3.7.1.3): 16 MiB or more, which the processor's instructions do in a
//! fraction of wasm's time.

use std::cell::RefCell;

use envelock_seipd::engine::{Hash, WebCrypto};
use js_sys::Uint8Array;
use zeroize::Zeroizing;

use super::release::release;
use super::{node, subtle};
use crate::octets::JsOctets;

/// Less than this is sooner hashed here than asked for.
const SMALL: usize = 256 << 10;

thread_local! {
    /// Zeros from one hash to the next: of a key each component has one, and memory that was never touched takes a third as long as hashing it.
    static ROOM: RefCell<Option<JsOctets>> = const { RefCell::new(None) };
}

/// Gives the room back: nothing is hashed for the moment.
pub fn finish() {
    give_back(ROOM.take());
}

fn give_back(room: Option<JsOctets>) {
    if let Some(room) = room {
        release(room.array().clone());
    }
}

/// See [`Engine::hash_repeated`](envelock_seipd::engine::Engine::hash_repeated).
pub async fn hash(
    web: Option<&WebCrypto>,
    hash: Hash,
    zeros: usize,
    unit: &[u8],
    count: usize,
) -> Option<Zeroizing<Vec<u8>>> {
    if count < SMALL || unit.is_empty() {
        return None;
    }
    let digest = match node::Crypto::find() {
        Some(node) => node.hash_repeated(hash, zeros, unit, count).await?,
        None => {
            let web = web?;
            let whole = match ROOM.take() {
                Some(room) if room.array().length() as usize == zeros + count => room,
                other => {
                    give_back(other);
                    JsOctets::zeros(zeros + count)?
                }
            };
            repeat(&whole, zeros, unit)?;
            // WebCrypto hashes one array in one go, and takes its copy before the call returns.
            let hashing = web.subtle().digest_with_str_and_buffer_source(subtle::name(hash), whole.array());
            whole.wipe();
            ROOM.set(Some(whole));
            Uint8Array::new(&subtle::settled(hashing.ok()?).await?)
        }
    };
    let copy = Zeroizing::new(digest.to_vec());
    digest.fill(0, 0, digest.length());
    Some(copy)
}

/// Fills an array from `start` on with octets over and over.
pub fn repeat(whole: &JsOctets, start: usize, unit: &[u8]) -> Option<()> {
    let room = whole.array().length() as usize - start;
    whole.write(start, unit.get(..room).unwrap_or(unit))?;
    let mut filled = unit.len();
    while filled < room {
        // Twice as many each time.
        let more = filled.min(room - filled);
        whole.array().copy_within((start + filled) as i32, start as i32, (start + more) as i32);
        filled += more;
    }
    Some(())
}
