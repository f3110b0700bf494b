//! Plans of what makes, ends and restores workspaces and partitions (X-02, W-08, W-12, W-13).

use serde_json::json;

use crate::on_both;
use crate::support::actor::ok;
use crate::support::plans::{items, number};
use precinct::pb::Area;

fn state(plan: &serde_json::Value, workspace: &str) -> String {
    let effects = items(plan, "effects").iter();
    let mut found = effects.filter(|one| one["workspace_id"].as_str().unwrap_or("") == workspace);
    let state = found.next().and_then(|one| one["state"].as_str()).unwrap_or_default();
    state.trim_start_matches("PLANNED_STATE_").to_owned()
}

on_both! {
    /// X-02, W-01, P-01: what is made has no id yet, and its plan is good although it gets another.
    async fn x_02_what_is_made_has_no_id_yet(app) {
        let ada = app.tenant("acme").await.admin();
        let p = ada.partition("P").await;
        let w = ada.workspace("W", &[&p]).await;
        ada.person(&w, "a@example.com").await;
        let make = json!({ "workspace": { "display_name": "New" }, "partition_ids": [p] });
        let plan = ada.plan("WorkspaceService/CreateWorkspace", &make).await;
        assert_eq!((state(&plan, ""), number(&plan, "", "people_gained")), ("BEGINS".into(), 1));
        assert_eq!(number(&plan, "", "principals_gained"), 1, "its maker, who is admin of the tenant");
        assert_eq!(items(&plan, "primaries")[0]["partition_id_after"], json!(p));
        assert_eq!(items(&plan, "quotas")[0]["name"], json!("workspaces"));
        ada.apply_plan("WorkspaceService/CreateWorkspace", &make, &plan).await.expect("as planned");
        let make = json!({ "partition": { "display_name": "Q" }, "workspace_ids": [w] });
        let plan = ada.plan("PartitionService/CreatePartition", &make).await;
        assert_eq!((number(&plan, &w, "partitions_gained"), number(&plan, &w, "people_gained")), (1, 0));
        ada.apply_plan("PartitionService/CreatePartition", &make, &plan).await.expect("as planned");
    }

    /// W-08, W-12, W-13: what becomes of a workspace, its people and its shares, there and back.
    async fn w_13_a_workspace_goes_and_comes_back_as_planned(app) {
        let ada = app.tenant("acme").await.admin();
        let p = ada.partition("P").await;
        let (w, other) = (ada.workspace("W", &[&p]).await, ada.workspace("Other", &[&p]).await);
        ada.person(&w, "a@example.com").await;
        let folder = ada.folder(&w, &ada.root(&w, Area::Database).await, "F").await;
        ok(ada.try_share(&w, &folder, &[&other]).await);
        let id = json!({ "workspace_id": w });
        for (rpc, expected) in [("ArchiveWorkspace", "ARCHIVED"), ("UnarchiveWorkspace", "UNARCHIVED")] {
            let rpc = format!("WorkspaceService/{rpc}");
            let plan = ada.plan(&rpc, &id).await;
            assert_eq!(state(&plan, &w), expected);
            assert!(items(&plan, "shares_ended").is_empty(), "what it shares stays live");
            ada.apply_plan(&rpc, &id, &plan).await.expect("as planned");
        }
        let delete = "WorkspaceService/DeleteWorkspace";
        let gone = ada.plan(delete, &id).await;
        assert_eq!((state(&gone, &w), number(&gone, &w, "people_lost")), ("ENDS".into(), 1));
        assert_eq!(number(&gone, &w, "principals_lost"), 1);
        assert_eq!(items(&gone, "shares_ended").len(), 1);
        ada.apply_plan(delete, &id, &gone).await.expect("as planned");
        let undelete = "WorkspaceService/UndeleteWorkspace";
        let back = ada.plan(undelete, &id).await;
        assert_eq!((state(&back, &w), number(&back, &w, "people_gained")), ("BEGINS".into(), 1));
        assert_eq!(back["shares_begun"], gone["shares_ended"]);
        ada.apply_plan(undelete, &id, &back).await.expect("as planned");
        assert_eq!(ada.count(&w).await, 1);
    }

    /// P-04: a partition goes from all who see it, and comes back to them.
    async fn p_04_a_partition_goes_and_comes_back_as_planned(app) {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let w = ada.workspace("W", &[&p, &q]).await;
        let id = json!({ "partition_id": q });
        let plan = ada.plan("PartitionService/DeletePartition", &id).await;
        let seers = [&w, &tenant.default_workspace];
        assert!(seers.iter().all(|one| number(&plan, one, "partitions_lost") == 1), "{plan}");
        ada.apply_plan("PartitionService/DeletePartition", &id, &plan).await.expect("as planned");
        let plan = ada.plan("PartitionService/UndeletePartition", &id).await;
        assert!(seers.iter().all(|one| number(&plan, one, "partitions_gained") == 1), "{plan}");
        assert!(items(&plan, "sights").iter().all(|one| one["partition_id"] == json!(q)), "{plan}");
        ada.apply_plan("PartitionService/UndeletePartition", &id, &plan).await.expect("as planned");
    }
}
