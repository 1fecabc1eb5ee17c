//! Argon2id as a string-to-key function (RFC 9580 §3.7.1.4, RFC 9106).

use alloc::vec;
use alloc::vec::Vec;

use envelock_argon2::Parameters;
use zeroize::Zeroizing;

use crate::engine::{self, Engine};
use crate::{Error, Limits};

/// The Argon2 S2K specifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct S2kArgon2 {
    /// The salt.
    pub salt: [u8; 16],
    /// Passes, `t`.
    pub passes: u8,
    /// Degree of parallelism, `p`.
    pub lanes: u8,
    /// Memory is 2^this KiB.
    pub memory_exponent: u8,
}

impl S2kArgon2 {
    /// Type octet of this S2K (RFC 9580 §3.7.1).
    pub const TYPE: u8 = 4;
    /// Octets of the specifier with its type.
    pub const LEN: usize = 20;

    /// Reads a specifier that stands alone, type octet included.
    pub fn parse(specifier: &[u8]) -> Result<Self, Error> {
        let parameters = match specifier.split_first() {
            Some((&Self::TYPE, rest)) => rest,
            Some(_) => return Err(Error::Unsupported("S2K type")),
            None => return Err(Error::Malformed("S2K is cut")),
        };
        let Some((salt, &[passes, lanes, memory_exponent])) = parameters.split_first_chunk::<16>() else {
            return Err(Error::Malformed("Argon2 S2K length"));
        };
        Ok(S2kArgon2 { salt: *salt, passes, lanes, memory_exponent })
    }

    /// Appends the specifier, type octet included.
    pub fn serialize(&self, out: &mut Vec<u8>) {
        out.push(Self::TYPE);
        out.extend_from_slice(&self.salt);
        out.extend_from_slice(&[self.passes, self.lanes, self.memory_exponent]);
    }

    /// Refuses parameters that RFC 9580 §3.7.1.4 forbids or that cost more than the limits, before anything is allocated.
    pub fn check(&self, limits: &Limits) -> Result<(), Error> {
        // 3 + ceil(log2(p)) ≤ encoded_m ≤ 31; t and p are non-zero.
        let least = 3 + u32::from(self.lanes).next_power_of_two().trailing_zeros();
        if self.passes == 0 || self.lanes == 0 || self.memory_exponent > 31 || u32::from(self.memory_exponent) < least {
            return Err(Error::Malformed("Argon2 parameters"));
        }
        let required_kib = 1u64 << self.memory_exponent;
        if required_kib > limits.argon2_kib || self.passes > limits.argon2_passes {
            return Err(Error::S2kTooExpensive {
                required_kib,
                allowed_kib: limits.argon2_kib,
                required_passes: self.passes,
                allowed_passes: limits.argon2_passes,
            });
        }
        Ok(())
    }

    /// Derives octets from a passphrase. Takes about 0.2 s and 64 MiB at `t` = 3, `memory_exponent` = 16.
    pub fn derive(&self, passphrase: &[u8], length: usize, limits: &Limits) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.check(limits)?;
        let mut key = Zeroizing::new(vec![0; length]);
        envelock_argon2::derive(passphrase, &self.salt, self.parameters(), &mut key).map_err(failed)?;
        Ok(key)
    }

    /// [`S2kArgon2::derive`] on an engine: see [`engine::argon2`].
    pub async fn derive_on<E: Engine>(
        &self,
        engine: &E,
        passphrase: &[u8],
        length: usize,
        limits: &Limits,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.check(limits)?;
        engine::argon2(engine, passphrase, &self.salt, self.parameters(), length).await.map_err(failed)
    }

    fn parameters(&self) -> Parameters {
        Parameters { passes: self.passes.into(), lanes: self.lanes.into(), memory_kib: 1 << self.memory_exponent }
    }
}

fn failed(error: envelock_argon2::Error) -> Error {
    match error {
        envelock_argon2::Error::Parameters => Error::Malformed("Argon2 parameters"),
        envelock_argon2::Error::OutOfMemory => Error::OutOfMemory,
    }
}
