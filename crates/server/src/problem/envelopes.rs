//! What is refused about an envelope, and about everything that is stored.

use super::Problem;
use crate::ciphertext::Interrupted;
use crate::envelope::Refusal;
use envelock_wire::ErrorCode;
use std::borrow::Cow;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = match refusal {
            Refusal::Gone => return Self::gone(),
            Refusal::NotFound => return Self::not_found(),
            Refusal::WrongToken { tries_left } => {
                let message = match tries_left {
                    0 => {
                        "That password does not fit, and there are no tries left. Ask the sender to unlock the message."
                            .into()
                    }
                    1 => "That password does not fit. 1 try left.".into(),
                    more => format!("That password does not fit. {more} tries left."),
                };
                return Self { tries_left: Some(tries_left), ..Self::new(ErrorCode::WrongToken, message) };
            }
            Refusal::Locked => {
                (ErrorCode::Locked, "Too many tries. Ask the sender to unlock the message.".into())
            }
            Refusal::InUse => (
                ErrorCode::InUse,
                "The message is being opened somewhere else. Try again in ten minutes if that was not you.".into(),
            ),
            Refusal::LeaseExpired => {
                (ErrorCode::LeaseExpired, "This opening took longer than ten minutes. Open the message again.".into())
            }
            Refusal::AlreadySealed => (
                ErrorCode::AlreadySealed,
                "The ciphertext is already stored. Make a new envelope for another one.".into(),
            ),
            Refusal::Ended => (ErrorCode::Ended, "This envelope has ended. Seal the message again.".into()),
            Refusal::ReplyLimit => {
                (ErrorCode::ReplyLimit, "This message takes no more replies. Ask the sender for a new link.".into())
            }
            Refusal::TooLarge { allowed } => {
                (ErrorCode::TooLarge, format!("Too large. At most {allowed} octets are accepted.").into())
            }
            Refusal::SizeMismatch { announced: 0 } => {
                (ErrorCode::SizeMismatch, "The body is empty. Send the ciphertext.".into())
            }
            Refusal::SizeMismatch { announced } => (
                ErrorCode::SizeMismatch,
                format!("The body is not the announced {announced} octets long. Nothing was stored; send it again.")
                    .into(),
            ),
            Refusal::StorageFull => (
                ErrorCode::StorageFull,
                "Your envelopes, the replies to them, your drafts and your keyring use all the room this server gives you. Withdraw or delete some first."
                    .into(),
            ),
            Refusal::SenderFull => (
                ErrorCode::StorageFull,
                "The sender has no room left for replies on this server. Nothing was stored; tell them another way."
                    .into(),
            ),
            Refusal::TooManyEnvelopes { allowed } => (
                ErrorCode::TooManyEnvelopes,
                format!("You have {allowed} envelopes, the most this server keeps. Ended ones are forgotten in time.")
                    .into(),
            ),
            Refusal::Interrupted(Interrupted::TooSlow) => {
                (ErrorCode::TooSlow, "The body came too slowly. Nothing was stored; send it again.".into())
            }
            Refusal::Interrupted(Interrupted::Broken) => {
                (ErrorCode::SizeMismatch, Cow::Borrowed("The body broke off. Nothing was stored; send it again."))
            }
            Refusal::Storage(cause) => return cause.into(),
        };
        Self::new(code, message)
    }
}
