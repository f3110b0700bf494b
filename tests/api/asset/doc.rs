//! `docs/assets.md`: the tables of types and of references, from which the code decides: `UPDATE_DOCS=1 tests/run
//! asset::doc` writes it.

use std::{env, fs};

use precinct::domain::asset::{Cloning, KINDS, Line, Members, TYPES, Traits, Type};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/assets.md");

/// F-01, F-05: the document says what the tables say.
#[test]
fn f_01_the_document_is_what_the_tables_say() {
    let document = render();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(FILE, &document).expect("the document");
    }
    let stored = fs::read_to_string(FILE).unwrap_or_default();
    assert!(stored == document, "docs/assets.md is stale: UPDATE_DOCS=1 tests/run asset::doc");
}

fn render() -> String {
    let types: String = TYPES.iter().map(type_line).collect();
    let kinds: String = KINDS.iter().map(kind_line).collect();
    format!(
        "# Assets\n\n\
         Made by a test from the tables in the code; not written by hand.\n\n\
         ## Types\n\n\
         An asset is in a folder of its area, or, if it may be local, in a program, in marketing activities. A folder\n\
         that holds only what is shared can be shared. What is approved has a draft, and versions that never change;\n\
         the rest is live as it is.\n\n\
         | type | name | area | shared | cloned | approved | template | local | members |\n\
         |---|---|---|---|---|---|---|---|---|\n{types}\n\
         ## References\n\n\
         What an asset uses must be in its workspace or shared to it, and no way leads back to the asset. \"One\": an asset\n\
         has at most one.\n\n\
         | kind | the asset … the target | from | to | |\n|---|---|---|---|---|\n{kinds}\n\
         An email is made from an email template, a landing page from a landing page template.\n"
    )
}

fn type_line(one: &Traits) -> String {
    let yes = |is: bool| if is { "yes" } else { "" };
    let cloned = match one.cloning {
        Cloning::No => "",
        Cloning::Alone => "yes",
        Cloning::WithProgram => "with its program",
    };
    let members = match one.members {
        Members::None => "",
        Members::People => "people",
        Members::Computed => "computed",
    };
    format!(
        "| {} | {} | {} | {} | {cloned} | {} | {} | {} | {members} |\n",
        one.title,
        one.name,
        one.area.title().to_lowercase(),
        yes(one.shareable),
        yes(one.approvable),
        yes(one.template),
        yes(one.local),
    )
}

fn kind_line(one: &Line) -> String {
    let names =
        |types: &[Type]| types.iter().map(|one| one.traits().title).collect::<Vec<_>>().join(", ");
    let most = if one.one { "one" } else { "" };
    format!("| {} | {} | {} | {} | {most} |\n", one.name, one.title, names(one.from), names(one.to))
}
