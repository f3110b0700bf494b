//! What things are called in pictures.

use super::{Partition, Workspace};

/// Most characters of a name in a picture.
const NAME: usize = 60;

/// A name on one line, cut if it is long.
pub(super) fn name(name: &str) -> String {
    // What ends a line, or turns the direction of the rest of it.
    let breaks =
        |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let line = |c: char| if breaks(c) { ' ' } else { c };
    let mut chars = name.chars().map(line);
    let mut short: String = chars.by_ref().take(NAME).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// What is told of a workspace beside its name.
pub(super) fn of_workspace(workspace: &Workspace) -> String {
    let mut parts = vec![workspace.environment.title().to_lowercase()];
    parts.extend([&workspace.region, &workspace.brand].map(|part| name(part)));
    if workspace.archived {
        parts.push("archived".into());
    }
    join(parts)
}

/// What is told of a partition beside its name.
pub(super) fn of_partition(partition: &Partition) -> String {
    let people = partition.people.map(|people| match people {
        1 => "1 person".to_owned(),
        people => format!("{people} people"),
    });
    join(vec![name(&partition.region), people.unwrap_or_default()])
}

/// So many of a thing.
pub(super) fn count(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn join(mut parts: Vec<String>) -> String {
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}
