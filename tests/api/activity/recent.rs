//! K-04: one feed over all workspaces that the caller can access, judged when it is read.

use precinct::pb::ErrorReason;
use serde_json::{Value as Json, json};
use tonic::Code;

use super::{Scene, each, newest, walk};
use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::assert_refused;

async fn recent(actor: &Actor) -> Vec<Json> {
    walk(actor, "ListRecentActivity", &json!({}), 1_000).await
}

on_both! {
    /// K-04, S-05: everybody gets what concerns their workspaces, and of it names only what they see.
    async fn k_04_each_sees_what_concerns_their_workspaces(app) {
        let scene = Scene::new(app).await;
        let folder = scene.shared_folder().await;
        let person = scene.admin.person(&scene.one, "eve@example.com").await.person_id;
        let (ada, bob) = (recent(&scene.ada).await, recent(&scene.bob).await);
        assert_eq!(
            each(&ada, "kind"),
            ["person.created", "folder.shared", "folder.created", "workspace.created"]
        );
        assert_eq!(each(&bob, "kind"), ["folder.shared", "grant.created", "workspace.created"]);
        let created = newest(&ada, "person.created");
        assert_eq!(created["resource_id"], json!(person));
        assert_eq!(created["display_name"], "eve@example.com");
        assert_eq!(created["actor"], "user:owner");
        assert_eq!(created["action"], "PersonService/CreatePerson");
        assert_eq!(created["summary"], "person created: eve@example.com");
        let shared = newest(&bob, "folder.shared");
        assert_eq!(shared["resource_id"], json!(folder));
        assert_eq!(shared["summary"], "folder shared: Templates");
        let names = |entry: &Json| {
            let all = entry["workspaces"].as_array().cloned().unwrap_or_default();
            all.iter().map(|one| one["display_name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!((names(newest(&ada, "folder.shared")), names(shared)), (vec!["One".into()], vec!["Two".into()]));
        let all = recent(&scene.admin).await;
        assert_eq!(names(newest(&all, "folder.shared")), ["One", "Two"]);
        assert!(each(&all, "kind").contains(&"tenant.created"));
        assert_eq!(recent(&scene.acme.user("nobody")).await, Vec::<Json>::new());
        for entry in ada.iter().chain(&bob) {
            assert!(entry.get("before").is_none() && entry.get("after").is_none());
        }
    }

    /// K-04, V-06, S-09: what was to be seen once is hidden when access, a binding or a share ends.
    async fn k_04_what_is_lost_is_hidden(app) {
        let scene = Scene::new(app).await;
        let folder = scene.shared_folder().await;
        scene.admin.person(&scene.one, "eve@example.com").await;
        let kinds = async |actor: &Actor| {
            each(&recent(actor).await, "kind").into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(kinds(&scene.ada).await.contains(&"person.created".to_owned()));
        let bind = json!({ "workspace_id": scene.one, "partition_id": scene.p2 });
        scene.admin.make("PartitionService/BindPartition", &bind).await.ok();
        let unbind = json!({
            "workspace_id": scene.one,
            "partition_id": scene.p1,
            "new_primary_partition_id": scene.p2,
        });
        scene.admin.make("PartitionService/UnbindPartition", &unbind).await.ok();
        let left = kinds(&scene.ada).await;
        // The person and the partition are no longer seen through the workspace; its new partition is.
        assert_eq!(left, ["binding.created", "folder.shared", "folder.created", "workspace.created"]);
        assert!(kinds(&scene.bob).await.contains(&"folder.shared".to_owned()));
        scene.share(&folder, &[]).await;
        assert_eq!(kinds(&scene.bob).await, ["grant.created", "workspace.created"]);
        let delete = json!({ "workspace_id": scene.one, "folder_id": folder });
        scene.admin.make("FolderService/DeleteFolder", &delete).await.ok();
        // Of what is gone its end is shown, and nothing more.
        assert_eq!(kinds(&scene.ada).await, ["folder.deleted", "binding.created", "workspace.created"]);
        let grants = scene.admin.grants("user:ada").await;
        ok(scene.admin.try_revoke(&grants[0].grant_id).await);
        assert_eq!(kinds(&scene.ada).await, Vec::<String>::new());
        assert!(kinds(&scene.admin).await.contains(&"person.created".to_owned()));
    }

    /// K-04, K-06, V-06: who was merged into somebody out of sight is out of sight.
    async fn v_06_who_was_merged_is_where_the_winner_is(app) {
        let scene = Scene::new(app).await;
        let all = scene.admin.workspace("All", &[]).await;
        let loser = scene.admin.person(&scene.one, "eve@example.com").await.person_id;
        let winner = scene.admin.person(&scene.two, "bob@example.com").await.person_id;
        assert!(each(&recent(&scene.ada).await, "kind").contains(&"person.created"));
        let merge = json!({ "workspace_id": all, "winner_person_id": winner, "loser_person_ids": [loser] });
        scene.admin.make("PersonService/MergePeople", &merge).await.ok();
        assert!(!each(&recent(&scene.ada).await, "kind").contains(&"person.created"));
        let about = json!({ "workspace_id": scene.one, "filter": { "resource_id": loser } });
        let entries = walk(&scene.admin, "ListAuditEntries", &about, 1_000).await;
        assert_eq!(entries[0]["changes"][0]["withheld"], true);
    }

    /// K-04, W-13: that something is gone for good is told to who may see all such things, and to nobody else.
    async fn k_04_what_is_gone_for_good_is_told_tenant_wide(app) {
        let scene = Scene::new(app).await;
        let erased = scene.admin.person(&scene.one, "eve@example.com").await.person_id;
        let purged = scene.admin.person(&scene.one, "bob@example.com").await.person_id;
        let asia = scene.admin.partition("Asia").await;
        let request = json!({ "workspace_id": scene.one, "person_id": erased });
        scene.admin.make("PersonService/ErasePerson", &request).await.ok();
        app.finish().await;
        scene.admin.try_delete_person(&scene.one, &purged).await.unwrap();
        scene.admin.try_delete_partition(&asia).await.unwrap();
        scene.admin.delete_workspace(&scene.two).await;
        app.finish().await;
        app.a_month_passes().await;
        app.purge().await;
        let gone = |entries: &[Json]| {
            let kinds = each(entries, "kind").into_iter();
            let mut kinds: Vec<String> = kinds
                .filter(|kind| kind.ends_with(".purged") || kind.ends_with(".erased"))
                .map(str::to_owned)
                .collect();
            kinds.sort();
            kinds
        };
        let all = ["partition.purged", "people.purged", "person.erased", "workspace.purged"];
        assert_eq!(gone(&recent(&scene.admin).await), all);
        assert_eq!(gone(&recent(&scene.ada).await), Vec::<String>::new());
    }

    /// K-04, A-06: through one workspace, what concerns it; one that is not seen is not there.
    async fn k_04_through_one_workspace(app) {
        let scene = Scene::new(app).await;
        scene.shared_folder().await;
        let through = async |actor: &Actor, id: &str| {
            let request = json!({ "workspace_id": id });
            let items = walk(actor, "ListRecentActivity", &request, 1_000).await;
            each(&items, "kind").into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(through(&scene.admin, &scene.two).await, ["folder.shared", "grant.created", "workspace.created"]);
        assert_eq!(through(&scene.ada, &scene.one).await, ["folder.shared", "folder.created", "workspace.created"]);
        let request = json!({ "workspace_id": scene.two });
        let refused = scene.ada.make("ActivityService/ListRecentActivity", &request).await.result();
        assert_refused(refused, Code::NotFound, ErrorReason::WorkspaceNotFound);
    }

    /// K-04, H-04: pages are full however much of it is hidden, and make up the same walk.
    async fn k_04_pages_are_full(app) {
        let scene = Scene::new(app).await;
        let root = scene.admin.root(&scene.one, precinct::pb::Area::DesignStudio).await;
        for n in 0..4 {
            scene.admin.folder(&scene.one, &root, &format!("F{n}")).await;
            for person in 0..6 {
                scene.admin.person(&scene.one, &format!("{n}{person}@example.com")).await;
            }
        }
        // All of these people go where the workspace does not look.
        let bind = json!({ "workspace_id": scene.one, "partition_id": scene.p2 });
        scene.admin.make("PartitionService/BindPartition", &bind).await.ok();
        let unbind = json!({
            "workspace_id": scene.one,
            "partition_id": scene.p1,
            "new_primary_partition_id": scene.p2,
        });
        scene.admin.make("PartitionService/UnbindPartition", &unbind).await.ok();
        let all = recent(&scene.ada).await;
        assert_eq!(
            each(&all, "display_name"),
            ["P2", "F3", "F2", "F1", "F0", "One"],
        );
        for size in [1, 2, 5, 6, 7] {
            assert_eq!(walk(&scene.ada, "ListRecentActivity", &json!({}), size).await, all, "by {size}");
            let request = json!({ "page_size": size });
            let page = scene.ada.make("ActivityService/ListRecentActivity", &request).await.ok();
            assert_eq!(page["activities"].as_array().unwrap().len(), usize::try_from(size.min(6)).unwrap());
        }
    }

    /// A bounded number of statements, however many entries and workspaces.
    async fn the_feed_takes_few_statements(app) {
        let scene = Scene::new(app).await;
        scene.shared_folder().await;
        for n in 0..20 {
            scene.admin.person(&scene.one, &format!("{n}@example.com")).await;
        }
        let seen = app.statements(async || recent(&scene.ada).await).await;
        let all = app.statements(async || recent(&scene.admin).await).await;
        let entries = app.statements(async || walk(&scene.bob, "ListAuditEntries", &json!({ "workspace_id": scene.two }), 1_000).await).await;
        assert!(seen <= 4 && all <= 4 && entries <= 6, "{seen} {all} {entries}");
    }
}
