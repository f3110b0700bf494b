//! The half of a set that changes people who are known.

use std::collections::HashSet;

use super::fold::{Group, Open};
use super::set::Run;
use super::{Outcome, refuse};
use crate::error::Result;
use crate::id::PersonId;
use crate::repository::person::{self, Located, PersonPatch};

// === impl Run ===

impl Run<'_> {
    /// Changes people who were found, all in one statement if their keys allow it.
    pub(super) async fn update(
        &mut self,
        groups: &mut Open,
        updates: Vec<(usize, Located)>,
    ) -> Result<()> {
        if updates.is_empty() {
            return Ok(());
        }
        let patches: Vec<PersonPatch> =
            updates.iter().map(|(at, located)| self.patch(&groups[*at], located)).collect();
        for patch in &patches {
            self.changed.join(&patch.changes());
        }
        let changes_key = |(at, located): &(usize, Located)| {
            let input = &groups[*at].input;
            (input.email.is_some() && input.email_key() != located.email_key)
                || (input.external_id.is_some() && input.external_id != located.external_id)
        };
        let whole = if updates.iter().any(changes_key) {
            self.tx.savepoint(async || person::update(self.tx, self.time, &patches).await).await?
        } else {
            person::update(self.tx, self.time, &patches).await.map(Ok)?
        };
        match whole {
            Ok(changed) => {
                let changed: HashSet<PersonId> = changed.into_iter().collect();
                for (at, located) in updates {
                    self.updated(groups, at, &located, changed.contains(&located.id));
                }
            }
            // Somebody's new email or external id is taken: each row for itself, to say whose.
            Err(_) => self.update_singly(groups, updates, patches).await?,
        }
        Ok(())
    }

    async fn update_singly(
        &mut self,
        groups: &mut Open,
        updates: Vec<(usize, Located)>,
        patches: Vec<PersonPatch>,
    ) -> Result<()> {
        for ((at, located), patch) in updates.into_iter().zip(patches) {
            let patch = [patch];
            let done = self
                .tx
                .savepoint(async || person::update(self.tx, self.time, &patch).await)
                .await?;
            match done {
                Ok(changed) => self.updated(groups, at, &located, !changed.is_empty()),
                Err(_) => {
                    let input = groups[at].input.clone();
                    let refusal =
                        refuse::update_taken(self.tx, self.spec.sight, &input, &located, &[])
                            .await?;
                    groups.fail(at, refusal);
                }
            }
        }
        Ok(())
    }

    fn updated(&mut self, groups: &mut Open, at: usize, located: &Located, changed: bool) {
        let input = &groups[at].input;
        let key = if input.email.is_some() { input.email_key() } else { &located.email_key };
        if input.unsubscribes() && !key.is_empty() {
            self.withdrawn.push((located.partition_id, key.to_owned()));
        }
        let id = located.id;
        self.homes.insert(id, located.partition_id);
        let outcome = match (groups[at].withheld, changed) {
            (true, unsubscribed) => Outcome::Withheld { id, unsubscribed },
            (false, true) => Outcome::Updated(id),
            (false, false) => Outcome::Unchanged(id),
        };
        groups.finish(at, outcome);
    }

    fn patch(&self, group: &Group, located: &Located) -> PersonPatch {
        let input = &group.input;
        let moved = input.email.is_some() && input.email_key() != located.email_key;
        let address = (located.partition_id, input.email_key().to_owned());
        // A changed email takes the new address's state (D-09).
        let unsubscribed = match (input.unsubscribes(), moved) {
            (true, _) => Some(true),
            (false, true) => Some(self.unsubscribed.contains(&address)),
            (false, false) => None,
        };
        PersonPatch {
            id: located.id,
            email: input.email.as_ref().map(|email| email.given.clone()),
            email_key: input.email.as_ref().map(|email| email.key.clone()),
            external_id: input.external_id.clone(),
            first_name: input.first_name.clone(),
            last_name: input.last_name.clone(),
            unsubscribed,
            attributes: group.attributes.clone(),
        }
    }
}
