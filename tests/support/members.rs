//! Shorthands for the people in programs and static lists, which are in both alike.

use precinct::pb;
use tonic::Status;

use super::actor::Actor;

/// What people can be put into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Program,
    List,
}

/// A program or list, as somebody sees it through a workspace.
#[derive(Clone)]
pub struct Members {
    pub actor: Actor,
    pub kind: Kind,
    pub workspace: String,
    pub id: String,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    pub results: Vec<pb::AssetMemberResult>,
    pub revision: i64,
    pub removed: i64,
}

// === impl Kind ===

impl Kind {
    pub const BOTH: [Self; 2] = [Self::Program, Self::List];

    fn asset_type(self) -> pb::AssetType {
        match self {
            Self::Program => pb::AssetType::Program,
            Self::List => pb::AssetType::StaticList,
        }
    }

    pub fn area(self) -> pb::Area {
        match self {
            Self::Program => pb::Area::MarketingActivities,
            Self::List => pb::Area::Database,
        }
    }
}

// === impl Members ===

impl Members {
    /// A new one, in a folder.
    pub async fn make(
        actor: &Actor,
        kind: Kind,
        workspace: &str,
        folder: &str,
        name: &str,
    ) -> Self {
        let id = actor.asset_in(workspace, folder, kind.asset_type(), name).await;
        Self { actor: actor.clone(), kind, workspace: workspace.into(), id }
    }

    /// The same, through another workspace.
    pub fn through(&self, workspace: &str) -> Self {
        Self { workspace: workspace.into(), ..self.clone() }
    }

    /// The same, by another caller.
    pub fn by(&self, actor: &Actor) -> Self {
        Self { actor: actor.clone(), ..self.clone() }
    }

    pub async fn try_add(&self, people: &[&str], atomic: bool) -> Result<Done, Status> {
        let (workspace_id, id) = (self.workspace.clone(), self.id.clone());
        let person_ids = people.iter().map(ToString::to_string).collect();
        Ok(match self.kind {
            Kind::Program => {
                let request = pb::AddProgramMembersRequest {
                    workspace_id,
                    program_id: id,
                    person_ids,
                    atomic,
                    ..pb::AddProgramMembersRequest::default()
                };
                let made = self.actor.assets().add_program_members(request).await?.into_inner();
                Done { results: made.results, revision: made.revision, removed: 0 }
            }
            Kind::List => {
                let request = pb::AddListMembersRequest {
                    workspace_id,
                    list_id: id,
                    person_ids,
                    atomic,
                    ..pb::AddListMembersRequest::default()
                };
                let made = self.actor.lists().add_list_members(request).await?.into_inner();
                Done { results: made.results, revision: made.revision, removed: 0 }
            }
        })
    }

    /// Puts people in, all of them.
    pub async fn add(&self, people: &[&str]) -> Done {
        self.try_add(people, true).await.expect("they are put in")
    }

    pub async fn try_remove(&self, people: &[&str], hidden: bool) -> Result<Done, Status> {
        let (workspace_id, id) = (self.workspace.clone(), self.id.clone());
        let person_ids = people.iter().map(ToString::to_string).collect();
        Ok(match self.kind {
            Kind::Program => {
                let request = pb::RemoveProgramMembersRequest {
                    workspace_id,
                    program_id: id,
                    person_ids,
                    hidden,
                    ..pb::RemoveProgramMembersRequest::default()
                };
                let gone = self.actor.assets().remove_program_members(request).await?.into_inner();
                Done { results: gone.results, revision: gone.revision, removed: gone.removed }
            }
            Kind::List => {
                let request = pb::RemoveListMembersRequest {
                    workspace_id,
                    list_id: id,
                    person_ids,
                    hidden,
                    ..pb::RemoveListMembersRequest::default()
                };
                let gone = self.actor.lists().remove_list_members(request).await?.into_inner();
                Done { results: gone.results, revision: gone.revision, removed: gone.removed }
            }
        })
    }

    /// A page, and the token of the next.
    pub async fn try_page(
        &self,
        page_size: i32,
        token: &str,
    ) -> Result<(Vec<pb::AssetMember>, String), Status> {
        let (workspace_id, id, page_token) =
            (self.workspace.clone(), self.id.clone(), token.to_owned());
        Ok(match self.kind {
            Kind::Program => {
                let request = pb::ListProgramMembersRequest {
                    workspace_id,
                    program_id: id,
                    page_size,
                    page_token,
                };
                let page = self.actor.assets().list_program_members(request).await?.into_inner();
                (page.members, page.next_page_token)
            }
            Kind::List => {
                let request =
                    pb::ListListMembersRequest { workspace_id, list_id: id, page_size, page_token };
                let page = self.actor.lists().list_list_members(request).await?.into_inner();
                (page.members, page.next_page_token)
            }
        })
    }

    /// Who is in, page by page.
    pub async fn all(&self, page_size: i32) -> Vec<String> {
        let (mut ids, mut token) = (Vec::new(), String::new());
        loop {
            let (page, next) = self.try_page(page_size, &token).await.expect("a page");
            ids.extend(page.into_iter().map(|one| one.person_id));
            if next.is_empty() {
                return ids;
            }
            token = next;
        }
    }

    /// How many are shown, and how many are hidden.
    pub async fn try_count(&self) -> Result<(i64, i64), Status> {
        let (workspace_id, id) = (self.workspace.clone(), self.id.clone());
        Ok(match self.kind {
            Kind::Program => {
                let request = pb::CountProgramMembersRequest { workspace_id, program_id: id };
                let count = self.actor.assets().count_program_members(request).await?.into_inner();
                (count.total, count.hidden_count)
            }
            Kind::List => {
                let request = pb::CountListMembersRequest { workspace_id, list_id: id };
                let count = self.actor.lists().count_list_members(request).await?.into_inner();
                (count.total, count.hidden_count)
            }
        })
    }

    pub async fn count(&self) -> (i64, i64) {
        self.try_count().await.expect("they are counted")
    }
}
