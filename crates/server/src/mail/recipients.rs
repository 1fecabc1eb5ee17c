//! Whose an address is. Accounts are called by their addresses, so the account of that address gets the mail, if its domain is one whose
//! mail this server takes: a name of anybody else's domain makes nobody the one to get their mail.

use super::Mailboxes;
use crate::storage::{MailOwner, StorageError};
use envelock_mail::receive::Recipient;

impl Mailboxes {
    /// What is answered to `RCPT TO`.
    pub(super) async fn recipient(&self, address: &str) -> Recipient {
        let found = self.find(address).await;
        self.metrics.mail_recipient(match found {
            Recipient::Known => "known",
            Recipient::Unknown => "unknown",
            Recipient::Elsewhere => "elsewhere",
            Recipient::Closed => "closed",
            Recipient::Full => "full",
            Recipient::Later => "later",
        });
        found
    }

    async fn find(&self, address: &str) -> Recipient {
        let found = match self.owner(address).await {
            Ok(found) => found,
            Err(cause) => {
                tracing::error!(%cause, "whose an address is could not be found out");
                return Recipient::Later;
            }
        };
        match found {
            None => Recipient::Elsewhere,
            Some(None) => Recipient::Unknown,
            // It may be opened again, as after a new login-secret: the client keeps it meanwhile, and tells its sender in the end.
            Some(Some(owner)) if !owner.is_open => Recipient::Closed,
            Some(Some(owner)) if owner.is_full => Recipient::Full,
            Some(Some(_)) => Recipient::Known,
        }
    }

    /// Whose it is, if anybody's; the outer `None` says that its domain is not of this server.
    pub(super) async fn owner(&self, address: &str) -> Result<Option<Option<MailOwner>>, StorageError> {
        let Some((local_part, domain)) = address.rsplit_once('@') else { return Ok(None) };
        let Ok(domain) = idna::domain_to_ascii(domain) else { return Ok(None) };
        if !self.domains.iter().any(|ours| ours.as_str() == domain) {
            return Ok(None);
        }
        // The operator may have named an account in either way (RFC 5890 §2.3.2.1).
        let (unicode, _) = idna::domain_to_unicode(&domain);
        let written = [format!("{local_part}@{domain}"), format!("{local_part}@{unicode}")];
        let [first, second] = &written;
        self.database.mail_owner([first, second], self.room).await.map(Some)
    }
}
