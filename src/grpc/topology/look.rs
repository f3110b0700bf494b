//! Why a workspace sees something, between the wire and the use case.

use crate::domain::segmentation::coverage::{Coverage, Missing, Stale};
use crate::domain::visibility::{Change, Step, Way};
use crate::error::Result;
use crate::grpc::decode::Fields;
use crate::grpc::segmentation;
use crate::id::PartitionId;
use crate::pb;
use crate::service::access::look::{Asked, Seen};

/// A question as callers write it.
pub(super) fn parse(request: &pb::ExplainVisibilityRequest) -> Result<Asked> {
    let mut fields = Fields::default();
    let asked = Asked {
        workspace: fields.id("workspace_id", &request.workspace_id),
        person: fields.optional_id("person_id", &request.person_id),
        asset: fields.optional_id("asset_id", &request.asset_id),
        segment: fields.optional_id("segment_id", &request.segment_id),
    };
    let named = [&request.person_id, &request.asset_id].map(|id| !id.is_empty());
    if named == [false, false] {
        fields.violate("person_id", "must be set, or asset_id, or both");
    }
    if !request.segment_id.is_empty() && named != [true, true] {
        fields.violate("segment_id", "must be empty, unless person_id and asset_id are set");
    }
    fields.check().map(|()| asked)
}

pub(super) fn response(asked: &Asked, seen: Seen, revision: i64) -> pb::ExplainVisibilityResponse {
    let home = seen.steps.iter().find_map(|step| match step {
        Step::Partition(id, _) => Some(*id),
        _ => None,
    });
    pb::ExplainVisibilityResponse {
        visible: seen.steps.iter().all(Step::holds),
        links: seen.steps.iter().map(|step| link(step, home)).collect(),
        change: seen.change.map(|one| change(asked, one)),
        revision,
    }
}

/// A change of what a workspace sees: none is about a principal.
fn change(asked: &Asked, change: Change) -> pb::AccessChange {
    let person = asked.person.filter(|_| matches!(change, Change::MovePerson { .. }));
    let person_id = person.map(|id| id.to_string()).unwrap_or_default();
    pb::AccessChange { person_id, ..super::change("", change) }
}

/// A fact with its sentence.
fn link(step: &Step, home: Option<PartitionId>) -> pb::VisibilityLink {
    use pb::VisibilityLinkKind as Kind;
    let mut link = pb::VisibilityLink { holds: step.holds(), ..pb::VisibilityLink::default() };
    let (kind, text) = match step {
        Step::Workspace => (Kind::Workspace, "the workspace is there"),
        Step::Person => (Kind::Person, "the person is there"),
        Step::Partition(id, holds) => {
            link.partition_id = id.to_string();
            let no = "the workspace does not see the partition that the person is in";
            (
                Kind::Partition,
                if *holds { "the workspace sees the partition of the person" } else { no },
            )
        }
        Step::Asset(way) => {
            if let Some(Way::Share { owner, folder }) = way {
                link.folder_id = folder.to_string();
                link.owner_workspace_id = owner.to_string();
            }
            (Kind::Asset, of_way(*way))
        }
        Step::Live(true) => (Kind::Live, "the asset is live"),
        Step::Live(false) => (Kind::Live, "nothing of the asset is approved, and so nothing live"),
        Step::References(true) => (Kind::References, "what the list refers to is whole"),
        Step::References(false) => {
            (Kind::References, "the list refers to what is gone, no longer shared or not approved")
        }
        Step::Coverage(coverage) => {
            link.partition_id = home.map(|id| id.to_string()).unwrap_or_default();
            link.coverage = Some(segmentation::coverage(home, *coverage));
            (Kind::Coverage, of_coverage(*coverage))
        }
        Step::Member(holds, segment) => {
            link.segment_id = segment.map(|id| id.to_string()).unwrap_or_default();
            (Kind::Member, of_member(*holds, segment.is_some()))
        }
    };
    pb::VisibilityLink { kind: kind.into(), text: text.into(), ..link }
}

fn of_way(way: Option<Way>) -> &'static str {
    match way {
        Some(Way::Own) => "the asset is the workspace's own",
        Some(Way::Share { .. }) => "the asset is in a folder that is shared to the workspace",
        None => "the asset is not the workspace's own, nor in a folder that is shared to it",
    }
}

fn of_coverage(coverage: Coverage) -> &'static str {
    match coverage {
        Coverage::Fresh { .. } => "the segmentation is computed where the person is",
        Coverage::Stale { why: Stale::ListChanged, .. } => {
            "the segmentation is computed where the person is, from before a list that it reads was changed"
        }
        Coverage::Stale { why: Stale::BrokenReference, .. } => {
            "the segmentation is computed where the person is, from before something that it reads broke"
        }
        Coverage::NotComputed(Missing::OutsideOwner) => {
            "the workspace that owns the segmentation does not see the partition that the person is in"
        }
        Coverage::NotComputed(Missing::Computing) => {
            "the segmentation is being computed where the person is, for the first time"
        }
        Coverage::NotComputed(Missing::NotApproved) => "the segmentation has no results",
    }
}

fn of_member(holds: bool, sorted: bool) -> &'static str {
    match (holds, sorted) {
        (true, true) => "the person is in the segment",
        (false, true) => "the person is in another segment",
        (true, false) => "the person is in it",
        (false, false) => "the person is not in it",
    }
}
