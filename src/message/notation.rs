//! Notations: what signers add to a signature beside the data (RFC 9580 §5.2.3.24).

use super::error::SignError;
use pgp::packet::{Subpacket, SubpacketData};

/// Longest name and value. The hashed area as a whole has 65 535 octets (§5.2.3.7); a quarter each leaves room for the rest.
const LONGEST: usize = 16 << 10;

/// A name and a value in the hashed area of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notation {
    /// `name@domain` of whoever defines it. Names without a domain belong to the IETF.
    pub name: String,
    /// Text in UTF-8 if `readable`, else octets.
    pub value: Vec<u8>,
    /// The value is meant for people.
    pub readable: bool,
    /// A reader that does not know the name must not take the signature for valid.
    pub critical: bool,
}

impl Notation {
    /// The subpacket, or why it must not be written.
    pub(super) fn subpacket(&self) -> Result<Subpacket, SignError> {
        let bad = |reason| Err(SignError::BadNotation { reason });
        if self.name.is_empty() || self.name.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return bad("its name is empty, or holds blanks or control characters");
        }
        if self.name.len() > LONGEST || self.value.len() > LONGEST {
            return bad("its name or value is longer than 16 KiB");
        }
        if self.readable && std::str::from_utf8(&self.value).is_err() {
            return bad("a value for people must be UTF-8 text");
        }
        let data = SubpacketData::Notation(pgp::packet::Notation {
            readable: self.readable,
            name: self.name.clone().into_bytes().into(),
            value: self.value.clone().into(),
        });
        let subpacket = if self.critical { Subpacket::critical(data) } else { Subpacket::regular(data) };
        subpacket.or_else(|_| bad("it does not fit into a signature"))
    }

    /// What a subpacket says. Octets of a name that are no UTF-8 are replaced: such a name equals no known one.
    pub(super) fn of(subpacket: &Subpacket) -> Option<Self> {
        let SubpacketData::Notation(notation) = &subpacket.data else { return None };
        Some(Self {
            name: String::from_utf8_lossy(&notation.name).into_owned(),
            value: notation.value.to_vec(),
            readable: notation.readable && std::str::from_utf8(&notation.value).is_ok(),
            critical: subpacket.is_critical,
        })
    }
}
