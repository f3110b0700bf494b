//! Exporting people: partition by partition in order of creation, a page at a time, each page judged anew.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{People, View, sight};
use crate::clock::Micros;
use crate::config::EXPORT_PAGE;
use crate::context::Context;
use crate::error::Result;
use crate::id::{PartitionId, PersonId, WorkspaceId};
use crate::page::Tokens;
use crate::repository::{Answer, person};
use crate::service::access::{self, At};

/// What a caller exports.
#[derive(Clone, Debug)]
pub struct Export {
    /// The workspace through which the caller looks.
    pub workspace: WorkspaceId,
    /// Only these partitions; none: all that it sees.
    pub partitions: Vec<PartitionId>,
}

/// A page of an export.
pub struct ExportPage {
    /// The people.
    pub people: Vec<View>,
    /// Where to go on; empty at the end.
    pub resume: String,
}

/// The last person of a page.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Position {
    partition: PartitionId,
    time: Micros,
    person: PersonId,
}

// === impl People ===

impl People {
    /// The page after a position: only people whom the workspace sees now (V-04).
    pub async fn export_page(
        &self,
        ctx: &Context,
        export: &Export,
        resume: &str,
    ) -> Result<Answer<ExportPage>> {
        let tokens = export.tokens(self, ctx);
        let after: Option<Position> =
            tokens.read(resume).map_err(|error| error.field("resume_token"))?;
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(export.workspace)).await?;
        let mut partitions = sight(&scope, export.workspace).await?.narrow(&export.partitions)?;
        partitions.sort_unstable();
        let mut rows = Vec::new();
        for partition in partitions {
            let start = match after {
                Some(at) if partition < at.partition => continue,
                Some(at) if partition == at.partition => (at.time, at.person),
                _ => (Micros::MIN, PersonId(Uuid::nil())),
            };
            let room = EXPORT_PAGE - i64::try_from(rows.len()).unwrap_or(EXPORT_PAGE);
            if room == 0 {
                break;
            }
            rows.extend(person::walk(&scope, partition, start, room).await?);
        }
        let full = i64::try_from(rows.len()) == Ok(EXPORT_PAGE);
        let position = rows.last().filter(|_| full).map(|last| Position {
            partition: last.partition_id,
            time: last.create_time,
            person: last.id,
        });
        let resume = position.map(|position| tokens.write(&position)).unwrap_or_default();
        let people = self.views(&scope, rows).await?;
        Ok(scope.answer(ExportPage { people, resume }))
    }
}

// === impl Export ===

impl Export {
    fn tokens(&self, people: &People, ctx: &Context) -> Tokens {
        let partitions: Vec<String> = self.partitions.iter().map(PartitionId::to_string).collect();
        Tokens::new(&people.secrets, ctx, &[&self.workspace.to_string(), &partitions.join(",")])
    }
}
