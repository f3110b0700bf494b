//! Plans: what calls that change the topology would do, and that they do it (X-02).

mod hidden;
mod lifecycle;
mod property;
mod stale;

use precinct::pb::{Area, AssetType, ErrorReason};
use serde_json::{Value as Json, json};
use tonic::Code;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::ok;
use crate::support::assets::new_asset;
use crate::support::plans::{items, number};
use crate::support::segmentations::segment;
use crate::support::status::assert_refused;

const BIND: &str = "PartitionService/BindPartition";
const UNBIND: &str = "PartitionService/UnbindPartition";
const GRANT: &str = "AccessService/CreateGrant";

fn ends(workspace: &str, partition: &str) -> Json {
    json!({ "workspace_id": workspace, "partition_id": partition })
}

fn granting(principal: &str, role: &str, workspace: &str) -> Json {
    let grant = json!({
        "principal": principal,
        "role_id": built_in(role),
        "workspace_id": workspace,
    });
    json!({ "grant": grant })
}

/// Who gains or loses what, of a plan: principal, workspace, gains something, loses something.
fn access(plan: &Json) -> Vec<(&str, &str, bool, bool)> {
    fn one(one: &Json) -> (&str, &str, bool, bool) {
        let text = |field: &str| one[field].as_str().unwrap_or_default();
        let some = |field| !items(one, field).is_empty();
        (
            text("principal"),
            text("workspace_id"),
            some("permissions_gained"),
            some("permissions_lost"),
        )
    }
    items(plan, "access").iter().map(one).collect()
}

on_both! {
    /// X-02, P-05, G-08: an unbinding says who loses whom and which results are dropped; bound again, they come back.
    async fn x_02_an_unbinding_says_who_loses_whom(app) {
        let ada = app.tenant("acme").await.admin();
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let w = ada.workspace("W", &[&p, &q]).await;
        let other = ada.workspace("Other", &[&q]).await;
        ada.person(&w, "a@example.com").await;
        for name in ["b", "c", "d"] {
            ok(ada.try_person(&w, &q, &format!("{name}@example.com")).await);
        }
        let segmentation = ada.segmentation(&w, "S", &[segment("B", "email starts_with \"b\"")]).await;
        let segmentation = segmentation.approved(app).await;
        let plan = ada.plan(UNBIND, &ends(&w, &q)).await;
        assert_eq!(number(&plan, &w, "people_lost"), 3);
        assert_eq!(number(&plan, &w, "partitions_lost"), 1);
        assert_eq!(items(&plan, "effects").len(), 1, "the other workspace keeps them: {plan}");
        let sight = &items(&plan, "sights")[0];
        assert_eq!((&sight["partition_id"], &sight["people"]), (&json!(q), &json!(3)));
        assert_eq!((&sight["access_before"], &sight["access_after"]), (&json!("BINDING_ACCESS_READ_WRITE"), &Json::Null));
        let results = json!([{
            "segmentation_id": segmentation.id, "workspace_id": w, "people_to_evaluate": 0, "results_dropped": 3,
        }]);
        assert_eq!(plan["segmentations"], results);
        assert_eq!(ada.count(&w).await, 4, "nothing was changed");
        ada.apply_plan(UNBIND, &ends(&w, &q), &plan).await.expect("as planned");
        assert_eq!((ada.count(&w).await, ada.count(&other).await), (1, 3));
        let plan = ada.plan(BIND, &ends(&w, &q)).await;
        assert_eq!(number(&plan, &w, "people_gained"), 3);
        assert_eq!(items(&plan, "segmentations")[0]["people_to_evaluate"], json!(3));
        ada.apply_plan(BIND, &ends(&w, &q), &plan).await.expect("as planned");
        app.finish().await;
        assert_eq!(segmentation.sizes().await.iter().sum::<i64>(), 4);
    }

    /// X-02: the primary, and what a workspace may do in a partition, are told; nobody is gained by them.
    async fn x_02_primaries_and_reach_are_told(app) {
        let ada = app.tenant("acme").await.admin();
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let w = ada.workspace("W", &[&p, &q]).await;
        let primary = ada.plan("PartitionService/SetPrimaryPartition", &ends(&w, &q)).await;
        let moved = json!([{ "workspace_id": w, "partition_id_before": p, "partition_id_after": q }]);
        assert_eq!(primary["primaries"], moved);
        assert!(items(&primary, "effects").is_empty(), "{primary}");
        let mut bind = ends(&w, &q);
        bind["access"] = json!("BINDING_ACCESS_READ_ONLY");
        let plan = ada.plan(BIND, &bind).await;
        assert_eq!(items(&plan, "sights")[0]["access_after"], json!("BINDING_ACCESS_READ_ONLY"));
        assert!(items(&plan, "effects").is_empty(), "{plan}");
        let all = json!({
            "workspace": { "workspace_id": w, "all_partitions": true },
            "update_mask": "allPartitions",
        });
        ok(ada.try_person(&ada.workspace("Far", &[]).await, "", "a@example.com").await);
        let plan = ada.plan("WorkspaceService/UpdateWorkspace", &all).await;
        assert_eq!((number(&plan, &w, "partitions_gained"), number(&plan, &w, "people_gained")), (1, 1));
    }

    /// X-02: grants, groups, roles and accounts say who gains and loses what, through groups too; what is tenant-wide
    /// is said once, and counts everywhere.
    async fn x_02_changes_of_rights_say_who_gains_and_loses(app) {
        let ada = app.tenant("acme").await.admin();
        let (p, group) = (ada.partition("P").await, ada.group("G", &["user:bob", "user:cay"]).await);
        let (w, other) = (ada.workspace("W", &[&p]).await, ada.workspace("Other", &[&p]).await);
        let team = format!("group:{group}");
        let grant = granting(&team, "Viewer", &w);
        let plan = ada.plan(GRANT, &grant).await;
        assert_eq!(number(&plan, &w, "principals_gained"), 2);
        assert_eq!(access(&plan), [("user:bob", w.as_str(), true, false), ("user:cay", w.as_str(), true, false)]);
        let quota = json!([{ "name": "grants", "used_before": 1, "used_after": 2, "limit": precinct::config::GRANTS_MAX }]);
        assert_eq!(plan["quotas"], quota);
        ada.apply_plan(GRANT, &grant, &plan).await.expect("as planned");
        let wide = ada.plan(GRANT, &granting("user:bob", "Analyst", "")).await;
        assert_eq!(items(&wide, "access")[0]["tenant_wide"], json!(true));
        assert_eq!(number(&wide, &other, "principals_gained"), 1);
        // Where bob is a viewer already, he gains less.
        assert_eq!(access(&wide).iter().filter(|one| one.1 == other).count(), 0);
        let members = json!({ "group_id": group, "members": ["user:bob", "user:dan"] });
        let plan = ada.plan("AccessService/AddGroupMembers", &members).await;
        assert_eq!(access(&plan), [("user:dan", w.as_str(), true, false)]);
        let plan = ada.plan("AccessService/RemoveGroupMembers", &members).await;
        assert_eq!(access(&plan), [("user:bob", w.as_str(), false, true)]);
        let delete = json!({ "group_id": group });
        let plan = ada.plan("AccessService/DeleteGroup", &delete).await;
        assert_eq!(number(&plan, &w, "principals_lost"), 2);
        let role = ada.role("R", &["people.read"]).await;
        assert!(items(&ada.plan("AccessService/DeleteRole", &json!({ "role_id": role })).await, "access").is_empty());
        ada.grant("user:eve", &role, &w).await;
        let change = json!({
            "role": { "role_id": role, "permissions": ["people.write"] },
            "update_mask": "permissions",
        });
        let plan = ada.plan("AccessService/UpdateRole", &change).await;
        assert_eq!(access(&plan), [("user:eve", w.as_str(), true, false)]);
        let bot = ada.account("Bot").await;
        let principal = format!("service:{bot}");
        ada.grant(&principal, &built_in("Viewer"), &w).await;
        let off = json!({
            "service_account": { "service_account_id": bot, "disabled": true },
            "update_mask": "disabled",
        });
        let plan = ada.plan("AccessService/UpdateServiceAccount", &off).await;
        assert_eq!(access(&plan), [(principal.as_str(), w.as_str(), false, true)]);
        let plan = ada.plan("AccessService/DeleteServiceAccount", &json!({ "service_account_id": bot })).await;
        assert_eq!(number(&plan, &w, "principals_lost"), 1);
    }

    /// X-02, M-07: a move says which workspaces gain and lose the people, one by one or all.
    async fn x_02_moves_of_people_say_who_sees_them(app) {
        let ada = app.tenant("acme").await.admin();
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let both = ada.workspace("Both", &[&p, &q]).await;
        let (left, right) = (ada.workspace("Left", &[&p]).await, ada.workspace("Right", &[&q]).await);
        let (a, _) = (ada.person(&both, "a@example.com").await, ada.person(&both, "b@example.com").await);
        let one = json!({ "workspace_id": both, "person_ids": [a.person_id], "target_partition_id": q });
        let plan = ada.plan("PersonService/MovePeople", &one).await;
        assert_eq!((number(&plan, &left, "people_lost"), number(&plan, &right, "people_gained")), (1, 1));
        assert_eq!(items(&plan, "effects").len(), 2, "{plan}");
        // Somebody else comes in meanwhile.
        ok(ada.try_person(&both, "", "c@example.com").await);
        ada.apply_plan("PersonService/MovePeople", &one, &plan).await.expect("as planned");
        assert_eq!((ada.count(&left).await, ada.count(&right).await), (2, 1));
        let all = json!({ "workspace_id": both, "partition_ids": [p], "target_partition_id": q });
        let plan = ada.plan("PersonService/MovePeopleByFilter", &all).await;
        assert_eq!((number(&plan, &left, "people_lost"), number(&plan, &right, "people_gained")), (2, 2));
        ada.apply_plan("PersonService/MovePeopleByFilter", &all, &plan).await.expect("as planned");
        app.finish().await;
        assert_eq!((ada.count(&left).await, ada.count(&right).await), (0, 3));
        // Whoever may not go, since they are only read, is not counted.
        let r = ada.partition("R").await;
        let third = ada.workspace("Third", &[&r]).await;
        ada.person(&third, "r@example.com").await;
        ada.bind_read_only(&both, &r).await;
        let any = json!({ "workspace_id": both, "target_partition_id": p });
        let plan = ada.plan("PersonService/MovePeopleByFilter", &any).await;
        assert_eq!((number(&plan, &third, "people_lost"), number(&plan, &right, "people_lost")), (0, 3));
    }

    /// X-02: what an asset's way into, out of and among folders shows and hides elsewhere.
    async fn x_02_assets_say_who_sees_them(app) {
        let ada = app.tenant("acme").await.admin();
        let p = ada.partition("P").await;
        let (home, other) = (ada.workspace("Home", &[&p]).await, ada.workspace("Other", &[&p]).await);
        let root = ada.root(&home, Area::Database).await;
        let (shared, own) = (ada.folder(&home, &root, "Shared").await, ada.folder(&home, &root, "Own").await);
        ok(ada.try_share(&home, &shared, &[&other]).await);
        let list = ada.asset_in(&home, &own, AssetType::StaticList, "L").await;
        let to = json!({ "workspace_id": home, "asset_id": list, "target_folder_id": shared });
        let plan = ada.plan("AssetService/MoveAsset", &to).await;
        assert_eq!((number(&plan, &other, "assets_gained"), number(&plan, &home, "assets_lost")), (1, 0));
        ada.apply_plan("AssetService/MoveAsset", &to, &plan).await.expect("as planned");
        let delete = json!({ "workspace_id": home, "asset_id": list });
        let plan = ada.plan("AssetService/DeleteAsset", &delete).await;
        assert_eq!((number(&plan, &other, "assets_lost"), number(&plan, &home, "assets_lost")), (1, 1));
        ok(ada.try_share(&home, &shared, &[]).await);
        let stale = ada.apply_plan("AssetService/DeleteAsset", &delete, &plan).await;
        assert_refused(stale, Code::Aborted, ErrorReason::PlanStale);
        let draft = ada.segmentation(&home, "Draft", &[segment("Anns", r#"first_name = "Ann""#)]).await;
        let delete = json!({ "workspace_id": home, "segmentation_id": draft.id });
        let plan = ada.plan("SegmentationService/DeleteSegmentation", &delete).await;
        assert_eq!((number(&plan, &home, "assets_lost"), items(&plan, "effects").len()), (1, 1));
        ada.apply_plan("SegmentationService/DeleteSegmentation", &delete, &plan).await.expect("as planned");
        let program = ada.asset_of(&home, new_asset(AssetType::Program, "Program")).await;
        let clone = json!({
            "workspace_id": home,
            "asset_id": program,
            "target_workspace_id": other,
        });
        let plan = ada.plan("AssetService/CloneAsset", &clone).await;
        assert_eq!((number(&plan, &other, "assets_gained"), items(&plan, "effects").len()), (1, 1));
        ada.apply_plan("AssetService/CloneAsset", &clone, &plan).await.expect("as planned");
    }
}
