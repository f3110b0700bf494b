//! Random deletes, restores and purges of workspaces, partitions and people, against a model.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use tonic::Status;

use super::rows;
use crate::on_both;
use crate::support::actor::Actor;
use crate::support::{App, Tenant};

const STEPS: usize = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Noun {
    Workspace,
    Partition,
    Person,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Living,
    Deleted,
    /// Its time is over, purged or not.
    Past,
}

/// A thing, as it should be.
#[derive(Clone, Debug)]
struct Thing {
    noun: Noun,
    /// Where it is, of a person.
    home: String,
    state: State,
}

struct World<'a> {
    app: &'a App,
    tenant: Tenant,
    ada: Actor,
    things: BTreeMap<String, Thing>,
}

// === impl World ===

impl<'a> World<'a> {
    async fn new(app: &'a App) -> Self {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let mut things = BTreeMap::new();
        let mut put = |id: String, noun, home: &str| {
            things.insert(id, Thing { noun, home: home.into(), state: State::Living });
        };
        for n in 0..3 {
            put(
                ada.workspace(&format!("W{n}"), &[&tenant.default_partition]).await,
                Noun::Workspace,
                "",
            );
            let home = ada.partition(&format!("P{n}")).await;
            for m in 0..2 {
                let email = format!("p{n}{m}@example.com");
                let made = ada.try_person(&tenant.default_workspace, &home, &email).await;
                let made = made.expect("it is new").into_inner().person.unwrap_or_default();
                put(made.person_id, Noun::Person, &home);
            }
            put(home, Noun::Partition, "");
        }
        Self { app, tenant, ada, things }
    }

    async fn call(&self, id: &str, verb: &str) -> Result<(), Status> {
        let w = &self.tenant.default_workspace;
        let (label, request) = match self.things[id].noun {
            Noun::Workspace => ("WorkspaceService/?Workspace", json!({ "workspace_id": id })),
            Noun::Partition => ("PartitionService/?Partition", json!({ "partition_id": id })),
            Noun::Person => {
                ("PersonService/?Person", json!({ "workspace_id": w, "person_id": id }))
            }
        };
        self.ada.try_call(&label.replace('?', verb), &request).await.map(drop)
    }

    /// Whether nobody living is in it.
    fn is_empty(&self, id: &str) -> bool {
        self.things.values().all(|one| one.home != id || one.state != State::Living)
    }

    /// Whether a person's partition lives; of others, nothing has to.
    fn has_home(&self, thing: &Thing) -> bool {
        self.things.get(&thing.home).is_none_or(|home| home.state == State::Living)
    }

    async fn delete(&mut self, id: &str) {
        let may = self.things[id].state == State::Living && self.is_empty(id);
        assert_eq!(self.call(id, "Delete").await.is_ok(), may, "{:?}", self.things[id]);
        self.turn(id, may, State::Deleted);
    }

    async fn restore(&mut self, id: &str) {
        let thing = &self.things[id];
        let may = thing.state == State::Deleted && self.has_home(thing);
        assert_eq!(self.call(id, "Undelete").await.is_ok(), may, "{:?}", self.things[id]);
        self.turn(id, may, State::Living);
    }

    fn turn(&mut self, id: &str, if_so: bool, state: State) {
        if let Some(thing) = self.things.get_mut(id).filter(|_| if_so) {
            thing.state = state;
        }
    }

    async fn a_month_passes(&mut self) {
        self.app.a_month_passes().await;
        for thing in self.things.values_mut().filter(|one| one.state == State::Deleted) {
            thing.state = State::Past;
        }
    }

    /// What is left in the database is what lives or can be restored.
    async fn purge(&self) {
        self.app.purge().await;
        let rows = rows(self.app, &self.tenant.id).await;
        let mut found: Vec<String> = rows.people.iter().map(|one| one.id.to_string()).collect();
        found.extend(
            rows.workspaces.iter().filter(|one| !one.is_default).map(|one| one.id.to_string()),
        );
        found.extend(
            rows.partitions.iter().filter(|one| !one.is_default).map(|one| one.id.to_string()),
        );
        found.sort();
        let there = self.things.iter().filter(|(_, one)| one.state != State::Past);
        assert_eq!(found, there.map(|(id, _)| id.clone()).collect::<Vec<_>>());
    }
}

on_both! {
    /// W-13, D-10, P-04: what lives is never purged, what can be restored is restored, and what is past is gone.
    async fn w_13_whatever_happens_what_is_past_and_nothing_else_goes(app) {
        let mut random = StdRng::seed_from_u64(13);
        let mut world = World::new(app).await;
        let ids: Vec<String> = world.things.keys().cloned().collect();
        for _ in 0..STEPS {
            let id = ids.choose(&mut random).expect("there are some").clone();
            match random.random_range(0..10) {
                0..5 => world.delete(&id).await,
                5..8 => world.restore(&id).await,
                8 => world.a_month_passes().await,
                _ => world.purge().await,
            }
        }
        world.purge().await;
    }
}
