//! Safe retries: a `request_id` is claimed in the transaction that it stands for, and keeps its answer.

use sea_orm::FromQueryResult;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use super::access;
use super::write::{Answer, Tx};
use crate::clock::{DAY, now};
use crate::context::{Context, RequestKey};
use crate::domain::access::Permission;
use crate::domain::visibility::At;
use crate::error::{Error, Reason, Result};
use crate::{args, sql};

/// How long an answer is kept (H-03).
pub const RETENTION: i64 = DAY;

#[derive(FromQueryResult)]
struct Kept {
    body: Vec<u8>,
    answer: Option<String>,
    demands: Option<Json>,
    revision: Option<i64>,
    create_time: i64,
}

/// Claims the call's `request_id`, waiting for a twin that is still running; the twin's answer if it had
/// one.
pub(super) async fn claim<T: DeserializeOwned>(
    tx: &Tx,
    ctx: &Context,
) -> Result<Option<Answer<T>>> {
    let Some(key) = key(ctx) else { return Ok(None) };
    let claimed: Vec<i64> = tx
        .column(
            sql!(
                "INSERT INTO request (tenant_id, principal, method, request_id, body, create_time) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING create_time"
            ),
            args![ctx.caller.to_string(), ctx.method, key.id, key.body, now()],
        )
        .await?;
    if !claimed.is_empty() {
        return Ok(None);
    }
    let kept: Option<Kept> = tx
        .one(
            sql!(
                "SELECT body, answer, demands, revision, create_time FROM request \
                 WHERE tenant_id = $1 AND principal = $2 AND method = $3 AND request_id = $4"
            ),
            args![ctx.caller.to_string(), ctx.method, key.id],
        )
        .await?;
    match kept {
        // It was there a moment ago: its twin rolled back, or the sweep took it.
        None => Err(Error::Contended),
        Some(kept) if kept.create_time < now() - RETENTION => reclaim(tx, ctx, key).await,
        Some(kept) if kept.body != key.body => Err(reused()),
        Some(kept) => {
            // Who may not do it any more is not told again what came of it.
            for (permission, at) in demands(kept.demands.as_ref()) {
                access::demand(tx, ctx, permission, at).await?;
            }
            replay(kept).map(Some)
        }
    }
}

/// Keeps the answer of the call, if it claimed a `request_id`.
pub(super) async fn keep<T: Serialize>(
    tx: &Tx,
    ctx: &Context,
    value: &T,
    revision: i64,
) -> Result<()> {
    let Some(key) = key(ctx) else { return Ok(()) };
    let answer = serde_json::to_string(value).map_err(Error::internal)?;
    let demands =
        tx.demands().into_iter().map(|(permission, at)| json!([permission.name(), at.to_string()]));
    let demands: Json = demands.collect();
    tx.execute(
        sql!(
            "UPDATE request SET answer = $5, revision = $6, demands = $7 \
             WHERE tenant_id = $1 AND principal = $2 AND method = $3 AND request_id = $4"
        ),
        args![ctx.caller.to_string(), ctx.method, key.id, answer, revision, demands],
    )
    .await
    .map(drop)
}

/// What stands in a kept row; what this version does not know was dropped, and is asked of nobody.
fn demands(kept: Option<&Json>) -> Vec<(Permission, At)> {
    let pairs = kept.and_then(Json::as_array).into_iter().flatten();
    let parse = |pair: &Json| {
        let permission = Permission::named(pair.get(0)?.as_str()?)?;
        Some((permission, pair.get(1)?.as_str()?.parse().ok()?))
    };
    pairs.filter_map(parse).collect()
}

fn key(ctx: &Context) -> Option<&RequestKey> {
    ctx.mutation.request.as_ref().filter(|_| !ctx.mutation.validate_only)
}

async fn reclaim<T>(tx: &Tx, ctx: &Context, key: &RequestKey) -> Result<Option<Answer<T>>> {
    tx.execute(
        sql!(
            "UPDATE request SET body = $5, answer = NULL, demands = NULL, revision = NULL, create_time = $6 \
             WHERE tenant_id = $1 AND principal = $2 AND method = $3 AND request_id = $4"
        ),
        args![ctx.caller.to_string(), ctx.method, key.id, key.body, now()],
    )
    .await?;
    Ok(None)
}

fn replay<T: DeserializeOwned>(kept: Kept) -> Result<Answer<T>> {
    let answer = kept.answer.unwrap_or_default();
    let value = serde_json::from_str(&answer).map_err(Error::internal)?;
    Ok(Answer { value, revision: kept.revision.unwrap_or_default() })
}

fn reused() -> Error {
    Error::new(
        Reason::RequestIdReused,
        "this request_id was used for another request; use a new one for each new request",
    )
    .field("request_id")
}
