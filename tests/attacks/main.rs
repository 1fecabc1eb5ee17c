//! Attacks from the literature, each as a test that fails when its defence is taken away. Beside them stand the rows of
//! `tests/vectors` that name an attack, and the hostile input of `tests/hostile*.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../messages/cast.rs"]
#[allow(dead_code)]
mod cast;
#[path = "../keys/forge.rs"]
#[allow(dead_code)]
mod forge;

mod containers;
mod keys;
mod mails;
mod signatures;
