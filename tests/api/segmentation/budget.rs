//! How many statements following a change takes, however many segmentations there are.

use std::sync::atomic::{AtomicUsize, Ordering};

use precinct::pb;

use super::{Scene, by_name};
use crate::on_both;
use crate::support::actor::ok;

/// Their people and lists, their rows, the rows that go and those that come.
const FOLLOWING: u64 = 4;

on_both! {
    /// G-07: a write of one person takes four statements more with twenty segmentations that read what changed, and none
    /// more if none does.
    async fn g_07_following_takes_few_statements(app) {
        let scene = Scene::new(app).await;
        let ann = scene.person(&scene.p1, "a@example.com", "Ann").await;
        let count = AtomicUsize::new(0);
        let next = || format!("N{}", count.fetch_add(1, Ordering::Relaxed));
        let renamed = async || scene.rename(&ann, &next()).await;
        let last_name = async || {
            let person = pb::Person { person_id: ann.clone(), last_name: next(), ..pb::Person::default() };
            let request = pb::UpdatePersonRequest {
                workspace_id: scene.all.clone(),
                person: Some(person),
                ..pb::UpdatePersonRequest::default()
            };
            ok(scene.ada.people().update_person(request).await);
        };
        let created = async || { scene.person(&scene.p1, &format!("{}@example.com", next()), "Bob").await };
        let set = async || {
            let request = serde_json::json!({
                "workspace_id": scene.all,
                "partition_id": scene.p1,
                "mode": "PERSON_WRITE_MODE_CREATE_OR_UPDATE",
                "people": [{ "email": "a@example.com", "last_name": next() }],
            });
            scene.ada.make("PersonService/SyncPeople", &request).await.ok();
        };
        let bare = [app.statements(renamed).await, app.statements(last_name).await, app.statements(created).await, app.statements(set).await];
        let approve = async |n: usize| {
            // Every name is somewhere else each time.
            let segments: Vec<pb::Segment> = (0..40).map(|n| by_name(&format!("N{n}"))).collect();
            scene.ada.segmentation(&scene.one, &format!("S{n}"), &segments).await.approved(app).await
        };
        for n in 0..20 {
            approve(n).await;
        }
        let followed = [app.statements(renamed).await, app.statements(last_name).await, app.statements(created).await, app.statements(set).await];
        assert_eq!(followed[0] - bare[0], FOLLOWING, "read: {followed:?}, {bare:?}");
        assert_eq!(followed[1] - bare[1], 0, "not read: {followed:?}, {bare:?}");
        // A new person has no rows that go.
        assert_eq!(followed[2] - bare[2], FOLLOWING - 1, "new: {followed:?}, {bare:?}");
        assert_eq!(followed[3] - bare[3], 0, "a set that is not read: {followed:?}, {bare:?}");
        let person = scene.ada.list(&scene.one, 1_000).await.remove(0).person_id;
        let one = app.statements(async || scene.ada.person_segments(&scene.one, &person).await.unwrap()).await;
        assert!(one <= 5, "{one} statements for a person's segments");
    }
}
