//! People who fill in forms. Whoever is known already is neither refused nor lost, and nobody can tell by the
//! reply, which is the same for all: it has no id, and every submission is one revision.

mod record;

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::fold::values;
use super::moves::{self, Move, MoveOutcome, Moved};
use super::{People, refuse, sight};
use crate::clock::{Micros, now};
use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::form::{Meeting, Rules, meet};
use crate::domain::person::PersonInput;
use crate::domain::region;
use crate::domain::upsert::{Candidate, Reach};
use crate::entity::Asset;
use crate::entity::person::Source;
use crate::entity::tenant::{DuplicatePolicy, KnownElsewhere, Settings};
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{AssetId, PartitionId, PersonId, WorkspaceId};
use crate::repository::consent::{self, Address};
use crate::repository::person::{self, NewPerson, PersonPatch};
use crate::repository::visibility::Sight;
use crate::repository::{Answer, Tx, asset, asset_member, partition, suppression, workspace};
use crate::service::access::{self, At, Permission};
use crate::service::refuse as shared;
use crate::service::routing::{Router, Sample, Way};

/// How often a form may lose a race for its email within one transaction.
const ROUNDS: usize = 4;

/// What somebody filled in.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The form's workspace.
    pub workspace: WorkspaceId,
    /// The form.
    pub form: AssetId,
    /// The program that they become a member of.
    pub program: Option<AssetId>,
    /// What they say of themselves, with an email; what is empty says nothing.
    pub input: PersonInput,
}

/// One submission, while it runs.
struct Run<'a> {
    tx: &'a Tx,
    submission: &'a Submission,
    sight: &'a Sight,
    settings: Settings,
    target: PartitionId,
    attributes: Json,
    time: Micros,
}

/// What a submission came to.
struct Done {
    id: Option<PersonId>,
    partition: PartitionId,
    what: &'static str,
}

// === impl People ===

impl People {
    /// Takes what somebody filled in.
    pub async fn submit_form(&self, ctx: &Context, submission: &Submission) -> Result<Answer<()>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(submission.workspace)).await?;
                access::demand_in(tx, ctx, Permission::AssetsRead, submission.workspace).await?;
                self.take(tx, submission).await
            })
            .await
    }

    async fn take(&self, tx: &Tx, submission: &Submission) -> Result<()> {
        let archived = submission.hold_workspace(tx).await?;
        submission.admit(tx).await?;
        let fields = tx.fields().await?;
        let attributes =
            values(&fields, &submission.input).map_err(|error| error.below("person"))?;
        let sight = sight(tx, submission.workspace).await?;
        let way = Way { sight: &sight, named: None, source: Source::Form };
        let router = Router::new(tx, way).await?;
        let attributes = filled(attributes);
        let sample = Sample { input: &submission.input, attributes: &attributes };
        let run = Run {
            tx,
            submission,
            sight: &sight,
            settings: Settings::from_json(&tx.head().settings),
            target: router.decide(&sample).partition,
            attributes,
            time: now(),
        };
        run.hold().await?;
        let done = if archived { run.unsubscribe().await? } else { run.all().await? };
        run.record(&done);
        Ok(())
    }
}

// === impl Submission ===

impl Submission {
    /// Holds the workspace, and says whether it is archived: it then lets nothing through but an unsubscription
    /// (W-12, D-09).
    async fn hold_workspace(&self, tx: &Tx) -> Result<bool> {
        let held = workspace::hold(tx, &[self.workspace]).await?;
        let held = held.first();
        let held = held.ok_or_else(|| Error::not_found(Noun::Workspace, self.workspace))?;
        let archived = held.archive_time.is_some();
        if archived && !self.input.only_unsubscribes() {
            return Err(shared::archived(self.workspace));
        }
        Ok(archived)
    }

    /// The form is the workspace's own, and live.
    async fn admit(&self, tx: &Tx) -> Result<()> {
        let form = self.own(asset::get(tx, self.form).await?, self.form, Type::Form)?;
        if form.is_live() {
            return Ok(());
        }
        let message = "the form is not approved; approve it before people fill it in";
        Err(Error::new(Reason::NotApprovable, message)
            .with("asset_id", form.id)
            .with("type", form.kind)
            .resource(Noun::Asset, form.id.to_string()))
    }

    /// An asset of the workspace's own, or ASSET_NOT_FOUND.
    fn own(&self, found: Option<Asset>, id: AssetId, kind: Type) -> Result<Asset> {
        found
            .filter(|one| one.workspace_id == self.workspace && one.kind == kind)
            .ok_or_else(|| Error::not_found(Noun::Asset, id))
    }
}

// === impl Run ===

impl Run<'_> {
    /// Keeps what people are put into from being deleted.
    async fn hold(&self) -> Result<()> {
        if person::lock_partitions(self.tx, &[self.target]).await?.is_empty() {
            // The policy, or the primary, is another one by now.
            return Err(Error::Contended);
        }
        if let Some(id) = self.submission.program {
            let held = asset_member::hold(self.tx, id).await?;
            self.submission.own(held, id, Type::Program)?;
        }
        Ok(())
    }

    async fn all(&self) -> Result<Done> {
        let key = self.submission.input.email_key();
        if !suppression::among(self.tx, [key]).await?.is_empty() {
            // Erased, and kept from coming back; who fills in the form does not learn of it.
            self.keep_consent(self.target).await?;
            return Ok(Done { id: None, partition: self.target, what: "suppressed" });
        }
        let done = self.write().await?;
        self.keep_consent(done.partition).await?;
        if let (Some(program), Some(id)) = (self.submission.program, done.id) {
            asset_member::add(self.tx, program, &[id], self.time).await?;
        }
        self.tx.people_written(done.id);
        Ok(done)
    }

    /// Makes the person, or changes who is known. Who turns up while it runs is met in the next round.
    async fn write(&self) -> Result<Done> {
        for round in 0..ROUNDS {
            match self.meet().await? {
                // Nobody has the email, and the index refused the person all the same: somebody has the external id.
                // That is no reason to lose who fills in a form.
                Meeting::New => {
                    if let Some(id) = self.create(round == 0).await? {
                        return Ok(Done { id: Some(id), partition: self.target, what: "created" });
                    }
                }
                Meeting::Change(one) => return self.change(one, "changed").await,
                Meeting::Withhold(one) => return self.withhold(one).await,
                Meeting::Move(one) => return self.fetch(one).await,
            }
        }
        Err(Error::Contended)
    }

    async fn meet(&self) -> Result<Meeting> {
        let tenant_wide = self.settings.duplicate_policy == DuplicatePolicy::Reject;
        let mut partitions = self.sight.ids();
        partitions.push(self.target);
        let scope = |partition| refuse::uniqueness_scope(&self.settings, partition);
        let mut scopes: Vec<_> = partitions.into_iter().map(scope).collect();
        scopes.sort_unstable();
        scopes.dedup();
        let keys = vec![self.submission.input.email_key().to_owned()];
        let found = person::by_email(self.tx, scopes, keys).await?;
        let candidate = |one: person::Located| Candidate {
            id: one.id,
            partition: one.partition_id,
            reach: self.sight.reach(one.partition_id),
        };
        let candidates: Vec<Candidate> = found.into_iter().map(candidate).collect();
        let rules = Rules {
            tenant_wide,
            moves: self.settings.known_elsewhere == KnownElsewhere::Move,
            primary: self.sight.primary,
            target: self.target,
        };
        Ok(meet(&rules, &candidates))
    }

    async fn create(&self, with_external_id: bool) -> Result<Option<PersonId>> {
        let input = &self.submission.input;
        let address = self.address(self.target);
        let known = consent::unsubscribed(self.tx, std::slice::from_ref(&address)).await?;
        let new = NewPerson {
            id: PersonId::new(),
            email: input.email.as_ref().map(|email| email.given.clone()),
            email_key: address.1,
            external_id: input.external_id.clone().filter(|_| with_external_id),
            first_name: input.first_name.clone(),
            last_name: input.last_name.clone(),
            unsubscribed: input.unsubscribes() || !known.is_empty(),
            attributes: self.attributes.clone(),
        };
        let scope = refuse::uniqueness_scope(&self.settings, self.target);
        let made =
            person::insert(self.tx, self.target, scope, Source::Form, self.time, &[new]).await?;
        self.tx.people_flowed(None, Some(self.target), made.len());
        let made = made.into_iter().next();
        if let Some(id) = made {
            let after = self.look(id, self.target).await?;
            self.tell("person.created", (id, self.target), Json::Null, after);
        }
        Ok(made)
    }

    async fn change(&self, one: Candidate, what: &'static str) -> Result<Done> {
        let input = &self.submission.input;
        let mut patch = PersonPatch {
            id: one.id,
            email: input.email.as_ref().map(|email| email.given.clone()),
            email_key: None,
            external_id: input.external_id.clone(),
            first_name: input.first_name.clone(),
            last_name: input.last_name.clone(),
            unsubscribed: input.unsubscribes().then_some(true),
            attributes: self.attributes.clone(),
        };
        if self.update(one, &patch).await?.is_err() {
            // Somebody else has the external id: all the rest is still said.
            patch.external_id = None;
            self.update(one, &patch).await??;
        }
        Ok(Done { id: Some(one.id), partition: one.partition, what })
    }

    /// Takes an unsubscription, and nothing else.
    async fn withhold(&self, one: Candidate) -> Result<Done> {
        if self.submission.input.unsubscribes() {
            self.update(one, &unsubscription(one.id)).await??;
        }
        Ok(Done { id: Some(one.id), partition: one.partition, what: "withheld" })
    }

    async fn update(&self, one: Candidate, patch: &PersonPatch) -> Result<Result<()>> {
        let rows = std::slice::from_ref(patch);
        let before = self.look(one.id, one.partition).await?;
        let updated = match patch.external_id {
            None => Ok(person::update(self.tx, self.time, rows).await?),
            // The one key that can be in the way: the email is the person's own.
            Some(_) => {
                let update = async || person::update(self.tx, self.time, rows).await;
                self.tx.savepoint(update).await?
            }
        };
        if updated.as_ref().is_ok_and(|updated| !updated.is_empty()) {
            let after = self.look(one.id, one.partition).await?;
            self.tell("person.updated", (one.id, one.partition), before, after);
        }
        Ok(updated.map(drop))
    }

    /// Brings somebody to where a new person would go, if regions and keys let it: that is a move.
    async fn fetch(&self, one: Candidate) -> Result<Done> {
        let ends = partition::by_ids(self.tx, &[one.partition, self.target]).await?;
        let region = |id| ends.iter().find(|end| end.id == id).map(|end| end.region.as_str());
        let (from, to) = (region(one.partition), region(self.target));
        let pairs = &self.settings.allowed_region_pairs;
        if !region::compatible(from.unwrap_or_default(), to.unwrap_or_default(), pairs) {
            return self.withhold(one).await;
        }
        let rows = person::lock(self.tx, &[one.partition], &[one.id]).await?;
        let run = moves::Run::of(self.tx, self.sight.clone(), self.target);
        let mut outcomes = HashMap::new();
        run.transfer(&rows.iter().collect::<Vec<_>>(), &mut outcomes).await?;
        if !outcomes.is_empty() {
            return self.withhold(one).await;
        }
        let outcome = MoveOutcome::Moved;
        run.record(&self.movement(), &[Moved { id: one.id, from: Some(one.partition), outcome }]);
        let reach = self.sight.reach(self.target);
        let there = Candidate { partition: self.target, reach, ..one };
        match reach {
            Reach::Write => self.change(there, "moved").await,
            Reach::Read | Reach::Hidden => {
                Ok(Done { what: "moved", ..self.withhold(there).await? })
            }
        }
    }

    fn movement(&self) -> Move {
        Move {
            workspace: self.submission.workspace,
            people: Vec::new(),
            target: self.target,
            reason: format!("form {}", self.submission.form),
            merge: false,
            atomic: false,
        }
    }

    /// Does for an archived workspace what passes it: nobody is made, and nobody joins the program.
    async fn unsubscribe(&self) -> Result<Done> {
        let met = match self.meet().await? {
            Meeting::New => None,
            Meeting::Change(one) | Meeting::Withhold(one) | Meeting::Move(one) => Some(one),
        };
        if let Some(one) = met {
            self.withhold(one).await?;
        }
        let partition = met.map_or(self.target, |one| one.partition);
        self.keep_consent(partition).await?;
        Ok(Done { id: met.map(|one| one.id), partition, what: "unsubscribed" })
    }

    /// Keeps an unsubscription for the address, beyond the person.
    async fn keep_consent(&self, partition: PartitionId) -> Result<()> {
        match self.submission.input.unsubscribes() {
            true => consent::withdraw(self.tx, &[self.address(partition)]).await,
            false => Ok(()),
        }
    }

    fn address(&self, partition: PartitionId) -> Address {
        (partition, self.submission.input.email_key().to_owned())
    }
}

/// The values that say something: an empty field of a form changes nothing.
fn filled(attributes: Json) -> Json {
    let Json::Object(values) = attributes else { return attributes };
    let says = |value: &Json| match value {
        Json::Null => false,
        Json::String(text) => !text.trim().is_empty(),
        _ => true,
    };
    Json::Object(values.into_iter().filter(|(_, value)| says(value)).collect())
}

fn unsubscription(id: PersonId) -> PersonPatch {
    PersonPatch {
        id,
        email: None,
        email_key: None,
        external_id: None,
        first_name: None,
        last_name: None,
        unsubscribed: Some(true),
        attributes: json!({}),
    }
}
