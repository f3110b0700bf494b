//! D-09: an unsubscription outlives the person, and holds where the tenant says.

use precinct::pb;
use tonic::Code;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::assert_refused;

async fn set(ada: &Actor, w: &str, id: &str, unsubscribed: bool) -> Result<(), tonic::Status> {
    let request = pb::UpdatePersonRequest {
        workspace_id: w.into(),
        person: Some(pb::Person {
            person_id: id.into(),
            unsubscribed: Some(unsubscribed),
            ..pb::Person::default()
        }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["unsubscribed".into()] }),
        ..pb::UpdatePersonRequest::default()
    };
    ada.people().update_person(request).await.map(drop)
}

async fn delete(ada: &Actor, w: &str, id: &str) {
    let request = pb::DeletePersonRequest {
        workspace_id: w.into(),
        person_id: id.into(),
        ..pb::DeletePersonRequest::default()
    };
    ok(ada.people().delete_person(request).await);
}

async fn tenant(actor: Actor, scope: pb::ConsentScope) -> String {
    let settings = pb::TenantSettings {
        consent_scope: scope.into(),
        duplicate_policy: pb::DuplicatePolicy::Allow.into(),
        ..pb::TenantSettings::default()
    };
    let made = ok(actor.try_create_tenant("acme", Some(settings)).await);
    made.tenant.unwrap().tenant_id
}

on_both! {
    /// D-09: it survives delete and re-import; false in a create or sync re-subscribes nobody, an update
    /// that names it does.
    async fn d_09_it_survives_delete_and_re_import(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), acme.default_workspace.clone());
        let first = ada.person(&w, "a@example.com").await;
        set(&ada, &w, &first.person_id, true).await.unwrap();
        delete(&ada, &w, &first.person_id).await;
        let request = pb::SyncPeopleRequest {
            workspace_id: w.clone(),
            mode: pb::PersonWriteMode::CreateOrUpdate.into(),
            people: vec![pb::Person {
                email: "A@example.com".into(),
                unsubscribed: Some(false),
                ..pb::Person::default()
            }],
            ..pb::SyncPeopleRequest::default()
        };
        let again = ok(ada.people().sync_people(request).await).results.remove(0).person_id;
        assert_ne!(again, first.person_id, "D-10: a re-import makes a new id");
        let read = ada.try_get_person(&w, &again).await.unwrap();
        assert_eq!(read.unsubscribed, Some(true));
        set(&ada, &w, &again, false).await.unwrap();
        let read = ada.try_get_person(&w, &again).await.unwrap();
        assert_eq!(read.unsubscribed, Some(false));
    }

    /// D-09: with the scope TENANT it holds in every partition, those that get the person later too.
    async fn d_09_of_the_whole_tenant(app) {
        let id = tenant(app.operator(), pb::ConsentScope::Tenant).await;
        let ada = Actor::member(app.server.clone(), &id, "user:owner");
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let (w1, w2) = (ada.workspace("W1", &[&p1]).await, ada.workspace("W2", &[&p2]).await);
        let (one, two) =
            (ada.person(&w1, "a@example.com").await, ada.person(&w2, "a@example.com").await);
        set(&ada, &w1, &one.person_id, true).await.unwrap();
        let twin = ada.try_get_person(&w2, &two.person_id).await.unwrap();
        assert_eq!(twin.unsubscribed, Some(true));
        set(&ada, &w2, &two.person_id, false).await.unwrap();
        let twin = ada.try_get_person(&w1, &one.person_id).await.unwrap();
        assert_eq!(twin.unsubscribed, Some(false));
    }

    /// D-09: with the scope PARTITION it holds in its own, and moves along.
    async fn d_09_of_a_partition(app) {
        let id = tenant(app.operator(), pb::ConsentScope::Partition).await;
        let ada = Actor::member(app.server.clone(), &id, "user:owner");
        let (p1, p2, p3) =
            (ada.partition("P1").await, ada.partition("P2").await, ada.partition("P3").await);
        let all = ada.workspace("all", &[]).await;
        let one = ok(ada.try_person(&all, &p1, "a@example.com").await).person.unwrap();
        let two = ok(ada.try_person(&all, &p2, "a@example.com").await).person.unwrap();
        set(&ada, &all, &one.person_id, true).await.unwrap();
        let twin = ada.try_get_person(&all, &two.person_id).await.unwrap();
        assert_eq!(twin.unsubscribed, Some(false));
        let request = pb::MovePeopleRequest {
            workspace_id: all.clone(),
            person_ids: vec![one.person_id.clone()],
            target_partition_id: p3.clone(),
            ..pb::MovePeopleRequest::default()
        };
        ok(ada.people().move_people(request).await);
        delete(&ada, &all, &one.person_id).await;
        let again = ok(ada.try_person(&all, &p3, "a@example.com").await).person.unwrap();
        assert_eq!(again.unsubscribed, Some(true), "carried along by the move");
    }

    /// D-09: a changed email takes the new address's state.
    async fn d_09_a_changed_email_takes_the_new_addresss_state(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), acme.default_workspace.clone());
        let gone = ada.person(&w, "gone@example.com").await;
        set(&ada, &w, &gone.person_id, true).await.unwrap();
        delete(&ada, &w, &gone.person_id).await;
        let person = ada.person(&w, "a@example.com").await;
        let mut change = pb::Person { person_id: person.person_id.clone(), ..pb::Person::default() };
        for (email, unsubscribed) in [("gone@example.com", true), ("new@example.com", false)] {
            change.email = email.into();
            let request = pb::UpdatePersonRequest {
                workspace_id: w.clone(),
                person: Some(change.clone()),
                ..pb::UpdatePersonRequest::default()
            };
            let changed = ok(ada.people().update_person(request).await).person.unwrap();
            assert_eq!(changed.unsubscribed, Some(unsubscribed), "{email}");
        }
    }

    /// D-09: setting it passes a read-only binding and an archived workspace, not a suspended tenant.
    async fn d_09_it_passes_a_read_only_binding_and_an_archive(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let all = ada.workspace("all", &[]).await;
        let person = ok(ada.try_person(&all, &p2, "a@example.com").await).person.unwrap();
        let w = ada.workspace("W", &[&p1]).await;
        let bind = pb::BindPartitionRequest {
            workspace_id: w.clone(),
            partition_id: p2,
            access: pb::BindingAccess::ReadOnly.into(),
            ..pb::BindPartitionRequest::default()
        };
        ok(ada.partitions().bind_partition(bind).await);
        set(&ada, &w, &person.person_id, true).await.unwrap();
        let archive = pb::ArchiveWorkspaceRequest {
            workspace_id: w.clone(),
            ..pb::ArchiveWorkspaceRequest::default()
        };
        ok(ada.workspaces().archive_workspace(archive).await);
        set(&ada, &w, &person.person_id, false).await.unwrap();
        let result = ada.try_person(&w, "", "b@example.com").await;
        assert_refused(result, Code::FailedPrecondition, pb::ErrorReason::WorkspaceArchived);
        let suspend = pb::SuspendTenantRequest {
            tenant_id: acme.id.clone(),
            ..pb::SuspendTenantRequest::default()
        };
        ok(app.operator().tenants().suspend_tenant(suspend).await);
        let result = set(&ada, &w, &person.person_id, true).await;
        assert_refused(result, Code::FailedPrecondition, pb::ErrorReason::TenantSuspended);
    }
}
