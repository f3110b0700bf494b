//! What a package needs and does not hold, found in the workspace that it is for.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Options;
use super::compare::Before;
use crate::domain::asset::Type;
use crate::domain::filter::Set;
use crate::domain::package::{Package, Renames, filters};
use crate::entity::Asset;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{AssetId, PartitionId, WorkspaceId};
use crate::repository::{Tx, asset, field, visibility};
use crate::service::asset::{not_visible, reach};

/// What was found, and what was not.
#[derive(Default)]
pub(super) struct Settled {
    /// What the workspace calls otherwise.
    pub(super) renames: Renames,
    /// What is not there, with what is the matter.
    pub(super) missing: Vec<(String, String)>,
    /// Of what was found outside the package: whether it is live.
    pub(super) live: HashMap<AssetId, bool>,
}

/// Finds what a package needs in a workspace.
pub(super) async fn settle(
    tx: &Tx,
    target: WorkspaceId,
    package: &Package,
    options: &Options,
) -> Result<Settled> {
    let mut settled = Settled::default();
    settled.assets(tx, target, package, options).await?;
    settled.partitions(tx, target, package, options).await?;
    settled.fields(tx, package, options).await?;
    Ok(settled)
}

// === impl Settled ===

impl Settled {
    async fn assets(
        &mut self,
        tx: &Tx,
        target: WorkspaceId,
        package: &Package,
        options: &Options,
    ) -> Result<()> {
        let wanted = |id: AssetId| options.assets.get(&id).copied().unwrap_or(id);
        let outside = package.needs.outside.iter().map(|one| wanted(one.id));
        let ids: BTreeSet<AssetId> = outside.chain(options.assets.values().copied()).collect();
        let ids: Vec<AssetId> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(());
        }
        let index = tx.index().await?;
        let found = asset::by_ids(tx, &ids).await?.into_iter();
        let seen: HashMap<AssetId, Asset> = found
            .filter(|one| reach(&index.index, target, one).is_ok())
            .map(|one| (one.id, one))
            .collect();
        if let Some(unseen) = options.assets.values().find(|id| !seen.contains_key(id)) {
            return Err(not_visible(*unseen));
        }
        for one in &package.needs.outside {
            match seen.get(&wanted(one.id)) {
                Some(asset) if asset.kind == one.kind => {
                    self.renames.ids.insert(one.id.0, asset.id.0);
                    self.live.insert(asset.id, asset.is_live());
                }
                _ => {
                    let title = one.kind.traits().title;
                    let text = match one.display_name.as_str() {
                        "" => format!("a {title} that is not shared to the source either"),
                        name => format!(
                            "the {title} {name:?} is not in the workspace, nor shared to it"
                        ),
                    };
                    self.missing.push((one.id.to_string(), text));
                }
            }
        }
        Ok(())
    }

    async fn partitions(
        &mut self,
        tx: &Tx,
        target: WorkspaceId,
        package: &Package,
        options: &Options,
    ) -> Result<()> {
        if package.needs.partitions.is_empty() && options.partitions.is_empty() {
            return Ok(());
        }
        let sight = visibility::sight(tx, target).await?;
        let sight = sight.ok_or_else(|| Error::not_found(Noun::Workspace, target))?;
        let seen: HashSet<PartitionId> = sight.ids().into_iter().collect();
        if let Some(unseen) = options.partitions.values().find(|id| !seen.contains(id)) {
            return Err(Error::not_found(Noun::Partition, unseen));
        }
        for one in &package.needs.partitions {
            let to = options.partitions.get(one).unwrap_or(one);
            if seen.contains(to) {
                self.renames.ids.insert(one.0, to.0);
            } else {
                let text = "the workspace does not see the partition, which a filter names";
                self.missing.push((one.to_string(), text.into()));
            }
        }
        Ok(())
    }

    async fn fields(&mut self, tx: &Tx, package: &Package, options: &Options) -> Result<()> {
        if package.needs.fields.is_empty() {
            return Ok(());
        }
        let known = field::all(tx).await?;
        for one in &package.needs.fields {
            let name = options.fields.get(&one.name).unwrap_or(&one.name);
            let matter = match known.iter().find(|known| known.name == *name) {
                Some(known) if known.kind.name() == one.kind => None,
                Some(known) => {
                    Some(format!("is of the type {}, not {}", known.kind.name(), one.kind))
                }
                None => Some(format!("is not there; it has to be of the type {}", one.kind)),
            };
            match matter {
                None => drop(self.renames.fields.insert(one.name.clone(), name.clone())),
                Some(matter) => {
                    self.missing.push((name.clone(), format!("the field {name} {matter}")));
                }
            }
        }
        self.renames.fields.retain(|from, to| from != to);
        Ok(())
    }

    /// Filters may ask for segments of what is approved only, and segmentations arrive as drafts.
    pub(super) fn segmentations(&mut self, package: &Package, before: &Before) -> Result<()> {
        let held: HashMap<AssetId, &str> = package
            .assets
            .iter()
            .filter(|one| one.kind == Type::Segmentation)
            .map(|one| (one.id, one.display_name.as_str()))
            .collect();
        let mut drafts = BTreeSet::new();
        for one in &package.assets {
            for filter in filters(one.kind, &one.content).map_err(Error::internal)? {
                drafts.extend(filter.sets().filter_map(|set| match set {
                    Set::Segment(id, _) => Some(id),
                    _ => None,
                }));
            }
        }
        drafts.retain(|id| {
            let live = before.there(*id).is_some_and(|(asset, _)| asset.is_live());
            held.contains_key(id) && !live
        });
        for id in drafts {
            let text = format!(
                "the segmentation {:?} is named by a filter, and not approved in the workspace: transfer it alone and \
                 approve it there first",
                held[&id]
            );
            self.missing.push((id.to_string(), text));
        }
        Ok(())
    }

    /// REQUIREMENT_MISSING, with all that is missing.
    pub(super) fn refuse(&self, target: WorkspaceId) -> Result<()> {
        if self.missing.is_empty() {
            return Ok(());
        }
        let message = "what is transferred needs what is not there; make it, share it, approve it or map it, and try \
                       again";
        let error = Error::new(Reason::RequirementMissing, message)
            .with("workspace_id", target)
            .with("missing", self.missing.len())
            .resource(Noun::Workspace, target.to_string());
        Err(self.missing.iter().fold(error, |error, (id, text)| error.offender(id, text)))
    }
}
