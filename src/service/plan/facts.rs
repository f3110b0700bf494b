//! What a plan was made from, as one digest.

use serde_json::{Value as Json, json};

use super::rehearsal::Outcome;
use crate::domain::access::{Permission, Permissions};
use crate::domain::plan::{Placed, viewers};
use crate::domain::visibility::Index;
use crate::id::{FolderId, PartitionId, WorkspaceId};
use crate::secret;

/// A digest of the facts that a plan follows from: what the call changes, and who sees that before and after. Ids that
/// the call makes are others each time, and people come and go: neither is a fact.
pub(super) fn digest(before: &Index, outcome: &Outcome) -> [u8; 32] {
    let Outcome { done, after, changes, .. } = outcome;
    let workspace = |id: WorkspaceId| (!done.workspaces.contains(&id)).then_some(id);
    let partition = |id: PartitionId| (!done.partitions.contains(&id)).then_some(id);
    let asset = |one: &Placed| one.from.map(|_| one.id);
    let of = |ids: Vec<WorkspaceId>| ids.into_iter().map(workspace).collect::<Vec<_>>();
    let ends = |one: &Placed| {
        json!([of(viewers(before, one.from, one.live)), of(viewers(after, one.to, one.live))])
    };
    let folder = |id: &FolderId| {
        let seen = [before.viewers_of(*id), after.viewers_of(*id)];
        json!([id, before.above(*id, 1), before.targets_of(*id), seen])
    };
    let names = |all: Permissions| all.iter().map(Permission::name).collect::<Vec<_>>();
    let transferred = done.transfers.iter().flat_map(|one| [Some(one.from), one.to]);
    let turned = changes.sights.iter().filter(|one| one.is_turned());
    let of_sights: Vec<WorkspaceId> = turned.map(|one| one.workspace).collect();
    let computed = outcome.segmentations.iter();
    let computed = computed.filter(|one| one.1 != one.2 || of_sights.contains(&one.1));
    let lists = [
        list(changes.states.iter().map(|(id, old, new)| json!([workspace(*id), old, new]))),
        list(changes.sights.iter().map(|one| {
            json!([workspace(one.workspace), partition(one.partition), one.before, one.after])
        })),
        list(changes.primaries.iter().map(|one| {
            let ends = [one.before, one.after].map(|end| end.map(partition));
            json!([workspace(one.workspace), ends])
        })),
        list(changes.rights.iter().map(|one| {
            let place = one.workspace.map(workspace);
            json!([&*one.principal, place, names(one.gained), names(one.lost)])
        })),
        list(changes.begun.iter().map(|one| json!(one))),
        list(changes.ended.iter().map(|one| json!(one))),
        list(done.folders.iter().map(folder)),
        list(outcome.assets.iter().map(|one| json!([asset(one), ends(one)]))),
        list(outcome.uses.iter().map(|one| {
            let (source, end) = (&one.source, &one.end);
            json!([asset(source), asset(end), ends(source), ends(end)])
        })),
        list(transferred.flatten().map(|one| json!([one, after.seers_of(one)]))),
        list(computed.map(|one| json!(one))),
    ];
    secret::digest(&[json!(lists).to_string().as_bytes()])
}

/// Facts in an order that does not hang on how they were found, each once.
fn list(facts: impl Iterator<Item = Json>) -> Vec<String> {
    let mut all: Vec<String> = facts.map(|one| one.to_string()).collect();
    all.sort_unstable();
    all.dedup();
    all
}
