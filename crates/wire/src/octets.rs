//! Fixed-length values in base64url without padding (RFC 4648 §5), one type for each meaning.
//!
//! Decoding is canonical: exactly one text per value, so an id compares as its octets do.

use crate::validity::InvalidValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use zeroize::{Zeroize, ZeroizeOnDrop};

fn decode<const N: usize>(text: &str, what: &'static str) -> Result<[u8; N], InvalidValue> {
    let invalid = InvalidValue::Octets { what, octets: N };
    // Checked first, so that a huge text costs nothing.
    if text.len() != (N * 8).div_ceil(6) {
        return Err(invalid);
    }
    let mut octets = [0; N];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut octets) {
        Ok(written) if written == N => Ok(octets),
        _ => Err(invalid),
    }
}

macro_rules! octets {
    ($(#[$doc:meta])* $name:ident, $length:tt, $characters:tt, $pattern:tt, $what:tt) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(
            feature = "openapi",
            derive(utoipa::ToSchema),
            schema(value_type = String, min_length = $characters, max_length = $characters, pattern = $pattern)
        )]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; $length]);

        impl $name {
            /// Length in octets.
            pub const LENGTH: usize = $length;

            /// From the octets themselves.
            pub const fn from_octets(octets: [u8; $length]) -> Self {
                Self(octets)
            }

            /// The octets themselves.
            pub const fn as_octets(&self) -> &[u8; $length] {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidValue;

            fn from_str(text: &str) -> Result<Self, InvalidValue> {
                decode(text, $what).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidValue;

            fn try_from(text: String) -> Result<Self, InvalidValue> {
                let value = text.parse();
                let mut text = text;
                text.zeroize();
                value
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                URL_SAFE_NO_PAD.encode(value.0)
            }
        }
    };
}

macro_rules! shown {
    ($name:ident) => {
        impl Copy for $name {}

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

macro_rules! hidden {
    ($name:ident) => {
        impl Drop for $name {
            fn drop(&mut self) {
                self.0.zeroize();
            }
        }

        impl ZeroizeOnDrop for $name {}

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

octets! {
    /// Names an envelope in links and routes: 16 random octets, 22 characters.
    EnvelopeId, 16, 22, "^[A-Za-z0-9_-]{22}$", "an envelope id"
}
shown!(EnvelopeId);

octets! {
    /// Names one leased opening: 16 random octets, 22 characters.
    LeaseId, 16, 22, "^[A-Za-z0-9_-]{22}$", "a lease"
}
shown!(LeaseId);

octets! {
    /// The revision of a keyring, a draft or a keystore's code: 16 octets drawn anew with every write, 22 characters. In quotes
    /// it is the `ETag`.
    Revision, 16, 22, "^[A-Za-z0-9_-]{22}$", "a revision"
}
shown!(Revision);

octets! {
    /// Names a draft to its owner: 16 random octets of the device that began it, 22 characters.
    DraftId, 16, 22, "^[A-Za-z0-9_-]{22}$", "an id of a draft"
}
shown!(DraftId);

octets! {
    /// Names a message that arrived: 16 random octets, 22 characters.
    MailId, 16, 22, "^[A-Za-z0-9_-]{22}$", "an id of a message"
}
shown!(MailId);

octets! {
    /// Names a message on its way out to its writer: 16 random octets, 22 characters.
    OutgoingId, 16, 22, "^[A-Za-z0-9_-]{22}$", "an id of a message"
}
shown!(OutgoingId);

octets! {
    /// Names a session to its owner: SHA-256 of what a server keeps of the session's token, 32 octets, 43 characters.
    /// It opens nothing.
    SessionId, 32, 43, "^[A-Za-z0-9_-]{43}$", "an id of a session"
}
shown!(SessionId);

octets! {
    /// The Argon2 salt of an envelope: 16 octets, 22 characters.
    Salt, 16, 22, "^[A-Za-z0-9_-]{22}$", "a salt"
}
shown!(Salt);

octets! {
    /// SHA-256 of an access [`Token`]: 32 octets, 43 characters. All a server keeps of it.
    TokenHash, 32, 43, "^[A-Za-z0-9_-]{43}$", "a token hash"
}
shown!(TokenHash);

octets! {
    /// What a recipient derives from password and link secret to be handed the ciphertext: 32 octets, 43 characters.
    ///
    /// A secret: erased when dropped, never shown by `Debug`. Compare its hash in constant time, never itself.
    Token, 32, 43, "^[A-Za-z0-9_-]{43}$", "a token"
}

hidden!(Token);

octets! {
    /// What stands behind `#` in the link of an invitation: 32 random octets, 43 characters. A server keeps its hash.
    InvitationToken, 32, 43, "^[A-Za-z0-9_-]{43}$", "an invitation"
}
hidden!(InvitationToken);

octets! {
    /// Names a login under way: 16 random octets, 22 characters. It is good for one last message, for two minutes.
    LoginId, 16, 22, "^[A-Za-z0-9_-]{22}$", "an id of a login"
}
hidden!(LoginId);

octets! {
    /// Names a ceremony of a passkey under way (WebAuthn Level 2): 16 random octets, 22 characters. It is good for one answer,
    /// for five minutes.
    CeremonyId, 16, 22, "^[A-Za-z0-9_-]{22}$", "an id of a ceremony"
}
hidden!(CeremonyId);

octets! {
    /// Names a passkey to its owner: 16 random octets, 22 characters. Nothing of the passkey itself.
    PasskeyId, 16, 22, "^[A-Za-z0-9_-]{22}$", "an id of a passkey"
}
shown!(PasskeyId);

octets! {
    /// Names an app token to its owner: 16 random octets, 22 characters. Nothing of the token itself.
    AppTokenId, 16, 22, "^[A-Za-z0-9_-]{22}$", "an id of an app token"
}
shown!(AppTokenId);

octets! {
    /// First message of a login (RFC 9807 §6.1): 96 octets, 128 characters.
    Ke1, 96, 128, "^[A-Za-z0-9_-]{128}$", "the first message of a login"
}
hidden!(Ke1);

octets! {
    /// The server's answer to [`Ke1`]: 320 octets, 427 characters.
    Ke2, 320, 427, "^[A-Za-z0-9_-]{427}$", "the answer to a login"
}
hidden!(Ke2);

octets! {
    /// Last message of a login: 64 octets, 86 characters.
    Ke3, 64, 86, "^[A-Za-z0-9_-]{86}$", "the last message of a login"
}
hidden!(Ke3);

octets! {
    /// First message of a registration (RFC 9807 §5.1): 32 octets, 43 characters.
    RegistrationRequest, 32, 43, "^[A-Za-z0-9_-]{43}$", "the first message of a registration"
}
hidden!(RegistrationRequest);

octets! {
    /// The server's answer to a [`RegistrationRequest`]: 64 octets, 86 characters.
    RegistrationResponse, 64, 86, "^[A-Za-z0-9_-]{86}$", "the answer to a registration"
}
hidden!(RegistrationResponse);

octets! {
    /// By what a server knows the secret that it answered a registration with: 32 octets, 43 characters.
    LoginSecretHash, 32, 43, "^[A-Za-z0-9_-]{43}$", "a hash of a login secret"
}
shown!(LoginSecretHash);

octets! {
    /// What a server keeps of a password: 192 octets, 256 characters.
    RegistrationRecord, 192, 256, "^[A-Za-z0-9_-]{256}$", "a record of a password"
}
hidden!(RegistrationRecord);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]
    use super::*;

    #[test]
    fn ids_round_trip_and_have_one_text_each() {
        let id = EnvelopeId::from_octets([0xff; 16]);
        assert_eq!(id.to_string().len(), 22);
        assert_eq!(id.to_string().parse::<EnvelopeId>().unwrap(), id);
        // The last character carries four unused bits: any other value of them is another text for the same octets.
        assert!("_____________________w".parse::<EnvelopeId>().is_ok());
        assert!("_____________________x".parse::<EnvelopeId>().is_err());
    }

    #[test]
    fn everything_else_is_refused() {
        let long = "a".repeat(1 << 20);
        for text in [
            "",
            "null",
            "-1",
            "../x",
            "..%2fx",
            "AAECAwQFBgcICQoLDA0OD",
            "AAECAwQFBgcICQoLDA0ODw==",
            "AAECAwQFBgcICQoLDA0OD+",
            long.as_str(),
        ] {
            assert!(text.parse::<EnvelopeId>().is_err(), "{:.30}", text);
        }
    }

    #[test]
    fn a_token_is_not_shown() {
        let token = Token::from_octets([7; 32]);
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert_eq!(format!("{:?}", Ke3::from_octets([7; 64])), "Ke3(…)");
    }
}
