//! A topology as a tree of text, for terminals.

use std::collections::HashMap;

use super::{Amount, Topology, Workspace, label};
use crate::id::{PartitionId, WorkspaceId};

/// Most bytes of a tree, the last line apart.
const BYTES: usize = 200_000;

/// A line with those below it.
type Branch = (String, Vec<String>);

/// A tree as far as it is drawn.
#[derive(Default)]
struct Tree {
    text: String,
    drawn: Amount,
}

/// Draws a topology: workspaces with what they see and share, then partitions, each as long as there is room for it.
pub(super) fn draw(topology: &Topology) -> String {
    let mut tree = Tree::default();
    let workspaces = workspaces(topology);
    tree.drawn.workspaces = tree.branches("Workspaces", &workspaces);
    let drawn = &topology.workspaces[..tree.drawn.workspaces];
    let bound = topology.bound();
    tree.drawn.bindings = drawn.iter().map(|one| bound.of(one.id).len()).sum();
    let owners: Vec<WorkspaceId> = drawn.iter().map(|one| one.id).collect();
    tree.drawn.shares = match owners.len() == topology.workspaces.len() {
        true => topology.shares.len(),
        false => topology.shares.iter().filter(|one| owners.contains(&one.owner)).count(),
    };
    let partition = |one| {
        let line = titled(one, label::of_partition(one));
        (line, Vec::new())
    };
    let partitions: Vec<Branch> = topology.partitions.iter().map(partition).collect();
    tree.drawn.partitions = tree.branches("Partitions", &partitions);
    if let Some(text) = topology.amount().less(tree.drawn).left_out() {
        tree.text.push_str(&format!("({text})\n"));
    }
    tree.text
}

/// The workspaces, each with what it sees, and what it shares.
fn workspaces(topology: &Topology) -> Vec<Branch> {
    let names: HashMap<WorkspaceId, String> =
        topology.workspaces.iter().map(|one| (one.id, label::name(&one.display_name))).collect();
    let partitions: HashMap<PartitionId, String> =
        topology.partitions.iter().map(|one| (one.id, label::name(&one.display_name))).collect();
    let bound = topology.bound();
    let mut shares: HashMap<WorkspaceId, Vec<String>> = HashMap::new();
    for share in &topology.shares {
        let Some(target) = names.get(&share.target) else { continue };
        let line = format!("shares {:?} with {target}", label::name(&share.folder_name));
        shares.entry(share.owner).or_default().push(line);
    }
    let branch = |one: &Workspace| {
        let mut below = Vec::new();
        if one.all_partitions && one.bindings_known {
            below.push("sees all partitions".into());
        }
        for binding in bound.of(one.id) {
            let Some(name) = partitions.get(&binding.partition) else { continue };
            let how = match (binding.primary, binding.read_only) {
                (true, _) => ", primary",
                (false, true) => ", read-only",
                (false, false) => "",
            };
            below.push(format!("sees {name}{how}"));
        }
        below.extend(shares.remove(&one.id).unwrap_or_default());
        (told(&one.display_name, label::of_workspace(one)), below)
    };
    topology.workspaces.iter().map(branch).collect()
}

fn titled(partition: &super::Partition, about: String) -> String {
    told(&partition.display_name, about)
}

fn told(name: &str, about: String) -> String {
    let name = label::name(name);
    if about.is_empty() { name } else { format!("{name} ({about})") }
}

// === impl Tree ===

impl Tree {
    /// Adds a heading and the branches below it, as many as there is room for; says how many.
    fn branches(&mut self, heading: &str, branches: &[Branch]) -> usize {
        if branches.is_empty() {
            return 0;
        }
        self.text.push_str(&format!("{heading}\n"));
        for (place, (line, below)) in branches.iter().enumerate() {
            let last = place + 1 == branches.len();
            let (joint, bar) = if last { ("└── ", "    ") } else { ("├── ", "│   ") };
            let mut lines = format!("{joint}{line}\n");
            for (place, line) in below.iter().enumerate() {
                let joint = if place + 1 == below.len() { "└── " } else { "├── " };
                lines.push_str(&format!("{bar}{joint}{line}\n"));
            }
            if self.text.len() + lines.len() > BYTES {
                return place;
            }
            self.text.push_str(&lines);
        }
        branches.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::topology::tests::{large, small};

    #[test]
    fn x_04_a_tree_of_a_small_tenant() {
        let expected = "Workspaces\n\
            ├── Default (production)\n\
            │   ├── sees all partitions\n\
            │   ├── sees Everybody, primary\n\
            │   └── shares \"Templates\" with Acme - EU - Staging\n\
            └── Acme - EU - Staging (staging, eu, Acme)\n\
            \x20   ├── sees Europe, primary\n\
            \x20   └── sees Everybody, read-only\n\
            Partitions\n\
            ├── Everybody (2 people)\n\
            └── Europe (eu, 1 person)\n";
        assert_eq!(draw(&small()), expected);
    }

    #[test]
    fn x_04_names_stay_on_their_lines() {
        let mut topology = small();
        topology.workspaces[0].display_name = "a\nb\u{1b}[31m\u{2028}c".into();
        let tree = draw(&topology);
        assert_eq!(tree.lines().count(), draw(&small()).lines().count());
        assert!(!tree.contains('\u{1b}'));
    }

    #[test]
    fn x_04_a_tree_of_a_large_tenant_is_cut() {
        let tree = draw(&large());
        assert!(tree.len() < BYTES + 200);
        let last = tree.lines().last().expect("a line");
        assert!(last.starts_with("(left out: ") && last.contains("workspaces"), "{last}");
    }
}
