//! An authenticator of passkeys in software, with the browser around it (WebAuthn Level 2): ES256, no attestation, and every lie
//! that a test asks for.

use super::ORIGIN;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The user is there, was verified, a new credential follows (§6.1).
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

pub struct Authenticator {
    key: SigningKey,
    pub credential: Vec<u8>,
    /// As the server said it.
    pub user_handle: Vec<u8>,
    /// How often it has signed.
    pub counter: u32,
    /// Whether it counts: those that synchronise with others do not.
    pub counts: bool,
    /// Whether it asks for a PIN or a finger.
    pub verifies: bool,
    /// Whether it says whose passkey it is.
    pub says_user: bool,
    /// Where the browser is.
    pub origin: String,
    /// What the browser takes the server for.
    pub rp_id: String,
}

impl Authenticator {
    /// Makes a passkey as these options ask for it: it, and the browser's answer.
    pub fn create(options: &Value) -> (Self, Value) {
        Self::create_as(options, true)
    }

    pub fn create_as(options: &Value, verifies: bool) -> (Self, Value) {
        Self::make(options, verifies, ORIGIN)
    }

    /// In a browser that is there.
    pub fn create_at(options: &Value, origin: &str) -> (Self, Value) {
        Self::make(options, true, origin)
    }

    fn make(options: &Value, verifies: bool, origin: &str) -> (Self, Value) {
        let made = Self {
            key: SigningKey::random(&mut rand::rngs::OsRng),
            credential: super::octets(16),
            user_handle: decoded(&options["user"]["id"]),
            counter: 0,
            counts: true,
            verifies,
            says_user: true,
            origin: origin.to_owned(),
            rp_id: "localhost".to_owned(),
        };
        let client = made.client_data("webauthn.create", options);
        let mut data = made.data(ATTESTED);
        data.extend([0; 16]);
        data.extend((made.credential.len() as u16).to_be_bytes());
        data.extend(&made.credential);
        let point = made.key.verifying_key().to_encoded_point(false);
        // A COSE key in CBOR (RFC 9053 §7.1.1): {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(point.x().unwrap());
        data.extend([0x22, 0x58, 32]);
        data.extend(point.y().unwrap());
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let answer = json!({
            "id": encoded(&made.credential), "rawId": encoded(&made.credential), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {"credProps": {"rk": true}},
            "response": {
                "clientDataJSON": encoded(&client), "attestationObject": encoded(&object), "transports": ["internal", "hybrid"],
                "publicKeyAlgorithm": -7, "authenticatorData": encoded(&[]),
            },
        });
        (made, answer)
    }

    /// Uses the passkey as these options ask for it: the browser's answer.
    pub fn answer(&mut self, options: &Value) -> Value {
        self.counter += u32::from(self.counts);
        let client = self.client_data("webauthn.get", options);
        let data = self.data(0);
        let signature: Signature = self.key.sign(&[data.as_slice(), &Sha256::digest(&client)].concat());
        let user_handle = self.says_user.then(|| encoded(&self.user_handle));
        json!({
            "id": encoded(&self.credential), "rawId": encoded(&self.credential), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encoded(&client), "authenticatorData": encoded(&data),
                "signature": encoded(signature.to_der().as_bytes()), "userHandle": user_handle,
            },
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        json!({"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false})
            .to_string()
            .into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        let mut data = Sha256::digest(&self.rp_id).to_vec();
        data.push(PRESENT | verified | flags);
        data.extend(self.counter.to_be_bytes());
        data
    }
}

pub fn encoded(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

fn decoded(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}
