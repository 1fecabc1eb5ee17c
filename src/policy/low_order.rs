//! Points whose multiples are known to everybody: a message encrypted to one, or from one, is open to all.
//!
//! The X functions take any octets for a point. The shared secret of a point of low order is all zero, which RFC 7748 §6 lets
//! implementations check; here the points themselves are refused, in every form they can be written.

/// The u-coordinates of Curve25519's small subgroups, with their non-canonical encodings (list as in libsodium). The top bit is
/// ignored by X25519.
pub(crate) fn x25519(point: &[u8; 32]) -> bool {
    const LOW_ORDER: [[u8; 32]; 7] = {
        const fn with_ends(first: u8, middle: u8, last: u8) -> [u8; 32] {
            let mut octets = [middle; 32];
            octets[0] = first;
            octets[31] = last;
            octets
        }
        [
            with_ends(0, 0, 0),
            with_ends(1, 0, 0),
            [
                0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
                0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
            ],
            [
                0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04,
                0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
            ],
            with_ends(0xec, 0xff, 0x7f),
            with_ends(0xed, 0xff, 0x7f),
            with_ends(0xee, 0xff, 0x7f),
        ]
    };
    let mut masked = *point;
    if let Some(top) = masked.last_mut() {
        *top &= 0x7f;
    }
    LOW_ORDER.contains(&masked)
}

/// The u-coordinates of Curve448's small subgroups: 0, 1 and p − 1, and the first two once more as p and p + 1, where
/// p = 2^448 − 2^224 − 1.
pub(crate) fn x448(point: &[u8; 56]) -> bool {
    // Computed by the compiler, which checks the index.
    #[allow(clippy::indexing_slicing)]
    const LOW_ORDER: [[u8; 56]; 5] = {
        /// The lowest octet, those above it, octet 28, those above it.
        const fn in_parts(first: u8, low: u8, middle: u8, high: u8) -> [u8; 56] {
            let mut octets = [high; 56];
            let mut place = 0;
            while place < 28 {
                octets[place] = low;
                place += 1;
            }
            octets[0] = first;
            octets[28] = middle;
            octets
        }
        [
            in_parts(0, 0, 0, 0),
            in_parts(1, 0, 0, 0),
            in_parts(0xfe, 0xff, 0xfe, 0xff),
            in_parts(0xff, 0xff, 0xfe, 0xff),
            in_parts(0, 0, 0xff, 0xff),
        ]
    };
    LOW_ORDER.contains(point)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x25519_with_any_top_bit() {
        let mut one = [0u8; 32];
        one[0] = 1;
        assert!(x25519(&[0; 32]) && x25519(&one));
        one[31] = 0x80;
        assert!(x25519(&one));
        one[0] = 9;
        assert!(!x25519(&one));
    }

    #[test]
    fn x448_in_every_form() {
        let number = |low: u8, high: u8| {
            let mut octets = [high; 56];
            octets[..28].fill(low);
            octets
        };
        let plus = |mut octets: [u8; 56], place: usize, change: u8| {
            octets[place] = octets[place].wrapping_add(change);
            octets
        };
        let prime = plus(number(0xff, 0xff), 28, 0xff);
        for low in [number(0, 0), plus(number(0, 0), 0, 1), plus(prime, 0, 0xff), prime, number(0, 0xff)] {
            assert!(x448(&low), "{low:x?}");
        }
        for sound in [plus(number(0, 0), 0, 5), plus(prime, 0, 0xfe), plus(number(0, 0xff), 0, 1)] {
            assert!(!x448(&sound), "{sound:x?}");
        }
    }
}
