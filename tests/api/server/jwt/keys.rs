//! The keys of an issuer over time.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use precinct::config::{KEYS_BYTES, KEYS_MAX_AGE, KEYS_REFRESH, KEYS_RETRY, KEYS_UNKNOWN};
use serde_json::json;

use super::{Door, REFUSED, at_once, parse};
use crate::support::tokens::{AUDIENCE, ISSUER, Key, claims, jwks};

const UNAVAILABLE: &str = "Unavailable / KEYS_UNAVAILABLE";

/// An identity provider that counts how often it is asked.
#[derive(Clone, Default)]
struct Provider {
    /// What it answers; nothing when it is out of order.
    keys: Arc<Mutex<Option<String>>>,
    asked: Arc<AtomicUsize>,
}

impl Provider {
    fn serves(&self, keys: &[&Key]) {
        *self.keys.lock().unwrap() = Some(jwks(keys));
    }

    fn fails(&self) {
        *self.keys.lock().unwrap() = None;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    async fn answer(State(provider): State<Self>) -> impl IntoResponse {
        provider.asked.fetch_add(1, Ordering::SeqCst);
        let keys = provider.keys.lock().unwrap().clone();
        keys.ok_or(StatusCode::SERVICE_UNAVAILABLE)
    }

    /// A server that knows it.
    async fn door(&self, path: &str) -> Arc<Door> {
        let moved = (StatusCode::FOUND, [(header::LOCATION, "/jwks")]);
        let router = Router::new()
            .route("/jwks", get(Self::answer))
            .route("/moved", get(async move || moved.clone()))
            .with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}{path}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let folder = tempfile::tempdir().unwrap();
        let issuer = json!({ "issuer": ISSUER, "audiences": [AUDIENCE], "jwks": url });
        let issuers = parse(&[issuer], folder.path());
        Arc::new(Door::over(folder, issuers, false).await)
    }
}

/// A token that outlives the tests' clocks.
fn lasting(key: &Key) -> String {
    let exp = claims()["exp"].as_i64().unwrap() + 24 * 3_600;
    key.saying(&json!({ "exp": exp }))
}

/// H-01: a key that is new is found with one fetch, and one that is gone is good no more.
#[tokio::test]
async fn h_01_rotation() {
    let (old, new) = (Key::es256("old"), Key::es256("new"));
    let provider = Provider::default();
    provider.serves(&[&old]);
    let door = provider.door("/jwks").await;
    assert_eq!(door.judge(&old.good()).await, "Ok");
    assert_eq!(provider.asked(), 1);
    provider.serves(&[&new]);
    assert_eq!(door.judge(&new.good()).await, "Ok");
    assert_eq!(door.judge(&new.good()).await, "Ok");
    assert_eq!(provider.asked(), 2);
    assert_eq!(door.judge(&old.good()).await, REFUSED);
    assert_eq!(provider.asked(), 2);
}

/// H-01: calls that come together wait for one fetch.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h_01_one_fetch_for_all() {
    let (old, new) = (Key::es256("old"), Key::es256("new"));
    let provider = Provider::default();
    provider.serves(&[&old]);
    let door = provider.door("/jwks").await;
    let tokens = |key: &Key| (0..50).map(|n| key.saying(&json!({ "n": n }))).collect();
    assert!(at_once(&door, tokens(&old)).await.iter().all(|answer| answer == "Ok"));
    assert_eq!(provider.asked(), 1);
    provider.serves(&[&old, &new]);
    assert!(at_once(&door, tokens(&new)).await.iter().all(|answer| answer == "Ok"));
    assert_eq!(provider.asked(), 2);
}

/// H-01: keys that nobody has do not become calls to the provider.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h_01_a_storm_of_unknown_keys() {
    let key = Key::es256("k");
    let provider = Provider::default();
    provider.serves(&[&key]);
    let door = provider.door("/jwks").await;
    assert_eq!(door.judge(&key.good()).await, "Ok");
    let storm = |kind: &str| -> Vec<String> {
        (0..100).map(|n| key.headed(&json!({ "kid": format!("{kind}{n}") }))).collect()
    };
    assert!(at_once(&door, storm("a")).await.iter().all(|answer| answer == REFUSED));
    assert_eq!(provider.asked(), 2, "one for the storm");
    door.clock.advance(KEYS_UNKNOWN - Duration::from_secs(1));
    assert!(at_once(&door, storm("b")).await.iter().all(|answer| answer == REFUSED));
    assert_eq!(provider.asked(), 2, "none within the time");
    door.clock.advance(Duration::from_secs(1));
    assert!(at_once(&door, storm("c")).await.iter().all(|answer| answer == REFUSED));
    assert_eq!(provider.asked(), 3, "one after it");
    assert_eq!(door.judge(&key.good()).await, "Ok");
}

/// H-01: keys outlive their provider, but not for ever.
#[tokio::test]
async fn h_01_outage() {
    let key = Key::es256("k");
    let provider = Provider::default();
    provider.serves(&[&key]);
    let door = provider.door("/jwks").await;
    let token = lasting(&key);
    assert_eq!(door.judge(&token).await, "Ok");
    provider.fails();
    door.clock.advance(KEYS_REFRESH);
    assert_eq!(door.judge(&token).await, "Ok");
    door.clock.advance(KEYS_MAX_AGE - KEYS_REFRESH - Duration::from_secs(10));
    assert_eq!(door.judge(&token).await, "Ok");
    door.clock.advance(Duration::from_secs(10));
    assert_eq!(door.judge(&token).await, UNAVAILABLE, "one that is remembered");
    assert_eq!(door.judge(&key.saying(&json!({ "n": 1 }))).await, UNAVAILABLE, "a new one");
    // A token of nobody is refused as such all the same.
    assert_eq!(door.judge(&key.saying(&json!({ "iss": "nobody" }))).await, REFUSED);
    provider.serves(&[&key]);
    door.clock.advance(KEYS_RETRY);
    assert_eq!(door.judge(&token).await, "Ok");
}

/// H-01: a provider that was never there is not asked with each call.
#[tokio::test]
async fn h_01_no_keys_from_the_start() {
    let key = Key::es256("k");
    let provider = Provider::default();
    let door = provider.door("/jwks").await;
    for _ in 0..10 {
        assert_eq!(door.judge(&key.good()).await, UNAVAILABLE);
    }
    assert_eq!(provider.asked(), 1);
    provider.serves(&[&key]);
    door.clock.advance(KEYS_RETRY);
    assert_eq!(door.judge(&key.good()).await, "Ok");
}

/// H-01: an answer that is no set of keys is as good as none, and a redirect leads nowhere.
#[tokio::test]
async fn h_01_odd_answers() {
    let key = Key::es256("k");
    for answer in
        [String::new(), "<html>".into(), "{}".into(), " ".repeat(KEYS_BYTES) + &jwks(&[&key])]
    {
        let provider = Provider::default();
        *provider.keys.lock().unwrap() = Some(answer);
        assert_eq!(provider.door("/jwks").await.judge(&key.good()).await, UNAVAILABLE);
        assert_eq!(provider.asked(), 1);
    }
    let provider = Provider::default();
    provider.serves(&[&key]);
    assert_eq!(provider.door("/moved").await.judge(&key.good()).await, UNAVAILABLE);
    assert_eq!(provider.asked(), 0);
}

/// H-01: keys in a file are read again when they have changed, and what the old ones verified is forgotten.
#[tokio::test]
async fn h_01_keys_in_a_file() {
    let (old, new) = (Key::es256("old"), Key::es256("new"));
    let door = Door::of(&[&old]).await;
    let token = lasting(&old);
    assert_eq!(door.judge(&token).await, "Ok");
    let file = door.folder.path().join("keys.json");
    fs::write(&file, jwks(&[&new])).unwrap();
    door.clock.advance(precinct::config::KEYS_FILE_CHECK);
    assert_eq!(door.judge(&token).await, REFUSED);
    assert_eq!(door.judge(&new.good()).await, "Ok");
    // A file that is broken changes nothing.
    fs::write(&file, "{").unwrap();
    door.clock.advance(precinct::config::KEYS_FILE_CHECK);
    assert_eq!(door.judge(&new.good()).await, "Ok");
}

/// H-01: a key of another that took the id of a good one verifies nothing that the good one signed.
#[tokio::test]
async fn h_01_an_id_that_changed_hands() {
    let (old, new) = (Key::es256("k"), Key::es256("k"));
    let door = Door::of(&[&old]).await;
    let token = lasting(&old);
    assert_eq!(door.judge(&token).await, "Ok");
    fs::write(door.folder.path().join("keys.json"), jwks(&[&new])).unwrap();
    door.clock.advance(precinct::config::KEYS_FILE_CHECK);
    assert_eq!(door.judge(&token).await, REFUSED);
    assert_eq!(door.judge(&new.good()).await, "Ok");
}
