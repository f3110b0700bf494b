//! A network that breaks: passes bytes on to a server, and cuts its first connections short.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, copy};
use tokio::net::{TcpListener, TcpStream};

/// A way to a server.
pub struct Proxy {
    /// Where it listens.
    pub address: String,
    connections: Arc<AtomicUsize>,
}

/// What a connection lets through before it is cut, in bytes.
#[derive(Clone, Copy)]
pub struct Cut {
    pub up: u64,
    pub down: u64,
}

const WHOLE: Cut = Cut { up: u64::MAX, down: u64::MAX };

// === impl Proxy ===

impl Proxy {
    /// A way to a server whose first connections are cut.
    pub async fn cutting(server: &str, times: usize, cut: Cut) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let connections = Arc::new(AtomicUsize::new(0));
        let (server, count) = (server.to_owned(), connections.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let cut = if count.fetch_add(1, Ordering::SeqCst) < times { cut } else { WHOLE };
                let server = TcpStream::connect(&server).await.expect("the server accepts");
                tokio::spawn(pass(client, server, cut));
            }
        });
        Self { address, connections }
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Passes bytes on until one direction ends; both sockets close then.
async fn pass(client: TcpStream, server: TcpStream, cut: Cut) {
    let (from_client, mut to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let (mut up, mut down) = (from_client.take(cut.up), from_server.take(cut.down));
    tokio::select! {
        _ = copy(&mut up, &mut to_server) => {}
        _ = copy(&mut down, &mut to_client) => {}
    }
}
