//! Lookups that ask one port of this machine, for tests.

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
