//! Person partitions (P-01 to P-04).

use precinct::pb;
use precinct::pb::ErrorReason;
use tonic::{Code, Response, Status};

use crate::on_both;
use crate::support::actor::{Actor, new_workspace, ok};
use crate::support::status::{assert_refused, metadata};

fn create(name: &str, region: &str, workspaces: &[&String]) -> pb::CreatePartitionRequest {
    let partition = pb::Partition {
        display_name: name.into(),
        region: region.into(),
        ..pb::Partition::default()
    };
    pb::CreatePartitionRequest {
        partition: Some(partition),
        workspace_ids: workspaces.iter().map(ToString::to_string).collect(),
        ..pb::CreatePartitionRequest::default()
    }
}

async fn delete(actor: &Actor, id: &str) -> Result<Response<pb::DeletePartitionResponse>, Status> {
    let request = pb::DeletePartitionRequest { partition_id: id.into(), ..Default::default() };
    actor.partitions().delete_partition(request).await
}

async fn undelete(
    actor: &Actor,
    id: &str,
    name: &str,
) -> Result<Response<pb::UndeletePartitionResponse>, Status> {
    let request = pb::UndeletePartitionRequest {
        partition_id: id.into(),
        display_name: name.into(),
        ..pb::UndeletePartitionRequest::default()
    };
    actor.partitions().undelete_partition(request).await
}

async fn get(actor: &Actor, id: &str) -> Result<pb::Partition, Status> {
    let request = pb::GetPartitionRequest { partition_id: id.into() };
    let found = actor.partitions().get_partition(request).await?;
    Ok(found.into_inner().partition.unwrap_or_default())
}

/// The names of the partitions that a workspace sees, or of all.
async fn seen(actor: &Actor, workspace: &str) -> Vec<String> {
    let request =
        pb::ListPartitionsRequest { workspace_id: workspace.into(), ..Default::default() };
    let listed = ok(actor.partitions().list_partitions(request).await);
    listed.partitions.into_iter().map(|partition| partition.display_name).collect()
}

async fn delete_person(actor: &Actor, workspace: &str, person: &str) {
    let request = pb::DeletePersonRequest {
        workspace_id: workspace.into(),
        person_id: person.into(),
        ..pb::DeletePersonRequest::default()
    };
    ok(actor.people().delete_person(request).await);
}

on_both! {
    /// P-01: a partition appears where it is asked to, READ_WRITE and not as primary.
    async fn p_01_a_partition_appears_where_it_is_asked_to(app) {
        let ada = app.tenant("acme").await.admin();
        let p1 = ada.partition("P1").await;
        let (w1, w2) = (ada.workspace("W1", &[&p1]).await, ada.workspace("W2", &[&p1]).await);
        let request = create("P2", "eu", &[&w2, &w1]);
        let made = ok(ada.partitions().create_partition(request).await);
        let partition = made.partition.unwrap();
        assert_eq!(get(&ada, &partition.partition_id).await.unwrap(), partition);
        let bound: Vec<&str> =
            made.bindings.iter().map(|binding| binding.workspace_id.as_str()).collect();
        assert_eq!(bound, [w2.as_str(), w1.as_str()]);
        let read_write = i32::from(pb::BindingAccess::ReadWrite);
        assert!(made.bindings.iter().all(|one| one.access == read_write && !one.primary));
        assert_eq!(seen(&ada, &w1).await, ["P1", "P2"]);
        assert_eq!(seen(&ada, "").await, ["Default", "P1", "P2"]);
    }

    /// P-01: names are unique, the region cannot change; all or nothing.
    async fn p_01_names_are_unique_and_regions_stay(app) {
        let ada = app.tenant("acme").await.admin();
        let p1 = ada.regional_partition("Kunden", "eu").await;
        let w = ada.workspace("W", &[&p1]).await;
        let result = ada.partitions().create_partition(create("KUNDEN", "", &[&w])).await;
        let status = assert_refused(result, Code::AlreadyExists, ErrorReason::NameTaken);
        assert_eq!(metadata(&status, "resource").as_deref(), Some("partition"));
        let random = uuid::Uuid::now_v7().to_string();
        let result = ada.partitions().create_partition(create("P2", "", &[&w, &random])).await;
        assert_refused(result, Code::NotFound, ErrorReason::WorkspaceNotFound);
        assert_eq!(seen(&ada, "").await, ["Default", "Kunden"]);
        let read = get(&ada, &p1).await.unwrap();
        let update = |partition, paths: &[&str]| pb::UpdatePartitionRequest {
            partition: Some(partition),
            update_mask: Some(prost_types::FieldMask {
                paths: paths.iter().map(ToString::to_string).collect(),
            }),
            ..pb::UpdatePartitionRequest::default()
        };
        let result = ada.partitions().update_partition(update(read.clone(), &["region"])).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::ImmutableField);
        let renamed = pb::Partition { display_name: "KUNDEN".into(), ..read.clone() };
        let renamed = ok(ada.partitions().update_partition(update(renamed, &["display_name"])).await);
        assert_eq!(renamed.partition.unwrap().display_name, "KUNDEN");
        let result = ada.partitions().update_partition(update(read, &["description"])).await;
        assert_refused(result, Code::Aborted, ErrorReason::EtagMismatch);
    }

    /// K-01: a workspace with a region binds only partitions of that region.
    async fn k_01_regions_are_boundaries(app) {
        let ada = app.tenant("acme").await.admin();
        let p1 = ada.regional_partition("P1", "eu").await;
        let mut request = new_workspace("EU", &[&p1]);
        request.workspace.as_mut().unwrap().region = "eu".into();
        let eu = ok(ada.workspaces().create_workspace(request).await).workspace.unwrap();
        let request = create("US", "us", &[&eu.workspace_id]);
        let result = ada.partitions().create_partition(request).await;
        assert_refused(result, Code::FailedPrecondition, ErrorReason::RegionMismatch);
        ok(ada.partitions().create_partition(create("No", "", &[&eu.workspace_id])).await);
        assert_eq!(seen(&ada, &eu.workspace_id).await, ["No", "P1"]);
    }

    /// P-04: what is needed is not deleted; what is deleted comes back with its bindings.
    async fn p_04_a_partition_that_is_needed_stays(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        let result = delete(&ada, &acme.default_partition).await;
        assert_refused(result, Code::FailedPrecondition, ErrorReason::PartitionIsDefault);
        let result = delete(&ada, &p1).await;
        let reason = ErrorReason::PartitionIsPrimary;
        let status = assert_refused(result, Code::FailedPrecondition, reason);
        assert_eq!(metadata(&status, "workspaces").as_deref(), Some("1"));
        let living = ok(ada.try_person(&w, &p2, "a@example.com").await).person.unwrap();
        let gone = ok(ada.try_person(&w, &p2, "b@example.com").await).person.unwrap();
        delete_person(&ada, &w, &gone.person_id).await;
        let result = delete(&ada, &p2).await;
        let reason = ErrorReason::PartitionNotEmpty;
        let status = assert_refused(result, Code::FailedPrecondition, reason);
        assert_eq!(metadata(&status, "people").as_deref(), Some("1"));
        assert_eq!(metadata(&status, "deleted_people").as_deref(), Some("1"));

        delete_person(&ada, &w, &living.person_id).await;
        let deleted = ok(delete(&ada, &p2).await).partition.unwrap();
        assert!(deleted.delete_time.is_some() && deleted.purge_time.is_some());
        let result = get(&ada, &p2).await;
        assert_refused(result, Code::NotFound, ErrorReason::PartitionNotFound);
        assert_eq!(seen(&ada, &w).await, ["P1"]);
        let taken = ada.partition("p2").await;
        let result = undelete(&ada, &p2, "").await;
        assert_refused(result, Code::AlreadyExists, ErrorReason::NameTaken);
        let restored = ok(undelete(&ada, &p2, "P3").await);
        assert_eq!(restored.bindings.len(), 1);
        assert_eq!(restored.bindings[0].workspace_id, w);
        assert_eq!(seen(&ada, &w).await, ["P1", "P3"]);
        let result = undelete(&ada, &taken, "").await;
        assert_refused(result, Code::FailedPrecondition, ErrorReason::NotDeleted);
    }

    /// P-02: people of a partition that several workspaces see are one record; all_partitions sees those
    /// made later too.
    async fn p_02_workspaces_and_partitions_mix(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let p1 = ada.partition("P1").await;
        let (w1, w2) = (ada.workspace("W1", &[&p1]).await, ada.workspace("W2", &[&p1]).await);
        let person = ada.person(&w1, "a@example.com").await;
        for workspace in [&w2, &acme.default_workspace] {
            let read = ada.try_get_person(workspace, &person.person_id).await.unwrap();
            assert_eq!(read.person_id, person.person_id);
        }
        assert_eq!(seen(&ada, &acme.default_workspace).await, ["Default", "P1"]);
    }

    /// P-04 under race: of a deletion and a person who comes, one is refused, and nobody is left behind.
    async fn p_04_nobody_is_put_into_a_partition_that_goes(app) {
        let ada = app.tenant("acme").await.admin();
        let p1 = ada.partition("P1").await;
        for round in 0..10 {
            let p2 = ada.partition(&format!("Goes {round}")).await;
            let w = ada.workspace(&format!("W {round}"), &[&p1, &p2]).await;
            let email = format!("p{round}@example.com");
            let (deleted, person) =
                tokio::join!(delete(&ada, &p2), ada.try_person(&w, &p2, &email));
            assert_ne!(deleted.is_ok(), person.is_ok(), "{deleted:?} {person:?}");
            match person {
                Ok(_) => {
                    let reason = ErrorReason::PartitionNotEmpty;
                    assert_refused(deleted, Code::FailedPrecondition, reason);
                }
                Err(status) => assert_eq!(status.code(), Code::NotFound, "{status:?}"),
            }
        }
    }

    /// Quotas are held by the database: racing creates cannot pass one, and deleting gives back.
    async fn quotas_hold_under_races(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let used = async || {
            let quotas = ok(ada.tenants().list_quotas(pb::ListQuotasRequest::default()).await);
            let named = quotas.quotas.into_iter().find(|quota| quota.name == "fields");
            named.map(|quota| (quota.limit - quota.used, quota.used)).unwrap()
        };
        let (left, _) = used().await;
        for number in 0..left - 2 {
            ada.field(&format!("f{number}"), pb::FieldType::Text).await;
        }
        let race = (0..6).map(|number| {
            let ada = ada.clone();
            tokio::spawn(async move {
                let field = pb::Field {
                    name: format!("racer{number}"),
                    r#type: pb::FieldType::Text.into(),
                    ..pb::Field::default()
                };
                let request = pb::CreateFieldRequest { field: Some(field), ..Default::default() };
                ada.fields().create_field(request).await
            })
        });
        let race: Vec<_> = race.collect();
        let mut made = 0;
        for one in race {
            match one.await.unwrap() {
                Ok(_) => made += 1,
                Err(status) => {
                    let reason = ErrorReason::QuotaExceeded;
                    let status =
                        assert_refused::<()>(Err(status), Code::ResourceExhausted, reason);
                    assert_eq!(metadata(&status, "quota").as_deref(), Some("fields"));
                }
            }
        }
        assert_eq!((made, used().await.0), (2, 0));
    }
}
