//! The audit log as its readers may see it: all that concerns a workspace, or the whole tenant (K-06).

use uuid::Uuid;

use super::judge::Judge;
use super::{Activities, Walk};
use crate::context::Context;
use crate::domain::activity::{About, Named, Personal, Subject, keep_erased, redact};
use crate::error::Result;
use crate::id::{PartitionId, WorkspaceId};
use crate::page::{Listed, Page, Tokens};
use crate::repository::audit::{self, Filter, Places, Record, Recorded};
use crate::repository::{Answer, thing};
use crate::service::access::{self, At, Permission, Sight};

/// Most records that are looked at in one step.
const LONGEST: i64 = 5_000;
/// Most steps for a page: some 40,000 records in all.
const ROUNDS: usize = 14;

/// A record of the audit log, as far as its reader may see it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The record.
    pub record: Record,
    /// The workspaces that it concerns and the reader sees.
    pub workspaces: Vec<WorkspaceId>,
    /// The fields that were changed.
    pub fields: Vec<String>,
    /// Of a refusal, the permission that was lacking.
    pub lacked: String,
    /// What was changed.
    pub told: Told,
}

/// Before and after.
#[derive(Clone, Debug)]
pub enum Told {
    /// Nothing was changed.
    Nothing,
    /// They were erased with the person whom they told of.
    Erased,
    /// All changes of the call, in order.
    Changes(Vec<Shown>),
}

/// One change of a call.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What it was.
    pub change: Recorded,
    /// It tells of people whom the reader may not see: before and after are left out.
    pub withheld: bool,
}

impl Activities {
    /// Lists the records that concern a workspace, or all of the tenant's, newest first.
    pub async fn entries(
        &self,
        ctx: &Context,
        through: Option<WorkspaceId>,
        filter: &Filter,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<Entry>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{through:?} {filter:?}")]);
        let page = tokens.request::<i64>(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, through.map_or(At::Tenant, At::Workspace)).await?;
        let sight = Sight::of(&scope, ctx).await?;
        let mut walk = Walk::new(&scope, places(through), page.after, page.limit());
        let mut found = Vec::new();
        for _ in 0..ROUNDS {
            let seqs = walk.next(LONGEST).await?;
            found.extend(audit::by_seq(&scope, seqs, filter).await?);
            if walk.over || page.is_over(found.len()) {
                break;
            }
        }
        let cut = !walk.over && !page.is_over(found.len());
        let mut found = page.page(found);
        let seqs: Vec<i64> = found.items.iter().map(|one| one.seq).collect();
        let (mut changes, taken) = audit::payloads(&scope, &seqs).await?;
        if taken < seqs.len() {
            // What they tell fills a reply: the next one goes on.
            found.items.truncate(taken);
            found.more = true;
        }
        let changed =
            changes.values().flatten().filter(|one| Subject::personal(&one.kind).is_some());
        let people = changed.filter_map(|one| one.resource_id).collect();
        let things = thing::by_ids(&scope, people).await?;
        let judge = Judge { sight: &sight, through, things };
        let more = found.more;
        let entry = |record: Record| {
            let changes = changes.remove(&record.seq);
            judge.entry(record, changes)
        };
        let items: Vec<Entry> = found.items.into_iter().map(entry).collect();
        let listed = match cut && !more {
            // Few match here: the next page goes on behind what was looked at.
            true => Listed { items, next: tokens.write(&walk.seq) },
            false => tokens.list(Page { items, more }, |one| one.record.seq),
        };
        Ok(scope.answer(listed))
    }
}

/// All records of a workspace, whatever they are about.
fn places(through: Option<WorkspaceId>) -> Places {
    let Some(id) = through else { return Places::All };
    let reads = Subject::READS.into_iter().map(Permission::name).chain([""]);
    Places::These(reads.map(|reads| (id.0, reads)).collect())
}

// === impl Judge ===

impl Judge<'_> {
    fn entry(&self, mut record: Record, changes: Option<Vec<Recorded>>) -> Entry {
        let about = record.about();
        let told = match changes {
            _ if !record.refusal.is_empty() => Told::Nothing,
            None => Told::Erased,
            Some(changes) => {
                let shown = changes.into_iter().map(|one| self.shown(one, &about)).enumerate();
                // Of somebody whom the call met beside what it was about, the reader learns nothing.
                let met = |(at, one): &(usize, Shown)| {
                    *at > 0
                        && one.withheld
                        && Subject::personal(&one.change.kind) == Some(Personal::One)
                };
                Told::Changes(shown.filter(|one| !met(one)).map(|(_, one)| one).collect())
            }
        };
        record.resource_id = self.resource(&record.kind, record.resource_id);
        Entry {
            workspaces: self.workspaces(&about),
            fields: about.fields,
            lacked: about.lacked,
            told,
            record,
        }
    }

    /// A change, without what the reader may not see.
    fn shown(&self, mut change: Recorded, about: &About) -> Shown {
        let told = Subject::personal(&change.kind);
        let withheld = told.is_some_and(|told| !self.sees_people(told, &change, about));
        if withheld {
            (change.before, change.after) = Default::default();
        }
        if change.kind == "person.erased" {
            keep_erased(&mut change.after, |partition| self.sees_erased(partition));
        }
        let names = |named, id| self.names(named, id);
        redact(&mut change.before, &names);
        redact(&mut change.after, &names);
        change.resource_id = self.resource(&change.kind, change.resource_id);
        Shown { change, withheld }
    }

    /// The id of what was changed, if the reader may be told.
    fn resource(&self, kind: &str, id: Option<Uuid>) -> Option<Uuid> {
        let named = match Subject::of(kind) {
            Some(Subject::Workspace) => Named::Workspace,
            Some(Subject::Partition) => Named::Partition,
            _ => return id,
        };
        id.filter(|id| self.names(named, *id))
    }

    /// Whether the reader now sees the people whom a change tells of: one by where they are, some by where they were, and
    /// of members, who are ids alone, if the reader may see people at all.
    fn sees_people(&self, told: Personal, change: &Recorded, about: &About) -> bool {
        match told {
            Personal::One => {
                let one = change.resource_id.and_then(|id| self.things.get(&id));
                one.is_some_and(|one| self.sees_there(PartitionId(one.place)))
            }
            Personal::Some => {
                let mut about = about.clone();
                about.learn(&change.after);
                !about.partitions.is_empty()
                    && about.partitions.iter().all(|id| self.sees_there(*id))
            }
            Personal::Members => {
                let at = self.through.map_or(At::Tenant, At::Workspace);
                self.sight.holds(Permission::PeopleRead, at)
            }
        }
    }

    /// Whether the reader may know of a record that was in a partition, and is erased; who may see all knows of those too
    /// that were where nobody is any more.
    fn sees_erased(&self, partition: PartitionId) -> bool {
        let all = self.through.is_none() && self.sight.holds(Permission::PeopleRead, At::Tenant);
        all || self.sees_there(partition)
    }

    /// Whether the reader sees the people of a partition: through the workspace, or through any.
    fn sees_there(&self, partition: PartitionId) -> bool {
        let (sight, index) = (self.sight, &self.sight.snapshot().index);
        let reads = Permission::PeopleRead;
        match self.through {
            Some(id) => {
                sight.holds(reads, At::Workspace(id)) && index.workspace_sees(id, partition)
            }
            None => index.sees_through(sight.principal(), reads, partition),
        }
    }
}
