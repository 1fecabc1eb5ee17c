//! The content of an envelope as a JavaScript object.

use envelock_mime::Content;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::JsValue;

/// Every octet string becomes a `Uint8Array` of its own.
pub(crate) fn object(content: Content, signed: bool, signed_message: &[u8]) -> Result<Object, JsValue> {
    let opened = Object::new();
    set(&opened, "subject", content.subject.into())?;
    set(&opened, "text", content.text.into())?;
    if let Some(html) = content.html {
        set(&opened, "html", html.into())?;
    }
    if let Some(seconds) = content.date {
        set(&opened, "date", js_sys::Date::new(&(seconds as f64 * 1000.0).into()).into())?;
    }
    let attachments = Array::new();
    // One after the other into JavaScript's memory, so that there are never two copies of all of them.
    for attachment in content.attachments {
        let file = Object::new();
        set(&file, "name", attachment.name.into())?;
        set(&file, "type", attachment.mime_type.into())?;
        set(&file, "data", octets(&attachment.data))?;
        attachments.push(&file);
    }
    set(&opened, "attachments", attachments.into())?;
    if let Some(certificate) = content.sender_certificate {
        set(&opened, "senderCertificate", octets(&certificate))?;
    }
    let reply = Object::new();
    set(&reply, "allowed", content.reply.allowed.into())?;
    if let Some(to) = content.reply.to {
        set(&reply, "name", to.name.into())?;
        set(&reply, "email", to.address.into())?;
    }
    set(&opened, "reply", reply.into())?;
    set(&opened, "signed", signed.into())?;
    set(&opened, "signedMessage", octets(signed_message))?;
    Ok(opened)
}

fn octets(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

fn set(object: &Object, name: &str, value: JsValue) -> Result<(), JsValue> {
    Reflect::set(object, &JsValue::from_str(name), &value).map(|_| ())
}
