//! `grpc.health.v1.Health`: is the process alive, has it started, can it serve.
//!
//! On tonic-health's messages rather than its service, which ends the `Watch` of an unknown name and keeps
//! watches open for ever when the server stops.

use std::pin::Pin;

use futures_util::stream::{self, Stream, StreamExt};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_server};

use super::{method, shutting_down};

/// How far the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The database is not ready for this version yet.
    Starting,
    /// Calls are served.
    Ready,
    /// The database does not answer.
    Unready,
    /// The process is about to end; calls are still served, new ones should go elsewhere.
    Draining,
}

/// The health of one server, for all who ask.
#[derive(Clone, Debug)]
pub struct Health {
    state: watch::Sender<State>,
    /// Ends the watches.
    stop: CancellationToken,
}

// === impl Health ===

impl Health {
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self { state: watch::Sender::new(State::Starting), stop }
    }

    /// How far the server is.
    pub fn state(&self) -> State {
        *self.state.borrow()
    }

    /// Moves on, and tells whether that changed anything; draining is for good.
    pub fn set(&self, state: State) -> bool {
        self.state.send_if_modified(|now| {
            let moves = *now != State::Draining && *now != state;
            if moves {
                *now = state;
            }
            moves
        })
    }

    async fn changes(self, service: String, last: Option<ServingStatus>) -> Option<Next> {
        let mut state = self.state.subscribe();
        loop {
            let now = status(&service, *state.borrow_and_update());
            if last != Some(now) {
                return Some((Ok(response(now)), Some((self, service, Some(now)))));
            }
            tokio::select! {
                // The health itself holds the sender, so a change always comes through.
                _ = state.changed() => {}
                () = self.stop.cancelled() => return Some((Err(shutting_down().into()), None)),
            }
        }
    }
}

type Next = (Result<HealthCheckResponse, Status>, Option<(Health, String, Option<ServingStatus>)>);

#[tonic::async_trait]
impl health_server::Health for Health {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        match status(&request.get_ref().service, self.state()) {
            ServingStatus::ServiceUnknown => Err(Status::not_found("no such service")),
            known => Ok(Response::new(response(known))),
        }
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let start = Some((self.clone(), request.into_inner().service, None));
        let changes = stream::unfold(start, |next| async {
            let (health, service, last) = next?;
            health.changes(service, last).await
        });
        Ok(Response::new(changes.boxed()))
    }
}

fn status(service: &str, state: State) -> ServingStatus {
    let good = match service {
        // The database is no reason to restart the process.
        "liveness" => true,
        "startup" => state != State::Starting,
        "" | "readiness" => state == State::Ready,
        name if method::closed_services().contains(name) => state == State::Ready,
        _ => return ServingStatus::ServiceUnknown,
    };
    if good { ServingStatus::Serving } else { ServingStatus::NotServing }
}

fn response(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}
