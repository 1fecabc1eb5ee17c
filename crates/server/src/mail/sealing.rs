//! Mail is encrypted to its owner, for whoever gave a certificate: as soon as nothing is to be asked about it any more, by a process of its
//! own (`envelock-seal`), as no OpenPGP is in this one. Until then it lies there as it came: DKIM signs what its sender wrote.
//!
//! It was acknowledged before, so nothing that fails here may lose it: it stays in clear, says so (`sealed`), and is tried again. Only a
//! certificate to which nothing can be encrypted is not, until its owner gives another.

use super::Mailboxes;
use super::mailbox::top;
use crate::storage::{BlobName, MailPlace, SealedMail, Sealing, StorageError, UnsealedMail, stored_size};
use futures_util::TryStreamExt;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

/// Longest that encrypting one message may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Programs that run at a time: one encrypts mail, others look at certificates.
const AT_A_TIME: usize = 4;

/// Failures in succession after which the next round goes on with what follows: more of them cost and tell no more.
const FAILURES: u32 = 8;

/// The exit status that says that nothing can be encrypted to a certificate.
const UNUSABLE: i32 = 65;

/// The exit status that says that a secret key is what it was given for a certificate.
const SECRET_KEY: i32 = 77;

/// Octets by which an encrypted message may be longer than what is in it, besides a hundredth: packets for every key of a certificate, and
/// how long each part is (RFC 9580 §4.2.1.4).
pub(super) const OVERHEAD: u64 = 1 << 20;

/// How an encrypted message begins: a packet with a session key (RFC 9580 §4.2, §5.1).
pub(super) const SESSION_KEY: u8 = 0xC1;

/// What encrypts.
#[derive(Debug, Clone)]
pub(crate) struct Sealer {
    program: PathBuf,
    patience: Duration,
    places: Arc<Semaphore>,
}

/// Why something was not encrypted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotSealed {
    /// Nothing can be encrypted to the certificate.
    #[error("nothing can be encrypted to this certificate")]
    Unusable,
    /// The certificate is, or has in it, a secret key.
    #[error("this is a secret key")]
    SecretKey,
    /// The program did not do its work.
    #[error("envelock-seal: {0}")]
    Program(#[from] io::Error),
}

impl Sealer {
    /// By this program.
    pub(crate) fn new(program: PathBuf) -> Self {
        Self { program, patience: PATIENCE, places: Arc::new(Semaphore::new(AT_A_TIME)) }
    }

    /// Whether this certificate can be encrypted to.
    pub(crate) async fn check(&self, certificate: &[u8]) -> Result<(), NotSealed> {
        match self.run(&["--check"], certificate, &[]).await?.is_empty() {
            true => Ok(()),
            false => Err(io::Error::other("it says more than it should").into()),
        }
    }

    /// The octets, encrypted.
    async fn seal(&self, certificate: &[u8], octets: &[&[u8]]) -> Result<Vec<u8>, NotSealed> {
        let sealed = self.run(&[], certificate, octets).await?;
        // Another program in its place, and what was to be kept would be gone.
        match sealed.first() == Some(&SESSION_KEY) && sealed.len() > length(octets) {
            true => Ok(sealed),
            false => Err(io::Error::other("what it says is no encrypted message").into()),
        }
    }

    async fn run(&self, arguments: &[&str], certificate: &[u8], octets: &[&[u8]]) -> Result<Vec<u8>, NotSealed> {
        let _place = self.places.acquire().await.map_err(io::Error::other)?;
        let run = self.run_to_its_end(arguments, certificate, octets);
        timeout(self.patience, run).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    /// If the caller does not wait for it, the program is killed.
    async fn run_to_its_end(
        &self,
        arguments: &[&str],
        certificate: &[u8],
        octets: &[&[u8]],
    ) -> Result<Vec<u8>, NotSealed> {
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear().current_dir("/").kill_on_drop(true);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("it has no pipes").into());
        };
        let announced = u32::try_from(certificate.len()).map_err(io::Error::other)?;
        // It ends before it has read everything if the certificate is none: then its exit status says so.
        let write = async {
            stdin.write_all(&announced.to_be_bytes()).await?;
            stdin.write_all(certificate).await?;
            for part in octets {
                stdin.write_all(part).await?;
            }
            drop(stdin);
            io::Result::Ok(())
        };
        let clear = u64::try_from(length(octets)).unwrap_or(u64::MAX);
        let most = clear.saturating_add(clear / 100).saturating_add(OVERHEAD);
        let (mut sealed, mut stdout) = (Vec::new(), stdout.take(most));
        let (written, read) = tokio::join!(write, stdout.read_to_end(&mut sealed));
        if stdout.limit() == 0 {
            return Err(io::Error::other("it says more than it should").into());
        }
        let status = child.wait().await?;
        match status.code() {
            Some(0) => {}
            Some(UNUSABLE) => return Err(NotSealed::Unusable),
            Some(SECRET_KEY) => return Err(NotSealed::SecretKey),
            _ => return Err(io::Error::other(status.to_string()).into()),
        }
        written?;
        read?;
        Ok(sealed)
    }
}

fn length(octets: &[&[u8]]) -> usize {
    octets.iter().map(|part| part.len()).sum()
}

/// Encrypts whatever is to be encrypted; looks at least every `interval`.
pub(crate) async fn seal_always(mailboxes: Mailboxes, sealer: Sealer, interval: Duration) {
    let mut after = None;
    clear_away(&mailboxes).await;
    loop {
        after = seal_all(&mailboxes, &sealer, after).await;
        tokio::select! {
            // Whatever became ready since is told of at once: a permit is kept.
            () = mailboxes.ready.notified() => {}
            () = sleep(interval) => clear_away(&mailboxes).await,
        }
    }
}

/// Encrypts one after the other. What fails for a message's own sake keeps no other waiting; where too many fail, this is the place after
/// which to go on.
async fn seal_all(mailboxes: &Mailboxes, sealer: &Sealer, mut after: Option<MailPlace>) -> Option<MailPlace> {
    let mut failures = 0;
    while failures < FAILURES {
        let next = match mailboxes.database.unsealed_mail(after).await {
            Ok(next) => next?,
            Err(cause) => {
                tracing::error!(%cause, "mail could not be encrypted to its owner");
                return after;
            }
        };
        match seal(mailboxes, sealer, &next).await {
            Ok(()) => failures = 0,
            Err(cause) => {
                failures += 1;
                tracing::error!(%cause, "a message could not be encrypted to its owner, and stays as it came");
            }
        }
        after = Some(next.place());
    }
    after
}

/// Why a message stays in clear.
#[derive(Debug, thiserror::Error)]
enum NotReplaced {
    #[error(transparent)]
    Sealer(#[from] NotSealed),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What its owner will read is what they would read of it in clear, with what this server says on top.
async fn seal(mailboxes: &Mailboxes, sealer: &Sealer, unsealed: &UnsealedMail) -> Result<(), NotReplaced> {
    let UnsealedMail { account, mail, certificate } = unsealed;
    let size = u64::try_from(mail.size).unwrap_or_default();
    let _memory = mailboxes.memory(size.saturating_mul(2)).await.map_err(StorageError::from)?;
    let octets = match mailboxes.blobs.read(mail.file).await {
        // It was deleted a moment ago.
        Err(error) if error.is_missing() => return Ok(()),
        read => read?.1,
    };
    let message = octets.try_fold(Vec::new(), |mut all: Vec<u8>, piece| async move {
        all.extend_from_slice(&piece);
        Ok(all)
    });
    let message = message.await.map_err(StorageError::from)?;
    let sealed = match sealer.seal(certificate, &[top(mail)?.as_bytes(), &message]).await {
        // Of a version that took it.
        Err(NotSealed::SecretKey) => {
            tracing::warn!(
                "an account's certificate of mail was a secret key: it is forgotten, and its mail stays as it comes"
            );
            return Ok(mailboxes.database.forget_mailbox_key(*account, certificate).await?);
        }
        Err(NotSealed::Unusable) => {
            tracing::warn!("nothing can be encrypted to the certificate of an account: its mail stays as it comes");
            return Ok(mailboxes.database.refuse_mailbox_certificate(*account, certificate).await?);
        }
        sealed => sealed?,
    };
    drop(message);
    let summary = sealer.seal(certificate, &[&mail.summary]).await?;
    replace(mailboxes, unsealed, &sealed, &summary).await.map_err(NotReplaced::from)
}

/// On the disk first, then in its row, and only then what was in clear goes.
async fn replace(
    mailboxes: &Mailboxes,
    unsealed: &UnsealedMail,
    sealed: &[u8],
    summary: &[u8],
) -> Result<(), StorageError> {
    let mut blob = mailboxes.blobs.receive().await?;
    blob.write(sealed).await?;
    let size = stored_size(blob.written());
    let blob = blob.store().await?;
    let new = SealedMail { file: blob.name(), size, summary };
    let sealing = mailboxes.database.seal_mail(unsealed, &new).await;
    blob.settle(&sealing, |sealing| *sealing == Sealing::Done).await;
    sealing?;
    clear(mailboxes, unsealed.mail.file).await;
    Ok(())
}

/// Removes the file in clear, unless somebody has it still. A failure leaves it to [`clear_away`].
async fn clear(mailboxes: &Mailboxes, file: BlobName) {
    let cleared = async {
        if mailboxes.database.names_file(file).await? {
            return Ok(());
        }
        mailboxes.blobs.delete(file).await?;
        mailboxes.database.forget_cleared_mail(file).await
    };
    cleared.await.unwrap_or_else(|cause| not_cleared(&cause));
}

/// Removes all that nobody has any more, also what an earlier process did not come to.
async fn clear_away(mailboxes: &Mailboxes) {
    let mut after = None;
    loop {
        let files = match mailboxes.database.cleared_mail(after).await {
            Ok(files) => files,
            Err(cause) => return not_cleared(&cause),
        };
        after = files.last().copied();
        if after.is_none() {
            return;
        }
        for file in files {
            clear(mailboxes, file).await;
        }
    }
}

fn not_cleared(cause: &StorageError) {
    tracing::error!(%cause, "mail in clear, which is there encrypted, could not be removed; it is tried again");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, missing_docs)]
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A program that does this instead.
    fn instead(folder: &std::path::Path, script: &str) -> Sealer {
        let program = folder.join("program");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        Sealer { patience: Duration::from_secs(2), ..Sealer::new(program) }
    }

    #[tokio::test]
    async fn what_is_not_encrypted_is_never_taken_for_it() {
        let folder = tempfile::tempdir().unwrap();
        for (script, told) in [
            ("cat > /dev/null", "no encrypted message"),
            ("cat", "no encrypted message"),
            ("cat > /dev/null; printf '\\301short'", "no encrypted message"),
            ("cat > /dev/null; printf '\\301and as long as it was'; exit 74", "74"),
            ("kill -9 $$", "signal: 9"),
            ("exit 64", "64"),
            ("exec cat /dev/zero", "more than it should"),
        ] {
            let sealer = instead(folder.path(), script);
            let Err(NotSealed::Program(error)) = sealer.seal(b"certificate", &[b"a message"]).await else {
                panic!("{script}")
            };
            assert!(error.to_string().contains(told), "{script}: {error}");
        }
        let sealer = instead(folder.path(), "exit 65");
        assert!(matches!(sealer.seal(b"certificate", &[&[0; 1 << 20]]).await, Err(NotSealed::Unusable)));
        let gone = Sealer::new(folder.path().join("nothing"));
        assert!(matches!(gone.seal(b"certificate", &[b"a message"]).await, Err(NotSealed::Program(_))));
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let sealer = instead(folder.path(), &format!("echo $$ > {}/id; exec sleep 600", folder.path().display()));
        let Err(NotSealed::Program(error)) = sealer.check(b"certificate").await else { panic!() };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let id = std::fs::read_to_string(folder.path().join("id")).unwrap();
        let place = format!("/proc/{}", id.trim());
        for _ in 0..100 {
            if !std::path::Path::new(&place).exists() {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("it is still there");
    }
}
