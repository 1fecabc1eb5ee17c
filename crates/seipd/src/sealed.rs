//! An envelope's ciphertext: session-key packets and one SEIPD v2 packet, exactly as the profile says.
//!
//! Grammar: PKESK v6 for recipients with keys, none to [`MAX_PKESKS`]; one SKESK v6; one SEIPD v2 with a definite length;
//! nothing after it. Opening with a secret key instead of a password is the core's business.

use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use rand_core::CryptoRngCore;
use zeroize::Zeroizing;

use crate::SecretOctets;
use crate::body::{self, Header};
use crate::engine::{Engine, Progress};
use crate::link::Access;
use crate::packet::{RawPacket, Tag, split};
use crate::skesk::{S2k, Skesk};
use crate::{Error, Limits, SessionKey, Suite};

/// Most PKESKs of one envelope. A password skips them unread; a secret key tries each that names nobody, so that a hundred
/// would make a slow one wait.
pub const MAX_PKESKS: usize = 64;

/// Seals `inner` (the packets of a signed, padded message) under a password.
///
/// `session_key` comes from [`new_session_key`], and `pkesks` are whole PKESK v6 packets that hold the same one,
/// at most [`MAX_PKESKS`] of them, or nothing.
pub async fn seal<E: Engine>(
    engine: &E,
    access: &Access,
    session_key: &[u8],
    pkesks: &[u8],
    inner: &[u8],
    rng: &mut impl CryptoRngCore,
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, Error> {
    let (mut nonce, mut salt) = ([0; 16], [0; 32]);
    rng.fill_bytes(&mut nonce);
    rng.fill_bytes(&mut salt);
    let profile = access.profile();
    let s2k = S2k::Argon2(profile.s2k(access.salt()));
    let skesk = Skesk::wrap(engine, access.key(), s2k, nonce, session_key).await?;
    let mut out = pkesks.to_vec();
    skesk.serialize(&mut out);
    let header = Header { suite: profile.suite(), salt };
    body::encrypt_into(engine, &mut out, header, session_key, inner, progress).await?;
    Ok(out)
}

/// Draws a session key for a suite.
pub fn new_session_key(suite: Suite, rng: &mut impl CryptoRngCore) -> SessionKey {
    let mut key = Zeroizing::new(vec![0; suite.cipher.key_len()]);
    rng.fill_bytes(&mut key);
    key
}

/// Opens an envelope's ciphertext; returns the packets inside, not yet looked at ([`inner`](crate::inner)).
///
/// Every parameter has to be the profile's and the salt the one that `access` was derived with; checked before any work.
pub async fn open_sealed<E: Engine>(
    engine: &E,
    ciphertext: &[u8],
    access: &Access,
    limits: &Limits,
    progress: &mut dyn Progress,
) -> Result<SecretOctets, Error> {
    let sealed = Sealed::parse(ciphertext, access)?;
    let session_key = sealed.skesk.unwrap(engine, access.key()).await?;
    body::decrypt(engine, ciphertext.get(sealed.body).unwrap_or_default(), &session_key, limits, progress).await
}

/// An envelope's ciphertext, cut and checked but not opened: for callers that run the AEAD themselves.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The session key under the password.
    pub skesk: Skesk,
    /// Where the wrapped session key stands in the ciphertext.
    pub wrapped_session_key: Range<usize>,
    /// The header of the SEIPD v2 packet.
    pub header: Header,
    /// Where its body stands, header included.
    pub body: Range<usize>,
}

impl Sealed {
    /// Reads the packets of an envelope; everything is as the profile and the salt of `access` want it, or refused.
    pub fn parse(ciphertext: &[u8], access: &Access) -> Result<Self, Error> {
        let (skesk_packet, seipd) = packets(ciphertext)?;
        let skesk = Skesk::parse(&skesk_packet.body)?;
        let (header, _) = Header::parse(&seipd.body)?;
        let (profile, end) = (access.profile(), skesk_packet.span.end);
        let suite = profile.suite();
        if (skesk.cipher, skesk.mode) != (suite.cipher, suite.mode) || header.suite != suite {
            return Err(Error::ProfileMismatch("algorithms"));
        }
        if skesk.s2k != S2k::Argon2(profile.s2k(access.salt())) {
            return Err(Error::ProfileMismatch("password derivation"));
        }
        let wrapped_session_key = end - skesk.sealed_len()..end;
        Ok(Sealed { skesk, wrapped_session_key, header, body: seipd.span.end - seipd.body.len()..seipd.span.end })
    }
}

/// Cuts an envelope's ciphertext into its SKESK and SEIPD packets.
fn packets(ciphertext: &[u8]) -> Result<(RawPacket<'_>, RawPacket<'_>), Error> {
    const ORDER: Error = Error::Malformed("an envelope is PKESKs, one SKESK and one SEIPD packet");
    let mut packets = split(ciphertext);
    let mut next = || packets.next().transpose();
    for _ in 0..=MAX_PKESKS {
        let packet = next()?.ok_or(ORDER)?;
        match packet.tag {
            Tag::PKESK if packet.body.first() == Some(&6) => {}
            Tag::SKESK => {
                let seipd = next()?.ok_or(ORDER)?;
                // One length and no partial ones: the chunks lie in the ciphertext as they are.
                let whole = seipd.tag == Tag::SEIPD && matches!(seipd.body, Cow::Borrowed(_));
                return if whole && next()?.is_none() { Ok((packet, seipd)) } else { Err(ORDER) };
            }
            _ => return Err(ORDER),
        }
    }
    Err(Error::Malformed("too many session-key packets"))
}
