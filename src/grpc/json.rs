//! JSON objects between the wire (`google.protobuf.Struct`) and the database.

use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};
use serde_json::{Map, Number, Value as Json};

/// Whole numbers up to here are exact in a Struct, and are stored as whole numbers.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The object, if it can be stored in at most `max_bytes`.
pub fn object(message: Option<&Struct>, max_bytes: usize) -> Result<Json, String> {
    let Some(message) = message else { return Ok(Json::Object(Map::new())) };
    let json = fields(message)?;
    if json.to_string().len() > max_bytes {
        return Err(format!("must have at most {max_bytes} bytes as JSON"));
    }
    Ok(json)
}

/// The object on the wire.
pub fn message(json: &Json) -> Struct {
    let fields = json.as_object().into_iter().flatten();
    Struct { fields: fields.map(|(key, value)| (key.clone(), wire(value))).collect() }
}

fn fields(message: &Struct) -> Result<Json, String> {
    let field = |(key, value): (&String, &Value)| Ok((text(key)?, stored(value)?));
    let object: Map<String, Json> =
        message.fields.iter().map(field).collect::<Result<_, String>>()?;
    Ok(Json::Object(object))
}

fn stored(value: &Value) -> Result<Json, String> {
    match &value.kind {
        None | Some(Kind::NullValue(_)) => Ok(Json::Null),
        Some(Kind::BoolValue(value)) => Ok(Json::Bool(*value)),
        Some(Kind::NumberValue(value)) => number(*value),
        Some(Kind::StringValue(value)) => text(value).map(Json::String),
        Some(Kind::StructValue(value)) => fields(value),
        Some(Kind::ListValue(list)) => list.values.iter().map(stored).collect(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "whole, and within what an i64 holds")]
fn number(value: f64) -> Result<Json, String> {
    if value.fract() == 0.0 && value.abs() <= EXACT {
        return Ok(Json::Number(Number::from(value as i64)));
    }
    Number::from_f64(value).map(Json::Number).ok_or_else(|| "must have finite numbers".into())
}

fn text(text: &str) -> Result<String, String> {
    // PostgreSQL cannot store it.
    if text.contains('\0') { Err("must not contain U+0000".into()) } else { Ok(text.into()) }
}

fn wire(json: &Json) -> Value {
    let kind = match json {
        Json::Null => Kind::NullValue(0),
        Json::Bool(value) => Kind::BoolValue(*value),
        Json::Number(value) => Kind::NumberValue(value.as_f64().unwrap_or_default()),
        Json::String(value) => Kind::StringValue(value.clone()),
        Json::Array(items) => {
            Kind::ListValue(ListValue { values: items.iter().map(wire).collect() })
        }
        Json::Object(_) => Kind::StructValue(message(json)),
    };
    Value { kind: Some(kind) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn w_01_settings_come_back_as_they_were_sent() {
        let settings = json!({
            "colour": "#a0c", "zone": null, "on": true, "ratio": 0.5, "size": 12,
            "nested": { "list": [1, "two", [], {}] },
        });
        assert_eq!(object(Some(&message(&settings)), 1_000), Ok(settings));
        assert_eq!(object(None, 0), Ok(json!({})));
    }

    #[test]
    fn w_01_settings_have_a_bound_and_only_what_json_has() {
        let one = |kind| Struct { fields: [("a".to_owned(), Value { kind: Some(kind) })].into() };
        let long = one(Kind::StringValue("x".repeat(100)));
        assert!(object(Some(&long), 100).is_err());
        assert!(object(Some(&one(Kind::NumberValue(f64::NAN))), 100).is_err());
        assert!(object(Some(&one(Kind::StringValue("\0".into()))), 100).is_err());
    }
}
