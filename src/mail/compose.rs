//! Writes mails: plain, signed (RFC 3156 §5) or encrypted (§4, §6.2), with protected header fields (RFC 9788).
//!
//! Signed and encrypted at once is one OpenPGP message. All header fields are repeated inside; outside, the policy
//! `hcp_baseline` (RFC 9788 §3.2.1) leaves `[...]` of the subject and says so inside (`HP-Outer`).

use super::{
    autocrypt::{AutocryptHeader, canonical},
    error::ComposeError,
};
use crate::{
    Address, Certificate, Limits, Password, Policy,
    message::{
        EncryptOptionsOn, Format, Notation, SignOptionsOn, SignatureForm, Signer, Steps, Whole, encrypt, hash_names,
        sign_on,
    },
};
use envelock_mime::{
    Attachment, Mailbox,
    mail::{Multipart, Writer, file_entity, multipart_entity, text_entity},
};
use envelock_seipd::{
    Engine, Error, Growing, Octets, Progress, SecretOctets,
    engine::{Bulk, RustCrypto, ready, report},
};
use envelock_text::lines::to_crlf as to_crlf_behind;
use pgp::types::Timestamp;
use rand::{CryptoRng, Rng};

/// What the subject is outside of an encrypted mail (RFC 9788 §3.2.1).
const HIDDEN_SUBJECT: &str = "[...]";
/// What Thunderbird, K-9 and notmuch look for, which do not know RFC 9788's parameter.
const FORERUNNER: &str = "; protected-headers=\"v1\"";

/// A mail to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// The author.
    pub from: Option<Mailbox>,
    /// Recipients that everybody sees. Blind copies are not named in a mail: compose one for each of them.
    pub to: Vec<Mailbox>,
    /// Further recipients that everybody sees.
    pub cc: Vec<Mailbox>,
    /// Where answers go, if not to the author.
    pub reply_to: Vec<Mailbox>,
    /// One line.
    pub subject: String,
    /// The text; lines end with LF or CRLF.
    pub text: String,
    /// The same as HTML, not looked at.
    pub html: Option<String>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// `<id@domain>`; made of randomness and the author's domain without it.
    pub message_id: Option<String>,
    /// The message this one answers, as `<id@domain>`.
    pub in_reply_to: Option<String>,
    /// The thread, as `<id@domain>`s between blanks.
    pub references: Option<String>,
}

/// A draft, and what becomes of it.
#[derive(Debug, Clone, Copy)]
pub struct ComposeOptions<'a> {
    /// The mail.
    pub draft: &'a Draft,
    /// Who signs.
    pub signers: &'a [Signer<'a>],
    /// To whom it is encrypted; with nobody here and no password it is not.
    pub recipients: &'a [Certificate],
    /// Passwords that open it as well.
    pub passwords: &'a [Password],
    /// Which container to write.
    pub format: Format,
    /// Keep the subject inside when encrypting. Else all fields are readable outside, and repeated inside.
    pub hide_subject: bool,
    /// Do not tell for which keys it is encrypted: not outside, and not to the others in what is signed.
    pub hide_recipients: bool,
    /// What the signatures say beside the mail.
    pub notations: &'a [Notation],
    /// The Autocrypt header to send along; for the author's address.
    pub autocrypt: Option<&'a AutocryptHeader>,
    /// Certificates of others in To and Cc, told to each of them inside the encryption.
    pub gossip: &'a [AutocryptHeader],
}

/// A mail, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed<M = Vec<u8>> {
    /// Its octets: ASCII, lines end with CRLF.
    pub mail: M,
    /// Its Message-ID.
    pub message_id: String,
}

/// Writes a mail, dated `at`. What is large of it is encrypted and signed as octets of the kind `D`, where an engine works on them.
///
/// # Errors
/// See [`ComposeError`].
pub async fn compose<D: Octets + ?Sized, E: Bulk<D>, R: CryptoRng + Rng>(
    options: ComposeOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Composed<D::Sealed>, ComposeError> {
    let draft = options.draft;
    let mut whole = Whole::of(progress);
    let encrypts = !options.recipients.is_empty() || !options.passwords.is_empty();
    let hides = encrypts && options.hide_subject;
    check_autocrypt(&options, encrypts)?;
    let message_id = match &draft.message_id {
        Some(given) => given.clone(),
        None => new_message_id(draft, rng),
    };
    let inside = fields(draft, &message_id, &draft.subject, at, "")?;
    let outside_subject = if hides { HIDDEN_SUBJECT } else { &draft.subject };
    let mut mail = Writer::new();
    mail.raw(&fields(draft, &message_id, outside_subject, at, "")?);
    if let Some(autocrypt) = options.autocrypt {
        mail.raw(autocrypt.field().as_bytes());
    }
    mail.raw(b"MIME-Version: 1.0\r\n");
    let mut mail = mail.into_bytes();

    let from = draft.from.as_ref().map(|mailbox| mailbox.address.as_str());
    let mail = if encrypts {
        let mut payload = Writer::new();
        payload.raw(&inside);
        payload.raw(&fields(draft, &message_id, outside_subject, at, "HP-Outer: ")?);
        for gossip in options.gossip {
            payload.raw(gossip.gossip_field().as_bytes());
        }
        let mut payload = SecretOctets::from(payload.into_bytes());
        content(&mut payload, draft, &format!("; hp=\"cipher\"{FORERUNNER}"), rng, engine).await;
        let payload = D::made(payload);
        let encrypting = EncryptOptionsOn {
            data: D::of(&payload),
            filename: None,
            recipients: options.recipients,
            passwords: options.passwords,
            signers: options.signers,
            format: options.format,
            armor: true,
            padding: true,
            text: false,
            session_key: None,
            notations: options.notations,
            from,
            intended_recipients: true,
            hide_recipients: options.hide_recipients,
        };
        let steps = &mut Steps::of(&mut whole, 2, D::of(&payload).len());
        let message = encrypt(encrypting, policy, limits, at, rng, engine, &mut steps.next()).await?;
        D::release(payload);
        let (before, behind) = encrypted(rng);
        mail.extend(before);
        put_together::<D, E>(&mail, D::of_sealed(&message), true, &behind, engine, &mut steps.next()).await?
    } else if options.signers.is_empty() {
        content(&mut mail, draft, "", rng, engine).await;
        D::sealed(mail)
    } else {
        let mut payload = inside;
        content(&mut payload, draft, &format!("; hp=\"clear\"{FORERUNNER}"), rng, engine).await;
        let payload = D::sealed(payload);
        let signing = SignOptionsOn {
            data: D::of_sealed(&payload),
            signers: options.signers,
            form: SignatureForm::Detached,
            armor: true,
            text: false,
            notations: options.notations,
            from,
            beside: None,
        };
        let steps = &mut Steps::of(&mut whole, 2, D::of_sealed(&payload).len());
        let signature = sign_on(signing, policy, limits, at, rng, engine, &mut steps.next()).await?;
        let length = D::of_sealed(&signature).len();
        let signature = D::of_sealed(&signature).read(0..length).ok_or(Error::GONE)?.to_vec();
        let (before, behind) = signed(&signature, limits, rng);
        mail.extend(before);
        put_together::<D, E>(&mail, D::of_sealed(&payload), false, &behind, engine, &mut steps.next()).await?
    };
    whole.end(D::of_sealed(&mail).len())?;
    Ok(Composed { mail, message_id })
}

/// [`compose`] for callers without an async runtime, with ciphers in software.
///
/// # Errors
/// As [`compose`].
pub fn compose_blocking<R: CryptoRng + Rng>(
    options: ComposeOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    progress: &mut dyn Progress,
) -> Result<Composed, ComposeError> {
    ready(compose::<[u8], _, _>(options, policy, limits, at, rng, &RustCrypto, progress))
}

/// What is copied between two rests.
const STEP: usize = 1 << 20;

/// Large octets, with CR before each LF if they have none, and what stands around them.
async fn put_together<D: Octets + ?Sized, E: Engine>(
    before: &[u8],
    octets: &D,
    needs_crlf: bool,
    behind: &[u8],
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<D::Sealed, Error> {
    let length = octets.len();
    let more = if needs_crlf { length / 32 } else { 0 };
    let whole = Growing::<D>::with_room(before.len() + length + more + behind.len()).ok_or(Error::OutOfMemory)?;
    let mut whole = whole.with(before).ok_or(Error::OutOfMemory)?;
    let (mut piece, mut text, mut after_cr) = (vec![0; STEP.min(length)], Vec::new(), false);
    for start in (0..length).step_by(STEP) {
        let end = length.min(start.saturating_add(STEP));
        piece.truncate(end - start);
        octets.copy_to(start, &mut piece).ok_or(Error::GONE)?;
        if needs_crlf {
            text.clear();
            to_crlf_behind(&piece, &mut after_cr, &mut text);
            whole = whole.with(&text).ok_or(Error::OutOfMemory)?;
        } else {
            whole = whole.with(&piece).ok_or(Error::OutOfMemory)?;
        }
        report(progress, end, length)?;
        engine.rest().await;
    }
    whole.with(behind).and_then(Growing::finish).map(D::published).ok_or(Error::OutOfMemory)
}

/// The header fields of the mail, each with `prefix` in front of its name.
fn fields(
    draft: &Draft,
    message_id: &str,
    subject: &str,
    at: Timestamp,
    prefix: &str,
) -> Result<Vec<u8>, ComposeError> {
    let mut writer = Writer::new();
    let people: [(&'static str, &[Mailbox]); 4] =
        [("From", draft.from.as_slice()), ("To", &draft.to), ("Cc", &draft.cc), ("Reply-To", &draft.reply_to)];
    for (field, mailboxes) in people {
        let mailboxes: Option<Vec<Mailbox>> = mailboxes.iter().map(in_ascii).collect();
        let mailboxes = mailboxes.ok_or(ComposeError::BadAddress { field })?;
        if !mailboxes.is_empty() && !writer.mailboxes(&format!("{prefix}{field}"), &mailboxes) {
            return Err(ComposeError::BadAddress { field });
        }
    }
    writer.text(&format!("{prefix}Subject"), subject);
    let mut date = Writer::new();
    date.date(at.as_secs().into());
    writer.raw(prefix.as_bytes());
    writer.raw(&date.into_bytes());
    let ids: [(&'static str, Option<&str>); 3] = [
        ("Message-ID", Some(message_id)),
        ("In-Reply-To", draft.in_reply_to.as_deref()),
        ("References", draft.references.as_deref()),
    ];
    for (field, value) in ids {
        let Some(value) = value else { continue };
        let sound = value.split(' ').all(|id| id.starts_with('<') && id.ends_with('>') && id.len() <= 900);
        if !sound || !writer.tokens(&format!("{prefix}{field}"), value) {
            return Err(ComposeError::BadHeader { field });
        }
    }
    Ok(writer.into_bytes())
}

/// A mail's header is ASCII, since it does not ask servers for more (RFC 6531 §3.2): a domain of another script as A-labels.
fn in_ascii(mailbox: &Mailbox) -> Option<Mailbox> {
    if mailbox.address.is_ascii() {
        return Some(mailbox.clone());
    }
    let address = Address::parse(&mailbox.address)?.for_header()?;
    Some(Mailbox { name: mailbox.name.clone(), address })
}

/// An Autocrypt header is for the author, gossip for people in To and Cc, inside of encryption: anything else is ignored by who
/// reads it (Autocrypt 1.1 §2.2, §3.5), and would tell that somebody got a blind copy.
fn check_autocrypt(options: &ComposeOptions<'_>, encrypts: bool) -> Result<(), ComposeError> {
    let draft = options.draft;
    let is_for =
        |header: &AutocryptHeader, mailbox: &Mailbox| canonical(&header.address) == canonical(&mailbox.address);
    if let Some(header) = options.autocrypt
        && !draft.from.as_ref().is_some_and(|from| is_for(header, from))
    {
        return Err(ComposeError::BadAutocrypt { reason: "the header is for another address than the author's" });
    }
    if !options.gossip.is_empty() && !encrypts {
        return Err(ComposeError::BadAutocrypt { reason: "gossip is told inside of encryption, and there is none" });
    }
    let visible = |gossip| draft.to.iter().chain(&draft.cc).any(|mailbox| is_for(gossip, mailbox));
    if !options.gossip.iter().all(visible) {
        return Err(ComposeError::BadAutocrypt { reason: "gossip is for an address that is not in To or Cc" });
    }
    Ok(())
}

fn new_message_id<R: Rng>(draft: &Draft, rng: &mut R) -> String {
    let from = draft.from.as_ref().and_then(in_ascii);
    let domain = from.as_ref().and_then(|from| from.address.rsplit_once('@')).map_or("localhost", |(_, domain)| domain);
    format!("<{:032x}@{domain}>", rng.r#gen::<u128>())
}

fn boundary<R: Rng>(rng: &mut R) -> String {
    format!("={:032x}=", rng.r#gen::<u128>())
}

/// Appends text, HTML and files as one entity, whose type has the given parameters; with rests while files are encoded.
async fn content<E: Engine, R: Rng>(out: &mut Vec<u8>, draft: &Draft, parameters: &str, rng: &mut R, engine: &E) {
    let has_files = !draft.attachments.is_empty();
    let inner_parameters = if has_files { "" } else { parameters };
    let readable = match &draft.html {
        None => text_entity("plain", &draft.text, inner_parameters),
        Some(html) => {
            let parts = [text_entity("plain", &draft.text, ""), text_entity("html", html, "")];
            multipart_entity(&format!("alternative{inner_parameters}"), &boundary(rng), &parts)
        }
    };
    if !has_files {
        return out.extend(readable);
    }
    let Multipart { head, between, end } = Multipart::new(&format!("mixed{parameters}"), &boundary(rng));
    // All that will be needed, so that no copy of what is to be encrypted is left behind.
    let files: usize =
        draft.attachments.iter().map(|file| file.data.len() / 57 * 78 + 4 * file.name.len() + 1024).sum();
    out.reserve_exact(head.len() + readable.len() + files + (between.len() * draft.attachments.len()) + end.len());
    out.extend(head);
    out.extend(readable);
    for file in &draft.attachments {
        out.extend_from_slice(&between);
        file_entity(out, &file.name, &file.mime_type, &file.data, &async || engine.rest().await).await;
    }
    out.extend(end);
}

/// What stands around an encrypted message (RFC 3156 §4).
fn encrypted<R: Rng>(rng: &mut R) -> (Vec<u8>, Vec<u8>) {
    let around = Multipart::new("encrypted; protocol=\"application/pgp-encrypted\"", &boundary(rng));
    let version = b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n";
    let part = b"Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\
        Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n";
    ([&around.head[..], version, &around.between, part].concat(), around.end)
}

/// What stands around what was signed (RFC 3156 §5), whose octets stay as they are.
fn signed<R: Rng>(signature: &[u8], limits: &Limits, rng: &mut R) -> (Vec<u8>, Vec<u8>) {
    let hashes: Vec<String> = hash_names(signature, limits).iter().map(|name| format!("pgp-{name}")).collect();
    let part = b"Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n\
        Content-Disposition: attachment; filename=\"signature.asc\"\r\n\r\n";
    let kind = format!("signed; micalg=\"{}\"; protocol=\"application/pgp-signature\"", hashes.join(","));
    let around = Multipart::new(&kind, &boundary(rng));
    let mut text = Vec::new();
    to_crlf_behind(signature, &mut false, &mut text);
    (around.head, [&around.between, &part[..], &text, &around.end].concat())
}
