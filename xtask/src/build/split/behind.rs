//! What is in the second part although calls of the first may come to need it: old and rare algorithms.
//!
//! Where the first part calls such a function, it calls a gate: whatever is in a slot of the table that only the second part fills. Nobody comes to a
//! closed gate who asked before whether that part is there (`src/rest.rs`, in the core); whoever does meets a trap. Each entry here has its question
//! there.

/// The function that says whether the second part is there. The first part has one of its own, which says no until then.
pub const IS_LOADED: &str = "envelock::rest::is_loaded";

/// Functions of these crates, and those that are made for their types. Keys of another algorithm than Curve25519; ciphers other than AES; EAX; BZip2; how
/// rPGP locks with Argon2, which only what is below uses.
const CRATES: &[&str] = &[
    "argon2",
    "bzip2",
    "libbz2_rs_sys",
    "camellia",
    "cast5",
    "blowfish",
    "des",
    "idea",
    "twofish",
    "cx448",
    "ed448_goldilocks",
    "dsa",
    "eax",
    "ecdsa",
    "elliptic_curve",
    "envelock_rsa",
    "k256",
    "ml_dsa",
    "ml_kem",
    "num_bigint_dig",
    "num_integer",
    "p256",
    "p384",
    "p521",
    "primeorder",
    "rsa",
    "sec1",
    "slh_dsa",
];

/// Beginnings of other functions' paths.
const PATHS: &[&str] = &[
    IS_LOADED,
    // Domains in other scripts.
    "envelock::address::idn::a_labels",
    "envelock::message::compression::bunzip",
    // Ciphers other than AES, EAX, GnuPG's packet.
    "envelock::message::container::open_gnupg",
    "envelock::message::container::open_v1",
    "pgp::crypto::sym::SymmetricKeyAlgorithm>::decrypt_with_iv_regular",
    "pgp::crypto::sym::SymmetricKeyAlgorithm>::encrypt_with_iv_regular",
    "pgp::crypto::sym::decryptor::",
    "pgp::packet::sym_encrypted_protected_data::StreamDecryptor",
    "pgp::packet::sym_encrypted_protected_data::SymEncryptedProtectedData>::encrypt_seipdv1",
    // Rare locks of secret keys.
    "pgp::types::params::encrypted_secret::EncryptedSecretParams>::unlock",
    "pgp::types::s2k::StringToKey>::derive_key",
    // Keys of another algorithm than Curve25519.
    "envelock::policy::rsa::",
    "envelock::rsa::",
    "envelock::secret_key::ecdsa::",
    "pgp::crypto::dsa::",
    "pgp::crypto::ecdsa::",
    "pgp::crypto::ed448::",
    "pgp::crypto::elgamal::",
    "pgp::crypto::ml_dsa",
    "pgp::crypto::ml_kem",
    "pgp::crypto::rsa::",
    "pgp::crypto::slh_dsa",
    "pgp::crypto::x448::",
    "pgp::packet::key::public::PubKeyInner as pgp::types::key_traits::VerifyingKey>::verify",
    "pgp::types::params::public::dsa::",
    "pgp::types::params::public::ecdsa::",
    "pgp::types::params::public::ed448::",
    "pgp::types::params::public::elgamal::",
    "pgp::types::params::public::rsa::",
    "pgp::types::params::public::x448::",
];

/// Crates whose functions are the same for many types: the compiler makes one of those that come out alike, and gives it any of their names. So does it with
/// what writes things for people, and drops them.
const SHARED: &[&str] =
    &["alloc", "bytes", "core", "generic_array", "hashbrown", "hybrid_array", "smallvec", "std", "subtle", "zeroize"];

/// All of the above, by which a build knows whether it is up to date.
pub fn rules() -> String {
    format!("{CRATES:?} {PATHS:?} {SHARED:?}")
}

/// Whether a function is behind a gate, by its name without hashes.
pub fn is_behind(name: &str) -> bool {
    let begins = |at: usize| !name.get(..at).is_some_and(|before| before.ends_with(|c: char| c == ':' || is_letter(c)));
    let has = |path: &str| name.match_indices(path).any(|(at, _)| begins(at));
    let of_crate = |own: &str| {
        let behind = |at: usize| name.get(at + own.len()..).is_some_and(|behind| behind.starts_with("::"));
        name.match_indices(own).any(|(at, _)| begins(at) && behind(at))
    };
    let is_alike = name.contains(" as core::fmt::") || name.contains(" as core::ops::drop::Drop>") || is_shared(name);
    !is_alike && (PATHS.iter().any(|path| has(path)) || CRATES.iter().any(|own| of_crate(own)))
}

fn is_shared(name: &str) -> bool {
    let path = name.trim_start_matches(['<', '&', '*', '(', '[']).trim_start_matches("mut ");
    SHARED.iter().any(|own| path.strip_prefix(own).is_some_and(|behind| behind.starts_with("::")))
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::is_behind;

    #[test]
    fn crates_and_paths_are_known_by_whole_names() {
        for name in [
            "<p384::arithmetic::scalar::Scalar as elliptic_curve::ops::Invert>::invert",
            "rsa::pkcs1v15::verify",
            "<pgp::crypto::rsa::SecretKey as pgp::crypto::Signer>::sign",
            "envelock::rest::is_loaded",
        ] {
            assert!(is_behind(name), "{name}");
        }
        for name in [
            "envelock::message::rsa::decrypt",
            "sha2::sha256::compress256",
            "envelock_argon2::derive",
            "<alloc::vec::Vec<num_bigint_dig::biguint::BigUint> as core::clone::Clone>::clone",
            "<rsa::errors::Error as core::fmt::Debug>::fmt",
            "core::ptr::drop_in_place::<rsa::key::RsaPrivateKey>",
            "<rsa::key::RsaPrivateKey as core::ops::drop::Drop>::drop",
        ] {
            assert!(!is_behind(name), "{name}");
        }
    }
}
