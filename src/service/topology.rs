//! The topology of a tenant, as its caller sees it: data, a picture, and what is likely to be wrong.

use std::collections::{BTreeMap, HashMap};

use super::access::{At, Permission, Sight};
use crate::config::{TOPOLOGY_FINDINGS_MAX, TOPOLOGY_MAX};
use crate::context::Context;
use crate::domain::lint::{self, Facts, Finding, References, Shared};
use crate::domain::topology::{Amount, Picture, Share, Topology};
use crate::domain::visibility::Seen;
use crate::entity::tenant::Settings;
use crate::error::{Error, Noun, Result};
use crate::id::{FolderId, PartitionId, WorkspaceId};
use crate::repository::{Answer, Scope, Store, person, topology};

/// The use cases of topologies.
#[derive(Clone)]
pub struct Topologies {
    store: Store,
}

/// What a caller asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Only these workspaces; none: all that are seen.
    pub workspaces: Vec<WorkspaceId>,
    /// How to draw it.
    pub picture: Option<Picture>,
    /// With findings.
    pub findings: bool,
    /// With how many people partitions hold.
    pub counts: bool,
}

/// A topology, described.
#[derive(Clone, Debug)]
pub struct Described {
    /// What there is.
    pub topology: Topology,
    /// The same as a picture; empty if none was asked for.
    pub diagram: String,
    /// What is likely to be wrong.
    pub findings: Vec<Finding>,
    /// What is left out of the topology.
    pub rest: Amount,
    /// How many findings are left out.
    pub more_findings: usize,
}

/// Somebody who looks at a topology.
struct Looker<'a> {
    scope: &'a Scope,
    sight: Sight,
}

// === impl Topologies ===

impl Topologies {
    /// The use cases over a store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Describes the topology that the caller sees.
    pub async fn describe(&self, ctx: &Context, asked: &Asked) -> Result<Answer<Described>> {
        let scope = self.store.read(ctx).await?;
        let looker = Looker { scope: &scope, sight: Sight::of(&scope, ctx).await? };
        let described = looker.describe(asked).await?;
        Ok(scope.answer(described))
    }
}

// === impl Looker ===

impl Looker<'_> {
    async fn describe(&self, asked: &Asked) -> Result<Described> {
        let hidden = asked.workspaces.iter().find(|id| !self.sight.sees_workspace(**id));
        if let Some(id) = hidden {
            return Err(Error::not_found(Noun::Workspace, id));
        }
        let mut topology = self.topology().await?;
        let mut findings = match asked.findings {
            true => self.findings(&topology).await?,
            false => Vec::new(),
        };
        if !asked.workspaces.is_empty() {
            topology.narrow(&asked.workspaces);
            let about =
                |one: &Finding| one.workspaces.iter().any(|id| asked.workspaces.contains(id));
            findings.retain(about);
        }
        if asked.counts {
            self.count(&mut topology).await?;
        }
        let diagram = asked.picture.map(|picture| picture.draw(&topology)).unwrap_or_default();
        let more_findings = findings.len().saturating_sub(TOPOLOGY_FINDINGS_MAX);
        findings.truncate(TOPOLOGY_FINDINGS_MAX);
        let rest = topology.cut(TOPOLOGY_MAX);
        Ok(Described { topology, diagram, findings, rest, more_findings })
    }

    /// All that the caller sees.
    async fn topology(&self) -> Result<Topology> {
        let seen = self.sight.workspaces_with(Permission::WorkspacesRead);
        let bound = self.sight.workspaces_with(Permission::PartitionsRead);
        let mut workspaces = topology::workspaces(self.scope, &seen).await?;
        for one in &mut workspaces {
            one.bindings_known = holds(&bound, one.id);
        }
        let mut shares = topology::shares(self.scope, &seen).await?;
        let read = self.sight.workspaces_with(Permission::AssetsRead);
        shares.retain(|one| holds(&read, one.owner) || holds(&read, one.target));
        Ok(Topology {
            workspaces,
            partitions: topology::partitions(self.scope, &self.sight.partitions()).await?,
            bindings: topology::bindings(self.scope, &bound).await?,
            shares,
        })
    }

    /// How many people there are, where the caller may count them.
    async fn count(&self, topology: &mut Topology) -> Result<()> {
        let index = &self.sight.snapshot().index;
        let who = self.sight.principal();
        let may = |id: &PartitionId| index.sees_through(who, Permission::PeopleRead, *id);
        let counted: Vec<PartitionId> =
            topology.partitions.iter().map(|one| one.id).filter(may).collect();
        let people = person::count(self.scope, &counted, None).await?;
        let people: HashMap<PartitionId, i64> = people.into_iter().collect();
        for one in topology.partitions.iter_mut().filter(|one| may(&one.id)) {
            one.people = Some(people.get(&one.id).copied().unwrap_or_default());
        }
        Ok(())
    }

    async fn findings(&self, topology: &Topology) -> Result<Vec<Finding>> {
        let index = &self.sight.snapshot().index;
        let all = |permission| self.sight.workspaces_with(permission) == Seen::All;
        let reads = |id: &WorkspaceId| self.sight.holds(Permission::AccessRead, At::Workspace(*id));
        let admins = index.sole_admins().into_iter().filter(|(id, _)| reads(id));
        let admins: Vec<_> = admins.map(|(id, who)| (id, who.to_string())).collect();
        let segmentations = self.segmentations(&topology.shares).await?;
        let references = self.references().await?;
        Ok(lint::lint(&Facts {
            topology,
            whole: all(Permission::WorkspacesRead) && all(Permission::PartitionsRead),
            pattern: &Settings::from_json(&self.scope.head().settings).workspace_name_pattern,
            sole_admins: &admins,
            segmentations: &segmentations,
            references: &references,
        }))
    }

    /// The segmentations of shares, as far as the caller sees them: a draft in its own workspace only.
    async fn segmentations(&self, shares: &[Share]) -> Result<Vec<Shared>> {
        let mut by_folder: BTreeMap<FolderId, Vec<&Share>> = BTreeMap::new();
        for share in shares {
            by_folder.entry(share.folder).or_default().push(share);
        }
        let folders: Vec<FolderId> = by_folder.keys().copied().collect();
        let mut found = Vec::new();
        for one in topology::segmentations(self.scope, &folders).await? {
            for share in by_folder.get(&one.shared_folder_id).into_iter().flatten() {
                let own = self.sight.holds(Permission::AssetsRead, At::Workspace(share.owner));
                if own || one.approved {
                    found.push(Shared {
                        segmentation: one.id,
                        display_name: one.display_name.clone(),
                        folder: share.folder,
                        owner: share.owner,
                        target: share.target,
                    });
                }
            }
        }
        Ok(found)
    }

    /// What workspaces refer to, where the caller sees assets; what is no longer shared is no reference to what is.
    async fn references(&self) -> Result<Vec<References>> {
        let index = &self.sight.snapshot().index;
        let seen = self.sight.workspaces_with(Permission::AssetsRead);
        let mut found: HashMap<WorkspaceId, References> = HashMap::new();
        for row in topology::references(self.scope, &seen).await? {
            let none = References { workspace: row.workspace_id, own: 0, shared_in: 0 };
            let references = found.entry(row.workspace_id).or_insert(none);
            let count = u64::try_from(row.count).unwrap_or_default();
            match row.folder_id {
                None => references.own += count,
                Some(folder) if index.reach(row.workspace_id, folder).is_some() => {
                    references.shared_in += count;
                }
                Some(_) => {}
            }
        }
        let mut found: Vec<References> = found.into_values().collect();
        found.sort_unstable_by_key(|one| one.workspace);
        Ok(found)
    }
}

/// Whether a workspace is among those that are seen.
fn holds(seen: &Seen<WorkspaceId>, id: WorkspaceId) -> bool {
    match seen {
        Seen::All => true,
        Seen::These(these) => these.contains(&id),
    }
}
