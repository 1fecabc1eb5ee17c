//! Messages as streams: the caller gives octets when they are wanted, and takes octets when it has room.
//!
//! `source(size)` promises so many octets, or fewer if they are the last; `sink(octets)` promises to have room again. What
//! either of them fails with, the caller knows best: here it only ends the work.

use envelock::message::{DecryptOptions, DecryptStream, EncryptError, EncryptStream, PART, Signer};
use envelock::{Limits, Policy};
use envelock_seipd::Octets;
use js_sys::{Function, Promise, Uint8Array};
use rand::rngs::OsRng;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::Failure;
use crate::arguments::{Report, read};
use crate::engine::Platform;
use crate::job::Job;
use crate::keys::{certificates, unlockables};
use crate::messages::{
    DecryptArguments, EncryptArguments, Judged, decryptors, judged, passwords, policy_with, remarks,
};
use crate::octets::JsOctets;
use crate::results::{Remark, timestamp, write};
use crate::sessions::session_keys;

/// Both ends of a stream, in JavaScript.
struct Ends {
    source: Function,
    sink: Function,
}

impl Ends {
    /// The next octets, fewer than a [`PART`] if they are the last.
    async fn take(&self) -> Result<JsOctets, Failure> {
        let given = promised(self.source.call1(&JsValue::UNDEFINED, &(PART as f64).into())).await?;
        given.dyn_into::<Uint8Array>().map(JsOctets::new).map_err(|_| ended())
    }

    async fn give(&self, octets: JsOctets) -> Result<(), Failure> {
        promised(self.sink.call1(&JsValue::UNDEFINED, &octets.into())).await.map(|_| ())
    }
}

async fn promised(called: Result<JsValue, JsValue>) -> Result<JsValue, Failure> {
    let promise: Promise = called.and_then(JsCast::dyn_into).map_err(|_| ended())?;
    JsFuture::from(promise).await.map_err(|_| ended())
}

fn ended() -> Failure {
    EncryptError::Cancelled.into()
}

/// Encrypts a stream to passwords and certificates, signed if there are signers.
#[wasm_bindgen(js_name = encryptStream)]
pub fn encrypt_stream(arguments: JsValue, report: Function, source: Function, sink: Function) -> Result<Job, JsValue> {
    let arguments: EncryptArguments = read(arguments)?;
    Ok(Job::new(async move {
        let (ends, engine, mut progress) = (Ends { source, sink }, Platform::new(), Report(report));
        let (policy, limits, at) = (Policy::default(), Limits::browser(), timestamp(arguments.at));
        let (mut stream, first) = {
            // Dropped here: a stream may take long.
            let mut arguments = arguments;
            let parts = arguments.parts()?;
            let signers: Vec<Signer<'_>> = parts.signers();
            let options = arguments.options(&parts, &signers);
            EncryptStream::begin(options, &policy, &limits, at, &mut OsRng, &engine).await?
        };
        ends.give(JsOctets::sealed(first)).await?;
        let rest = loop {
            let part = ends.take().await?;
            if part.len() != PART {
                break part;
            }
            ends.give(stream.part(&part, &engine, &mut progress).await?).await?;
        };
        ends.give(stream.end(&rest, &mut OsRng, &engine, &mut progress).await?).await?;
        while let Some(more) = stream.more::<JsOctets, _, _>(&mut OsRng, &engine, &mut progress).await? {
            ends.give(more).await?;
        }
        Ok(JsValue::UNDEFINED)
    }))
}

/// What is known before the data.
#[derive(Serialize)]
struct Head {
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<String>,
    notes: Vec<Remark>,
}

/// What is known behind it.
#[derive(Serialize)]
struct End {
    signatures: Vec<Judged>,
}

/// Decrypts a stream and checks its signatures. `opened` is told what is known before the data, once.
#[wasm_bindgen(js_name = decryptStream)]
pub fn decrypt_stream(
    arguments: JsValue,
    report: Function,
    source: Function,
    sink: Function,
    opened: Function,
) -> Result<Job, JsValue> {
    let arguments: DecryptArguments = read(arguments)?;
    Ok(Job::new(async move {
        let (ends, engine, mut progress) = (Ends { source, sink }, Platform::new(), Report(report));
        let keys = unlockables(&arguments.keys)?;
        let verify_with = certificates(&arguments.verify_with)?;
        let session_keys = session_keys(&arguments.session_keys)?;
        let (passwords, keys) = (passwords(&arguments.passwords), decryptors(&keys));
        let options = DecryptOptions {
            passwords: &passwords,
            keys: &keys,
            verify_with: &verify_with,
            session_keys: &session_keys,
            from: arguments.from.as_deref(),
            ..DecryptOptions::default()
        };
        let (policy, limits) = (policy_with(arguments.known_notations), Limits::browser());
        let mut stream = DecryptStream::new(options, &policy, &limits, timestamp(arguments.at));
        let tell = |head: Head| opened.call1(&JsValue::UNDEFINED, &write(&head)?).map_err(|_| ended());
        let mut is_told = false;
        loop {
            let piece = ends.take().await?;
            let is_last = piece.len() != PART;
            let data = stream.push(&piece, &engine, &mut progress).await?;
            if let (Some(filename), false) = (stream.filename(), is_told) {
                tell(Head { filename: filename.map(str::to_owned), notes: Vec::new() })?;
                is_told = true;
            }
            if let Some(data) = data {
                ends.give(data).await?;
            }
            if is_last {
                break;
            }
        }
        let rest = stream.finish(&engine, &mut progress).await?;
        if !is_told {
            tell(Head { filename: rest.filename, notes: remarks(&rest.notes) })?;
        }
        if let Some(data) = rest.data {
            ends.give(data).await?;
        }
        write(&End { signatures: judged(&rest.signatures) })
    }))
}
