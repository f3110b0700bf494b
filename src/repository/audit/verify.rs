//! Checking an audit log (K-06): record by record from the first, each against the hash of the one before. What is wrong is
//! named at the first record where anything is.

use std::collections::BTreeMap;
use std::fmt;

use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::record::{Payload, Record, places};
use crate::error::{Error, Result};
use crate::repository::scope::Scope;
use crate::secret::Secrets;
use crate::{args, sql};

/// Most records that are read at once.
const SLICE: i64 = 1_000;
/// Most bytes of before and after that are read at once, but for a single record that has more.
const BYTES: i64 = 8 * 1024 * 1024;

/// How far a log was checked: all up to here is as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The number of the last record that was checked; 0: none.
    pub seq: i64,
    /// Its hash.
    pub hash: Vec<u8>,
}

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How far it came.
    pub mark: Mark,
    /// What is wrong, if anything is.
    pub flaw: Option<Flaw>,
    /// Nothing follows: the log is checked to its end.
    pub whole: bool,
}

/// What is wrong with an audit log, with the number of the first record where anything is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is not there, and later ones are.
    Missing(i64),
    /// It is not as it was written.
    Changed(i64),
    /// Its before and after are not as they were written.
    Payload(i64),
    /// It is found by other workspaces than it concerns.
    Workspaces(i64),
    /// Another record stands in its place: one that belongs here stands later.
    Order(i64),
    /// It and all after it are gone: the tenant's head counts more.
    Tail(i64),
    /// It is the last, and the tenant's head knows of another end.
    Head(i64),
}

/// A record with the size of its before and after.
#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    record: Record,
    bytes: i64,
}

#[derive(FromQueryResult)]
struct Place {
    seq: i64,
    workspace_id: Uuid,
    reads: String,
}

#[derive(FromQueryResult)]
struct Text {
    seq: i64,
    salt: Vec<u8>,
    payload: String,
}

/// Where the tenant's head says that the log ends.
#[derive(FromQueryResult)]
struct End {
    revision: i64,
    audit_seq: i64,
    audit_head: Vec<u8>,
}

/// Some records with all that goes with them.
struct Slice<'a> {
    scope: &'a Scope,
    secrets: &'a Secrets,
    records: Vec<Record>,
    places: BTreeMap<i64, Vec<(Uuid, String)>>,
    texts: BTreeMap<i64, Payload>,
}

/// Checks the tenant's audit log from its first record to its last.
pub async fn verify(scope: &Scope, secrets: &Secrets) -> Result<Option<Flaw>> {
    let mut mark = Mark::default();
    loop {
        let next = verify_some(scope, secrets, mark, i64::MAX).await?;
        if next.whole || next.flaw.is_some() {
            return Ok(next.flaw);
        }
        mark = next.mark;
    }
}

/// Checks some more records after those that were checked, none beyond a number.
pub async fn verify_some(
    scope: &Scope,
    secrets: &Secrets,
    from: Mark,
    end: i64,
) -> Result<Progress> {
    let most = end.saturating_sub(from.seq).min(SLICE);
    let slice = Slice::after(scope, secrets, from.seq, most).await?;
    let mut mark = from;
    let mut last = None;
    for record in &slice.records {
        if let Some(flaw) = slice.flaw(record, &mark) {
            return Ok(Progress { mark, flaw: Some(flaw), whole: false });
        }
        mark = Mark { seq: record.seq, hash: record.hash.clone() };
        last = Some(record.revision);
    }
    let end = head(scope).await?;
    if mark.seq < end.audit_seq && !slice.records.is_empty() {
        return Ok(Progress { mark, flaw: None, whole: false });
    }
    // One that was checked to its end before has no last record here, and no more revisions either.
    let ends = (end.audit_seq, &end.audit_head) == (mark.seq, &mark.hash)
        && last.is_none_or(|revision| revision == end.revision);
    let flaw = match (ends, mark.seq < end.audit_seq) {
        (true, _) => None,
        (false, true) => Some(Flaw::Tail(mark.seq + 1)),
        (false, false) => Some(Flaw::Head(mark.seq)),
    };
    Ok(Progress { mark, flaw, whole: true })
}

async fn head(scope: &Scope) -> Result<End> {
    let sql = sql!("SELECT revision, audit_seq, audit_head FROM tenant_head WHERE tenant_id = $1");
    let found: Option<End> = scope.one(sql, args![]).await?;
    found.ok_or_else(|| Error::internal("a tenant without a head"))
}

// === impl Mark ===

impl Default for Mark {
    /// Before the first record.
    fn default() -> Self {
        Self { seq: 0, hash: vec![0; 32] }
    }
}

// === impl Flaw ===

impl Flaw {
    /// The number of the record.
    pub fn seq(self) -> i64 {
        match self {
            Self::Missing(seq)
            | Self::Changed(seq)
            | Self::Payload(seq)
            | Self::Workspaces(seq)
            | Self::Order(seq)
            | Self::Tail(seq)
            | Self::Head(seq) => seq,
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seq = self.seq();
        match self {
            Self::Missing(_) => write!(f, "record {seq} is missing"),
            Self::Changed(_) => write!(f, "record {seq} was changed"),
            Self::Payload(_) => write!(f, "before and after of record {seq} were changed"),
            Self::Workspaces(_) => write!(f, "the workspaces of record {seq} were changed"),
            Self::Order(_) => write!(f, "another record stands in the place of record {seq}"),
            Self::Tail(_) => write!(f, "record {seq} and all after it are gone"),
            Self::Head(_) => write!(f, "the tenant knows of another end than record {seq}"),
        }
    }
}

// === impl Slice ===

impl<'a> Slice<'a> {
    async fn after(
        scope: &'a Scope,
        secrets: &'a Secrets,
        seq: i64,
        most: i64,
    ) -> Result<Slice<'a>> {
        let rows: Vec<Row> = scope
            .all(
                sql!(
                    "SELECT a.*, CAST(coalesce(octet_length(p.payload), 0) AS bigint) AS bytes FROM audit a \
                     LEFT JOIN audit_payload p ON p.tenant_id = $1 AND p.seq = a.seq \
                     WHERE a.tenant_id = $1 AND a.seq > $2 ORDER BY a.seq LIMIT $3"
                ),
                args![seq, most],
            )
            .await?;
        let mut bytes = 0;
        let fits = |row: &Row| {
            let first = bytes == 0;
            bytes += row.bytes;
            first || bytes <= BYTES
        };
        let records: Vec<Record> =
            rows.into_iter().take_while(fits).map(|row| row.record).collect();
        let last = records.last().map_or(seq, |last| last.seq);
        let places: Vec<Place> = scope
            .all(
                sql!(
                    "SELECT seq, workspace_id, reads FROM audit_workspace \
                     WHERE tenant_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq, workspace_id"
                ),
                args![seq, last],
            )
            .await?;
        let texts: Vec<Text> = scope
            .all(
                sql!(
                    "SELECT seq, salt, payload FROM audit_payload \
                     WHERE tenant_id = $1 AND seq > $2 AND seq <= $3"
                ),
                args![seq, last],
            )
            .await?;
        let mut by_seq: BTreeMap<i64, Vec<(Uuid, String)>> = BTreeMap::new();
        for one in places {
            by_seq.entry(one.seq).or_default().push((one.workspace_id, one.reads));
        }
        let text = |one: Text| (one.seq, Payload { salt: one.salt, text: one.payload });
        let texts = texts.into_iter().map(text).collect();
        Ok(Self { scope, secrets, records, places: by_seq, texts })
    }

    /// What is wrong with a record, after those that were checked.
    fn flaw(&self, record: &Record, mark: &Mark) -> Option<Flaw> {
        let seq = mark.seq + 1;
        if record.seq != seq {
            return Some(Flaw::Missing(seq));
        }
        if !self.follows(record, mark) {
            let belongs = |later: &&Record| {
                later.seq > seq && self.follows(&Record { seq, ..(*later).clone() }, mark)
            };
            let elsewhere = self.records.iter().find(belongs);
            return Some(elsewhere.map_or(Flaw::Changed(seq), |_| Flaw::Order(seq)));
        }
        let about = record.about();
        let expected = places(&about.workspaces).into_iter().map(|id| (id, about.reads.clone()));
        if !self.places.get(&seq).into_iter().flatten().cloned().eq(expected) {
            return Some(Flaw::Workspaces(seq));
        }
        // Where there is none, it was erased (K-08).
        let whole = |text: &Payload| text.digest() == record.payload_digest;
        self.texts.get(&seq).is_some_and(|text| !whole(text)).then_some(Flaw::Payload(seq))
    }

    fn follows(&self, record: &Record, mark: &Mark) -> bool {
        record.hash == record.chain(self.scope.tenant(), self.secrets, &mark.hash)
    }
}
