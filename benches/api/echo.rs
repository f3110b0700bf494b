//! The calibrator: tonic as it comes, answering the same always; or behind the layers of the service.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::task::{Context, Poll};

use http::{Request, Response};
use precinct::config::{Authentication, DatabaseConfig, ServerConfig};
use precinct::repository::Store;
use precinct::secret::Secrets;
use precinct::telemetry::{self, LogFormat};
use precinct::{pb, server};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic::{Status, transport};
use tonic_prost::ProstCodec;

use super::caller::Caller;
use super::load::load;
use super::measure::{Sample, duel, sample};
use super::rows;
use super::server::{SECRET, Server};
use super::table::Table;
use super::world::World;

/// The first argument that makes this program the echo.
const BARE: &str = "echo-server";
/// The same, behind the layers of the service.
const LAYERED: &str = "echo-server-behind-the-layers";

/// A service of which nothing is there but one rpc.
struct Echo<R>(PhantomData<R>);

/// An rpc that answers the same always.
trait Rpc: Send + Sync + 'static {
    const SERVICE: &'static str;
    type Request: prost::Message + Default + Send + Sync + 'static;
    type Response: prost::Message + Default + Send + Sync + 'static;

    fn answer(request: Self::Request) -> Self::Response;
}

struct GetPerson;
struct CheckAccess;

/// An echo, as a process of its own.
pub fn spawn(behind_the_layers: bool) -> Server {
    let program = std::env::current_exe().expect("this program has a file");
    Server::spawn(program, [if behind_the_layers { LAYERED } else { BARE }])
}

/// Serves an echo until somebody kills it, if the first argument asks for one.
pub async fn serve(argument: Option<&String>) -> bool {
    match argument.map(String::as_str) {
        Some(BARE) => serve_bare().await,
        Some(LAYERED) => serve_layered().await,
        _ => return false,
    }
    true
}

async fn serve_bare() {
    let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let incoming = incoming.with_nodelay(Some(true));
    println!("listening on {}", incoming.local_addr().expect("it is bound"));
    let server = transport::Server::builder()
        .add_service(Echo::<GetPerson>::new())
        .add_service(Echo::<CheckAccess>::new());
    server.serve_with_incoming(incoming).await.expect("it serves");
}

/// As `precinct serve` does by default, without a database.
async fn serve_layered() {
    telemetry::init(LogFormat::Auto, "info").expect("a filter");
    let authentication = Authentication::trusted_headers();
    let server = server::Server::new(ServerConfig { authentication, ..ServerConfig::default() });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    println!("listening on {}", listener.local_addr().expect("it is bound"));
    let routes = Routes::default().add_service(Echo::<CheckAccess>::new()).prepare();
    // Of which nothing is read.
    let directory = tempfile::tempdir().expect("a directory for temporary files");
    let config = DatabaseConfig {
        url: format!("sqlite://{}/empty.db", directory.path().display()),
        max_connections: 1,
        min_connections: 0,
        require_restricted_role: false,
    };
    let secrets = Secrets::parse(SECRET).expect("it is long enough");
    let store = Store::connect(&config, secrets.clone()).await.expect("a file");
    server.serve_only(routes, (store, secrets), listener).await;
}

/// Measures the service's own way without a database in it, against nothing but tonic.
pub async fn measure(world: &World, table: &mut Table) {
    let echo = spawn(false);
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

// === impl Rpc ===

impl Rpc for GetPerson {
    const SERVICE: &'static str = "precinct.v1.PersonService";
    type Request = pb::GetPersonRequest;
    type Response = pb::GetPersonResponse;

    fn answer(request: pb::GetPersonRequest) -> pb::GetPersonResponse {
        let person_id = request.person_id;
        let person = pb::Person { person_id, partition_id: rows::id(3), ..rows::row(1) };
        pb::GetPersonResponse { person: Some(person), ..pb::GetPersonResponse::default() }
    }
}

impl Rpc for CheckAccess {
    const SERVICE: &'static str = "precinct.v1.AccessService";
    type Request = pb::CheckAccessRequest;
    type Response = pb::CheckAccessResponse;

    fn answer(_: pb::CheckAccessRequest) -> pb::CheckAccessResponse {
        let reason = pb::AccessReason::Granted.into();
        pb::CheckAccessResponse { allowed: true, reason, revision: 1_234 }
    }
}

// === impl Echo ===

impl<R> Echo<R> {
    fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R> Clone for Echo<R> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<R: Rpc> NamedService for Echo<R> {
    const NAME: &'static str = R::SERVICE;
}

impl<R: Rpc> tower::Service<Request<Body>> for Echo<R> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future =
        std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let answer = self.clone();
        Box::pin(async move {
            let codec = ProstCodec::default();
            let mut grpc = Grpc::new(codec).accept_compressed(CompressionEncoding::Gzip);
            Ok(grpc.unary(answer, request).await)
        })
    }
}

impl<R: Rpc> UnaryService<R::Request> for Echo<R> {
    type Response = R::Response;
    type Future = Ready<Result<tonic::Response<Self::Response>, Status>>;

    fn call(&mut self, request: tonic::Request<R::Request>) -> Self::Future {
        ready(Ok(tonic::Response::new(R::answer(request.into_inner()))))
    }
}
