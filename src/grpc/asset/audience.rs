//! Whom assets mean: a stream over one state of the database.

use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::config::AUDIENCE_PATIENCE;
use crate::error::{Error, Reason};
use crate::grpc::decode::Fields;
use crate::grpc::person::stream::{Replies, WINDOW, detach, shutting_down, step};
use crate::grpc::segmentation::coverages;
use crate::grpc::{REVISION, open};
use crate::pb;
use crate::pb::resolve_audience_response::Part;
use crate::repository::person::matching::Found;
use crate::service::asset::{Assets, AudienceOf, Batch, Header};

type Reply = Result<pb::ResolveAudienceResponse, Status>;

/// Streams an audience. What it is is found out before the reply begins, so that a refusal is the call's own.
pub(super) async fn resolve_audience(
    assets: &Assets,
    shutdown: CancellationToken,
    request: Request<pb::ResolveAudienceRequest>,
) -> Result<Response<Replies<pb::ResolveAudienceResponse>>, Status> {
    let (ctx, request) = open(request)?;
    let mut fields = Fields::default();
    let of = AudienceOf {
        workspace: fields.id("workspace_id", &request.workspace_id),
        id: fields.id("asset_id", &request.asset_id),
        segment: fields.optional_id("segment_id", &request.segment_id),
        resume_token: request.resume_token,
    };
    fields.check()?;
    let (header, mut audience) = assets.audience(&step(&ctx), &of).await?;
    let revision = header.revision;
    let (replies, stream) = mpsc::channel(WINDOW);
    let mut response = Response::new(ReceiverStream::new(stream));
    response.metadata_mut().insert(REVISION, revision.into());
    let messages = replies.clone();
    detach(replies, async move {
        send(&messages, Part::Header(header.into())).await?;
        loop {
            if shutdown.is_cancelled() {
                return Err(shutting_down().into());
            }
            let batch = audience.next().await?;
            let last = batch.next.is_empty();
            send(&messages, Part::Batch(encode(batch, revision))).await?;
            if last {
                return Ok(());
            }
        }
    });
    Ok(response)
}

/// Sends a message. A caller who has gone away, or takes none for long, ends the stream, and with it the transaction.
async fn send(replies: &mpsc::Sender<Reply>, part: Part) -> Result<(), Status> {
    let message = pb::ResolveAudienceResponse { part: Some(part) };
    let slow = || {
        let message =
            "the caller took too long to take a message; go on from the last resume_token";
        Error::new(Reason::Deadline, message)
    };
    match timeout(AUDIENCE_PATIENCE, replies.send(Ok(message))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(slow().into()),
    }
}

fn encode(batch: Batch, revision: i64) -> pb::AudienceBatch {
    let person = |one: Found| pb::AudiencePerson {
        person_id: one.person_id.to_string(),
        partition_id: one.partition_id.to_string(),
        email: one.email.unwrap_or_default(),
    };
    let people = batch.people.into_iter().map(person).collect();
    pb::AudienceBatch { people, resume_token: batch.next, revision }
}

impl From<Header> for pb::AudienceHeader {
    fn from(header: Header) -> Self {
        Self {
            count: header.count,
            unsubscribed_count: header.unsubscribed,
            revision: header.revision,
            as_of: header.as_of,
            coverage: coverages(header.coverage),
        }
    }
}
