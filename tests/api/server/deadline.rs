//! H-10: the caller's time.

use std::time::{Duration, Instant};

use http_body_util::StreamBody;
use hyper::body::{Bytes, Frame};
use precinct::config::UNARY_DEADLINE;
use precinct::context::Context;
use precinct::pb;
use precinct::{args, sql};
use tonic::body::Body;
use tonic::{Request, Status};

use super::raw::{EMPTY, SERVER_INFO, of_operator, refusal, with};
use crate::on_both;
use crate::support::actor::ok;
use crate::support::{App, context};

/// H-10: a call whose time is up is refused as such, not as cancelled.
#[tokio::test]
async fn h_10_time_is_up() {
    let app = App::sqlite().await;
    let late = with(of_operator(SERVER_INFO, EMPTY), "grpc-timeout", "0n");
    assert_eq!(refusal(&app.server, late).await, "DeadlineExceeded / DEADLINE");
}

/// H-10: a caller who does not send the request is not waited for.
#[tokio::test]
async fn h_10_a_body_that_does_not_come() {
    let app = App::sqlite().await;
    let never = StreamBody::new(tokio_stream::pending::<Result<Frame<Bytes>, Status>>());
    let slow = of_operator(SERVER_INFO, EMPTY).map(|_| Body::new(never));
    let slow = with(slow, "grpc-timeout", "20m");
    assert_eq!(refusal(&app.server, slow).await, "DeadlineExceeded / DEADLINE");
}

/// H-10: what is not a time-out is refused.
#[tokio::test]
async fn h_10_malformed_timeouts() {
    let app = App::sqlite().await;
    let odd = with(of_operator(SERVER_INFO, EMPTY), "grpc-timeout", "soon");
    assert_eq!(refusal(&app.server, odd).await, "InvalidArgument / MALFORMED_REQUEST");
}

/// H-10: the caller's time holds, within what the rpc allows.
#[tokio::test]
async fn h_10_the_shorter_time_holds() {
    let app = App::sqlite().await;
    let left = async |timeout: Duration| {
        let mut request = Request::new(pb::GetCallContextRequest {});
        request.set_timeout(timeout);
        let reply = ok(app.operator().system().get_call_context(request).await);
        Duration::try_from(reply.deadline_left.expect("a deadline")).expect("not negative")
    };
    assert!(left(Duration::from_secs(2)).await <= Duration::from_secs(2));
    assert!(left(Duration::from_secs(3_600)).await <= UNARY_DEADLINE);
}

on_both! {
    /// H-10: a write that is cut in the middle, once its time is up, is not there, and harms none that follow.
    async fn h_10_a_write_that_is_cut_harms_none_that_follow(app) {
        let tenant = app.tenant("acme").await;
        let id = tenant.id.parse().expect("an id");
        let ctx = Context { deadline: Instant::now() + Duration::from_millis(200), ..context(id) };
        let cut = app.store.write(&ctx, |tx| async move {
            let endless = sql!(
                "UPDATE quota SET used = used + (WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) \
                 SELECT count(*) FROM n) WHERE tenant_id = $1"
            );
            tx.execute(endless, args![]).await.map(drop)
        });
        let refused = cut.await.map(drop).expect_err("its time is up");
        assert_eq!(refused.reason(), Some(pb::ErrorReason::Deadline));
        tenant.admin().workspace("Next", &[]).await;
    }
}
