use proptest::prelude::*;
use serde_json::json;
use time::macros::date;

use super::*;
use crate::domain::attribute::Type;

mod grammar;
mod verdict;

/// A tree that prints to a text, whatever its size.
fn node() -> impl Strategy<Value = Node> {
    let field =
        prop::sample::select(vec!["score", "first_name", "not", "and", "in_list", "is", "empty"]);
    let leaf = prop_oneof![
        8 => (field, test()).prop_map(|(name, test)| Node::Field(name.into(), test)),
        2 => set().prop_map(Node::In),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let several = || prop::collection::vec(inner.clone(), 1..5);
        prop_oneof![
            several().prop_map(Node::All),
            several().prop_map(Node::Any),
            inner.clone().prop_map(|one| Node::Not(Box::new(one))),
        ]
    })
}

fn test() -> impl Strategy<Value = Test> {
    let comparison = prop::sample::select(vec![
        Comparison::Equal,
        Comparison::Less,
        Comparison::AtMost,
        Comparison::Greater,
        Comparison::AtLeast,
    ]);
    let check = prop_oneof![
        Just(Check::Empty),
        (comparison, value()).prop_map(|(how, value)| Check::Compare(how, value)),
        (value(), value()).prop_map(|(low, high)| Check::Between(low, high)),
        prop::collection::vec(text(), 1..4).prop_map(Check::OneOf),
        text().prop_map(Check::StartsWith),
        text().prop_map(Check::Contains),
    ];
    prop_oneof![
        8 => check.prop_map(Test::Fixed),
        1 => (1..=DAYS_MAX).prop_map(Test::PastDays),
        1 => (1..=DAYS_MAX).prop_map(Test::NextDays),
    ]
}

/// A text that is not empty, in NFC, without control characters but those of paragraphs.
fn text() -> impl Strategy<Value = String> {
    let tidy = |text: String| crate::domain::text::paragraph(&text, TEXT_MAX).ok();
    prop_oneof!["[\"\\\\\n\t a-cßé)(,]{1,8}", "\\PC{1,8}"]
        .prop_filter_map("a text to compare with", move |text| {
            tidy(text).filter(|one| !one.is_empty())
        })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(Value::Text),
        prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), Just(0)].prop_map(Value::Integer),
        prop_oneof![any::<f64>(), Just(-0.0), Just(0.1), Just(5.0), Just(f64::MAX), Just(5e-324)]
            .prop_filter("finite", |one| one.is_finite())
            .prop_map(Value::Number),
        any::<bool>().prop_map(Value::Boolean),
        prop::sample::select(vec!["0001-01-01", "2024-02-29", "9999-12-31"])
            .prop_map(|day| Value::Date(day.into())),
        (-62_135_596_800_000_000..=253_402_300_799_999_999_i64).prop_map(Value::Timestamp),
    ]
}

fn set() -> impl Strategy<Value = Set> {
    let id = || any::<u128>().prop_map(Uuid::from_u128);
    prop_oneof![
        id().prop_map(|id| Set::List(AssetId(id))),
        id().prop_map(|id| Set::SmartList(AssetId(id))),
        id().prop_map(|id| Set::Program(AssetId(id))),
        id().prop_map(|id| Set::Partition(PartitionId(id))),
        (id(), id()).prop_map(|(id, segment)| Set::Segment(AssetId(id), segment)),
    ]
}

/// The fields that the tests bind to.
fn fields(name: &str) -> Option<(i64, Type)> {
    Some(match name {
        "score" => (1, Type::Integer),
        "ratio" => (2, Type::Number),
        "country" => (3, Type::Text),
        "birthday" => (4, Type::Date),
        "seen" => (5, Type::Timestamp),
        "vip" => (6, Type::Boolean),
        _ => return None,
    })
}

fn bind(text: &str) -> Result<Predicate, Vec<Problem>> {
    bind_with(text, &SmartLists::new())
}

fn bind_with(text: &str, smart_lists: &SmartLists) -> Result<Predicate, Vec<Problem>> {
    let today = date!(2026 - 03 - 31);
    Filter::parse(text)?.bind(Binding { field: &fields, smart_lists, today })
}

fn facts(attributes: serde_json::Value) -> Facts {
    Facts {
        partition: PartitionId(Uuid::from_u128(1)),
        email: Some("Ada@Example.com".into()),
        external_id: None,
        first_name: Some("Ada".into()),
        last_name: Some("Straße".into()),
        unsubscribed: false,
        source: "API".into(),
        create_time: 0,
        update_time: 0,
        attributes,
        folded: None,
        members: [AssetId(Uuid::from_u128(7))].into(),
        segments: [(AssetId(Uuid::from_u128(8)), Uuid::nil())].into(),
    }
}
