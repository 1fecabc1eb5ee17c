//! Backups of keystores, recovery codes, their paper shares, and codes under the password of an account.

use envelock::Limits;
use envelock::keystore::backup::{self, Contents, Record};
use envelock::keystore::{AccountKey, RecoveryCode, open_code, seal_code, shares};
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::arguments::{Secret, read};
use crate::engine::Platform;
use crate::job::Job;
use crate::keystores;
use crate::results::{timestamp, write};

#[derive(Deserialize)]
struct RecordArgument {
    name: String,
    data: serde_bytes::ByteBuf,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BackupArguments {
    handle: u32,
    keys: Vec<serde_bytes::ByteBuf>,
    records: Vec<RecordArgument>,
    /// Drawn unless given.
    recovery_code: Option<Secret>,
    at: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BackedUp<'a> {
    #[serde(with = "serde_bytes")]
    file: &'a [u8],
    recovery_code: &'a str,
}

/// Puts everything in one file, and gives the code that opens it.
#[wasm_bindgen(js_name = keystoreBackup)]
pub fn keystore_backup(arguments: JsValue) -> Result<Job, JsValue> {
    let BackupArguments { handle, keys, records, recovery_code, at } = read(arguments)?;
    Ok(Job::new(async move {
        let contents = Contents {
            keys: keys.into_iter().map(|key| Zeroizing::new(key.into_vec())).collect(),
            records: records
                .into_iter()
                .map(|RecordArgument { name, data }| Record { name, data: Zeroizing::new(data.into_vec()) })
                .collect(),
        };
        let code = match recovery_code {
            Some(given) => RecoveryCode::parse(given.as_str()?)?,
            None => RecoveryCode::generate(&mut OsRng),
        };
        let passphrase = keystores::passphrase(handle)?;
        let (made, limits, engine) = (timestamp(at), Limits::browser(), Platform::new());
        let file = backup::seal(&contents, &passphrase, &code, made, &limits, &mut OsRng, &engine).await?;
        write(&BackedUp { file: &file, recovery_code: &code.text() })
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RestoreArguments {
    handle: u32,
    file: serde_bytes::ByteBuf,
    recovery_code: Secret,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Restored<'a> {
    keys: Vec<&'a serde_bytes::Bytes>,
    records: Vec<Entry<'a>>,
    /// As it is printed.
    recovery_code: &'a str,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    #[serde(with = "serde_bytes")]
    data: &'a [u8],
}

/// What is in a backup, its secret keys locked under the passphrase of an open keystore.
#[wasm_bindgen(js_name = keystoreRestore)]
pub fn keystore_restore(arguments: JsValue) -> Result<Job, JsValue> {
    let RestoreArguments { handle, file, recovery_code } = read(arguments)?;
    Ok(Job::new(async move {
        let code = RecoveryCode::parse(recovery_code.as_str()?)?;
        let (passphrase, limits, engine) = (keystores::passphrase(handle)?, Limits::browser(), Platform::new());
        let Contents { keys, records } = backup::open(&file, &code, &passphrase, &limits, &mut OsRng, &engine).await?;
        write(&Restored {
            keys: keys.iter().map(|key| serde_bytes::Bytes::new(key)).collect(),
            records: records.iter().map(|Record { name, data }| Entry { name, data }).collect(),
            recovery_code: &code.text(),
        })
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SplitArguments {
    recovery_code: Secret,
    shares: u8,
    threshold: u8,
}

/// The paper shares of a recovery code.
#[wasm_bindgen(js_name = splitRecoveryCode)]
pub fn split_recovery_code(arguments: JsValue) -> Result<Job, JsValue> {
    let SplitArguments { recovery_code, shares, threshold } = read(arguments)?;
    Ok(Job::new(async move {
        let code = RecoveryCode::parse(recovery_code.as_str()?)?;
        let texts = shares::split(&code, shares, threshold, &mut OsRng)?;
        write(&texts.iter().map(|text| text.as_str()).collect::<Vec<_>>())
    }))
}

#[derive(Deserialize)]
struct JoinArguments {
    shares: Vec<Secret>,
}

/// The recovery code of which these are shares.
#[wasm_bindgen(js_name = joinRecoveryShares)]
pub fn join_recovery_shares(arguments: JsValue) -> Result<Job, JsValue> {
    let JoinArguments { shares } = read(arguments)?;
    Ok(Job::new(async move {
        let texts = shares.iter().map(Secret::as_str).collect::<Result<Vec<_>, _>>()?;
        Ok(JsValue::from_str(&shares::join(&texts)?.text()))
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountArguments {
    export_key: Secret,
    /// To be sealed; drawn unless given.
    recovery_code: Option<Secret>,
    /// To be opened.
    #[serde(default)]
    sealed: serde_bytes::ByteBuf,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SealedCode<'a> {
    #[serde(with = "serde_bytes")]
    sealed: &'a [u8],
    recovery_code: &'a str,
}

/// A recovery code under what a login gave.
#[wasm_bindgen(js_name = sealRecoveryCode)]
pub fn seal_recovery_code(arguments: JsValue) -> Result<Job, JsValue> {
    let AccountArguments { export_key, recovery_code, .. } = read(arguments)?;
    Ok(Job::new(async move {
        let code = match recovery_code {
            Some(given) => RecoveryCode::parse(given.as_str()?)?,
            None => RecoveryCode::generate(&mut OsRng),
        };
        let key = AccountKey::new(export_key.as_bytes())?;
        let sealed = seal_code(&code, &key, &mut OsRng, &Platform::new()).await?;
        write(&SealedCode { sealed: &sealed, recovery_code: &code.text() })
    }))
}

/// The recovery code that was sealed under what a login gives.
#[wasm_bindgen(js_name = openRecoveryCode)]
pub fn open_recovery_code(arguments: JsValue) -> Result<Job, JsValue> {
    let AccountArguments { export_key, sealed, .. } = read(arguments)?;
    Ok(Job::new(async move {
        let code = open_code(&sealed, &AccountKey::new(export_key.as_bytes())?, &Platform::new()).await?;
        Ok(JsValue::from_str(&code.text()))
    }))
}
