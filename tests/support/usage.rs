//! Shorthands for what is used.

use std::collections::BTreeMap;

use precinct::domain::usage::{Day, Series};
use precinct::pb;
use precinct::pb::UsageMetric;
use precinct::pb::usage_service_client::UsageServiceClient;
use precinct::repository::Store;
use precinct::repository::usage::{Wanted, sums};
use tonic::{Response, Status};

use super::actor::{Actor, Way, ok};
use super::context;

/// Numbers of a metric, by the names of the workspaces; the shared remainder is called `*`.
pub type Told = BTreeMap<String, i64>;

/// The last 30 days of a workspace, or of the tenant.
pub fn lately(workspace: &str) -> pb::GetUsageRequest {
    pb::GetUsageRequest { workspace_id: workspace.into(), ..pb::GetUsageRequest::default() }
}

/// A bill for today.
pub fn bill(amount: &str) -> pb::Bill {
    let today = today().to_string();
    pb::Bill { amount: amount.into(), from: today.clone(), to: today, ..pb::Bill::default() }
}

/// The day, in UTC.
pub fn today() -> Day {
    Day::of(precinct::clock::now())
}

/// One of some values.
pub fn value(values: &[pb::UsageValue], metric: UsageMetric) -> i64 {
    let found = values.iter().find(|one| one.metric() == metric);
    found.unwrap_or_else(|| panic!("{metric:?} is told")).value
}

/// The sum of what happened, or how things stood in the end, of a metric; and that the parts make the whole.
#[track_caller]
pub fn told(usage: &pb::GetUsageResponse, metric: UsageMetric) -> Told {
    assert_adds_up(usage);
    let last = usage.periods.last().expect("there are days");
    let shared = ("*".to_owned(), value(&last.shared, metric));
    let workspaces = last.workspaces.iter();
    let named = workspaces.map(|one| (one.display_name.clone(), value(&one.values, metric)));
    named.chain([shared]).filter(|(_, value)| *value != 0).collect()
}

/// K-05: on each day, workspaces and the shared remainder are the total, for each metric.
#[track_caller]
pub fn assert_adds_up(usage: &pb::GetUsageResponse) {
    for period in &usage.periods {
        for total in &period.total {
            let parts = period.workspaces.iter().map(|one| &one.values).chain([&period.shared]);
            let sum: i64 = parts.map(|values| value(values, total.metric())).sum();
            assert_eq!(sum, total.value, "{} {:?}", period.start, total.metric());
        }
    }
}

/// What is kept of a series on these days, whosever it is, by day.
pub async fn kept(store: &Store, tenant: &str, series: Series, days: &[Day]) -> Vec<(Day, i64)> {
    let scope = store.read(&context(tenant.parse().expect("an id"))).await.expect("it opens");
    let days: Vec<(Day, Day)> = days.iter().map(|day| (*day, *day)).collect();
    let wanted = Wanted { series: &[series], days: &days, workspace: None };
    let rows = sums(&scope, &wanted).await.expect("it reads");
    let mut by_day: BTreeMap<Day, i64> = BTreeMap::new();
    for row in rows {
        *by_day.entry(row.day).or_default() += row.value;
    }
    by_day.into_iter().collect()
}

// === impl Actor ===

impl Actor {
    pub fn usages(&self) -> UsageServiceClient<Way> {
        UsageServiceClient::new(self.way())
    }

    pub async fn try_usage(
        &self,
        request: pb::GetUsageRequest,
    ) -> Result<Response<pb::GetUsageResponse>, Status> {
        self.usages().get_usage(request).await
    }

    /// The last 30 days of a workspace, or of the tenant.
    pub async fn usage(&self, workspace: &str) -> pb::GetUsageResponse {
        ok(self.try_usage(lately(workspace)).await)
    }

    /// What happened in a workspace today.
    pub async fn insight(&self, workspace: &str) -> pb::UsageInsight {
        self.usage(workspace).await.insights.pop().expect("there are days")
    }

    pub async fn try_allocate(
        &self,
        bill: pb::Bill,
        format: pb::CostFormat,
    ) -> Result<Response<pb::AllocateCostsResponse>, Status> {
        let request = pb::AllocateCostsRequest { bill: Some(bill), format: format.into() };
        self.usages().allocate_costs(request).await
    }
}
