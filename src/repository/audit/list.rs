//! Records by the workspaces that they concern, newest first: first their numbers, by index, then what stands in them.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::Record;
use crate::clock::Micros;
use crate::error::Result;
use crate::repository::scope::Scope;
use crate::{args, sql};

/// Where to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Places {
    /// In the whole log.
    All,
    /// At these places, the nil UUID being the tenant itself, among the records that a permission shows; an empty one
    /// stands for those that none does.
    These(Vec<(Uuid, &'static str)>),
}

/// Which records; an empty filter takes all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those of this caller.
    pub actor: Option<String>,
    /// Only those of this rpc.
    pub action: Option<String>,
    /// Only those about things of this noun.
    pub noun: Option<String>,
    /// Only those about this thing.
    pub resource: Option<Uuid>,
    /// Only those of refused calls, or only those of calls that were done.
    pub refused: Option<bool>,
    /// Not from before.
    pub since: Option<Micros>,
    /// Only from before.
    pub until: Option<Micros>,
}

/// The numbers of the newest records before one, newest first.
pub async fn before(scope: &Scope, places: &Places, seq: i64, most: i64) -> Result<Vec<i64>> {
    let Places::These(places) = places else {
        let sql = sql!(
            "SELECT seq FROM audit WHERE tenant_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3"
        );
        return scope.column(sql, args![seq, most]).await;
    };
    let place = |(id, reads): &(Uuid, &str)| json!({ "workspace_id": id, "reads": reads });
    let places: Json = places.iter().map(place).collect();
    let sql = sql!(
        // The newest of each place by its index, and the newest of those. The cross joins of SQLite keep that order.
        postgres: "SELECT DISTINCT n.seq FROM jsonb_to_recordset($2) AS p(workspace_id uuid, reads text) \
             CROSS JOIN LATERAL (SELECT w.seq FROM audit_workspace w WHERE w.tenant_id = $1 \
                 AND w.workspace_id = p.workspace_id AND w.reads = p.reads AND w.seq < $3 \
                 ORDER BY w.seq DESC LIMIT $4) n \
             ORDER BY n.seq DESC LIMIT $4",
        sqlite: "SELECT DISTINCT w.seq FROM (SELECT unhex(replace(value->>'workspace_id', '-', '')) AS id, \
                 value->>'reads' AS reads FROM json_each($2)) p \
             CROSS JOIN audit_workspace w ON w.tenant_id = $1 AND w.workspace_id = p.id AND w.reads = p.reads \
                 AND w.seq < $3 AND w.seq >= (SELECT min(x.seq) FROM (SELECT n.seq FROM audit_workspace n \
                     WHERE n.tenant_id = $1 AND n.workspace_id = p.id AND n.reads = p.reads AND n.seq < $3 \
                     ORDER BY n.seq DESC LIMIT $4) x) \
             ORDER BY w.seq DESC LIMIT $4",
    );
    scope.column(sql, args![places, seq, most]).await
}

// === impl Places ===

impl Places {
    /// How many places are looked at.
    pub fn count(&self) -> usize {
        match self {
            Self::All => 1,
            Self::These(places) => places.len(),
        }
    }
}

/// Those of some records that a filter takes, newest first.
pub async fn by_seq(scope: &Scope, seqs: Vec<i64>, filter: &Filter) -> Result<Vec<Record>> {
    let Filter { actor, action, noun, resource, refused, since, until } = filter.clone();
    scope
        .all(
            sql!(
                "SELECT * FROM audit WHERE tenant_id = $1 AND seq = ANY($2::bigint[]) \
                 AND ($3 OR actor = $4) AND ($5 OR action = $6) AND ($7 OR resource = $8) \
                 AND ($9 OR resource_id = $10) AND ($11 OR (refusal <> '') = $12) \
                 AND create_time >= $13 AND create_time < $14 ORDER BY seq DESC"
            ),
            args![
                seqs,
                actor.is_none(),
                actor,
                action.is_none(),
                action,
                noun.is_none(),
                noun,
                resource.is_none(),
                resource,
                refused.is_none(),
                refused.unwrap_or_default(),
                since.unwrap_or(Micros::MIN),
                until.unwrap_or(Micros::MAX)
            ],
        )
        .await
}
