//! Purging workspaces (W-08, W-13, S-10, L-07).

use precinct::pb::AssetType::{Email, SmartList, Snippet};
use precinct::pb::{Area, CoverageReason, CoverageState, ErrorReason, ReferenceKind};
use serde_json::json;
use tonic::Code;
use uuid::Uuid;

use super::{changes, rows};
use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::assets::refers;
use crate::support::members::{Kind, Members};
use crate::support::segmentations::{Segmentation, segment};
use crate::support::status::assert_refused;
use crate::support::{App, Tenant};

/// Asia shares lists and snippets to the Default workspace, which uses them, and the other way round.
struct Scene {
    tenant: Tenant,
    ada: Actor,
    home: String,
    asia: String,
    /// Of Asia, with one member.
    list: String,
    /// Of the Default workspace, by the list of Asia.
    reader: Segmentation,
    /// The same, approved, with Asia's snippet.
    mail: String,
    person: String,
}

// === impl Scene ===

impl Scene {
    async fn new(app: &App) -> Self {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), tenant.default_workspace.clone());
        let asia = ada.workspace("Asia", &[&tenant.default_partition]).await;
        let person = ada.person(&home, "ann@example.com").await.person_id;
        ada.person(&home, "bob@example.com").await;
        let shared = async |from: &str, to: &str, area| {
            let folder = ada.folder(from, &ada.root(from, area).await, "Shared").await;
            ok(ada.try_share(from, &folder, &[to]).await);
            ada.folder(from, &folder, "Below").await
        };
        let lists = shared(&asia, &home, Area::Database).await;
        let design = shared(&asia, &home, Area::DesignStudio).await;
        shared(&home, &asia, Area::Database).await;
        let list = Members::make(&ada, Kind::List, &asia, &lists, "List").await;
        list.add(&[&person]).await;
        let listed = segment("Listed", &format!("in_list(\"{}\")", list.id));
        let reader = ada.segmentation(&home, "Reader", &[listed]).await.approved(app).await;
        let snippet = ada.asset_in(&asia, &design, Snippet, "Snippet").await;
        ada.approve(&asia, &snippet).await;
        let uses = refers(ReferenceKind::Snippet, &snippet);
        let mail = ada.user_of(&home, Email, "Mail", &[uses]).await;
        ada.approve(&home, &mail).await;
        let scene = Self { ada, home, asia, list: list.id, reader, mail, person, tenant };
        scene.fill(app).await;
        scene
    }

    /// What Asia holds of its own, and who may do what there.
    async fn fill(&self, app: &App) {
        let Self { ada, asia, person, .. } = self;
        let root = ada.root(asia, Area::MarketingActivities).await;
        let program = Members::make(ada, Kind::Program, asia, &root, "Program").await;
        program.add(&[person]).await;
        ada.local(asia, &program.id, Email, "Local").await;
        ada.asset(asia, SmartList, "Smart").await;
        let all = segment("All", "email contains \"example\"");
        ada.segmentation(asia, "Own", &[all]).await.approved(app).await;
        ada.grant("user:cay", &built_in("Viewer"), asia).await;
        ada.import(asia, person).await;
    }

    async fn purge_asia(&self, app: &App) {
        self.ada.delete_workspace(&self.asia).await;
        app.finish().await;
        app.a_month_passes().await;
        assert!(app.purge().await > 1, "in slices");
    }
}

impl Actor {
    /// Imports somebody who is there.
    async fn import(&self, workspace: &str, person: &str) {
        let header = json!({
            "import_id": Uuid::now_v7().to_string(),
            "workspace_id": workspace,
            "mode": "PERSON_WRITE_MODE_UPDATE_ONLY",
            "lookup_field": "PERSON_LOOKUP_FIELD_ID",
        });
        let chunk = json!({ "people": [{ "person_id": person }], "last": true });
        let request = json!([{ "header": header }, { "chunk": chunk }]);
        self.make("PersonService/ImportPeople", &request).await.ok();
    }
}

on_both! {
    /// W-08, W-13, S-10: a purged workspace is gone with all that it held and shared, and cannot be restored; people
    /// stay.
    async fn w_08_a_purged_workspace_is_gone(app) {
        let scene = Scene::new(app).await;
        let Scene { tenant, ada, home, asia, .. } = &scene;
        scene.purge_asia(app).await;
        let refused = ada.try_undelete_workspace(asia).await;
        assert_refused(refused, Code::NotFound, ErrorReason::WorkspaceNotFound);
        let left = rows(app, &tenant.id).await;
        assert_eq!(left.workspaces.len(), 1);
        let gone = |id: &dyn ToString| id.to_string() != *asia;
        assert!(left.folders.iter().all(|one| gone(&one.workspace_id)));
        assert!(left.assets.iter().all(|one| gone(&one.workspace_id)));
        assert!(left.bindings.iter().all(|one| gone(&one.workspace_id)));
        assert!(left.shares.is_empty() && left.imports.is_empty() && left.chunks.is_empty());
        assert!(left.asset_members.is_empty());
        assert_eq!((left.grants.len(), left.segmentations.len()), (1, 1));
        assert_eq!(changes(&left, "workspace.purged").len(), 1);
        // The end of a share concerns whose folder it was.
        let ended = changes(&left, "folder.unshared");
        assert_eq!(ended.iter().map(|one| &one.detail["workspace_id"]).collect::<Vec<_>>(), [home]);
        assert_eq!(ada.count(home).await, 2);
        let again = ada.workspace("Asia", &[&tenant.default_partition]).await;
        assert!(ada.asset_names(&again).await.is_empty());
    }

    /// L-07: what reads a list of a purged workspace stays broken and keeps its results, whatever happens then.
    async fn l_07_what_read_a_purged_list_stays_broken(app) {
        let scene = Scene::new(app).await;
        let Scene { tenant, ada, home, list, reader, person, .. } = &scene;
        let campaign = ada.campaign(home, "Others", &format!("not in_list(\"{list}\")")).await;
        scene.purge_asia(app).await;
        // Whoever is made, changed or given access to meanwhile.
        ada.person(home, "new@example.com").await;
        let request = json!({ "workspace_id": home, "person": { "person_id": person, "first_name": "Eve" } });
        ada.try_call("PersonService/UpdatePerson", &request).await.unwrap();
        ada.workspace("Other", &[&tenant.default_partition]).await;
        app.finish().await;
        let counts = reader.counts().await;
        assert_eq!(counts.people["Listed"], 1);
        let state = counts.coverage.values().next().unwrap();
        assert_eq!(*state, (CoverageState::Stale, CoverageReason::BrokenReference));
        let refused = ada.try_audience(home, &campaign, "", "").await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::BrokenReference);
        // Mended, it is computed again.
        reader.edit(&[segment("All", "email contains \"example\"")]).await;
        app.approve_segmentation(ada, home, &reader.id).await;
        assert_eq!(reader.counts().await.people["All"], 3);
    }

    /// L-07, F-05: what referred to something purged says that it is broken, and can be edited and mended.
    async fn l_07_references_to_what_was_purged_are_broken(app) {
        let scene = Scene::new(app).await;
        let Scene { ada, home, mail, .. } = &scene;
        scene.purge_asia(app).await;
        let state = async || ada.get_asset(home, mail).await.references[0].broken();
        let broken = state().await;
        ada.write_asset(home, mail, "a draft").await;
        assert_eq!(state().await, broken);
        let refused = ada.try_approve(home, mail).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::BrokenReference);
        ok(ada.try_refer(home, mail, &[]).await);
        ada.approve(home, mail).await;
        assert!(ada.get_asset(home, mail).await.references.is_empty());
    }

    /// W-13: what is looked at before its time, or was restored, stays as it is.
    async fn w_13_nothing_is_purged_before_its_time(app) {
        let scene = Scene::new(app).await;
        let Scene { ada, asia, .. } = &scene;
        let names = ada.asset_names(asia).await;
        ada.delete_workspace(asia).await;
        app.wake_purges().await;
        app.purge().await;
        ada.try_undelete_workspace(asia).await.unwrap();
        app.a_month_passes().await;
        app.wake_purges().await;
        assert_eq!(app.purge().await, 0);
        assert_eq!(ada.asset_names(asia).await, names);
    }
}
