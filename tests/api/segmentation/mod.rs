//! `SegmentationService`: what segmentations say of whom, and how far that is computed.

mod among;
mod bindings;
mod broken;
mod budget;
mod crash;
mod definition;
mod feed;
mod follow;
mod life;
mod property;
mod race;
mod sight;
mod test;

use precinct::id::TenantId;
use precinct::pb;
use precinct::pb::Area;
use serde_json::json;
use uuid::Uuid;

use crate::support::actor::{Actor, ok};
use crate::support::rows::Rows;
use crate::support::segmentations::{Segmentation, segment};
use crate::support::{App, Tenant};

/// The scene of G-04: the first workspace sees P1 and P2 and shares a folder to the second, which sees P2 and P3.
struct Scene {
    tenant: Tenant,
    ada: Actor,
    /// Sees all partitions.
    all: String,
    p1: String,
    p2: String,
    p3: String,
    one: String,
    two: String,
    folder: String,
}

// === impl Scene ===

impl Scene {
    async fn new(app: &App) -> Self {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let [p1, p2, p3] =
            [ada.partition("P1").await, ada.partition("P2").await, ada.partition("P3").await];
        let one = ada.workspace("One", &[&p1, &p2]).await;
        let two = ada.workspace("Two", &[&p2, &p3]).await;
        let folder = ada.folder(&one, &ada.root(&one, Area::Database).await, "Shared").await;
        ok(ada.try_share(&one, &folder, &[&two]).await);
        let all = tenant.default_workspace.clone();
        Self { tenant, ada, all, p1, p2, p3, one, two, folder }
    }

    /// A person of a partition; the id.
    async fn person(&self, partition: &str, email: &str, first_name: &str) -> String {
        let request = pb::CreatePersonRequest {
            workspace_id: self.all.clone(),
            partition_id: partition.into(),
            person: Some(pb::Person {
                email: email.into(),
                first_name: first_name.into(),
                ..pb::Person::default()
            }),
            ..pb::CreatePersonRequest::default()
        };
        let made = ok(self.ada.people().create_person(request).await);
        made.person.unwrap_or_default().person_id
    }

    /// Gives a person another first name.
    async fn rename(&self, person: &str, first_name: &str) {
        rename(&self.ada, &self.all, person, first_name).await;
    }

    async fn move_to(&self, people: &[&String], partition: &str) {
        let request = pb::MovePeopleRequest {
            workspace_id: self.all.clone(),
            person_ids: people.iter().map(|id| (*id).clone()).collect(),
            target_partition_id: partition.into(),
            ..pb::MovePeopleRequest::default()
        };
        ok(self.ada.people().move_people(request).await);
    }

    async fn delete(&self, person: &str) {
        let request = json!({ "workspace_id": self.all, "person_id": person });
        self.ada.make("PersonService/DeletePerson", &request).await.ok();
    }

    async fn undelete(&self, person: &str) {
        let request = json!({ "workspace_id": self.all, "person_id": person });
        self.ada.make("PersonService/UndeletePerson", &request).await.ok();
    }

    async fn bind(&self, workspace: &str, partition: &str) {
        let request = json!({ "workspace_id": workspace, "partition_id": partition });
        self.ada.make("PartitionService/BindPartition", &request).await.ok();
    }

    async fn unbind(&self, workspace: &str, partition: &str) {
        let request = json!({ "workspace_id": workspace, "partition_id": partition });
        self.ada.make("PartitionService/UnbindPartition", &request).await.ok();
    }

    /// A segmentation of the first workspace in the shared folder, approved, of people by their first names.
    async fn named(&self, app: &App, names: &[&str]) -> Segmentation {
        self.draft(names).await.approved(app).await
    }

    /// The same, as a draft.
    async fn draft(&self, names: &[&str]) -> Segmentation {
        let segments: Vec<pb::Segment> = names.iter().map(|name| by_name(name)).collect();
        self.ada.segmentation_in(&self.one, &self.folder, "Names", &segments).await
    }

    async fn rows(&self, app: &App) -> Rows {
        let id: TenantId = self.tenant.id.parse().unwrap();
        app.rows(&[id]).await.remove(&id).unwrap()
    }

    /// Who is told to have moved between which segments since a revision: person, from, to, revision.
    async fn moved(
        &self,
        app: &App,
        since: i64,
    ) -> Vec<(String, Option<String>, Option<String>, i64)> {
        let rows = self.rows(app).await;
        let mut moved = Vec::new();
        let told = rows.changes.iter().filter(|one| one.kind == "segment.people_moved");
        for change in told.filter(|one| one.revision > since) {
            for one in change.detail["people"].as_array().expect("a list") {
                let segment = |key: &str| one[key]["segment_id"].as_str().map(str::to_owned);
                let person = one["person_id"].as_str().expect("an id").to_owned();
                moved.push((person, segment("from"), segment("to"), change.revision));
            }
        }
        moved.sort();
        moved
    }
}

/// A segment of people by their first name.
fn by_name(name: &str) -> pb::Segment {
    segment(name, &format!("first_name = \"{name}\""))
}

async fn rename(actor: &Actor, workspace: &str, person: &str, first_name: &str) {
    let request = pb::UpdatePersonRequest {
        workspace_id: workspace.into(),
        person: Some(pb::Person {
            person_id: person.into(),
            first_name: first_name.into(),
            ..pb::Person::default()
        }),
        ..pb::UpdatePersonRequest::default()
    };
    ok(actor.people().update_person(request).await);
}

/// A segment's size by its name.
fn sizes(pairs: &[(&str, i64)]) -> std::collections::BTreeMap<String, i64> {
    pairs.iter().map(|(name, people)| ((*name).to_owned(), *people)).collect()
}

/// How many rows of results there are.
fn stored(rows: &Rows, id: Uuid) -> usize {
    rows.segment_members.iter().filter(|one| one.segmentation_id.0 == id).count()
}

/// The same segment, of people by another first name.
fn renamed(one: &pb::Segment, name: &str) -> pb::Segment {
    pb::Segment { segment_id: one.segment_id.clone(), ..by_name(name) }
}
