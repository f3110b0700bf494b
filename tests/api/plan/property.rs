//! Plans over small random worlds: what a plan says equals what the reads show before and after.

use std::collections::{BTreeMap, BTreeSet};

use precinct::domain::access::Permissions;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value as Json, json};

use crate::on_both;
use crate::support::App;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::plans::number;
use crate::support::status::reason;

/// How many changes are planned and done.
const STEPS: usize = 24;

/// What the reads show of a workspace.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown {
    people: BTreeSet<String>,
    partitions: BTreeSet<String>,
    /// Principal and permission.
    rights: BTreeSet<(String, String)>,
}

/// A small tenant.
struct World {
    ada: Actor,
    rng: StdRng,
    workspaces: Vec<String>,
    partitions: Vec<String>,
    people: Vec<String>,
    principals: Vec<String>,
    group: String,
    role: String,
    account: String,
    /// How many changes were done.
    done: usize,
}

// === impl Shown ===

impl Shown {
    /// What is here and not there: people, partitions, and principals with a permission.
    fn without(&self, other: &Self) -> [i64; 3] {
        let count = |number: usize| i64::try_from(number).expect("few");
        let rights = self.rights.difference(&other.rights);
        let principals: BTreeSet<&String> = rights.map(|(principal, _)| principal).collect();
        [
            count(self.people.difference(&other.people).count()),
            count(self.partitions.difference(&other.partitions).count()),
            count(principals.len()),
        ]
    }
}

fn texts(reply: &Json, list: &str, field: &str) -> BTreeSet<String> {
    let all = reply[list].as_array().into_iter().flatten();
    all.filter_map(|one| one[field].as_str()).map(str::to_owned).collect()
}

// === impl World ===

impl World {
    async fn new(app: &App, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let (mut partitions, mut workspaces, mut people) = (Vec::new(), Vec::new(), Vec::new());
        for name in ["P", "Q", "R", "S"] {
            partitions.push(ada.partition(name).await);
        }
        for (at, name) in ["U", "V", "W"].iter().enumerate() {
            let bound = [&partitions[at], &partitions[3]];
            workspaces.push(ada.workspace(name, &bound).await);
        }
        for number in 0..8 {
            let partition = partitions.choose(&mut rng).expect("some").clone();
            let email = format!("p{number}@example.com");
            let made = ok(ada.try_person(&tenant.default_workspace, &partition, &email).await);
            people.push(made.person.expect("a person").person_id);
        }
        workspaces.push(tenant.default_workspace.clone());
        let group = ada.group("G", &["user:bob", "user:cay"]).await;
        let role = ada.role("R", &["people.read"]).await;
        let account = ada.account("Bot").await;
        let mut principals: Vec<String> =
            ["owner", "bob", "cay", "dan"].iter().map(|name| format!("user:{name}")).collect();
        principals.push(format!("service:{account}"));
        Self { ada, rng, workspaces, partitions, people, principals, group, role, account, done: 0 }
    }

    async fn show(&self) -> BTreeMap<String, Shown> {
        let mut shown = BTreeMap::new();
        for workspace in &self.workspaces {
            let of = json!({ "workspace_id": workspace });
            let list = async |rpc: &str, list: &str, field: &str| {
                let reply = self.ada.make(rpc, &of).await.result().unwrap_or_default();
                reply.first().map(|reply| texts(reply, list, field)).unwrap_or_default()
            };
            let people = list("PersonService/ListPeople", "people", "person_id").await;
            let partitions =
                list("PartitionService/ListPartitions", "partitions", "partition_id").await;
            let rights = self.rights(workspace).await;
            shown.insert(workspace.clone(), Shown { people, partitions, rights });
        }
        shown
    }

    async fn rights(&self, workspace: &str) -> BTreeSet<(String, String)> {
        let permissions: Vec<String> =
            Permissions::of_workspaces().iter().map(|one| one.name().to_owned()).collect();
        let all: Vec<(String, String)> = self
            .principals
            .iter()
            .flat_map(|who| permissions.iter().map(|what| (who.clone(), what.clone())))
            .collect();
        let check = |(principal, permission): &(String, String)| json!({ "principal": principal, "permission": permission, "workspace_id": workspace });
        let checks: Vec<Json> = all.iter().map(check).collect();
        let request = json!({ "checks": checks });
        let reply = self.ada.make("AccessService/BatchCheckAccess", &request).await.ok();
        let results = reply["results"].as_array().expect("results").clone();
        let allowed = all.into_iter().zip(results);
        allowed.filter(|(_, one)| one["allowed"] == json!(true)).map(|(one, _)| one).collect()
    }

    fn some(&mut self, of: fn(&Self) -> &Vec<String>) -> String {
        let at = self.rng.random_range(0..of(self).len());
        of(self)[at].clone()
    }

    /// A call that changes the topology, which may well be refused.
    fn call(&mut self) -> (&'static str, Json) {
        let (w, p) = (self.some(|it| &it.workspaces), self.some(|it| &it.partitions));
        let (who, group) = (self.some(|it| &it.principals), self.group.clone());
        let ends = json!({ "workspace_id": w, "partition_id": p });
        match self.rng.random_range(0..18) {
            0 | 1 => ("PartitionService/BindPartition", ends),
            2 => {
                let access = json!("BINDING_ACCESS_READ_ONLY");
                let bind = json!({ "workspace_id": w, "partition_id": p, "access": access });
                ("PartitionService/BindPartition", bind)
            }
            3 | 4 => ("PartitionService/UnbindPartition", ends),
            5 => ("PartitionService/SetPrimaryPartition", ends),
            6 => {
                let all = self.rng.random_bool(0.5);
                let workspace = json!({ "workspace_id": w, "all_partitions": all });
                let update = json!({ "workspace": workspace, "update_mask": "allPartitions" });
                ("WorkspaceService/UpdateWorkspace", update)
            }
            7 => ("WorkspaceService/DeleteWorkspace", json!({ "workspace_id": w })),
            8 | 9 => ("WorkspaceService/UndeleteWorkspace", json!({ "workspace_id": w })),
            10 => ("PartitionService/DeletePartition", json!({ "partition_id": p })),
            11 => ("PartitionService/UndeletePartition", json!({ "partition_id": p })),
            12 | 13 => {
                let role = match self.rng.random_range(0..3) {
                    0 => self.role.clone(),
                    1 => built_in("Marketer"),
                    _ => built_in("Analyst"),
                };
                let principal =
                    if self.rng.random_bool(0.5) { format!("group:{group}") } else { who };
                let workspace_id = if self.rng.random_bool(0.2) { String::new() } else { w };
                let grant = json!({ "principal": principal, "role_id": role, "workspace_id": workspace_id });
                ("AccessService/CreateGrant", json!({ "grant": grant }))
            }
            14 => {
                let members = json!({ "group_id": group, "members": [who] });
                match self.rng.random_bool(0.5) {
                    true => ("AccessService/AddGroupMembers", members),
                    false => ("AccessService/RemoveGroupMembers", members),
                }
            }
            15 => {
                let all = ["people.read", "people.write", "assets.read", "assets.approve"];
                let permission = *all.choose(&mut self.rng).expect("some");
                let role = json!({ "role_id": self.role, "permissions": [permission] });
                ("AccessService/UpdateRole", json!({ "role": role, "update_mask": "permissions" }))
            }
            16 => {
                let disabled = self.rng.random_bool(0.5);
                let account = json!({ "service_account_id": self.account, "disabled": disabled });
                let update = json!({ "service_account": account, "update_mask": "disabled" });
                ("AccessService/UpdateServiceAccount", update)
            }
            _ => {
                let person_ids = [self.some(|it| &it.people), self.some(|it| &it.people)];
                let person_ids: BTreeSet<String> = person_ids.into();
                let go = json!({ "workspace_id": w, "person_ids": person_ids, "target_partition_id": p });
                ("PersonService/MovePeople", go)
            }
        }
    }

    async fn step(&mut self) {
        let (rpc, request) = self.call();
        let before = self.show().await;
        let plan = match self.ada.try_plan(rpc.to_owned(), request.clone()).await {
            Ok(plan) => plan,
            Err(planned) => {
                let done = self.ada.make(rpc, &request).await.result().expect_err("as planned");
                assert_eq!(reason(&planned), reason(&done), "{rpc} {request}");
                return;
            }
        };
        assert_eq!(self.show().await, before, "{rpc} {request}: a plan changes nothing");
        let done = self.ada.apply_plan(rpc, &request, &plan).await;
        done.unwrap_or_else(|status| panic!("{rpc} {request}: {}", reason(&status)));
        let after = self.show().await;
        for (workspace, old) in &before {
            let new = &after[workspace];
            let told = |fields: [&str; 3]| fields.map(|field| number(&plan, workspace, field));
            let gained = told(["people_gained", "partitions_gained", "principals_gained"]);
            let lost = told(["people_lost", "partitions_lost", "principals_lost"]);
            assert_eq!(gained, new.without(old), "{rpc} {request} {workspace} {plan}");
            assert_eq!(lost, old.without(new), "{rpc} {request} {workspace} {plan}");
        }
        self.done += 1;
    }
}

async fn run(app: &App, seed: u64) {
    let mut world = World::new(app, seed).await;
    for _ in 0..STEPS {
        world.step().await;
    }
    assert!(world.done > STEPS / 4, "many of the steps pass: {}", world.done);
}

on_both! {
    /// the numbers of a plan equal what happens when it is applied, whatever is planned.
    async fn x_02_plans_come_true_1(app) {
        run(app, 1).await;
    }

    /// The same, in another world.
    async fn x_02_plans_come_true_2(app) {
        run(app, 2).await;
    }

    /// The same, in another world.
    async fn x_02_plans_come_true_3(app) {
        run(app, 3).await;
    }
}
