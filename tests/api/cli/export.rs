//! `precinct export`.

use super::Site;
use super::proxy::{Cut, Proxy};

const PEOPLE: &str = "email,first_name,last_name,external_id,unsubscribed,job_title,visits,score,vip,birthday,\
    last_seen\n\
    ada@example.com,Ada,\"O'Neill, \"\"Jr\"\"\",-7,yes,'=1+1,-5,-0.5,no,1815-12-10,2026-03-31T09:30:00.25Z\n\
    +tag@example.com,@x,'－y,,,\"two\nlines\",,,,,\n\
    zoe@example.com,Zoë,😀,'quoted,no,'s-Hertogenbosch,0,1e300,yes,,\n";

/// The columns that an import reads back.
fn own(export: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(export.as_bytes());
    let not_own = ["person_id", "partition_id", "source", "create_time", "update_time"];
    let headings = reader.headers().unwrap().clone();
    let own = |record: csv::StringRecord| {
        let cells = headings.iter().zip(record.iter());
        let own = cells.filter(|(heading, _)| !not_own.contains(heading));
        own.map(|(_, cell)| cell.to_owned()).collect::<Vec<_>>()
    };
    let mut people: Vec<_> = reader.records().map(|record| own(record.unwrap())).collect();
    people.sort();
    people
}

/// K-03: people go from one workspace to another by an export and an import.
#[tokio::test]
async fn k_03_an_export_is_imported_as_it_is() {
    let mut site = Site::new().await;
    site.write("people.csv", PEOPLE);
    let said = site.run(&["import", "people.csv"]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    let said = site.run(&["export", "--output", "first.csv"]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    let first = site.read("first.csv");
    assert!(first.contains(",'+tag@example.com,"), "no formulas: {first}");
    assert!(first.contains(",-0.5,false,-5\n"), "numbers stay numbers: {first}");
    site.another().await;
    let said = site.run(&["import", "first.csv"]);
    let counts = "3 rows: 3 created, 0 updated, 0 unchanged, 0 rejected";
    assert_eq!(said.counts(), (Some(0), counts), "{}", said.errors);
    let second = site.run(&["export"]).output;
    assert_eq!(own(&second), own(&first));
    assert_eq!(own(&second).len(), 3);
    assert!(!site.path("first.csv.part").exists());
}

#[tokio::test]
async fn json_lines_have_typed_values() {
    let site = Site::new().await;
    site.write("people.csv", PEOPLE);
    site.run(&["import", "people.csv"]);
    let said = site.run(&["export", "--format", "jsonl"]);
    let people: Vec<serde_json::Value> =
        said.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ada = people.iter().find(|person| person["email"] == "ada@example.com").unwrap();
    assert_eq!(ada["unsubscribed"], true);
    assert_eq!(
        ada["attributes"],
        serde_json::json!({
            "job_title": "=1+1",
            "visits": -5,
            "score": -0.5,
            "vip": false,
            "birthday": "1815-12-10",
            "last_seen": "2026-03-31T09:30:00.25Z",
        })
    );
    assert_eq!(people.len(), 3);
}

#[tokio::test]
async fn an_export_of_nobody_is_a_header_and_a_refused_one_no_file() {
    let mut site = Site::new().await;
    assert_eq!(site.run(&["export"]).output.lines().count(), 1);
    site.workspace = "0197a3c0-0000-7000-8000-000000000000".into();
    let said = site.run(&["export", "--output", "people.csv"]);
    assert_eq!(said.code, Some(1));
    assert!(said.errors.contains("WORKSPACE_NOT_FOUND"), "{}", said.errors);
    assert!(!site.path("people.csv").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_goes_on_after_a_break() {
    let site = Site::new().await;
    let row = |i| format!("p{i}@example.com,{}\n", "x".repeat(200));
    site.write(
        "people.csv",
        "email,job_title\n".to_owned() + &(0..5_000).map(row).collect::<String>(),
    );
    let said = site.run(&["import", "people.csv"]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    let cut = Cut { up: u64::MAX, down: 600_000 };
    let proxy = Proxy::cutting(&site.server.address, 2, cut).await;
    let said = site.run_through(&proxy, &["export", "--output", "all.csv"]).await;
    assert_eq!(said.code, Some(0), "{}", said.errors);
    let people = own(&site.read("all.csv"));
    let mut distinct = people.clone();
    distinct.dedup();
    assert_eq!((people.len(), distinct.len()), (5_000, 5_000), "{}", said.errors);
    assert_eq!(proxy.connections(), 3, "{}", said.errors);
}
