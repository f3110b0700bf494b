//! What a record of the audit log is about: from the kinds of changes, what has to be seen for it to show, and from what
//! they say of themselves, which workspaces, partitions and fields they concern.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use super::access::Permission;
use crate::id::{PartitionId, WorkspaceId};

/// What a call concerned. It is kept with its record for ever: ids, and names of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// The workspaces: whose it is, and all that it names.
    pub workspaces: BTreeSet<WorkspaceId>,
    /// The partitions that it names.
    pub partitions: BTreeSet<PartitionId>,
    /// The fields that were changed.
    pub fields: Vec<String>,
    /// The permission that shows it in the recent activity; empty: it is not shown there.
    pub reads: String,
    /// Of a refusal, the permission that was lacking.
    pub lacked: String,
}

/// What a kind of change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A workspace.
    Workspace,
    /// A partition, or the binding of one.
    Partition,
    /// Where new people go.
    Routing,
    /// An asset, or the people in it.
    Asset,
    /// A folder, or with whom it is shared.
    Folder,
    /// One person.
    Person,
    /// People, of some partitions.
    People,
    /// Who may do what: a grant, a role, a group, a service account.
    Access,
    /// A field of people.
    Field,
    /// The tenant itself.
    Tenant,
    /// Work that goes on.
    Operation,
}

// === impl About ===

impl About {
    /// Takes in what a change says of itself: ids stand under names that end with their noun, and the names of changed
    /// fields under `fields`.
    pub fn learn(&mut self, detail: &Json) {
        for (key, value) in detail.as_object().into_iter().flatten() {
            let noun = key.strip_suffix('s').unwrap_or(key);
            if noun.ends_with("workspace_id") {
                self.workspaces.extend(parsed::<WorkspaceId>(value));
            } else if noun.ends_with("partition_id") {
                self.partitions.extend(parsed::<PartitionId>(value));
            } else if key == "fields" {
                self.fields.extend(texts(value).map(str::to_owned));
            }
        }
    }
}

fn parsed<T: std::str::FromStr>(value: &Json) -> impl Iterator<Item = T> {
    texts(value).filter_map(|text| text.parse().ok())
}

fn texts(value: &Json) -> impl Iterator<Item = &str> {
    let many = value.as_array().into_iter().flatten().filter_map(Json::as_str);
    value.as_str().into_iter().chain(many)
}

// === impl Subject ===

impl Subject {
    /// What a kind of change, `noun.verb`, is about; nothing for one that is not known, which then shows nowhere.
    pub fn of(kind: &str) -> Option<Self> {
        Some(match noun(kind) {
            "workspace" => Self::Workspace,
            "partition" | "binding" => Self::Partition,
            "routing_policy" => Self::Routing,
            "asset" | "assets" | "form" | "list" | "program" | "segment" | "segmentation" => {
                Self::Asset
            }
            "folder" => Self::Folder,
            "person" => Self::Person,
            "people" => Self::People,
            "grant" | "group" | "role" | "service_account" => Self::Access,
            "field" => Self::Field,
            "email" | "tenant" => Self::Tenant,
            "operation" => Self::Operation,
            _ => return None,
        })
    }

    /// The permission to see such things. Work that goes on is seen with the right to what it works on, which its rpc
    /// needs: whoever has that sees the workspace.
    pub fn reads(self) -> Permission {
        match self {
            Self::Workspace | Self::Operation => Permission::WorkspacesRead,
            Self::Partition | Self::Routing => Permission::PartitionsRead,
            Self::Asset | Self::Folder => Permission::AssetsRead,
            Self::Person | Self::People => Permission::PeopleRead,
            Self::Access => Permission::AccessRead,
            Self::Field => Permission::FieldsRead,
            Self::Tenant => Permission::TenantRead,
        }
    }

    /// All permissions that show some of them.
    pub const READS: [Permission; 7] = [
        Permission::AccessRead,
        Permission::AssetsRead,
        Permission::FieldsRead,
        Permission::PartitionsRead,
        Permission::PeopleRead,
        Permission::TenantRead,
        Permission::WorkspacesRead,
    ];

    /// What of people before and after tell; nothing, if not of people.
    pub fn personal(kind: &str) -> Option<Personal> {
        match (noun(kind), kind.split('.').nth(1)?) {
            // An erasure leaves ids and hashes, of which each reader is told what they see.
            ("person", "erased") => None,
            ("people" | "form", _) | ("person", "merged") => Some(Personal::Some),
            ("person", _) => Some(Personal::One),
            ("list" | "program", "members_added" | "members_removed") => Some(Personal::Members),
            _ => None,
        }
    }
}

/// What before and after tell of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// All of one person.
    One,
    /// Who some people of some partitions are.
    Some,
    /// Who came into an asset or left it, by id alone.
    Members,
}

/// Something whose id stands in what was recorded, and which not everybody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A workspace.
    Workspace,
    /// A partition.
    Partition,
    /// A folder.
    Folder,
}

// === impl Named ===

impl Named {
    /// What the ids under a name are of.
    fn by(name: &str) -> Option<Self> {
        let noun = name.strip_suffix('s').unwrap_or(name);
        match noun {
            _ if noun.ends_with("workspace_id") => Some(Self::Workspace),
            _ if noun.ends_with("partition_id") => Some(Self::Partition),
            "parent_id" => Some(Self::Folder),
            _ if noun.ends_with("folder_id") => Some(Self::Folder),
            _ => None,
        }
    }
}

/// Takes the ids of what is not seen out of what was recorded: a single one becomes null, one in a list goes.
pub fn redact(value: &mut Json, sees: &impl Fn(Named, Uuid) -> bool) {
    match value {
        Json::Object(fields) => {
            for (name, value) in fields {
                match Named::by(name) {
                    Some(named) => hide(value, &|id| !sees(named, id)),
                    None => redact(value, sees),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| redact(item, sees)),
        _ => {}
    }
}

fn hide(value: &mut Json, hidden: &impl Fn(Uuid) -> bool) {
    let is_hidden = |value: &Json| {
        let id = value.as_str().and_then(|text| Uuid::parse_str(text).ok());
        id.is_some_and(hidden)
    };
    match value {
        Json::Array(items) => items.retain(|item| !is_hidden(item)),
        one if is_hidden(one) => *one = Json::Null,
        _ => {}
    }
}

/// Takes the records that are not seen out of what an erasure left of itself.
pub fn keep_erased(after: &mut Json, sees: impl Fn(PartitionId) -> bool) {
    let seen = |one: &Json| parsed::<PartitionId>(&one["partition_id"]).any(&sees);
    if let Some(erased) = after.get_mut("erased").and_then(Json::as_array_mut) {
        erased.retain(seen);
    }
}

/// What a kind of change is a change of.
pub fn noun(kind: &str) -> &str {
    kind.split('.').next().unwrap_or_default()
}

/// Whether a kind of change is the end of what it is about. Of what is gone only its end is shown: nobody can say any
/// more through which workspaces the rest was to be seen.
pub fn is_end(kind: &str) -> bool {
    [".deleted", ".purged", ".erased"].iter().any(|end| kind.ends_with(end))
}

/// What happened, in words.
pub fn words(kind: &str) -> String {
    kind.replace(['.', '_'], " ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// K-06: a share names the owner and the targets, a move both sides, whatever the names begin with.
    #[test]
    fn k_06_a_change_says_what_it_concerns() {
        let [one, two, three] = [(); 3].map(|()| WorkspaceId::new());
        let partition = PartitionId::new();
        let mut about = About::default();
        about.learn(&json!({ "target_workspace_ids": [one, two], "from_workspace_id": three }));
        about.learn(&json!({ "workspace_id": null, "partition_id": partition, "people": 3 }));
        about.learn(&json!({ "fields": ["display_name"], "role_id": one, "to": "Berlin" }));
        assert_eq!(about.workspaces, BTreeSet::from([one, two, three]));
        assert_eq!(about.partitions, BTreeSet::from([partition]));
        assert_eq!(about.fields, ["display_name"]);
        about.learn(&Json::Null);
        assert_eq!(about.workspaces.len(), 3);
    }

    /// K-04: what is not known shows nowhere, and every permission that shows something is looked for.
    #[test]
    fn k_04_every_subject_has_its_permission() {
        let kinds = [
            "workspace.updated",
            "binding.created",
            "routing_policy.updated",
            "list.members_added",
            "folder.shared",
            "person.created",
            "people.moved",
            "grant.deleted",
            "field.created",
            "tenant.updated",
            "operation.started",
        ];
        let subjects = kinds.map(|kind| Subject::of(kind).expect(kind));
        let reads: BTreeSet<Permission> = subjects.iter().map(|one| one.reads()).collect();
        assert_eq!(reads, BTreeSet::from(Subject::READS));
        assert_eq!(Subject::of("secret.leaked"), None);
        assert_eq!(Subject::of(""), None);
    }

    /// K-06, A-06: what the reader does not see is not named, however deep it stands.
    #[test]
    fn k_06_before_and_after_name_nothing_unseen() {
        let [seen, unseen] = [(); 2].map(|()| Uuid::now_v7());
        let mut recorded = json!({
            "workspace_id": unseen,
            "id": unseen,
            "rules": [{ "partition_id": unseen }, { "partition_id": seen }],
            "target_workspace_ids": [seen, unseen],
            "parent_id": unseen,
            "folder_id": seen,
            "display_name": "Templates",
        });
        redact(&mut recorded, &|_, id| id == seen);
        let expected = json!({
            "workspace_id": null,
            "id": unseen,
            "rules": [{ "partition_id": null }, { "partition_id": seen }],
            "target_workspace_ids": [seen],
            "parent_id": null,
            "folder_id": seen,
            "display_name": "Templates",
        });
        assert_eq!(recorded, expected);
    }

    /// K-08, A-06: of an erasure a reader is told the records that were where they see people, and of no other.
    #[test]
    fn k_08_an_erasure_tells_of_what_is_seen() {
        let [seen, unseen] = [(); 2].map(|()| PartitionId::new());
        let record = |partition| json!({ "person_id": Uuid::now_v7(), "partition_id": partition });
        let [one, other] = [seen, unseen].map(record);
        let mut after = json!({ "erased": [one, other], "suppressed": false });
        keep_erased(&mut after, |partition| partition == seen);
        assert_eq!(after, json!({ "erased": [one], "suppressed": false }));
    }

    #[test]
    fn k_06_before_and_after_of_people_are_personal() {
        let personal =
            ["person.updated", "people.imported", "form.submitted", "list.members_added"];
        let expected = [Personal::One, Personal::Some, Personal::Some, Personal::Members];
        assert_eq!(personal.map(Subject::personal), expected.map(Some));
        assert_eq!(["folder.shared", "program.created", ""].map(Subject::personal), [None; 3]);
        assert!(is_end("asset.deleted") && !is_end("asset.draft_discarded"));
        assert!(is_end("people.purged") && is_end("person.erased"));
        assert_eq!(words("list.members_added"), "list members added");
    }
}
