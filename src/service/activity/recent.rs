//! The recent activity: one feed over all workspaces that the caller can access (K-04).

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::judge::Judge;
use super::{Activities, Walk};
use crate::context::Context;
use crate::domain::activity::{About, Subject, is_end, words};
use crate::domain::visibility::Seen;
use crate::error::{Error, Noun, Result};
use crate::id::WorkspaceId;
use crate::page::{Listed, Page, Tokens};
use crate::repository::audit::{self, Filter, Places, Record};
use crate::repository::{Answer, thing};
use crate::service::access::{At, Sight};

/// Most records that are judged at once.
const LONGEST: i64 = 1_000;
/// Most times that more records are judged for a page: some 10,000 records in all.
const ROUNDS: usize = 12;

/// Something that was done, as far as its reader may see it.
#[derive(Clone, Debug)]
pub struct Activity {
    /// The record.
    pub record: Record,
    /// What the thing is called now; empty if it is gone or has no name.
    pub name: String,
    /// The workspaces that it concerns and the reader sees, with their names.
    pub workspaces: Vec<(WorkspaceId, String)>,
    /// The fields that were changed.
    pub fields: Vec<String>,
    /// What happened, in words.
    pub summary: String,
}

impl Activities {
    /// Lists what was done, newest first, in all workspaces that the caller can access or in one of them.
    pub async fn recent(
        &self,
        ctx: &Context,
        through: Option<WorkspaceId>,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<Activity>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{through:?}")]);
        let page = tokens.request::<i64>(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        let sight = Sight::of(&scope, ctx).await?;
        if let Some(id) = through.filter(|id| !sight.sees_workspace(*id)) {
            return Err(Error::not_found(Noun::Workspace, id));
        }
        let places = places(&sight, through);
        let mut judge = Judge { sight: &sight, through, things: HashMap::new() };
        let mut walk = Walk::new(&scope, places, page.after, page.limit());
        let mut shown = Vec::new();
        for _ in 0..ROUNDS {
            let seqs = walk.next(LONGEST).await?;
            let done = Filter { refused: Some(false), ..Filter::default() };
            let records = audit::by_seq(&scope, seqs, &done).await?;
            let records: Vec<_> = records.into_iter().map(|one| (one.about(), one)).collect();
            judge.things.extend(thing::by_ids(&scope, named(&judge, &records)).await?);
            let seen = records.into_iter().filter(|(about, one)| judge.shows(one, about));
            shown.extend(seen.map(|(about, one)| judge.tell(one, &about)));
            if walk.over || page.is_over(shown.len()) {
                break;
            }
        }
        let last = walk.seq;
        let cut = !walk.over && !page.is_over(shown.len());
        let listed = match cut {
            // Much is hidden here: the next page goes on behind what was looked at.
            true => Listed { items: shown, next: tokens.write(&last) },
            false => {
                let page: Page<Activity> = page.page(shown);
                tokens.list(page, |one| one.record.seq)
            }
        };
        Ok(scope.answer(listed))
    }
}

/// Where the caller may find something, and what it must be.
fn places(sight: &Sight, through: Option<WorkspaceId>) -> Places {
    if let Some(id) = through {
        let held = Subject::READS.into_iter().filter(|one| sight.holds(*one, At::Workspace(id)));
        return Places::These(held.map(|one| (id.0, one.name())).collect());
    }
    if Subject::READS.into_iter().all(|one| sight.holds(one, At::Tenant)) {
        return Places::All;
    }
    let mut places = Vec::new();
    for reads in Subject::READS {
        let workspaces = match sight.workspaces_with(reads) {
            Seen::All => {
                places.push((Uuid::nil(), reads.name()));
                sight.snapshot().index.workspaces()
            }
            Seen::These(these) => these,
        };
        places.extend(workspaces.into_iter().map(|id| (id.0, reads.name())));
    }
    Places::These(places)
}

/// The ids that entries name.
fn named(judge: &Judge<'_>, records: &[(About, Record)]) -> Vec<Uuid> {
    let ids = records.iter().flat_map(|(about, one)| {
        let workspaces = about.workspaces.iter().map(|id| id.0);
        one.resource_id.into_iter().chain(workspaces)
    });
    let ids: BTreeSet<Uuid> = ids.filter(|id| !judge.things.contains_key(id)).collect();
    ids.into_iter().collect()
}

// === impl Judge ===

impl Judge<'_> {
    /// An entry that shows.
    fn tell(&self, record: Record, about: &About) -> Activity {
        let name = |id: Uuid| self.things.get(&id).map(|one| one.name.clone()).unwrap_or_default();
        let called = record.resource_id.filter(|_| !is_end(&record.kind)).map(name);
        let called = called.unwrap_or_default();
        let summary = match called.as_str() {
            "" => words(&record.kind),
            called => format!("{}: {called}", words(&record.kind)),
        };
        let workspaces = self.workspaces(about).into_iter().map(|id| (id, name(id.0))).collect();
        Activity { name: called, workspaces, fields: about.fields.clone(), summary, record }
    }
}
