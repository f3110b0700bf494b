//! `TestSegmentation` says what the results say, and why (G-11).

use precinct::pb::{self, ErrorReason};
use serde_json::json;
use tonic::Code;

use super::{Scene, by_name, renamed};
use crate::on_both;
use crate::support::segmentations::{DEFAULT, Segmentation, segment};
use crate::support::status::assert_refused;

/// The segment that a test names, and whether each segment holds.
fn verdict(test: Option<pb::SegmentationTest>) -> Option<(String, Vec<bool>)> {
    test.map(|it| (it.segment_display_name, it.verdicts.iter().map(|one| one.holds).collect()))
}

async fn tested(one: &Segmentation, person: &str) -> [Option<(String, Vec<bool>)>; 2] {
    let tested = one.test(person).await.unwrap();
    [verdict(tested.approved), verdict(tested.draft)]
}

on_both! {
    /// G-11: every segment in order, also those after the winner, and the winner, for draft and approved.
    async fn g_11_each_segment_is_tried_in_order(app) {
        let scene = Scene::new(app).await;
        let ann = scene.person(&scene.p1, "ann@example.com", "Ann").await;
        let made = scene.draft(&["Bob"]).await;
        assert_eq!(tested(&made, &ann).await, [None, Some(("Default".into(), vec![false]))]);
        let made = made.approved(app).await;
        assert_eq!(tested(&made, &ann).await, [Some(("Default".into(), vec![false])), None]);
        let bob = made.get().await.segments.remove(0);
        made.edit(&[renamed(&bob, "Ann"), segment("Com", "email contains \".com\""), by_name("Cay")]).await;
        let expected = [Some(("Default".into(), vec![false])), Some(("Ann".into(), vec![true, true, false]))];
        assert_eq!(tested(&made, &ann).await, expected);
        let found = made.test(&ann).await.unwrap();
        let draft = found.draft.unwrap();
        assert_eq!((draft.version, &draft.segment_id), (0, &bob.segment_id));
        let approved = found.approved.unwrap();
        assert_eq!((approved.version, approved.segment_id.as_str()), (1, DEFAULT));
        let far = scene.person(&scene.p3, "far@example.com", "Bob").await;
        let found = made.test(&far).await;
        assert_refused(found, Code::NotFound, ErrorReason::PersonNotFound);
        // Through a workspace that sees the person where the owner does not: no segment, not even Default.
        let found = made.through(&scene.two).test(&far).await.unwrap();
        assert_eq!(verdict(found.approved), Some((String::new(), vec![true])));
    }

    /// G-11: whatever the filter, the test says what is stored.
    async fn g_11_a_test_says_what_is_stored(app) {
        let scene = Scene::new(app).await;
        scene.ada.field("score", pb::FieldType::Integer).await;
        let list = {
            let root = scene.ada.root(&scene.one, pb::Area::Database).await;
            scene.ada.asset_in(&scene.one, &root, pb::AssetType::StaticList, "List").await
        };
        let segments = [
            segment("Listed", &format!("in_list(\"{list}\") and first_name != \"Ann\"")),
            segment("High", "score >= 10 or email starts_with \"x\""),
            segment("Low", "not (score is empty) and score < 0"),
            segment("Second", &format!("in_partition(\"{}\")", scene.p2)),
            segment("Out", "unsubscribed = true"),
        ];
        let made = scene.ada.segmentation(&scene.one, "Mixed", &segments).await.approved(app).await;
        let mut people = Vec::new();
        for (at, (score, partition, name)) in [
            (Some(10), &scene.p1, "Ann"), (Some(-1), &scene.p1, "Bob"), (None, &scene.p2, "Cay"),
            (None, &scene.p1, "Dan"), (Some(0), &scene.p1, "Eve"),
        ].into_iter().enumerate() {
            let person = scene.person(partition, &format!("p{at}@example.com"), name).await;
            if let Some(number) = score {
                let request = json!({
                    "workspace_id": scene.all,
                    "person": {
                        "person_id": person,
                        "attributes": { "score": { "integer_value": number } },
                    },
                });
                scene.ada.make("PersonService/UpdatePerson", &request).await.ok();
            }
            people.push(person);
        }
        let add = json!({ "workspace_id": scene.one, "list_id": list, "person_ids": [people[0], people[3]] });
        scene.ada.make("ListService/AddListMembers", &add).await.ok();
        let mut winners = Vec::new();
        for person in &people {
            let told = scene.ada.person_segments(&scene.one, person).await.unwrap();
            let test = made.test(person).await.unwrap().approved.unwrap();
            assert_eq!(told, [("Mixed".to_owned(), test.segment_display_name.clone())]);
            winners.push(test.segment_display_name);
        }
        assert_eq!(winners, ["High", "Low", "Second", "Listed", "Default"]);
    }
}
