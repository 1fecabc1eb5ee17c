//! Packets of a key that are kept although nothing here reads them, so that what is written is what was read.
//!
//! User attributes of unknown form, subkeys of unknown version or algorithm, each with the signatures after it. Signatures that
//! cannot be read stand among the others, where rPGP has a form for them. Never secret parts: nothing here could lock them.

use envelock_seipd::packet::write_header;

/// What a key holds beside the components that are understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Unread {
    pub(crate) attributes: Vec<UnreadComponent>,
    pub(crate) subkeys: Vec<UnreadComponent>,
}

/// A component as octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnreadComponent {
    pub(crate) tag: u8,
    pub(crate) body: Vec<u8>,
    /// Bodies of the signature packets after it.
    pub(crate) signatures: Vec<Vec<u8>>,
}

impl UnreadComponent {
    fn write(&self, out: &mut Vec<u8>) {
        write_packet(out, self.tag, &self.body);
        for signature in &self.signatures {
            write_packet(out, SIGNATURE, signature);
        }
    }
}

const SIGNATURE: u8 = 2;

fn write_packet(out: &mut Vec<u8>, tag: u8, body: &[u8]) {
    // Bodies come from inputs that `Limits` bounds far below 4 GiB.
    write_header(out, tag, u32::try_from(body.len()).unwrap_or(u32::MAX));
    out.extend_from_slice(body);
}

pub(crate) fn write_all(components: &[UnreadComponent], out: &mut Vec<u8>) {
    components.iter().for_each(|component| component.write(out));
}
