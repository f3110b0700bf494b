//! `CheckAccess` and its batch (A-01, A-06, A-08, P-03, W-12).

use precinct::pb::{AccessReason, BindingAccess, ErrorReason};
use serde_json::json;
use tonic::Code;
use uuid::Uuid;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::ok;
use crate::support::check::Asked;
use crate::support::redact;
use crate::support::status::{assert_refused, fields, metadata};

on_both! {
    /// a grant holds in its workspace, a tenant-wide one everywhere, a group's for its members, and they
    /// add up.
    async fn a_01_grants_add_up(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let (here, there) = (admin.workspace("Here", &[]).await, admin.workspace("There", &[]).await);
        let asked = |what, place| Asked("user:ann", what, place, "");
        assert_eq!(admin.check(asked("people.read", &here)).await, AccessReason::NoGrant);
        admin.grant("user:ann", &built_in("Designer"), &here).await;
        assert_eq!(admin.check(asked("assets.write", &here)).await, AccessReason::Granted);
        assert_eq!(admin.check(asked("people.read", &here)).await, AccessReason::NoGrant);
        assert_eq!(admin.check(asked("assets.write", &there)).await, AccessReason::NoGrant);
        assert_eq!(admin.check(asked("assets.write", "")).await, AccessReason::NoGrant);
        // Through a group within a group.
        let inner = admin.group("Inner", &["user:ann"]).await;
        let outer = admin.group("Outer", &[&format!("group:{inner}")]).await;
        admin.grant(&format!("group:{outer}"), &built_in("Viewer"), &here).await;
        assert_eq!(admin.check(asked("people.read", &here)).await, AccessReason::Granted);
        assert_eq!(admin.check(asked("assets.write", &here)).await, AccessReason::Granted);
        // Tenant-wide, in workspaces made later too.
        admin.grant("user:ann", &built_in("Analyst"), "").await;
        let later = admin.workspace("Later", &[]).await;
        assert_eq!(admin.check(asked("people.export", &later)).await, AccessReason::Granted);
        assert_eq!(admin.check(asked("people.export", "")).await, AccessReason::Granted);
        assert_eq!(admin.check(asked("tenant.manage", &here)).await, AccessReason::TenantWideOnly);
    }

    /// P-03, W-12, V-01: what the workspace may not do, no role may.
    async fn p_03_no_role_reaches_past_a_binding(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let (p, q, r) = (
            admin.partition("P").await,
            admin.partition("Q").await,
            admin.partition("R").await,
        );
        let workspace = admin.workspace("W", &[&p]).await;
        let elsewhere = admin.workspace("Elsewhere", &[&q]).await;
        admin.bind(&workspace, &q, BindingAccess::ReadOnly).await;
        let person = admin.person(&elsewhere, "ann@example.com").await.person_id;
        let owner = "user:owner";
        for (resource, what, answer) in [
            (format!("partition:{p}"), "people.write", AccessReason::Granted),
            (format!("partition:{q}"), "people.read", AccessReason::Granted),
            (format!("partition:{q}"), "people.write", AccessReason::PartitionReadOnly),
            (format!("partition:{r}"), "people.read", AccessReason::PartitionNotVisible),
            (format!("person:{person}"), "people.read", AccessReason::Granted),
            (format!("person:{person}"), "people.move", AccessReason::PartitionReadOnly),
        ] {
            let asked = Asked(owner, what, &workspace, &resource);
            assert_eq!(admin.check(asked).await, answer, "{asked:?}");
        }
        let archive = json!({ "workspace_id": workspace });
        admin.make("WorkspaceService/ArchiveWorkspace", &archive).await.ok();
        let asked = |what| Asked(owner, what, &workspace, "");
        assert_eq!(admin.check(asked("people.write")).await, AccessReason::WorkspaceArchived);
        assert_eq!(admin.check(asked("people.read")).await, AccessReason::Granted);
        assert_eq!(admin.check(asked("access.manage")).await, AccessReason::Granted);
    }

    /// about others asks who has the right to, in workspaces that they see; hidden is missing.
    async fn a_08_who_may_ask(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let (here, there) = (admin.workspace("Here", &[]).await, admin.workspace("There", &[]).await);
        admin.grant("user:ann", &built_in("Viewer"), &here).await;
        let gateway = admin.role("Gateway", &["access.check"]).await;
        admin.grant("user:gate", &gateway, &here).await;
        let (ann, gate) = (acme.user("ann"), acme.user("gate"));
        // About oneself.
        let own = |place| Asked("user:ann", "people.read", place, "");
        assert_eq!(ann.check(own(&here)).await, AccessReason::Granted);
        assert_eq!(ann.check(own("")).await, AccessReason::NoGrant);
        // About another.
        let refused = ann.try_check(Asked("user:gate", "people.read", &here, "")).await;
        let refused = assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
        assert_eq!(metadata(&refused, "permission").as_deref(), Some("access.check"));
        assert_eq!(gate.check(own(&here)).await, AccessReason::Granted);
        assert_refused(
            gate.try_check(own("")).await, Code::PermissionDenied, ErrorReason::PermissionRequired,
        );
        // Where one sees nothing, and where there is nothing.
        let nowhere = Uuid::now_v7().to_string();
        for caller in [&ann, &gate] {
            let hidden = caller.try_check(own(&there)).await.unwrap_err();
            let missing = caller.try_check(own(&nowhere)).await.unwrap_err();
            let text = |status, id: &String| redact::refusal(status).replace(id, "<id>");
            assert_eq!(text(&hidden, &there), text(&missing, &nowhere));
            assert_eq!(hidden.code(), Code::NotFound);
        }
        // A partition that the asker does not see, and none.
        let unseen = admin.partition("Unseen").await;
        let narrow = admin.workspace("Narrow", &[&acme.default_partition]).await;
        admin.grant("user:gate", &gateway, &narrow).await;
        for id in [&unseen, &nowhere] {
            let resource = format!("partition:{id}");
            let refused = gate.try_check(Asked("user:ann", "people.read", &narrow, &resource)).await;
            assert_refused(refused, Code::NotFound, ErrorReason::PartitionNotFound);
            let resource = format!("person:{id}");
            let refused = gate.try_check(Asked("user:ann", "people.read", &narrow, &resource)).await;
            assert_refused(refused, Code::NotFound, ErrorReason::PersonNotFound);
        }
    }

    /// A-08, H-05: a batch answers each question, in order, at one revision.
    async fn h_05_a_batch_answers_each_question(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let here = admin.workspace("Here", &[]).await;
        admin.grant("user:ann", &built_in("Viewer"), &here).await;
        let nowhere = Uuid::now_v7().to_string();
        let person = admin.person(&here, "ann@example.com").await.person_id;
        let about_person = format!("person:{person}");
        let results = admin
            .check_all(&[
                Asked("user:ann", "people.read", &here, ""),
                Asked("user:ann", "people.write", &here, ""),
                Asked("user:ann", "people.read", &nowhere, ""),
                Asked("user:ann", "no.such", &here, ""),
                Asked("ann", "people.read", &here, "thing:1"),
                Asked("user:ann", "people.read", &here, &about_person),
                Asked("service:0190f0e0-0000-7000-8000-00000000dead", "people.read", &here, ""),
            ])
            .await;
        let reasons: Vec<_> = results.iter().map(|one| (one.allowed, one.reason())).collect();
        let none = (false, AccessReason::Unspecified);
        let granted = (true, AccessReason::Granted);
        assert_eq!(reasons[..2], [granted, (false, AccessReason::NoGrant)]);
        assert_eq!(reasons[2..5], [none; 3]);
        assert_eq!(reasons[5..], [granted, (false, AccessReason::PrincipalInactive)]);
        let error = |at: usize| results[at].error.clone().unwrap();
        assert_eq!(error(2).reason(), ErrorReason::WorkspaceNotFound);
        let fields = |at| error(at).violations.into_iter().map(|one| one.field).collect::<Vec<_>>();
        assert_eq!(fields(3), ["permission"]);
        assert_eq!(fields(4), ["principal", "resource"]);
    }

    /// H-06: every bad field is named; a resource needs a workspace.
    async fn h_06_a_question_names_its_flaws(app) {
        let acme = app.tenant("acme").await;
        let refused = acme.admin().try_check(Asked("", "", "", "partition:1")).await;
        let refused = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&refused), ["principal", "permission", "resource", "workspace_id"]);
    }

    /// A-08, T-02: a tenant's questions are about that tenant.
    async fn t_02_grants_of_another_tenant_count_for_nothing(app) {
        let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
        let here = acme.admin().workspace("Here", &[]).await;
        acme.admin().grant("user:ann", &built_in("Viewer"), &here).await;
        let ann = globex.user("ann");
        let own = Asked("user:ann", "people.read", "", "");
        assert_eq!(ann.check(own).await, AccessReason::NoGrant);
        let foreign = ann.try_check(Asked("user:ann", "people.read", &here, "")).await;
        assert_refused(foreign, Code::NotFound, ErrorReason::WorkspaceNotFound);
        assert!(ok(ann.try_check(own).await).revision > 0);
    }

    /// checks are answered from memory: none costs a statement while the index is fresh.
    async fn a_05_a_check_takes_no_statement(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let here = admin.workspace("Here", &[]).await;
        // The index was confirmed a moment ago; on a machine that stalls for seconds it is confirmed again.
        let mut taken = u64::MAX;
        for _ in 0..20 {
            let asked = Asked("user:ann", "people.read", &here, "");
            taken = taken.min(app.statements(async || admin.check(asked).await).await);
        }
        assert_eq!(taken, 0);
    }
}
