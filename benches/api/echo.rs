//! The calibrator: tonic as it comes, answering `GetPerson` with the same person always.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use http::{Request, Response};
use precinct::pb;
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::{Status, transport};
use tonic_prost::ProstCodec;

use super::caller::Caller;
use super::load::load;
use super::measure::{Sample, duel, sample};
use super::rows;
use super::server::Server;
use super::table::Table;
use super::world::World;

/// The first argument that makes this program the echo.
pub const MODE: &str = "echo-server";

/// `PersonService`, of which nothing is there but `GetPerson`.
#[derive(Clone)]
struct Echo;

/// One call of it.
struct Answer;

/// Measures the service's own way without a database in it, against nothing but tonic.
pub async fn measure(world: &World, table: &mut Table) {
    let program = std::env::current_exe().expect("this program has a file");
    let echo = Server::spawn(program, [MODE]);
    let caller = Caller::operator(&echo.address).await.member(&world.tenant);
    for in_flight in [1, 16, 64] {
        let duel = duel(
            world.size.rounds,
            async || {
                let member = world.member.clone();
                let calls = load(in_flight, world.size.seconds, move |slot, _| {
                    let mut system = member.system(slot);
                    async move {
                        let request = pb::GetCallContextRequest::default();
                        system.get_call_context(request).await.expect("an answer");
                    }
                });
                sample(Some(world.server.meter()), world.database.meter(), calls).await
            },
            async || bare(world, &echo, &caller, in_flight).await,
        )
        .await;
        let work = format!("GetCallContext, {in_flight} in flight");
        table.row(&work, "bare tonic echo of a person", "0.8 (CheckAccess)", &duel);
    }
}

async fn bare(world: &World, echo: &Server, caller: &Caller, in_flight: usize) -> Sample {
    let caller = caller.clone();
    let calls = load(in_flight, world.size.seconds, move |slot, _| {
        let mut people = caller.people(slot);
        let request = pb::GetPersonRequest { workspace_id: rows::id(1), person_id: rows::id(2) };
        async move {
            people.get_person(request).await.expect("an answer");
        }
    });
    sample(Some(echo.meter()), world.database.meter(), calls).await
}

/// Serves the echo until somebody kills it.
pub async fn serve() {
    let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let incoming = incoming.with_nodelay(Some(true));
    println!("listening on {}", incoming.local_addr().expect("it is bound"));
    let server = transport::Server::builder().add_service(Echo);
    server.serve_with_incoming(incoming).await.expect("it serves");
}

// === impl Echo ===

impl NamedService for Echo {
    const NAME: &'static str = "precinct.v1.PersonService";
}

impl tower::Service<Request<Body>> for Echo {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future =
        std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(async move {
            let codec = ProstCodec::default();
            let mut grpc = Grpc::new(codec).accept_compressed(CompressionEncoding::Gzip);
            Ok(grpc.unary(Answer, request).await)
        })
    }
}

impl UnaryService<pb::GetPersonRequest> for Answer {
    type Response = pb::GetPersonResponse;
    type Future = Ready<Result<tonic::Response<Self::Response>, Status>>;

    fn call(&mut self, request: tonic::Request<pb::GetPersonRequest>) -> Self::Future {
        let person_id = request.into_inner().person_id;
        let person = pb::Person { person_id, partition_id: rows::id(3), ..rows::row(1) };
        ready(Ok(tonic::Response::new(pb::GetPersonResponse { person: Some(person) })))
    }
}
