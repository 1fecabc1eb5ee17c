//! The Autocrypt Setup Message (Autocrypt Level 1.1.0, §4.4): a secret key on its way to another program of its owner.
//!
//! The key is encrypted with a code of 36 digits (119 bits) that is shown on one device and typed on the other. Inside it
//! is not locked, as the specification demands; lock it at once after opening.

use super::error::{ComposeError, MailError};
use crate::{
    Limits, Passphrase, Password, Policy, SecretKey,
    armor::{self, ArmorKind},
    message::{DecryptOptions, EncryptOptions, Format, decrypt, encrypt},
};
use envelock_mime::{
    Mailbox,
    mail::{Entity, MailLimits, Writer, multipart_entity, text_entity},
};
use envelock_seipd::{Engine, Progress};
use pgp::types::Timestamp;
use rand::{CryptoRng, Rng};
use zeroize::Zeroizing;

const TYPE: &str = "application/autocrypt-setup";
const BLOCKS: usize = 9;

/// The key to send, and to whom: oneself.
#[derive(Debug, Clone, Copy)]
pub struct SetupOptions<'a> {
    /// The key.
    pub key: &'a SecretKey,
    /// Unlocks it, if it is locked.
    pub passphrase: Option<&'a Passphrase>,
    /// The address it is for; sender and recipient of the mail.
    pub address: &'a str,
    /// The `prefer-encrypt` setting to take along.
    pub prefers_encryption: bool,
}

/// A Setup Message, ready to be sent to oneself.
#[derive(Clone)]
pub struct SetupMessage {
    /// The mail.
    pub mail: Vec<u8>,
    /// The Setup Code, nine blocks of four digits. Show it; never send or store it.
    pub code: Zeroizing<String>,
}

impl std::fmt::Debug for SetupMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetupMessage").field("mail", &self.mail.len()).finish_non_exhaustive()
    }
}

/// Writes a Setup Message with a new code.
///
/// # Errors
/// [`ComposeError`] if the key cannot be unlocked or the address cannot be written.
pub async fn setup_message<E: Engine, R: CryptoRng + Rng>(
    options: SetupOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<SetupMessage, ComposeError> {
    let mut key = options.key.clone();
    if let Some(passphrase) = options.passphrase.filter(|_| key.is_locked()) {
        key.unlock_on(passphrase, limits, engine).await?;
    } else if key.is_locked() {
        return Err(crate::KeyError::PassphraseRequired.into());
    }
    let prefer = if options.prefers_encryption { "mutual" } else { "nopreference" };
    let octets = Zeroizing::new(key.to_bytes());
    let headers = [("Autocrypt-Prefer-Encrypt", prefer)];
    let armored = Zeroizing::new(armor::write_with(ArmorKind::PrivateKey, &headers, &octets));
    let code = draw_code(rng);
    let passwords = [Password::from(code.as_str())];
    // Version 1 and an iterated S2K: what every Autocrypt program reads.
    let encrypting = EncryptOptions {
        data: armored.as_bytes(),
        passwords: &passwords,
        format: Format::SeipdV1,
        ..EncryptOptions::default()
    };
    let message = encrypt(encrypting, policy, limits, at, rng, engine, progress).await?;
    let begin = code.get(..2).unwrap_or_default();
    let headers = [("Passphrase-Format", "numeric9x4"), ("Passphrase-Begin", begin)];
    let block = armor::write_with(ArmorKind::Message, &headers, &message);

    let own = [Mailbox { name: String::new(), address: options.address.into() }];
    let mut mail = Writer::new();
    if !mail.mailboxes("From", &own) || !mail.mailboxes("To", &own) {
        return Err(ComposeError::BadAddress { field: "From" });
    }
    mail.text("Subject", "Autocrypt Setup Message");
    mail.date(at.as_secs().into());
    let domain = options.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let id = format!("<{:032x}@{domain}>", rng.r#gen::<u128>());
    if !mail.tokens("Message-ID", &id) {
        return Err(ComposeError::BadHeader { field: "Message-ID" });
    }
    mail.raw(b"Autocrypt-Setup-Message: v1\r\nMIME-Version: 1.0\r\n");
    let explanation = text_entity("plain", EXPLANATION, "");
    let mut setup = format!(
        "Content-Type: {TYPE}\r\nContent-Disposition: attachment; filename=\"autocrypt-setup-message.html\"\r\n\r\n"
    );
    let html = format!("<html><body>\n<p>{EXPLANATION}</p>\n<pre>\n{block}</pre>\n</body></html>\n");
    setup.push_str(&html.replace('\n', "\r\n"));
    let boundary = format!("={:032x}=", rng.r#gen::<u128>());
    mail.raw(&multipart_entity("mixed", &boundary, &[explanation, setup.into_bytes()]));
    Ok(SetupMessage { mail: mail.into_bytes(), code })
}

const EXPLANATION: &str = "This message moves your secret key to another mail program of yours.\n\
    Open it there, and type the Setup Code that was shown when it was made.\n";

/// §4.4.4: 36 digits, each as likely as the others, in blocks of four.
fn draw_code<R: CryptoRng + Rng>(rng: &mut R) -> Zeroizing<String> {
    let mut code = Zeroizing::new(String::with_capacity(BLOCKS * 5));
    for block in 0..BLOCKS {
        if block > 0 {
            code.push('-');
        }
        for _ in 0..4 {
            code.push(char::from(b'0' + rng.gen_range(0..10u8)));
        }
    }
    code
}

/// The two digits that the message says its code begins with, to compare with what the user has.
///
/// # Errors
/// [`MailError::Malformed`] if the mail is no Setup Message.
pub fn setup_passphrase_hint(mail: &[u8], limits: &Limits) -> Result<Option<String>, MailError> {
    let block = find(mail, limits)?;
    let begin = block.headers.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("Passphrase-Begin"));
    Ok(begin.map(|(_, value)| value).filter(|value| value.len() <= 4 && value.bytes().all(|c| c.is_ascii_digit())))
}

/// Opens a Setup Message. `code` may be typed with anything or nothing between its digits. The key comes back unlocked: lock it.
///
/// # Errors
/// [`MailError::Decrypt`] for a wrong code; [`MailError::Malformed`] if the mail is no Setup Message.
pub async fn open_setup_message<E: Engine>(
    mail: &[u8],
    code: &str,
    limits: &Limits,
    policy: &Policy,
    at: Timestamp,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<(SecretKey, bool), MailError> {
    let block = find(mail, limits)?;
    let passwords = [normalised(code, &block.headers)];
    let options = DecryptOptions { message: &block.octets, passwords: &passwords, ..DecryptOptions::default() };
    let opened = decrypt(options, policy, limits, at, engine, progress).await?;
    let inner = armor::read_one(&opened.data, limits)
        .map_err(|_| MailError::Malformed { what: "the Setup Message holds no armored key" })?;
    let prefers = inner.headers.iter().any(|(name, value)| name == "Autocrypt-Prefer-Encrypt" && value == "mutual");
    // Not locked: what was taken out of the armor is wiped like the text it came in.
    let octets = Zeroizing::new(inner.octets);
    Ok((SecretKey::parse(&octets, limits)?, prefers))
}

/// What people type, in the form that was the password: blocks of four for `numeric9x4`, else as it is.
fn normalised(code: &str, headers: &[(String, String)]) -> Password {
    let is_numeric = headers.iter().any(|(name, value)| name == "Passphrase-Format" && value == "numeric9x4");
    let digits: Zeroizing<Vec<u8>> = Zeroizing::new(code.bytes().filter(u8::is_ascii_digit).collect());
    if !is_numeric || digits.len() != BLOCKS * 4 {
        return Password::from(code.trim());
    }
    let mut password = Zeroizing::new(Vec::with_capacity(BLOCKS * 5));
    for (index, block) in digits.chunks(4).enumerate() {
        if index > 0 {
            password.push(b'-');
        }
        password.extend_from_slice(block);
    }
    Password::new(password.as_slice())
}

fn find(mail: &[u8], limits: &Limits) -> Result<armor::SingleBlock, MailError> {
    const NONE: MailError = MailError::Malformed { what: "the mail is no Autocrypt Setup Message" };
    let mime_limits = MailLimits::default();
    let message = Entity::parse(mail, &mime_limits)?;
    if message.fields.only("Autocrypt-Setup-Message").is_none_or(|field| field.unfolded() != "v1") {
        return Err(NONE);
    }
    for part in message.parts() {
        let part = Entity::parse(part, &mime_limits)?;
        if part.content_type.mime_type == TYPE {
            return armor::read_one(&part.data(), limits).map_err(|_| NONE);
        }
    }
    Err(NONE)
}
