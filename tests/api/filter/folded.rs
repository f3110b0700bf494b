//! The folded texts of people follow every way of writing them (L-02); the checker compares all after each test.

use precinct::pb;
use precinct::pb::FieldType;
use precinct::pb::attribute_value::Kind;

use crate::on_both;
use crate::support::actor::ok;

fn attribute(text: &str) -> pb::AttributeValue {
    pb::AttributeValue { kind: Some(Kind::TextValue(text.into())) }
}

on_both! {
    /// L-02: one update, and a patch of a set, which clears too.
    async fn l_02_folded_texts_follow_updates(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        ada.field("city", FieldType::Text).await;
        let id = ada.person(w, "Ada@example.com").await.person_id;
        let change = |first_name: &str, city: &str| pb::UpdatePersonRequest {
            workspace_id: w.clone(),
            person: Some(pb::Person {
                person_id: id.clone(),
                first_name: first_name.into(),
                attributes: [("city".to_owned(), attribute(city))].into(),
                ..pb::Person::default()
            }),
            ..pb::UpdatePersonRequest::default()
        };
        ok(ada.people().update_person(change("ADA", "STRAẞE")).await);
        assert_eq!(ada.named(w, "first_name = \"ada\" and city = \"strasse\"").await, ["ADA"]);
        ok(ada.people().update_person(change("eve", "x")).await);
        assert_eq!(ada.named(w, "first_name = \"EVE\" and city = \"X\" and city != \"strasse\"").await, ["eve"]);
        let null = pb::AttributeValue { kind: Some(Kind::NullValue(0)) };
        for (first_name, city, filter) in [
            ("EVE", attribute("STRASSE"), "first_name = \"eve\" and city = \"straße\""),
            ("EVE", null, "first_name = \"eve\" and city is empty and city != \"strasse\""),
        ] {
            let row = pb::Person {
                email: "ada@example.com".into(),
                first_name: first_name.into(),
                attributes: [("city".to_owned(), city)].into(),
                ..pb::Person::default()
            };
            let request = pb::SyncPeopleRequest {
                workspace_id: w.clone(),
                people: vec![row],
                ..pb::SyncPeopleRequest::default()
            };
            ok(ada.people().sync_people(request).await);
            assert_eq!(ada.named(w, filter).await, ["EVE"]);
        }
    }

    /// L-02: people from before folded texts were kept get theirs by `migrate`, of every tenant and in slices; of a patch
    /// before that nothing is half there.
    async fn l_02_people_from_before_get_their_folded_texts(app) {
        for name in ["acme", "other"] {
            let tenant = app.tenant(name).await;
            let (ada, w) = (tenant.admin(), &tenant.default_workspace);
            let row = |n: usize| pb::Person {
                email: format!("{n}@example.com"),
                first_name: format!("ADA {n}"),
                ..pb::Person::default()
            };
            let mut request = pb::SyncPeopleRequest {
                workspace_id: w.clone(),
                people: (0..700).map(row).collect(),
                ..pb::SyncPeopleRequest::default()
            };
            ok(ada.people().sync_people(request.clone()).await);
            let sql = "UPDATE person SET folded = NULL WHERE tenant_id = {id}";
            app.database.sabotage(sql, &tenant.id).await;
            request.people.truncate(1);
            request.people[0].last_name = "LOVELACE".into();
            ok(ada.people().sync_people(request).await);
            assert!(ada.named(w, "first_name = \"ada 699\"").await.is_empty(), "not kept");
        }
        // It migrates; what is there afterwards the checker looks at.
        app.database.connect().await.close().await;
    }
}
