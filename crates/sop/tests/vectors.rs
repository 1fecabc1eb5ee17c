//! Every row of `tests/vectors/INDEX.tsv` through `envelock-sop`, each as a test of its own; no file is known by name.
//!
//! Each row also has an unwritten clause, checked here as well: no crash, and at most two seconds (debug builds get more).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod command;
#[path = "../../../tests/corpus/mod.rs"]
mod corpus;

use std::time::{Duration, Instant};

use command::{Folder, run_at};
use corpus::{Given, Imported, Read, Row, octets};
use libtest_mimic::{Arguments, Failed, Trial};
use sha2::{Digest, Sha256};

const TIME_LIMIT: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });

/// The exit codes that the specification names; a crash has another one.
const NAMED: [i32; 25] =
    [0, 1, 3, 13, 17, 19, 23, 29, 31, 37, 41, 53, 59, 61, 67, 69, 71, 73, 79, 83, 89, 97, 101, 103, 107];
/// A panic's exit code, which is a named one by chance.
const PANIC: i32 = 101;

fn main() {
    let trials = corpus::rows().into_iter().map(|row| {
        let name = format!("{}::{}", row.kind, row.id);
        Trial::test(name, move || judge(&row)).with_kind("sop")
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn judge(row: &Row) -> Result<(), Failed> {
    let work = Folder::new();
    if row.expected.starts_with("import=") {
        let got = import(row, &work)?;
        return told(corpus::met_key(&row.expected, &got), row, &got);
    }
    let got = match row.job() {
        "sig-detached" => detached(row, &work)?,
        kind if kind.starts_with("sig-") => inline(row, &work)?,
        _ => message(row, &work)?,
    };
    told(corpus::met_read(&row.expected, &got), row, &got)
}

fn told(met: bool, row: &Row, got: &dyn std::fmt::Debug) -> Result<(), Failed> {
    if met { Ok(()) } else { Err(format!("expected {}\n     got {got:?}\n     {}", row.expected, row.why).into()) }
}

/// Runs the program at the corpus' moment; gives what it wrote if it ended well, else what it said.
fn run(arguments: &[String], input: &[u8]) -> Result<Result<Vec<u8>, String>, Failed> {
    let start = Instant::now();
    let output = run_at(Some(corpus::REFERENCE_SECONDS), arguments, input);
    let elapsed = start.elapsed();
    if elapsed > TIME_LIMIT {
        return Err(format!("{arguments:?} took {elapsed:?}").into());
    }
    if !NAMED.contains(&output.code) || output.code == PANIC {
        return Err(format!("{arguments:?} ended with {}: {}", output.code, output.error).into());
    }
    Ok(if output.code == 0 { Ok(output.data) } else { Err(format!("{} {}", output.code, output.error)) })
}

fn message(row: &Row, work: &Folder) -> Result<Read, Failed> {
    let given = &row.given;
    let mut arguments = vec!["decrypt".to_owned()];
    for (field, option) in [("password", "--with-password"), ("keypassword", "--with-key-password")] {
        if let Some(secret) = given.get(field) {
            arguments.push(format!("{option}={}", work.file(secret.as_bytes())));
        }
    }
    let verifications = work.fresh();
    let signers = certificates(given, "verify-with", work)?;
    if !signers.is_empty() {
        arguments.push(format!("--verifications-out={verifications}"));
        arguments.extend(signers.iter().map(|file| format!("--verify-with={file}")));
    }
    arguments.extend(given.files("key").iter().map(|key| work.file(key)));
    read(run(&arguments, &octets(&row.file))?, &verifications)
}

fn detached(row: &Row, work: &Folder) -> Result<Read, Failed> {
    let data = octets(row.given.get("signed-data").expect("a detached signature has its data"));
    let mut arguments = vec!["verify".to_owned(), corpus::path(&row.file).display().to_string()];
    arguments.extend(certificates(&row.given, "cert", work)?);
    Ok(match run(&arguments, &data)? {
        Ok(lines) => Read { signers: signers(&lines), ..Read::default() },
        Err(error) => Read { error: Some(error), ..Read::default() },
    })
}

fn inline(row: &Row, work: &Folder) -> Result<Read, Failed> {
    let verifications = work.fresh();
    let mut arguments = vec!["inline-verify".to_owned(), format!("--verifications-out={verifications}")];
    arguments.extend(certificates(&row.given, "cert", work)?);
    read(run(&arguments, &octets(&row.file))?, &verifications)
}

fn read(outcome: Result<Vec<u8>, String>, verifications: &str) -> Result<Read, Failed> {
    Ok(match outcome {
        Ok(data) => Read {
            plain: Some(sha256(&data)),
            text: Some(sha256(comparable(&data).as_bytes())),
            signers: signers(&std::fs::read(verifications).unwrap_or_default()),
            error: None,
        },
        Err(error) => Read { error: Some(error), ..Read::default() },
    })
}

/// The certificates' fingerprints in verification lines, lower case.
fn signers(lines: &[u8]) -> Vec<String> {
    let lines = String::from_utf8_lossy(lines);
    lines.lines().filter_map(|line| line.split(' ').nth(2)).map(str::to_lowercase).collect()
}

fn import(row: &Row, work: &Folder) -> Result<Imported, Failed> {
    let octets = octets(&row.file);
    let arguments = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    // A secret key gives its certificate; a certificate is none and is taken as it is.
    let extracted = run(&arguments(&["extract-cert", "--no-armor"]), &octets)?;
    let is_secret = extracted.is_ok();
    let merged = match extracted {
        Ok(certificate) => Ok(certificate),
        Err(_) => run(&arguments(&["merge-certs", "--no-armor"]), &octets)?,
    };
    let certificate = match merged {
        Ok(certificate) => certificate,
        Err(error) => return Ok(Imported { error: Some(error), ..Imported::default() }),
    };
    let file = work.file(&certificate);
    let encrypts = run(&arguments(&["encrypt", &file]), b"probe")?.is_ok();
    let unlocks = is_secret && {
        let passphrase = row.given.get("keypassword").map(|secret| work.file(secret.as_bytes()));
        let with = passphrase.map(|file| format!("--old-key-password={file}"));
        let mut arguments = arguments(&["change-key-password"]);
        arguments.extend(with);
        run(&arguments, &octets)?.is_ok()
    };
    let certificate = envelock::read_keys(&certificate, &envelock::Limits::default());
    let fingerprints = certificate.expect("what was written is read").entries;
    let fingerprint = |entry: &envelock::KeyringEntry| match &entry.item {
        envelock::KeyringItem::Certificate(certificate) => Some(format!("{:x}", certificate.fingerprint())),
        _ => None,
    };
    let fingerprints = fingerprints.iter().filter_map(fingerprint).collect();
    Ok(Imported { fingerprints, encrypts, unlocks, error: None })
}

/// The files of certificates that the field names; from a secret key its certificate.
fn certificates(given: &Given, field: &str, work: &Folder) -> Result<Vec<String>, Failed> {
    let mut files = Vec::new();
    for octets in given.files(field) {
        let extracted = run(&["extract-cert".to_owned()], &octets)?;
        files.push(work.file(&extracted.unwrap_or(octets)));
    }
    Ok(files)
}

/// LF line ends, no trailing blanks on lines, no final newline.
fn comparable(data: &[u8]) -> String {
    let text = String::from_utf8_lossy(data).replace("\r\n", "\n");
    let lines: Vec<_> = text.split('\n').map(str::trim_end).collect();
    lines.join("\n").trim_end_matches('\n').to_owned()
}

fn sha256(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|octet| format!("{octet:02x}")).collect()
}
