//! What an erasure says of itself: ids and numbers, and nothing of whom it erased.

use serde::{Deserialize, Serialize};

use crate::id::{AssetId, FolderId, OperationId, PartitionId, PersonId, WorkspaceId};

/// Most audit records and mentions that a receipt names.
const NAMED: usize = 1_000;

/// What was erased. Of a person who was erased through a workspace it tells what that sees.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Receipt {
    /// It tells all: the erasure was of the whole tenant.
    pub whole: bool,
    /// The records that are gone, merged and deleted ones too.
    pub people: Vec<Erased>,
    /// Memberships of programs and lists.
    pub memberships: i64,
    /// Results of segmentations.
    pub segments: i64,
    /// Stored answers of calls that told of them.
    pub answers: i64,
    /// Stored answers of chunks of imports.
    pub chunks: i64,
    /// Audit records whose before and after are gone.
    pub payloads: i64,
    /// The first of them, by number.
    pub records: Vec<i64>,
    /// What names the email literally, and was left as it is.
    pub mention_count: i64,
    /// The first of them.
    pub mentions: Vec<Mention>,
    /// The email may not come back.
    pub suppressed: bool,
}

/// A record that is gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Erased {
    /// Whose.
    pub person: PersonId,
    /// Where it was.
    pub partition: PartitionId,
}

/// Something that names an erased email literally.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mention {
    /// The name or description of an asset.
    Asset(AssetId),
    /// The name or description of a folder.
    Folder(FolderId),
    /// The name or description of a workspace.
    Workspace(WorkspaceId),
    /// The content of an asset: the draft, or what is live without being a version.
    Content(AssetId),
    /// An approved version of an asset.
    Version(AssetId, i64),
    /// A rule of a version of the routing policy, by its place from 0.
    Rule(i64, usize),
    /// An operation that has not ended; what it was asked for goes with its end.
    Operation(OperationId),
}

// === impl Receipt ===

impl Receipt {
    /// Counts what records were in.
    pub(super) fn add_places(&mut self, memberships: usize, segments: i64) {
        self.memberships += i64::try_from(memberships).unwrap_or(i64::MAX);
        self.segments += segments;
    }

    /// Notes audit records whose before and after are gone.
    pub(super) fn add_records(&mut self, records: &[i64]) {
        self.payloads += i64::try_from(records.len()).unwrap_or(i64::MAX);
        let room = NAMED.saturating_sub(self.records.len());
        self.records.extend(records.iter().take(room));
    }

    /// Notes what names the email.
    pub(super) fn add_mention(&mut self, mention: Mention) {
        self.mention_count += 1;
        if self.mentions.len() < NAMED {
            self.mentions.push(mention);
        }
    }
}
