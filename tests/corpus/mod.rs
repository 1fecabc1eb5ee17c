//! Reads `tests/vectors/INDEX.tsv` and judges an outcome against its column `expected` (see the README there).
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use envelock::Timestamp;

/// The moment at which the corpus is judged: the last second of 2026-11-23, the day the youngest cases were made.
pub const REFERENCE_SECONDS: u32 = 1_795_478_399;

/// The same as a timestamp.
pub fn reference_time() -> Timestamp {
    Timestamp::from_secs(REFERENCE_SECONDS)
}

/// One case.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: String,
    pub file: String,
    pub kind: String,
    pub given: Given,
    pub expected: String,
    pub why: String,
}

impl Row {
    /// What is done with the file: the kind, without the mark of RFC 9980.
    pub fn job(&self) -> &str {
        self.kind.strip_prefix("pqc-").unwrap_or(&self.kind)
    }

    /// Whether the row is about algorithms of RFC 9980, which a build may leave out.
    pub fn is_post_quantum(&self) -> bool {
        self.kind.starts_with("pqc-")
    }
}

/// The column `password_or_keys`, by name; values may hold blanks.
#[derive(Debug, Clone, Default)]
pub struct Given(HashMap<String, String>);

impl Given {
    const NAMES: [&'static str; 7] = ["password", "keypassword", "key", "certs", "cert", "signed-data", "verify-with"];

    fn parse(text: &str) -> Self {
        let mut found: HashMap<String, String> = HashMap::new();
        let mut current = None;
        for word in text.split(' ') {
            match word.split_once('=').filter(|(name, _)| Self::NAMES.contains(name)) {
                Some((name, value)) => {
                    found.insert(name.to_owned(), value.to_owned());
                    current = Some(name.to_owned());
                }
                None => {
                    if let Some(value) = current.as_ref().and_then(|name| found.get_mut(name)) {
                        value.push(' ');
                        value.push_str(word);
                    }
                }
            }
        }
        Self(found)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The octets of each file that the field names, separated by blanks or commas.
    pub fn files(&self, name: &str) -> Vec<Vec<u8>> {
        let names = self.get(name).unwrap_or_default();
        names.split([' ', ',']).filter(|part| !part.is_empty()).map(octets).collect()
    }
}

/// The octets of a corpus file.
pub fn octets(file: &str) -> Vec<u8> {
    let path = path(file);
    std::fs::read(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

/// A corpus file's path.
pub fn path(file: &str) -> PathBuf {
    root().join(file)
}

/// Beside the core's tests, for crates below as well.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let below = here.join("../../tests/vectors");
    if below.is_dir() { below } else { here.join("tests/vectors") }
}

/// Every row of the index, in its order.
pub fn rows() -> Vec<Row> {
    let index = String::from_utf8(octets("INDEX.tsv")).expect("the index is UTF-8");
    let mut lines = index.lines();
    let head = "id\tfile\tkind\tsource\tlicence\tpassword_or_keys\texpected\tbasis\tnote";
    assert_eq!(lines.next(), Some(head), "the columns of the index");
    lines
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [id, file, kind, _, _, given, expected, basis, note] => Row {
                id: id.to_owned(),
                file: file.to_owned(),
                kind: kind.to_owned(),
                given: Given::parse(given),
                expected: expected.to_owned(),
                why: format!("{basis} {note}"),
            },
            _ => panic!("not nine columns: {line}"),
        })
        .collect()
}

/// What came out of a message or signature.
#[derive(Debug, Default)]
pub struct Read {
    /// SHA-256 of the plaintext, if any octet of it was returned.
    pub plain: Option<String>,
    /// Lower-case fingerprints of the certificates with a valid signature.
    pub signers: Vec<String>,
    /// SHA-256 of the text in the form that `good-text:` speaks of.
    pub text: Option<String>,
    /// Code of the error, for the failure's message.
    pub error: Option<String>,
}

/// What came out of a key.
#[derive(Debug, Default)]
pub struct Imported {
    pub fingerprints: Vec<String>,
    pub encrypts: bool,
    pub unlocks: bool,
    pub error: Option<String>,
}

/// Is what came out one of the alternatives?
pub fn met_read(expected: &str, got: &Read) -> bool {
    let good = !got.signers.is_empty();
    expected.split('|').map(str::trim).any(|one| match one.split_once(':') {
        None if one == "no-plain" => got.plain.is_none(),
        None if one == "not-good" => !good,
        None if one == "good" => good,
        Some(("good", signer)) => {
            got.signers.iter().any(|fingerprint| Some(fingerprint.as_str()) == signer.split(' ').next())
        }
        Some(("good-text", hash)) => good && got.text.as_deref() == Some(hash),
        Some(("plain", rest)) => {
            let (hash, state) = rest.split_once('+').unwrap_or((rest, ""));
            got.plain.as_deref() == Some(hash) && (state.is_empty() || (state == "good") == good)
        }
        _ => panic!("the index expects something unknown: {one}"),
    })
}

/// Is what came out of a key as the index says?
pub fn met_key(expected: &str, got: &Imported) -> bool {
    expected.split(' ').all(|one| match one.split_once('=') {
        Some(("import", "ok")) => !got.fingerprints.is_empty(),
        Some(("import", "reject")) => got.fingerprints.is_empty(),
        Some(("import" | "encrypt", "any")) => true,
        Some(("fpr", wanted)) => {
            !expected.starts_with("import=ok") || got.fingerprints.iter().any(|fingerprint| fingerprint == wanted)
        }
        Some(("encrypt", wanted)) => got.encrypts == (wanted == "yes"),
        Some(("unlock", wanted)) => got.unlocks == (wanted == "ok"),
        _ => panic!("the index expects something unknown: {one}"),
    })
}
