//! Who has the same email in several partitions (D-05).

use std::collections::BTreeMap;

use super::read::population;
use super::{People, View};
use crate::context::Context;
use crate::entity::Person;
use crate::entity::tenant::{DuplicatePolicy, Settings};
use crate::error::Result;
use crate::id::WorkspaceId;
use crate::page::Tokens;
use crate::repository::{Answer, Scope, person};

/// A page of groups of people with the same email.
#[derive(Default)]
pub struct Duplicates {
    /// The people of each group whom the workspace sees, and how many others there are.
    pub groups: Vec<(Vec<View>, i64)>,
    /// Where to go on; empty on the last page.
    pub next: String,
}

// === impl People ===

impl People {
    /// Lists groups of the same email key over all partitions, the unseen people as a bare count; without a workspace,
    /// of every partition (D-06).
    pub async fn find_duplicates(
        &self,
        ctx: &Context,
        workspace: Option<WorkspaceId>,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Duplicates>> {
        let place = workspace.map(|id| id.to_string()).unwrap_or_default();
        let tokens = Tokens::new(&self.secrets, ctx, &[&place]);
        let request = tokens.request::<String>(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        let partitions = population(&scope, ctx, workspace, &[]).await?;
        let settings = Settings::from_json(&scope.head().settings);
        if settings.duplicate_policy == DuplicatePolicy::Reject {
            // The index lets nobody in whom there could be a group of.
            return Ok(scope.answer(Duplicates::default()));
        }
        let after = request.after.clone().unwrap_or_default();
        let keys = person::duplicate_keys(&scope, &partitions, &after, request.limit()).await?;
        let page = request.page(keys);
        let next = tokens.next(&page, String::clone);
        let hidden = person::count_beyond(&scope, &partitions, page.items.clone()).await?;
        let seen = person::with_keys(&scope, &partitions, page.items).await?;
        let groups = self.groups(&scope, seen, hidden).await?;
        Ok(scope.answer(Duplicates { groups, next }))
    }

    async fn groups(
        &self,
        scope: &Scope,
        seen: Vec<Person>,
        hidden: Vec<(String, i64)>,
    ) -> Result<Vec<(Vec<View>, i64)>> {
        let mut by_key: BTreeMap<String, (Vec<Person>, i64)> = BTreeMap::new();
        for person in seen {
            by_key.entry(person.email_key.clone()).or_default().0.push(person);
        }
        for (key, people) in hidden {
            // Of a key that nobody seen has any more nothing is told.
            by_key.entry(key).and_modify(|group| group.1 = people);
        }
        let mut groups = Vec::with_capacity(by_key.len());
        for (seen, hidden) in by_key.into_values() {
            groups.push((self.views(scope, seen).await?, hidden));
        }
        Ok(groups)
    }
}
