//! What has to be copied along with an asset, and what stands in the way (C-02, C-06).

use std::collections::{BTreeSet, HashMap};

use serde_json::Value as Json;
use uuid::Uuid;

use super::{Cloning, Type};
use crate::id::AssetId;

/// The characters of an id, as it is written.
const ID: usize = 36;

/// A reference on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    /// The asset that refers.
    pub asset: AssetId,
    /// The asset that it refers to.
    pub target: AssetId,
    /// What that is.
    pub kind: Type,
    /// The workspace that the copy is for sees it.
    pub seen: bool,
}

/// What is copied, and what is missing for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// What is copied beside what was asked for, in the order of the ids.
    pub dependencies: BTreeSet<AssetId>,
    /// What the copies would refer to in vain, in the order of the ids.
    pub missing: BTreeSet<AssetId>,
}

/// Follows the references of some assets: what the other workspace does not see is copied, if that is wanted and the
/// type can be, or is missing.
pub fn select(start: &[AssetId], references: &[Met], include_dependencies: bool) -> Selection {
    let mut of: HashMap<AssetId, Vec<&Met>> = HashMap::new();
    for one in references {
        of.entry(one.asset).or_default().push(one);
    }
    let mut copied: BTreeSet<AssetId> = start.iter().copied().collect();
    let mut selection = Selection::default();
    let mut next = start.to_vec();
    while let Some(asset) = next.pop() {
        for one in of.get(&asset).into_iter().flatten().filter(|one| !one.seen) {
            // A program would come without what is local to it.
            let alone = one.kind.traits().cloning == Cloning::Alone && one.kind != Type::Program;
            let can = include_dependencies && alone;
            if copied.contains(&one.target) {
                continue;
            }
            if can {
                copied.insert(one.target);
                selection.dependencies.insert(one.target);
                next.push(one.target);
            } else {
                selection.missing.insert(one.target);
            }
        }
    }
    selection
}

/// Puts the ids of copies in place of those of what they are copies of, wherever a text names one; false if none does.
pub fn rename(content: &mut Json, copies: &HashMap<Uuid, Uuid>) -> bool {
    // Each of them is looked at, also after one that was changed.
    let all = |values: &mut dyn Iterator<Item = &mut Json>| {
        let mut any = false;
        for one in values {
            any |= rename(one, copies);
        }
        any
    };
    match content {
        Json::String(text) => {
            let renamed = renamed(text, copies);
            renamed.map(|renamed| *text = renamed).is_some()
        }
        Json::Array(items) => all(&mut items.iter_mut()),
        Json::Object(members) => all(&mut members.values_mut()),
        _ => false,
    }
}

/// A text with the ids of copies, if it names any of what they are copies of.
fn renamed(text: &str, copies: &HashMap<Uuid, Uuid>) -> Option<String> {
    let (mut to, mut kept, mut at) = (String::new(), 0, 0);
    while at + ID <= text.len() {
        let id = text.get(at..at + ID).filter(|one| one.as_bytes()[8] == b'-');
        match id.and_then(|one| copies.get(&Uuid::try_parse(one).ok()?)) {
            Some(copy) => {
                to.push_str(&text[kept..at]);
                to.push_str(&copy.to_string());
                at += ID;
                kept = at;
            }
            None => at += 1,
        }
    }
    (kept > 0).then(|| to + &text[kept..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(asset: AssetId, target: AssetId, kind: Type, seen: bool) -> Met {
        Met { asset, target, kind, seen }
    }

    /// C-02: all that is missing is named, behind what is copied along too; what is seen is neither.
    #[test]
    fn c_02_dependencies_are_copied_or_missing() {
        let [page, form, campaign, template, snippet] = [(); 5].map(|()| AssetId::new());
        let references = [
            met(page, form, Type::Form, false),
            met(page, template, Type::LandingPageTemplate, false),
            met(page, snippet, Type::Snippet, true),
            met(form, campaign, Type::SmartCampaign, false),
            met(form, page, Type::LandingPage, false),
        ];
        let alone = select(&[page], &references, false);
        assert_eq!((alone.dependencies, alone.missing), ([].into(), [form, template].into()));
        let along = select(&[page], &references, true);
        assert_eq!(
            (along.dependencies, along.missing),
            ([form].into(), [campaign, template].into())
        );
    }

    /// C-06: a program is never copied along, since it would come without what is local to it.
    #[test]
    fn c_06_a_program_is_copied_by_itself_only() {
        let [workflow, program] = [(); 2].map(|()| AssetId::new());
        let references = [met(workflow, program, Type::Program, false)];
        let along = select(&[workflow], &references, true);
        assert_eq!((along.dependencies, along.missing), ([].into(), [program].into()));
    }

    /// C-06: what is local to a program comes with it.
    #[test]
    fn c_06_what_is_copied_anyway_is_not_missing() {
        let [program, email, campaign] = [(); 3].map(|()| AssetId::new());
        let references = [
            met(campaign, email, Type::Email, false),
            met(campaign, program, Type::Program, false),
        ];
        assert_eq!(select(&[program, email, campaign], &references, false), Selection::default());
    }

    /// C-06: ids of what was copied are renamed wherever a text has them, and nothing else is touched.
    #[test]
    fn c_06_texts_name_copies() {
        let [one, two, other] = [Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7()];
        let copies = HashMap::from([(one, two)]);
        let mut content = serde_json::json!({
            "a": [format!("{one}"), 7, null],
            "b": { "c": format!("é{one}{other} and {one}.") },
        });
        assert!(rename(&mut content, &copies));
        let renamed = serde_json::json!({
            "a": [format!("{two}"), 7, null],
            "b": { "c": format!("é{two}{other} and {two}.") },
        });
        assert_eq!(content, renamed);
        assert!(!rename(&mut content, &copies));
    }
}
