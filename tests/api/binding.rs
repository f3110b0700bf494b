//! Bindings: which workspace uses which partition (W-02, W-03, P-03, P-05, P-06).

use precinct::pb;
use precinct::pb::{BindingAccess, ErrorReason};
use tonic::{Code, Response, Status};

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::assert_refused;

type Reply<T> = Result<Response<T>, Status>;

async fn bind(
    actor: &Actor,
    (workspace, partition): (&str, &str),
    access: BindingAccess,
    primary: bool,
) -> Reply<pb::BindPartitionResponse> {
    let request = pb::BindPartitionRequest {
        workspace_id: workspace.into(),
        partition_id: partition.into(),
        access: access.into(),
        primary,
        ..pb::BindPartitionRequest::default()
    };
    actor.partitions().bind_partition(request).await
}

async fn unbind(
    actor: &Actor,
    (workspace, partition): (&str, &str),
    new_primary: &str,
) -> Reply<pb::UnbindPartitionResponse> {
    let request = pb::UnbindPartitionRequest {
        workspace_id: workspace.into(),
        partition_id: partition.into(),
        new_primary_partition_id: new_primary.into(),
        ..pb::UnbindPartitionRequest::default()
    };
    actor.partitions().unbind_partition(request).await
}

async fn set_primary(
    actor: &Actor,
    (workspace, partition): (&str, &str),
) -> Reply<pb::SetPrimaryPartitionResponse> {
    let request = pb::SetPrimaryPartitionRequest {
        workspace_id: workspace.into(),
        partition_id: partition.into(),
        ..pb::SetPrimaryPartitionRequest::default()
    };
    actor.partitions().set_primary_partition(request).await
}

/// Partition, writable, primary, implicit: of all bindings of a workspace, by pages of two.
async fn bindings(actor: &Actor, workspace: &str) -> Vec<(String, bool, bool, bool)> {
    let mut bindings = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListBindingsRequest {
            workspace_id: workspace.into(),
            page_size: 2,
            page_token,
            ..pb::ListBindingsRequest::default()
        };
        let page = ok(actor.partitions().list_bindings(request).await);
        bindings.extend(page.bindings.into_iter().map(|one| {
            let writable = one.access == i32::from(BindingAccess::ReadWrite);
            (one.partition_id, writable, one.primary, one.implicit)
        }));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return bindings;
        }
    }
}

async fn primary(actor: &Actor, workspace: &str) -> String {
    let request = pb::GetWorkspaceRequest { workspace_id: workspace.into() };
    ok(actor.workspaces().get_workspace(request).await).workspace.unwrap().primary_partition_id
}

on_both! {
    /// W-03: binding makes one relation, seen from both sides; the same call again changes nothing.
    async fn w_03_a_binding_is_one_relation(app) {
        let ada = app.tenant("acme").await.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1]).await;
        let unspecified = BindingAccess::Unspecified;
        let bound = ok(bind(&ada, (&w, &p2), BindingAccess::ReadOnly, false).await);
        let again = ok(bind(&ada, (&w, &p2), unspecified, false).await);
        assert_eq!((again.binding.as_ref(), again.revision), (bound.binding.as_ref(), bound.revision));
        let request = pb::ListBindingsRequest { partition_id: p2.clone(), ..Default::default() };
        let of_partition = ok(ada.partitions().list_bindings(request).await).bindings;
        assert!(of_partition.iter().any(|one| one.workspace_id == w && !one.implicit));
        let listed = bindings(&ada, &w).await;
        assert_eq!(listed, [(p1.clone(), true, true, false), (p2.clone(), false, false, false)]);
        let changed = ok(bind(&ada, (&w, &p2), BindingAccess::ReadWrite, true).await);
        assert_eq!(changed.revision, bound.revision + 1);
        assert!(changed.binding.unwrap().primary);
        assert_eq!(primary(&ada, &w).await, p2);
    }

    /// W-02, P-03: the primary is bound and writable.
    async fn w_02_the_primary_is_bound_and_writable(app) {
        let ada = app.tenant("acme").await.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1]).await;
        let result = set_primary(&ada, (&w, &p2)).await;
        assert_refused(result, Code::NotFound, ErrorReason::BindingNotFound);
        let result = bind(&ada, (&w, &p2), BindingAccess::ReadOnly, true).await;
        assert_refused(result, Code::FailedPrecondition, ErrorReason::PartitionReadOnly);
        ok(bind(&ada, (&w, &p2), BindingAccess::ReadOnly, false).await);
        let result = set_primary(&ada, (&w, &p2)).await;
        assert_refused(result, Code::FailedPrecondition, ErrorReason::PartitionReadOnly);
        let result = bind(&ada, (&w, &p1), BindingAccess::ReadOnly, false).await;
        let required = ErrorReason::PrimaryPartitionRequired;
        assert_refused(result, Code::FailedPrecondition, required);
        let revision = ada.revision().await;
        assert_eq!(ok(set_primary(&ada, (&w, &p1)).await).revision, revision);
        let random = uuid::Uuid::now_v7().to_string();
        let result = bind(&ada, (&w, &random), BindingAccess::ReadWrite, false).await;
        assert_refused(result, Code::NotFound, ErrorReason::PartitionNotFound);
        let result = bind(&ada, (&random, &p1), BindingAccess::ReadWrite, false).await;
        assert_refused(result, Code::NotFound, ErrorReason::WorkspaceNotFound);
    }

    /// W-03, P-05: unbinding hides the people at once and deletes nothing; the primary needs a replacement,
    /// the last partition stays.
    async fn p_05_unbinding_hides_and_deletes_nothing(app) {
        let ada = app.tenant("acme").await.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        let person = ada.person(&w, "a@example.com").await.person_id;
        let result = unbind(&ada, (&w, &p1), "").await;
        let required = ErrorReason::PrimaryPartitionRequired;
        assert_refused(result, Code::FailedPrecondition, required);
        let result = unbind(&ada, (&w, &p1), &p1).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        let result = unbind(&ada, (&w, &p2), &p1).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        let left = ok(unbind(&ada, (&w, &p1), &p2).await).bindings;
        assert_eq!(left.len(), 1);
        assert!(left[0].primary && left[0].partition_id == p2);
        let result = ada.try_get_person(&w, &person).await;
        assert_refused(result, Code::NotFound, ErrorReason::PersonNotFound);
        let result = unbind(&ada, (&w, &p1), "").await;
        assert_refused(result, Code::NotFound, ErrorReason::BindingNotFound);
        let result = unbind(&ada, (&w, &p2), "").await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::NoPartition);
        ok(bind(&ada, (&w, &p1), BindingAccess::ReadWrite, false).await);
        assert_eq!(ada.try_get_person(&w, &person).await.unwrap().partition_id, p1);
    }

    /// P-06: changing the primary moves nobody; it decides for people created from then on.
    async fn p_06_changing_the_primary_moves_nobody(app) {
        let ada = app.tenant("acme").await.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        let first = ada.person(&w, "a@example.com").await;
        assert!(ok(set_primary(&ada, (&w, &p2)).await).binding.unwrap().primary);
        let second = ada.person(&w, "b@example.com").await;
        assert_eq!((&first.partition_id, &second.partition_id), (&p1, &p2));
        let read = ada.try_get_person(&w, &first.person_id).await.unwrap();
        assert_eq!(read.partition_id, p1);
    }

    /// all_partitions is an implicit binding to each; an explicit one overrides it, and unbinding that gives
    /// the implicit one back.
    async fn all_partitions_binds_each_implicitly(app) {
        let acme = app.tenant("acme").await;
        let (ada, w, default) = (acme.admin(), &acme.default_workspace, &acme.default_partition);
        let p1 = ada.partition("P1").await;
        let own = (default.clone(), true, true, false);
        assert_eq!(bindings(&ada, w).await, [own.clone(), (p1.clone(), true, false, true)]);
        let result = unbind(&ada, (w, &p1), "").await;
        assert_refused(result, Code::NotFound, ErrorReason::BindingNotFound);
        ok(bind(&ada, (w, &p1), BindingAccess::ReadOnly, false).await);
        assert_eq!(bindings(&ada, w).await, [own.clone(), (p1.clone(), false, false, false)]);
        let result = ada.try_person(w, &p1, "a@example.com").await;
        assert_refused(result, Code::FailedPrecondition, ErrorReason::PartitionReadOnly);
        ok(unbind(&ada, (w, &p1), "").await);
        assert_eq!(bindings(&ada, w).await, [own, (p1.clone(), true, false, true)]);
        assert!(ok(set_primary(&ada, (w, &p1)).await).binding.unwrap().primary);
        let listed = bindings(&ada, w).await;
        assert_eq!(listed, [(default.clone(), true, false, false), (p1, true, true, false)]);
    }

    /// W-02, P-04 under race: a partition that becomes a primary while it is deleted: one is refused.
    async fn p_04_no_primary_is_deleted_in_a_race(app) {
        let ada = app.tenant("acme").await.admin();
        let p1 = ada.partition("P1").await;
        for round in 0..10 {
            let p2 = ada.partition(&format!("Goes {round}")).await;
            let w = ada.workspace(&format!("W {round}"), &[&p1, &p2]).await;
            let request = pb::DeletePartitionRequest { partition_id: p2.clone(), ..Default::default() };
            let mut partitions = ada.partitions();
            let (deleted, made) =
                tokio::join!(partitions.delete_partition(request), set_primary(&ada, (&w, &p2)));
            assert_ne!(deleted.is_ok(), made.is_ok(), "{deleted:?} {made:?}");
            let expected = if made.is_ok() { &p2 } else { &p1 };
            assert_eq!(primary(&ada, &w).await, *expected);
        }
    }

    /// W-03 under race: of two calls that each unbind what the other makes the primary, the workspace keeps
    /// one primary.
    async fn w_03_a_workspace_keeps_a_primary_in_a_race(app) {
        let ada = app.tenant("acme").await.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        for round in 0..10 {
            let w = ada.workspace(&format!("W {round}"), &[&p1, &p2]).await;
            let (a, b) =
                tokio::join!(unbind(&ada, (&w, &p2), ""), unbind(&ada, (&w, &p1), &p2));
            assert_ne!(a.is_ok(), b.is_ok(), "{a:?} {b:?}");
            let listed = bindings(&ada, &w).await;
            assert_eq!(listed.iter().filter(|one| one.2).count(), 1, "{listed:?}");
        }
    }
}
