//! K-10: who keeps a copy of a view by its changes ends with exactly the people of the view, whatever happened and however
//! often they stopped in between.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{all_partitions, move_people, try_bind, try_unbind};
use crate::on_both;
use crate::support::App;
use crate::support::actor::Actor;
use crate::support::feed::Mirror;

/// How many runs, and how many steps each.
const RUNS: usize = 6;
const STEPS: usize = 30;
/// Partitions beside the workspaces' own primary.
const PARTITIONS: usize = 3;

/// Something that happens.
#[derive(Clone, Debug)]
enum Step {
    /// A person is made in a partition.
    Create(usize),
    /// Somebody is moved to a partition.
    Move(usize, usize),
    /// Somebody is deleted.
    Delete(usize),
    /// Somebody comes back.
    Restore(usize),
    /// Somebody is one with somebody else.
    Merge(usize, usize),
    /// Somebody is erased.
    Erase(usize),
    /// A workspace is bound to a partition.
    Bind(usize, usize),
    /// A workspace is unbound.
    Unbind(usize, usize),
    /// A workspace sees all partitions, or those to which it is bound.
    All(usize, bool),
    /// A workspace is deleted and comes back.
    Recreate(usize),
    /// A partition is deleted, if it is empty, and comes back.
    Reopen(usize),
    /// A copy follows, so many messages far.
    Follow(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (partition, workspace, person) = (0..PARTITIONS, 0..2usize, 0..12usize);
    prop_oneof![
        4 => partition.clone().prop_map(Step::Create),
        5 => (person.clone(), partition.clone()).prop_map(|(who, to)| Step::Move(who, to)),
        2 => person.clone().prop_map(Step::Delete),
        1 => person.clone().prop_map(Step::Restore),
        2 => (person.clone(), person.clone()).prop_map(|(who, other)| Step::Merge(who, other)),
        1 => person.prop_map(Step::Erase),
        3 => (workspace.clone(), partition.clone()).prop_map(|(at, to)| Step::Bind(at, to)),
        3 => (workspace.clone(), partition.clone()).prop_map(|(at, to)| Step::Unbind(at, to)),
        2 => (workspace.clone(), any::<bool>()).prop_map(|(at, all)| Step::All(at, all)),
        1 => workspace.clone().prop_map(Step::Recreate),
        1 => partition.prop_map(Step::Reopen),
        4 => (workspace, 1..4usize).prop_map(|(at, most)| Step::Follow(at, most)),
    ]
}

fn runs() -> Vec<Vec<Step>> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let runs = proptest::collection::vec(proptest::collection::vec(step(), STEPS), RUNS);
    runs.new_tree(&mut runner).expect("a value").current()
}

/// Two views, and one workspace that sees everything, through which all is done.
struct World {
    admin: Actor,
    all: String,
    partitions: Vec<String>,
    views: Vec<String>,
    people: Vec<String>,
}

// === impl World ===

impl World {
    async fn new(app: &App, name: &str) -> Self {
        let admin = app.tenant(name).await.admin();
        let mut partitions = Vec::new();
        for name in ["P", "Q", "R"] {
            partitions.push(admin.partition(name).await);
        }
        let all = admin.workspace("All", &[]).await;
        let own = admin.partition("Own").await;
        let views = vec![
            admin.workspace("V", &[&own, &partitions[0]]).await,
            admin.workspace("U", &[&own, &partitions[0], &partitions[1]]).await,
        ];
        Self { admin, all, partitions, views, people: Vec::new() }
    }

    fn person(&self, at: usize) -> Option<&String> {
        self.people.get(at % self.people.len().max(1))
    }

    /// Does a step; one that is refused changes nothing.
    async fn go(&mut self, app: &App, step: &Step) {
        let (admin, all) = (self.admin.clone(), self.all.clone());
        match step {
            Step::Create(to) => {
                let email = format!("p{}@example.com", self.people.len());
                let made = admin.try_person(&all, &self.partitions[*to], &email).await;
                let made = made.map(|made| made.into_inner().person.unwrap_or_default());
                self.people.extend(made.ok().map(|made| made.person_id));
            }
            Step::Move(who, to) => {
                let Some(who) = self.person(*who) else { return };
                move_people(&admin, &all, &[who], &self.partitions[*to]).await;
            }
            Step::Delete(who) => {
                let Some(who) = self.person(*who) else { return };
                let request = precinct::pb::DeletePersonRequest {
                    workspace_id: all,
                    person_id: who.clone(),
                    ..Default::default()
                };
                let _ = admin.people().delete_person(request).await;
            }
            Step::Restore(who) => {
                let Some(who) = self.person(*who) else { return };
                let request = precinct::pb::UndeletePersonRequest {
                    workspace_id: all,
                    person_id: who.clone(),
                    ..Default::default()
                };
                let _ = admin.people().undelete_person(request).await;
            }
            Step::Merge(who, other) => {
                let Some((who, other)) = self.person(*who).zip(self.person(*other)) else { return };
                let request = precinct::pb::MergePeopleRequest {
                    workspace_id: all,
                    winner_person_id: who.clone(),
                    loser_person_ids: vec![other.clone()],
                    ..Default::default()
                };
                let _ = admin.people().merge_people(request).await;
            }
            Step::Erase(who) => {
                let Some(who) = self.person(*who) else { return };
                let request = precinct::pb::ErasePersonRequest {
                    workspace_id: all,
                    person_id: who.clone(),
                    ..Default::default()
                };
                if admin.people().erase_person(request).await.is_ok() {
                    app.finish().await;
                }
            }
            Step::Bind(at, to) => {
                let _ = try_bind(&admin, &self.views[*at], &self.partitions[*to]).await;
            }
            Step::Unbind(at, to) => {
                let _ = try_unbind(&admin, &self.views[*at], &self.partitions[*to]).await;
            }
            Step::All(at, all) => {
                let _ = all_partitions(&admin, &self.views[*at], *all).await;
            }
            Step::Recreate(at) => {
                let workspace_id = self.views[*at].clone();
                let request = precinct::pb::DeleteWorkspaceRequest {
                    workspace_id: workspace_id.clone(),
                    ..Default::default()
                };
                admin.workspaces().delete_workspace(request).await.expect("it holds nothing");
                let request =
                    precinct::pb::UndeleteWorkspaceRequest { workspace_id, ..Default::default() };
                admin.workspaces().undelete_workspace(request).await.expect("it was there");
            }
            Step::Reopen(at) => {
                let partition_id = self.partitions[*at].clone();
                let request = precinct::pb::DeletePartitionRequest {
                    partition_id: partition_id.clone(),
                    ..Default::default()
                };
                if admin.partitions().delete_partition(request).await.is_ok() {
                    let request = precinct::pb::UndeletePartitionRequest {
                        partition_id,
                        ..Default::default()
                    };
                    admin.partitions().undelete_partition(request).await.expect("it was there");
                }
            }
            Step::Follow(..) => {}
        }
    }
}

on_both! {
    /// K-10: the copies are the views, whenever they are up to date.
    async fn k_10_a_copy_that_follows_is_the_view(app) {
        let mut crossings = 0;
        for (at, steps) in runs().into_iter().enumerate() {
            let mut world = World::new(app, &format!("run {at}")).await;
            let mut copies = Vec::new();
            for view in &world.views {
                copies.push(Mirror::new(&world.admin, view).await);
            }
            for step in &steps {
                world.go(app, step).await;
                if let Step::Follow(at, most) = step {
                    copies[*at].follow(*most).await;
                }
            }
            for copy in &mut copies {
                copy.follow(usize::MAX).await;
                assert_eq!(copy.people, copy.truth().await, "run {at}: {steps:#?}");
                crossings += copy.crossings;
            }
        }
        assert!(crossings > 50, "much has entered and left: {crossings}");
    }
}
