//! Cells and the typed values that they stand for.

use prost_types::Timestamp;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use crate::pb::attribute_value::Kind;
use crate::pb::{AttributeValue, FieldType};

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// Whether a cell says nothing. A text may be made of blanks.
pub fn is_empty(cell: &str, field: FieldType) -> bool {
    cell.is_empty() || (field != FieldType::Text && cell.trim().is_empty())
}

/// The value of a cell that is not empty, for a field of this type.
pub fn parse(cell: &str, field: FieldType) -> Result<AttributeValue, String> {
    let trimmed = cell.trim();
    let kind = match field {
        FieldType::Integer => Kind::IntegerValue(
            trimmed.parse().map_err(|_| "must be a whole number of at most 64 bits")?,
        ),
        FieldType::Number => Kind::NumberValue(parse_number(trimmed)?),
        FieldType::Boolean => Kind::BooleanValue(parse_boolean(trimmed)?),
        FieldType::Date => Kind::DateValue(parse_date(trimmed)?),
        FieldType::Timestamp => Kind::TimestampValue(parse_timestamp(trimmed)?),
        FieldType::Text | FieldType::Unspecified => Kind::TextValue(cell.to_owned()),
    };
    Ok(AttributeValue { kind: Some(kind) })
}

/// A yes or no, as people and programs write it.
pub fn parse_boolean(cell: &str) -> Result<bool, String> {
    match cell.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err("must be true or false, yes or no, 1 or 0".into()),
    }
}

/// The text of a point in time. The service has none beyond the years of RFC 3339.
pub fn render_timestamp(at: &Timestamp) -> String {
    let nanos = i128::from(at.seconds) * 1_000_000_000 + i128::from(at.nanos);
    let time = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok();
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}

/// A number in the fewest digits that are read as the same number.
pub fn render_number(number: f64) -> String {
    format!("{number:?}")
}

fn parse_number(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| "must be a number, with a point before decimals".into())
}

fn parse_date(text: &str) -> Result<String, String> {
    match time::Date::parse(text, DAY) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("must be a day of the calendar, as YYYY-MM-DD".into()),
    }
}

fn parse_timestamp(text: &str) -> Result<Timestamp, String> {
    let time = OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| "must be a time with its offset, as 2026-03-31T09:30:00Z")?;
    // A field keeps microseconds; cut here, so that what an export gives is what an import gave.
    let nanos = time.microsecond() * 1_000;
    Ok(Timestamp { seconds: time.unix_timestamp(), nanos: nanos.cast_signed() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind(cell: &str, field: FieldType) -> Option<Kind> {
        parse(cell, field).ok().and_then(|value| value.kind)
    }

    #[test]
    fn e_01_cells_are_read_by_the_type_of_their_field() {
        let moment = Timestamp { seconds: 1_774_949_400, nanos: 250_000_000 };
        for (cell, field, expected) in [
            (" x ", FieldType::Text, Kind::TextValue(" x ".into())),
            (" -42 ", FieldType::Integer, Kind::IntegerValue(-42)),
            ("9223372036854775807", FieldType::Integer, Kind::IntegerValue(i64::MAX)),
            ("-1.5e3", FieldType::Number, Kind::NumberValue(-1500.0)),
            ("7", FieldType::Number, Kind::NumberValue(7.0)),
            ("Yes", FieldType::Boolean, Kind::BooleanValue(true)),
            ("0", FieldType::Boolean, Kind::BooleanValue(false)),
            ("2024-02-29", FieldType::Date, Kind::DateValue("2024-02-29".into())),
            ("2026-03-31T11:30:00.25+02:00", FieldType::Timestamp, Kind::TimestampValue(moment)),
        ] {
            assert_eq!(kind(cell, field), Some(expected), "{cell:?}");
        }
    }

    #[test]
    fn cells_that_do_not_fit_are_refused() {
        for (cell, field) in [
            ("1.0", FieldType::Integer),
            ("9223372036854775808", FieldType::Integer),
            ("1,000", FieldType::Integer),
            ("1,5", FieldType::Number),
            ("NaN", FieldType::Number),
            ("inf", FieldType::Number),
            ("1e999", FieldType::Number),
            ("maybe", FieldType::Boolean),
            ("2023-02-29", FieldType::Date),
            ("31.03.2026", FieldType::Date),
            ("2026-03-31T11:30:00", FieldType::Timestamp),
            ("2026-03-31", FieldType::Timestamp),
        ] {
            assert_eq!(kind(cell, field), None, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn numbers_and_times_come_back(
            number in proptest::num::f64::NORMAL | proptest::num::f64::ZERO,
            micros in -62_167_219_200_000_000_i64..253_402_300_800_000_000,
        ) {
            let cell = render_number(number);
            prop_assert_eq!(kind(&cell, FieldType::Number), Some(Kind::NumberValue(number)));
            let at = crate::clock::timestamp(micros);
            let cell = render_timestamp(&at);
            prop_assert_eq!(kind(&cell, FieldType::Timestamp), Some(Kind::TimestampValue(at)));
        }
    }
}
