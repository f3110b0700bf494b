//! Deleting and restoring people.

use precinct::pb;
use precinct::pb::{DeleteStatus, ErrorReason};
use tonic::{Code, Status};

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::assert_refused;

async fn delete(ada: &Actor, w: &str, id: &str) -> Result<pb::Person, Status> {
    let request = pb::DeletePersonRequest {
        workspace_id: w.into(),
        person_id: id.into(),
        ..pb::DeletePersonRequest::default()
    };
    let deleted = ada.people().delete_person(request).await?;
    Ok(deleted.into_inner().person.unwrap_or_default())
}

async fn undelete(ada: &Actor, w: &str, id: &str) -> Result<pb::Person, Status> {
    let request = pb::UndeletePersonRequest {
        workspace_id: w.into(),
        person_id: id.into(),
        ..pb::UndeletePersonRequest::default()
    };
    let restored = ada.people().undelete_person(request).await?;
    Ok(restored.into_inner().person.unwrap_or_default())
}

on_both! {
    /// D-10: deleting frees the email; a re-import makes a new id, and restoring the old one is refused.
    async fn d_10_deleting_frees_the_email(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let first = ada.person(w, "a@example.com").await;
        let deleted = delete(&ada, w, &first.person_id).await.unwrap();
        let (gone, purged) = (deleted.delete_time.unwrap(), deleted.purge_time.unwrap());
        assert_eq!(purged.seconds - gone.seconds, 30 * 24 * 60 * 60);
        let again = ada.person(w, "a@example.com").await;
        assert_ne!(again.person_id, first.person_id);
        let result = undelete(&ada, w, &first.person_id).await;
        assert_refused(result, Code::AlreadyExists, ErrorReason::DuplicateInPartition);
        delete(&ada, w, &again.person_id).await.unwrap();
        let restored = undelete(&ada, w, &first.person_id).await.unwrap();
        assert_eq!((restored.delete_time, restored.email), (None, first.email));
    }

    /// What is deleted is not found, and shows in a list only to those who ask for it.
    async fn the_deleted_are_not_there(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let person = ada.person(w, "a@example.com").await;
        let living = undelete(&ada, w, &person.person_id).await;
        assert_refused(living, Code::FailedPrecondition, ErrorReason::NotDeleted);
        delete(&ada, w, &person.person_id).await.unwrap();
        let missing = ErrorReason::PersonNotFound;
        let result = ada.try_get_person(w, &person.person_id).await;
        assert_refused(result, Code::NotFound, missing);
        let result = delete(&ada, w, &person.person_id).await;
        assert_refused(result, Code::NotFound, missing);
        assert_eq!((ada.count(w).await, ada.list(w, 10).await.len()), (0, 0));
        let request = pb::ListPeopleRequest {
            workspace_id: w.clone(),
            show_deleted: true,
            ..pb::ListPeopleRequest::default()
        };
        let listed = ok(ada.people().list_people(request).await).people;
        assert_eq!(listed[0].person_id, person.person_id);
    }

    /// H-05: a result for each of many; atomic is all or nothing.
    async fn h_05_deleting_many(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let person = ada.person(w, "a@example.com").await.person_id;
        let unknown = "0190f0e0-0000-7000-8000-000000000000".to_owned();
        let mut request = pb::DeletePeopleRequest {
            workspace_id: w.clone(),
            person_ids: vec![unknown, person],
            atomic: true,
            ..pb::DeletePeopleRequest::default()
        };
        let result = ada.people().delete_people(request.clone()).await;
        assert_refused(result, Code::NotFound, ErrorReason::PersonNotFound);
        assert_eq!(ada.count(w).await, 1);
        request.atomic = false;
        let results = ok(ada.people().delete_people(request).await).results;
        let statuses: Vec<DeleteStatus> = results.iter().map(pb::DeleteResult::status).collect();
        assert_eq!(statuses, [DeleteStatus::Failed, DeleteStatus::Deleted]);
        assert_eq!(ada.count(w).await, 0);
    }
}
