//! `WatchChanges` (K-07, K-10).

mod doc;
mod ends;
mod order;
mod property;
mod sight;
mod start;
mod views;

use precinct::pb;
use tonic::{Response, Status};

use crate::support::actor::{Actor, ok};

async fn try_bind(actor: &Actor, workspace: &str, partition: &str) -> Result<i64, Status> {
    let request = pb::BindPartitionRequest {
        workspace_id: workspace.into(),
        partition_id: partition.into(),
        ..pb::BindPartitionRequest::default()
    };
    let done = actor.partitions().bind_partition(request).await;
    done.map(Response::into_inner).map(|done| done.revision)
}

async fn bind(actor: &Actor, workspace: &str, partition: &str) -> i64 {
    try_bind(actor, workspace, partition).await.expect("it may be bound")
}

async fn try_unbind(actor: &Actor, workspace: &str, partition: &str) -> Result<i64, Status> {
    let request = pb::UnbindPartitionRequest {
        workspace_id: workspace.into(),
        partition_id: partition.into(),
        ..pb::UnbindPartitionRequest::default()
    };
    let done = actor.partitions().unbind_partition(request).await;
    done.map(Response::into_inner).map(|done| done.revision)
}

async fn unbind(actor: &Actor, workspace: &str, partition: &str) -> i64 {
    try_unbind(actor, workspace, partition).await.expect("it may be unbound")
}

async fn move_people(actor: &Actor, workspace: &str, people: &[&str], target: &str) -> i64 {
    let request = pb::MovePeopleRequest {
        workspace_id: workspace.into(),
        person_ids: people.iter().map(|id| (*id).to_owned()).collect(),
        target_partition_id: target.into(),
        ..pb::MovePeopleRequest::default()
    };
    ok(actor.people().move_people(request).await).revision
}

async fn all_partitions(actor: &Actor, workspace: &str, all: bool) -> Result<i64, Status> {
    let request = pb::UpdateWorkspaceRequest {
        workspace: Some(pb::Workspace {
            workspace_id: workspace.into(),
            all_partitions: all,
            ..pb::Workspace::default()
        }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["all_partitions".into()] }),
        ..pb::UpdateWorkspaceRequest::default()
    };
    let done = actor.workspaces().update_workspace(request).await;
    done.map(Response::into_inner).map(|done| done.revision)
}

async fn rename(actor: &Actor, workspace: &str, name: &str) -> i64 {
    let request = pb::UpdateWorkspaceRequest {
        workspace: Some(pb::Workspace {
            workspace_id: workspace.into(),
            description: name.into(),
            ..pb::Workspace::default()
        }),
        ..pb::UpdateWorkspaceRequest::default()
    };
    ok(actor.workspaces().update_workspace(request).await).revision
}
