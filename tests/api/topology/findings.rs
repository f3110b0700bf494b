//! What `DescribeTopology` finds, and that its fixes are fixes.

use std::slice::from_ref;

use precinct::pb::{
    self, BindingAccess, DescribeTopologyRequest, TopologyFindingKind as Kind, TopologySeverity,
};
use serde_json::json;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::topology::{Site, of_kind};

async fn described(actor: &Actor) -> pb::DescribeTopologyResponse {
    actor.describe(DescribeTopologyRequest::default()).await
}

on_both! {
    /// each kind is found once where it is so, with what it is about.
    async fn x_04_what_is_wrong_is_found(app) {
        let site = Site::new(app).await;
        let found = described(&site.ada).await;
        let severities: Vec<i32> = found.findings.iter().map(|one| one.severity).collect();
        assert!(severities.is_sorted() && severities[0] == TopologySeverity::Error as i32);
        assert!(found.findings.iter().all(|one| !one.text.is_empty() && !one.fix.is_empty()));
        let [unseen] = of_kind(&found, Kind::PartitionUnseen)[..] else { panic!("{found:?}") };
        assert_eq!(&unseen.partition_ids, from_ref(&site.unseen));
        let apart = of_kind(&found, Kind::SegmentationWithoutOverlap);
        let [apart] = apart[..] else { panic!("{apart:?}") };
        assert_eq!(apart.workspace_ids, [site.europe.clone(), site.america.clone()]);
        assert_eq!((&apart.folder_id, &apart.asset_id), (&site.segments, &site.segmentation));
        let shared = of_kind(&found, Kind::EnvironmentsSharePartition);
        let [shared] = shared[..] else { panic!("{shared:?}") };
        assert_eq!(shared.workspace_ids, [site.staging.clone(), site.europe.clone()]);
        assert_eq!(&shared.partition_ids, from_ref(&site.european));
        assert_eq!(of_kind(&found, Kind::NoWorkspaceSeesEverything).len(), 1);
        let admins = of_kind(&found, Kind::SingleAdmin);
        assert_eq!(admins.len(), 4);
        assert!(admins.iter().all(|one| one.principal == "user:owner"));
        let names: Vec<_> = of_kind(&found, Kind::NameOffPattern);
        let off: Vec<&String> = names.iter().flat_map(|one| &one.workspace_ids).collect();
        assert_eq!(off, [&site.tenant.default_workspace, &site.america]);
        assert!(names[1].fix.contains("Acme - us - Production"), "{}", names[1].fix);
        let mostly = of_kind(&found, Kind::MostlySharedIn);
        let [mostly] = mostly[..] else { panic!("{mostly:?}") };
        assert_eq!(&mostly.workspace_ids, from_ref(&site.america));
    }

    /// what the fixes say mends it.
    async fn x_04_fixes_are_fixes(app) {
        let site = Site::new(app).await;
        let Site { ada, america, staging, europe, .. } = &site;
        let bare = ada.partition("Trials").await;
        ada.bind(staging, &bare, BindingAccess::ReadWrite).await;
        let unbind = json!({
            "workspace_id": staging,
            "partition_id": site.european,
            "new_primary_partition_id": bare,
        });
        ada.make("PartitionService/UnbindPartition", &unbind).await.ok();
        // The owner's region does not let it bind America, and what is not there is not shared.
        let unshare = json!({
            "workspace_id": europe, "folder_id": site.segments, "target_workspace_ids": [america],
        });
        ada.make("SharingService/UnshareFolder", &unshare).await.ok();
        ada.set_all_partitions(&site.tenant.default_workspace, true).await;
        ada.grant("user:bea", &built_in("Tenant admin"), "").await;
        for (id, name) in [(&site.tenant.default_workspace, "All - All - Production"), (america, "Acme - US - Production")] {
            let workspace = json!({ "workspace_id": id, "display_name": name });
            ada.make("WorkspaceService/UpdateWorkspace", &json!({ "workspace": workspace })).await.ok();
        }
        let found = described(ada).await;
        let kinds: Vec<Kind> = found.findings.iter().map(|one| one.kind()).collect();
        assert_eq!(kinds, [Kind::MostlySharedIn], "{found:?}");
    }

    /// admins count through groups; service accounts and admins elsewhere do not.
    async fn x_04_admins_count_through_groups(app) {
        let site = Site::new(app).await;
        let Site { ada, america, .. } = &site;
        let admin = built_in("Workspace admin");
        let alone = async || {
            let found = described(ada).await;
            let alone = of_kind(&found, Kind::SingleAdmin).into_iter();
            alone.flat_map(|one| one.workspace_ids.clone()).any(|id| id == *america)
        };
        let robot = ada.account("Robot").await;
        ada.grant(&format!("service:{robot}"), &admin, america).await;
        ada.grant("user:bea", &admin, &site.europe).await;
        assert!(alone().await);
        let group = ada.group("Admins", &["user:owner"]).await;
        ada.grant(&format!("group:{group}"), &admin, america).await;
        assert!(alone().await);
        ok(ada.try_add(&group, &["user:bea"]).await);
        assert!(!alone().await);
    }

    /// a finding is told to who sees all that it follows from.
    async fn a_06_findings_follow_from_what_is_seen(app) {
        let site = Site::new(app).await;
        let Site { ada, tenant, europe, america, staging, .. } = &site;
        let kinds = async |user: &str| -> Vec<Kind> {
            let found = described(&tenant.user(user)).await;
            found.findings.iter().map(|one| one.kind()).collect()
        };
        let viewer = built_in("Viewer");
        ada.grant("user:bob", &viewer, america).await;
        // The names are seen, the owner of the segmentation is not.
        assert_eq!(kinds("bob").await, [Kind::NameOffPattern, Kind::MostlySharedIn]);
        let reader = ada.role("Reader", &["workspaces.read"]).await;
        ada.grant("user:bob", &reader, europe).await;
        assert_eq!(kinds("bob").await, [Kind::NameOffPattern, Kind::MostlySharedIn]);
        ada.grant("user:bob", &viewer, europe).await;
        let all = [Kind::SegmentationWithoutOverlap, Kind::NameOffPattern, Kind::MostlySharedIn];
        assert_eq!(kinds("bob").await, all);
        // A draft is seen by its owner alone.
        ada.grant("user:cay", &viewer, europe).await;
        ada.grant("user:cay", &reader, staging).await;
        assert_eq!(kinds("cay").await, []);
        ada.grant("user:cay", &viewer, staging).await;
        assert_eq!(kinds("cay").await, [Kind::EnvironmentsSharePartition]);
    }
}
