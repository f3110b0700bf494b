//! What headings may be called, and what they then stand for.

use std::fmt;

use crate::pb::{Field, FieldType, PersonLookupField};

/// What a column is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The id of a known person.
    PersonId,
    /// The email.
    Email,
    /// The client's own id.
    ExternalId,
    /// The first name.
    FirstName,
    /// The last name.
    LastName,
    /// Whether the person wants no mail.
    Unsubscribed,
    /// A field of the tenant.
    Attribute {
        /// Its name.
        name: String,
        /// Its type.
        kind: FieldType,
    },
    /// Read over: the service sets it by itself, or the caller said to ignore what is unknown.
    Ignored,
}

/// The names of all that a column can be for.
pub struct Vocabulary {
    /// Each name as it is written in the API, the first of each target being the one to show.
    names: Vec<(String, Target)>,
}

/// What every person has.
const BUILT_IN: [(&str, Target); 5] = [
    ("email", Target::Email),
    ("external_id", Target::ExternalId),
    ("first_name", Target::FirstName),
    ("last_name", Target::LastName),
    ("unsubscribed", Target::Unsubscribed),
];

/// What the service sets by itself; an export has it.
const OUTPUT_ONLY: [&str; 4] = ["partition_id", "source", "create_time", "update_time"];

/// What others call it, as [`loose`] makes it.
const SYNONYMS: [(&str, Target); 10] = [
    ("mail", Target::Email),
    ("emailaddress", Target::Email),
    ("mailaddress", Target::Email),
    ("givenname", Target::FirstName),
    ("forename", Target::FirstName),
    ("surname", Target::LastName),
    ("familyname", Target::LastName),
    ("unsubscribe", Target::Unsubscribed),
    ("optout", Target::Unsubscribed),
    ("optedout", Target::Unsubscribed),
];

// === impl Target ===

/// As the service names it in its errors.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PersonId => f.write_str("person_id"),
            Self::Email => f.write_str("email"),
            Self::ExternalId => f.write_str("external_id"),
            Self::FirstName => f.write_str("first_name"),
            Self::LastName => f.write_str("last_name"),
            Self::Unsubscribed => f.write_str("unsubscribed"),
            Self::Attribute { name, .. } => write!(f, "attributes.{name}"),
            Self::Ignored => Ok(()),
        }
    }
}

// === impl Vocabulary ===

impl Vocabulary {
    /// The names for a tenant's fields, where people are known by `lookup`.
    pub fn new(fields: &[Field], lookup: PersonLookupField) -> Self {
        let by_id = lookup == PersonLookupField::Id;
        let person_id = if by_id { Target::PersonId } else { Target::Ignored };
        let mut names = vec![("person_id".to_owned(), person_id)];
        names.extend(BUILT_IN.map(|(name, target)| (name.to_owned(), target)));
        names.extend(OUTPUT_ONLY.map(|name| (name.to_owned(), Target::Ignored)));
        for field in fields.iter().filter(|field| !field.built_in) {
            let target = Target::Attribute { name: field.name.clone(), kind: field.r#type() };
            names.push((field.name.clone(), target.clone()));
            names.push((target.to_string(), target));
        }
        Self { names }
    }

    /// What an exact name stands for, but for case.
    pub fn named(&self, name: &str) -> Option<&Target> {
        let same = |(known, _): &&(String, Target)| known.eq_ignore_ascii_case(name.trim());
        self.names.iter().find(same).map(|(_, target)| target)
    }

    /// What a heading stands for: its exact name, else the one that differs in spaces, hyphens and
    /// underscores only, else a synonym. Fails where two names are as good.
    pub fn find(&self, heading: &str) -> Result<Option<Target>, String> {
        if let Some(target) = self.named(heading) {
            return Ok(Some(target.clone()));
        }
        let wanted = loose(heading);
        let like = |(name, _): &&(String, Target)| loose(name) == wanted;
        let mut close: Vec<&(String, Target)> = self.names.iter().filter(like).collect();
        close.dedup_by(|one, other| one.1 == other.1);
        match close.as_slice() {
            [] => Ok(synonym(&wanted)),
            [(_, target)] => Ok(Some(target.clone())),
            several => {
                let names: Vec<&str> = several.iter().map(|(name, _)| name.as_str()).collect();
                Err(format!(
                    "column \"{heading}\" could be {}; say which with --map \"{heading}=field\"",
                    names.join(" or ")
                ))
            }
        }
    }

    /// The names that fill something, each target once.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.names.iter().collect();
        names.dedup_by(|later, earlier| later.1 == earlier.1);
        let filling = names.iter().filter(|(_, target)| *target != Target::Ignored);
        filling.map(|(name, _)| name.as_str()).collect()
    }
}

fn synonym(wanted: &str) -> Option<Target> {
    SYNONYMS.iter().find(|(name, _)| *name == wanted).map(|(_, target)| target.clone())
}

fn loose(name: &str) -> String {
    let kept = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'));
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(names: &[&str]) -> Vocabulary {
        let field = |name: &&str| Field {
            name: (*name).to_owned(),
            r#type: FieldType::Text.into(),
            ..Field::default()
        };
        let fields: Vec<Field> = names.iter().map(field).collect();
        Vocabulary::new(&fields, PersonLookupField::Email)
    }

    fn attribute(name: &str) -> Target {
        Target::Attribute { name: name.into(), kind: FieldType::Text }
    }

    #[test]
    fn headings_are_known_by_name_look_and_synonym() {
        let vocabulary = vocabulary(&["job_title"]);
        for (heading, target) in [
            ("email", Target::Email),
            (" EMAIL ", Target::Email),
            ("E-mail", Target::Email),
            ("Email Address", Target::Email),
            ("First Name", Target::FirstName),
            ("first-name", Target::FirstName),
            ("GivenName", Target::FirstName),
            ("Surname", Target::LastName),
            ("Opt-out", Target::Unsubscribed),
            ("External ID", Target::ExternalId),
            ("Job Title", attribute("job_title")),
            ("attributes.job_title", attribute("job_title")),
            ("Create Time", Target::Ignored),
            ("person_id", Target::Ignored),
        ] {
            assert_eq!(vocabulary.find(heading), Ok(Some(target)), "{heading:?}");
        }
        for heading in ["", "Vorname", "job", "emails", "é"] {
            assert_eq!(vocabulary.find(heading), Ok(None), "{heading:?}");
        }
    }

    #[test]
    fn an_exact_name_wins_over_a_close_one_and_a_field_over_a_synonym() {
        let vocabulary = vocabulary(&["surname", "job_title", "jobtitle"]);
        assert_eq!(vocabulary.find("Surname"), Ok(Some(attribute("surname"))));
        assert_eq!(vocabulary.find("JOBTITLE"), Ok(Some(attribute("jobtitle"))));
        let problem = vocabulary.find("Job Title").unwrap_err();
        assert!(problem.contains("job_title or jobtitle"), "{problem}");
    }

    #[test]
    fn the_person_id_counts_where_people_are_known_by_it() {
        let vocabulary = Vocabulary::new(&[], PersonLookupField::Id);
        assert_eq!(vocabulary.find("Person ID"), Ok(Some(Target::PersonId)));
    }

    #[test]
    fn a_field_named_like_what_the_service_sets_is_reached_by_its_path() {
        let vocabulary = vocabulary(&["partition_id"]);
        assert_eq!(vocabulary.find("partition_id"), Ok(Some(Target::Ignored)));
        assert_eq!(vocabulary.find("attributes.partition_id"), Ok(Some(attribute("partition_id"))));
    }
}
