//! What submissions of forms leave in the feed and in the audit log.

use serde_json::{Value as Json, json};

use super::{Done, Run, Submission};
use crate::id::{PartitionId, PersonId};
use crate::repository::Change;
use crate::repository::person::PersonPatch;

// === impl Run ===

impl Run<'_> {
    /// Tells of a person who was made or changed, with what the form said of them.
    pub(super) fn tell(
        &self,
        kind: &'static str,
        id: PersonId,
        partition: PartitionId,
        after: Json,
    ) {
        self.tx.record(Change {
            kind,
            resource_id: Some(id.0),
            workspace_id: Some(self.submission.workspace),
            detail: json!({ "partition_id": partition }),
            after,
            ..Change::default()
        });
    }

    /// Tells the tenant's admins what happened. The feed names nobody whom the workspace does not see.
    pub(super) fn record(&self, done: &Done) {
        let Submission { workspace, form, program, .. } = self.submission;
        let seen = done.id.filter(|_| self.sight.seen(done.partition).is_some());
        self.tx.record_first(Change {
            kind: "form.submitted",
            resource_id: Some(form.0),
            workspace_id: Some(*workspace),
            detail: json!({
                "program_id": program,
                "person_id": seen,
                "partition_id": seen.map(|_| done.partition),
            }),
            after: json!({
                "program_id": program,
                "person_id": done.id,
                "partition_id": done.partition,
                "outcome": done.what,
            }),
            ..Change::default()
        });
    }
}

/// What a form changes of somebody, for the audit log.
pub(super) fn said(patch: &PersonPatch) -> Json {
    let mut said = json!({
        "email": patch.email,
        "external_id": patch.external_id,
        "first_name": patch.first_name,
        "last_name": patch.last_name,
        "unsubscribed": patch.unsubscribed,
    });
    if let Some(said) = said.as_object_mut() {
        said.retain(|_, value| !value.is_null());
        said.insert("attributes".into(), patch.attributes.clone());
    }
    said
}
