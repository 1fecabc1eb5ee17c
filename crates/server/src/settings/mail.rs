//! What an operator may choose about mail from outside.

use super::address_domain::AddressDomain;
use envelock_mail::receive::WebhookSecrets;
use envelock_mail::route::{StsMode, StsPolicy};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Settings of mail from outside, with defaults that need no choice but of domains.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MailSettings {
    /// The domains whose mail is taken: for accounts with such an address. None: no mail for anybody.
    pub domains: Vec<AddressDomain>,
    /// How much the policies of these domains (MTA-STS) want of whoever sends to them; none: this server serves no policy.
    pub policy: Option<StsMode>,
    /// Largest message, in octets.
    pub message_bytes: u64,
    /// Octets that the mail of one account may take; each message counts 4 KiB more than it has. Apart from what the account itself
    /// stores, so that no stranger uses that up.
    pub mailbox_bytes: u64,
    /// Connections of SMTP at a time, and of LMTP as many again.
    pub connections: NonZeroU32,
    /// Connections of SMTP at a time of one address (IPv6: of one /64).
    pub connections_of_one_network: NonZeroU32,
    /// Whom to ask about domains of senders; none: whom this machine asks.
    pub nameservers: Vec<SocketAddr>,
    /// What programs sign mail with that they hand over by HTTP; none: nobody does.
    pub webhook_secrets: Option<Arc<WebhookSecrets>>,
    /// The program that encrypts mail to its owner (`envelock-seal`); none: mail stays as it came.
    pub seal_program: Option<PathBuf>,
    /// Longest wait for a command.
    pub command_time: Duration,
    /// Time in which a message has to come.
    pub message_time: Duration,
    /// Longest conversation.
    pub conversation_time: Duration,
}

const CONNECTIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);
const CONNECTIONS_OF_ONE_NETWORK: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

/// Seconds for which a policy counts where it was read: a week, as RFC 8461 §3.2 has it.
const POLICY_AGE: u64 = 604_800;

impl MailSettings {
    /// Hosts at which the policies of these domains stand (RFC 8461 §3.3), if there are any.
    pub fn policy_hosts(&self) -> Vec<String> {
        let domains = self.domains.iter().filter(|_| self.policy.is_some());
        domains.map(|domain| format!("mta-sts.{domain}")).collect()
    }

    /// What each of them says, if there are any: that mail comes to this server alone.
    pub fn policy_for(&self, server: &str) -> Option<StsPolicy> {
        Some(StsPolicy { mode: self.policy?, mx: vec![server.to_owned()], max_age: POLICY_AGE })
    }
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            domains: Vec::new(),
            policy: None,
            // 25 MiB of attachments in Base64, and some text.
            message_bytes: 36 << 20,
            mailbox_bytes: 1 << 30,
            connections: CONNECTIONS,
            connections_of_one_network: CONNECTIONS_OF_ONE_NETWORK,
            nameservers: Vec::new(),
            webhook_secrets: None,
            seal_program: None,
            // RFC 5321 §4.5.3.2.7
            command_time: Duration::from_secs(300),
            message_time: Duration::from_secs(1200),
            conversation_time: Duration::from_secs(3600),
        }
    }
}
