//! Values of fields: checked against the field's type, and as they are stored.
//!
//! Stored in JSON by type: text and dates as strings, whole and other numbers as numbers, booleans as such,
//! moments as whole microseconds. The type is the field's, never guessed from the JSON.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// The type of a field's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// A whole number of 64 bits.
    Integer,
    /// A floating-point number of 64 bits.
    Number,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A moment, to the microsecond.
    Timestamp,
}

/// A value of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number; finite.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// A day, as `YYYY-MM-DD`.
    Date(String),
    /// A moment, in microseconds since 1970.
    Timestamp(i64),
}

// === impl Value ===

impl Value {
    /// The value's own type.
    pub fn kind(&self) -> Type {
        match self {
            Self::Text(_) => Type::Text,
            Self::Integer(_) => Type::Integer,
            Self::Number(_) => Type::Number,
            Self::Boolean(_) => Type::Boolean,
            Self::Date(_) => Type::Date,
            Self::Timestamp(_) => Type::Timestamp,
        }
    }

    /// The value as it is stored, if it fits the field: a whole number fits a field of numbers too.
    pub fn store(&self, field: Type, max_bytes: usize) -> Result<Json, String> {
        match (self, field) {
            (Self::Text(text), Type::Text) => {
                let text = super::text::paragraph(text, max_bytes)?;
                if text.len() > max_bytes {
                    return Err(format!("must have at most {max_bytes} bytes"));
                }
                Ok(json!(text))
            }
            (Self::Integer(value), Type::Integer) => Ok(json!(value)),
            #[expect(
                clippy::cast_precision_loss,
                reason = "a field of numbers holds floating point"
            )]
            (Self::Integer(value), Type::Number) => Ok(json!(*value as f64)),
            (Self::Number(value), Type::Number) if value.is_finite() => Ok(json!(value)),
            (Self::Number(_), Type::Number) => Err("must be a finite number".into()),
            (Self::Boolean(value), Type::Boolean) => Ok(json!(value)),
            (Self::Date(text), Type::Date) => match time::Date::parse(text, DAY) {
                Ok(_) => Ok(json!(text)),
                Err(_) => Err("must be a day of the calendar, as YYYY-MM-DD".into()),
            },
            (Self::Timestamp(micros), Type::Timestamp) => Ok(json!(micros)),
            _ => Err(format!("must be {}", field.name())),
        }
    }

    /// The stored value of a field.
    pub fn load(stored: &Json, field: Type) -> Option<Self> {
        match field {
            Type::Text => stored.as_str().map(|text| Self::Text(text.into())),
            Type::Integer => stored.as_i64().map(Self::Integer),
            Type::Number => stored.as_f64().map(Self::Number),
            Type::Boolean => stored.as_bool().map(Self::Boolean),
            Type::Date => stored.as_str().map(|text| Self::Date(text.into())),
            Type::Timestamp => stored.as_i64().map(Self::Timestamp),
        }
    }
}

// === impl Type ===

impl Type {
    /// What it is, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a date",
            Self::Timestamp => "a timestamp",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fit_their_field_and_come_back() {
        for (value, kind) in [
            (Value::Text("Grüße".into()), Type::Text),
            (Value::Integer(i64::MIN), Type::Integer),
            (Value::Number(1e300), Type::Number),
            (Value::Number(5.0), Type::Number),
            (Value::Boolean(false), Type::Boolean),
            (Value::Date("2024-02-29".into()), Type::Date),
            (Value::Timestamp(-1), Type::Timestamp),
        ] {
            let stored = value.store(kind, 100).unwrap();
            assert_eq!(Value::load(&stored, kind), Some(value));
        }
    }

    #[test]
    fn values_that_do_not_fit_are_refused() {
        for (value, kind) in [
            (Value::Text("a\0".into()), Type::Text),
            (Value::Text("x".repeat(101)), Type::Text),
            (Value::Text("1".into()), Type::Integer),
            (Value::Number(f64::NAN), Type::Number),
            (Value::Number(1.5), Type::Integer),
            (Value::Date("2023-02-29".into()), Type::Date),
            (Value::Date("2023-2-9".into()), Type::Date),
        ] {
            assert!(value.store(kind, 100).is_err(), "{value:?}");
        }
    }
}
