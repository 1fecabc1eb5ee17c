//! Programs that act for an account with a token.

use super::Bed;
use serde_json::{Value, json};

pub const TOKENS: &str = "/api/v1/account/tokens";

/// What a program sends as `Authorization`.
pub fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

impl Bed {
    /// A token with these scopes, for a day, made in a session that was begun a moment ago.
    pub async fn token(&self, cookie: &str, scopes: &[&str]) -> String {
        self.token_for(cookie, scopes, 1).await
    }

    pub async fn token_for(&self, cookie: &str, scopes: &[&str], days: u32) -> String {
        let body = json!({"name": "A program", "scopes": scopes, "expiresInDays": days});
        let made = self.call("POST", TOKENS).cookie(cookie).json(&body).send().await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["token"].as_str().unwrap().to_owned()
    }

    /// The account's tokens, as it is told of them.
    pub async fn tokens(&self, cookie: &str) -> Vec<Value> {
        let reply = self.call("GET", TOKENS).cookie(cookie).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["tokens"].as_array().unwrap().clone()
    }

    /// How the server answers a program that asks for the list of envelopes.
    pub async fn answers_program(&self, token: &str) -> u16 {
        let call = self.call("GET", "/api/v1/envelopes").without("origin").header("authorization", &bearer(token));
        call.send().await.status.as_u16()
    }
}
