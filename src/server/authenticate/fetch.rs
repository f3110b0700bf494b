//! The bytes of a set of keys, from a file or over HTTP.
//!
//! One GET, by hand: no redirect is followed, and there is no more of an answer than the limit allows.

use std::error::Error;
use std::path::Path;

use http::header::{ACCEPT, HOST, USER_AGENT};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::config::{Jwks, KEYS_BYTES, KEYS_TIMEOUT};
use crate::server::tls;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What stands there now.
pub(super) async fn fetch(jwks: &Jwks) -> Result<Vec<u8>> {
    match jwks {
        Jwks::File(path) => timeout(KEYS_TIMEOUT, file(path)).await?,
        Jwks::Url { url, ca } => timeout(KEYS_TIMEOUT, get(url, ca.as_deref())).await?,
    }
}

async fn file(path: &Path) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let limit = u64::try_from(KEYS_BYTES)? + 1;
    tokio::fs::File::open(path).await?.take(limit).read_to_end(&mut text).await?;
    if text.len() > KEYS_BYTES { Err("too large".into()) } else { Ok(text) }
}

async fn get(url: &Uri, ca: Option<&Path>) -> Result<Vec<u8>> {
    let secure = url.scheme_str() == Some("https");
    let host = url.host().ok_or("no host")?.trim_start_matches('[').trim_end_matches(']');
    let port = url.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let stream = TcpStream::connect((host, port)).await?;
    if secure {
        ask(url, tls::connect(host, stream, ca).await?).await
    } else {
        ask(url, stream).await
    }
}

async fn ask<S>(url: &Uri, stream: S) -> Result<Vec<u8>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends with this call, however that ends.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::get(path)
        .header(HOST, url.authority().ok_or("no host")?.as_str())
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, concat!("precinct/", env!("CARGO_PKG_VERSION")))
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    if response.status() != StatusCode::OK {
        return Err(format!("answered {}", response.status()).into());
    }
    let body = Limited::new(response.into_body(), KEYS_BYTES).collect().await?;
    Ok(body.to_bytes().into())
}
