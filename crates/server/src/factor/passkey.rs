//! Passkeys (WebAuthn Level 2): added by whoever is logged in, used after the password, instead of it, or to confirm.
//!
//! The user is always verified by the authenticator (§5.8.6), so that a passkey alone is two factors: something one has, and a PIN or
//! a finger. One that counts backwards may have been copied and is refused (§6.1.1).
//!
//! What a ceremony has to remember is kept in the database, as its answer may come to another process. `webauthn-rs` calls that
//! dangerous because some put it into a cookie, where the client can play it again: here it is a row that is gone with the first
//! answer, and no client has seen it. All are begun as if nobody knew who will answer (`DiscoverableAuthentication`): what is compared
//! with is then the passkey as it is when the answer comes, and not as it was at the beginning.

use super::proving::Added;
use super::{FactorRefusal, Factors};
use crate::public_name::PublicName;
use crate::session::{SessionToken, SignedIn, new_session};
use crate::storage::{CeremonyKind, NewCeremony, NewFactor, NewPasskey, Proof, StorageError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use envelock_wire::limits::PASSKEYS;
use envelock_wire::{Account, AddPasskey, CeremonyId, CeremonyStarted, Device, UsePasskey};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

/// So long an authenticator has to answer.
const CEREMONY_SECONDS: i64 = 300;

/// Whose passkeys they are: this server, by its name (§4, "RP ID").
#[derive(Clone)]
pub(super) struct RelyingParty(Arc<Webauthn>);

impl RelyingParty {
    /// `None` if the name is an address: browsers have passkeys for names alone (§5.1.2).
    pub(super) fn of(name: Option<&PublicName>, listening: u16) -> Option<Self> {
        let domain = match name {
            Some(name) if name.is_domain() => name.host().to_string(),
            Some(_) => return None,
            None => "localhost".to_owned(),
        };
        let origin = |port: u16| Url::parse(&format!("https://{domain}:{port}")).ok();
        let named = name.and_then(PublicName::port);
        let here = origin(named.unwrap_or(listening))?;
        let mut builder = WebauthnBuilder::new(&domain, &here).ok()?.rp_name("Envelock");
        if named.is_none() {
            // And where everybody expects it, if something in between passes that on.
            builder = builder.append_allowed_origin(&origin(443)?);
        }
        Some(Self(Arc::new(builder.build().ok()?)))
    }
}

/// What the addition of a passkey remembers.
#[derive(Serialize, Deserialize)]
struct Addition {
    user_handle: Uuid,
    state: PasskeyRegistration,
}

fn hash(ceremony: &CeremonyId) -> [u8; 32] {
    Sha256::digest(ceremony.as_octets()).into()
}

/// The browser's answer as what it should be.
fn answer<T: serde::de::DeserializeOwned>(credential: &Value) -> Result<T, FactorRefusal> {
    T::deserialize(credential).map_err(|_| FactorRefusal::WrongPasskey)
}

fn state_of<T: serde::de::DeserializeOwned>(state: &[u8]) -> Result<T, FactorRefusal> {
    serde_json::from_slice(state).map_err(|_| StorageError::Corrupt("state of a ceremony").into())
}

fn json_of(value: &impl Serialize) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(|_| StorageError::Corrupt("passkey"))
}

/// Looks whether this passkey answered; returns it with its counter as it is now.
fn answered(
    party: &Webauthn,
    state: &DiscoverableAuthentication,
    credential: &PublicKeyCredential,
    kept: &str,
) -> Option<String> {
    let mut passkey: Passkey = serde_json::from_str(kept).ok()?;
    match party.finish_discoverable_authentication_v2(credential, state.clone(), &passkey) {
        Ok(result) if result.user_verified() => {
            passkey.update_credential(&result)?;
            json_of(&passkey).ok()
        }
        Err(WebauthnError::CredentialPossibleCompromise) => {
            tracing::warn!("a passkey counts backwards, it may have been copied: it was refused");
            None
        }
        _ => None,
    }
}

impl Factors {
    fn party(&self) -> Result<&Webauthn, FactorRefusal> {
        self.relying_party.as_ref().map(|party| &*party.0).ok_or(FactorRefusal::NoPasskeys)
    }

    async fn begin(
        &self,
        kind: CeremonyKind,
        session: Option<&SessionToken>,
        state: &impl Serialize,
        options: Value,
    ) -> Result<CeremonyStarted, FactorRefusal> {
        let mut octets = [0; CeremonyId::LENGTH];
        rand::rngs::OsRng.fill_bytes(&mut octets);
        let ceremony = CeremonyId::from_octets(octets);
        let state = json_of(state)?;
        let new = NewCeremony {
            hash: hash(&ceremony),
            session: session.map(SessionToken::hash),
            kind,
            state: state.as_bytes(),
            expires: self.now() + CEREMONY_SECONDS,
        };
        self.database.add_ceremony(&new).await?;
        Ok(CeremonyStarted { ceremony, options })
    }

    /// Begins to use a passkey: one of the account's in a session, any one without.
    pub(crate) async fn start_passkey(
        &self,
        session: Option<(&SignedIn, &SessionToken)>,
    ) -> Result<CeremonyStarted, FactorRefusal> {
        let (challenge, state) =
            self.party()?.start_discoverable_authentication().map_err(|_| FactorRefusal::NoPasskeys)?;
        let mut options =
            serde_json::to_value(challenge.public_key).map_err(|_| StorageError::Corrupt("options of a ceremony"))?;
        if let Some((user, _)) = session {
            let passkeys = self.database.passkeys(user.id).await?;
            if passkeys.is_empty() {
                return Err(FactorRefusal::NoPasskeys);
            }
            let named = |row: &crate::storage::PasskeyRow| json!({"type": "public-key", "id": URL_SAFE_NO_PAD.encode(&row.credential)});
            put(&mut options, "allowCredentials", passkeys.iter().map(named).collect());
        }
        self.begin(CeremonyKind::UsePasskey, session.map(|(_, token)| token), &state, options).await
    }

    /// The answer of an authenticator, with what its ceremony remembered.
    async fn take_answer(
        &self,
        used: &UsePasskey,
        session: Option<&SessionToken>,
    ) -> Result<(PublicKeyCredential, DiscoverableAuthentication), FactorRefusal> {
        let (hash, session) = (hash(&used.ceremony), session.map(SessionToken::hash));
        let state = self.database.take_ceremony(&hash, session.as_ref(), CeremonyKind::UsePasskey, self.now()).await?;
        let state = state_of(&state.ok_or(FactorRefusal::WrongPasskey)?)?;
        Ok((answer(&used.credential)?, state))
    }

    /// Completes a login with a passkey.
    pub(crate) async fn complete_with_passkey(
        &self,
        pending: &SessionToken,
        used: &UsePasskey,
        device: Device,
    ) -> Result<(SessionToken, Account), FactorRefusal> {
        let party = self.party()?;
        let (credential, state) = self.take_answer(used, Some(pending)).await?;
        let answers = |kept: &str| answered(party, &state, &credential, kept);
        let user_handle = credential.response.user_handle.as_deref();
        let proof = Proof::Passkey { credential: &credential.raw_id, user_handle, answers: &answers };
        self.complete(pending, proof, device).await?.ok_or(FactorRefusal::WrongPasskey)
    }

    /// Logs in with a passkey alone.
    pub(crate) async fn log_in_with_passkey(
        &self,
        used: &UsePasskey,
        device: Device,
    ) -> Result<(SessionToken, Account), FactorRefusal> {
        let party = self.party()?;
        let (credential, state) = self.take_answer(used, None).await?;
        let answers = |kept: &str| answered(party, &state, &credential, kept);
        // §7.2, step 6: nobody has said yet whose it is, so the authenticator has to.
        let user_handle = credential.response.user_handle.as_deref().ok_or(FactorRefusal::WrongPasskey)?;
        let owner = self.database.owner_of_passkey(&credential.raw_id).await?.ok_or(FactorRefusal::WrongPasskey)?;
        let proof =
            Proof::Passkey { credential: &credential.raw_id, user_handle: Some(user_handle), answers: &answers };
        let token = SessionToken::random();
        let session = new_session(&token, device, self.now());
        let login = self.database.log_in_with(owner, proof, &session).await?.ok_or(FactorRefusal::WrongPasskey)?;
        Ok((token, login.into()))
    }

    /// Notes that the owner of this session proved themselves, with a passkey.
    pub(crate) async fn confirm_with_passkey(
        &self,
        token: &SessionToken,
        used: &UsePasskey,
    ) -> Result<(), FactorRefusal> {
        let party = self.party()?;
        let (credential, state) = self.take_answer(used, Some(token)).await?;
        let answers = |kept: &str| answered(party, &state, &credential, kept);
        let user_handle = credential.response.user_handle.as_deref();
        let proof = Proof::Passkey { credential: &credential.raw_id, user_handle, answers: &answers };
        match self.database.confirm_with(&token.hash(), proof, self.now()).await? {
            true => Ok(()),
            false => Err(FactorRefusal::WrongPasskey),
        }
    }

    /// Begins to add a passkey.
    pub(crate) async fn start_adding_passkey(
        &self,
        user: &SignedIn,
        token: &SessionToken,
    ) -> Result<CeremonyStarted, FactorRefusal> {
        let party = self.party()?;
        let passkeys = self.database.passkeys(user.id).await?;
        if passkeys.len() >= PASSKEYS as usize {
            return Err(FactorRefusal::TooManyPasskeys);
        }
        // Authenticators know the account by it: the same for all of its passkeys, and nothing about whoever has it (§14.6.1).
        let user_handle = passkeys.first().map_or_else(Uuid::new_v4, |row| Uuid::from_bytes(row.user_handle));
        let there = passkeys.into_iter().map(|row| CredentialID::from(row.credential)).collect();
        let (challenge, state) = party
            .start_passkey_registration(user_handle, &user.account.address, &user.account.name, Some(there))
            .map_err(|_| FactorRefusal::NoPasskeys)?;
        let mut options =
            serde_json::to_value(challenge.public_key).map_err(|_| StorageError::Corrupt("options of a ceremony"))?;
        // Kept by the authenticator where it can, so that it is found without an address. What cannot is good after the password.
        if let Some(selection) = options.get_mut("authenticatorSelection") {
            put(selection, "residentKey", "preferred".into());
        }
        self.begin(CeremonyKind::AddPasskey, Some(token), &Addition { user_handle, state }, options).await
    }

    /// Adds the passkey that was made for it.
    pub(crate) async fn add_passkey(
        &self,
        user: &SignedIn,
        token: &SessionToken,
        add: &AddPasskey,
        device: Device,
    ) -> Result<Added, FactorRefusal> {
        let party = self.party()?;
        let hash = hash(&add.ceremony);
        let state =
            self.database.take_ceremony(&hash, Some(&token.hash()), CeremonyKind::AddPasskey, self.now()).await?;
        let Addition { user_handle, state } = state_of(&state.ok_or(FactorRefusal::WrongPasskey)?)?;
        let credential: RegisterPublicKeyCredential = answer(&add.credential)?;
        let passkey =
            party.finish_passkey_registration(&credential, &state).map_err(|_| FactorRefusal::WrongPasskey)?;
        let mut id = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut id);
        let new = NewPasskey {
            id: &id,
            credential: passkey.cred_id(),
            user_handle: user_handle.as_bytes(),
            name: add.name.as_str(),
            passkey: &json_of(&passkey)?,
        };
        self.add(user, token, &NewFactor::Passkey(new), device).await
    }
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}
