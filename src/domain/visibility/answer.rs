//! Questions to an index, and its answers.

use std::fmt;
use std::str::FromStr;

use super::index::Index;
use super::object::Object;
use crate::domain::access::{Permission, Permissions};
use crate::id::WorkspaceId;

/// Where something is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// In the tenant as a whole.
    Tenant,
    /// In one workspace.
    Workspace(WorkspaceId),
    /// In any workspace, or in the tenant as a whole.
    Anywhere,
}

/// May somebody do something?
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who.
    pub principal: &'a str,
    /// What.
    pub permission: Permission,
    /// Where; nothing: tenant-wide.
    pub workspace: Option<WorkspaceId>,
    /// With what in the workspace, if it is about something there.
    pub object: Option<Object>,
}

/// The answer, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A grant holds it, and nothing stands against it.
    Granted,
    /// No grant holds it there.
    NoGrant,
    /// It counts tenant-wide only, and is not held so.
    TenantWideOnly,
    /// The principal is switched off or gone.
    Inactive,
    /// The workspace is archived.
    Archived,
    /// The workspace does not see the partition.
    PartitionNotVisible,
    /// The workspace sees the partition read-only.
    PartitionReadOnly,
    /// The workspace does not see the folder, or not what is asked about in it.
    FolderNotVisible,
    /// The folder is shared to the workspace, which changes nothing in it.
    SharedReadOnly,
}

// === impl At ===

impl At {
    /// The workspace, if it is one.
    pub fn workspace(self) -> Option<WorkspaceId> {
        match self {
            Self::Workspace(id) => Some(id),
            Self::Tenant | Self::Anywhere => None,
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant => f.write_str("tenant"),
            Self::Anywhere => f.write_str("anywhere"),
            Self::Workspace(id) => id.fmt(f),
        }
    }
}

impl FromStr for At {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "tenant" => Ok(Self::Tenant),
            "anywhere" => Ok(Self::Anywhere),
            id => id.parse().map(Self::Workspace).map_err(drop),
        }
    }
}

// === impl Verdict ===

impl Verdict {
    /// Whether it may be done.
    pub fn is_allowed(self) -> bool {
        self == Self::Granted
    }
}

// === impl Index ===

impl Index {
    /// What a principal may do somewhere; in a workspace that is not there, nothing.
    pub fn held(&self, principal: &str, at: At) -> Permissions {
        let Some(slot) = self.active(principal) else { return Permissions::NONE };
        let holders = self.holders(slot);
        match at {
            At::Tenant => holders.fold(Permissions::NONE, |all, one| all | one.tenant),
            At::Workspace(id) => match self.living_workspace(id) {
                Some((place, _)) => holders.fold(Permissions::NONE, |all, one| all | one.at(place)),
                None => Permissions::NONE,
            },
            At::Anywhere => holders.fold(Permissions::NONE, |all, one| {
                let living = one.local.iter().filter(|(place, _)| self.workspace_at(*place).living);
                living.fold(all | one.tenant, |all, (_, local)| all | *local)
            }),
        }
    }

    /// Whether a principal holds a permission somewhere.
    pub fn holds(&self, principal: &str, permission: Permission, at: At) -> bool {
        self.held(principal, at).has(permission)
    }

    /// Answers a question: the hot path. The facts are looked at in the order in which [`Index::explain`] names
    /// them. No answer: the workspace is not there.
    pub fn check(&self, question: &Question<'_>) -> Option<Verdict> {
        let workspace = match question.workspace {
            Some(id) => Some(self.living_workspace(id)?),
            None => None,
        };
        let Some(slot) = self.active(question.principal) else {
            return Some(unknown(question));
        };
        let place = workspace.map(|(place, _)| place);
        let held = self.holders(slot).any(|rights| match place {
            Some(place) => rights.at(place).has(question.permission),
            None => rights.tenant.has(question.permission),
        });
        if !held {
            return Some(not_held(question));
        }
        let Some(workspace) = workspace else { return Some(Verdict::Granted) };
        if workspace.1.archived && question.permission.changes_content() {
            return Some(Verdict::Archived);
        }
        let Some(object) = question.object else { return Some(Verdict::Granted) };
        Some(match self.writable(workspace, object) {
            None => object.not_visible(),
            Some(false) if object.is_changed_by(question.permission) => object.read_only(),
            Some(_) => Verdict::Granted,
        })
    }
}

/// The verdict about somebody of whom no fact tells, or who is switched off: a user of whom none tells holds
/// nothing.
fn unknown(question: &Question<'_>) -> Verdict {
    match question.principal.starts_with("user:") {
        true => not_held(question),
        false => Verdict::Inactive,
    }
}

fn not_held(question: &Question<'_>) -> Verdict {
    match question.workspace.is_some() && question.permission.is_tenant_wide_only() {
        true => Verdict::TenantWideOnly,
        false => Verdict::NoGrant,
    }
}
