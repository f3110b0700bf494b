//! What else was recorded with a change, cut to what a watcher may know: one rule per name, and nothing for a name
//! without a rule.

use serde_json::{Map, Value as Json};

use super::Change;
use super::watcher::Watcher;
use crate::domain::access::Permission;

/// Who is told a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Whoever is told of the change.
    Anybody,
    /// Who sees the workspace that it is the id of; of a list, those that are seen.
    Workspace,
    /// Who sees the partition that it is the id of.
    Partition,
    /// Who sees the folder that it is the id of.
    Folder,
    /// Who may read the assets of the workspace that it belongs to.
    Owner,
    /// Nobody here: it is told in the fields of the change.
    InFields,
}

/// Every name that is recorded, and its rule.
pub static KEYS: &[(&str, Rule)] = &[
    ("access", Rule::Anybody),
    ("added", Rule::InFields),
    ("all_partitions", Rule::Anybody),
    ("api_key_id", Rule::Anybody),
    ("asset_ids", Rule::Owner),
    ("assets", Rule::Owner),
    ("changed", Rule::Owner),
    ("created", Rule::InFields),
    ("default_partition_id", Rule::Partition),
    ("default_workspace_id", Rule::Workspace),
    ("deleted", Rule::InFields),
    ("entered", Rule::InFields),
    ("fields", Rule::Anybody),
    ("folder_id", Rule::Folder),
    ("folders", Rule::Owner),
    ("from_folder_id", Rule::Folder),
    ("from_parent_folder_id", Rule::Folder),
    ("from_partition_id", Rule::Partition),
    ("from_program_id", Rule::Owner),
    ("from_workspace_id", Rule::Workspace),
    ("generation", Rule::Anybody),
    ("grants", Rule::Anybody),
    ("hidden", Rule::Owner),
    ("kind", Rule::Anybody),
    ("left", Rule::InFields),
    ("members", Rule::Anybody),
    ("moved", Rule::InFields),
    ("old_api_key_id", Rule::Anybody),
    ("parent_folder_id", Rule::Folder),
    ("partition_id", Rule::Partition),
    ("partition_ids", Rule::InFields),
    ("people", Rule::InFields),
    ("people_count", Rule::InFields),
    ("person_id", Rule::InFields),
    ("primary", Rule::Anybody),
    ("program_id", Rule::Owner),
    ("purged", Rule::InFields),
    ("read", Rule::Anybody),
    ("removed", Rule::InFields),
    ("role_id", Rule::Anybody),
    ("rpc", Rule::Anybody),
    ("settings", Rule::Anybody),
    ("source_asset_id", Rule::Owner),
    ("source_workspace_id", Rule::Workspace),
    ("state", Rule::Anybody),
    ("target_workspace_id", Rule::Workspace),
    ("target_workspace_ids", Rule::Workspace),
    ("to", Rule::InFields),
    ("to_folder_id", Rule::Folder),
    ("to_parent_folder_id", Rule::Folder),
    ("to_partition_id", Rule::Partition),
    ("to_program_id", Rule::Owner),
    ("to_workspace_id", Rule::Workspace),
    ("type", Rule::Anybody),
    ("updated", Rule::InFields),
    ("version", Rule::Anybody),
    ("workspace_id", Rule::InFields),
];

/// What of the detail of a change a watcher is told.
pub(super) fn shown(change: &Change, watcher: &Watcher<'_>) -> Map<String, Json> {
    let recorded = change.detail.as_object().into_iter().flatten();
    let told = recorded.filter_map(|(key, value)| {
        let place = KEYS.binary_search_by_key(&key.as_str(), |(name, _)| name).ok()?;
        cut(KEYS[place].1, change, value, watcher).map(|value| (key.clone(), value))
    });
    told.collect()
}

/// The part of a value that a watcher may know.
fn cut(rule: Rule, change: &Change, value: &Json, watcher: &Watcher<'_>) -> Option<Json> {
    if let (Rule::Workspace, Json::Array(items)) = (rule, value) {
        let seen = items.iter().filter_map(|item| cut(rule, change, item, watcher));
        return Some(seen.collect());
    }
    let text = value.as_str();
    let known = match rule {
        Rule::Anybody => true,
        Rule::Workspace => {
            text.and_then(|id| id.parse().ok()).is_some_and(|id| watcher.sees_workspace(id))
        }
        Rule::Partition => text
            .and_then(|id| id.parse().ok())
            .is_some_and(|id| watcher.saw(Permission::PartitionsRead, id)),
        Rule::Folder => {
            text.and_then(|id| id.parse().ok()).is_some_and(|id| watcher.sees_folder(id))
        }
        Rule::Owner => watcher.may_in(Permission::AssetsRead, change.workspace()),
        Rule::InFields => false,
    };
    known.then(|| value.clone())
}
