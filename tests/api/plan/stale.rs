//! What makes a plan stale, and what does not.

use precinct::pb::ErrorReason;
use serde_json::json;
use tonic::Code;

use super::{BIND, GRANT, UNBIND, ends, granting};
use crate::on_both;
use crate::support::actor::ok;
use crate::support::plans::with;
use crate::support::status::assert_refused;

on_both! {
    /// people who come and go, and changes elsewhere, leave a plan as it was.
    async fn x_02_what_a_plan_did_not_read_leaves_it_good(app) {
        let ada = app.tenant("acme").await.admin();
        let (p, q, r) = (ada.partition("P").await, ada.partition("Q").await, ada.partition("R").await);
        let (w, other) = (ada.workspace("W", &[&p, &q]).await, ada.workspace("Other", &[&p]).await);
        let plan = ada.plan(UNBIND, &ends(&w, &q)).await;
        let person = ok(ada.try_person(&w, &q, "a@example.com").await).person.expect("a person");
        ada.make(BIND, &ends(&other, &q)).await.ok();
        ada.make(BIND, &ends(&w, &r)).await.ok();
        ada.make(GRANT, &granting("user:bob", "Viewer", &other)).await.ok();
        let delete = json!({ "workspace_id": w, "person_id": person.person_id });
        ada.make("PersonService/DeletePerson", &delete).await.ok();
        let rename = json!({
            "workspace": { "workspace_id": w, "display_name": "Renamed" },
            "update_mask": "displayName",
        });
        ada.make("WorkspaceService/UpdateWorkspace", &rename).await.ok();
        ada.apply_plan(UNBIND, &ends(&w, &q), &plan).await.expect("as planned");
    }

    /// a plan is stale once a fact that it read is another, whether the call would still pass or not.
    async fn x_02_what_a_plan_read_makes_it_stale(app) {
        let ada = app.tenant("acme").await.admin();
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let w = ada.workspace("W", &[&p, &q]).await;
        let unbind = ends(&w, &q);
        let plan = ada.plan(UNBIND, &unbind).await;
        let read_only = with(&unbind, "access", json!("BINDING_ACCESS_READ_ONLY"));
        ada.make(BIND, &read_only).await.ok();
        let stale = ada.apply_plan(UNBIND, &unbind, &plan).await;
        assert_refused(stale, Code::Aborted, ErrorReason::PlanStale);
        let plan = ada.plan(UNBIND, &unbind).await;
        ada.make(UNBIND, &unbind).await.ok();
        let stale = ada.apply_plan(UNBIND, &unbind, &plan).await;
        assert_refused(stale, Code::Aborted, ErrorReason::PlanStale);
        // Without a plan it is refused for what is the matter.
        let refused = ada.make(UNBIND, &unbind).await.result();
        assert_refused(refused, Code::NotFound, ErrorReason::BindingNotFound);
        // A token of another call is none of this one; nonsense is none at all.
        let other = ada.apply_plan(BIND, &unbind, &plan).await;
        assert_refused(other, Code::Aborted, ErrorReason::PlanStale);
        let nonsense = ada.apply_plan(BIND, &unbind, &json!({ "plan_token": "nonsense" })).await;
        assert_refused(nonsense, Code::Aborted, ErrorReason::PlanStale);
    }

    /// a plan of rights is stale once somebody else would gain them, and good while others gain others.
    async fn x_02_a_plan_of_rights_reads_who_holds_what(app) {
        let ada = app.tenant("acme").await.admin();
        let group = ada.group("G", &["user:bob"]).await;
        let (w, other) = (ada.workspace("W", &[]).await, ada.workspace("Other", &[]).await);
        let grant = granting(&format!("group:{group}"), "Viewer", &w);
        let plan = ada.plan(GRANT, &grant).await;
        ada.make(GRANT, &granting("user:dan", "Viewer", &w)).await.ok();
        ada.make(GRANT, &granting("user:bob", "Viewer", &other)).await.ok();
        let again = ada.plan(GRANT, &grant).await;
        assert_eq!(again["plan_token"], plan["plan_token"]);
        ok(ada.try_add(&group, &["user:cay"]).await);
        let stale = ada.apply_plan(GRANT, &grant, &plan).await;
        assert_refused(stale, Code::Aborted, ErrorReason::PlanStale);
    }

    /// X-02, P-04: people in the way are said to be so, and do not make a plan stale.
    async fn x_02_people_in_the_way_are_told(app) {
        let ada = app.tenant("acme").await.admin();
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let w = ada.workspace("W", &[&p, &q]).await;
        let delete = json!({ "partition_id": q });
        let plan = ada.plan("PartitionService/DeletePartition", &delete).await;
        let person = ok(ada.try_person(&w, &q, "a@example.com").await).person.expect("a person");
        let refused = ada.apply_plan("PartitionService/DeletePartition", &delete, &plan).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::PartitionNotEmpty);
        let gone = json!({ "workspace_id": w, "person_id": person.person_id });
        ada.make("PersonService/DeletePerson", &gone).await.ok();
        let done = ada.apply_plan("PartitionService/DeletePartition", &delete, &plan).await;
        done.expect("as planned");
    }
}
