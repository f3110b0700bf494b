//! Copying assets into the same or another workspace (C-01 to C-03, C-06).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::create::program_of;
use super::view::{self, View};
use super::{Assets, not_found};
use crate::clock::now;
use crate::config::CLONED_MEMBERS_MAX;
use crate::context::Context;
use crate::domain::asset::copy::{Met, Selection, rename, select};
use crate::domain::asset::{Area, Cloning, Type};
use crate::domain::text;
use crate::domain::visibility::{Index, Reach};
use crate::entity::Asset;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{AssetId, FolderId, PartitionId, WorkspaceId};
use crate::repository::copy::{self, Copy, Reference};
use crate::repository::effect::Touched;
use crate::repository::quota::{self, Quota};
use crate::repository::{Answer, Tx, asset, folder, visibility};
use crate::service::access::{self, At, Permission};
use crate::service::folder::{self as folders, Where};
use crate::service::plan::{self, Planned};
use crate::service::{content, refuse};

/// Contents that are in memory at once: some MB.
const CONTENTS_AT_ONCE: usize = 50;

/// What a caller copies, and where to.
#[derive(Clone, Debug)]
pub struct CloneOf {
    /// The workspace to copy from.
    pub workspace: WorkspaceId,
    /// Which asset.
    pub id: AssetId,
    /// The workspace to copy to.
    pub target: WorkspaceId,
    /// The folder to copy into; nothing: the root of the area, or the program.
    pub folder: Option<FolderId>,
    /// The program to copy into.
    pub program: Option<AssetId>,
    /// The name of the copy; nothing: that of the asset.
    pub display_name: Option<String>,
    /// Copy what the asset uses too, where the target does not see it and it can be copied.
    pub include_dependencies: bool,
}

/// What was copied.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cloned {
    /// The copy of the asset.
    pub view: View,
    /// Each asset with its copy, the one that was asked for first.
    pub clones: Vec<(AssetId, AssetId)>,
    /// Lists whose people did not all come along: the list, its copy, and how many.
    pub left_out: Vec<(AssetId, AssetId, i64)>,
}

/// One copying, with what it was decided on.
struct Run<'a> {
    tx: &'a Tx,
    how: &'a CloneOf,
    /// The asset, what is local to it, and what is copied along, in the order in which they are made.
    sources: Vec<Asset>,
    references: Vec<Reference>,
    /// Where the copy of the asset goes.
    folder: FolderId,
    area: Area,
}

impl Assets {
    /// Copies an asset; a program with what is local to it.
    pub async fn clone_asset(
        &self,
        ctx: &Context,
        how: &CloneOf,
    ) -> Result<Answer<Planned<Cloned>>> {
        plan::write(&self.store, ctx, |tx| async move {
            let tx = &*tx;
            access::demand(tx, ctx, At::Workspace(how.workspace)).await?;
            access::demand_in(tx, ctx, Permission::AssetsWrite, how.target).await?;
            content::hold(tx, &[how.target]).await?;
            content::refuse_other_region(tx, how.workspace, how.target).await?;
            Run::new(tx, how).await?.go().await
        })
        .await
    }
}

// === impl Run ===

impl<'a> Run<'a> {
    async fn new(tx: &'a Tx, how: &'a CloneOf) -> Result<Self> {
        let index = tx.index().await?;
        let source = asset::get(tx, how.id).await?.ok_or_else(|| not_found(how.id))?;
        view::reach(&index.index, how.workspace, &source)?;
        refuse_type(&source)?;
        let (folder, area) = place(tx, how, &source).await?;
        let mut start = vec![source.id];
        if source.kind == Type::Program {
            start.extend(copy::locals(tx, source.id).await?);
        }
        let references = copy::references(tx, &start, how.include_dependencies).await?;
        let met: Vec<Met> =
            references.iter().map(|one| met(&index.index, how.target, one)).collect();
        let selection = select(&start, &met, how.include_dependencies);
        refuse_missing(how, &index.index, &selection, &references)?;
        start.extend(&selection.dependencies);
        let mut found: HashMap<AssetId, Asset> =
            asset::by_ids(tx, &start).await?.into_iter().map(|one| (one.id, one)).collect();
        let sources = start.iter().filter_map(|id| found.remove(id)).collect();
        Ok(Self { tx, how, sources, references, folder, area })
    }

    async fn go(&self) -> Result<Cloned> {
        let (tx, how) = (self.tx, self.how);
        let index = tx.index().await?;
        let copies = self.copies().await?;
        self.refuse_unshareable(&index.index, &copies)?;
        self.refuse_names(&copies).await?;
        // Taken before anything is written: what both workspaces see.
        let seen = self.partitions().await?;
        quota::take_all(tx, Quota::Assets, i64::try_from(copies.len()).unwrap_or(i64::MAX)).await?;
        let time = now();
        copy::insert(tx, &copies, how.target, time).await?;
        self.refer(&copies).await?;
        self.rewrite(&copies).await?;
        let left_out = self.people(&copies, &seen).await?;
        let made = asset::get(tx, copies[0].id).await?.ok_or_else(|| not_found(how.id))?;
        let view = View::new(&index.index, how.target, made)?.full(tx).await?;
        self.record(&copies);
        let clones = copies.iter().map(|one| (one.source, one.id)).collect();
        Ok(Cloned { view, clones, left_out })
    }

    /// The copies to make, in the order of the sources.
    async fn copies(&self) -> Result<Vec<Copy>> {
        let first = AssetId::new();
        let mut roots: BTreeMap<Area, FolderId> = BTreeMap::new();
        let mut copies = Vec::new();
        for (at, source) in self.sources.iter().enumerate() {
            let local = source.program_id == Some(self.how.id);
            let area = source.kind.traits().area;
            let folder = if at == 0 || local || area == self.area {
                self.folder
            } else {
                self.root(&mut roots, area).await?
            };
            let named = self.how.display_name.as_ref().filter(|_| at == 0);
            let display_name = named.unwrap_or(&source.display_name).clone();
            copies.push(Copy {
                source: source.id,
                id: if at == 0 { first } else { AssetId::new() },
                folder,
                program: if local { Some(first) } else { self.how.program.filter(|_| at == 0) },
                name_key: text::key(&display_name),
                display_name,
                draft: source.kind.traits().approvable,
            });
        }
        Ok(copies)
    }

    /// The root of an area in the target, for what is copied along.
    async fn root(&self, roots: &mut BTreeMap<Area, FolderId>, area: Area) -> Result<FolderId> {
        if let Some(root) = roots.get(&area) {
            return Ok(*root);
        }
        let root = folder::root(self.tx, self.how.target, area).await?.id;
        roots.insert(area, root);
        Ok(root)
    }

    /// What cannot be shared is not copied into what is shared (S-03).
    fn refuse_unshareable(&self, index: &Index, copies: &[Copy]) -> Result<()> {
        let Some(shared) = index.shared_above(self.folder).first().copied() else { return Ok(()) };
        let into: BTreeSet<AssetId> =
            copies.iter().filter(|one| one.folder == self.folder).map(|one| one.source).collect();
        let sources = self.sources.iter().filter(|one| into.contains(&one.id));
        let unshareable = sources.filter(|one| !one.kind.traits().shareable).map(Touched::from);
        let unshareable: Vec<Touched> = unshareable.collect();
        content::refuse_unshareable(shared, unshareable.iter().collect())
    }

    /// No two assets of a folder or program, and no two programs of a workspace, have one name.
    async fn refuse_names(&self, copies: &[Copy]) -> Result<()> {
        let keys = copies.iter().map(|one| one.name_key.clone()).collect();
        let there = copy::named(self.tx, self.how.target, keys).await?;
        let mut places = HashSet::new();
        for (copy, source) in copies.iter().zip(&self.sources) {
            let place = |program: Option<AssetId>, folder| program.ok_or(folder);
            let taken = there.iter().any(|one| {
                let beside =
                    place(one.program_id, one.folder_id) == place(copy.program, copy.folder);
                let program = one.kind == Type::Program && source.kind == Type::Program;
                one.name_key == copy.name_key && (beside || program)
            });
            if taken || !places.insert((place(copy.program, copy.folder), &copy.name_key)) {
                return Err(refuse::name_taken(Noun::Asset, &copy.display_name));
            }
        }
        Ok(())
    }

    /// What the copies refer to: the copies of what was copied, and else what the target sees.
    async fn refer(&self, copies: &[Copy]) -> Result<()> {
        let of: HashMap<AssetId, &Copy> = copies.iter().map(|one| (one.source, one)).collect();
        let refer = |one: &Reference| {
            let copy = of.get(&one.asset_id)?;
            let target = of.get(&one.target_id).map_or(one.target_id, |target| target.id);
            Some((copy.id, !copy.draft, one.kind, target))
        };
        let references: Vec<_> = self.references.iter().filter_map(refer).collect();
        copy::insert_references(self.tx, &references).await
    }

    /// What contents name of what was copied along is the copy, in filters too (C-06).
    async fn rewrite(&self, copies: &[Copy]) -> Result<()> {
        if self.sources.iter().any(|one| one.kind.reads_fields()) {
            copy::insert_fields(self.tx, copies).await?;
        }
        if copies.len() == 1 {
            return Ok(());
        }
        let of: HashMap<Uuid, Uuid> = copies.iter().map(|one| (one.source.0, one.id.0)).collect();
        for some in copies.chunks(CONTENTS_AT_ONCE) {
            let those: Vec<(AssetId, i64)> = some.iter().map(|one| (one.id, 0)).collect();
            let stored = asset::of_versions(self.tx, &those).await?;
            let renamed = stored.into_iter().filter_map(|one| {
                let mut content = one.content?;
                rename(&mut content, &of).then(|| (one.asset_id, content.to_string()))
            });
            let renamed: Vec<(AssetId, String)> = renamed.collect();
            if !renamed.is_empty() {
                copy::set_contents(self.tx, renamed).await?;
            }
        }
        Ok(())
    }

    /// The partitions that the source sees, and those that the target sees too.
    async fn partitions(&self) -> Result<(Vec<PartitionId>, Vec<PartitionId>)> {
        if !self.sources.iter().any(|one| one.kind == Type::StaticList) {
            return Ok(Default::default());
        }
        let sight = async |workspace| {
            let sight = visibility::sight(self.tx, workspace).await?;
            Ok::<_, Error>(sight.map(|one| one.ids()).unwrap_or_default())
        };
        let source = sight(self.how.workspace).await?;
        let mut both = sight(self.how.target).await?;
        both.retain(|one| source.contains(one));
        Ok((source, both))
    }

    /// Lists come with the people whom both see, if these are not too many (C-03).
    async fn people(
        &self,
        copies: &[Copy],
        (source, both): &(Vec<PartitionId>, Vec<PartitionId>),
    ) -> Result<Vec<(AssetId, AssetId, i64)>> {
        let lists = self.sources.iter().filter(|one| one.kind == Type::StaticList);
        let lists: Vec<AssetId> = lists.map(|one| one.id).collect();
        if lists.is_empty() {
            return Ok(Vec::new());
        }
        let of: HashMap<AssetId, AssetId> = copies.iter().map(|one| (one.source, one.id)).collect();
        let counted = copy::count_members(self.tx, &lists, source, both).await?;
        let (fit, long): (Vec<&copy::List>, Vec<&copy::List>) =
            counted.iter().partition(|one| one.shared <= CLONED_MEMBERS_MAX);
        let pairs: Vec<_> = fit.iter().map(|one| (one.asset_id, of[&one.asset_id])).collect();
        copy::insert_members(self.tx, &pairs, both, now()).await?;
        let short = fit.iter().map(|one| (one.asset_id, one.seen - one.shared));
        let empty = long.iter().map(|one| (one.asset_id, one.seen));
        let left_out = short.chain(empty).filter(|(_, count)| *count > 0);
        Ok(left_out.map(|(list, count)| (list, of[&list], count)).collect())
    }

    fn record(&self, copies: &[Copy]) {
        for (copy, source) in copies.iter().zip(&self.sources) {
            let made = Asset { id: copy.id, workspace_id: self.how.target, ..source.clone() };
            let detail = json!({
                "source_asset_id": source.id,
                "source_workspace_id": source.workspace_id,
                "type": source.kind,
            });
            let after = json!({ "display_name": copy.display_name, "folder_id": copy.folder });
            self.tx.record(view::change("asset.cloned", &made, detail, Json::Null, after));
        }
    }
}

/// NOT_CLONEABLE (C-01).
fn refuse_type(source: &Asset) -> Result<()> {
    let advice = match source.kind.traits().cloning {
        Cloning::Alone => return Ok(()),
        Cloning::WithProgram => "they come with the program that they are local to; clone that",
        Cloning::No => "share the folder that it is in instead",
    };
    let message =
        format!("assets of the type {} are not cloned by themselves: {advice}", source.kind);
    Err(Error::new(Reason::NotCloneable, message)
        .with("asset_id", source.id)
        .with("type", source.kind)
        .resource(Noun::Asset, source.id.to_string()))
}

/// The folder that the copy goes into, and its area.
async fn place(tx: &Tx, how: &CloneOf, source: &Asset) -> Result<(FolderId, Area)> {
    let Some(program) = how.program else {
        let area = source.kind.traits().area;
        let place = how.folder.map_or(Where::Root(area), |id| Where::In(id, Some(area)));
        let folder = folders::parent(tx, how.target, place).await?;
        return Ok((folder.id, folder.area));
    };
    let program = program_of(tx, how.target, program, "target_program_id").await?;
    if !source.kind.traits().local {
        let text =
            format!("must be empty: assets of the type {} are not local to programs", source.kind);
        return Err(Error::invalid("target_program_id", text));
    }
    match how.folder {
        Some(folder) if folder != program.folder_id => Err(Error::invalid(
            "target_folder_id",
            "must be empty, or the folder of target_program_id",
        )),
        _ => Ok((program.folder_id, Area::MarketingActivities)),
    }
}

fn met(index: &Index, target: WorkspaceId, one: &Reference) -> Met {
    let live = one.target_approved || !one.target_type.traits().approvable;
    let seen = match index.reach(target, one.target_folder) {
        Some(Reach::Own { .. }) => true,
        Some(Reach::Received { .. }) => live,
        None => false,
    };
    Met { asset: one.asset_id, target: one.target_id, kind: one.target_type, seen }
}

/// DEPENDENCY_NOT_SHARED, with all that is missing (C-02).
fn refuse_missing(
    how: &CloneOf,
    index: &Index,
    selection: &Selection,
    references: &[Reference],
) -> Result<()> {
    if selection.missing.is_empty() {
        return Ok(());
    }
    let message = "the target workspace does not see all that the copy would refer to; share it there first, or set \
                   include_dependencies for what can be cloned along";
    let error = Error::new(Reason::DependencyNotShared, message)
        .with("target_workspace_id", how.target)
        .with("dependencies", selection.missing.len())
        .resource(Noun::Workspace, how.target.to_string());
    let named: BTreeMap<AssetId, &Reference> =
        references.iter().map(|one| (one.target_id, one)).collect();
    Err(selection.missing.iter().filter_map(|id| named.get(id)).fold(error, |error, one| {
        // The name of what is not shared any more is its owner's business.
        let matter = match index.reach(how.workspace, one.target_folder) {
            Some(_) => format!("the {} {:?}", one.target_type.traits().title, one.target_name),
            None => "is not shared to the source either".to_owned(),
        };
        error.offender(one.target_id, matter)
    }))
}
