//! Octets that stay in JavaScript's memory: a message's data goes from the caller's array to WebCrypto and from there to the
//! answer, and never through the module's memory, which would copy it twice and never shrink again.

use std::ops::Range;

use envelock_seipd::{Error, Octets, Read, Rope, SecretOctets};
use js_sys::{Array, Function, Reflect, Uint8Array};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wasm_bindgen::{JsCast, JsValue};

use crate::engine::node::room;
use crate::engine::release::release;
use crate::engine::report::report;

/// A `Uint8Array`. Its owner may take its buffer away at any wait: then nothing can be read any more.
#[derive(Clone)]
pub struct JsOctets {
    array: Uint8Array,
    length: usize,
    /// It was made here, and nobody else has it yet.
    own: bool,
}

impl JsOctets {
    /// The octets of an array, as they are now.
    pub fn new(array: Uint8Array) -> Self {
        let length = array.length() as usize;
        Self { array, length, own: false }
    }

    /// No octets.
    pub fn none() -> Self {
        Self::new(Uint8Array::new_with_length(0))
    }

    /// Zeros; `None` if there is no room.
    pub fn zeros(length: usize) -> Option<Self> {
        let constructor = Reflect::get(&js_sys::global(), &"Uint8Array".into()).ok()?;
        let array =
            Reflect::construct(constructor.unchecked_ref::<Function>(), &Array::of1(&(length as f64).into())).ok()?;
        Some(Self { array: array.unchecked_into(), length, own: true })
    }

    /// Octets that will all be written, or else given to nobody; `None` if there is no room.
    pub fn room(length: usize) -> Option<Self> {
        match room(length) {
            Some(array) => Some(Self { array, length, own: true }),
            None => Self::zeros(length),
        }
    }

    /// A copy of octets in Rust's memory, made in steps with rests between: one that is large holds the thread as long as it takes.
    pub async fn copied(octets: &[u8]) -> Result<Self, Error> {
        const STEP: usize = 4 << 20;
        let copy = Self::zeros(octets.len()).ok_or(Error::OutOfMemory)?;
        let mut done = 0;
        for step in octets.chunks(STEP) {
            copy.write(done, step).ok_or(Error::GONE)?;
            done += step.len();
            report(&mut (), done, octets.len()).await?;
        }
        Ok(copy)
    }

    /// The array.
    pub fn array(&self) -> &Uint8Array {
        &self.array
    }

    /// A part of the array, which is no copy; `None` if it is not within, or was taken away.
    pub fn view(&self, range: Range<usize>) -> Option<Uint8Array> {
        self.has(&range).then(|| self.array.subarray(range.start as u32, range.end as u32))
    }

    fn has(&self, range: &Range<usize>) -> bool {
        range.start <= range.end && range.end <= self.length && self.array.length() as usize == self.length
    }

    /// Writes octets from Rust's memory.
    pub fn write(&self, at: usize, octets: &[u8]) -> Option<()> {
        self.view(at..at.checked_add(octets.len())?)?.copy_from(octets);
        Some(())
    }

    /// Writes octets of another array.
    pub fn set(&self, at: usize, octets: &Uint8Array) -> Option<()> {
        let end = at.checked_add(octets.length() as usize)?;
        self.has(&(at..end)).then(|| self.array.set(octets, at as u32))
    }

    /// Shows the array with other octets right before and behind it, and puts back at once what stood there: whoever takes a copy
    /// needs none of ours. `None` if the array is not our own, or has no such surroundings.
    pub fn shown_between<T>(&self, before: &[u8], after: &[u8], show: impl FnOnce(&Uint8Array) -> T) -> Option<T> {
        if !self.own || self.array.length() as usize != self.length {
            return None;
        }
        let (buffer, start) = (self.array.buffer(), self.array.byte_offset() as usize);
        let front = start.checked_sub(before.len())?;
        let length = before.len() + self.length + after.len();
        if buffer.byte_length() as usize - front < length {
            return None;
        }
        let whole = Uint8Array::new_with_byte_offset_and_length(&buffer, front as u32, length as u32);
        let head = whole.subarray(0, before.len() as u32);
        let tail = whole.subarray((length - after.len()) as u32, length as u32);
        let stood = (SecretOctets::from(head.to_vec()), SecretOctets::from(tail.to_vec()));
        head.copy_from(before);
        tail.copy_from(after);
        let shown = show(&whole);
        head.copy_from(&stood.0);
        tail.copy_from(&stood.1);
        Some(shown)
    }

    /// Overwrites everything.
    pub fn wipe(&self) {
        self.array.fill(0, 0, self.array.length());
    }
}

impl Octets for JsOctets {
    type Made = JsOctets;
    type Sealed = JsOctets;

    fn len(&self) -> usize {
        self.length
    }

    fn octet(&self, index: usize) -> Option<u8> {
        (index < self.length && self.array.length() as usize == self.length).then(|| self.array.get_index(index as u32))
    }

    fn read(&self, range: Range<usize>) -> Option<Read<'_>> {
        let view = self.view(range)?;
        let mut octets = SecretOctets::new();
        octets.try_reserve_exact(view.length() as usize).ok()?;
        octets.resize(view.length() as usize, 0);
        view.copy_to(&mut octets);
        Some(Read::Copied(octets))
    }

    fn copy_to(&self, start: usize, buffer: &mut [u8]) -> Option<()> {
        self.view(start..start.checked_add(buffer.len())?)?.copy_to(buffer);
        Some(())
    }

    fn zeros(length: usize) -> Option<JsOctets> {
        JsOctets::zeros(length)
    }

    fn put(made: &mut JsOctets, at: usize, octets: &[u8]) -> Option<()> {
        made.write(at, octets)
    }

    fn put_from(made: &mut JsOctets, at: usize, from: &JsOctets, range: Range<usize>) -> Option<()> {
        made.set(at, &from.view(range)?)
    }

    fn published(made: JsOctets) -> JsOctets {
        made
    }

    fn of_sealed(sealed: &JsOctets) -> &JsOctets {
        sealed
    }

    fn gather_behind(&self, front: &[u8], parts: &[Range<usize>]) -> Option<JsOctets> {
        let joined = JsOctets::zeros(front.len() + parts.iter().map(Range::len).sum::<usize>())?;
        joined.write(0, front)?;
        let mut at = front.len();
        for part in parts {
            joined.set(at, &self.view(part.clone())?)?;
            at += part.len();
        }
        Some(joined)
    }

    fn join(made: Vec<JsOctets>) -> Option<JsOctets> {
        let joined = JsOctets::zeros(made.iter().map(|part| part.length).sum())?;
        let mut at = 0;
        for part in made {
            joined.set(at, &part.array)?;
            at += part.length;
            Self::release(part);
        }
        Some(joined)
    }

    fn split_sealed(sealed: JsOctets, at: usize) -> Option<(JsOctets, Vec<u8>)> {
        let behind = sealed.view(at..sealed.length)?.to_vec();
        Some((JsOctets::new(sealed.view(0..at)?), behind))
    }

    fn release(made: JsOctets) {
        release(made.array);
    }

    fn of(made: &JsOctets) -> &JsOctets {
        made
    }

    fn cut(made: JsOctets, range: Range<usize>) -> Option<JsOctets> {
        Some(JsOctets { own: made.own, ..JsOctets::new(made.view(range)?) })
    }

    fn made(octets: SecretOctets) -> JsOctets {
        JsOctets::new(Uint8Array::from(octets.as_slice()))
    }

    fn sealed(octets: Vec<u8>) -> JsOctets {
        JsOctets::new(Uint8Array::from(octets.as_slice()))
    }

    fn wrapped(rope: Rope<'_, JsOctets>) -> Option<JsOctets> {
        let whole = JsOctets::zeros(rope.len())?;
        copy_rope(&rope, 0..rope.len(), &whole, 0)?;
        Some(whole)
    }

    fn through(sealed: JsOctets, work: impl FnOnce(Vec<u8>) -> Vec<u8>) -> JsOctets {
        JsOctets::sealed(work(sealed.array.to_vec()))
    }
}

/// Copies a part of a rope into `out`, from `at` on.
pub fn copy_rope(rope: &Rope<'_, JsOctets>, range: Range<usize>, out: &JsOctets, mut at: usize) -> Option<()> {
    let front = rope.before.len();
    let back = front + rope.data.len();
    let of = |start: usize, length: usize| {
        let within = |place: usize| place.clamp(start, start + length) - start;
        within(range.start)..within(range.end)
    };
    let (first, middle, last) = (of(0, front), of(front, rope.data.len()), of(back, rope.after.len()));
    out.write(at, rope.before.get(first.clone())?)?;
    at += first.len();
    if !middle.is_empty() {
        out.set(at, &rope.data.view(middle.clone())?)?;
        at += middle.len();
    }
    out.write(at, rope.after.get(last)?)
}

/// A part of a rope as one array: a view where it lies within the data, else a copy.
pub fn rope_view(rope: &Rope<'_, JsOctets>, range: Range<usize>) -> Option<Uint8Array> {
    let front = rope.before.len();
    if range.start >= front && range.end <= front + rope.data.len() {
        return rope.data.view(range.start - front..range.end - front);
    }
    let copy = JsOctets::zeros(range.len())?;
    copy_rope(rope, range, &copy, 0)?;
    Some(copy.array)
}

impl<'de> Deserialize<'de> for JsOctets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let array: Uint8Array = serde_wasm_bindgen::preserve::deserialize(deserializer)?;
        Ok(Self::new(array))
    }
}

impl Serialize for JsOctets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_wasm_bindgen::preserve::serialize(&self.array, serializer)
    }
}

impl From<JsOctets> for JsValue {
    fn from(octets: JsOctets) -> JsValue {
        octets.array.into()
    }
}
