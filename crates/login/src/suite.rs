//! What both sides must do alike. Everything is fixed: another choice would be another version of the protocol.

use envelock_argon2::{Parameters, derive};
use opaque_ke::errors::InternalError;
use opaque_ke::generic_array::typenum::Unsigned;
use opaque_ke::generic_array::{ArrayLength, GenericArray};
use opaque_ke::ksf::Ksf;
use opaque_ke::{CipherSuite, Ristretto255, TripleDh};
use sha2::Sha512;

/// The application's part of every transcript (RFC 9807 §6.4.2.1): no login of one version finishes as one of another.
pub(crate) const CONTEXT: &[u8] = b"envelock login v1";

/// ristretto255, SHA-512, HKDF and HMAC with SHA-512, 3DH (RFC 9807 §7) and Argon2id as below.
pub(crate) struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, Sha512>;
    type Ksf = Argon2id;
}

const _: () = {
    assert!(<opaque_ke::RegistrationRequestLen<Suite> as Unsigned>::USIZE == size_of::<crate::RegistrationRequest>());
    assert!(<opaque_ke::RegistrationResponseLen<Suite> as Unsigned>::USIZE == size_of::<crate::RegistrationResponse>());
    assert!(<opaque_ke::RegistrationUploadLen<Suite> as Unsigned>::USIZE == size_of::<crate::RegistrationRecord>());
    assert!(<opaque_ke::CredentialRequestLen<Suite> as Unsigned>::USIZE == size_of::<crate::Ke1>());
    assert!(<opaque_ke::CredentialResponseLen<Suite> as Unsigned>::USIZE == size_of::<crate::Ke2>());
    assert!(<opaque_ke::CredentialFinalizationLen<Suite> as Unsigned>::USIZE == size_of::<crate::Ke3>());
};

/// The key stretching function (RFC 9807 §2.1): Argon2id, 64 MiB, t=3, p=4, the second choice of RFC 9106 §4, which a
/// telephone's browser can afford. Its salt is zero (RFC 9807 §7): what comes in depends on the account already.
#[derive(Default)]
pub(crate) struct Argon2id;

impl Ksf for Argon2id {
    fn hash<L: ArrayLength<u8>>(&self, input: GenericArray<u8, L>) -> Result<GenericArray<u8, L>, InternalError> {
        const COST: Parameters = Parameters { passes: 3, lanes: 4, memory_kib: 64 << 10 };
        let mut stretched = GenericArray::default();
        derive(&input, &[0; 16], COST, &mut stretched).map_err(|_| InternalError::KsfError)?;
        Ok(stretched)
    }
}

/// Octets as an array; what is missing is zero. Messages have the lengths that are asserted above.
pub(crate) fn array<const N: usize>(octets: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    for (to, from) in array.iter_mut().zip(octets) {
        *to = *from;
    }
    array
}
