//! The client's half of logins and registrations. Each costs what it costs a browser, so that tests make few.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use envelock_login::{Login, Registration};
use rand::rngs::OsRng;
use serde_json::{Value, json};

/// Of every account that a test makes without further ado.
pub const PASSWORD: &str = "a long password";

/// A login of a client that has sent its first message.
pub struct Begun(Login);

/// A login, and what `POST /api/v1/session/start` takes.
pub fn begin(address: &str, password: &str) -> (Begun, Value) {
    let (login, ke1) = Login::start(password, &mut OsRng).unwrap();
    (Begun(login), json!({"address": address, "request": base64url(&ke1)}))
}

impl Begun {
    /// What `POST /api/v1/session` takes; of somebody who guesses if the answer tells that the password is wrong.
    pub fn end(self, answer: &Value) -> Value {
        let ke3 = self.proof(answer).unwrap_or([7; 64]);
        json!({"login": answer["login"], "finalization": base64url(&ke3)})
    }

    /// The proof, if the answer fits the password.
    pub fn proof(self, answer: &Value) -> Option<[u8; 64]> {
        self.0.finish(&octets(&answer["response"]), &mut OsRng).ok().map(|finished| finished.ke3)
    }
}

/// A password that is being registered.
pub struct Choosing(Registration);

/// A registration, and what `POST /api/v1/account/password/start` takes.
pub fn choose(password: &str) -> (Choosing, Value) {
    let (registration, request) = Registration::start(password, &mut OsRng).unwrap();
    (Choosing(registration), json!({"request": base64url(&request)}))
}

impl Choosing {
    /// The record, and what it was made with, as `PUT /api/v1/account/password` takes them.
    pub fn end(self, answer: &Value) -> Value {
        let record = self.0.finish(&octets(&answer["response"]), &mut OsRng).unwrap().record;
        json!({"record": base64url(&record), "madeWith": answer["madeWith"]})
    }
}

pub fn base64url(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

pub fn octets<const N: usize>(text: &Value) -> [u8; N] {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap().try_into().unwrap()
}
