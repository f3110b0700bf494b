//! The admin port: probes and metrics over plain HTTP, for the inside of a cluster only.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use super::{Server, State};

impl Server {
    /// `/livez`, `/readyz` and `/metrics`.
    pub(super) fn admin(&self) -> Router {
        let (ready, metrics) = (self.clone(), self.clone());
        Router::new()
            .route("/livez", get("ok"))
            .route("/readyz", get(async move || ready.readiness()))
            .route("/metrics", get(async move || metrics.metrics()))
    }

    fn readiness(&self) -> impl IntoResponse + use<> {
        match self.health().state() {
            State::Ready => (StatusCode::OK, "ok"),
            State::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
            State::Unready => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer"),
            State::Draining => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        }
    }

    fn metrics(&self) -> impl IntoResponse + use<> {
        const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        let text = self.0.metrics.text().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR);
        text.map(|text| ([(header::CONTENT_TYPE, OPEN_METRICS)], text))
    }
}
