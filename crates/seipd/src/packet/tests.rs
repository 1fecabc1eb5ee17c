#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
use super::*;
use std::prelude::v1::*;
use std::vec;

type Seen = (u8, Vec<u8>, Range<usize>);

fn all(bytes: &[u8]) -> Result<Vec<Seen>, FramingError> {
    split(bytes).map(|packet| packet.map(|p| (p.tag, p.body.into_owned(), p.span))).collect()
}

#[test]
fn every_length_is_read_as_it_was_written() {
    for length in [0usize, 1, 191, 192, 193, 8383, 8384, 65535, 65536, 100_000] {
        let mut bytes = Vec::new();
        write_header(&mut bytes, Tag::LITERAL, length as u32);
        let header = bytes.len();
        bytes.extend((0..length).map(|i| i as u8));
        let packets = all(&bytes).unwrap();
        assert_eq!(packets.len(), 1, "{length}");
        assert_eq!(packets[0].1, bytes[header..], "{length}");
        assert_eq!(packets[0].2, 0..bytes.len());
        assert_eq!(
            header,
            if length < 192 {
                2
            } else if length < 8384 {
                3
            } else {
                6
            }
        );
        // One octet short is always an error, never a shorter packet.
        assert_eq!(all(&bytes[..bytes.len() - 1]), Err(FramingError::Truncated));
    }
}

#[test]
fn fixed_lengths_borrow() {
    let packet = split(&[0xCB, 3, 1, 2, 3]).next().unwrap().unwrap();
    assert!(matches!(packet.body, Cow::Borrowed([1, 2, 3])));
}

#[test]
fn longer_encodings_than_needed_are_fine() {
    assert_eq!(all(&[0xD5, 255, 0, 0, 0, 1, 9]).unwrap(), [(21, vec![9], 0..7)]);
}

#[test]
fn partial_lengths_join() {
    let mut bytes = vec![0xC0 | Tag::LITERAL, 0xE0 | 9];
    bytes.extend([1; 512]);
    bytes.extend([0xE0, 2, 0xE1, 3, 3, 2, 4, 4]); // parts of 1 and 2 octets, a last one of 2
    bytes.extend([0xC0 | Tag::PADDING, 0]);
    let packets = all(&bytes).unwrap();
    assert_eq!(packets[0].1, [vec![1; 512], vec![2, 3, 3, 4, 4]].concat());
    assert_eq!((packets[1].0, packets[1].2.clone()), (Tag::PADDING, bytes.len() - 2..bytes.len()));
}

#[test]
fn a_last_part_of_zero_octets_ends_a_body() {
    let bytes = [vec![0xC0 | Tag::SEIPD, 0xE9], vec![7; 512], vec![0]].concat();
    assert_eq!(all(&bytes).unwrap()[0].1, vec![7; 512]);
}

#[test]
fn partial_lengths_are_for_data_and_start_at_512() {
    let with = |tag: u8, exponent: u8| [vec![0xC0 | tag, 0xE0 | exponent], vec![0; 1 << exponent], vec![0]].concat();
    for tag in 1..64 {
        let data = [8, 9, 11, 18, 20].contains(&tag);
        assert_eq!(all(&with(tag, 9)).err(), (!data).then_some(FramingError::PartialNotAllowed), "{tag}");
    }
    assert_eq!(all(&with(Tag::LITERAL, 8)), Err(FramingError::PartialTooShort));
    assert_eq!(all(&with(Tag::LITERAL, 0)), Err(FramingError::PartialTooShort));
}

#[test]
fn a_body_that_never_ends_is_cut() {
    let mut bytes = vec![0xC0 | Tag::LITERAL, 0xE9];
    bytes.extend([0; 512]);
    assert_eq!(all(&bytes), Err(FramingError::Truncated));
    // The largest partial length of all, 2^30, in a tiny message: no allocation, an error.
    assert_eq!(all(&[0xC0 | Tag::LITERAL, 0xFE, 0]), Err(FramingError::Truncated));
    assert_eq!(all(&[0xC0 | Tag::LITERAL, 255, 255, 255, 255, 255, 0]), Err(FramingError::Truncated));
}

#[test]
fn legacy_headers() {
    assert_eq!(all(&[0x80 | 11 << 2, 2, 5, 6]).unwrap(), [(11, vec![5, 6], 0..4)]);
    assert_eq!(all(&[0x80 | 11 << 2 | 1, 0, 2, 5, 6]).unwrap(), [(11, vec![5, 6], 0..5)]);
    assert_eq!(all(&[0x80 | 11 << 2 | 2, 0, 0, 0, 2, 5, 6]).unwrap(), [(11, vec![5, 6], 0..7)]);
    assert_eq!(all(&[0x80 | 11 << 2 | 3, 5, 6, 7]).unwrap(), [(11, vec![5, 6, 7], 0..4)]);
    assert_eq!(all(&[0x80 | 2 << 2 | 3, 5, 6, 7]), Err(FramingError::IndeterminateNotAllowed));
}

#[test]
fn hostile_first_octets() {
    assert_eq!(all(b"-----BEGIN"), Err(FramingError::NotAPacket));
    assert_eq!(all(&[0xC0, 0]), Err(FramingError::TypeZero));
    assert_eq!(all(&[0x80, 0]), Err(FramingError::TypeZero));
    assert_eq!(all(&[0xCB]), Err(FramingError::Truncated));
    assert_eq!(all(&[0xCB, 192]), Err(FramingError::Truncated));
    assert_eq!(all(&[0xCB, 255, 0, 0]), Err(FramingError::Truncated));
    assert_eq!(all(&[]), Ok(vec![]));
}

#[test]
fn iteration_ends_after_an_error() {
    let mut packets = split(&[0xCB, 1, 0, 0x00, 0xCB, 0]);
    assert!(packets.next().unwrap().is_ok());
    assert_eq!(packets.next(), Some(Err(FramingError::NotAPacket)));
    assert_eq!(packets.next(), None);
}

#[test]
fn any_short_input_terminates_and_spans_are_seamless() {
    use rand::{Rng, SeedableRng};
    let mut rng = rand::rngs::StdRng::seed_from_u64(1);
    for _ in 0..20_000 {
        let bytes: Vec<u8> =
            (0..rng.gen_range(0..40)).map(|_| rng.r#gen::<u8>() | if rng.gen_bool(0.5) { 0x80 } else { 0 }).collect();
        let mut at = 0;
        for packet in split(&bytes).flatten() {
            assert_eq!(packet.span.start, at);
            assert!(packet.body.len() < packet.span.len());
            at = packet.span.end;
        }
        assert!(at <= bytes.len());
    }
}

/// What [`Framer`] finds in pieces of a size, in the form of [`Seen`].
fn framed(bytes: &[u8], size: usize) -> Result<Vec<Seen>, FramingError> {
    let mut framer = Framer::default();
    let mut packets: Vec<Seen> = Vec::new();
    let mut take = |event: Event, piece: &[u8]| match event {
        Event::Start { tag, at } => packets.push((tag, Vec::new(), at as usize..0)),
        Event::Body(range) => packets.last_mut().unwrap().1.extend_from_slice(&piece[range]),
        Event::End { at } => packets.last_mut().unwrap().2.end = at as usize,
    };
    for piece in bytes.chunks(size) {
        let mut at = 0;
        while let Some(event) = framer.next(piece, &mut at)? {
            take(event, piece);
        }
        assert_eq!(at, piece.len());
    }
    if let Some(event) = framer.finish()? {
        take(event, &[]);
    }
    Ok(packets)
}

#[test]
fn pieces_are_framed_as_the_whole() {
    let partial = [&[0xC0 | Tag::LITERAL, 0xE0 | 9][..], &[1; 512], &[0xE0, 2, 0xE1, 3, 3, 2, 4, 4]].concat();
    let two = [partial.as_slice(), &[0xC0 | Tag::PADDING, 0, 0xC0 | Tag::MARKER, 3, b'P', b'G', b'P']].concat();
    let long = [&[0xC0 | Tag::SEIPD, 0xC1, 8][..], &[7; 456]].concat();
    let longest = [&[0x80 | Tag::LITERAL << 2 | 2, 0, 0, 2, 0][..], &[8; 512]].concat();
    let rest = [&[0x80 | Tag::LITERAL << 2 | 3][..], &[9; 30]].concat();
    let cases: [&[u8]; 14] = [
        &[],
        &partial,
        &two,
        &two[..two.len() - 1],
        &partial[..partial.len() - 3],
        &long,
        &longest,
        &[&two[..], &rest].concat(),
        &[0x00],
        &[0x80],
        &[0xC0 | Tag::PADDING, 0xE9],
        &[0xC0 | Tag::LITERAL, 0xE8],
        &[0x80 | Tag::SIGNATURE << 2 | 3, 1],
        &[0xC0 | Tag::LITERAL, 255, 0, 0],
    ];
    for bytes in cases {
        for size in [1, 2, 5, 300, 10_000] {
            assert_eq!(framed(bytes, size), all(bytes), "{} octets by {size}", bytes.len());
        }
    }
}
