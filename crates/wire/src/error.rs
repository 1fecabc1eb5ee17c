//! Refusals: one body for all of them, and the closed list of codes.

use serde::{Deserialize, Serialize};

/// Body of every answer with a status of 400 or above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what to do about it.
    pub message: String,
    /// With `wrong-token`: how many wrong tokens are left before the envelope locks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u32>,
    /// With `too-many-requests`: of what there were too many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub too_many: Option<TooMany>,
}

/// What there may be so many of, in some time or at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TooMany {
    /// Of what may be guessed or tried, such as logins, openings and registrations, in some time.
    Attempts,
    /// In one session or by one program, a minute.
    Changes,
    /// Of certificates of others, a minute.
    Lookups,
    /// To be sent, a minute.
    Messages,
    /// At a time.
    Uploads,
}

macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal,)*) => {
        /// Why a request was refused. Codes are stable; the HTTP status stands beside each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)*
        }

        impl ErrorCode {
            /// Every code there is.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant,)*];

            /// The code as it is written on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(ErrorCode::$variant => $code,)*
                }
            }
        }
    };
}

error_codes! {
    /// 400: not the JSON this route expects, an unknown field or an invalid value.
    InvalidRequest = "invalid-request",
    /// 400: the body is shorter or longer than announced, or broke off.
    SizeMismatch = "size-mismatch",
    /// 400: not an address that somebody may register with here.
    AddressNotAllowed = "address-not-allowed",
    /// 400: a secret key, where a certificate belongs; nothing of it was kept.
    SecretKeyGiven = "secret-key-given",
    /// 401: not logged in, or the session has ended.
    LoginRequired = "login-required",
    /// 401: no such account or another password.
    WrongLogin = "wrong-login",
    /// 401: the code does not fit, or was used before.
    WrongCode = "wrong-code",
    /// 401: the passkey is not one of the account's, or its answer does not fit.
    WrongPasskey = "wrong-passkey",
    /// 401: no token of anybody's: unknown, expired, revoked, or mistyped.
    InvalidToken = "invalid-token",
    /// 401: not signed with the secret that whoever hands mail over shares with the server, or too long ago.
    WrongSignature = "wrong-signature",
    /// 403: the token is good, and may not do this.
    InsufficientScope = "insufficient-scope",
    /// 403: the password was right, and a second factor has to follow or be set up first.
    SecondFactorRequired = "second-factor-required",
    /// 403: whoever is logged in has to prove themselves once more: they last did more than five minutes ago.
    ConfirmationRequired = "confirmation-required",
    /// 403: the request does not come from a page of this server.
    CrossOrigin = "cross-origin",
    /// 403: nobody registers here, or not without an invitation.
    RegistrationClosed = "registration-closed",
    /// 403: no such invitation: it was used, withdrawn, is over, or never was.
    InvitationEnded = "invitation-ended",
    /// 403: the password or the link secret is wrong.
    WrongToken = "wrong-token",
    /// 404: no such envelope for a link holder, whatever the reason.
    Gone = "gone",
    /// 404: no such route, or nothing of the caller's under this name.
    NotFound = "not-found",
    /// 404: nobody publishes a certificate for this address where it was looked for.
    NoCertificate = "no-certificate",
    /// 404: this server looks nothing up for its users.
    LookupOff = "lookup-off",
    /// 405: the route exists but not for this method.
    MethodNotAllowed = "method-not-allowed",
    /// 408: the body came too slowly.
    TooSlow = "too-slow",
    /// 409: there is an account with this address.
    AddressTaken = "address-taken",
    /// 409: every opening is leased to somebody else right now.
    InUse = "in-use",
    /// 409: the lease is over; its opening was given back.
    LeaseExpired = "lease-expired",
    /// 409: the ciphertext has already been stored.
    AlreadySealed = "already-sealed",
    /// 409: the envelope has ended and cannot be changed.
    Ended = "ended",
    /// 409: the operator requires a second factor, and this is the account's last one.
    LastFactor = "last-factor",
    /// 409: the account has as many passkeys as the server keeps for one.
    TooManyPasskeys = "too-many-passkeys",
    /// 409: the account has as many app tokens as the server keeps for one.
    TooManyTokens = "too-many-tokens",
    /// 409: the envelope takes no more replies.
    ReplyLimit = "reply-limit",
    /// 411: the length of the body must be announced.
    LengthRequired = "length-required",
    /// 412: the draft is not as it was read: another device changed or deleted it. The `ETag` of what is stored, if anything is, comes along.
    DraftChanged = "draft-changed",
    /// 412: the keyring, or the keystore's code, is not the one the request is about: another device was faster.
    KeyringChanged = "keyring-changed",
    /// 413: larger than the server accepts.
    TooLarge = "too-large",
    /// 415: another content type is needed.
    UnsupportedMediaType = "unsupported-media-type",
    /// 423: ten wrong tokens, or three lapsed leases; the sender must unlock it.
    Locked = "locked",
    /// 428: the request must say which keyring or draft it replaces; a change of the password must bring the keystore's code along.
    PreconditionRequired = "precondition-required",
    /// 429: too many of what `tooMany` names; `Retry-After` says when to try again.
    TooManyRequests = "too-many-requests",
    /// 500: a fault of the server; nothing was changed.
    Internal = "internal",
    /// 500: the server, its disk or its database failed, and it is not known whether this was done.
    OutcomeUnknown = "outcome-unknown",
    /// 502: the address's domain or a keyserver gave no usable answer.
    LookupFailed = "lookup-failed",
    /// 503: the server cannot do this now, whether it has too much to do or something that it needs is full or away; nothing was changed.
    Unavailable = "unavailable",
    /// 507: the account's share of the disk is used up.
    StorageFull = "storage-full",
    /// 507: the account has as many envelopes as the server keeps for one, ended ones included.
    TooManyEnvelopes = "too-many-envelopes",
    /// 507: the account has as many drafts as the server keeps for one.
    TooManyDrafts = "too-many-drafts",
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn the_written_code_is_the_serialised_one() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{}\"", code.as_str()));
        }
    }
}
