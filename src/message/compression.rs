//! Inflates compressed data packets (RFC 9580 §5.6, §9.4) under a cap on octets and ratio.
//!
//! Only reading: this library never compresses, since the size of compressed and encrypted text tells about its content.

use super::error::ReadError;
use crate::{Limits, rest};
use bzip2::{Decompress as Bunzip2, Status as Bunzip2Status};
use envelock_seipd::SecretOctets;
use flate2::{Decompress as Inflate, FlushDecompress, Status as InflateStatus};

/// How far the output may run ahead of what the ratio allows for the input read so far. It lets files begin with large empty
/// stretches, and stops a bomb long before its whole allowance is used.
const LEAD: u64 = 32 << 20;

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

/// The packets inside a compressed data packet's body. The compressed stream must end exactly where the body ends.
pub(crate) fn decompress(body: &[u8], budget: &mut Budget, limits: &Limits) -> Result<SecretOctets, ReadError> {
    let allowed = budget.allowance(body.len(), limits);
    let (algorithm, stream) = body.split_first().ok_or(ReadError::malformed("an empty compressed data packet"))?;
    match *algorithm {
        UNCOMPRESSED if stream.len() as u64 > allowed => Err(ReadError::TooLarge(allowed)),
        UNCOMPRESSED => Ok(SecretOctets::from(stream.to_vec())),
        ZIP => drain(stream, allowed, limits, Inflater(Inflate::new(false))),
        ZLIB => drain(stream, allowed, limits, Inflater(Inflate::new(true))),
        BZIP2 if !rest::is_here() => Err(ReadError::Unsupported("BZip2")),
        BZIP2 => bunzip(stream, allowed, limits),
        _ => Err(ReadError::Unsupported("an unknown compression algorithm")),
    }
}

/// In the second part ([`rest`]).
#[inline(never)]
fn bunzip(stream: &[u8], allowed: u64, limits: &Limits) -> Result<SecretOctets, ReadError> {
    drain(stream, allowed, limits, Bunzipper(Bunzip2::new(false)))
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

/// Runs a decompressor to its end, growing the output step by step and never beyond `allowed`.
fn drain(input: &[u8], allowed: u64, limits: &Limits, mut stream: impl Stream) -> Result<SecretOctets, ReadError> {
    const BROKEN: ReadError = ReadError::malformed("the compressed data is broken");
    let first = (input.len() as u64).saturating_mul(4).clamp(4096, 1 << 20).min(allowed.saturating_add(1));
    let mut out = SecretOctets::from(Vec::with_capacity(first as usize));
    loop {
        if out.len() == out.capacity() {
            if out.len() as u64 > allowed {
                return Err(ReadError::TooLarge(allowed));
            }
            // One octet beyond the allowance, so that exactly `allowed` octets still pass. The old buffer is wiped.
            let capacity = (out.len() as u64).saturating_mul(2).min(allowed.saturating_add(1));
            let mut larger = SecretOctets::from(Vec::with_capacity(capacity as usize));
            larger.extend_from_slice(&out);
            out = larger;
        }
        let consumed = stream.consumed();
        let produced = out.len();
        let rest = input.get(consumed as usize..).unwrap_or_default();
        let ended = stream.step(rest, &mut out).ok_or(BROKEN)?;
        let earned = limits.decompression_ratio.saturating_mul(stream.consumed()).saturating_add(LEAD);
        if out.len() as u64 > allowed.min(earned) {
            return Err(ReadError::TooLarge(allowed));
        }
        if ended {
            break;
        }
        if stream.consumed() == consumed && out.len() == produced && out.len() < out.capacity() {
            return Err(BROKEN);
        }
    }
    if stream.consumed() != input.len() as u64 {
        return Err(ReadError::malformed("octets follow the compressed data"));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;
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
        decompress(body, &mut Budget::new(), limits).map(|out| out.to_vec())
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
                let ended = self.0.step(input, out);
                *self.1 = out.len();
                ended
            }
            fn consumed(&self) -> u64 {
                self.0.consumed()
            }
        }
        let inflater = Counting(Inflater(Inflate::new(true)), &mut stepped);
        assert!(drain(&bomb[1..], u64::MAX / 2, &Limits::default(), inflater).is_err());
        assert!(stepped <= 128 << 20, "{stepped} octets were written");
    }

    #[test]
    fn layers_share_one_allowance() {
        let limits = Limits { decompression_floor: 1 << 20, ..Limits::default() };
        let inner = zip(&vec![0; 16 << 20]);
        let outer = zip(&inner);
        let mut budget = Budget::new();
        let first = decompress(&outer, &mut budget, &limits).unwrap();
        let second = decompress(&first, &mut budget, &limits);
        assert!(matches!(second, Err(ReadError::TooLarge(_))), "250 × 250 must not be reachable");
    }
}
