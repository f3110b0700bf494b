//! Changes that turn a verdict, tried out.

use super::*;

/// The change that an explanation names turns the verdict; where it names none, none does.
pub(super) fn turns(
    index: &Index,
    model: &Model,
    question: &Question<'_>,
) -> Result<(), TestCaseError> {
    let Some(explained) = index.explain(question) else { return Ok(()) };
    let turned = |change: Change| {
        let fact = change.fact(question.principal, model);
        index.with([fact]).check(question) == Some(Verdict::Granted)
    };
    match explained.change {
        Some(change) => {
            prop_assert!(!explained.verdict.is_allowed());
            prop_assert!(turned(change), "{:?} {:?}", question, explained);
        }
        None if explained.verdict.is_allowed() => {}
        None => {
            let candidates = candidates(question, model);
            prop_assert!(!candidates.into_iter().any(turned), "{:?} {:?}", question, explained);
        }
    }
    Ok(())
}

/// The single changes that could turn a refusal: any built-in role here or tenant-wide, any binding, any share.
fn candidates(question: &Question<'_>, model: &Model) -> Vec<Change> {
    let mut all: Vec<Change> = role::ALL.iter().map(|one| Change::Grant(one.id(), None)).collect();
    if let Some(workspace) = question.workspace {
        all.extend(role::ALL.iter().map(|one| Change::Grant(one.id(), Some(workspace))));
        let active = !model.workspaces[&workspace].archived;
        match question.object.filter(|_| active) {
            Some(Object::Partition(partition)) if model.partitions.contains(&partition) => {
                all.push(Change::BindReadOnly(workspace, partition));
                all.push(Change::BindReadWrite(workspace, partition));
            }
            Some(Object::Folder(folder) | Object::Asset { folder, .. }) => {
                all.extend(model.shares(folder, workspace));
            }
            _ => {}
        }
    }
    all
}

// === impl Change ===

impl Change {
    /// What is so after the change.
    fn fact(self, principal: &str, model: &Model) -> Fact {
        let bound = |workspace: WorkspaceId, partition, read_only| {
            let mut found = model.workspaces[&workspace].clone();
            found.bindings.retain(|one| one.partition != partition);
            found.bindings.push(Binding { partition, read_only });
            Fact::Workspace(workspace, Some(found))
        };
        match self {
            Self::BindReadOnly(workspace, partition) => bound(workspace, partition, true),
            Self::BindReadWrite(workspace, partition) => bound(workspace, partition, false),
            Self::Share { folder, target, .. } => {
                let mut found = model.folders[&folder].clone();
                found.targets.push(target);
                Fact::Folder(folder, Some(found))
            }
            Self::Grant(role, workspace) => Fact::Grant(
                GrantId(id(1_000)),
                Some(Grant { principal: principal.into(), role, workspace }),
            ),
            Self::MovePerson { .. } | Self::MoveFolder { .. } => {
                unreachable!("nothing that is asked of access is turned by a move")
            }
        }
    }
}
