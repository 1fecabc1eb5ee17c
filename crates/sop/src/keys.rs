//! KEYS: transferable secret keys, one or several in a file.

use envelock::armor::{self, ArmorKind};
use envelock::{KeyringItem, Limits, SecretKey, read_keys};
use sop::errors::Error;
use sop::{Load, Save};
use std::io::{Read, Write};
use zeroize::Zeroizing;

use crate::failure::{because, of_key};
use crate::input;
use crate::program::Envelock;

/// Secret keys, in the order of their file.
pub struct Keys {
    pub keys: Vec<SecretKey>,
    source: Option<String>,
}

impl Keys {
    /// Keys made here.
    pub fn new(keys: Vec<SecretKey>) -> Self {
        Self { keys, source: None }
    }
}

impl<'s> Load<'s, Envelock> for Keys {
    fn from_reader(
        _: &'s Envelock,
        source: &mut (dyn Read + Send + Sync),
        source_name: Option<String>,
    ) -> sop::Result<Self> {
        let octets = input::read(source)?;
        let mut keys = Vec::new();
        for entry in read_keys(&octets, &Limits::default()).map_err(of_key)?.entries {
            match entry.item {
                KeyringItem::SecretKey(key) => keys.push(key),
                KeyringItem::Certificate(_) => {
                    return Err(because("a certificate stands where a secret key is needed", Error::BadData));
                }
                KeyringItem::Unsupported { reason, .. } => {
                    return Err(because(format!("unsupported key: {reason}"), Error::UnsupportedAsymmetricAlgo));
                }
                _ => return Err(Error::BadData),
            }
        }
        Ok(Self { keys, source: source_name })
    }

    fn source_name(&self) -> Option<&str> {
        self.source.as_deref()
    }
}

impl Save for Keys {
    fn to_writer(&self, armored: bool, sink: &mut (dyn Write + Send + Sync)) -> sop::Result<()> {
        let octets = Zeroizing::new(self.keys.iter().flat_map(SecretKey::to_bytes).collect::<Vec<u8>>());
        if armored {
            sink.write_all(Zeroizing::new(armor::write(ArmorKind::PrivateKey, &octets)).as_bytes())?;
        } else {
            sink.write_all(&octets)?;
        }
        Ok(())
    }
}

impl<'s> sop::plumbing::SopRef<'s, Envelock> for Keys {
    fn sop(&self) -> &'s Envelock {
        &Envelock
    }
}
