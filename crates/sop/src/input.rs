//! What comes from outside: octets within limits, and the time.

use envelock::{Limits, Policy, Timestamp};
use sop::errors::Error;
use std::io::{ErrorKind, Read};
use std::ops::Deref;
use std::time::{SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

use crate::failure::because;

/// By what rules this run judges.
pub struct Rules {
    /// What is good cryptography.
    pub policy: Policy,
    /// What input may cost.
    pub limits: Limits,
    /// The reference time.
    pub at: Timestamp,
}

impl Rules {
    /// The core's defaults, now.
    pub fn now() -> Self {
        Self { policy: Policy::default(), limits: Limits::default(), at: timestamp(clock()) }
    }
}

#[cfg(not(feature = "test-clock"))]
fn clock() -> SystemTime {
    SystemTime::now()
}

#[cfg(feature = "test-clock")]
fn clock() -> SystemTime {
    let set = std::env::var("ENVELOCK_SOP_NOW").ok().and_then(|seconds| seconds.parse().ok());
    set.map_or_else(SystemTime::now, |seconds| UNIX_EPOCH + std::time::Duration::from_secs(seconds))
}

/// A moment as OpenPGP has it: whole seconds from 1970 to 2106; what lies outside is moved to the nearer end.
pub fn timestamp(moment: SystemTime) -> Timestamp {
    let seconds = moment.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Timestamp::from_secs(u32::try_from(seconds).unwrap_or(u32::MAX))
}

/// All of an input. Wiped when dropped.
pub struct Input(Zeroizing<Vec<u8>>);

impl Input {
    /// The octets of what is nobody's secret, ciphertext: not wiped.
    pub fn into_public(mut self) -> Vec<u8> {
        std::mem::take(&mut *self.0)
    }
}

impl Deref for Input {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        // `Zeroizing` wipes octets one by one, and the room behind them all at once.
        self.0.clear();
    }
}

/// What is read at a time of an input that is not kept.
const PIECE: usize = 128 << 10;

/// Passes an input on piece by piece.
pub fn pass(source: &mut (dyn Read + Send + Sync), mut to: impl FnMut(&[u8]) -> sop::Result<()>) -> sop::Result<()> {
    let mut piece = Zeroizing::new(vec![0; PIECE]);
    loop {
        match source.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => to(piece.get(..length).unwrap_or_default())?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// All of an input; more than any message within the limits can take is refused instead of read.
pub fn read(source: &mut (dyn Read + Send + Sync)) -> sop::Result<Input> {
    // Base64 with line ends takes less than one and a half octets for one.
    let allowed = Limits::default().plaintext_bytes / 2 * 3 + (2 << 20);
    let mut input = Input(Zeroizing::default());
    let octets = &mut input.0;
    source.take(allowed + 1).read_to_end(octets)?;
    if octets.len() as u64 > allowed {
        return Err(because("the input is too large", Error::BadData));
    }
    Ok(input)
}

/// Checks that an input is text, if it has to be.
pub fn check_text(octets: &[u8], must_be: bool) -> sop::Result<()> {
    if must_be && std::str::from_utf8(octets).is_err() {
        return Err(because("the input is not UTF-8 text", Error::ExpectedText));
    }
    Ok(())
}
