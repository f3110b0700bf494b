//! The kinds of changes: one table of what happens, and of what it concerns, which decides who is told.

use Subject::*;

/// A kind of change.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// `noun.verb`.
    pub name: &'static str,
    /// What it concerns.
    pub subject: Subject,
    /// What happened, for people.
    pub title: &'static str,
}

/// What a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The tenant itself.
    Tenant,
    /// The routing policy.
    Routing,
    /// A field.
    Field,
    /// A role.
    Role,
    /// A group.
    Group,
    /// A service account, or a key of it.
    Account,
    /// A grant.
    Grant,
    /// A workspace; where what it sees changed as a whole, all partitions that it gained or lost.
    Workspace,
    /// Which partition a workspace sees.
    Binding,
    /// A partition.
    Partition,
    /// A partition that is gone for good.
    PurgedPartition,
    /// People.
    People,
    /// A folder.
    Folder,
    /// Who else sees a folder.
    Share,
    /// An asset.
    Asset,
    /// People, as they are in an asset.
    Members,
    /// Results of a segmentation, in a partition or in all.
    Results,
    /// An operation.
    Operation,
}

const fn kind(name: &'static str, subject: Subject, title: &'static str) -> Kind {
    Kind { name, subject, title }
}

/// All kinds, by name.
#[rustfmt::skip]
pub static KINDS: &[Kind] = &[
    kind("asset.approved", Asset, "An asset was approved: its draft is live."),
    kind("asset.cloned", Asset, "An asset was made as a copy of another."),
    kind("asset.created", Asset, "An asset was made."),
    kind("asset.deleted", Asset, "An asset was deleted."),
    kind("asset.draft_discarded", Asset, "The draft of an asset was dropped."),
    kind("asset.moved", Asset, "An asset was moved to another folder or program."),
    kind("asset.unapproved", Asset, "An asset is live no longer."),
    kind("asset.updated", Asset, "An asset was changed: its draft, if it has one."),
    kind("assets.imported", Asset, "A package was imported: what became of each asset is told after."),
    kind("assets.promoted", Asset, "Assets were promoted: what became of each is told after."),
    kind("assets.purged", Asset, "Assets of a deleted workspace are gone for good."),
    kind("binding.created", Binding, "A workspace was bound to a partition, and sees its people."),
    kind("binding.deleted", Binding, "A workspace was unbound from a partition."),
    kind("binding.updated", Binding, "What a workspace may do in a partition was changed."),
    kind("email.unsuppressed", Tenant, "An email that was erased may be brought in again."),
    kind("field.created", Field, "A field was made."),
    kind("field.deleted", Field, "A field was deleted, with its values."),
    kind("field.updated", Field, "A field was changed."),
    kind("folder.created", Folder, "A folder was made."),
    kind("folder.deleted", Folder, "A folder was deleted."),
    kind("folder.moved", Folder, "A folder was moved, with all that is in it."),
    kind("folder.shared", Share, "A folder was shared to workspaces."),
    kind("folder.unshared", Share, "A folder is no longer shared to workspaces."),
    kind("folder.updated", Folder, "A folder was changed."),
    kind("form.submitted", Members, "Somebody filled in a form."),
    kind("grant.created", Grant, "A role was granted."),
    kind("grant.deleted", Grant, "A grant was taken back."),
    kind("group.created", Group, "A group was made."),
    kind("group.deleted", Group, "A group was deleted, with its grants."),
    kind("group.members_added", Group, "Principals joined a group."),
    kind("group.members_removed", Group, "Principals left a group."),
    kind("group.updated", Group, "A group was changed."),
    kind("list.members_added", Members, "People were put into a list."),
    kind("list.members_removed", Members, "People were taken out of a list."),
    kind("operation.cancelled", Operation, "An operation was asked to stop."),
    kind("operation.deleted", Operation, "An operation that had ended was forgotten."),
    kind("operation.ended", Operation, "An operation ended, well or not."),
    kind("operation.started", Operation, "An operation was started."),
    kind("partition.created", Partition, "A partition was made."),
    kind("partition.deleted", Partition, "A partition, which held nobody, was deleted."),
    kind("partition.purged", PurgedPartition, "A deleted partition is gone for good."),
    kind("partition.undeleted", Partition, "A deleted partition was brought back."),
    kind("partition.updated", Partition, "A partition was changed."),
    kind("people.consent_changed", People, "People were unsubscribed, or that was taken back, with others of the same address."),
    kind("people.deleted", People, "People were deleted."),
    kind("people.imported", People, "A chunk of an import was written."),
    kind("people.moved", People, "People were moved to another partition."),
    kind("people.purged", Tenant, "Deleted people are gone for good; nobody saw them any more."),
    kind("people.synced", People, "People were made and changed as a set."),
    kind("person.created", People, "A person was made."),
    kind("person.deleted", People, "A person was deleted."),
    kind("person.erased", People, "Somebody was erased, wherever they were."),
    kind("person.merged", People, "People became one: some are gone, and the one who stays may have changed."),
    kind("person.restored", People, "A deleted person was brought back."),
    kind("person.updated", People, "A person was changed."),
    kind("program.members_added", Members, "People were put into a program."),
    kind("program.members_removed", Members, "People were taken out of a program."),
    kind("role.created", Role, "A custom role was made."),
    kind("role.deleted", Role, "A custom role was deleted."),
    kind("role.updated", Role, "A custom role was changed."),
    kind("routing_policy.updated", Routing, "The routing policy was replaced."),
    kind("segment.people_moved", Members, "People came into other segments of a segmentation."),
    kind("segmentation.computed", Results, "The results of a segmentation were computed, and are read."),
    kind("segmentation.partition_computed", Results, "The results of a segmentation were computed in a partition."),
    kind("service_account.created", Account, "A service account was made."),
    kind("service_account.deleted", Account, "A service account was deleted, with its keys and grants."),
    kind("service_account.key_created", Account, "A key of a service account was made."),
    kind("service_account.key_revoked", Account, "A key of a service account was revoked."),
    kind("service_account.key_rotated", Account, "A key of a service account was replaced."),
    kind("service_account.updated", Account, "A service account was changed."),
    kind("tenant.created", Tenant, "The tenant was made."),
    kind("tenant.deleted", Tenant, "The tenant was deleted."),
    kind("tenant.resumed", Tenant, "The tenant can write again."),
    kind("tenant.suspended", Tenant, "The tenant can no longer write."),
    kind("tenant.undeleted", Tenant, "The tenant was brought back."),
    kind("tenant.updated", Tenant, "The name or settings of the tenant were changed."),
    kind("workspace.archived", Workspace, "A workspace was archived."),
    kind("workspace.created", Workspace, "A workspace was made."),
    kind("workspace.deleted", Workspace, "A workspace was deleted."),
    kind("workspace.primary_changed", Workspace, "New people of a workspace go to another partition."),
    kind("workspace.purged", Workspace, "A deleted workspace is gone for good."),
    kind("workspace.unarchived", Workspace, "An archived workspace was brought back into use."),
    kind("workspace.undeleted", Workspace, "A deleted workspace was brought back."),
    kind("workspace.updated", Workspace, "A workspace was changed."),
];

/// What a kind concerns; nothing for one that the table lacks.
pub(super) fn subject(name: &str) -> Option<Subject> {
    let found = KINDS.binary_search_by_key(&name, |kind| kind.name);
    found.ok().map(|place| KINDS[place].subject)
}

/// Whether a kind is about an asset, and told by where that is.
pub fn is_about_asset(name: &str) -> bool {
    matches!(subject(name), Some(Asset | Members | Results))
}

/// Whether a caller may ask for it: a kind, or a noun that kinds begin with.
pub fn is_known(asked: &str) -> bool {
    KINDS.iter().any(|kind| matches(asked, kind.name))
}

/// Whether a kind is the one that was asked for, or of the noun.
pub(super) fn matches(asked: &str, kind: &str) -> bool {
    kind == asked || kind.split('.').next() == Some(asked)
}

// === impl Subject ===

impl Subject {
    /// Who is told, for people.
    pub fn told_to(self) -> &'static str {
        match self {
            Tenant => "who holds tenant.read",
            Routing | PurgedPartition => "who holds partitions.read tenant-wide",
            Field => "who holds fields.read",
            Role => "who holds access.read",
            Group | Account => "who holds access.read and may know of the principal",
            Grant => "who holds access.read where the grant is",
            Workspace => "who holds workspaces.read there",
            Binding => "who holds partitions.read in the workspace",
            Partition => "who holds partitions.read and sees the partition",
            People => "who holds people.read and sees the partition, of each person",
            Folder => "who holds assets.read and sees the folder",
            Share => "who holds assets.read in the owner, or in a target",
            Asset => "who holds assets.read and sees the asset",
            Members => "who sees the asset, of each person whom they see",
            Results => "who sees the segmentation, and the partition",
            Operation => "who holds what starting it needs, where it works",
        }
    }

    /// Whether it shows in the view of a workspace.
    pub fn in_views(self) -> bool {
        !matches!(self, Tenant | Routing)
    }
}
