//! People, partitions and folders that enter and leave the view of a workspace (K-10).

use precinct::pb::{self, ChangeEvent};

use super::{all_partitions, bind, move_people, unbind};
use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::feed::kinds;
use crate::support::{App, Tenant};

/// A person of a change: who, what became of them, where, and from where.
type Told = (String, ChangeEvent, String, String);

fn people(changes: &[pb::Change]) -> Vec<Told> {
    let of = |one: &pb::ChangedPerson| {
        let (id, to) = (one.person_id.clone(), one.partition_id.clone());
        (id, one.event(), to, one.from_partition_id.clone())
    };
    changes.iter().flat_map(|one| &one.people).map(of).collect()
}

/// A partition of a change: which, which way, and how many people.
fn partitions(changes: &[pb::Change]) -> Vec<(&str, ChangeEvent, Option<i64>)> {
    let all = changes.iter().flat_map(|one| &one.partitions);
    all.map(|one| (one.partition_id.as_str(), one.event(), one.people_count)).collect()
}

/// Two partitions with a person in each, a workspace that sees the first, and one that sees all.
struct World {
    admin: Actor,
    here: String,
    there: String,
    view: String,
    all: String,
    near: String,
    far: String,
}

impl World {
    async fn new(acme: &Tenant) -> Self {
        let admin = acme.admin();
        let (here, there) = (admin.partition("Here").await, admin.partition("There").await);
        let view = admin.workspace("View", &[&here]).await;
        let all = admin.workspace("All", &[&here, &there]).await;
        let near = admin.person(&view, "near@example.com").await.person_id;
        let far = ok(admin.try_person(&all, &there, "far@example.com").await).person.unwrap();
        Self { admin, here, there, view, all, near, far: far.person_id }
    }

    async fn told(&self, revision: i64) -> Vec<pb::Change> {
        self.admin.changes(revision - 1, &self.view).await
    }
}

async fn world(app: &App) -> World {
    World::new(&app.tenant("acme").await).await
}

on_both! {
    /// K-10: who is moved out of the view has left it, who is moved in has entered it, and the side that the view does not
    /// see is not told; where it sees both, it is a move.
    async fn k_10_moves_cross_the_edge_of_a_view(app) {
        let acme = app.tenant("acme").await;
        let World { admin, here, there, view, all, near, far } = &World::new(&acme).await;
        admin.grant("user:ann", &built_in("Viewer"), view).await;
        let (ann, none) = (acme.user("ann"), String::new());
        let revision = move_people(admin, all, &[near], there).await;
        let told = ann.changes(revision - 1, view).await;
        assert_eq!(people(&told), [(near.clone(), ChangeEvent::LeftView, here.clone(), none.clone())]);
        let revision = move_people(admin, all, &[near, far], here).await;
        let back = ann.changes(revision - 1, view).await;
        let mut entered = people(&back);
        entered.sort();
        let mut wanted = [near, far].map(|id| (id.clone(), ChangeEvent::EnteredView, here.clone(), none.clone()));
        wanted.sort();
        assert_eq!(entered, wanted);
        for hidden in [there, all] {
            assert!(!format!("{told:?} {back:?}").contains(hidden.as_str()), "{told:?} {back:?}");
        }
        // The same without a view, for who sees no more than that.
        assert_eq!(people(&ann.changes(revision - 1, "").await), people(&back));
        let revision = move_people(admin, all, &[far], there).await;
        let told = admin.changes(revision - 1, all).await;
        assert_eq!(people(&told), [(far.clone(), ChangeEvent::Moved, there.clone(), here.clone())]);
        assert_eq!(told[0].workspace_id, *all);
    }

    /// K-10: a partition enters the view when it is bound, with the number of people in it, and leaves it when it is unbound;
    /// what happens in it meanwhile is told, and what happens after is not.
    async fn k_10_partitions_enter_and_leave_by_their_binding(app) {
        let world = world(app).await;
        let World { admin, there, view, all, far, .. } = &world;
        let since = admin.revision().await;
        bind(admin, view, there).await;
        let told = admin.changes(since, view).await;
        assert_eq!(kinds(&told), ["binding.created"]);
        assert_eq!(partitions(&told), [(there.as_str(), ChangeEvent::EnteredView, Some(1))]);
        let two = ok(admin.try_person(all, there, "two@example.com").await);
        let told = world.told(two.revision).await;
        assert_eq!(kinds(&told), ["person.created"]);
        let revision = unbind(admin, view, there).await;
        ok(admin.try_person(all, there, "three@example.com").await);
        let told = world.told(revision).await;
        assert_eq!(kinds(&told), ["binding.deleted"]);
        assert_eq!(partitions(&told), [(there.as_str(), ChangeEvent::LeftView, Some(2))]);
        // Whoever comes now is told that it left, and nothing of what was in it.
        let told = admin.changes(since, view).await;
        assert_eq!(kinds(&told), ["binding.created", "binding.deleted"]);
        assert!(!format!("{told:?}").contains(far.as_str()));
        assert_eq!(partitions(&told), [(there.as_str(), ChangeEvent::LeftView, Some(2))]);
    }

    /// K-10: all others enter with `all_partitions`, and leave without it.
    async fn k_10_all_partitions_come_and_go_together(app) {
        let world = world(app).await;
        let World { admin, there, view, .. } = &world;
        let revision = all_partitions(admin, view, true).await.unwrap();
        let told = world.told(revision).await;
        assert_eq!(kinds(&told), ["workspace.updated"]);
        let entered = partitions(&told);
        assert!(entered.len() == 2 && entered.contains(&(there, ChangeEvent::EnteredView, None)), "{entered:?}");
        // One that is made later, too.
        let new = admin.partition("New").await;
        let told = admin.changes(revision, view).await;
        assert_eq!(partitions(&told), [(new.as_str(), ChangeEvent::EnteredView, None)]);
        let revision = all_partitions(admin, view, false).await.unwrap();
        let told = world.told(revision).await;
        assert_eq!(partitions(&told).len(), 3);
        assert!(partitions(&told).iter().all(|one| one.1 == ChangeEvent::LeftView), "{told:?}");
    }

    /// K-10, P-04, W-13: partitions leave with their deletion and come back with their restoration; so do those of a
    /// workspace, for who resumes its view.
    async fn k_10_what_is_deleted_leaves_and_what_is_restored_enters(app) {
        let acme = app.tenant("acme").await;
        let world = World::new(&acme).await;
        let World { admin, here, view, .. } = &world;
        let empty = admin.partition("Empty").await;
        bind(admin, view, &empty).await;
        let since = admin.revision().await;
        let id = pb::DeletePartitionRequest { partition_id: empty.clone(), ..Default::default() };
        ok(admin.partitions().delete_partition(id).await);
        let told = admin.changes(since, view).await;
        assert_eq!(partitions(&told), [(empty.as_str(), ChangeEvent::LeftView, None)]);
        let since = admin.revision().await;
        let id = pb::UndeletePartitionRequest { partition_id: empty.clone(), ..Default::default() };
        ok(admin.partitions().undelete_partition(id).await);
        let told = admin.changes(since, view).await;
        assert_eq!(partitions(&told), [(empty.as_str(), ChangeEvent::EnteredView, None)]);
        let since = admin.revision().await;
        let id = pb::DeleteWorkspaceRequest { workspace_id: view.clone(), ..Default::default() };
        ok(admin.workspaces().delete_workspace(id).await);
        let id = pb::UndeleteWorkspaceRequest { workspace_id: view.clone(), ..Default::default() };
        ok(admin.workspaces().undelete_workspace(id).await);
        let told = admin.changes(since, view).await;
        assert_eq!(kinds(&told), ["workspace.deleted", "workspace.undeleted"]);
        let mut entered: Vec<&str> = partitions(&told).into_iter().map(|one| one.0).collect();
        entered.sort_unstable();
        let mut wanted = [here.as_str(), empty.as_str()];
        wanted.sort_unstable();
        assert_eq!(entered, wanted);
        assert!(partitions(&told).iter().all(|one| one.1 == ChangeEvent::EnteredView), "{told:?}");
    }

    /// S-05, S-10: what is shared enters the view of its target, and leaves it; the owner is told of the share.
    async fn s_05_shared_folders_enter_and_leave(app) {
        let world = world(app).await;
        let World { admin, view, all, .. } = &world;
        let root = admin.root(all, pb::Area::Database).await;
        let (folder, inner) = (admin.folder(all, &root, "Shared").await, admin.folder(all, &root, "Inner").await);
        let since = admin.revision().await;
        ok(admin.try_share(all, &folder, &[view]).await);
        let event = |changes: &[pb::Change]| {
            let of = |one: &pb::Change| (one.kind.clone(), one.event());
            changes.iter().map(of).collect::<Vec<_>>()
        };
        let said = |kind: &str, event| vec![(kind.to_owned(), event)];
        let told = admin.changes(since, view).await;
        assert_eq!(event(&told), said("folder.shared", ChangeEvent::EnteredView));
        let told = admin.changes(since, all).await;
        assert_eq!(event(&told), said("folder.shared", ChangeEvent::Unspecified));
        let since = admin.revision().await;
        ok(admin.try_move_folder(all, &inner, all, &folder).await);
        assert_eq!(event(&admin.changes(since, view).await), said("folder.moved", ChangeEvent::EnteredView));
        assert_eq!(event(&admin.changes(since, all).await), said("folder.moved", ChangeEvent::Moved));
        let since = admin.revision().await;
        ok(admin.try_move_folder(all, &inner, all, &root).await);
        assert_eq!(event(&admin.changes(since, view).await), said("folder.moved", ChangeEvent::LeftView));
        let since = admin.revision().await;
        ok(admin.try_unshare(all, &folder, &[view], false).await);
        assert_eq!(event(&admin.changes(since, view).await), said("folder.unshared", ChangeEvent::LeftView));
        let since = admin.revision().await;
        ok(admin.try_move_folder(all, &folder, view, "").await);
        assert_eq!(event(&admin.changes(since, view).await), said("folder.moved", ChangeEvent::EnteredView));
        assert_eq!(event(&admin.changes(since, all).await), said("folder.moved", ChangeEvent::LeftView));
    }
}
