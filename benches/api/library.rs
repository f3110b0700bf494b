//! What a large tenant holds and shares, the same in every run, as rows: 2,000 folders to depth 32, 200 shares and
//! 20,000 assets, beside the 500 workspaces of [`topology`](super::topology).
//!
//! 200 workspaces own a folder each that is shared to another workspace; below 40 of these folders is a chain down to
//! depth 32, below the others are some children. A folder holds ten assets: two snippets, seven approved templates that
//! use both, and the draft of a template.

use precinct::id::{AssetId, WorkspaceId};

use super::cluster::Database;
use super::load::scatter;
use super::topology::{self, Dialect};

const FOLDERS: i64 = 2_000;
const ASSETS: i64 = 20_000;
/// Folders of the first level; each is shared.
const SHARES: i64 = 200;
/// Of these so many are at the top of a chain.
const CHAINS: i64 = 40;
/// The first folder below no chain, and not of the first level: chains go from depth 2 to 32.
const LOOSE: i64 = SHARES + CHAINS * 31;
/// Folders of the first level that have loose ones below.
const BUSHES: i64 = SHARES - CHAINS;
/// The first workspace that folders are shared to, after those that own some.
const TARGETS: i64 = SHARES + 1;
/// Assets of a folder: first the snippets, last the draft.
const SNIPPETS: i64 = 2;
/// The workspace that owns nothing at first.
const HUB: i64 = 0;
/// The areas; each workspace has a root of each.
const ROOTS: &str = "(VALUES (0, 'MARKETING_ACTIVITIES'), (1, 'DESIGN_STUDIO'), (2, 'DATABASE')) AS area (nth, name)";
const DESIGN_STUDIO: i64 = 1;

/// An approved template, and the workspace that it is shared to.
#[derive(Clone, Copy, Debug)]
pub struct Shared {
    /// Which asset.
    pub number: i64,
    /// Its id.
    pub asset: AssetId,
    /// Where it is seen.
    pub workspace: WorkspaceId,
}

/// A shared template, picked by a number.
pub fn shared(pick: u64) -> Shared {
    let number = SNIPPETS * FOLDERS + scatter(pick, ASSETS - (SNIPPETS + 1) * FOLDERS);
    let workspace = topology::workspace(target(top(number % FOLDERS)));
    Shared { number, asset: AssetId(topology::id(7, number)), workspace }
}

/// The workspace with 20,000 assets of its own, and all shared folders, once it [has them](fill_hub).
pub fn hub() -> WorkspaceId {
    topology::workspace(HUB)
}

/// What a script of `pgbench` begins with, to pick a shared template: its `:number`, and `:place`, its workspace.
pub fn pick() -> String {
    format!(
        "\\set number random({}, {})\n\\set folder :number % {FOLDERS}\n\
         \\set top case when :folder < {SHARES} then :folder when :folder < {LOOSE} then (:folder - {SHARES}) % {CHAINS} \
         else {CHAINS} + (:folder - {LOOSE}) % {BUSHES} end\n\
         \\set place {TARGETS} + (:top * 7) % {}\n",
        SNIPPETS * FOLDERS,
        ASSETS - FOLDERS - 1,
        topology::WORKSPACES - TARGETS,
    )
}

/// The id of the asset whose number is `:number`.
pub const ASSET_SQL: &str =
    "('00000007-0000-7000-8000-' || lpad(to_hex(:number ::int), 12, '0'))::uuid";

/// The folder of the first level that a folder is in.
fn top(folder: i64) -> i64 {
    match folder {
        shared if shared < SHARES => shared,
        chained if chained < LOOSE => (chained - SHARES) % CHAINS,
        loose => CHAINS + (loose - LOOSE) % BUSHES,
    }
}

/// The workspace that a folder of the first level is shared to.
fn target(top: i64) -> i64 {
    TARGETS + top * 7 % (topology::WORKSPACES - TARGETS)
}

/// [`topology::id`] of a number that SQL works out.
fn id_sql(kind: u8, number: &str) -> String {
    format!("('0000000{kind}-0000-7000-8000-' || lpad(to_hex(({number})::int), 12, '0'))::uuid")
}

/// Stores everything in a tenant that has the topology's rows, past all rules.
pub async fn store(database: &Database, tenant: &str) {
    let mut statements = topology::statements(tenant, Dialect::Postgres);
    statements.extend([roots(tenant), folders(tenant), paths(tenant), shares(tenant)]);
    let folder = format!("i % {FOLDERS}");
    let owner = format!("1 + {}", top_sql(&folder));
    statements.extend(assets(tenant, 7, &id_sql(6, &folder), &id_sql(1, &owner)));
    commit(database, tenant, &statements).await;
}

/// Gives the hub 20,000 assets of its own, and shares all folders of the first level with it, too.
pub async fn fill_hub(database: &Database, tenant: &str) {
    let share = format!(
        "INSERT INTO share (tenant_id, folder_id, workspace_id, shared_by, create_time) \
         SELECT '{tenant}', {}, '{}', 'user:bench', i FROM generate_series(0, {SHARES} - 1) i",
        id_sql(6, "i"),
        hub(),
    );
    let root = topology::id(8, HUB * 3 + DESIGN_STUDIO);
    let mut statements = vec![share];
    statements.extend(assets(tenant, 9, &format!("'{root}'::uuid"), &format!("'{}'::uuid", hub())));
    commit(database, tenant, &statements).await;
}

async fn commit(database: &Database, tenant: &str, statements: &[String]) {
    // What is kept in memory is of before.
    let raise = format!(
        "UPDATE tenant_head SET revision = revision + 1, access_revision = revision + 1 \
         WHERE tenant_id = '{tenant}'"
    );
    database.execute(&format!("{};{raise}", statements.join(";"))).await;
    database.execute("VACUUM ANALYZE").await;
}

fn roots(tenant: &str) -> String {
    format!(
        "INSERT INTO folder (tenant_id, id, workspace_id, area, parent_id, display_name, name_key, description, depth, \
         version, create_time, update_time) \
         SELECT '{tenant}', {}, {}, area.name, NULL, area.name, area.name, '', 0, 1, i, i \
         FROM generate_series(0, {} - 1) i, {ROOTS}",
        id_sql(8, "i * 3 + area.nth"),
        id_sql(1, "i"),
        topology::WORKSPACES,
    )
}

fn folders(tenant: &str) -> String {
    let root = id_sql(8, &format!("(1 + i) * 3 + {DESIGN_STUDIO}"));
    let top = id_sql(6, &top_sql("i"));
    format!(
        "INSERT INTO folder (tenant_id, id, workspace_id, area, parent_id, display_name, name_key, description, depth, \
         version, create_time, update_time) \
         SELECT '{tenant}', {}, {}, 'DESIGN_STUDIO', \
         CASE WHEN i < {SHARES} THEN {root} WHEN i BETWEEN {} AND {LOOSE} - 1 THEN {} ELSE {top} END, \
         'Folder ' || i, 'folder ' || i, '', \
         CASE WHEN i < {SHARES} THEN 1 WHEN i < {LOOSE} THEN 2 + (i - {SHARES}) / {CHAINS} ELSE 2 END, 1, i, i \
         FROM generate_series(0, {FOLDERS} - 1) i",
        id_sql(6, "i"),
        id_sql(1, &format!("1 + {}", top_sql("i"))),
        SHARES + CHAINS,
        id_sql(6, &format!("i - {CHAINS}")),
    )
}

/// [`top`] of a number that SQL works out.
fn top_sql(folder: &str) -> String {
    format!(
        "(CASE WHEN {folder} < {SHARES} THEN {folder} WHEN {folder} < {LOOSE} THEN ({folder} - {SHARES}) % {CHAINS} \
         ELSE {CHAINS} + ({folder} - {LOOSE}) % {BUSHES} END)"
    )
}

/// Each folder's path to its root. Those of the tenant's first workspace are there.
fn paths(tenant: &str) -> String {
    format!(
        "INSERT INTO folder_path (tenant_id, folder_id, ancestor_id) \
         WITH RECURSIVE above (folder_id, ancestor_id) AS (\
         SELECT id, id FROM folder WHERE tenant_id = '{tenant}' UNION ALL \
         SELECT a.folder_id, f.parent_id FROM above a JOIN folder f ON f.tenant_id = '{tenant}' \
         AND f.id = a.ancestor_id AND f.parent_id IS NOT NULL) \
         SELECT '{tenant}'::uuid, folder_id, ancestor_id FROM above ON CONFLICT DO NOTHING"
    )
}

fn shares(tenant: &str) -> String {
    let target = format!("{TARGETS} + i * 7 % {}", topology::WORKSPACES - TARGETS);
    format!(
        "INSERT INTO share (tenant_id, folder_id, workspace_id, shared_by, create_time) \
         SELECT '{tenant}', {}, {}, 'user:bench', i FROM generate_series(0, {SHARES} - 1) i",
        id_sql(6, "i"),
        id_sql(1, &target),
    )
}

/// 20,000 assets of a kind of ids, each in the folder and workspace that SQL works out of its number, `i`. The assets of
/// one folder are `FOLDERS` numbers apart.
fn assets(tenant: &str, kind: u8, folder: &str, workspace: &str) -> [String; 4] {
    let id = id_sql(kind, "i");
    let uses = [0, 1].map(|nth| id_sql(kind, &format!("i % {FOLDERS} + {nth} * {FOLDERS}")));
    let drafts = ASSETS - FOLDERS;
    let content =
        "jsonb_build_object('number', i, 'html', repeat('<p>Some words of a template.</p>', 20))";
    let refers_to = format!(
        "CASE WHEN i < {SNIPPETS} * {FOLDERS} THEN '[]' ELSE jsonb_build_array(\
         jsonb_build_object('kind', 'SNIPPET', 'target', {}), jsonb_build_object('kind', 'SNIPPET', 'target', {})) END",
        uses[0], uses[1],
    );
    let all = format!("FROM generate_series(0, {ASSETS} - 1) i");
    [
        format!(
            "INSERT INTO asset (tenant_id, id, workspace_id, folder_id, program_id, type, display_name, name_key, \
             description, active, has_draft, approved_version, versions, version, create_time, update_time) \
             SELECT '{tenant}', {id}, {workspace}, {folder}, NULL, \
             CASE WHEN i < {SNIPPETS} * {FOLDERS} THEN 'SNIPPET' ELSE 'EMAIL_TEMPLATE' END, \
             'Asset ' || lpad(i::text, 5, '0'), 'asset ' || lpad(i::text, 5, '0'), '', false, i >= {drafts}, \
             CASE WHEN i < {drafts} THEN 1 END, CASE WHEN i < {drafts} THEN 1 ELSE 0 END, 1, i, i {all}"
        ),
        format!(
            "INSERT INTO asset_content (tenant_id, asset_id, content) SELECT '{tenant}', {id}, {content} {all} \
             WHERE i >= {drafts}"
        ),
        format!(
            "INSERT INTO asset_version (tenant_id, asset_id, number, content, refers_to, approved_by, approve_time) \
             SELECT '{tenant}', {id}, 1, {content}, {refers_to}, 'user:bench', i {all} WHERE i < {drafts}"
        ),
        format!(
            "INSERT INTO asset_reference (tenant_id, asset_id, live, kind, target_id) \
             SELECT '{tenant}', {id}, i < {drafts}, 'SNIPPET', used.id {all}, \
             LATERAL (VALUES ({}), ({})) AS used (id) WHERE i >= {SNIPPETS} * {FOLDERS}",
            uses[0], uses[1],
        ),
    ]
}
