//! What a message is and for whom, read from its outside: nothing is decrypted, nothing is verified.
//!
//! Everything here is a claim of whoever wrote the message. It helps to choose keys and to ask the right question, and
//! decides nothing.

use super::{
    cleartext,
    container::Container,
    error::{ReadError, VerifyError},
    grammar, input,
    share::Whole,
    unfold::{FoundSignature, read_detached, unfold},
};
use crate::Limits;
use envelock_seipd::{
    Engine, Octets, Progress,
    engine::{RustCrypto, at_once},
    packet::{RawPacket, Tag},
};
use pgp::{
    packet::{PacketHeader, PublicKeyEncryptedSessionKey as Pkesk, SignatureType},
    types::{Fingerprint, KeyId, Timestamp},
};

/// What a message looks like from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspection {
    /// What it is.
    pub kind: MessageKind,
    /// The keys it is encrypted to, in the order of the packets; without a name for hidden recipients (§5.1.1).
    pub recipients: Vec<Named>,
    /// How many passwords open it.
    pub passwords: usize,
    /// The keys that signatures name. Empty for encrypted messages: their signatures are inside.
    pub signers: Vec<Named>,
    /// When each of `signers` says it signed.
    pub signed_at: Vec<Option<Timestamp>>,
    /// The type of each signature (§5.2.1), such as `binary` or `key-revocation`; `None` if it cannot be read.
    pub signature_types: Vec<Option<&'static str>>,
}

/// The kinds of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageKind {
    /// Encrypted, in this container.
    Encrypted(Container),
    /// Encrypted without integrity protection, or in a form unknown here: it will not be opened.
    Unreadable,
    /// Session key packets without a message behind them.
    SessionKeys,
    /// A signed message with its data.
    Signed,
    /// Text in the cleartext signature framework.
    Cleartext,
    /// A signature without its data.
    Signature,
    /// Data alone, neither encrypted nor signed.
    Plain,
}

impl MessageKind {
    /// Stable name for other languages.
    pub fn code(self) -> &'static str {
        match self {
            Self::Encrypted(container) => container.code(),
            Self::Unreadable => "unreadable",
            Self::SessionKeys => "session-keys",
            Self::Signed => "signed",
            Self::Cleartext => "cleartext",
            Self::Signature => "signature",
            Self::Plain => "plain",
        }
    }
}

/// A signature type's stable name for other languages (§5.2.1).
fn signature_type_name(typ: SignatureType) -> Option<&'static str> {
    use SignatureType as Type;
    Some(match typ {
        Type::Binary => "binary",
        Type::Text => "text",
        Type::Standalone => "standalone",
        Type::CertGeneric => "generic-certification",
        Type::CertPersona => "persona-certification",
        Type::CertCasual => "casual-certification",
        Type::CertPositive => "positive-certification",
        Type::SubkeyBinding => "subkey-binding",
        Type::KeyBinding => "primary-key-binding",
        Type::Key => "direct-key",
        Type::KeyRevocation => "key-revocation",
        Type::SubkeyRevocation => "subkey-revocation",
        Type::CertRevocation => "certification-revocation",
        Type::Timestamp => "timestamp",
        Type::ThirdParty => "third-party-confirmation",
        _ => return None,
    })
}

/// How a packet names a key, if it does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// By its fingerprint.
    pub fingerprint: Option<Fingerprint>,
    /// By its key ID, which others may share.
    pub key_id: Option<KeyId>,
}

/// Looks at a message, armored or binary; also at a revocation of a key, whose armor is that of a public key. Compressed messages are unfolded to see whether they are signed.
///
/// # Errors
/// See [`VerifyError`]: input that is no message, no signature and no session key packets.
pub fn inspect(message: &[u8], limits: &Limits) -> Result<Inspection, VerifyError> {
    // This engine never waits.
    let inspected = at_once(inspect_on(message, limits, &RustCrypto, &mut ()));
    inspected.unwrap_or(Err(VerifyError::Unsupported { feature: "waiting" }))
}

/// [`inspect`] of a message that lies elsewhere, with rests between; `progress` hears octets of it.
///
/// # Errors
/// As [`inspect`], and [`VerifyError::Cancelled`].
pub async fn inspect_on<D: Octets + ?Sized, E: Engine>(
    message: &D,
    limits: &Limits,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Inspection, VerifyError> {
    let mut whole = Whole::of(progress);
    let inspected = if let Some(begin) = cleartext::is_cleartext_on(message) {
        input::check_size(message.len(), limits)?;
        let signature = cleartext::unframe(message, begin, engine, &mut whole).await?.signature;
        let signatures = read_detached(&input::read_signature(&signature, limits)?, limits)?;
        of_signatures(MessageKind::Cleartext, &signatures)
    } else if input::is_binary(message) {
        input::check_size(message.len(), limits)?;
        of_packets(message, limits, engine).await?
    } else {
        let packets = input::dearmor_any(engine, message, limits, &mut whole).await?;
        of_packets(D::of(&packets), limits, engine).await?
    };
    whole.end(message.len()).map_err(ReadError::from)?;
    Ok(inspected)
}

async fn of_packets<D: Octets + ?Sized, E: Engine>(
    message: &D,
    limits: &Limits,
    engine: &E,
) -> Result<Inspection, VerifyError> {
    let binary = message.read(0..message.len()).ok_or(ReadError::GONE)?;
    if grammar::parse_detached(&binary, limits.message_packets).is_ok() {
        return Ok(of_signatures(MessageKind::Signature, &read_detached(&binary, limits)?));
    }
    match grammar::parse_session_keys(&binary, limits.message_packets) {
        Ok((packets, container)) => Ok(of_encrypted(&packets, container.as_ref())),
        Err(too_large @ (ReadError::TooLarge(_) | ReadError::TooMany { .. })) => Err(too_large.into()),
        Err(_) => of_data(message, limits, engine).await,
    }
}

async fn of_data<D: Octets + ?Sized, E: Engine>(
    message: &D,
    limits: &Limits,
    engine: &E,
) -> Result<Inspection, VerifyError> {
    let signatures = unfold(message, limits, engine).await?.signatures;
    let kind = if signatures.is_empty() { MessageKind::Plain } else { MessageKind::Signed };
    Ok(of_signatures(kind, &signatures))
}

fn of_encrypted(packets: &[RawPacket<'_>], container: Option<&RawPacket<'_>>) -> Inspection {
    let kind = match container.map(Container::of) {
        None => MessageKind::SessionKeys,
        Some(Ok(container)) => MessageKind::Encrypted(container),
        Some(Err(_)) => MessageKind::Unreadable,
    };
    Inspection {
        kind,
        recipients: packets.iter().filter(|packet| packet.tag == Tag::PKESK).map(recipient).collect(),
        passwords: packets.iter().filter(|packet| packet.tag == Tag::SKESK).count(),
        signers: Vec::new(),
        signed_at: Vec::new(),
        signature_types: Vec::new(),
    }
}

fn recipient(packet: &RawPacket<'_>) -> Named {
    let header = PacketHeader::new_fixed(pgp::types::Tag::PublicKeyEncryptedSessionKey, packet.body.len() as u32);
    match Pkesk::try_from_reader(header, &mut packet.body.as_ref()) {
        Ok(Pkesk::V3 { id, .. }) if !id.is_wildcard() => Named { fingerprint: None, key_id: Some(id) },
        Ok(Pkesk::V6 { fingerprint, .. }) => Named { fingerprint, key_id: None },
        _ => Named::default(),
    }
}

fn of_signatures(kind: MessageKind, signatures: &[FoundSignature]) -> Inspection {
    let (signers, signed_at) = signatures
        .iter()
        .map(|found| match found {
            FoundSignature::Readable(signature) => (
                Named {
                    fingerprint: signature.issuer_fingerprint().first().map(|fingerprint| (*fingerprint).clone()),
                    key_id: signature.issuer_key_id().first().map(|key_id| **key_id),
                },
                signature.created(),
            ),
            FoundSignature::Unusable(_) => (Named::default(), None),
        })
        .unzip();
    let signature_types = signatures.iter().map(|found| match found {
        FoundSignature::Readable(signature) => signature.typ().and_then(signature_type_name),
        FoundSignature::Unusable(_) => None,
    });
    let signature_types = signature_types.collect();
    Inspection { kind, recipients: Vec::new(), passwords: 0, signers, signed_at, signature_types }
}

/// The hash algorithms of a detached signature, as `micalg` names them after `pgp-` (RFC 3156 §5), each once.
pub(crate) fn hash_names(signature: &[u8], limits: &Limits) -> Vec<String> {
    let found = input::read_signature(signature, limits).and_then(|packets| read_detached(&packets, limits));
    let mut names: Vec<String> = Vec::new();
    for signature in found.unwrap_or_default() {
        if let FoundSignature::Readable(signature) = signature
            && let Some(hash) = signature.config().map(|config| config.hash_alg)
        {
            let name = hash.to_string().to_ascii_lowercase();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}
