//! What is shared: an asset read through a share, the folders that somebody sees, and the assets of a workspace that
//! receives many folders, against SQL by hand.

use std::time::{Duration, Instant};

use precinct::domain::access::Permission;
use precinct::domain::visibility::Index;
use precinct::pb;

use super::Size;
use super::access::Sees;
use super::caller::Caller;
use super::cluster::{Cluster, Database};
use super::index;
use super::library::{self, ASSET_SQL, Shared};
use super::load::{load, scatter};
use super::measure::{Sample, duel, sample};
use super::server::Server;
use super::table::Table;
use super::topology::{self, USERS, WORKSPACE_SQL};
use super::world;

/// Accounts of `pgbench`: its least.
const ACCOUNTS: i64 = 100_000;
/// Questions that are asked of both before anything is timed.
const COMPARED: u64 = 200;
const PAGE: i32 = 50;
/// Lists in flight.
const FEW: usize = 4;

/// A tenant with folders, assets and shares, and the server that serves it.
struct Place {
    size: Size,
    database: Database,
    server: Server,
    member: Caller,
    tenant: String,
}

/// The statements that somebody would write who has the same tables and no index in memory. `:number` is that of an
/// asset, `:place` of a workspace, `:who` of a user.
struct Sql {
    get: String,
    folders: String,
    list: String,
}

/// Measures `GetAsset` and `ListAssets` through shares, and what the index knows of folders.
pub async fn measure(cluster: &Cluster, size: Size, table: &mut Table) {
    let place = Place::new(cluster, size).await;
    let sql = Sql::new(&place.tenant);
    place.compare_get(&sql).await;
    place.measure_get(&sql, table).await;
    let index = place.index().await;
    place.compare_folders(&index, &sql).await;
    place.measure_folders(&index, &sql, table).await;
    library::fill_hub(&place.database, &place.tenant).await;
    follow().await;
    place.compare_list(&sql).await;
    place.measure_list(&sql, table).await;
    table.note(&format!(
        "the index with folders and shares says {} kB itself; server of the sharing benches: {} MB resident",
        index.bytes() / 1_024,
        place.server.memory()
    ));
}

/// Until the server has followed what was stored past it.
async fn follow() {
    tokio::time::sleep(Duration::from_secs(2)).await;
}

// === impl Place ===

impl Place {
    async fn new(cluster: &Cluster, size: Size) -> Self {
        let database = cluster.database("sharing").await;
        let server = Server::start(&database.service_url).await;
        let operator = Caller::operator(&server.address).await;
        let made = world::tenant(&operator, "Sharing").await;
        let tenant = world::id(&made).to_owned();
        library::store(&database, &tenant).await;
        database.fill_pgbench(ACCOUNTS).await;
        follow().await;
        let member = operator.member(&tenant);
        Self { size, database, server, member, tenant }
    }

    async fn index(&self) -> Index {
        let store = index::store(&self.database.service_url).await;
        index::load(&store, &index::context(&self.tenant)).await.1
    }

    /// Both sides show the same asset, its approved content and what it refers to; and neither one where it is not
    /// shared.
    async fn compare_get(&self, sql: &Sql) {
        for pick in 0..COMPARED {
            let one = library::shared(pick);
            let request = get_request(&one);
            let shown = self.member.assets(0).get_asset(request.clone()).await.expect("an asset");
            let shown = shown.into_inner().asset.expect("the asset");
            assert!(shown.read_only && shown.version == 1, "{shown:?}");
            let number = shown.content.expect("content").fields["number"].clone();
            assert_eq!(number.kind, Some(number_value(one.number)));
            let uses: Vec<String> =
                shown.references.iter().map(|one| format!("'{}'", one.asset_id)).collect();
            let workspace = topology::number(one.workspace);
            let by_hand = format!(
                "SELECT count(*) FROM ({}) a WHERE id = '{}' AND (content->>'number')::int = {} \
                 AND targets @> ARRAY[{uses}]::uuid[] AND targets <@ ARRAY[{uses}]::uuid[]",
                fill(&sql.get, one.number, workspace),
                shown.asset_id,
                one.number,
                uses = uses.join(","),
            );
            assert_eq!(self.database.number(&by_hand).await, 1, "{one:?}");
            let elsewhere = library::hub();
            let request = pb::GetAssetRequest { workspace_id: elsewhere.to_string(), ..request };
            let refused = self.member.assets(0).get_asset(request).await.expect_err("not shared");
            assert_eq!(refused.code(), tonic::Code::NotFound);
            let by_hand = fill(&sql.get, one.number, topology::number(elsewhere));
            let by_hand = format!("SELECT count(*) FROM ({by_hand}) a");
            assert_eq!(self.database.number(&by_hand).await, 0, "{one:?}");
        }
    }

    async fn measure_get(&self, sql: &Sql, table: &mut Table) {
        for in_flight in [16, 64] {
            let work = format!("GetAsset through a share, {in_flight} in flight");
            let by_hand = duel(
                self.size.rounds,
                async || self.get(in_flight).await,
                async || self.script(&format!("{}{}", library::pick(), sql.get), in_flight).await,
            );
            table.row(&work, "one statement by hand", "", &by_hand.await);
            let select = duel(
                self.size.rounds,
                async || self.get(in_flight).await,
                async || self.select(in_flight).await,
            );
            table.row(&work, "pgbench -S", "", &select.await);
        }
    }

    async fn get(&self, in_flight: usize) -> Sample {
        let member = self.member.clone();
        let calls = load(in_flight, self.size.seconds, move |slot, number| {
            let (mut client, request) =
                (member.assets(slot), get_request(&library::shared(number)));
            async move {
                client.get_asset(request).await.expect("the asset");
            }
        });
        sample(Some(self.server.meter()), self.database.meter(), calls).await
    }

    async fn select(&self, in_flight: usize) -> Sample {
        let calls = self.database.pgbench("-S", in_flight, self.size.seconds);
        sample(None, self.database.meter(), calls).await
    }

    /// Both sides see the same folders.
    async fn compare_folders(&self, index: &Index, sql: &Sql) {
        let mut seen = 0;
        for user in (0..USERS).step_by(100) {
            let ids = index.folders_of(&topology::user(user));
            seen += ids.len();
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let folders = sql.folders.replace(":who", &user.to_string());
            let all = self.database.number(&format!("SELECT count(*) FROM ({folders}) f")).await;
            let same = format!(
                "SELECT count(*) FROM ({folders}) f WHERE id::text IN ('{}')",
                ids.join("','")
            );
            let count = i64::try_from(ids.len()).expect("few");
            assert_eq!((count, count), (all, self.database.number(&same).await), "user {user}");
        }
        assert!(seen > 0, "somebody sees something");
    }

    async fn measure_folders(&self, index: &Index, sql: &Sql, table: &mut Table) {
        let script = format!("\\set who random(0, {})\n{}", USERS - 1, sql.folders);
        let seen = duel(
            self.size.rounds,
            async || self.folders(index).await,
            async || self.script(&script, 1).await,
        );
        table.row(
            "folders that X sees, in process",
            "SQL by hand",
            "5 (what can X see)",
            &seen.await,
        );
    }

    /// One thread that asks the index.
    async fn folders(&self, index: &Index) -> Sample {
        let (index, end) = (index.clone(), Instant::now() + Duration::from_secs(self.size.seconds));
        let asked = tokio::task::spawn_blocking(move || {
            let (mut asked, mut seen) = (0, 0);
            while Instant::now() < end {
                seen += index.folders_of(&topology::user(scatter(asked, USERS))).len();
                asked += 1;
            }
            assert!(seen > 0, "somebody sees something");
            asked
        });
        let asked = async { asked.await.expect("it does not panic") };
        sample(None, self.database.meter(), asked).await
    }

    /// Both sides show the same page, of what is owned and what is received.
    async fn compare_list(&self, sql: &Sql) {
        let page = self.member.assets(0).list_assets(list_request()).await.expect("a page");
        let page = page.into_inner().assets;
        let received = page.iter().filter(|one| one.read_only).count();
        assert!(page.len() > received && received > 0, "{received} of {} are received", page.len());
        let ids: Vec<String> = page.into_iter().map(|one| one.asset_id).collect();
        let same = format!(
            "SELECT count(*) FROM ({}) a WHERE id::text IN ('{}')",
            sql.list,
            ids.join("','")
        );
        assert_eq!(i64::from(PAGE), self.database.number(&same).await);
        assert_eq!(ids.len(), usize::try_from(PAGE).expect("few"));
    }

    async fn measure_list(&self, sql: &Sql, table: &mut Table) {
        let list = duel(
            self.size.rounds,
            async || self.list().await,
            async || self.script(&sql.list, FEW).await,
        );
        let work =
            format!("ListAssets, {PAGE} of 38,000, 18,000 of them received, {FEW} in flight");
        table.row(&work, "SQL by hand", "", &list.await);
    }

    async fn list(&self) -> Sample {
        let member = self.member.clone();
        let calls = load(FEW, self.size.seconds, move |slot, _| {
            let mut client = member.assets(slot);
            async move {
                client.list_assets(list_request()).await.expect("a page");
            }
        });
        sample(Some(self.server.meter()), self.database.meter(), calls).await
    }

    async fn script(&self, sql: &str, clients: usize) -> Sample {
        let calls = self.database.pgbench_statement(sql, clients, self.size.seconds);
        sample(None, self.database.meter(), calls).await
    }
}

fn get_request(one: &Shared) -> pb::GetAssetRequest {
    pb::GetAssetRequest {
        workspace_id: one.workspace.to_string(),
        asset_id: one.asset.to_string(),
        version: 0,
    }
}

fn list_request() -> pb::ListAssetsRequest {
    pb::ListAssetsRequest {
        workspace_id: library::hub().to_string(),
        page_size: PAGE,
        ..pb::ListAssetsRequest::default()
    }
}

/// A number as content has it.
fn number_value(number: i64) -> prost_types::value::Kind {
    #[allow(clippy::cast_precision_loss, reason = "numbers of assets are far below 2^52")]
    prost_types::value::Kind::NumberValue(number as f64)
}

fn fill(sql: &str, asset: i64, workspace: i64) -> String {
    sql.replace(":number", &asset.to_string()).replace(":place", &workspace.to_string())
}

// === impl Sql ===

impl Sql {
    fn new(tenant: &str) -> Self {
        let Sees { with, seen } = Sees::new(tenant, Permission::AssetsRead);
        // Folders that are shared, by themselves or by one above, by a workspace that lives.
        let received = format!(
            "FROM share s JOIN folder_path p ON p.tenant_id = '{tenant}' AND p.ancestor_id = s.folder_id \
             JOIN folder f ON f.tenant_id = '{tenant}' AND f.id = p.folder_id \
             JOIN workspace o ON o.tenant_id = '{tenant}' AND o.id = f.workspace_id AND o.delete_time IS NULL \
             WHERE s.tenant_id = '{tenant}'"
        );
        let hub = library::hub();
        let page = format!("ORDER BY display_name, id LIMIT {PAGE}");
        Self {
            get: format!(
                "SELECT a.*, v.content, ARRAY(SELECT r.target_id FROM asset_reference r \
                 WHERE r.tenant_id = '{tenant}' AND r.asset_id = a.id AND r.live) AS targets \
                 FROM asset a JOIN asset_version v ON v.tenant_id = '{tenant}' AND v.asset_id = a.id \
                 AND v.number = a.approved_version \
                 JOIN workspace o ON o.tenant_id = '{tenant}' AND o.id = a.workspace_id AND o.delete_time IS NULL \
                 WHERE a.tenant_id = '{tenant}' AND a.id = {ASSET_SQL} AND EXISTS (\
                 SELECT FROM folder_path p JOIN share s ON s.tenant_id = '{tenant}' AND s.folder_id = p.ancestor_id \
                 WHERE p.tenant_id = '{tenant}' AND p.folder_id = a.folder_id AND s.workspace_id = {WORKSPACE_SQL})"
            ),
            folders: format!(
                "{with}, seen AS (SELECT w.id {seen}) \
                 SELECT f.id FROM folder f WHERE f.tenant_id = '{tenant}' AND f.workspace_id IN (SELECT id FROM seen) \
                 UNION SELECT f.id {received} AND s.workspace_id IN (SELECT id FROM seen)"
            ),
            list: format!(
                "SELECT * FROM (\
                 (SELECT * FROM asset WHERE tenant_id = '{tenant}' AND workspace_id = '{hub}' {page}) UNION ALL \
                 (SELECT a.* FROM asset a WHERE a.tenant_id = '{tenant}' AND a.approved_version IS NOT NULL \
                 AND a.folder_id IN (SELECT f.id {received} AND s.workspace_id = '{hub}') {page})) one {page}"
            ),
        }
    }
}
