//! Who sees operations, and in whose name they work.

use precinct::pb;
use precinct::pb::ErrorReason;
use tonic::Code;

use super::Scene;
use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::operations::{moved, progress, refusal};
use crate::support::status::{assert_refused, reason};

/// An operation that never was.
const NEVER: &str = "operations/0190f0e0-0000-7000-8000-00000000dead";

/// For somebody it is as if the operation had never been: in every rpc, and in the list.
async fn hidden(actor: &Actor, name: &str) {
    for (hidden, missing) in [
        (actor.try_operation(name).await.map(drop), actor.try_operation(NEVER).await.map(drop)),
        (actor.try_cancel(name).await.map(drop), actor.try_cancel(NEVER).await.map(drop)),
        (actor.try_forget(name).await.map(drop), actor.try_forget(NEVER).await.map(drop)),
        (actor.try_wait(name, 0).await.map(drop), actor.try_wait(NEVER, 0).await.map(drop)),
    ] {
        let hidden = assert_refused(hidden, Code::NotFound, ErrorReason::OperationNotFound);
        let missing = assert_refused(missing, Code::NotFound, ErrorReason::OperationNotFound);
        assert_eq!((reason(&hidden), hidden.message()), (reason(&missing), missing.message()));
    }
    assert!(!actor.operation_names("").await.contains(&name.to_owned()));
}

on_both! {
    /// T-02, A-06: an operation is seen by who started it and by who could have; for others it is not there.
    async fn a_06_others_do_not_know_of_an_operation(app) {
        let (acme, globex) = (Scene::new(app, "acme", 15).await, Scene::new(app, "globex", 0).await);
        let third = acme.ada.partition("Third").await;
        let elsewhere = acme.ada.workspace("Elsewhere", &[&third]).await;
        let who = |name: &str| acme.tenant.user(name);
        acme.ada.grant("user:starter", &built_in("Workspace admin"), &acme.workspace).await;
        acme.ada.grant("user:colleague", &built_in("Workspace admin"), &acme.workspace).await;
        acme.ada.grant("user:viewer", &built_in("Viewer"), &acme.workspace).await;
        acme.ada.grant("user:neighbour", &built_in("Workspace admin"), &elsewhere).await;
        let name = who("starter").move_all(&acme.workspace, &[&acme.from], &acme.to).await;
        for hidden_from in [who("viewer"), who("neighbour"), who("nobody"), globex.ada.clone()] {
            hidden(&hidden_from, &name).await;
        }
        for sees in [who("starter"), who("colleague"), acme.ada.clone()] {
            assert_eq!(sees.operation(&name).await.name, name);
            assert_eq!(sees.operation_names("").await, std::slice::from_ref(&name));
        }
        ok(who("colleague").try_cancel(&name).await);
        app.finish().await;
        assert_eq!(refusal(&acme.get(&name).await).code(), Code::Cancelled);
        // Operators are of no tenant.
        assert_eq!(app.operator().try_operation(&name).await.unwrap_err().code(), Code::PermissionDenied);
    }

    /// an operation has the rights that its starter has at the time: it ends when they do, as a call would.
    async fn a_05_an_operation_ends_with_the_rights_of_its_starter(app) {
        let acme = Scene::new(app, "acme", 25).await;
        let admin = acme.ada.grant("user:bob", &built_in("Workspace admin"), &acme.workspace).await;
        acme.ada.grant("user:bob", &built_in("Viewer"), &acme.workspace).await;
        let name = acme.tenant.user("bob").move_all(&acme.workspace, &[&acme.from], &acme.to).await;
        app.step().await;
        ok(acme.ada.try_revoke(&admin).await);
        assert_eq!(app.finish().await, 1);
        let ended = acme.get(&name).await;
        let why = Err::<(), _>(refusal(&ended));
        assert_refused(why, Code::PermissionDenied, ErrorReason::PermissionRequired);
        assert_eq!((progress(&ended), acme.counts().await), ((10, 25, 0), (15, 10)));
        // Who started it still sees what came of it.
        let told = refusal(&acme.tenant.user("bob").operation(&name).await);
        assert_eq!(told.message(), refusal(&ended).message());
    }

    /// V-01: a partition that the workspace sees no more is left alone.
    async fn v_01_what_the_workspace_sees_no_more_stays(app) {
        let acme = Scene::new(app, "acme", 25).await;
        let name = acme.start().await;
        app.step().await;
        let all = acme.tenant.default_workspace.clone();
        let unbind = pb::UnbindPartitionRequest {
            workspace_id: acme.workspace.clone(),
            partition_id: acme.from.clone(),
            new_primary_partition_id: acme.to.clone(),
            ..pb::UnbindPartitionRequest::default()
        };
        ok(acme.ada.partitions().unbind_partition(unbind).await);
        app.finish().await;
        assert_eq!(moved(&acme.get(&name).await).moved, 10);
        assert_eq!(acme.ada.count_in(&all, &acme.from).await, 15);
    }

    /// W-12: an operation of a workspace that was archived meanwhile ends as a call would be refused.
    async fn w_12_an_archived_workspace_refuses_the_rest(app) {
        let acme = Scene::new(app, "acme", 25).await;
        let name = acme.start().await;
        app.step().await;
        let archive = serde_json::json!({ "workspace_id": acme.workspace });
        acme.ada.make("WorkspaceService/ArchiveWorkspace", &archive).await.ok();
        app.finish().await;
        let why = Err::<(), _>(refusal(&acme.get(&name).await));
        assert_refused(why, Code::FailedPrecondition, ErrorReason::WorkspaceArchived);
    }
}
