//! An export, imported again, says the same.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::csv::columns::{Columns, Wishes};
use super::csv::read::{Dialect, Table};
use super::export::format::{Format, Output};
use super::import::row;
use crate::pb::attribute_value::Kind;
use crate::pb::{AttributeValue, Field, FieldType, Person, PersonLookupField};

fn fields() -> Vec<Field> {
    let field = |(name, kind): (&str, FieldType)| Field {
        name: name.into(),
        r#type: kind.into(),
        ..Field::default()
    };
    [
        ("note", FieldType::Text),
        ("partition_id", FieldType::Text),
        ("balance", FieldType::Integer),
        ("score", FieldType::Number),
        ("vip", FieldType::Boolean),
        ("born", FieldType::Date),
        ("seen", FieldType::Timestamp),
    ]
    .map(field)
    .into()
}

/// Text as the service keeps it: with anything that a spreadsheet, a CSV reader or a person would stumble on.
fn text() -> impl Strategy<Value = String> {
    "['=+@\\-\t\r\n\",; ＝a]{0,6}|\\PC{0,20}"
}

/// A name or id: one line, trimmed.
fn line() -> impl Strategy<Value = String> {
    text().prop_map(|text| text.replace(['\t', '\r', '\n'], "").trim().to_owned())
}

fn kinds() -> impl Strategy<Value = Vec<(&'static str, Kind)>> {
    let micros = -62_167_219_200_000_000_i64..253_402_300_800_000_000;
    let number = proptest::num::f64::NORMAL | proptest::num::f64::ZERO;
    (text(), text(), any::<i64>(), number, any::<bool>(), micros).prop_map(
        |(note, partition, balance, score, vip, micros)| {
            vec![
                ("note", Kind::TextValue(note)),
                ("partition_id", Kind::TextValue(partition)),
                ("balance", Kind::IntegerValue(balance)),
                ("score", Kind::NumberValue(score)),
                ("vip", Kind::BooleanValue(vip)),
                ("born", Kind::DateValue("2024-02-29".into())),
                ("seen", Kind::TimestampValue(crate::clock::timestamp(micros))),
            ]
        },
    )
}

fn attributes() -> impl Strategy<Value = BTreeMap<String, AttributeValue>> {
    // An empty text and none are the same to a CSV file.
    let says = |kind: &Kind| !matches!(kind, Kind::TextValue(text) if text.is_empty());
    let value = |(name, kind): (&str, Kind)| (name.to_owned(), AttributeValue { kind: Some(kind) });
    kinds()
        .prop_flat_map(|kinds| proptest::sample::subsequence(kinds.clone(), 0..=kinds.len()))
        .prop_map(move |kinds| {
            kinds.into_iter().filter(|(_, kind)| says(kind)).map(value).collect()
        })
}

fn person() -> impl Strategy<Value = Person> {
    (line(), line(), line(), line(), any::<Option<bool>>(), attributes()).prop_map(
        |(email, external_id, first_name, last_name, unsubscribed, attributes)| Person {
            person_id: "0197a3c0-0000-7000-8000-000000000025".into(),
            email,
            external_id,
            first_name,
            last_name,
            unsubscribed,
            attributes,
            ..Person::default()
        },
    )
}

fn read(file: &[u8]) -> Vec<Person> {
    let mut table = Table::open(file, Dialect::default()).unwrap();
    let wishes = Wishes { map: &[], ignore_unknown: false, lookup: PersonLookupField::Id };
    let columns = Columns::resolve(table.header(), &fields(), &wishes).unwrap();
    let mut people = Vec::new();
    while let Some(record) = table.read().unwrap() {
        people.push(row::person(&record, &columns).unwrap());
    }
    people
}

proptest! {
    #[test]
    fn k_03_an_export_imported_again_says_the_same(people in prop::collection::vec(person(), 0..4)) {
        let mut file = Vec::new();
        let mut output = Output::new(&mut file, Format::Csv, &fields()).unwrap();
        people.iter().for_each(|person| output.write(person).unwrap());
        output.flush().unwrap();
        drop(output);
        prop_assert_eq!(read(&file), people);
    }
}
