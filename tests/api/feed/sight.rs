//! Who is told what (K-07, V-01, V-02, S-07, A-06).

use precinct::pb::{self, AssetType, ChangeEvent};

use super::{all_partitions, bind, rename, unbind};
use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::feed::kinds;
use crate::support::members::{Kind, Members};
use crate::support::segmentations::segment;

/// The ids of the people of changes.
fn people(changes: &[pb::Change]) -> Vec<&str> {
    let all = changes.iter().flat_map(|one| &one.people);
    all.map(|one| one.person_id.as_str()).collect()
}

/// A user with a role in a workspace.
async fn somebody(
    tenant: &crate::support::Tenant,
    name: &str,
    role: &str,
    workspace: &str,
) -> Actor {
    tenant.admin().grant(&format!("user:{name}"), &built_in(role), workspace).await;
    tenant.user(name)
}

on_both! {
    /// V-01, K-07: a view shows what happens in it, to whom it may be shown; sets of people are cut to those who are seen.
    async fn v_01_a_view_shows_what_is_in_it(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let (p1, p2) = (admin.partition("P1").await, admin.partition("P2").await);
        let (w1, w2) = (admin.workspace("W1", &[&p1]).await, admin.workspace("W2", &[&p2]).await);
        let both = admin.workspace("Both", &[&p1, &p2]).await;
        let ann = somebody(&acme, "ann", "Viewer", &w1).await;
        let since = admin.revision().await;
        let a = admin.person(&w1, "a@example.com").await.person_id;
        admin.person(&w2, "b@example.com").await;
        // Through a workspace that ann does not see, and about somebody whom she does.
        let update = pb::UpdatePersonRequest {
            workspace_id: both.clone(),
            person: Some(pb::Person {
                person_id: a.clone(),
                first_name: "Ada".into(),
                ..pb::Person::default()
            }),
            ..pb::UpdatePersonRequest::default()
        };
        ok(admin.people().update_person(update).await);
        let held = Members::make(&admin, Kind::List, &both, &admin.root(&both, Kind::List.area()).await, "L").await;
        rename(&admin, &w2, "hidden").await;
        admin.partition("P3").await;
        admin.field("hat", pb::FieldType::Text).await;
        let told = ann.changes(since, &w1).await;
        assert_eq!(kinds(&told), ["person.created", "person.updated", "field.created"]);
        assert_eq!(people(&told), [a.as_str(), a.as_str()]);
        assert_eq!(told.iter().map(|one| one.workspace_id.as_str()).collect::<Vec<_>>(), [w1.as_str(), "", ""]);
        assert_eq!(ann.changes(since, "").await, told);
        assert_eq!(kinds(&admin.changes(since, "").await).len(), 7);
        // The names of fields are told, and no value.
        let text = format!("{told:?}");
        assert!(text.contains("first_name") && !text.contains("Ada") && !text.contains("example.com"), "{text}");
        drop(held);
    }

    /// V-02, V-07: of who is put into a list, a viewer is told those whom it sees; of who is taken out unseen, the owner the
    /// number.
    async fn v_02_members_are_cut_to_those_who_are_seen(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let (p1, p2) = (admin.partition("P1").await, admin.partition("P2").await);
        let owner = admin.workspace("Owner", &[&p1, &p2]).await;
        let target = admin.workspace("Target", &[&p1]).await;
        let a = admin.person(&owner, "a@example.com").await.person_id;
        let b = ok(admin.try_person(&owner, &p2, "b@example.com").await).person.unwrap().person_id;
        let root = admin.root(&owner, pb::Area::Database).await;
        let folder = admin.folder(&owner, &root, "Shared").await;
        let list = Members::make(&admin, Kind::List, &owner, &folder, "L").await;
        let since = admin.revision().await;
        list.add(&[&a, &b]).await;
        assert_eq!(admin.changes(since, &target).await, [], "it is not shared");
        ok(admin.try_share(&owner, &folder, &[&target]).await);
        let told = admin.changes(since, &target).await;
        assert_eq!(kinds(&told), ["list.members_added", "folder.shared"]);
        assert_eq!(people(&told), [a.as_str()]);
        let mut all: Vec<String> = people(&admin.changes(since, &owner).await).into_iter().map(Into::into).collect();
        all.sort();
        assert_eq!(all, { let mut all = [a.clone(), b.clone()]; all.sort(); all });
        let since = admin.revision().await;
        list.try_remove(&[&b], false).await.unwrap();
        assert_eq!(admin.changes(since, &target).await, []);
        list.add(&[&b]).await;
        unbind(&admin, &owner, &p2).await;
        let since = admin.revision().await;
        list.try_remove(&[], true).await.unwrap();
        assert_eq!(admin.changes(since, &target).await, []);
        let told = admin.changes(since, &owner).await;
        assert_eq!(kinds(&told), ["list.members_removed"]);
        assert_eq!(format!("{:?}", told[0].detail.as_ref().unwrap().fields["hidden"].kind), "Some(NumberValue(1.0))");
    }

    /// G-04, G-05, K-07: people come into segments for those who see the segmentation and the person.
    async fn g_05_segments_are_cut_to_those_who_are_seen(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let (p1, p2) = (admin.partition("P1").await, admin.partition("P2").await);
        let owner = admin.workspace("Owner", &[&p1, &p2]).await;
        let target = admin.workspace("Target", &[&p1]).await;
        let root = admin.root(&owner, pb::Area::Database).await;
        let folder = admin.folder(&owner, &root, "Shared").await;
        let segments = [segment("A", "email starts_with \"a\"")];
        let made = admin.segmentation_in(&owner, &folder, "S", &segments).await.approved(app).await;
        let since = admin.revision().await;
        let a = admin.person(&owner, "a@example.com").await.person_id;
        let b = ok(admin.try_person(&owner, &p2, "ab@example.com").await).person.unwrap().person_id;
        let mut chosen = crate::support::feed::since_revision(since, &target);
        chosen.kinds = vec!["segment".into()];
        chosen.stop_at_head = true;
        let mut feed = admin.try_watch(chosen.clone()).await.unwrap();
        feed.end().await.unwrap();
        assert_eq!(feed.changes, []);
        ok(admin.try_share(&owner, &folder, &[&target]).await);
        let mut feed = admin.try_watch(chosen.clone()).await.unwrap();
        feed.end().await.unwrap();
        assert_eq!(people(&feed.changes), [a.as_str()]);
        assert_eq!(feed.changes[0].people[0].segment_id, made.segment_id("A").await);
        chosen.workspace_id.clone_from(&owner);
        let mut feed = admin.try_watch(chosen).await.unwrap();
        feed.end().await.unwrap();
        assert_eq!(people(&feed.changes), [a.as_str(), b.as_str()]);
    }

    /// S-07: those to whom an asset is shared are told of what is live of it, and its owner of all.
    async fn s_07_drafts_are_the_owners_own(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let (owner, target) = (admin.workspace("Owner", &[]).await, admin.workspace("Target", &[]).await);
        let root = admin.root(&owner, pb::Area::DesignStudio).await;
        let folder = admin.folder(&owner, &root, "Shared").await;
        ok(admin.try_share(&owner, &folder, &[&target]).await);
        let since = admin.revision().await;
        let id = admin.asset_in(&owner, &folder, AssetType::Snippet, "Footer").await;
        admin.write_asset(&owner, &id, "one").await;
        assert_eq!(admin.changes(since, &target).await, []);
        admin.approve(&owner, &id).await;
        admin.write_asset(&owner, &id, "two").await;
        ok(admin.try_discard(&owner, &id).await);
        assert_eq!(kinds(&admin.changes(since, &target).await), ["asset.approved"]);
        ok(admin.try_unapprove(&owner, &id).await);
        let revision = admin.revision().await;
        let told = admin.changes(revision - 1, &target).await;
        assert_eq!((kinds(&told), told[0].event()), (vec!["asset.unapproved"], ChangeEvent::LeftView));
        ok(admin.try_delete_asset(&owner, &id).await);
        assert_eq!(admin.changes(revision, &target).await, []);
        let all = ["asset.created", "asset.updated", "asset.approved", "asset.updated", "asset.draft_discarded",
            "asset.unapproved", "asset.deleted"];
        assert_eq!(kinds(&admin.changes(since, &owner).await), all);
        // What is live as it is, is told of from first to last.
        let root = admin.root(&owner, pb::Area::Database).await;
        let folder = admin.folder(&owner, &root, "Lists").await;
        ok(admin.try_share(&owner, &folder, &[&target]).await);
        let since = admin.revision().await;
        let id = admin.asset_in(&owner, &folder, AssetType::StaticList, "L").await;
        ok(admin.try_delete_asset(&owner, &id).await);
        assert_eq!(kinds(&admin.changes(since, &target).await), ["asset.created", "asset.deleted"]);
    }

    /// what a role shows of the tenant, it shows of its changes.
    async fn a_06_roles_decide_what_is_told(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let partition = admin.partition("P").await;
        let w = admin.workspace("W", &[&partition]).await;
        let local = somebody(&acme, "local", "Workspace admin", &w).await;
        let viewer = somebody(&acme, "viewer", "Viewer", &w).await;
        let assets = admin.role("Assets", &["assets.read"]).await;
        admin.grant("user:assets", &assets, &w).await;
        let since = admin.revision().await;
        let group = admin.group("Team", &["user:dan"]).await;
        let hidden = admin.group("Hidden", &["user:eve"]).await;
        admin.grant(&format!("group:{group}"), &built_in("Viewer"), &w).await;
        admin.grant("user:eve", &built_in("Viewer"), "").await;
        admin.person(&w, "a@example.com").await;
        let settings = pb::UpdateTenantRequest {
            tenant: Some(pb::Tenant { tenant_id: acme.id.clone(), display_name: "Acme".into(), ..Default::default() }),
            ..pb::UpdateTenantRequest::default()
        };
        ok(admin.tenants().update_tenant(settings).await);
        let root = admin.root(&w, pb::Area::Database).await;
        admin.folder(&w, &root, "F").await;
        let told = local.changes(since, "").await;
        let of_team = ["group.created", "group.members_added", "grant.created", "person.created", "folder.created"];
        assert_eq!(kinds(&told), of_team);
        assert!(!format!("{told:?}").contains(&hidden), "{told:?}");
        assert_eq!(local.changes(since, &w).await, told);
        assert_eq!(kinds(&viewer.changes(since, "").await), ["person.created", "folder.created"]);
        assert_eq!(kinds(&acme.user("assets").changes(since, "").await), ["folder.created"]);
        let all = kinds(&admin.changes(since, "").await).join(" ");
        assert!(all.contains("tenant.updated") && all.matches("grant.created").count() == 2, "{all}");
        // The view of a workspace has nothing of the tenant as a whole, whoever looks.
        assert!(!kinds(&admin.changes(since, &w).await).contains(&"tenant.updated"));
    }

    /// which partitions a workspace loses is told to who may read partitions there.
    async fn a_06_partitions_that_leave_are_for_who_reads_partitions(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let w = admin.workspace("W", &[&acme.default_partition]).await;
        all_partitions(&admin, &w, true).await.unwrap();
        admin.partition("P").await;
        let (designer, viewer) =
            (somebody(&acme, "dan", "Designer", &w).await, somebody(&acme, "vic", "Viewer", &w).await);
        let since = admin.revision().await;
        all_partitions(&admin, &w, false).await.unwrap();
        for (who, left) in [(&viewer, 1), (&designer, 0)] {
            let told = who.changes(since, &w).await;
            assert_eq!((kinds(&told), told[0].partitions.len()), (vec!["workspace.updated"], left));
        }
    }

    /// K-07: sight is judged when it is told: what was hidden is told once it may be, and what was shown is hidden.
    async fn k_07_sight_is_judged_when_it_is_told(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let (p1, p2) = (admin.partition("P1").await, admin.partition("P2").await);
        let w = admin.workspace("W", &[&p1]).await;
        let other = admin.workspace("Other", &[&p2]).await;
        let ann = somebody(&acme, "ann", "Viewer", &w).await;
        let since = admin.revision().await;
        let b = admin.person(&other, "b@example.com").await.person_id;
        assert_eq!(people(&ann.changes(since, &w).await), Vec::<&str>::new());
        bind(&admin, &w, &p2).await;
        assert_eq!(people(&ann.changes(since, &w).await), [b.as_str()]);
        unbind(&admin, &w, &p2).await;
        assert_eq!(people(&ann.changes(since, &w).await), Vec::<&str>::new());
    }
}
