//! Encrypts and signs data that comes part by part (RFC 9580 §10.3): one-pass signatures in front, the literal packet and the
//! container in partial lengths, the signatures behind.

use super::{
    super::{
        encrypt::{EncryptOptions, EncryptOptionsOn, Format, check, keys_for_v1, keys_for_v2, prepare_signatures},
        error::EncryptError,
        hashing::Hashing,
        literal,
        recipient::Recipients,
        signer::Pending,
    },
    sealer::Sealer,
};
use crate::{
    Limits, Policy,
    armor::{ArmorKind, ArmorWriter},
};
use envelock_seipd::{
    Engine, Octets, Progress, Rope, SecretOctets,
    engine::{Bulk, RustCrypto, ready},
    packet::{Tag, partial_length, write_length},
    padding,
};
use pgp::types::Timestamp;
use rand::{CryptoRng, Rng};
use std::ops::ControlFlow;

/// Octets of one part of the data: 1 MiB, four chunks, which is as many as Node works on at a time. A power of two, since it is
/// the length of a part of the literal packet (§4.2.1.4).
pub const PART: usize = 1 << PART_EXPONENT;
const PART_EXPONENT: u32 = 20;

/// A message being encrypted.
///
/// Data that lies in Rust's memory: [`begin_blocking`](Self::begin_blocking), [`push_blocking`](Self::push_blocking) with pieces
/// of any size, [`finish_blocking`](Self::finish_blocking). Elsewhere: [`begin`](Self::begin), [`part`](Self::part) for every
/// [`PART`] octets, [`end`](Self::end) with the rest, [`more`](Self::more) until nothing comes.
pub struct EncryptStream {
    /// Signatures to be made, in the order of their one-pass packets.
    signatures: Vec<(Pending, Hashing)>,
    /// Content of the container that does not fill a unit yet.
    ready: SecretOctets,
    /// Body of the literal packet that is not framed yet.
    unframed: SecretOctets,
    sealer: Sealer,
    armor: Option<ArmorWriter>,
    padding: Padding,
    /// Octets of content that were sealed.
    sealed: u64,
    /// Octets of data that came.
    data: u64,
    /// Data that does not fill a part yet, if pieces were pushed.
    collected: SecretOctets,
}

/// How the size is hidden.
enum Padding {
    None,
    /// When the end is known.
    Wanted,
    /// So many octets of the padding packet are still to come.
    Left(u64),
    /// The message is whole.
    Over,
}

impl EncryptStream {
    /// Begins a message that is signed, if so, dated `at`; the octets are what comes first. `options.data` is not looked at: the
    /// data comes later, and may be of any size. Padded, a message takes the size that Padmé gives its content, lengths of parts
    /// included; the padding comes at the end, in parts as well.
    ///
    /// # Errors
    /// See [`EncryptError`]; one unusable recipient or signer is enough for nothing to be encrypted.
    pub async fn begin<O: ?Sized, E: Engine, R: CryptoRng + Rng>(
        options: EncryptOptionsOn<'_, O>,
        policy: &Policy,
        limits: &Limits,
        at: Timestamp,
        rng: &mut R,
        engine: &E,
    ) -> Result<(Self, Vec<u8>), EncryptError> {
        check(&options, limits)?;
        let recipients = Recipients::choose(options.recipients, policy, at, engine).await?;
        recipients.check_number(options.hide_recipients, limits)?;
        let pending = prepare_signatures(&options, &recipients, policy, limits, at, rng, engine).await?;
        let is_v1 = options.format.for_recipients(&recipients) == Format::SeipdV1;
        let (mut message, sealer, mut ready) = if is_v1 {
            let (packets, session_key) = keys_for_v1(&options, &recipients, rng, engine).await?;
            let (sealer, prefix) = Sealer::v1(session_key, rng)?;
            (packets, sealer, prefix)
        } else {
            let (packets, session_key, header) = keys_for_v2(&options, &recipients, rng, engine).await?;
            (packets, Sealer::v2(&session_key, &header)?, SecretOctets::new())
        };
        message.push(Sealer::TYPE);
        for (index, signature) in pending.iter().enumerate() {
            ready.extend(signature.one_pass(index + 1 < pending.len())?);
        }
        ready.push(0xC0 | Tag::LITERAL);
        let unframed = SecretOctets::from(literal::body_front(options.filename.unwrap_or_default()));
        let (armor, first) = if options.armor {
            // Only version 1 is for programs that want a checksum (§6.1).
            let (mut armor, mut text) = ArmorWriter::begin(ArmorKind::Message, &[], is_v1);
            text.extend(armor.push(&message));
            (Some(armor), text)
        } else {
            (None, message)
        };
        let padding = if options.padding && !is_v1 { Padding::Wanted } else { Padding::None };
        let signatures = pending.into_iter().map(Pending::with_hashing).collect::<Result<_, _>>()?;
        let collected = SecretOctets::new();
        let stream = Self { signatures, ready, unframed, sealer, armor, padding, sealed: 0, data: 0, collected };
        Ok((stream, first))
    }

    /// Encrypts the next [`PART`] octets of the data; fewer or more are an error.
    ///
    /// # Errors
    /// [`EncryptError::Cancelled`] if the progress function says so; the stream cannot be used any more, as after every error.
    pub async fn part<D: Octets + ?Sized, E: Bulk<D>>(
        &mut self,
        data: &D,
        engine: &E,
        progress: &mut dyn Progress,
    ) -> Result<D::Sealed, EncryptError> {
        if data.len() != PART {
            return Err(EncryptError::EncryptionFailed);
        }
        self.hash(data)?;
        let carried = self.unframed.len();
        let before = self.before(|lengths| lengths.push(partial_length(PART_EXPONENT)));
        // As many octets of the literal packet's body as were carried over are carried on.
        let framed = before.len() + PART - carried;
        let sealed = self.seal(Rope { before: &before, data, after: &[] }, framed, false, engine, progress).await?;
        Ok(self.armored::<D>(sealed))
    }

    /// Encrypts the rest of the data, however long, and the signatures. [`more`](Self::more) has to follow.
    ///
    /// # Errors
    /// As [`part`](Self::part); [`EncryptError::Sign`] if a key cannot sign.
    pub async fn end<D: Octets + ?Sized, E: Bulk<D>, R: CryptoRng + Rng>(
        &mut self,
        data: &D,
        rng: &mut R,
        engine: &E,
        progress: &mut dyn Progress,
    ) -> Result<D::Sealed, EncryptError> {
        self.hash(data)?;
        let body = u32::try_from(self.unframed.len() + data.len()).map_err(|_| EncryptError::EncryptionFailed)?;
        let before = self.before(|lengths| write_length(lengths, body));
        let mut after = SecretOctets::new();
        for (pending, hashing) in std::mem::take(&mut self.signatures).into_iter().rev() {
            after.extend(pending.sign_hashed(&hashing)?);
        }
        if matches!(self.padding, Padding::Wanted) {
            let content = self.sealed + (before.len() + data.len() + after.len()) as u64;
            self.padding = Padding::Left(padding::begin(&mut after, content));
        }
        let ends = self.pad(&mut after, rng);
        let framed = before.len() + data.len() + after.len();
        let sealed = self.seal(Rope { before: &before, data, after: &after }, framed, ends, engine, progress).await?;
        Ok(self.armored::<D>(sealed))
    }

    /// What is still to come after the end of the data: padding, and the end of the armor. `None` when the message is whole.
    ///
    /// # Errors
    /// As [`part`](Self::part).
    pub async fn more<D: Octets + ?Sized, E: Bulk<D>, R: CryptoRng + Rng>(
        &mut self,
        rng: &mut R,
        engine: &E,
        progress: &mut dyn Progress,
    ) -> Result<Option<D::Sealed>, EncryptError> {
        if !matches!(self.padding, Padding::Left(_)) {
            return Ok(self.armor.take().map(|armor| D::sealed(armor.finish())));
        }
        let before = std::mem::take(&mut self.ready);
        let mut after = Vec::new();
        let ends = self.pad(&mut after, rng);
        let nothing = D::made(SecretOctets::new());
        let framed = before.len() + after.len();
        let rope = Rope { before: &before, data: D::of(&nothing), after: &after };
        let sealed = self.seal(rope, framed, ends, engine, progress).await?;
        Ok(Some(self.armored::<D>(sealed)))
    }

    /// [`begin`](Self::begin) without an async runtime, with ciphers in software.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub fn begin_blocking<R: CryptoRng + Rng>(
        options: EncryptOptions<'_>,
        policy: &Policy,
        limits: &Limits,
        at: Timestamp,
        rng: &mut R,
    ) -> Result<(Self, Vec<u8>), EncryptError> {
        ready(Self::begin(options, policy, limits, at, rng, &RustCrypto))
    }

    /// Encrypts a piece of the data; what it gives may be nothing.
    ///
    /// # Errors
    /// As [`part`](Self::part).
    pub fn push_blocking(&mut self, piece: &[u8], progress: &mut dyn Progress) -> Result<Vec<u8>, EncryptError> {
        let (mut rest, mut message) = (piece, Vec::new());
        let mut collected = std::mem::take(&mut self.collected);
        loop {
            let room = PART - collected.len();
            collected.reserve_exact(room);
            let (now, later) = rest.split_at(rest.len().min(room));
            collected.extend_from_slice(now);
            if collected.len() < PART {
                self.collected = collected;
                return Ok(message);
            }
            let sealed = ready(self.part(collected.as_slice(), &RustCrypto, progress))?;
            if message.is_empty() {
                message = sealed;
            } else {
                message.extend(sealed);
            }
            collected.clear();
            rest = later;
        }
    }

    /// Ends the message: its last octets.
    ///
    /// # Errors
    /// As [`end`](Self::end).
    pub fn finish_blocking<R: CryptoRng + Rng>(
        mut self,
        rng: &mut R,
        progress: &mut dyn Progress,
    ) -> Result<Vec<u8>, EncryptError> {
        let rest = std::mem::take(&mut self.collected);
        let mut message = ready(self.end(rest.as_slice(), rng, &RustCrypto, progress))?;
        while let Some(more) = ready(self.more::<[u8], _, _>(rng, &RustCrypto, progress))? {
            message.extend(more);
        }
        Ok(message)
    }

    /// Appends padding, a part at most. Tells whether the content ends with it.
    fn pad<R: CryptoRng + Rng>(&mut self, after: &mut Vec<u8>, rng: &mut R) -> bool {
        let Padding::Left(left) = self.padding else {
            self.padding = Padding::Over;
            return true;
        };
        let now = usize::try_from(left).map_or(PART, |left| left.min(PART));
        padding::fill(after, now, rng);
        let left = left - now as u64;
        self.padding = if left == 0 { Padding::Over } else { Padding::Left(left) };
        left == 0
    }

    fn hash<D: Octets + ?Sized>(&mut self, data: &D) -> Result<(), EncryptError> {
        for (_, hashing) in &mut self.signatures {
            hashing.update(data, 0..data.len()).ok_or(EncryptError::EncryptionFailed)?;
        }
        self.data += data.len() as u64;
        Ok(())
    }

    /// What stands before new data: content that was not sealed, the length of a part, body that was not framed.
    fn before(&mut self, length: impl FnOnce(&mut Vec<u8>)) -> SecretOctets {
        let mut before = SecretOctets::from(Vec::with_capacity(self.ready.len() + 5 + self.unframed.len()));
        before.append(&mut self.ready);
        length(&mut before);
        before.append(&mut self.unframed);
        before
    }

    /// Seals what fills units of the first `framed` octets, or all if that is the end, and keeps the rest.
    async fn seal<D: Octets + ?Sized, E: Bulk<D>>(
        &mut self,
        rope: Rope<'_, D>,
        framed: usize,
        ends: bool,
        engine: &E,
        progress: &mut dyn Progress,
    ) -> Result<D::Sealed, EncryptError> {
        let unit = self.sealer.unit();
        let length = if ends { framed } else { framed / unit * unit };
        self.ready = rope.read(length..framed).ok_or(envelock_seipd::Error::GONE)?;
        self.unframed = rope.read(framed..rope.len()).ok_or(envelock_seipd::Error::GONE)?;
        let mut within = Within { progress, done: self.data.saturating_sub(rope.data.len() as u64) };
        let sealed = self.sealer.seal(rope, length, ends, engine, &mut within).await?;
        self.sealed += length as u64;
        let total = if ends { self.data } else { UNKNOWN_TOTAL };
        match progress.report(self.data, total) {
            ControlFlow::Continue(()) => Ok(sealed),
            ControlFlow::Break(()) => Err(EncryptError::Cancelled),
        }
    }

    fn armored<D: Octets + ?Sized>(&mut self, sealed: D::Sealed) -> D::Sealed {
        match &mut self.armor {
            Some(armor) => D::through(sealed, |octets| armor.push(&octets)),
            None => sealed,
        }
    }
}

/// The total that is told of a stream whose end has not come: nobody knows it.
pub const UNKNOWN_TOTAL: u64 = u64::MAX;

/// Lets somebody cancel in the middle of a part; how far the data is, is told behind it.
pub(super) struct Within<'a> {
    pub(super) progress: &'a mut dyn Progress,
    pub(super) done: u64,
}

impl Progress for Within<'_> {
    fn report(&mut self, _done: u64, _total: u64) -> ControlFlow<()> {
        self.progress.report(self.done, UNKNOWN_TOTAL)
    }
}
