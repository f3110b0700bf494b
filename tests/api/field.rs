//! Fields (E-01).

use precinct::pb;
use precinct::pb::{ErrorReason, FieldType};
use tonic::Code;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::{assert_refused, fields, metadata};

const BUILT_IN: [&str; 8] = [
    "create_time",
    "email",
    "external_id",
    "first_name",
    "last_name",
    "source",
    "unsubscribed",
    "update_time",
];

fn create(name: &str, kind: FieldType) -> pb::CreateFieldRequest {
    let field = pb::Field { name: name.into(), r#type: kind.into(), ..pb::Field::default() };
    pb::CreateFieldRequest { field: Some(field), ..pb::CreateFieldRequest::default() }
}

fn update(field: pb::Field, paths: &[&str]) -> pb::UpdateFieldRequest {
    let paths = paths.iter().map(ToString::to_string).collect();
    pb::UpdateFieldRequest {
        field: Some(field),
        update_mask: Some(prost_types::FieldMask { paths }),
        ..pb::UpdateFieldRequest::default()
    }
}

fn delete(id: &str) -> pb::DeleteFieldRequest {
    pb::DeleteFieldRequest { field_id: id.into(), ..pb::DeleteFieldRequest::default() }
}

/// The names of all fields, by pages of three.
async fn names(actor: &Actor, order_by: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListFieldsRequest { page_size: 3, page_token, order_by: order_by.into() };
        let page = ok(actor.fields().list_fields(request).await);
        names.extend(page.fields.into_iter().map(|field| field.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return names;
        }
    }
}

on_both! {
    /// E-01: built-in fields are listed, by pages, in every order.
    async fn e_01_built_in_fields_are_among_the_fields(app) {
        let ada = app.tenant("acme").await.admin();
        ada.field("zip", FieldType::Text).await;
        ada.field("age", FieldType::Integer).await;
        let mut sorted = BUILT_IN.to_vec();
        sorted.extend(["age", "zip"]);
        sorted.sort_unstable();
        assert_eq!(names(&ada, "").await, sorted);
        assert_eq!(names(&ada, "create_time desc").await[..2], ["age", "zip"]);
        sorted.reverse();
        assert_eq!(names(&ada, "name desc").await, sorted);
        let request = pb::ListFieldsRequest { order_by: "type".into(), ..Default::default() };
        let result = ada.fields().list_fields(request).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
    }

    /// E-01: built-in fields cannot be changed or deleted, nor their names taken.
    async fn e_01_built_in_fields_stay(app) {
        let ada = app.tenant("acme").await.admin();
        let listed = ok(ada.fields().list_fields(pb::ListFieldsRequest::default()).await);
        let email = listed.fields.into_iter().find(|field| field.name == "email").unwrap();
        assert!(email.built_in);
        let get = pb::GetFieldRequest { field_id: email.field_id.clone() };
        assert_eq!(ok(ada.fields().get_field(get).await).field, Some(email.clone()));
        let result = ada.fields().delete_field(delete(&email.field_id)).await;
        let status = assert_refused(result, Code::FailedPrecondition, ErrorReason::BuiltInField);
        assert_eq!(metadata(&status, "name").as_deref(), Some("email"));
        let result = ada.fields().update_field(update(email, &["description"])).await;
        assert_refused(result, Code::FailedPrecondition, ErrorReason::BuiltInField);
        let result = ada.fields().create_field(create("email", FieldType::Text)).await;
        assert_refused(result, Code::AlreadyExists, ErrorReason::NameTaken);
    }

    /// E-01: name and type cannot change, the description can; each change raises the revision by one, and
    /// one that changes nothing by none (H-08).
    async fn e_01_name_and_type_cannot_change(app) {
        let ada = app.tenant("acme").await.admin();
        let made = ok(ada.fields().create_field(create("score", FieldType::Number)).await);
        let (field, revision) = (made.field.unwrap(), made.revision);
        for path in ["name", "type"] {
            let result = ada.fields().update_field(update(field.clone(), &[path])).await;
            assert_refused(result, Code::InvalidArgument, ErrorReason::ImmutableField);
        }
        let result = ada.fields().update_field(update(field.clone(), &["colour"])).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        let described = pb::Field { description: "Lead score".into(), ..field.clone() };
        let whole = |field: &pb::Field| pb::UpdateFieldRequest {
            field: Some(field.clone()),
            ..pb::UpdateFieldRequest::default()
        };
        let changed = ok(ada.fields().update_field(whole(&described)).await);
        assert_eq!(changed.revision, revision + 1);
        let changed = changed.field.unwrap();
        assert_eq!(changed.description, "Lead score");
        assert_ne!(changed.etag, field.etag);
        let stale = ada.fields().update_field(whole(&described)).await;
        assert_refused(stale, Code::Aborted, ErrorReason::EtagMismatch);
        let same = ok(ada.fields().update_field(whole(&changed)).await);
        assert_eq!((same.revision, same.field), (revision + 1, Some(changed.clone())));
        let renamed = pb::Field { name: "points".into(), ..changed };
        let result = ada.fields().update_field(whole(&renamed)).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::ImmutableField);
    }

    /// E-01, H-06: every violated field is named; names are unique.
    async fn e_01_a_field_has_a_name_and_a_type(app) {
        let ada = app.tenant("acme").await.admin();
        let result = ada.fields().create_field(create("Bad Name", FieldType::Unspecified)).await;
        let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["field.name", "field.type"]);
        ada.field("score", FieldType::Number).await;
        let result = ada.fields().create_field(create("score", FieldType::Text)).await;
        let status = assert_refused(result, Code::AlreadyExists, ErrorReason::NameTaken);
        assert_eq!(metadata(&status, "name").as_deref(), Some("score"));
    }

    /// A field that was deleted is gone with its values: one made anew of its name starts empty.
    async fn e_01_a_field_made_anew_has_no_old_values(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let id = ada.field("score", FieldType::Integer).await;
        let kind = pb::attribute_value::Kind::IntegerValue(7);
        let score = pb::AttributeValue { kind: Some(kind) };
        let person = pb::Person {
            email: "ada@example.com".into(),
            attributes: [("score".to_owned(), score)].into(),
            ..pb::Person::default()
        };
        let request = pb::CreatePersonRequest {
            workspace_id: w.clone(),
            person: Some(person),
            ..pb::CreatePersonRequest::default()
        };
        let person = ok(ada.people().create_person(request).await).person.unwrap();
        assert!(person.attributes.contains_key("score"));
        ok(ada.fields().delete_field(delete(&id)).await);
        let result = ada.fields().delete_field(delete(&id)).await;
        assert_refused(result, Code::NotFound, ErrorReason::FieldNotFound);
        ada.field("score", FieldType::Integer).await;
        let read = ada.try_get_person(w, &person.person_id).await.unwrap();
        assert!(read.attributes.is_empty());
    }

    /// T-02: another tenant's field is as one that never was.
    async fn t_02_the_field_of_another_tenant_is_not_there(app) {
        let id = app.tenant("acme").await.admin().field("score", FieldType::Number).await;
        let bob = app.tenant("globex").await.admin();
        let get = |id: &str| pb::GetFieldRequest { field_id: id.into() };
        let foreign = bob.fields().get_field(get(&id)).await;
        let foreign = assert_refused(foreign, Code::NotFound, ErrorReason::FieldNotFound);
        let random = uuid::Uuid::now_v7().to_string();
        let missing = bob.fields().get_field(get(&random)).await.unwrap_err();
        assert_eq!(foreign.message(), missing.message());
        let result = bob.fields().delete_field(delete(&id)).await;
        assert_refused(result, Code::NotFound, ErrorReason::FieldNotFound);
    }
}
