//! `envelock-sop`: the Stateless OpenPGP command line (draft-dkg-openpgp-stateless-cli) over the Envelock core.
//!
//! The command line itself is the crate `sop`. Here its operations are put to the core: read files, one core call, write.
//! What a key may do, what a signature is worth and what input may cost is decided in the core, by the same rules as for the
//! browser. This program is the only room that reads the clock and the system's random source for the core.
//!
//! Not here: HTTP, storage. Exit codes: [`failure`].
#![forbid(unsafe_code)]

mod arguments;
mod armor;
mod certificates;
mod certify;
mod decrypt;
mod encrypt;
mod failure;
mod generate;
mod inline;
mod input;
mod keys;
mod merge;
mod passphrases;
mod program;
mod recertify;
mod sign;
mod signatures;
mod verify;

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = arguments::objection(std::env::args().skip(1)) {
        return code;
    }
    sop::cli::main(&mut program::Envelock, sop::cli::Variant::Full)
}
