//! Whose an address is. Accounts are called by their addresses, so the account of that address gets the mail, if its domain is one whose
//! mail this server takes: a name of anybody else's domain makes nobody the one to get their mail.

use super::Mailboxes;
use crate::storage::{MailOwner, StorageError};
use envelock_mail::receive::{POSTMASTER, Recipient};

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
        // Without a domain it is the server's (RFC 5321 §4.5.1): of the first domain that has one.
        if address == POSTMASTER {
            for domain in self.domains.iter() {
                if let Some(owner) = self.owner_in(POSTMASTER, domain.as_str()).await? {
                    return Ok(Some(Some(owner)));
                }
            }
            return Ok(Some(None));
        }
        let Some((local_part, domain)) = address.rsplit_once('@') else { return Ok(None) };
        let Ok(domain) = idna::domain_to_ascii(domain) else { return Ok(None) };
        if !self.domains.iter().any(|ours| ours.as_str() == domain) {
            return Ok(None);
        }
        self.owner_in(local_part, &domain).await.map(Some)
    }

    /// `domain` as A-labels. The operator may have named an account in either way (RFC 5890 §2.3.2.1).
    async fn owner_in(&self, local_part: &str, domain: &str) -> Result<Option<MailOwner>, StorageError> {
        let (unicode, _) = idna::domain_to_unicode(domain);
        let written = [format!("{local_part}@{domain}"), format!("{local_part}@{unicode}")];
        let [first, second] = &written;
        self.database.mail_owner([first, second], self.room).await
    }
}
