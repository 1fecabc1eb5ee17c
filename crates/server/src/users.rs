//! `envelock-server user`: the operator's way to make, reopen and close accounts, and to invite others to make theirs. A running
//! server needs no restart.

use crate::options::AnyError;
use crate::place::{Place, must_be_there};
use clap::{Args, Subcommand};
use envelock_server::{
    Accounts, PublicName, Settings, accounts_to_close, open_accounts, renew_login_secret, trust_login_secret,
};
use rand::RngCore;
use std::io::{BufRead, IsTerminal, Write};
use std::net::SocketAddr;
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// Letters and digits that are not taken for each other: 32, so that five random bits choose one.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// Groups of five characters in a password that is made here: 100 bits.
const GROUPS: usize = 4;

#[derive(Debug, Args)]
pub(crate) struct User {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Accounts(Change),
    /// Makes the secret of all passwords (`login-secret`) anew, for one that is lost or was seen by somebody: closes all
    /// accounts, until each is given a password. Apps that make codes have to be set up again, and programs need new
    /// tokens. Asks before it does so. Stop the server first: until it is started again, nobody logs in at one that runs.
    RenewSecret(Renew),
    /// Has the database take the file `login-secret` for its own: for one that was put back after the database had taken
    /// another one, or that nothing proves yet (`check` says so). Changes no password. Stop the server first: until it is
    /// started again, nobody logs in at one that runs.
    TrustSecret,
}

#[derive(Debug, Args)]
struct Renew {
    /// Does it without asking.
    #[arg(long)]
    yes: bool,
}

// What is done about accounts, for which there must be a secret. No doc comment: clap would print it.
#[derive(Debug, Subcommand)]
enum Change {
    /// Makes an account and prints its password, once.
    Add {
        /// The mail address to log in with.
        address: String,
        /// The name that others see.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        password: Source,
    },
    /// Gives an account another password and ends its sessions and app tokens; opens a closed one again.
    Password {
        /// The mail address of the account.
        address: String,
        #[command(flatten)]
        password: Source,
    },
    /// Closes an account: nobody can log in to it any more, and who is logged in no longer is; its app tokens end. What it owns stays.
    Close {
        /// The mail address of the account.
        address: String,
    },
    /// Removes app, passkeys and recovery codes of an account and ends its sessions and app tokens, for somebody who has lost them
    /// all: the password alone lets them in then. Make sure that it is them who ask.
    RemoveFactors {
        /// The mail address of the account.
        address: String,
    },
    /// Prints a link with which somebody makes an account, once; the server must take invitations (--registration).
    Invite(Invite),
    /// Prints the invitations that can still be used: number, address or `any`, the days they were made and end, with tabs
    /// between them.
    Invitations,
    /// Ends an invitation before it is used.
    WithdrawInvitation {
        /// Its number.
        number: i64,
    },
    /// Prints all accounts: address, name, day of its making, open or closed, password or second-factor (what a login takes),
    /// number of app tokens, day on which one of them was used last or `-`, with tabs between them.
    List,
}

#[derive(Debug, Args)]
struct Invite {
    /// The only mail address it is good for; without it the guest chooses.
    #[arg(long)]
    address: Option<String>,
    /// Days until it ends.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=365))]
    days: u16,
    /// The name others use for this server, with their port if it is another one, unless it is in the file.
    #[arg(long, env = "ENVELOCK_PUBLIC_NAME")]
    public_name: Option<PublicName>,
    /// The address the server listens on, unless it is in the file: of it the link needs the port, unless the name has one.
    #[arg(long, env = "ENVELOCK_LISTEN")]
    listen: Option<SocketAddr>,
}

/// Where a password comes from.
#[derive(Debug, Args)]
struct Source {
    /// Reads the password from the first line of standard input instead of making one.
    #[arg(long)]
    password_stdin: bool,
}

pub(crate) async fn run(user: User) -> Result<(), AnyError> {
    let options = user.place.options()?;
    let clock = options.clock();
    let (name, listen) = (options.public_name.clone(), options.listen());
    let settings = options.settings()?;
    must_be_there(&settings)?;
    let change = match user.command {
        Command::Accounts(change) => change,
        Command::RenewSecret(renew) => return renew.run(&settings).await,
        Command::TrustSecret => return Ok(trust_login_secret(&settings).await?),
    };
    let accounts = open_accounts(&settings, clock).await?;
    let done = make(&accounts, change, name, listen).await;
    accounts.disconnect().await;
    done
}

async fn make(
    accounts: &Accounts,
    change: Change,
    name: Option<PublicName>,
    listen: SocketAddr,
) -> Result<(), AnyError> {
    let mut out = std::io::stdout();
    match change {
        Change::Add { address, name, password } => {
            let (text, is_made) = password.text()?;
            accounts.add(&address, &name, &text).await?;
            tell(&mut out, &text, is_made)
        }
        Change::Password { address, password } => {
            let (text, is_made) = password.text()?;
            accounts.set_password(&address, &text).await?;
            tell(&mut out, &text, is_made)
        }
        Change::Close { address } => Ok(accounts.close(&address).await?),
        Change::RemoveFactors { address } => Ok(accounts.remove_factors(&address).await?),
        Change::Invite(invite) => invite_somebody(accounts, invite, name, listen).await,
        Change::Invitations => {
            let day = |at| OffsetDateTime::from_unix_timestamp(at).map(OffsetDateTime::date);
            for one in accounts.invitations().await? {
                let address = one.address.as_deref().unwrap_or("any");
                writeln!(out, "{}\t{address}\t{}\t{}", one.id, day(one.created)?, day(one.expires)?)?;
            }
            Ok(out.flush()?)
        }
        Change::WithdrawInvitation { number } => Ok(accounts.withdraw_invitation(number).await?),
        Change::List => {
            let day = |at| OffsetDateTime::from_unix_timestamp(at).map(OffsetDateTime::date);
            for account in accounts.list().await? {
                let made = day(account.created)?;
                let used =
                    account.last_token_use.map_or(Ok("-".to_owned()), |at| day(at).map(|day| day.to_string()))?;
                let state = if account.is_open { "open" } else { "closed" };
                let takes = if account.has_second_factor { "second-factor" } else { "password" };
                let (address, name, tokens) = (account.address, account.name, account.app_tokens);
                writeln!(out, "{address}\t{name}\t{made}\t{state}\t{takes}\t{tokens}\t{used}")?;
            }
            Ok(out.flush()?)
        }
    }
}

async fn invite_somebody(
    accounts: &Accounts,
    invite: Invite,
    name: Option<PublicName>,
    listen: SocketAddr,
) -> Result<(), AnyError> {
    let port = invite.listen.unwrap_or(listen).port();
    let origin =
        invite.public_name.or(name).map_or_else(|| format!("https://localhost:{port}"), |name| name.origin(port));
    let token = accounts.invite(invite.address.as_deref(), invite.days).await?;
    let mut out = std::io::stdout();
    writeln!(out, "{origin}/register#{}", String::from(token))?;
    Ok(out.flush()?)
}

impl Source {
    /// The password, and whether it was made here.
    fn text(&self) -> Result<(Zeroizing<String>, bool), AnyError> {
        if !self.password_stdin {
            return Ok((made(), true));
        }
        let mut line = Zeroizing::new(String::new());
        std::io::stdin().lock().read_line(&mut line)?;
        let text = line.strip_suffix('\n').unwrap_or(&line);
        Ok((Zeroizing::new(text.strip_suffix('\r').unwrap_or(text).to_owned()), false))
    }
}

fn made() -> Zeroizing<String> {
    let mut octets = Zeroizing::new([0; 5 * GROUPS]);
    rand::rngs::OsRng.fill_bytes(octets.as_mut());
    let mut text = Zeroizing::new(String::with_capacity(6 * GROUPS));
    for (index, octet) in octets.iter().enumerate() {
        if index > 0 && index % 5 == 0 {
            text.push('-');
        }
        text.extend(ALPHABET.get(usize::from(octet % 32)).map(|&letter| char::from(letter)));
    }
    text
}

fn tell(out: &mut impl Write, password: &str, is_made: bool) -> Result<(), AnyError> {
    if is_made {
        writeln!(out, "{password}")?;
        out.flush()?;
    }
    Ok(())
}

impl Renew {
    async fn run(self, settings: &Settings) -> Result<(), AnyError> {
        if !self.yes {
            let open = accounts_to_close(settings).await?;
            let closes = format!("a new login-secret closes {open} accounts until each is given a password");
            let mut input = std::io::stdin().lock();
            if !input.is_terminal() {
                return Err(format!("{closes}: with --yes it is made").into());
            }
            let mut out = std::io::stderr();
            write!(
                out,
                "{closes}, and nobody logs in at a server that runs until it is started again. Go on? [yes/no] "
            )?;
            out.flush()?;
            let mut answer = String::new();
            input.read_line(&mut answer)?;
            if answer.trim() != "yes" {
                return Err("nothing was changed".into());
            }
        }
        let closed = renew_login_secret(settings).await?;
        let mut out = std::io::stdout();
        writeln!(
            out,
            "{closed} accounts are closed until each is given a password; apps that make codes have to be set up again; a server that runs has to be started again"
        )?;
        Ok(out.flush()?)
    }
}
