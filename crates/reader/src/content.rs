//! The content of an envelope, read and handed out in steps, as a JavaScript object.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;

use envelock_mime::{Content, Limits, Parsing};
use envelock_seipd::inner::inner;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::JsValue;

use crate::thrown;

/// What is copied in a step: some milliseconds, as every page of a copy is a new one to the system.
const STEP: usize = 4 << 20;

/// Content on its way to JavaScript.
pub(crate) struct Reading {
    /// Until all is read.
    parsing: Option<Parsing<Literal>>,
    signed: bool,
    /// Where the packets of the message end, signatures included.
    end: usize,
    opened: Object,
    /// What is still to be copied.
    copies: Vec<Copying>,
}

/// The packets of an envelope, to be read as what the literal data packet among them holds.
struct Literal {
    packets: Vec<u8>,
    /// What it holds, where it does not stand in one piece.
    joined: Option<Vec<u8>>,
    place: Range<usize>,
}

impl AsRef<[u8]> for Literal {
    fn as_ref(&self) -> &[u8] {
        self.joined.as_deref().or_else(|| self.packets.get(self.place.clone())).unwrap_or_default()
    }
}

impl Reading {
    /// Takes the packets of an envelope.
    pub(crate) fn begin(packets: Vec<u8>) -> Result<Self, JsValue> {
        let inner = inner(&packets).map_err(thrown)?;
        let (signed, end, literal_end) = (inner.signed, inner.message.end, inner.literal_packet.end);
        let place = literal_end.saturating_sub(inner.literal.len())..literal_end;
        let joined = match inner.literal {
            Cow::Owned(joined) => Some(joined),
            Cow::Borrowed(_) => None,
        };
        let parsing = Parsing::begin(Literal { packets, joined, place }, &Limits::default()).map_err(thrown)?;
        Ok(Reading { parsing: Some(parsing), signed, end, opened: Object::new(), copies: Vec::new() })
    }

    /// Goes on for a few milliseconds; the object once all is in it.
    pub(crate) fn step(&mut self) -> Result<Option<Object>, JsValue> {
        if let Some(parsing) = &mut self.parsing {
            if !parsing.step().map_err(thrown)?
                && let Some((literal, content)) = self.parsing.take().map(Parsing::finish)
            {
                self.hand_out(content, literal.packets)?;
            }
        } else if let Some(copy) = self.copies.last_mut() {
            if !copy.step() {
                self.copies.pop();
            }
        } else {
            return Ok(Some(self.opened.clone()));
        }
        Ok(None)
    }

    /// Every octet string becomes a `Uint8Array` of its own.
    fn hand_out(&mut self, content: Content, mut packets: Vec<u8>) -> Result<(), JsValue> {
        let opened = &self.opened;
        set(opened, "subject", content.subject.into())?;
        set(opened, "text", content.text.into())?;
        if let Some(html) = content.html {
            set(opened, "html", html.into())?;
        }
        if let Some(seconds) = content.date {
            set(opened, "date", js_sys::Date::new(&(seconds as f64 * 1000.0).into()).into())?;
        }
        let attachments = Array::new();
        for attachment in content.attachments {
            let file = Object::new();
            set(&file, "name", attachment.name.into())?;
            set(&file, "type", attachment.mime_type.into())?;
            self.copies.push(Copying::begin(&file, "data", attachment.data)?);
            attachments.push(&file);
        }
        set(opened, "attachments", attachments.into())?;
        if let Some(certificate) = content.sender_certificate {
            set(opened, "senderCertificate", Uint8Array::from(certificate.as_slice()).into())?;
        }
        let reply = Object::new();
        set(&reply, "allowed", content.reply.allowed.into())?;
        if let Some(to) = content.reply.to {
            set(&reply, "name", to.name.into())?;
            set(&reply, "email", to.address.into())?;
        }
        set(opened, "reply", reply.into())?;
        set(opened, "signed", self.signed.into())?;
        packets.truncate(self.end);
        self.copies.push(Copying::begin(opened, "signedMessage", packets)?);
        Ok(())
    }
}

/// An octet string on its way into the array that stands in its place already.
struct Copying {
    octets: Vec<u8>,
    array: Uint8Array,
    done: usize,
}

impl Copying {
    fn begin(object: &Object, name: &str, octets: Vec<u8>) -> Result<Self, JsValue> {
        let array = Uint8Array::new_with_length(octets.len() as u32);
        set(object, name, (&array).into())?;
        Ok(Copying { octets, array, done: 0 })
    }

    /// Copies some more; `false` if there is nothing more.
    fn step(&mut self) -> bool {
        let Some(step) = self.octets.get(self.done..).and_then(|rest| rest.chunks(STEP).next()) else { return false };
        let end = self.done + step.len();
        self.array.subarray(self.done as u32, end as u32).copy_from(step);
        self.done = end;
        true
    }
}

fn set(object: &Object, name: &str, value: JsValue) -> Result<(), JsValue> {
    Reflect::set(object, &JsValue::from_str(name), &value).map(|_| ())
}
