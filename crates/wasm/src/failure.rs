//! How an error of the core becomes what JavaScript catches: an `Error` with the stable `code` on it.

use envelock::message::Place;
use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// A code, a sentence for developers, where in a message or key the cause stands, and numbers that people are told.
pub struct Failure {
    code: &'static str,
    message: String,
    place: Option<Place>,
    facts: Vec<(&'static str, usize)>,
}

impl Failure {
    /// Arguments that do not have the shape `pkg` sends.
    pub fn bad_option(message: impl ToString) -> Self {
        Failure::without_place("bad-option", message.to_string())
    }

    /// An address for which nothing can be looked up.
    pub fn bad_address(invalid: envelock_wire::InvalidAddress) -> Self {
        Failure::without_place("bad-address", invalid.to_string())
    }

    /// The keystore with this handle was locked, or the module was started again.
    pub fn keystore_locked() -> Self {
        Failure::without_place("keystore-locked", "the keystore is locked".into())
    }

    fn without_place(code: &'static str, message: String) -> Self {
        Failure { code, message, place: None, facts: Vec::new() }
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> JsValue {
        let error = js_sys::Error::new(&failure.message);
        // A fresh Error takes any property.
        let _ = Reflect::set(&error, &"code".into(), &failure.code.into());
        if let Some(Place { tag, offset, depth }) = failure.place {
            let place = js_sys::Object::new();
            let _ = Reflect::set(&place, &"packet".into(), &tag.into());
            let _ = Reflect::set(&place, &"offset".into(), &(offset as f64).into());
            let _ = Reflect::set(&place, &"depth".into(), &(depth as f64).into());
            let _ = Reflect::set(&error, &"place".into(), &place);
        }
        if !failure.facts.is_empty() {
            let facts = js_sys::Object::new();
            for (name, number) in failure.facts {
                let _ = Reflect::set(&facts, &name.into(), &(number as f64).into());
            }
            let _ = Reflect::set(&error, &"facts".into(), &facts);
        }
        error.into()
    }
}

macro_rules! coded {
    (without a place: $($error:ty),*; with facts: $($told:ty),*; with a place: $($placed:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Failure::without_place(error.code(), error.to_string())
            }
        })*

        $(impl From<$told> for Failure {
            fn from(error: $told) -> Self {
                Failure { facts: error.facts(), ..Failure::without_place(error.code(), error.to_string()) }
            }
        })*

        $(impl From<$placed> for Failure {
            fn from(error: $placed) -> Self {
                Failure { place: error.place(), ..Failure::without_place(error.code(), error.to_string()) }
            }
        })*

        /// Every code of every error, more than once where errors share it.
        pub fn codes() -> impl Iterator<Item = &'static str> {
            let own: &[&'static str] = &["bad-option", "bad-address", "keystore-locked"];
            own.iter()$(.chain(<$error>::CODES.iter()))*$(.chain(<$told>::CODES.iter()))*$(.chain(<$placed>::CODES.iter()))*.copied()
        }
    };
}

coded!(
    without a place:
    envelock_seipd::Error,
    envelock::armor::ArmorError,
    envelock::mail::ComposeError,
    envelock::message::EncryptError,
    envelock::message::SignError;
    with facts:
    envelock::keystore::KeystoreError;
    with a place:
    envelock::KeyError,
    envelock::envelope::OpenError,
    envelock::mail::MailError,
    envelock::message::DecryptError,
    envelock::message::VerifyError,
);
