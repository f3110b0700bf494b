//! Random people and filters, of values that are prone to be told apart wrongly.

use std::collections::BTreeMap;

use precinct::domain::attribute::Value;
use precinct::domain::filter::{Check, Comparison, Node, Set, Test};
use precinct::pb;
use precinct::pb::attribute_value::Kind;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

/// A field of each type, beside the built-in ones.
pub(super) const FIELDS: [(&str, pb::FieldType); 7] = [
    ("city", pb::FieldType::Text),
    ("motto", pb::FieldType::Text),
    ("score", pb::FieldType::Integer),
    ("ratio", pb::FieldType::Number),
    ("vip", pb::FieldType::Boolean),
    ("birthday", pb::FieldType::Date),
    ("seen", pb::FieldType::Timestamp),
];
/// Case, full folding, marks before and after, quotes and wildcards.
const TEXTS: [&str; 22] = [
    "Jo",
    "JO",
    "joe",
    "straße",
    "STRASSE",
    "Strasse",
    "İstanbul",
    "istanbul",
    "i\u{307}stanbul",
    "ΣΑΣ",
    "σας",
    "Cafe\u{301}",
    "café",
    "CAFÉ",
    "ǰ",
    "x\"y\\z",
    "a%b_c",
    "ﬁn",
    "FIN",
    "ᾳ",
    "line\nbreak",
    " x ",
];
const DAYS: [&str; 9] = [
    "0001-01-01",
    "1969-12-31",
    "1970-01-01",
    "2024-02-29",
    "2026-03-01",
    "2026-03-02",
    "2026-03-31",
    "2026-04-01",
    "9999-12-31",
];
const INTEGERS: [i64; 9] = [
    i64::MIN,
    i64::MIN + 1,
    -1,
    0,
    1,
    9_007_199_254_740_992,
    9_007_199_254_740_993,
    i64::MAX - 1,
    i64::MAX,
];
const NUMBERS: [f64; 12] = [
    0.0,
    -0.0,
    0.1,
    0.2,
    0.30000000000000004,
    0.3,
    -1e300,
    1e300,
    5e-324,
    9_007_199_254_740_992.0,
    1e16,
    -7.25,
];
/// Around midnights, in microseconds.
const MOMENTS: [i64; 7] = [
    -1,
    0,
    1,
    1_774_915_200_000_000,
    1_775_001_599_999_999,
    1_775_001_600_000_000,
    253_402_300_799_999_999,
];

fn one<T: Clone>(rng: &mut StdRng, of: &[T]) -> T {
    of.choose(rng).expect("some").clone()
}

fn text(rng: &mut StdRng) -> String {
    one(rng, &TEXTS).into()
}

/// One that is known, or any.
fn number(rng: &mut StdRng) -> f64 {
    let any = f64::from_bits(rng.next_u64());
    if rng.random_bool(0.4) && any.is_finite() { any } else { one(rng, &NUMBERS) }
}

/// A number, or one of the next beside it.
fn neighbour(rng: &mut StdRng, number: f64) -> f64 {
    let next = one(rng, &[number, number.next_up(), number.next_down()]);
    if next.is_finite() { next } else { number }
}

/// A person, with each value there or not.
pub(super) fn person(rng: &mut StdRng, email: String) -> pb::Person {
    let name = |rng: &mut StdRng| if rng.random_bool(0.7) { text(rng) } else { String::new() };
    pb::Person {
        external_id: format!("{}-{email}", text(rng).replace('\n', " ")),
        first_name: name(rng).replace('\n', " "),
        last_name: name(rng).replace('\n', " "),
        unsubscribed: Some(rng.random_bool(0.2)),
        attributes: attributes(rng),
        email,
        ..pb::Person::default()
    }
}

/// Some values, some of them to be cleared.
fn attributes(rng: &mut StdRng) -> BTreeMap<String, pb::AttributeValue> {
    let mut values = BTreeMap::new();
    for (name, kind) in FIELDS {
        let kind = match rng.random_range(0..10) {
            0..3 => continue,
            3 => Kind::NullValue(0),
            4 if kind == pb::FieldType::Text => Kind::TextValue(String::new()),
            _ => wire(value(rng, kind)),
        };
        values.insert(name.to_owned(), pb::AttributeValue { kind: Some(kind) });
    }
    values
}

fn value(rng: &mut StdRng, kind: pb::FieldType) -> Value {
    match kind {
        pb::FieldType::Integer => Value::Integer(one(rng, &INTEGERS)),
        pb::FieldType::Number => Value::Number(number(rng)),
        pb::FieldType::Boolean => Value::Boolean(rng.random()),
        pb::FieldType::Date => Value::Date(one(rng, &DAYS).into()),
        pb::FieldType::Timestamp => Value::Timestamp(one(rng, &MOMENTS)),
        pb::FieldType::Text | pb::FieldType::Unspecified => Value::Text(text(rng)),
    }
}

fn wire(value: Value) -> Kind {
    match value {
        Value::Text(text) => Kind::TextValue(text),
        Value::Integer(value) => Kind::IntegerValue(value),
        Value::Number(value) => Kind::NumberValue(value),
        Value::Boolean(value) => Kind::BooleanValue(value),
        Value::Date(day) => Kind::DateValue(day),
        Value::Timestamp(micros) => Kind::TimestampValue(precinct::clock::timestamp(micros)),
    }
}

/// A filter, at most so deep. It may compare with values that people have.
pub(super) fn node(rng: &mut StdRng, depth: usize, sets: &[Set], seen: &[Value]) -> Node {
    let several = |rng: &mut StdRng| {
        let count = rng.random_range(1..4);
        (0..count).map(|_| node(rng, depth - 1, sets, seen)).collect()
    };
    match rng.random_range(0..10) {
        0..2 if depth > 0 => Node::All(several(rng)),
        2..4 if depth > 0 => Node::Any(several(rng)),
        4..6 if depth > 0 => Node::Not(Box::new(node(rng, depth - 1, sets, seen))),
        6 => Node::In(one(rng, sets)),
        _ => field(rng, seen),
    }
}

fn field(rng: &mut StdRng, seen: &[Value]) -> Node {
    const BUILT_IN: [(&str, pb::FieldType); 8] = [
        ("email", pb::FieldType::Text),
        ("external_id", pb::FieldType::Text),
        ("first_name", pb::FieldType::Text),
        ("last_name", pb::FieldType::Text),
        ("source", pb::FieldType::Text),
        ("unsubscribed", pb::FieldType::Boolean),
        ("create_time", pb::FieldType::Timestamp),
        ("update_time", pb::FieldType::Timestamp),
    ];
    let (name, kind) = if rng.random_bool(0.3) { one(rng, &BUILT_IN) } else { one(rng, &FIELDS) };
    Node::Field(name.into(), test(rng, kind, seen))
}

fn test(rng: &mut StdRng, kind: pb::FieldType, seen: &[Value]) -> Test {
    let compared = |rng: &mut StdRng| {
        let random = value(rng, kind);
        let known: Vec<&Value> = seen.iter().filter(|one| one.kind() == random.kind()).collect();
        match known.choose(rng) {
            Some(Value::Number(number)) if rng.random_bool(0.4) => {
                Value::Number(neighbour(rng, *number))
            }
            Some(known) if rng.random_bool(0.5) => (*known).clone(),
            _ => random,
        }
    };
    let check = match (kind, rng.random_range(0..6)) {
        (_, 0) => Check::Empty,
        (pb::FieldType::Text, 1) => Check::OneOf((0..3).map(|_| words(rng)).collect()),
        (pb::FieldType::Text, 2) => Check::StartsWith(words(rng)),
        (pb::FieldType::Text, 3) => Check::Contains(words(rng)),
        (pb::FieldType::Text, _) => Check::Compare(Comparison::Equal, Value::Text(words(rng))),
        (pb::FieldType::Boolean, _) => Check::Compare(Comparison::Equal, compared(rng)),
        (pb::FieldType::Date | pb::FieldType::Timestamp, 1) => {
            return Test::PastDays(rng.random_range(1..40));
        }
        (pb::FieldType::Date | pb::FieldType::Timestamp, 2) => {
            return Test::NextDays(rng.random_range(1..40));
        }
        (_, 3) => Check::Between(compared(rng), compared(rng)),
        _ => Check::Compare(comparison(rng), compared(rng)),
    };
    Test::Fixed(check)
}

fn comparison(rng: &mut StdRng) -> Comparison {
    use Comparison::{AtLeast, AtMost, Equal, Greater, Less};
    one(rng, &[Equal, Less, AtMost, Greater, AtLeast])
}

/// A text that people have, or a part of one.
fn words(rng: &mut StdRng) -> String {
    let text =
        if rng.random_bool(0.1) { one(rng, &["api", "FORM", "P7@"]).to_owned() } else { text(rng) };
    let count = text.chars().count();
    let (from, length) = (rng.random_range(0..count), rng.random_range(1..=count));
    if rng.random_bool(0.5) { text } else { text.chars().skip(from).take(length).collect() }
}
