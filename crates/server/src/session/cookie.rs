//! The session cookie (RFC 6265bis): `__Host-`, so that no other host and no clear connection can set it.

use crate::storage::ABSOLUTE_SECONDS;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use envelock_wire::SessionId;
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

const NAME: &str = "__Host-envelock";

/// What the cookie holds: 256 random bits. Kept by the browser only; the server keeps its hash.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SessionToken([u8; 32]);

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

impl SessionToken {
    pub(crate) fn random() -> Self {
        let mut octets = [0; 32];
        rand::rngs::OsRng.fill_bytes(&mut octets);
        Self(octets)
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// What the owner calls the session by.
    pub fn id(&self) -> SessionId {
        session_id(&self.hash())
    }

    /// From the request's cookies; anything that is not a token counts as absent. Where a program says who it is (`request::program`),
    /// no cookie is looked at.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        if headers.contains_key(header::AUTHORIZATION) {
            return None;
        }
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == NAME)
            .and_then(|(_, value)| {
                let mut octets = [0; 32];
                let fits = value.len() == 43 && URL_SAFE_NO_PAD.decode_slice(value, &mut octets) == Ok(32);
                fits.then_some(Self(octets))
            })
    }
}

/// Made from what is stored: nobody gets from it to that, and less to the token.
pub(super) fn session_id(token_hash: &[u8; 32]) -> SessionId {
    SessionId::from_octets(Sha256::digest(token_hash).into())
}

/// Value of `Set-Cookie` at login.
pub fn set_cookie(token: &SessionToken) -> String {
    let value = URL_SAFE_NO_PAD.encode(token.0);
    format!("{NAME}={value}; Path=/; Max-Age={ABSOLUTE_SECONDS}; Secure; HttpOnly; SameSite=Strict")
}

/// Value of `Set-Cookie` at logout.
pub fn clear_cookie() -> String {
    format!("{NAME}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    fn read(cookies: &str) -> Option<SessionToken> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookies.parse().unwrap());
        SessionToken::from_headers(&headers)
    }

    #[test]
    fn finds_its_cookie_among_others() {
        let token = SessionToken::random();
        let set = set_cookie(&token);
        let pair = set.split(';').next().unwrap();
        assert_eq!(read(&format!("a=b; {pair}; c=d")).unwrap().hash(), token.hash());
    }

    #[test]
    fn beside_what_a_program_says_there_is_no_cookie() {
        let pair = set_cookie(&SessionToken::random()).split(';').next().unwrap().to_owned();
        for said in ["Bearer x", "Basic YTpi", ""] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, pair.parse().unwrap());
            assert!(SessionToken::from_headers(&headers).is_some());
            headers.insert(header::AUTHORIZATION, said.parse().unwrap());
            assert!(SessionToken::from_headers(&headers).is_none(), "{said}");
        }
    }

    #[test]
    fn anything_else_is_no_session() {
        for cookies in [
            "",
            "__Host-envelock=",
            "__Host-envelock=abc",
            "envelock=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "__Host-envelock=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        ] {
            assert!(read(cookies).is_none(), "{cookies}");
        }
    }
}
