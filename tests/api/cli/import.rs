//! `precinct import`.

use std::time::Duration;

use super::proxy::{Cut, Proxy};
use super::{Said, Site};

/// As a German spreadsheet saves it: semicolons, CRLF, Latin-1, its own words, and mistakes.
const MESSY: &str = "E-Mail;First Name;Surname;Job-Title;visits;Vip;Birthday;Note\r\n\
    ada@example.com;Ada;Lovelace;Zählerin;12;yes;1815-12-10;x\r\n\
    grace@example.com;Grace;Hopper;\"Rear\r\nAdmiral\";;;;\r\n\
    ;;;;;;;\r\n\
    alan@example.com;Alan;Turing;;many;perhaps;;\r\n\
    not an email;Kurt;Gödel;;;;;\r\n\
    short@example.com;Short\r\n\
    ADA@EXAMPLE.COM;Ada;King;;;;;\r\n";

const REJECTS: &str = "row,line,column,reason,message\n\
    4,6,visits,INVALID_FIELD,must be a whole number of at most 64 bits\n\
    4,6,Vip,INVALID_FIELD,\"must be true or false, yes or no, 1 or 0\"\n\
    5,7,E-Mail,INVALID_FIELD,must be an email: local@domain\n\
    6,8,,WRONG_CELL_COUNT,has 2 cells for 8 columns\n";

const MESSY_IMPORT: [&str; 7] = [
    "import",
    "messy.csv",
    "--encoding",
    "latin-1",
    "--ignore-unknown",
    "--rejects",
    "rejects.csv",
];

fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// People with a bad row each ten, half of them bad to the client and half to the service.
fn people(count: usize) -> String {
    let row = |i: usize| match i % 20 {
        3 => format!("p{i}@example.com,many\n"),
        13 => format!("p{i},{i}\n"),
        _ => format!("p{i}@example.com,{i}\n"),
    };
    ["email,visits\n".to_owned()].into_iter().chain((1..=count).map(row)).collect()
}

fn rejected_rows(rejects: &str) -> Vec<usize> {
    let rows = rejects.lines().skip(1).map(|line| line.split(',').next().unwrap());
    rows.map(|row| row.parse().unwrap()).collect()
}

fn bad_rows(count: usize) -> Vec<usize> {
    (1..=count).filter(|i| matches!(i % 20, 3 | 13)).collect()
}

#[tokio::test]
async fn a_messy_file_comes_in_and_its_bad_rows_are_told() {
    let site = Site::new().await;
    site.write("messy.csv", latin_1(MESSY));
    let said = site.run(&MESSY_IMPORT);
    let counts = "6 rows: 2 created, 1 updated, 0 unchanged, 3 rejected";
    assert_eq!(said.counts(), (Some(3), counts), "{}", said.errors);
    assert_eq!(site.read("rejects.csv"), REJECTS);
    assert!(said.errors.contains("columns left out: Note"), "{}", said.errors);
    let people = site.run(&["export"]).output;
    assert!(people.contains(",Ada,King,"), "the later row of the same person wins: {people}");
    assert!(
        people.contains(",1815-12-10,Zählerin,"),
        "empty cells leave values as they are: {people}"
    );
}

#[tokio::test]
async fn the_same_command_again_does_nothing_again() {
    let site = Site::new().await;
    site.write("messy.csv", latin_1(MESSY));
    let first = site.run(&MESSY_IMPORT);
    let before = site.run(&["export"]).output;
    let again = site.run(&MESSY_IMPORT);
    assert_eq!(again.counts(), first.counts());
    assert!(again.errors.contains("complete already"), "{}", again.errors);
    assert_eq!(site.read("rejects.csv"), REJECTS);
    assert_eq!(site.run(&["export"]).output, before);
    let anew = site.run(&[&MESSY_IMPORT[..], &["--restart"]].concat());
    let counts = "6 rows: 0 created, 0 updated, 3 unchanged, 3 rejected";
    assert_eq!(anew.counts(), (Some(3), counts), "{}", anew.errors);
}

#[tokio::test]
async fn rejects_that_were_not_asked_for_can_be_had_later() {
    let site = Site::new().await;
    site.write("people.csv", people(100));
    let said = site.run(&["import", "people.csv", "--chunk", "7"]);
    let counts = "100 rows: 90 created, 0 updated, 0 unchanged, 10 rejected";
    assert_eq!(said.counts(), (Some(3), counts));
    assert!(said.errors.contains("row 3 (line 4), visits: INVALID_FIELD"), "{}", said.errors);
    let said = site.run(&["import", "people.csv", "--chunk", "7", "--rejects", "rejects.csv"]);
    assert_eq!(said.counts(), (Some(3), counts));
    assert_eq!(rejected_rows(&site.read("rejects.csv")), bad_rows(100));
}

#[tokio::test]
async fn a_killed_import_goes_on_where_it_was() {
    let site = Site::new().await;
    site.write("people.csv", people(3_000));
    let import = ["import", "people.csv", "--chunk", "10", "--rejects", "rejects.csv"];
    for wanted in [5, 20, 60] {
        let mut killed = site.command(&import).spawn().unwrap();
        let written = || std::fs::read_to_string(site.path("rejects.csv")).unwrap_or_default();
        while written().lines().count() < wanted && killed.try_wait().unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        killed.kill().unwrap();
        killed.wait().unwrap();
    }
    let said = site.run(&import);
    let counts = "3,000 rows: 2,700 created, 0 updated, 0 unchanged, 300 rejected";
    assert_eq!(said.counts(), (Some(3), counts), "{}", said.errors);
    assert!(said.errors.contains("rows are in already"), "it was killed in time: {}", said.errors);
    assert_eq!(rejected_rows(&site.read("rejects.csv")), bad_rows(3_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_connection_is_made_again() {
    let site = Site::new().await;
    site.write("people.csv", people(2_000));
    let cut = Cut { up: 12_000, down: u64::MAX };
    let proxy = Proxy::cutting(&site.server.address, 3, cut).await;
    let import = ["import", "people.csv", "--chunk", "50", "--rejects", "rejects.csv"];
    let said = site.run_through(&proxy, &import).await;
    let counts = "2,000 rows: 1,800 created, 0 updated, 0 unchanged, 200 rejected";
    assert_eq!(said.counts(), (Some(3), counts), "{}", said.errors);
    assert_eq!(rejected_rows(&site.read("rejects.csv")), bad_rows(2_000));
    assert_eq!(proxy.connections(), 4, "{}", said.errors);
}

#[tokio::test]
async fn what_cannot_work_is_said_before_anything_is_sent() {
    let site = Site::new().await;
    site.write("people.csv", "Mail,email,Shoe size\na@example.com,b@example.com,43\n");
    let said = site.run(&["import", "people.csv"]);
    assert_eq!(said.code, Some(1));
    for part in ["\"Shoe size\"", "birthday, job_title", "both for email"] {
        assert!(said.errors.contains(part), "{part} is not in {}", said.errors);
    }
    site.write("late.csv", [people(20).as_bytes(), b"Zo\xEB"].concat());
    let said = site.run(&["import", "late.csv"]);
    assert_eq!(said.code, Some(1));
    assert!(said.errors.contains("--encoding latin-1"), "{}", said.errors);
    site.write("good.csv", people(2));
    let said = site.run(&["import", "good.csv", "--rejects", "good.csv"]);
    assert_eq!((said.code, site.read("good.csv")), (Some(1), people(2)));
    let said = site.run(&["import", "good.csv", "--map", "visits=score"]);
    let counts = "2 rows: 2 created, 0 updated, 0 unchanged, 0 rejected";
    assert_eq!(said.counts(), (Some(0), counts), "the first row that came in: {}", said.errors);
}

#[tokio::test]
async fn refusals_and_silence_have_codes_of_their_own() {
    let mut site = Site::new().await;
    site.write("good.csv", people(2));
    site.workspace = "0197a3c0-0000-7000-8000-000000000000".into();
    let said = site.run(&["import", "good.csv"]);
    assert_eq!(said.code, Some(1));
    assert!(said.errors.contains("WORKSPACE_NOT_FOUND"), "{}", said.errors);
    let mut command = site.command(&["import", "good.csv"]);
    let said = Said::from(command.env("PRECINCT_ADDRESS", "http://127.0.0.1:1").output().unwrap());
    assert_eq!(said.code, Some(5));
    assert!(said.errors.contains("no answer from http://127.0.0.1:1"), "{}", said.errors);
}
