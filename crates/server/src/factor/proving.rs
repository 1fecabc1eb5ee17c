//! Proving oneself with a second factor: to complete a login, to log in without a password, to be asked for no more for a while,
//! and to add another factor.

use super::{FactorRefusal, Factors, recovery_code, totp};
use crate::session::{SessionToken, SignedIn, is_right, login_hash, new_session};
use crate::storage::{Adding, CeremonyKind, Confirming, NewFactor, Proof, Writer};
use envelock_login::LoginState;
use envelock_wire::{Account, Code, ConfirmSession, Device, FactorAdded, RecoveryCodes};
use zeroize::Zeroize;

/// What came of adding a factor: what the caller is told, and the session that took the place of theirs, if one did.
pub(crate) type Added = (FactorAdded, Option<SessionToken>);

impl Factors {
    /// Whether this is what an app shows, and no recovery code.
    pub(crate) fn is_of_app(code: &Code) -> bool {
        totp::digits_of(code).is_some()
    }

    /// Completes a login with a code of an app.
    pub(crate) async fn complete_with_totp(
        &self,
        user: &SignedIn,
        pending: &SessionToken,
        code: &Code,
        device: Device,
    ) -> Result<(SessionToken, Account), FactorRefusal> {
        let (now, seal) = (self.now(), self.seal().await?);
        let step_of = |sealed: &[u8]| totp::step_of(seal.open(user.id, sealed)?, code, now);
        self.complete(pending, Proof::Totp(&step_of), device).await?.ok_or(FactorRefusal::WrongCode)
    }

    /// Completes a login with a recovery code, which is over with that.
    pub(crate) async fn complete_with_recovery_code(
        &self,
        user: &SignedIn,
        pending: &SessionToken,
        code: &Code,
        device: Device,
    ) -> Result<(SessionToken, Account), FactorRefusal> {
        let hash = recovery_code::hash_of(user.id, code.as_str()).ok_or(FactorRefusal::WrongCode)?;
        self.complete(pending, Proof::RecoveryCode(&hash), device).await?.ok_or(FactorRefusal::WrongCode)
    }

    pub(super) async fn complete(
        &self,
        pending: &SessionToken,
        proof: Proof<'_>,
        device: Device,
    ) -> Result<Option<(SessionToken, Account)>, FactorRefusal> {
        let token = SessionToken::random();
        let session = new_session(&token, device, self.now());
        let login = self.database.complete_login(&pending.hash(), proof, &session).await?;
        Ok(login.map(|login| (token, login.into())))
    }

    /// Notes that the owner of this session proved themselves, with their password and, if they have a second factor, a code.
    pub(crate) async fn confirm(
        &self,
        user: &SignedIn,
        token: &SessionToken,
        confirm: &ConfirmSession,
    ) -> Result<(), FactorRefusal> {
        let (now, seal) = (self.now(), self.seal().await?);
        let proves = |state: LoginState| is_right(state, &confirm.finalization);
        let code = confirm.code.as_ref();
        let step_of = |sealed: &[u8]| code.and_then(|code| totp::step_of(seal.open(user.id, sealed)?, code, now));
        let hash = code.and_then(|code| recovery_code::hash_of(user.id, code.as_str()));
        let proof = match (code, &hash) {
            (Some(code), _) if Self::is_of_app(code) => Some(Proof::Totp(&step_of)),
            (_, Some(hash)) => Some(Proof::RecoveryCode(hash)),
            _ => None,
        };
        let login = login_hash(&confirm.login);
        match self.database.confirm_with_password(&token.hash(), &login, proves, proof, now).await? {
            Confirming::Confirmed => Ok(()),
            Confirming::WrongLogin => Err(FactorRefusal::WrongLogin),
            Confirming::WrongCode => Err(FactorRefusal::WrongCode),
        }
    }

    /// Gives the account the app whose secret was shown in this session, if this is a code of it.
    pub(crate) async fn add_totp(
        &self,
        user: &SignedIn,
        token: &SessionToken,
        code: &Code,
        device: Device,
    ) -> Result<Added, FactorRefusal> {
        let now = self.now();
        let offer = totp::offer_of(token);
        let sealed = self.database.ceremony(&offer, CeremonyKind::Totp, now).await?.ok_or(FactorRefusal::WrongCode)?;
        let secret = self.seal().await?.open(user.id, &sealed).ok_or(FactorRefusal::WrongCode)?;
        let step = totp::step_of(secret, code, now).ok_or(FactorRefusal::WrongCode)?;
        let sealed_with = self.secret.hash();
        self.add(user, token, &NewFactor::Totp { ceremony: &offer, sealed: &sealed, sealed_with, step }, device).await
    }

    pub(super) async fn add(
        &self,
        user: &SignedIn,
        token: &SessionToken,
        factor: &NewFactor<'_>,
        device: Device,
    ) -> Result<Added, FactorRefusal> {
        let (mut codes, hashes) = recovery_code::generate(user.id);
        let new = SessionToken::random();
        let session = new_session(&new, device, self.now());
        match self.database.add_factor(&token.hash(), factor, &hashes, &session).await? {
            Adding::Added { is_first, login } => {
                let recovery_codes = is_first.then(|| std::mem::take(&mut *codes));
                Ok((FactorAdded { recovery_codes }, login.map(|_| new)))
            }
            Adding::NoSession => Err(FactorRefusal::SessionOver),
            Adding::Refused => Err(match factor {
                NewFactor::Totp { .. } => FactorRefusal::WrongCode,
                NewFactor::Passkey(_) => FactorRefusal::WrongPasskey,
            }),
        }
    }

    /// Another set of recovery codes in the place of the one before.
    pub(crate) async fn renew_recovery_codes(&self, writer: &Writer) -> Result<RecoveryCodes, FactorRefusal> {
        let (mut codes, hashes) = recovery_code::generate(writer.account());
        if !self.database.renew_recovery_codes(writer, &hashes, self.now()).await? {
            codes.zeroize();
            return Err(FactorRefusal::NotThere);
        }
        Ok(RecoveryCodes { recovery_codes: std::mem::take(&mut *codes) })
    }
}
