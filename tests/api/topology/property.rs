//! `ExplainVisibility` over small random worlds: it says what the reads show, and what it names turns that (X-01, V-01,
//! V-02, G-04).

use precinct::pb::{self, Area, AssetType};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use crate::on_both;
use crate::support::App;
use crate::support::actor::{Actor, ok};
use crate::support::look::{DEFAULT, Look, apply, draft, release};
use crate::support::members::{Kind, Members};

/// Most changes that are made of those that are named.
const CHANGES: usize = 6;

/// What people are in.
#[derive(Clone, Debug)]
enum Holder {
    List(String),
    Program(String),
    /// A segment of a segmentation.
    Segment(String, String),
}

/// A small tenant.
struct World {
    ada: Actor,
    workspaces: Vec<String>,
    people: Vec<String>,
    holders: Vec<Holder>,
    /// What people are in, and what they are not.
    assets: Vec<String>,
}

// === impl Holder ===

impl Holder {
    fn look<'a>(&'a self, workspace: &'a str, person: &'a str) -> Look<'a> {
        match self {
            Self::List(id) | Self::Program(id) => Look::both(workspace, person, id),
            Self::Segment(id, segment) => Look::both(workspace, person, id).segment(segment),
        }
    }

    /// Whom a workspace is shown in it; nobody, where it is refused.
    async fn shown(&self, ada: &Actor, workspace: &str) -> Vec<String> {
        let (kind, id) = match self {
            Self::List(id) => (Kind::List, id),
            Self::Program(id) => (Kind::Program, id),
            Self::Segment(id, segment) => {
                let request = json!({
                    "workspace_id": workspace,
                    "segmentation_id": id,
                    "segment_id": segment,
                });
                let page = ada.make("SegmentationService/ListSegmentMembers", &request).await;
                let Ok(page) = page.result() else { return Vec::new() };
                let members = page[0]["members"].as_array().cloned().unwrap_or_default();
                let id = |one: &serde_json::Value| one["person_id"].as_str().map(str::to_owned);
                return members.iter().filter_map(id).collect();
            }
        };
        let page = Members::new(ada, kind, workspace, id).try_page(1_000, "").await;
        page.unwrap_or_default().0.into_iter().map(|one| one.person_id).collect()
    }
}

// === impl World ===

impl World {
    async fn new(app: &App, rng: &mut StdRng) -> Self {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let mut partitions = Vec::new();
        for name in ["P", "Q", "R"] {
            partitions.push(ada.partition(name).await);
        }
        let mut people = Vec::new();
        for _ in 0..5 {
            let (home, name) =
                (partitions.choose(rng).expect("one"), ["Ann", "Bob"][rng.random_range(0..2)]);
            people.push(ada.named_person(&tenant.default_workspace, home, name).await);
        }
        let mut workspaces = Vec::new();
        for name in ["One", "Two", "Three"] {
            let first = rng.random_range(0..partitions.len());
            let mut bound: Vec<&String> = partitions.iter().collect();
            bound.rotate_left(first);
            workspaces.push(ada.workspace(name, &bound).await);
        }
        let mut world = Self { ada, workspaces, people, holders: Vec::new(), assets: Vec::new() };
        for at in 0..2 {
            world.fill(app, rng, at).await;
        }
        for workspace in &world.workspaces {
            for partition in &partitions {
                if rng.random_bool(0.5) {
                    let request = json!({ "workspace_id": workspace, "partition_id": partition });
                    // The primary stays.
                    drop(world.ada.make("PartitionService/UnbindPartition", &request).await);
                }
            }
        }
        app.finish().await;
        world
    }

    /// Puts assets into a workspace that sees everybody yet.
    async fn fill(&mut self, app: &App, rng: &mut StdRng, at: usize) {
        let (ada, owner) = (self.ada.clone(), self.workspaces[at].clone());
        let root = ada.root(&owner, Area::Database).await;
        let folder = ada.folder(&owner, &root, "Shared").await;
        let others = self.workspaces.iter().filter(|one| **one != owner);
        let targets: Vec<&str> =
            others.filter(|_| rng.random_bool(0.5)).map(String::as_str).collect();
        let list = Members::make(&ada, Kind::List, &owner, &folder, "List").await;
        let programs = ada.root(&owner, Area::MarketingActivities).await;
        let program = Members::make(&ada, Kind::Program, &owner, &programs, "Program").await;
        for holder in [&list, &program] {
            let some: Vec<&str> =
                self.people.iter().filter(|_| rng.random_bool(0.6)).map(String::as_str).collect();
            if !some.is_empty() {
                holder.add(&some).await;
            }
        }
        let segments = [("Anns", "first_name = \"Ann\"")];
        let made = draft(&ada, &owner, &folder, "Names", &segments).await;
        if at == 0 || rng.random_bool(0.5) {
            release(app, &ada, &owner, &made.id).await;
        }
        // What is not shared can be moved.
        let studio = ada.root(&owner, Area::DesignStudio).await;
        let own = ada.folder(&owner, &studio, "Emails").await;
        let email = ada.asset_in(&owner, &own, AssetType::Email, "Email").await;
        ok(ada.try_share(&owner, &folder, &targets).await);
        self.assets.extend([list.id.clone(), program.id.clone(), made.id.clone(), email]);
        self.holders.extend([
            Holder::List(list.id),
            Holder::Program(program.id),
            Holder::Segment(made.id.clone(), made.segments[0].clone()),
            Holder::Segment(made.id, DEFAULT.into()),
        ]);
    }

    /// Compares all that is said with all that is shown; what is not seen and could be, with the change that is named.
    async fn compare(&self) -> Vec<(Question, pb::AccessChange)> {
        let mut named = Vec::new();
        let mut seen = 0;
        for question in self.questions() {
            let explained = question.look().explain(&self.ada).await;
            assert_eq!(explained.visible, question.shown(&self.ada).await, "{question:?}");
            seen += usize::from(explained.visible);
            named.extend(explained.change.map(|change| (question, change)));
        }
        assert!(seen > 0 && !named.is_empty(), "the world has both");
        named
    }

    fn questions(&self) -> Vec<Question> {
        let mut all = Vec::new();
        for workspace in &self.workspaces {
            let ask = |what| Question { workspace: workspace.clone(), what };
            all.extend(self.people.iter().map(|one| ask(What::Person(one.clone()))));
            all.extend(self.assets.iter().map(|one| ask(What::Asset(one.clone()))));
            for person in &self.people {
                let both = |one: &Holder| ask(What::Both(person.clone(), one.clone()));
                all.extend(self.holders.iter().map(both));
            }
        }
        all
    }
}

/// Something that a workspace looks at.
#[derive(Clone, Debug)]
struct Question {
    workspace: String,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Person(String),
    Asset(String),
    Both(String, Holder),
}

// === impl Question ===

impl Question {
    fn look(&self) -> Look<'_> {
        match &self.what {
            What::Person(id) => Look::person(&self.workspace, id),
            What::Asset(id) => Look::asset(&self.workspace, id),
            What::Both(person, holder) => holder.look(&self.workspace, person),
        }
    }

    /// Whether the reads show it.
    async fn shown(&self, ada: &Actor) -> bool {
        match &self.what {
            What::Person(id) => ada.try_get_person(&self.workspace, id).await.is_ok(),
            What::Asset(id) => ada.try_get_asset(&self.workspace, id, 0).await.is_ok(),
            What::Both(person, holder) => holder.shown(ada, &self.workspace).await.contains(person),
        }
    }
}

async fn run(app: &App, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let world = World::new(app, &mut rng).await;
    let named = world.compare().await;
    let some: Vec<_> = named.sample(&mut rng, CHANGES).cloned().collect();
    for (question, change) in some {
        // What was done for others may have turned it already.
        let explained = question.look().explain(&world.ada).await;
        if explained.visible {
            continue;
        }
        apply(&world.ada, &explained.change.unwrap_or(change)).await;
        app.finish().await;
        assert!(question.look().explain(&world.ada).await.visible, "{question:?}");
        assert!(question.shown(&world.ada).await, "{question:?}");
    }
}

on_both! {
    /// what is said is what is shown, and what is named turns it.
    async fn x_01_answers_are_those_of_the_reads_1(app) {
        run(app, 1).await;
    }

    /// The same, in another world.
    async fn x_01_answers_are_those_of_the_reads_2(app) {
        run(app, 2).await;
    }

    /// The same, in another world.
    async fn x_01_answers_are_those_of_the_reads_3(app) {
        run(app, 3).await;
    }
}
