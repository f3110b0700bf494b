//! How many statements calls take in a tenant with 20,000 assets in folders to depth 32, and 200 shares: as many as in
//! a small one.

use precinct::pb;
use precinct::pb::Area;
use precinct::repository::Store;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::assets::listing;
use crate::support::folders::{moving, sharing};
use crate::support::{App, Tenant};

const CHAINS: usize = 62;
const DEPTH: usize = 32;
const ASSETS: usize = 20_000;

/// The id of a row that was put past the service.
fn id(number: usize) -> String {
    uuid::Uuid::from_u128(number as u128).to_string()
}

/// Folders 1 to 1,984 in chains of 32, and assets from 100,001 on, spread over them; the uppermost of each chain is
/// shared with the targets, 200 shares in all.
async fn fill(app: &App, tenant: &Tenant, root: &str, targets: &[String]) {
    let sqlite = app.database.url.starts_with("sqlite:");
    let number = |n: &str| match sqlite {
        true => format!("unhex(printf('%032x', {n}))"),
        false => format!("lpad(to_hex({n}), 32, '0')::uuid"),
    };
    let literal = |id: &str| match sqlite {
        true => format!("x'{}'", id.replace('-', "")),
        false => format!("'{id}'::uuid"),
    };
    let (root, home) = (literal(root), literal(&tenant.default_workspace));
    let folders = CHAINS * DEPTH;
    let numbers = |most: usize| {
        format!("WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {most})")
    };
    let counted = numbers(folders);
    let mut sql = vec![
        format!(
            "INSERT INTO folder (tenant_id, id, workspace_id, area, parent_id, display_name, name_key, description, \
             depth, version, create_time, update_time) {counted} SELECT {{id}}, {}, {home}, 'DATABASE', \
             CASE WHEN (n - 1) % {DEPTH} = 0 THEN {root} ELSE {} END, 'Folder ' || n, 'folder ' || n, '', \
             (n - 1) % {DEPTH} + 1, 1, 1, 1 FROM n",
            number("n"),
            number("n - 1")
        ),
        format!(
            "INSERT INTO folder_path (tenant_id, folder_id, ancestor_id) {counted} SELECT {{id}}, {}, {root} FROM n",
            number("n")
        ),
        format!(
            "INSERT INTO folder_path (tenant_id, folder_id, ancestor_id) {counted} SELECT {{id}}, {}, {} FROM n \
             JOIN n a ON a.n <= n.n AND a.n > (n.n - 1) / {DEPTH} * {DEPTH}",
            number("n.n"),
            number("a.n")
        ),
        format!(
            "INSERT INTO asset (tenant_id, id, workspace_id, folder_id, type, display_name, name_key, description, \
             active, has_draft, versions, version, create_time, update_time) {} SELECT {{id}}, {}, {home}, {}, \
             'SMART_LIST', 'List ' || n, 'list ' || n, '', false, false, 0, 1, 1, 1 FROM n",
            numbers(ASSETS),
            number("100000 + n"),
            number(&format!("n % {folders} + 1"))
        ),
        format!(
            "INSERT INTO asset_content (tenant_id, asset_id, content) SELECT tenant_id, id, '{{}}' FROM asset \
             WHERE tenant_id = {{id}} AND display_name LIKE 'List %'"
        ),
        format!(
            "UPDATE quota SET used = used + {folders} WHERE tenant_id = {{id}} AND name = 'folders'"
        ),
        format!(
            "UPDATE quota SET used = used + {ASSETS} WHERE tenant_id = {{id}} AND name = 'assets'"
        ),
    ];
    for (at, target) in targets.iter().enumerate() {
        // 62, 62, 62 and 14: 200 in all.
        let most = if at == 3 { 14 } else { CHAINS };
        sql.push(format!(
            "INSERT INTO share (tenant_id, folder_id, workspace_id, shared_by, create_time) {} \
             SELECT {{id}}, {}, {}, 'user:owner', 1 FROM n",
            numbers(most),
            number(&format!("(n - 1) * {DEPTH} + 1")),
            literal(target)
        ));
    }
    for one in sql {
        app.database.sabotage(&one, &tenant.id).await;
    }
}

/// How many statements a call takes, once everything that is cached is warm.
async fn count<T>(store: &Store, call: impl AsyncFn() -> T) -> u64 {
    call().await;
    let before = store.statements();
    call().await;
    store.statements() - before
}

/// What the calls take, in a tenant with a folder and an asset deep in it, which is shared to `target`.
struct Deep<'a> {
    store: &'a Store,
    ada: Actor,
    home: &'a str,
    target: &'a str,
    others: &'a [String],
    spare: &'a str,
    top: &'a str,
    deep: &'a str,
    asset: &'a str,
}

impl Deep<'_> {
    async fn taken(&self) -> [u64; 9] {
        let Self { store, ada, home, target, others, spare, top, deep, asset } = self;
        let folders = |workspace: &str| pb::ListFoldersRequest {
            workspace_id: workspace.into(),
            page_size: 100,
            ..pb::ListFoldersRequest::default()
        };
        let in_folder = pb::ListAssetsRequest { folder_id: (*deep).into(), ..listing(target) };
        let share = |targets: &[&str]| pb::ShareFolderRequest {
            validate_only: true,
            ..sharing(home, top, targets)
        };
        let all: Vec<&str> = others.iter().map(String::as_str).collect();
        let go = pb::MoveFolderRequest { validate_only: true, ..moving(home, top, spare, "") };
        [
            count(store, async || ada.get_asset(home, asset).await).await,
            count(store, async || ada.get_asset(target, asset).await).await,
            count(store, async || ok(ada.assets().list_assets(listing(target)).await)).await,
            count(store, async || ok(ada.assets().list_assets(in_folder.clone()).await)).await,
            count(store, async || ok(ada.folders().list_folders(folders(home)).await)).await,
            count(store, async || ok(ada.folders().list_folders(folders(target)).await)).await,
            count(store, async || ok(ada.sharing().share_folder(share(&all)).await)).await,
            count(store, async || ok(ada.sharing().share_folder(share(&[])).await)).await,
            count(store, async || ok(ada.folders().move_folder(go.clone()).await)).await,
        ]
    }
}

on_both! {
    /// F-02, S-02, C-04: nothing is read or written folder by folder, or asset by asset.
    async fn large_trees_take_as_few_statements_as_small_ones(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let mut others = Vec::new();
        for name in ["Asia", "Europe", "Oceania", "Africa", "Spare"] {
            others.push(ada.workspace(name, &[&tenant.default_partition]).await);
        }
        let root = ada.root(home, Area::Database).await;
        let top = ada.folder(home, &root, "Small").await;
        let deep = ada.folder(home, &top, "Inner").await;
        let asset = ada.asset_in(home, &deep, pb::AssetType::SmartList, "Small").await;
        ok(ada.try_share(home, &top, &[&others[0]]).await);
        let (target, spare) = (others[0].as_str(), others[4].as_str());
        let small = Deep {
            store: &app.store,
            ada: ada.clone(),
            home,
            target,
            others: &others,
            spare,
            top: &top,
            deep: &deep,
            asset: &asset,
        };
        let few = small.taken().await;
        fill(app, &tenant, &root, &others[..4]).await;
        // What was put there past the service shows on a replica that knew nothing before.
        let store = app.database.connect().await;
        let there = tenant.through(App::serve(&store)).admin();
        let listed = there.list_folders(target, "", Area::Database).await;
        assert_eq!(listed.len(), 1_000, "a page of what is shared");
        let [top, deep, asset] = [id(1), id(DEPTH), id(100_000 + DEPTH - 1)];
        let large = Deep { store: &store, ada: there, top: &top, deep: &deep, asset: &asset, ..small };
        assert_eq!(large.taken().await, few);
        // The last three are asked for their plans.
        let most = [4, 4, 2, 2, 2, 3, 15, 15, 27];
        assert!(few.iter().zip(most).all(|(taken, most)| *taken <= most), "{few:?}");
        let moved = ok(large.ada.try_move_folder(home, &top, spare, "").await);
        assert_eq!(moved.folder.map(|folder| folder.depth), Some(1));
        let found = large.ada.get_asset(spare, &asset).await;
        assert_eq!((found.owner_workspace_id.as_str(), found.folder_id.as_str()), (spare, deep.as_str()));
        // Its share to the target has stayed.
        assert!(large.ada.get_asset(target, &asset).await.read_only);
    }
}
