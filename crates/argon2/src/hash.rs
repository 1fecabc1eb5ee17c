//! BLAKE2b at both ends: H0, and the hash of any length H' (RFC 9106 §3.2, §3.3).

use blake2::digest::{Digest, Update, VariableOutput};
use blake2::{Blake2b512, Blake2bVar};
use zeroize::Zeroize;

use crate::Parameters;
use crate::shape::TYPE_ID;

/// Octets that BLAKE2b gives at most.
const FULL: usize = 64;

/// What BLAKE2b gave, H0 above all. Wiped when dropped.
pub struct Hash([u8; FULL]);

impl Drop for Hash {
    #[inline(never)] // volatile writes, which would be unrolled wherever one is dropped
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

/// H0 over everything that goes in; `None` for what §3.1 does not allow.
pub fn start(password: &[u8], salt: &[u8], parameters: Parameters, key_len: usize) -> Option<Hash> {
    let Parameters { passes, lanes, memory_kib } = parameters;
    let allowed =
        passes > 0 && (1..1 << 24).contains(&lanes) && memory_kib / 8 >= lanes && salt.len() >= 8 && key_len >= 4;
    if !allowed {
        return None;
    }
    let key_len = u32::try_from(key_len).ok()?;
    let length = |field: &[u8]| u32::try_from(field.len()).ok();
    let mut head = [0; 28];
    let numbers = [lanes, key_len, memory_kib, passes, VERSION, TYPE_ID, length(password)?];
    for (octets, number) in head.as_chunks_mut().0.iter_mut().zip(numbers) {
        *octets = number.to_le_bytes();
    }
    // No secret and no associated data: twice a length of zero.
    Some(full(&[&head, password, &length(salt)?.to_le_bytes(), salt, &[0; 8]]))
}

const VERSION: u32 = 0x13;

impl Hash {
    /// H' of this and eight octets.
    pub fn with(&self, octets: [u8; 8], out: &mut [u8]) {
        long(&self.0, &octets, out);
    }
}

/// H': fills `out`, which has four octets at least, from two parts behind each other.
pub fn long(first: &[u8], second: &[u8], out: &mut [u8]) {
    let length = (out.len() as u32).to_le_bytes();
    let parts = [&length[..], first, second];
    if out.len() <= FULL {
        return short(&parts, out);
    }
    // Half of each, but the last is whole.
    let mut last = full(&parts);
    let mut rest = out;
    loop {
        let (half, behind) = rest.split_at_mut(FULL / 2);
        half.copy_from_slice(&last.0[..FULL / 2]);
        rest = behind;
        if rest.len() <= FULL {
            return short(&[&last.0], rest);
        }
        last = full(&[&last.0]);
    }
}

#[inline(never)]
fn full(parts: &[&[u8]]) -> Hash {
    let mut hash = Blake2b512::new();
    for part in parts {
        Update::update(&mut hash, part);
    }
    Hash(hash.finalize().into())
}

#[inline(never)]
fn short(parts: &[&[u8]], out: &mut [u8]) {
    let Ok(mut hash) = Blake2bVar::new(out.len()) else { return };
    for part in parts {
        hash.update(part);
    }
    let written = hash.finalize_variable(out);
    debug_assert!(written.is_ok(), "the length is that of the hash");
}
