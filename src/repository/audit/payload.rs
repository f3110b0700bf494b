//! Before and after of records. They stand apart, since an erasure takes them away (K-08), and can be long.

use std::collections::HashMap;

use sea_orm::FromQueryResult;
use serde::Deserialize;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::repository::scope::Scope;
use crate::{args, sql};

/// Most bytes that are read at once, but for a single record that has more.
const BYTES: i64 = 2 * 1024 * 1024;

/// One thing before and after a call.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Recorded {
    /// What happened, as `noun.verb`.
    pub kind: String,
    /// To what, where it is one thing.
    pub resource_id: Option<Uuid>,
    /// The thing before.
    pub before: Json,
    /// The thing after.
    pub after: Json,
}

#[derive(FromQueryResult)]
struct Size {
    seq: i64,
    bytes: i64,
}

#[derive(FromQueryResult)]
struct Text {
    seq: i64,
    payload: String,
}

/// What the calls of some records did, of as many as may be read at once, and how many of these records that are. Those
/// whose text was erased have none.
pub async fn payloads(scope: &Scope, seqs: &[i64]) -> Result<(HashMap<i64, Vec<Recorded>>, usize)> {
    let taken = fitting(scope, seqs).await?;
    let texts: Vec<Text> = scope
        .all(
            sql!(
                "SELECT seq, payload FROM audit_payload WHERE tenant_id = $1 AND seq = ANY($2::bigint[])"
            ),
            args![seqs[..taken].to_vec()],
        )
        .await?;
    let parse = |one: Text| {
        let parsed = serde_json::from_str(&one.payload).map_err(Error::internal)?;
        Ok((one.seq, parsed))
    };
    Ok((texts.into_iter().map(parse).collect::<Result<_>>()?, taken))
}

/// How many of some records, from the first, may be read at once.
async fn fitting(scope: &Scope, seqs: &[i64]) -> Result<usize> {
    let sizes: Vec<Size> = scope
        .all(
            sql!(
                "SELECT seq, CAST(octet_length(payload) AS bigint) AS bytes FROM audit_payload \
                 WHERE tenant_id = $1 AND seq = ANY($2::bigint[])"
            ),
            args![seqs.to_vec()],
        )
        .await?;
    let sizes: HashMap<i64, i64> = sizes.into_iter().map(|one| (one.seq, one.bytes)).collect();
    let mut sum = 0;
    let over = seqs.iter().position(|seq| {
        sum += sizes.get(seq).copied().unwrap_or_default();
        sum > BYTES
    });
    Ok(over.map_or(seqs.len(), |at| at.max(1)))
}
