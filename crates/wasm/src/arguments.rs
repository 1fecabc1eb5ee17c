//! What comes in: one plain object per call, read with serde; secrets are bytes that are wiped when dropped.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use envelock::message::UNKNOWN_TOTAL;
use js_sys::Function;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use std::ops::ControlFlow;
use wasm_bindgen::JsValue;
use zeroize::{Zeroize, Zeroizing};

use crate::Failure;

/// Reads the argument object of a call.
pub fn read<T: DeserializeOwned>(arguments: JsValue) -> Result<T, Failure> {
    serde_wasm_bindgen::from_value(arguments).map_err(Failure::bad_option)
}

/// UTF-8 octets that somebody typed. One allocation, wiped when dropped; no `Debug`.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The octets as text; `pkg` encodes them from a string.
    pub fn as_str(&self) -> Result<&str, Failure> {
        std::str::from_utf8(&self.0).map_err(Failure::bad_option)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let octets = serde_bytes::ByteBuf::deserialize(deserializer)?;
        Ok(Secret(Zeroizing::new(octets.into_vec())))
    }
}

/// What the core names by a word.
pub trait Coded: Sized {
    /// What the word stands for, if the core knows it.
    fn of_word(word: &str) -> Option<Self>;
}

/// Something given by its word; one that the core does not know is refused.
pub struct Word<T>(pub T);

impl<'de, T: Coded> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        T::of_word(&word).map(Word).ok_or_else(|| serde::de::Error::custom(format!("unknown value `{word}`")))
    }
}

impl Coded for envelock::message::Format {
    fn of_word(word: &str) -> Option<Self> {
        Self::from_code(word)
    }
}

impl Coded for envelock::message::SignatureForm {
    fn of_word(word: &str) -> Option<Self> {
        Self::from_code(word)
    }
}

/// Octets in base64url without padding, of a fixed length.
pub struct Base64Url<const N: usize>(pub [u8; N]);

impl<'de, const N: usize> Deserialize<'de> for Base64Url<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = String::deserialize(deserializer)?;
        let octets = URL_SAFE_NO_PAD.decode(&text);
        text.zeroize();
        let octets = octets.map_err(serde::de::Error::custom)?;
        let fixed =
            octets.try_into().map_err(|_| serde::de::Error::custom(format!("{N} octets in base64url are wanted")))?;
        Ok(Base64Url(fixed))
    }
}

/// Octets as base64url without padding.
pub fn base64url(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

/// The progress callback: `(done, total) => boolean`, where `false` cancels. A total that nobody knows yet is infinite.
pub struct Report(pub Function);

impl envelock_seipd::Progress for Report {
    fn report(&mut self, done: u64, total: u64) -> ControlFlow<()> {
        let total = if total == UNKNOWN_TOTAL { f64::INFINITY } else { total as f64 };
        match self.0.call2(&JsValue::UNDEFINED, &(done as f64).into(), &total.into()) {
            Ok(go_on) if go_on.is_truthy() => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    }
}
