//! Findings against the plain meaning of the rules, over small random tenants.

use proptest::prelude::*;

use super::*;
use crate::domain::environment::Environment;
use crate::domain::topology::{Binding, Partition, Workspace};

const WORKSPACES: usize = 4;
const PARTITIONS: usize = 3;

/// A tenant, and what its workspaces refer to.
#[derive(Clone, Debug)]
struct World {
    topology: Topology,
    segmentations: Vec<Shared>,
    references: Vec<References>,
    whole: bool,
}

fn workspace(
    (environment, all, archived, known, named): (usize, bool, bool, bool, bool),
) -> Workspace {
    Workspace {
        id: WorkspaceId::new(),
        display_name: if named { "Acme" } else { "Other" }.into(),
        environment: Environment::ALL[environment],
        region: String::new(),
        brand: "Acme".into(),
        all_partitions: all,
        archived,
        bindings_known: known,
    }
}

/// Who is whole knows all bindings; who does not know the bindings of a workspace has none of them.
fn world() -> impl Strategy<Value = World> {
    let one = (
        0..3usize,
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.2),
        any::<bool>(),
        any::<bool>(),
    );
    let workspaces = prop::collection::vec(one, WORKSPACES);
    let bound = prop::collection::vec(any::<bool>(), WORKSPACES * PARTITIONS);
    let shared = prop::collection::vec((0..WORKSPACES, 0..WORKSPACES), 0..4);
    let references = prop::collection::vec((0..3u64, 0..3u64), WORKSPACES);
    (workspaces, bound, shared, references, any::<bool>()).prop_map(
        |(workspaces, bound, shared, references, whole)| {
            let workspaces: Vec<Workspace> = workspaces
                .into_iter()
                .map(workspace)
                .map(|one| Workspace { bindings_known: whole || one.bindings_known, ..one })
                .collect();
            let partition = |n| Partition {
                id: PartitionId::new(),
                display_name: format!("P{n}"),
                region: String::new(),
                people: None,
            };
            let partitions: Vec<Partition> = (0..PARTITIONS).map(partition).collect();
            let pairs = workspaces.iter().flat_map(|w| partitions.iter().map(move |p| (w, p)));
            let bindings = pairs.zip(bound).filter(|((w, _), bound)| *bound && w.bindings_known);
            let binding = |((w, p), _): ((&Workspace, &Partition), bool)| Binding {
                workspace: w.id,
                partition: p.id,
                read_only: false,
                primary: false,
            };
            let bindings = bindings.map(binding).collect();
            let share = |(owner, target): (usize, usize)| Shared {
                segmentation: AssetId::new(),
                display_name: "S".into(),
                folder: FolderId::new(),
                owner: workspaces[owner].id,
                target: workspaces[target].id,
            };
            let segmentations = shared.into_iter().filter(|(a, b)| a != b).map(share).collect();
            let references = workspaces
                .iter()
                .zip(references)
                .map(|(one, (own, shared_in))| References { workspace: one.id, own, shared_in })
                .collect();
            let topology = Topology { workspaces, partitions, bindings, shares: Vec::new() };
            World { topology, segmentations, references, whole }
        },
    )
}

// === impl World ===

impl World {
    fn lint(&self, pattern: &str, sole_admins: &[(WorkspaceId, String)]) -> Vec<Finding> {
        lint(&Facts {
            topology: &self.topology,
            whole: self.whole,
            pattern,
            sole_admins,
            segmentations: &self.segmentations,
            references: &self.references,
        })
    }

    fn workspace(&self, id: WorkspaceId) -> &Workspace {
        self.topology.workspaces.iter().find(|one| one.id == id).expect("it is there")
    }

    fn binds(&self, workspace: WorkspaceId, partition: PartitionId) -> bool {
        let bindings = &self.topology.bindings;
        bindings.iter().any(|one| one.workspace == workspace && one.partition == partition)
    }

    fn sees(&self, workspace: WorkspaceId, partition: PartitionId) -> bool {
        self.workspace(workspace).all_partitions || self.binds(workspace, partition)
    }

    fn partitions(&self) -> Vec<PartitionId> {
        self.topology.partitions.iter().map(|one| one.id).collect()
    }

    fn active(&self) -> Vec<&Workspace> {
        self.topology.workspaces.iter().filter(|one| !one.archived).collect()
    }

    /// How many findings of each kind there have to be.
    fn expected(&self, kind: Kind) -> usize {
        let count = |found: &dyn Fn(PartitionId) -> bool| {
            self.partitions().into_iter().filter(|id| found(*id)).count()
        };
        match kind {
            Kind::NoWorkspaceSeesEverything => {
                let all =
                    |one: &&Workspace| self.partitions().iter().all(|p| self.sees(one.id, *p));
                usize::from(self.whole && !self.active().iter().any(all))
            }
            Kind::PartitionUnseen => {
                let seen = |p| self.topology.workspaces.iter().any(|one| self.sees(one.id, p));
                count(&|p| self.whole && !seen(p))
            }
            Kind::EnvironmentsSharePartition => count(&|p| {
                let binds = |environment| {
                    let mut active = self.active().into_iter();
                    active.any(|one| one.environment == environment && self.binds(one.id, p))
                };
                binds(Environment::Staging) && binds(Environment::Production)
            }),
            Kind::SegmentationWithoutOverlap => {
                let counts = |id| {
                    let one = self.workspace(id);
                    one.bindings_known && !one.archived
                };
                let apart = |one: &&Shared| {
                    let both =
                        |p: &PartitionId| self.sees(one.owner, *p) && self.sees(one.target, *p);
                    counts(one.owner) && counts(one.target) && !self.partitions().iter().any(both)
                };
                self.segmentations.iter().filter(apart).count()
            }
            Kind::NameOffPattern => {
                self.active().iter().filter(|one| one.display_name != "Acme").count()
            }
            Kind::MostlySharedIn => {
                let active = self.active();
                let most = self.references.iter().filter(|one| one.shared_in > one.own);
                most.filter(|one| active.iter().any(|w| w.id == one.workspace)).count()
            }
            Kind::SingleAdmin => 0,
        }
    }
}

proptest! {
    /// what is found is so, what is so is found, and the worst comes first.
    #[test]
    fn x_04_findings_are_what_is_so(world in world()) {
        let found = world.lint("Brand", &[]);
        for kind in [
            Kind::NoWorkspaceSeesEverything,
            Kind::PartitionUnseen,
            Kind::EnvironmentsSharePartition,
            Kind::SegmentationWithoutOverlap,
            Kind::NameOffPattern,
            Kind::MostlySharedIn,
        ] {
            let count = found.iter().filter(|one| one.kind == kind).count();
            prop_assert_eq!(count, world.expected(kind), "{:?}", kind);
        }
        prop_assert!(found.is_sorted_by_key(|one| one.kind.severity()));
        for one in found.iter().filter(|one| one.kind == Kind::EnvironmentsSharePartition) {
            prop_assert!(one.workspaces.iter().all(|id| world.binds(*id, one.partitions[0])));
        }
    }
}

/// a single admin is told of, in workspaces that are shown and not archived.
#[test]
fn x_04_a_single_admin_is_named() {
    let seen = (0, true, false, true, true);
    let archived = (0, true, true, true, true);
    let topology =
        Topology { workspaces: vec![workspace(seen), workspace(archived)], ..Topology::default() };
    let world = World { topology, segmentations: vec![], references: vec![], whole: false };
    let ids = world.topology.workspaces.iter().map(|one| one.id).chain([WorkspaceId::new()]);
    let admins: Vec<_> = ids.map(|id| (id, "user:ada".to_owned())).collect();
    let found = world.lint("", &admins);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].workspaces, [world.topology.workspaces[0].id]);
    assert_eq!(found[0].principal.as_deref(), Some("user:ada"));
    assert_eq!(found[0].kind, Kind::SingleAdmin);
}

/// a tenant at its limits is looked over at once, and no finding names more than it may.
#[test]
fn x_04_findings_of_a_large_tenant_are_bounded() {
    let workspaces: Vec<Workspace> =
        (0..1_000).map(|n| workspace((n % 2, false, false, true, true))).collect();
    let partition = |n| Partition {
        id: PartitionId::new(),
        display_name: format!("P{n}"),
        region: String::new(),
        people: None,
    };
    let partitions: Vec<Partition> = (0..100).map(partition).collect();
    let pairs = workspaces.iter().flat_map(|w| partitions.iter().map(move |p| (w, p)));
    let binding = |(w, p): (&Workspace, &Partition)| Binding {
        workspace: w.id,
        partition: p.id,
        read_only: false,
        primary: false,
    };
    let bindings = pairs.map(binding).collect();
    let topology = Topology { workspaces, partitions, bindings, shares: Vec::new() };
    let world = World { topology, segmentations: vec![], references: vec![], whole: true };
    let found = world.lint("", &[]);
    assert_eq!(found.len(), 100);
    assert!(found.iter().all(|one| one.workspaces.len() == NAMED));
}
