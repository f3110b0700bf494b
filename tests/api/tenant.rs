//! Tenants (T).

use precinct::pb;
use precinct::pb::{ErrorReason, TenantState};
use tonic::{Code, Response, Status};

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, new_workspace, ok};
use crate::support::segmentations::segment;
use crate::support::status::{assert_refused, fields, metadata};
use crate::support::{App, Tenant};

fn get(id: &str) -> pb::GetTenantRequest {
    pb::GetTenantRequest { tenant_id: id.into() }
}

async fn set(
    actor: &Actor,
    tenant: &str,
    settings: pb::TenantSettings,
    paths: &[&str],
) -> Result<Response<pb::UpdateTenantResponse>, Status> {
    let tenant =
        pb::Tenant { tenant_id: tenant.into(), settings: Some(settings), ..pb::Tenant::default() };
    let request = pb::UpdateTenantRequest {
        tenant: Some(tenant),
        update_mask: Some(prost_types::FieldMask {
            paths: paths.iter().map(ToString::to_string).collect(),
        }),
        ..pb::UpdateTenantRequest::default()
    };
    actor.tenants().update_tenant(request).await
}

async fn suspend(app: &App, tenant: &Tenant) -> pb::SuspendTenantResponse {
    let request = pb::SuspendTenantRequest { tenant_id: tenant.id.clone(), ..Default::default() };
    ok(app.operator().tenants().suspend_tenant(request).await)
}

async fn delete(
    app: &App,
    tenant: &Tenant,
    name: &str,
) -> Result<Response<pb::DeleteTenantResponse>, Status> {
    let request = pb::DeleteTenantRequest {
        tenant_id: tenant.id.clone(),
        confirm_display_name: name.into(),
        ..pb::DeleteTenantRequest::default()
    };
    app.operator().tenants().delete_tenant(request).await
}

/// The names of all tenants, by pages of two.
async fn names(app: &App, order_by: &str, show_deleted: bool) -> Vec<String> {
    let mut names = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListTenantsRequest {
            page_size: 2,
            page_token,
            order_by: order_by.into(),
            show_deleted,
        };
        let page = ok(app.operator().tenants().list_tenants(request).await);
        names.extend(page.tenants.into_iter().map(|tenant| tenant.display_name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return names;
        }
    }
}

fn pair(from: &str, to: &str) -> pb::RegionPair {
    pb::RegionPair { from: from.into(), to: to.into() }
}

on_both! {
    /// T-01: a tenant comes with its Default workspace and partition, in one revision.
    async fn t_01_a_tenant_comes_with_its_defaults(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let request = pb::GetWorkspaceRequest { workspace_id: acme.default_workspace.clone() };
        let workspace = ok(ada.workspaces().get_workspace(request).await).workspace.unwrap();
        assert!(workspace.is_default && workspace.all_partitions);
        assert_eq!(workspace.primary_partition_id, acme.default_partition);
        assert_eq!((workspace.display_name.as_str(), ada.revision().await), ("Default", 1));
        let own = ok(ada.tenants().get_tenant(get("")).await).tenant.unwrap();
        assert_eq!((&own.tenant_id, own.state), (&acme.id, TenantState::Active.into()));
        let settings = own.settings.unwrap();
        assert_eq!(settings.share_depth_limit.len(), 3);
        assert_eq!((settings.segmentation_limit, settings.segments_per_segmentation), (20, 100));
        let quotas = ok(ada.tenants().list_quotas(pb::ListQuotasRequest::default()).await).quotas;
        let used: Vec<_> = quotas.iter().map(|one| (one.name.as_str(), one.used)).collect();
        let there: Vec<_> = used.iter().filter(|(_, used)| *used > 0).collect();
        assert_eq!(there, [&("grants", 1), &("partitions", 1), &("workspaces", 1)]);
        // The owner is tenant admin.
        let grants = ada.grants("").await;
        let held: Vec<_> =
            grants.iter().map(|one| (&*one.principal, &one.role_id, &*one.workspace_id)).collect();
        assert_eq!(held, [("user:owner", &built_in("Tenant admin"), "")]);
    }

    /// H-03: CreateTenant repeated with its request_id makes no second tenant.
    async fn h_03_a_tenant_is_made_once(app) {
        let create = |name: &str, id: &str| pb::CreateTenantRequest {
            tenant: Some(pb::Tenant { display_name: name.into(), ..Default::default() }),
            owner: "user:owner".into(),
            request_id: id.into(),
            validate_only: false,
        };
        let id = uuid::Uuid::now_v7().to_string();
        let mut operators = [app.operator().tenants(), app.operator().tenants()];
        let [one, two] = &mut operators;
        let (one, two) =
            tokio::join!(one.create_tenant(create("acme", &id)), two.create_tenant(create("acme", &id)));
        assert_eq!(ok(one), ok(two));
        assert_eq!(names(app, "", false).await, ["acme"]);
        let result = app.operator().tenants().create_tenant(create("globex", &id)).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::RequestIdReused);
        let dry = pb::CreateTenantRequest { validate_only: true, ..create("initech", "") };
        ok(app.operator().tenants().create_tenant(dry).await);
        assert_eq!(names(app, "", false).await, ["acme"]);
    }

    /// T-02: members see their own tenant only; another is as one that never was. Lists are the operators'.
    async fn t_02_members_see_their_own_tenant(app) {
        let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
        let ada = acme.admin();
        assert!(ada.tenants().get_tenant(get(&acme.id)).await.is_ok());
        let random = uuid::Uuid::now_v7().to_string();
        for id in [&globex.id, &random] {
            let result = ada.tenants().get_tenant(get(id)).await;
            let status = assert_refused(result, Code::NotFound, ErrorReason::TenantNotFound);
            assert_eq!(status.message(), "tenant not found");
            let result = ada.tenants().list_quotas(pb::ListQuotasRequest { tenant_id: id.clone() }).await;
            assert_refused(result, Code::NotFound, ErrorReason::TenantNotFound);
        }
        let result = set(&ada, &globex.id, pb::TenantSettings::default(), &["settings"]).await;
        assert_refused(result, Code::NotFound, ErrorReason::TenantNotFound);
        let denied = ErrorReason::PermissionRequired;
        let result = ada.tenants().list_tenants(pb::ListTenantsRequest::default()).await;
        assert_refused(result, Code::PermissionDenied, denied);
        let result = ada.try_create_tenant("mine", None).await;
        assert_refused(result, Code::PermissionDenied, denied);
        let result = app.operator().tenants().get_tenant(get(&random)).await;
        assert_refused(result, Code::NotFound, ErrorReason::TenantNotFound);
        let result = app.operator().tenants().get_tenant(get("")).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
    }

    /// H-04: operators list tenants by pages, in every order.
    async fn h_04_tenants_are_listed_by_pages(app) {
        for name in ["Zürich", "acme", "Globex"] {
            app.tenant(name).await;
        }
        let gone = app.tenant("gone").await;
        ok(delete(app, &gone, "gone").await);
        assert_eq!(names(app, "", false).await, ["Globex", "Zürich", "acme"]);
        assert_eq!(names(app, "display_name desc", false).await, ["acme", "Zürich", "Globex"]);
        assert_eq!(names(app, "create_time", true).await, ["Zürich", "acme", "Globex", "gone"]);
    }

    /// T-04: a suspended tenant reads and does not write; a deleted one is not there, and comes back.
    async fn t_04_suspended_and_deleted_tenants(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let suspended = suspend(app, &acme).await;
        assert_eq!(suspend(app, &acme).await.revision, suspended.revision);
        let suspended = TenantState::Suspended;
        let read = ok(ada.tenants().get_tenant(get("")).await).tenant.unwrap();
        assert_eq!(read.state, i32::from(suspended));
        let request = new_workspace("W", &[]);
        let result = ada.workspaces().create_workspace(request.clone()).await;
        assert_refused(result, Code::FailedPrecondition, ErrorReason::TenantSuspended);
        let resume = pb::ResumeTenantRequest { tenant_id: acme.id.clone(), ..Default::default() };
        ok(app.operator().tenants().resume_tenant(resume).await);
        ok(ada.workspaces().create_workspace(request).await);

        let result = delete(app, &acme, "ACME").await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::ConfirmationMismatch);
        let deleted = ok(delete(app, &acme, "acme").await).tenant.unwrap();
        assert!(deleted.purge_time.unwrap().seconds > deleted.delete_time.unwrap().seconds);
        let result = ada.tenants().get_tenant(get("")).await;
        assert_refused(result, Code::NotFound, ErrorReason::TenantNotFound);
        let result = delete(app, &acme, "acme").await;
        assert_refused(result, Code::NotFound, ErrorReason::TenantNotFound);
        let undelete = pb::UndeleteTenantRequest { tenant_id: acme.id.clone(), ..Default::default() };
        ok(app.operator().tenants().undelete_tenant(undelete.clone()).await);
        assert!(ada.tenants().get_tenant(get("")).await.is_ok());
        let result = app.operator().tenants().undelete_tenant(undelete).await;
        assert_refused(result, Code::FailedPrecondition, ErrorReason::NotDeleted);
    }

    /// T-03: single settings change by the mask; every violated one is named.
    async fn t_03_settings_change_one_by_one(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let settings = pb::TenantSettings {
            segmentation_limit: 7,
            workspace_name_pattern: "Brand - Region".into(),
            share_depth_limit: [("database".to_owned(), 3)].into(),
            ..pb::TenantSettings::default()
        };
        let changed =
            ok(set(&ada, &acme.id, settings.clone(), &["settings.segmentation_limit"]).await);
        let stored = changed.tenant.unwrap().settings.unwrap();
        assert_eq!((stored.segmentation_limit, stored.workspace_name_pattern.as_str()), (7, ""));
        let whole = ok(set(&ada, &acme.id, settings.clone(), &["settings"]).await);
        let stored = whole.tenant.unwrap().settings.unwrap();
        assert_eq!((stored.share_depth_limit["database"], stored.share_depth_limit["design_studio"]), (3, 1));
        let again = ok(set(&ada, &acme.id, settings, &["settings"]).await);
        assert_eq!(again.revision, whole.revision);
        let wrong = pb::TenantSettings {
            duplicate_policy: 9,
            segmentation_limit: -1,
            share_depth_limit: [("attic".to_owned(), 1), ("database".to_owned(), 33)].into(),
            allowed_regions: vec!["eu".into(), "eu".into()],
            allowed_region_pairs: vec![pair("eu", "eu")],
            ..pb::TenantSettings::default()
        };
        let result = set(&ada, &acme.id, wrong, &["settings"]).await;
        let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), [
            "tenant.settings.duplicate_policy",
            "tenant.settings.share_depth_limit.attic",
            "tenant.settings.share_depth_limit.database",
            "tenant.settings.segmentation_limit",
            "tenant.settings.allowed_regions[1]",
            "tenant.settings.allowed_region_pairs[0]",
        ]);
        let result = set(&ada, &acme.id, pb::TenantSettings::default(), &["settings.colour"]).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        let result = set(&ada, &acme.id, pb::TenantSettings::default(), &["state"]).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::ImmutableField);
    }

    /// T-03, K-01: regions that are in use cannot be taken away, nor pairs that bindings need.
    async fn t_03_regions_in_use_stay(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let regions = |pairs: Vec<pb::RegionPair>, allowed: &[&str]| pb::TenantSettings {
            allowed_regions: allowed.iter().map(ToString::to_string).collect(),
            allowed_region_pairs: pairs,
            ..pb::TenantSettings::default()
        };
        let paths = ["settings.allowed_regions", "settings.allowed_region_pairs"];
        let both = regions(vec![pair("uk", "eu")], &["eu", "uk"]);
        ok(set(&ada, &acme.id, both, &paths).await);
        let p1 = ada.regional_partition("P1", "uk").await;
        let mut request = new_workspace("EU", &[&p1]);
        request.workspace.as_mut().unwrap().region = "eu".into();
        ok(ada.workspaces().create_workspace(request.clone()).await);
        request.workspace.as_mut().unwrap().region = "us".into();
        let result = ada.workspaces().create_workspace(request).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        let reason = ErrorReason::SettingConflictsWithData;
        for (settings, setting) in [
            (regions(vec![], &["eu"]), "settings.allowed_regions"),
            (regions(vec![pair("eu", "uk")], &["eu", "uk"]), "settings.allowed_region_pairs"),
        ] {
            let result = set(&ada, &acme.id, settings, &paths).await;
            let status = assert_refused(result, Code::FailedPrecondition, reason);
            assert_eq!(metadata(&status, "setting").as_deref(), Some(setting));
            assert_eq!(metadata(&status, "conflicts").as_deref(), Some("1"));
        }
        let outside = regions(vec![pair("us", "eu")], &["eu", "uk"]);
        let result = set(&ada, &acme.id, outside, &paths).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
    }

    /// T-03, G-01: segments that are there, in a draft or live, hold their limit; the number of segmentations is told.
    async fn t_03_segments_in_use_hold_their_limit(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), acme.default_workspace.as_str());
        let some = |count: usize| -> Vec<pb::Segment> {
            (0..count).map(|n| segment(&format!("S{n}"), "email contains \"x\"")).collect()
        };
        let live = ada.segmentation(w, "Live", &some(3)).await.approved(app).await;
        live.edit(&some(1)).await;
        ada.segmentation(w, "Draft", &some(2)).await;
        let limit = |count| pb::TenantSettings {
            segments_per_segmentation: count,
            ..pb::TenantSettings::default()
        };
        let path = ["settings.segments_per_segmentation"];
        for (count, conflicts) in [(1, "2"), (2, "1")] {
            let result = set(&ada, "", limit(count), &path).await;
            let reason = ErrorReason::SettingConflictsWithData;
            let status = assert_refused(result, Code::FailedPrecondition, reason);
            assert_eq!(metadata(&status, "setting").as_deref(), Some(path[0]));
            assert_eq!(metadata(&status, "conflicts").as_deref(), Some(conflicts));
        }
        ok(set(&ada, "", limit(3), &path).await);
    }

    /// D-09: consent moves with its scope: what held in one partition holds in all once the scope is the
    /// tenant, and in each once it is the partition.
    async fn d_09_consent_follows_its_scope(app) {
        let settings = pb::TenantSettings {
            duplicate_policy: pb::DuplicatePolicy::Allow.into(),
            consent_scope: pb::ConsentScope::Partition.into(),
            ..pb::TenantSettings::default()
        };
        let made = app.operator().try_create_tenant("acme", Some(settings)).await;
        let tenant = ok(made).tenant.unwrap().tenant_id;
        let ada = Actor::member(app.server.clone(), &tenant, "user:owner");
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        let first = ada.person(&w, "a@example.com").await;
        let twin = ok(ada.try_person(&w, &p2, "a@example.com").await).person.unwrap();
        let unsubscribe = pb::UpdatePersonRequest {
            workspace_id: w.clone(),
            person: Some(pb::Person {
                person_id: first.person_id,
                unsubscribed: Some(true),
                ..pb::Person::default()
            }),
            ..pb::UpdatePersonRequest::default()
        };
        ok(ada.people().update_person(unsubscribe).await);
        let out = async |id: &str| {
            ada.try_get_person(&w, id).await.unwrap().unsubscribed.unwrap_or_default()
        };
        assert!(!out(&twin.person_id).await);
        let scope = |scope: pb::ConsentScope| pb::TenantSettings {
            consent_scope: scope.into(),
            ..pb::TenantSettings::default()
        };
        let path = ["settings.consent_scope"];
        ok(set(&ada, "", scope(pb::ConsentScope::Tenant), &path).await);
        assert!(out(&twin.person_id).await);
        let p3 = ada.partition("P3").await;
        let all = ada.workspace("All", &[]).await;
        let third = ok(ada.try_person(&all, &p3, "a@example.com").await).person.unwrap();
        assert_eq!(third.unsubscribed, Some(true));
        ok(set(&ada, "", scope(pb::ConsentScope::Partition), &path).await);
        let request = pb::DeletePersonRequest {
            workspace_id: all.clone(),
            person_id: third.person_id,
            ..pb::DeletePersonRequest::default()
        };
        ok(ada.people().delete_person(request).await);
        let again = ok(ada.try_person(&all, &p3, "a@example.com").await).person.unwrap();
        assert_eq!(again.unsubscribed, Some(true));
        let p4 = ada.partition("P4").await;
        let fresh = ok(ada.try_person(&all, &p4, "a@example.com").await).person.unwrap();
        assert_eq!(fresh.unsubscribed, Some(false));
    }
}
