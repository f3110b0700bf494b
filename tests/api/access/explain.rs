//! `ExplainAccess`: the chain, the first link that fails, and the change that turns the answer.

use precinct::pb::{AccessChangeKind, AccessLinkKind, AccessReason, BindingAccess};
use serde_json::json;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::check::Asked;

on_both! {
    /// each kind of refusal has its chain, ends at the link that fails, and names the change that turns
    /// it: made, it does.
    async fn x_01_the_named_change_turns_the_answer(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let (p, q, r) = (
            admin.partition("P").await,
            admin.partition("Q").await,
            admin.partition("R").await,
        );
        let workspace = admin.workspace("W", &[&p]).await;
        admin.bind(&workspace, &q, BindingAccess::ReadOnly).await;
        let (at_q, at_r) = (format!("partition:{q}"), format!("partition:{r}"));
        let ann = "user:ann";
        for (what, resource, reason, failing, change) in [
            ("people.write", "", AccessReason::NoGrant, AccessLinkKind::Grant, AccessChangeKind::Grant),
            ("people.write", &at_q, AccessReason::PartitionReadOnly,
                AccessLinkKind::WritablePartition, AccessChangeKind::BindReadWrite),
            ("people.read", &at_r, AccessReason::PartitionNotVisible,
                AccessLinkKind::VisiblePartition, AccessChangeKind::BindReadOnly),
            ("fields.manage", "", AccessReason::TenantWideOnly, AccessLinkKind::Grant,
                AccessChangeKind::Grant),
        ] {
            let asked = Asked(ann, what, &workspace, resource);
            let explained = admin.explain(asked).await;
            assert_eq!((explained.allowed, explained.reason()), (false, reason), "{asked:?}");
            assert_eq!(admin.check(asked).await, reason);
            let last = explained.links.last().expect("there is a reason");
            assert!(!last.holds && last.kind() == failing, "{last:?}");
            assert!(explained.links.iter().rev().skip(1).all(|link| link.holds));
            let named = explained.change.expect("there is a way");
            assert_eq!(named.kind(), change);
            match change {
                AccessChangeKind::Grant => {
                    drop(admin.grant(&named.principal, &named.role_id, &named.workspace_id).await);
                }
                AccessChangeKind::BindReadOnly => {
                    admin.bind(&named.workspace_id, &named.partition_id, BindingAccess::ReadOnly).await;
                }
                _ => admin.bind(&named.workspace_id, &named.partition_id, BindingAccess::ReadWrite).await,
            }
            let turned = admin.explain(asked).await;
            assert!(turned.allowed && turned.change.is_none(), "{turned:?}");
            assert!(turned.links.iter().all(|link| link.holds));
            assert_eq!(admin.check(asked).await, AccessReason::Granted);
        }
    }

    /// through groups; the group and the grant are named.
    async fn x_01_a_chain_goes_through_groups(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let workspace = admin.workspace("W", &[]).await;
        let inner = admin.group("Inner", &["user:ann"]).await;
        let outer = admin.group("Outer", &[&format!("group:{inner}")]).await;
        let grant = admin.grant(&format!("group:{outer}"), &built_in("Viewer"), &workspace).await;
        let asked = Asked("user:ann", "people.read", &workspace, "");
        let explained = admin.explain(asked).await;
        let kinds: Vec<_> = explained.links.iter().map(|link| link.kind()).collect();
        let expected =
            [AccessLinkKind::Principal, AccessLinkKind::Membership, AccessLinkKind::Grant];
        assert_eq!(kinds, expected);
        assert_eq!(explained.links[1].group_id, outer);
        assert_eq!(explained.links[2].grant_id, grant);
        // Who may ask and not see who holds what is told that it holds, not through what.
        let gateway = admin.role("Gateway", &["access.check"]).await;
        admin.grant("user:gate", &gateway, &workspace).await;
        let explained = acme.user("gate").explain(asked).await;
        assert!(explained.allowed);
        assert!(explained.links.iter().all(|link| link.group_id.is_empty() && link.grant_id.is_empty()));
        // Everybody is told how they hold it themselves.
        let own = acme.user("ann").explain(asked).await;
        assert_eq!(own.links[2].grant_id, grant);
    }

    /// X-01, K-01: no change is named that would be refused, or that would not be enough.
    async fn x_01_no_way_is_named_where_none_is(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let regions = json!({ "allowed_regions": ["eu", "us"] });
        admin.make("TenantService/UpdateTenant", &json!({ "tenant": { "settings": regions } })).await.ok();
        let (eu, us) = (
            admin.regional_partition("EU", "eu").await,
            admin.regional_partition("US", "us").await,
        );
        let new = json!({
            "workspace": { "display_name": "W", "region": "eu" },
            "partition_ids": [eu],
        });
        let made = admin.make("WorkspaceService/CreateWorkspace", &new).await.ok();
        let workspace = made["workspace"]["workspace_id"].as_str().unwrap().to_owned();
        let beyond = format!("partition:{us}");
        // The regions refuse the binding.
        let explained = admin.explain(Asked("user:owner", "people.read", &workspace, &beyond)).await;
        assert_eq!(explained.reason(), AccessReason::PartitionNotVisible);
        assert_eq!(explained.change, None);
        // A grant alone would not do.
        let explained = admin.explain(Asked("user:ann", "people.read", &workspace, &beyond)).await;
        assert_eq!((explained.reason(), explained.change), (AccessReason::NoGrant, None));
        // An archived workspace takes no change.
        admin.make("WorkspaceService/ArchiveWorkspace", &json!({ "workspace_id": workspace })).await.ok();
        let explained = admin.explain(Asked("user:owner", "people.write", &workspace, "")).await;
        assert_eq!((explained.reason(), explained.change), (AccessReason::WorkspaceArchived, None));
    }
}
