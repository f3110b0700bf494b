//! Assets between the wire and the use cases.

use std::collections::HashSet;

use serde_json::Value as Json;

use crate::clock::timestamp;
use crate::config::{CONTENT_BYTES, DESCRIPTION_MAX, NAME_MAX, REFERENCES_MAX};
use crate::domain::asset::{Kind, Reference, State, Type, variants};
use crate::domain::text;
use crate::domain::visibility::Reach;
use crate::entity::etag;
use crate::grpc::decode::Fields;
use crate::grpc::{filter, json};
use crate::pb;
use crate::service::asset::{Breach, Followed, Shown, View};

pub(super) fn display_name(fields: &mut Fields, asset: &pb::Asset) -> String {
    fields.take("asset.display_name", text::name(&asset.display_name, NAME_MAX))
}

pub(super) fn description(fields: &mut Fields, asset: &pb::Asset) -> String {
    fields.take("asset.description", text::paragraph(&asset.description, DESCRIPTION_MAX))
}

pub(super) fn content(fields: &mut Fields, asset: &pb::Asset) -> Json {
    let content = fields.take("asset.content", json::object(asset.content.as_ref(), CONTENT_BYTES));
    for (field, text) in variants::flaws(&content) {
        fields.violate(format!("asset.content.{field}"), text);
    }
    content
}

/// What an asset refers to: each target once as the same thing, and some things once at all.
pub(super) fn references(fields: &mut Fields, given: &[pb::AssetReference]) -> Vec<Reference> {
    if given.len() > REFERENCES_MAX {
        fields.violate("asset.references", format!("must have at most {REFERENCES_MAX} items"));
        return Vec::new();
    }
    let (mut seen, mut single) = (HashSet::new(), HashSet::new());
    let mut references = Vec::with_capacity(given.len());
    for (i, one) in given.iter().enumerate() {
        let path = |field: &str| format!("asset.references[{i}].{field}");
        let target = fields.id(&path("asset_id"), &one.asset_id);
        let kind = fields.take(&path("kind"), kind(one.kind).map(Some));
        let Some(kind) = kind else { continue };
        if !seen.insert((kind, target)) {
            fields.violate(path("asset_id"), "must not be named twice as the same kind");
        } else if kind.line().one && !single.insert(kind) {
            fields.violate(path("kind"), format!("an asset has at most one {kind}"));
        }
        references.push(Reference { kind, target });
    }
    references
}

/// A type, or nothing.
pub(in crate::grpc) fn asset_type(number: i32) -> Result<Option<Type>, String> {
    match pb::AssetType::try_from(number) {
        Ok(pb::AssetType::Unspecified) => Ok(None),
        Ok(known) => Ok(Type::named(known.as_str_name().trim_start_matches("ASSET_TYPE_"))),
        Err(_) => Err("is not a value of AssetType".into()),
    }
}

fn kind(number: i32) -> Result<Kind, String> {
    let known = pb::ReferenceKind::try_from(number).map(|one| one.as_str_name()).ok();
    let name = known.map(|name| name.trim_start_matches("REFERENCE_KIND_"));
    name.and_then(Kind::named).ok_or_else(|| "must be a value of ReferenceKind".into())
}

/// The state, as far as a workspace sees it: no draft of what is shared to it.
fn state(view: &View) -> pb::AssetState {
    match (view.asset.state(), view.reach) {
        (State::Draft, _) => pb::AssetState::Draft,
        (State::ApprovedWithDraft, Reach::Own { .. }) => pb::AssetState::ApprovedWithDraft,
        (State::Approved | State::ApprovedWithDraft, _) => pb::AssetState::Approved,
        (State::Live, _) => pb::AssetState::Live,
    }
}

impl From<Type> for pb::AssetType {
    fn from(kind: Type) -> Self {
        Self::from_str_name(&format!("ASSET_TYPE_{}", kind.name())).unwrap_or_default()
    }
}

impl From<Kind> for pb::ReferenceKind {
    fn from(kind: Kind) -> Self {
        Self::from_str_name(&format!("REFERENCE_KIND_{}", kind.name())).unwrap_or_default()
    }
}

impl From<Breach> for pb::BrokenReason {
    fn from(breach: Breach) -> Self {
        match breach {
            Breach::NotShared => Self::NotShared,
            Breach::OwnerDeleted => Self::OwnerDeleted,
            Breach::NotApproved => Self::NotApproved,
        }
    }
}

impl From<Followed> for pb::AssetReference {
    fn from(one: Followed) -> Self {
        Self {
            kind: pb::ReferenceKind::from(one.reference.kind).into(),
            asset_id: one.reference.target.to_string(),
            broken: one.breach.map(pb::BrokenReason::from).unwrap_or_default().into(),
        }
    }
}

impl From<View> for pb::Asset {
    fn from(view: View) -> Self {
        let state = state(&view);
        let filter = view.filter().as_ref().map(filter::message);
        let (asset, read_only) = (view.asset, matches!(view.reach, Reach::Received { .. }));
        let (content, references) = match view.shown {
            Some(Shown { content, references }) => (Some(json::message(&content)), references),
            None => (None, Vec::new()),
        };
        let text = |id: Option<_>| id.map(|id: uuid::Uuid| id.to_string()).unwrap_or_default();
        Self {
            asset_id: asset.id.to_string(),
            workspace_id: view.workspace.to_string(),
            folder_id: asset.folder_id.to_string(),
            parent_program_id: text(asset.program_id.map(|id| id.0)),
            r#type: pb::AssetType::from(asset.kind).into(),
            display_name: asset.display_name,
            description: asset.description,
            content,
            references: references.into_iter().map(Into::into).collect(),
            active: asset.active,
            filter,
            state: state.into(),
            version: view.version,
            approved_version: asset.approved_version.unwrap_or_default(),
            sharing_state: pb::SharingState::from(view.reach).into(),
            read_only,
            owner_workspace_id: asset.workspace_id.to_string(),
            // Where the owner had it from is the owner's.
            origin_asset_id: text(asset.origin_id.filter(|_| !read_only).map(|id| id.0)),
            origin_workspace_id: text(
                asset.origin_workspace_id.filter(|_| !read_only).map(|id| id.0),
            ),
            area: pb::Area::from(asset.kind.traits().area).into(),
            etag: etag(asset.version),
            create_time: Some(timestamp(asset.create_time)),
            update_time: Some(timestamp(asset.update_time)),
        }
    }
}
