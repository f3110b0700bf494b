//! Counts and times of calls, under the names that dashboards for go-grpc-middleware know.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tonic::Code;

use super::method::{self, Method};

const BUCKETS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 10.0, 30.0];

/// The metrics of one server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    started: Family<MethodLabels, Counter>,
    handled: Family<CodeLabels, Counter>,
    seconds: Family<MethodLabels, Histogram, fn() -> Histogram>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct MethodLabels {
    grpc_type: &'static str,
    grpc_service: &'static str,
    grpc_method: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabels {
    grpc_type: &'static str,
    grpc_service: &'static str,
    grpc_method: &'static str,
    grpc_code: &'static str,
}

// === impl Metrics ===

impl Metrics {
    /// Metrics of all rpcs, at zero: a rate over a counter that appears late misses its first calls.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            started: Family::default(),
            handled: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
        };
        metrics.registry.register("grpc_server_started", "Calls begun", metrics.started.clone());
        metrics.registry.register("grpc_server_handled", "Calls ended", metrics.handled.clone());
        metrics.registry.register(
            "grpc_server_handling_seconds",
            "Time from a call's beginning to its end",
            metrics.seconds.clone(),
        );
        for method in method::all() {
            metrics.started.get_or_create_owned(&MethodLabels::of(method));
            metrics.handled.get_or_create_owned(&CodeLabels::of(method, Code::Ok));
            metrics.seconds.get_or_create_owned(&MethodLabels::of(method));
        }
        metrics
    }

    /// A call begins.
    pub fn start(&self, method: &'static Method) {
        self.started.get_or_create(&MethodLabels::of(method)).inc();
    }

    /// A call has ended.
    pub fn handle(&self, method: &'static Method, code: Code, took: Duration) {
        self.handled.get_or_create(&CodeLabels::of(method, code)).inc();
        self.seconds.get_or_create(&MethodLabels::of(method)).observe(took.as_secs_f64());
    }

    /// All of them, as Prometheus reads them.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

// === impl MethodLabels ===

impl MethodLabels {
    fn of(method: &'static Method) -> Self {
        Self { grpc_type: method.kind(), grpc_service: &method.service, grpc_method: &method.name }
    }
}

// === impl CodeLabels ===

impl CodeLabels {
    fn of(method: &'static Method, code: Code) -> Self {
        Self {
            grpc_type: method.kind(),
            grpc_service: &method.service,
            grpc_method: &method.name,
            grpc_code: code_name(code),
        }
    }
}

/// The code as go-grpc-middleware writes it.
pub(super) fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "Canceled",
        Code::Unknown => "Unknown",
        Code::InvalidArgument => "InvalidArgument",
        Code::DeadlineExceeded => "DeadlineExceeded",
        Code::NotFound => "NotFound",
        Code::AlreadyExists => "AlreadyExists",
        Code::PermissionDenied => "PermissionDenied",
        Code::ResourceExhausted => "ResourceExhausted",
        Code::FailedPrecondition => "FailedPrecondition",
        Code::Aborted => "Aborted",
        Code::OutOfRange => "OutOfRange",
        Code::Unimplemented => "Unimplemented",
        Code::Internal => "Internal",
        Code::Unavailable => "Unavailable",
        Code::DataLoss => "DataLoss",
        Code::Unauthenticated => "Unauthenticated",
    }
}
