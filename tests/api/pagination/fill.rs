//! Rows for every list: those that its caller sees, and those that it does not.

use std::ops::Range;

use precinct::pb::{Area, AssetType, ReferenceKind};
use serde_json::{Value as Json, json};

use super::List;
use crate::support::access::built_in;
use crate::support::actor::ok;
use crate::support::assets::refers;
use crate::support::dynamic::label;
use crate::support::members::{Kind as Holder, Members};
use crate::support::world::{MEMBER, World};

impl List {
    /// Adds rows, each seen by the caller or not.
    pub(super) async fn fill(&self, rows: &[bool]) {
        for (n, seen) in rows.iter().enumerate() {
            match label(&self.rpc).as_str() {
                "TenantService/ListTenants" => self.add_tenant(n, *seen).await,
                "WorkspaceService/ListWorkspaces" | "WorkspaceService/ListAccessibleWorkspaces" => {
                    self.add_workspace(n, *seen).await;
                }
                "PartitionService/ListPartitions" | "PartitionService/ListBindings" => {
                    self.add_partition(n, *seen).await;
                }
                "FieldService/ListFields" => self.add_field(n, *seen).await,
                "AccessService/ListRoles" => self.add_role(n, *seen).await,
                "AccessService/ListGroups" => self.add_group(n, *seen).await,
                "AccessService/ListGrants"
                | "AccessService/ListWorkspaceUsers"
                | "TopologyService/WhoCanSee" => self.add_grant(n, *seen).await,
                "TopologyService/WhatCanSee" => self.add_sight(n, *seen).await,
                "AccessService/ListGroupMembers" => self.add_member(n, *seen).await,
                "AccessService/ListServiceAccounts" => self.add_account(n, *seen).await,
                "AccessService/ListApiKeys" => self.add_key(*seen).await,
                "PersonService/ListPeople" | "ListService/PreviewFilter" => {
                    self.add_people(n..n + 1, *seen).await
                }
                "PersonService/FindDuplicates" => {
                    self.add_people(n..n + 1, *seen).await;
                    self.add_twins(n..n + 1, *seen).await;
                }
                "FolderService/ListFolders"
                | "ActivityService/ListAuditEntries"
                | "ActivityService/ListRecentActivity" => self.add_folder(n, *seen).await,
                "SharingService/ListShares" => self.add_share(n, *seen).await,
                "SharingService/ListShareTargets" => self.add_workspace(n, *seen).await,
                "AssetService/ListAssets" => self.add_asset(n, *seen).await,
                "AssetService/ListAssetVersions" => self.add_version(n, *seen).await,
                "AssetService/ListUsedBy" => self.add_use(n, *seen).await,
                "PersonService/ListPersonMemberships" => self.add_membership(n, *seen).await,
                "AssetService/ListProgramMembers" => {
                    self.add_asset_member(Holder::Program, n, *seen).await;
                }
                "ListService/ListListMembers" => {
                    self.add_asset_member(Holder::List, n, *seen).await;
                }
                "RoutingService/ListRoutingPolicyVersions" => self.add_policy(n, *seen).await,
                "SegmentationService/ListSegmentations" => self.add_segmentation(n, *seen).await,
                "SegmentationService/ListSegmentMembers" => {
                    self.add_people(n..n + 1, *seen).await;
                }
                "Operations/ListOperations" => self.add_operation(*seen).await,
                unknown => panic!("this test does not know how to fill {unknown}"),
            }
        }
    }

    /// One that is not seen is deleted.
    async fn add_tenant(&self, n: usize, seen: bool) {
        let new =
            json!({ "tenant": { "display_name": format!("row {n:02}") }, "owner": "user:owner" });
        let made = self.caller.make("TenantService/CreateTenant", &new).await.ok();
        if !seen {
            let id = &made["tenant"]["tenant_id"];
            let delete = json!({ "tenant_id": id, "confirm_display_name": format!("row {n:02}") });
            self.caller.make("TenantService/DeleteTenant", &delete).await.ok();
        }
    }

    /// One that is not seen is archived, or deleted.
    async fn add_workspace(&self, n: usize, seen: bool) {
        let id = self.caller.workspace(&format!("row {n:02}"), &[&self.world.partition]).await;
        if !seen {
            let verb = if n.is_multiple_of(2) { "Archive" } else { "Delete" };
            let label = format!("WorkspaceService/{verb}Workspace");
            self.caller.make(&label, &json!({ "workspace_id": id })).await.ok();
        }
    }

    /// One that is not seen is another workspace's.
    async fn add_partition(&self, n: usize, seen: bool) {
        let World { workspace, tenant, .. } = &self.world;
        let new = json!({
            "partition": { "display_name": format!("row {n:02}") },
            "workspace_ids": [if seen { workspace } else { &tenant.default_workspace }],
        });
        self.caller.make("PartitionService/CreatePartition", &new).await.ok();
    }

    /// What is not seen is a trial, or a policy that is as it was.
    async fn add_policy(&self, n: usize, seen: bool) {
        let source = ["PERSON_SOURCE_API", "PERSON_SOURCE_CRM"][n % 2];
        let rule = json!({ "partition_id": self.world.partition, "sources": [source] });
        let rules = vec![rule; n + 1];
        let change = json!({ "policy": { "rules": rules }, "validate_only": !seen });
        self.caller.make("RoutingService/UpdateRoutingPolicy", &change).await.ok();
    }

    /// One that is not seen is deleted.
    async fn add_field(&self, n: usize, seen: bool) {
        let id = self.caller.field(&format!("row_{n:02}"), precinct::pb::FieldType::Text).await;
        if !seen {
            self.caller.make("FieldService/DeleteField", &json!({ "field_id": id })).await.ok();
        }
    }

    /// One that is not seen is deleted.
    async fn add_role(&self, n: usize, seen: bool) {
        let id = self.caller.role(&format!("row {n:02}"), &["people.read"]).await;
        if !seen {
            self.caller.try_delete_role(&id).await.unwrap();
        }
    }

    /// One that is not seen is deleted.
    async fn add_group(&self, n: usize, seen: bool) {
        let id = self.caller.group(&format!("row {n:02}"), &[]).await;
        if !seen {
            self.caller.try_delete_group(&id).await.unwrap();
        }
    }

    /// One that is not seen was taken back.
    async fn add_grant(&self, n: usize, seen: bool) {
        let (principal, workspace) = (format!("user:row{n:02}"), &self.world.workspace);
        let id = self.caller.grant(&principal, &built_in("Viewer"), workspace).await;
        if !seen {
            self.caller.try_revoke(&id).await.unwrap();
        }
    }

    /// One that is not seen is a workspace where the member holds nothing.
    async fn add_sight(&self, n: usize, seen: bool) {
        let id = self.caller.workspace(&format!("row {n:02}"), &[&self.world.partition]).await;
        if seen {
            self.caller.grant(MEMBER, &built_in("Viewer"), &id).await;
        }
    }

    /// One who is not seen was removed.
    async fn add_member(&self, n: usize, seen: bool) {
        let (group, member) = (&self.world.group, format!("user:row{n:02}"));
        self.caller.try_add(group, &[&member]).await.unwrap();
        if !seen {
            self.caller.try_remove(group, &[&member]).await.unwrap();
        }
    }

    /// One that is not seen is deleted.
    async fn add_account(&self, n: usize, seen: bool) {
        let id = self.caller.account(&format!("row {n:02}")).await;
        if !seen {
            ok(self.caller.try_delete_account(&id, "").await);
        }
    }

    /// One that is not seen is revoked.
    async fn add_key(&self, seen: bool) {
        let (id, _) = self.caller.key(&self.world.account).await;
        if !seen {
            ok(self.caller.try_revoke_key(&id).await);
        }
    }

    /// Those who are not seen are in a partition that the workspace does not see.
    pub(super) async fn add_people(&self, rows: Range<usize>, seen: bool) {
        let World { partition, spare_partition, .. } = &self.world;
        self.sync(if seen { partition } else { spare_partition }, rows).await;
    }

    /// The same people once more, in partitions beside.
    pub(super) async fn add_twins(&self, rows: Range<usize>, seen: bool) {
        let World { second_partition, tenant, .. } = &self.world;
        self.sync(if seen { second_partition } else { &tenant.default_partition }, rows).await;
    }

    /// One who is not seen is deleted.
    async fn add_asset_member(&self, kind: Holder, n: usize, seen: bool) {
        let World { workspace, holders, .. } = &self.world;
        let person = self.caller.person(workspace, &format!("row{n:02}@example.com")).await;
        let id = match kind {
            Holder::Program => &holders.program,
            Holder::List => &holders.list,
        };
        Members::new(&self.caller, kind, workspace, id).add(&[&person.person_id]).await;
        if !seen {
            let delete = json!({ "workspace_id": workspace, "person_id": person.person_id });
            self.caller.make("PersonService/DeletePerson", &delete).await.ok();
        }
    }

    /// One that is not seen is in a list of another workspace.
    async fn add_membership(&self, n: usize, seen: bool) {
        let World { workspace, tenant, person, .. } = &self.world;
        let workspace = if seen { workspace } else { &tenant.default_workspace };
        let kind = if n.is_multiple_of(2) { Holder::List } else { Holder::Program };
        let root = self.caller.root(workspace, kind.area()).await;
        let name = format!("row {n:02}");
        let made = Members::make(&self.caller, kind, workspace, &root, &name).await;
        made.add(&[person]).await;
    }

    async fn sync(&self, partition: &str, rows: Range<usize>) {
        let people: Vec<Json> =
            rows.map(|n| json!({ "email": format!("row{n:04}@example.com") })).collect();
        for people in people.chunks(1_000) {
            let request = json!({
                "workspace_id": self.world.tenant.default_workspace,
                "partition_id": partition,
                "mode": "PERSON_WRITE_MODE_CREATE_ONLY",
                "people": people,
            });
            self.caller.make("PersonService/SyncPeople", &request).await.ok();
        }
    }

    /// One that is not seen is forgotten.
    async fn add_operation(&self, seen: bool) {
        let name = self.world.ended_operation().await;
        if !seen {
            ok(self.caller.try_forget(&name).await);
        }
    }

    /// One that is not seen is another workspace's.
    async fn add_folder(&self, n: usize, seen: bool) {
        let World { workspace, tenant, .. } = &self.world;
        let workspace = if seen { workspace } else { &tenant.default_workspace };
        let root = self.caller.root(workspace, Area::DesignStudio).await;
        self.caller.folder(workspace, &root, &format!("row {n:02}")).await;
    }

    /// One that is not seen has ended.
    async fn add_share(&self, n: usize, seen: bool) {
        let World { workspace, tenant, .. } = &self.world;
        let root = self.caller.root(workspace, Area::DesignStudio).await;
        let folder = self.caller.folder(workspace, &root, &format!("row {n:02}")).await;
        ok(self.caller.try_share(workspace, &folder, &[&tenant.default_workspace]).await);
        if !seen {
            ok(self.caller.try_share(workspace, &folder, &[]).await);
        }
    }

    /// One that is not seen is another workspace's.
    async fn add_asset(&self, n: usize, seen: bool) {
        let World { workspace, tenant, .. } = &self.world;
        let workspace = if seen { workspace } else { &tenant.default_workspace };
        self.caller.asset(workspace, AssetType::Email, &format!("row {n:02}")).await;
    }

    /// One that is not seen is another workspace's.
    async fn add_segmentation(&self, n: usize, seen: bool) {
        let World { workspace, tenant, .. } = &self.world;
        let workspace = if seen { workspace } else { &tenant.default_workspace };
        self.caller.segmentation(workspace, &format!("row {n:02}"), &[]).await;
    }

    /// One that is not seen is another asset's.
    async fn add_version(&self, n: usize, seen: bool) {
        let World { workspace, assets, .. } = &self.world;
        let id = if seen { &assets.form } else { &assets.snippet };
        self.caller.write_asset(workspace, id, &format!("row {n:02}")).await;
        self.caller.approve(workspace, id).await;
    }

    /// One that is not seen is gone.
    async fn add_use(&self, n: usize, seen: bool) {
        let World { workspace, assets, .. } = &self.world;
        let uses = [refers(ReferenceKind::Snippet, &assets.snippet)];
        let name = format!("row {n:02}");
        let id = self.caller.user_of(workspace, AssetType::Email, &name, &uses).await;
        if !seen {
            ok(self.caller.try_delete_asset(workspace, &id).await);
        }
    }
}
