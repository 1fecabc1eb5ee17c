//! `inline-detach`: a signed message's data and its signatures, apart and unverified.

use envelock::Limits;
use envelock::message::detach;
use sop::errors::Error;
use sop::ops::Ready;
use std::io::{Read, Write};

use crate::failure::{because, of_verifying};
use crate::input::read;
use crate::signatures::Sigs;

/// `inline-detach`.
pub struct InlineDetach;

impl<'s> sop::ops::InlineDetach<'s, Sigs> for InlineDetach {
    fn message<'d>(self: Box<Self>, data: &'d mut (dyn Read + Send + Sync)) -> sop::Result<Box<dyn Ready<Sigs> + 'd>>
    where
        's: 'd,
    {
        Ok(Box::new(InlineDetachReady { data }))
    }
}

struct InlineDetachReady<'d> {
    data: &'d mut (dyn Read + Send + Sync),
}

impl Ready<Sigs> for InlineDetachReady<'_> {
    fn to_writer(self: Box<Self>, sink: &mut (dyn Write + Send + Sync)) -> sop::Result<Sigs> {
        let apart = detach(&read(self.data)?, &Limits::default()).map_err(of_verifying)?;
        if apart.signatures.is_empty() {
            return Err(because("the message is not signed", Error::BadData));
        }
        sink.write_all(&apart.data)?;
        Ok(Sigs::new(apart.signatures))
    }
}
