//! Keys as the platform has them once it read their octets, which takes it longer than a signature of an elliptic curve.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use zeroize::Zeroizing;

/// So many public keys are kept: mail comes from the same people again and again.
const KEPT: usize = 16;

thread_local! {
    /// Public keys by what they were imported from and for; the last one that was asked for in front. They outlive the call, and a
    /// keystore that locks: they are public, and only octets that are the same find them.
    static PUBLIC: RefCell<Vec<(Vec<u8>, JsValue)>> = const { RefCell::new(Vec::new()) };
}

/// The public key that was [kept](keep) under this name.
pub fn known(name: &[u8]) -> Option<JsValue> {
    PUBLIC.with_borrow_mut(|keys| {
        let at = keys.iter().position(|it| it.0 == name)?;
        keys.get_mut(..=at)?.rotate_right(1);
        keys.first().map(|it| it.1.clone())
    })
}

/// Keeps a public key; the one that nobody asked for longest has to go.
pub fn keep(name: Vec<u8>, key: JsValue) {
    PUBLIC.with_borrow_mut(|keys| {
        keys.truncate(KEPT - 1);
        keys.insert(0, (name, key));
    });
}

/// The secret key that a call signs with: a new key says several things about itself. It goes with the call.
#[derive(Default)]
pub struct Signer(RefCell<Option<(Zeroizing<Vec<u8>>, JsValue)>>);

impl Signer {
    /// The key that was [kept](Self::keep) under this name.
    pub fn known(&self, name: &[u8]) -> Option<JsValue> {
        self.0.borrow().as_ref().filter(|it| *it.0 == name).map(|it| it.1.clone())
    }

    /// Keeps a secret key instead of the one before.
    pub fn keep(&self, name: Zeroizing<Vec<u8>>, key: JsValue) {
        self.0.replace(Some((name, key)));
    }
}
