//! What must hold of folders, shares and assets, those of deleted workspaces too: they are restored as they are.

mod content;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::hash::Hash;

use precinct::config::FOLDER_DEPTH_MAX;
use precinct::domain::asset::{Area, Members, Type};
use precinct::domain::text;
use precinct::entity::tenant::Settings;
use precinct::entity::{Asset, Folder};
use precinct::id::{AssetId, FolderId, WorkspaceId};

use crate::support::rows::Rows;

/// One tenant's folders and assets, under examination.
struct Check<'a> {
    rows: &'a Rows,
    settings: &'a Settings,
    folders: HashMap<FolderId, &'a Folder>,
    assets: HashMap<AssetId, &'a Asset>,
}

/// The rules of folders, shares and assets that are broken for a tenant.
pub fn flaws(rows: &Rows, settings: &Settings) -> Vec<String> {
    let check = Check {
        rows,
        settings,
        folders: rows.folders.iter().map(|one| (one.id, one)).collect(),
        assets: rows.assets.iter().map(|one| (one.id, one)).collect(),
    };
    let mut flaws = check.roots();
    flaws.extend(check.parents());
    flaws.extend(check.paths());
    flaws.extend(check.names());
    flaws.extend(check.places());
    flaws.extend(check.shares());
    flaws.extend(check.segmentations());
    flaws.extend(check.members());
    flaws.extend(check.contents());
    flaws.extend(check.references());
    flaws
}

/// How many folders that are no roots, and assets, there are in living workspaces.
pub fn living(rows: &Rows) -> (usize, usize) {
    let living = living_workspaces(rows);
    let folders = rows.folders.iter().filter(|one| one.parent_id.is_some());
    let folders = folders.filter(|one| living.contains(&one.workspace_id)).count();
    (folders, rows.assets.iter().filter(|one| living.contains(&one.workspace_id)).count())
}

fn living_workspaces(rows: &Rows) -> HashSet<WorkspaceId> {
    let living = rows.workspaces.iter().filter(|one| one.delete_time.is_none());
    living.map(|one| one.id).collect()
}

/// The keys that come twice.
fn twice<K: Eq + Hash + Debug>(keys: impl Iterator<Item = K>) -> Vec<String> {
    let mut seen = HashSet::new();
    let twice = keys.filter_map(|key| {
        let text = format!("{key:?}");
        (!seen.insert(key)).then_some(text)
    });
    twice.collect()
}

// === impl Check ===

impl Check<'_> {
    /// W-11: each workspace has one root for each area.
    fn roots(&self) -> Vec<String> {
        let mut roots: BTreeMap<WorkspaceId, Vec<Area>> = BTreeMap::new();
        for one in self.rows.folders.iter().filter(|one| one.parent_id.is_none()) {
            roots.entry(one.workspace_id).or_default().push(one.area);
        }
        let mut flaws = Vec::new();
        for one in &self.rows.workspaces {
            let mut areas = roots.remove(&one.id).unwrap_or_default();
            areas.sort();
            if areas != Area::ALL {
                flaws.push(format!("W-11: workspace {} has the roots {areas:?}", one.id));
            }
        }
        flaws
    }

    /// F-02: a folder is in one of its own workspace and area, one deeper than that; so there is no circle.
    fn parents(&self) -> Vec<String> {
        let fits = |one: &&Folder| match one.parent_id.map(|id| self.folders.get(&id)) {
            None => one.depth == 0,
            Some(parent) => parent.is_some_and(|parent| {
                parent.workspace_id == one.workspace_id
                    && parent.area == one.area
                    && parent.depth + 1 == one.depth
                    && one.depth <= FOLDER_DEPTH_MAX
            }),
        };
        let astray = self.rows.folders.iter().filter(|one| !fits(one));
        astray
            .map(|one| format!("F-02: folder {} at {} in {:?}", one.id, one.depth, one.parent_id))
            .collect()
    }

    /// F-02: what the paths say is what the parents say.
    fn paths(&self) -> Vec<String> {
        let wanted: BTreeSet<(FolderId, FolderId)> = self
            .folders
            .keys()
            .flat_map(|id| self.above(*id).into_iter().map(|above| (*id, above)))
            .collect();
        let stored: BTreeSet<(FolderId, FolderId)> =
            self.rows.paths.iter().map(|one| (one.folder_id, one.ancestor_id)).collect();
        let wrong = wanted.symmetric_difference(&stored);
        wrong.map(|(one, other)| format!("F-02: the path from {one} to {other}")).collect()
    }

    /// A folder, and those above it, each once.
    fn above(&self, id: FolderId) -> Vec<FolderId> {
        let mut above = vec![id];
        while let Some(parent) = above.last().and_then(|last| self.folders.get(last)?.parent_id) {
            if above.contains(&parent) {
                break;
            }
            above.push(parent);
        }
        above
    }

    /// F-02: names are unique among siblings, those of programs in their workspace, and compared by their keys.
    fn names(&self) -> Vec<String> {
        let folders =
            self.rows.folders.iter().filter_map(|one| Some((one.parent_id?, &one.name_key)));
        let assets = || self.rows.assets.iter();
        let apart = assets()
            .filter(|one| one.program_id.is_none())
            .map(|one| (one.folder_id, &one.name_key));
        let local = assets().filter_map(|one| Some((one.program_id?, &one.name_key)));
        let programs = assets()
            .filter(|one| one.kind == Type::Program)
            .map(|one| (one.workspace_id, &one.name_key));
        let all = [twice(folders), twice(apart), twice(local), twice(programs)].concat();
        let mut flaws: Vec<String> =
            all.into_iter().map(|name| format!("F-02: {name} is there twice")).collect();
        let folders = self.rows.folders.iter().map(|one| (&one.display_name, &one.name_key));
        let named = folders.chain(assets().map(|one| (&one.display_name, &one.name_key)));
        let astray = named.filter(|(name, key)| text::key(name) != **key);
        flaws.extend(astray.map(|(name, key)| format!("F-02: {name:?} is compared by {key:?}")));
        flaws
    }

    /// F-01: an asset is in a folder of its own workspace and of its area, or local to a program, in that one's folder.
    fn places(&self) -> Vec<String> {
        let astray = self.rows.assets.iter().filter(|one| !self.is_placed(one));
        astray
            .map(|one| {
                format!("F-01: {} {} in {} {:?}", one.kind, one.id, one.folder_id, one.program_id)
            })
            .collect()
    }

    fn is_placed(&self, one: &Asset) -> bool {
        let Some(folder) = self.folders.get(&one.folder_id) else { return false };
        let place = match one.program_id.map(|id| self.assets.get(&id)) {
            None => folder.area == one.kind.traits().area,
            Some(None) => false,
            Some(Some(program)) => {
                program.kind == Type::Program
                    && program.workspace_id == one.workspace_id
                    && program.folder_id == one.folder_id
                    && one.kind.traits().local
                    && folder.area == Area::MarketingActivities
            }
        };
        place && folder.workspace_id == one.workspace_id && (!one.active || one.kind.runs())
    }

    /// S-02, S-03, S-04: what is shared is no root, not too deep, shared to another, and holds nothing that cannot be.
    fn shares(&self) -> Vec<String> {
        let mut flaws = Vec::new();
        let shared: HashSet<FolderId> = self.rows.shares.iter().map(|one| one.folder_id).collect();
        for one in &self.rows.shares {
            let (folder, target) = (self.folders.get(&one.folder_id), one.workspace_id);
            let Some(folder) =
                folder.filter(|_| self.rows.workspaces.iter().any(|one| one.id == target))
            else {
                flaws.push(format!(
                    "S-10: a share of {} to {target}, one of which is not there",
                    one.folder_id
                ));
                continue;
            };
            if folder.workspace_id == target {
                flaws.push(format!("S-04: folder {} is shared to its owner", folder.id));
            }
            let limit = self.settings.share_depth(folder.area);
            if !(1..=limit).contains(&folder.depth) {
                flaws.push(format!(
                    "S-02: folder {} at depth {} of {limit} is shared",
                    folder.id, folder.depth
                ));
            }
        }
        for one in self.rows.assets.iter().filter(|one| !one.kind.traits().shareable) {
            let above = self.above(one.folder_id);
            flaws.extend(
                above
                    .iter()
                    .find(|id| shared.contains(id))
                    .map(|id| format!("S-03: {} {} is in {id}, which is shared", one.kind, one.id)),
            );
        }
        flaws
    }

    /// G-01: a tenant has no more segmentations than it may, over all living workspaces.
    fn segmentations(&self) -> Option<String> {
        let living = living_workspaces(self.rows);
        let computed = self.rows.assets.iter().filter(|one| one.kind == Type::Segmentation);
        let count = computed.filter(|one| living.contains(&one.workspace_id)).count();
        let limit = self.settings.segmentation_limit;
        (count > limit as usize).then(|| format!("G-01: {count} segmentations of {limit}"))
    }

    /// F-01, L-05: people are only in what people can be put into.
    fn members(&self) -> Vec<String> {
        let people: HashSet<_> = self.rows.people.iter().map(|one| one.id).collect();
        let fits = |id: &AssetId| {
            self.assets.get(id).is_some_and(|one| one.kind.traits().members == Members::People)
        };
        let all = self.rows.asset_members.iter();
        let astray = all.filter(|one| !fits(&one.asset_id) || !people.contains(&one.person_id));
        astray.map(|one| format!("L-05: {} is in {}", one.person_id, one.asset_id)).collect()
    }
}
