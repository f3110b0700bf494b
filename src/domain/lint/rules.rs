//! The rules.

use std::collections::HashMap;

use super::{Facts, Finding, Kind, NAMED, pattern};
use crate::domain::environment::Environment;
use crate::domain::topology::Workspace;
use crate::id::PartitionId;

/// Finds something.
type Rule = fn(&Facts<'_>, &mut Vec<Finding>);

/// All rules.
pub(super) const ALL: [Rule; 7] = [
    sees_everything,
    unseen,
    without_overlap,
    single_admin,
    off_pattern,
    shared_by_environments,
    mostly_shared_in,
];

/// No active workspace sees all partitions: segmentations for everybody have no place. Somebody who does not see all
/// workspaces cannot tell.
fn sees_everything(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let topology = facts.topology;
    let bound = topology.bound();
    let sees_all = |one: &&Workspace| {
        topology.partitions.iter().all(|partition| topology.sees(one, &bound, partition.id))
    };
    let active = topology.workspaces.iter().filter(|one| !one.archived);
    if facts.whole && !active.into_iter().any(|one| sees_all(&one)) {
        let text = "no active workspace sees all partitions".to_owned();
        let fix = "Give one workspace all_partitions, and make segmentations that are meant for everybody there.";
        found.push(Finding::new(Kind::NoWorkspaceSeesEverything, text, fix));
    }
}

/// A partition that no workspace sees: its people can be worked with by nobody.
fn unseen(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let topology = facts.topology;
    let bound = topology.bound();
    for one in &topology.partitions {
        let seen = topology.workspaces.iter().any(|by| topology.sees(by, &bound, one.id));
        if facts.whole && !seen {
            let text = format!("no workspace sees the partition {:?}", one.display_name);
            let fix = "Bind it to a workspace, or delete it once it is empty.";
            let finding = Finding::new(Kind::PartitionUnseen, text, fix);
            found.push(Finding { partitions: vec![one.id], ..finding });
        }
    }
}

/// A segmentation is shared with a workspace that sees no partition of its owner's: it shows nobody there (G-05).
fn without_overlap(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let topology = facts.topology;
    let bound = topology.bound();
    let active = topology.active();
    let known = |id| active.get(&id).copied().filter(|one| one.bindings_known);
    for one in facts.segmentations {
        let Some((owner, target)) = known(one.owner).zip(known(one.target)) else { continue };
        let common =
            |id: PartitionId| topology.sees(owner, &bound, id) && topology.sees(target, &bound, id);
        if !topology.partitions.iter().any(|partition| common(partition.id)) {
            let text = format!(
                "the segmentation {:?} of {:?} is shared with {:?}, which sees nobody in it",
                one.display_name, owner.display_name, target.display_name
            );
            let fix = "Bind a partition of the target's to the owner, or make the segmentation in a workspace \
                       that sees both.";
            let finding = Finding::new(Kind::SegmentationWithoutOverlap, text, fix);
            let finding = finding.about(vec![one.owner, one.target]);
            let (folder, asset) = (Some(one.folder), Some(one.segmentation));
            found.push(Finding { folder, asset, ..finding });
        }
    }
}

/// One user alone administers a workspace: when that user is gone, nobody does.
fn single_admin(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let active = facts.topology.active();
    for (id, admin) in facts.sole_admins {
        let Some(one) = active.get(id) else { continue };
        let text = format!("{admin} alone administers the workspace {:?}", one.display_name);
        let fix = "Make another user an admin of it, directly or through a group.";
        let finding = Finding::new(Kind::SingleAdmin, text, fix).about(vec![*id]);
        found.push(Finding { principal: Some(admin.clone()), ..finding });
    }
}

/// The name of a workspace does not follow the tenant's pattern.
fn off_pattern(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let active = facts.topology.workspaces.iter().filter(|one| !one.archived);
    for one in active.filter(|_| !facts.pattern.is_empty()) {
        if !pattern::follows(facts.pattern, one) {
            let text = format!(
                "the name of the workspace {:?} does not follow {:?}",
                one.display_name, facts.pattern
            );
            let fix = format!("Rename it to {:?}.", pattern::expected(facts.pattern, one));
            found.push(Finding::new(Kind::NameOffPattern, text, fix).about(vec![one.id]));
        }
    }
}

/// A staging and a production workspace are bound to one partition: what is tried out reaches real people. A workspace
/// that sees all partitions is meant to, and does not count by that.
fn shared_by_environments(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let topology = facts.topology;
    let active = topology.active();
    let mut bound: HashMap<PartitionId, Vec<&Workspace>> = HashMap::new();
    for binding in &topology.bindings {
        let workspace = active.get(&binding.workspace).copied();
        bound.entry(binding.partition).or_default().extend(workspace);
    }
    for partition in &topology.partitions {
        let Some(bound) = bound.get(&partition.id) else { continue };
        let of = |environment| bound.iter().filter(move |one| one.environment == environment);
        let (mut staging, mut production) = (of(Environment::Staging), of(Environment::Production));
        let (Some(first), Some(second)) = (staging.next(), production.next()) else { continue };
        let text = format!(
            "the partition {:?} is used for staging by {:?} and for production by {:?}",
            partition.display_name, first.display_name, second.display_name
        );
        let fix = "Give staging a partition of its own, and unbind this one there.";
        // The two that the text names first.
        let others = staging.chain(production);
        let ids = [first, second].into_iter().chain(others).map(|one| one.id).take(NAMED);
        let finding = Finding::new(Kind::EnvironmentsSharePartition, text, fix);
        let finding = finding.about(ids.collect());
        found.push(Finding { partitions: vec![partition.id], ..finding });
    }
}

/// Most references of a workspace are to what others share with it: it hangs on them.
fn mostly_shared_in(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let active = facts.topology.active();
    for one in facts.references.iter().filter(|one| one.shared_in > one.own) {
        let Some(workspace) = active.get(&one.workspace) else { continue };
        let text = format!(
            "{} of {} references of the workspace {:?} are to what others share with it",
            one.shared_in,
            one.own + one.shared_in,
            workspace.display_name
        );
        let fix = "Clone what it needs into it, or move its assets to where what they use is.";
        found.push(Finding::new(Kind::MostlySharedIn, text, fix).about(vec![one.workspace]));
    }
}
