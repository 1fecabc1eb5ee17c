//! Who may make an account, as it is written in options.

use clap::ValueEnum;
use envelock_wire::Registration;
use serde::Deserialize;

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Admission {
    /// Nobody but the operator.
    Closed,
    /// Whoever holds an invitation.
    Invitation,
    /// Everybody.
    Open,
}

impl From<Admission> for Registration {
    fn from(admission: Admission) -> Self {
        match admission {
            Admission::Closed => Registration::Closed,
            Admission::Invitation => Registration::Invitation,
            Admission::Open => Registration::Open,
        }
    }
}
