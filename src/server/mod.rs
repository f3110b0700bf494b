//! The whole server: the way of a call from the socket to its handler and back.

mod admin;
mod api;
mod authenticate;
mod codes;
mod database;
mod deadline;
mod health;
mod input;
mod listener;
pub mod method;
mod metrics;
mod record;
mod refusal;
mod reply;
mod run;
mod slots;
mod task;
mod tls;

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::Poll;

use http::header::{AUTHORIZATION, Entry};
use http::{HeaderMap, Request, Response, StatusCode};
use tokio::time::timeout_at;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::Status;
use tonic::body::Body;
use tonic::service::Routes;
use tower::Service;
use tracing::Instrument;

use self::authenticate::{Keys, Ways};
use self::input::Input;
use self::metrics::Metrics;
use self::record::Record;
use self::slots::Slots;
use crate::config::{ServerConfig, WorkConfig};
use crate::context::{Context, Lacked, Mutation, Through, deadline_exceeded};
use crate::error::{Error, Reason, Result};
use crate::repository::Store;
use crate::secret::Secrets;
use crate::service::operation::Worker;
use crate::service::purge::Purger;

pub use self::health::{Health, State};
pub use self::run::Run;
pub use self::tls::TlsFiles;

/// A gRPC server without its sockets. The generated clients take it as it is:
/// `WorkspaceServiceClient::new(server.clone())`.
#[derive(Clone)]
pub struct Server(Arc<Shared>);

struct Shared {
    config: ServerConfig,
    ways: Ways,
    health: Health,
    metrics: Arc<Metrics>,
    slots: Slots,
    /// Room for those who watch, apart, so that they crowd out no calls.
    watchers: Slots,
    /// Health and reflection.
    open: Routes,
    /// Everything else, once the database is ready.
    closed: OnceLock<Closed>,
    /// Handlers in progress.
    tasks: TaskTracker,
    /// Cancelled when streams must end and connections close.
    stop: CancellationToken,
}

/// What needs credentials, and what they are checked with.
struct Closed {
    routes: Routes,
    store: Store,
    secrets: Secrets,
    worker: Worker,
    purger: Purger,
}

// === impl Server ===

impl Server {
    /// A server that answers health and reflection, and nothing else before [`Server::open`].
    pub fn new(config: ServerConfig) -> Self {
        let stop = CancellationToken::new();
        let health = Health::new(stop.clone());
        Self(Arc::new(Shared {
            ways: Ways::new(&config.authentication),
            open: api::open(health.clone(), config.reflection),
            closed: OnceLock::new(),
            slots: Slots::new(config.in_flight, config.in_flight_per_tenant),
            watchers: Slots::new(config.watch.watchers, config.watch.watchers_per_tenant),
            metrics: Arc::default(),
            tasks: TaskTracker::new(),
            health,
            stop,
            config,
        }))
    }

    /// Serves the API from a database that is ready for it.
    pub fn open(&self, store: &Store, secrets: &Secrets) {
        self.0.closed.get_or_init(|| {
            let routes = api::closed(store, secrets, &self.0.config, &self.0.stop);
            Closed::new(routes, store.clone(), secrets.clone(), self.0.config.work)
        });
        self.0.health.set(State::Ready);
    }

    /// Who works on operations here, once the database is ready; it does so when it is told to.
    pub fn worker(&self) -> Option<&Worker> {
        self.0.closed.get().map(|closed| &closed.worker)
    }

    /// Who purges here, once the database is ready; it does so when it is told to.
    pub fn purger(&self) -> Option<&Purger> {
        self.0.closed.get().map(|closed| &closed.purger)
    }

    /// The health of this server.
    pub fn health(&self) -> &Health {
        &self.0.health
    }

    /// A call, from its first byte to the head of its reply.
    async fn handle(self, mut request: Request<Body>) -> Response<Body> {
        // Whoever prints the headers from here on prints no secret.
        conceal(request.headers_mut());
        // The rpc, from the descriptors: what they do not know is refused before anything looks at it.
        let method = method::find(request.uri().path());
        // The call's id, its access line and its metrics; written when the reply has ended.
        let mut record = Record::new(self.0.metrics.clone(), method, request.headers());
        // A span, so that all that is logged on the way names the call.
        let rpc = method.map(|method| method.label.as_str());
        let span = tracing::info_span!("call", rpc, request_id = record.call_id);
        let answer = self.answer(request, &mut record).instrument(span).await;
        let response = answer.unwrap_or_else(|error| Status::from(error).into_http());
        // The status as the contract has it, whoever made it.
        reply::settle(response, record)
    }

    async fn answer(
        &self,
        mut request: Request<Body>,
        record: &mut Record,
    ) -> Result<Response<Body>> {
        if let Some(refused) = not_grpc(&request) {
            return Ok(refused);
        }
        let method = record
            .method
            .ok_or_else(|| codes::method_not_found().with("method", request.uri().path()))?;
        let shared = &self.0;
        // Deadline: what the caller asks for, within what the rpc allows; also for sending the request.
        let deadline = deadline::of(request.headers(), method)?;
        let stop = method.client_streaming.then(|| shared.stop.clone());
        request = request.map(|body| Body::new(Input::new(body, deadline, stop)));
        // Health and reflection stay within reach of probes and people, however busy the server is.
        if method.open {
            return Ok(route(shared.open.clone(), request).await);
        }
        // Load shedding: all calls first, which costs nothing; then the tenant's, once it is known.
        let slots = if method.watches() { &shared.watchers } else { &shared.slots };
        let slot = slots.enter()?;
        // Authentication: nothing is read before it.
        let at_least_revision = authenticate::at_least_revision(request.headers());
        let keys = shared.closed.get().map(|closed| Keys {
            store: &closed.store,
            secrets: &closed.secrets,
            tasks: &shared.tasks,
            deadline,
            at_least_revision: at_least_revision.as_ref().ok().copied().flatten(),
        });
        let proved = timeout_at(deadline.into(), shared.ways.caller(request.headers(), keys)).await;
        let (caller, source) = proved.map_err(|_| deadline_exceeded())??;
        record.caller(&caller);
        let context = Context {
            caller,
            source,
            call_id: record.call_id.clone(),
            deadline,
            at_least_revision: at_least_revision?,
            method: &method.label,
            mutation: Mutation::default(),
            through: Through::default(),
            lacked: Lacked::default(),
        };
        // Handlers know the caller; what proved it is none of their business.
        request.headers_mut().remove(AUTHORIZATION);
        let slot = match context.tenant() {
            Ok(tenant) => slots.assign(slot, tenant)?,
            Err(_) => slot,
        };
        let Closed { routes, store, .. } = shared.closed.get().ok_or_else(starting)?;
        record.used(store, &context);
        request.extensions_mut().insert(context.clone());
        let (routes, store) = (routes.clone(), store.clone());
        // A stream takes its room until its end, any other call until its handler is done.
        let slot = match method.server_streaming {
            true => record.hold(slot),
            false => Some(slot),
        };
        // A task of its own if it waits, so that a caller who leaves never cuts a transaction in the middle.
        task::run(&shared.tasks, deadline, async move {
            let response = route(routes, request).await;
            refusal::record(&store, &context, response.headers()).await;
            drop(slot);
            response
        })
        .await
    }
}

// === impl Closed ===

impl Closed {
    fn new(routes: Routes, store: Store, secrets: Secrets, work: WorkConfig) -> Self {
        let worker = Worker::new(&store, &secrets, work);
        Self { worker, purger: Purger::new(&store, work), routes, store, secrets }
    }
}

impl Service<Request<Body>> for Server {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let server = self.clone();
        Box::pin(async move { Ok(server.handle(request).await) })
    }
}

fn conceal(headers: &mut HeaderMap) {
    if let Entry::Occupied(mut credentials) = headers.entry(AUTHORIZATION) {
        credentials.iter_mut().for_each(|value| value.set_sensitive(true));
    }
}

async fn route(mut routes: Routes, request: Request<Body>) -> Response<Body> {
    match routes.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// gRPC is POST with its own content type; the rest of HTTP is told so, as gRPC's protocol asks.
fn not_grpc(request: &Request<Body>) -> Option<Response<Body>> {
    let content = request.headers().get(http::header::CONTENT_TYPE);
    let content = content.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content = content.split(';').next().unwrap_or_default().trim();
    let status = if request.method() != http::Method::POST {
        StatusCode::METHOD_NOT_ALLOWED
    } else if !matches!(content, "application/grpc" | "application/grpc+proto") {
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    } else {
        return None;
    };
    let error = Error::new(Reason::MalformedRequest, "calls are POST, of application/grpc");
    let mut response = Status::from(error).into_http();
    *response.status_mut() = status;
    Some(response)
}

/// The refusal of what an ending server cannot finish.
fn shutting_down() -> Error {
    Error::new(
        Reason::ShuttingDown,
        "the server is shutting down; try again, or resume, on another",
    )
}

fn starting() -> Error {
    Error::new(Reason::DatabaseUnavailable, "the server is starting; its database is not ready yet")
}
