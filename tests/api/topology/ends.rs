//! Small random worlds, looked at from both ends: who sees a thing, what somebody sees, and what the reads show are the
//! same, and nobody is told of what they do not see, nor of what is not so.

use precinct::pb::{self, Area, AssetType, DescribeTopologyRequest, SeenKind};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value as Json, json};

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::look::draft;
use crate::support::{App, Tenant};

const USERS: [&str; 4] = ["ann", "bob", "cay", "dan"];
const ROLES: [&str; 4] = ["Viewer", "Designer", "Analyst", "Workspace admin"];

/// A small tenant.
struct World {
    tenant: Tenant,
    ada: Actor,
    workspaces: Vec<String>,
    /// People, each with the partition that they are in.
    people: Vec<(String, String)>,
    /// Assets, each with its workspace and folder, and whether it is live.
    assets: Vec<(String, String, String, bool)>,
    /// Users, groups and service accounts.
    principals: Vec<String>,
}

// === impl World ===

impl World {
    async fn new(app: &App, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let mut partitions = Vec::new();
        for name in ["P", "Q", "R"] {
            partitions.push(ada.partition(name).await);
        }
        let mut workspaces = Vec::new();
        for (n, environment) in ["PRODUCTION", "STAGING", "PRODUCTION"].into_iter().enumerate() {
            let some = rng.random_range(1..=partitions.len());
            let bound: Vec<&String> = partitions.sample(&mut rng, some).collect();
            let workspace = json!({
                "display_name": format!("W{n}"),
                "environment": format!("ENVIRONMENT_{environment}"),
            });
            let request = json!({
                "workspace": workspace, "partition_ids": bound, "primary_partition_id": bound[0],
            });
            let made = ada.make("WorkspaceService/CreateWorkspace", &request).await.ok();
            workspaces.push(made["workspace"]["workspace_id"].as_str().unwrap().to_owned());
        }
        let mut people = Vec::new();
        for home in &partitions {
            let id = ada.named_person(&tenant.default_workspace, home, "Ann").await;
            people.push((id, home.clone()));
        }
        let mut world =
            Self { tenant, ada, workspaces, people, assets: Vec::new(), principals: Vec::new() };
        world.fill(&mut rng).await;
        world.staff(&mut rng).await;
        world
    }

    /// Gives each workspace a folder with a live template and one that is not, and a segmentation; shares some.
    async fn fill(&mut self, rng: &mut StdRng) {
        let ada = &self.ada;
        for owner in &self.workspaces {
            let others = self.workspaces.iter().filter(|one| *one != owner);
            let targets: Vec<&str> =
                others.filter(|_| rng.random_bool(0.5)).map(String::as_str).collect();
            let root = ada.root(owner, Area::DesignStudio).await;
            let folder = ada.folder(owner, &root, "Templates").await;
            for (name, live) in [("Live", true), ("Draft", false)] {
                let id = ada.asset_in(owner, &folder, AssetType::EmailTemplate, name).await;
                if live {
                    ada.approve(owner, &id).await;
                }
                self.assets.push((id, owner.clone(), folder.clone(), live));
            }
            ok(ada.try_share(owner, &folder, &targets).await);
            let root = ada.root(owner, Area::Database).await;
            let folder = ada.folder(owner, &root, "Segments").await;
            let name = "first_name = \"Ann\"";
            draft(ada, owner, &folder, "Names", &[("Anns", name)]).await;
            ok(ada.try_share(owner, &folder, &targets).await);
        }
    }

    /// Grants some roles to some, in some workspaces and tenant-wide.
    async fn staff(&mut self, rng: &mut StdRng) {
        let ada = &self.ada;
        let members: Vec<String> = USERS[..2].iter().map(|one| format!("user:{one}")).collect();
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        let group = ada.group("Some", &members).await;
        let account = ada.account("Robot").await;
        let mut principals: Vec<String> = USERS.iter().map(|one| format!("user:{one}")).collect();
        principals.extend([format!("group:{group}"), format!("service:{account}")]);
        for who in &principals {
            for place in &self.workspaces {
                if rng.random_bool(0.4) {
                    let role = ROLES.choose(rng).expect("one");
                    ada.grant(who, &built_in(role), place).await;
                }
            }
        }
        ada.grant(&principals[3], &built_in("Analyst"), "").await;
        self.principals = principals;
    }

    fn user(&self, principal: &str) -> Option<Actor> {
        principal.strip_prefix("user:").map(|name| self.tenant.user(name))
    }

    /// All workspaces, Default too.
    fn everywhere(&self) -> impl Iterator<Item = &String> {
        self.workspaces.iter().chain([&self.tenant.default_workspace])
    }

    /// Whether the reads show somebody a person.
    async fn shows_person(&self, actor: &Actor, person: &str) -> bool {
        for place in self.everywhere() {
            if actor.try_get_person(place, person).await.is_ok() {
                return true;
            }
        }
        false
    }

    /// The same of an asset.
    async fn shows_asset(&self, actor: &Actor, asset: &str) -> bool {
        for place in self.everywhere() {
            if actor.try_get_asset(place, asset, 0).await.is_ok() {
                return true;
            }
        }
        false
    }

    /// Compares the reads with both ends, for every principal and thing.
    async fn compare(&self) -> usize {
        let mut seen = 0;
        for who in &self.principals {
            let partitions = self.ada.what_can_see(who, SeenKind::Partition).await;
            for (person, home) in &self.people {
                let through = &self.tenant.default_workspace;
                let seers = self.ada.who_can_see(through, person, "", "").await;
                let listed = seers.iter().any(|one| one.principal == *who);
                let reads = |one: &pb::SeenThing| one.permissions.contains(&"people.read".into());
                let views = partitions.iter().any(|one| one.partition_id == *home && reads(one));
                assert_eq!(listed, views, "{who} {person}");
                if let Some(actor) = self.user(who) {
                    assert_eq!(listed, self.shows_person(&actor, person).await, "{who} {person}");
                }
                seen += usize::from(listed);
            }
            let folders = self.ada.what_can_see(who, SeenKind::Folder).await;
            for (asset, owner, folder, live) in &self.assets {
                let seers = self.ada.who_can_see(owner, "", asset, "").await;
                let listed = seers.iter().any(|one| one.principal == *who);
                let own = |one: &pb::SeenThing| *live || one.workspace_id == one.owner_workspace_id;
                let views = folders.iter().any(|one| one.folder_id == *folder && own(one));
                assert_eq!(listed, views, "{who} {asset}");
                if let Some(actor) = self.user(who) {
                    assert_eq!(listed, self.shows_asset(&actor, asset).await, "{who} {asset}");
                }
                seen += usize::from(listed);
            }
        }
        seen
    }

    /// What is told to each user is of what they see, and what is found is what is found by who sees all.
    async fn listen(&self) -> usize {
        let all = self.ada.describe(DescribeTopologyRequest::default()).await.findings;
        let mut heard = 0;
        for who in &self.principals {
            let Some(actor) = self.user(who) else { continue };
            let told = actor.describe(DescribeTopologyRequest::default()).await;
            let data = told.data.unwrap_or_default();
            for one in &data.workspaces {
                let request = json!({ "workspace_id": one.workspace_id });
                actor.make("WorkspaceService/GetWorkspace", &request).await.ok();
            }
            for one in &data.partitions {
                let request = json!({ "partition_id": one.partition_id });
                actor.make("PartitionService/GetPartition", &request).await.ok();
            }
            for one in &data.shares {
                let shown = [&one.owner_workspace_id, &one.target_workspace_id];
                let mut sees = false;
                for place in shown {
                    sees |= actor.try_get_folder(place, &one.folder_id).await.is_ok();
                }
                assert!(sees, "{who} {one:?}");
            }
            let workspaces: Vec<&String> =
                data.workspaces.iter().map(|one| &one.workspace_id).collect();
            let partitions: Vec<&String> =
                data.partitions.iter().map(|one| &one.partition_id).collect();
            for one in &told.findings {
                assert!(
                    one.workspace_ids.iter().all(|id| workspaces.contains(&id)),
                    "{who} {one:?}"
                );
                assert!(
                    one.partition_ids.iter().all(|id| partitions.contains(&id)),
                    "{who} {one:?}"
                );
                let known = all.iter().any(|other| is_of(one, other));
                assert!(known, "{who} {one:?}");
                heard += 1;
            }
        }
        heard
    }
}

/// Whether a finding is another, or tells a part of it.
fn is_of(one: &pb::TopologyFinding, other: &pb::TopologyFinding) -> bool {
    let key = |one: &pb::TopologyFinding| -> Json {
        json!([one.kind, one.partition_ids, one.folder_id, one.asset_id, one.principal])
    };
    key(one) == key(other) && one.workspace_ids.iter().all(|id| other.workspace_ids.contains(id))
}

async fn run(app: &App, seed: u64) {
    let world = World::new(app, seed).await;
    assert!(world.compare().await > 0, "somebody sees something");
    assert!(world.listen().await > 0, "something is found");
}

on_both! {
    /// both ends say what the reads show, and nobody hears of what they do not see.
    async fn x_03_both_ends_are_the_reads_1(app) {
        run(app, 1).await;
    }

    /// The same, in another world.
    async fn x_03_both_ends_are_the_reads_2(app) {
        run(app, 2).await;
    }

    /// The same, in another world.
    async fn x_03_both_ends_are_the_reads_3(app) {
        run(app, 3).await;
    }
}
