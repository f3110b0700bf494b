//! Why an answer is as it is: the facts in the order in which they decide, the first that fails, and
//! the change that would turn it.

use super::answer::{Question, Verdict};
use super::index::Index;
use super::object::Object;
use super::who::group_of;
use crate::domain::access::{Permission, Permissions, role};
use crate::id::{FolderId, GrantId, GroupId, PartitionId, RoleId, WorkspaceId};

/// An answer with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The answer, always that of [`Index::check`].
    pub verdict: Verdict,
    /// The facts, in order; the first that does not hold is the last.
    pub links: Vec<Link>,
    /// The first single change that would turn a refusal, if one would.
    pub change: Option<Change>,
}

/// A fact that an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// The principal is active, or not.
    Principal(bool),
    /// The principal is in a group, directly or through others.
    Membership(GroupId),
    /// The principal, or that group, holds a role with the permission.
    Grant {
        /// The grant.
        id: GrantId,
        /// The role.
        role: RoleId,
        /// The group that it was granted to.
        group: Option<GroupId>,
        /// Where; nothing: tenant-wide.
        workspace: Option<WorkspaceId>,
    },
    /// A grant holds the permission; the caller may not see which.
    Hidden,
    /// No grant holds the permission there.
    NoGrant,
    /// The workspace takes changes, or is archived.
    ActiveWorkspace(bool),
    /// The workspace sees the partition, or not.
    VisiblePartition(bool),
    /// The workspace may change the partition's people, or not.
    WritablePartition(bool),
    /// The workspace sees the folder, or what is asked about in it, or not.
    VisibleFolder(bool),
    /// The folder is the workspace's own, or not.
    WritableFolder(bool),
}

/// A change that would turn a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Let the workspace see the partition.
    BindReadOnly(WorkspaceId, PartitionId),
    /// Let the workspace change the partition's people.
    BindReadWrite(WorkspaceId, PartitionId),
    /// Share the folder.
    Share {
        /// The workspace that it belongs to.
        owner: WorkspaceId,
        /// Which one.
        folder: FolderId,
        /// With whom.
        target: WorkspaceId,
    },
    /// Grant the principal a role; in a workspace, or tenant-wide.
    Grant(RoleId, Option<WorkspaceId>),
    /// Move the person to another partition.
    MovePerson {
        /// The workspace to do it through.
        through: WorkspaceId,
        /// Where to.
        to: PartitionId,
    },
    /// Move the folder to another workspace.
    MoveFolder {
        /// The workspace that it belongs to.
        owner: WorkspaceId,
        /// Which one.
        folder: FolderId,
        /// The workspace that it is to belong to.
        target: WorkspaceId,
    },
}

// === impl Link ===

impl Link {
    /// Whether the fact speaks for the answer yes.
    pub fn holds(&self) -> bool {
        match self {
            Self::Membership(_) | Self::Grant { .. } | Self::Hidden => true,
            Self::NoGrant => false,
            Self::Principal(holds)
            | Self::ActiveWorkspace(holds)
            | Self::VisiblePartition(holds)
            | Self::WritablePartition(holds)
            | Self::VisibleFolder(holds)
            | Self::WritableFolder(holds) => *holds,
        }
    }
}

// === impl Index ===

impl Index {
    /// Answers a question with its reasons. No answer: the workspace is not there.
    pub fn explain(&self, question: &Question<'_>) -> Option<Explanation> {
        let verdict = self.check(question)?;
        let mut links = vec![Link::Principal(verdict != Verdict::Inactive)];
        if verdict != Verdict::Inactive {
            self.explain_grant(question, &mut links);
        }
        if links.iter().all(Link::holds) {
            self.explain_workspace(question, &mut links);
        }
        Some(Explanation { verdict, links, change: self.turn(question, verdict) })
    }

    /// The narrowest grant that holds the permission: the principal's own before a group's, in the workspace
    /// before tenant-wide.
    fn explain_grant(&self, question: &Question<'_>, links: &mut Vec<Link>) {
        let place =
            question.workspace.and_then(|id| self.living_workspace(id)).map(|(place, _)| place);
        let holders = self.known(question.principal).map_or(&[][..], |one| &one.holders);
        let active =
            holders.iter().map(|one| &self.principals[*one as usize]).filter(|one| one.active);
        let grants = active.flat_map(|holder| holder.grants.iter().map(move |held| (holder, held)));
        let counts = grants.filter(|(_, held)| {
            let role = self.role(held.role);
            match held.workspace {
                None => role.has(question.permission),
                Some(there) => {
                    Some(there) == place
                        && (role & Permissions::of_workspaces()).has(question.permission)
                }
            }
        });
        // Holders stand from the principal outwards, so the first of equals is the nearest.
        let nearest = counts.min_by_key(|(_, held)| held.workspace.is_none());
        let Some((holder, held)) = nearest else { return links.push(Link::NoGrant) };
        let group = group_of(&holder.name).filter(|_| *holder.name != *question.principal);
        links.extend(group.map(Link::Membership));
        links.push(Link::Grant {
            id: held.id,
            role: held.role,
            group,
            workspace: held.workspace.map(|place| self.workspace_at(place).id),
        });
    }

    fn explain_workspace(&self, question: &Question<'_>, links: &mut Vec<Link>) {
        let found = question.workspace.and_then(|id| self.living_workspace(id));
        let Some(workspace) = found else { return };
        if question.permission.changes_content() {
            let active = !workspace.1.archived;
            links.push(Link::ActiveWorkspace(active));
            if !active {
                return;
            }
        }
        let Some(object) = question.object else { return };
        let seen = self.writable(workspace, object);
        links.push(object.visible(seen.is_some()));
        if object.is_changed_by(question.permission) {
            links.extend(seen.map(|writable| object.writable(writable)));
        }
    }

    /// The first change, of those that turn a refusal, in the order of X-01. It is tried, not guessed: only a
    /// refusal for which nothing else stands in the way is turned by one change.
    fn turn(&self, question: &Question<'_>, verdict: Verdict) -> Option<Change> {
        match verdict {
            Verdict::PartitionNotVisible | Verdict::PartitionReadOnly => {
                self.turn_by_binding(question)
            }
            Verdict::FolderNotVisible => self.turn_by_share(question),
            Verdict::NoGrant | Verdict::TenantWideOnly => self.turn_by_grant(question),
            // What is shared stays read-only.
            Verdict::SharedReadOnly => None,
            Verdict::Granted | Verdict::Inactive | Verdict::Archived => None,
        }
    }

    fn turn_by_binding(&self, question: &Question<'_>) -> Option<Change> {
        let (workspace, Object::Partition(partition)) = (question.workspace?, question.object?)
        else {
            return None;
        };
        let seen = self.binding(workspace, partition)?;
        Some(match question.permission.changes_people() {
            false => seen,
            true => Change::BindReadWrite(workspace, partition),
        })
    }

    /// What lets a workspace see a partition.
    pub(super) fn binding(&self, workspace: WorkspaceId, partition: PartitionId) -> Option<Change> {
        // What is gone cannot be bound, and what is archived is not changed.
        self.place_of_partition(partition)?;
        let (_, found) = self.living_workspace(workspace)?;
        (!found.archived).then_some(Change::BindReadOnly(workspace, partition))
    }

    /// Sharing lets the workspace read what is live, and no more.
    fn turn_by_share(&self, question: &Question<'_>) -> Option<Change> {
        let target = question.workspace?;
        let (Object::Folder(folder) | Object::Asset { folder, live: true }) = question.object?
        else {
            return None;
        };
        self.sharing(folder, target).filter(|_| !question.permission.changes_content())
    }

    /// What lets a workspace read what is live in a folder.
    pub(super) fn sharing(&self, folder: FolderId, target: WorkspaceId) -> Option<Change> {
        let owner = self.owner_of(folder)?;
        // What is archived shares nothing, and nothing is shared with it (W-12).
        let active = |id| self.living_workspace(id).is_some_and(|(_, one)| !one.archived);
        let shareable = !self.is_root(folder) && active(owner) && active(target);
        shareable.then_some(Change::Share { owner, folder, target })
    }

    fn turn_by_grant(&self, question: &Question<'_>) -> Option<Change> {
        let tenant_wide = question.permission.is_tenant_wide_only();
        let workspace = question.workspace.filter(|_| !tenant_wide);
        // What else stands in the way is seen by who holds everything.
        let mut links = Vec::new();
        self.explain_workspace(question, &mut links);
        links
            .iter()
            .all(Link::holds)
            .then(|| Change::Grant(narrowest(question.permission, workspace.is_none()), workspace))
    }
}

/// The built-in role with the fewest permissions that has one.
fn narrowest(permission: Permission, tenant_wide: bool) -> RoleId {
    let some = role::ALL.iter().filter(|one| tenant_wide || *one != role::TENANT_ADMIN);
    let with = some.filter(|one| one.permissions().has(permission));
    let narrowest = with.min_by_key(|one| one.permissions().iter().count());
    // The tenant admin holds all, and the workspace admin all that counts in a workspace.
    narrowest.unwrap_or(role::TENANT_ADMIN).id()
}
