//! What filters say of a person, as a list in which groups stand before what is in them.

use crate::clock::timestamp;
use crate::domain::attribute::Value;
use crate::domain::filter::{Explained, Looked};
use crate::pb;

/// The conditions of a filter in order, each with what it looked at.
pub(in crate::grpc) fn explained(root: &Explained) -> Vec<pb::ConditionVerdict> {
    let (mut verdicts, mut open) = (Vec::new(), vec![(root, 0)]);
    while let Some((one, depth)) = open.pop() {
        verdicts.push(pb::ConditionVerdict {
            condition: one.text.clone(),
            value: value(&one.looked),
            holds: one.holds,
            depth,
        });
        open.extend(one.parts.iter().rev().map(|part| (part, depth + 1)));
    }
    verdicts
}

fn value(looked: &Looked) -> String {
    match looked {
        Looked::Value(Some(value)) => text(value),
        Looked::Segment(_, Some(segment)) => segment.to_string(),
        Looked::Partition(partition) => partition.to_string(),
        Looked::Value(None)
        | Looked::Segment(_, None)
        | Looked::Parts
        | Looked::Members(_)
        | Looked::SmartList(_) => String::new(),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Date(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => format!("{number:?}"),
        Value::Boolean(truth) => truth.to_string(),
        Value::Timestamp(micros) => timestamp(*micros).to_string(),
    }
}
