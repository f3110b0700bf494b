//! `google.longrunning.Operations`, and operations as callers see them.

use std::time::Duration;

use prost::Message;
use prost_types::Any;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tonic::{Request, Response, Status};

use super::decode::{self, Fields};
use super::{open, reply};
use crate::clock::timestamp;
use crate::entity::Operation;
use crate::entity::operation::{Kind, State};
use crate::error::Refusal;
use crate::id::OperationId;
use crate::pb;
use crate::pb::longrunning;
use crate::pb::longrunning::operation::Result as Ending;
use crate::repository::operation::Filter;
use crate::service::asset::Filled;
use crate::service::operation::{Listing, Operations};
use crate::service::person::{MovedMany, Receipt, Rerouted};
use crate::service::segmentation::Outcome;
use crate::service::transfer::Counts;

/// What the operations of a tenant belong to, and what their names begin with.
const COLLECTION: &str = "operations";
/// Before the names of our messages, where one of any type may be.
const TYPES: &str = "type.googleapis.com/precinct.v1";

/// The service.
#[derive(Clone)]
pub struct Api {
    operations: Operations,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(operations: Operations) -> Self {
        Self { operations }
    }
}

#[tonic::async_trait]
impl longrunning::operations_server::Operations for Api {
    async fn list_operations(
        &self,
        request: Request<longrunning::ListOperationsRequest>,
    ) -> Result<Response<longrunning::ListOperationsResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        if !matches!(request.name.as_str(), "" | COLLECTION) {
            fields.violate("name", "must be \"operations\", or empty");
        }
        let filter = fields.take("filter", filter(&request.filter));
        fields.check()?;
        let listing =
            Listing { filter, page_size: request.page_size, page_token: request.page_token };
        let page = self.operations.list(&ctx, &listing).await?;
        Ok(reply(page, |page, _| longrunning::ListOperationsResponse {
            operations: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next,
        }))
    }

    async fn get_operation(
        &self,
        request: Request<longrunning::GetOperationRequest>,
    ) -> Result<Response<longrunning::Operation>, Status> {
        let (ctx, request) = open(request)?;
        let id = id(&request.name)?;
        let found = self.operations.get(&ctx, id).await?;
        Ok(reply(found, |found, _| found.into()))
    }

    async fn delete_operation(
        &self,
        request: Request<longrunning::DeleteOperationRequest>,
    ) -> Result<Response<()>, Status> {
        let (ctx, request) = open(request)?;
        let id = id(&request.name)?;
        let gone = self.operations.delete(&ctx, id).await?;
        Ok(reply(gone, |(), _| ()))
    }

    async fn cancel_operation(
        &self,
        request: Request<longrunning::CancelOperationRequest>,
    ) -> Result<Response<()>, Status> {
        let (ctx, request) = open(request)?;
        let id = id(&request.name)?;
        let asked = self.operations.cancel(&ctx, id).await?;
        Ok(reply(asked, |(), _| ()))
    }

    async fn wait_operation(
        &self,
        request: Request<longrunning::WaitOperationRequest>,
    ) -> Result<Response<longrunning::Operation>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let id = fields.take("name", parse(&request.name));
        let timeout = fields.optional_duration("timeout", request.timeout.as_ref(), LONGEST);
        fields.check()?;
        let found = self.operations.wait(&ctx, id, timeout).await?;
        Ok(reply(found, |found, _| found.into()))
    }
}

/// The longest that anybody may say to wait; the deadline of the call comes before.
const LONGEST: Duration = Duration::from_secs(60 * 60);

fn id(name: &str) -> crate::error::Result<OperationId> {
    let mut fields = Fields::default();
    let id = fields.take("name", parse(name));
    fields.check().map(|()| id)
}

fn parse(name: &str) -> Result<OperationId, String> {
    let id = name.strip_prefix(COLLECTION).and_then(|rest| rest.strip_prefix('/'));
    let id = id.and_then(|id| decode::id("", id).ok());
    id.ok_or_else(|| "must be \"operations/\" and a UUID".into())
}

/// Parses `done=true AND kind=MOVE_PEOPLE`.
fn filter(text: &str) -> Result<Filter, String> {
    let mut filter = Filter::default();
    if text.trim().is_empty() {
        return Ok(filter);
    }
    for term in text.split(" AND ") {
        let (key, value) = term.split_once('=').unwrap_or((term, ""));
        let twice = match (key.trim(), value.trim()) {
            ("done", "true") => filter.done.replace(true).is_some(),
            ("done", "false") => filter.done.replace(false).is_some(),
            ("kind", name) => filter.kind.replace(kind(name)?).is_some(),
            ("workspace_id", id) => {
                let id = decode::id("", id).map_err(|_| "workspace_id must be a UUID")?;
                filter.workspace.replace(id).is_some()
            }
            _ => {
                return Err(
                    "knows done=true, done=false, kind=… and workspace_id=…, joined by AND".into(),
                );
            }
        };
        if twice {
            return Err(format!("must not name {} twice", key.trim()));
        }
    }
    Ok(filter)
}

fn kind(name: &str) -> Result<Kind, String> {
    let unknown = || "kind must be the name of an OperationKind, without its prefix".to_owned();
    Kind::named(name).ok_or_else(unknown)
}

/// An operation that the call has just started, at the revision that came of it.
pub(super) fn started(operation: Operation, revision: i64) -> longrunning::Operation {
    Operation { revision, ..operation }.into()
}

impl From<Operation> for longrunning::Operation {
    fn from(operation: Operation) -> Self {
        let ending = operation.end_time.map(|_| ending(&operation));
        Self {
            name: operation.name(),
            done: operation.end_time.is_some(),
            metadata: Some(any("OperationMetadata", &pb::OperationMetadata::from(operation))),
            result: ending,
        }
    }
}

/// How an operation ended. What cannot be read, of a later version, is told as it is: ended.
fn ending(operation: &Operation) -> Ending {
    match serde_json::from_value::<Option<Refusal>>(operation.error.clone()) {
        Ok(Some(refusal)) => Ending::Error(refusal.into()),
        _ => Ending::Response(response(operation.kind, operation.result.clone())),
    }
}

/// What an operation did, in the message of its kind.
fn response(kind: Kind, result: Json) -> Any {
    match kind {
        Kind::MovePeople => {
            told::<MovedMany, pb::MovePeopleByFilterResult>("MovePeopleByFilterResult", result)
        }
        Kind::ApproveSegmentation => {
            told::<Outcome, pb::ApproveSegmentationResult>("ApproveSegmentationResult", result)
        }
        Kind::RecomputeSegmentation => {
            told::<Outcome, pb::RecomputeSegmentationResult>("RecomputeSegmentationResult", result)
        }
        Kind::AddListMembers => {
            told::<Filled, pb::AddListMembersByFilterResult>("AddListMembersByFilterResult", result)
        }
        Kind::ErasePerson => told::<Receipt, pb::ErasePersonResult>("ErasePersonResult", result),
        Kind::FollowSegmentation => any("OperationMetadata", &pb::OperationMetadata::default()),
        Kind::Promote => told::<Counts, pb::PromoteResult>("PromoteResult", result),
        Kind::ReroutePeople => {
            told::<Rerouted, pb::ReroutePeopleResult>("ReroutePeopleResult", result)
        }
    }
}

fn told<T: DeserializeOwned + Default, M: Message + From<T>>(name: &str, result: Json) -> Any {
    let result: T = serde_json::from_value(result).unwrap_or_default();
    any(name, &M::from(result))
}

fn any(name: &str, message: &impl Message) -> Any {
    Any { type_url: format!("{TYPES}.{name}"), value: message.encode_to_vec() }
}

impl From<Operation> for pb::OperationMetadata {
    fn from(operation: Operation) -> Self {
        Self {
            kind: pb::OperationKind::from(operation.kind).into(),
            state: state(&operation).into(),
            workspace_id: operation.workspace_id.map(|id| id.to_string()).unwrap_or_default(),
            resource_id: operation.resource_id.map(|id| id.to_string()).unwrap_or_default(),
            progress: Some(pb::OperationProgress {
                done: operation.done,
                total: operation.total,
                failed: operation.failed,
            }),
            actor: operation.principal,
            create_time: Some(timestamp(operation.create_time)),
            start_time: decode::times(operation.start_time),
            update_time: Some(timestamp(operation.update_time)),
            end_time: decode::times(operation.end_time),
            expire_time: decode::times(operation.expire_time),
            revision: operation.revision,
        }
    }
}

impl From<Kind> for pb::OperationKind {
    fn from(kind: Kind) -> Self {
        Self::from_str_name(&format!("OPERATION_KIND_{}", kind.name())).unwrap_or_default()
    }
}

fn state(operation: &Operation) -> pb::OperationState {
    match (operation.state, operation.cancel_time) {
        (State::Done, _) => pb::OperationState::Done,
        (_, Some(_)) => pb::OperationState::Cancelling,
        (State::Queued, None) => pb::OperationState::Queued,
        (State::Running, None) => pb::OperationState::Running,
    }
}
