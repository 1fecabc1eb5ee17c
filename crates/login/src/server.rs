//! The half of whoever keeps records.

use crate::suite::{CONTEXT, Suite, array};
use crate::{Ke1, Ke2, Ke3, RegistrationRecord, RegistrationRequest, RegistrationResponse};
use opaque_ke::errors::ProtocolError;
use opaque_ke::{CredentialRequest, Identifiers, ServerLogin, ServerLoginParameters, ServerRegistration, ServerSetup};
use rand_core::{CryptoRng, RngCore};
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// What was given is no message of the protocol, no record or no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed message of a login")]
pub struct Malformed;

impl From<ProtocolError> for Malformed {
    fn from(_: ProtocolError) -> Self {
        Malformed
    }
}

/// Whoever sent this does not know the password of the record, if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("wrong address or password")]
pub struct WrongPassword;

/// The server's seed and key pair (RFC 9807 §5.3, §6.2.1), one for all of its accounts: without it no record is good for
/// anything, neither for a login nor for trying passwords. Wiped when dropped; no `Debug`.
pub struct ServerSecret {
    setup: ServerSetup<Suite>,
    /// Takes the place of a record, so that reading none takes as long as reading one.
    nobody: RegistrationRecord,
}

impl ServerSecret {
    /// Length in octets.
    pub const LENGTH: usize = 128;

    /// Draws a new one.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        Self::new(ServerSetup::new(rng))
    }

    /// Reads what [`ServerSecret::to_octets`] wrote.
    ///
    /// # Errors
    /// If that is not what these octets are.
    pub fn from_octets(octets: &[u8; Self::LENGTH]) -> Result<Self, Malformed> {
        Ok(Self::new(ServerSetup::deserialize(octets)?))
    }

    /// All of it.
    pub fn to_octets(&self) -> Zeroizing<[u8; Self::LENGTH]> {
        let mut octets = self.setup.serialize();
        let copy = Zeroizing::new(array(&octets));
        octets.as_mut_slice().zeroize();
        copy
    }

    fn new(setup: ServerSetup<Suite>) -> Self {
        // A point that can be read where the client's public key stands, and zeros.
        let nobody = array(&setup.keypair().public().serialize());
        Self { setup, nobody }
    }

    /// Answers a registration. `credential` names the account, always by the same octets.
    ///
    /// Tells as much about a password as the answer to a login: who may ask is limited in the same way.
    ///
    /// # Errors
    /// If the request is malformed.
    pub fn register(
        &self,
        request: &RegistrationRequest,
        credential: &[u8],
    ) -> Result<RegistrationResponse, Malformed> {
        let request = opaque_ke::RegistrationRequest::deserialize(request)?;
        let started = ServerRegistration::<Suite>::start(&self.setup, request, credential)?;
        Ok(array(&started.message.serialize()))
    }

    /// Answers a login. Without a record the answer is one of the same size, made by the same work, that no password fits
    /// (RFC 9807 §10.9).
    ///
    /// # Errors
    /// If the message is malformed, with a record and without.
    pub fn start(
        &self,
        record: Option<&Record>,
        credential: &[u8],
        ke1: &Ke1,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(LoginState, Ke2), Malformed> {
        let request = CredentialRequest::deserialize(ke1)?;
        let read = ServerRegistration::deserialize(record.map_or(&self.nobody, |record| &record.0))?;
        let known = record.map(|_| read);
        let parameters = ServerLoginParameters { context: Some(CONTEXT), identifiers: Identifiers::default() };
        let started = ServerLogin::start(rng, &self.setup, known, request, credential, parameters)?;
        Ok((LoginState::of(&started.state), array(&started.message.serialize())))
    }
}

/// What the server keeps of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Record(RegistrationRecord);

impl Record {
    /// Reads the last message of a registration.
    ///
    /// # Errors
    /// If no login could be answered with it.
    pub fn parse(octets: &RegistrationRecord) -> Result<Self, Malformed> {
        ServerRegistration::<Suite>::deserialize(octets)?;
        Ok(Self(*octets))
    }

    /// What was kept of one that was parsed. Not looked at before it is used.
    pub fn from_octets(octets: RegistrationRecord) -> Self {
        Self(octets)
    }

    /// As it is kept.
    pub fn as_octets(&self) -> &RegistrationRecord {
        &self.0
    }
}

/// What the server has to remember between its answer and the client's last message: a hash of what that has to be. Whoever sees
/// it cannot finish a login by it.
pub struct LoginState([u8; Self::LENGTH]);

impl LoginState {
    /// Length in octets.
    pub const LENGTH: usize = 64;

    /// Of the state of the protocol (RFC 9807 §6.4.2.2: a session key, which nobody here has a use for, then the client's MAC).
    fn of(state: &ServerLogin<Suite>) -> Self {
        let mut octets = state.serialize();
        let (_, awaited) = octets.split_at(octets.len() - size_of::<Ke3>());
        let hash = Sha512::digest(awaited).into();
        octets.as_mut_slice().zeroize();
        Self(hash)
    }

    /// Reads what was kept of one.
    pub fn from_octets(octets: &[u8; Self::LENGTH]) -> Self {
        Self(*octets)
    }

    /// As it is kept.
    pub fn as_octets(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// Whether the client knows the password. Compares in constant time.
    ///
    /// # Errors
    /// If it does not.
    pub fn finish(self, ke3: &Ke3) -> Result<(), WrongPassword> {
        match Sha512::digest(ke3).as_slice().ct_eq(&self.0).into() {
            true => Ok(()),
            false => Err(WrongPassword),
        }
    }
}
