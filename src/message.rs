//! OpenPGP messages (RFC 9580 §10.3): encrypt and decrypt, sign and verify.
//!
//! * I want to encrypt to certificates or passwords, signed or not → [`encrypt()`] ([`encrypt_blocking`] without async)
//! * I want to decrypt, and know who signed → [`decrypt()`] ([`decrypt_blocking`])
//! * I want to sign a file, a text or a message → [`sign()`]
//! * I want to check a signature → [`verify()`]
//! * I want a signed message's data and signatures apart → [`detach()`]
//! * I want to know what a message is and for whom, without opening it → [`inspect()`]
//! * I want to give one more reader access to a message → [`encrypt_session_key`], [`decrypt_session_keys`]
//!
//! * My data is larger than memory, or comes from somewhere → [`EncryptStream`], [`DecryptStream`]; with a signature beside it, [`SignStream`],
//!   [`VerifyStream`]
//! * My data is not in Rust's memory → the same with [`EncryptOptionsOn`], [`DecryptOptionsOn`], [`sign_on`], [`verify_on`]
//!
//! Time, randomness, policy and limits are parameters. A message is exactly what the grammar of §10.3 allows and nothing
//! beside it; signatures give [`Verdict`]s, never a bool. Not here: keys (`certificate`, `secret_key`), password links
//! (`envelope`), MIME.

mod agreement;
mod asked;
mod check;
mod cleartext;
mod compression;
mod container;
mod decrypt;
mod derivation;
mod detach;
mod encrypt;
mod error;
mod gathering;
mod given_key;
mod grammar;
mod hashing;
mod input;
mod inspect;
mod key_packets;
mod literal;
mod notation;
mod outline;
mod place;
mod recipient;
mod rsa;
mod seipd_v1;
mod session_key;
mod share;
mod sign;
mod signer;
mod stream;
mod unfold;
mod verdict;
mod verify;

pub use self::{
    container::Container,
    decrypt::{DecryptOptions, DecryptOptionsOn, Decrypted, Decryptor, Note, decrypt, decrypt_blocking},
    detach::{Detached, detach, hash_algorithms},
    encrypt::{EncryptOptions, EncryptOptionsOn, Format, encrypt, encrypt_blocking},
    error::{DecryptError, EncryptError, SignError, VerifyError},
    given_key::SessionKey,
    inspect::{Inspection, MessageKind, Named, inspect, inspect_on},
    key_packets::{SessionKeyOptions, decrypt_session_keys, encrypt_session_key},
    notation::Notation,
    place::Place,
    sign::{SignOptions, SignOptionsOn, SignatureForm, sign, sign_on},
    signer::Signer,
    stream::{DecryptStream, EncryptStream, PART, SignStream, UNKNOWN_TOTAL, VerifyStream},
    verdict::{CertificateSource, FromMatch, Overall, Reason, Verdict, VerdictStatus, overall},
    verify::{SignedInput, SignedInputOn, Verified, VerifyOptions, VerifyOptionsOn, verify, verify_on},
};

// What envelopes are made with.
pub(crate) use self::{
    check::{Checker, Context, compare_from},
    cleartext::to_crlf,
    decrypt::{Encrypted as EncryptedPacket, decrypt_with, open as open_container},
    grammar::{Shape, parse as parse_packets},
    hashing::Hashed,
    inspect::hash_names,
    literal::{MAX_NAME, head as literal_head},
    recipient::Recipients,
    share::{Steps, Whole},
    sign::sign_inline,
    signer::{Terms, prepare},
    unfold::{FoundSignature, detached_signatures, read_signatures},
    verify::verify_with,
};
