//! Splitting a bill among workspaces (K-05).

use std::collections::{BTreeMap, BTreeSet};

use super::Usages;
use crate::clock::now;
use crate::context::Context;
use crate::domain::usage::allocation::{Money, Share, allocate};
use crate::domain::usage::{Day, Series, Span};
use crate::error::{Error, Result};
use crate::id::WorkspaceId;
use crate::repository::{Answer, usage, workspace};
use crate::service::access::At;

/// Most numbers of people by day, partition and workspace that a bill is split by.
const MOST_HELD: i64 = 1_000_000;

/// What is to be paid.
#[derive(Clone, Debug)]
pub struct Bill {
    /// How much.
    pub amount: Money,
    /// For which days, none of them after today.
    pub span: Span,
}

/// A bill that was split.
#[derive(Clone, Debug)]
pub struct Allocation {
    /// Who pays what, the shared remainder last.
    pub lines: Vec<Line>,
    /// How many of the days people were counted on.
    pub counted_days: usize,
}

/// What somebody pays.
#[derive(Clone, Debug)]
pub struct Line {
    /// Who; nothing: the shared remainder.
    pub workspace: Option<WorkspaceId>,
    /// The workspace's name now; empty once it is gone for good.
    pub display_name: String,
    /// What the bill is split by.
    pub person_days: String,
    /// How much.
    pub amount: String,
}

// === impl Usages ===

impl Usages {
    /// Splits a bill.
    pub async fn allocate(&self, ctx: &Context, bill: &Bill) -> Result<Answer<Allocation>> {
        let (scope, _) = self.open(ctx, At::Tenant).await?;
        let today = Day::of(now());
        if usage::count_held(&scope, bill.span).await? > MOST_HELD {
            let text = "is for more days than can be split at once; split a bill for each month";
            return Err(Error::invalid("bill.from", text));
        }
        let mut held = usage::held(&scope, bill.span).await?;
        held.retain(|one| one.day < today);
        if bill.span.has(today) {
            let census = usage::census(&scope, now()).await?.usage(today);
            for entry in census.iter().filter(|one| one.series == Series::Held) {
                held.push(usage::held_of(entry)?);
            }
        }
        let counted_days = held.iter().map(|one| one.day).collect::<BTreeSet<Day>>().len();
        let shares = allocate(bill.amount.units, &held);
        let ids: Vec<WorkspaceId> = shares.iter().filter_map(|share| share.workspace).collect();
        let known = workspace::any_by_ids(&scope, &ids).await?.into_iter();
        let mut names: BTreeMap<WorkspaceId, String> =
            known.map(|one| (one.id, one.display_name)).collect();
        let line = |share: Share| Line {
            workspace: share.workspace,
            display_name: share.workspace.and_then(|id| names.remove(&id)).unwrap_or_default(),
            person_days: share.person_days,
            amount: bill.amount.written(share.amount),
        };
        let lines = shares.into_iter().map(line).collect();
        Ok(scope.answer(Allocation { lines, counted_days }))
    }
}
