//! Values of fields between the wire and the service.

use super::decode::micros;
use crate::clock::timestamp;
use crate::domain::attribute::Value;
use crate::pb;
use crate::pb::attribute_value::Kind;

/// A value; none clears.
pub(super) fn value(message: &pb::AttributeValue) -> Result<Option<Value>, String> {
    Ok(Some(match &message.kind {
        None => return Err("must have a value; null_value clears".into()),
        Some(Kind::NullValue(_)) => return Ok(None),
        Some(Kind::TextValue(text)) => Value::Text(text.clone()),
        Some(Kind::IntegerValue(number)) => Value::Integer(*number),
        Some(Kind::NumberValue(number)) => Value::Number(*number),
        Some(Kind::BooleanValue(truth)) => Value::Boolean(*truth),
        Some(Kind::DateValue(day)) => Value::Date(day.clone()),
        Some(Kind::TimestampValue(time)) => Value::Timestamp(micros(time)?),
    }))
}

/// A value on the wire.
pub(super) fn message(value: Value) -> pb::AttributeValue {
    let kind = match value {
        Value::Text(text) => Kind::TextValue(text),
        Value::Integer(number) => Kind::IntegerValue(number),
        Value::Number(number) => Kind::NumberValue(number),
        Value::Boolean(truth) => Kind::BooleanValue(truth),
        Value::Date(day) => Kind::DateValue(day),
        Value::Timestamp(micros) => Kind::TimestampValue(timestamp(micros)),
    };
    pb::AttributeValue { kind: Some(kind) }
}
