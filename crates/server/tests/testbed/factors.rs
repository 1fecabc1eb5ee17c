//! Second factors of accounts: an app that makes codes, and logins that take more than the password.

use super::passwords::{PASSWORD, choose};
use super::{Bed, Clock, Reply};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

pub const TOTP: &str = "/api/v1/account/totp";
pub const CODES: &str = "/api/v1/account/recovery-codes";
pub const FACTORS: &str = "/api/v1/account/factors";

/// An app that was given a secret.
pub struct AuthenticatorApp(Totp);

impl AuthenticatorApp {
    pub fn new(base32: &str) -> Self {
        Self(Builder::new().with_secret(Secret::try_from_base32(base32).unwrap()).build().unwrap())
    }

    /// What it shows at this time.
    pub fn code_at(&self, time: i64) -> String {
        self.0.generate(time.try_into().unwrap()).to_string()
    }

    /// What it shows now.
    pub fn code(&self, bed: &Bed) -> Value {
        json!({"code": self.code_at(bed.clock.now().as_unix())})
    }
}

/// An account with an app.
pub struct Enrolled {
    pub app: AuthenticatorApp,
    /// Base32.
    pub secret: String,
    pub recovery_codes: Vec<String>,
    /// A session that is logged in.
    pub cookie: String,
}

impl Bed {
    /// An account with an app, made on the way. Its codes are good again from the next step on, which has begun.
    pub async fn enrolled(&self, address: &str) -> Enrolled {
        let cookie = self.login(address).await;
        let (app, secret, added) = self.enrol(&cookie).await;
        assert_eq!(added.status, 200, "{}", added.text());
        let recovery_codes = serde_json::from_value(added.json()["recoveryCodes"].clone()).unwrap();
        self.pass(30);
        Enrolled { app, secret, recovery_codes, cookie }
    }

    /// Sets an app up in this session; the answer to its first code.
    pub async fn enrol(&self, cookie: &str) -> (AuthenticatorApp, String, Reply) {
        let started = self.call("POST", "/api/v1/account/totp/start").cookie(cookie).send().await;
        assert_eq!(started.status, 200, "{}", started.text());
        let secret = started.json()["secret"].as_str().unwrap().to_owned();
        let app = AuthenticatorApp::new(&secret);
        let added = self.call("PUT", TOTP).cookie(cookie).json(&app.code(self)).send().await;
        (app, secret, added)
    }

    /// A session that waits for a second factor.
    pub async fn pending(&self, address: &str) -> String {
        let reply = self.log_in(address, PASSWORD).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json()["pending"]),
            (200, &json!("second-factor")),
            "{}",
            reply.text()
        );
        reply.cookie().unwrap()
    }

    pub async fn enter(&self, path: &str, cookie: &str, code: &Value) -> Reply {
        self.call("POST", path).cookie(cookie).json(code).send().await
    }

    pub async fn enter_totp(&self, cookie: &str, code: &Value) -> Reply {
        self.enter("/api/v1/session/totp", cookie, code).await
    }

    pub async fn enter_recovery_code(&self, cookie: &str, code: &str) -> Reply {
        self.enter("/api/v1/session/recovery-code", cookie, &json!({"code": code})).await
    }

    /// Who is logged in with this cookie: `""` for nobody, else what the session waits for, or `"full"`.
    pub async fn standing(&self, cookie: &str) -> String {
        let reply = self.call("GET", "/api/v1/session").cookie(cookie).send().await;
        if reply.status == 204 {
            return String::new();
        }
        reply.json()["pending"].as_str().unwrap_or("full").to_owned()
    }

    /// The answer to a change of the password.
    pub async fn change_password(&self, cookie: &str, address: &str, old: &str, new: &str) -> Reply {
        let (choosing, body) = choose(new);
        let answer = self.call("POST", "/api/v1/account/password/start").cookie(cookie).json(&body).send().await;
        let mut change = self.all_but_proved(cookie, address, old).await;
        super::merge(&mut change, choosing.end(&answer.json()));
        self.call("PUT", "/api/v1/account/password").cookie(cookie).json(&change).send().await
    }

    /// Proves once more who is logged in, with the password and this code.
    pub async fn confirm_session(&self, cookie: &str, address: &str, code: Option<Value>) -> Reply {
        let mut end = self.all_but_proved(cookie, address, PASSWORD).await;
        if let Some(code) = code {
            super::merge(&mut end, code);
        }
        self.call("POST", "/api/v1/session/confirm").cookie(cookie).json(&end).send().await
    }
}
