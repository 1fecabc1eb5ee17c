//! The checksum that old programs want behind armor: CRC-24 (RFC 9580 §6.1.1).

/// What it is of nothing.
pub(super) const START: u32 = 0x00B7_04CE;

/// Of octets.
pub(super) fn crc24(octets: &[u8]) -> u32 {
    crc24_behind(START, octets)
}

/// Of octets behind those that `crc` is of, one at a time.
pub(super) fn crc24_behind(crc: u32, octets: &[u8]) -> u32 {
    // Computed by the compiler, which checks the index.
    #[allow(clippy::indexing_slicing)]
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut index = 0;
        while index < table.len() {
            let mut crc = (index as u32) << 16;
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 0x0080_0000 == 0 { crc << 1 } else { crc << 1 ^ 0x0186_4CFB };
                bit += 1;
            }
            table[index] = crc;
            index += 1;
        }
        table
    };
    octets.iter().fold(crc, |crc, octet| {
        // An octet always lies in a table of 256.
        let entry = TABLE.get(usize::from((crc >> 16) as u8 ^ octet)).copied().unwrap_or_default();
        (crc << 8 ^ entry) & 0x00FF_FFFF
    })
}
