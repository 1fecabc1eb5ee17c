//! Inflates compressed data packets (RFC 9580 §5.6, §9.4) under a cap on octets and ratio, with rests in which others have their turns.
//!
//! Only reading: this library never compresses, since the size of compressed and encrypted text tells about its content.

use super::{error::ReadError, gathering::joined};
use crate::{Limits, rest};
use bzip2::{Decompress as Bunzip2, Status as Bunzip2Status};
use envelock_seipd::{Engine, Octets, Read, SecretOctets};
use flate2::{Decompress as Inflate, FlushDecompress, Status as InflateStatus};
use std::ops::Range;

/// How far the output may run ahead of what the ratio allows for the input read so far. It lets files begin with large empty
/// stretches, and stops a bomb long before its whole allowance is used.
const LEAD: u64 = 32 << 20;

/// What is read or written at most between two rests.
const STEP: usize = 1 << 20;

const UNCOMPRESSED: u8 = 0;
const ZIP: u8 = 1;
const ZLIB: u8 = 2;
const BZIP2: u8 = 3;

/// How many octets a message may unfold to, over all its compressed layers together.
///
/// The first layer fixes the allowance, so that layers inside each other do not multiply the ratio.
pub(crate) struct Budget {
    allowed: Option<u64>,
}

impl Budget {
    pub(crate) fn new() -> Self {
        Self { allowed: None }
    }

    fn allowance(&mut self, compressed: usize, limits: &Limits) -> u64 {
        *self.allowed.get_or_insert_with(|| {
            let by_ratio = limits.decompression_ratio.saturating_mul(compressed as u64);
            by_ratio.max(limits.decompression_floor).min(limits.plaintext_bytes)
        })
    }
}

/// The packets inside a compressed data packet, whose body lies in these parts of `octets`. The compressed stream must end exactly where the body
/// ends.
pub(crate) async fn decompress<D: Octets + ?Sized, E: Engine>(
    octets: &D,
    parts: &[Range<usize>],
    budget: &mut Budget,
    limits: &Limits,
    engine: &E,
) -> Result<D::Made, ReadError> {
    let body = read(octets, parts).ok_or(ReadError::GONE)?;
    let allowed = budget.allowance(body.len(), limits);
    let (algorithm, stream) = body.split_first().ok_or(ReadError::malformed("an empty compressed data packet"))?;
    let mut decompressor: Box<dyn Stream> = match *algorithm {
        UNCOMPRESSED if stream.len() as u64 > allowed => return Err(ReadError::TooLarge(allowed)),
        UNCOMPRESSED => return Ok(D::made(SecretOctets::from(stream.to_vec()))),
        ZIP => Box::new(Inflater(Inflate::new(false))),
        ZLIB => Box::new(Inflater(Inflate::new(true))),
        BZIP2 if !rest::is_here() => return Err(ReadError::Unsupported("BZip2")),
        BZIP2 => Box::new(bunzipper()),
        _ => return Err(ReadError::Unsupported("an unknown compression algorithm")),
    };
    let pieces = drain::<D, E>(stream, allowed, limits, &mut *decompressor, engine).await?;
    joined::<D, E>(pieces, engine).await
}

/// All that lies in some parts.
fn read<'a, D: Octets + ?Sized>(octets: &'a D, parts: &[Range<usize>]) -> Option<Read<'a>> {
    if let [part] = parts {
        return octets.read(part.clone());
    }
    let mut all = SecretOctets::new();
    all.try_reserve_exact(parts.iter().map(Range::len).sum()).ok()?;
    for part in parts {
        all.extend_from_slice(&octets.read(part.clone())?);
    }
    Some(Read::Copied(all))
}

/// In the second part ([`rest`]).
#[inline(never)]
fn bunzipper() -> Bunzipper {
    Bunzipper(Bunzip2::new(false))
}

/// One decompressor: appends to the spare capacity of `out`.
trait Stream {
    /// Returns whether the stream has ended; `None` if the input is not a stream of this kind.
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Option<bool>;
    fn consumed(&self) -> u64;
}

struct Inflater(Inflate);

impl Stream for Inflater {
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Option<bool> {
        let status = self.0.decompress_vec(input, out, FlushDecompress::None).ok()?;
        Some(status == InflateStatus::StreamEnd)
    }

    fn consumed(&self) -> u64 {
        self.0.total_in()
    }
}

struct Bunzipper(Bunzip2);

impl Stream for Bunzipper {
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Option<bool> {
        Some(self.0.decompress_vec(input, out).ok()? == Bunzip2Status::StreamEnd)
    }

    fn consumed(&self) -> u64 {
        self.0.total_in()
    }
}

/// Runs a decompressor to its end, piece by piece and never beyond `allowed`.
async fn drain<D: Octets + ?Sized, E: Engine>(
    input: &[u8],
    allowed: u64,
    limits: &Limits,
    stream: &mut dyn Stream,
    engine: &E,
) -> Result<Vec<D::Made>, ReadError> {
    const BROKEN: ReadError = ReadError::malformed("the compressed data is broken");
    // One octet beyond the allowance, so that exactly `allowed` octets still pass.
    let room = |wanted: usize, written: u64| {
        let capacity = (wanted as u64).min(allowed.saturating_add(1).saturating_sub(written));
        SecretOctets::from(Vec::with_capacity(capacity as usize))
    };
    let (mut pieces, mut written) = (Vec::new(), 0);
    let mut piece = room(input.len().saturating_mul(4).clamp(4096, STEP), written);
    loop {
        let (consumed, produced) = (stream.consumed(), piece.len());
        let left = input.get(consumed as usize..).unwrap_or_default();
        let ended = stream.step(left.get(..STEP).unwrap_or(left), &mut piece).ok_or(BROKEN)?;
        let earned = limits.decompression_ratio.saturating_mul(stream.consumed()).saturating_add(LEAD);
        if written + piece.len() as u64 > allowed.min(earned) {
            return Err(ReadError::TooLarge(allowed));
        }
        if ended {
            break;
        }
        if piece.len() == piece.capacity() {
            written += piece.len() as u64;
            let next = room(STEP, written);
            pieces.push(D::made(std::mem::replace(&mut piece, next)));
        } else if stream.consumed() == consumed && piece.len() == produced {
            return Err(BROKEN);
        }
        engine.rest().await;
    }
    if stream.consumed() != input.len() as u64 {
        return Err(ReadError::malformed("octets follow the compressed data"));
    }
    pieces.push(D::made(piece));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use crate::counting_engine::CountingEngine;
    use envelock_seipd::engine::{RustCrypto, ready};
    use std::io::Write;

    fn zip(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(vec![ZIP], flate2::Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(vec![ZLIB], flate2::Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn bzip2(data: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(vec![BZIP2], bzip2::Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn open(body: &[u8], limits: &Limits) -> Result<Vec<u8>, ReadError> {
        open_in(body, &mut Budget::new(), limits, &RustCrypto)
    }

    fn open_in(body: &[u8], budget: &mut Budget, limits: &Limits, engine: &impl Engine) -> Result<Vec<u8>, ReadError> {
        let whole = 0..body.len();
        ready(decompress(body, std::slice::from_ref(&whole), budget, limits, engine)).map(|out| out.to_vec())
    }

    #[test]
    fn every_algorithm_round_trips() {
        let data: Vec<u8> = (0..200_000u32).flat_map(|n| (n % 977).to_le_bytes()).collect();
        for body in [zip(&data), zlib(&data), bzip2(&data), [&[UNCOMPRESSED][..], &data].concat()] {
            assert_eq!(open(&body, &Limits::default()).unwrap(), data, "algorithm {}", body[0]);
        }
        for body in [zip(b""), zlib(b""), bzip2(b"")] {
            assert_eq!(open(&body, &Limits::default()).unwrap(), b"", "algorithm {}", body[0]);
        }
    }

    #[test]
    fn a_cut_stream_is_broken_not_short() {
        let data = b"some text that is long enough to be cut at many places, some text".repeat(5);
        for whole in [zip(&data), zlib(&data), bzip2(&data)] {
            for length in 1..whole.len() {
                assert!(open(&whole[..length], &Limits::default()).is_err(), "algorithm {} cut at {length}", whole[0]);
            }
        }
    }

    #[test]
    fn octets_after_the_stream_are_refused() {
        for mut body in [zip(b"text"), zlib(b"text"), bzip2(b"text")] {
            body.push(0);
            assert_eq!(open(&body, &Limits::default()), Err(ReadError::malformed("octets follow the compressed data")));
        }
    }

    #[test]
    fn the_cap_is_exact() {
        let limits = Limits { plaintext_bytes: 100_000, ..Limits::default() };
        for make in [zip, zlib, bzip2] {
            assert_eq!(open(&make(&vec![7; 100_000]), &limits).unwrap().len(), 100_000);
            assert_eq!(open(&make(&vec![7; 100_001]), &limits), Err(ReadError::TooLarge(100_000)));
        }
    }

    #[test]
    fn a_bomb_is_stopped_at_the_ratio() {
        let limits = Limits { decompression_floor: 1 << 20, ..Limits::default() };
        let bomb = zlib(&vec![0; 64 << 20]);
        let allowed = limits.decompression_ratio * bomb.len() as u64;
        assert!(allowed < 64 << 20, "the case must exceed the ratio");
        assert_eq!(open(&bomb, &limits), Err(ReadError::TooLarge(allowed)));
    }

    #[test]
    fn a_large_bomb_is_stopped_before_its_allowance_is_used() {
        let bomb = zlib(&vec![0; 256 << 20]);
        let mut stepped = 0;
        struct Counting<'a>(Inflater, &'a mut usize);
        impl Stream for Counting<'_> {
            fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Option<bool> {
                let before = out.len();
                let ended = self.0.step(input, out);
                *self.1 += out.len() - before;
                ended
            }
            fn consumed(&self) -> u64 {
                self.0.consumed()
            }
        }
        let inflater = &mut Counting(Inflater(Inflate::new(true)), &mut stepped);
        let limits = Limits::default();
        assert!(ready(drain::<[u8], _>(&bomb[1..], u64::MAX / 2, &limits, inflater, &RustCrypto)).is_err());
        assert!(stepped <= 128 << 20, "{stepped} octets were written");
    }

    /// Also of what is large only before, as empty blocks of `zip` are.
    #[test]
    fn others_have_their_turns() {
        let data: Vec<u8> = (0..8u32 << 18).flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 22).to_le_bytes()).collect();
        let mut empty = [0, 0, 0, 0xFF, 0xFF].repeat(1 << 20);
        empty.extend([1, 0, 0, 0xFF, 0xFF]);
        for (body, least) in [(zip(&data), 8), (zlib(&data), 8), (bzip2(&data), 8), ([&[ZIP][..], &empty].concat(), 4)]
        {
            let engine = CountingEngine::default();
            open_in(&body, &mut Budget::new(), &Limits::default(), &engine).unwrap();
            assert!(engine.rests() >= least, "algorithm {}: {} rests", body[0], engine.rests());
        }
    }

    #[test]
    fn a_body_in_parts_is_the_same() {
        let data = b"some text that comes in parts".repeat(9);
        let body = zlib(&data);
        let message = [&body[..7], b"between", &body[7..]].concat();
        let parts = [0..7, 14..message.len()];
        let (budget, limits) = (&mut Budget::new(), Limits::default());
        let opened = ready(decompress(message.as_slice(), &parts, budget, &limits, &RustCrypto));
        assert_eq!(opened.unwrap().as_slice(), data);
    }

    #[test]
    fn layers_share_one_allowance() {
        let limits = Limits { decompression_floor: 1 << 20, ..Limits::default() };
        let inner = zip(&vec![0; 16 << 20]);
        let outer = zip(&inner);
        let mut budget = Budget::new();
        let first = open_in(&outer, &mut budget, &limits, &RustCrypto).unwrap();
        let second = open_in(&first, &mut budget, &limits, &RustCrypto);
        assert!(matches!(second, Err(ReadError::TooLarge(_))), "250 × 250 must not be reachable");
    }
}
