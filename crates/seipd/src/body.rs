//! SEIPD v2 packets as a whole: header, then all chunks through an engine (RFC 9580 §5.13.2).

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::SecretOctets;
use crate::engine::{Engine, Progress, Task};
use crate::packet::{self, Tag};
use crate::plan::Plan;
use crate::{ChunkSize, Cipher, Error, Limits, Mode, Suite};

/// What stands before the chunks of a SEIPD v2 body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The algorithms.
    pub suite: Suite,
    /// The salt of the message key.
    pub salt: [u8; 32],
}

impl Header {
    /// Octets before the first chunk.
    pub const LEN: usize = 36;

    /// Reads the header of a packet body; the second value is what follows it.
    pub fn parse(body: &[u8]) -> Result<(Header, &[u8]), Error> {
        let Some((&[version, cipher, mode, chunk], rest)) = body.split_first_chunk::<4>() else {
            return Err(Error::Malformed("SEIPD header is cut"));
        };
        if version != 2 {
            return Err(Error::Unsupported("SEIPD version"));
        }
        let suite =
            Suite { cipher: Cipher::from_id(cipher)?, mode: Mode::from_id(mode)?, chunk: ChunkSize::new(chunk)? };
        let (salt, rest) = rest.split_first_chunk::<32>().ok_or(Error::Malformed("SEIPD header is cut"))?;
        Ok((Header { suite, salt: *salt }, rest))
    }

    /// Appends the header.
    pub fn serialize(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[2, self.suite.cipher.id(), self.suite.mode.id(), self.suite.chunk.octet()]);
        out.extend_from_slice(&self.salt);
    }

    /// The info of HKDF and the associated data of the chunks.
    pub(crate) fn info(&self) -> [u8; 5] {
        info(self.suite)
    }
}

/// Packet type ID in new format, version, cipher, mode, chunk size octet.
pub(crate) fn info(suite: Suite) -> [u8; 5] {
    [0xC0 | Tag::SEIPD, 2, suite.cipher.id(), suite.mode.id(), suite.chunk.octet()]
}

/// Encrypts to a whole SEIPD v2 packet with its packet header. `salt` has to be fresh random for every message.
pub async fn encrypt<E: Engine>(
    engine: &E,
    suite: Suite,
    session_key: &[u8],
    salt: [u8; 32],
    plaintext: &[u8],
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    encrypt_into(engine, &mut out, Header { suite, salt }, session_key, plaintext, progress).await?;
    Ok(out)
}

/// As [`encrypt`], appended to what is there already (session-key packets); one allocation.
pub(crate) async fn encrypt_into<E: Engine>(
    engine: &E,
    out: &mut Vec<u8>,
    header: Header,
    session_key: &[u8],
    plaintext: &[u8],
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    let plan = Plan::sealing(&header, session_key, plaintext.len())?;
    begin(out, &header, &plan)?;
    run_into(engine, out, &plan, plaintext, progress).await
}

/// Appends what stands before the first chunk: the packet header and the header of the body.
pub fn begin(out: &mut Vec<u8>, header: &Header, plan: &Plan) -> Result<(), Error> {
    let body = Header::LEN as u64 + plan.ciphertext_len() as u64;
    let length = u32::try_from(body).map_err(|_| Error::TooLarge { size: body, allowed: u32::MAX.into() })?;
    packet::write_header(out, Tag::SEIPD, length);
    header.serialize(out);
    Ok(())
}

/// Decrypts the body of a SEIPD v2 packet (without packet header). Nothing is returned before the final tag is checked.
pub async fn decrypt<E: Engine>(
    engine: &E,
    seipd_body: &[u8],
    session_key: &[u8],
    limits: &Limits,
    progress: &mut dyn Progress,
) -> Result<SecretOctets, Error> {
    let (header, ciphertext) = Header::parse(seipd_body)?;
    let plan = Plan::opening(&header, session_key, ciphertext.len())?;
    let size = plan.plaintext_len() as u64;
    if size > limits.plaintext_bytes {
        return Err(Error::TooLarge { size, allowed: limits.plaintext_bytes });
    }
    let mut plaintext = SecretOctets::new();
    run_into(engine, &mut plaintext, &plan, ciphertext, progress).await?;
    Ok(plaintext)
}

/// Puts every chunk of the plan through the engine, behind what is in `out` already; one allocation.
pub(crate) async fn run_into<E: Engine>(
    engine: &E,
    out: &mut Vec<u8>,
    plan: &Plan,
    input: &[u8],
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    let start = out.len();
    out.try_reserve_exact(plan.output_len()).map_err(|_| Error::OutOfMemory)?;
    out.resize(start + plan.output_len(), 0);
    run(engine, plan, input, out.get_mut(start..).unwrap_or_default(), progress).await
}

/// Puts the chunks through the engine, at most `IN_FLIGHT` at a time, and reports each one that is done.
async fn run<E: Engine>(
    engine: &E,
    plan: &Plan,
    input: &[u8],
    output: &mut [u8],
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    let key = engine.key(plan.suite().cipher, plan.suite().mode, plan.message_key(), plan.largest_chunk()).await?;
    let (mut done, total) = (0, plan.plaintext_len() as u64);
    let mut chunks = plan.chunks();
    let mut jobs = VecDeque::with_capacity(E::IN_FLIGHT);
    loop {
        while jobs.len() < E::IN_FLIGHT {
            let Some(chunk) = chunks.next() else { break };
            let task = Task {
                direction: plan.direction(),
                nonce: chunk.nonce(),
                associated_data: chunk.associated_data(),
                input: input.get(chunk.input.clone()).ok_or(Error::DecryptionFailed)?,
            };
            let place = output.get_mut(chunk.output.clone()).ok_or(Error::DecryptionFailed)?;
            jobs.push_back((engine.begin(&key, task, place)?, chunk));
        }
        let Some((job, chunk)) = jobs.pop_front() else { return Ok(()) };
        engine.finish(job, output.get_mut(chunk.output.clone()).ok_or(Error::DecryptionFailed)?).await?;
        done += chunk.input.len().min(chunk.output.len()) as u64;
        if progress.report(done, total).is_break() {
            return Err(Error::Cancelled);
        }
    }
}
