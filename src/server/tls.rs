//! TLS: the listener's certificate, which is read again when it changes, and what keys are fetched with.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// The files of a certificate and of its key.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate, then those who vouch for it, as PEM.
    pub certificate: PathBuf,
    /// The private key, as PEM.
    pub key: PathBuf,
}

/// The listener's certificate as its files say.
pub(super) struct Certificate {
    files: TlsFiles,
    state: Mutex<State>,
}

struct State {
    acceptor: TlsAcceptor,
    /// The files as they were last looked at, good or not.
    seen: [Option<Stamp>; 2],
}

/// What changes with a file: a file that another took the place of is told by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    number: u64,
}

// === impl TlsFiles ===

impl TlsFiles {
    fn acceptor(&self) -> Result<TlsAcceptor, String> {
        let chain = certificates(&self.certificate)?;
        let at = |what: &dyn std::fmt::Display| format!("{}: {what}", self.key.display());
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| at(&error))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| at(&error))?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    fn stamps(&self) -> [Option<Stamp>; 2] {
        [&self.certificate, &self.key].map(|file| {
            let file = fs::metadata(file).ok()?;
            let modified = file.modified().ok();
            Some(Stamp { modified, length: file.len(), number: file.ino() })
        })
    }
}

// === impl Certificate ===

impl Certificate {
    /// Reads a certificate and its key, which have to fit.
    pub(super) fn read(files: TlsFiles) -> Result<Self, String> {
        let seen = files.stamps();
        let acceptor = files.acceptor()?;
        Ok(Self { files, state: Mutex::new(State { acceptor, seen }) })
    }

    /// What takes a connection, by the files as they are now. Files that are no good change nothing.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        // Two looks at files are little beside a handshake, and the next connection sees what has changed.
        let stamps = self.files.stamps();
        let mut state = self.state();
        if state.seen != stamps {
            // Once for each change, whether it was good or not.
            state.seen = stamps;
            match self.files.acceptor() {
                Ok(acceptor) => {
                    tracing::info!("the certificate has changed");
                    state.acceptor = acceptor;
                }
                Err(error) => {
                    tracing::error!(error, "the old certificate stays: the new one is no good")
                }
            }
        }
        state.acceptor.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection to a server that proves to be the host, by a CA of our own or by those that browsers trust.
pub(super) async fn connect(
    host: &str,
    stream: TcpStream,
    ca: Option<&Path>,
) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    match ca {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(ca) => {
            for certificate in certificates(ca).map_err(io::Error::other)? {
                roots.add(certificate).map_err(io::Error::other)?;
            }
        }
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let host = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    TlsConnector::from(Arc::new(config)).connect(host, stream).await
}

/// The certificates of a PEM file, of which there has to be one.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let at = |what: &dyn std::fmt::Display| format!("{}: {what}", file.display());
    let all = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let all = all.map_err(|error| at(&error))?;
    if all.is_empty() { Err(at(&"no certificate")) } else { Ok(all) }
}
