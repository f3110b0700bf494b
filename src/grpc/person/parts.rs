//! Parts that requests about people have in common.

use crate::config::BATCH_MAX;
use crate::domain::email::Email;
use crate::error::Result;
use crate::grpc::decode::Fields;
use crate::id::{PersonId, WorkspaceId};

/// A person through a workspace.
pub(super) fn path(workspace: &str, person: &str) -> Result<(WorkspaceId, PersonId)> {
    let mut fields = Fields::default();
    let path = (fields.id("workspace_id", workspace), fields.id("person_id", person));
    fields.check().map(|()| path)
}

/// Emails, 1 to 1,000.
pub(super) fn emails(fields: &mut Fields, texts: &[String]) -> Vec<Email> {
    bounded(fields, "emails", texts.len());
    let parse = |(at, text): (usize, &String)| match Email::parse(text) {
        Ok(email) => Some(email),
        Err(description) => {
            fields.violate(format!("emails[{at}]"), description);
            None
        }
    };
    texts.iter().take(BATCH_MAX).enumerate().filter_map(parse).collect()
}

/// A batch is not empty; too many ids are found by [`Fields::ids`].
pub(super) fn some(fields: &mut Fields, field: &str, length: usize) {
    if length == 0 {
        fields.violate(field, "must have at least 1 item");
    }
}

/// A batch has 1 to 1,000 items.
pub(super) fn bounded(fields: &mut Fields, field: &str, length: usize) {
    if !(1..=BATCH_MAX).contains(&length) {
        fields.violate(field, format!("must have 1 to {BATCH_MAX} items"));
    }
}
