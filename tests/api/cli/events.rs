//! `precinct events tail`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value as Json;

use super::Site;
use super::proxy::{Cut, Proxy};

const PEOPLE: &str = "email\nada@example.com\nben@example.com\n";

fn lines(output: &str) -> Vec<Json> {
    output.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// K-07: changes are lines, and the last one says where to go on.
#[tokio::test]
async fn k_07_changes_are_lines() {
    let site = Site::new().await;
    site.write("people.csv", PEOPLE);
    site.run(&["import", "people.csv"]);
    let said = site.run(&["events", "tail", "--since", "0", "--stop-at-head", "--kinds", "people"]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    let told = lines(&said.output);
    assert_eq!((told.len(), &told[0]["kind"]), (1, &Json::from("people.imported")));
    assert_eq!(told[0]["people"].as_array().map(Vec::len), Some(2));
    assert_eq!(told[0]["people"][0]["event"], "CREATED");
    assert!(!said.output.contains("example.com"), "{}", said.output);
    let cursor = told[0]["cursor"].as_str().expect("a cursor");
    let said = site.run(&["events", "tail", "--cursor", cursor, "--stop-at-head"]);
    assert_eq!(
        lines(&said.output).iter().filter(|one| one["kind"] == "people.imported").count(),
        0
    );
    let said = site.run(&["events", "tail", "--kinds", "nothing"]);
    assert_eq!(said.code, Some(1));
    assert!(said.errors.contains("INVALID_FIELD"), "{}", said.errors);
}

/// K-07: a break is not seen in what is printed: nothing is missing, and nothing is there twice.
#[tokio::test(flavor = "multi_thread")]
async fn k_07_a_tail_goes_on_after_a_break() {
    let site = Site::new().await;
    site.write("people.csv", PEOPLE);
    site.run(&["import", "people.csv"]);
    let whole = site.run(&["events", "tail", "--since", "0", "--stop-at-head"]);
    let proxy = Proxy::cutting(&site.server.address, 2, Cut { up: u64::MAX, down: 700 }).await;
    let tail = ["events", "tail", "--since", "0", "--stop-at-head"];
    let said = site.run_through(&proxy, &tail).await;
    assert_eq!(said.code, Some(0), "{}", said.errors);
    assert_eq!(said.output, whole.output);
    assert_eq!(proxy.connections(), 3, "{}", said.errors);
}

/// K-07: what is committed is printed at once.
#[tokio::test(flavor = "multi_thread")]
async fn k_07_a_tail_prints_what_happens() {
    let site = Site::new().await;
    let mut command = site.command(&["events", "tail", "--since", "0", "--kinds", "people"]);
    let mut tail = command.stdout(Stdio::piped()).spawn().expect("the program runs");
    site.write("people.csv", PEOPLE);
    site.run(&["import", "people.csv"]);
    let output = tail.stdout.take().expect("a pipe");
    let first = tokio::task::spawn_blocking(move || BufReader::new(output).lines().next());
    let first = first.await.expect("no panic").expect("a line").expect("text");
    assert_eq!(lines(&first)[0]["kind"], "people.imported");
    tail.kill().expect("it runs");
    tail.wait().expect("it ended");
}
