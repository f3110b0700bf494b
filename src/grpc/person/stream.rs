//! The two streams of people. Each runs in a task of its own, so that a caller who goes away never cuts a
//! transaction short, and holds no more than a few messages, so that memory stays bounded.

use std::time::Instant;

use prost::Message;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Response, Status, Streaming};
use tracing::Instrument;

use super::convert;
use crate::config::{BULK_DEADLINE, CHUNK_MAX};
use crate::context::Context;
use crate::entity::person::Source;
use crate::error::{Error, Reason, Refusal, Result};
use crate::grpc::REVISION;
use crate::grpc::decode::Fields;
use crate::pb;
use crate::pb::import_people_request::Part;
use crate::repository::Answer;
use crate::secret::digest;
use crate::service::person::{Chunk, ChunkDone, Export, Header, People};

/// The replies of a stream.
pub type Replies<T> = ReceiverStream<Result<T, Status>>;

/// Messages that may wait for a slow caller.
pub(in crate::grpc) const WINDOW: usize = 2;

// === import ===

/// Imports people: a reply for each committed chunk, in order.
pub(super) fn import(
    people: People,
    ctx: Context,
    messages: Streaming<pb::ImportPeopleRequest>,
    shutdown: CancellationToken,
) -> Response<Replies<pb::ImportPeopleResponse>> {
    let (replies, stream) = mpsc::channel(WINDOW);
    let importer = Importer { people, ctx, messages, shutdown, replies: replies.clone() };
    detach(replies, importer.all());
    Response::new(ReceiverStream::new(stream))
}

struct Importer {
    people: People,
    ctx: Context,
    messages: Streaming<pb::ImportPeopleRequest>,
    shutdown: CancellationToken,
    replies: mpsc::Sender<Result<pb::ImportPeopleResponse, Status>>,
}

// === impl Importer ===

impl Importer {
    async fn all(mut self) -> Result<(), Status> {
        let Some(Part::Header(header)) = self.next().await? else {
            return Err(Error::invalid("header", "must be the first message of the stream").into());
        };
        let header = decode_header(&header)?;
        self.people.begin_import(&step(&self.ctx), &header).await?;
        while let Some(part) = self.next().await? {
            let Part::Chunk(chunk) = part else {
                return Err(Error::invalid("header", "must be sent once").into());
            };
            let chunk = decode_chunk(chunk)?;
            let mut ctx = step(&self.ctx);
            ctx.mutation.repeatable = true;
            let done = self.people.import_chunk(&ctx, &header, &chunk).await?;
            if self.replies.send(Ok(encode(&header, done))).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Part>, Status> {
        tokio::select! {
            biased;
            () = self.shutdown.cancelled() => Err(shutting_down().into()),
            message = self.messages.message() => match message? {
                None => Ok(None),
                Some(pb::ImportPeopleRequest { part: Some(part) }) => Ok(Some(part)),
                Some(_) => Err(Error::invalid("part", "must be a header or a chunk").into()),
            },
        }
    }
}

fn decode_header(header: &pb::ImportHeader) -> Result<Header> {
    let mut fields = Fields::default();
    let decoded = Header {
        import: fields.id("header.import_id", &header.import_id),
        workspace: fields.id("header.workspace_id", &header.workspace_id),
        partition: fields.optional_id("header.partition_id", &header.partition_id),
        mode: convert::mode(&mut fields, header.mode),
        lookup: convert::lookup_field(&mut fields, header.lookup_field),
        source: convert::source(&mut fields, "source", header.source, Source::Import),
    };
    fields.check().map(|()| decoded)
}

fn decode_chunk(chunk: pb::ImportChunk) -> Result<Chunk> {
    let mut fields = Fields::default();
    let rows = chunk.people.len();
    if rows > CHUNK_MAX || (rows == 0 && !chunk.last) {
        fields.violate(
            "chunk.people",
            format!("must have 1 to {CHUNK_MAX} rows; the last may have none"),
        );
    }
    if chunk.first_row < 0 {
        fields.violate("chunk.first_row", "must not be negative");
    }
    fields.check()?;
    Ok(Chunk {
        first_row: chunk.first_row,
        last: chunk.last,
        body: digest(&[&chunk.encode_to_vec()]),
        rows: convert::rows(&chunk.people),
    })
}

fn encode(header: &Header, done: Answer<ChunkDone>) -> pb::ImportPeopleResponse {
    let Answer { value, revision } = done;
    let error = |(row, refusal): (i64, Box<Refusal>)| pb::ImportRowError {
        row,
        error: Some((*refusal).into()),
    };
    pb::ImportPeopleResponse {
        import_id: header.import.to_string(),
        committed_rows: value.committed_rows,
        first_row: value.first_row,
        created: value.created,
        updated: value.updated,
        unchanged: value.unchanged,
        withheld: value.withheld,
        failed: i64::try_from(value.errors.len()).unwrap_or(i64::MAX),
        errors: value.errors.into_iter().map(error).collect(),
        revision,
        replayed: value.replayed,
    }
}

// === export ===

/// Exports people. The first page is read before the reply begins, so that a refusal is the call's own.
pub(super) async fn export(
    people: People,
    ctx: Context,
    request: pb::ExportPeopleRequest,
    shutdown: CancellationToken,
) -> Result<Response<Replies<pb::ExportPeopleResponse>>, Status> {
    let mut fields = Fields::default();
    let export = Export {
        workspace: fields.id("workspace_id", &request.workspace_id),
        partitions: fields.ids("partition_ids", &request.partition_ids, crate::config::BATCH_MAX),
    };
    fields.check()?;
    let (replies, stream) = mpsc::channel(WINDOW);
    let mut page = export_page(&people, &ctx, &export, &request.resume_token).await?;
    let mut response = Response::new(ReceiverStream::new(stream));
    response.metadata_mut().insert(REVISION, page.revision.into());
    let pages = replies.clone();
    detach(replies, async move {
        loop {
            let resume = page.resume_token.clone();
            if pages.send(Ok(page)).await.is_err() || resume.is_empty() {
                return Ok(());
            }
            if shutdown.is_cancelled() {
                return Err(shutting_down().into());
            }
            page = export_page(&people, &ctx, &export, &resume).await?;
        }
    });
    Ok(response)
}

async fn export_page(
    people: &People,
    ctx: &Context,
    export: &Export,
    resume: &str,
) -> Result<pb::ExportPeopleResponse, Status> {
    let page = people.export_page(&step(ctx), export, resume).await?;
    Ok(pb::ExportPeopleResponse {
        people: page.value.people.into_iter().map(convert::person).collect(),
        resume_token: page.value.resume,
        revision: page.revision,
    })
}

/// Runs a stream to its end in tasks of its own; a refusal or a panic ends the replies with a status, so that
/// a stream that was cut never looks complete.
pub(in crate::grpc) fn detach<T: Send + 'static>(
    replies: mpsc::Sender<Result<T, Status>>,
    work: impl Future<Output = Result<(), Status>> + Send + 'static,
) {
    let work = tokio::spawn(work.in_current_span());
    let end = async move {
        let status = match work.await {
            Ok(Ok(())) => return,
            Ok(Err(status)) => status,
            Err(panic) => Error::internal(panic).into(),
        };
        // Nobody is left to tell if this fails.
        let _ = replies.send(Err(status)).await;
    };
    tokio::spawn(end.in_current_span());
}

/// The context of one step of a stream: within the caller's deadline, but never longer than one bulk call.
pub(in crate::grpc) fn step(ctx: &Context) -> Context {
    Context { deadline: ctx.deadline.min(Instant::now() + BULK_DEADLINE), ..ctx.clone() }
}

pub(in crate::grpc) fn shutting_down() -> Error {
    Error::new(
        Reason::ShuttingDown,
        "the server is shutting down; go on with another one, from the last reply",
    )
}
