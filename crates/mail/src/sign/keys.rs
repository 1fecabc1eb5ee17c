//! The two keys of a server, and what they sign.

use crate::canonical::trimmed;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use idna::AsciiDenyList;
use mail_auth::common::crypto::{Algorithm, Ed25519Key, RsaKey, Sha256, SigningKey};
use mail_auth::common::headers::{HeaderWriter, Writable};
use mail_auth::dkim::DkimSigner;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::Digest;
use zeroize::Zeroizing;

/// What is signed. A name that stands here twice is signed once more than it is there, so that nobody adds one (RFC 6376 §8.15); the
/// others may be added, as mailing lists do.
const FIELDS: [&str; 23] = [
    "From",
    "From",
    "Reply-To",
    "Reply-To",
    "To",
    "To",
    "Cc",
    "Cc",
    "Subject",
    "Subject",
    "Date",
    "Date",
    "Message-ID",
    "Message-ID",
    "MIME-Version",
    "MIME-Version",
    "Content-Type",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Transfer-Encoding",
    "In-Reply-To",
    "References",
    "TLS-Required",
];

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----\n";
const END: &str = "-----END PRIVATE KEY-----\n";

/// Why there are no keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFailure {
    /// The system draws no key.
    #[error("no key could be drawn")]
    Generation,
    /// It is not what [`generate()`] makes.
    #[error("not an Ed25519 key and an RSA key of 2048 bits or more, in PEM (PKCS #8)")]
    Malformed,
}

/// Why a message is not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message cannot be signed: it has no header, or the domain is none")]
pub struct Unsignable;

/// Draws an Ed25519 key and an RSA key of 2048 bits (RFC 8301 §3.2): two blocks of PEM (PKCS #8), which [`SigningKeys::from_pem`] reads.
///
/// # Errors
/// [`KeyFailure::Generation`].
pub fn generate() -> Result<Zeroizing<String>, KeyFailure> {
    let ed25519 = Zeroizing::new(Ed25519Key::generate_pkcs8().map_err(|_| KeyFailure::Generation)?);
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyFailure::Generation)?;
    let rsa = AsDer::<Pkcs8V1Der<'_>>::as_der(&rsa).map_err(|_| KeyFailure::Generation)?;
    let mut text = Zeroizing::new(String::with_capacity(4096));
    for der in [ed25519.as_slice(), rsa.as_ref()] {
        let octets = Zeroizing::new(STANDARD.encode(der));
        text.push_str(BEGIN);
        let mut rest = octets.as_str();
        while let Some((line, after)) = rest.split_at_checked(64.min(rest.len())).filter(|(line, _)| !line.is_empty()) {
            text.push_str(line);
            text.push('\n');
            rest = after;
        }
        text.push_str(END);
    }
    Ok(text)
}

/// A key by the name under which DNS has its public part. The name is made from that part: a new key never goes by the name of an old one.
struct Named<K> {
    key: K,
    selector: String,
    record: String,
}

impl<K> Named<K> {
    fn new(key: K, kind: &str, public: &[u8]) -> Self {
        let hash = sha2::Sha256::digest(public);
        let start: String = hash.iter().take(4).map(|octet| format!("{octet:02x}")).collect();
        // Without `s=` it is for all services (RFC 6376 §3.6.1), reports on TLS among them: RFC 8460 §3 would have `tlsrpt` named, but some
        // verifiers know no list, and would refuse all mail for the sake of `email:tlsrpt`.
        let record = format!("v=DKIM1; k={kind}; p={}", STANDARD.encode(public));
        Self { key, selector: format!("{kind}-{start}"), record }
    }
}

/// The keys a server signs with.
pub struct SigningKeys {
    ed25519: Named<Ed25519Key>,
    rsa: Named<RsaKey<Sha256>>,
}

impl SigningKeys {
    /// Reads what [`generate()`] made.
    ///
    /// # Errors
    /// [`KeyFailure::Malformed`].
    pub fn from_pem(text: &[u8]) -> Result<Self, KeyFailure> {
        let malformed = |_| KeyFailure::Malformed;
        let mut blocks = PrivatePkcs8KeyDer::pem_slice_iter(text);
        let (Some(Ok(ed25519)), Some(Ok(rsa)), None) = (blocks.next(), blocks.next(), blocks.next()) else {
            return Err(KeyFailure::Malformed);
        };
        let ed25519 = Ed25519Key::from_pkcs8_maybe_unchecked_der(ed25519.secret_pkcs8_der())
            .map_err(|_| KeyFailure::Malformed)?;
        let pair = RsaKeyPair::from_pkcs8(rsa.secret_pkcs8_der()).map_err(|_| KeyFailure::Malformed)?;
        if pair.public_modulus_len() < 256 {
            return Err(KeyFailure::Malformed);
        }
        let rsa_public = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).map_err(malformed)?;
        let rsa = RsaKey::from_key_der(PrivateKeyDer::Pkcs8(rsa)).map_err(|_| KeyFailure::Malformed)?;
        let ed25519_public = ed25519.public_key();
        // RFC 8463 §4: the 32 octets. RFC 6376 §3.6.1 and its errata: a SubjectPublicKeyInfo.
        Ok(Self {
            ed25519: Named::new(ed25519, "ed25519", &ed25519_public),
            rsa: Named::new(rsa, "rsa", rsa_public.as_ref()),
        })
    }

    /// The two fields to be written on top of a message of this domain, with their line ends. The message has CR LF and nothing else.
    ///
    /// Reads the clock for `t=`. Costs two hashes of the message, and half a millisecond.
    ///
    /// # Errors
    /// [`Unsignable`].
    pub fn sign(&self, message: &[u8], domain: &str) -> Result<String, Unsignable> {
        let domain = idna::domain_to_ascii_cow(domain.as_bytes(), AsciiDenyList::URL).map_err(|_| Unsignable)?;
        if domain.is_empty() {
            return Err(Unsignable);
        }
        let body = message.windows(4).position(|four| four == b"\r\n\r\n").ok_or(Unsignable)? + 4;
        let trimmed = trimmed(message, body);
        let message = trimmed.as_deref().unwrap_or(message);
        // The one that more know is on top, as some look at the first alone.
        let rsa = signed(&self.rsa, message, &domain)?;
        Ok(rsa + &signed(&self.ed25519, message, &domain)?)
    }

    /// Where each key's public part is published below `_domainkey` of every domain that is signed for, and as what.
    pub fn records(&self) -> [(&str, &str); 2] {
        [(&self.ed25519.selector, &self.ed25519.record), (&self.rsa.selector, &self.rsa.record)]
    }
}

fn signed(named: &Named<impl SigningKey>, message: &[u8], domain: &str) -> Result<String, Unsignable> {
    let signer = DkimSigner::from_key(Borrowed(&named.key)).domain(domain).selector(&named.selector).headers(FIELDS);
    Ok(signer.sign(message).map_err(|_| Unsignable)?.to_header())
}

/// The library's signer wants a key of its own.
struct Borrowed<'k, K>(&'k K);

impl<K: SigningKey> SigningKey for Borrowed<'_, K> {
    type Hasher = K::Hasher;

    fn sign(&self, input: impl Writable) -> mail_auth::Result<Vec<u8>> {
        self.0.sign(input)
    }

    fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }
}
