//! Reading people: get, list, count, look up.

use std::collections::HashMap;

use super::{People, View, refuse, sight};
use crate::context::Context;
use crate::domain::email::Email;
use crate::domain::filter::Filter;
use crate::entity::Person;
use crate::entity::tenant::Settings;
use crate::error::Result;
use crate::id::{PartitionId, PersonId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::asset_member::{self, Membership};
use crate::repository::person::{self, Order};
use crate::repository::visibility::Sight;
use crate::repository::{Answer, Scope};
use crate::service::access::{self, At};
use crate::service::filter::{self, Resolved};

/// What a caller lists.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The workspace through which the caller looks.
    pub workspace: WorkspaceId,
    /// Only these partitions; none: all that it sees.
    pub partitions: Vec<PartitionId>,
    /// Only those for whom it holds.
    pub filter: Option<Filter>,
    /// Deleted people too.
    pub deleted: bool,
    /// The order.
    pub order: Order,
    /// The size of the page, as the caller wrote it.
    pub page_size: i32,
    /// Where to go on, as the caller wrote it.
    pub page_token: String,
}

// === impl People ===

impl People {
    /// A living person whom the workspace sees.
    pub async fn get(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: PersonId,
    ) -> Result<Answer<View>> {
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        let found = known(&scope, workspace, id).await?;
        let view = self.view(&scope, found).await?;
        Ok(scope.answer(view))
    }

    /// Living people whom the workspace sees, in the order asked for, or PERSON_NOT_FOUND for the first that
    /// is missing.
    pub async fn batch_get(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        ids: Vec<PersonId>,
    ) -> Result<Answer<Vec<View>>> {
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        let seen = sight(&scope, workspace).await?.ids();
        let found = person::by_ids(&scope, &seen, &ids).await?;
        let mut found: HashMap<PersonId, Person> =
            found.into_iter().map(|person| (person.id, person)).collect();
        let take = |id: &PersonId| found.remove(id).ok_or(refuse::person_not_found(Some(*id)));
        let people = ids.iter().map(take).collect::<Result<Vec<_>>>()?;
        let views = self.views(&scope, people).await?;
        Ok(scope.answer(views))
    }

    /// A page of people, and the day that the filter was bound to, if it depends on the day.
    pub async fn list(
        &self,
        ctx: &Context,
        listing: &Listing,
    ) -> Result<Answer<(Listed<View>, String)>> {
        let tokens = listing.tokens(self, ctx);
        let request = tokens.request(listing.page_size, &listing.page_token)?;
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(listing.workspace)).await?;
        let sight = sight(&scope, listing.workspace).await?;
        let partitions = sight.narrow(&listing.partitions)?;
        let filter =
            self.filter(&scope, &sight, listing.workspace, listing.filter.as_ref()).await?;
        let predicate = filter.as_ref().map(|it| &it.predicate);
        let (after, limit) = (request.after.clone(), request.limit());
        let (deleted, order) = (listing.deleted, listing.order);
        let rows =
            person::list(&scope, &partitions, deleted, predicate, order, after, limit).await?;
        let page = request.page(rows);
        let next = tokens.next(&page, |last| (last.create_time, last.email_key.clone(), last.id));
        let items = self.views(&scope, page.items).await?;
        Ok(scope.answer((Listed { items, next }, as_of(filter.as_ref()))))
    }

    /// How many living people the workspace sees, by partition, empty ones included, and the day as of [`People::list`].
    pub async fn count(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        partitions: &[PartitionId],
        filter: Option<&Filter>,
    ) -> Result<Answer<(Vec<(PartitionId, i64)>, String)>> {
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        let sight = sight(&scope, workspace).await?;
        let partitions = sight.narrow(partitions)?;
        let filter = self.filter(&scope, &sight, workspace, filter).await?;
        let predicate = filter.as_ref().map(|it| &it.predicate);
        let counted: HashMap<PartitionId, i64> =
            person::count(&scope, &partitions, predicate).await?.into_iter().collect();
        let of = |id: PartitionId| (id, counted.get(&id).copied().unwrap_or_default());
        let counts = partitions.into_iter().map(of).collect();
        Ok(scope.answer((counts, as_of(filter.as_ref()))))
    }

    /// The filter of a request, resolved.
    pub(super) async fn filter(
        &self,
        scope: &Scope,
        sight: &Sight,
        workspace: WorkspaceId,
        filter: Option<&Filter>,
    ) -> Result<Option<Resolved>> {
        let Some(given) = filter else { return Ok(None) };
        let fields = scope.fields().await?;
        filter::of_request(scope, &fields, sight, workspace, given).await.map(Some)
    }

    /// The people whom the workspace sees, by email: one list for each email, in order.
    pub async fn look_up(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        emails: &[Email],
    ) -> Result<Answer<Vec<Vec<View>>>> {
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        let partitions = sight(&scope, workspace).await?.ids();
        let settings = Settings::from_json(&scope.head().settings);
        let mut scopes: Vec<_> = partitions
            .iter()
            .map(|partition| refuse::uniqueness_scope(&settings, *partition))
            .collect();
        scopes.dedup();
        let keys = emails.iter().map(|email| email.key.clone()).collect();
        let found = person::by_keys(&scope, scopes, &partitions, keys).await?;
        let mut by_key: HashMap<String, Vec<View>> = HashMap::new();
        for view in self.views(&scope, found).await? {
            by_key.entry(view.person.email_key.clone()).or_default().push(view);
        }
        let of = |email: &Email| by_key.get(&email.key).cloned().unwrap_or_default();
        Ok(scope.answer(emails.iter().map(of).collect()))
    }

    /// The programs and lists that a person is in, of those that are in or shared to the workspace, by id (V-06).
    pub async fn memberships(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: PersonId,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<Membership>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&workspace.to_string(), &id.to_string()]);
        let page = tokens.request(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        known(&scope, workspace, id).await?;
        let received = scope.index().await?.index.received(workspace);
        let (after, limit) = (page.after, page.limit());
        let rows = asset_member::of_person(&scope, id, workspace, &received, after, limit).await?;
        Ok(scope.answer(tokens.list(page.page(rows), |last| last.id)))
    }
}

/// The day that a filter was bound to, if it depends on the day.
fn as_of(filter: Option<&Resolved>) -> String {
    filter.and_then(Resolved::as_of).unwrap_or_default()
}

/// A living person whom a workspace sees, or PERSON_NOT_FOUND, or WORKSPACE_NOT_FOUND.
async fn known(scope: &Scope, workspace: WorkspaceId, id: PersonId) -> Result<Person> {
    match person::by_id(scope, workspace, id).await? {
        Some(found) => Ok(found),
        // Which of the two is missing is worth a statement only now.
        None => {
            sight(scope, workspace).await?;
            Err(refuse::person_not_found(Some(id)))
        }
    }
}

// === impl Listing ===

impl Listing {
    fn tokens(&self, people: &People, ctx: &Context) -> Tokens {
        let partitions: Vec<String> = self.partitions.iter().map(PartitionId::to_string).collect();
        let query = [
            self.workspace.to_string(),
            partitions.join(","),
            self.deleted.to_string(),
            format!("{:?}", self.order),
            self.filter.as_ref().map(Filter::to_string).unwrap_or_default(),
        ];
        let query: Vec<&str> = query.iter().map(String::as_str).collect();
        Tokens::new(&people.secrets, ctx, &query)
    }
}
