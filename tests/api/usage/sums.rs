//! The numbers of a tenant, and who may see them.

use precinct::pb;
use precinct::pb::{AssetType, ErrorReason, UsageMetric};
use serde_json::json;
use tonic::Code;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::ok;
use crate::support::segmentations::segment;
use crate::support::status::{assert_refused, fields};
use crate::support::usage::{Told, assert_adds_up, lately, today, told, value};

fn numbers(told: &[(&str, i64)]) -> Told {
    told.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

on_both! {
    /// K-05: people are of the workspace that alone is bound to their partition, else shared; assets are of theirs;
    /// workspaces and the shared remainder are the total.
    async fn k_05_workspaces_and_the_shared_remainder_are_the_total(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let (p1, p2, free) =
            (ada.partition("P1").await, ada.partition("P2").await, ada.partition("Free").await);
        let a = ada.workspace("A", &[&p1]).await;
        ada.workspace("B", &[&p1, &p2]).await;
        ada.fill(all, &p1, 0..4).await;
        ada.fill(all, &p2, 4..7).await;
        ada.fill(all, &free, 7..9).await;
        ada.person(all, "eve@example.com").await;
        ada.asset(&a, AssetType::Email, "Hello").await;
        ada.asset(&a, AssetType::Program, "Spring").await;
        let usage = ada.usage("").await;
        // P1 has two workspaces; only Default sees what nobody is bound to.
        let people = numbers(&[("*", 4), ("B", 3), ("Default", 3)]);
        assert_eq!(told(&usage, UsageMetric::People), people);
        assert_eq!(told(&usage, UsageMetric::ActivePeople), people);
        assert_eq!(told(&usage, UsageMetric::Assets), numbers(&[("A", 2)]));
        let storage = told(&usage, UsageMetric::StorageBytes);
        assert_eq!((storage["*"], storage["B"]), (4 * 1_024, 3 * 1_024));
        let total = &usage.periods.last().unwrap().total;
        assert_eq!(value(total, UsageMetric::People), ada.count(all).await);
        assert_eq!(usage.periods.len(), 30);
        assert_eq!(usage.periods[29].start, today().to_string());
        assert_eq!(usage.insights, []);
    }

    /// K-09: through a workspace it is told what that sees, as if there were no other.
    async fn k_09_a_workspace_is_told_of_what_it_sees(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let a = ada.workspace("A", &[&p1]).await;
        ada.fill(all, &p1, 0..4).await;
        ada.fill(all, &p2, 4..7).await;
        ada.grant("user:bob", &built_in("Analyst"), &a).await;
        let bob = acme.user("bob");
        let before = bob.usage(&a).await;
        let period = before.periods.last().unwrap();
        assert_eq!((period.shared.len(), period.total.len(), period.workspaces.len()), (0, 0, 1));
        assert_eq!(period.workspaces[0].workspace_id, a);
        let people = |usage: &pb::GetUsageResponse| {
            let values = &usage.periods.last().unwrap().workspaces[0].values;
            [UsageMetric::People, UsageMetric::ActivePeople, UsageMetric::StorageBytes]
                .map(|metric| value(values, metric))
        };
        assert_eq!(people(&before), [4, 4, 4 * 1_024]);
        // Others who see the same change nothing.
        ada.workspace("B", &[&p1]).await;
        assert_eq!(people(&bob.usage(&a).await), people(&before));
    }

    /// K-05: an analyst sees what its workspace uses; the tenant's takes a tenant-wide right; others see no workspace.
    async fn k_05_usage_takes_the_right(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (a, b) = (ada.workspace("A", &[&acme.default_partition]).await, ada.workspace("B", &[&acme.default_partition]).await);
        ada.grant("user:bob", &built_in("Analyst"), &a).await;
        ada.grant("user:cay", &built_in("Viewer"), &a).await;
        ada.grant("user:dan", &built_in("Analyst"), "").await;
        let (bob, cay, dan) = (acme.user("bob"), acme.user("cay"), acme.user("dan"));
        ok(bob.try_usage(lately(&a)).await);
        ok(dan.try_usage(lately("")).await);
        let denied = ErrorReason::PermissionRequired;
        assert_refused(bob.try_usage(lately("")).await, Code::PermissionDenied, denied);
        assert_refused(cay.try_usage(lately(&a)).await, Code::PermissionDenied, denied);
        let hidden = bob.try_usage(lately(&b)).await;
        assert_refused(hidden, Code::NotFound, ErrorReason::WorkspaceNotFound);
    }

    /// H-06: every violated field is named.
    async fn k_05_days_are_checked(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let asked = |from: &str, to: &str| pb::GetUsageRequest {
            from: from.into(),
            to: to.into(),
            ..pb::GetUsageRequest::default()
        };
        let all = pb::GetUsageRequest {
            granularity: 7,
            metrics: vec![1, 1, 99, 0],
            workspace_id: "x".into(),
            ..asked("yesterday", "2026-02-30")
        };
        let refused = assert_refused(ada.try_usage(all).await, Code::InvalidArgument, ErrorReason::InvalidField);
        let named = ["to", "from", "granularity", "metrics[1]", "metrics[2]", "metrics[3]", "workspace_id"];
        assert_eq!(fields(&refused), named);
        let tomorrow = today().plus(1).to_string();
        for (from, to, field) in [
            ("2024-02-02", "2024-02-01", "from"),
            ("2023-01-01", "2024-02-05", "from"),
            ("2024-01-01", tomorrow.as_str(), "to"),
        ] {
            let refused = ada.try_usage(asked(from, to)).await;
            let refused = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
            assert!(fields(&refused).contains(&field.to_owned()), "{from} {to}");
        }
        let most = ok(ada.try_usage(asked("2023-01-01", "2024-02-04")).await);
        assert_eq!(most.periods.len(), 400);
        let months = pb::GetUsageRequest { granularity: pb::UsageGranularity::Month.into(), ..asked("2023-01-31", "2023-03-01") };
        let starts: Vec<String> =
            ok(ada.try_usage(months).await).periods.into_iter().map(|one| one.start).collect();
        assert_eq!(starts, ["2023-01-01", "2023-02-01", "2023-03-01"]);
    }

    /// K-05: each person who is put to the segments of a segmentation counts, by computing it and by a change of hers.
    async fn k_05_segment_evaluations_are_the_owners(app) {
        let acme = app.tenant("acme").await;
        let (ada, p) = (acme.admin(), acme.default_partition.clone());
        let a = ada.workspace("A", &[&p]).await;
        ada.fill(&a, &p, 0..5).await;
        let one = ada.segmentation(&a, "S", &[segment("Anns", r#"first_name = "Ann""#)]).await;
        app.approve_segmentation(&ada, &a, &one.id).await;
        app.store.flush_counts().await.unwrap();
        let evaluations = async || {
            let usage = ada.usage("").await;
            told(&usage, UsageMetric::SegmentEvaluations)
        };
        assert_eq!(evaluations().await, numbers(&[("A", 5)]));
        ada.person(&a, "eve@example.com").await;
        app.store.flush_counts().await.unwrap();
        assert_eq!(evaluations().await, numbers(&[("A", 6)]));
        // Whom the owner does not see, it does not evaluate.
        let b = ada.workspace("B", &[&ada.partition("Elsewhere").await]).await;
        ada.person(&b, "far@example.com").await;
        app.store.flush_counts().await.unwrap();
        assert_eq!(evaluations().await, numbers(&[("A", 6)]));
    }

    /// K-05: what a workspace used stays when it is deleted.
    async fn k_05_a_deleted_workspace_keeps_its_numbers(app) {
        let acme = app.tenant("acme").await;
        let (ada, p) = (acme.admin(), acme.default_partition.clone());
        let a = ada.workspace("A", &[&p]).await;
        for _ in 0..3 {
            ada.count(&a).await;
        }
        app.store.flush_counts().await.unwrap();
        let calls = told(&ada.usage("").await, UsageMetric::ApiCalls)["A"];
        assert!(calls >= 3, "{calls}");
        ada.make("WorkspaceService/DeleteWorkspace", &json!({ "workspace_id": a })).await.ok();
        let usage = ada.usage("").await;
        assert_adds_up(&usage);
        let line = usage.periods.last().unwrap().workspaces.iter().find(|one| one.workspace_id == a);
        let line = line.expect("it is still told of");
        assert!(line.deleted);
        assert_eq!(value(&line.values, UsageMetric::ApiCalls), calls);
        let gone = ada.try_usage(lately(&a)).await;
        assert_refused(gone, Code::NotFound, ErrorReason::WorkspaceNotFound);
    }
}
