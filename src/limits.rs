//! Upper bounds on what input may cost, in one struct; every default names its source.
//!
//! Limits are checked before the cost is paid. They bound work and memory, never meaning: what is acceptable
//! cryptography is `policy`.

use pgp::types::StringToKey;

use crate::error::KeyError;

/// What one of `s2k_derivations` may cost on average: 384 MiB written, about 0.4 s.
pub(crate) const MIB_PASSES_PER_DERIVATION: u64 = 384;
/// What a derivation costs as this library asks for it: Argon2 with 64 MiB in three passes. The iterated S2K costs less.
pub(crate) const MIB_PASSES_OF_OUR_OWN: u64 = 3 * 64;

/// What a caller is willing to spend on input from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Argon2 memory in KiB. 1 GiB: half of rPGP's own cap, and 16 times what RFC 9106 §4 calls "low memory".
    pub argon2_kib: u32,
    /// Argon2 passes. 10: three times RFC 9106's second recommended option.
    pub argon2_passes: u8,
    /// Argon2 lanes. 16: four times RFC 9106's recommendation.
    pub argon2_lanes: u8,
    /// Session-key packets tried per message, of those that name one of our keys or ask for a password. 10: a message to
    /// more people is still read when ours is among the first ten that could fit.
    pub session_key_packets: usize,
    /// Attempts per message at packets that do not name their recipient, one for each packet and each of our keys of that
    /// algorithm. 256: four keys of ours and the 64 recipients an envelope may have.
    pub anonymous_attempts: usize,
    /// S2K derivations per message. 4: each may take half a second at the memory limit, so that a message costs at most
    /// two seconds. How many passwords a message may be encrypted to follows from it: [`passwords`](Self::passwords).
    pub s2k_derivations: usize,
    /// Plaintext octets of one message. 256 MiB: ten times the largest envelope a server takes by default.
    pub plaintext_bytes: u64,
    /// Plaintext octets per octet of compressed data. 250: real mail stays below 60, zip bombs start at 1000.
    pub decompression_ratio: u64,
    /// Plaintext octets below which `decompression_ratio` is not enforced. 16 MiB: harmless, and empty disk images compress well.
    pub decompression_floor: u64,
    /// Layers of signed, compressed or encrypted data. 16, as Sequoia.
    pub nesting: usize,
    /// Packets in one message. 4096: a signed message needs five.
    pub message_packets: usize,
    /// Signatures in one message, written or read. 32.
    pub message_signatures: usize,
    /// Octets of key material read at once, decoded. 16 MiB: the largest real keyrings; one flooded key is refused below.
    pub key_bytes: usize,
    /// Keys in one input. 1000.
    pub keys: usize,
    /// Packets of one key. 10 000: flooded keys of the 2019 attack had 150 000.
    pub key_packets: usize,
    /// Signatures on one component. 1000: self-signatures are looked for among them.
    pub component_signatures: usize,
    /// User IDs and user attributes of one key. 100.
    pub user_ids: usize,
    /// Octets of one user ID. 2048, as GnuPG.
    pub user_id_bytes: usize,
    /// Subkeys of one key. 100.
    pub subkeys: usize,
    /// Signatures verified to find out what gives way in a key that has become too large, of those that were there and of those
    /// that came, each; and to judge who signed a message, those of the signers' certificates included (four times as many for a
    /// mail with all that is in it). 2000: twice what one component may hold, and a second or two with the slowest algorithms.
    pub verifications: usize,
}

impl Default for Limits {
    /// Limits for native programs.
    fn default() -> Self {
        Self {
            argon2_kib: 1 << 20,
            argon2_passes: 10,
            argon2_lanes: 16,
            session_key_packets: 10,
            anonymous_attempts: 256,
            s2k_derivations: 4,
            plaintext_bytes: 256 << 20,
            decompression_ratio: 250,
            decompression_floor: 16 << 20,
            nesting: 16,
            message_packets: 4096,
            message_signatures: 32,
            key_bytes: 16 << 20,
            keys: 1000,
            key_packets: 10_000,
            component_signatures: 1000,
            user_ids: 100,
            user_id_bytes: 2048,
            subkeys: 100,
            verifications: 2000,
        }
    }
}

impl Limits {
    /// Limits for a browser tab: as [`Limits::default`], with at most 256 MiB for Argon2, since a wasm memory never
    /// shrinks again.
    pub fn browser() -> Self {
        Self { argon2_kib: 256 << 10, ..Self::default() }
    }

    /// Passwords one message may be encrypted to: as many packets as a reader with one password tries within
    /// `s2k_derivations`. 8.
    pub fn passwords(&self) -> usize {
        let tried = MIB_PASSES_PER_DERIVATION.saturating_mul(self.s2k_derivations as u64) / MIB_PASSES_OF_OUR_OWN;
        usize::try_from(tried).unwrap_or(usize::MAX).min(self.session_key_packets)
    }

    /// Refuses a string-to-key specifier that is invalid or costs more than allowed (RFC 9580 §3.7.1). Derives nothing.
    pub fn check_s2k(&self, s2k: &StringToKey) -> Result<(), KeyError> {
        match s2k {
            // Iterated S2K hashes at most 62 MiB (the count octet's range): below a second, so never refused.
            StringToKey::Simple { .. } | StringToKey::Salted { .. } | StringToKey::IteratedAndSalted { .. } => Ok(()),
            StringToKey::Argon2 { t, p, m_enc, .. } => self.check_argon2(*t, *p, *m_enc),
            _ => Err(KeyError::BadS2k { reason: "reserved or private specifier" }),
        }
    }

    /// RFC 9580 §3.7.1.4: t and p are at least 1, and encoded_m lies between 3 + ceil(log2 p) and 31.
    fn check_argon2(&self, passes: u8, lanes: u8, encoded_m: u8) -> Result<(), KeyError> {
        if passes == 0 || lanes == 0 {
            return Err(KeyError::BadS2k { reason: "Argon2 with zero passes or lanes" });
        }
        let least = 3 + u32::from(lanes).next_power_of_two().trailing_zeros();
        if encoded_m > 31 || u32::from(encoded_m) < least {
            return Err(KeyError::BadS2k { reason: "Argon2 memory exponent out of range" });
        }
        let required_kib = 1u64 << encoded_m;
        if required_kib > u64::from(self.argon2_kib) || passes > self.argon2_passes || lanes > self.argon2_lanes {
            return Err(KeyError::S2kTooExpensive { required_kib, passes, allowed_kib: self.argon2_kib });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;

    fn argon2(t: u8, p: u8, m_enc: u8) -> StringToKey {
        StringToKey::Argon2 { salt: [0; 16], t, p, m_enc }
    }

    #[test]
    fn recommended_parameters_pass() {
        Limits::browser().check_s2k(&argon2(3, 4, 16)).unwrap();
        Limits::browser().check_s2k(&argon2(1, 4, 18)).unwrap();
    }

    #[test]
    fn costly_parameters_are_refused_before_any_work() {
        for s2k in [argon2(3, 4, 31), argon2(3, 4, 21), argon2(200, 4, 16), argon2(1, 255, 16)] {
            let refused = Limits::default().check_s2k(&s2k).unwrap_err();
            assert_eq!(refused.code(), "too-expensive", "{s2k:?}");
        }
        assert_eq!(Limits::browser().check_s2k(&argon2(1, 4, 19)).unwrap_err().code(), "too-expensive");
    }

    #[test]
    fn impossible_parameters_are_named() {
        for s2k in [argon2(3, 0, 16), argon2(0, 4, 16), argon2(3, 4, 4), argon2(3, 4, 32), argon2(3, 4, 255)] {
            assert_eq!(Limits::default().check_s2k(&s2k).unwrap_err().code(), "bad-s2k", "{s2k:?}");
        }
    }
}
