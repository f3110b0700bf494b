//! Keys behind https, and providers that do not answer.

use std::fs;
use std::sync::Arc;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::{Door, parse};
use crate::support::status::reason;
use crate::support::tokens::{AUDIENCE, ISSUER, Key, changed, jwks};

const UNAVAILABLE: &str = "Unavailable / KEYS_UNAVAILABLE";

/// A provider over TLS: its port, and the certificate that it shows, which is for `localhost`.
async fn provider(keys: String) -> (u16, String) {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Fails where the client does not believe us.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4_096]).await.unwrap();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", keys.len());
            stream.write_all((head + &keys).as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    (port, certified.cert.pem())
}

/// H-01: keys over TLS come from who the CA says, or not at all.
#[tokio::test]
async fn h_01_keys_over_tls() {
    let key = Key::es256("k");
    let (port, ca) = provider(jwks(&[&key])).await;
    for (host, more, answer) in [
        ("localhost", json!({ "jwks_ca": "ca.pem" }), "Ok"),
        ("localhost", json!({}), UNAVAILABLE),
        ("127.0.0.1", json!({ "jwks_ca": "ca.pem" }), UNAVAILABLE),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), &ca).unwrap();
        let url = format!("https://{host}:{port}/jwks");
        let issuer = json!({ "issuer": ISSUER, "audiences": [AUDIENCE], "jwks": url });
        let issuers = parse(&[changed(issuer, &more)], folder.path());
        let door = Door::over(folder, issuers, false).await;
        assert_eq!(door.judge(&key.good()).await, answer, "{host}, {more}");
    }
}

/// H-10: a provider that does not answer takes no more of the caller's time than there is.
#[tokio::test]
async fn h_10_a_provider_that_hangs() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let issuer = json!({ "issuer": ISSUER, "audiences": [AUDIENCE], "jwks": url });
    let issuers = parse(&[issuer], folder.path());
    let door = Door::over(folder, issuers, false).await;
    let bearer = format!("Bearer {}", Key::es256("k").good());
    let status = door.answer(&[("authorization", &bearer), ("grpc-timeout", "20m")]).await;
    assert_eq!(reason(&status), "DeadlineExceeded / DEADLINE");
}
