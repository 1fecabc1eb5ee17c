//! The demo account: made only when asked for, closed again when not.

use crate::accounts::{AccountError, Accounts};

/// The account that `--demo` makes. Its password is public: never run a demo where strangers can reach it.
#[derive(Debug, Clone, Copy)]
pub struct DemoAccount;

impl DemoAccount {
    /// Mail address.
    pub const ADDRESS: &str = "anna@demo.example";
    /// Display name.
    pub const NAME: &str = "Anna Berg";
    /// Password.
    pub const PASSWORD: &str = "envelock demo";
}

/// With `demo` the account can be used; without, one that an earlier run made cannot.
pub(crate) async fn open_or_close(accounts: &Accounts, demo: bool) -> Result<(), AccountError> {
    if demo {
        // Also if somebody changed the password, or set up a second factor: everybody is to get in.
        if accounts.has_second_factor(DemoAccount::ADDRESS).await? {
            accounts.remove_factors(DemoAccount::ADDRESS).await?;
        }
        return accounts.put(DemoAccount::ADDRESS, DemoAccount::NAME, DemoAccount::PASSWORD).await.map(drop);
    }
    match accounts.close(DemoAccount::ADDRESS).await {
        Err(AccountError::NotThere) => Ok(()),
        closed => closed,
    }
}
