//! `envelock-seal`: encrypts mail that arrived to the certificate of its owner, and can do nothing else.
//!
//! The server has no OpenPGP code: it cannot decrypt by construction. Yet mail from outside comes as its sender wrote it, and nobody but its
//! owner is to read it once it lies on the disk. So a process of its own encrypts each message: it has no key but a public one, gives up the right
//! to open files and connections before it reads anything, is told nothing by its arguments, and is gone afterwards.
//!
//! - Standard input: the length of the certificate, four octets, most significant first; the certificate (RFC 9580 §10.1), binary or armored;
//!   then what is to be encrypted, to the end.
//! - Standard output: an OpenPGP message, binary, of the newest format that the certificate says its owner reads (RFC 9580 §5.13).
//! - `--check`: the certificate alone comes in and nothing goes out.
//! - Exit status: 0; 64 wrong arguments; 65 a certificate that cannot be encrypted to; 70 encrypting failed; 71 the system does not confine it;
//!   74 input or output failed; 77 a secret key, or something with one in it. Why is told on standard error.
//!
//! Of the message no more than a piece is held at a time. Not here: what a mail is, where it lies (`envelock-server`).
#![forbid(unsafe_code)]

mod failure;

use envelock::message::{EncryptOptions, EncryptStream};
use envelock::{Certificate, Limits, Policy, Timestamp, holds_secret_key};
use failure::Failure;
use rand::rngs::OsRng;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{ErrorKind, Read, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

/// Most octets of a certificate.
const CERTIFICATE: u32 = 1 << 20;

/// Most octets of memory, the program and what it maps included.
const MEMORY: u64 = 512 << 20;

/// What is read at a time.
const PIECE: usize = 128 << 10;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = confine().map_err(|error| Failure::Confinement(error.into())).and_then(|()| {
        match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => seal(&mut std::io::stdin().lock(), &mut std::io::stdout().lock()),
            ["--check"] => check(&mut std::io::stdin().lock()),
            _ => Err(Failure::Usage),
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("envelock-seal: {failure}");
            failure.status()
        }
    }
}

/// Leaves it what it has, standard input and output, and takes everything else: files and connections that it might open, programs that it
/// might start, a core dump with what it read, and memory without end.
fn confine() -> rustix::io::Result<()> {
    for (resource, most) in [(Resource::Nofile, 0), (Resource::Nproc, 0), (Resource::Core, 0), (Resource::As, MEMORY)] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

/// Encrypts what follows the certificate.
fn seal(input: &mut impl Read, output: &mut impl Write) -> Result<(), Failure> {
    let (mut sealing, first) = begin(&[certificate(input)?])?;
    output.write_all(&first)?;
    let mut piece = Zeroizing::new(vec![0; PIECE]);
    loop {
        let length = match input.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        let piece = piece.get(..length).unwrap_or_default();
        output.write_all(&sealing.push_blocking(piece, &mut ()).map_err(Failure::Encrypting)?)?;
    }
    output.write_all(&sealing.finish_blocking(&mut OsRng, &mut ()).map_err(Failure::Encrypting)?)?;
    Ok(output.flush()?)
}

/// Whether this certificate can be encrypted to now, by the rules that [`seal`] goes by.
fn check(input: &mut impl Read) -> Result<(), Failure> {
    begin(&[certificate(input)?]).map(drop)
}

/// What encrypts to them, and how the message begins.
fn begin(recipients: &[Certificate]) -> Result<(EncryptStream, Vec<u8>), Failure> {
    let options = EncryptOptions { recipients, armor: false, ..EncryptOptions::default() };
    EncryptStream::begin_blocking(options, &Policy::default(), &Limits::default(), now(), &mut OsRng)
        .map_err(Failure::Unusable)
}

fn certificate(input: &mut impl Read) -> Result<Certificate, Failure> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > CERTIFICATE {
        return Err(Failure::TooLarge);
    }
    let mut octets = Zeroizing::new(Vec::new());
    input.take(length.into()).read_to_end(&mut octets)?;
    if holds_secret_key(&octets, &Limits::default())? {
        return Err(Failure::SecretKey);
    }
    Ok(Certificate::parse(&octets, &Limits::default())?)
}

/// Whole seconds since 1970; before and after what OpenPGP can say, the nearest that it can.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Timestamp::from_secs(u32::try_from(since).unwrap_or(u32::MAX))
}
