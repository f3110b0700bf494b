//! What a plan does not tell.

use serde_json::json;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::plans::{items, number};

on_both! {
    /// what happens in workspaces that the caller does not see is summed up, and they are not named.
    async fn x_02_hidden_workspaces_are_summed_up(app) {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let (w, seen) = (ada.workspace("W", &[&p, &q]).await, ada.workspace("Seen", &[&q]).await);
        let hidden = [ada.workspace("Hidden", &[&q]).await, ada.workspace("Dark", &[&p]).await];
        let person = ada.person(&w, "a@example.com").await.person_id;
        ada.grant("user:bob", &built_in("Workspace admin"), &w).await;
        ada.grant("user:bob", &built_in("Viewer"), &seen).await;
        let bob = tenant.user("bob");
        let request = json!({ "workspace_id": w, "person_ids": [person], "target_partition_id": q });
        let plan = bob.plan("PersonService/MovePeople", &request).await;
        assert_eq!(number(&plan, &seen, "people_gained"), 1);
        assert_eq!(items(&plan, "effects").len(), 1);
        assert_eq!((&plan["hidden"]["people_gained"], &plan["hidden"]["people_lost"]), (&json!(1), &json!(1)));
        let text = plan.to_string();
        assert!(hidden.iter().all(|id| !text.contains(id.as_str())), "{text}");
        // An admin of the tenant is told, by the same token.
        let all = ada.plan("PersonService/MovePeople", &request).await;
        assert_eq!(items(&all, "effects").len(), 3);
        assert_eq!(all["plan_token"], plan["plan_token"]);
    }

    /// how many people a workspace loses is not told to who sees the workspace and may not read people there, by
    /// whatever sum.
    async fn a_06_people_are_counted_for_who_reads_them(app) {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let w = ada.workspace("W", &[&p, &q]).await;
        ada.try_person(&w, &q, "a@example.com").await.unwrap();
        let role = ada.role("Binder", &["partitions.manage"]).await;
        ada.grant("user:bob", &role, "").await;
        let request = json!({ "workspace_id": w, "partition_id": q });
        let plan = tenant.user("bob").plan("PartitionService/UnbindPartition", &request).await;
        assert_eq!((items(&plan, "sights").len(), &plan["sights"][0]["people"]), (1, &serde_json::Value::Null));
        assert_eq!(number(&plan, &w, "partitions_lost"), 1);
        assert!(plan["hidden"]["people_lost"].is_null() && number(&plan, &w, "people_lost") == 0, "{plan}");
        let plan = ada.plan("PartitionService/UnbindPartition", &request).await;
        assert_eq!(number(&plan, &w, "people_lost"), 1);
    }

    /// who gains rights is named to those who may see who holds what; quotas to those who read the tenant.
    async fn a_07_principals_and_quotas_are_for_those_who_read_them(app) {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let w = ada.workspace("W", &[]).await;
        let role = ada.role("Granter", &["access.manage"]).await;
        ada.grant("user:bob", &role, &w).await;
        let grant = json!({ "grant": {
            "principal": "user:cay",
            "role_id": role,
            "workspace_id": w,
        } });
        let plan = tenant.user("bob").plan("AccessService/CreateGrant", &grant).await;
        assert!(items(&plan, "quotas").is_empty(), "{plan}");
        assert_eq!(items(&plan, "access").len(), 1);
        assert_eq!(items(&ada.plan("AccessService/CreateGrant", &grant).await, "quotas").len(), 1);
    }
}
