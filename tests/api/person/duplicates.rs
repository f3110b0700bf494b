//! One email in several partitions: the policy, and who learns what of it.

use precinct::pb;
use tonic::Code;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::status::{assert_refused, metadata};
use crate::support::{App, Tenant, allowing_duplicates};

async fn set_policy(
    app: &App,
    tenant: &Tenant,
    policy: pb::DuplicatePolicy,
) -> Result<(), tonic::Status> {
    let settings =
        pb::TenantSettings { duplicate_policy: policy.into(), ..pb::TenantSettings::default() };
    let request = pb::UpdateTenantRequest {
        tenant: Some(pb::Tenant {
            tenant_id: tenant.id.clone(),
            settings: Some(settings),
            ..pb::Tenant::default()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["settings.duplicate_policy".into()],
        }),
        ..pb::UpdateTenantRequest::default()
    };
    app.operator().tenants().update_tenant(request).await.map(drop)
}

async fn groups(actor: &Actor, workspace: &str) -> Vec<pb::DuplicateGroup> {
    let request = pb::FindDuplicatesRequest {
        workspace_id: workspace.into(),
        ..pb::FindDuplicatesRequest::default()
    };
    ok(actor.people().find_duplicates(request).await).groups
}

on_both! {
    /// D-02, D-03: under REJECT the email of another partition is refused, and the other person is named
    /// only to a workspace that sees that partition.
    async fn d_03_the_refusal_names_only_whom_the_workspace_sees(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let (w1, both) =
            (ada.workspace("W1", &[&p1]).await, ada.workspace("Both", &[&p1, &p2]).await);
        let other = ok(ada.try_person(&both, &p2, "a@example.com").await).person.unwrap();
        let reason = pb::ErrorReason::DuplicateInOtherPartition;
        let result = ada.try_person(&w1, "", "a@example.com").await;
        let blind = assert_refused(result, Code::AlreadyExists, reason);
        assert_eq!(metadata(&blind, "person_id"), None);
        assert!(!format!("{blind:?}").contains(&p2), "the other partition shows");
        let result = ada.try_person(&both, "", "a@example.com").await;
        let seeing = assert_refused(result, Code::AlreadyExists, reason);
        assert_eq!(metadata(&seeing, "person_id"), Some(other.person_id));
        assert_eq!(metadata(&seeing, "partition_id"), Some(p2));
    }

    /// D-02: under ALLOW each partition is a database of its own.
    async fn d_02_allow_takes_an_email_in_each_partition(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        set_policy(app, &acme, pb::DuplicatePolicy::Allow).await.unwrap();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        ok(ada.try_person(&w, &p1, "a@example.com").await);
        ok(ada.try_person(&w, &p2, "a@example.com").await);
        let result = ada.try_person(&w, &p2, "a@example.com").await;
        assert_refused(result, Code::AlreadyExists, pb::ErrorReason::DuplicateInPartition);
        assert_eq!(ada.count(&w).await, 2);
    }

    /// D-05: groups of one key, those whom the caller does not see as a bare count.
    async fn d_05_duplicates_are_listed_and_the_unseen_counted(app) {
        let made = ok(app.operator().try_create_tenant("acme", Some(allowing_duplicates())).await);
        let tenant = made.tenant.unwrap().tenant_id;
        let ada = Actor::member(app.server.clone(), &tenant, "user:owner");
        let (p1, p2, p3) =
            (ada.partition("P1").await, ada.partition("P2").await, ada.partition("P3").await);
        let all = ada.workspace("All", &[]).await;
        let w = ada.workspace("W", &[&p1, &p2]).await;
        for (partition, email) in [
            (&p1, "a@example.com"), (&p2, "a@example.com"), (&p3, "A@example.com"),
            (&p1, "b@example.com"), (&p3, "b@example.com"), (&p3, "c@example.com"),
        ] {
            ok(ada.try_person(&all, partition, email).await);
        }
        let shape = |groups: Vec<pb::DuplicateGroup>| -> Vec<(usize, i64)> {
            groups.iter().map(|group| (group.people.len(), group.hidden_count)).collect()
        };
        assert_eq!(shape(groups(&ada, &w).await), [(2, 1), (1, 1)]);
        assert_eq!(shape(groups(&ada, &all).await), [(3, 0), (2, 0)]);
    }

    /// D-06, P-08: tenant-wide, duplicates and counts reach every partition, also one that no workspace sees; whoever
    /// holds the right in a workspace alone does not.
    async fn d_06_tenant_wide_every_partition_is_reached(app) {
        let made = ok(app.operator().try_create_tenant("acme", Some(allowing_duplicates())).await);
        let tenant = made.tenant.unwrap().tenant_id;
        let ada = Actor::member(app.server.clone(), &tenant, "user:owner");
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let all = ada.workspace("All", &[]).await;
        let w = ada.workspace("W", &[&p1]).await;
        for partition in [&p1, &p2] {
            ok(ada.try_person(&all, partition, "a@example.com").await);
        }
        let delete = pb::DeleteWorkspaceRequest { workspace_id: all, ..pb::DeleteWorkspaceRequest::default() };
        ok(ada.workspaces().delete_workspace(delete).await);
        let shape: Vec<_> =
            groups(&ada, "").await.iter().map(|one| (one.people.len(), one.hidden_count)).collect();
        assert_eq!((shape, groups(&ada, &w).await[0].hidden_count), (vec![(2, 0)], 1));
        assert_eq!((ada.count("").await, ada.count(&w).await, ada.count_in("", &p2).await), (2, 1, 1));
        ada.grant("user:wes", &built_in("Workspace admin"), &w).await;
        let wes = Actor::member(app.server.clone(), &tenant, "user:wes");
        let denied = wes.people().count_people(pb::CountPeopleRequest::default()).await;
        assert_refused(denied, Code::PermissionDenied, pb::ErrorReason::PermissionRequired);
        let denied = wes.people().find_duplicates(pb::FindDuplicatesRequest::default()).await;
        assert_refused(denied, Code::PermissionDenied, pb::ErrorReason::PermissionRequired);
    }

    /// D-07: ALLOW becomes REJECT only once no duplicate stands; the number is told.
    async fn d_07_the_policy_switches_only_without_duplicates(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        set_policy(app, &acme, pb::DuplicatePolicy::Allow).await.unwrap();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        ok(ada.try_person(&w, &p1, "a@example.com").await);
        let twin = ok(ada.try_person(&w, &p2, "a@example.com").await).person.unwrap();
        let result = set_policy(app, &acme, pb::DuplicatePolicy::Reject).await;
        let status = assert_refused(
            result,
            Code::FailedPrecondition,
            pb::ErrorReason::SettingConflictsWithData,
        );
        assert_eq!(metadata(&status, "conflicts").as_deref(), Some("1"));
        let delete = pb::DeletePersonRequest {
            workspace_id: w.clone(),
            person_id: twin.person_id,
            ..pb::DeletePersonRequest::default()
        };
        ok(ada.people().delete_person(delete).await);
        set_policy(app, &acme, pb::DuplicatePolicy::Reject).await.unwrap();
        let result = ada.try_person(&w, &p2, "a@example.com").await;
        assert_refused(result, Code::AlreadyExists, pb::ErrorReason::DuplicateInOtherPartition);
    }
}
