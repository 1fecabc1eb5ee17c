//! SIGNATURES: detached signature packets.

use envelock::Limits;
use envelock::armor::{self, ArmorKind};
use sop::errors::Error;
use sop::{Load, Save};
use std::io::{Read, Write};

use crate::failure::because;
use crate::input;
use crate::program::Envelock;

/// Signature packets, binary.
pub struct Sigs {
    pub packets: Vec<u8>,
    source: Option<String>,
}

impl Sigs {
    /// Signatures made here.
    pub fn new(packets: Vec<u8>) -> Self {
        Self { packets, source: None }
    }
}

impl<'s> Load<'s, Envelock> for Sigs {
    fn from_reader(
        _: &'s Envelock,
        source: &mut (dyn Read + Send + Sync),
        source_name: Option<String>,
    ) -> sop::Result<Self> {
        let octets = input::read(source)?;
        if armor::is_binary(&octets) {
            return Ok(Self { packets: octets.to_vec(), source: source_name });
        }
        let mut blocks = armor::read_all(&octets, Limits::default().key_bytes)
            .map_err(|error| because(error, Error::BadData))?
            .into_iter();
        match (blocks.next(), blocks.next()) {
            // Some programs armor detached signatures as messages.
            (Some(block), None) if matches!(block.kind, ArmorKind::Signature | ArmorKind::Message) => {
                Ok(Self { packets: block.octets, source: source_name })
            }
            _ => Err(because("the input is not one detached signature", Error::BadData)),
        }
    }

    fn source_name(&self) -> Option<&str> {
        self.source.as_deref()
    }
}

impl Save for Sigs {
    fn to_writer(&self, armored: bool, sink: &mut (dyn Write + Send + Sync)) -> sop::Result<()> {
        if armored {
            sink.write_all(armor::write(ArmorKind::Signature, &self.packets).as_bytes())?;
        } else {
            sink.write_all(&self.packets)?;
        }
        Ok(())
    }
}

impl<'s> sop::plumbing::SopRef<'s, Envelock> for Sigs {
    fn sop(&self) -> &'s Envelock {
        &Envelock
    }
}
