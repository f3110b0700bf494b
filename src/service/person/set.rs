//! The one write path for people: a set of rows, of which a single create is a set of one.
//!
//! Nothing is looked up before it is written where the unique index can tell: rows that may make people are
//! inserted, and those that the index refused are looked up, locked and decided about (D-04).

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::fold::{Group, Key, Open, fold};
use super::refuse;
use crate::clock::{Micros, now};
use crate::domain::person::PersonInput;
use crate::domain::upsert::{Candidate, Decision, Reach, Refused, Rules, decide};
use crate::entity::import::{LookupField, Mode};
use crate::entity::person::Source;
use crate::entity::tenant::{DuplicatePolicy, Settings};
use crate::error::{Error, Refusal, Result};
use crate::id::{PartitionId, PersonId};
use crate::repository::Tx;
use crate::repository::consent::{self, Address};
use crate::repository::field_set::FieldSet;
use crate::repository::person::{self, Located, NewPerson};
use crate::repository::visibility::Sight;

/// How often a row may lose a race for its keys within one transaction.
const ROUNDS: usize = 4;

/// How a set is written.
pub struct Spec<'a> {
    /// What the workspace sees.
    pub sight: &'a Sight,
    /// The partition that the caller named, visible to the workspace.
    pub named: Option<PartitionId>,
    /// What may be done.
    pub mode: Mode,
    /// By what people are found.
    pub lookup: LookupField,
    /// How new people come in.
    pub source: Source,
    /// The tenant's fields.
    pub fields: &'a FieldSet,
}

/// What became of a row.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Outcome {
    /// A person was made.
    Created(PersonId),
    /// A person was changed.
    Updated(PersonId),
    /// All was as the row says.
    Unchanged(PersonId),
    /// The row was refused.
    Failed(Box<Refusal>),
}

/// One run of a set.
pub(super) struct Run<'a> {
    pub(super) tx: &'a Tx,
    pub(super) spec: &'a Spec<'a>,
    rules: Rules,
    /// Where an email must be unique, for people of the target partition.
    uniqueness_scope: Uuid,
    pub(super) time: Micros,
    /// Addresses that are unsubscribed already.
    pub(super) unsubscribed: HashSet<Address>,
    /// Addresses that the set unsubscribes.
    pub(super) withdrawn: Vec<Address>,
}

/// Writes rows and says what became of each, in their order.
pub async fn write(
    tx: &Tx,
    spec: &Spec<'_>,
    rows: &[Result<PersonInput, Box<Refusal>>],
) -> Result<Vec<Outcome>> {
    let settings = Settings::from_json(&tx.head().settings);
    let mut run = Run::new(tx, spec, &settings);
    let mut groups = fold(spec, rows);
    run.hold_partitions().await?;
    run.unsubscribed = consent::unsubscribed(tx, &run.addresses(&groups)).await?;
    for round in 0..ROUNDS {
        let open = groups.open();
        if open.is_empty() {
            break;
        }
        run.round(&mut groups, open, round).await?;
    }
    if !groups.open().is_empty() {
        return Err(Error::Contended);
    }
    if !run.withdrawn.is_empty() {
        consent::withdraw(tx, &run.withdrawn).await?;
    }
    let outcomes = groups.outcomes();
    tx.people_written(outcomes.iter().filter_map(Outcome::written));
    Ok(outcomes)
}

// === impl Spec ===

impl Spec<'_> {
    /// Where new people go: the named partition, else the primary.
    pub fn target(&self) -> PartitionId {
        self.named.unwrap_or(self.sight.primary)
    }
}

// === impl Outcome ===

impl Outcome {
    /// The person, if the row changed anything.
    pub fn written(&self) -> Option<PersonId> {
        match self {
            Self::Created(id) | Self::Updated(id) => Some(*id),
            Self::Unchanged(_) | Self::Failed(_) => None,
        }
    }
}

// === impl Run ===

impl<'a> Run<'a> {
    fn new(tx: &'a Tx, spec: &'a Spec<'a>, settings: &Settings) -> Self {
        let reject = settings.duplicate_policy == DuplicatePolicy::Reject;
        let target = spec.target();
        let rules = Rules {
            create: spec.mode != Mode::UpdateOnly && spec.lookup != LookupField::Id,
            update: spec.mode != Mode::CreateOnly,
            tenant_wide: match spec.lookup {
                LookupField::Email => reject,
                LookupField::ExternalId => false,
                LookupField::Id => true,
            },
            named: spec.named,
            primary: spec.sight.primary,
        };
        Self {
            tx,
            spec,
            rules,
            uniqueness_scope: if reject { Uuid::nil() } else { target.0 },
            time: now(),
            unsubscribed: HashSet::new(),
            withdrawn: Vec::new(),
        }
    }

    /// Keeps the target from being deleted while people are put into it.
    async fn hold_partitions(&self) -> Result<()> {
        let target = self.spec.target();
        let held = person::lock_partitions(self.tx, &[target]).await?;
        if held.is_empty() { Err(refuse::partition_not_found(target)) } else { Ok(()) }
    }

    fn addresses(&self, groups: &Open) -> Vec<Address> {
        let partitions = self.spec.sight.ids();
        let keys = groups.open().into_iter().map(|at| groups[at].input.email_key().to_owned());
        // A known person may be in any partition that the workspace sees, a new one is in the target.
        let scopes = if self.rules.update { partitions } else { vec![self.spec.target()] };
        keys.filter(|key| !key.is_empty())
            .flat_map(|key| scopes.iter().map(move |partition| (*partition, key.clone())))
            .collect()
    }

    async fn round(&mut self, groups: &mut Open, open: Vec<usize>, round: usize) -> Result<()> {
        // Where the index alone can tell new from known, the first round asks nobody else.
        let index_decides = self.rules.create
            && (self.rules.named.is_some() || self.rules.tenant_wide || !self.rules.update);
        let creates = if index_decides && round == 0 && self.target_reach() == Reach::Write {
            open
        } else {
            self.decide(groups, open).await?
        };
        let refused = self.insert(groups, creates).await?;
        if round > 0 || !index_decides {
            self.explain(groups, refused).await?;
        }
        Ok(())
    }

    /// Looks up who has the rows' keys, changes whom it may, and returns the rows that make people.
    async fn decide(&mut self, groups: &mut Open, open: Vec<usize>) -> Result<Vec<usize>> {
        let located = self.locate(groups, &open).await?;
        let (mut creates, mut updates) = (Vec::new(), Vec::new());
        for at in open {
            let key = groups[at].key.clone();
            let found =
                key.as_ref().and_then(|key| located.get(key)).map_or(&[][..], Vec::as_slice);
            let candidates: Vec<Candidate> = found.iter().map(|one| self.candidate(one)).collect();
            match decide(&self.rules, &candidates) {
                Decision::Create if self.target_reach() == Reach::Write => creates.push(at),
                Decision::Create => groups.fail(at, refuse::read_only(self.spec.target())),
                Decision::Update(one) => {
                    updates.extend(found.iter().find(|l| l.id == one.id).map(|l| (at, l.clone())));
                }
                Decision::Refuse(Refused::ReadOnly(_)) if groups[at].input.only_unsubscribes() => {
                    updates.extend(found.first().map(|located| (at, located.clone())));
                }
                Decision::Refuse(refused) => {
                    groups.fail(at, refuse::row(&refused, &self.spec.lookup))
                }
            }
        }
        self.update(groups, updates).await?;
        Ok(creates)
    }

    async fn locate(&self, groups: &Open, open: &[usize]) -> Result<HashMap<Key, Vec<Located>>> {
        let keys = || open.iter().filter_map(|at| groups[*at].key.clone());
        let texts = || keys().filter_map(|key| key.text()).collect::<Vec<_>>();
        let seen = self.spec.sight.ids();
        let found = match self.spec.lookup {
            LookupField::Email => {
                let scopes = self.scopes();
                person::by_email(self.tx, scopes, texts()).await?
            }
            LookupField::ExternalId => person::by_external_id(self.tx, &seen, texts()).await?,
            LookupField::Id => {
                let ids: Vec<PersonId> = keys().filter_map(|key| key.id()).collect();
                person::by_person_id(self.tx, &seen, &ids).await?
            }
        };
        let mut by_key: HashMap<Key, Vec<Located>> = HashMap::new();
        for one in found {
            by_key.entry(Key::of_located(self.spec.lookup, &one)).or_default().push(one);
        }
        Ok(by_key)
    }

    /// The scopes in which an email of the workspace's people is unique.
    fn scopes(&self) -> Vec<Uuid> {
        if self.uniqueness_scope.is_nil() {
            return vec![Uuid::nil()];
        }
        self.spec.sight.ids().iter().map(|partition| partition.0).collect()
    }

    async fn insert(&mut self, groups: &mut Open, mut creates: Vec<usize>) -> Result<Vec<usize>> {
        if creates.is_empty() {
            return Ok(creates);
        }
        // In the order of the index: two sets with the same emails wait for each other, and never in a ring.
        creates.sort_by(|a, b| groups[*a].input.email_key().cmp(groups[*b].input.email_key()));
        let target = self.spec.target();
        let people: Vec<NewPerson> =
            creates.iter().map(|at| self.new_person(&groups[*at])).collect();
        let made = person::insert(
            self.tx,
            target,
            self.uniqueness_scope,
            self.spec.source,
            self.time,
            &people,
        )
        .await?;
        let made: HashSet<PersonId> = made.into_iter().collect();
        let mut refused = Vec::new();
        for (at, one) in creates.into_iter().zip(people) {
            if made.contains(&one.id) {
                if groups[at].input.unsubscribes() && !one.email_key.is_empty() {
                    self.withdrawn.push((target, one.email_key));
                }
                groups.finish(at, Outcome::Created(one.id));
            } else {
                refused.push(at);
            }
        }
        Ok(refused)
    }

    fn new_person(&self, group: &Group) -> NewPerson {
        let input = &group.input;
        let address = (self.spec.target(), input.email_key().to_owned());
        NewPerson {
            id: PersonId::new(),
            email: input.email.as_ref().map(|email| email.given.clone()),
            email_key: address.1.clone(),
            external_id: input.external_id.clone(),
            first_name: input.first_name.clone(),
            last_name: input.last_name.clone(),
            unsubscribed: input.unsubscribes() || self.unsubscribed.contains(&address),
            attributes: group.values(),
        }
    }

    /// Rows that nobody's lookup key explains, and that the index refused all the same: another key of
    /// theirs is taken in the target.
    async fn explain(&self, groups: &mut Open, refused: Vec<usize>) -> Result<()> {
        let input = |at: &usize| &groups[*at].input;
        let emails: Vec<String> =
            refused.iter().map(|at| input(at).email_key().to_owned()).collect();
        let externals = refused.iter().filter_map(|at| input(at).external_id.clone()).collect();
        let mut found = person::by_email(self.tx, vec![self.uniqueness_scope], emails).await?;
        found.extend(person::by_external_id(self.tx, &[self.spec.target()], externals).await?);
        for at in refused {
            let input = &groups[at].input;
            let taken = found.iter().find_map(|one| refuse::taken(input, one));
            if let Some((field, one)) = taken {
                let refusal = refuse::key_taken(field, self.spec.target(), &self.candidate(one));
                groups.fail(at, refusal);
            }
        }
        Ok(())
    }

    fn candidate(&self, located: &Located) -> Candidate {
        Candidate {
            id: located.id,
            partition: located.partition_id,
            reach: self.spec.sight.reach(located.partition_id),
        }
    }

    fn target_reach(&self) -> Reach {
        self.spec.sight.reach(self.spec.target())
    }
}
