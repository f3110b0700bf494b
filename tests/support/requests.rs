//! One good request of every rpc: what the tests of all rpcs start from.

mod activity;
mod assets;
mod folders;
mod look;
mod member;
mod operations;
mod routing;
mod segmentations;
mod transfers;
mod usage;

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::world::{MEMBER, SUPPRESSED, World};

/// A request that would go through in a new world, and change something if the rpc does. A list of messages
/// for an rpc that takes a stream; nothing for an rpc that this table does not know yet.
pub fn request(world: &World, label: &str) -> Option<Json> {
    let (service, rpc) = label.split_once('/')?;
    match service {
        "SystemService" => Some(json!({})),
        "ActivityService" if rpc == "WatchChanges" => Some(watch(world)),
        "TenantService" => tenant(world, rpc),
        "WorkspaceService" => workspace(world, rpc),
        "PartitionService" => partition(world, rpc),
        "FieldService" => field(world, rpc),
        "PersonService" => person(world, rpc),
        "TopologyService" if rpc == "ExplainAccess" => Some(check(world)),
        "TopologyService" => look::topology(world, rpc),
        "AccessService" => access(world, rpc),
        "ActivityService" => activity::request(world, rpc),
        "FolderService" => folders::folder(world, rpc),
        "AssetService" => assets::request(world, rpc)
            .or_else(|| member::program(world, rpc))
            .or_else(|| routing::form(world, rpc))
            .or_else(|| look::content(world, rpc)),
        "RoutingService" => routing::request(world, rpc),
        "SegmentationService" => segmentations::request(world, rpc),
        "ListService" => member::list(world, rpc),
        "Operations" => operations::request(world, rpc),
        "UsageService" => usage::request(world, rpc),
        "SharingService" => folders::sharing(world, rpc),
        "TransferService" => transfers::request(world, rpc),
        _ => None,
    }
}

/// What was there before the call: a stream that ends.
fn watch(world: &World) -> Json {
    json!({ "since_revision": 0, "workspace_id": world.workspace, "stop_at_head": true })
}

fn tenant(world: &World, rpc: &str) -> Option<Json> {
    let id = &world.tenant.id;
    Some(match rpc {
        "CreateTenant" => json!({ "tenant": { "display_name": "New" }, "owner": "user:owner" }),
        "ListTenants" => json!({}),
        "GetTenant" | "SuspendTenant" | "ListQuotas" => json!({ "tenant_id": id }),
        "UpdateTenant" => json!({ "tenant": { "tenant_id": id, "display_name": "Renamed" } }),
        "ResumeTenant" => json!({ "tenant_id": world.suspended_tenant }),
        "DeleteTenant" => {
            json!({ "tenant_id": id, "confirm_display_name": world.tenant.display_name })
        }
        "GrantTenantAdmin" => json!({ "tenant_id": id, "principal": "user:new" }),
        "UndeleteTenant" => json!({ "tenant_id": world.deleted_tenant }),
        _ => return None,
    })
}

fn workspace(world: &World, rpc: &str) -> Option<Json> {
    let World { workspace, partition, .. } = world;
    Some(match rpc {
        "CreateWorkspace" => json!({
            "workspace": { "display_name": "New", "all_partitions": true },
            "partition_ids": [partition],
            "primary_partition_id": world.second_partition,
            "grants": [{ "principal": MEMBER, "role_id": world.role }],
        }),
        "BatchGetWorkspaces" => json!({ "workspace_ids": [workspace] }),
        "ListWorkspaces" | "ListAccessibleWorkspaces" => json!({}),
        "UpdateWorkspace" => {
            json!({ "workspace": { "workspace_id": workspace, "description": "changed" } })
        }
        "GetWorkspace" | "ArchiveWorkspace" => json!({ "workspace_id": workspace }),
        "DeleteWorkspace" => json!({
            "workspace_id": workspace,
            "force": true,
            "expected_asset_count": world.held_assets,
        }),
        "UnarchiveWorkspace" => json!({ "workspace_id": world.archived_workspace }),
        "UndeleteWorkspace" => json!({
            "workspace_id": world.deleted_workspace,
            "primary_partition_id": world.second_partition,
        }),
        _ => return None,
    })
}

fn partition(world: &World, rpc: &str) -> Option<Json> {
    let World { workspace, partition, second_partition, spare_partition, .. } = world;
    Some(match rpc {
        "CreatePartition" => {
            json!({ "partition": { "display_name": "New" }, "workspace_ids": [workspace] })
        }
        "GetPartition" => json!({ "partition_id": partition }),
        "BatchGetPartitions" => json!({ "partition_ids": [partition] }),
        "ListPartitions" => json!({ "workspace_id": workspace }),
        "UpdatePartition" => {
            json!({ "partition": { "partition_id": partition, "description": "changed" } })
        }
        "DeletePartition" => json!({ "partition_id": spare_partition }),
        "UndeletePartition" => json!({ "partition_id": world.deleted_partition }),
        "BindPartition" => json!({ "workspace_id": workspace, "partition_id": spare_partition }),
        "UnbindPartition" => json!({
            "workspace_id": workspace,
            "partition_id": partition,
            "new_primary_partition_id": second_partition,
        }),
        "SetPrimaryPartition" => {
            json!({ "workspace_id": workspace, "partition_id": second_partition })
        }
        "ListBindings" => json!({ "workspace_id": workspace, "partition_id": partition }),
        _ => return None,
    })
}

fn field(world: &World, rpc: &str) -> Option<Json> {
    let id = &world.field;
    Some(match rpc {
        "CreateField" => json!({ "field": { "name": "hat_size", "type": "FIELD_TYPE_NUMBER" } }),
        "GetField" | "DeleteField" => json!({ "field_id": id }),
        "ListFields" => json!({}),
        "UpdateField" => json!({ "field": { "field_id": id, "description": "changed" } }),
        _ => return None,
    })
}

fn access(world: &World, rpc: &str) -> Option<Json> {
    let World { role, group, account, key, .. } = world;
    Some(match rpc {
        "CreateRole" => {
            json!({ "role": { "display_name": "New", "permissions": ["assets.read"] } })
        }
        "GetRole" | "DeleteRole" => json!({ "role_id": role }),
        "UpdateRole" => json!({ "role": { "role_id": role, "description": "changed" } }),
        "ListPermissions" | "ListRoles" | "ListGroups" => json!({}),
        "CreateGrant" => json!({
            "grant": { "principal": MEMBER, "role_id": role, "workspace_id": world.workspace },
        }),
        "DeleteGrant" => json!({ "grant_id": world.grant }),
        "ListGrants" => json!({}),
        "ListWorkspaceUsers" => json!({ "workspace_id": world.workspace }),
        "CreateGroup" => json!({ "group": { "display_name": "New" } }),
        "GetGroup" | "DeleteGroup" | "ListGroupMembers" => json!({ "group_id": group }),
        "UpdateGroup" => json!({ "group": { "group_id": group, "description": "changed" } }),
        "AddGroupMembers" => json!({ "group_id": group, "members": ["user:dan"] }),
        "RemoveGroupMembers" => json!({ "group_id": group, "members": [MEMBER] }),
        "CreateServiceAccount" => json!({ "service_account": { "display_name": "New" } }),
        "GetServiceAccount" | "DeleteServiceAccount" | "CreateApiKey" | "ListApiKeys" => {
            json!({ "service_account_id": account })
        }
        "ListServiceAccounts" => json!({}),
        "UpdateServiceAccount" => json!({
            "service_account": { "service_account_id": account, "description": "changed" },
        }),
        "CheckAccess" => check(world),
        "BatchCheckAccess" => json!({ "checks": [check(world)] }),
        "RotateApiKey" | "RevokeApiKey" => json!({ "api_key_id": key }),
        _ => return None,
    })
}

/// A question about the member.
fn check(world: &World) -> Json {
    json!({
        "principal": MEMBER,
        "permission": "people.read",
        "workspace_id": world.workspace,
        "resource": format!("partition:{}", world.partition),
    })
}

fn person(world: &World, rpc: &str) -> Option<Json> {
    let World { workspace, partition, second_partition, person, .. } = world;
    let one = json!({ "workspace_id": workspace, "person_id": person });
    let several = json!({ "workspace_id": workspace, "person_ids": [person] });
    let within = json!({ "workspace_id": workspace, "partition_ids": [partition] });
    Some(match rpc {
        "CreatePerson" => json!({
            "workspace_id": workspace,
            "partition_id": partition,
            "person": { "email": "cay@example.com" },
        }),
        "GetPerson" | "ListPersonMemberships" | "DeletePerson" => one,
        "BatchGetPeople" | "DeletePeople" => several,
        "ListPeople" | "CountPeople" | "ExportPeople" => within,
        "LookupPeople" => json!({ "workspace_id": workspace, "emails": ["ada@example.com"] }),
        "UpdatePerson" => json!({
            "workspace_id": workspace,
            "person": { "person_id": person, "first_name": "Ada" },
        }),
        "UndeletePerson" => {
            json!({ "workspace_id": workspace, "person_id": world.deleted_person })
        }
        "SyncPeople" => json!({
            "workspace_id": workspace,
            "partition_id": partition,
            "mode": "PERSON_WRITE_MODE_UPDATE_ONLY",
            "lookup_field": "PERSON_LOOKUP_FIELD_ID",
            "people": [{ "person_id": person, "first_name": "Ada" }],
        }),
        "ImportPeople" => world.import_request(&Uuid::now_v7().to_string()),
        "GetImport" => json!({ "workspace_id": workspace, "import_id": world.import }),
        "MovePeople" => json!({
            "workspace_id": workspace,
            "person_ids": [person],
            "target_partition_id": second_partition,
        }),
        "MovePeopleByFilter" => json!({
            "workspace_id": workspace,
            "partition_ids": [partition],
            "target_partition_id": second_partition,
        }),
        "MergePeople" => json!({
            "workspace_id": workspace,
            "winner_person_id": person,
            "loser_person_ids": [world.twin],
        }),
        "ErasePerson" => one,
        "UnsuppressEmail" => json!({ "email": SUPPRESSED }),
        "FindDuplicates" => json!({ "workspace_id": workspace }),
        _ => return None,
    })
}
