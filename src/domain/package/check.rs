//! What a package may hold, whoever wrote it.

use std::collections::{HashMap, HashSet};

use super::adapt::filters;
use super::extent::{Extent, NESTING_MAX};
use super::{Flaw, Folder, Item, Needs, Package, Problem};
use crate::domain::asset::{Area, Type, allowed, variants};
use crate::domain::filter::{Filter, Set};
use crate::domain::{built_in, region, text};
use crate::id::{AssetId, FolderId};

/// How much of something an asset may have.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Characters of a name.
    pub name: usize,
    /// Characters of a description.
    pub description: usize,
    /// Bytes of content.
    pub content: usize,
    /// References.
    pub references: usize,
}

/// Refuses a package that no workspace could have: its checksums say only that it is as it was written.
pub fn check(package: &Package, limits: &Limits) -> Result<(), Flaw> {
    let wrong = |id: String, text: String| Flaw::new(Problem::Content, format!("{id}: {text}"));
    needed(&package.needs, limits).map_err(|text| wrong("needs".into(), text))?;
    let mut areas: HashMap<FolderId, Area> = HashMap::new();
    for one in &package.folders {
        folder(one, &areas, limits).map_err(|text| wrong(one.id.to_string(), text))?;
        areas.insert(one.id, one.area);
    }
    let inside = package.assets.iter().map(|one| (one.id, one.kind));
    let outside = package.needs.outside.iter().map(|one| (one.id, one.kind));
    let types: HashMap<AssetId, Type> = outside.chain(inside).collect();
    let fields: HashSet<&str> = package.needs.fields.iter().map(|one| one.name.as_str()).collect();
    for one in &package.assets {
        let checked = texts(&one.display_name, &one.description, limits)
            .and_then(|()| content(one, limits))
            .and_then(|()| place(one, &areas, &types))
            .and_then(|()| references(one, &types, limits))
            .and_then(|()| needs(one, package, &fields));
        checked.map_err(|text| wrong(one.id.to_string(), text))?;
    }
    Ok(())
}

/// What is needed has names that could be: refusals repeat them.
fn needed(needs: &Needs, limits: &Limits) -> Result<(), String> {
    region::parse(&needs.region).map_err(|text| format!("its region {text}"))?;
    for one in &needs.fields {
        same("field", &one.name, text::name(&one.name, limits.name))?;
        same("type of a field", &one.kind, text::name(&one.kind, limits.name))?;
    }
    for one in &needs.outside {
        same("display_name", &one.display_name, text::line(&one.display_name, limits.name))?;
    }
    Ok(())
}

fn folder(one: &Folder, areas: &HashMap<FolderId, Area>, limits: &Limits) -> Result<(), String> {
    texts(&one.display_name, &one.description, limits)?;
    match one.parent_id {
        Some(parent) if areas.get(&parent) != Some(&one.area) => {
            Err("its parent_id must be a folder of its area that comes before it".into())
        }
        _ => Ok(()),
    }
}

fn texts(name: &str, description: &str, limits: &Limits) -> Result<(), String> {
    same("display_name", name, text::name(name, limits.name))?;
    same("description", description, text::paragraph(description, limits.description))
}

/// A text is as it would be stored.
fn same(field: &str, given: &str, parsed: Result<String, String>) -> Result<(), String> {
    match parsed {
        Ok(parsed) if parsed == given => Ok(()),
        Ok(_) => Err(format!("its {field} must be trimmed and in NFC")),
        Err(text) => Err(format!("its {field} {text}")),
    }
}

fn content(item: &Item, limits: &Limits) -> Result<(), String> {
    if !item.content.is_object() {
        return Err("its content must be an object".into());
    }
    let text = item.content.to_string();
    if text.len() > limits.content {
        return Err(format!("its content must have at most {} bytes as JSON", limits.content));
    }
    let extent = Extent::of(&item.content);
    // PostgreSQL cannot store it.
    if extent.nul {
        return Err("its content must not contain U+0000".into());
    }
    if extent.nesting > NESTING_MAX {
        return Err("its content must nest no deeper than 33 objects, or 48 arrays".into());
    }
    match variants::flaws(&item.content).first() {
        Some((field, text)) => Err(format!("its content.{field} {text}")),
        None => Ok(()),
    }
}

fn place(
    item: &Item,
    areas: &HashMap<FolderId, Area>,
    types: &HashMap<AssetId, Type>,
) -> Result<(), String> {
    let traits = item.kind.traits();
    let area = match item.program_id {
        Some(program) if !traits.local || types.get(&program) != Some(&Type::Program) => {
            return Err("its program_id must be a program, and it of a type that is local".into());
        }
        Some(_) => Area::MarketingActivities,
        None => traits.area,
    };
    match areas.get(&item.folder_id) {
        Some(found) if *found == area => Ok(()),
        _ => Err(format!("its folder_id must be a folder of the area {area}")),
    }
}

fn references(item: &Item, types: &HashMap<AssetId, Type>, limits: &Limits) -> Result<(), String> {
    if item.references.len() > limits.references {
        return Err(format!("it must have at most {} references", limits.references));
    }
    let (mut seen, mut single) = (HashSet::new(), HashSet::new());
    for one in &item.references {
        let Some(target) = types.get(&one.target) else {
            return Err(format!("it refers to {}, of which the package says nothing", one.target));
        };
        allowed(one.kind, item.kind, *target)?;
        if !seen.insert(one) || (one.kind.line().one && !single.insert(one.kind)) {
            return Err(format!("it refers to {} once too often", one.target));
        }
    }
    Ok(())
}

/// What its filters name is among what the package needs, and what it refers to.
fn needs(item: &Item, package: &Package, fields: &HashSet<&str>) -> Result<(), String> {
    let named = filters(item.kind, &item.content)?;
    let unknown = named
        .iter()
        .flat_map(Filter::fields)
        .find(|name| built_in::named(name).is_none() && !fields.contains(name));
    if let Some(name) = unknown {
        return Err(format!("its filter names the field {name}, which is not among the needs"));
    }
    for set in named.iter().flat_map(Filter::sets) {
        let known = match (set, set.asset()) {
            (Set::Partition(id), _) => package.needs.partitions.contains(&id),
            (_, Some(id)) => item.references.iter().any(|one| one.target == id),
            (_, None) => true,
        };
        if !known {
            return Err(format!("its filter names {set}, which is not among the needs"));
        }
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::super::{Field, Needs, Outside};
    use super::*;
    use crate::domain::asset::{Kind, Reference};

    const LIMITS: Limits = Limits { name: 255, description: 2_000, content: 1_000, references: 5 };

    pub(in super::super) fn item(kind: Type, name: &str) -> Item {
        Item {
            id: AssetId::new(),
            kind,
            display_name: name.into(),
            description: String::new(),
            folder_id: FolderId::new(),
            program_id: None,
            content: json!({}),
            references: Vec::new(),
        }
    }

    /// A package of one of each kind of part.
    pub(in super::super) fn sample() -> Package {
        let folder = |area, parent_id, name: &str| Folder {
            id: FolderId::new(),
            area,
            parent_id,
            display_name: name.into(),
            description: String::new(),
        };
        let studio = folder(Area::DesignStudio, None, "Design studio");
        let spring = folder(Area::DesignStudio, Some(studio.id), "Spring");
        let database = folder(Area::Database, None, "Database");
        let marketing = folder(Area::MarketingActivities, None, "Marketing activities");
        let template =
            Outside { id: AssetId::new(), kind: Type::EmailTemplate, display_name: "Plain".into() };
        let program = Item { folder_id: marketing.id, ..item(Type::Program, "Fair") };
        let list = Item {
            folder_id: database.id,
            content: json!({ "filter": "shoe_size > 40" }),
            ..item(Type::SmartList, "Big feet")
        };
        let email = Item {
            folder_id: spring.id,
            references: vec![Reference { kind: Kind::Template, target: template.id }],
            ..item(Type::Email, "Hello")
        };
        let campaign = Item {
            folder_id: marketing.id,
            program_id: Some(program.id),
            content: json!({ "filter": format!("in_smart_list(\"{}\")", list.id) }),
            references: vec![Reference { kind: Kind::List, target: list.id }],
            ..item(Type::SmartCampaign, "Invite")
        };
        Package {
            needs: Needs {
                region: "eu".into(),
                fields: vec![Field { name: "shoe_size".into(), kind: "INTEGER".into() }],
                partitions: Vec::new(),
                outside: vec![template],
            },
            folders: vec![studio, spring, database, marketing],
            assets: vec![program, list, email, campaign],
        }
    }

    /// K-03: a package whose checksums hold is still not believed.
    #[test]
    fn k_03_what_cannot_be_is_refused() {
        assert_eq!(check(&sample(), &LIMITS), Ok(()));
        type Spoil = fn(&mut Package);
        let spoilt: [Spoil; 17] = [
            |one| one.assets[0].display_name = " Fair".into(),
            |one| one.assets[0].display_name = "x".repeat(256),
            |one| one.assets[0].content = json!([]),
            |one| one.assets[0].content = json!({ "a": "x".repeat(1_000) }),
            |one| one.assets[0].content = json!({ "a": ["\0"] }),
            |one| one.assets[2].program_id = Some(one.assets[1].id),
            |one| one.assets[2].folder_id = one.folders[2].id,
            |one| one.assets[2].references[0].target = AssetId::new(),
            |one| one.assets[2].references[0].kind = Kind::Snippet,
            |one| one.needs.fields.clear(),
            |one| one.assets[3].references.clear(),
            |one| one.folders.swap(0, 1),
            |one| one.assets[0].content = (0..34).fold(json!(1), |all, _| json!({ "a": all })),
            |one| one.needs.region = "x".repeat(33),
            |one| one.needs.fields[0].name = "x".repeat(256),
            |one| one.needs.fields[0].kind = "x".repeat(256),
            |one| one.needs.outside[0].display_name = "x".repeat(256),
        ];
        for (at, spoil) in spoilt.iter().enumerate() {
            let mut package = sample();
            spoil(&mut package);
            let flaw = check(&package, &LIMITS).expect_err(&format!("{at} is refused"));
            assert_eq!(flaw.problem, Problem::Content, "{at}");
        }
    }
}
