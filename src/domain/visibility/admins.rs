//! Who administers a workspace: users, as for the last admin of a tenant, by grants of their own and
//! through groups.

use std::collections::HashMap;
use std::sync::Arc;

use super::index::{Index, number};
use crate::domain::access::role::{TENANT_ADMIN, WORKSPACE_ADMIN};
use crate::id::WorkspaceId;

/// Some users, of whom only the first is of interest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Users {
    #[default]
    None,
    One(u32),
    Many,
}

// === impl Index ===

impl Index {
    /// The living workspaces that one user alone administers, and who that is.
    pub fn sole_admins(&self) -> Vec<(WorkspaceId, Arc<str>)> {
        let (tenant_admin, workspace_admin) = (TENANT_ADMIN.id(), WORKSPACE_ADMIN.id());
        let mut everywhere = Users::None;
        let mut local: HashMap<u32, Users> = HashMap::new();
        for (slot, user) in (0..number(self.principals.len())).zip(&self.principals) {
            if !user.name.starts_with("user:") {
                continue;
            }
            let holders = user.holders.iter().map(|holder| &self.principals[*holder as usize]);
            for held in holders.filter(|one| one.active).flat_map(|one| &one.grants) {
                match held.workspace {
                    None if held.role == tenant_admin || held.role == workspace_admin => {
                        everywhere = everywhere.with(slot);
                    }
                    Some(place) if held.role == workspace_admin => {
                        let users = local.entry(place).or_default();
                        *users = users.with(slot);
                    }
                    _ => {}
                }
            }
        }
        let sole = |place| match (everywhere, local.get(&place).copied().unwrap_or_default()) {
            (Users::One(slot), Users::None) | (Users::None, Users::One(slot)) => Some(slot),
            (Users::One(slot), Users::One(other)) if slot == other => Some(slot),
            _ => None,
        };
        let name = |slot: u32| self.principals[slot as usize].name.clone();
        let found = self.all_living().filter_map(|(place, one)| Some((one.id, name(sole(place)?))));
        let mut found: Vec<_> = found.collect();
        found.sort_unstable();
        found
    }
}

// === impl Users ===

impl Users {
    fn with(self, slot: u32) -> Self {
        match self {
            Self::None => Self::One(slot),
            Self::One(one) if one == slot => self,
            Self::One(_) | Self::Many => Self::Many,
        }
    }
}
