//! `ExportPeople`: what the workspace sees, and nobody else (V-04).

use std::collections::BTreeSet;

use precinct::pb;
use precinct::pb::ErrorReason;
use tonic::Code;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::assert_refused;

async fn export(ada: &Actor, request: pb::ExportPeopleRequest) -> Vec<pb::ExportPeopleResponse> {
    let mut stream = ok(ada.people().export_people(request).await);
    let mut messages = Vec::new();
    while let Some(message) = stream.message().await.unwrap() {
        messages.push(message);
    }
    messages
}

on_both! {
    /// V-04: an export obeys V-01, and resumes after any message without loss or repetition.
    async fn v_04_an_export_holds_what_the_workspace_sees(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2, p3) =
            (ada.partition("P1").await, ada.partition("P2").await, ada.partition("P3").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        let all = ada.workspace("all", &[]).await;
        for partition in [&p1, &p2, &p3] {
            let people = (0..900)
                .map(|n| pb::Person { external_id: n.to_string(), ..pb::Person::default() })
                .collect();
            let request = pb::SyncPeopleRequest {
                workspace_id: all.clone(),
                partition_id: partition.clone(),
                mode: pb::PersonWriteMode::CreateOnly.into(),
                people,
                ..pb::SyncPeopleRequest::default()
            };
            ok(ada.people().sync_people(request).await);
        }
        let request =
            pb::ExportPeopleRequest { workspace_id: w.clone(), ..pb::ExportPeopleRequest::default() };
        let messages = export(&ada, request.clone()).await;
        let people: Vec<&pb::Person> = messages.iter().flat_map(|one| &one.people).collect();
        assert!(people.iter().all(|person| person.partition_id == p1 || person.partition_id == p2));
        let ids: BTreeSet<&String> = people.iter().map(|person| &person.person_id).collect();
        assert_eq!((people.len(), ids.len()), (1_800, 1_800));
        assert!(messages.len() > 1 && messages.last().unwrap().resume_token.is_empty());
        let resumed = pb::ExportPeopleRequest {
            resume_token: messages[0].resume_token.clone(),
            ..request
        };
        assert_eq!(export(&ada, resumed).await[..], messages[1..]);
        let unseen = pb::ExportPeopleRequest {
            workspace_id: w,
            partition_ids: vec![p3],
            ..pb::ExportPeopleRequest::default()
        };
        let result = ada.people().export_people(unseen).await;
        assert_refused(result, Code::NotFound, ErrorReason::PartitionNotFound);
    }
}
