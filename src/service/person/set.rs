//! The one write path for people: a set of rows, of which a single create is a set of one.
//!
//! Nothing is looked up before it is written where the unique index can tell: rows that may make people are
//! inserted, and those that the index refused are looked up, locked and decided about (D-04).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value as Json;
use uuid::Uuid;

use super::fold::{Group, Key, Open, fold};
use super::{Outcome, refuse};
use crate::clock::{Micros, now};
use crate::domain::filter::Reads;
use crate::domain::person::PersonInput;
use crate::domain::upsert::{Candidate, Decision, Reach, Refused, Rules, decide};
use crate::entity::import::{LookupField, Mode};
use crate::entity::person::Source;
use crate::entity::tenant::{DuplicatePolicy, Settings};
use crate::error::{Error, Refusal, Result};
use crate::id::{PartitionId, PersonId};
use crate::repository::consent::{self, Address};
use crate::repository::field_set::FieldSet;
use crate::repository::person::{self, Located, NewPerson};
use crate::repository::visibility::Sight;
use crate::repository::{Tx, suppression};
use crate::service::routing::{Router, Sample};

/// How often a row may lose a race for its keys within one transaction.
const ROUNDS: usize = 4;

/// How a set is written.
pub struct Spec<'a> {
    /// What the workspace sees.
    pub sight: &'a Sight,
    /// Where new people go; the partition that the caller named, if any, is visible to the workspace.
    pub router: &'a Router<'a>,
    /// What may be done.
    pub mode: Mode,
    /// By what people are found.
    pub lookup: LookupField,
    /// How new people come in.
    pub source: Source,
    /// The tenant's fields.
    pub fields: &'a FieldSet,
    /// The people whose ids answer for those that rows name, of who was merged.
    pub winners: HashMap<PersonId, PersonId>,
}

/// One run of a set.
pub(super) struct Run<'a> {
    pub(super) tx: &'a Tx,
    pub(super) spec: &'a Spec<'a>,
    pub(super) rules: Rules,
    settings: Settings,
    pub(super) time: Micros,
    /// Addresses that are unsubscribed already.
    pub(super) unsubscribed: HashSet<Address>,
    /// Addresses that the set unsubscribes.
    pub(super) withdrawn: Vec<Address>,
    /// What it changes of people who are known.
    pub(super) changed: Reads,
    /// Where those are who were made or looked at.
    pub(super) homes: HashMap<PersonId, PartitionId>,
}

/// What became of a set.
pub struct Done {
    /// What became of each row, in their order.
    pub outcomes: Vec<Outcome>,
    /// Where those are who were made or looked at.
    pub homes: HashMap<PersonId, PartitionId>,
}

/// Writes rows and says what became of each.
pub async fn write(
    tx: &Tx,
    spec: &Spec<'_>,
    rows: &[Result<PersonInput, Box<Refusal>>],
) -> Result<Done> {
    let mut run = Run::new(tx, spec);
    let mut groups = fold(spec, rows);
    refuse_suppressed(tx, &mut groups).await?;
    run.hold_partitions(&groups).await?;
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
    tx.people_written(outcomes.iter().filter_map(Outcome::created));
    let known = outcomes.iter().filter(|one| one.created().is_none());
    tx.people_changed(known.filter_map(Outcome::written), run.changed);
    Ok(Done { outcomes, homes: run.homes })
}

/// Refuses who has an address that was erased and shall not come back.
async fn refuse_suppressed(tx: &Tx, groups: &mut Open) -> Result<()> {
    let open = groups.open();
    let suppressed =
        suppression::among(tx, open.iter().map(|at| groups[*at].input.email_key())).await?;
    for at in open {
        if suppressed.contains(groups[at].input.email_key()) {
            groups.fail(at, refuse::suppressed());
        }
    }
    Ok(())
}

// === impl Spec ===

impl Spec<'_> {
    /// Where a row would make a person. A set that makes nobody asks no rule.
    pub fn target(&self, input: &PersonInput, attributes: &Json) -> PartitionId {
        match self.makes_people() {
            true => self.router.decide(&Sample { input, attributes }).partition,
            false => self.router.named().unwrap_or(self.sight.primary),
        }
    }

    fn makes_people(&self) -> bool {
        self.mode != Mode::UpdateOnly && self.lookup != LookupField::Id
    }
}

// === impl Run ===

impl<'a> Run<'a> {
    fn new(tx: &'a Tx, spec: &'a Spec<'a>) -> Self {
        let settings = Settings::from_json(&tx.head().settings);
        let rules = Rules {
            create: spec.makes_people(),
            update: spec.mode != Mode::CreateOnly,
            withhold: spec.mode == Mode::CreateOrUpdate,
            tenant_wide: match spec.lookup {
                LookupField::Email => settings.duplicate_policy == DuplicatePolicy::Reject,
                LookupField::ExternalId => false,
                LookupField::Id => true,
            },
            named: spec.router.named(),
            primary: spec.sight.primary,
        };
        Self {
            tx,
            spec,
            rules,
            settings,
            time: now(),
            unsubscribed: HashSet::new(),
            withdrawn: Vec::new(),
            changed: Reads::default(),
            homes: HashMap::new(),
        }
    }

    /// Keeps the targets from being deleted while people are put into them.
    async fn hold_partitions(&self, groups: &Open) -> Result<()> {
        let targets: BTreeSet<PartitionId> =
            groups.open().into_iter().map(|at| groups[at].target).collect();
        let targets: Vec<PartitionId> = targets.into_iter().collect();
        let held = person::lock_partitions(self.tx, &targets).await?;
        match self.spec.router.named() {
            _ if held.len() == targets.len() => Ok(()),
            Some(named) => Err(refuse::partition_not_found(named)),
            // The policy, or the primary, is another one by now: what it was led here and is gone.
            None => Err(Error::Contended),
        }
    }

    fn addresses(&self, groups: &Open) -> Vec<Address> {
        // A known person may be in any partition that the workspace sees, a new one is in the target.
        let seen = if self.rules.update { self.spec.sight.ids() } else { Vec::new() };
        let mut addresses = Vec::new();
        for at in groups.open() {
            let Group { input, target, .. } = &groups[at];
            let key = input.email_key();
            if key.is_empty() {
                continue;
            }
            let known = seen.iter().filter(|one| *one != target);
            let scopes = known.chain(std::iter::once(target));
            addresses.extend(scopes.map(|partition| (*partition, key.to_owned())));
        }
        addresses
    }

    async fn round(&mut self, groups: &mut Open, open: Vec<usize>, round: usize) -> Result<()> {
        // Where the index alone can tell new from known, the first round asks nobody else.
        let index_decides = self.rules.create
            && (self.rules.named.is_some() || self.rules.tenant_wide || !self.rules.update);
        let creates = if index_decides && round == 0 && self.may_create() {
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
            let one = |id| found.iter().find(|one| one.id == id).cloned();
            match decide(&self.rules, groups[at].target, &candidates) {
                Decision::Create if self.may_create() => creates.push(at),
                Decision::Create => groups.fail(at, refuse::read_only(groups[at].target)),
                Decision::Update(known) => updates.extend(one(known.id).map(|one| (at, one))),
                Decision::Withhold(known) => {
                    groups.withhold(at);
                    updates.extend(one(known.id).map(|one| (at, one)));
                }
                Decision::Refuse(Refused::ReadOnly(known))
                    if groups[at].input.only_unsubscribes() =>
                {
                    groups.withhold(at);
                    updates.extend(one(known.id).map(|one| (at, one)));
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
            LookupField::Email => person::by_email(self.tx, self.scopes(&seen), texts()).await?,
            LookupField::ExternalId => person::by_external_id(self.tx, &seen, texts()).await?,
            LookupField::Id => {
                let ids: Vec<PersonId> = keys().filter_map(|key| key.id()).collect();
                let found = person::by_person_id(self.tx, &seen, &ids).await?;
                let there: HashSet<PersonId> = found.iter().map(|one| one.id).collect();
                let missing: Vec<PersonId> =
                    ids.into_iter().filter(|id| !there.contains(id)).collect();
                if !missing.is_empty()
                    && !person::merge::winners(self.tx, &missing).await?.is_empty()
                {
                    // Merged since the rows were read.
                    return Err(Error::Contended);
                }
                found
            }
        };
        let mut by_key: HashMap<Key, Vec<Located>> = HashMap::new();
        for one in found {
            by_key.entry(Key::of_located(self.spec.lookup, &one)).or_default().push(one);
        }
        Ok(by_key)
    }

    /// The scopes in which an email of these partitions is unique.
    fn scopes(&self, partitions: &[PartitionId]) -> Vec<Uuid> {
        let scopes: BTreeSet<Uuid> = partitions
            .iter()
            .map(|partition| refuse::uniqueness_scope(&self.settings, *partition))
            .collect();
        scopes.into_iter().collect()
    }

    /// Makes people, in one statement for each partition; the rows that the index refused.
    async fn insert(&mut self, groups: &mut Open, creates: Vec<usize>) -> Result<Vec<usize>> {
        let mut by_target: BTreeMap<PartitionId, Vec<usize>> = BTreeMap::new();
        for at in creates {
            by_target.entry(groups[at].target).or_default().push(at);
        }
        let mut refused = Vec::new();
        for (target, rows) in by_target {
            refused.extend(self.insert_into(target, groups, rows).await?);
        }
        Ok(refused)
    }

    async fn insert_into(
        &mut self,
        target: PartitionId,
        groups: &mut Open,
        mut rows: Vec<usize>,
    ) -> Result<Vec<usize>> {
        // In the order of the index: two sets with the same emails wait for each other, and never in a ring.
        rows.sort_by(|a, b| groups[*a].input.email_key().cmp(groups[*b].input.email_key()));
        let people: Vec<NewPerson> = rows.iter().map(|at| self.new_person(&groups[*at])).collect();
        let scope = refuse::uniqueness_scope(&self.settings, target);
        let source = self.spec.source;
        let made = person::insert(self.tx, target, scope, source, self.time, &people).await?;
        let made: HashSet<PersonId> = made.into_iter().collect();
        self.tx.people_flowed(None, Some(target), made.len());
        let hidden = self.spec.sight.reach(target) == Reach::Hidden;
        let mut refused = Vec::new();
        for (at, one) in rows.into_iter().zip(people) {
            if made.contains(&one.id) {
                if groups[at].input.unsubscribes() && !one.email_key.is_empty() {
                    self.withdrawn.push((target, one.email_key));
                }
                self.homes.insert(one.id, target);
                let outcome = Outcome::Created(one.id);
                groups.finish(at, if hidden { outcome.hidden() } else { outcome });
            } else {
                refused.push(at);
            }
        }
        Ok(refused)
    }

    fn new_person(&self, group: &Group) -> NewPerson {
        let input = &group.input;
        let address = (group.target, input.email_key().to_owned());
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
        if refused.is_empty() {
            return Ok(());
        }
        let input = |at: &usize| &groups[*at].input;
        let targets: Vec<PartitionId> = refused.iter().map(|at| groups[*at].target).collect();
        let emails: Vec<String> =
            refused.iter().map(|at| input(at).email_key().to_owned()).collect();
        let externals = refused.iter().filter_map(|at| input(at).external_id.clone()).collect();
        let mut found = person::by_email(self.tx, self.scopes(&targets), emails).await?;
        found.extend(person::by_external_id(self.tx, &targets, externals).await?);
        for at in refused {
            let Group { input, target, .. } = &groups[at];
            let stands = |(field, one): &(&str, &Located)| {
                one.partition_id == *target || (*field == "email" && self.unites_emails())
            };
            let taken = found.iter().filter_map(|one| refuse::taken(input, one)).find(stands);
            if let Some((field, one)) = taken {
                let refusal = refuse::key_taken(field, *target, &self.candidate(one));
                groups.fail(at, refusal);
            }
        }
        Ok(())
    }

    /// An email is one person's in the whole tenant (D-02).
    fn unites_emails(&self) -> bool {
        self.settings.duplicate_policy == DuplicatePolicy::Reject
    }

    fn candidate(&self, located: &Located) -> Candidate {
        Candidate {
            id: located.id,
            partition: located.partition_id,
            reach: self.spec.sight.reach(located.partition_id),
        }
    }

    /// New people go where the workspace may write, if the caller named the place; a rule leads where it leads
    ///
    fn may_create(&self) -> bool {
        self.rules.named.is_none_or(|named| self.spec.sight.reach(named) == Reach::Write)
    }
}
