//! K-02: the first promotion adds, the second changes what the first added.

use precinct::pb;
use precinct::pb::{
    Area, AssetState, AssetType, FieldType, ReferenceKind, TransferAction, TransferPart,
};
use serde_json::{Value as Json, json};

use crate::on_both;
use crate::support::App;
use crate::support::actor::{Actor, ok};
use crate::support::assets::{new_asset, refers, text_content, text_of};
use crate::support::filters::text;
use crate::support::members::{Kind, Members};
use crate::support::transfers::{change, promotion, said};

/// Staging and production of a tenant, and an email in staging that uses a template.
struct House {
    ada: Actor,
    staging: String,
    production: String,
    template: String,
    email: String,
}

impl House {
    async fn new(app: &App) -> Self {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let staging = ada.workspace("Staging", &[&tenant.default_partition]).await;
        let production = ada.workspace("Production", &[&tenant.default_partition]).await;
        let root = ada.root(&staging, Area::DesignStudio).await;
        let spring = ada.folder(&staging, &root, "Spring").await;
        let emails = ada.folder(&staging, &spring, "Emails").await;
        let template = ada.asset_in(&staging, &spring, AssetType::EmailTemplate, "Plain").await;
        ada.write_asset(&staging, &template, "Dear reader").await;
        ada.approve(&staging, &template).await;
        let email = pb::Asset {
            folder_id: emails,
            references: vec![refers(ReferenceKind::Template, &template)],
            content: Some(text_content(&format!("Hello from {template}"))),
            description: "The first".into(),
            ..new_asset(AssetType::Email, "Welcome")
        };
        let email = ada.asset_of(&staging, email).await;
        ada.approve(&staging, &email).await;
        Self { ada, staging, production, template, email }
    }

    /// The copy of an asset, by name.
    async fn copy(&self, name: &str) -> pb::Asset {
        let all = self.ada.list_assets(crate::support::assets::listing(&self.production)).await;
        let found = all.into_iter().find(|one| one.display_name == name);
        let id = found.unwrap_or_else(|| panic!("no {name}")).asset_id;
        self.ada.get_asset(&self.production, &id).await
    }

    fn promotion(&self, assets: &[&String]) -> pb::PromoteRequest {
        promotion(&self.staging, &self.production, assets)
    }
}

/// The changes of the newest entry of the audit log that has one of a kind.
async fn audited(actor: &Actor, workspace: &str, kind: &str) -> Vec<Json> {
    let request = json!({ "workspace_id": workspace });
    let mut log = actor.make("ActivityService/ListAuditEntries", &request).await.ok();
    let entries = log["entries"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let mut changes = entries.into_iter().filter_map(|one| one["changes"].as_array().cloned());
    let has = |changes: &Vec<Json>| changes.iter().any(|one| one["kind"] == kind);
    changes.find(has).unwrap_or_default()
}

on_both! {
    /// K-02: what is chosen comes with what it uses and the folders on the way, as drafts of what is live; a dry run
    /// tells all that and writes nothing.
    async fn k_02_promotes_with_all_that_is_needed(app) {
        let house = House::new(app).await;
        let House { ada, staging, production, template, email } = &house;
        ada.write_asset(staging, email, "not approved").await;
        let request = house.promotion(&[email]);
        let before = ada.revision().await;
        let diff = ada.promotion_of(&request).await;
        assert_eq!(said(&diff), [
            ("Plain".into(), TransferAction::Add, vec![]),
            ("Welcome".into(), TransferAction::Add, vec![]),
        ]);
        assert_eq!((diff.added, diff.changed, diff.unchanged), (2, 0, 0));
        assert_eq!(diff.folders, ["Spring", "Spring / Emails"]);
        assert!(change(&diff, "Plain").along && !change(&diff, "Welcome").along);
        assert_eq!(ada.revision().await, before, "a dry run writes nothing");
        assert!(ada.asset_names(production).await.is_empty());
        let done = ada.promote(app, &request).await;
        assert_eq!((done.added, done.changed, done.unchanged, done.folders), (2, 0, 0, 2));
        let (copied, plain) = (house.copy("Welcome").await, house.copy("Plain").await);
        assert_eq!(text_of(&copied), format!("Hello from {}", plain.asset_id), "ids in texts are the copies'");
        assert_eq!((copied.state(), plain.state()), (AssetState::Draft, AssetState::Draft));
        assert_eq!(copied.references, [refers(ReferenceKind::Template, &plain.asset_id)]);
        assert_eq!(copied.description, "The first");
        assert_eq!((&copied.origin_asset_id, &copied.origin_workspace_id), (email, staging));
        let folder = ok(ada.folders().get_folder(pb::GetFolderRequest {
            workspace_id: production.clone(), folder_id: copied.folder_id,
        }).await).folder.unwrap_or_default();
        assert_eq!((folder.display_name.as_str(), folder.depth), ("Emails", 2));
        assert_eq!(folder.parent_folder_id, plain.folder_id);
        assert_eq!(ada.get_asset(staging, template).await.state(), AssetState::Approved);
    }

    /// K-02, K-06: before it begins it is tried, and nothing of that stays: no asset, and no word of any.
    async fn k_02_what_is_tried_first_leaves_nothing(app) {
        let house = House::new(app).await;
        let House { ada, production, email, .. } = &house;
        let started = ok(ada.try_promote(house.promotion(&[email])).await);
        assert!(started.operation.is_some() && started.diff.unwrap_or_default().added == 2);
        assert!(ada.asset_names(production).await.is_empty());
        let told = audited(ada, "", "operation.started").await;
        assert_eq!(told.len(), 1, "{told:?}");
        app.finish().await;
        assert_eq!(ada.asset_names(production).await, ["Plain", "Welcome"]);
    }

    /// K-02, F-02: names that were exchanged are exchanged in the target too; what was there before is told as it was.
    async fn k_02_names_can_be_exchanged(app) {
        let House { ada, staging, production, .. } = House::new(app).await;
        let mut ids = Vec::new();
        for name in ["One", "Two"] {
            let id = ada.asset(&staging, AssetType::Email, name).await;
            ada.write_asset(&staging, &id, name).await;
            ada.approve(&staging, &id).await;
            ids.push(id);
        }
        let request = promotion(&staging, &production, &[&ids[0], &ids[1]]);
        ada.promote(app, &request).await;
        for (at, name) in [(0, "Neither"), (1, "One"), (0, "Two")] {
            let (asset_id, display_name) = (ids[at].clone(), name.into());
            ok(ada.try_update_asset(&staging, pb::Asset { asset_id, display_name, ..pb::Asset::default() }).await);
        }
        let diff = ada.promotion_of(&request).await;
        ada.promote(app, &request).await;
        for (name, text) in [("One", "Two"), ("Two", "One")] {
            let change = change(&diff, name);
            assert_eq!(change.parts().collect::<Vec<_>>(), [TransferPart::Name]);
            let copy = ada.get_asset(&production, &change.asset_id).await;
            assert_eq!((copy.display_name.as_str(), text_of(&copy).as_str()), (name, text));
        }
        let told = audited(&ada, &production, "assets.promoted").await;
        let updated = told.iter().filter(|one| one["kind"] == "asset.updated");
        let mut keys: Vec<String> = updated.filter_map(|one| {
            let before: Json = serde_json::from_str(one["before"].as_str()?).ok()?;
            Some(before["asset"]["name_key"].as_str()?.to_owned())
        }).collect();
        keys.sort();
        assert_eq!(keys, ["one", "two"]);
    }

    /// K-02: the second promotion changes what the first made, and only what differs; a third has nothing to do.
    async fn k_02_the_second_promotion_changes_what_the_first_made(app) {
        let house = House::new(app).await;
        let House { ada, staging, template, email, .. } = &house;
        let request = house.promotion(&[email]);
        ada.promote(app, &request).await;
        let first = (house.copy("Welcome").await, house.copy("Plain").await);
        ada.write_asset(staging, template, "Dear reader, again").await;
        ada.approve(staging, template).await;
        let diff = ada.promotion_of(&request).await;
        assert_eq!(said(&diff), [
            ("Plain".into(), TransferAction::Change, vec![TransferPart::Content]),
            ("Welcome".into(), TransferAction::Keep, vec![]),
        ]);
        assert_eq!(change(&diff, "Plain").asset_id, first.1.asset_id);
        let done = ada.promote(app, &request).await;
        assert_eq!((done.added, done.changed, done.unchanged, done.folders), (0, 1, 1, 0));
        let second = (house.copy("Welcome").await, house.copy("Plain").await);
        assert_eq!(second.0, first.0, "what is the same is not touched");
        assert_eq!((&second.1.asset_id, text_of(&second.1).as_str()), (&first.1.asset_id, "Dear reader, again"));
        let before = ada.revision().await;
        let third = ok(ada.try_promote(request).await);
        assert!(third.operation.is_none() && third.revision == before, "H-08: there is nothing to do");
        assert_eq!(third.diff.unwrap_or_default().unchanged, 2);
        assert_eq!(app.finish().await, 0);
        assert_eq!(ada.revision().await, before);
    }

    /// K-02: a copy that was deleted is made again, and the difference says so; the rest refers to the new one.
    async fn k_02_what_was_deleted_is_made_again(app) {
        let house = House::new(app).await;
        let House { ada, production, email, .. } = &house;
        let request = house.promotion(&[email]);
        ada.promote(app, &request).await;
        let (copied, plain) = (house.copy("Welcome").await, house.copy("Plain").await);
        ok(ada.try_refer(production, &copied.asset_id, &[]).await);
        ok(ada.try_delete_asset(production, &plain.asset_id).await);
        let diff = ada.promotion_of(&pb::PromoteRequest {
            options: Some(pb::TransferOptions { overwrite: true, ..pb::TransferOptions::default() }),
            ..request.clone()
        }).await;
        let (again, changed) = (change(&diff, "Plain"), change(&diff, "Welcome"));
        assert!(again.action() == TransferAction::Add && again.again);
        assert!(changed.action() == TransferAction::Change && changed.target_changed && !changed.again);
        let options = Some(pb::TransferOptions { overwrite: true, ..pb::TransferOptions::default() });
        ada.promote(app, &pb::PromoteRequest { options, ..request }).await;
        let (copied, plain) = (house.copy("Welcome").await, house.copy("Plain").await);
        assert_eq!(copied.references, [refers(ReferenceKind::Template, &plain.asset_id)]);
    }

    /// K-02: a program comes with what is local to it; campaigns do not run, and people stay where they are.
    async fn k_02_a_program_comes_whole_and_without_people(app) {
        let House { ada, staging, production, .. } = House::new(app).await;
        let person = ada.person(&staging, "ada@example.com").await.person_id;
        let program = ada.asset(&staging, AssetType::Program, "Fair").await;
        Members::new(&ada, Kind::Program, &staging, &program).add(&[&person]).await;
        let list = ada.local(&staging, &program, AssetType::StaticList, "Guests").await;
        Members::new(&ada, Kind::List, &staging, &list).add(&[&person]).await;
        let campaign = pb::Asset {
            parent_program_id: program.clone(),
            filter: Some(text(&format!("in_list(\"{list}\")"))),
            active: true,
            ..new_asset(AssetType::SmartCampaign, "Invite")
        };
        let campaign = ada.asset_of(&staging, campaign).await;
        // The campaign alone brings its program, with all that is in it.
        let request = promotion(&staging, &production, &[&campaign]);
        ada.promote(app, &request).await;
        let diff = ada.promotion_of(&request).await;
        assert_eq!((diff.changes.len(), diff.unchanged), (3, 3));
        let copy = |name: &str| change(&diff, name).asset_id.clone();
        let (fair, guests, invite) = (copy("Fair"), copy("Guests"), copy("Invite"));
        let copied = ada.get_asset(&production, &invite).await;
        assert!(!copied.active && copied.parent_program_id == fair);
        assert_eq!(copied.references, [refers(ReferenceKind::List, &guests)]);
        let filter = copied.filter.unwrap_or_default();
        assert_eq!(filter.text, format!("in_list(\"{guests}\")"));
        assert_eq!(Members::new(&ada, Kind::Program, &production, &fair).count().await.0, 0);
        assert_eq!(Members::new(&ada, Kind::List, &production, &guests).count().await.0, 0);
    }

    /// K-02: filters go along with the fields and lists that they name, and folders can be mapped.
    async fn k_02_filters_and_folders(app) {
        let House { ada, staging, production, .. } = House::new(app).await;
        ada.field("shoe_size", FieldType::Integer).await;
        let list = pb::Asset { filter: Some(text("shoe_size > 40")), ..new_asset(AssetType::SmartList, "Big") };
        let list = ada.asset_of(&staging, list).await;
        let filter = format!("in_smart_list(\"{list}\") and shoe_size < 50");
        let other = pb::Asset { filter: Some(text(&filter)), ..new_asset(AssetType::SmartList, "Not too big") };
        let other = ada.asset_of(&staging, other).await;
        let root = ada.root(&staging, Area::Database).await;
        let lists = ada.folder(&production, &ada.root(&production, Area::Database).await, "Lists").await;
        let mapping = pb::FolderMapping { source_folder_id: root, target_folder_id: lists.clone() };
        let request = pb::PromoteRequest {
            options: Some(pb::TransferOptions { folders: vec![mapping], ..pb::TransferOptions::default() }),
            ..promotion(&staging, &production, &[&other])
        };
        ada.promote(app, &request).await;
        let diff = ada.promotion_of(&request).await;
        assert_eq!(diff.unchanged, 2);
        let copied = ada.get_asset(&production, &change(&diff, "Not too big").asset_id).await;
        assert_eq!(copied.folder_id, lists);
        assert!(copied.filter.unwrap_or_default().text.contains(&change(&diff, "Big").asset_id));
        // What is there stays where it is, also without the mapping.
        let again = ok(ada.try_promote(pb::PromoteRequest { options: None, ..request }).await);
        assert!(again.operation.is_none());
    }
}
