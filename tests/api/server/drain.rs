//! The end of a server.

use futures_util::StreamExt;

use crate::support::process::{Process, Seen};

/// An open stream does not hold the process: balancers are told, the stream is ended, the process leaves.
#[tokio::test]
async fn a_signal_ends_the_server_in_order() {
    let server = Process::start(&["--drain-delay", "100ms", "--shutdown-grace", "60s"]);
    server.ready().await;
    let mut changes = server.watch().await;
    assert_eq!(changes.next().await, Some(Seen::Serving));
    server.signal("TERM");
    assert_eq!(changes.next().await, Some(Seen::NotServing));
    let ended = Seen::Ended("Unavailable / SHUTTING_DOWN".into());
    assert_eq!(changes.next().await, Some(ended));
    assert_eq!(server.exit().await.code(), Some(0));
}

/// Somebody who insists does not have to wait.
#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let server = Process::start(&["--drain-delay", "60m"]);
    server.ready().await;
    let mut changes = server.watch().await;
    assert_eq!(changes.next().await, Some(Seen::Serving));
    server.signal("INT");
    assert_eq!(changes.next().await, Some(Seen::NotServing));
    server.signal("INT");
    assert_eq!(server.exit().await.code(), Some(130));
}
