//! Who gets in.

use std::collections::BTreeSet;

use precinct::pb;
use precinct::server::method;
use tonic::Code;
use tonic_types::StatusExt;

use super::raw::{EMPTY, SERVER_INFO, of_operator, outcome, refusal, request, with};
use crate::support::App;
use crate::support::status::{fields, reason};

/// H-01: of every method that the descriptors name, and before anything is read.
#[tokio::test]
async fn h_01_without_a_caller_nothing_is_answered() {
    let app = App::sqlite().await;
    let before = app.store.statements();
    let mut texts = BTreeSet::new();
    for rpc in method::all().filter(|rpc| rpc.service.starts_with("precinct.")) {
        let path = format!("/{}/{}", rpc.service, rpc.name);
        let (_, status) = outcome(&app.server, request(&path, EMPTY)).await;
        assert_eq!(reason(&status), "Unauthenticated / CREDENTIALS_REQUIRED", "{path}");
        texts.insert(status.message().to_owned());
    }
    assert_eq!(texts.len(), 1, "one text for all: {texts:?}");
    assert_eq!(app.store.statements(), before, "nothing is read");
}

/// H-01: who the caller is stands in the headers once, or not at all.
#[tokio::test]
async fn h_01_two_callers_are_none() {
    let app = App::sqlite().await;
    let twice =
        with(of_operator(SERVER_INFO, EMPTY), "x-precinct-principal", "platform:somebody-else");
    assert_eq!(refusal(&app.server, twice).await, "Unauthenticated / CREDENTIALS_REQUIRED");
}

/// H-08: the revision that a read asks for is a number.
#[tokio::test]
async fn h_08_at_least_revision_is_checked() {
    let app = App::sqlite().await;
    let call = with(of_operator(SERVER_INFO, EMPTY), "x-precinct-at-least-revision", "-1");
    let (_, status) = outcome(&app.server, call).await;
    assert_eq!(reason(&status), "InvalidArgument / INVALID_FIELD");
    assert_eq!(fields(&status), ["x-precinct-at-least-revision"]);
}

/// H-06: what does not exist is refused alike, with credentials and without.
#[tokio::test]
async fn h_06_unknown_methods() {
    let app = App::sqlite().await;
    for path in ["/precinct.v1.SystemService/Nope", "/precinct.v2.SystemService/GetServerInfo", "/"]
    {
        let known = of_operator(path, EMPTY);
        assert_eq!(refusal(&app.server, known).await, "Unimplemented / METHOD_NOT_FOUND");
        let nobody = request(path, EMPTY);
        assert_eq!(refusal(&app.server, nobody).await, "Unimplemented / METHOD_NOT_FOUND");
    }
}

/// H-06: the rest of HTTP is not gRPC.
#[tokio::test]
async fn h_06_other_http() {
    let app = App::sqlite().await;
    let mut get = of_operator(SERVER_INFO, EMPTY);
    *get.method_mut() = http::Method::GET;
    assert_eq!(super::raw::call(&app.server, get).await.status(), 405);
    let mut text = of_operator(SERVER_INFO, EMPTY);
    text.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(super::raw::call(&app.server, text).await.status(), 415);
}

/// H-06: the id of the call comes back, with what went well and what did not.
#[tokio::test]
async fn h_06_call_ids_are_echoed() {
    let app = App::sqlite().await;
    let named = |call| with(call, "x-request-id", "order-7");
    let (headers, status) = outcome(&app.server, named(of_operator(SERVER_INFO, EMPTY))).await;
    assert_eq!((status.code(), &headers["x-request-id"]), (Code::Ok, &"order-7".parse().unwrap()));

    let (headers, status) = outcome(&app.server, named(request(SERVER_INFO, EMPTY))).await;
    assert_eq!(headers["x-request-id"], "order-7");
    let info = status.get_details_request_info().expect("refusals name the call");
    assert_eq!(info.request_id, "order-7");

    let (headers, _) = outcome(&app.server, of_operator(SERVER_INFO, EMPTY)).await;
    let made = headers["x-request-id"].to_str().unwrap();
    assert!(made.parse::<uuid::Uuid>().is_ok(), "the server makes one: {made}");
}

/// H-01: reason and domain are those of the contract.
#[tokio::test]
async fn h_06_refusals_are_ours() {
    let app = App::sqlite().await;
    let refused = crate::support::actor::Actor::nobody(app.server.clone())
        .system()
        .get_server_info(pb::GetServerInfoRequest {})
        .await;
    crate::support::status::assert_refused(
        refused,
        Code::Unauthenticated,
        pb::ErrorReason::CredentialsRequired,
    );
}
