//! The shape of the source: who may import whom, how long a file may be, and that both databases have the
//! same migrations.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Most lines of a file.
const LINES: usize = 400;

/// What each layer may import beside itself. Leaves import leaves.
const LAYERS: &[(&str, &[&str])] = &[
    ("main", &["cli", "server", "telemetry", "LEAVES"]),
    ("cli", &["server", "grpc", "repository", "telemetry", "LEAVES"]),
    ("server", &["grpc", "service", "repository", "LEAVES"]),
    ("telemetry", &["LEAVES"]),
    ("grpc", &["service", "entity", "domain", "repository", "LEAVES"]),
    ("service", &["repository", "entity", "domain", "LEAVES"]),
    ("repository", &["entity", "domain", "LEAVES"]),
    ("entity", &["LEAVES"]),
    ("domain", &["id"]),
];

const LEAVES: &[&str] =
    &["clock", "config", "context", "domain", "error", "id", "page", "pb", "secret", "sql", "args"];

#[test]
fn imports_go_one_way() {
    let mut wrong = Vec::new();
    for file in sources("src") {
        let layer = layer(&file);
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else { continue };
        for import in imports(&read(&file)) {
            let leaf = allowed.contains(&"LEAVES") && LEAVES.contains(&import.as_str());
            if import != layer && !leaf && !allowed.contains(&import.as_str()) {
                wrong.push(format!("{}: {layer} imports {import}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn leaves_import_nothing_above() {
    let mut wrong = Vec::new();
    for leaf in ["clock", "config", "context", "error", "id", "page", "pb", "secret"] {
        for import in imports(&read(Path::new(&format!("src/{leaf}.rs")))) {
            if !LEAVES.contains(&import.as_str()) {
                wrong.push(format!("{leaf} imports {import}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_repository_and_the_entities_know_the_database() {
    let mut wrong = Vec::new();
    for file in sources("src") {
        let text = read(&file);
        let knows = text.contains("sqlx::") || text.contains("sea_orm::");
        let id = file == Path::new("src/id.rs");
        if knows && !matches!(layer(&file).as_str(), "repository" | "entity") && !id {
            wrong.push(file);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_file_is_too_long() {
    let mut long = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for file in sources(folder) {
            let lines = read(&file).lines().count();
            if lines > LINES {
                long.push(format!("{} {lines}", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "over {LINES} lines: {long:#?}");
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> BTreeSet<String> {
        let folder = fs::read_dir(format!("migrations/{database}")).expect("the folder is there");
        folder.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into()).collect()
    };
    assert_eq!(names("postgres"), names("sqlite"));
}

/// The first part of the path below `src`.
fn layer(file: &Path) -> String {
    let below = file.strip_prefix("src").unwrap_or(file);
    let first = below.components().next().expect("a file has a name");
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").into()
}

/// The modules of this crate that a file names, its tests aside.
fn imports(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let names =
            rest.strip_prefix('{').map_or(rest, |list| list.split('}').next().unwrap_or(list));
        let several = rest.starts_with('{');
        for name in names.split(',').take(if several { usize::MAX } else { 1 }) {
            let name: String =
                name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                found.insert(name);
            }
        }
    }
    found
}

fn sources(folder: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources(&path.to_string_lossy()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).expect("a source file is readable")
}
