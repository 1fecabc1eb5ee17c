//! `node:crypto`, where there is one: the processor's AES and SHA instructions without a copy and without a wait.

use std::ops::Range;

use envelock_seipd::engine::{Agreement, Curve, Direction, Hash, Scheme, Signed};
use envelock_seipd::plan::{Chunk, Plan};
use envelock_seipd::{Cipher, Error, Mode, Progress, Rope};
use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use zeroize::Zeroizing;

use super::imported;
use super::release::release_chunk;
use super::repeated::repeat;
use super::report::report;
use crate::octets::{JsOctets, rope_view};

/// What is worked on between two reports of progress.
const PIECE: usize = 256 << 10;

/// What is hashed between two of them: a millisecond or two.
const HASHED: usize = 1 << 20;

#[wasm_bindgen]
extern "C" {
    /// The module's part that is asked for each chunk, by name, so that nothing is looked up each time.
    #[wasm_bindgen(extends = Object)]
    type Module;
    #[wasm_bindgen(method, catch, js_name = createCipheriv)]
    fn sealing(this: &Module, name: &JsValue, key: &Uint8Array, nonce: &[u8]) -> Result<Running, JsValue>;
    #[wasm_bindgen(method, catch, js_name = createDecipheriv)]
    fn opening(this: &Module, name: &JsValue, key: &Uint8Array, nonce: &[u8]) -> Result<Running, JsValue>;

    /// A cipher under way.
    type Running;
    #[wasm_bindgen(method, catch, js_name = setAAD)]
    fn set_associated_data(this: &Running, octets: &[u8]) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn update(this: &Running, octets: &Uint8Array) -> Result<Uint8Array, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setAuthTag)]
    fn set_tag(this: &Running, tag: &Uint8Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = final)]
    fn end(this: &Running) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getAuthTag)]
    fn tag(this: &Running) -> Result<Uint8Array, JsValue>;
}

/// Memory that holds whatever was there before: nobody else may see it until all of it is written. `None` where Node is not, and if there is no room.
pub fn room(length: usize) -> Option<Uint8Array> {
    Crypto::find()?;
    // Not by its name alone: bundlers would bring a copy of it along for browsers.
    let buffer = Reflect::get(&js_sys::global(), &"Buffer".into()).ok()?;
    let octets: Uint8Array = call(&buffer, "allocUnsafeSlow", &[(length as f64).into()]).ok()?.dyn_into().ok()?;
    // Not the kind of array that Node has beside it.
    Some(Uint8Array::new_with_byte_offset_and_length(&octets.buffer(), octets.byte_offset(), octets.length()))
}

/// The module.
pub struct Crypto(Module);

impl Crypto {
    /// Asks the process for it, as a bundler could not see an import. `None` in browsers.
    pub fn find() -> Option<Crypto> {
        let process = Reflect::get(&js_sys::global(), &"process".into()).ok()?;
        if !process.is_object() {
            return None;
        }
        let module = call(&process, "getBuiltinModule", &["node:crypto".into()]).ok()?;
        module.is_object().then(|| Crypto(module.unchecked_into()))
    }

    /// Hashes in parts.
    pub async fn digest(
        &self,
        hash: Hash,
        rope: &Rope<'_, JsOctets>,
        progress: &mut dyn Progress,
    ) -> Result<Vec<u8>, Error> {
        let lacking = |_| Error::Unsupported("hash in Node");
        let hashing = call(&self.0, "createHash", &[name(hash).into()]).map_err(lacking)?;
        let mut done = 0;
        for part in parts(rope).ok_or(Error::GONE)? {
            for start in (0..part.length()).step_by(HASHED) {
                let piece = part.subarray(start, part.length().min(start.saturating_add(HASHED as u32)));
                done += piece.length() as usize;
                call(&hashing, "update", &[piece.into()]).map_err(lacking)?;
                report(progress, done, rope.len()).await?;
            }
        }
        let digest: Uint8Array = call(&hashing, "digest", &[]).and_then(JsCast::dyn_into).map_err(lacking)?;
        Ok(digest.to_vec())
    }

    /// Hashes zeros, and a secret over and over.
    pub async fn hash_repeated(&self, hash: Hash, zeros: usize, unit: &[u8], count: usize) -> Option<Uint8Array> {
        let hashing = call(&self.0, "createHash", &[name(hash).into()]).ok()?;
        let update = |octets: &Uint8Array| call(&hashing, "update", &[octets.into()]).ok();
        update(&Uint8Array::new_with_length(zeros as u32))?;
        let length = count.min(unit.len() * HASHED.div_ceil(unit.len()));
        let block = Repeated(JsOctets::zeros(length)?);
        repeat(&block.0, 0, unit)?;
        for done in (0..count).step_by(length) {
            update(&block.0.view(0..length.min(count - done))?)?;
            report(&mut (), done, count).await.ok()?;
        }
        call(&hashing, "digest", &[]).and_then(JsCast::dyn_into).ok()
    }

    /// Signs; the key is without PKCS #8 around it, which takes OpenSSL half a millisecond to take off. RSA takes the hash as it is, ECDSA hashes by itself.
    pub fn sign(
        &self,
        scheme: Scheme,
        key: &[u8],
        signed: &Signed<'_, JsOctets>,
        signer: &imported::Signer,
    ) -> Option<Vec<u8>> {
        let key = match signer.known(key) {
            Some(known) => known,
            None => {
                let form = if scheme == Scheme::Rsa { "pkcs1" } else { "sec1" };
                let read = self.key("createPrivateKey", key, form, PKCS1)?;
                signer.keep(Zeroizing::new(key.to_vec()), read.clone());
                read
            }
        };
        let made = match scheme {
            Scheme::Rsa => {
                let info = Uint8Array::from(signed.hash.digest_info(signed.digest)?.as_slice());
                call(&self.0, "privateEncrypt", &[key, info.into()])
            }
            _ => call(&self.hashed("createSign", signed)?, "sign", &[key]),
        };
        Some(made.ok()?.dyn_into::<Uint8Array>().ok()?.to_vec())
    }

    /// Whether that is the signature; the key is SubjectPublicKeyInfo.
    pub fn verify(&self, key: &[u8], signed: &Signed<'_, JsOctets>, signature: &[u8]) -> Option<bool> {
        let key = self.public_key(key, "spki", PKCS1)?;
        let answer = call(&self.hashed("createVerify", signed)?, "verify", &[key, Uint8Array::from(signature).into()]);
        answer.ok()?.as_bool()
    }

    /// RSA with a secret key in PKCS #1; the padding is left on.
    pub fn decrypt_rsa(&self, key: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let key = self.key("createPrivateKey", key, "pkcs1", NO_PADDING)?;
        let opened = call(&self.0, "privateDecrypt", &[key, Uint8Array::from(ciphertext).into()]);
        let opened: Uint8Array = opened.ok()?.dyn_into().ok()?;
        let copy = Zeroizing::new(opened.to_vec());
        opened.fill(0, 0, opened.length());
        Some(copy)
    }

    /// RSA with a public key in PKCS #1; the padding is in the number. For a number that is no less than the modulus there is no answer.
    pub fn encrypt_rsa(&self, key: &[u8], number: &[u8]) -> Option<Vec<u8>> {
        let key = self.public_key(key, "pkcs1", NO_PADDING)?;
        let number = Uint8Array::from(number);
        let encrypted = call(&self.0, "publicEncrypt", &[key, number.clone().into()]);
        number.fill(0, 0, number.length());
        Some(encrypted.ok()?.dyn_into::<Uint8Array>().ok()?.to_vec())
    }

    /// ECDH with a point: by a key's number, or else by a pair that is drawn, whose point is in the answer.
    pub fn agree(&self, curve: Curve, key: Option<&[u8]>, point: &[u8]) -> Option<Agreement> {
        let name = match curve {
            Curve::P256 => "prime256v1",
            Curve::P384 => "secp384r1",
            Curve::P521 => "secp521r1",
        };
        let pair = call(&self.0, "createECDH", &[name.into()]).ok()?;
        let own = match key {
            Some(key) => {
                let number = Uint8Array::from(key);
                let set = call(&pair, "setPrivateKey", &[number.clone().into()]);
                number.fill(0, 0, number.length());
                set.map(|_| Vec::new()).ok()?
            }
            None => call(&pair, "generateKeys", &[]).ok()?.dyn_into::<Uint8Array>().ok()?.to_vec(),
        };
        let secret: Uint8Array =
            call(&pair, "computeSecret", &[Uint8Array::from(point).into()]).ok()?.dyn_into().ok()?;
        let copy = Zeroizing::new(secret.to_vec());
        secret.fill(0, 0, secret.length());
        Some(Agreement { point: own, secret: copy })
    }

    /// A key in DER as `node:crypto` takes it, with the padding of RSA; signatures of ECDSA are to be R and S.
    fn key(&self, make: &str, octets: &[u8], form: &str, padding: u8) -> Option<JsValue> {
        let (told, octets) = (Object::new(), Uint8Array::from(octets));
        let set = |name: &str, value: &JsValue| Reflect::set(&told, &name.into(), value);
        set("key", &octets).ok()?;
        set("format", &"der".into()).ok()?;
        set("type", &form.into()).ok()?;
        let read = call(&self.0, make, &[told.clone().into()]);
        octets.fill(0, 0, octets.length());
        set("key", &read.ok()?).ok()?;
        set("padding", &padding.into()).ok()?;
        set("dsaEncoding", &"ieee-p1363".into()).ok()?;
        Some(told.into())
    }

    fn public_key(&self, octets: &[u8], form: &str, padding: u8) -> Option<JsValue> {
        let name = [&[padding], octets].concat();
        if let Some(known) = imported::known(&name) {
            return Some(known);
        }
        let read = self.key("createPublicKey", octets, form, padding)?;
        imported::keep(name, read.clone());
        Some(read)
    }

    /// A signer or verifier that has read what is signed.
    fn hashed(&self, make: &str, signed: &Signed<'_, JsOctets>) -> Option<JsValue> {
        let hashing = call(&self.0, make, &[name(signed.hash).into()]).ok()?;
        for part in parts(&signed.rope)? {
            call(&hashing, "update", &[part.into()]).ok()?;
        }
        Some(hashing)
    }

    /// AES in CFB mode with an IV of zeros.
    pub fn cfb(&self, cipher: Cipher, key: &[u8], direction: Direction) -> Option<Cfb> {
        let name = match cipher {
            Cipher::Aes128 => "aes-128-cfb",
            Cipher::Aes192 => "aes-192-cfb",
            Cipher::Aes256 => "aes-256-cfb",
        };
        let make = match direction {
            Direction::Seal => "createCipheriv",
            Direction::Open => "createDecipheriv",
        };
        let key = Uint8Array::from(key);
        let made = call(&self.0, make, &[name.into(), key.clone().into(), Uint8Array::new_with_length(16).into()]);
        key.fill(0, 0, key.length());
        made.ok().map(Cfb)
    }
}

/// A secret over and over, overwritten when it is let go of.
struct Repeated(JsOctets);

impl Drop for Repeated {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

fn name(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "sha1",
        Hash::Sha256 => "sha256",
        Hash::Sha384 => "sha384",
        Hash::Sha512 => "sha512",
    }
}

/// OpenSSL's `RSA_PKCS1_PADDING`.
const PKCS1: u8 = 1;
/// OpenSSL's `RSA_NO_PADDING`. With the other, Node's own unpadding would tell a wrong padding by its time, or hide it.
const NO_PADDING: u8 = 3;

impl Crypto {
    /// AES in GCM mode, a chunk at a time.
    pub fn gcm(&self, cipher: Cipher, key: &[u8], direction: Direction) -> Option<Gcm<'_>> {
        let name = match cipher {
            Cipher::Aes128 => "aes-128-gcm",
            Cipher::Aes192 => "aes-192-gcm",
            Cipher::Aes256 => "aes-256-gcm",
        };
        let (name, length) = (name.into(), cipher.key_len());
        (key.len() == length).then(|| Gcm { module: self, name, key: Uint8Array::from(key), direction })
    }
}

fn parts(rope: &Rope<'_, JsOctets>) -> Option<[Uint8Array; 3]> {
    let (front, back) = (rope.before.len(), rope.len() - rope.after.len());
    Some([rope_view(rope, 0..front)?, rope_view(rope, front..back)?, rope_view(rope, back..rope.len())?])
}

/// A cipher and its key.
pub struct Gcm<'a> {
    module: &'a Crypto,
    name: JsValue,
    key: Uint8Array,
    direction: Direction,
}

impl Gcm<'_> {
    /// Puts every chunk of the plan through it, into `output` from `offset` on. A chunk is written once its tag was checked.
    pub async fn run(
        self,
        plan: &Plan,
        input: impl Fn(Range<usize>) -> Option<Uint8Array>,
        output: &JsOctets,
        offset: usize,
        progress: &mut dyn Progress,
    ) -> Result<(), Error> {
        let mut done = 0;
        for chunk in plan.chunks() {
            let octets = input(chunk.input.clone()).ok_or(Error::GONE)?;
            let (made, tag) = self.chunk(&chunk, &octets)?;
            let length = made.length() + tag.as_ref().map_or(0, Uint8Array::length);
            if length as usize != chunk.output.len() {
                return Err(Error::Unsupported("cipher in Node"));
            }
            let place = offset + chunk.output.start;
            output.set(place, &made).ok_or(Error::GONE)?;
            if let Some(tag) = tag {
                output.set(place + made.length() as usize, &tag).ok_or(Error::GONE)?;
            }
            release_chunk(plan, made);
            done += chunk.input.len().min(chunk.output.len());
            report(progress, done, plan.plaintext_len()).await?;
        }
        Ok(())
    }

    /// Ciphertext and its tag, or plaintext.
    fn chunk(&self, chunk: &Chunk, input: &Uint8Array) -> Result<(Uint8Array, Option<Uint8Array>), Error> {
        let lacking = |_| Error::Unsupported("cipher in Node");
        let (module, name, key) = (&self.module.0, &self.name, &self.key);
        match self.direction {
            Direction::Seal => {
                let running = module.sealing(name, key, chunk.nonce()).map_err(lacking)?;
                running.set_associated_data(chunk.associated_data()).map_err(lacking)?;
                let made = running.update(input).map_err(lacking)?;
                running.end().map_err(lacking)?;
                Ok((made, Some(running.tag().map_err(lacking)?)))
            }
            Direction::Open => {
                let end = input.length().checked_sub(Mode::TAG_LEN as u32).ok_or(Error::DecryptionFailed)?;
                let running = module.opening(name, key, chunk.nonce()).map_err(lacking)?;
                running.set_associated_data(chunk.associated_data()).map_err(lacking)?;
                running.set_tag(&input.subarray(end, input.length())).map_err(lacking)?;
                let made = running.update(&input.subarray(0, end)).map_err(lacking)?;
                running.end().map_err(|_| Error::DecryptionFailed)?;
                Ok((made, None))
            }
        }
    }
}

impl Drop for Gcm<'_> {
    fn drop(&mut self) {
        self.key.fill(0, 0, self.key.length());
    }
}

/// A cipher under way.
pub struct Cfb(JsValue);

impl Cfb {
    /// Puts everything through it, into `output` from `offset` on.
    pub async fn run(
        self,
        input: impl Fn(Range<usize>) -> Option<Uint8Array>,
        length: usize,
        output: &JsOctets,
        offset: usize,
        progress: &mut dyn Progress,
    ) -> Result<(), Error> {
        for start in (0..length).step_by(PIECE) {
            let end = length.min(start + PIECE);
            let piece = input(start..end).ok_or(Error::GONE)?;
            let made = call(&self.0, "update", &[piece.into()]).map_err(|_| Error::Unsupported("cipher in Node"))?;
            let made: Uint8Array = made.dyn_into().map_err(|_| Error::Unsupported("cipher in Node"))?;
            if made.length() as usize != end - start {
                return Err(Error::Unsupported("cipher in Node"));
            }
            output.set(offset + start, &made).ok_or(Error::GONE)?;
            report(progress, end, length).await?;
        }
        Ok(())
    }
}

fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    method.apply(object, &arguments.iter().collect::<Array>())
}
