//! `UpdatePerson`: by mask and etag.

use precinct::pb;
use precinct::pb::ErrorReason;
use tonic::{Code, Status};

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::{assert_refused, fields};

async fn update(
    ada: &Actor,
    w: &str,
    person: pb::Person,
    paths: &[&str],
) -> Result<pb::UpdatePersonResponse, Status> {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    let request = pb::UpdatePersonRequest {
        workspace_id: w.into(),
        person: Some(person),
        update_mask: Some(prost_types::FieldMask { paths }),
        ..pb::UpdatePersonRequest::default()
    };
    ada.people().update_person(request).await.map(tonic::Response::into_inner)
}

fn text(value: &str) -> pb::AttributeValue {
    pb::AttributeValue { kind: Some(pb::attribute_value::Kind::TextValue(value.into())) }
}

on_both! {
    /// H-02: what the mask names changes, or is cleared; the rest stays.
    async fn h_02_the_mask_says_what_changes(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        ada.field("nick", pb::FieldType::Text).await;
        ada.field("city", pb::FieldType::Text).await;
        let made = ada.person(w, "a@example.com").await;
        let change = pb::Person {
            person_id: made.person_id.clone(),
            first_name: "Ada".into(),
            last_name: "L".into(),
            attributes: [("nick".to_owned(), text("A")), ("city".to_owned(), text("B"))].into(),
            ..pb::Person::default()
        };
        let all = update(&ada, w, change.clone(), &[]).await.unwrap().person.unwrap();
        assert_eq!((all.first_name.as_str(), all.email.as_str()), ("Ada", "a@example.com"));
        let cleared = pb::Person { person_id: made.person_id.clone(), ..pb::Person::default() };
        let paths = ["last_name", "attributes.nick"];
        let some = update(&ada, w, cleared, &paths).await.unwrap().person.unwrap();
        assert_eq!((some.first_name.as_str(), some.last_name.as_str()), ("Ada", ""));
        assert_eq!(some.attributes.keys().collect::<Vec<_>>(), ["city"]);
        let read = ada.try_get_person(w, &made.person_id).await.unwrap();
        assert_eq!(read, some);
        let nothing = update(&ada, w, change, &["first_name"]).await.unwrap();
        assert_eq!(nothing.revision, ada.revision().await);
        assert_eq!(nothing.person.unwrap().etag, some.etag, "H-08: no change, no new etag");
    }

    /// H-02: an unknown path and one that cannot change are refused.
    async fn h_02_unknown_and_immutable_paths(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let made = ada.person(w, "a@example.com").await;
        let person = pb::Person { person_id: made.person_id, ..pb::Person::default() };
        let result = update(&ada, w, person.clone(), &["shoe_size", "age"]).await;
        let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["update_mask", "update_mask"]);
        let result = update(&ada, w, person, &["partition_id"]).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::ImmutableField);
    }

    /// H-02: a stale etag is ABORTED, an absent one accepted.
    async fn h_02_a_stale_etag_is_refused(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let made = ada.person(w, "a@example.com").await;
        let mut change = pb::Person { first_name: "Ada".into(), ..made.clone() };
        let changed = update(&ada, w, change.clone(), &["first_name"]).await.unwrap();
        change.first_name = "Eve".into();
        let result = update(&ada, w, change.clone(), &["first_name"]).await;
        assert_refused(result, Code::Aborted, ErrorReason::EtagMismatch);
        change.etag = changed.person.unwrap().etag;
        update(&ada, w, change, &["first_name"]).await.unwrap();
        let delete = pb::DeletePersonRequest {
            workspace_id: w.clone(),
            person_id: made.person_id,
            etag: made.etag,
            ..pb::DeletePersonRequest::default()
        };
        let result = ada.people().delete_person(delete).await;
        assert_refused(result, Code::Aborted, ErrorReason::EtagMismatch);
    }

    /// D-01, D-02: an update cannot take another person's keys.
    async fn d_01_an_update_cannot_take_anothers_email(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        let made = ada.person(&w, "a@example.com").await;
        ada.person(&w, "b@example.com").await;
        ok(ada.try_person(&w, &p2, "c@example.com").await);
        for (email, reason) in [
            ("B@example.com", ErrorReason::DuplicateInPartition),
            ("c@example.com", ErrorReason::DuplicateInOtherPartition),
        ] {
            let change = pb::Person { email: email.into(), ..made.clone() };
            let result = update(&ada, &w, change, &["email"]).await;
            assert_refused(result, Code::AlreadyExists, reason);
        }
        let change = pb::Person { email: "A@EXAMPLE.com".into(), ..made.clone() };
        let changed = update(&ada, &w, change, &["email"]).await.unwrap().person.unwrap();
        assert_eq!(changed.email, "A@EXAMPLE.com", "the spelling is the person's own");
    }
}
