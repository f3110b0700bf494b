//! Transfers between the wire and the use cases.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use crate::config::NAME_MAX;
use crate::domain::package::{ASSETS_MAX, Part};
use crate::domain::text;
use crate::grpc::decode::Fields;
use crate::pb;
use crate::service::transfer::{Approval, Change, Counts, Diff, Options};

/// How a package is fitted in; each thing is mapped once.
pub(super) fn options(
    fields: &mut Fields,
    path: &str,
    given: Option<pb::TransferOptions>,
) -> Options {
    let given = given.unwrap_or_default();
    let names = given.names.iter().map(|one| (&one.asset_id, &one.display_name));
    let folders = given.folders.iter().map(|one| (&one.source_folder_id, &one.target_folder_id));
    let assets = given.assets.iter().map(|one| (&one.source_asset_id, &one.target_asset_id));
    let partitions =
        given.partitions.iter().map(|one| (&one.source_partition_id, &one.target_partition_id));
    let by_name = given.fields.iter().map(|one| (&one.source_name, &one.target_name));
    let mut mapped = Mapped { fields, path };
    Options {
        names: mapped.all("names", "asset_id", names, |fields, path, name| {
            fields.take(&format!("{path}.display_name"), text::name(name, NAME_MAX))
        }),
        folders: mapped.ids("folders", "folder_id", folders),
        assets: mapped.ids("assets", "asset_id", assets),
        partitions: mapped.ids("partitions", "partition_id", partitions),
        fields: mapped.names(by_name),
        overwrite: given.overwrite,
        approve: given.approve,
    }
}

/// The mappings of a request.
struct Mapped<'a> {
    fields: &'a mut Fields,
    path: &'a str,
}

// === impl Mapped ===

impl Mapped<'_> {
    /// From ids to others of the same noun.
    fn ids<'a, T: FromStr + Default + Ord + Display>(
        &mut self,
        list: &str,
        noun: &str,
        pairs: impl Iterator<Item = (&'a String, &'a String)>,
    ) -> BTreeMap<T, T> {
        self.all(list, &format!("source_{noun}"), pairs, |fields, path, to| {
            fields.id(&format!("{path}.target_{noun}"), to)
        })
    }

    fn names<'a>(
        &mut self,
        pairs: impl Iterator<Item = (&'a String, &'a String)>,
    ) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for (at, (from, to)) in pairs.take(ASSETS_MAX + 1).enumerate() {
            let path = format!("{}.fields[{at}].target_name", self.path);
            let to = self.fields.take(&path, text::name(to, NAME_MAX));
            if all.insert(from.clone(), to).is_some() || at >= ASSETS_MAX {
                self.twice("fields", at, "source_name");
            }
        }
        all
    }

    fn all<'a, K: FromStr + Default + Ord, V>(
        &mut self,
        list: &str,
        key: &str,
        pairs: impl Iterator<Item = (&'a String, &'a String)>,
        value: impl Fn(&mut Fields, &str, &str) -> V,
    ) -> BTreeMap<K, V> {
        let mut all = BTreeMap::new();
        for (at, (from, to)) in pairs.take(ASSETS_MAX + 1).enumerate() {
            let path = format!("{}.{list}[{at}]", self.path);
            let from = self.fields.id(&format!("{path}.{key}"), from);
            let to = value(self.fields, &path, to);
            if all.insert(from, to).is_some() || at >= ASSETS_MAX {
                self.twice(list, at, key);
            }
        }
        all
    }

    fn twice(&mut self, list: &str, at: usize, key: &str) {
        let text = format!("must be mapped once, and at most {ASSETS_MAX} may be");
        self.fields.violate(format!("{}.{list}[{at}].{key}", self.path), text);
    }
}

impl From<Diff> for pb::TransferDiff {
    fn from(diff: Diff) -> Self {
        let Counts { added, changed, unchanged, .. } = Counts::of(&diff);
        Self {
            changes: diff.changes.into_iter().map(Into::into).collect(),
            folders: diff.folders.iter().map(|path| path.join(" / ")).collect(),
            added,
            changed,
            unchanged,
        }
    }
}

impl From<Change> for pb::TransferChange {
    fn from(change: Change) -> Self {
        let action = match (change.asset, change.parts.is_empty()) {
            (None, _) => pb::TransferAction::Add,
            (Some(_), false) => pb::TransferAction::Change,
            (Some(_), true) => pb::TransferAction::Keep,
        };
        Self {
            source_asset_id: change.origin.to_string(),
            asset_id: change.asset.map(|id| id.to_string()).unwrap_or_default(),
            r#type: pb::AssetType::from(change.kind).into(),
            display_name: change.display_name,
            action: action.into(),
            parts: change.parts.into_iter().map(|one| pb::TransferPart::from(one).into()).collect(),
            along: change.along,
            target_changed: change.target_changed,
            again: change.again,
            approval: pb::TransferApproval::from(change.approval).into(),
        }
    }
}

impl From<Part> for pb::TransferPart {
    fn from(part: Part) -> Self {
        match part {
            Part::Name => Self::Name,
            Part::Description => Self::Description,
            Part::Content => Self::Content,
            Part::References => Self::References,
            Part::Approval => Self::Approval,
        }
    }
}

impl From<Approval> for pb::TransferApproval {
    fn from(approval: Approval) -> Self {
        match approval {
            Approval::Unchanged => Self::Unchanged,
            Approval::Draft => Self::Draft,
            Approval::Approved => Self::Approved,
            Approval::Waits => Self::Waits,
        }
    }
}
