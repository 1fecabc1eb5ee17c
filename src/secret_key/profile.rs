//! The kinds of key one can ask for.

use pgp::types::KeyVersion;

use super::algorithm::{Algorithm, Curve};
use crate::error::KeyError;

/// Which kind of key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Profile {
    /// Version 4, Ed25519 and X25519 in the encodings GnuPG has read since 2.1. The default.
    #[default]
    Compat,
    /// Version 6, Ed25519 and X25519, as RFC 9580 recommends.
    Rfc9580,
    /// Version 4, RSA: for programs that know nothing else.
    Rsa {
        /// The size of each modulus, 2048 to 4096; see [`Algorithm::RSA_BITS`].
        bits: u32,
    },
    /// Version 4, ECDSA and ECDH over a NIST curve: where rules ask for them.
    Nist {
        /// The curve.
        curve: Curve,
    },
    /// Version 6, ML-DSA-65+Ed25519 and ML-KEM-768+X25519 (RFC 9980). Experimental, and only with the feature `pqc`.
    Pqc,
}

impl Profile {
    /// `compat`, `rfc9580`, `rsa`, `nist` or `pqc`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Compat => "compat",
            Self::Rfc9580 => "rfc9580",
            Self::Rsa { .. } => "rsa",
            Self::Nist { .. } => "nist",
            Self::Pqc => "pqc",
        }
    }

    /// The profile with this [`code`](Self::code). `bits` goes with `rsa` only (3072 unless given), `curve` with `nist` only
    /// (P-256 unless given).
    pub fn from_code(code: &str, bits: Option<u32>, curve: Option<&str>) -> Result<Self, KeyError> {
        if bits.is_some() && code != "rsa" {
            return Err(KeyError::BadOptions { reason: "`bits` goes with the profile `rsa` only" });
        }
        if curve.is_some() && code != "nist" {
            return Err(KeyError::BadOptions { reason: "`curve` goes with the profile `nist` only" });
        }
        match code {
            "compat" => Ok(Self::Compat),
            "rfc9580" => Ok(Self::Rfc9580),
            "rsa" => {
                let bits = bits.unwrap_or(Algorithm::RSA_BITS);
                Algorithm::rsa(bits).map(|_| Self::Rsa { bits })
            }
            "pqc" => Ok(Self::Pqc),
            "nist" => Ok(Self::Nist { curve: curve.map_or(Ok(Curve::default()), Curve::from_code)? }),
            _ => Err(KeyError::BadOptions { reason: "no such profile" }),
        }
    }

    pub(super) fn version(self) -> KeyVersion {
        match self {
            Self::Rfc9580 | Self::Pqc => KeyVersion::V6,
            Self::Compat | Self::Rsa { .. } | Self::Nist { .. } => KeyVersion::V4,
        }
    }

    /// The mathematics of its keys.
    pub fn algorithm(self) -> Algorithm {
        match self {
            Self::Compat | Self::Rfc9580 => Algorithm::Curve25519,
            Self::Rsa { bits } => Algorithm::Rsa { bits },
            Self::Nist { curve } => Algorithm::Nist { curve },
            Self::Pqc => Algorithm::PostQuantum,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;

    #[test]
    fn codes_are_parsed_with_what_belongs_to_them() {
        assert_eq!(Profile::from_code("compat", None, None), Ok(Profile::Compat));
        assert_eq!(Profile::from_code("rfc9580", None, None), Ok(Profile::Rfc9580));
        assert_eq!(Profile::from_code("rsa", None, None), Ok(Profile::Rsa { bits: 3072 }));
        assert_eq!(Profile::from_code("rsa", Some(4096), None), Ok(Profile::Rsa { bits: 4096 }));
        assert_eq!(Profile::from_code("nist", None, None), Ok(Profile::Nist { curve: Curve::P256 }));
        assert_eq!(Profile::from_code("nist", None, Some("p521")), Ok(Profile::Nist { curve: Curve::P521 }));
        for (code, bits, curve) in [
            ("", None, None),
            ("RSA", None, None),
            ("compat", Some(2048), None),
            ("nist", Some(256), None),
            ("rsa", None, Some("p256")),
            ("rsa", Some(1024), None),
            ("rsa", Some(2047), None),
            ("rsa", Some(8192), None),
            ("nist", None, Some("p192")),
        ] {
            let refused = Profile::from_code(code, bits, curve).unwrap_err();
            assert_eq!(refused.code(), "bad-options", "{code} {bits:?} {curve:?}");
        }
    }

    #[test]
    fn algorithms_of_subkeys() {
        assert_eq!(Algorithm::from_code("curve25519"), Ok(Algorithm::Curve25519));
        assert_eq!(Algorithm::from_code("rsa-4096"), Ok(Algorithm::Rsa { bits: 4096 }));
        assert_eq!(Algorithm::from_code("p384"), Ok(Algorithm::Nist { curve: Curve::P384 }));
        for code in ["", "rsa", "rsa-", "rsa-512", "rsa-+2048x", "ed448"] {
            assert_eq!(Algorithm::from_code(code).unwrap_err().code(), "bad-options", "{code}");
        }
    }
}
