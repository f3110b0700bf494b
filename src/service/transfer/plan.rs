//! What a transfer does: each asset of a package beside what came of it before.

use std::collections::{HashMap, HashSet};

use super::compare::{Before, before};
use super::names::{Named, place_of, refuse_taken};
use super::place::{NewFolder, Place, Places};
use super::settle::{Settled, settle};
use super::{Approval, Change, Diff, Options};
use crate::domain::asset::{Reference, Type};
use crate::domain::package::{Form, Item, Package, Part, Renames, adapt};
use crate::entity::Asset;
use crate::error::{Error, Reason, Result};
use crate::id::{AssetId, WorkspaceId};
use crate::repository::Tx;

/// What is to be done.
pub(super) struct Plan {
    pub(super) folders: Vec<NewFolder>,
    pub(super) steps: Vec<Step>,
    pub(super) diff: Diff,
}

/// What is to be done with an asset.
pub(super) struct Step {
    /// Its id in the workspace.
    pub(super) id: AssetId,
    pub(super) kind: Type,
    /// What it will say.
    pub(super) form: Form,
    /// The name that a mapping gave it; empty: that of its origin.
    pub(super) renamed: String,
    pub(super) what: What,
    /// What the caller is told.
    pub(super) change: Change,
}

/// What becomes of an asset.
pub(super) enum What {
    /// It is made, in a folder or a program.
    Add(Place),
    /// It is there, and is changed where it has to be.
    Change(Box<Asset>),
}

/// Who asks for what.
pub(super) struct Asked<'a> {
    /// The workspace that it is for.
    pub(super) target: WorkspaceId,
    pub(super) package: &'a Package,
    pub(super) options: &'a Options,
    /// What was asked for by name; the rest comes along.
    pub(super) chosen: HashSet<AssetId>,
    /// What is missing already.
    pub(super) missing: Vec<(AssetId, String)>,
}

/// Compares a package with what is in a workspace; refused with all that is in the way.
pub(super) async fn plan(tx: &Tx, asked: Asked<'_>) -> Result<Plan> {
    let Asked { target, package, options, .. } = asked;
    let before = before(tx, target, &package.assets).await?;
    let mut settled = settle(tx, target, package, options).await?;
    settled.segmentations(package, &before)?;
    let missing = asked.missing.iter().map(|(id, text)| (id.to_string(), text.clone()));
    settled.missing.extend(missing);
    settled.refuse(target)?;
    for one in &package.assets {
        let id = before.there(one.id).map_or_else(AssetId::new, |(asset, _)| asset.id);
        settled.renames.ids.insert(one.id.0, id.0);
    }
    let mut places = Places::new(tx, target, package, options).await?;
    let mut steps = Vec::with_capacity(package.assets.len());
    for one in &package.assets {
        let along = !asked.chosen.contains(&one.id);
        steps.push(step(one, &before, &settled.renames, options, &mut places, along)?);
    }
    refuse_changed(&steps, options)?;
    let named: Vec<Named<'_>> = steps.iter().filter_map(Step::named).collect();
    refuse_taken(tx, target, &named).await?;
    approvals(&mut steps, settled, options);
    let diff = Diff {
        changes: steps.iter().map(|one| one.change.clone()).collect(),
        folders: places.new.iter().map(|one| one.path.clone()).collect(),
    };
    Ok(Plan { folders: places.new, steps, diff })
}

fn step(
    item: &Item,
    before: &Before,
    renames: &Renames,
    options: &Options,
    places: &mut Places<'_>,
    along: bool,
) -> Result<Step> {
    let renamed = options.names.get(&item.id).map(String::as_str).or(before.renamed(item.id));
    let unfit = |text: String| Error::invalid("data", format!("{}: {text}", item.id));
    let refer = |one: &Reference| Reference { target: renames.asset(one.target), ..*one };
    let mut references: Vec<Reference> = item.references.iter().map(refer).collect();
    references.sort_unstable();
    references.dedup();
    let form = Form {
        display_name: renamed.unwrap_or(&item.display_name).to_owned(),
        description: item.description.clone(),
        content: adapt(item, renames).map_err(unfit)?,
        references,
    };
    let there = before.there(item.id);
    let what = match (there, item.program_id) {
        (Some((asset, _)), _) => What::Change(Box::new(asset.clone())),
        (None, Some(program)) => What::Add(Place::Program(renames.asset(program))),
        (None, None) => What::Add(Place::Folder(places.spot(item.folder_id)?)),
    };
    let change = Change {
        origin: item.id,
        asset: there.map(|(asset, _)| asset.id),
        kind: item.kind,
        display_name: form.display_name.clone(),
        along,
        parts: there.map(|(_, now)| now.differs(&form)).unwrap_or_default(),
        target_changed: before.is_changed(item.id),
        again: before.is_gone(item.id),
        approval: Approval::Unchanged,
    };
    Ok(Step {
        id: renames.asset(item.id),
        kind: item.kind,
        form,
        renamed: renamed.unwrap_or_default().to_owned(),
        what,
        change,
    })
}

/// TARGET_CHANGED, with all that would be written over.
fn refuse_changed(steps: &[Step], options: &Options) -> Result<()> {
    let lost = |one: &&Step| one.change.target_changed && !one.change.parts.is_empty();
    let lost: Vec<&Step> = steps.iter().filter(lost).filter(|_| !options.overwrite).collect();
    if lost.is_empty() {
        return Ok(());
    }
    let message = "assets were changed in the target since they were last transferred; set overwrite to lose these \
                   changes, or leave the assets out";
    let error = Error::new(Reason::TargetChanged, message).with("assets", lost.len());
    Err(lost.into_iter().fold(error, |error, one| {
        let text = format!("the {} {:?}", one.kind.traits().title, one.change.display_name);
        error.offender(one.id, text)
    }))
}

/// Decides what is approved: each after what it uses, which comes before it.
fn approvals(steps: &mut [Step], settled: Settled, options: &Options) {
    let mut live: HashMap<AssetId, bool> = settled.live;
    for step in steps {
        let approval = step.approval(&live, options.approve);
        if approval == Approval::Approved && matches!(step.what, What::Change(_)) {
            step.change.parts.push(Part::Approval);
        }
        step.change.approval = approval;
        let was = match &step.what {
            What::Change(asset) => asset.is_live(),
            What::Add(_) => !step.kind.traits().approvable,
        };
        live.insert(step.id, was || approval == Approval::Approved);
    }
}

// === impl Step ===

impl Step {
    /// The name that it gets, if it gets one.
    pub(super) fn named(&self) -> Option<Named<'_>> {
        let place = match &self.what {
            What::Add(place) => *place,
            What::Change(asset) if self.change.parts.contains(&Part::Name) => place_of(asset),
            What::Change(_) => return None,
        };
        let name = self.form.display_name.as_str();
        Some(Named { origin: self.change.origin, id: self.id, kind: self.kind, name, place })
    }

    /// How far it will be, where it is known of all that it uses whether that is live.
    fn approval(&self, live: &HashMap<AssetId, bool>, approve: bool) -> Approval {
        let parts = &self.change.parts;
        let rewritten = parts.contains(&Part::Content) || parts.contains(&Part::References);
        let (rewritten, draft) = match &self.what {
            What::Add(_) => (true, true),
            What::Change(asset) => (rewritten, rewritten || asset.has_draft),
        };
        if !self.kind.traits().approvable || !draft {
            return Approval::Unchanged;
        }
        let used = || self.form.references.iter().all(|one| live.get(&one.target) == Some(&true));
        match approve {
            true if self.kind != Type::Segmentation && used() => Approval::Approved,
            true => Approval::Waits,
            false if rewritten => Approval::Draft,
            false => Approval::Unchanged,
        }
    }
}
