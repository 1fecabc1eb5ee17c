//! What is in the second part although calls of the first may come to need it: old and rare algorithms.
//!
//! Where the first part calls such a function, it calls a gate: whatever is in a slot of the table that only the second part fills. Nobody comes to a
//! closed gate who asked before whether that part is there (`src/rest.rs`, in the core); whoever does meets a trap. Each entry here has its question
//! there.

/// The function that says whether the second part is there. The first part has one of its own, which says no until then.
pub const IS_LOADED: &str = "envelock::rest::is_loaded";

/// Functions of these crates, and those that are made for their types. Keys of another algorithm than Curve25519; what is faster where engines know it; ciphers other than AES; EAX; BZip2;
/// rPGP's Argon2, which only what is below uses.
const CRATES: &[&str] = &[
    "argon2",
    "libbz2_rs_sys",
    "camellia",
    "cast5",
    "blowfish",
    "des",
    "idea",
    "twofish",
    "cx448",
    "dsa",
    "eax",
    "ecdsa",
    "elliptic_curve",
    "envelock_fma",
    "envelock_rsa",
    "k256",
    "num_bigint_dig",
    "num_integer",
    "p256",
    "p384",
    "p521",
    "primeorder",
    "rsa",
    "sec1",
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
    "pgp::crypto::sym::decryptor::",
    "pgp::packet::sym_encrypted_protected_data::StreamDecryptor",
    // Rare locks of secret keys.
    "envelock::secret_key::rare::open",
    "pgp::types::s2k::StringToKey>::derive_key",
    // Keys of another algorithm than Curve25519.
    "envelock::encoded::",
    "envelock::policy::rsa::",
    "envelock::rsa::",
    "envelock::x25519::",
    "envelock::secret_key::ecdsa::",
    "envelock::signature::platform::is_by",
    "envelock::signature::platform::sign",
    "envelock_wasm::engine::agreement::",
    "envelock_wasm::engine::node::Crypto>::agree",
    "pgp::crypto::dsa::",
    "pgp::crypto::ecdsa::",
    "pgp::crypto::ed448::",
    "pgp::crypto::elgamal::",
    "pgp::crypto::rsa::",
    "pgp::crypto::x448::",
    "pgp::packet::key::public::PubKeyInner as pgp::types::key_traits::VerifyingKey>::verify",
    "pgp::types::params::public::dsa::",
    "pgp::types::params::public::ecdsa::",
    "pgp::types::params::public::ed448::",
    "pgp::types::params::public::elgamal::",
    "pgp::types::params::public::rsa::",
    "pgp::types::params::public::x448::",
];

/// The same, of which only the module with post-quantum algorithms has anything.
const POST_QUANTUM_CRATES: &[&str] = &["ml_dsa", "ml_kem", "slh_dsa"];
const POST_QUANTUM_PATHS: &[&str] = &["pgp::crypto::ml_dsa", "pgp::crypto::ml_kem", "pgp::crypto::slh_dsa"];

/// Crates whose functions are the same for many types: the compiler makes one of those that come out alike, and gives it any of their names. So does it with
/// what writes things for people, and drops them.
const SHARED: &[&str] =
    &["alloc", "bytes", "core", "generic_array", "hashbrown", "hybrid_array", "smallvec", "std", "subtle", "zeroize"];

/// All of the above, by which a build knows whether it is up to date.
pub fn rules() -> String {
    format!("{CRATES:?} {PATHS:?} {POST_QUANTUM_CRATES:?} {POST_QUANTUM_PATHS:?} {SHARED:?}")
}

/// Whether a function is behind a gate, by its name without hashes.
pub fn is_behind(name: &str) -> bool {
    let is_alike = name.contains(" as core::fmt::") || name.contains(" as core::ops::drop::Drop>") || is_shared(name);
    !is_alike && entries(true).any(|entry| entry.names(name))
}

/// What of the lists is behind none of these functions' names: it says of code that is not there, or has another name now, that it is not loaded at first.
pub fn unused(names: &[String], is_post_quantum: bool) -> Vec<&'static str> {
    let is_used = |entry: &Entry| names.iter().any(|name| entry.names(name));
    entries(is_post_quantum).filter(|entry| !is_used(entry)).map(Entry::text).collect()
}

/// An entry of the lists.
enum Entry {
    Crate(&'static str),
    Path(&'static str),
}

fn entries(is_post_quantum: bool) -> impl Iterator<Item = Entry> {
    let more = |list: &'static [&'static str]| if is_post_quantum { list } else { &[] };
    let crates = CRATES.iter().chain(more(POST_QUANTUM_CRATES)).copied().map(Entry::Crate);
    crates.chain(PATHS.iter().chain(more(POST_QUANTUM_PATHS)).copied().map(Entry::Path))
}

impl Entry {
    fn text(self) -> &'static str {
        let (Self::Crate(text) | Self::Path(text)) = self;
        text
    }

    fn names(&self, function: &str) -> bool {
        let begins =
            |at: usize| !function.get(..at).is_some_and(|before| before.ends_with(|c: char| c == ':' || is_letter(c)));
        match self {
            Self::Path(path) => function.match_indices(path).any(|(at, _)| begins(at)),
            Self::Crate(own) => {
                let behind = |at: usize| function.get(at + own.len()..).is_some_and(|behind| behind.starts_with("::"));
                function.match_indices(own).any(|(at, _)| begins(at) && behind(at))
            }
        }
    }
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
    use super::{is_behind, unused};

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

    #[test]
    fn an_entry_that_is_behind_nothing_is_told() {
        let names = ["rsa::pkcs1v15::verify", "envelock::rest::is_loaded", "ml_kem::decapsulate"].map(str::to_owned);
        let unused = |is_post_quantum| unused(&names, is_post_quantum);
        assert!(!unused(true).contains(&"rsa") && !unused(true).contains(&"envelock::rest::is_loaded"));
        assert!(unused(true).contains(&"dsa") && unused(true).contains(&"envelock::rsa::"));
        let of_post_quantum = |name| [false, true].map(|is_post_quantum| unused(is_post_quantum).contains(&name));
        assert_eq!([of_post_quantum("slh_dsa"), of_post_quantum("ml_kem")], [[false, true], [false, false]]);
    }
}
