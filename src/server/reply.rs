//! The last step of every reply: its status settled and recorded, wherever it stands.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{HeaderMap, HeaderValue, Response};
use hyper::body::{Bytes, Frame, SizeHint};
use tonic::body::Body;
use tonic::{Code, Status};

use super::codes;
use super::record::{REQUEST_ID, Record};

/// A reply with the call's id in its metadata and its status settled. A refusal before the first message has
/// its status in the headers, every other reply in the trailers.
pub(super) fn settle(mut response: Response<Body>, mut record: Record) -> Response<Body> {
    settle_status(response.headers_mut(), &mut record);
    if let Ok(id) = HeaderValue::from_str(&record.call_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response.map(|body| Body::new(Reply { body, record }))
}

/// The body of a reply.
struct Reply {
    body: Body,
    record: Record,
}

// === impl Reply ===

impl hyper::body::Body for Reply {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Self { body, record } = &mut *self;
        let mut frame = match ready!(Pin::new(body).poll_frame(cx)) {
            Some(Ok(frame)) => frame,
            end => return Poll::Ready(end),
        };
        if let Some(trailers) = frame.trailers_mut() {
            settle_status(trailers, record);
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn settle_status(headers: &mut HeaderMap, record: &mut Record) {
    let Some(status) = Status::from_header_map(headers) else {
        return;
    };
    if status.code() == Code::Ok {
        return record.outcome(Code::Ok, None);
    }
    let settled = codes::settle(&status, &record.call_id);
    write(&settled, headers);
    record.outcome(settled.code(), codes::reason(&settled));
}

fn write(status: &Status, headers: &mut HeaderMap) {
    let plain = Status::with_details(
        status.code(),
        status.message(),
        Bytes::copy_from_slice(status.details()),
    );
    // Fails for a message that no header can carry; ours are text, percent-encoded.
    if plain.add_header(headers).is_err() {
        headers.insert("grpc-status", HeaderValue::from(Code::Internal as i32));
    }
}
