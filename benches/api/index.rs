//! The index in this process: what it costs to make, to follow a change, to ask, and to keep.
//!
//! Without folders and shares, which `sharing` measures.

use std::hint::black_box;
use std::time::{Duration, Instant};

use precinct::config::DatabaseConfig;
use precinct::context::{Caller, Context, Lacked, Mutation, Principal, Source, Through};
use precinct::domain::access::{Permission, role};
use precinct::domain::visibility::fact::{Fact, Grant};
use precinct::domain::visibility::{Index, Link, Object, Question, Verdict};
use precinct::id::WorkspaceId;
use precinct::repository::Store;
use precinct::secret::Secrets;
use precinct::service::access::Access;
use precinct::service::access::grant::NewGrant;
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};

use super::Size;
use super::caller;
use super::cluster::Cluster;
use super::load::scatter;
use super::measure::{Times, memory, time};
use super::server::{SECRET, Server};
use super::table::Table;
use super::topology::{self, Dialect, USERS, WORKSPACES};
use super::world;

const ROUNDS: usize = 15;
/// Questions of a kind.
const QUESTIONS: usize = 1_000;
/// Indexes that are kept, to see what one takes.
const COPIES: usize = 64;
/// A grant that is not there yet.
const NEW: i64 = 1_000_000;

/// Measures the index by itself, and from the rows of either database.
pub async fn measure(cluster: &Cluster, _: Size, table: &mut Table) {
    let index = Index::default().with(topology::facts());
    build(&index, table);
    patch(&index, table);
    ask(&index, table);
    let database = cluster.database("index").await;
    let tenant = tenant(&database.url).await;
    database.execute(&topology::statements(&tenant, Dialect::Postgres).join(";")).await;
    database.execute("VACUUM ANALYZE").await;
    from_rows("PostgreSQL", &database.service_url, &tenant, &index, table).await;
    let directory = tempfile::tempdir().expect("a directory for temporary files");
    let url = format!("sqlite://{}/index.db", directory.path().display());
    let tenant = self::tenant(&url).await;
    let mut connection = SqliteConnection::connect(&url).await.expect("it is there");
    let rows = topology::statements(&tenant, Dialect::Sqlite).join(";");
    connection.execute(AssertSqlSafe(format!("BEGIN;{rows};COMMIT"))).await.expect("they fit");
    from_rows("SQLite", &url, &tenant, &index, table).await;
}

fn build(index: &Index, table: &mut Table) {
    let mut facts: Vec<Vec<Fact>> = (0..=ROUNDS).map(|_| topology::facts()).collect();
    let build = time(ROUNDS, 1, |_| {
        black_box(Index::default().with(facts.pop().expect("one for each round")));
    });
    table.figure(
        "build, 5,000 users, 200 groups, 500 workspaces, 10,000 grants",
        "a few ms",
        &build,
    );
    let copies = |count| -> Vec<Index> {
        (0..count).map(|_| Index::default().with(topology::facts())).collect()
    };
    let resident = || memory(std::process::id(), "VmRSS");
    // The first ones also take what making them leaves behind.
    let first = copies(COPIES / 4);
    let before = resident();
    let more = copies(COPIES);
    let grown = (resident() - before) * 1_024 / COPIES as u64;
    drop((first, more));
    table.note(&format!(
        "an index of this size takes {grown} kB of resident memory (of {COPIES} copies), and says {} kB itself",
        index.bytes() / 1_024
    ));
}

fn patch(index: &Index, table: &mut Table) {
    let role = role::ALL[5].id();
    let grant =
        Grant { principal: topology::user(7), role, workspace: Some(topology::workspace(7)) };
    let (gone, _) = topology::grants()[5_000];
    let joined = |group: i64| {
        let members = topology::members(group).into_iter().chain([topology::user(4_999)]);
        Fact::Group(topology::group(group), Some(members.collect()))
    };
    let mut changed = topology::seen_by(7);
    changed.bindings.pop();
    let changes = [
        ("a new grant", Fact::Grant(topology::grant_id(NEW), Some(grant))),
        ("a grant that is gone", Fact::Grant(gone, None)),
        ("a new member of a lowest group", joined(150)),
        ("a new member of the highest group", joined(0)),
        ("a workspace", Fact::Workspace(topology::workspace(7), Some(changed))),
        ("a custom role", Fact::Role(topology::custom_role(3), Some(topology::held(4)))),
    ];
    for (what, fact) in changes {
        let took = time(ROUNDS, 20, |_| {
            black_box(index.with([fact.clone()]));
        });
        table.figure(&format!("patch, {what}"), "< 1 ms", &took);
    }
}

fn ask(index: &Index, table: &mut Table) {
    let users: Vec<String> = (0..USERS).map(topology::user).collect();
    let ids: Vec<WorkspaceId> = (0..WORKSPACES).map(topology::workspace).collect();
    let all = (0..10_000_000).map(|number: u64| Question {
        principal: &users[place(scatter(number, USERS))],
        permission: Permission::PeopleRead,
        workspace: Some(ids[place(scatter(number + 1, WORKSPACES))]),
        object: None,
    });
    let (mut own, mut through, mut denied) = (Vec::new(), Vec::new(), Vec::new());
    for question in all {
        let explained = index.explain(&question).expect("the workspace is there");
        let is_through = explained.links.iter().any(|link| matches!(link, Link::Membership(_)));
        let kind = match explained.verdict {
            Verdict::Granted if is_through => &mut through,
            Verdict::Granted => &mut own,
            _ => &mut denied,
        };
        if kind.len() < QUESTIONS {
            kind.push(question);
        }
        if [&own, &through, &denied].iter().all(|kind| kind.len() == QUESTIONS) {
            break;
        }
    }
    for (what, questions) in
        [("granted", &own), ("granted through a group", &through), ("refused", &denied)]
    {
        let took = time(ROUNDS, QUESTIONS * 20, |nth| {
            black_box(index.check(black_box(&questions[nth % QUESTIONS])));
        });
        table.figure(&format!("check, {what}"), "tens of ns", &took);
    }
    let seen = topology::seen_by(7).bindings[0].partition;
    let seen =
        Question { workspace: Some(ids[7]), object: Some(Object::Partition(seen)), ..own[0] };
    let took = time(ROUNDS, QUESTIONS * 20, |nth| {
        black_box(
            index.check(black_box(&Question { principal: &users[nth % users.len()], ..seen })),
        );
    });
    table.figure("check, of a partition", "tens of ns", &took);
    let took = time(ROUNDS, QUESTIONS, |nth| {
        black_box(index.explain(black_box(&own[nth % QUESTIONS])));
    });
    table.figure("explain, granted", "", &took);
    let took = time(ROUNDS, QUESTIONS, |nth| {
        black_box(index.explain(black_box(&denied[nth % QUESTIONS])));
    });
    table.figure("explain, refused", "", &took);
    let took = time(ROUNDS, users.len(), |nth| {
        black_box(index.workspaces_with(&users[nth % users.len()], Permission::WorkspacesRead));
    });
    table.figure("workspaces_with", "", &took);
    let took = time(ROUNDS, users.len(), |nth| {
        black_box(index.partitions_of(&users[nth % users.len()]));
    });
    table.figure("partitions_of", "", &took);
    let took = time(ROUNDS, 10, |nth| {
        black_box(index.users_of(ids[nth % ids.len()]));
    });
    table.figure("users_of", "", &took);
}

/// A new tenant in a database that is migrated and then left alone.
async fn tenant(url: &str) -> String {
    let server = Server::start(url).await;
    let operator = caller::Caller::operator(&server.address).await;
    world::id(&world::tenant(&operator, "Index").await).to_owned()
}

async fn from_rows(name: &str, url: &str, tenant: &str, index: &Index, table: &mut Table) {
    let ctx = context(tenant);
    let (mut builds, mut opens, mut follows, mut writes) = (vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        let store = store(url).await;
        let (took, loaded) = load(&store, &ctx).await;
        builds.push(took);
        // The rows say what the facts say.
        for number in 0..QUESTIONS as u64 {
            let principal = &topology::user(scatter(number, USERS));
            let workspace = Some(topology::workspace(scatter(number + 1, WORKSPACES)));
            let permission = Permission::PeopleRead;
            let question = Question { principal, permission, workspace, object: None };
            assert_eq!(loaded.check(&question), index.check(&question), "{question:?}");
        }
    }
    let (writer, reader) = (store(url).await, store(url).await);
    let secrets = Secrets::parse(SECRET).expect("it is long enough");
    let access = Access::new(writer.clone(), secrets);
    load(&writer, &ctx).await;
    load(&reader, &ctx).await;
    for number in 0..ROUNDS {
        let principal = Principal::parse(&format!("user:new{number}")).expect("a principal");
        let workspace = Some(topology::workspace(1));
        let new = NewGrant { principal, role: role::ALL[5].id(), workspace };
        opens.push(load(&reader, &ctx).await.0);
        let began = Instant::now();
        access.create_grant(&ctx, &new).await.expect("a grant");
        writes.push(began.elapsed());
        let (took, loaded) = load(&reader, &ctx).await;
        follows.push(took);
        let principal = new.principal.as_str();
        let permission = Permission::WorkspacesRead;
        let question = Question { principal, permission, workspace, object: None };
        assert_eq!(loaded.check(&question), Some(Verdict::Granted));
    }
    let times = |durations: Vec<Duration>| {
        Times::of(durations.into_iter().map(|one| one.as_secs_f64()).collect())
    };
    table.figure(&format!("{name}: build from the rows"), "", &times(builds));
    table.figure(&format!("{name}: a read that finds the index fresh"), "", &times(opens));
    table.figure(
        &format!("{name}: the same after a grant by another replica"),
        "",
        &times(follows),
    );
    table.figure(&format!("{name}: CreateGrant until the index has it"), "", &times(writes));
}

/// The index as of now, by a transaction that reads.
pub async fn load(store: &Store, ctx: &Context) -> (Duration, Index) {
    // A connection that has been used before.
    drop(store.read(ctx).await.expect("a read"));
    let began = Instant::now();
    let scope = store.read(ctx).await.expect("a read");
    let snapshot = scope.index().await.expect("an index");
    (began.elapsed(), snapshot.index.clone())
}

/// A store over a database that is there.
pub async fn store(url: &str) -> Store {
    let config = DatabaseConfig {
        url: url.into(),
        max_connections: 2,
        min_connections: 1,
        require_restricted_role: false,
    };
    let secrets = Secrets::parse(SECRET).expect("it is long enough");
    Store::connect(&config, secrets).await.expect("it is there")
}

/// A call by the tenant's owner.
pub fn context(tenant: &str) -> Context {
    let principal = Principal::parse("user:bench").expect("a principal");
    Context {
        caller: Caller::Member { tenant: tenant.parse().expect("an id"), principal },
        source: Source::Internal,
        call_id: "bench".into(),
        deadline: Instant::now() + Duration::from_secs(600),
        at_least_revision: None,
        method: "AccessService/CreateGrant",
        mutation: Mutation::default(),
        through: Through::default(),
        lacked: Lacked::default(),
    }
}

fn place(number: i64) -> usize {
    usize::try_from(number).expect("not negative")
}
