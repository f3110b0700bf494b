//! What happens in a workspace, as far as it sees that.

use std::collections::BTreeMap;

use precinct::pb;
use precinct::pb::{Area, AssetType};
use serde_json::json;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::members::{Kind, Members};
use crate::support::segmentations::{DEFAULT, segment};

async fn bind(ada: &Actor, workspace: &str, partition: &str) {
    let request = json!({ "workspace_id": workspace, "partition_id": partition });
    ada.make("PartitionService/BindPartition", &request).await.ok();
}

async fn unbind(ada: &Actor, workspace: &str, partition: &str) {
    let request = json!({ "workspace_id": workspace, "partition_id": partition });
    ada.make("PartitionService/UnbindPartition", &request).await.ok();
}

async fn move_to(ada: &Actor, workspace: &str, person: &str, partition: &str) {
    let request = json!({ "workspace_id": workspace, "person_ids": [person], "target_partition_id": partition });
    ada.make("PersonService/MovePeople", &request).await.ok();
}

/// People, gained and lost.
async fn swing(ada: &Actor, workspace: &str) -> (i64, i64, i64) {
    let insight = ada.insight(workspace).await;
    (insight.people, insight.people_gained, insight.people_lost)
}

fn kinds(insight: &pb::UsageInsight) -> BTreeMap<String, i64> {
    insight.changes.iter().map(|one| (one.kind.clone(), one.count)).collect()
}

on_both! {
    /// K-09: people come into sight and leave it by create, delete, restore, move, bind and unbind.
    async fn k_09_people_gained_and_lost(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let a = ada.workspace("A", &[&p]).await;
        let eve = ada.person(&a, "eve@example.com").await.person_id;
        ada.fill(all, &q, 0..4).await;
        assert_eq!(swing(&ada, &a).await, (1, 1, 0));
        move_to(&ada, all, &eve, &q).await;
        assert_eq!(swing(&ada, &a).await, (0, 1, 1));
        bind(&ada, &a, &q).await;
        assert_eq!(swing(&ada, &a).await, (5, 6, 1));
        // Within its sight nobody comes or goes.
        move_to(&ada, &a, &eve, &p).await;
        assert_eq!(swing(&ada, &a).await, (5, 6, 1));
        let request = json!({ "workspace_id": a, "person_id": eve });
        ada.make("PersonService/DeletePerson", &request).await.ok();
        assert_eq!(swing(&ada, &a).await, (4, 6, 2));
        ada.make("PersonService/UndeletePerson", &request).await.ok();
        unbind(&ada, &a, &q).await;
        assert_eq!(swing(&ada, &a).await, (1, 7, 6));
        // All that is seen by an implicit binding counts too, and once.
        let request = json!({
            "workspace": { "workspace_id": a, "all_partitions": true },
            "update_mask": "allPartitions",
        });
        ada.make("WorkspaceService/UpdateWorkspace", &request).await.ok();
        bind(&ada, &a, &q).await;
        assert_eq!(swing(&ada, &a).await, (5, 11, 6));
        assert_eq!(swing(&ada, all).await, (5, 6, 1));
    }

    /// K-09: changes by kind are those that were made through the workspace.
    async fn k_09_changes_by_kind(app) {
        let acme = app.tenant("acme").await;
        let (ada, all, p) = (acme.admin(), &acme.default_workspace, &acme.default_partition);
        let a = ada.workspace("A", &[p]).await;
        for name in ["ann", "bea"] {
            ada.person(&a, &format!("{name}@example.com")).await;
        }
        ada.person(all, "cay@example.com").await;
        ada.asset(&a, AssetType::Email, "Hello").await;
        let reply = ada.usage(&a).await;
        let told = kinds(reply.insights.last().unwrap());
        let wanted = [("asset.created", 1), ("binding.created", 1), ("person.created", 2), ("workspace.created", 1)];
        assert_eq!(told, wanted.map(|(kind, count)| (kind.to_owned(), count)).into());
        assert_eq!(reply.insights_revision, reply.revision);
        // A second look counts nothing twice.
        assert_eq!(kinds(&ada.insight(&a).await), told);
    }

    /// K-09: members of programs, segments and shares, as far as the workspace sees them.
    async fn k_09_what_is_inside(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let a = ada.workspace("A", &[&p, &q]).await;
        let b = ada.workspace("B", &[&q]).await;
        let ann = ada.named_person(all, &p, "Ann").await;
        let bea = ada.named_person(all, &q, "Bea").await;
        let program = Members::make(&ada, Kind::Program, &a, "", "Spring").await;
        program.add(&[&ann, &bea]).await;
        let one = ada.segmentation(&a, "S", &[segment("Anns", r#"first_name = "Ann""#)]).await;
        app.approve_segmentation(&ada, &a, &one.id).await;
        let root = ada.root(&a, Area::DesignStudio).await;
        let folder = ada.folder(&a, &root, "Shared").await;
        ok(ada.try_share(&a, &folder, &[&b, all]).await);
        let anns = one.get().await.segments[0].segment_id.clone();
        let inside = async |workspace: &str| {
            let insight = ada.insight(workspace).await;
            let mut sizes: Vec<(String, i64)> =
                insight.segments.iter().map(|one| (one.segment_id.clone(), one.people)).collect();
            sizes.sort();
            (insight.program_members, insight.shares_out, insight.shares_in, sizes)
        };
        let sizes = vec![(DEFAULT.to_owned(), 1), (anns.clone(), 1)];
        assert_eq!(inside(&a).await, (2, 2, 0, sizes));
        assert_eq!(inside(&b).await, (0, 0, 1, Vec::new()));
        unbind(&ada, &a, &q).await;
        app.finish().await;
        assert_eq!(inside(&a).await, (1, 2, 0, vec![(anns, 1)]));
        ada.make("WorkspaceService/DeleteWorkspace", &json!({ "workspace_id": b })).await.ok();
        assert_eq!(inside(&a).await.1, 1);
    }
}
