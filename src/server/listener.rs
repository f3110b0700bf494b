//! The socket: accepts connections and runs HTTP/2 on them.
//!
//! Our own loop on hyper, since tonic's cannot cut a peer that never opens HTTP/2, leaves protections of h2
//! switched off, and waits for open streams for ever when it stops.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, Chain, Join, ReadHalf, WriteHalf};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::server::TlsStream;
use tokio_util::task::TaskTracker;
use tonic::body::Body;
use tonic::service::Routes;

use super::tls::Certificate;
use super::{Closed, Server};
use crate::repository::Store;
use crate::secret::Secrets;

/// What every HTTP/2 connection opens with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long to wait when no connection can be accepted, as when file descriptors have run out.
const BACK_OFF: Duration = Duration::from_millis(100);

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// What a peer sends, after the preface again, and where answers go.
type Io<R, W> = Join<Chain<&'static [u8], R>, W>;

/// A connection whose peer has opened HTTP/2.
enum Opened {
    Plain(Io<OwnedReadHalf, OwnedWriteHalf>),
    Tls(Io<ReadHalf<TlsStream<TcpStream>>, WriteHalf<TlsStream<TcpStream>>>),
}

// === impl Server ===

impl Server {
    /// Serves other routes than the API: what the way of a call costs by itself.
    #[doc(hidden)]
    pub async fn serve_only(
        self,
        routes: Routes,
        (store, secrets): (Store, Secrets),
        listener: TcpListener,
    ) {
        self.0.closed.get_or_init(|| Closed::new(routes, store, secrets, self.0.config.work));
        self.listen(listener, None, TaskTracker::new()).await;
    }

    /// Accepts connections until the server stops; those that there are then finish their calls.
    pub(super) async fn listen(
        self,
        listener: TcpListener,
        certificate: Option<Arc<Certificate>>,
        connections: TaskTracker,
    ) {
        let room = Arc::new(Semaphore::new(self.0.config.connections));
        loop {
            let accept = async {
                let place = room.clone().acquire_owned().await;
                (place, listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                accepted = accept => accepted,
                () = self.0.stop.cancelled() => return,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(BACK_OFF).await;
                    continue;
                }
            };
            let (server, certificate) = (self.clone(), certificate.clone());
            connections.spawn(async move {
                if let Err(error) = server.connection(stream, certificate).await {
                    tracing::debug!(error, "a connection ended badly");
                }
                drop(place);
            });
        }
    }

    async fn connection(
        self,
        stream: TcpStream,
        certificate: Option<Arc<Certificate>>,
    ) -> Result<(), Failed> {
        // One timeout for all that a peer does before its first call, the handshake of TLS included.
        let patience = self.0.config.preface_timeout;
        tokio::select! {
            () = self.0.stop.cancelled() => Ok(()),
            opened = timeout(patience, open(stream, certificate)) => match opened?? {
                Opened::Plain(io) => self.serve(io).await,
                Opened::Tls(io) => self.serve(io).await,
            },
        }
    }

    async fn serve(self, io: impl AsyncRead + AsyncWrite + Send + Unpin) -> Result<(), Failed> {
        let config = &self.0.config;
        let service = service_fn(|request: http::Request<Incoming>| {
            let server = self.clone();
            async move { Ok::<_, Infallible>(server.handle(request.map(Body::new)).await) }
        });
        let mut connection = pin!(http2_settings().serve_connection(TokioIo::new(io), service));
        // A tenth either way, so that connections made together do not come back together.
        let age = config.connection_age.mul_f64(rand::random_range(0.9..1.1));
        tokio::select! {
            ended = connection.as_mut() => return Ok(ended?),
            () = sleep(age) => {}
            () = self.0.stop.cancelled() => {}
        }
        connection.as_mut().graceful_shutdown();
        Ok(timeout(config.connection_grace, connection).await??)
    }
}

/// Waits for the peer to open HTTP/2; hyper would wait for ever.
async fn open(stream: TcpStream, certificate: Option<Arc<Certificate>>) -> io::Result<Opened> {
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(60));
    SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    match certificate {
        None => {
            let (mut reader, writer) = stream.into_split();
            preface(&mut reader).await?;
            Ok(Opened::Plain(tokio::io::join(PREFACE.chain(reader), writer)))
        }
        Some(certificate) => {
            let stream = certificate.acceptor().accept(stream).await?;
            let (mut reader, writer) = tokio::io::split(stream);
            preface(&mut reader).await?;
            Ok(Opened::Tls(tokio::io::join(PREFACE.chain(reader), writer)))
        }
    }
}

/// Takes the preface; hyper wants to see it too.
async fn preface(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
    let mut preface = [0; PREFACE.len()];
    reader.read_exact(&mut preface).await?;
    if preface == *PREFACE { Ok(()) } else { Err(io::Error::other("not HTTP/2")) }
}

fn http2_settings() -> http2::Builder<TokioExecutor> {
    let mut http2 = http2::Builder::new(TokioExecutor::new());
    http2
        .timer(TokioTimer::new())
        .max_concurrent_streams(256)
        // Peers that provoke resets, theirs (rapid reset) or ours, lose the connection.
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(256)
        // Tokens and baggage are large.
        .max_header_list_size(64 * 1024)
        // A peer that vanished is found out.
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    http2
}
