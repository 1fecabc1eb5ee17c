//! Accounts that people make themselves, where the operator lets them: with an invitation, which is good for one, or, where
//! registration is open, with any address of the domains that the operator names.
//!
//! No mail is sent to an address, so nobody proves that it is theirs: an invitation may name the one it is good for. Whoever
//! registers learns whether an address has an account, at the end and not before; the caller limits how often.
//!
//! Not here: HTTP (`api`), rows (`storage`), what the operator does about accounts (`accounts`), logging in (`session`).

use crate::accounts::is_name;
use crate::clock::Clock;
use crate::login_secret::LoginSecret;
use crate::settings::{AddressDomain, Settings};
use crate::storage::{Database, InvitationLine, NewGuest, NewRecord, StorageError, Welcome, address_key};
use envelock_login::{Malformed, Record};
use envelock_wire::{
    FinishRegistration, Invitation, InvitationToken, LoginSecretHash, MailAddress, Registration, RegistrationResponse,
    RegistrationStarted, StartRegistration, Timestamp,
};
use std::sync::Arc;

/// Names that nobody takes by themselves: others write to them, or believe what comes from them, because of the name. The operator
/// gives them to whom they like: by `user add`, or by an invitation that names the address.
const RESERVED: [&str; 35] = [
    // Offices of business, network and services (RFC 2142 §3 to §5).
    "info",
    "marketing",
    "sales",
    "support",
    "abuse",
    "noc",
    "security",
    "postmaster",
    "hostmaster",
    "usenet",
    "news",
    "webmaster",
    "www",
    "uucp",
    "ftp",
    // Whose word CAs take for the owner's of a domain (CA/Browser Forum, Baseline Requirements §3.2.2.4.4), besides some of these.
    "admin",
    "administrator",
    // What others take for the machine, or for whoever runs it.
    "root",
    "mailer-daemon",
    "daemon",
    "nobody",
    "noreply",
    "no-reply",
    "donotreply",
    "do-not-reply",
    "bounce",
    "bounces",
    "autoreply",
    "system",
    "sysadmin",
    "operator",
    // What strangers write to without having been told of it.
    "help",
    "helpdesk",
    "contact",
    "billing",
];

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationRefusal {
    /// The operator makes all accounts, or this needs an invitation.
    #[error("nobody registers here without an invitation")]
    Closed,
    /// The invitation was used, withdrawn, is over, or never was.
    #[error("no such invitation")]
    NoInvitation,
    /// Not an address of the server's domains, not the one of the invitation, or reserved.
    #[error("not an address to register with")]
    Address,
    /// No name.
    #[error("a name is one line of text")]
    Name,
    /// There is an account with this address.
    #[error("there is an account with this address already")]
    Taken,
    /// It was begun with a secret that is not the server's any more.
    #[error("the secret of passwords was made anew meanwhile")]
    SecretReplaced,
    /// Octets that no client sends.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The way to an account of a server.
#[derive(Clone)]
pub struct Registrations {
    database: Database,
    clock: Arc<dyn Clock>,
    secret: Arc<LoginSecret>,
    who: Registration,
    domains: Arc<[AddressDomain]>,
}

impl Registrations {
    /// Over this database, whose passwords belong to this secret.
    pub(crate) fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        secret: Arc<LoginSecret>,
        settings: &Settings,
    ) -> Self {
        let domains = settings.registration_domains.clone().into();
        Self { database, clock, secret, who: settings.registration, domains }
    }

    /// The invitation of this token.
    pub async fn invitation(&self, token: &InvitationToken) -> Result<Invitation, RegistrationRefusal> {
        let InvitationLine { address, expires, .. } = self.invited(Some(token)).await?.ok_or(Self::NONE)?;
        Ok(Invitation { address, expires: Timestamp::from_unix(expires) })
    }

    /// Answers the first message of a registration. That there is an account already is not told here.
    pub async fn start(&self, start: &StartRegistration) -> Result<RegistrationStarted, RegistrationRefusal> {
        let invitation = self.invited(start.invitation.as_ref()).await?;
        self.check_address(&start.address, invitation.as_ref())?;
        let credential = address_key(&start.address);
        let response = self.secret.for_records().await?.register(start.request.as_octets(), credential.as_bytes())?;
        let made_with = LoginSecretHash::from_octets(self.secret.hash());
        Ok(RegistrationStarted { response: RegistrationResponse::from_octets(response), made_with })
    }

    /// Makes the account, and uses the invitation up with it.
    pub async fn finish(&self, finish: &FinishRegistration) -> Result<(), RegistrationRefusal> {
        let invitation = self.invited(finish.invitation.as_ref()).await?;
        self.check_address(&finish.address, invitation.as_ref())?;
        if !is_name(&finish.name) {
            return Err(RegistrationRefusal::Name);
        }
        let (record, made_with) = (Record::parse(finish.record.as_octets())?, *finish.made_with.as_octets());
        let new = NewRecord { record, made_with };
        let (address, name, now) = (finish.address.as_str(), finish.name.trim(), self.now());
        let guest = NewGuest { address, name, new: &new, now };
        match self.database.welcome(finish.invitation.as_ref(), &guest).await {
            Ok(Welcome::Made) => Ok(()),
            Ok(Welcome::NoInvitation) => Err(Self::NONE),
            Ok(Welcome::OtherAddress) => Err(RegistrationRefusal::Address),
            Ok(Welcome::Taken) => Err(RegistrationRefusal::Taken),
            // Not this process's: begun anew, it comes to its end.
            Err(StorageError::ReplacedLoginSecret) if made_with != self.secret.hash() => {
                Err(RegistrationRefusal::SecretReplaced)
            }
            Err(cause) => Err(cause.into()),
        }
    }

    /// Forgets invitations that are over.
    pub async fn purge(&self) -> Result<(), StorageError> {
        self.database.remove_old_invitations(self.now()).await
    }

    const NONE: RegistrationRefusal = RegistrationRefusal::NoInvitation;

    /// The invitation, if one is given; refuses where one is needed, or where none helps.
    async fn invited(&self, token: Option<&InvitationToken>) -> Result<Option<InvitationLine>, RegistrationRefusal> {
        match (self.who, token) {
            (Registration::Closed, _) | (Registration::Invitation, None) => Err(RegistrationRefusal::Closed),
            (Registration::Open, None) => Ok(None),
            (_, Some(token)) => {
                let found = self.database.invitation(token, self.now()).await?;
                found.map(Some).ok_or(Self::NONE)
            }
        }
    }

    fn check_address(&self, address: &str, invitation: Option<&InvitationLine>) -> Result<(), RegistrationRefusal> {
        if let Some(only) = invitation.and_then(|invitation| invitation.address.as_deref()) {
            // The operator has said which: it may be one that nobody could choose.
            return if address_key(only) == address_key(address) { Ok(()) } else { Err(RegistrationRefusal::Address) };
        }
        let (local_part, domain) = MailAddress::split(address).map_err(|_| RegistrationRefusal::Address)?;
        let of_ours = self.domains.iter().find(|ours| ours.as_str().eq_ignore_ascii_case(domain));
        // What an operator names may be a domain of a private network, which others are not.
        let checked = match of_ours {
            Some(_) => MailAddress::new(local_part, "example.org"),
            None if self.domains.is_empty() => MailAddress::new(local_part, domain),
            None => return Err(RegistrationRefusal::Address),
        };
        // Letters of other scripts look like these: whoever chooses freely could be taken for somebody else.
        if checked.is_err() || !is_dot_atom(local_part) || is_reserved(local_part) {
            return Err(RegistrationRefusal::Address);
        }
        Ok(())
    }

    fn now(&self) -> i64 {
        self.clock.now().as_unix()
    }
}

/// What stands before the `@` of an address that needs no quotes: `Dot-string` of RFC 5321 §4.1.2, made of `atext` (RFC 5322 §3.2.3).
fn is_dot_atom(local_part: &str) -> bool {
    let is_atext = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local_part.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

/// Mail for `postmaster+x` is mail for `postmaster`, where subaddresses are delivered (RFC 5233).
fn is_reserved(local_part: &str) -> bool {
    let name = local_part.split_once('+').map_or(local_part, |(name, _)| name);
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn every_mailbox_of_rfc_2142_is_reserved_and_whoever_the_machine_is_taken_for() {
        // §3, §4, §5; §6 to §8 name mailboxes after a list, a domain or a list's owner.
        let standard =
            "info marketing sales support abuse noc security postmaster hostmaster usenet news webmaster www uucp ftp";
        let machine = "admin administrator root mailer-daemon noreply no-reply";
        for name in standard.split(' ').chain(machine.split(' ')) {
            assert!(is_reserved(name) && is_reserved(&name.to_uppercase()), "{name}");
            assert!(is_reserved(&format!("{name}+tag")), "{name}");
        }
        for name in ["anna", "salesman", "anna+sales", "info.anna", ""] {
            assert!(!is_reserved(name), "{name}");
        }
        let mut once = RESERVED.to_vec();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), RESERVED.len());
    }

    /// Mail to them is refused by most servers, and so were their owners, by ours alone never.
    #[test]
    fn dots_stand_between_letters() {
        for name in ["a", "anna.berg", "a.b.c", "o'neill+tag", "x_1/2=3"] {
            assert!(is_dot_atom(name), "{name}");
        }
        for name in ["", ".", ".a", "a.", "a..b", "änna", "\"a b\"", "a b", "a@b", "a,b"] {
            assert!(!is_dot_atom(name), "{name}");
        }
    }
}
