//! Decrypts a message that comes piece by piece (RFC 9580 §10.3), and checks its signatures on the way.
//!
//! What cannot be released before its end is held, and left to [`decrypt()`](super::super::decrypt()) as a whole.

use super::{
    super::{
        check::{Checker, Context},
        container::Container,
        decrypt::{DecryptOptions, Decrypted, Message, decrypt_binary},
        error::{DecryptError, ReadError},
        gathering::joined,
        given_key::SessionKey,
        grammar::Shape,
        input,
        place::Place,
        rsa::{self, Rsa},
        session_key::Search,
        verdict::CertificateSource,
    },
    content::{Content, Finished},
    encrypt::{UNKNOWN_TOTAL, Within},
    front::{FRONT, Front, Next},
    packets::{Found, Packets},
};
use crate::{
    Limits, Policy,
    armor::{ArmorError, ArmorKind, ArmorReader, is_binary},
    certificate::Judgements,
};
use envelock_seipd::{
    Error, Header, Mode, Octets, Progress, SecretOctets,
    engine::{Bulk, Direction, RustCrypto, ready},
    plan::Plan,
};
use pgp::{
    composed::PlainSessionKey,
    types::{Fingerprint, Timestamp},
};
use std::ops::{ControlFlow, Range};

/// The mark that some editors put before text, and no message begins with.
const BYTE_ORDER_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// A message being decrypted. What SEIPD version 2 has authenticated is released at once (RFC 9580 §13.7); everything else is held
/// until all of it is confirmed: version 1, GnuPG's packet, and compressed data.
///
/// After an error nothing more may be pushed, and what was released before is not to be trusted: the message is not whole.
pub struct DecryptStream<'a, D: Octets + ?Sized> {
    options: DecryptOptions<'a>,
    policy: &'a Policy,
    limits: &'a Limits,
    at: Timestamp,
    armor: Armor,
    stage: Stage<D>,
    /// Octets of plaintext so far.
    done: u64,
}

enum Armor {
    /// The first octets, which do not tell yet.
    Unknown(Vec<u8>),
    None,
    Some(Box<ArmorReader>),
}

enum Stage<D: Octets + ?Sized> {
    /// Before the container.
    Front(Box<Front>),
    /// The message as it came, octets of it.
    Held(Vec<D::Made>, u64),
    /// In the container, SEIPD version 2, or behind it.
    Chunks(Box<Chunks<D>>),
    /// An error was told.
    Failed,
}

/// The chunks of a container.
struct Chunks<D: Octets + ?Sized> {
    packets: Packets,
    header: Header,
    /// The part before, once the session key was found.
    opened: Option<(Plan, Option<SessionKey>)>,
    /// Ciphertext that fills no chunk yet.
    carry: Vec<u8>,
    is_over: bool,
    content: Content<D>,
}

impl<'a, D: Octets + ?Sized> DecryptStream<'a, D> {
    /// Begins. `options.message` is not looked at: the message comes later. Signatures are judged at the reference time `at`.
    pub fn new(options: DecryptOptions<'a>, policy: &'a Policy, limits: &'a Limits, at: Timestamp) -> Self {
        let stage = Stage::Front(Box::new(Front::new(limits.message_packets)));
        Self { options, policy, limits, at, armor: Armor::Unknown(Vec::new()), stage, done: 0 }
    }

    /// The file name, as soon as the first data is known to come; nothing of it is signed.
    pub fn filename(&self) -> Option<Option<&str>> {
        match &self.stage {
            Stage::Chunks(chunks) => chunks.content.filename(),
            _ => None,
        }
    }

    /// Takes the next piece of the message, however large; gives data that is authenticated, if any.
    ///
    /// # Errors
    /// See [`DecryptError`].
    pub async fn push<E: Bulk<D>>(
        &mut self,
        piece: &D,
        engine: &E,
        progress: &mut dyn Progress,
    ) -> Result<Option<D::Made>, DecryptError> {
        let result = self.read(piece, engine, progress).await;
        if result.is_err() {
            self.stage = Stage::Failed;
        }
        result
    }

    async fn read<E: Bulk<D>>(
        &mut self,
        piece: &D,
        engine: &E,
        progress: &mut dyn Progress,
    ) -> Result<Option<D::Made>, DecryptError> {
        let whole;
        let mut piece = piece;
        if let Armor::Unknown(first) = &mut self.armor {
            first.extend_from_slice(&piece.read(0..piece.len()).ok_or(ReadError::GONE)?);
            if first.is_empty() || first.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(first) {
                return Ok(None);
            }
            let first = std::mem::take(first);
            self.armor = if is_binary(&first) { Armor::None } else { Armor::Some(Box::new(ArmorReader::new())) };
            whole = D::made(SecretOctets::from(first));
            piece = D::of(&whole);
        }
        let octets;
        if let Armor::Some(armor) = &mut self.armor {
            let text = piece.read(0..piece.len()).ok_or(ReadError::GONE)?;
            octets = D::made(SecretOctets::from(armor.push(&text).map_err(refused)?));
            // Told at the end: the armor may turn out to be damaged.
            if armor.kind().is_some_and(|kind| kind != ArmorKind::Message) {
                return Ok(None);
            }
            piece = D::of(&octets);
        }
        self.take(piece, engine, progress).await
    }

    /// Takes octets without armor.
    async fn take<E: Bulk<D>>(
        &mut self,
        piece: &D,
        engine: &E,
        progress: &mut dyn Progress,
    ) -> Result<Option<D::Made>, DecryptError> {
        let (mut at, mut data) = (0, Vec::new());
        if let Stage::Front(front) = &mut self.stage {
            match front.next(piece, &mut at) {
                Next::Chunks(header, range) => {
                    let packets = std::mem::replace(&mut front.packets, Packets::new(0));
                    let content = Content::new(self.limits, !self.options.verify_with.is_empty());
                    let chunks = Chunks { packets, header, opened: None, carry: Vec::new(), is_over: false, content };
                    self.stage = Stage::Chunks(Box::new(chunks));
                    data.push(range);
                }
                Next::More if front.octets.len() + piece.len() <= FRONT => {
                    front.octets.extend_from_slice(&piece.read(0..piece.len()).ok_or(ReadError::GONE)?);
                    return Ok(None);
                }
                Next::More | Next::Other => {
                    let octets = std::mem::take(&mut front.octets);
                    let length = octets.len() as u64;
                    self.stage = Stage::Held(vec![D::made(SecretOctets::from(octets))], length);
                }
            }
        }
        match &mut self.stage {
            Stage::Held(held, length) => {
                *length += piece.len() as u64;
                input::check_binary_size(*length, self.limits)?;
                held.push(piece.gather(std::slice::from_ref(&(0..piece.len()))).ok_or(ReadError::GONE)?);
                Ok(None)
            }
            Stage::Chunks(chunks) => {
                let mut ends = false;
                while let Some(found) = chunks.packets.next(piece, &mut at)? {
                    match found {
                        Found::Data(range) if !chunks.is_over => data.push(range),
                        Found::End if !chunks.is_over => (ends, chunks.is_over) = (true, true),
                        _ => {}
                    }
                }
                self.open(piece, &data, ends, engine, progress).await
            }
            Stage::Front(_) | Stage::Failed => Err(DecryptError::DecryptionFailed),
        }
    }

    /// Opens the chunks that are whole, and behind the last one the final tag.
    async fn open<E: Bulk<D>>(
        &mut self,
        piece: &D,
        data: &[Range<usize>],
        ends: bool,
        engine: &E,
        progress: &mut dyn Progress,
    ) -> Result<Option<D::Made>, DecryptError> {
        let Stage::Chunks(chunks) = &mut self.stage else { return Ok(None) };
        let full = chunks.header.suite.chunk.bytes() + Mode::TAG_LEN;
        let there = chunks.carry.len() + data.iter().map(Range::len).sum::<usize>();
        // What is followed by a final tag at least is no last, shorter chunk.
        let length = if ends { there } else { there.saturating_sub(Mode::TAG_LEN) / full * full };
        if length == 0 && !ends {
            for range in data {
                chunks.carry.extend_from_slice(&piece.read(range.clone()).ok_or(ReadError::GONE)?);
            }
            return Ok(None);
        }
        let body = piece.gather_behind(&chunks.carry, data).ok_or(ReadError::GONE)?;
        chunks.carry = D::of(&body).read(length..there).ok_or(ReadError::GONE)?.to_vec();
        let mut within = Within { progress: &mut *progress, done: self.done };
        let opened = match &mut chunks.opened {
            Some((plan, _)) => {
                *plan = plan.following(length, ends)?;
                engine.open(plan, D::of(&body), 0..length, &mut within).await?
            }
            None => {
                let first = First { body: D::of(&body), length, ends };
                let found = find(chunks, first, &self.options, self.limits, engine, &mut within);
                let (plan, session_key, opened) = found.await?;
                chunks.opened = Some((plan, session_key));
                opened
            }
        };
        D::release(body);
        self.done += D::of(&opened).len() as u64;
        let data = chunks.content.take(opened, self.limits)?;
        match progress.report(self.done, if ends { self.done } else { UNKNOWN_TOTAL }) {
            ControlFlow::Continue(()) => Ok(data),
            ControlFlow::Break(()) => Err(DecryptError::Cancelled),
        }
    }

    /// The message is over: what was still held of its data, and what there is to say about it.
    ///
    /// # Errors
    /// See [`DecryptError`]; a message that is cut is one, whatever was released of it.
    pub async fn finish<E: Bulk<D>>(
        mut self,
        engine: &E,
        progress: &mut dyn Progress,
    ) -> Result<Decrypted<Option<D::Made>>, DecryptError> {
        let mut rest = Vec::new();
        match &mut self.armor {
            Armor::Unknown(first) if first.is_empty() => return Err(ReadError::malformed("the input is empty").into()),
            Armor::Unknown(first) => rest = std::mem::take(first),
            Armor::None => {}
            Armor::Some(armor) => {
                let (kind, octets) = armor.finish().map_err(refused)?;
                match kind {
                    None => return Err(ReadError::malformed("the input is neither armored nor binary").into()),
                    Some(ArmorKind::Message) => rest = octets,
                    Some(other) => return Err(input::other_kind(other).into()),
                }
            }
        }
        let rest = D::made(SecretOctets::from(rest));
        let mut data: Vec<D::Made> = self.take(D::of(&rest), engine, progress).await?.into_iter().collect();
        if let Stage::Front(front) = &mut self.stage {
            self.stage = Stage::Held(vec![D::made(SecretOctets::from(std::mem::take(&mut front.octets)))], 0);
        }
        if let Stage::Chunks(chunks) = &mut self.stage
            && chunks.packets.finish()?
        {
            chunks.is_over = true;
            data.extend(self.open(D::of(&rest), &[], true, engine, progress).await?);
        }
        let allowed = self.limits.verifications;
        let judgements = &mut Judgements::new(self.options.verify_with, self.policy, self.at, allowed);
        match self.stage {
            Stage::Held(held, _) => {
                let message = Message::<D>::Own(joined::<D, E>(held, engine).await?);
                let decrypted = decrypt_binary(message, &self.options, judgements, self.limits, engine, progress);
                Ok(decrypted.await?.map(Some))
            }
            Stage::Chunks(chunks) => {
                let Chunks { packets, opened, content, .. } = *chunks;
                packets.outline().shape()?;
                let own: Vec<Fingerprint> = self.options.keys.iter().map(|own| own.key.fingerprint()).collect();
                let (source, context) = (CertificateSource::Known, Context::Encrypted { own: &own });
                let mut checker = Checker { judgements, source, context, from: self.options.from };
                let finished: Finished<D> = content.finish(&mut checker, self.limits, engine).await?;
                data.extend(finished.data);
                Ok(Decrypted {
                    data: if data.len() < 2 { data.pop() } else { Some(D::join(data).ok_or(ReadError::GONE)?) },
                    filename: finished.filename,
                    container: Container::SeipdV2,
                    session_key: opened.and_then(|(_, session_key)| session_key),
                    signatures: finished.signatures,
                    notes: Vec::new(),
                })
            }
            Stage::Front(_) | Stage::Failed => Err(DecryptError::DecryptionFailed),
        }
    }
}

impl DecryptStream<'_, [u8]> {
    /// [`push`](Self::push) without an async runtime, with ciphers in software.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_blocking(
        &mut self,
        piece: &[u8],
        progress: &mut dyn Progress,
    ) -> Result<Option<SecretOctets>, DecryptError> {
        ready(self.push(piece, &RustCrypto, progress))
    }

    /// [`finish`](Self::finish) without an async runtime.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn finish_blocking(self, progress: &mut dyn Progress) -> Result<Decrypted<Option<SecretOctets>>, DecryptError> {
        ready(self.finish(&RustCrypto, progress))
    }
}

/// The first chunks: the beginning of these octets, and whether the final tag is behind them.
struct First<'a, D: ?Sized> {
    body: &'a D,
    length: usize,
    ends: bool,
}

/// Tries one session key after the other on the first chunks.
async fn find<D: Octets + ?Sized, E: Bulk<D>>(
    chunks: &Chunks<D>,
    First { body, length, ends }: First<'_, D>,
    options: &DecryptOptions<'_>,
    limits: &Limits,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<(Plan, Option<SessionKey>, D::Made), DecryptError> {
    let Shape::Encrypted { session_keys, container } = chunks.packets.outline().shape()? else {
        return Err(DecryptError::NotEncrypted);
    };
    let named = Some(chunks.header.suite.cipher.id());
    let rsa: &Rsa<'_> = &|key, octets| rsa::decrypt(engine, key, octets);
    let mut search = Search::plan(&session_keys, Container::SeipdV2, options.keys, options.passwords, limits)
        .after(options.session_keys, named);
    while let Some(session_key) = search.next(rsa, engine).await {
        let PlainSessionKey::V6 { key } = &session_key else { continue };
        let plan =
            Plan::start(&chunks.header, key.as_ref(), Direction::Open).and_then(|start| start.following(length, ends));
        let opened = match plan {
            Ok(plan) => engine.open(&plan, body, 0..length, progress).await.map(|opened| (plan, opened)),
            Err(error) => Err(error),
        };
        match opened {
            Ok((plan, opened)) => return Ok((plan, SessionKey::that_opened(&container, &session_key), opened)),
            Err(Error::DecryptionFailed) => {}
            Err(other) => return Err(DecryptError::from(other).at(Place::of(&container))),
        }
    }
    Err(search.failure())
}

fn refused(error: ArmorError) -> DecryptError {
    match error {
        ArmorError::NotOneBlock => ReadError::malformed("the text holds several blocks of armor"),
        other => ReadError::malformed(other.reason()),
    }
    .into()
}
