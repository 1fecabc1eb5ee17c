//! `armor` and `dearmor`.

use envelock::Limits;
use envelock::armor::{self, ArmorKind};
use sop::errors::Error;
use sop::ops::{ArmorLabel, Ready};
use std::io::{Read, Write};
use zeroize::Zeroizing;

use crate::failure::because;
use crate::input::read;

/// `armor`.
#[derive(Default)]
pub struct Armor {
    label: ArmorLabel,
}

impl<'s> sop::ops::Armor<'s> for Armor {
    fn label(mut self: Box<Self>, label: ArmorLabel) -> Box<dyn sop::ops::Armor<'s> + 's> {
        self.label = label;
        self
    }

    fn data<'d>(self: Box<Self>, data: &'d mut (dyn Read + Send + Sync)) -> sop::Result<Box<dyn Ready + 'd>>
    where
        's: 'd,
    {
        Ok(Box::new(ArmorReady { label: self.label, data }))
    }
}

struct ArmorReady<'d> {
    label: ArmorLabel,
    data: &'d mut (dyn Read + Send + Sync),
}

impl Ready for ArmorReady<'_> {
    fn to_writer(self: Box<Self>, sink: &mut (dyn Write + Send + Sync)) -> sop::Result<()> {
        let octets = read(self.data)?;
        if !armor::is_binary(&octets) {
            // Armored already: given back as it is, if it really is.
            decode(&octets)?;
            sink.write_all(&octets)?;
            return Ok(());
        }
        let found = armor::kind_of(&*octets).ok_or_else(|| because("the input is not OpenPGP", Error::BadData))?;
        let kind = match self.label {
            ArmorLabel::Auto => found,
            ArmorLabel::Sig => ArmorKind::Signature,
            ArmorLabel::Key => ArmorKind::PrivateKey,
            ArmorLabel::Cert => ArmorKind::PublicKey,
            ArmorLabel::Message => ArmorKind::Message,
        };
        sink.write_all(Zeroizing::new(armor::write(kind, &octets)).as_bytes())?;
        Ok(())
    }
}

/// `dearmor`.
pub struct Dearmor;

impl<'s> sop::ops::Dearmor<'s> for Dearmor {
    fn data<'d>(self: Box<Self>, data: &'d mut (dyn Read + Send + Sync)) -> sop::Result<Box<dyn Ready + 'd>>
    where
        's: 'd,
    {
        Ok(Box::new(DearmorReady { data }))
    }
}

struct DearmorReady<'d> {
    data: &'d mut (dyn Read + Send + Sync),
}

impl Ready for DearmorReady<'_> {
    fn to_writer(self: Box<Self>, sink: &mut (dyn Write + Send + Sync)) -> sop::Result<()> {
        let octets = read(self.data)?;
        if armor::is_binary(&octets) {
            armor::kind_of(&*octets).ok_or_else(|| because("the input is not OpenPGP", Error::BadData))?;
            sink.write_all(&octets)?;
        } else {
            sink.write_all(&decode(&octets)?)?;
        }
        Ok(())
    }
}

/// The one block of armor in a text.
fn decode(text: &[u8]) -> sop::Result<Zeroizing<Vec<u8>>> {
    let allowed = usize::try_from(Limits::default().plaintext_bytes).unwrap_or(usize::MAX);
    let mut blocks = armor::read_all(text, allowed).map_err(|error| because(error, Error::BadData))?.into_iter();
    match (blocks.next(), blocks.next()) {
        (Some(block), None) => Ok(Zeroizing::new(block.octets)),
        _ => Err(because("the input is not one block of armor", Error::BadData)),
    }
}
