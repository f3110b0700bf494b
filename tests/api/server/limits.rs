//! What is too much, or not a request at all.

use precinct::config::{Authentication, MESSAGE_BYTES, ServerConfig};
use precinct::server::Server;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

use super::raw::{EMPTY, SERVER_INFO, of_operator, outcome, refusal, with};
use crate::support::status::reason;
use crate::support::{App, secrets};

const TENANT: &str = "0192f0c1-0000-7000-8000-000000000001";

/// A frame that says how long its message is.
fn frame(compressed: bool, length: usize, message: &[u8]) -> Vec<u8> {
    let mut frame = vec![u8::from(compressed)];
    frame.extend_from_slice(&u32::try_from(length).expect("a length").to_be_bytes());
    frame.extend_from_slice(message);
    frame
}

/// H-06: tonic's own codes do not come through.
#[tokio::test]
async fn h_06_messages_too_large() {
    let app = App::sqlite().await;
    let large = of_operator(SERVER_INFO, frame(false, MESSAGE_BYTES + 1, &[]));
    assert_eq!(refusal(&app.server, large).await, "ResourceExhausted / MESSAGE_TOO_LARGE");
}

/// H-06: what cannot be decoded is the caller's fault, not ours.
#[tokio::test]
async fn h_06_malformed_bodies() {
    let app = App::sqlite().await;
    let bodies = [
        frame(false, 2, &[0xff, 0xff]),
        frame(false, 9, b"short"),
        frame(true, 0, &[]),
        vec![7, 0, 0, 0, 0],
        vec![],
    ];
    for body in bodies {
        let call = of_operator(SERVER_INFO, body.clone());
        let refused = refusal(&app.server, call).await;
        assert_eq!(refused, "InvalidArgument / MALFORMED_REQUEST", "{body:?}");
    }
}

/// H-06: an encoding that is not spoken, answered as gRPC's compression.md asks.
#[tokio::test]
async fn h_06_unknown_encodings() {
    let app = App::sqlite().await;
    let call = with(of_operator(SERVER_INFO, frame(true, 0, &[])), "grpc-encoding", "snappy");
    let (headers, status) = outcome(&app.server, call).await;
    assert_eq!(reason(&status), "Unimplemented / MALFORMED_REQUEST");
    assert!(headers["grpc-accept-encoding"].to_str().unwrap().contains("gzip"));
}

/// A full server refuses at once and says when to come back; probes still get their answer.
#[tokio::test]
async fn overload_is_refused() {
    let app = App::sqlite().await;
    let full = ServerConfig {
        in_flight: 0,
        authentication: Authentication::trusted_headers(),
        ..ServerConfig::default()
    };
    let full = Server::new(full);
    full.open(&app.store, &secrets());
    let (_, status) = outcome(&full, of_operator(SERVER_INFO, EMPTY)).await;
    assert_eq!(reason(&status), "ResourceExhausted / OVERLOADED");
    assert!(status.get_details_retry_info().is_some());
    HealthClient::new(full).check(HealthCheckRequest::default()).await.expect("an answer");
}

/// A tenant with too many calls in progress is refused; others are not.
#[tokio::test]
async fn a_tenant_has_its_share() {
    let app = App::sqlite().await;
    let config = ServerConfig {
        in_flight_per_tenant: 0,
        authentication: Authentication::trusted_headers(),
        ..ServerConfig::default()
    };
    let server = Server::new(config);
    server.open(&app.store, &secrets());
    let call = super::raw::request(SERVER_INFO, EMPTY);
    let call = with(with(call, "x-precinct-tenant", TENANT), "x-precinct-principal", "user:ann");
    assert_eq!(refusal(&server, call).await, "ResourceExhausted / OVERLOADED");
    let (_, status) = outcome(&server, of_operator(SERVER_INFO, EMPTY)).await;
    assert_eq!(status.code(), Code::Ok);
}

/// Before the database is ready, callers are told to come back.
#[tokio::test]
async fn a_starting_server_is_unavailable() {
    let server = Server::new(ServerConfig {
        authentication: Authentication::trusted_headers(),
        ..ServerConfig::default()
    });
    let call = of_operator(SERVER_INFO, EMPTY);
    assert_eq!(refusal(&server, call).await, "Unavailable / DATABASE_UNAVAILABLE");
}
