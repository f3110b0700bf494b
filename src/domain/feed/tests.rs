//! What is told of changes, by an index made by hand.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::*;
use crate::domain::access::role;
use crate::domain::visibility::Index;
use crate::domain::visibility::fact::{self, Fact};
use crate::id::GrantId;

const ANN: &str = "user:ann";
const ADMIN: &str = "user:admin";

/// Two workspaces that see a partition each; ann is a viewer of the first, the admin of all.
struct World {
    index: Index,
    ours: WorkspaceId,
    theirs: WorkspaceId,
    here: PartitionId,
    there: PartitionId,
}

impl World {
    fn new() -> Self {
        let [ours, theirs] = [(); 2].map(|()| WorkspaceId::new());
        let [here, there] = [(); 2].map(|()| PartitionId::new());
        let workspace = |id, partition| {
            let bindings = vec![fact::Binding { partition, read_only: false }];
            Fact::Workspace(id, Some(fact::Workspace { bindings, ..Default::default() }))
        };
        let grant = |principal: &str, name: &str, workspace| {
            let role = role::ALL.iter().find(|one| one.name == name).expect("built in").id();
            let principal = principal.to_owned();
            Fact::Grant(GrantId::new(), Some(fact::Grant { principal, role, workspace }))
        };
        let index = Index::default().with([
            Fact::Partition(here, Some(())),
            Fact::Partition(there, Some(())),
            workspace(ours, here),
            workspace(theirs, there),
            grant(ANN, "Viewer", Some(ours)),
            grant(ADMIN, "Tenant admin", None),
        ]);
        Self { index, ours, theirs, here, there }
    }

    fn told(&self, who: &str, view: Option<WorkspaceId>, change: &Change) -> Option<Told> {
        tell(change, &Watcher { index: &self.index, principal: who, view }, &[])
    }
}

fn change(kind: &str, resource: Option<Uuid>, detail: Json) -> Change {
    Change { revision: 7, ordinal: 0, kind: kind.into(), resource, detail, home: None }
}

/// K-10: a move is told by the sides that are seen, and one that is not seen is not named.
#[test]
fn k_10_a_move_is_told_by_its_seen_sides() {
    let world = World::new();
    let World { ours, theirs, here, there, .. } = world;
    let person = PersonId::new();
    let moved = |from: PartitionId, to: PartitionId| {
        let moved = json!([{ "person_id": person, "from": from }]);
        change("people.moved", None, json!({ "moved": moved, "to": to, "workspace_id": theirs }))
    };
    let of = |who, view, from, to| {
        let told = world.told(who, view, &moved(from, to))?;
        assert_eq!(told.detail, Map::new(), "all of it is told as people");
        Some((told.workspace, told.people[0].event, told.people[0].partition, told.people[0].from))
    };
    let elsewhere = PartitionId::new();
    for view in [None, Some(ours)] {
        assert_eq!(of(ANN, view, here, there), Some((None, Event::Left, here, None)));
        assert_eq!(of(ANN, view, there, here), Some((None, Event::Entered, here, None)));
        assert_eq!(of(ANN, view, there, elsewhere), None);
    }
    assert_eq!(of(ADMIN, None, here, there), Some((Some(theirs), Event::Moved, there, Some(here))));
    assert_eq!(of(ADMIN, Some(ours), here, there), Some((Some(theirs), Event::Left, here, None)));
    assert_eq!(of(ANN, Some(theirs), here, there), None, "no right there");
}

/// V-01: sets are cut to the people who are seen, and a set of nobody is not told.
#[test]
fn v_01_sets_are_cut() {
    let world = World::new();
    let [ada, ben, eve] = [(); 3].map(|()| PersonId::new());
    let created = by_partition([(ada, world.here), (eve, world.there)]);
    let detail = json!({ "created": created, "updated": by_partition([(ben, world.here)]) });
    let told =
        world.told(ANN, None, &change("people.synced", None, detail)).expect("some are seen");
    let people: Vec<_> = told.people.iter().map(|one| (one.id, one.event)).collect();
    assert_eq!(people, [(ada, Event::Created), (ben, Event::Updated)]);
    let unseen = json!({ "deleted": by_partition([(eve, world.there)]) });
    assert_eq!(world.told(ANN, None, &change("people.deleted", None, unseen)), None);
}

/// K-10: what is bound has entered if it is seen now, and what is unbound has left if it is not.
#[test]
fn k_10_bindings_are_told_by_what_is_seen_now() {
    let world = World::new();
    let World { ours, here, there, .. } = world;
    let bound = |kind: &str, partition: PartitionId| {
        let detail = json!({ "workspace_id": ours, "partition_id": partition, "people_count": 3 });
        let told = world.told(ANN, Some(ours), &change(kind, Some(partition.0), detail));
        told.expect("it is the view's own").partitions
    };
    let one = |id, event| vec![Partition { id, event, people: Some(3) }];
    assert_eq!(bound("binding.created", here), one(here, Event::Entered));
    assert_eq!(bound("binding.created", there), [], "it was unbound since");
    assert_eq!(bound("binding.deleted", there), one(there, Event::Left));
    assert_eq!(bound("binding.deleted", here), [], "it was bound again since");
}

/// K-07: what this version does not know, and what it has no rule for, is not told to who may not read everything.
#[test]
fn k_07_the_unknown_is_closed() {
    let world = World::new();
    let later = change("rocket.launched", None, json!({ "workspace_id": world.ours, "fuel": 7 }));
    assert_eq!(world.told(ANN, None, &later), None);
    assert_eq!(world.told(ANN, Some(world.ours), &later), None);
    assert_eq!(world.told(ADMIN, Some(world.ours), &later), None);
    let told = world.told(ADMIN, None, &later).expect("the admin may read everything");
    assert_eq!((told.workspace, told.detail), (Some(world.ours), Map::new()));
}

/// a workspace that is not seen is not named, wherever its id was recorded.
#[test]
fn a_06_details_name_what_is_seen() {
    let world = World::new();
    let World { ours, theirs, here, there, .. } = world;
    let detail = json!({
        "workspace_id": ours,
        "fields": ["display_name"],
        "target_workspace_ids": [ours, theirs],
        "from_partition_id": there,
        "to_partition_id": here,
    });
    let updated = change("workspace.updated", Some(ours.0), detail);
    let told = world.told(ANN, None, &updated).expect("its own");
    let shown = json!({
        "fields": ["display_name"],
        "target_workspace_ids": [ours],
        "to_partition_id": here,
    });
    assert_eq!(Json::Object(told.detail), shown);
}

/// K-07: kinds are chosen by name, or by noun.
#[test]
fn k_07_kinds_are_chosen_by_name_or_noun() {
    let world = World::new();
    let made = change("person.created", Some(Uuid::nil()), json!({ "partition_id": world.here }));
    let watcher = Watcher { index: &world.index, principal: ANN, view: None };
    let told = |kinds: &[&str]| {
        let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        tell(&made, &watcher, &kinds).is_some()
    };
    assert!(told(&[]) && told(&["person"]) && told(&["people", "person.created"]));
    assert!(!told(&["people"]) && !told(&["person.deleted"]) && !told(&["pers"]));
    assert!(is_known("person") && is_known("person.created") && !is_known("person."));
}
