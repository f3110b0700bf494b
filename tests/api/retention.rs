//! What is kept for a time only, and what comes back within it.

use precinct::pb;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

use crate::on_both;
use crate::support::App;
use crate::support::actor::ok;

/// Makes everything that is kept for a time older by two days.
async fn age(app: &App) {
    let two_days: i64 = 2 * 24 * 60 * 60 * 1_000_000;
    let sql = format!("UPDATE request SET create_time = create_time - {two_days}");
    if app.database.url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(&app.database.url).await.unwrap();
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    } else {
        let mut connection = PgConnection::connect(&app.database.url).await.unwrap();
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }
}

on_both! {
    /// H-03: a request_id is kept for 24 hours; then it is as good as new, swept or not.
    async fn h_03_a_request_id_is_kept_for_a_day(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let request = |email: &str| pb::CreatePersonRequest {
            workspace_id: acme.default_workspace.clone(),
            person: Some(pb::Person { email: email.into(), ..pb::Person::default() }),
            request_id: "0190f0e0-0000-4000-8000-000000000001".into(),
            ..pb::CreatePersonRequest::default()
        };
        let first = ok(ada.people().create_person(request("a@example.com")).await);
        app.store.sweep().await.unwrap();
        assert_eq!(ok(ada.people().create_person(request("a@example.com")).await), first);
        age(app).await;
        let second = ok(ada.people().create_person(request("b@example.com")).await);
        assert_eq!(second.revision, first.revision + 1);
        age(app).await;
        app.store.sweep().await.unwrap();
        ok(ada.people().create_person(request("c@example.com")).await);
        assert_eq!(ada.count(&acme.default_workspace).await, 3);
    }
}
