//! Everything a keystore holds in one file that opens with a recovery code.
//!
//! The file is an ordinary OpenPGP message: SKESK v6 with Argon2id and SEIPD v2 (RFC 9580 §5.3.2, §5.13.2). Its password is the
//! recovery code as it is printed, in capitals and with hyphens; any RFC 9580 program decrypts it. What comes out is text,
//! and any OpenPGP program imports the keys from it:
//!
//! - the line `Envelock keystore backup 1`, the line `Made: ` with the seconds since 1970, and lines of explanation;
//! - every key as an armored block (§6.2). Secret keys that were locked under the passphrase of the keystore are locked under
//!   the recovery code instead, as printed; those with a passphrase of their own keep it;
//! - for every other entry a line `Record: NAME DATA`, both in base64.
//!
//! The size is hidden by padding (§5.14).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use envelock_seipd::engine::Engine;
use envelock_seipd::inner::inner;
use envelock_seipd::skesk::{S2k, Skesk};
use envelock_seipd::{Tag, body, packet, padding, sealed};
use rand::{CryptoRng, Rng};
use zeroize::Zeroizing;

use super::{KeystoreError, RecoveryCode, SUITE, codec, literal, unwrap, wrap};
use crate::armor::{self, ArmorKind};
use crate::keyring::{self, KeyringItem, Problem, ProblemKind};
use crate::{Limits, Passphrase, SecretKey, Timestamp};

const TITLE: &str = "Envelock keystore backup 1";
const FILE_NAME: &str = "envelock-keystore.txt";
const EXPLANATION: &str = "\
The keys below can be imported by any OpenPGP program. The passphrase of a secret key is the recovery code as it was
printed, in capitals and with hyphens, unless the key, or a part of it, had a passphrase of its own. A record is a name
and its data in base64; Envelock reads them.
";
const MADE: &str = "Made: ";
const RECORD: &str = "Record: ";
/// Packet type ID of a secret key (RFC 9580 §5.5.1.3).
const SECRET_KEY: u8 = 5;
/// How much the text around keys and records adds, roughly; what does not fit is only copied once more.
const AROUND: usize = 256;

/// What is in a keystore.
#[derive(Clone, Default)]
pub struct Contents {
    /// Certificates and secret keys, binary, each with all its packets.
    pub keys: Vec<Zeroizing<Vec<u8>>>,
    /// All other entries.
    pub records: Vec<Record>,
}

/// An entry that is no key.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub data: Zeroizing<Vec<u8>>,
}

/// Puts the contents of a keystore in a file that opens with `code`. `passphrase` is that of the keystore; secret keys that it
/// unlocks are locked under the code, subkey by subkey; all others stay as they are.
pub async fn seal<E: Engine, R: CryptoRng + Rng>(
    contents: &Contents,
    passphrase: &Passphrase,
    code: &RecoveryCode,
    made: Timestamp,
    limits: &Limits,
    rng: &mut R,
    engine: &E,
) -> Result<Vec<u8>, KeystoreError> {
    let password = code.passphrase();
    let mut keys = Vec::with_capacity(contents.keys.len());
    for key in &contents.keys {
        keys.push(relock(key, passphrase, &password, limits, rng, engine).await);
    }
    let text = write(&keys, &contents.records, made);
    let mut packets = literal(FILE_NAME, text.as_bytes())?;
    padding::pad(&mut packets, rng);
    let session_key = sealed::new_session_key(SUITE, rng);
    let mut file = Vec::new();
    wrap(&session_key, &password, limits, rng, engine).await?.serialize(&mut file);
    let mut salt = [0; 32];
    rng.fill_bytes(&mut salt);
    let body = body::encrypt(engine, SUITE, &session_key, salt, &packets, &mut ()).await;
    file.extend_from_slice(&body.map_err(KeystoreError::Codec)?);
    Ok(file)
}

/// Opens a backup, armored or binary. Secret keys that were locked under the recovery code are locked under `passphrase`.
pub async fn open<E: Engine, R: CryptoRng + Rng>(
    file: &[u8],
    code: &RecoveryCode,
    passphrase: &Passphrase,
    limits: &Limits,
    rng: &mut R,
    engine: &E,
) -> Result<Contents, KeystoreError> {
    if passphrase.is_empty() {
        return Err(KeystoreError::EmptyPassphrase);
    }
    let password = code.passphrase();
    let text = decrypt(file, &password, limits, engine).await?;
    let mut contents = read(&text, limits)?;
    for key in &mut contents.keys {
        *key = relock(key, &password, passphrase, limits, rng, engine).await;
    }
    Ok(contents)
}

async fn decrypt<E: Engine>(
    file: &[u8],
    password: &Passphrase,
    limits: &Limits,
    engine: &E,
) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
    const PACKETS: KeystoreError = KeystoreError::BackupDamaged { what: "not a session key and encrypted data" };
    let most = usize::try_from(limits.plaintext_bytes).unwrap_or(usize::MAX);
    let binary = if armor::is_binary(file) {
        file.to_vec()
    } else {
        let blocks =
            armor::read_all(file, most).map_err(|error| KeystoreError::BackupDamaged { what: error.reason() })?;
        blocks.into_iter().next().ok_or(KeystoreError::BackupDamaged { what: "no OpenPGP message" })?.octets
    };
    let mut packets = packet::split(&binary);
    let (Some(Ok(first)), Some(Ok(second)), None) = (packets.next(), packets.next(), packets.next()) else {
        return Err(PACKETS);
    };
    if (first.tag, second.tag) != (Tag::SKESK, Tag::SEIPD) {
        return Err(PACKETS);
    }
    let skesk = Skesk::parse(&first.body).map_err(|_| PACKETS)?;
    let S2k::Argon2(argon2) = skesk.s2k else { return Err(PACKETS) };
    let session_key = unwrap(&skesk, &argon2, password, limits, engine).await.map_err(|error| match error {
        envelock_seipd::Error::DecryptionFailed => KeystoreError::WrongRecoveryCode,
        error => KeystoreError::Codec(error),
    })?;
    let opened = body::decrypt(engine, &second.body, &session_key, &codec(limits), &mut ()).await;
    let packets = opened.map_err(|error| match KeystoreError::of_entry(error) {
        KeystoreError::EntryDamaged => KeystoreError::BackupDamaged { what: "cut or changed" },
        error => error,
    })?;
    let message = inner(&packets).map_err(|_| KeystoreError::BackupDamaged { what: "not one text" })?;
    Ok(Zeroizing::new(message.literal.into_owned()))
}

fn write(keys: &[Zeroizing<Vec<u8>>], records: &[Record], made: Timestamp) -> Zeroizing<String> {
    let octets = keys.iter().map(|key| key.len());
    let octets = octets.chain(records.iter().map(|record| record.name.len() + record.data.len()));
    let room = octets.map(|octets| AROUND + octets * 3 / 2).sum::<usize>();
    let mut text = Zeroizing::new(String::with_capacity(EXPLANATION.len() + AROUND + room));
    for part in [TITLE, "\n", MADE, &made.as_secs().to_string(), "\n\n", EXPLANATION, "\n"] {
        text.push_str(part);
    }
    for Record { name, data } in records {
        let (name, data) = (STANDARD.encode(name), Zeroizing::new(STANDARD.encode(data)));
        for part in [RECORD, &name, " ", &data, "\n"] {
            text.push_str(part);
        }
    }
    for key in keys {
        let kind = if is_secret(key) { ArmorKind::PrivateKey } else { ArmorKind::PublicKey };
        text.push('\n');
        text.push_str(&armor::write(kind, key));
    }
    text
}

fn read(text: &[u8], limits: &Limits) -> Result<Contents, KeystoreError> {
    let damaged = |what| KeystoreError::BackupDamaged { what };
    let lines = std::str::from_utf8(text).map_err(|_| damaged("not text"))?;
    if lines.lines().next() != Some(TITLE) {
        return Err(damaged("not a keystore, or of another version"));
    }
    let records = lines.lines().filter_map(|line| line.strip_prefix(RECORD)).map(|line| {
        let (name, data) = line.split_once(' ')?;
        let name = String::from_utf8(STANDARD.decode(name).ok()?).ok()?;
        Some(Record { name, data: Zeroizing::new(STANDARD.decode(data).ok()?) })
    });
    let records = records.collect::<Option<_>>().ok_or(damaged("a record"))?;
    let most = usize::try_from(limits.plaintext_bytes).unwrap_or(usize::MAX);
    let blocks = armor::read_all(text, most).map_err(|error| damaged(error.reason()))?;
    let keys = blocks.into_iter().filter(|block| matches!(block.kind, ArmorKind::PublicKey | ArmorKind::PrivateKey));
    Ok(Contents { keys: keys.map(|block| Zeroizing::new(block.octets)).collect(), records })
}

/// The key with another passphrase wherever it has the old one; as it is, if it is a certificate, has it nowhere, or holds a secret
/// that nothing here reads, which would be lost.
async fn relock<E: Engine, R: CryptoRng + Rng>(
    key: &Zeroizing<Vec<u8>>,
    old: &Passphrase,
    new: &Passphrase,
    limits: &Limits,
    rng: &mut R,
    engine: &E,
) -> Zeroizing<Vec<u8>> {
    let parsed = if is_secret(key) { read_whole(key, limits) } else { None };
    let Some(mut parsed) = parsed else { return key.clone() };
    match parsed.change_passphrase_where_it_fits(old, new, limits, rng, engine).await {
        Ok(true) => Zeroizing::new(parsed.to_bytes()),
        _ => key.clone(),
    }
}

/// A secret key of which nothing was left out.
fn read_whole(key: &[u8], limits: &Limits) -> Option<SecretKey> {
    let entry = keyring::read_keys(key, limits).ok()?.entries.into_iter().next()?;
    let is_left_out = |problem: &Problem| matches!(problem.kind, ProblemKind::UnusableSecret { .. });
    match entry.item {
        KeyringItem::SecretKey(key) if !entry.problems.iter().any(is_left_out) => Some(key),
        _ => None,
    }
}

fn is_secret(key: &[u8]) -> bool {
    matches!(packet::split(key).next(), Some(Ok(packet)) if packet.tag == SECRET_KEY)
}
