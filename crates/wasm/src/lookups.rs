//! Finding certificates: where to ask, and what to keep of an answer. Asking is `pkg`'s.

use envelock::{Limits, Policy, select_for_address};
use envelock_wire::{Keyserver, MailAddress, wkd_advanced, wkd_direct};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::Failure;
use crate::arguments::read;
use crate::keys::{Described, describe_certificate, hex};
use crate::results::{timestamp, write};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddressArguments {
    local_part: String,
    /// As A-labels; `pkg` has the browser's `URL` make them.
    domain: String,
    keyservers: Vec<String>,
}

#[derive(Serialize)]
struct Urls {
    advanced: String,
    direct: String,
    keyservers: Vec<String>,
}

/// Where the certificate of an address may be published.
#[wasm_bindgen(js_name = lookupUrls)]
pub fn lookup_urls(arguments: JsValue) -> Result<JsValue, JsValue> {
    let AddressArguments { local_part, domain, keyservers } = read(arguments)?;
    let address = MailAddress::new(&local_part, &domain).map_err(Failure::bad_address)?;
    let keyserver = |text: &String| {
        let keyserver: Keyserver = text.parse().map_err(Failure::bad_option)?;
        Ok(keyserver.url(&address).to_string())
    };
    let keyservers = keyservers.iter().map(keyserver).collect::<Result<_, Failure>>()?;
    let (advanced, direct) = (wkd_advanced(&address).to_string(), wkd_direct(&address).to_string());
    Ok(write(&Urls { advanced, direct, keyservers })?)
}

#[derive(Deserialize)]
struct SelectArguments {
    found: serde_bytes::ByteBuf,
    spellings: Vec<String>,
    at: f64,
}

#[derive(Serialize)]
struct Selected {
    certificates: Vec<Described>,
    rejected: Vec<RejectedKey>,
}

#[derive(Serialize)]
struct RejectedKey {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
}

/// The certificates of an answer that are for the address, and why others are not.
#[wasm_bindgen(js_name = selectForAddress)]
pub fn select(arguments: JsValue) -> Result<JsValue, JsValue> {
    let SelectArguments { found, spellings, at } = read(arguments)?;
    let spellings: Vec<&str> = spellings.iter().map(String::as_str).collect();
    let at = timestamp(at);
    let discovered = select_for_address(&found, &spellings, &Policy::default(), &Limits::browser(), at);
    let rejected = |it: &envelock::Rejected| RejectedKey {
        code: it.reason.code(),
        message: it.reason.to_string(),
        fingerprint: it.fingerprint.as_ref().map(hex),
    };
    Ok(write(&Selected {
        certificates: discovered.certificates.iter().map(|it| describe_certificate(it, at)).collect(),
        rejected: discovered.rejected.iter().map(rejected).collect(),
    })?)
}
