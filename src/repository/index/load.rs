//! Building an index from the rows of a tenant, or following the changes since an older one.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use sea_orm::FromQueryResult;
use serde_json::Value as Json;
use uuid::Uuid;

use super::topology::{folders, partitions, roots, workspaces};
use super::{Key, Snapshot};
use crate::clock::Micros;
use crate::domain::visibility::Index;
use crate::domain::visibility::fact::{Fact, Grant, ServiceAccount};
use crate::error::{Error, Result};
use crate::id::{ApiKeyId, GrantId, GroupId, RoleId, ServiceAccountId, WorkspaceId};
use crate::repository::role;
use crate::repository::scope::Scope;
use crate::{args, sql};

/// More changes than this, and building anew is less work.
const CHANGES: usize = 500;
/// Patches after which to build anew: what is gone keeps its place until then.
const PATCHES: u32 = 1_000;
/// Age after which to build anew: changes are not kept for ever.
const AGE: Duration = Duration::from_secs(24 * 60 * 60);
/// How often to read again if access changes meanwhile.
const TRIES: u32 = 5;

/// What changed: all, or single things.
pub(super) enum Which {
    All,
    These(Vec<Uuid>),
}

#[derive(FromQueryResult)]
struct Changed {
    noun: String,
    id: Uuid,
}

/// The index as of now, made from an older one where that is less work.
pub(super) async fn next(scope: &Scope, old: Option<&Snapshot>) -> Result<Snapshot> {
    let mut revision = scope.access_revision();
    for _ in 0..TRIES {
        let made = match changes(scope, old).await? {
            Some(changes) => patch(scope, old.unwrap_or(&Snapshot::default()), &changes).await?,
            None => build(scope).await?,
        };
        // A transaction that writes sees what others commit between its statements.
        let after = access_revision(scope).await?;
        if after == revision {
            return Ok(Snapshot { revision, ..made });
        }
        revision = after;
    }
    Err(Error::Contended)
}

async fn access_revision(scope: &Scope) -> Result<i64> {
    scope.count(sql!("SELECT access_revision FROM tenant_head WHERE tenant_id = $1"), args![]).await
}

/// What changed since an index, if that is known and worth following.
async fn changes(scope: &Scope, old: Option<&Snapshot>) -> Result<Option<Vec<Changed>>> {
    let Some(old) = old else { return Ok(None) };
    let young = old.made.is_some_and(|made| made.elapsed() < AGE);
    if !young || old.patches >= PATCHES {
        return Ok(None);
    }
    let changes: Vec<Changed> = scope
        .all(
            sql!(
                "SELECT DISTINCT noun, id FROM access_change \
                 WHERE tenant_id = $1 AND revision > $2 LIMIT 501"
            ),
            args![old.revision],
        )
        .await?;
    Ok((!changes.is_empty() && changes.len() <= CHANGES).then_some(changes))
}

/// The index as it will be once a transaction is committed that has changed some things.
pub(in crate::repository) async fn after(
    scope: &Scope,
    before: &Snapshot,
    things: impl IntoIterator<Item = (&'static str, Uuid)>,
) -> Result<Index> {
    let changed = |(noun, id): (&str, Uuid)| Changed { noun: noun.to_owned(), id };
    let changes: Vec<Changed> = things.into_iter().map(changed).collect();
    Ok(patch(scope, before, &changes).await?.index)
}

async fn build(scope: &Scope) -> Result<Snapshot> {
    let mut facts = Vec::new();
    workspaces(scope, &Which::All, &mut facts).await?;
    partitions(scope, &Which::All, &mut facts).await?;
    roles(scope, &Which::All, &mut facts).await?;
    accounts(scope, &Which::All, &mut facts).await?;
    groups(scope, &Which::All, &mut facts).await?;
    grants(scope, &Which::All, &mut facts).await?;
    roots(scope, &Which::All, &mut facts).await?;
    folders(scope, &Which::All, &mut facts).await?;
    let keys = keys(scope, &Which::All).await?;
    let index = Snapshot::default().index.with(facts);
    Ok(Snapshot { index, keys, made: Some(Instant::now()), ..Snapshot::default() })
}

async fn patch(scope: &Scope, old: &Snapshot, changes: &[Changed]) -> Result<Snapshot> {
    let mut facts = Vec::new();
    let mut keys = old.keys.clone();
    let nouns: BTreeSet<&str> = changes.iter().map(|change| change.noun.as_str()).collect();
    for noun in nouns {
        let ids = changes.iter().filter(|change| change.noun == noun).map(|change| change.id);
        let ids: Vec<Uuid> = ids.collect();
        let which = Which::These(ids.clone());
        match noun {
            "workspace" => {
                workspaces(scope, &which, &mut facts).await?;
                roots(scope, &which, &mut facts).await?;
            }
            "partition" => partitions(scope, &which, &mut facts).await?,
            "role" => roles(scope, &which, &mut facts).await?,
            "group" => groups(scope, &which, &mut facts).await?,
            "grant" => grants(scope, &which, &mut facts).await?,
            "folder" => folders(scope, &which, &mut facts).await?,
            "service_account" => {
                accounts(scope, &which, &mut facts).await?;
                keys.retain(|key| !ids.contains(&key.account.0));
                keys.extend(self::keys(scope, &which).await?);
                keys.sort_by_key(|key| key.id);
            }
            // The tenant itself: made, suspended, deleted, restored.
            _ => {}
        }
    }
    Ok(Snapshot {
        revision: 0,
        index: old.index.with(facts),
        keys,
        patches: old.patches + 1,
        made: old.made,
    })
}

/// The things of which there is no row any more.
pub(super) fn gone<T>(
    which: &Which,
    there: impl Fn(&Uuid) -> bool,
    fact: impl Fn(Uuid) -> T,
) -> Vec<T> {
    match which {
        Which::All => Vec::new(),
        Which::These(ids) => ids.iter().filter(|id| !there(id)).map(|id| fact(*id)).collect(),
    }
}

// === impl Which ===

impl Which {
    /// For a statement: whether all are meant, and which if not.
    pub(super) fn args(&self) -> (bool, Vec<Uuid>) {
        match self {
            Self::All => (true, Vec::new()),
            Self::These(ids) => (false, ids.clone()),
        }
    }
}

async fn roles(scope: &Scope, which: &Which, facts: &mut Vec<Fact>) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        id: RoleId,
        permissions: Json,
    }
    let (all, ids) = which.args();
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT id, permissions FROM role WHERE tenant_id = $1 \
                 AND ($2 OR id = ANY($3::uuid[]))"
            ),
            args![all, ids],
        )
        .await?;
    let there = |id: &Uuid| rows.iter().any(|row| row.id.0 == *id);
    facts.extend(gone(which, there, |id| Fact::Role(RoleId(id), None)));
    facts.extend(
        rows.into_iter().map(|row| Fact::Role(row.id, Some(role::permissions(&row.permissions)))),
    );
    Ok(())
}

async fn accounts(scope: &Scope, which: &Which, facts: &mut Vec<Fact>) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        id: ServiceAccountId,
        disabled: bool,
    }
    let (all, ids) = which.args();
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT id, disabled FROM service_account WHERE tenant_id = $1 \
                 AND ($2 OR id = ANY($3::uuid[]))"
            ),
            args![all, ids],
        )
        .await?;
    let there = |id: &Uuid| rows.iter().any(|row| row.id.0 == *id);
    facts.extend(gone(which, there, |id| Fact::ServiceAccount(ServiceAccountId(id), None)));
    facts.extend(
        rows.into_iter().map(|row| {
            Fact::ServiceAccount(row.id, Some(ServiceAccount { disabled: row.disabled }))
        }),
    );
    Ok(())
}

async fn groups(scope: &Scope, which: &Which, facts: &mut Vec<Fact>) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Member {
        group_id: GroupId,
        member: String,
    }
    let (all, ids) = which.args();
    let rows: Vec<GroupId> = scope
        .column(
            sql!(
                "SELECT id FROM principal_group WHERE tenant_id = $1 \
                 AND ($2 OR id = ANY($3::uuid[]))"
            ),
            args![all, ids.clone()],
        )
        .await?;
    let members: Vec<Member> = scope
        .all(
            sql!(
                "SELECT group_id, member FROM group_member WHERE tenant_id = $1 \
                 AND ($2 OR group_id = ANY($3::uuid[]))"
            ),
            args![all, ids],
        )
        .await?;
    let mut of: HashMap<GroupId, Vec<String>> = HashMap::new();
    for one in members {
        of.entry(one.group_id).or_default().push(one.member);
    }
    let there = |id: &Uuid| rows.contains(&GroupId(*id));
    facts.extend(gone(which, there, |id| Fact::Group(GroupId(id), None)));
    facts.extend(rows.into_iter().map(|id| Fact::Group(id, of.remove(&id).or(Some(Vec::new())))));
    Ok(())
}

async fn grants(scope: &Scope, which: &Which, facts: &mut Vec<Fact>) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        id: GrantId,
        principal: String,
        role_id: RoleId,
        workspace_id: Option<WorkspaceId>,
    }
    let (all, ids) = which.args();
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT id, principal, role_id, workspace_id FROM access_grant \
                 WHERE tenant_id = $1 AND ($2 OR id = ANY($3::uuid[])) ORDER BY id"
            ),
            args![all, ids],
        )
        .await?;
    let there = |id: &Uuid| rows.iter().any(|row| row.id.0 == *id);
    facts.extend(gone(which, there, |id| Fact::Grant(GrantId(id), None)));
    facts.extend(rows.into_iter().map(|row| {
        let grant =
            Grant { principal: row.principal, role: row.role_id, workspace: row.workspace_id };
        Fact::Grant(row.id, Some(grant))
    }));
    Ok(())
}

/// The keys of service accounts, by id.
async fn keys(scope: &Scope, which: &Which) -> Result<Vec<Key>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: ApiKeyId,
        service_account_id: ServiceAccountId,
        hash: Vec<u8>,
        expire_time: Micros,
    }
    let (all, ids) = which.args();
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT id, service_account_id, hash, expire_time FROM api_key \
                 WHERE tenant_id = $1 AND ($2 OR service_account_id = ANY($3::uuid[])) ORDER BY id"
            ),
            args![all, ids],
        )
        .await?;
    let key = |row: Row| Key {
        id: row.id,
        account: row.service_account_id,
        hash: row.hash,
        expire_time: row.expire_time,
    };
    Ok(rows.into_iter().map(key).collect())
}
