//! Logging in with a password that is never here, and changing it: `envelock_login` between requests and rows.
//!
//! Whoever has no account, or a closed one, is answered like everybody else, by the same work and in the same octets, and is
//! refused where a wrong password is (RFC 9807 §10.9). The caller limits how often this is tried.

use super::cookie::SessionToken;
use super::{Sessions, SignedIn, new_session};
use crate::accounts::LONGEST;
use crate::keystore_backup::row_of;
use crate::storage::{NewLogin, PasswordChange, StorageError, Writer, address_key};
use envelock_login::{LoginState, Malformed, Record};
use envelock_wire::{
    Account, ChangePassword, Device, FinishLogin, Ke2, Ke3, LoginId, LoginSecretHash, LoginStarted,
    PasswordChangeStarted, RegistrationRequest, RegistrationResponse, StartLogin,
};
use rand::RngCore;
use sha2::{Digest, Sha256};

/// Between the answer and the client's last message, in seconds: an old telephone derives a key meanwhile.
const LOGIN_SECONDS: i64 = 120;

/// Why nobody was logged in, or no password changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginRefusal {
    /// No such account, another password, or no such login; which of them is not told.
    #[error("wrong address or password")]
    WrongLogin,
    /// The code of the account's keystore is stored, which the old password opens, and does not come along.
    #[error("the code of the keystore would be left behind")]
    CodeLeftBehind,
    /// The code that comes along was made from another one than is stored.
    #[error("the code of the keystore has changed")]
    CodeChanged,
    /// The new password was begun with a secret that this process does not have, or no more.
    #[error("the secret of passwords was made anew meanwhile")]
    SecretReplaced,
    /// Octets that no client sends.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Sessions {
    /// Answers the first message of a login.
    pub async fn start_login(&self, start: &StartLogin) -> Result<LoginStarted, LoginRefusal> {
        // PostgreSQL takes no text with U+0000. What cannot be an address is nobody's, and the work is the same.
        let account = match start.address.len() > LONGEST || start.address.contains(char::is_control) {
            true => None,
            false => self.database.account(&start.address).await?,
        };
        let (account, record) = account.map_or((None, None), |account| (Some(account.id), account.record));
        let credential = address_key(&start.address);
        let mut rng = rand::rngs::OsRng;
        let (state, response) = self.secret.for_logins().await?.start(
            record.as_ref(),
            credential.as_bytes(),
            start.request.as_octets(),
            &mut rng,
        )?;
        let mut login = [0; LoginId::LENGTH];
        rng.fill_bytes(&mut login);
        let login = LoginId::from_octets(login);
        let expires = self.now() + LOGIN_SECONDS;
        self.database
            .add_login(&NewLogin { hash: hash(&login), account, record: record.as_ref(), state, expires })
            .await?;
        Ok(LoginStarted { login, response: Ke2::from_octets(response) })
    }

    /// Logs in with the last one, on this device, or makes a session that is pending. A login is over with it, whether it is right or wrong.
    pub async fn finish_login(
        &self,
        finish: &FinishLogin,
        device: Device,
    ) -> Result<(SessionToken, Account), LoginRefusal> {
        let token = SessionToken::random();
        let proves = |state: LoginState| is_right(state, &finish.finalization);
        let session = new_session(&token, device, self.now());
        match self.database.finish_login(&hash(&finish.login), proves, &session, self.required).await? {
            Some(login) => {
                self.secret.proved().await;
                Ok((token, login.into()))
            }
            None => Err(LoginRefusal::WrongLogin),
        }
    }

    /// Answers the first message of the registration of another password.
    pub async fn start_change(
        &self,
        user: &SignedIn,
        request: &RegistrationRequest,
    ) -> Result<PasswordChangeStarted, LoginRefusal> {
        let credential = address_key(&user.account.address);
        let answer = self.secret.for_logins().await?.register(request.as_octets(), credential.as_bytes())?;
        let made_with = LoginSecretHash::from_octets(self.secret.hash());
        Ok(PasswordChangeStarted { response: RegistrationResponse::from_octets(answer), made_with })
    }

    /// Gives the account of whoever proves the old password another one. All of its sessions end, and one begins. Its second
    /// factors stay.
    pub async fn change_password(
        &self,
        user: &SignedIn,
        writer: &Writer,
        change: &ChangePassword,
        device: Device,
    ) -> Result<SessionToken, LoginRefusal> {
        let new = self.secret.record(Record::parse(change.record.as_octets())?);
        if *change.made_with.as_octets() != new.made_with {
            return Err(LoginRefusal::SecretReplaced);
        }
        let token = SessionToken::random();
        let proves = |state: LoginState| is_right(state, &change.finalization);
        let session = new_session(&token, device, self.now());
        let code = change.keystore_backup.as_ref().map(|code| (*code.replaces.as_octets(), row_of(&code.sealed)));
        let (confirmed, login) = ((writer, user.confirmed), hash(&change.login));
        match self.database.change_password(confirmed, &login, proves, &new, code.as_ref(), &session).await? {
            PasswordChange::Changed => {
                self.secret.proved().await;
                Ok(token)
            }
            PasswordChange::WrongLogin => Err(LoginRefusal::WrongLogin),
            PasswordChange::CodeLeftBehind => Err(LoginRefusal::CodeLeftBehind),
            PasswordChange::CodeChanged => Err(LoginRefusal::CodeChanged),
        }
    }
}

/// All that is kept of a login's id: whoever sees the rows can finish no login.
pub(crate) fn hash(login: &LoginId) -> [u8; 32] {
    Sha256::digest(login.as_octets()).into()
}

pub(crate) fn is_right(state: LoginState, finalization: &Ke3) -> bool {
    state.finish(finalization.as_octets()).is_ok()
}
