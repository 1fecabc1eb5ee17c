//! How an error of the core becomes what JavaScript catches: an `Error` with the stable `code` on it.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// A code and a sentence for developers.
pub struct Failure {
    code: &'static str,
    message: String,
}

impl Failure {
    /// Arguments that do not have the shape `pkg` sends.
    pub fn bad_option(message: impl ToString) -> Self {
        Failure { code: "bad-option", message: message.to_string() }
    }

    /// An address for which nothing can be looked up.
    pub fn bad_address(invalid: envelock_wire::InvalidAddress) -> Self {
        Failure { code: "bad-address", message: invalid.to_string() }
    }

    /// The keystore with this handle was locked, or the module was started again.
    pub fn keystore_locked() -> Self {
        Failure { code: "keystore-locked", message: "the keystore is locked".into() }
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> JsValue {
        let error = js_sys::Error::new(&failure.message);
        // A fresh Error takes any property.
        let _ = Reflect::set(&error, &"code".into(), &failure.code.into());
        error.into()
    }
}

macro_rules! coded {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Failure { code: error.code(), message: error.to_string() }
            }
        })*

        /// Every code of every error, more than once where errors share it.
        pub fn codes() -> impl Iterator<Item = &'static str> {
            let own: &[&'static str] = &["bad-option", "bad-address", "keystore-locked"];
            own.iter()$(.chain(<$error>::CODES.iter()))*.copied()
        }
    };
}

coded!(
    envelock_seipd::Error,
    envelock::armor::ArmorError,
    envelock::KeyError,
    envelock::envelope::OpenError,
    envelock::keystore::KeystoreError,
    envelock::mail::ComposeError,
    envelock::mail::MailError,
    envelock::message::DecryptError,
    envelock::message::EncryptError,
    envelock::message::SignError,
    envelock::message::VerifyError,
);
