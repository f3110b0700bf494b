//! What was used on some days, and what happened in a workspace.

use std::collections::{BTreeMap, BTreeSet};

use super::Usages;
use crate::clock::now;
use crate::context::Context;
use crate::domain::usage::{Day, Entry, Granularity, Metric, Series, Span};
use crate::entity::Workspace;
use crate::error::{Error, Result};
use crate::id::WorkspaceId;
use crate::repository::usage::Wanted;
use crate::repository::{Answer, Scope, usage, workspace};
use crate::service::access::At;

/// Most numbers that are told at once.
const MOST_LINES: i64 = 100_000;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The days, none of them after today.
    pub span: Span,
    /// What to put them together by.
    pub granularity: Granularity,
    /// What to tell.
    pub metrics: Vec<Metric>,
    /// Of whom; nothing: of the tenant.
    pub workspace: Option<WorkspaceId>,
}

/// What was used.
#[derive(Clone, Debug)]
pub struct Report {
    /// The days or months, in order.
    pub periods: Vec<Period>,
    /// What happened in the workspace that was asked for, in the same order.
    pub insights: Vec<Insight>,
    /// The revision up to which changes are in the insights.
    pub insights_revision: i64,
    /// The workspaces that are told of, as they are now; those that are gone for good are missing.
    pub workspaces: BTreeMap<WorkspaceId, Workspace>,
}

/// The numbers of each metric that is asked for, in their order.
pub type Values = Vec<i64>;

/// The numbers of a day or month.
#[derive(Clone, Debug)]
pub struct Period {
    /// Its first day.
    pub start: Day,
    /// By workspace.
    pub workspaces: BTreeMap<WorkspaceId, Values>,
    /// The shared remainder, unless a workspace was asked for.
    pub shared: Option<Values>,
}

/// What happened in a workspace on a day or in a month.
#[derive(Clone, Debug)]
pub struct Insight {
    /// Its first day.
    pub start: Day,
    /// The numbers, by series and by what they are of.
    pub numbers: BTreeMap<(Series, String), i64>,
}

// === impl Usages ===

impl Usages {
    /// Tells what was used.
    pub async fn get(&self, ctx: &Context, asked: &Asked) -> Result<Answer<Report>> {
        let at = asked.workspace.map_or(At::Tenant, At::Workspace);
        let (scope, insights_revision) = self.open(ctx, at).await?;
        asked.refuse_too_much(&scope).await?;
        let entries = entries(&scope, asked).await?;
        let ids: BTreeSet<WorkspaceId> =
            entries.iter().filter_map(|one| one.workspace).chain(asked.workspace).collect();
        let insights = match asked.workspace {
            Some(_) => insights(asked, &entries),
            None => Vec::new(),
        };
        let ids: Vec<WorkspaceId> = ids.into_iter().collect();
        let periods = periods(asked, &ids, &entries);
        let known = workspace::any_by_ids(&scope, &ids).await?;
        let workspaces = known.into_iter().map(|one| (one.id, one)).collect();
        Ok(scope.answer(Report { periods, insights, insights_revision, workspaces }))
    }
}

/// All numbers that are asked for, by period: what is kept, and for today how things stand.
async fn entries(scope: &Scope, asked: &Asked) -> Result<Vec<Entry>> {
    let today = Day::of(now());
    let (counted, standing): (Vec<Series>, Vec<Series>) =
        asked.series().partition(|one| one.adds_up());
    let all = asked.granularity.all_days(asked.span);
    let workspace = asked.workspace;
    let counts = Wanted { series: &counted, days: &all, workspace };
    let mut entries = usage::sums(scope, &counts).await?;
    let mut last = asked.granularity.last_days(asked.span);
    last.retain(|(day, _)| *day < today);
    let levels = Wanted { series: &standing, days: &last, workspace };
    entries.extend(usage::sums(scope, &levels).await?);
    if asked.span.has(today) && !standing.is_empty() {
        let period = asked.granularity.period(today);
        let now = now_standing(scope, workspace, period).await?;
        entries.extend(now.into_iter().filter(|one| standing.contains(&one.series)));
    }
    Ok(entries)
}

/// How things stand now.
async fn now_standing(
    scope: &Scope,
    workspace: Option<WorkspaceId>,
    period: Day,
) -> Result<Vec<Entry>> {
    let census = usage::census(scope, now()).await?;
    let Some(id) = workspace else { return Ok(census.usage(period)) };
    let inside = usage::inside(scope, &[id]).await?;
    let mut entries = census.usage(period);
    entries.extend(census.seen(period));
    entries.extend(census.inside(&inside, period));
    entries.retain(|one| one.workspace == workspace);
    Ok(entries)
}

fn periods(asked: &Asked, ids: &[WorkspaceId], entries: &[Entry]) -> Vec<Period> {
    let nothing = || vec![0; asked.metrics.len()];
    let empty = |start| Period {
        start,
        workspaces: ids.iter().map(|id| (*id, nothing())).collect(),
        shared: asked.workspace.is_none().then(nothing),
    };
    let mut periods: BTreeMap<Day, Period> =
        asked.starts().into_iter().map(|start| (start, empty(start))).collect();
    for one in entries {
        let at = asked.metrics.iter().position(|metric| asked.series_of(*metric) == one.series);
        let (Some(at), Some(period)) = (at, periods.get_mut(&one.day)) else { continue };
        let values = match one.workspace {
            Some(id) => period.workspaces.get_mut(&id),
            None => period.shared.as_mut(),
        };
        if let Some(values) = values {
            values[at] += one.value;
        }
    }
    periods.into_values().collect()
}

fn insights(asked: &Asked, entries: &[Entry]) -> Vec<Insight> {
    let mut insights: BTreeMap<Day, BTreeMap<(Series, String), i64>> =
        asked.starts().into_iter().map(|start| (start, BTreeMap::new())).collect();
    for one in entries.iter().filter(|one| Series::INSIGHTS.contains(&one.series)) {
        if let Some(numbers) = insights.get_mut(&one.day) {
            *numbers.entry((one.series, one.key.clone())).or_default() += one.value;
        }
    }
    insights.into_iter().map(|(start, numbers)| Insight { start, numbers }).collect()
}

// === impl Asked ===

impl Asked {
    /// The series that a metric is read from.
    fn series_of(&self, metric: Metric) -> Series {
        match self.workspace {
            Some(_) => metric.of_workspace(),
            None => metric.of_tenant(),
        }
    }

    /// The series that are read, each once.
    fn series(&self) -> impl Iterator<Item = Series> {
        let insights = self.workspace.map_or(&[][..], |_| &Series::INSIGHTS);
        let metrics = self.metrics.iter().map(|metric| self.series_of(*metric));
        metrics.chain(insights.iter().copied()).collect::<BTreeSet<Series>>().into_iter()
    }

    /// The first days of the periods.
    fn starts(&self) -> BTreeSet<Day> {
        self.span.days().map(|day| self.granularity.period(day)).collect()
    }

    /// INVALID_FIELD, if there are more lines than are told at once: of all workspaces, or of what is kept of one.
    async fn refuse_too_much(&self, scope: &Scope) -> Result<()> {
        let lines = match self.workspace {
            Some(id) => usage::count_numbers(scope, id, self.span).await?,
            None => {
                let each = self.starts().len() * self.metrics.len();
                let each = i64::try_from(each).unwrap_or(i64::MAX);
                usage::count_workspaces(scope, self.span).await?.saturating_mul(each)
            }
        };
        if lines <= MOST_LINES {
            return Ok(());
        }
        let text = format!(
            "these days make {lines} lines, and at most {MOST_LINES} are told at once; ask for fewer days, \
             or of a tenant for fewer metrics, by month, or for one workspace"
        );
        Err(Error::invalid("from", text))
    }
}
