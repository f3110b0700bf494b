//! One record of the file as a person.

use super::rejects::Reject;
use crate::cli::csv::columns::{Column, Columns};
use crate::cli::csv::read::Record;
use crate::cli::csv::value;
use crate::cli::csv::vocabulary::Target;
use crate::domain::formula::unescape;
use crate::error::{Reason, wire_name};
use crate::pb::{ItemError, Person};

/// The reason of a row that does not fit the header; the service has none for it.
const CELL_COUNT: &str = "WRONG_CELL_COUNT";

/// Where a row stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its number, from 1.
    pub row: u64,
    /// The line on which it begins, from 1.
    pub line: u64,
}

/// The person that a record describes, or all that is wrong with it. An empty cell leaves a value as it is.
pub fn person(record: &Record<'_>, columns: &Columns) -> Result<Person, Vec<Reject>> {
    let place = Place { row: record.row, line: record.line };
    if record.width() != columns.iter().len() {
        let message = format!("has {} cells for {} columns", record.width(), columns.iter().len());
        return Err(vec![place.reject("", CELL_COUNT, message)]);
    }
    let mut person = Person::default();
    let mut rejects = Vec::new();
    for (column, cell) in columns.iter().zip(record.cells()) {
        if let Err(message) = fill(&mut person, column, unescape(cell)) {
            rejects.push(place.reject(&column.heading, wire_name(Reason::InvalidField), message));
        }
    }
    if rejects.is_empty() { Ok(person) } else { Err(rejects) }
}

fn fill(person: &mut Person, column: &Column, cell: &str) -> Result<(), String> {
    let trimmed = cell.trim();
    match &column.target {
        Target::Ignored => {}
        Target::PersonId => person.person_id = trimmed.to_owned(),
        Target::Email => person.email = trimmed.to_owned(),
        Target::ExternalId => person.external_id = trimmed.to_owned(),
        Target::FirstName => person.first_name = trimmed.to_owned(),
        Target::LastName => person.last_name = trimmed.to_owned(),
        Target::Unsubscribed if trimmed.is_empty() => {}
        Target::Unsubscribed => person.unsubscribed = Some(value::parse_boolean(trimmed)?),
        Target::Attribute { name, kind } if !value::is_empty(cell, *kind) => {
            person.attributes.insert(name.clone(), value::parse(cell, *kind)?);
        }
        Target::Attribute { .. } => {}
    }
    Ok(())
}

// === impl Place ===

impl Place {
    /// Why the service refused this row, a line for each field at fault.
    pub fn refused(self, error: ItemError, columns: &Columns) -> Vec<Reject> {
        let reason = wire_name(error.reason());
        if error.violations.is_empty() {
            return vec![self.reject("", reason, error.message)];
        }
        let reject = |violation: crate::pb::FieldViolation| {
            self.reject(columns.heading(&violation.field), reason, violation.description)
        };
        error.violations.into_iter().map(reject).collect()
    }

    fn reject(self, column: &str, reason: &str, message: String) -> Reject {
        Reject { place: self, column: column.to_owned(), reason: reason.to_owned(), message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::csv::columns::Wishes;
    use crate::cli::csv::read::{Dialect, Table};
    use crate::pb::{ErrorReason, Field, FieldType, FieldViolation, PersonLookupField};

    const HEADER: &str = "E-mail,First Name,Opt-out,Age,Note\n";

    fn columns() -> Columns {
        let headings: Vec<String> = HEADER.trim().split(',').map(Into::into).collect();
        let field = |name: &str, kind: FieldType| Field {
            name: name.into(),
            r#type: kind.into(),
            ..Field::default()
        };
        let fields = [field("age", FieldType::Integer), field("note", FieldType::Text)];
        let lookup = PersonLookupField::Email;
        Columns::resolve(&headings, &fields, &Wishes { map: &[], ignore_unknown: false, lookup })
            .unwrap()
    }

    fn read(row: &str) -> Result<Person, Vec<String>> {
        let text = [HEADER, row].concat();
        let mut table = Table::open(text.as_bytes(), Dialect::default()).unwrap();
        let record = table.read().unwrap().unwrap();
        person(&record, &columns()).map_err(|r| r.iter().map(Reject::to_string).collect())
    }

    #[test]
    fn cells_fill_a_person_and_empty_ones_say_nothing() {
        let person = read(" a@example.com ,Zoë,yes, 42 ,'=1").unwrap();
        assert_eq!((person.email.as_str(), person.first_name.as_str()), ("a@example.com", "Zoë"));
        assert_eq!(person.unsubscribed, Some(true));
        assert_eq!(person.attributes["age"], value::parse("42", FieldType::Integer).unwrap());
        assert_eq!(person.attributes["note"], value::parse("=1", FieldType::Text).unwrap());
        let person = read("a@example.com,, , ,").unwrap();
        assert_eq!(person, Person { email: "a@example.com".into(), ..Person::default() });
    }

    #[test]
    fn all_bad_cells_of_a_row_are_named_by_their_heading() {
        assert_eq!(
            read("a@example.com,,maybe,old,").unwrap_err(),
            [
                "row 1 (line 2), Opt-out: INVALID_FIELD: must be true or false, yes or no, 1 or 0",
                "row 1 (line 2), Age: INVALID_FIELD: must be a whole number of at most 64 bits",
            ]
        );
    }

    #[test]
    fn rows_with_too_few_or_too_many_cells_are_rejected() {
        let expected = "row 1 (line 2): WRONG_CELL_COUNT: has 2 cells for 5 columns";
        assert_eq!(read("a@example.com,x").unwrap_err(), [expected]);
        assert!(read("a@example.com,,,,,").unwrap_err()[0].contains("has 6 cells"));
    }

    #[test]
    fn what_the_service_refuses_is_told_by_the_headings_of_the_file() {
        let place = Place { row: 7, line: 9 };
        let violation =
            |field: &str| FieldViolation { field: field.into(), description: "no".into() };
        let error = ItemError {
            reason: ErrorReason::InvalidField.into(),
            message: "two fields".into(),
            violations: vec![violation("email"), violation("attributes.age")],
            ..ItemError::default()
        };
        let lines =
            |error| place.refused(error, &columns()).iter().map(Reject::to_string).collect();
        let told: Vec<String> = lines(error);
        assert_eq!(
            told,
            ["row 7 (line 9), E-mail: INVALID_FIELD: no", "row 7 (line 9), Age: INVALID_FIELD: no"]
        );
        let error = ItemError {
            reason: ErrorReason::DuplicateInPartition.into(),
            message: "taken".into(),
            ..ItemError::default()
        };
        let told: Vec<String> = lines(error);
        assert_eq!(told, ["row 7 (line 9): DUPLICATE_IN_PARTITION: taken"]);
    }
}
