//! Drafts, versions, and what assets use.

use std::collections::{BTreeSet, HashMap, HashSet};

use precinct::domain::asset::{Kind, allowed};
use precinct::entity::Asset;
use precinct::id::AssetId;
use serde_json::Value as Json;

use super::Check;

/// What an asset refers to.
type Uses = BTreeSet<(String, AssetId)>;

// === impl Check ===

impl Check<'_> {
    /// F-04: there is content beside the versions where there is a draft or nothing is approved at all; versions are
    /// numbered from 1, and what is live is one of them.
    pub fn contents(&self) -> Vec<String> {
        let written: HashSet<AssetId> = self.rows.contents.iter().map(|one| one.asset_id).collect();
        let mut versions: HashMap<AssetId, Vec<i64>> = HashMap::new();
        for one in &self.rows.versions {
            versions.entry(one.asset_id).or_default().push(one.number);
        }
        let fits = |one: &&Asset| {
            let numbers = versions.get(&one.id).map(Vec::as_slice).unwrap_or_default();
            let state = match one.kind.traits().approvable {
                true => one.has_draft || one.approved_version.is_some(),
                false => !one.has_draft && one.versions == 0,
            };
            let content = one.has_draft || !one.kind.traits().approvable;
            state
                && content == written.contains(&one.id)
                && numbers.iter().copied().eq(1..=one.versions)
                && one.approved_version.is_none_or(|number| numbers.contains(&number))
        };
        let astray = self.rows.assets.iter().filter(|one| !fits(one));
        astray
            .map(|one| {
                let (draft, live) = (one.has_draft, one.approved_version);
                format!(
                    "F-04: {} {}: draft {draft}, live {live:?} of {}",
                    one.kind, one.id, one.versions
                )
            })
            .collect()
    }

    /// F-04, F-05: references are of kinds that their ends allow, run in no circle, and are those of the draft and of
    /// what is live; what a lost one refers to is gone (L-07).
    pub fn references(&self) -> Vec<String> {
        let mut flaws = Vec::new();
        for one in &self.rows.references {
            let ends = self.assets.get(&one.asset_id).zip(self.assets.get(&one.target_id));
            let kind = Kind::named(&one.kind);
            let fits = ends
                .zip(kind)
                .is_some_and(|((from, to), kind)| allowed(kind, from.kind, to.kind).is_ok());
            let lost = one.lost && !self.assets.contains_key(&one.target_id);
            if !fits && !lost {
                flaws.push(format!(
                    "F-05: {} refers to {} as {}",
                    one.asset_id, one.target_id, one.kind
                ));
            }
        }
        flaws.extend(self.circle());
        flaws.extend(self.rows.assets.iter().filter_map(|one| self.strange_uses(one)));
        flaws
    }

    /// What refers to nothing that refers is taken away, again and again: what is left runs in a circle.
    fn circle(&self) -> Option<String> {
        let pairs = self.rows.references.iter().map(|one| (one.asset_id, one.target_id));
        let mut pairs: Vec<(AssetId, AssetId)> = pairs.collect();
        while !pairs.is_empty() {
            let sources: HashSet<AssetId> = pairs.iter().map(|(source, _)| *source).collect();
            let before = pairs.len();
            pairs.retain(|(_, target)| sources.contains(target));
            if pairs.len() == before {
                return Some(format!("F-05: references in a circle: {pairs:?}"));
            }
        }
        None
    }

    /// A draft's references without a draft, or live ones that are not those of the live version.
    fn strange_uses(&self, one: &Asset) -> Option<String> {
        let of = |live: bool| -> Uses {
            let rows = self.rows.references.iter();
            let rows = rows.filter(|row| row.asset_id == one.id && row.live == live);
            rows.map(|row| (row.kind.clone(), row.target_id)).collect()
        };
        if !one.has_draft && !of(false).is_empty() {
            return Some(format!("F-05: no draft of {} refers to {:?}", one.id, of(false)));
        }
        if !one.kind.traits().approvable {
            return None;
        }
        let live = self
            .rows
            .versions
            .iter()
            .find(|row| row.asset_id == one.id && Some(row.number) == one.approved_version);
        let wanted = live.map(|row| uses(&row.refers_to)).unwrap_or_default();
        let found = of(true);
        (wanted != found)
            .then(|| format!("F-05: live in {} are {found:?}, approved {wanted:?}", one.id))
    }
}

/// The references of a version, as they are stored with it.
fn uses(stored: &Json) -> Uses {
    let items = stored.as_array().into_iter().flatten();
    let text = |item: &Json, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let one = |item: &Json| (text(item, "kind"), text(item, "target").parse().unwrap_or_default());
    items.map(one).collect()
}
