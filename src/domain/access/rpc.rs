//! Which rpc needs which permission: one table, that the gate goes by and that the documentation is made of.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::permission::Permission::{self, *};

/// What a caller needs for an rpc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// To be known.
    Caller,
    /// To be an operator of the platform.
    Operator,
    /// A permission, in a place.
    Permission(Permission, Place),
}

/// Where the permission is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Tenant-wide.
    Tenant,
    /// In the workspace that the request names.
    Workspace,
    /// In the workspace that the request names, or tenant-wide if it names none.
    Named,
    /// In the workspace that the request names; if it names none, in any, or tenant-wide.
    Anywhere,
    /// In each of the workspaces from which something is shown; the rest is not found, or left out.
    Shown,
}

/// A line of the table: the rpc, what it needs, and what it needs beside for some requests.
pub type Line = (&'static str, Need, &'static str);

const fn tenant(permission: Permission) -> Need {
    Need::Permission(permission, Place::Tenant)
}

const fn workspace(permission: Permission) -> Need {
    Need::Permission(permission, Place::Workspace)
}

const fn named(permission: Permission) -> Need {
    Need::Permission(permission, Place::Named)
}

const fn anywhere(permission: Permission) -> Need {
    Need::Permission(permission, Place::Anywhere)
}

const fn shown(permission: Permission) -> Need {
    Need::Permission(permission, Place::Shown)
}

/// Handing on what one does not hold.
const HOLD: &str = "and all that is handed on";
/// About others than oneself.
const ASK: &str = "access.check about others";
/// Operations of others.
const WHAT_STARTED_IT: &str =
    "what its rpc needs, for those of others; for promotions, assets.read in the target too";

/// What tells of people and of assets.
const LOOK: &str = "people.read about a person, assets.read about an asset";

/// Moves that make one of two people.
const MERGE: &str = "people.write, to merge";
/// What the feed tells of.
const EACH: &str = "for each change, what reading its thing needs";
/// What a topology shows beside workspaces.
const SHOW: &str =
    "partitions.read, assets.read, people.read and access.read for what is shown beside";

/// What tells of people and of assets, and of who sees them.
const NAME: &str =
    "people.read about a person, assets.read about an asset; access.read where others are named";

/// What tells of people.
const PEOPLE: &str = "people.read";

/// All rpcs.
#[rustfmt::skip]
pub static TABLE: &[Line] = &[
    ("AccessService/AddGroupMembers", tenant(GroupsManage), HOLD),
    ("AccessService/BatchCheckAccess", Need::Caller, ASK),
    ("AccessService/CheckAccess", Need::Caller, ASK),
    ("AccessService/CreateApiKey", tenant(ServiceAccountsManage), HOLD),
    ("AccessService/CreateGrant", named(AccessManage), HOLD),
    ("AccessService/CreateGroup", tenant(GroupsManage), ""),
    ("AccessService/CreateRole", tenant(RolesManage), HOLD),
    ("AccessService/CreateServiceAccount", tenant(ServiceAccountsManage), ""),
    ("AccessService/DeleteGrant", named(AccessManage), ""),
    ("AccessService/DeleteGroup", tenant(GroupsManage), ""),
    ("AccessService/DeleteRole", tenant(RolesManage), ""),
    ("AccessService/DeleteServiceAccount", tenant(ServiceAccountsManage), ""),
    ("AccessService/GetGroup", anywhere(AccessRead), ""),
    ("AccessService/GetRole", anywhere(AccessRead), ""),
    ("AccessService/GetServiceAccount", anywhere(AccessRead), ""),
    ("AccessService/ListApiKeys", anywhere(AccessRead), ""),
    ("AccessService/ListGrants", anywhere(AccessRead), ""),
    ("AccessService/ListGroupMembers", anywhere(AccessRead), ""),
    ("AccessService/ListGroups", anywhere(AccessRead), ""),
    ("AccessService/ListPermissions", Need::Caller, ""),
    ("AccessService/ListRoles", anywhere(AccessRead), ""),
    ("AccessService/ListServiceAccounts", anywhere(AccessRead), ""),
    ("AccessService/ListWorkspaceUsers", workspace(AccessRead), ""),
    ("AccessService/RemoveGroupMembers", tenant(GroupsManage), ""),
    ("AccessService/RevokeApiKey", tenant(ServiceAccountsManage), ""),
    ("AccessService/RotateApiKey", tenant(ServiceAccountsManage), HOLD),
    ("AccessService/UpdateGroup", tenant(GroupsManage), ""),
    ("AccessService/UpdateRole", tenant(RolesManage), HOLD),
    ("AccessService/UpdateServiceAccount", tenant(ServiceAccountsManage), ""),
    ("ActivityService/ListAuditEntries", named(AuditRead),
        "people.read, for before and after of people"),
    ("ActivityService/ListRecentActivity", shown(WorkspacesRead), "the right to see what was done"),
    ("ActivityService/VerifyAuditLog", tenant(AuditRead), ""),
    ("ActivityService/WatchChanges", anywhere(WorkspacesRead), EACH),
    ("AssetService/AddProgramMembers", workspace(AssetsWrite), PEOPLE),
    ("AssetService/ApproveAsset", workspace(AssetsApprove), ""),
    ("AssetService/BatchGetAssets", workspace(AssetsRead), ""),
    ("AssetService/CloneAsset", workspace(AssetsClone), "assets.write in the target"),
    ("AssetService/CountProgramMembers", workspace(AssetsRead), PEOPLE),
    ("AssetService/CreateAsset", workspace(AssetsWrite), ""),
    ("AssetService/DeleteAsset", workspace(AssetsWrite), ""),
    ("AssetService/DiscardDraft", workspace(AssetsWrite), ""),
    ("AssetService/GetAsset", workspace(AssetsRead), ""),
    ("AssetService/ListAssetVersions", workspace(AssetsRead), ""),
    ("AssetService/ListAssets", workspace(AssetsRead), ""),
    ("AssetService/ListProgramMembers", workspace(AssetsRead), PEOPLE),
    ("AssetService/ListUsedBy", workspace(AssetsRead), ""),
    ("AssetService/MoveAsset", workspace(AssetsWrite), ""),
    ("AssetService/RemoveProgramMembers", workspace(AssetsWrite), PEOPLE),
    ("AssetService/ResolveAudience", workspace(AssetsRead), PEOPLE),
    ("AssetService/ResolveContent", workspace(AssetsRead), PEOPLE),
    ("AssetService/SubmitForm", workspace(PeopleWrite), "assets.read"),
    ("AssetService/UnapproveAsset", workspace(AssetsApprove), ""),
    ("AssetService/UpdateAsset", workspace(AssetsWrite), ""),
    ("FieldService/CreateField", tenant(FieldsManage), ""),
    ("FieldService/DeleteField", tenant(FieldsManage), ""),
    ("FieldService/GetField", anywhere(FieldsRead), ""),
    ("FieldService/ListFields", anywhere(FieldsRead), ""),
    ("FieldService/UpdateField", tenant(FieldsManage), ""),
    ("FolderService/CreateFolder", workspace(AssetsWrite), ""),
    ("FolderService/DeleteFolder", workspace(AssetsWrite), ""),
    ("FolderService/GetFolder", workspace(AssetsRead), ""),
    ("FolderService/ListFolders", workspace(AssetsRead), ""),
    ("FolderService/MoveFolder", workspace(AssetsWrite),
        "assets.move on both sides, to another workspace"),
    ("FolderService/UpdateFolder", workspace(AssetsWrite), ""),
    ("ListService/AddListMembers", workspace(AssetsWrite), PEOPLE),
    ("ListService/AddListMembersByFilter", workspace(AssetsWrite), PEOPLE),
    ("ListService/CountListMembers", workspace(AssetsRead), PEOPLE),
    ("ListService/ListListMembers", workspace(AssetsRead), PEOPLE),
    ("ListService/PreviewFilter", workspace(AssetsRead), PEOPLE),
    ("ListService/RemoveListMembers", workspace(AssetsWrite), PEOPLE),
    ("Operations/CancelOperation", Need::Caller, WHAT_STARTED_IT),
    ("Operations/DeleteOperation", Need::Caller, WHAT_STARTED_IT),
    ("Operations/GetOperation", Need::Caller, WHAT_STARTED_IT),
    ("Operations/ListOperations", Need::Caller, WHAT_STARTED_IT),
    ("Operations/WaitOperation", Need::Caller, WHAT_STARTED_IT),
    ("PartitionService/BatchGetPartitions", shown(PartitionsRead), ""),
    ("PartitionService/BindPartition", tenant(PartitionsManage), ""),
    ("PartitionService/CreatePartition", tenant(PartitionsManage), ""),
    ("PartitionService/DeletePartition", tenant(PartitionsManage), ""),
    ("PartitionService/GetPartition", shown(PartitionsRead), ""),
    ("PartitionService/ListBindings", shown(PartitionsRead), ""),
    ("PartitionService/ListPartitions", shown(PartitionsRead), ""),
    ("PartitionService/SetPrimaryPartition", tenant(PartitionsManage), ""),
    ("PartitionService/UnbindPartition", tenant(PartitionsManage), ""),
    ("PartitionService/UndeletePartition", tenant(PartitionsManage), ""),
    ("PartitionService/UpdatePartition", tenant(PartitionsManage), ""),
    ("PersonService/BatchGetPeople", workspace(PeopleRead), ""),
    ("PersonService/CountPeople", named(PeopleRead), ""),
    ("PersonService/CreatePerson", workspace(PeopleWrite), ""),
    ("PersonService/DeletePeople", workspace(PeopleWrite), ""),
    ("PersonService/DeletePerson", workspace(PeopleWrite), ""),
    ("PersonService/ErasePerson", named(PeopleErase), ""),
    ("PersonService/ExportPeople", workspace(PeopleExport), ""),
    ("PersonService/FindDuplicates", named(PeopleRead), ""),
    ("PersonService/GetImport", workspace(PeopleRead), ""),
    ("PersonService/GetPerson", workspace(PeopleRead), ""),
    ("PersonService/ImportPeople", workspace(PeopleWrite), ""),
    ("PersonService/ListPeople", workspace(PeopleRead), ""),
    ("PersonService/ListPersonMemberships", workspace(PeopleRead), ""),
    ("PersonService/LookupPeople", workspace(PeopleRead), ""),
    ("PersonService/MergePeople", workspace(PeopleWrite), "people.move, across partitions"),
    ("PersonService/MovePeople", workspace(PeopleMove), MERGE),
    ("PersonService/MovePeopleByFilter", workspace(PeopleMove), MERGE),
    ("PersonService/SyncPeople", workspace(PeopleWrite), ""),
    ("PersonService/UndeletePerson", workspace(PeopleWrite), ""),
    ("PersonService/UnsuppressEmail", tenant(PeopleErase), ""),
    ("PersonService/UpdatePerson", workspace(PeopleWrite), ""),
    ("RoutingService/GetRoutingPolicy", tenant(PartitionsRead), ""),
    ("RoutingService/ListRoutingPolicyVersions", tenant(PartitionsRead), ""),
    ("RoutingService/ReroutePeople", workspace(PeopleMove), ""),
    ("RoutingService/SimulateRouting", workspace(PartitionsRead), ""),
    ("RoutingService/UpdateRoutingPolicy", tenant(PartitionsManage), ""),
    ("SegmentationService/ApproveSegmentation", workspace(AssetsApprove), ""),
    ("SegmentationService/CountSegments", workspace(AssetsRead), PEOPLE),
    ("SegmentationService/CreateSegmentation", workspace(AssetsWrite), ""),
    ("SegmentationService/DeleteSegmentation", workspace(AssetsWrite), ""),
    ("SegmentationService/GetPersonSegments", workspace(AssetsRead), PEOPLE),
    ("SegmentationService/GetSegmentation", workspace(AssetsRead), ""),
    ("SegmentationService/ListSegmentMembers", workspace(AssetsRead), PEOPLE),
    ("SegmentationService/ListSegmentations", workspace(AssetsRead), ""),
    ("SegmentationService/RecomputeSegmentation", workspace(AssetsApprove), ""),
    ("SegmentationService/TestSegmentation", workspace(AssetsRead), PEOPLE),
    ("SegmentationService/UnapproveSegmentation", workspace(AssetsApprove), ""),
    ("SegmentationService/UpdateSegmentation", workspace(AssetsWrite), ""),
    ("SharingService/ListShareTargets", workspace(AssetsShare), ""),
    ("SharingService/ListShares", workspace(AssetsRead), ""),
    ("SharingService/ShareFolder", workspace(AssetsShare), ""),
    ("SharingService/UnshareFolder", workspace(AssetsShare), ""),
    ("SystemService/GetCallContext", Need::Caller, ""),
    ("SystemService/GetServerInfo", Need::Caller, ""),
    ("TenantService/CreateTenant", Need::Operator, ""),
    ("TenantService/DeleteTenant", Need::Operator, ""),
    ("TenantService/GetTenant", tenant(TenantRead), ""),
    ("TenantService/GrantTenantAdmin", Need::Operator, ""),
    ("TenantService/ListQuotas", tenant(TenantRead), ""),
    ("TenantService/ListTenants", Need::Operator, ""),
    ("TenantService/ResumeTenant", Need::Operator, ""),
    ("TenantService/SuspendTenant", Need::Operator, ""),
    ("TenantService/UndeleteTenant", Need::Operator, ""),
    ("TenantService/UpdateTenant", tenant(TenantManage), ""),
    ("TopologyService/DescribeTopology", shown(WorkspacesRead), SHOW),
    ("TopologyService/ExplainAccess", Need::Caller, ASK),
    ("TopologyService/ExplainVisibility", workspace(WorkspacesRead), LOOK),
    ("TopologyService/WhatCanSee", Need::Caller, ASK),
    ("TopologyService/WhoCanSee", workspace(WorkspacesRead), NAME),
    ("TransferService/ExportPackage", workspace(AssetsClone), ""),
    ("TransferService/ImportPackage", workspace(AssetsWrite), "assets.approve, for approve"),
    ("TransferService/Promote", workspace(AssetsClone),
        "assets.write in the target; assets.approve there, for approve"),
    ("UsageService/AllocateCosts", tenant(UsageRead), ""),
    ("UsageService/GetUsage", named(UsageRead), ""),
    ("WorkspaceService/ArchiveWorkspace", tenant(WorkspacesManage), ""),
    ("WorkspaceService/BatchGetWorkspaces", shown(WorkspacesRead), ""),
    ("WorkspaceService/CreateWorkspace", tenant(WorkspacesManage),
        "partitions.manage; access.manage and all that is handed on, for first grants"),
    ("WorkspaceService/DeleteWorkspace", tenant(WorkspacesManage), ""),
    ("WorkspaceService/GetWorkspace", shown(WorkspacesRead), ""),
    ("WorkspaceService/ListAccessibleWorkspaces", shown(WorkspacesRead), ""),
    ("WorkspaceService/ListWorkspaces", shown(WorkspacesRead), ""),
    ("WorkspaceService/UnarchiveWorkspace", tenant(WorkspacesManage), ""),
    ("WorkspaceService/UndeleteWorkspace", tenant(WorkspacesManage),
        "partitions.manage, for a new primary"),
    ("WorkspaceService/UpdateWorkspace", workspace(WorkspacesUpdate),
        "partitions.manage tenant-wide, for all_partitions"),
];

static BY_RPC: LazyLock<HashMap<&str, Need>> =
    LazyLock::new(|| TABLE.iter().map(|(rpc, need, _)| (*rpc, *need)).collect());

/// The rpc of a name that was written down.
pub fn known(rpc: &str) -> Option<&'static str> {
    BY_RPC.get_key_value(rpc).map(|(name, _)| *name)
}

/// What an rpc needs; nothing for one that the table lacks, which is then open to nobody.
pub fn need(rpc: &str) -> Option<Need> {
    BY_RPC.get(rpc).copied()
}

/// Whether the refusal of an rpc is recorded, for want of a permission (K-06): it is one that operators need, or that is
/// needed tenant-wide, or takes assets out of their workspace, or the permission itself is privileged.
pub fn is_privileged(rpc: &str, lacked: &str) -> bool {
    let wide = match need(rpc) {
        Some(Need::Operator) => true,
        Some(Need::Permission(needed, place)) => {
            let leaves = matches!(rpc, "TransferService/ExportPackage" | "TransferService/Promote");
            (place == Place::Tenant || leaves) && needed.name() == lacked
        }
        _ => false,
    };
    wide || Permission::named(lacked).is_some_and(Permission::is_privileged)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// K-06: what is needed tenant-wide, and what manages, exports, shares, moves or approves.
    #[test]
    fn k_06_refusals_of_what_is_privileged_are_recorded() {
        for (rpc, lacked) in [
            ("TenantService/DeleteTenant", "tenants.administer"),
            ("PartitionService/BindPartition", "partitions.manage"),
            ("RoutingService/GetRoutingPolicy", "partitions.read"),
            ("AccessService/CreateGrant", "access.manage"),
            ("PersonService/ExportPeople", "people.export"),
            ("FolderService/MoveFolder", "assets.move"),
            ("AssetService/ApproveAsset", "assets.approve"),
            ("ActivityService/ListAuditEntries", "audit.read"),
            ("PersonService/ErasePerson", "people.erase"),
            ("TransferService/ExportPackage", "assets.clone"),
            ("TransferService/Promote", "assets.clone"),
        ] {
            assert!(is_privileged(rpc, lacked), "{rpc} without {lacked}");
        }
        for (rpc, lacked) in [
            ("PersonService/ListPeople", "people.read"),
            ("PartitionService/ListPartitions", "partitions.read"),
            ("FolderService/MoveFolder", "assets.write"),
            ("AssetService/CloneAsset", "assets.clone"),
        ] {
            assert!(!is_privileged(rpc, lacked), "{rpc} without {lacked}");
        }
    }
}
