//! What `GetUsage` asks for and tells.

use std::collections::BTreeMap;

use crate::clock::now;
use crate::domain::usage::{Day, Granularity, MAX_DAYS, Metric, Series, Span};
use crate::entity::Workspace;
use crate::grpc::decode::Fields;
use crate::id::WorkspaceId;
use crate::pb;
use crate::service::usage::{Asked, Insight, Period, Report, Values};

/// How many days are told if no first one is named.
const DEFAULT_DAYS: i64 = 30;

/// What is asked for.
pub(super) fn asked(fields: &mut Fields, request: &pb::GetUsageRequest) -> Asked {
    let last = match request.to.as_str() {
        "" => Day::of(now()),
        text => day(fields, "to", text),
    };
    let first = match request.from.as_str() {
        "" => last.plus(1 - DEFAULT_DAYS),
        text => day(fields, "from", text),
    };
    Asked {
        span: span(fields, "", Span { first, last }),
        granularity: granularity(fields, request.granularity),
        metrics: metrics(fields, &request.metrics),
        workspace: fields.optional_id("workspace_id", &request.workspace_id),
    }
}

/// A day, or 1970-01-01 in place of what is none.
pub(super) fn day(fields: &mut Fields, field: &str, text: &str) -> Day {
    Day::parse(text).unwrap_or_else(|| {
        fields.violate(field, "must be a day, as 2026-03-31");
        Day(0)
    })
}

/// Days of which numbers may be asked: in order, not too many, and come already.
pub(super) fn span(fields: &mut Fields, prefix: &str, span: Span) -> Span {
    if span.last > Day::of(now()) {
        fields.violate(format!("{prefix}to"), "must not be after today, in UTC");
    }
    if span.first > span.last {
        fields.violate(format!("{prefix}from"), "must not be after the last day");
    } else if span.length() > MAX_DAYS {
        let text = format!("must make at most {MAX_DAYS} days with the last one");
        fields.violate(format!("{prefix}from"), text);
    }
    span
}

fn granularity(fields: &mut Fields, value: i32) -> Granularity {
    use pb::UsageGranularity as Wire;
    match Wire::try_from(value) {
        Ok(Wire::Unspecified | Wire::Day) => Granularity::Day,
        Ok(Wire::Month) => Granularity::Month,
        Err(_) => {
            fields.violate("granularity", "must be DAY or MONTH");
            Granularity::Day
        }
    }
}

fn metrics(fields: &mut Fields, values: &[i32]) -> Vec<Metric> {
    let mut metrics = Vec::new();
    for (at, value) in values.iter().enumerate() {
        match Metric::ALL.into_iter().find(|one| wire(*one) as i32 == *value) {
            Some(one) if metrics.contains(&one) => {
                fields.violate(format!("metrics[{at}]"), "must not be named twice");
            }
            Some(one) => metrics.push(one),
            None => fields.violate(format!("metrics[{at}]"), "must be one of the metrics"),
        }
    }
    if values.is_empty() { Metric::ALL.into() } else { metrics }
}

fn wire(metric: Metric) -> pb::UsageMetric {
    match metric {
        Metric::People => pb::UsageMetric::People,
        Metric::ActivePeople => pb::UsageMetric::ActivePeople,
        Metric::Assets => pb::UsageMetric::Assets,
        Metric::SegmentEvaluations => pb::UsageMetric::SegmentEvaluations,
        Metric::ApiCalls => pb::UsageMetric::ApiCalls,
        Metric::StorageBytes => pb::UsageMetric::StorageBytes,
    }
}

/// What is told.
pub(super) fn response(asked: &Asked, report: Report, revision: i64) -> pb::GetUsageResponse {
    let periods = report.periods.into_iter();
    pb::GetUsageResponse {
        periods: periods.map(|one| period(&asked.metrics, &report.workspaces, one)).collect(),
        insights: report.insights.into_iter().map(insight).collect(),
        insights_revision: report.insights_revision,
        revision,
    }
}

fn period(
    metrics: &[Metric],
    known: &BTreeMap<WorkspaceId, Workspace>,
    period: Period,
) -> pb::UsagePeriod {
    let total = period.shared.as_ref().map(|shared| {
        let all = period.workspaces.values().chain([shared]);
        all.fold(vec![0; metrics.len()], |sums, values| {
            sums.iter().zip(values).map(|(sum, value)| sum + value).collect()
        })
    });
    let workspace = |(id, numbers): (WorkspaceId, Values)| {
        let known = known.get(&id);
        pb::WorkspaceUsage {
            workspace_id: id.to_string(),
            display_name: known.map(|one| one.display_name.clone()).unwrap_or_default(),
            deleted: known.is_none_or(|one| one.delete_time.is_some()),
            values: values(metrics, numbers),
        }
    };
    pb::UsagePeriod {
        start: period.start.to_string(),
        workspaces: period.workspaces.into_iter().map(workspace).collect(),
        shared: period.shared.map(|one| values(metrics, one)).unwrap_or_default(),
        total: total.map(|one| values(metrics, one)).unwrap_or_default(),
    }
}

fn values(metrics: &[Metric], values: Values) -> Vec<pb::UsageValue> {
    let value =
        |(metric, value): (&Metric, i64)| pb::UsageValue { metric: wire(*metric).into(), value };
    metrics.iter().zip(values).map(value).collect()
}

fn insight(insight: Insight) -> pb::UsageInsight {
    let mut told = pb::UsageInsight { start: insight.start.to_string(), ..Default::default() };
    for ((series, key), value) in insight.numbers {
        match series {
            Series::SeenPeople => told.people = value,
            Series::PeopleGained => told.people_gained = value,
            Series::PeopleLost => told.people_lost = value,
            Series::ProgramMembers => told.program_members = value,
            Series::SharesIn => told.shares_in = value,
            Series::SharesOut => told.shares_out = value,
            Series::Changes => told.changes.push(pb::ChangeCount { kind: key, count: value }),
            Series::SegmentSize => {
                let (segmentation, segment) = key.split_once('/').unwrap_or_default();
                told.segments.push(pb::SegmentSize {
                    segmentation_id: segmentation.into(),
                    segment_id: segment.into(),
                    people: value,
                });
            }
            // Not among the insights.
            _ => {}
        }
    }
    told
}
