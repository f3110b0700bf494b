//! `ListPeople` and `CountPeople` with a filter.

use precinct::pb;
use precinct::pb::{ErrorReason, FieldType, FilterOperator};
use tonic::Code;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::filters::text;
use crate::support::status::{assert_refused, fields};

fn value(number: i64) -> pb::AttributeValue {
    pb::AttributeValue { kind: Some(pb::attribute_value::Kind::IntegerValue(number)) }
}

/// Six people with scores 0 to 5, but for the last, who has none.
async fn fill(ada: &Actor, workspace: &str) {
    ada.field("score", FieldType::Integer).await;
    ada.field("joined", FieldType::Date).await;
    let person = |(score, name): (i64, &str)| pb::Person {
        email: format!("{}@example.com", score),
        first_name: name.into(),
        attributes: (score < 5).then(|| ("score".to_owned(), value(score))).into_iter().collect(),
        ..pb::Person::default()
    };
    let people = (0..).zip(["Ann", "ANNE", "Bo", "Straße", "Strass", "Zoë"]).map(person).collect();
    let request = pb::SyncPeopleRequest {
        workspace_id: workspace.into(),
        people,
        ..pb::SyncPeopleRequest::default()
    };
    ok(ada.people().sync_people(request).await);
}

fn condition(operator: FilterOperator, number: i64) -> pb::FieldCondition {
    pb::FieldCondition {
        field: "score".into(),
        operator: operator.into(),
        values: vec![value(number)],
        days: 0,
    }
}

on_both! {
    /// L-01, L-02, V-05: pages and counts are of those for whom the filter holds, however it is written.
    async fn l_02_people_are_listed_and_counted_by_a_filter(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        fill(&ada, w).await;
        for (filter, expected) in [
            ("first_name starts_with \"ann\"", &["ANNE", "Ann"][..]),
            ("first_name contains \"STRASS\"", &["Straße", "Strass"]),
            ("score >= 1 and (score < 3 or first_name = \"strasse\")", &["ANNE", "Bo", "Straße"]),
            ("score is empty", &["Zoë"]),
            ("score != 0 and first_name not in (\"bo\", \"zoe\u{308}\")", &["ANNE", "Straße", "Strass"]),
            ("not (score between 1 and 5)", &["Ann", "Zoë"]),
            ("email = \"0@EXAMPLE.com\" or source = \"crm\"", &["Ann"]),
            ("joined past_days 30", &[]),
            ("create_time past_days 1 and unsubscribed = false and score <= 0", &["Ann"]),
        ] {
            let mut expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
            expected.sort();
            assert_eq!(ada.named(w, filter).await, expected, "{filter}");
        }
        let conditions = [condition(FilterOperator::Greater, 1), condition(FilterOperator::IsNot, 3)];
        let conditions = conditions.map(|one| pb::FilterCondition {
            kind: Some(pb::filter_condition::Kind::Field(one)),
        });
        let numbered = pb::NumberedFilter { conditions: conditions.into(), expression: "not 1 and 2".into() };
        let numbered = pb::Filter { numbered: Some(numbered), ..pb::Filter::default() };
        assert_eq!(ada.try_named(w, numbered).await.expect("a list"), ["ANNE", "Ann", "Zoë"]);
        let node = pb::FilterNode {
            kind: Some(pb::filter_node::Kind::Field(condition(FilterOperator::AtLeast, 3))),
        };
        let tree = pb::Filter { root: Some(node), ..pb::Filter::default() };
        assert_eq!(ada.try_named(w, tree).await.expect("a list"), ["Strass", "Straße"]);
    }

    /// H-04: a page token is bound to the filter; the same filter written otherwise is the same.
    async fn h_04_a_page_token_is_bound_to_the_filter(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        fill(&ada, w).await;
        let request = |filter: &str, order_by: &str, page_token: String| pb::ListPeopleRequest {
            workspace_id: w.clone(),
            page_size: 2,
            filter: Some(text(filter)),
            order_by: order_by.into(),
            page_token,
            ..pb::ListPeopleRequest::default()
        };
        for order in ["create_time", "create_time desc", "email", "email desc"] {
            let first = ok(ada.people().list_people(request("score < 5", order, String::new())).await);
            let token = first.next_page_token;
            assert_eq!((first.people.len(), token.is_empty(), first.as_of), (2, false, String::new()));
            let other = request("score < 4", order, token.clone());
            assert_refused(
                ada.people().list_people(other).await,
                Code::InvalidArgument,
                ErrorReason::InvalidPageToken,
            );
            let next = ok(ada.people().list_people(request("((score<5))", order, token)).await);
            let last = request("score < 5", order, next.next_page_token.clone());
            let last = ok(ada.people().list_people(last).await);
            assert_eq!((next.people.len(), last.people.len()), (2, 1));
            assert!(last.next_page_token.is_empty());
            assert!(first.people.iter().all(|one| !next.people.contains(one) && !last.people.contains(one)));
        }
    }

    /// L-02: relative dates mean the day that the reply names, through smart lists too.
    async fn l_02_relative_dates_name_their_day(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let folder = ada.root(w, pb::Area::Database).await;
        let list = ada.smart_list(w, &folder, "create_time past_days 3").await;
        let today = || precinct::domain::filter::written_day(precinct::domain::filter::day(precinct::clock::now()));
        for (filter, relative) in [
            (format!("in_smart_list(\"{list}\")"), true),
            ("update_time next_days 2".to_owned(), true),
            ("update_time >= 2024-01-01T00:00:00Z".to_owned(), false),
        ] {
            let request = pb::CountPeopleRequest {
                workspace_id: w.clone(),
                filter: Some(text(&filter)),
                ..pb::CountPeopleRequest::default()
            };
            let before = today();
            let as_of = ok(ada.people().count_people(request).await).as_of;
            let days = if relative { vec![before, today()] } else { vec![String::new()] };
            assert!(days.contains(&as_of), "{filter}: {as_of}");
        }
    }

    /// L-01, L-02, L-06, H-06: what is wrong with a filter is INVALID_FIELD, with every place.
    async fn l_06_filters_are_refused_with_every_place(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        ada.field("score", FieldType::Integer).await;
        for (given, at) in [
            (text("score = 1 and score = 2 or score = 3"), &["filter.text"][..]),
            (text(&vec!["score = 1"; 200].join(" or ")), &["filter.text"]),
            (text("nobody = 1 and score = \"x\" and score contains \"1\""), &["filter", "filter", "filter"]),
            (pb::Filter::default(), &["filter"]),
        ] {
            let status = assert_refused(
                ada.try_named(w, given).await,
                Code::InvalidArgument,
                ErrorReason::InvalidField,
            );
            assert_eq!(fields(&status), at, "{status:?}");
        }
    }
}
