//! Watching changes, and keeping a copy of a view by them.

use std::collections::BTreeMap;

use precinct::pb::{self, ChangeEvent};
use tonic::{Status, Streaming};

use super::actor::Actor;

/// A stream of changes, and what came of it.
pub struct Feed {
    stream: Streaming<pb::WatchChangesResponse>,
    /// The changes that came, in order.
    pub changes: Vec<pb::Change>,
    /// Where to resume.
    pub cursor: String,
    /// The newest revision that was told of.
    pub head: i64,
}

/// A copy of the people of a workspace's view, kept by its changes: who is where.
pub struct Mirror {
    actor: Actor,
    workspace: String,
    pub people: BTreeMap<String, String>,
    pub cursor: String,
    /// How often something entered or left.
    pub crossings: usize,
}

// === impl Actor ===

impl Actor {
    pub async fn try_watch(&self, request: pb::WatchChangesRequest) -> Result<Feed, Status> {
        let stream = self.activity().watch_changes(request).await?.into_inner();
        Ok(Feed { stream, changes: Vec::new(), cursor: String::new(), head: 0 })
    }

    /// Watches what comes after a revision.
    pub async fn watch(&self, since: i64, workspace: &str) -> Feed {
        self.try_watch(since_revision(since, workspace)).await.expect("it may watch")
    }

    /// Watches what comes after a cursor.
    pub async fn resume(&self, cursor: &str, workspace: &str) -> Feed {
        let request = pb::WatchChangesRequest {
            cursor: cursor.into(),
            workspace_id: workspace.into(),
            ..pb::WatchChangesRequest::default()
        };
        self.try_watch(request).await.expect("it may watch")
    }

    /// All changes that there are after a revision.
    pub async fn changes(&self, since: i64, workspace: &str) -> Vec<pb::Change> {
        let request =
            pb::WatchChangesRequest { stop_at_head: true, ..since_revision(since, workspace) };
        let mut feed = self.try_watch(request).await.expect("it may watch");
        feed.end().await.expect("it ends well");
        feed.changes
    }
}

pub fn since_revision(since: i64, workspace: &str) -> pb::WatchChangesRequest {
    pb::WatchChangesRequest {
        since_revision: Some(since),
        workspace_id: workspace.into(),
        ..pb::WatchChangesRequest::default()
    }
}

// === impl Feed ===

impl Feed {
    /// The next message; nothing at the end.
    pub async fn message(&mut self) -> Result<Option<Vec<pb::Change>>, Status> {
        let Some(message) = self.stream.message().await? else { return Ok(None) };
        self.changes.extend(message.changes.iter().cloned());
        self.cursor = message.cursor;
        self.head = message.head_revision;
        Ok(Some(message.changes))
    }

    /// Takes messages until all up to a revision is told.
    pub async fn until(&mut self, revision: i64) -> Result<(), Status> {
        while self.revision() < revision {
            self.message().await?.expect("it goes on");
        }
        Ok(())
    }

    /// Takes messages until one tells of a change.
    pub async fn some(&mut self) -> Vec<pb::Change> {
        loop {
            let changes = self.message().await.expect("it is not refused").expect("it goes on");
            if !changes.is_empty() {
                return changes;
            }
        }
    }

    /// Takes all that comes.
    pub async fn end(&mut self) -> Result<(), Status> {
        while self.message().await?.is_some() {}
        Ok(())
    }

    /// How the stream ends that is not to end well.
    pub async fn refusal(&mut self) -> Status {
        self.end().await.expect_err("it is ended")
    }

    /// The revision that is told of, as far as the cursor says.
    pub fn revision(&self) -> i64 {
        let (revision, _) = self.cursor.split_once('.').unwrap_or_default();
        revision.parse().unwrap_or_default()
    }
}

/// The places of changes.
pub fn places(changes: &[pb::Change]) -> Vec<(i64, i32, String)> {
    changes.iter().map(|one| (one.revision, one.ordinal, one.kind.clone())).collect()
}

// === impl Mirror ===

impl Mirror {
    /// A copy of what a workspace sees now.
    pub async fn new(actor: &Actor, workspace: &str) -> Self {
        let revision = actor.revision().await;
        let request =
            pb::WatchChangesRequest { stop_at_head: true, ..since_revision(revision, workspace) };
        let mut feed = actor.try_watch(request).await.expect("it may watch");
        feed.end().await.expect("it ends well");
        let mut mirror = Self {
            actor: actor.clone(),
            workspace: workspace.into(),
            people: BTreeMap::new(),
            cursor: String::new(),
            crossings: 0,
        };
        // Read first, then watched from before: what is told twice changes nothing.
        for person in actor.list(workspace, 1_000).await {
            mirror.people.insert(person.person_id, person.partition_id);
        }
        mirror.cursor = feed.cursor;
        for change in feed.changes {
            mirror.apply(&change).await;
        }
        mirror
    }

    /// Takes what was committed until now, in at most so many messages.
    pub async fn follow(&mut self, messages: usize) {
        let request = pb::WatchChangesRequest {
            cursor: self.cursor.clone(),
            workspace_id: self.workspace.clone(),
            stop_at_head: true,
            ..pb::WatchChangesRequest::default()
        };
        let mut feed = self.actor.try_watch(request).await.expect("it may watch");
        for _ in 0..messages {
            let message = feed.message().await.expect("it is not refused");
            let Some(changes) = message else { return };
            for change in changes {
                self.apply(&change).await;
            }
            self.cursor.clone_from(&feed.cursor);
        }
    }

    async fn apply(&mut self, change: &pb::Change) {
        let crosses = |one: &&pb::ChangedPerson| {
            matches!(one.event(), ChangeEvent::EnteredView | ChangeEvent::LeftView)
        };
        self.crossings += change.partitions.len() + change.people.iter().filter(crosses).count();
        for partition in &change.partitions {
            let id = partition.partition_id.clone();
            self.people.retain(|_, home| *home != id);
            if partition.event() == ChangeEvent::EnteredView {
                self.read(&id, change.revision).await;
            }
        }
        for person in &change.people {
            let (id, home) = (person.person_id.clone(), person.partition_id.clone());
            match person.event() {
                ChangeEvent::Deleted | ChangeEvent::LeftView => drop(self.people.remove(&id)),
                ChangeEvent::Created
                | ChangeEvent::Restored
                | ChangeEvent::Moved
                | ChangeEvent::EnteredView => drop(self.people.insert(id, home)),
                _ => {}
            }
        }
    }

    /// Reads a partition anew, at least as new as a change; one that is out of sight again has nobody.
    async fn read(&mut self, partition: &str, revision: i64) {
        let actor = self.actor.clone().with("x-precinct-at-least-revision", &revision.to_string());
        let request = pb::ListPeopleRequest {
            workspace_id: self.workspace.clone(),
            partition_ids: vec![partition.into()],
            page_size: 1_000,
            ..pb::ListPeopleRequest::default()
        };
        let Ok(page) = actor.people().list_people(request).await else { return };
        for person in page.into_inner().people {
            self.people.insert(person.person_id, person.partition_id);
        }
    }

    /// What the workspace sees now, read.
    pub async fn truth(&self) -> BTreeMap<String, String> {
        let people = self.actor.list(&self.workspace, 1_000).await;
        people.into_iter().map(|person| (person.person_id, person.partition_id)).collect()
    }
}

/// The metadata of the refusal that ended a stream: where to resume.
pub fn cursor_of(status: &Status) -> String {
    super::status::metadata(status, "cursor").expect("what ends a stream says where to resume")
}

/// Says that something is so once it is, for those who wait for it.
pub async fn eventually(mut holds: impl FnMut() -> bool) {
    let held = async {
        while !holds() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), held).await.expect("it comes to hold");
}

/// The kinds of changes.
pub fn kinds(changes: &[pb::Change]) -> Vec<&str> {
    changes.iter().map(|one| one.kind.as_str()).collect()
}
