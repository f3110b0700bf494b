//! TLS on the listener.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::CertifiedKey;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::support::process::{Process, precinct};

/// A server, and where its certificate is.
struct Secure {
    server: Process,
    folder: PathBuf,
}

// === impl Secure ===

impl Secure {
    /// A server with a new certificate, which vouches for itself.
    fn start(more: &[&str]) -> (Self, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let ca = certify(&path);
        let [chain, key] =
            ["chain.pem", "key.pem"].map(|name| path.join(name).display().to_string());
        let arguments = [&["--tls-cert", &chain, "--tls-key", &key], more].concat();
        let server = Process::logging(folder, &arguments);
        (Self { server, folder: path }, ca)
    }

    /// A new connection, if the server proves to be who it should.
    async fn connect(&self, ca: &str) -> Option<HealthClient<Channel>> {
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(ca));
        let address = format!("https://{}", self.server.address);
        let endpoint = Endpoint::from_shared(address).unwrap().tls_config(tls).unwrap();
        endpoint.connect().await.ok().map(HealthClient::new)
    }

    fn raw(&self) -> TcpStream {
        let peer = TcpStream::connect(&self.server.address).unwrap();
        // So that a server which does not cut the peer fails the test instead of holding it.
        peer.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        peer
    }

    fn health(&self, address: &str, more: &[&str]) -> Option<i32> {
        let mut health = precinct();
        health.args(["health", "--service", "liveness", "--address", address]).args(more);
        health.output().unwrap().status.code()
    }
}

/// Puts a new certificate and its key into a folder, at once as far as readers can tell.
fn certify(folder: &Path) -> String {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names).unwrap();
    replace(&folder.join("key.pem"), &signing_key.serialize_pem());
    replace(&folder.join("chain.pem"), &cert.pem());
    cert.pem()
}

fn replace(file: &Path, text: &str) {
    let new = file.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(new, file).unwrap();
}

fn is_cut(mut peer: TcpStream) -> bool {
    match peer.read_to_end(&mut Vec::new()) {
        Ok(_) => true,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

async fn lives(client: &mut HealthClient<Channel>) -> bool {
    client.check(HealthCheckRequest { service: "liveness".into() }).await.is_ok()
}

/// New connections get the new certificate, those that are there go on, and one that is no good is not taken.
#[tokio::test]
async fn certificates_are_exchanged_while_serving() {
    let (secure, first) = Secure::start(&[]);
    let mut old = secure.connect(&first).await.expect("a connection");
    assert!(lives(&mut old).await);

    let second = certify(&secure.folder);
    assert!(secure.connect(&first).await.is_none(), "the old certificate is not shown any more");
    let mut new = secure.connect(&second).await.expect("a connection");
    assert!(lives(&mut new).await && lives(&mut old).await);

    // Half of a new pair, then something else.
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    replace(&secure.folder.join("key.pem"), &other.signing_key.serialize_pem());
    assert!(secure.connect(&second).await.is_some());
    assert!(secure.server.log().contains("the old certificate stays"));
    replace(&secure.folder.join("chain.pem"), "no certificate");
    assert!(secure.connect(&second).await.is_some());
    fs::remove_file(secure.folder.join("chain.pem")).unwrap();
    assert!(secure.connect(&second).await.is_some());

    let third = certify(&secure.folder);
    assert!(secure.connect(&third).await.is_some());
}

/// Who does not open TLS, or does not go on, is cut.
#[test]
fn plain_text_and_silence_are_cut() {
    let (secure, _) = Secure::start(&["--preface-timeout", "50ms"]);
    let mut plain = secure.raw();
    plain.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    assert!(is_cut(plain));
    assert!(is_cut(secure.raw()), "who says nothing");
    let mut half = secure.raw();
    half.write_all(&[0x16, 3, 1, 2, 0, 1]).unwrap();
    assert!(is_cut(half), "who stops in the handshake");
}

/// The commands reach it, by a CA of one's own.
#[test]
fn health_over_tls() {
    let (secure, ca) = Secure::start(&[]);
    let file = secure.folder.join("ca.pem");
    fs::write(&file, ca).unwrap();
    let trust = ["--ca", file.to_str().unwrap()];
    let (_, port) = secure.server.address.rsplit_once(':').unwrap();
    let named = format!("https://localhost:{port}");
    assert_eq!(secure.health(&named, &trust), Some(0));
    assert_eq!(secure.health(&format!("https://{}", secure.server.address), &trust), Some(0));
    assert_eq!(secure.health(&named, &[]), Some(5), "nobody vouches for it");
    assert_eq!(secure.health(&secure.server.address, &[]), Some(5), "in plain text");
    assert_eq!(secure.health(&secure.server.address, &trust), Some(2), "a CA proves nothing there");
}
