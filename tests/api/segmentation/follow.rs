//! Results follow every change of people at once (G-07): none of these tests carries an operation on.

use precinct::pb;
use serde_json::json;

use super::{Scene, by_name, sizes};
use crate::on_both;
use crate::support::actor::ok;
use crate::support::allowing_duplicates;
use crate::support::members::{Kind, Members};
use crate::support::segmentations::segment;

on_both! {
    /// G-07: create, update, delete and undelete.
    async fn g_07_one_person_at_a_time(app) {
        let scene = Scene::new(app).await;
        let made = scene.named(app, &["Ann", "Bob"]).await;
        let is = async |ann, bob, rest| {
            let expected = sizes(&[("Ann", ann), ("Bob", bob), ("Default", rest)]);
            assert_eq!(made.counts().await.people, expected);
        };
        let one = scene.person(&scene.p1, "a@example.com", "Ann").await;
        is(1, 0, 0).await;
        scene.rename(&one, "Bob").await;
        is(0, 1, 0).await;
        scene.rename(&one, "Cay").await;
        is(0, 0, 1).await;
        scene.delete(&one).await;
        is(0, 0, 0).await;
        scene.undelete(&one).await;
        is(0, 0, 1).await;
        scene.rename(&one, "Ann").await;
        let request = json!({ "workspace_id": scene.one, "person_ids": [one] });
        scene.ada.make("PersonService/DeletePeople", &request).await.ok();
        is(0, 0, 0).await;
    }

    /// G-07: sets, imports, forms.
    async fn g_07_many_people_at_a_time(app) {
        let scene = Scene::new(app).await;
        let made = scene.named(app, &["Ann", "Bob"]).await;
        let person = |n: usize, name: &str| json!({ "email": format!("p{n}@example.com"), "first_name": name });
        let sync = |name: &str| json!({
            "workspace_id": scene.one,
            "partition_id": scene.p1,
            "mode": "PERSON_WRITE_MODE_CREATE_OR_UPDATE",
            "people": (0..25).map(|n| person(n, name)).collect::<Vec<_>>(),
        });
        for (name, counts) in [("Ann", [25, 0, 0]), ("Bob", [0, 25, 0]), ("Cay", [0, 0, 25])] {
            scene.ada.make("PersonService/SyncPeople", &sync(name)).await.ok();
            assert_eq!(made.sizes().await, counts);
        }
        let header = json!({
            "import_id": uuid::Uuid::now_v7(),
            "workspace_id": scene.one,
            "partition_id": scene.p2,
            "mode": "PERSON_WRITE_MODE_CREATE_OR_UPDATE",
        });
        let people: Vec<_> = (20..40).map(|n| person(n, "Bob")).collect();
        let import = json!([{ "header": header }, { "chunk": { "people": people, "last": true } }]);
        scene.ada.make("PersonService/ImportPeople", &import).await;
        let rows = scene.rows(app).await;
        let bobs = rows.people.iter().filter(|one| one.first_name.as_deref() == Some("Bob")).count();
        assert!(bobs >= 15, "{bobs}");
        assert_eq!(made.sizes().await[1], i64::try_from(bobs).unwrap());
        // By fields of the tenant's own, too.
        scene.ada.field("city", pb::FieldType::Text).await;
        let city = [segment("Rome", "city = \"Rome\"")];
        let cities = scene.ada.segmentation(&scene.one, "Cities", &city).await.approved(app).await;
        let romans: Vec<_> = (0..7).map(|n| json!({ "email": format!("p{n}@example.com"), "attributes": { "city": { "text_value": "rome" } } })).collect();
        let request = json!({ "workspace_id": scene.one, "partition_id": scene.p1, "mode": "PERSON_WRITE_MODE_UPDATE_ONLY", "people": romans });
        scene.ada.make("PersonService/SyncPeople", &request).await.ok();
        assert_eq!(cities.sizes().await[0], 7);
    }

    /// G-07, D-09: an unsubscription follows the address into other partitions, and into segments there.
    async fn g_07_consent_reaches_people_elsewhere(app) {
        let scene = Scene::new(app).await;
        let settings = pb::Tenant { settings: Some(allowing_duplicates()), ..pb::Tenant::default() };
        let mask = prost_types::FieldMask { paths: vec!["settings.duplicate_policy".into()] };
        let request = pb::UpdateTenantRequest { tenant: Some(settings), update_mask: Some(mask), ..pb::UpdateTenantRequest::default() };
        ok(scene.ada.tenants().update_tenant(request).await);
        let out = [segment("Out", "unsubscribed = true")];
        let made = scene.ada.segmentation(&scene.one, "Consent", &out).await.approved(app).await;
        scene.person(&scene.p1, "a@example.com", "Ann").await;
        scene.person(&scene.p2, "a@example.com", "Ann").await;
        let far = scene.person(&scene.p3, "a@example.com", "Ann").await;
        assert_eq!(made.sizes().await, [0, 2]);
        for (unsubscribed, counts) in [(true, [2, 0]), (false, [0, 2])] {
            let request = json!({
                "workspace_id": scene.two,
                "person": { "person_id": far, "unsubscribed": unsubscribed },
                "update_mask": "unsubscribed",
            });
            scene.ada.make("PersonService/UpdatePerson", &request).await.ok();
            assert_eq!(made.sizes().await, counts);
        }
    }

    /// G-07, D-09: a tenant that keeps consent by the partition, and then as a whole again, marks people; they follow.
    async fn g_07_the_scope_of_consent_reaches_segments(app) {
        let scene = Scene::new(app).await;
        let scope = async |scope: &str| {
            let settings = json!({ "duplicate_policy": "DUPLICATE_POLICY_ALLOW", "consent_scope": scope });
            let request = json!({ "tenant": { "settings": settings } });
            scene.ada.make("TenantService/UpdateTenant", &request).await.ok();
        };
        scope("CONSENT_SCOPE_PARTITION").await;
        let out = [segment("Out", "unsubscribed = true")];
        let made = scene.ada.segmentation(&scene.one, "Consent", &out).await.approved(app).await;
        let one = scene.person(&scene.p1, "a@example.com", "Ann").await;
        scene.person(&scene.p2, "a@example.com", "Ann").await;
        let request = json!({ "workspace_id": scene.one, "person": { "person_id": one, "unsubscribed": true } });
        scene.ada.make("PersonService/UpdatePerson", &request).await.ok();
        assert_eq!(made.sizes().await, [1, 1]);
        scope("CONSENT_SCOPE_TENANT").await;
        assert_eq!(made.sizes().await, [2, 0]);
    }

    /// G-07: who is put into a list or a program, or taken out, is in the segment that reads it in the next answer.
    async fn g_07_members_of_lists_and_programs(app) {
        let scene = Scene::new(app).await;
        let people = [scene.person(&scene.p1, "a@example.com", "Ann").await, scene.person(&scene.p2, "b@example.com", "Bob").await];
        for (kind, word) in [(Kind::List, "in_list"), (Kind::Program, "in_program")] {
            let root = scene.ada.root(&scene.one, kind.area()).await;
            let members = Members::make(&scene.ada, kind, &scene.one, &root, word).await;
            let segments = [segment("In", &format!("{word}(\"{}\")", members.id)), by_name("Bob")];
            let made = scene.ada.segmentation(&scene.one, word, &segments).await.approved(app).await;
            assert_eq!(made.sizes().await, [0, 1, 1]);
            members.add(&[&people[0], &people[1]]).await;
            assert_eq!(made.sizes().await, [2, 0, 0]);
            members.try_remove(&[&people[1]], false).await.unwrap();
            assert_eq!(made.sizes().await, [1, 1, 0]);
        }
    }

    /// G-07, M-06: what an operation moves follows with each of its slices.
    async fn g_07_a_move_by_filter(app) {
        let scene = Scene::new(app).await;
        scene.ada.fill(&scene.all, &scene.p3, 0..25).await;
        let made = scene.named(app, &["Ann"]).await;
        scene.ada.move_all(&scene.all, &[&scene.p3], &scene.p2).await;
        let mut moved = 0;
        while app.step().await.is_some() {
            let now = made.counts().await.total;
            assert!(now >= moved, "{now} after {moved}");
            moved = now;
        }
        assert_eq!(moved, 25);
    }
}
