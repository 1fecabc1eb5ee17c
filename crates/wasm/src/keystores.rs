//! Open keystores: JavaScript holds a number, the session key and passphrase stay here.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use envelock::keystore::{self, Keystore, Passkey, PrfOutput};
use envelock::{Limits, Passphrase};
use rand::Rng;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::Failure;
use crate::arguments::{Secret, read};
use crate::engine::Platform;
use crate::job::Job;
use crate::keys::describe;
use crate::results::{timestamp, write};

struct Open {
    keystore: Keystore,
    passphrase: Passphrase,
}

thread_local! {
    static OPEN: RefCell<BTreeMap<u32, Rc<Open>>> = const { RefCell::new(BTreeMap::new()) };
}

fn keep(open: Open) -> u32 {
    OPEN.with_borrow_mut(|all| {
        // Random, so that a number from before a restart of the module means nothing now.
        let mut handle: u32 = OsRng.r#gen();
        while all.contains_key(&handle) {
            handle = OsRng.r#gen();
        }
        all.insert(handle, Rc::new(open));
        handle
    })
}

fn find(handle: u32) -> Result<Rc<Open>, Failure> {
    OPEN.with_borrow(|all| all.get(&handle).cloned()).ok_or_else(Failure::keystore_locked)
}

/// The passphrase under which the keys of this keystore are locked.
pub fn passphrase(handle: u32) -> Result<Passphrase, Failure> {
    Ok(find(handle)?.passphrase.clone())
}

#[derive(Deserialize)]
struct OpenArguments {
    passphrase: Secret,
    header: Option<serde_bytes::ByteBuf>,
}

#[derive(Serialize)]
struct Opened {
    handle: u32,
    #[serde(with = "serde_bytes")]
    header: Vec<u8>,
}

/// Makes a keystore: its handle, and the header to store.
#[wasm_bindgen(js_name = keystoreCreate)]
pub fn keystore_create(arguments: JsValue) -> Result<Job, JsValue> {
    let OpenArguments { passphrase, .. } = read(arguments)?;
    Ok(Job::new(async move {
        let (keystore, passphrase) = (Keystore::generate(&mut OsRng), Passphrase::new(passphrase.as_bytes()));
        let header = keystore.header(&passphrase, &Limits::browser(), &mut OsRng, &Platform::new()).await?;
        let handle = keep(Open { keystore, passphrase });
        write(&Opened { handle, header })
    }))
}

/// Opens a keystore by its stored header.
#[wasm_bindgen(js_name = keystoreOpen)]
pub fn keystore_open(arguments: JsValue) -> Result<Job, JsValue> {
    let OpenArguments { passphrase, header } = read(arguments)?;
    let header = header.unwrap_or_default().into_vec();
    Ok(Job::new(async move {
        let passphrase = Passphrase::new(passphrase.as_bytes());
        let keystore = Keystore::open(&header, &passphrase, &Limits::browser(), &Platform::new()).await?;
        let handle = keep(Open { keystore, passphrase });
        write(&Opened { handle, header })
    }))
}

#[derive(Deserialize)]
struct Handle {
    handle: u32,
}

/// Forgets a keystore. Closing twice is no error.
#[wasm_bindgen(js_name = keystoreClose)]
pub fn keystore_close(arguments: JsValue) -> Result<(), JsValue> {
    let Handle { handle } = read(arguments)?;
    OPEN.with_borrow_mut(|all| all.remove(&handle));
    Ok(())
}

#[derive(Deserialize)]
struct SealArguments {
    handle: u32,
    name: String,
    #[serde(default)]
    data: serde_bytes::ByteBuf,
}

#[derive(Serialize)]
struct Sealed {
    slot: String,
    #[serde(with = "serde_bytes")]
    blob: Vec<u8>,
}

/// Seals one entry: what to store, and where.
#[wasm_bindgen(js_name = keystoreSeal)]
pub fn keystore_seal(arguments: JsValue) -> Result<Job, JsValue> {
    let SealArguments { handle, name, data } = read(arguments)?;
    Ok(Job::new(async move {
        let sealed = find(handle)?.keystore.seal(&name, &data, &mut OsRng, &Platform::new()).await?;
        write(&Sealed { slot: sealed.slot, blob: sealed.blob })
    }))
}

/// Where the entry of a name is stored.
#[wasm_bindgen(js_name = keystoreSlot)]
pub fn keystore_slot(arguments: JsValue) -> Result<String, JsValue> {
    let SealArguments { handle, name, .. } = read(arguments)?;
    Ok(find(handle)?.keystore.slot(&name))
}

#[derive(Deserialize)]
struct UnsealArguments {
    handle: u32,
    slot: String,
    blob: serde_bytes::ByteBuf,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    #[serde(with = "serde_bytes")]
    data: &'a [u8],
}

/// Opens one entry.
#[wasm_bindgen(js_name = keystoreUnseal)]
pub fn keystore_unseal(arguments: JsValue) -> Result<Job, JsValue> {
    let UnsealArguments { handle, slot, blob } = read(arguments)?;
    Ok(Job::new(async move {
        let (name, data) = find(handle)?.keystore.unseal(&slot, &blob, &Limits::browser(), &Platform::new()).await?;
        write(&Entry { name: &name, data: &data })
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RewrapArguments {
    handle: u32,
    new_passphrase: Secret,
    header: serde_bytes::ByteBuf,
}

/// The header under a new passphrase. Nothing changes here before [`keystore_adopt`], which follows once it is stored.
#[wasm_bindgen(js_name = keystoreRewrap)]
pub fn keystore_rewrap(arguments: JsValue) -> Result<Job, JsValue> {
    let RewrapArguments { handle, new_passphrase, header } = read(arguments)?;
    Ok(Job::new(async move {
        let (passphrase, limits) = (Passphrase::new(new_passphrase.as_bytes()), Limits::browser());
        let keystore = &find(handle)?.keystore;
        let header = keystore.change_passphrase(&header, &passphrase, &limits, &mut OsRng, &Platform::new()).await?;
        Ok(octets(&header))
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AdoptArguments {
    handle: u32,
    new_passphrase: Secret,
}

/// Takes the new passphrase for an open keystore's own; one that was locked in the meantime stays locked.
#[wasm_bindgen(js_name = keystoreAdopt)]
pub fn keystore_adopt(arguments: JsValue) -> Result<(), JsValue> {
    let AdoptArguments { handle, new_passphrase } = read(arguments)?;
    let passphrase = Passphrase::new(new_passphrase.as_bytes());
    let keystore = find(handle)?.keystore.clone();
    OPEN.with_borrow_mut(|all| all.insert(handle, Rc::new(Open { keystore, passphrase })));
    Ok(())
}

#[derive(Serialize)]
struct DescribedPasskey<'a> {
    #[serde(with = "serde_bytes")]
    credential: &'a [u8],
    #[serde(with = "serde_bytes")]
    input: &'a [u8],
}

#[derive(Deserialize)]
struct PasskeyArguments {
    handle: Option<u32>,
    header: serde_bytes::ByteBuf,
    #[serde(default)]
    credential: serde_bytes::ByteBuf,
    /// What goes into the PRF of the passkey, and what came out.
    #[serde(default)]
    input: serde_bytes::ByteBuf,
    output: Option<Secret>,
}

impl PasskeyArguments {
    fn output(&self) -> Result<PrfOutput, Failure> {
        Ok(PrfOutput::new(self.output.as_ref().map(Secret::as_bytes).unwrap_or_default())?)
    }
}

/// The passkeys that open a keystore.
#[wasm_bindgen(js_name = keystorePasskeys)]
pub fn keystore_passkeys(arguments: JsValue) -> Result<JsValue, JsValue> {
    let PasskeyArguments { header, .. } = read(arguments)?;
    let passkeys = keystore::passkeys(&header).map_err(Failure::from)?;
    let described: Vec<_> = passkeys
        .iter()
        .map(|Passkey { credential, prf_input }| DescribedPasskey { credential, input: prf_input })
        .collect();
    Ok(write(&described)?)
}

/// Opens a keystore by its stored header and what a passkey gave.
#[wasm_bindgen(js_name = keystoreOpenPasskey)]
pub fn keystore_open_passkey(arguments: JsValue) -> Result<Job, JsValue> {
    let arguments: PasskeyArguments = read(arguments)?;
    Ok(Job::new(async move {
        let (limits, engine, output) = (Limits::browser(), Platform::new(), arguments.output()?);
        let PasskeyArguments { header, credential, .. } = arguments;
        let (keystore, passphrase) =
            Keystore::open_with_passkey(&header, &credential, &output, &limits, &engine).await?;
        let handle = keep(Open { keystore, passphrase });
        write(&Opened { handle, header: header.into_vec() })
    }))
}

/// The header that opens with one more passkey.
#[wasm_bindgen(js_name = keystoreAddPasskey)]
pub fn keystore_add_passkey(arguments: JsValue) -> Result<Job, JsValue> {
    let arguments: PasskeyArguments = read(arguments)?;
    Ok(Job::new(async move {
        let open = find(arguments.handle.unwrap_or_default())?;
        let output = arguments.output()?;
        let PasskeyArguments { header, credential, input, .. } = arguments;
        let prf_input = input.into_vec().try_into().map_err(|_| Failure::bad_option("32 octets go into the PRF"))?;
        let passkey = Passkey { credential: credential.into_vec(), prf_input };
        let Open { keystore, passphrase } = &*open;
        let engine = Platform::new();
        Ok(octets(&keystore.add_passkey(&header, passkey, &output, passphrase, &mut OsRng, &engine).await?))
    }))
}

/// The header without a passkey.
#[wasm_bindgen(js_name = keystoreRemovePasskey)]
pub fn keystore_remove_passkey(arguments: JsValue) -> Result<JsValue, JsValue> {
    let PasskeyArguments { header, credential, .. } = read(arguments)?;
    Ok(octets(&keystore::remove_passkey(&header, &credential).map_err(Failure::from)?))
}

fn octets(octets: &[u8]) -> JsValue {
    js_sys::Uint8Array::from(octets).into()
}

#[derive(Deserialize)]
struct KeepArguments {
    handle: u32,
    binary: serde_bytes::ByteBuf,
    passphrase: Option<Secret>,
    /// The copy that is kept already.
    present: Option<serde_bytes::ByteBuf>,
    at: f64,
}

/// A key as it is to be kept.
#[wasm_bindgen(js_name = keystoreKeep)]
pub fn keystore_keep(arguments: JsValue) -> Result<Job, JsValue> {
    let KeepArguments { handle, binary, passphrase: own, present, at } = read(arguments)?;
    Ok(Job::new(async move {
        let own = own.map(|own| Passphrase::new(own.as_bytes()));
        let present = present.as_deref().map(Vec::as_slice);
        let (passphrase, limits, engine) = (passphrase(handle)?, Limits::browser(), Platform::new());
        let kept = keystore::keep(&binary, own.as_ref(), present, &passphrase, &limits, &mut OsRng, &engine).await?;
        write(&describe(&kept, &[], timestamp(at)))
    }))
}
