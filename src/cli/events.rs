//! `precinct events tail`: changes as they happen, as JSON lines.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use serde_json::{Map, Value as Json, json};
use tonic::Status;
use uuid::Uuid;

use super::Failure;
use super::client::{Client, Error, Patience, Result, Server};
use crate::error::Reason;
use crate::grpc::json::object;
use crate::pb::{Change, ChangeEvent, ChangedPartition, ChangedPerson, WatchChangesRequest};

/// What can be done with changes.
#[derive(Debug, Subcommand)]
pub(super) enum Events {
    Tail(Tail),
}

/// Print changes as they are committed, a JSON object a line.
///
/// The last line of each batch has a cursor: a later run goes on after it with --cursor. A connection that breaks is made
/// again, and the stream goes on where it was.
#[derive(Args, Debug)]
pub(super) struct Tail {
    /// Changes after this revision; 0: from the first [default: from now on].
    #[arg(long, value_name = "REVISION", conflicts_with = "cursor")]
    pub since: Option<i64>,

    /// Changes after this cursor of an earlier run.
    #[arg(long)]
    pub cursor: Option<String>,

    /// Only what this workspace sees [default: all that the caller sees].
    #[arg(long)]
    pub workspace: Option<Uuid>,

    /// Only these kinds, or all of these nouns, such as `person.created,binding`.
    #[arg(long, value_delimiter = ',')]
    pub kinds: Vec<String>,

    /// End once all is printed that was there at the start.
    #[arg(long)]
    pub stop_at_head: bool,

    /// The service.
    #[command(flatten)]
    pub server: Server,
}

// === impl Events ===

impl Events {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Self::Tail(tail) = self;
        match tail.all().await {
            // Whoever reads has enough, as in `precinct events tail | head`.
            Err(Error::File { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            done => Ok(done?),
        }
    }
}

// === impl Tail ===

impl Tail {
    /// Prints everything, going on after a break where it was.
    async fn all(&self) -> Result<()> {
        let client = self.server.client().await?;
        let (mut request, mut patience) = (self.request(), Patience::default());
        while let Err(error) = self.stream(&client, &mut request, &mut patience).await {
            // Who prints slowly has all the time that it takes.
            if !error.is(Reason::SlowConsumer) {
                patience.pause(error, |text| eprintln!("{text}")).await?;
            }
        }
        Ok(())
    }

    fn request(&self) -> WatchChangesRequest {
        WatchChangesRequest {
            since_revision: self.since,
            workspace_id: self.workspace.map(|id| id.to_string()).unwrap_or_default(),
            kinds: self.kinds.clone(),
            cursor: self.cursor.clone().unwrap_or_default(),
            stop_at_head: self.stop_at_head,
        }
    }

    /// Prints what one stream brings, and keeps in the request where to go on.
    async fn stream(
        &self,
        client: &Client,
        request: &mut WatchChangesRequest,
        patience: &mut Patience,
    ) -> Result<()> {
        let mut messages = client.activity().watch_changes(request.clone()).await?.into_inner();
        while let Some(message) = messages.message().await? {
            print(&message.changes, &message.cursor).map_err(unwritten)?;
            patience.restore();
            request.since_revision = None;
            request.cursor = message.cursor;
        }
        match self.stop_at_head {
            true => Ok(()),
            false => Err(Status::unavailable("the stream ended").into()),
        }
    }
}

fn unwritten(source: io::Error) -> Error {
    Error::File { name: "the standard output".into(), source }
}

fn print(changes: &[Change], cursor: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (at, change) in changes.iter().enumerate() {
        let mut line = line(change);
        if at + 1 == changes.len() {
            line.insert("cursor".into(), cursor.into());
        }
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// A change, without what is empty of it.
fn line(change: &Change) -> Map<String, Json> {
    let time = change.create_time.as_ref().map(ToString::to_string);
    let detail = change.detail.as_ref().and_then(|detail| object(Some(detail), usize::MAX).ok());
    fields(json!({
        "revision": change.revision,
        "ordinal": change.ordinal,
        "create_time": time,
        "kind": change.kind,
        "event": event(change.event()),
        "resource_id": change.resource_id,
        "workspace_id": change.workspace_id,
        "people": change.people.iter().map(person).collect::<Json>(),
        "partitions": change.partitions.iter().map(partition).collect::<Json>(),
        "detail": detail,
    }))
}

fn person(one: &ChangedPerson) -> Json {
    Json::Object(fields(json!({
        "person_id": one.person_id,
        "event": event(one.event()),
        "partition_id": one.partition_id,
        "from_partition_id": one.from_partition_id,
        "segment_id": one.segment_id,
        "from_segment_id": one.from_segment_id,
    })))
}

fn partition(one: &ChangedPartition) -> Json {
    Json::Object(fields(json!({
        "partition_id": one.partition_id,
        "event": event(one.event()),
        "people_count": one.people_count,
    })))
}

/// What became of something; nothing where the kind says it.
fn event(event: ChangeEvent) -> &'static str {
    match event {
        ChangeEvent::Unspecified => "",
        event => event.as_str_name().trim_start_matches("CHANGE_EVENT_"),
    }
}

/// The fields that say something.
fn fields(object: Json) -> Map<String, Json> {
    let Json::Object(fields) = object else { return Map::new() };
    let says = |value: &Json| match value {
        Json::Null => false,
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => !items.is_empty(),
        _ => true,
    };
    fields.into_iter().filter(|(_, value)| says(value)).collect()
}
