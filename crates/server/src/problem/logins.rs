//! What is refused about a password, and about what proves somebody besides.

use super::Problem;
use crate::factor::FactorRefusal;
use crate::revision::KeyringRefusal;
use crate::session::LoginRefusal;
use envelock_wire::ErrorCode;

impl From<LoginRefusal> for Problem {
    fn from(refusal: LoginRefusal) -> Self {
        match refusal {
            LoginRefusal::WrongLogin => {
                Self::new(ErrorCode::WrongLogin, "Address or password is wrong. Check both and try again.")
            }
            LoginRefusal::CodeLeftBehind => Self::new(
                ErrorCode::PreconditionRequired,
                "The old password opens the code of your keystore. Send it sealed anew with the new password, or remove it first.",
            ),
            LoginRefusal::CodeChanged => KeyringRefusal::Changed.into(),
            LoginRefusal::SecretReplaced => Self::busy(
                "The server's secret of passwords was made anew meanwhile. Nothing was changed; begin again.",
            ),
            LoginRefusal::Malformed(_) => Self::new(
                ErrorCode::InvalidRequest,
                "This is no message of a login. The password never goes over the network: see RFC 9807.",
            ),
            LoginRefusal::Storage(cause) => cause.into(),
        }
    }
}

impl From<FactorRefusal> for Problem {
    fn from(refusal: FactorRefusal) -> Self {
        let (code, message) = match refusal {
            FactorRefusal::WrongCode => (
                ErrorCode::WrongCode,
                "The code does not fit, or was used before. Wait for the next one of your app, or take another recovery code.",
            ),
            FactorRefusal::WrongPasskey => {
                (ErrorCode::WrongPasskey, "This passkey does not fit, or its answer came too late. Try again.")
            }
            FactorRefusal::WrongLogin => return LoginRefusal::WrongLogin.into(),
            FactorRefusal::LastFactor => (
                ErrorCode::LastFactor,
                "This server requires a second factor, and this is your last one. Set up another one first.",
            ),
            FactorRefusal::TooManyPasskeys => {
                (ErrorCode::TooManyPasskeys, "You have as many passkeys as this server keeps. Remove one first.")
            }
            FactorRefusal::NotThere => return Self::not_found(),
            FactorRefusal::NoPasskeys => {
                (ErrorCode::NotFound, "There are no passkeys here: this server's name is an address, or you have none.")
            }
            FactorRefusal::SessionOver => return Self::login_required(),
            FactorRefusal::Storage(cause) => return cause.into(),
        };
        Self::new(code, message)
    }
}
