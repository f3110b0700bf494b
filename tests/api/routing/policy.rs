//! The policy: one list for the tenant, by versions, and what it keeps from being deleted.

use precinct::pb;
use precinct::pb::attribute_value::Kind;
use precinct::pb::{ErrorReason, FieldType, PersonSource, RoutingOperator};
use tonic::Code;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::ok;
use crate::support::routing::{always, from, policy, text};
use crate::support::status::{assert_refused, fields, metadata};

on_both! {
    /// every version stays as it was; the same policy again is none.
    async fn r_02_every_version_stays(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let first = ada.policy().await;
        assert_eq!((first.version, first.rules.len(), first.create_time), (0, 0, None));
        let one = ada.route(&[always(&p)]).await;
        let two = ada.route(&[text("email", RoutingOperator::Contains, "@Q", &q), always(&p)]).await;
        assert_eq!((one.version, two.version), (1, 2));
        let revision = ada.revision().await;
        assert_eq!(ada.route(&two.rules).await, two);
        assert_eq!(ada.revision().await, revision, "H-08: nothing changed");
        let choice = pb::RoutingDefault { partition_id: q.clone() };
        let change = pb::RoutingPolicy { default_choice: Some(choice.clone()), ..policy(&[]) };
        let three = ok(ada.try_route(change, &[]).await).policy.unwrap();
        assert_eq!((three.version, &three.rules), (3, &two.rules), "rules were not named");
        let listed = pb::ListRoutingPolicyVersionsRequest::default();
        let listed = ok(ada.routing().list_routing_policy_versions(listed).await).versions;
        assert_eq!(listed, [three.clone(), two, one]);
        assert_eq!(ada.policy().await, three);
        assert_eq!((three.default_choice, three.made_by.as_str()), (Some(choice), "user:owner"));
    }

    /// each operator comes back as it was sent.
    async fn r_02_conditions_come_back_as_they_were_sent(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        ada.field("score", FieldType::Integer).await;
        let p = &acme.default_partition;
        let number = |n| pb::AttributeValue { kind: Some(Kind::IntegerValue(n)) };
        let mut rules = Vec::new();
        for n in 1..=15 {
            let operator = RoutingOperator::try_from(n).unwrap();
            let value = match operator {
                RoutingOperator::Empty | RoutingOperator::NotEmpty => vec![],
                RoutingOperator::Between => vec![number(1), number(5)],
                RoutingOperator::Less
                | RoutingOperator::AtMost
                | RoutingOperator::Greater
                | RoutingOperator::AtLeast => vec![number(-3)],
                _ => text("", operator, "a \"b\" \\ or (c)", p).value,
            };
            let field = if value.first() == Some(&number(1)) || value.first() == Some(&number(-3)) {
                "score"
            } else {
                "first_name"
            };
            let rule = pb::RoutingRule { field: field.into(), operator: n, value, ..always(p) };
            rules.push(pb::RoutingRule { sources: vec![(n - 1) % 5 + 1], ..rule });
        }
        assert_eq!(ada.route(&rules).await.rules, rules);
        assert_eq!(ada.policy().await.rules, rules);
    }

    /// R-02, H-06: everything that is wrong with a policy is said at once.
    async fn r_02_every_violation_is_named(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let p = &acme.default_partition;
        let rules = [
            pb::RoutingRule { field: "email".into(), ..always(p) },
            pb::RoutingRule { operator: RoutingOperator::Is.into(), ..text("email", RoutingOperator::Empty, "x", p) },
            text("email", RoutingOperator::Empty, "x", p),
            pb::RoutingRule { sources: vec![1, 1, 0], ..always("nobody") },
            pb::RoutingRule { operator: 99, ..always(p) },
        ];
        let refused = ada.try_route(policy(&rules), &["rules"]).await;
        let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), [
            "policy.rules[0].operator",
            "policy.rules[2].value",
            "policy.rules[3].partition_id",
            "policy.rules[3].sources[1]",
            "policy.rules[3].sources[2]",
            "policy.rules[4].operator",
        ]);
        let unknown = [
            text("hat", RoutingOperator::Is, "x", p),
            text("unsubscribed", RoutingOperator::Is, "x", p),
            always(p),
        ];
        let refused = ada.try_route(policy(&unknown), &["rules"]).await;
        let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["policy.rules[0].field", "policy.rules[1].field"]);
        let many = vec![always(p); 201];
        let refused = ada.try_route(policy(&many), &["rules"]).await;
        let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["policy.rules"]);
        ok(ada.try_route(policy(&many[..200]), &["rules"]).await);
    }

    /// H-02: who read an old version does not overwrite a new one.
    async fn h_02_a_stale_etag_is_refused(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let p = &acme.default_partition;
        let read = ada.policy().await;
        ada.route(&[always(p)]).await;
        let stale = pb::RoutingPolicy { etag: read.etag, ..policy(&[]) };
        let refused = ada.try_route(stale, &["rules"]).await;
        assert_refused(refused, Code::Aborted, ErrorReason::EtagMismatch);
        let fresh = pb::RoutingPolicy { etag: ada.policy().await.etag, ..policy(&[]) };
        ok(ada.try_route(fresh, &["rules"]).await);
    }

    /// P-07: an admin of a workspace does not decide where the tenant's people go, nor read it.
    async fn p_07_routing_needs_a_tenant_wide_right(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        ada.grant("user:bob", &built_in("Workspace admin"), &acme.default_workspace).await;
        let bob = acme.user("bob");
        let refused = bob.try_route(policy(&[]), &["rules"]).await;
        assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
        let refused = bob.routing().get_routing_policy(pb::GetRoutingPolicyRequest {}).await;
        assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
    }

    /// P-04: a partition stays while a rule, or the default choice, leads there; and no rule leads to one that is gone.
    async fn p_04_a_routing_target_cannot_be_deleted(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let default_choice = Some(pb::RoutingDefault { partition_id: q.clone() });
        let both = pb::RoutingPolicy { default_choice, ..policy(&[always(&p), from(PersonSource::Crm, &p)]) };
        ok(ada.try_route(both, &["rules", "default_choice"]).await);
        for (id, rules) in [(&p, "2"), (&q, "1")] {
            let refused = ada.try_delete_partition(id).await;
            let reason = ErrorReason::PartitionIsRoutingTarget;
            let status = assert_refused(refused, Code::FailedPrecondition, reason);
            assert_eq!(metadata(&status, "rules").as_deref(), Some(rules));
        }
        ok(ada.try_route(policy(&[]), &["rules", "default_choice"]).await);
        for id in [&p, &q] {
            ada.try_delete_partition(id).await.unwrap();
            let refused = ada.try_route(policy(&[always(id)]), &["rules"]).await;
            let status = assert_refused(refused, Code::NotFound, ErrorReason::PartitionNotFound);
            assert_eq!(fields(&status), ["policy.rules[0].partition_id"]);
        }
    }

    /// E-01: a field stays while a rule reads it.
    async fn e_01_a_field_that_a_rule_reads_cannot_be_deleted(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let id = ada.field("country", FieldType::Text).await;
        let rule = text("country", RoutingOperator::NotContains, "F", &acme.default_partition);
        ada.route(&[rule.clone(), always(&acme.default_partition), rule]).await;
        let delete = pb::DeleteFieldRequest { field_id: id, ..pb::DeleteFieldRequest::default() };
        let refused = ada.fields().delete_field(delete.clone()).await;
        let status = assert_refused(refused, Code::FailedPrecondition, ErrorReason::FieldInUse);
        assert_eq!(metadata(&status, "used_by").as_deref(), Some("2"));
        ada.route(&[]).await;
        ok(ada.fields().delete_field(delete).await);
    }
}
