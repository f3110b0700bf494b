//! Shorthands for operations, and the hand that carries them on: in tests nothing works on them by itself.

use precinct::config::WorkConfig;
use precinct::pb;
use precinct::pb::longrunning::operation::Result as Ending;
use precinct::pb::longrunning::operations_client::OperationsClient;
use precinct::pb::longrunning::{
    CancelOperationRequest, DeleteOperationRequest, GetOperationRequest, ListOperationsRequest,
    Operation, WaitOperationRequest,
};
use precinct::server::Server;
use precinct::service::operation::{Worked, Worker};
use prost::Message;
use serde_json::{Value as Json, json};
use tonic::{Response, Status};

use super::App;
use super::actor::{Actor, Way, ok};

/// People whom a slice looks at in tests.
pub const SLICE: usize = 10;

/// How servers of tests work on operations.
pub fn work() -> WorkConfig {
    WorkConfig { people: SLICE as i64, ..WorkConfig::default() }
}

/// Who works on the operations of a server, when told to.
pub fn worker(server: &Server) -> &Worker {
    server.worker().expect("the server is open")
}

/// Does a slice of whoever's turn it is; the name of the operation, if one was due.
pub async fn step(worker: &Worker) -> Option<String> {
    match worker.step(false).await.expect("the database answers") {
        Worked::On(id) => Some(format!("operations/{id}")),
        Worked::Resting(_) | Worked::Nothing => None,
    }
}

/// Steps until nothing is due; how many steps it took.
pub async fn finish(worker: &Worker) -> usize {
    let mut steps = 0;
    while step(worker).await.is_some() {
        steps += 1;
    }
    steps
}

/// What an operation says of itself.
#[track_caller]
pub fn metadata(operation: &Operation) -> pb::OperationMetadata {
    let any = operation.metadata.as_ref().expect("every operation has metadata");
    assert_eq!(any.type_url, "type.googleapis.com/precinct.v1.OperationMetadata");
    pb::OperationMetadata::decode(any.value.as_slice()).expect("of its type")
}

/// How far an operation is: done, of how many, refused.
#[track_caller]
pub fn progress(operation: &Operation) -> (i64, i64, i64) {
    let progress = metadata(operation).progress.expect("it is always there");
    (progress.done, progress.total, progress.failed)
}

/// What came of a move.
#[track_caller]
pub fn moved(operation: &Operation) -> pb::MovePeopleByFilterResult {
    match &operation.result {
        Some(Ending::Response(any)) => {
            assert_eq!(any.type_url, "type.googleapis.com/precinct.v1.MovePeopleByFilterResult");
            pb::MovePeopleByFilterResult::decode(any.value.as_slice()).expect("of its type")
        }
        other => panic!("no response: {other:?}"),
    }
}

/// Why an operation ended before its end, as a call would have been refused.
#[track_caller]
pub fn refusal(operation: &Operation) -> Status {
    match &operation.result {
        Some(Ending::Error(status)) => {
            let details = status.encode_to_vec().into();
            Status::with_details(status.code.into(), status.message.clone(), details)
        }
        other => panic!("no error: {other:?}"),
    }
}

// === impl App ===

impl App {
    /// Does a slice of whoever's turn it is; the name of the operation, if one was due.
    pub async fn step(&self) -> Option<String> {
        step(worker(&self.server)).await
    }

    /// Carries all operations on to their ends; how many slices that took.
    pub async fn finish(&self) -> usize {
        finish(worker(&self.server)).await
    }
}

// === impl Actor ===

impl Actor {
    pub fn operations(&self) -> OperationsClient<Way> {
        OperationsClient::new(self.way())
    }

    /// Starts to move all people of some partitions; the name of the operation.
    pub async fn move_all(&self, workspace: &str, from: &[&String], to: &str) -> String {
        let request = move_all(workspace, from, to);
        let started = ok(self.people().move_people_by_filter(request).await);
        started.operation.expect("it is always there").name
    }

    pub async fn operation(&self, name: &str) -> Operation {
        ok(self.try_operation(name).await)
    }

    pub async fn try_operation(&self, name: &str) -> Result<Response<Operation>, Status> {
        self.operations().get_operation(GetOperationRequest { name: name.into() }).await
    }

    pub async fn try_cancel(&self, name: &str) -> Result<Response<()>, Status> {
        self.operations().cancel_operation(CancelOperationRequest { name: name.into() }).await
    }

    pub async fn try_forget(&self, name: &str) -> Result<Response<()>, Status> {
        self.operations().delete_operation(DeleteOperationRequest { name: name.into() }).await
    }

    pub async fn try_wait(&self, name: &str, seconds: i64) -> Result<Response<Operation>, Status> {
        let timeout = Some(prost_types::Duration { seconds, nanos: 0 });
        let request = WaitOperationRequest { name: name.into(), timeout };
        self.operations().wait_operation(request).await
    }

    /// The names of the operations that the caller sees, of those that a filter names.
    pub async fn operation_names(&self, filter: &str) -> Vec<String> {
        let found = ok(self.try_operations(filter).await);
        found.into_iter().map(|operation| operation.name).collect()
    }

    pub async fn try_operations(&self, filter: &str) -> Result<Response<Vec<Operation>>, Status> {
        let request = ListOperationsRequest {
            filter: filter.into(),
            page_size: 1_000,
            ..ListOperationsRequest::default()
        };
        let found = self.operations().list_operations(request).await?;
        Ok(found.map(|found| found.operations))
    }

    /// Puts people into a partition, numbered.
    pub async fn fill(&self, workspace: &str, partition: &str, numbers: std::ops::Range<usize>) {
        let numbers: Vec<usize> = numbers.collect();
        for numbers in numbers.chunks(1_000) {
            let email = |n: &usize| json!({ "email": format!("n{n:05}@example.com") });
            let people: Vec<Json> = numbers.iter().map(email).collect();
            let request = json!({
                "workspace_id": workspace,
                "partition_id": partition,
                "mode": "PERSON_WRITE_MODE_CREATE_ONLY",
                "people": people,
            });
            self.make("PersonService/SyncPeople", &request).await.ok();
        }
    }

    /// How many people a workspace sees in a partition.
    pub async fn count_in(&self, workspace: &str, partition: &str) -> i64 {
        let request = pb::CountPeopleRequest {
            workspace_id: workspace.into(),
            partition_ids: vec![partition.into()],
            ..pb::CountPeopleRequest::default()
        };
        ok(self.people().count_people(request).await).total
    }
}

/// A request to move all people of some partitions.
pub fn move_all(workspace: &str, from: &[&String], to: &str) -> pb::MovePeopleByFilterRequest {
    pb::MovePeopleByFilterRequest {
        workspace_id: workspace.into(),
        partition_ids: from.iter().map(|id| (*id).clone()).collect(),
        target_partition_id: to.into(),
        reason: "reorganised".into(),
        ..pb::MovePeopleByFilterRequest::default()
    }
}
