//! Who may do what: answers from the index, against an echo of the same messages, and against SQL by hand.

use std::time::{Duration, Instant};

use precinct::domain::access::Permission;
use precinct::domain::visibility::{Index, Seen};
use precinct::pb;

use super::Size;
use super::caller::Caller;
use super::cluster::{Cluster, Database};
use super::echo;
use super::load::{load, scatter};
use super::measure::{Sample, duel, sample};
use super::server::Server;
use super::table::Table;
use super::topology::{self, Dialect, USERS, WORKSPACE_SQL, WORKSPACES};
use super::world;

/// Questions that are asked of both before anything is timed.
const COMPARED: i64 = 400;
/// Questions of a batch.
const BATCH: i64 = 1_000;
/// Batches and lists in flight.
const FEW: usize = 4;
const PAGE: usize = 50;
/// What is asked.
const ASKED: Permission = Permission::PeopleRead;

/// A large tenant, and the server that serves it.
struct Place {
    size: Size,
    database: Database,
    server: Server,
    member: Caller,
    tenant: String,
}

/// The statements that somebody would write who has the same tables and no index in memory. `:who` is the number
/// of a user, `:place` of a workspace, `:seed` of a batch.
struct Sql {
    check: String,
    batch: String,
    list: String,
    ids: String,
}

/// Measures `CheckAccess`, `BatchCheckAccess` and `ListAccessibleWorkspaces`.
pub async fn measure(cluster: &Cluster, size: Size, table: &mut Table) {
    let place = Place::new(cluster, size).await;
    let sql = Sql::new(&place.tenant);
    place.compare(&sql).await;
    place.against_echoes(table).await;
    place.against_sql(&sql, table).await;
    table.note(&format!("server of the access benches: {} MB resident", place.server.memory()));
}

// === impl Place ===

impl Place {
    async fn new(cluster: &Cluster, size: Size) -> Self {
        let database = cluster.database("access").await;
        let server = Server::start(&database.service_url).await;
        let operator = Caller::operator(&server.address).await;
        let made = world::tenant(&operator, "Access").await;
        let tenant = world::id(&made).to_owned();
        database.execute(&topology::statements(&tenant, Dialect::Postgres).join(";")).await;
        database.execute("VACUUM ANALYZE").await;
        // Until the server has followed.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let member = operator.member(&tenant);
        Self { size, database, server, member, tenant }
    }

    /// Both sides give the same answers.
    async fn compare(&self, sql: &Sql) {
        let mut allowed = 0;
        for number in 0..COMPARED {
            let (user, workspace) = pair(number);
            let request = check(user, workspace);
            let answer = self.member.access(0).check_access(request).await.expect("an answer");
            let answer = answer.into_inner().allowed;
            let by_hand = self.database.number(&fill(&sql.check, user, workspace)).await == 1;
            assert_eq!(answer, by_hand, "user {user}, workspace {workspace}");
            allowed += i64::from(answer);
        }
        assert!(
            (COMPARED / 20..COMPARED).contains(&allowed),
            "{allowed} of {COMPARED} are allowed"
        );
        let answers = self.member.access(0).batch_check_access(batch(7)).await.expect("answers");
        let answers = answers.into_inner().results;
        assert!(answers.iter().all(|one| one.error.is_none()));
        let answered = answers.iter().filter(|one| one.allowed).count();
        let by_hand = self.database.number(&sql.batch.replace(":seed", "7")).await;
        assert_eq!(i64::try_from(answered).expect("few"), by_hand);
        for user in (0..USERS).step_by(100) {
            let page = self.page(user).await;
            let sql = fill(&sql.list, user, 0);
            let same = format!(
                "SELECT count(*) FROM ({sql}) l WHERE id::text IN ('{}')",
                page.join("','")
            );
            let rows = self.database.number(&format!("SELECT count(*) FROM ({sql}) l")).await;
            let page = i64::try_from(page.len()).expect("few");
            assert_eq!((page, page), (rows, self.database.number(&same).await), "user {user}");
        }
    }

    async fn page(&self, user: i64) -> Vec<String> {
        let caller = self.member.principal(&self.tenant, &topology::user(user));
        let request = pb::ListAccessibleWorkspacesRequest::default();
        let page = caller.workspaces(0).list_accessible_workspaces(request).await.expect("a page");
        page.into_inner().workspaces.into_iter().map(|one| one.workspace_id).collect()
    }

    async fn against_echoes(&self, table: &mut Table) {
        let echoes = [
            (echo::spawn(true), "echo behind the same layers", "0.9"),
            (echo::spawn(false), "bare tonic echo", "0.8"),
        ];
        for (echo, name, goal) in echoes {
            let caller = Caller::operator(&echo.address).await.member(&self.tenant);
            for in_flight in [1, 16, 64] {
                let duel = duel(
                    self.size.rounds,
                    async || self.check_access(&self.member, &self.server, in_flight).await,
                    async || self.check_access(&caller, &echo, in_flight).await,
                );
                let goal = if in_flight == 1 { "" } else { goal };
                let work = format!("CheckAccess, {in_flight} in flight");
                table.row(&work, name, goal, &duel.await);
            }
        }
    }

    async fn against_sql(&self, sql: &Sql, table: &mut Table) {
        let check = duel(
            self.size.rounds,
            async || self.check_access(&self.member, &self.server, 16).await,
            async || self.script(&sql.check, 16).await,
        );
        table.row("CheckAccess, 16 in flight", "SQL by hand", "", &check.await);
        let batch = duel(
            self.size.rounds,
            async || self.batch_check_access().await,
            async || each(self.script(&sql.batch, FEW).await),
        );
        let work = format!("BatchCheckAccess, 1 of {BATCH}, {FEW} in flight");
        table.row(&work, "one statement by hand for all", "", &batch.await);
        let list = duel(
            self.size.rounds,
            async || self.list(FEW).await,
            async || self.script(&sql.list, FEW).await,
        );
        let work = format!("ListAccessibleWorkspaces, {PAGE}, {FEW} in flight");
        table.row(&work, "SQL by hand", "5 (what can X see)", &list.await);
        let index = Index::default().with(topology::facts());
        let seen = duel(
            self.size.rounds,
            async || self.seen(&index).await,
            async || self.script(&sql.ids, 1).await,
        );
        table.row(
            "workspaces that X sees, in process",
            "SQL by hand, ids",
            "5 (what can X see)",
            &seen.await,
        );
    }

    async fn check_access(&self, caller: &Caller, server: &Server, in_flight: usize) -> Sample {
        let caller = caller.clone();
        let calls = load(in_flight, self.size.seconds, move |slot, number| {
            let mut client = caller.access(slot);
            let (user, workspace) = pair(i64::try_from(number).expect("a number"));
            async move {
                client.check_access(check(user, workspace)).await.expect("an answer");
            }
        });
        sample(Some(server.meter()), self.database.meter(), calls).await
    }

    async fn batch_check_access(&self) -> Sample {
        let caller = self.member.clone();
        let calls = load(FEW, self.size.seconds, move |slot, number| {
            let mut client = caller.access(slot);
            let request = batch(i64::try_from(number).expect("a number"));
            async move {
                let answers = client.batch_check_access(request).await.expect("answers");
                assert_eq!(
                    answers.into_inner().results.len(),
                    usize::try_from(BATCH).expect("few")
                );
            }
        });
        each(sample(Some(self.server.meter()), self.database.meter(), calls).await)
    }

    async fn list(&self, in_flight: usize) -> Sample {
        let (caller, tenant) = (self.member.clone(), self.tenant.clone());
        let calls = load(in_flight, self.size.seconds, move |slot, number| {
            let user = topology::user(scatter(number, USERS));
            let mut client = caller.principal(&tenant, &user).workspaces(slot);
            async move {
                let request = pb::ListAccessibleWorkspacesRequest::default();
                client.list_accessible_workspaces(request).await.expect("a page");
            }
        });
        sample(Some(self.server.meter()), self.database.meter(), calls).await
    }

    /// One thread that asks the index.
    async fn seen(&self, index: &Index) -> Sample {
        let (index, end) = (index.clone(), Instant::now() + Duration::from_secs(self.size.seconds));
        let users: Vec<String> = (0..USERS).map(topology::user).collect();
        let asked = tokio::task::spawn_blocking(move || {
            let (mut asked, mut seen) = (0, 0);
            while Instant::now() < end {
                for user in &users {
                    seen += match index.workspaces_with(user, Permission::WorkspacesRead) {
                        Seen::All => 1,
                        Seen::These(these) => these.len(),
                    };
                    asked += 1;
                }
            }
            assert!(seen > 0, "somebody sees something");
            asked
        });
        let asked = async { asked.await.expect("it does not panic") };
        sample(None, self.database.meter(), asked).await
    }

    async fn script(&self, sql: &str, clients: usize) -> Sample {
        let script = format!(
            "\\set who random(0, {})\n\\set place random(0, {})\n\\set seed random(0, 1000000)\n{sql};",
            USERS - 1,
            WORKSPACES - 1
        );
        let calls = self.database.pgbench_script(&script, clients, self.size.seconds);
        sample(None, self.database.meter(), calls).await
    }
}

/// A batch counted by its questions.
fn each(sample: Sample) -> Sample {
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    sample.counting(sample.units * BATCH as f64)
}

/// Who is asked about, and where.
fn pair(number: i64) -> (i64, i64) {
    let number = number.unsigned_abs();
    (scatter(number, USERS), scatter(number + 1, WORKSPACES))
}

fn check(user: i64, workspace: i64) -> pb::CheckAccessRequest {
    pb::CheckAccessRequest {
        principal: topology::user(user),
        permission: ASKED.name().into(),
        workspace_id: topology::workspace(workspace).to_string(),
        resource: String::new(),
    }
}

/// A batch of questions: as in [`Sql::batch`].
fn batch(number: i64) -> pb::BatchCheckAccessRequest {
    let checks = (0..BATCH).map(|nth| pb::AccessCheck {
        principal: topology::user((number + nth * 37) % USERS),
        permission: ASKED.name().into(),
        workspace_id: topology::workspace((number + nth * 11) % WORKSPACES).to_string(),
        resource: String::new(),
    });
    pb::BatchCheckAccessRequest { checks: checks.collect() }
}

fn fill(sql: &str, user: i64, workspace: i64) -> String {
    sql.replace(":who", &user.to_string()).replace(":place", &workspace.to_string())
}

// === impl Sql ===

impl Sql {
    fn new(tenant: &str) -> Self {
        let Sees { with, seen } = Sees::new(tenant, Permission::WorkspacesRead);
        let asked = format!(
            "asked AS (SELECT i, ('user' || chr(58) || 'u' || (:seed + i * 37) % {USERS}) COLLATE \"C\" AS name, {} AS workspace \
             FROM generate_series(0, {BATCH} - 1) i)",
            WORKSPACE_SQL.replace(":place ", &format!("((:seed + i * 11) % {WORKSPACES})"))
        );
        Self {
            check: format!(
                "WITH RECURSIVE {} SELECT count(*) FROM (SELECT FROM holder h JOIN access_grant g \
                 ON g.tenant_id = '{tenant}' AND g.principal = h.name \
                 WHERE (g.workspace_id = {WORKSPACE_SQL} OR g.workspace_id IS NULL) AND g.role_id = {} LIMIT 1) one",
                holder(tenant),
                roles(ASKED)
            ),
            batch: format!(
                "WITH RECURSIVE {asked}, holder (who, name) AS (SELECT DISTINCT name, name FROM asked \
                 UNION SELECT h.who, {GROUP} FROM holder h {}) \
                 SELECT count(DISTINCT a.i) FROM asked a JOIN holder h ON h.who = a.name JOIN access_grant g \
                 ON g.tenant_id = '{tenant}' AND g.principal = h.name \
                 AND (g.workspace_id = a.workspace OR g.workspace_id IS NULL) WHERE g.role_id = {}",
                above(tenant),
                roles(ASKED)
            ),
            list: format!(
                "{with} SELECT w.* {seen} AND w.archive_time IS NULL \
                 ORDER BY w.display_name, w.id LIMIT {PAGE}"
            ),
            ids: format!("{with} SELECT w.id {seen}"),
        }
    }
}

/// A group as a principal. A colon before a letter would be a variable to pgbench, in a text too.
const GROUP: &str = "('group:' || m.group_id) COLLATE \"C\"";

/// The groups that `holder h` is in directly.
fn above(tenant: &str) -> String {
    format!("JOIN group_member m ON m.tenant_id = '{tenant}' AND m.member = h.name")
}

/// The user whose number is `:who`, and the groups above.
fn holder(tenant: &str) -> String {
    format!(
        "holder (name) AS (SELECT ('user' || chr(58) || 'u' || :who ::text) COLLATE \"C\" \
         UNION SELECT {GROUP} FROM holder h {})",
        above(tenant)
    )
}

fn roles(permission: Permission) -> String {
    let ids: Vec<String> =
        topology::roles_with(permission).iter().map(ToString::to_string).collect();
    format!("ANY('{{{}}}'::uuid[])", ids.join(","))
}

/// The workspaces where the user whose number is `:who` holds a permission: how a statement begins, and the rest of
/// one over `workspace w`.
pub struct Sees {
    pub with: String,
    pub seen: String,
}

// === impl Sees ===

impl Sees {
    pub fn new(tenant: &str, permission: Permission) -> Self {
        let with = format!(
            "WITH RECURSIVE {}, granted AS (SELECT g.workspace_id FROM holder h JOIN access_grant g \
             ON g.tenant_id = '{tenant}' AND g.principal = h.name WHERE g.role_id = {})",
            holder(tenant),
            roles(permission)
        );
        let seen = format!(
            "FROM workspace w WHERE w.tenant_id = '{tenant}' AND w.delete_time IS NULL AND \
             (w.id IN (SELECT workspace_id FROM granted) \
             OR EXISTS (SELECT FROM granted WHERE workspace_id IS NULL))"
        );
        Self { with, seen }
    }
}
