//! Who may do what in a large tenant, the same in every run: as facts for an index, and as rows.
//!
//! 5,000 users in 200 nested groups, 500 workspaces with three of 100 partitions each, 10,000 grants.

use std::collections::BTreeSet;
use std::fmt::Write;

use precinct::domain::access::{Permission, Permissions, role};
use precinct::domain::visibility::fact::{Binding, Fact, Grant, Workspace};
use precinct::domain::visibility::group_name;
use precinct::id::{GrantId, GroupId, PartitionId, RoleId, WorkspaceId};
use uuid::Uuid;

use super::load::scatter;

pub const USERS: i64 = 5_000;
pub const WORKSPACES: i64 = 500;
const PARTITIONS: i64 = 100;
const GROUPS: i64 = 200;
const ROLES: i64 = 20;
const GRANTS: i64 = 10_000;
/// Groups that a group holds: four levels in all.
const FAN_OUT: i64 = 6;
/// Groups that a user is in.
const JOINED: u64 = 2;
/// Partitions that a workspace sees; the last read-only.
const BOUND: i64 = 3;
/// Of so many workspaces one sees all partitions.
const ALL_PARTITIONS: i64 = 50;
/// Of so many grants one is tenant-wide.
const TENANT_WIDE: i64 = 500;
/// Rows of a statement.
const ROWS: usize = 500;

/// How a database writes what another writes otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Postgres,
    Sqlite,
}

/// A user, by number.
pub fn user(number: i64) -> String {
    format!("user:u{number}")
}

/// A workspace, by number. As SQL has it: [`WORKSPACE_SQL`].
pub fn workspace(number: i64) -> WorkspaceId {
    WorkspaceId(id(1, number))
}

/// The number of a workspace.
pub fn number(workspace: WorkspaceId) -> i64 {
    i64::try_from(workspace.0.as_u128() & 0xFFFF_FFFF).expect("few")
}

/// The id of the workspace whose number is `:place`, for PostgreSQL.
pub const WORKSPACE_SQL: &str =
    "('00000001-0000-7000-8000-' || lpad(to_hex(:place ::int), 12, '0'))::uuid";

/// A partition, by number.
pub fn partition(number: i64) -> PartitionId {
    PartitionId(id(2, number))
}

/// A group, by number; 0 holds all others.
pub fn group(number: i64) -> GroupId {
    GroupId(id(3, number))
}

/// A custom role, by number.
pub fn custom_role(number: i64) -> RoleId {
    RoleId(id(4, number))
}

/// A grant, by number.
pub fn grant_id(number: i64) -> GrantId {
    GrantId(id(5, number))
}

/// The id of a thing of a kind, by number.
pub fn id(kind: u128, number: i64) -> Uuid {
    let number = u128::from(number.unsigned_abs());
    Uuid::from_u128((kind << 96) | (0x7000 << 64) | (0x8000 << 48) | number)
}

/// A workspace with its bindings.
pub fn seen_by(number: i64) -> Workspace {
    let binding = |nth| Binding {
        partition: partition((number * BOUND + nth) % PARTITIONS),
        read_only: nth == BOUND - 1,
    };
    let all_partitions = number % ALL_PARTITIONS == 0;
    let bindings = (0..BOUND).filter(|_| !all_partitions).map(binding).collect();
    Workspace { all_partitions, bindings, ..Workspace::default() }
}

/// The members of a group: groups below it, and users.
pub fn members(number: i64) -> Vec<String> {
    let below = (number * FAN_OUT + 1..=(number + 1) * FAN_OUT).filter(|one| *one < GROUPS);
    let joined = |user: i64| (0..JOINED).any(|nth| group_of(user, nth) == number);
    let users = (0..USERS).filter(|one| joined(*one)).map(user);
    below.map(|one| group_name(group(one))).chain(users).collect()
}

/// A group that a user is in directly: one of the lower half, so that others are above it.
fn group_of(user: i64, nth: u64) -> i64 {
    GROUPS / 2 + scatter(user.unsigned_abs() * JOINED + nth, GROUPS / 2)
}

/// What a custom role holds.
pub fn held(number: i64) -> Permissions {
    let all: Vec<Permission> = Permissions::of_workspaces().iter().collect();
    let some = (0..3).map(|nth| all[index(number * 5 + nth) % all.len()]);
    some.collect::<Permissions>().with_implied()
}

/// The grants: a tenth to groups, the others to users.
pub fn grants() -> Vec<(GrantId, Grant)> {
    let mut there = BTreeSet::new();
    let mut grants = Vec::new();
    for number in 0.. {
        let grant = grant(number);
        if there.insert((grant.principal.clone(), grant.role, grant.workspace)) {
            grants.push((grant_id(number), grant));
        }
        if grants.len() == index(GRANTS) {
            break;
        }
    }
    grants
}

fn grant(number: i64) -> Grant {
    let seed = number.unsigned_abs() * 4;
    let principal = match number % 10 {
        0 => group_name(group(scatter(seed, GROUPS))),
        _ => user(scatter(seed, USERS)),
    };
    // Of the built-in ones all but the tenant admin.
    let wide = i64::try_from(role::ALL.len()).expect("few") - 1;
    let role = match scatter(seed + 1, wide + 1) {
        custom if custom == wide => custom_role(scatter(seed + 2, ROLES)),
        built_in => role::ALL[index(built_in) + 1].id(),
    };
    let local = number % TENANT_WIDE != 1;
    Grant { principal, role, workspace: local.then(|| workspace(scatter(seed + 3, WORKSPACES))) }
}

/// Everything, for an index.
pub fn facts() -> Vec<Fact> {
    let mut facts = Vec::new();
    facts.extend((0..WORKSPACES).map(|n| Fact::Workspace(workspace(n), Some(seen_by(n)))));
    facts.extend((0..PARTITIONS).map(|n| Fact::Partition(partition(n), Some(()))));
    facts.extend((0..ROLES).map(|n| Fact::Role(custom_role(n), Some(held(n)))));
    facts.extend((0..GROUPS).map(|n| Fact::Group(group(n), Some(members(n)))));
    facts.extend(grants().into_iter().map(|(id, grant)| Fact::Grant(id, Some(grant))));
    facts
}

/// The roles that hold a permission.
pub fn roles_with(permission: Permission) -> Vec<RoleId> {
    let built_in = role::ALL.iter().filter(|one| one.permissions().has(permission));
    let custom = (0..ROLES).filter(|number| held(*number).has(permission)).map(custom_role);
    built_in.map(role::BuiltIn::id).chain(custom).collect()
}

/// The statements that store everything in a tenant, past all rules.
pub fn statements(tenant: &str, dialect: Dialect) -> Vec<String> {
    let write = |id: Uuid| dialect.id(id);
    let tenant_id = write(tenant.parse().expect("an id"));
    let named = |name: String| format!("'{name}', '{name}', ''");
    let workspaces = (0..WORKSPACES).map(|n| {
        let seen = seen_by(n).all_partitions;
        let name = named(format!("topology {n:03}"));
        format!(
            "{}, {name}, '', '', 'PRODUCTION', '', '', '{{}}', {seen}, false, 1, {n}, {n}",
            write(workspace(n).0)
        )
    });
    let partitions = (0..PARTITIONS).map(|n| {
        format!("{}, {}, '', false, 1, {n}, {n}", write(partition(n).0), named(format!("part {n}")))
    });
    let bindings = (0..WORKSPACES).flat_map(|n| {
        seen_by(n).bindings.into_iter().enumerate().map(move |(nth, one)| {
            let access = if one.read_only { "READ_ONLY" } else { "READ_WRITE" };
            let ids = [workspace(n).0, one.partition.0].map(|id| dialect.id(id)).join(", ");
            format!("{ids}, '{access}', {}, 1", nth == 0)
        })
    });
    let roles = (0..ROLES).map(|n| {
        let names: Vec<String> = held(n).iter().map(|one| format!("\"{}\"", one.name())).collect();
        format!(
            "{}, {}, '[{}]', 1, 1, 1",
            write(custom_role(n).0),
            named(format!("role {n}")),
            names.join(",")
        )
    });
    let groups = (0..GROUPS)
        .map(|n| format!("{}, {}, 1, 1, 1", write(group(n).0), named(format!("group {n}"))));
    let members = (0..GROUPS).flat_map(|n| {
        members(n).into_iter().map(move |one| {
            let below = dialect.group(&one);
            format!("{}, '{one}', {below}, NULL, 1", dialect.id(group(n).0))
        })
    });
    let grants = grants().into_iter().map(|(id, one)| {
        let custom = one.role.0.as_u128() >> 96 == 4;
        let role = write(one.role.0);
        let custom = if custom { role.as_str() } else { "NULL" };
        let place = one.workspace.map_or("NULL".into(), |id| write(id.0));
        let below = dialect.group(&one.principal);
        format!(
            "{}, '{}', {below}, NULL, {role}, {custom}, {place}, 'user:bench', 1",
            write(id.0),
            one.principal
        )
    });
    let mut all = Vec::new();
    let mut insert = |table: &str, columns: &str, rows: &mut dyn Iterator<Item = String>| {
        let rows: Vec<String> = rows.map(|row| format!("({tenant_id}, {row})")).collect();
        for rows in rows.chunks(ROWS) {
            let mut sql = format!("INSERT INTO {table} (tenant_id, {columns}) VALUES ");
            write!(sql, "{}", rows.join(", ")).expect("a String takes all");
            all.push(sql);
        }
    };
    let common = "id, display_name, name_key, description";
    insert(
        "workspace",
        &format!(
            "{common}, language, region, environment, brand, domain, settings, all_partitions, is_default, version, create_time, update_time"
        ),
        &mut { workspaces },
    );
    insert(
        "person_partition",
        &format!("{common}, region, is_default, version, create_time, update_time"),
        &mut { partitions },
    );
    insert("binding", "workspace_id, partition_id, access, is_primary, create_time", &mut {
        bindings
    });
    insert("role", &format!("{common}, permissions, version, create_time, update_time"), &mut {
        roles
    });
    insert("principal_group", &format!("{common}, version, create_time, update_time"), &mut {
        groups
    });
    insert(
        "group_member",
        "group_id, member, member_group_id, member_service_account_id, create_time",
        &mut { members },
    );
    insert(
        "access_grant",
        "id, principal, group_id, service_account_id, role_id, custom_role_id, workspace_id, granted_by, create_time",
        &mut { grants },
    );
    // What is kept in memory is of before.
    all.push(format!(
        "UPDATE tenant_head SET revision = revision + 1, access_revision = revision + 1 \
         WHERE tenant_id = {tenant_id}"
    ));
    all
}

// === impl Dialect ===

impl Dialect {
    fn id(self, id: Uuid) -> String {
        match self {
            Self::Postgres => format!("'{id}'"),
            Self::Sqlite => format!("x'{}'", id.simple()),
        }
    }

    /// The group that a principal is.
    fn group(self, principal: &str) -> String {
        let group = principal.strip_prefix("group:").and_then(|id| id.parse().ok());
        group.map_or("NULL".into(), |id| self.id(id))
    }
}

fn index(number: i64) -> usize {
    usize::try_from(number).expect("not negative")
}
