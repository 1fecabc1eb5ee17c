//! Attacks from the literature, each as a test that fails when its defence is taken away. Beside them stand the rows of
//! `tests/vectors` that name an attack, and the hostile input of `tests/hostile*.rs`.
//!
//! Each test was seen to fail with the defence beside it removed by one edit, and nothing else changed in its way:
//!
//! | attack | test | defence that was removed |
//! | --- | --- | --- |
//! | appended literal data (CVE-2025-47934) | `signatures::cve_2025_47934_…` | `message/grammar.rs` `signed`: nothing beside the data |
//! | text in a cleartext header (CVE-2023-41037) | `signatures::cve_2023_41037_…` | `message/cleartext.rs` `check_header` |
//! | lines that look blank, the same | the same | `message/cleartext.rs` `without_blanks`: space and tab only |
//! | text behind a cleartext signature | the same | `message/cleartext.rs` `ends_with_tail` |
//! | key overwriting | `keys::public_parameters_…` | `secret_key/matching.rs` `check` |
//! | subkey binding theft | `keys::subkeys_that_were_stolen` | `certificate/self_signatures.rs` `consent`: the 0x19 verifies; its end |
//! | expired signer | `signatures::expired_and_backdated_signers` | `message/check.rs` `entitlement`; `certificate/checked.rs` `alive` |
//! | backdated signer | the same | `certificate/self_signatures.rs` `revocation`: hard ones count whatever their date |
//! | SHA-1 collision, MD5, RIPEMD | `signatures::sha1_over_data` | `policy.rs` `accepts_hash` |
//! | control and bidi characters in user IDs | `keys::user_ids_that_deceive` | `inspect/user_id.rs` `user_id_warnings` |
//! | unhashed subpackets | `signatures::what_is_said_…`, `keys::capabilities_…` | `certificate/rules.rs` `last`: hashed area only |
//! | unknown critical notation | `signatures::unknown_critical_…` | `certificate/rules.rs` `is_known`; `check_signature` |
//! | MDC stripping | `containers::the_mdc_cannot_be_stripped` | `message/container.rs` `Container::of` (SED); `read_all` |
//! | EFAIL gadgets, SEIPD v1 | `containers::efail_gadgets` | `message/container.rs` `read_all`: no plaintext of a failed read |
//! | EFAIL gadgets, SEIPD v2 | the same | `seipd/engine/rustcrypto.rs` `open`: the tag |
//! | PKESK of another version | `containers::session_key_packets_…` | `message/session_key.rs` `plan_pkesk`: `fits` |
//! | SKESK of another version | the same | `message/session_key.rs` `plan_skesk`: `fits` |
//! | cipher changed in a PKESK | `containers::a_cipher_named_in_the_clear` | `message/session_key.rs` `check_cipher` |
//! | data hashed for each key | `costs::a_signature_without_an_issuer_…` | `message/check.rs`: one hash for each signature |
//! | a signer judged for each date | `costs::a_flooded_certificate_…` | `certificate/judgements.rs` `judge` |
//! | weak RSA | `keys::weak_rsa` | `policy/rsa.rs` `check`: size; exponent. Even moduli are not even read by rPGP |
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../messages/cast.rs"]
#[allow(dead_code)]
mod cast;
#[path = "../keys/forge.rs"]
#[allow(dead_code)]
mod forge;

mod containers;
mod costs;
mod keys;
mod mails;
mod signatures;
