//! Where what is added goes: the folders of a package, found by their names in the workspace, or to be made.

use std::collections::HashMap;

use super::Options;
use crate::domain::asset::Area;
use crate::domain::package::{Folder, Package};
use crate::domain::text;
use crate::entity;
use crate::error::{Error, Result};
use crate::id::{AssetId, FolderId, WorkspaceId};
use crate::repository::{Tx, transfer};
use crate::service::folder::own;

/// Where an asset is, or will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// In a program, and in the folder of that.
    Program(AssetId),
    /// In a folder.
    Folder(Spot),
}

/// A folder of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Spot {
    /// It is there.
    There(FolderId),
    /// It is made: the how manieth.
    New(usize),
}

/// A folder to make.
#[derive(Clone, Debug)]
pub(super) struct NewFolder {
    pub(super) parent: Spot,
    pub(super) display_name: String,
    pub(super) description: String,
    /// Its names, from the root of the area.
    pub(super) path: Vec<String>,
}

/// The folders of a package, as far as they were asked for.
pub(super) struct Places<'a> {
    folders: HashMap<FolderId, &'a Folder>,
    mapped: HashMap<FolderId, entity::Folder>,
    there: HashMap<(FolderId, String), FolderId>,
    roots: HashMap<Area, FolderId>,
    known: HashMap<FolderId, Spot>,
    pub(super) new: Vec<NewFolder>,
}

// === impl Places ===

impl<'a> Places<'a> {
    /// What the workspace has of the folders of a package.
    pub(super) async fn new(
        tx: &Tx,
        target: WorkspaceId,
        package: &'a Package,
        options: &Options,
    ) -> Result<Self> {
        let mut mapped = HashMap::new();
        for (from, to) in &options.folders {
            mapped.insert(*from, own(tx, target, *to).await?);
        }
        let keys = package.folders.iter().map(|one| text::key(&one.display_name)).collect();
        let rows = transfer::folders_named(tx, target, keys).await?;
        let roots = rows.iter().filter(|one| one.parent_id.is_none());
        let roots = roots.map(|one| (one.area, one.id)).collect();
        let below =
            rows.into_iter().filter_map(|one| Some(((one.parent_id?, one.name_key), one.id)));
        Ok(Self {
            folders: package.folders.iter().map(|one| (one.id, one)).collect(),
            mapped,
            there: below.collect(),
            roots,
            known: HashMap::new(),
            new: Vec::new(),
        })
    }

    /// Where a folder of the package is, or will be.
    pub(super) fn spot(&mut self, id: FolderId) -> Result<Spot> {
        if let Some(known) = self.known.get(&id) {
            return Ok(*known);
        }
        let folder =
            *self.folders.get(&id).ok_or_else(|| Error::internal("a folder is missing"))?;
        let spot = match (self.mapped.get(&id), folder.parent_id) {
            (Some(to), _) if to.area != folder.area => {
                let text = format!("must be a folder of the area {}", folder.area);
                return Err(Error::invalid("options.folders.target_folder_id", text));
            }
            (Some(to), _) => Spot::There(to.id),
            (None, None) => {
                let root = self.roots.get(&folder.area);
                Spot::There(*root.ok_or_else(|| Error::internal("an area without its root"))?)
            }
            (None, Some(parent)) => self.below(parent, folder)?,
        };
        self.known.insert(id, spot);
        Ok(spot)
    }

    /// The folder of the name in what its parent is, or will be.
    fn below(&mut self, parent: FolderId, folder: &Folder) -> Result<Spot> {
        let parent = self.spot(parent)?;
        let key = text::key(&folder.display_name);
        if let Spot::There(parent) = parent
            && let Some(there) = self.there.get(&(parent, key.clone()))
        {
            return Ok(Spot::There(*there));
        }
        let mut path = match parent {
            Spot::New(at) => self.new[at].path.clone(),
            Spot::There(_) => Vec::new(),
        };
        path.push(folder.display_name.clone());
        let same = |one: &NewFolder| one.parent == parent && text::key(&one.display_name) == key;
        if let Some(at) = self.new.iter().position(same) {
            return Ok(Spot::New(at));
        }
        self.new.push(NewFolder {
            parent,
            display_name: folder.display_name.clone(),
            description: folder.description.clone(),
            path,
        });
        Ok(Spot::New(self.new.len() - 1))
    }
}
