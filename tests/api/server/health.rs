//! `grpc.health.v1.Health`.

use futures_util::{FutureExt, StreamExt};
use precinct::config::ServerConfig;
use precinct::server::{Server, State, method};
use tonic::Code;
use tonic::codec::CompressionEncoding;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

const PEOPLE: &str = "precinct.v1.PersonService";

fn server() -> Server {
    Server::new(ServerConfig::default())
}

async fn check(server: &Server, service: &str) -> Result<ServingStatus, Code> {
    let request = HealthCheckRequest { service: service.into() };
    let reply = HealthClient::new(server.clone()).check(request).await;
    reply.map(|reply| reply.get_ref().status()).map_err(|status| status.code())
}

/// Each name in each state; nobody needs credentials.
#[tokio::test]
async fn names_and_states() {
    use ServingStatus::{NotServing, Serving};
    let server = server();
    let states = [
        (State::Starting, NotServing, NotServing),
        (State::Ready, Serving, Serving),
        (State::Unready, NotServing, Serving),
        (State::Draining, NotServing, Serving),
    ];
    for (state, ready, startup) in states {
        server.health().set(state);
        let services = method::closed_services();
        for name in ["", "readiness"].into_iter().chain(services) {
            assert_eq!(check(&server, name).await, Ok(ready), "{name:?} when {state:?}");
        }
        assert_eq!(check(&server, "startup").await, Ok(startup), "{state:?}");
        assert_eq!(check(&server, "liveness").await, Ok(Serving), "{state:?}");
        assert_eq!(check(&server, "nope").await, Err(Code::NotFound), "{state:?}");
    }
    server.health().set(State::Ready);
    assert_eq!(check(&server, "").await, Ok(NotServing), "draining is for good");
}

/// Clients that compress everything compress health checks too.
#[tokio::test]
async fn gzip() {
    let server = server();
    let mut client = HealthClient::new(server)
        .send_compressed(CompressionEncoding::Gzip)
        .accept_compressed(CompressionEncoding::Gzip);
    client.check(HealthCheckRequest { service: PEOPLE.into() }).await.expect("an answer");
    client.watch(HealthCheckRequest { service: PEOPLE.into() }).await.expect("a stream");
}

/// A watch tells the state, then its changes.
#[tokio::test]
async fn watch() {
    let server = server();
    let request = HealthCheckRequest { service: PEOPLE.into() };
    let mut changes = HealthClient::new(server.clone()).watch(request).await.unwrap().into_inner();
    let mut next = async || changes.next().await.unwrap().unwrap().status();
    assert_eq!(next().await, ServingStatus::NotServing);
    server.health().set(State::Ready);
    assert_eq!(next().await, ServingStatus::Serving);
    server.health().set(State::Draining);
    assert_eq!(next().await, ServingStatus::NotServing);
}

/// A watch of a name that is unknown says so and stays open, as the protocol asks.
#[tokio::test]
async fn watch_of_the_unknown() {
    let request = HealthCheckRequest { service: "nope".into() };
    let mut changes = HealthClient::new(server()).watch(request).await.unwrap().into_inner();
    let first = changes.next().await.unwrap().unwrap();
    assert_eq!(first.status(), ServingStatus::ServiceUnknown);
    assert!(changes.next().now_or_never().is_none(), "the stream stays open");
}
