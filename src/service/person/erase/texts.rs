//! The texts that tell of who is erased: what is ours goes, what somebody wrote is listed.

use serde_json::Value as Json;

use super::{Looked, Mention, State, Whom};
use crate::domain::visibility::Reach;
use crate::entity::Asset;
use crate::error::{Error, Result};
use crate::id::{AssetId, FolderId, OperationId, WorkspaceId};
use crate::repository::erasure::{self, Place, Row};
use crate::repository::{Tx, asset, operation};

/// How many rows a slice looks at for each person that other slices do: most say nothing.
const ROWS: i64 = 2;

/// Looks at the next rows of a place.
pub(super) async fn slice(
    tx: &Tx,
    whom: &Whom,
    state: &mut State,
    place: Place,
    size: i64,
) -> Result<Looked> {
    let limit = size * ROWS;
    let rows = erasure::page(tx, place, &state.subject, state.after, limit).await?;
    let looked_at = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if let Some(last) = rows.last() {
        state.after = last.cursor();
    }
    // What was recorded since the people are gone tells of others.
    let past = |row: &Row| place == Place::Audit && row.number > state.until;
    let all = looked_at < limit || rows.last().is_some_and(past);
    let hits: Vec<Row> = rows.into_iter().filter(|row| row.text.is_some() && !past(row)).collect();
    for row in &hits {
        match place {
            Place::Answers => state.receipt.answers += state.blank_answer(tx, row).await?,
            Place::Chunks => state.receipt.chunks += state.blank_chunk(tx, row).await?,
            Place::Audit => {}
            _ => state.mention(tx, whom, place, row).await?,
        }
    }
    if place == Place::Audit {
        state.delete_payloads(tx, &hits).await?;
    }
    Ok(Looked { rows: looked_at, all })
}

fn text(row: &Row) -> &str {
    row.text.as_deref().unwrap_or_default()
}

// === impl State ===

impl State {
    async fn blank_answer(&self, tx: &Tx, row: &Row) -> Result<i64> {
        let Some(blanked) = self.blanked(row)? else { return Ok(0) };
        erasure::set_answer(tx, row, blanked).await?;
        Ok(1)
    }

    async fn blank_chunk(&self, tx: &Tx, row: &Row) -> Result<i64> {
        let Some(blanked) = self.blanked(row)? else { return Ok(0) };
        erasure::set_chunk(tx, row, blanked).await?;
        Ok(1)
    }

    /// A stored answer without the values of who is erased; nothing, if it has none.
    fn blanked(&self, row: &Row) -> Result<Option<String>> {
        let mut answer: Json = serde_json::from_str(text(row)).map_err(Error::internal)?;
        Ok(self.subject.blank(&mut answer).then(|| answer.to_string()))
    }

    /// Before and after cannot be changed, as they are hashed whole: those that tell of somebody go.
    async fn delete_payloads(&mut self, tx: &Tx, hits: &[Row]) -> Result<()> {
        let theirs = hits.iter().filter(|row| self.subject.is_in(text(row)));
        let records: Vec<i64> = theirs.map(|row| row.number).collect();
        if !records.is_empty() {
            let mut deleted = erasure::delete_payloads(tx, records).await?;
            deleted.sort_unstable();
            self.receipt.add_records(&deleted);
        }
        Ok(())
    }

    /// Notes what names an email, as far as the caller may know of it.
    async fn mention(&mut self, tx: &Tx, whom: &Whom, place: Place, row: &Row) -> Result<()> {
        if !self.subject.has_email_in(text(row)) || !is_shown(tx, whom, place, row).await? {
            return Ok(());
        }
        let id = row.id.unwrap_or_default();
        match place {
            Place::Assets => self.receipt.add_mention(Mention::Asset(AssetId(id))),
            Place::Folders => self.receipt.add_mention(Mention::Folder(FolderId(id))),
            Place::Workspaces => self.receipt.add_mention(Mention::Workspace(WorkspaceId(id))),
            Place::Contents => self.receipt.add_mention(Mention::Content(AssetId(id))),
            Place::Versions => self.receipt.add_mention(Mention::Version(AssetId(id), row.number)),
            Place::Operations => self.receipt.add_mention(Mention::Operation(OperationId(id))),
            Place::Routing => {
                let rules: Vec<Json> = serde_json::from_str(text(row)).map_err(Error::internal)?;
                for (at, rule) in rules.iter().enumerate() {
                    if self.subject.has_email_in(&rule.to_string()) {
                        self.receipt.add_mention(Mention::Rule(row.number, at));
                    }
                }
            }
            Place::Answers | Place::Chunks | Place::Audit => {}
        }
        Ok(())
    }
}

/// Whether a workspace shows what somebody wrote; an erasure of the tenant sees all.
async fn is_shown(tx: &Tx, whom: &Whom, place: Place, row: &Row) -> Result<bool> {
    let Some(workspace) = whom.workspace() else { return Ok(true) };
    let id = row.id.unwrap_or_default();
    Ok(match place {
        Place::Assets | Place::Contents | Place::Versions => {
            let Some(one) = asset::get(tx, AssetId(id)).await? else { return Ok(false) };
            let reach = tx.index().await?.index.reach(workspace, one.folder_id);
            reach.is_some_and(|reach| shows(reach, place, &one, row.number))
        }
        Place::Folders => tx.index().await?.index.reach(workspace, FolderId(id)).is_some(),
        Place::Workspaces => workspace.0 == id,
        Place::Operations => {
            let found = operation::get(tx, OperationId(id)).await?;
            found.is_some_and(|one| one.workspace_id == Some(workspace))
        }
        Place::Answers | Place::Chunks | Place::Audit | Place::Routing => false,
    })
}

/// Whether what stands in a place of an asset is shown to who reaches it: of one that is received, what is live (S-07).
fn shows(reach: Reach, place: Place, one: &Asset, version: i64) -> bool {
    match (reach, place) {
        (Reach::Own { .. }, _) => true,
        (Reach::Received { .. }, Place::Versions) => one.approved_version == Some(version),
        (Reach::Received { .. }, Place::Contents) => !one.kind.traits().approvable,
        (Reach::Received { .. }, _) => one.is_live(),
    }
}
