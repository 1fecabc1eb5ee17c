//! Every row of `tests/vectors/INDEX.tsv` through the core, each as a test of its own; no file is known by name.
//!
//! Each row also has an unwritten clause, checked here as well: no panic, at most two seconds (release builds; debug builds
//! get more), at most 256 MiB, and an ordinary job still works afterwards. Memory is counted for the whole process, so the
//! rows run one after the other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod corpus;

use std::time::{Duration, Instant};

use corpus::{Given, Imported, Read, Row, octets, reference_time};
use envelock::message::{
    DecryptError, DecryptOptions, DecryptStream, Decryptor, EncryptOptions, SignedInput, Verdict, VerdictStatus,
    VerifyOptions, decrypt_blocking, encrypt_blocking, verify,
};
use envelock::{Certificate, KeyringItem, Limits, Passphrase, Password, Policy, SecretKey, read_keys};
use libtest_mimic::{Arguments, Failed, Trial};
use peak_alloc::PeakAlloc;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const TIME_LIMIT: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });
const MEMORY_LIMIT: usize = 256 << 20;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let vectors = corpus::rows().into_iter().map(|row| {
        let name = format!("{}::{}", row.kind, row.id);
        let left_out = row.is_post_quantum() && !cfg!(feature = "pqc");
        Trial::test(name, move || run(&row)).with_kind("vector").with_ignored_flag(left_out)
    });
    let trials = vectors.chain([Trial::test("memory is counted", memory_is_counted)]).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

/// One row with its unwritten clause.
fn run(row: &Row) -> Result<(), Failed> {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let start = Instant::now();
    let judged = judge(row);
    let (elapsed, memory) = (start.elapsed(), MEMORY.peak_usage().saturating_sub(before));
    judged?;
    if elapsed > TIME_LIMIT {
        return Err(format!("took {elapsed:?}").into());
    }
    if memory > MEMORY_LIMIT {
        return Err(format!("took {} MiB", memory >> 20).into());
    }
    still_works();
    Ok(())
}

/// Or the limit would hold for anything.
fn memory_is_counted() -> Result<(), Failed> {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    drop(std::hint::black_box(vec![1u8; MEMORY_LIMIT + 1]));
    if MEMORY.peak_usage() - before > MEMORY_LIMIT { Ok(()) } else { Err("an allocation was not seen".into()) }
}

fn judge(row: &Row) -> Result<(), Failed> {
    if row.expected.starts_with("import=") {
        let got = import(row);
        return told(corpus::met_key(&row.expected, &got), row, &got);
    }
    let got = match row.job() {
        "sig-detached" => detached(row),
        kind if kind.starts_with("sig-") => inline(row),
        _ => {
            // However it comes, and its keys were read, a message is the same message.
            let (whole, pieces) = (message(row), message_in_pieces(row));
            if format!("{whole:?}") != format!("{pieces:?}") {
                return Err(format!("whole     {whole:?}\n     in pieces {pieces:?}").into());
            }
            whole
        }
    };
    told(corpus::met_read(&row.expected, &got), row, &got)
}

fn told(met: bool, row: &Row, got: &dyn std::fmt::Debug) -> Result<(), Failed> {
    if met { Ok(()) } else { Err(format!("expected {}\n     got {got:?}\n     {}", row.expected, row.why).into()) }
}

fn message(row: &Row) -> Read {
    decrypted(row, &secret_keys(&row.given), |options| {
        let (policy, limits) = (Policy::default(), Limits::default());
        let decrypted = decrypt_blocking(options, &policy, &limits, reference_time(), &mut ())?;
        Ok((decrypted.data.to_vec(), decrypted.signatures))
    })
}

fn message_in_pieces(row: &Row) -> Read {
    let keys: Vec<_> = secret_keys(&row.given).iter().map(for_use).collect();
    decrypted(row, &keys, |options| {
        let (policy, limits) = (Policy::default(), Limits::default());
        let mut stream = DecryptStream::new(options, &policy, &limits, reference_time());
        let mut data = Vec::new();
        for piece in options.message.chunks(1013) {
            data.extend(stream.push_blocking(piece, &mut ())?.as_deref().into_iter().flatten());
        }
        let rest = stream.finish_blocking(&mut ())?;
        data.extend(rest.data.as_deref().into_iter().flatten());
        Ok((data, rest.signatures))
    })
}

fn decrypted(
    row: &Row,
    keys: &[SecretKey],
    decrypt: impl FnOnce(DecryptOptions<'_>) -> Result<(Vec<u8>, Vec<Verdict>), DecryptError>,
) -> Read {
    let passphrase = row.given.get("keypassword").map(Passphrase::from);
    let keys: Vec<_> = keys.iter().map(|key| Decryptor { key, passphrase: passphrase.as_ref() }).collect();
    let passwords: Vec<_> = row.given.get("password").map(Password::from).into_iter().collect();
    let options = DecryptOptions {
        message: &octets(&row.file),
        passwords: &passwords,
        keys: &keys,
        verify_with: &certificates(&row.given, "verify-with"),
        ..DecryptOptions::default()
    };
    match decrypt(options) {
        Ok((data, signatures)) => read(Some(&data), &signatures),
        Err(error) => Read { error: Some(error.code().to_owned()), ..Read::default() },
    }
}

fn detached(row: &Row) -> Read {
    let data = octets(row.given.get("signed-data").expect("a detached signature has its data"));
    signed(SignedInput::Detached { data: &data, signature: &octets(&row.file) }, row)
}

fn inline(row: &Row) -> Read {
    signed(SignedInput::Message(&octets(&row.file)), row)
}

fn signed(input: SignedInput<'_>, row: &Row) -> Read {
    let options = VerifyOptions { input, verify_with: &certificates(&row.given, "cert"), ..VerifyOptions::default() };
    match verify(options, &Policy::default(), &Limits::default(), reference_time()) {
        Ok(verified) => read(verified.data.as_ref().map(|data| data.as_slice()), &verified.signatures),
        Err(error) => Read { error: Some(error.code().to_owned()), ..Read::default() },
    }
}

fn read(data: Option<&[u8]>, signatures: &[Verdict]) -> Read {
    let valid = signatures.iter().filter(|verdict| verdict.status == VerdictStatus::Valid);
    let reasons: Vec<_> = signatures.iter().filter_map(|verdict| verdict.reason).map(|reason| reason.code()).collect();
    Read {
        plain: data.map(sha256),
        signers: valid
            .map(|verdict| format!("{:x}", verdict.signer.as_ref().expect("a valid signature has a signer")))
            .collect(),
        text: data.map(|data| sha256(comparable(data).as_bytes())),
        error: (!reasons.is_empty()).then(|| reasons.join(", ")),
    }
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

fn import(row: &Row) -> Imported {
    let items: Vec<_> = match read_keys(&octets(&row.file), &Limits::default()) {
        Ok(keyring) => keyring.entries.into_iter().map(|entry| entry.item).collect(),
        Err(error) => return Imported { error: Some(error.code().to_owned()), ..Imported::default() },
    };
    let certificates = certificates_of(&items);
    Imported {
        fingerprints: certificates.iter().map(|certificate| format!("{:x}", certificate.fingerprint())).collect(),
        encrypts: !certificates.is_empty() && encrypts(&certificates),
        unlocks: unlocks(&items, row.given.get("keypassword")),
        error: None,
    }
}

fn encrypts(recipients: &[Certificate]) -> bool {
    let options = EncryptOptions { data: b"probe", recipients, ..EncryptOptions::default() };
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let at = reference_time();
    encrypt_blocking(options, &Policy::default(), &Limits::default(), at, &mut rng, &mut ()).is_ok()
}

fn unlocks(items: &[KeyringItem], passphrase: Option<&str>) -> bool {
    let passphrase = passphrase.map(Passphrase::from);
    items.iter().any(|item| match item {
        KeyringItem::SecretKey(key) => {
            let opens = |key: &SecretKey| key.unlock_check(passphrase.as_ref(), &Limits::default()).is_ok();
            assert_eq!(opens(key), opens(&for_use(key)), "read when it is used");
            opens(key)
        }
        _ => false,
    })
}

fn for_use(key: &SecretKey) -> SecretKey {
    SecretKey::parse_for_use(&key.to_bytes(), &Limits::default()).expect("what was read before")
}

fn items(octets: &[u8]) -> Vec<KeyringItem> {
    let keyring = read_keys(octets, &Limits::default()).expect("the corpus' own keys are read");
    keyring.entries.into_iter().map(|entry| entry.item).collect()
}

fn certificates(given: &Given, field: &str) -> Vec<Certificate> {
    given.files(field).iter().flat_map(|octets| certificates_of(&items(octets))).collect()
}

fn certificates_of(items: &[KeyringItem]) -> Vec<Certificate> {
    let certificate = |item: &KeyringItem| match item {
        KeyringItem::Certificate(certificate) => Some(certificate.clone()),
        KeyringItem::SecretKey(key) => Some(key.certificate()),
        _ => None,
    };
    items.iter().filter_map(certificate).collect()
}

fn secret_keys(given: &Given) -> Vec<SecretKey> {
    let secret = |item| if let KeyringItem::SecretKey(key) = item { Some(key) } else { None };
    given.files("key").iter().flat_map(|octets| items(octets)).filter_map(secret).collect()
}

/// An ordinary job: encrypt to a key and read it back.
fn still_works() {
    let key = SecretKey::parse(&octets("00-keys/nora.sec.asc"), &Limits::default()).unwrap();
    let (policy, limits, at) = (Policy::default(), Limits::default(), reference_time());
    let recipients = [key.certificate()];
    let options = EncryptOptions { data: b"still here", recipients: &recipients, ..EncryptOptions::default() };
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let message = encrypt_blocking(options, &policy, &limits, at, &mut rng, &mut ()).unwrap();
    let keys = [Decryptor { key: &key, passphrase: None }];
    let options = DecryptOptions { message: &message, keys: &keys, ..DecryptOptions::default() };
    let decrypted = decrypt_blocking(options, &policy, &limits, at, &mut ()).unwrap();
    assert_eq!(decrypted.data.as_slice(), b"still here");
}
