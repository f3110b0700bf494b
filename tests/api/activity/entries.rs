//! K-06: the audit log as its readers may see it.

use precinct::pb::ErrorReason;
use serde_json::{Value as Json, json};
use tonic::Code;

use super::{Scene, each, newest, walk};
use crate::on_both;
use crate::support::actor::Actor;
use crate::support::status::assert_refused;

async fn entries(actor: &Actor, workspace: &str, filter: Json) -> Vec<Json> {
    let request = json!({ "workspace_id": workspace, "filter": filter });
    walk(actor, "ListAuditEntries", &request, 1_000).await
}

/// The first change of an entry: before and after.
fn change(entry: &Json) -> (Json, Json) {
    let parse = |field: &str| {
        let text = entry["changes"][0][field].as_str().unwrap_or_default();
        serde_json::from_str(text).unwrap_or(Json::Null)
    };
    (parse("before"), parse("after"))
}

on_both! {
    /// K-06, S-01: a share names the owner and the targets, before and after, as far as the reader sees them.
    async fn k_06_a_share_names_both_sides(app) {
        let scene = Scene::new(app).await;
        let three = scene.admin.workspace("Three", &[&scene.p1]).await;
        let folder = scene.shared_folder().await;
        scene.share(&folder, &[&scene.two, &three]).await;
        let targets = |json: &Json| {
            let mut ids: Vec<String> = serde_json::from_value(json["target_workspace_ids"].clone()).unwrap();
            ids.sort();
            ids
        };
        let all = entries(&scene.admin, "", json!({ "resource_kind": "folder" })).await;
        let entry = newest(&all, "folder.shared");
        let (before, after) = change(entry);
        assert_eq!((targets(&before), targets(&after)), (vec![scene.two.clone()], vec![scene.two.clone(), three.clone()]));
        let mut concerned: Vec<String> = serde_json::from_value(entry["workspace_ids"].clone()).unwrap();
        concerned.sort();
        assert_eq!(concerned, [scene.one.clone(), three.clone()], "the one that it was shared to before is not concerned");
        assert_eq!(entry["outcome"], "AUDIT_OUTCOME_DONE");
        let bob = entries(&scene.bob, &scene.two, json!({ "resource_id": folder })).await;
        assert_eq!(each(&bob, "kind"), ["folder.shared"], "the second does not concern it");
        assert_eq!(bob[0]["workspace_ids"], json!([scene.two]));
        let (before, after) = change(&bob[0]);
        assert_eq!((targets(&before), targets(&after)), (vec![], vec![scene.two.clone()]));
        assert!(!bob[0].to_string().contains(&three) && !bob[0].to_string().contains(&scene.one));
    }

    /// K-06, K-08, V-01: before and after of people are for those who may see them now, and gone once they are erased.
    async fn k_06_people_are_told_of_to_who_may_see_them(app) {
        let scene = Scene::new(app).await;
        let person = scene.admin.person(&scene.two, "eve@example.com").await.person_id;
        let role = scene.admin.role("Auditor", &["audit.read"]).await;
        scene.admin.grant("user:cay", &role, &scene.two).await;
        let about = json!({ "resource_id": person });
        let seen = entries(&scene.bob, &scene.two, about.clone()).await;
        assert_eq!(change(&seen[0]).1["person"]["email"], "eve@example.com");
        let cay = entries(&scene.acme.user("cay"), &scene.two, about.clone()).await;
        assert_eq!(cay[0]["changes"][0]["withheld"], true);
        assert_eq!(change(&cay[0]), (Json::Null, Json::Null));
        assert!(!cay[0].to_string().contains("eve@"));
        let bind = json!({ "workspace_id": scene.two, "partition_id": scene.p1 });
        scene.admin.make("PartitionService/BindPartition", &bind).await.ok();
        let unbind = json!({
            "workspace_id": scene.two,
            "partition_id": scene.p2,
            "new_primary_partition_id": scene.p1,
        });
        scene.admin.make("PartitionService/UnbindPartition", &unbind).await.ok();
        let lost = entries(&scene.bob, &scene.two, about.clone()).await;
        assert_eq!((lost.len(), &lost[0]["changes"][0]["withheld"]), (1, &json!(true)));
        // The admin sees everybody, until what was told is erased.
        assert_eq!(change(&entries(&scene.admin, "", about.clone()).await[0]).1["person"]["email"], "eve@example.com");
        let erase = "DELETE FROM audit_payload WHERE tenant_id = {id}";
        app.database.sabotage(erase, &scene.acme.id).await;
        let erased = entries(&scene.admin, "", about).await;
        assert_eq!((erased.len(), &erased[0]["erased"], erased[0].get("changes")), (1, &json!(true), None));
    }

    /// K-06: filters, by whom, what, on what and when; a page goes on where the one before ended.
    async fn k_06_entries_are_filtered(app) {
        let scene = Scene::new(app).await;
        let folder = scene.shared_folder().await;
        let all = entries(&scene.admin, "", json!({})).await;
        let count = |filter: Json| {
            let scene = &scene;
            async move { entries(&scene.admin, "", filter).await.len() }
        };
        assert_eq!(count(json!({ "action": "SharingService/ShareFolder" })).await, 1);
        assert_eq!(count(json!({ "resource_id": folder })).await, 2);
        assert_eq!(count(json!({ "resource_kind": "workspace" })).await, 2);
        assert_eq!(count(json!({ "actor": "user:owner" })).await + 1, all.len(), "the operator made the tenant");
        assert_eq!(count(json!({ "outcome": "AUDIT_OUTCOME_DONE" })).await, all.len());
        assert_eq!(count(json!({ "outcome": "AUDIT_OUTCOME_REFUSED" })).await, 0);
        let time = all[1]["create_time"].clone();
        let (since, until) = (count(json!({ "since": time })).await, count(json!({ "until": time })).await);
        assert_eq!(since + until, all.len());
        let request = json!({ "filter": { "resource_kind": "folder" } });
        let by_one = walk(&scene.admin, "ListAuditEntries", &request, 1).await;
        assert_eq!(each(&by_one, "kind"), ["folder.shared", "folder.created"]);
    }

    /// the log of a workspace needs audit.read there, that of the tenant needs it tenant-wide.
    async fn k_06_who_reads_the_log(app) {
        let scene = Scene::new(app).await;
        let try_read = async |actor: &Actor, workspace: &str| {
            let request = json!({ "workspace_id": workspace });
            actor.make("ActivityService/ListAuditEntries", &request).await.result()
        };
        assert!(try_read(&scene.bob, &scene.two).await.is_ok());
        let denied = try_read(&scene.ada, &scene.one).await;
        assert_refused(denied, Code::PermissionDenied, ErrorReason::PermissionRequired);
        assert_refused(try_read(&scene.bob, "").await, Code::PermissionDenied, ErrorReason::PermissionRequired);
        assert_refused(try_read(&scene.bob, &scene.one).await, Code::NotFound, ErrorReason::WorkspaceNotFound);
        let refused = entries(&scene.admin, "", json!({ "outcome": "AUDIT_OUTCOME_REFUSED" })).await;
        assert_eq!(each(&refused, "actor"), ["user:bob", "user:ada"], "bob's two are one");
        assert_eq!(each(&refused, "reason"), ["ERROR_REASON_PERMISSION_REQUIRED"; 2]);
        assert_eq!(each(&refused, "permission"), ["audit.read"; 2]);
        assert_eq!(refused[1]["workspace_ids"], json!([scene.one]));
        // The workspace's admin hears of what was tried there.
        scene.admin.grant("user:bob", &crate::support::access::built_in("Workspace admin"), &scene.one).await;
        let told = entries(&scene.bob, &scene.one, json!({ "outcome": "AUDIT_OUTCOME_REFUSED" })).await;
        assert_eq!(each(&told, "actor"), ["user:ada"]);
    }
}
