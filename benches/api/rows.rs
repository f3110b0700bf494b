//! People, the same in every run: stored ones by statement, and rows of an import.

use std::collections::BTreeMap;
use std::fmt::Write;

use precinct::pb;
use precinct::pb::attribute_value::Kind;

use super::cluster::Database;

/// The columns of a person that a bulk insert fills.
const COLUMNS: &str = "tenant_id, id, partition_id, uniqueness_scope, email, email_key, external_id, \
     first_name, last_name, unsubscribed, source, attributes, version, create_time, update_time";
/// When the first person was made.
const TIME: i64 = 1_700_000_000_000_000;
/// Of so many rows of an import one repeats an email.
const DUPLICATE: i64 = 100;
/// Of so many one has none that can be read.
const BAD: i64 = 200;
/// How far back the repeated row is: one half in the same chunk, one half in an earlier one.
const BACK: [i64; 2] = [50, 20_050];

/// The id of a stored person.
pub fn id(number: i64) -> String {
    format!("00000000-0000-7000-8000-{number:012x}")
}

/// Stores people of a tenant in turns in its partitions, past all rules.
pub async fn store(database: &Database, tenant: &str, partitions: &[String], people: i64) {
    let partitions = partitions.join("','");
    let insert = format!(
        "INSERT INTO person ({COLUMNS}) SELECT '{tenant}', \
         ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, \
         p.ids[1 + i % cardinality(p.ids)], '00000000-0000-0000-0000-000000000000', \
         'Person.' || i || '@Example.com', 'person.' || i || '@example.com', 'crm-' || i, \
         'First ' || i % 1000, 'Last ' || i % 5000, false, 'IMPORT', \
         jsonb_build_object('1', 'City ' || i % 300, '2', i % 100), 1, {TIME} + i, {TIME} + i \
         FROM generate_series(0, {people} - 1) i, (SELECT ARRAY['{partitions}']::uuid[] ids) p"
    );
    database.execute(&insert).await;
    database.execute("VACUUM ANALYZE").await;
}

/// What becomes of so many rows of an import into nothing: people made, rows refused.
pub fn expected(rows: i64) -> (i64, i64) {
    let bad = (0..rows).filter(|row| is_bad(*row)).count();
    let again = (0..rows).filter(|row| repeats(*row).is_some()).count();
    let count = |of: usize| i64::try_from(of).expect("few");
    (rows - count(bad) - count(again), count(bad))
}

/// A row of an import.
pub fn row(number: i64) -> pb::Person {
    let person = repeats(number).unwrap_or(number);
    let email = match is_bad(number) {
        true => format!("nobody {number}"),
        false => format!("Person.{person}@Example.com"),
    };
    let text = Kind::TextValue(format!("City {}", person % 300));
    let attribute = |kind| pb::AttributeValue { kind: Some(kind) };
    pb::Person {
        email,
        external_id: format!("crm-{person}"),
        first_name: format!("First {}", person % 1_000),
        last_name: format!("Last {}", person % 5_000),
        attributes: BTreeMap::from([
            ("city".to_owned(), attribute(text)),
            ("score".to_owned(), attribute(Kind::IntegerValue(person % 100))),
        ]),
        ..pb::Person::default()
    }
}

/// The statement that copies rows into a table like person's.
pub fn copy_into(table: &str) -> String {
    format!("COPY {table} ({COLUMNS}) FROM STDIN")
}

/// The good rows of a range, each person once, as COPY reads them: nothing is left to find out.
pub fn copy_lines(
    tenant: &str,
    tenant_number: u8,
    partition: &str,
    rows: std::ops::Range<i64>,
) -> String {
    let mut lines = String::new();
    for i in rows.filter(|row| !is_bad(*row) && repeats(*row).is_none()) {
        let line = format_args!(
            "{tenant}\t{tenant_number:08x}-0000-7000-8000-{i:012x}\t{partition}\t\
             00000000-0000-0000-0000-000000000000\tPerson.{i}@Example.com\tperson.{i}@example.com\t\
             crm-{i}\tFirst {}\tLast {}\tf\tIMPORT\t{{\"1\": \"City {}\", \"2\": {}}}\t1\t{TIME}\t{TIME}\n",
            i % 1_000,
            i % 5_000,
            i % 300,
            i % 100,
        )
        .to_string();
        lines.write_str(&line).expect("a String takes all");
    }
    lines
}

/// The row that a row repeats.
fn repeats(row: i64) -> Option<i64> {
    let back = BACK[usize::from(row / DUPLICATE % 2 == 0)];
    (row % DUPLICATE == DUPLICATE - 1 && row >= back).then(|| row - back)
}

fn is_bad(row: i64) -> bool {
    row % BAD == BAD / 4
}
