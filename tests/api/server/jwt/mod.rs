//! Callers by tokens.

mod accepted;
mod forged;
mod keys;
mod secure;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use precinct::clock::Clock;
use precinct::config::{Authentication, Issuer, ServerConfig};
use precinct::server::Server;
use serde_json::{Value, json};
use tempfile::TempDir;
use tonic::{Code, Status};

use super::raw::{EMPTY, SERVER_INFO, outcome, request, with};
use crate::support::status::reason;
use crate::support::tokens::{AUDIENCE, ISSUER, Key, changed, jwks};
use crate::support::{App, secrets};

/// A server that takes tokens, and what they are signed with.
struct Door {
    server: Server,
    clock: Clock,
    folder: TempDir,
    _app: App,
}

// === impl Door ===

impl Door {
    /// A server that knows one issuer, with keys in a file.
    async fn of(keys: &[&Key]) -> Self {
        Self::with(keys, &json!({}), false).await
    }

    /// The same, told more of the issuer, and whether to trust headers too.
    async fn with(keys: &[&Key], more: &Value, trusted_headers: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("keys.json"), jwks(keys)).expect("keys");
        let issuer = json!({ "issuer": ISSUER, "audiences": [AUDIENCE], "jwks": "keys.json" });
        let issuers = parse(&[changed(issuer, more)], folder.path());
        Self::over(folder, issuers, trusted_headers).await
    }

    async fn over(folder: TempDir, jwt: Vec<Issuer>, trusted_headers: bool) -> Self {
        let (app, clock) = (App::sqlite().await, Clock::default());
        let authentication =
            Authentication { trusted_headers, jwt, api_keys: false, clock: clock.clone() };
        let server = Server::new(ServerConfig { authentication, ..ServerConfig::default() });
        server.open(&app.store, &secrets());
        Self { server, clock, folder, _app: app }
    }

    /// What a call with these headers is answered. All calls have one id, so that answers can be compared.
    async fn answer(&self, headers: &[(&'static str, &str)]) -> Status {
        let mut call = with(request(SERVER_INFO, EMPTY), "x-request-id", "the call");
        for (name, value) in headers {
            call = with(call, name, value);
        }
        outcome(&self.server, call).await.1
    }

    /// What a call with a token is answered: `Ok`, or code and reason.
    async fn judge(&self, token: &str) -> String {
        let status = self.answer(&[("authorization", &format!("Bearer {token}"))]).await;
        if status.code() == Code::Ok { "Ok".into() } else { reason(&status) }
    }
}

const REFUSED: &str = "Unauthenticated / CREDENTIALS_REQUIRED";

fn parse(issuers: &[Value], folder: &Path) -> Vec<Issuer> {
    Issuer::parse(&json!(issuers).to_string(), folder).expect("issuers")
}

/// Runs a number of calls at the same time.
async fn at_once(door: &Arc<Door>, tokens: Vec<String>) -> Vec<String> {
    let calls = tokens.into_iter().map(|token| {
        let door = door.clone();
        tokio::spawn(async move { door.judge(&token).await })
    });
    let calls: Vec<_> = calls.collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.expect("no panic"));
    }
    answers
}
