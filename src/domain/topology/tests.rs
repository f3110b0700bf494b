//! Tenants to draw, and what is left of them when they are narrowed or cut.

use super::*;

pub(super) fn workspace(display_name: &str, environment: Environment) -> Workspace {
    Workspace {
        id: WorkspaceId::new(),
        display_name: display_name.into(),
        environment,
        region: String::new(),
        brand: String::new(),
        all_partitions: false,
        archived: false,
        bindings_known: true,
    }
}

fn partition(display_name: &str, region: &str, people: i64) -> Partition {
    let (id, people) = (PartitionId::new(), Some(people));
    Partition { id, display_name: display_name.into(), region: region.into(), people }
}

fn bind(workspace: &Workspace, partition: &Partition, primary: bool) -> Binding {
    let (workspace, partition) = (workspace.id, partition.id);
    Binding { workspace, partition, read_only: !primary, primary }
}

/// Default, which sees all, and a workspace that it shares with.
pub(super) fn small() -> Topology {
    let mut default = workspace("Default", Environment::Production);
    default.all_partitions = true;
    let mut staging = workspace("Acme - EU - Staging", Environment::Staging);
    (staging.region, staging.brand) = ("eu".into(), "Acme".into());
    let partitions = vec![partition("Everybody", "", 2), partition("Europe", "eu", 1)];
    let bindings = vec![
        bind(&default, &partitions[0], true),
        bind(&staging, &partitions[1], true),
        bind(&staging, &partitions[0], false),
    ];
    let share = Share {
        folder: FolderId::new(),
        folder_name: "Templates".into(),
        owner: default.id,
        target: staging.id,
    };
    Topology { workspaces: vec![default, staging], partitions, bindings, shares: vec![share] }
}

/// 5,000 workspaces, each with two of 100 partitions, each sharing with the next.
pub(super) fn large() -> Topology {
    let name = |n: usize| format!("Workspace \"{n}\"");
    let workspaces: Vec<Workspace> =
        (0..5_000).map(|n| workspace(&name(n), Environment::Production)).collect();
    let partitions: Vec<Partition> =
        (0..100).map(|n| partition(&format!("Partition {n}"), "", 1)).collect();
    let bound = |(n, one): (usize, &Workspace)| {
        [0, 1].map(|nth| bind(one, &partitions[(n + nth) % 100], nth == 0))
    };
    let bindings = workspaces.iter().enumerate().flat_map(bound).collect();
    let share = |pair: &[Workspace]| Share {
        folder: FolderId::new(),
        folder_name: "Templates".into(),
        owner: pair[0].id,
        target: pair[1].id,
    };
    let shares = workspaces.windows(2).map(share).collect();
    Topology { workspaces, partitions, bindings, shares }
}

#[test]
fn x_04_a_narrowed_topology_holds_what_some_workspaces_see() {
    let mut narrow = small();
    let staging = narrow.workspaces[1].id;
    narrow.partitions.push(partition("Unseen", "", 0));
    narrow.narrow(&[staging]);
    let amount = Amount { workspaces: 1, partitions: 2, bindings: 2, shares: 0 };
    assert_eq!(narrow.amount(), amount);
}

#[test]
fn x_04_a_cut_says_what_it_leaves_out_and_leaves_no_loose_ends() {
    let mut cut = large();
    let most = Amount { workspaces: 10, partitions: 5, bindings: 8, shares: 1_000 };
    let left_out = cut.cut(most);
    assert_eq!(cut.amount(), Amount { bindings: 8, shares: 9, ..most });
    let whole = large().amount();
    assert_eq!(left_out, whole.less(cut.amount()));
    let drawn = |id| cut.workspaces.iter().any(|one| one.id == id);
    assert!(cut.shares.iter().all(|one| drawn(one.owner) && drawn(one.target)));
}
