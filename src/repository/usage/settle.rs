//! Working out a tenant's numbers: the feed is read once, in order, and each day that is over is measured once. Whoever
//! does it holds the row of the tenant's meter, and moves it in the transaction that writes the numbers: a replica that
//! comes second, or after one that was killed, goes on where the row stands.

use std::collections::BTreeMap;
use std::time::Duration;

use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};

use super::census::sights;
use super::{add, census, feed, forget_before, inside};
use crate::context::Context;
use crate::domain::usage::{Day, Entry, Meter, Series, Swings};
use crate::error::{Error, Result};
use crate::id::{TenantId, WorkspaceId};
use crate::repository::scope::Scope;
use crate::repository::store::{Access, Store};
use crate::repository::write::Tx;
use crate::{args, sql};

/// Revisions read at once.
const SLICE: i64 = 1_000;
/// What one step may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// For how many days numbers are kept: twice what can be asked for at once.
const KEPT: i64 = 800;

/// How far a tenant's numbers are worked out.
#[derive(Clone, Debug, FromQueryResult)]
struct Position {
    revision: i64,
    day: i64,
    state: Json,
}

/// Makes the meter of a new tenant, in the transaction that makes the tenant: its feed is read from the beginning.
pub async fn begin(tx: &Tx, today: Day) -> Result<()> {
    let day = today.plus(-1).0;
    insert(tx, &Position { revision: 0, day, state: json!(Meter::default()) }).await
}

/// Whether the numbers are worked out up to yesterday, and up to which revision.
pub async fn settled(scope: &Scope, today: Day) -> Result<(bool, i64)> {
    #[derive(FromQueryResult)]
    struct Reached {
        revision: i64,
        day: i64,
    }
    let sql = sql!("SELECT revision, day FROM usage_meter WHERE tenant_id = $1");
    let found: Option<Reached> = scope.one(sql, args![]).await?;
    let revision = found.as_ref().map_or(0, |meter| meter.revision);
    let measured = found.is_some_and(|meter| meter.day >= today.plus(-1).0);
    Ok((measured && revision >= scope.head().revision, revision))
}

// === impl Store ===

impl Store {
    /// Works out the numbers of a tenant, as of now.
    pub async fn settle_usage(&self, tenant: TenantId, today: Day) -> Result<()> {
        while self.settle_some(tenant, today).await? {}
        Ok(())
    }

    /// One step; whether there is another one.
    async fn settle_some(&self, tenant: TenantId, today: Day) -> Result<bool> {
        let ctx = Context::internal("usage", PATIENCE);
        let scope = self.open(&ctx, tenant, Access::Write).await?;
        let mut position = match hold(&scope).await? {
            Some(position) => position,
            None => start(&scope, today).await?,
        };
        let head = scope.head().revision.max(position.revision);
        let up_to = head.min(position.revision + SLICE);
        let mut entries = read(&scope, &mut position, up_to).await?;
        if up_to == head {
            entries.extend(measure(&scope, &mut position, today).await?);
        }
        add(&scope, &entries).await?;
        save(&scope, &position).await?;
        scope.connection.into_inner().commit().await?;
        Ok(up_to < head)
    }
}

/// What the next changes mean for each workspace.
async fn read(scope: &Scope, position: &mut Position, up_to: i64) -> Result<Vec<Entry>> {
    let mut meter: Meter =
        serde_json::from_value(position.state.take()).map_err(Error::internal)?;
    let mut sums: BTreeMap<(WorkspaceId, Day, Series, String), i64> = BTreeMap::new();
    for change in feed::changes(scope, position.revision, up_to).await? {
        let day = Day::of(change.create_time);
        let mut swings = Swings::new();
        for event in change.events()? {
            meter.take(&event, &mut swings);
        }
        for (workspace, (gained, lost)) in swings {
            for (series, people) in [(Series::PeopleGained, gained), (Series::PeopleLost, lost)] {
                *sums.entry((workspace, day, series, String::new())).or_default() += people;
            }
        }
        if let Some(workspace) = change.through()? {
            *sums.entry((workspace, day, Series::Changes, change.kind)).or_default() += 1;
        }
    }
    position.revision = up_to;
    position.state = json!(meter);
    let some = sums.into_iter().filter(|(_, value)| *value != 0);
    let entry = |((workspace, day, series, key), value)| Entry {
        workspace: Some(workspace),
        day,
        series,
        key,
        value,
    };
    Ok(some.map(entry).collect())
}

/// How things stood at the end of the days that are over and were not measured yet. Nothing changes while nothing
/// runs: days that nobody measured stood as the tenant stands now.
async fn measure(scope: &Scope, position: &mut Position, today: Day) -> Result<Vec<Entry>> {
    let last = today.plus(-1);
    let first = Day(position.day).plus(1).max(last.plus(1 - KEPT));
    if first > last {
        return Ok(Vec::new());
    }
    let census = census(scope, today.start()).await?;
    let workspaces: Vec<WorkspaceId> = census.workspaces.keys().copied().collect();
    let inside = inside(scope, &workspaces).await?;
    let mut entries = Vec::new();
    for day in (first.0..=last.0).map(Day) {
        entries.extend(census.usage(day));
        entries.extend(census.seen(day));
        entries.extend(census.inside(&inside, day));
    }
    forget_before(scope, today.plus(-KEPT)).await?;
    position.day = last.0;
    Ok(entries)
}

/// The meter of a tenant that was there before there were meters: it starts with how things stand. No write of the
/// tenant commits meanwhile.
async fn start(scope: &Scope, today: Day) -> Result<Position> {
    let sql = sql!("SELECT revision FROM tenant_head WHERE tenant_id = $1 FOR UPDATE");
    let revision = scope.count(sql, args![]).await?;
    if let Some(position) = hold(scope).await? {
        // Another replica was first.
        return Ok(position);
    }
    let people = census(scope, today.start()).await?.people;
    let people = people.into_iter().map(|(partition, people)| (partition, people.all));
    let (living, deleted) = sights(scope).await?;
    let state = json!(Meter::new(people.collect(), living, deleted));
    let position = Position { revision, day: today.plus(-1).0, state };
    insert(scope, &position).await?;
    Ok(position)
}

async fn hold(scope: &Scope) -> Result<Option<Position>> {
    let sql = sql!("SELECT revision, day, state FROM usage_meter WHERE tenant_id = $1 FOR UPDATE");
    scope.one(sql, args![]).await
}

async fn insert(scope: &Scope, position: &Position) -> Result<()> {
    let sql =
        sql!("INSERT INTO usage_meter (tenant_id, revision, day, state) VALUES ($1, $2, $3, $4)");
    let Position { revision, day, state } = position.clone();
    scope.execute(sql, args![revision, day, state]).await.map(drop)
}

async fn save(scope: &Scope, position: &Position) -> Result<()> {
    let sql =
        sql!("UPDATE usage_meter SET revision = $2, day = $3, state = $4 WHERE tenant_id = $1");
    let Position { revision, day, state } = position.clone();
    scope.execute(sql, args![revision, day, state]).await.map(drop)
}
