//! One record of the file as a person.

use super::rejects::Reject;
use crate::cli::csv::columns::{Column, Columns};
use crate::cli::csv::formula::unescape;
use crate::cli::csv::read::Record;
use crate::cli::csv::value;
use crate::cli::csv::vocabulary::Target;
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
    if record.len() != columns.iter().len() {
        let message = format!("has {} cells for {} columns", record.len(), columns.iter().len());
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
