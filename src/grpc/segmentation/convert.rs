//! Segmentations between the wire and the use cases.

use crate::clock::timestamp;
use crate::config::NAME_MAX;
use crate::domain::filter::{Explained, Looked, plain};
use crate::domain::segmentation::coverage::{Coverage, Missing, Stale};
use crate::domain::segmentation::{DEFAULT, Definition, Given, Segment, State};
use crate::domain::text;
use crate::domain::visibility::Reach;
use crate::entity::{etag, operation};
use crate::grpc::decode::Fields;
use crate::grpc::filter;
use crate::id::{OperationId, PartitionId};
use crate::pb;
use crate::repository::segmentation::member::Member;
use crate::service::segmentation::{
    Counted, Coverages, Outcome, PersonSegment, Shown, Test, Tested, Verdict, View,
};

/// The segments that a caller gives.
pub(super) fn segments(fields: &mut Fields, given: Vec<pb::Segment>) -> Vec<Given> {
    let parse = |(at, one): (usize, pb::Segment)| {
        let path = |field: &str| format!("segmentation.segments[{at}].{field}");
        let id = fields.optional_id(&path("segment_id"), &one.segment_id);
        let display_name = match (id, one.display_name.as_str()) {
            (Some(DEFAULT), "") => String::new(),
            (_, name) => fields.take(&path("display_name"), text::name(name, NAME_MAX)),
        };
        let filter = filter::filter(fields, &path("filter"), one.filter.as_ref());
        Given { id, display_name, filter }
    };
    given.into_iter().enumerate().map(parse).collect()
}

fn written(definition: &Definition) -> Vec<pb::Segment> {
    let segment = |one: &Segment| pb::Segment {
        segment_id: one.id.to_string(),
        display_name: one.display_name.clone(),
        filter: Some(filter::message(&one.filter)),
    };
    definition.segments.iter().map(segment).collect()
}

fn version((number, definition): &(i64, Definition)) -> pb::SegmentationVersion {
    pb::SegmentationVersion { version: *number, segments: written(definition) }
}

impl From<State> for pb::SegmentationState {
    fn from(state: State) -> Self {
        match state {
            State::Draft => Self::Draft,
            State::Approving => Self::Approving,
            State::Approved => Self::Approved,
            State::ApprovedWithDraft => Self::ApprovedWithDraft,
        }
    }
}

impl From<View> for pb::Segmentation {
    fn from(view: View) -> Self {
        let state = view.state();
        let read_only = matches!(view.reach, Reach::Received { .. });
        let running = view.row.as_ref().and_then(|row| row.operation_id).filter(|_| !read_only);
        let newest = view.shown.as_ref().and_then(Shown::newest);
        let shown = view.shown.as_ref();
        let draft = shown.and_then(|shown| shown.draft.as_ref());
        Self {
            segmentation_id: view.asset.id.to_string(),
            workspace_id: view.workspace.to_string(),
            folder_id: view.asset.folder_id.to_string(),
            segments: newest.map(written).unwrap_or_default(),
            state: pb::SegmentationState::from(state).into(),
            approved: shown.and_then(|shown| shown.approved.as_ref()).map(version),
            draft: draft.map(|draft| version(&(0, draft.clone()))),
            operation: running.map(|id| operation::name(OperationId(id))).unwrap_or_default(),
            sharing_state: pb::SharingState::from(view.reach).into(),
            read_only,
            owner_workspace_id: view.asset.workspace_id.to_string(),
            etag: etag(view.asset.version),
            create_time: Some(timestamp(view.asset.create_time)),
            update_time: Some(timestamp(view.asset.update_time)),
            display_name: view.asset.display_name,
            description: view.asset.description,
        }
    }
}

pub(super) fn coverages(coverages: Coverages) -> Vec<pb::SegmentCoverage> {
    coverages.into_iter().map(|(partition, one)| coverage(Some(partition), one)).collect()
}

/// How far results are computed; where, if that may be told.
pub(crate) fn coverage(partition: Option<PartitionId>, coverage: Coverage) -> pb::SegmentCoverage {
    let (state, time, reason) = match coverage {
        Coverage::Fresh { computed } => {
            (pb::CoverageState::Fresh, Some(computed), pb::CoverageReason::Unspecified)
        }
        Coverage::Stale { since, why } => (pb::CoverageState::Stale, Some(since), why.into()),
        Coverage::NotComputed(why) => (pb::CoverageState::NotComputed, None, why.into()),
    };
    pb::SegmentCoverage {
        partition_id: partition.map(|id| id.to_string()).unwrap_or_default(),
        state: state.into(),
        time: time.map(timestamp),
        reason: reason.into(),
    }
}

impl From<Stale> for pb::CoverageReason {
    fn from(why: Stale) -> Self {
        match why {
            Stale::ListChanged => Self::ListChanged,
            Stale::BrokenReference => Self::BrokenReference,
        }
    }
}

impl From<Missing> for pb::CoverageReason {
    fn from(why: Missing) -> Self {
        match why {
            Missing::OutsideOwner => Self::OutsideOwner,
            Missing::Computing => Self::Computing,
            Missing::NotApproved => Self::NotApproved,
        }
    }
}

impl From<Counted> for pb::CountSegmentsResponse {
    fn from(counted: Counted) -> Self {
        let computed = |one: &&(PartitionId, Coverage)| !matches!(one.1, Coverage::NotComputed(_));
        let partitions: Vec<PartitionId> =
            counted.coverage.iter().filter(computed).map(|(id, _)| *id).collect();
        let people = |segment, partition| counted.people.get(&(segment, partition)).copied();
        let count = |(segment, name): (_, &str)| {
            let of = |partition: &PartitionId| pb::PartitionSegmentCount {
                partition_id: partition.to_string(),
                people: people(segment, *partition).unwrap_or_default(),
            };
            let by_partition: Vec<_> = partitions.iter().map(of).collect();
            pb::SegmentCount {
                segment_id: segment.to_string(),
                display_name: name.into(),
                people: by_partition.iter().map(|one| one.people).sum(),
                by_partition,
            }
        };
        let counts: Vec<_> = counted.segments().into_iter().map(count).collect();
        let total = counts.iter().map(|one| one.people).sum();
        Self { counts, total, coverage: coverages(counted.coverage) }
    }
}

impl From<Outcome> for pb::ApproveSegmentationResult {
    fn from(outcome: Outcome) -> Self {
        let Outcome { version, people, changed, revision } = outcome;
        Self { version, people, changed, revision }
    }
}

impl From<Outcome> for pb::RecomputeSegmentationResult {
    fn from(outcome: Outcome) -> Self {
        let Outcome { people, changed, revision, .. } = outcome;
        Self { people, changed, revision }
    }
}

impl From<Member> for pb::SegmentMember {
    fn from(member: Member) -> Self {
        Self {
            person_id: member.person_id.to_string(),
            partition_id: member.partition_id.to_string(),
            email: member.email.unwrap_or_default(),
        }
    }
}

impl From<PersonSegment> for pb::PersonSegment {
    fn from(one: PersonSegment) -> Self {
        let (segment, name) =
            one.segment.map(|(id, name)| (id.to_string(), name)).unwrap_or_default();
        Self {
            segmentation_id: one.asset.id.to_string(),
            segmentation_display_name: one.asset.display_name,
            segment_id: segment,
            segment_display_name: name,
            coverage: Some(coverage(None, one.coverage)),
        }
    }
}

impl From<Test> for pb::SegmentationTest {
    fn from(test: Test) -> Self {
        let (segment, name) =
            test.winner.map(|(id, name)| (id.to_string(), name)).unwrap_or_default();
        Self {
            version: test.version,
            verdicts: test.verdicts.into_iter().map(Into::into).collect(),
            segment_id: segment,
            segment_display_name: name,
        }
    }
}

impl From<Verdict> for pb::SegmentVerdict {
    fn from(verdict: Verdict) -> Self {
        Self {
            segment_id: verdict.segment.to_string(),
            display_name: verdict.display_name,
            holds: verdict.holds,
            conditions: conditions(&verdict.explained, 0),
        }
    }
}

/// A filter's nodes in order, groups before what is in them.
fn conditions(node: &Explained, depth: i32) -> Vec<pb::ConditionVerdict> {
    let own = pb::ConditionVerdict {
        condition: node.text.clone(),
        value: looked(&node.looked),
        holds: node.holds,
        depth,
    };
    let parts = node.parts.iter().flat_map(|part| conditions(part, depth + 1));
    std::iter::once(own).chain(parts).collect()
}

/// What a condition looked at, as text.
fn looked(looked: &Looked) -> String {
    match looked {
        Looked::Value(Some(value)) => plain(value),
        Looked::Segment(_, Some(segment)) => segment.to_string(),
        Looked::Partition(partition) => partition.to_string(),
        Looked::Value(None) | Looked::Segment(_, None) => String::new(),
        Looked::Parts | Looked::Members(_) | Looked::SmartList(_) => String::new(),
    }
}

impl From<Tested> for pb::TestSegmentationResponse {
    fn from(tested: Tested) -> Self {
        Self {
            approved: tested.approved.map(Into::into),
            draft: tested.draft.map(Into::into),
            coverage: Some(coverage(None, tested.coverage)),
        }
    }
}
