//! The half of whoever knows the password.

use crate::suite::{CONTEXT, Suite, array};
use crate::{
    Ke1, Ke2, Ke3, LONGEST_PASSWORD, RegistrationRecord, RegistrationRequest, RegistrationResponse, SHORTEST_PASSWORD,
};
use alloc::string::String;
use opaque_ke::errors::{InternalError, ProtocolError};
use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters,
    CredentialResponse, Identifiers,
};
use rand_core::{CryptoRng, RngCore};
use zeroize::{Zeroize, Zeroizing};

/// Why a registration or a login did not come about on the client's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The password is not that of the account, there is no such account, or the answer is not that of its server:
    /// these look the same on purpose (RFC 9807 §10.9).
    #[error("wrong address or password")]
    WrongPassword,
    /// A password that is chosen has too few characters.
    #[error("a password has at least {SHORTEST_PASSWORD} characters")]
    ShortPassword,
    /// A password that is chosen has too many octets.
    #[error("a password has at most {LONGEST_PASSWORD} octets")]
    LongPassword,
    /// What the server answered is no message of the protocol.
    #[error("malformed answer of the server")]
    Malformed,
    /// There are no 64 MiB of memory.
    #[error("out of memory")]
    OutOfMemory,
}

impl ClientError {
    /// Every value of [`ClientError::code`].
    pub const CODES: &'static [&'static str] =
        &["wrong-password", "password-too-short", "password-too-long", "malformed", "out-of-memory"];

    /// A stable name for this kind of error, kebab-case; the same as in TypeScript.
    pub const fn code(&self) -> &'static str {
        match self {
            ClientError::WrongPassword => "wrong-password",
            ClientError::ShortPassword => "password-too-short",
            ClientError::LongPassword => "password-too-long",
            ClientError::Malformed => "malformed",
            ClientError::OutOfMemory => "out-of-memory",
        }
    }
}

impl From<ProtocolError> for ClientError {
    fn from(error: ProtocolError) -> Self {
        match error {
            ProtocolError::InvalidLoginError => ClientError::WrongPassword,
            // The parameters are fixed, so memory is all that can be missing.
            ProtocolError::LibraryError(InternalError::KsfError) => ClientError::OutOfMemory,
            _ => ClientError::Malformed,
        }
    }
}

/// A key that only the password gives, the same at every login until the next registration (RFC 9807 §6.4.4). Wiped when
/// dropped; no `Debug`.
pub struct ExportKey(Zeroizing<[u8; 64]>);

impl ExportKey {
    fn take(octets: &mut [u8]) -> Self {
        let key = ExportKey(Zeroizing::new(array(octets)));
        octets.zeroize();
        key
    }

    /// The key itself. What it is used for gets a key derived from it (RFC 9807 §10.4).
    pub fn as_octets(&self) -> &[u8; 64] {
        &self.0
    }
}

/// A password that is being registered. Holds it until the end; wiped when dropped.
pub struct Registration {
    password: Zeroizing<String>,
    state: ClientRegistration<Suite>,
}

/// What a registration ends with.
pub struct Registered {
    /// For the server, which keeps it.
    pub record: RegistrationRecord,
    /// For the client alone.
    pub export_key: ExportKey,
}

impl Registration {
    /// Begins one. Without the feature `nfc` the password has to be in NFC already.
    ///
    /// # Errors
    /// [`ClientError::ShortPassword`], [`ClientError::LongPassword`].
    pub fn start(
        password: &str,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(Self, RegistrationRequest), ClientError> {
        let password = composed(password);
        if password.chars().count() < SHORTEST_PASSWORD {
            return Err(ClientError::ShortPassword);
        }
        if password.len() > LONGEST_PASSWORD {
            return Err(ClientError::LongPassword);
        }
        let started = ClientRegistration::<Suite>::start(rng, password.as_bytes())?;
        let request = array(&started.message.serialize());
        Ok((Registration { password, state: started.state }, request))
    }

    /// Ends it with the server's answer. Runs Argon2id once: about 0.2 s and 64 MiB.
    ///
    /// # Errors
    /// [`ClientError::Malformed`], [`ClientError::OutOfMemory`].
    pub fn finish(
        self,
        response: &RegistrationResponse,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Registered, ClientError> {
        let response = opaque_ke::RegistrationResponse::deserialize(response)?;
        let parameters = ClientRegistrationFinishParameters::default();
        let mut finished = self.state.finish(rng, self.password.as_bytes(), response, parameters)?;
        let record = array(&finished.message.serialize());
        Ok(Registered { record, export_key: ExportKey::take(finished.export_key.as_mut_slice()) })
    }
}

/// A login under way. Holds the password until the end; wiped when dropped.
pub struct Login {
    password: Zeroizing<String>,
    state: ClientLogin<Suite>,
}

/// What a login ends with. The server knows nothing of it before it has the last message.
pub struct FinishedLogin {
    /// The last message, for the server.
    pub ke3: Ke3,
    /// For the client alone.
    pub export_key: ExportKey,
}

impl Login {
    /// Begins one. Without the feature `nfc` the password has to be in NFC already.
    ///
    /// # Errors
    /// [`ClientError::WrongPassword`], if nobody can have registered this one.
    pub fn start(password: &str, rng: &mut (impl RngCore + CryptoRng)) -> Result<(Self, Ke1), ClientError> {
        let password = composed(password);
        if password.is_empty() || password.len() > LONGEST_PASSWORD {
            return Err(ClientError::WrongPassword);
        }
        let started = ClientLogin::<Suite>::start(rng, password.as_bytes())?;
        let ke1 = array(&started.message.serialize());
        Ok((Login { password, state: started.state }, ke1))
    }

    /// Ends it with the server's answer: it came from who has the account's record. Runs Argon2id once: about 0.2 s and
    /// 64 MiB.
    ///
    /// # Errors
    /// [`ClientError::WrongPassword`], [`ClientError::Malformed`], [`ClientError::OutOfMemory`].
    pub fn finish(self, ke2: &Ke2, rng: &mut (impl RngCore + CryptoRng)) -> Result<FinishedLogin, ClientError> {
        let response = CredentialResponse::deserialize(ke2)?;
        let parameters = ClientLoginFinishParameters::new(Some(CONTEXT), Identifiers::default(), None);
        let mut finished = self.state.finish(rng, self.password.as_bytes(), response, parameters)?;
        // A session here is a cookie over TLS; nothing is encrypted with this key.
        finished.session_key.as_mut_slice().zeroize();
        let ke3 = array(&finished.message.serialize());
        Ok(FinishedLogin { ke3, export_key: ExportKey::take(finished.export_key.as_mut_slice()) })
    }
}

/// The password in NFC: whoever types it on another machine may send the same characters in another form.
fn composed(password: &str) -> Zeroizing<String> {
    // Three times is the most that NFC can lengthen UTF-8: no reallocation that would leave a copy behind.
    let mut composed = Zeroizing::new(String::with_capacity(password.len() * 3));
    #[cfg(feature = "nfc")]
    composed.extend(unicode_normalization::UnicodeNormalization::nfc(password));
    #[cfg(not(feature = "nfc"))]
    composed.push_str(password);
    composed
}
