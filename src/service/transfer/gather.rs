//! Taking assets out of a workspace, as they are live, with all that they use and are in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value as Json;

use crate::domain::asset::{Reference, Type};
use crate::domain::built_in;
use crate::domain::filter::{Filter, Set};
use crate::domain::package::{
    self, ASSETS_MAX, BYTES_MAX, FOLDERS_MAX, Field, Item, Needs, Outside, Package, filters,
};
use crate::domain::visibility::Index;
use crate::entity::{Asset, Folder};
use crate::error::{Error, Noun, Result};
use crate::id::{AssetId, FolderId, PartitionId, WorkspaceId};
use crate::repository::{Scope, asset, field, transfer};
use crate::service::asset::{owned, reach};

/// Contents that are looked up at once: some MB.
const CONTENTS_AT_ONCE: usize = 100;
/// The field of the request that says what is taken.
const FIELD: &str = "asset_ids";

/// What was taken.
pub(super) struct Gathered {
    pub(super) package: Package,
    /// What is not live or not there, and why that is in the way.
    pub(super) missing: Vec<(AssetId, String)>,
}

/// The work of taking.
struct Work<'a> {
    scope: &'a Scope,
    index: &'a Index,
    workspace: WorkspaceId,
    /// The workspace that it is for, whose sight of a thing makes it stay where it is.
    target: Option<WorkspaceId>,
    items: BTreeMap<AssetId, Item>,
    outside: BTreeMap<AssetId, Outside>,
    missing: BTreeMap<AssetId, String>,
    bytes: usize,
}

/// Takes assets of a workspace, and what they need that the target does not see.
pub(super) async fn gather(
    scope: &Scope,
    workspace: WorkspaceId,
    target: Option<WorkspaceId>,
    start: Vec<Asset>,
) -> Result<Gathered> {
    let index = scope.index().await?;
    let mut work = Work {
        scope,
        index: &index.index,
        workspace,
        target,
        items: BTreeMap::new(),
        outside: BTreeMap::new(),
        missing: BTreeMap::new(),
        bytes: 0,
    };
    let mut next = start;
    while !next.is_empty() {
        next = work.level(next).await?;
    }
    work.end().await
}

/// Assets of the workspace's own, by id; ASSET_NOT_FOUND or SHARED_READ_ONLY for the first that is not.
pub(super) async fn chosen(
    scope: &Scope,
    workspace: WorkspaceId,
    ids: &[AssetId],
) -> Result<Vec<Asset>> {
    let index = scope.index().await?;
    let found = asset::by_ids(scope, ids).await?;
    let mut found: HashMap<AssetId, Asset> = found.into_iter().map(|one| (one.id, one)).collect();
    let chosen = |id: &AssetId| {
        let found = found.remove(id).ok_or_else(|| Error::not_found(Noun::Asset, id))?;
        owned(&index.index, workspace, found)
    };
    ids.iter().map(chosen).collect()
}

// === impl Work ===

impl Work<'_> {
    /// Takes some assets, and returns what has to come along.
    async fn level(&mut self, taken: Vec<Asset>) -> Result<Vec<Asset>> {
        if self.items.len() + taken.len() > ASSETS_MAX {
            let text = format!(
                "are more than {ASSETS_MAX} with all that they use and hold; take them in parts"
            );
            return Err(Error::invalid(FIELD, text));
        }
        let mut contents = self.contents(&taken).await?;
        let mut wanted: BTreeMap<AssetId, String> = BTreeMap::new();
        let mut programs = Vec::new();
        for one in taken {
            let called = format!("the {} {:?}", one.kind.traits().title, one.display_name);
            if !one.is_live() {
                self.missing.insert(one.id, format!("{called} has no approved version"));
            }
            if one.kind == Type::Program {
                programs.push(one.id);
            }
            let (content, references) = contents.remove(&one.id).unwrap_or_default();
            let used = references.iter().map(|used| used.target).chain(one.program_id);
            wanted.extend(used.map(|id| (id, called.clone())));
            self.outside.remove(&one.id);
            self.items.insert(one.id, item(one, content, references));
        }
        let limit = i64::try_from(ASSETS_MAX).unwrap_or(i64::MAX) + 1;
        let mut next = Vec::new();
        if !programs.is_empty() {
            next = transfer::local_to(self.scope, &programs, limit).await?;
        }
        wanted.retain(|id, _| !self.outside.contains_key(id));
        if !wanted.is_empty() {
            let ids: Vec<AssetId> = wanted.keys().copied().collect();
            let found = asset::by_ids(self.scope, &ids).await?;
            for one in &found {
                wanted.remove(&one.id);
            }
            next.extend(found.into_iter().filter(|one| !self.stays(one)));
            // What is left was purged with the workspace that it belonged to: no target can have it.
            let gone = |(id, user): (AssetId, String)| {
                (id, format!("{user} uses it, and it is gone for good"))
            };
            self.missing.extend(wanted.into_iter().map(gone));
        }
        let mut seen = BTreeSet::new();
        next.retain(|one| !self.items.contains_key(&one.id) && seen.insert(one.id));
        Ok(next)
    }

    /// Notes an asset that is used and does not come along: what is shared to the target, or is of another workspace.
    fn stays(&mut self, one: &Asset) -> bool {
        if self.items.contains_key(&one.id) {
            return false;
        }
        let seen = |workspace| reach(self.index, workspace, one).is_ok();
        if one.workspace_id == self.workspace && !self.target.is_some_and(seen) {
            return false;
        }
        let display_name = match seen(self.workspace) {
            true => one.display_name.clone(),
            false => String::new(),
        };
        self.outside.insert(one.id, Outside { id: one.id, kind: one.kind, display_name });
        true
    }

    /// What is live of assets; of those that never were approved, their drafts.
    async fn contents(
        &mut self,
        assets: &[Asset],
    ) -> Result<HashMap<AssetId, (Json, Vec<Reference>)>> {
        let mut contents: HashMap<AssetId, (Json, Vec<Reference>)> = HashMap::new();
        for some in assets.chunks(CONTENTS_AT_ONCE) {
            let version = |one: &Asset| (one.id, one.approved_version.unwrap_or_default());
            let versions: Vec<_> = some.iter().map(version).collect();
            for stored in asset::of_versions(self.scope, &versions).await? {
                let content = stored.content.unwrap_or_default();
                self.bytes += content.to_string().len();
                let refers_to = stored.refers_to.unwrap_or_else(|| Json::Array(Vec::new()));
                let references = serde_json::from_value(refers_to).map_err(Error::internal)?;
                contents.insert(stored.asset_id, (content, references));
            }
            if self.bytes > BYTES_MAX {
                let text =
                    format!("have more than {BYTES_MAX} bytes of content; take them in parts");
                return Err(Error::invalid(FIELD, text));
            }
        }
        let beside = assets.iter().filter(|one| one.approved_version.is_none());
        let (drafts, lives): (Vec<&Asset>, Vec<&Asset>) =
            beside.partition(|one| one.kind.traits().approvable);
        let ids = |those: Vec<&Asset>| those.iter().map(|one| one.id).collect::<Vec<_>>();
        for (id, one) in asset::references(self.scope, &ids(drafts), &ids(lives)).await? {
            contents.entry(id).or_default().1.push(one);
        }
        Ok(contents)
    }

    async fn end(self) -> Result<Gathered> {
        let circle = |_| Error::internal("references of a workspace lead in a circle");
        let assets = package::order(self.items.into_values().collect()).map_err(circle)?;
        let places: BTreeSet<FolderId> = assets.iter().map(|one| one.folder_id).collect();
        let places: Vec<FolderId> = places.into_iter().collect();
        let folders = transfer::with_above(self.scope, &places).await?;
        if folders.len() > FOLDERS_MAX {
            let text = format!("are in more than {FOLDERS_MAX} folders; take them in parts");
            return Err(Error::invalid(FIELD, text));
        }
        let mut needs = needs(self.scope, &assets).await?;
        needs.outside = self.outside.into_values().collect();
        let folder = |one: Folder| package::Folder {
            id: one.id,
            area: one.area,
            parent_id: one.parent_id,
            display_name: one.display_name,
            description: one.description,
        };
        let folders = folders.into_iter().map(folder).collect();
        let missing = self.missing.into_iter().collect();
        Ok(Gathered { package: Package { needs, folders, assets }, missing })
    }
}

fn item(asset: Asset, content: Json, mut references: Vec<Reference>) -> Item {
    references.sort_unstable();
    Item {
        id: asset.id,
        kind: asset.kind,
        display_name: asset.display_name,
        description: asset.description,
        folder_id: asset.folder_id,
        program_id: asset.program_id,
        content,
        references,
    }
}

/// What the filters of assets name.
async fn needs(scope: &Scope, assets: &[Item]) -> Result<Needs> {
    let (mut names, mut partitions) = (BTreeSet::new(), BTreeSet::<PartitionId>::new());
    for one in assets {
        for filter in filters(one.kind, &one.content).map_err(Error::internal)? {
            let fields = filter.fields().filter(|name| built_in::named(name).is_none());
            names.extend(fields.map(str::to_owned));
            partitions.extend(partitions_of(&filter));
        }
    }
    let mut fields = Vec::new();
    if !names.is_empty() {
        let known = field::all(scope).await?;
        let used = known.into_iter().filter(|one| names.contains(&one.name));
        fields = used.map(|one| Field { name: one.name, kind: one.kind.name() }).collect();
        fields.sort_by(|one: &Field, other| one.name.cmp(&other.name));
    }
    Ok(Needs { fields, partitions: partitions.into_iter().collect(), ..Needs::default() })
}

fn partitions_of(filter: &Filter) -> impl Iterator<Item = PartitionId> {
    filter.sets().filter_map(|set| match set {
        Set::Partition(id) => Some(id),
        _ => None,
    })
}
