//! Names that what is transferred would have, and others have already (F-02).

use std::collections::HashSet;

use super::place::{Place, Spot};
use crate::domain::asset::Type;
use crate::domain::text;
use crate::entity::Asset;
use crate::error::{Error, Noun, Result, Violation};
use crate::id::{AssetId, WorkspaceId};
use crate::repository::{Tx, copy};
use crate::service::refuse;

/// An asset that gets a name.
pub(super) struct Named<'a> {
    /// What it comes of.
    pub(super) origin: AssetId,
    /// Its id in the workspace.
    pub(super) id: AssetId,
    /// What it is.
    pub(super) kind: Type,
    /// Its name.
    pub(super) name: &'a str,
    /// Where.
    pub(super) place: Place,
}

/// NAME_TAKEN, with each name that another asset has, in its folder, its program or, of programs, the workspace.
pub(super) async fn refuse_taken(tx: &Tx, target: WorkspaceId, all: &[Named<'_>]) -> Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    let keys = all.iter().map(|one| text::key(one.name)).collect();
    let mut taken: HashSet<(Option<Place>, String)> = HashSet::new();
    let own: HashSet<AssetId> = all.iter().map(|one| one.id).collect();
    for one in copy::named(tx, target, keys).await? {
        if !own.contains(&one.id) {
            taken.extend(
                places(place_of(&one), one.kind).map(|place| (place, one.name_key.clone())),
            );
        }
    }
    let mut wrong = Vec::new();
    for one in all {
        let key = text::key(one.name);
        let free = places(one.place, one.kind).map(|place| taken.insert((place, key.clone())));
        if free.collect::<Vec<_>>().contains(&false) {
            let text = format!("{}: another asset has the name {:?} there", one.origin, one.name);
            wrong.push(Violation::new("options.names", text));
        }
    }
    match (wrong.is_empty(), all.first()) {
        (false, Some(first)) => Err(name_taken(first.name, wrong)),
        _ => Ok(()),
    }
}

fn name_taken(first: &str, wrong: Vec<Violation>) -> Error {
    match refuse::name_taken(Noun::Asset, first).with("names", wrong.len()) {
        Error::Refused(mut refusal) => {
            refusal.violations = wrong;
            Error::Refused(refusal)
        }
        other => other,
    }
}

/// Where an asset is.
pub(super) fn place_of(asset: &Asset) -> Place {
    match asset.program_id {
        Some(program) => Place::Program(program),
        None => Place::Folder(Spot::There(asset.folder_id)),
    }
}

/// The places in which a name must be free; nothing: among the programs of the workspace.
fn places(place: Place, kind: Type) -> impl Iterator<Item = Option<Place>> {
    let programs = (kind == Type::Program).then_some(None);
    [Some(place)].into_iter().chain(programs)
}
