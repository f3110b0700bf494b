//! What submissions of forms leave in the feed and in the audit log.

use serde_json::{Value as Json, json};

use super::{Done, Run, Submission};
use crate::error::Result;
use crate::id::{PartitionId, PersonId};
use crate::repository::{Change, person};
use crate::service::person::View;

// === impl Run ===

impl Run<'_> {
    /// Somebody as they are now, for the audit log.
    pub(super) async fn look(&self, id: PersonId, partition: PartitionId) -> Result<Json> {
        let fields = self.tx.fields().await?;
        let found = person::lock(self.tx, &[partition], &[id]).await?.pop();
        Ok(found.map_or(Json::Null, |found| View::new(found, &fields).audit()))
    }

    /// Tells of a person who was made or changed to whoever sees them.
    pub(super) fn tell(
        &self,
        kind: &'static str,
        (id, partition): (PersonId, PartitionId),
        before: Json,
        after: Json,
    ) {
        self.tx.record(Change {
            kind,
            resource_id: Some(id.0),
            workspace_id: Some(self.submission.workspace),
            detail: json!({ "partition_id": partition }),
            before,
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
