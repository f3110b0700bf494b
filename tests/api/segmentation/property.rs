//! After any sequence of changes, what is stored is a full recompute, and every workspace sees its part of it (V-02, G-03
//! to G-08).

use std::collections::{BTreeMap, BTreeSet};

use precinct::pb::{self, Area};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use tonic::Status;

use super::Scene;
use crate::on_both;
use crate::support::App;
use crate::support::actor::ok;
use crate::support::members::{Kind, Members};
use crate::support::segmentations::{DEFAULT, Segmentation, segment};
use crate::support::status::reason;

const STEPS: usize = 120;
const NAMES: [&str; 4] = ["Ann", "Bob", "Cay", "Dan"];
/// What may stand in the way of a step.
const REFUSALS: [&str; 6] = [
    "InvalidArgument / NO_PARTITION",
    // A filter names a partition that its owner does not see, or no longer.
    "NotFound / PARTITION_NOT_FOUND",
    "FailedPrecondition / BROKEN_REFERENCE",
    "FailedPrecondition / OPERATION_RUNNING",
    "FailedPrecondition / NOT_APPROVABLE",
    "FailedPrecondition / PRIMARY_PARTITION_REQUIRED",
];

/// Somebody, as the model knows them.
#[derive(Clone)]
struct Person {
    partition: usize,
    name: &'static str,
    listed: bool,
    living: bool,
}

/// What a segment of the model asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ask {
    Name(&'static str),
    Listed,
    Partition(usize),
}

/// A segmentation, with the asks of what is approved, and of what is being approved, in order.
struct Subject {
    made: Segmentation,
    owner: usize,
    live: Vec<Ask>,
    /// The operation that approves, and what.
    approval: Option<(String, Vec<Ask>)>,
}

struct Run {
    scene: Scene,
    rng: StdRng,
    partitions: Vec<String>,
    workspaces: Vec<String>,
    /// Which partitions a workspace sees.
    sees: Vec<BTreeSet<usize>>,
    list: Members,
    people: BTreeMap<String, Person>,
    subjects: Vec<Subject>,
    done: usize,
    emails: u32,
}

// === impl Ask ===

impl Ask {
    fn holds(self, person: &Person) -> bool {
        match self {
            Self::Name(name) => person.name == name,
            Self::Listed => person.listed,
            Self::Partition(at) => person.partition == at,
        }
    }
}

// === impl Run ===

impl Run {
    async fn new(app: &App, seed: u64) -> Self {
        let scene = Scene::new(app).await;
        let Scene { ada, one, two, folder, .. } = &scene;
        let partitions = [&scene.p1, &scene.p2, &scene.p3].map(String::clone).to_vec();
        let other = ada.folder(two, &ada.root(two, Area::Database).await, "Other").await;
        ok(ada.try_share(two, &other, &[one]).await);
        let list = Members::make(ada, Kind::List, one, folder, "List").await;
        let mut subjects = Vec::new();
        for (owner, (workspace, folder)) in [(one, folder), (two, &other)].into_iter().enumerate() {
            let made = ada.segmentation_in(workspace, folder, "Subject", &[]).await;
            subjects.push(Subject { made, owner, live: Vec::new(), approval: None });
        }
        let workspaces = vec![one.clone(), two.clone()];
        let sees = vec![BTreeSet::from([0, 1]), BTreeSet::from([1, 2])];
        Self {
            rng: StdRng::seed_from_u64(seed),
            partitions,
            workspaces,
            sees,
            list,
            people: BTreeMap::new(),
            subjects,
            done: 0,
            emails: 0,
            scene,
        }
    }

    fn ended<T>(&mut self, result: Result<T, Status>) -> bool {
        match result {
            Ok(_) => {
                self.done += 1;
                true
            }
            Err(status) => {
                assert!(REFUSALS.contains(&reason(&status).as_str()), "{status:?}");
                false
            }
        }
    }

    /// Somebody, alive or not.
    fn somebody(&mut self, living: bool) -> Option<String> {
        let all: Vec<&String> =
            self.people.iter().filter(|(_, one)| one.living == living).map(|(id, _)| id).collect();
        all.choose(&mut self.rng).map(|id| (*id).clone())
    }

    async fn step(&mut self, app: &App) {
        match self.rng.random_range(0..22) {
            0..4 => self.create().await,
            4..7 => self.rename().await,
            7..9 => self.move_one().await,
            9 => self.delete().await,
            10 => self.undelete().await,
            11..13 => self.enlist().await,
            13..15 => self.bind_or_unbind().await,
            15..17 => self.edit().await,
            17 => self.cancel().await,
            _ => {
                app.step().await;
            }
        }
    }

    async fn create(&mut self) {
        let at = self.rng.random_range(0..3);
        let name = NAMES.choose(&mut self.rng).copied().unwrap_or("Ann");
        self.emails += 1;
        let email = format!("p{}@example.com", self.emails);
        let id = self.scene.person(&self.partitions[at].clone(), &email, name).await;
        self.people.insert(id, Person { partition: at, name, listed: false, living: true });
        self.done += 1;
    }

    async fn rename(&mut self) {
        let Some(id) = self.somebody(true) else { return };
        let name = NAMES.choose(&mut self.rng).copied().unwrap_or("Ann");
        self.scene.rename(&id, name).await;
        self.people.get_mut(&id).expect("known").name = name;
    }

    async fn move_one(&mut self) {
        let Some(id) = self.somebody(true) else { return };
        let at = self.rng.random_range(0..3);
        self.scene.move_to(&[&id], &self.partitions[at].clone()).await;
        self.people.get_mut(&id).expect("known").partition = at;
    }

    async fn delete(&mut self) {
        let Some(id) = self.somebody(true) else { return };
        self.scene.delete(&id).await;
        self.people.get_mut(&id).expect("known").living = false;
    }

    async fn undelete(&mut self) {
        let Some(id) = self.somebody(false) else { return };
        self.scene.undelete(&id).await;
        self.people.get_mut(&id).expect("known").living = true;
    }

    /// In or out of the list, through the workspace that owns it, as far as that sees.
    async fn enlist(&mut self) {
        let Some(id) = self.somebody(true) else { return };
        if !self.sees[0].contains(&self.people[&id].partition) {
            return;
        }
        let listed = !self.people[&id].listed;
        match listed {
            true => drop(self.list.add(&[&id]).await),
            false => drop(self.list.try_remove(&[&id], false).await.expect("it is in")),
        }
        self.people.get_mut(&id).expect("known").listed = listed;
    }

    async fn bind_or_unbind(&mut self) {
        let (w, p) = (self.rng.random_range(0..2), self.rng.random_range(0..3));
        let verb = if self.sees[w].contains(&p) { "Unbind" } else { "Bind" };
        let request =
            json!({ "workspace_id": self.workspaces[w], "partition_id": self.partitions[p] });
        let label = format!("PartitionService/{verb}Partition");
        let outcome = self.scene.ada.make(&label, &request).await;
        if self.ended(outcome.result()) && !self.sees[w].remove(&p) {
            self.sees[w].insert(p);
        }
    }

    fn asks(&mut self) -> Vec<Ask> {
        let all = [
            Ask::Name("Ann"),
            Ask::Name("Bob"),
            Ask::Listed,
            Ask::Partition(self.rng.random_range(0..3)),
        ];
        let many = self.rng.random_range(0..4);
        all.sample(&mut self.rng, many).copied().collect()
    }

    /// Other segments, and their approval.
    async fn edit(&mut self) {
        let (at, asks) = (self.rng.random_range(0..2), self.asks());
        let segments: Vec<pb::Segment> =
            asks.iter().enumerate().map(|(n, ask)| self.segment(n, *ask)).collect();
        let made = self.subjects[at].made.clone();
        self.settle().await;
        let edited = made.try_edit(&segments).await;
        if self.ended(edited) {
            let begun = made.try_approve().await.map(tonic::Response::into_inner);
            let name = begun.as_ref().ok().and_then(|it| it.operation.clone()).map(|it| it.name);
            if self.ended(begun) {
                self.subjects[at].approval = name.map(|name| (name, asks));
            }
        }
    }

    fn segment(&self, n: usize, ask: Ask) -> pb::Segment {
        let filter = match ask {
            Ask::Name(name) => format!("first_name = \"{name}\""),
            Ask::Listed => format!("in_list(\"{}\")", self.list.id),
            Ask::Partition(at) => format!("in_partition(\"{}\")", self.partitions[at]),
        };
        segment(&format!("S{n}"), &filter)
    }

    async fn cancel(&mut self) {
        let at = self.rng.random_range(0..2);
        if let Some((name, _)) = self.subjects[at].approval.clone() {
            ok(self.scene.ada.try_cancel(&name).await);
        }
    }

    /// What is approved by now, whatever became of the approvals.
    async fn settle(&mut self) {
        for subject in &mut self.subjects {
            let Some((name, asks)) = subject.approval.clone() else { continue };
            let operation = self.scene.ada.operation(&name).await;
            if operation.done {
                subject.approval = None;
                if matches!(operation.result, Some(pb::longrunning::operation::Result::Response(_)))
                {
                    subject.live = asks;
                }
            }
        }
    }

    /// Every workspace counts and lists whom the model says, in partitions that are computed.
    async fn compare(&mut self) {
        self.settle().await;
        for subject in &self.subjects {
            for (w, workspace) in self.workspaces.iter().enumerate() {
                let through = subject.made.through(workspace);
                let Ok(counted) = through.try_count().await else {
                    assert_eq!(subject.live, []);
                    continue;
                };
                let computed: BTreeSet<usize> = counted
                    .coverage
                    .iter()
                    .filter(|one| one.state() == pb::CoverageState::Fresh)
                    .filter_map(|one| self.partitions.iter().position(|id| *id == one.partition_id))
                    .collect();
                let both = &self.sees[w] & &self.sees[subject.owner];
                assert!(computed.is_subset(&both), "{computed:?} of {both:?}");
                let ids: Vec<String> =
                    counted.counts.iter().map(|one| one.segment_id.clone()).collect();
                for (at, segment) in ids.iter().enumerate() {
                    let expected = self.model(subject, &computed, at);
                    let listed: BTreeSet<String> =
                        through.members(segment).await.into_iter().collect();
                    assert_eq!(listed, expected, "segment {at} of {}", counted.counts.len());
                    assert_eq!(counted.counts[at].people, i64::try_from(expected.len()).unwrap());
                }
                assert_eq!(
                    (ids.len(), ids.last().map(String::as_str)),
                    (subject.live.len() + 1, Some(DEFAULT))
                );
            }
        }
    }

    fn model(
        &self,
        subject: &Subject,
        computed: &BTreeSet<usize>,
        segment: usize,
    ) -> BTreeSet<String> {
        let at = |person: &Person| {
            let first = subject.live.iter().position(|ask| ask.holds(person));
            first.unwrap_or(subject.live.len())
        };
        let here = |person: &Person| person.living && computed.contains(&person.partition);
        let found = self.people.iter().filter(|(_, one)| here(one) && at(one) == segment);
        found.map(|(id, _)| id.clone()).collect()
    }
}

async fn run(app: &App, seed: u64) {
    let mut run = Run::new(app, seed).await;
    for _ in 0..25 {
        run.create().await;
    }
    for step in 0..STEPS {
        run.step(app).await;
        if step % 5 == 4 {
            run.compare().await;
            app.check().await;
        }
    }
    app.finish().await;
    run.compare().await;
    assert!(run.done > STEPS / 4, "most steps change something: {}", run.done);
    for (subject, sees) in run.subjects.iter().zip(&run.sees) {
        if let Ok(counted) = subject.made.try_count().await {
            let fresh =
                counted.coverage.iter().filter(|one| one.state() == pb::CoverageState::Fresh);
            assert_eq!(fresh.count(), sees.len(), "all is computed in the end");
        }
    }
}

on_both! {
    /// G-03 to G-08, V-02: stored results equal a full recompute, and what is seen the model's, after any sequence.
    async fn g_07_what_is_stored_follows_from_what_was_done_1(app) {
        run(app, 1).await;
    }

    /// The same, after another sequence.
    async fn g_07_what_is_stored_follows_from_what_was_done_2(app) {
        run(app, 2).await;
    }

    /// The same, after another sequence.
    async fn g_07_what_is_stored_follows_from_what_was_done_3(app) {
        run(app, 3).await;
    }
}
