//! Who enters and leaves a segment is told in the feed, once, with from, to and revision.

use super::{Scene, by_name, renamed};
use crate::on_both;
use crate::support::operations::SLICE;
use crate::support::segmentations::DEFAULT;

on_both! {
    /// A change of a person tells where from and where to, with the revision of that change; who stays is not told of.
    async fn g_07_a_change_tells_from_and_to(app) {
        let scene = Scene::new(app).await;
        let made = scene.named(app, &["Ann", "Bob"]).await;
        let (ann, bob) = (made.segment_id("Ann").await, made.segment_id("Bob").await);
        let since = scene.ada.revision().await;
        assert_eq!(scene.moved(app, 0).await, []);
        let one = scene.person(&scene.p1, "a@example.com", "Ann").await;
        scene.rename(&one, "Bob").await;
        scene.rename(&one, "bob").await;
        scene.move_to(&[&one], &scene.p2).await;
        scene.rename(&one, "Cay").await;
        scene.move_to(&[&one], &scene.p3).await;
        scene.rename(&one, "Ann").await;
        scene.move_to(&[&one], &scene.p1).await;
        scene.delete(&one).await;
        let told: Vec<_> = {
            let mut all = scene.moved(app, since).await;
            all.sort_by_key(|(.., revision)| *revision);
            all.into_iter().map(|(_, from, to, revision)| (from, to, revision - since)).collect()
        };
        let [ann, bob, rest] = [Some(ann), Some(bob), Some(DEFAULT.to_owned())];
        assert_eq!(told, [
            (None, ann.clone(), 1),
            (ann.clone(), bob.clone(), 2),
            (bob, rest.clone(), 5),
            (rest, None, 6),
            (None, ann.clone(), 8),
            (ann, None, 9),
        ]);
    }

    /// After a turn to a new version, who moved is told once, and nobody who stayed; who moves between the turn and the
    /// telling is told from where the last telling left them.
    async fn g_03_a_turn_tells_who_moved(app) {
        let scene = Scene::new(app).await;
        scene.ada.fill(&scene.all, &scene.p1, 0..SLICE * 2).await;
        let mut people = Vec::new();
        for (at, name) in ["Ann", "Bob", "Cay", "Dan"].into_iter().enumerate() {
            people.push(scene.person(&scene.p1, &format!("{at}@example.com"), name).await);
        }
        let made = scene.named(app, &["Ann", "Bob", "Cay"]).await;
        let since = scene.ada.revision().await;
        let segments = made.get().await.segments;
        let (ann, bob, cay) = (&segments[0], &segments[1], &segments[2]);
        // Ann stays, Bob's segment becomes Dan's, Cay's goes.
        made.edit(&[ann.clone(), renamed(bob, "Dan")]).await;
        made.approve().await;
        assert_eq!(scene.moved(app, since).await, [], "nothing is told before the turn");
        while made.get().await.approved.unwrap().version == 1 {
            app.step().await.expect("it is not done");
        }
        scene.rename(&people[2], "Ann").await;
        app.finish().await;
        let told: Vec<_> = scene.moved(app, since).await.into_iter().map(|(who, from, to, _)| (who, from, to)).collect();
        let [ann, bob, cay] = [ann, bob, cay].map(|one| Some(one.segment_id.clone()));
        let rest = Some(DEFAULT.to_owned());
        let mut expected = vec![
            (people[1].clone(), bob.clone(), rest.clone()),
            (people[2].clone(), cay, ann),
            (people[3].clone(), rest, bob),
        ];
        expected.sort();
        assert_eq!(told, expected);
    }

    /// A first approval, a cancelled one and a recomputing of what is right tell of nobody.
    async fn g_03_who_stays_is_not_told_of(app) {
        let scene = Scene::new(app).await;
        scene.ada.fill(&scene.all, &scene.p1, 0..SLICE * 2).await;
        let made = scene.named(app, &["Ann"]).await;
        made.edit(&[by_name("Bob"), by_name("Ann")]).await;
        let name = made.approve().await;
        app.step().await;
        scene.ada.try_cancel(&name).await.unwrap();
        app.finish().await;
        made.try_recompute().await.unwrap();
        app.finish().await;
        let made = made.approved(app).await;
        assert_eq!(made.sizes().await[2], i64::try_from(SLICE * 2).unwrap());
        assert_eq!(scene.moved(app, 0).await, []);
    }
}
