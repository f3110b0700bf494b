//! Which column of a file goes where.

use super::vocabulary::{Target, Vocabulary};
use crate::pb::{Field, PersonLookupField};

/// The columns of a file, in its order.
#[derive(Clone, Debug)]
pub struct Columns {
    columns: Vec<Column>,
}

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its heading, as the file has it.
    pub heading: String,
    /// What it is for.
    pub target: Target,
}

/// How the caller wants columns to be taken.
#[derive(Clone, Debug)]
pub struct Wishes<'a> {
    /// Headings that say nothing by themselves, and the fields that they stand for.
    pub map: &'a [(String, String)],
    /// Read over unknown columns.
    pub ignore_unknown: bool,
    /// What people are known by: that column must be there.
    pub lookup: PersonLookupField,
}

// === impl Columns ===

impl Columns {
    /// Finds out what each heading stands for; all that is wrong is said at once.
    pub fn resolve(
        headings: &[String],
        fields: &[Field],
        wishes: &Wishes<'_>,
    ) -> Result<Self, String> {
        let vocabulary = Vocabulary::new(fields, wishes.lookup);
        let mut problems = unused(headings, wishes.map);
        let mut unknown = Vec::new();
        let mut resolve = |heading: &String| {
            let target = wishes.target(heading, &vocabulary).unwrap_or_else(|problem| {
                problems.push(problem);
                Some(Target::Ignored)
            });
            if target.is_none() {
                unknown.push(format!("\"{heading}\""));
            }
            Column { heading: heading.clone(), target: target.unwrap_or(Target::Ignored) }
        };
        let columns: Vec<Column> = headings.iter().map(&mut resolve).collect();
        if !unknown.is_empty() && !wishes.ignore_unknown {
            problems.push(format!(
                "unknown columns: {}; known are {}; say what they stand for with --map \
                 \"Column name=field\", or leave them out with --ignore-unknown",
                unknown.join(", "),
                vocabulary.names().join(", ")
            ));
        }
        problems.extend(doubles(&columns));
        problems.extend(missing(&columns, wishes.lookup));
        if problems.is_empty() { Ok(Self { columns }) } else { Err(problems.join("\n")) }
    }

    /// The columns, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Column> {
        self.columns.iter()
    }

    /// The headings of what is read over.
    pub fn ignored(&self) -> Vec<&str> {
        let ignored = self.iter().filter(|column| column.target == Target::Ignored);
        ignored.map(|column| column.heading.as_str()).collect()
    }

    /// The heading under which the caller finds what the service names by its path: `attributes.age`.
    pub fn heading<'a>(&'a self, path: &'a str) -> &'a str {
        let column = self.iter().find(|column| column.target.to_string() == path);
        column.map_or(path, |column| &column.heading)
    }
}

// === impl Wishes ===

impl Wishes<'_> {
    fn target(&self, heading: &str, vocabulary: &Vocabulary) -> Result<Option<Target>, String> {
        let Some((_, field)) = self.map.iter().find(|(mapped, _)| same(mapped, heading)) else {
            return vocabulary.find(heading);
        };
        let target = vocabulary.named(field).cloned().map(Some);
        target.ok_or_else(|| {
            let known = vocabulary.names().join(", ");
            format!("--map \"{heading}={field}\": there is no such field; known are {known}")
        })
    }
}

/// Wishes for columns that the file does not have.
fn unused(headings: &[String], map: &[(String, String)]) -> Vec<String> {
    let unused = map.iter().filter(|(mapped, _)| !headings.iter().any(|h| same(mapped, h)));
    unused.map(|(mapped, field)| format!("--map \"{mapped}={field}\": no such column")).collect()
}

/// Columns that stand for the same.
fn doubles(columns: &[Column]) -> Vec<String> {
    let mut problems = Vec::new();
    for (i, column) in columns.iter().enumerate() {
        let earlier = columns[..i].iter().find(|earlier| earlier.target == column.target);
        if let Some(earlier) = earlier.filter(|earlier| earlier.target != Target::Ignored) {
            problems.push(format!(
                "columns \"{}\" and \"{}\" are both for {}; take one out",
                earlier.heading, column.heading, column.target
            ));
        }
    }
    problems
}

/// The column that people are known by, if it is not there.
fn missing(columns: &[Column], lookup: PersonLookupField) -> Option<String> {
    let target = match lookup {
        PersonLookupField::Id => Target::PersonId,
        PersonLookupField::ExternalId => Target::ExternalId,
        PersonLookupField::Email | PersonLookupField::Unspecified => Target::Email,
    };
    let there = columns.iter().any(|column| column.target == target);
    (!there).then(|| format!("there is no column for {target}, by which people are looked up"))
}

fn same(mapped: &str, heading: &str) -> bool {
    mapped.trim().to_lowercase() == heading.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pb::FieldType;

    fn resolve(
        headings: &[&str],
        map: &[(&str, &str)],
        ignore_unknown: bool,
    ) -> Result<Columns, String> {
        let headings: Vec<String> = headings.iter().map(|h| (*h).to_owned()).collect();
        let owned = |(heading, field): &(&str, &str)| ((*heading).to_owned(), (*field).to_owned());
        let map: Vec<_> = map.iter().map(owned).collect();
        let kind = FieldType::Integer;
        let age = Field { name: "age".into(), r#type: kind.into(), ..Field::default() };
        let wishes = Wishes { map: &map, ignore_unknown, lookup: PersonLookupField::Email };
        Columns::resolve(&headings, &[age], &wishes)
    }

    fn targets(columns: &Columns) -> Vec<String> {
        columns.iter().map(|column| column.target.to_string()).collect()
    }

    #[test]
    fn columns_come_in_any_order() {
        let columns = resolve(&["Age", "E-mail", "last name"], &[], false).unwrap();
        assert_eq!(targets(&columns), ["attributes.age", "email", "last_name"]);
        assert_eq!(columns.heading("attributes.age"), "Age");
        assert_eq!(columns.heading("attributes.other"), "attributes.other");
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let map = [("Nickname", "first_name"), ("Years", "ages")];
        let problems = resolve(&["Vorname", "", "Age", "age", "Years"], &map, false).unwrap_err();
        for part in [
            "\"Vorname\", \"\"",
            "known are email, external_id, first_name, last_name, unsubscribed, age;",
            "\"Age\" and \"age\" are both for attributes.age",
            "no column for email",
            "\"Nickname=first_name\": no such column",
            "\"Years=ages\": there is no such field",
        ] {
            assert!(problems.contains(part), "{part} is not in:\n{problems}");
        }
    }

    #[test]
    fn a_map_says_what_a_column_stands_for_and_wins_over_its_name() {
        let map = [("contact", "email"), ("Email", "attributes.age")];
        let columns = resolve(&["Contact ", "email"], &map, false).unwrap();
        assert_eq!(targets(&columns), ["email", "attributes.age"]);
    }

    #[test]
    fn unknown_columns_are_read_over_when_asked_and_output_only_ones_always() {
        let columns = resolve(&["email", "Vorname", "create_time"], &[], true).unwrap();
        assert_eq!(columns.ignored(), ["Vorname", "create_time"]);
        assert!(resolve(&["email", "source"], &[], false).is_ok());
    }
}
