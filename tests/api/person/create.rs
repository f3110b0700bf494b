//! `CreatePerson`: where a new person lands, and what is refused.

use precinct::pb;
use tonic::Code;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::ok;
use crate::support::status::{assert_refused, fields, metadata};

on_both! {
    /// the partition named in the request, else the primary of the workspace.
    async fn r_01_lands_in_the_named_partition_or_the_primary(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        assert_eq!(ada.person(&w, "a@example.com").await.partition_id, p1);
        let named = ok(ada.try_person(&w, &p2, "b@example.com").await);
        assert_eq!(named.person.unwrap().partition_id, p2);
    }

    /// an unseen partition is not found, exactly as one that never was; a read-only one is refused.
    async fn r_03_a_named_partition_must_be_visible_and_writable(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2, p3) =
            (ada.partition("P1").await, ada.partition("P2").await, ada.partition("P3").await);
        let w = ada.workspace("W", &[&p1]).await;
        let bind = pb::BindPartitionRequest {
            workspace_id: w.clone(),
            partition_id: p2.clone(),
            access: pb::BindingAccess::ReadOnly.into(),
            ..pb::BindPartitionRequest::default()
        };
        ok(ada.partitions().bind_partition(bind).await);
        let random = "0190f0e0-0000-7000-8000-000000000000".to_owned();
        for unseen in [&p3, &random] {
            let result = ada.try_person(&w, unseen, "a@example.com").await;
            assert_refused(result, Code::NotFound, pb::ErrorReason::PartitionNotFound);
        }
        let result = ada.try_person(&w, &p2, "a@example.com").await;
        assert_refused(result, Code::FailedPrecondition, pb::ErrorReason::PartitionReadOnly);
        assert_eq!(ada.count(&w).await, 0);
    }

    /// H-06: every violated field is named, not just the first.
    async fn h_06_every_bad_field_is_named(app) {
        let acme = app.tenant("acme").await;
        let person = pb::Person {
            email: "no email".into(),
            first_name: "a\0b".into(),
            last_name: "x".repeat(256),
            ..pb::Person::default()
        };
        let request = pb::CreatePersonRequest {
            workspace_id: "w".into(),
            partition_id: "p".into(),
            person: Some(person),
            ..pb::CreatePersonRequest::default()
        };
        let result = acme.admin().people().create_person(request).await;
        let status = assert_refused(result, Code::InvalidArgument, pb::ErrorReason::InvalidField);
        let mut named = fields(&status);
        named.sort();
        let wanted =
            ["partition_id", "person.email", "person.first_name", "person.last_name", "workspace_id"];
        assert_eq!(named, wanted);
    }

    /// D-01: one email in one partition, compared by its key; a person without one is allowed twice.
    async fn d_01_an_email_is_unique_in_its_partition(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let w = &acme.default_workspace;
        let first = ada.person(w, "Ada@Example.com").await;
        let result = ada.try_person(w, "", " ADA@example.COM ").await;
        let status =
            assert_refused(result, Code::AlreadyExists, pb::ErrorReason::DuplicateInPartition);
        assert_eq!(metadata(&status, "person_id"), Some(first.person_id));
        ada.person(w, "").await;
        ada.person(w, "").await;
        assert_eq!(ada.count(w).await, 3);
    }

    /// D-01: an external id is unique in its partition too, compared exactly.
    async fn d_01_an_external_id_is_unique_in_its_partition(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let create = |external: &str| {
            let person = pb::Person { external_id: external.into(), ..pb::Person::default() };
            let request = pb::CreatePersonRequest {
                workspace_id: acme.default_workspace.clone(),
                person: Some(person),
                ..pb::CreatePersonRequest::default()
            };
            let mut people = ada.people();
            async move { people.create_person(request).await }
        };
        ok(create("crm-1").await);
        ok(create("CRM-1").await);
        let result = create("crm-1").await;
        assert_refused(result, Code::AlreadyExists, pb::ErrorReason::DuplicateInPartition);
    }

    /// E-01: values have the type of their field, and come back as they went in.
    async fn e_01_values_are_typed(app) {
        use pb::attribute_value::Kind;
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let values = [
            ("nick", pb::FieldType::Text, Kind::TextValue("Λ 愛 😀".into())),
            ("visits", pb::FieldType::Integer, Kind::IntegerValue(i64::MIN)),
            ("score", pb::FieldType::Number, Kind::NumberValue(1e300)),
            ("whole", pb::FieldType::Number, Kind::NumberValue(5.0)),
            ("vip", pb::FieldType::Boolean, Kind::BooleanValue(false)),
            ("born", pb::FieldType::Date, Kind::DateValue("1815-12-10".into())),
            (
                "seen",
                pb::FieldType::Timestamp,
                Kind::TimestampValue(prost_types::Timestamp { seconds: -1, nanos: 1_000 }),
            ),
        ];
        for (name, kind, _) in &values {
            ada.field(name, *kind).await;
        }
        let attributes = values
            .into_iter()
            .map(|(name, _, kind)| (name.to_owned(), pb::AttributeValue { kind: Some(kind) }))
            .collect();
        let mut request = pb::CreatePersonRequest {
            workspace_id: acme.default_workspace.clone(),
            person: Some(pb::Person { attributes, ..pb::Person::default() }),
            ..pb::CreatePersonRequest::default()
        };
        let made = ok(ada.people().create_person(request.clone()).await).person.unwrap();
        let sent = request.person.take().unwrap();
        assert_eq!(made.attributes, sent.attributes);
        let read = ada.try_get_person(&acme.default_workspace, &made.person_id).await.unwrap();
        assert_eq!(read, made);
        let text = pb::AttributeValue { kind: Some(Kind::TextValue("many".into())) };
        let wrong = [("visits".to_owned(), text.clone()), ("unknown".to_owned(), text)];
        request.person = Some(pb::Person { attributes: wrong.into(), ..pb::Person::default() });
        let result = ada.people().create_person(request).await;
        let status = assert_refused(result, Code::InvalidArgument, pb::ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["person.attributes.unknown", "person.attributes.visits"]);
    }

    /// H-03: a repeated request_id gives the first answer and does nothing; another body is refused.
    async fn h_03_a_repeated_request_does_nothing_again(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let mut request = pb::CreatePersonRequest {
            workspace_id: acme.default_workspace.clone(),
            person: Some(pb::Person { email: "a@example.com".into(), ..pb::Person::default() }),
            request_id: "0190f0e0-0000-4000-8000-000000000001".into(),
            ..pb::CreatePersonRequest::default()
        };
        let first = ok(ada.people().create_person(request.clone()).await);
        let again = ok(ada.people().create_person(request.clone()).await);
        assert_eq!(first, again);
        assert_eq!(ada.revision().await, first.revision);
        request.person = Some(pb::Person { email: "b@example.com".into(), ..pb::Person::default() });
        let result = ada.people().create_person(request.clone()).await;
        assert_refused(result, Code::InvalidArgument, pb::ErrorReason::RequestIdReused);
        // The same id of somebody else is another request.
        ada.grant("user:bob", &built_in("Marketer"), &acme.default_workspace).await;
        ok(acme.user("bob").people().create_person(request).await);
    }

    /// H-08: a refused call and a dry run leave the revision alone, a change raises it by one.
    async fn h_08_a_change_raises_the_revision_by_one(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let before = ada.revision().await;
        let mut request = pb::CreatePersonRequest {
            workspace_id: acme.default_workspace.clone(),
            person: Some(pb::Person { email: "a@example.com".into(), ..pb::Person::default() }),
            validate_only: true,
            ..pb::CreatePersonRequest::default()
        };
        ok(ada.people().create_person(request.clone()).await);
        assert_eq!((ada.revision().await, ada.count(&acme.default_workspace).await), (before, 0));
        request.validate_only = false;
        let made = ok(ada.people().create_person(request.clone()).await);
        assert_eq!(made.revision, before + 1);
        ada.people().create_person(request).await.expect_err("the email is taken");
        assert_eq!(ada.revision().await, before + 1);
    }
}
