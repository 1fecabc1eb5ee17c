//! Whom a message is for, by a header field, as its body is the message.

use crate::mail_address::mail_address;
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use envelock_wire::limits::RECIPIENTS;
use envelock_wire::{ErrorCode, MailAddress, RECIPIENTS_HEADER};
use percent_encoding::percent_decode_str;

/// At least one address, none twice, domains as A-labels.
pub(crate) struct Recipients(pub(crate) Vec<MailAddress>);

impl<S: Send + Sync> FromRequestParts<S> for Recipients {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let refused = |why: String| Problem::new(ErrorCode::InvalidRequest, why);
        let field = parts.headers.get(RECIPIENTS_HEADER).and_then(|field| field.to_str().ok());
        let field = field.ok_or_else(|| refused("Send the recipients in the header Envelock-Recipients: addresses, percent-encoded, with commas between them.".into()))?;
        let mut found: Vec<MailAddress> = Vec::new();
        for text in field.split(',') {
            let text = percent_decode_str(text.trim())
                .decode_utf8()
                .map_err(|_| refused("The recipients are not UTF-8.".into()))?;
            let recipient = mail_address(&text)
                .map_err(|cause| refused(format!("A recipient is no address that can be sent to: {cause}.")))?;
            if found.contains(&recipient) {
                continue;
            }
            if found.len() == RECIPIENTS {
                return Err(refused(format!("A message has {RECIPIENTS} recipients at most. Send it several times.")));
            }
            found.push(recipient);
        }
        Ok(Self(found))
    }
}
