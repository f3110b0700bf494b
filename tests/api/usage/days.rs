//! Days that are over are measured once.

use precinct::domain::usage::{Day, Series};
use precinct::id::TenantId;

use crate::on_both;
use crate::support::usage::{kept, today};

on_both! {
    /// K-05: two replicas that come to it at once measure each day once, and the next ones go on from there; a day that is
    /// over stays as it was.
    async fn k_05_a_day_is_measured_once(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let id: TenantId = acme.id.parse().unwrap();
        ada.fill(w, &acme.default_partition, 0..3).await;
        let other = app.database.connect().await;
        let days: Vec<Day> = (0..4).map(|n| today().plus(n)).collect();
        let people = async || kept(&app.store, &acme.id, Series::People, &days).await;
        app.store.settle_usage(id, days[0]).await.unwrap();
        assert_eq!(people().await, [], "today is not over");
        let race = (0..4).map(|n| {
            let store = if n % 2 == 0 { app.store.clone() } else { other.clone() };
            let day = days[2];
            tokio::spawn(async move { store.settle_usage(id, day).await })
        });
        for done in futures_util::future::join_all(race).await {
            done.unwrap().unwrap();
        }
        assert_eq!(people().await, [(days[0], 3), (days[1], 3)]);
        ada.fill(w, &acme.default_partition, 3..5).await;
        app.store.settle_usage(id, days[3]).await.unwrap();
        other.settle_usage(id, days[1]).await.unwrap();
        assert_eq!(people().await, [(days[0], 3), (days[1], 3), (days[2], 5)]);
        let gained = kept(&app.store, &acme.id, Series::PeopleGained, &days).await;
        assert_eq!(gained, [(days[0], 5)], "the feed is read once");
    }

    /// K-05: what is measured goes after 800 days, and the feed is counted before a sweep deletes of it.
    async fn k_05_a_sweep_counts_what_it_deletes(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        ada.fill(w, &acme.default_partition, 0..3).await;
        let gained = async || kept(&app.store, &acme.id, Series::PeopleGained, &[today()]).await;
        assert_eq!(gained().await, []);
        app.store.sweep().await.unwrap();
        assert_eq!(gained().await, [(today(), 3)]);
        let id: TenantId = acme.id.parse().unwrap();
        app.store.settle_usage(id, today().plus(801)).await.unwrap();
        assert_eq!(gained().await, []);
        let last = [today().plus(0), today().plus(1), today().plus(800)];
        let people = kept(&app.store, &acme.id, Series::People, &last).await;
        assert_eq!(people, [(last[1], 3), (last[2], 3)]);
    }
}
