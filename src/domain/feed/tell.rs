//! Whether a watcher is told of a change, and as what.

use serde_json::Value as Json;

use super::kind::{Subject, matches, subject};
use super::watcher::Watcher;
use super::{Change, Event, Partition, Told, detail, people};
use crate::domain::access::Permission;
use crate::domain::access::rpc::{Need, need};
use crate::domain::asset::Type;
use crate::domain::visibility::{account_name, group_name};
use crate::id::{FolderId, GroupId, PartitionId, ServiceAccountId, WorkspaceId};

/// What a watcher who asked for some kinds, or for all, is told of a change; nothing, if it concerns nothing that they see.
pub fn tell(change: &Change, watcher: &Watcher<'_>, kinds: &[String]) -> Option<Told> {
    let asked = kinds.is_empty() || kinds.iter().any(|asked| matches(asked, &change.kind));
    if !asked {
        return None;
    }
    let teller = Teller { change, watcher, workspace: change.workspace() };
    let told = teller.told()?;
    let workspace = teller.workspace.filter(|id| watcher.sees_workspace(*id));
    let about_people = subject(&change.kind) == Some(Subject::People);
    let known = |id: &uuid::Uuid| !about_people || told.people.iter().any(|one| one.id.0 == *id);
    let resource = change.resource.filter(known);
    Some(Told { resource, workspace, detail: detail::shown(change, watcher), ..told })
}

/// A change, before a watcher.
struct Teller<'a> {
    change: &'a Change,
    watcher: &'a Watcher<'a>,
    /// The workspace through which it happened.
    workspace: Option<WorkspaceId>,
}

// === impl Teller ===

impl Teller<'_> {
    fn told(&self) -> Option<Told> {
        let (watcher, workspace) = (self.watcher, self.workspace);
        let plain = |told: bool| told.then(Told::default);
        match subject(&self.change.kind) {
            Some(Subject::Tenant) => plain(watcher.rules(Permission::TenantRead)),
            Some(Subject::Routing) => plain(watcher.rules(Permission::PartitionsRead)),
            Some(Subject::Field) => plain(watcher.may(Permission::FieldsRead)),
            Some(Subject::Role) => plain(watcher.may(Permission::AccessRead)),
            Some(Subject::Group) => plain(self.knows(|id| group_name(GroupId(id)))),
            Some(Subject::Account) => plain(self.knows(|id| account_name(ServiceAccountId(id)))),
            Some(Subject::Grant) => plain(watcher.may_in(Permission::AccessRead, workspace)),
            Some(Subject::Workspace) => self.of_workspace(),
            Some(Subject::Binding) => self.of_binding(),
            Some(Subject::Partition) => self.of_partition(),
            // What is gone for good is told to who sees all: no index knows any more who saw it.
            Some(Subject::PurgedPartition) => plain(watcher.rules(Permission::PartitionsRead)),
            Some(Subject::People) => self.of_people(),
            Some(Subject::Folder) => self.of_folder(),
            Some(Subject::Share) => self.of_share(),
            Some(Subject::Asset) => self.of_asset(),
            Some(Subject::Members) => self.of_members(),
            Some(Subject::Results) => self.of_results(),
            Some(Subject::Operation) => plain(self.of_operation()),
            None => plain(self.is_for_all()),
        }
    }

    /// What this version does not know goes to those alone who may read everything.
    fn is_for_all(&self) -> bool {
        let all = [
            Permission::AccessRead,
            Permission::AssetsRead,
            Permission::PeopleRead,
            Permission::TenantRead,
        ];
        all.into_iter().all(|one| self.watcher.rules(one))
    }

    fn knows(&self, name: impl Fn(uuid::Uuid) -> String) -> bool {
        self.change.resource.is_some_and(|id| self.watcher.knows(&name(id)))
    }

    fn of_workspace(&self) -> Option<Told> {
        let told = self.watcher.may_in(Permission::WorkspacesRead, self.workspace);
        told.then(|| Told { partitions: self.partitions(), ..Told::default() })
    }

    /// The partitions that the workspace gained and lost as a whole.
    fn partitions(&self) -> Vec<Partition> {
        if !self.watcher.may_in(Permission::PartitionsRead, self.workspace) {
            return Vec::new();
        }
        let sides = [("entered", Event::Entered), ("left", Event::Left)];
        let all = sides
            .into_iter()
            .flat_map(|(key, event)| self.change.ids(key).into_iter().map(move |id| (id, event)));
        all.filter_map(|(id, event)| self.partition(id, event)).collect()
    }

    /// A partition that entered or left what the workspace sees, if it did so for the watcher: one that is seen now has not
    /// left, and one that is not seen has not entered.
    fn partition(&self, id: PartitionId, event: Event) -> Option<Partition> {
        let seen = self.watcher.sees(Permission::PartitionsRead, id);
        let counts = self.watcher.may_in(Permission::PeopleRead, self.workspace);
        let people = self.change.detail.get("people_count").and_then(Json::as_i64);
        let people = people.filter(|_| counts);
        (seen == (event == Event::Entered)).then_some(Partition { id, event, people })
    }

    fn of_binding(&self) -> Option<Told> {
        if !self.watcher.may_in(Permission::PartitionsRead, self.workspace) {
            return None;
        }
        let event = match self.change.kind.as_str() {
            "binding.created" => Event::Entered,
            "binding.deleted" => Event::Left,
            _ => return Some(Told::default()),
        };
        let id = self.change.resource.map(PartitionId)?;
        let partitions = self.partition(id, event).into_iter().collect();
        Some(Told { partitions, ..Told::default() })
    }

    fn of_partition(&self) -> Option<Told> {
        let id = self.change.resource.map(PartitionId)?;
        let told = self.watcher.saw(Permission::PartitionsRead, id);
        let event = match self.change.kind.as_str() {
            "partition.created" | "partition.undeleted" => Event::Entered,
            "partition.deleted" => Event::Left,
            _ => return told.then(Told::default),
        };
        let partitions = self.partition(id, event).into_iter().collect();
        told.then(|| Told { partitions, ..Told::default() })
    }

    fn of_people(&self) -> Option<Told> {
        let people = people::seen(self.change, self.watcher);
        (!people.is_empty()).then(|| Told { people, ..Told::default() })
    }

    fn of_folder(&self) -> Option<Told> {
        let id = self.change.resource.map(FolderId)?;
        let is = self.watcher.sees_folder(id);
        match self.change.kind.as_str() {
            "folder.moved" => {
                let from = self.change.id("from_parent_folder_id");
                let was = self.owns(self.change.id("from_workspace_id"))
                    || from.is_some_and(|from| self.watcher.sees_folder(from))
                    || self.watcher.receives(id);
                self.crossing(was, is)
            }
            "folder.deleted" => {
                let parent = self.change.id("parent_folder_id");
                let was = parent.is_some_and(|parent| self.watcher.sees_folder(parent));
                (was || self.owns(self.workspace)).then(Told::default)
            }
            _ => (is || self.owns(self.workspace)).then(Told::default),
        }
    }

    fn of_share(&self) -> Option<Told> {
        if self.owns(self.workspace) {
            return Some(Told::default());
        }
        let targets = self.change.ids::<WorkspaceId>("target_workspace_ids");
        if !targets.into_iter().any(|target| self.owns(Some(target))) {
            return None;
        }
        let seen = self.change.resource.is_some_and(|id| self.watcher.sees_folder(FolderId(id)));
        let event = match (self.change.kind.as_str(), seen) {
            ("folder.shared", true) => Event::Entered,
            ("folder.unshared", false) => Event::Left,
            _ => Event::AsTheKindSays,
        };
        Some(Told { event, ..Told::default() })
    }

    /// What was moved, by whether it was seen before and whether it is now.
    fn crossing(&self, was: bool, is: bool) -> Option<Told> {
        let event = match (was, is) {
            (true, true) => Event::Moved,
            (false, true) => Event::Entered,
            (true, false) => Event::Left,
            (false, false) => return None,
        };
        Some(Told { event, ..Told::default() })
    }

    /// Whether the watcher may read the assets of a workspace.
    fn owns(&self, workspace: Option<WorkspaceId>) -> bool {
        self.watcher.may_in(Permission::AssetsRead, workspace)
    }

    /// Whether the watcher sees the asset as its own workspace does: drafts and all.
    fn owns_asset(&self) -> bool {
        self.owns(self.change.home.map(|home| home.owner).or(self.workspace))
    }

    /// Whether the watcher is one of those to whom the asset is shared: they see what is live.
    fn receives_asset(&self) -> bool {
        match self.change.home {
            Some(home) => home.live && self.watcher.sees_folder(home.folder),
            None => self.change.id("folder_id").is_some_and(|id| self.watcher.sees_folder(id)),
        }
    }

    /// What the asset is; of one that is gone, as it was recorded.
    fn kind_of_asset(&self) -> Option<Type> {
        let recorded = || Type::named(self.change.detail.get("type")?.as_str()?);
        self.change.home.map(|home| home.kind).or_else(recorded)
    }

    fn of_asset(&self) -> Option<Told> {
        let approvable = self.kind_of_asset().is_some_and(|kind| kind.traits().approvable);
        let (owns, receives) = (self.owns_asset(), self.receives_asset());
        match self.change.kind.as_str() {
            "asset.moved" => {
                let from = self.change.id("from_folder_id");
                let live = self.change.home.is_some_and(|home| home.live);
                let was = live && from.is_some_and(|from| self.watcher.sees_folder(from));
                self.crossing(owns || was, owns || receives)
            }
            "asset.approved" => (owns || receives).then(Told::default),
            "asset.unapproved" if !owns => {
                let home = self.change.home.filter(|home| !home.live)?;
                let saw = self.watcher.sees_folder(home.folder);
                saw.then(|| Told { event: Event::Left, ..Told::default() })
            }
            // What is edited of an asset that is approved is its draft, which only its own workspace sees.
            _ => (owns || (receives && !approvable)).then(Told::default),
        }
    }

    fn of_members(&self) -> Option<Told> {
        let owns = self.owns_asset();
        if !owns && !self.receives_asset() {
            return None;
        }
        let people = people::seen(self.change, self.watcher);
        // How many were taken out unseen, and that a form was filled in, is for its own workspace (V-07).
        let counted = self.change.detail.get("hidden").is_some_and(Json::is_number)
            || self.change.kind == "form.submitted";
        (!people.is_empty() || (owns && counted)).then(|| Told { people, ..Told::default() })
    }

    fn of_results(&self) -> Option<Told> {
        let partition = self.change.id("partition_id");
        let seen = partition.is_none_or(|id| self.watcher.sees(Permission::PeopleRead, id));
        (seen && (self.owns_asset() || self.receives_asset())).then(Told::default)
    }

    fn of_operation(&self) -> bool {
        match self.change.detail.get("rpc").and_then(Json::as_str).and_then(need) {
            Some(Need::Permission(permission, _)) => {
                self.watcher.may_in(permission, self.workspace)
            }
            _ => self.is_for_all(),
        }
    }
}
