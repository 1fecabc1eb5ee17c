//! Lookups and mail that go to ports of this machine, for tests.

use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Makes lookups ask one port of this machine.
#[derive(Debug, Default, Args)]
pub(crate) struct TestLookups {
    /// Where all of them connect to.
    #[arg(long, hide = true, requires_all = ["test_lookup_authority", "test_lookup_hosts"])]
    test_lookup_to: Option<SocketAddr>,
    /// PEM file of the only authority.
    #[arg(long, hide = true)]
    test_lookup_authority: Option<PathBuf>,
    /// Hosts that exist, with commas between them.
    #[arg(long, hide = true, value_delimiter = ',')]
    test_lookup_hosts: Vec<String>,
}

impl TestLookups {
    pub(crate) fn network(&self) -> Option<envelock_server::TestNetwork> {
        Some(envelock_server::TestNetwork {
            to: self.test_lookup_to?,
            authority: self.test_lookup_authority.clone()?,
            hosts: self.test_lookup_hosts.clone(),
        })
    }
}

/// Makes outgoing mail ask a DNS of the test's, and go to servers on addresses and a port of this machine.
#[derive(Debug, Default, Args)]
pub(crate) struct TestMailOptions {
    /// Where DNS is.
    #[arg(long, hide = true, requires_all = ["test_mail_anchor", "test_mail_port", "test_mail_authority"])]
    test_mail_dns: Option<SocketAddr>,
    /// Its root's key.
    #[arg(long, hide = true)]
    test_mail_anchor: Option<PathBuf>,
    /// The port that stands for 25.
    #[arg(long, hide = true)]
    test_mail_port: Option<u16>,
    /// PEM file of the only authority.
    #[arg(long, hide = true)]
    test_mail_authority: Option<PathBuf>,
}

impl TestMailOptions {
    pub(crate) fn mail(self) -> Option<envelock_server::TestMail> {
        Some(envelock_server::TestMail {
            dns: self.test_mail_dns?,
            anchor: self.test_mail_anchor?,
            port: self.test_mail_port?,
            authority: self.test_mail_authority?,
        })
    }
}
