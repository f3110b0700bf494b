//! The pattern that names of workspaces should follow: "Brand - Region - Environment".

use std::collections::BTreeSet;

use crate::domain::text;
use crate::domain::topology::Workspace;

/// The words that stand for what is known of a workspace; in braces too.
const WORDS: [&str; 3] = ["Brand", "Region", "Environment"];

/// A part of a pattern, for one workspace.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// Just this.
    Text(String),
    /// Something: the workspace does not say what.
    Anything(&'static str),
}

/// Whether the name of a workspace follows a pattern, compared as names are.
pub(super) fn follows(pattern: &str, workspace: &Workspace) -> bool {
    matches(&parts(pattern, workspace), &text::fold(workspace.display_name.trim()))
}

/// The name that a workspace should have; what it does not say stands in braces.
pub(super) fn expected(pattern: &str, workspace: &Workspace) -> String {
    let part = |part: Part| match part {
        Part::Text(text) => text,
        Part::Anything(word) => format!("{{{word}}}"),
    };
    parts(pattern, workspace).into_iter().map(part).collect()
}

fn parts(pattern: &str, workspace: &Workspace) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut rest = pattern.trim();
    let mut within = false;
    while let Some(next) = rest.chars().next() {
        let word = WORDS.into_iter().find_map(|word| Some((word, after(rest, word, within)?)));
        match word {
            Some((word, after)) => {
                parts.push(part(word, workspace));
                within = false;
                rest = after;
            }
            None => {
                within = next.is_alphanumeric();
                match parts.last_mut() {
                    Some(Part::Text(text)) => text.push(next),
                    _ => parts.push(Part::Text(next.into())),
                }
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    parts
}

/// What comes after a word that a pattern goes on with: in braces, or not within another word.
fn after<'a>(rest: &'a str, word: &str, within: bool) -> Option<&'a str> {
    let braced = rest.strip_prefix('{').and_then(|rest| rest.strip_prefix(word)?.strip_prefix('}'));
    let bare = || {
        let after = rest.strip_prefix(word)?;
        (!within && !after.starts_with(char::is_alphanumeric)).then_some(after)
    };
    braced.or_else(bare)
}

fn part(word: &'static str, workspace: &Workspace) -> Part {
    let said = match word {
        "Brand" => workspace.brand.as_str(),
        "Region" => workspace.region.as_str(),
        _ => workspace.environment.title(),
    };
    if said.is_empty() { Part::Anything(word) } else { Part::Text(said.into()) }
}

/// Whether a folded name is made of parts; each that may be anything is at least one character. One pass over the parts,
/// with all places that the part before may end at.
fn matches(parts: &[Part], name: &str) -> bool {
    let mut ends = BTreeSet::from([0]);
    for part in parts {
        ends = match part {
            Part::Text(text) => {
                let text = text::fold(text);
                let here = ends.into_iter().filter(|at| name[*at..].starts_with(&text));
                here.map(|at| at + text.len()).collect()
            }
            Part::Anything(_) => {
                let first = ends.first().copied().unwrap_or(name.len());
                let behind =
                    name[first..].char_indices().map(|(at, one)| first + at + one.len_utf8());
                behind.collect()
            }
        };
    }
    ends.contains(&name.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::environment::Environment;
    use crate::id::WorkspaceId;

    fn workspace(display_name: &str, brand: &str, region: &str) -> Workspace {
        Workspace {
            id: WorkspaceId::new(),
            display_name: display_name.into(),
            environment: Environment::Staging,
            region: region.into(),
            brand: brand.into(),
            all_partitions: false,
            archived: false,
            bindings_known: true,
        }
    }

    #[test]
    fn x_04_names_follow_what_the_workspace_says_of_itself() {
        for pattern in ["Brand - Region - Environment", "{Brand} - {Region} - {Environment}"] {
            for (name, brand, region, follows) in [
                ("Acme - EU - Staging", "Acme", "EU", true),
                ("ACME - eu - staging ", "Acme", "EU", true),
                ("Acme - US - Staging", "Acme", "EU", false),
                ("Acme - EU - Production", "Acme", "EU", false),
                ("Acme - EU", "Acme", "EU", false),
                ("Acme - EU - Staging 2", "Acme", "EU", false),
                ("Whatever - EU - Staging", "", "EU", true),
                (" - EU - Staging", "", "EU", false),
                ("A - B - C - Staging", "", "", true),
                ("A - Staging", "", "", false),
            ] {
                let found = workspace(name, brand, region);
                assert_eq!(super::follows(pattern, &found), follows, "{pattern}: {name}");
            }
            let expected = super::expected(pattern, &workspace("X", "Acme", ""));
            assert_eq!(expected, "Acme - {Region} - Staging");
        }
    }

    #[test]
    fn x_04_many_words_that_may_be_anything_take_no_time() {
        let pattern = "{Brand}".repeat(30) + "!";
        let found = workspace(&"x".repeat(255), "", "EU");
        assert!(!super::follows(&pattern, &found));
        assert!(super::follows(&"{Brand}".repeat(30), &found));
        assert!(!super::follows(&"{Brand}".repeat(30), &workspace("\u{e9}", "", "EU")));
    }

    #[test]
    fn x_04_words_within_words_are_text() {
        let follows = |pattern, name| super::follows(pattern, &workspace(name, "Acme", "EU"));
        assert!(follows("Brands / Region", "brands / eu"));
        assert!(!follows("Brands / Region", "Acmes / eu"));
        assert!(follows("ws_{Brand}{Region}", "ws_AcmeEU"));
        assert!(follows("{brand} {", "{brand} {"));
    }
}
