//! Records by the workspaces that they concern, newest first: first their numbers, by index, then what stands in them.

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
    let (ids, reads): (Vec<Uuid>, Vec<String>) =
        places.iter().map(|(id, reads)| (*id, (*reads).to_owned())).unzip();
    let sql = sql!(
        // The newest of each place by its index, and the newest of those.
        postgres: "SELECT DISTINCT n.seq FROM unnest($2::uuid[], $3::text[]) AS p(workspace_id, reads) \
             CROSS JOIN LATERAL (SELECT w.seq FROM audit_workspace w WHERE w.tenant_id = $1 \
                 AND w.workspace_id = p.workspace_id AND w.reads = p.reads AND w.seq < $4 \
                 ORDER BY w.seq DESC LIMIT $5) n \
             ORDER BY n.seq DESC LIMIT $5",
        sqlite: "SELECT DISTINCT w.seq FROM json_each($2) p JOIN json_each($3) r ON r.key = p.key \
             JOIN audit_workspace w ON w.tenant_id = $1 AND w.workspace_id = unhex(p.value) \
                 AND w.reads = r.value AND w.seq IN (SELECT x.seq FROM audit_workspace x \
                     WHERE x.tenant_id = $1 AND x.workspace_id = unhex(p.value) AND x.reads = r.value \
                     AND x.seq < $4 ORDER BY x.seq DESC LIMIT $5) \
             ORDER BY w.seq DESC LIMIT $5",
    );
    scope.column(sql, args![ids, reads, seq, most]).await
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
