//! `ErasePerson`: what has begun goes on, and what is told of it is what its reader sees.

use precinct::pb::email_mention::Place;
use precinct::pb::{self, Area, AssetType, OperationState};
use serde_json::{Value as Json, json};

use super::erase::{EMAIL, Scene};
use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::dump;
use crate::support::operations::metadata;

/// The records that the audit log says were erased, as it is read through a workspace or (empty) the tenant; in order.
async fn logged(actor: &Actor, workspace: &str) -> Vec<String> {
    let request = json!({ "workspace_id": workspace, "page_size": 1_000 });
    let log = actor.make("ActivityService/ListAuditEntries", &request).await.ok();
    let entries = log["entries"].as_array().cloned().unwrap_or_default();
    let erased = entries.iter().filter(|one| one["kind"] == "person.erased");
    let mut ids: Vec<String> = erased
        .flat_map(|one| {
            let after = one["changes"][0]["after"].as_str().unwrap_or("null");
            let after: Json = serde_json::from_str(after).expect("it is JSON");
            after["erased"].as_array().cloned().unwrap_or_default()
        })
        .map(|one| one["person_id"].as_str().unwrap_or_default().to_owned())
        .collect();
    ids.sort();
    ids
}

async fn places(scene: &Scene, name: &str) -> Vec<Place> {
    let receipt = scene.receipt(name).await;
    let places: Vec<Place> = receipt.mentions.into_iter().filter_map(|one| one.place).collect();
    assert_eq!(receipt.mention_count, i64::try_from(places.len()).unwrap());
    places
}

on_both! {
    /// K-08, H-09: once the records are gone, an erasure goes on to its end, though it is cancelled, its starter loses the
    /// right, or its workspace is archived: nobody could find the rest after it.
    async fn k_08_what_has_begun_goes_on(app) {
        let scene = Scene::new(app).await;
        let Scene { acme, ada, w, .. } = &scene;
        for way in ["cancel", "revoke", "archive"] {
            let email = format!("{way}@erase-me.example");
            let id = scene.person(w, 0, json!({ "email": email })).await;
            let admin = ada.grant("user:wes", &built_in("Workspace admin"), w).await;
            let request = json!({ "workspace_id": w, "person_id": id });
            let started = acme.user("wes").make("PersonService/ErasePerson", &request).await.ok();
            let name = started["operation"]["name"].as_str().unwrap().to_owned();
            assert_eq!(app.step().await.as_ref(), Some(&name));
            match way {
                "cancel" => {
                    ok(ada.try_cancel(&name).await);
                    assert_eq!(metadata(&ada.operation(&name).await).state(), OperationState::Running);
                }
                "revoke" => {
                    ok(ada.try_revoke(&admin).await);
                }
                _ => {
                    let archive = json!({ "workspace_id": w });
                    ada.make("WorkspaceService/ArchiveWorkspace", &archive).await.ok();
                }
            }
            app.finish().await;
            assert_eq!(scene.receipt(&name).await.people.len(), 1, "{way}");
            assert_eq!(dump::rows_with(&app.database, &[&email]).await, Vec::<String>::new(), "{way}");
            if way == "cancel" {
                ok(ada.try_revoke(&admin).await);
            }
        }
    }

    /// H-09: an erasure that was asked to stop before it began has done nothing, and can be asked for again.
    async fn h_09_what_has_not_begun_stops(app) {
        let scene = Scene::new(app).await;
        let id = scene.person(&scene.w, 0, json!({ "email": EMAIL })).await;
        let name = scene.start(json!({ "email": EMAIL })).await;
        ok(scene.ada.try_cancel(&name).await);
        app.finish().await;
        assert_eq!(scene.ada.try_get_person(&scene.w, &id).await.unwrap().email, EMAIL);
        let again = scene.start(json!({ "email": EMAIL })).await;
        app.finish().await;
        assert_eq!(scene.receipt(&again).await.people.len(), 1);
    }

    /// K-08, A-06: the audit log tells a workspace of the erased records that it saw, and of no other.
    async fn a_06_the_log_tells_of_what_was_seen(app) {
        let scene = Scene::new(app).await;
        let Scene { ada, w, .. } = &scene;
        let all = ada.workspace("All", &[]).await;
        let far = scene.person(&all, 2, json!({ "email": "far@erase-me.example" })).await;
        let id = scene.person(w, 0, json!({ "email": EMAIL })).await;
        let merge = json!({ "workspace_id": all, "winner_person_id": id, "loser_person_ids": [far] });
        scene.call("MergePeople", merge).await;
        scene.start(json!({ "workspace_id": w, "person_id": id })).await;
        app.finish().await;
        assert_eq!(logged(ada, w).await, std::slice::from_ref(&id));
        let mut both = vec![id, far];
        both.sort();
        assert_eq!(logged(ada, "").await, both);
    }

    /// K-08: a name or description with the email stays as it is and is listed, also of a domain beyond ASCII, as the
    /// person spelled it.
    async fn k_08_names_are_listed(app) {
        let scene = Scene::new(app).await;
        let Scene { ada, w, partitions, .. } = &scene;
        scene.person(w, 0, json!({ "email": "Zyx@B\u{dc}CHER.example" })).await;
        let root = ada.root(w, Area::DesignStudio).await;
        let named = ada.asset_in(w, &root, AssetType::Snippet, "For zyx@B\u{dc}cher.example").await;
        let folder = ada.folder(w, &root, "zyx@xn--bcher-kva.example").await;
        let workspace = ada.workspace("Of zyx@xn--bcher-kva.example", &[&partitions[0]]).await;
        ada.folder(w, &root, "zyx@xn--bcher-kva.example.org").await;
        let name = scene.start(json!({ "email": "zyx@b\u{fc}cher.example" })).await;
        app.finish().await;
        let listed = places(&scene, &name).await;
        let expected = [Place::NamedAssetId(named), Place::FolderId(folder), Place::WorkspaceId(workspace)];
        assert_eq!(listed, expected);
    }

    /// K-08, D-05: an address that somebody else has too is not taken out of what tells of them, however it is spelled.
    async fn k_08_what_tells_of_a_twin_stays(app) {
        let scene = Scene::new(app).await;
        let Scene { ada, w, partitions, .. } = &scene;
        let all = ada.workspace("All", &[]).await;
        // In lower case it is found by the spelling as well as by the key.
        let email = "zyx@b\u{fc}cher.example";
        let id = scene.person(w, 0, json!({ "email": email })).await;
        let twin = json!({
            "workspace_id": all, "partition_id": partitions[2], "person": { "email": email },
            "request_id": uuid::Uuid::now_v7(),
        });
        let made = scene.call("CreatePerson", twin.clone()).await;
        scene.start(json!({ "workspace_id": w, "person_id": id })).await;
        app.finish().await;
        assert_eq!(made["person"]["email"], email);
        assert_eq!(scene.call("CreatePerson", twin).await["person"], made["person"]);
    }

    /// K-08, S-07: by id, of an asset that the workspace received the receipt tells what is live, and of no draft.
    async fn s_07_drafts_of_others_are_not_listed(app) {
        let scene = Scene::new(app).await;
        let Scene { ada, w, partitions, .. } = &scene;
        let other = ada.workspace("Other", &[&partitions[2]]).await;
        let root = ada.root(&other, Area::DesignStudio).await;
        let folder = ada.folder(&other, &root, "Shared").await;
        ok(ada.try_share(&other, &folder, &[w]).await);
        let live = ada.asset_in(&other, &folder, AssetType::Snippet, "Live").await;
        for text in ["one", "two"] {
            ada.write_asset(&other, &live, &format!("{text} {EMAIL}")).await;
            ada.approve(&other, &live).await;
        }
        ada.write_asset(&other, &live, &format!("three {EMAIL}")).await;
        let draft = ada.asset_in(&other, &folder, AssetType::Snippet, "Draft").await;
        ada.write_asset(&other, &draft, EMAIL).await;
        let id = scene.person(w, 0, json!({ "email": EMAIL })).await;
        let name = scene.start(json!({ "workspace_id": w, "person_id": id })).await;
        app.finish().await;
        let version = pb::AssetVersionMention { asset_id: live, version: 2 };
        assert_eq!(places(&scene, &name).await, [Place::Version(version)]);
    }
}
