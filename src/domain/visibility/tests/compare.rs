//! What lies between two indexes, against what each answers by itself.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn places() -> Vec<WorkspaceId> {
    (0..4).map(|n| WorkspaceId(id(n))).collect()
}

/// What a principal holds, of what counts there.
fn held(index: &Index, principal: &str, place: Option<WorkspaceId>) -> Permissions {
    match place {
        None => index.held(principal, At::Tenant),
        Some(id) => index.held(principal, At::Workspace(id)) & Permissions::of_workspaces(),
    }
}

fn standing(model: &Model, workspace: WorkspaceId, partition: PartitionId) -> Option<Standing> {
    model.reach(workspace, partition).map(|writes| match writes {
        true => Standing::ReadWrite,
        false => Standing::ReadOnly,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// who gains and loses which rights, and which workspace sees which partition otherwise, is what the two
    /// indexes answer one by one.
    #[test]
    fn x_02_what_changes_is_what_is_answered_otherwise(
        facts in proptest::collection::vec(fact(), 0..60),
        more in proptest::collection::vec(fact(), 1..6),
    ) {
        let before = Index::default().with(facts.clone());
        let after = before.with(more.clone());
        let (mut old, mut new) = (Model::default(), Model::default());
        facts.iter().for_each(|fact| old.take(fact));
        facts.iter().chain(&more).for_each(|fact| new.take(fact));
        let changes = before.until(&after);
        let rights: BTreeMap<_, _> = changes
            .rights
            .iter()
            .map(|one| ((one.principal.to_string(), one.workspace), (one.gained, one.lost)))
            .collect();
        prop_assert_eq!(rights.len(), changes.rights.len(), "each once");
        for principal in principals().into_iter().filter(|one| !one.starts_with("group:")) {
            let here = |all: Permissions| all & Permissions::of_workspaces();
            let wide = rights.get(&(principal.clone(), None)).map(|one| (here(one.0), here(one.1)));
            for place in places().into_iter().map(Some).chain([None]) {
                let (was, is) = (held(&before, &principal, place), held(&after, &principal, place));
                let told = rights.get(&(principal.clone(), place)).copied();
                let expected = (was != is).then(|| (is.without(was), was.without(is)));
                let as_everywhere = place.is_some() && told.is_none() && expected == wide;
                prop_assert!(told == expected || as_everywhere, "{} {:?}", principal, place);
            }
        }
        // How many they are, wherever it is told.
        for place in after.living_workspaces() {
            let apart = changes.apart.get(&place).copied().unwrap_or_default();
            let here = changes.rights.iter().filter(|one| one.workspace == Some(place));
            let mut told = changes.wide - apart;
            here.for_each(|one| {
                told.gain += i64::from(!one.gained.is_empty());
                told.lose += i64::from(!one.lost.is_empty());
            });
            let mut expected = Turnout::default();
            for principal in principals().into_iter().filter(|one| !one.starts_with("group:")) {
                let ends = [&before, &after].map(|index| held(index, &principal, Some(place)));
                expected.gain += i64::from(!ends[1].without(ends[0]).is_empty());
                expected.lose += i64::from(!ends[0].without(ends[1]).is_empty());
            }
            prop_assert_eq!(told, expected);
        }
        for workspace in places() {
            for partition in (0..4).map(|n| PartitionId(id(n))) {
                let told = changes
                    .sights
                    .iter()
                    .find(|one| (one.workspace, one.partition) == (workspace, partition))
                    .map(|one| (one.before, one.after));
                let ends = (standing(&old, workspace, partition), standing(&new, workspace, partition));
                prop_assert_eq!(told, (ends.0 != ends.1).then_some(ends));
            }
            let lives = |model: &Model| model.workspaces.get(&workspace).map(|one| one.archived);
            let told = changes.states.iter().any(|one| one.0 == workspace);
            prop_assert_eq!(told, lives(&old) != lives(&new));
        }
    }
}
