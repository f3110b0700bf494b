//! Calls that no generated client would make.

use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use precinct::server::Server;
use tonic::body::Body;
use tonic::{Code, Status};
use tower::ServiceExt;

use crate::support::status::reason;

/// The path of an rpc that anybody with credentials may call.
pub const SERVER_INFO: &str = "/precinct.v1.SystemService/GetServerInfo";

/// An empty message, framed.
pub const EMPTY: &[u8] = &[0, 0, 0, 0, 0];

/// A request of gRPC, without credentials.
pub fn request(path: &str, body: impl Into<Bytes>) -> Request<Body> {
    Request::post(path)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::new(Full::new(body.into())))
        .expect("a path")
}

/// The same, of an operator.
pub fn of_operator(path: &str, body: impl Into<Bytes>) -> Request<Body> {
    with(request(path, body), "x-precinct-principal", "platform:ops")
}

/// The same, with one header more.
pub fn with(mut request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    request.headers_mut().append(name, value.parse().expect("a header"));
    request
}

/// What a server answers.
pub async fn call(server: &Server, request: Request<Body>) -> Response<Body> {
    match server.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The metadata and the status, wherever in the reply it stands.
pub async fn outcome(server: &Server, request: Request<Body>) -> (HeaderMap, Status) {
    let (parts, body) = call(server, request).await.into_parts();
    let body = body.collect().await.expect("a body");
    let status = Status::from_header_map(&parts.headers)
        .or_else(|| body.trailers().and_then(Status::from_header_map));
    (parts.headers, status.expect("every reply has a status"))
}

/// `CODE / REASON` of a refusal.
pub async fn refusal(server: &Server, request: Request<Body>) -> String {
    let (_, status) = outcome(server, request).await;
    assert_ne!(status.code(), Code::Ok, "the call is refused");
    reason(&status)
}
