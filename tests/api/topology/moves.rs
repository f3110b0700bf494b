//! `ExplainVisibility` where a move turns the answer: it comes last, and is named where it could be done (X-01, M-03, M-04,
//! C-05).

use precinct::pb::{
    AccessChange, AccessChangeKind as Kind, Area, AssetType, BindingAccess, ReferenceKind,
};
use serde_json::json;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::assets::refers;
use crate::support::look::{Look, apply};
use crate::support::members::{Kind as Holder, Members};
use crate::support::{App, Tenant};

/// Two workspaces with a partition each.
struct Stage {
    tenant: Tenant,
    ada: Actor,
    here: String,
    there: String,
    /// Of here, and of there.
    near: String,
    far: String,
}

impl Stage {
    async fn new(app: &App) -> Self {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let (near, far) = (ada.partition("Near").await, ada.partition("Far").await);
        let here = ada.workspace("Here", &[&near]).await;
        let there = ada.workspace("There", &[&far]).await;
        Self { tenant, ada, here, there, near, far }
    }

    /// A folder of there with an asset.
    async fn folder(&self, name: &str, kind: AssetType) -> (String, String) {
        let root = self.ada.root(&self.there, Area::DesignStudio).await;
        let folder = self.ada.folder(&self.there, &root, name).await;
        let asset = self.ada.asset_in(&self.there, &folder, kind, name).await;
        (folder, asset)
    }
}

async fn change(look: Look<'_>, actor: &Actor) -> Option<AccessChange> {
    let seen = look.explain(actor).await;
    assert!(!seen.visible);
    seen.change
}

/// Does what is named, after which it is seen.
async fn turn(look: Look<'_>, actor: &Actor, change: &AccessChange) {
    apply(actor, change).await;
    assert!(look.explain(actor).await.visible);
}

on_both! {
    /// X-01, S-03, S-07: what cannot be shared, or is not live, is seen once its folder is moved.
    async fn x_01_a_folder_that_cannot_be_shared_is_moved(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, here, there, .. } = &stage;
        for (name, kind) in [("Email", AssetType::Email), ("Draft", AssetType::Snippet)] {
            let (folder, asset) = stage.folder(name, kind).await;
            let look = Look::asset(here, &asset);
            let change = change(look, ada).await.expect("there is a way");
            assert_eq!((change.kind(), &change.folder_id), (Kind::Move, &folder));
            assert_eq!((&change.owner_workspace_id, &change.workspace_id), (there, here));
            turn(look, ada, &change).await;
        }
        let (_, live) = stage.folder("Live", AssetType::Snippet).await;
        ada.approve(there, &live).await;
        let change = change(Look::asset(here, &live), ada).await.expect("there is a way");
        assert_eq!(change.kind(), Kind::Share, "sharing comes before moving");
    }

    /// X-01, C-05: a move that would be refused is not named.
    async fn c_05_a_folder_that_cannot_move_stays(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, here, there, far, .. } = &stage;
        let (_, email) = stage.folder("Email", AssetType::Email).await;
        let look = Look::asset(here, &email);
        // Its name is taken there.
        let root = ada.root(here, Area::DesignStudio).await;
        let twin = ada.folder(here, &root, "Email").await;
        assert_eq!(change(look, ada).await, None);
        ok(ada.try_delete_folder(here, &twin).await);
        // A reference would break.
        let snippet = ada.asset(there, AssetType::Snippet, "Footer").await;
        let uses = [refers(ReferenceKind::Snippet, &snippet)];
        ok(ada.try_refer(there, &email, &uses).await);
        assert_eq!(change(look, ada).await, None);
        ok(ada.try_refer(there, &email, &[]).await);
        turn(look, ada, &change(look, ada).await.expect("there is a way")).await;
        // Somebody is in a program.
        let root = ada.root(there, Area::MarketingActivities).await;
        let folder = ada.folder(there, &root, "Programs").await;
        let program = Members::make(ada, Holder::Program, there, &folder, "Program").await;
        let look = Look::asset(here, &program.id);
        assert_eq!(change(look, ada).await.expect("there is a way").kind(), Kind::Move);
        let person = ada.named_person(there, far, "Ann").await;
        program.add(&[&person]).await;
        assert_eq!(change(look, ada).await, None);
    }

    /// X-01, W-12, M-03: an archived workspace is bound to nothing more; a person comes into its sight by a move through
    /// another that may change both sides.
    async fn m_03_a_person_is_moved_into_sight(app) {
        let stage = Stage::new(app).await;
        let Stage { tenant, ada, here, there, near, far } = &stage;
        let person = ada.named_person(there, far, "Ann").await;
        ada.make("WorkspaceService/ArchiveWorkspace", &json!({ "workspace_id": here })).await.ok();
        let look = Look::person(here, &person);
        let named = change(look, ada).await.expect("there is a way");
        assert_eq!((named.kind(), &named.person_id, &named.partition_id), (Kind::Move, &person, near));
        // Of those who look, only they are told who see the workspace to do it through.
        ada.grant("user:bob", &built_in("Viewer"), here).await;
        ada.grant("user:bob", &built_in("Viewer"), there).await;
        assert_eq!(change(look, &tenant.user("bob")).await, None);
        turn(look, ada, &named).await;
    }

    /// X-01, K-01: between regions, by a partition that has none.
    async fn k_01_a_person_is_moved_where_regions_let_it(app) {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let (eu, us) =
            (ada.regional_partition("EU", "eu").await, ada.regional_partition("US", "us").await);
        let request = json!({
            "workspace": { "display_name": "Europe", "region": "eu" }, "partition_ids": [eu],
        });
        let made = ada.make("WorkspaceService/CreateWorkspace", &request).await.ok();
        let europe = made["workspace"]["workspace_id"].as_str().unwrap();
        let person = ada.named_person(&tenant.default_workspace, &us, "Ann").await;
        let look = Look::person(europe, &person);
        assert_eq!(change(look, &ada).await, None, "neither bound nor moved across");
        let open = ada.partition("Open").await;
        ada.bind(europe, &open, BindingAccess::ReadWrite).await;
        let named = change(look, &ada).await.expect("there is a way");
        assert_eq!((named.kind(), &named.partition_id), (Kind::Move, &open));
        turn(look, &ada, &named).await;
    }

    /// X-01, M-04: not to where somebody has the same key.
    async fn m_04_nobody_is_moved_onto_a_key(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, here, there, near, far, .. } = &stage;
        let with_key = async |workspace: &str, partition: &str| -> String {
            let request = json!({
                "workspace_id": workspace, "partition_id": partition, "person": { "external_id": "7" },
            });
            let made = ada.make("PersonService/CreatePerson", &request).await.ok();
            made["person"]["person_id"].as_str().unwrap().to_owned()
        };
        with_key(here, near).await;
        let person = with_key(there, far).await;
        ada.make("WorkspaceService/ArchiveWorkspace", &json!({ "workspace_id": here })).await.ok();
        assert_eq!(change(Look::person(here, &person), ada).await, None);
    }
}
