//! The rules of folders, shares and assets, each broken on purpose.

use precinct::id::TenantId;
use precinct::pb;
use precinct::pb::AssetType::{Email, Program, Segmentation, SmartList, Snippet, StaticList};
use precinct::pb::{Area, ReferenceKind};

use crate::support::App;
use crate::support::actor::{Actor, ok};
use crate::support::assets::{new_asset, refers};
use crate::support::checker::flaws;
use crate::support::members::{Kind, Members};

/// A tenant with a shared folder and one below it, lists that refer to each other, a program with a local email and a
/// member, and what is approved.
async fn world(app: &App) -> String {
    let acme = app.tenant("acme").await;
    let (ada, w) = (acme.admin(), acme.default_workspace.as_str());
    let target = ada.workspace("Target", &[]).await;
    let shared = ada.folder(w, &ada.root(w, Area::Database).await, "Shared").await;
    let below = ada.folder(w, &shared, "Below").await;
    ada.folder(w, &shared, "Twin").await;
    ok(ada.try_share(w, &shared, &[&target]).await);
    let list = Members::make(&ada, Kind::List, w, &shared, "List").await;
    list.add(&[&ada.person(w, "a@example.com").await.person_id]).await;
    let smart = pb::Asset {
        folder_id: below.clone(),
        references: vec![refers(ReferenceKind::List, &list.id)],
        ..new_asset(SmartList, "Smart")
    };
    ada.asset_of(w, smart).await;
    ada.asset_in(w, &below, SmartList, "Other").await;
    ada.asset(w, Segmentation, "Segments").await;
    let programs = ada.folder(w, &ada.root(w, Area::MarketingActivities).await, "Programs").await;
    let program = ada.asset(w, Program, "Program").await;
    ada.asset_in(w, &programs, Program, "Second").await;
    ada.local(w, &program, Email, "Local").await;
    ada.local(w, &program, StaticList, "Local list").await;
    approved(&ada, w).await;
    acme.id
}

/// An email whose draft and live version both contain a snippet.
async fn approved(ada: &Actor, w: &str) {
    let snippet = ada.asset(w, Snippet, "Snippet").await;
    ada.approve(w, &snippet).await;
    let mail = ada.user_of(w, Email, "Mail", &[refers(ReferenceKind::Snippet, &snippet)]).await;
    ada.approve(w, &mail).await;
    ada.write_asset(w, &mail, "a draft").await;
}

/// How a flaw begins, and how it comes about. `[name]` stands for the asset or folder of a name, `{id}` for the tenant.
const SABOTAGES: [(&str, &str); 33] = [
    (
        "W-11: workspace",
        "DELETE FROM folder_path WHERE folder_id IN (SELECT id FROM folder WHERE workspace_id = [Target] \
         AND area = 'DESIGN_STUDIO'); \
         DELETE FROM folder WHERE workspace_id = [Target] AND area = 'DESIGN_STUDIO'",
    ),
    ("F-02: folder", "UPDATE folder SET depth = 3 WHERE id = [Below]"),
    ("F-02: folder", "UPDATE folder SET area = 'DESIGN_STUDIO' WHERE id = [Below]"),
    ("F-02: folder", "UPDATE folder SET workspace_id = [Target] WHERE id = [Below]"),
    (
        "F-02: the path",
        "DELETE FROM folder_path WHERE folder_id = [Below] AND ancestor_id = [Shared]",
    ),
    (
        "F-02: the path",
        "INSERT INTO folder_path (tenant_id, folder_id, ancestor_id) VALUES ({id}, [Shared], [Below])",
    ),
    (
        "F-02: (",
        "DROP INDEX IF EXISTS folder_name; UPDATE folder SET display_name = 'Twin', name_key = 'twin' WHERE id = [Below]",
    ),
    (
        "F-02: (",
        "DROP INDEX IF EXISTS asset_name; UPDATE asset SET display_name = 'Smart', name_key = 'smart' WHERE id = [Other]",
    ),
    (
        "F-02: (",
        "DROP INDEX IF EXISTS asset_local_name; UPDATE asset SET display_name = 'Local', name_key = 'local' WHERE id = [Local list]",
    ),
    (
        "F-02: (",
        "DROP INDEX IF EXISTS asset_program_name; UPDATE asset SET display_name = 'Program', name_key = 'program' WHERE id = [Second]",
    ),
    ("F-02: \"Smart\"", "UPDATE asset SET name_key = 'x' WHERE id = [Smart]"),
    ("F-01: SMART_LIST", "UPDATE asset SET workspace_id = [Target] WHERE id = [Smart]"),
    ("F-01: PROGRAM", "UPDATE asset SET folder_id = [Shared] WHERE id = [Second]"),
    ("F-01: EMAIL_TEMPLATE", "UPDATE asset SET type = 'EMAIL_TEMPLATE' WHERE id = [Local]"),
    ("F-01: EMAIL", "UPDATE asset SET folder_id = [Programs] WHERE id = [Local]"),
    ("F-01: EMAIL", "UPDATE asset SET program_id = [Smart] WHERE id = [Local]"),
    ("F-01: STATIC_LIST", "UPDATE asset SET active = true WHERE id = [List]"),
    ("S-02", "UPDATE share SET folder_id = [Below] WHERE tenant_id = {id}"),
    ("S-03", "UPDATE share SET folder_id = [Programs] WHERE tenant_id = {id}"),
    ("S-04", "UPDATE share SET workspace_id = [Default] WHERE tenant_id = {id}"),
    ("G-01", "UPDATE tenant SET settings = '{\"segmentation_limit\": 0}' WHERE tenant_id = {id}"),
    ("L-05", "UPDATE asset_member SET asset_id = [Smart] WHERE tenant_id = {id}"),
    (
        "T-03: folders",
        "UPDATE quota SET used = used + 1 WHERE tenant_id = {id} AND name = 'folders'",
    ),
    ("T-03: assets", "UPDATE quota SET used = used - 1 WHERE tenant_id = {id} AND name = 'assets'"),
    ("F-04", "UPDATE asset SET has_draft = true WHERE id = [Snippet]"),
    ("F-04", "UPDATE asset SET approved_version = NULL WHERE id = [Snippet]"),
    ("F-04", "UPDATE asset SET approved_version = 7 WHERE id = [Mail]"),
    ("F-04", "UPDATE asset SET versions = 2 WHERE id = [Mail]"),
    ("F-04", "DELETE FROM asset_content WHERE asset_id = [Smart]"),
    ("F-05", "UPDATE asset_reference SET kind = 'FORM' WHERE asset_id = [Smart]"),
    (
        "F-05: references in a circle",
        "INSERT INTO asset_reference (tenant_id, asset_id, live, kind, target_id) \
         VALUES ({id}, [Smart], true, 'LIST', [Other]), ({id}, [Other], true, 'LIST', [Smart])",
    ),
    ("F-05: no draft", "UPDATE asset_reference SET live = false WHERE asset_id = [Smart]"),
    ("F-05: live", "DELETE FROM asset_reference WHERE asset_id = [Mail] AND live"),
];

/// The statement with ids for names.
fn named(sql: &str) -> String {
    let mut text = String::new();
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once('[') {
        let (name, after) = after.split_once(']').expect("a name ends");
        let table = match name {
            "Target" | "Default" => "workspace",
            "Below" | "Shared" | "Programs" => "folder",
            _ => "asset",
        };
        let one = format!(
            "(SELECT id FROM {table} WHERE tenant_id = {{id}} AND display_name = '{name}' LIMIT 1)"
        );
        text.extend([before, &one]);
        rest = after;
    }
    text + rest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_broken_rule_of_folders_and_assets_is_found() {
    for app in [App::sqlite().await, App::postgres().await] {
        for (rule, sql) in SABOTAGES {
            let id = world(&app).await;
            let tenant: TenantId = id.parse().expect("an id");
            assert_eq!(flaws(&app.database.url, tenant).await, Vec::<String>::new());
            app.database.sabotage(&named(sql), &id).await;
            let found = flaws(&app.database.url, tenant).await;
            assert!(found.iter().any(|flaw| flaw.starts_with(rule)), "{sql}: {found:#?}");
        }
    }
}
