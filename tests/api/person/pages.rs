//! H-04: pages of people, in every order, miss and repeat nothing.

use std::collections::BTreeSet;

use precinct::pb;
use precinct::pb::ErrorReason;
use tonic::Code;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::assert_refused;

async fn walk(ada: &Actor, w: &str, order_by: &str, page_size: i32) -> Vec<pb::Person> {
    let mut people = Vec::new();
    let mut request = pb::ListPeopleRequest {
        workspace_id: w.into(),
        order_by: order_by.into(),
        page_size,
        ..pb::ListPeopleRequest::default()
    };
    loop {
        let page = ok(ada.people().list_people(request.clone()).await);
        assert!(page.people.len() <= usize::try_from(page_size).unwrap());
        people.extend(page.people);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return people;
        }
    }
}

on_both! {
    /// H-04: the walk in each order gives everybody once, sorted, whatever the size of the page.
    async fn h_04_a_walk_misses_and_repeats_nothing(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        let other = ada.partition("P3").await;
        let all = ada.workspace("all", &[]).await;
        for n in 0..23 {
            let partition = [&p1, &p2, &other][n % 3];
            let email = if n % 5 == 0 { String::new() } else { format!("p{:02}@example.com", 50 - n) };
            ok(ada.try_person(&all, partition, &email).await);
        }
        for order_by in ["", "create_time", "create_time desc", "email", "email desc"] {
            for page_size in [1, 4, 16, 1_000] {
                let people = walk(&ada, &w, order_by, page_size).await;
                let ids: BTreeSet<&String> = people.iter().map(|one| &one.person_id).collect();
                assert_eq!((people.len(), ids.len()), (16, 16), "{order_by} by {page_size}");
                let keys: Vec<_> = people
                    .iter()
                    .map(|one| match order_by {
                        "email" | "email desc" => (one.email.clone(), 0, 0),
                        _ => {
                            let time = one.create_time.unwrap();
                            (String::new(), time.seconds, time.nanos)
                        }
                    })
                    .collect();
                let mut sorted = keys.clone();
                sorted.sort();
                if order_by.ends_with("desc") {
                    sorted.reverse();
                }
                assert_eq!(keys, sorted, "{order_by} by {page_size}");
            }
        }
    }

    /// H-04: people who come while somebody walks do not disturb the walk.
    async fn h_04_newcomers_do_not_disturb_a_walk(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let mut stood = BTreeSet::new();
        for n in 0..10 {
            stood.insert(ada.person(w, &format!("p{n}@example.com")).await.person_id);
        }
        let mut request = pb::ListPeopleRequest {
            workspace_id: w.clone(),
            order_by: "email".into(),
            page_size: 3,
            ..pb::ListPeopleRequest::default()
        };
        let mut seen = Vec::new();
        for turn in 0.. {
            let page = ok(ada.people().list_people(request.clone()).await);
            seen.extend(page.people.into_iter().map(|person| person.person_id));
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                break;
            }
            ada.person(w, &format!("p{turn}x@example.com")).await;
        }
        let once: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(once.len(), seen.len(), "nobody twice");
        assert!(stood.iter().all(|id| once.contains(id)), "nobody missed");
    }

    /// H-04: a token is bound to its tenant, caller, method and query; a size below 0 is refused.
    async fn h_04_a_token_is_good_for_its_own_query_only(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        for n in 0..3 {
            ada.person(w, &format!("p{n}@example.com")).await;
        }
        let first = pb::ListPeopleRequest {
            workspace_id: w.clone(),
            page_size: 1,
            ..pb::ListPeopleRequest::default()
        };
        let token = ok(ada.people().list_people(first.clone()).await).next_page_token;
        let next = pb::ListPeopleRequest { page_token: token.clone(), ..first };
        ok(ada.people().list_people(pb::ListPeopleRequest { page_size: 2, ..next.clone() }).await);
        let refused = |result: Result<_, _>| {
            assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidPageToken)
        };
        refused(acme.user("bob").people().list_people(next.clone()).await);
        let ordered = pb::ListPeopleRequest { order_by: "email".into(), ..next.clone() };
        refused(ada.people().list_people(ordered).await);
        let mut forged = token.into_bytes();
        forged[0] = if forged[0] == b'A' { b'B' } else { b'A' };
        for token in [String::from_utf8(forged).unwrap(), "x".into(), "%%%".into()] {
            refused(ada.people().list_people(pb::ListPeopleRequest { page_token: token, ..next.clone() }).await);
        }
        let negative = pb::ListPeopleRequest { page_size: -1, ..next };
        let result = ada.people().list_people(negative).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
    }

    /// A bounded number of statements, however many people there are: nothing is read row by row.
    async fn reading_takes_few_statements(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let person = ada.person(w, "a@example.com").await.person_id;
        for n in 0..20 {
            ada.person(w, &format!("p{n}@example.com")).await;
        }
        let get = app.statements(async || ada.try_get_person(w, &person).await).await;
        let list = app.statements(async || ada.list(w, 100).await).await;
        let count = app.statements(async || ada.count(w).await).await;
        // One opens the transaction and reads the tenant's head.
        assert_eq!((get, list, count), (2, 3, 3));
        let create = app.statements(async || ada.person(w, "").await).await;
        assert!(create <= 9, "{create} statements for a single create");
    }
}
