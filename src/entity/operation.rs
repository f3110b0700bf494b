//! Work that outlives the call that started it.

use std::time::Duration;

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::config::BULK_DEADLINE;
use crate::id::{OperationId, TenantId, WorkspaceId};

/// A row of `operation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "operation")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OperationId,
    /// What it does.
    pub kind: Kind,
    /// Who started it: it works in this principal's name.
    pub principal: String,
    /// The rpc that started it, whose permission it needs.
    pub method: String,
    /// The workspace through which it works; nothing: the whole tenant.
    pub workspace_id: Option<WorkspaceId>,
    /// The thing that it works on, where it is one.
    pub resource_id: Option<Uuid>,
    /// What is asked for; its kind's own, and gone at its end.
    pub request: Json,
    /// Where it stands; its kind's own, null before its first slice, and gone at its end.
    pub cursor: Json,
    /// Where it stands, for everybody.
    pub state: State,
    /// What is dealt with, of what `total` counts.
    pub done: i64,
    /// How much there was when it started; 0 if that is not known.
    pub total: i64,
    /// How much of what is done was refused.
    pub failed: i64,
    /// What it did; its kind's own, null until its end and if it failed.
    pub result: Json,
    /// The refusal that ended it; null if none did.
    pub error: Json,
    /// The tenant's revision of its last change.
    pub revision: i64,
    /// When it was asked to stop.
    pub cancel_time: Option<Micros>,
    /// Who works on it.
    pub lease_holder: Option<Uuid>,
    /// Until when nobody else does.
    pub lease_until: Option<Micros>,
    /// Rises with each who works on it: whoever had it before writes nothing more.
    pub fence: i64,
    /// How often the slice that comes next has failed.
    pub attempts: i64,
    /// When it was started.
    pub create_time: Micros,
    /// When its first slice began.
    pub start_time: Option<Micros>,
    /// When it last got further.
    pub update_time: Micros,
    /// When it ended.
    pub end_time: Option<Micros>,
    /// When it is forgotten.
    pub expire_time: Option<Micros>,
}

/// What an operation does: one line here, and one arm in `service/operation/job.rs`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Kind {
    /// Moves people of some partitions to another.
    #[sea_orm(string_value = "MOVE_PEOPLE")]
    MovePeople,
    /// Computes the draft of a segmentation, and makes it live.
    #[sea_orm(string_value = "APPROVE_SEGMENTATION")]
    ApproveSegmentation,
    /// Computes the approved version of a segmentation anew.
    #[sea_orm(string_value = "RECOMPUTE_SEGMENTATION")]
    RecomputeSegmentation,
    /// Computes what a segmentation has come to cover, and removes what it no longer does. The service's own.
    #[sea_orm(string_value = "FOLLOW_SEGMENTATION")]
    FollowSegmentation,
    /// Applies the routing rules to people who are there already.
    #[sea_orm(string_value = "REROUTE_PEOPLE")]
    ReroutePeople,
    /// Puts people for whom a filter holds into a list.
    #[sea_orm(string_value = "ADD_LIST_MEMBERS")]
    AddListMembers,
    /// Copies assets to another workspace.
    #[sea_orm(string_value = "PROMOTE")]
    Promote,
    /// Removes people and all that is stored of them.
    #[sea_orm(string_value = "ERASE_PERSON")]
    ErasePerson,
}

// === impl Kind ===

impl Kind {
    /// The kind as callers and the database read it.
    pub fn name(self) -> String {
        self.to_value()
    }

    /// The kind of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::try_from_value(&name.to_owned()).ok()
    }

    /// The service starts it by itself: no caller's rights are asked for.
    pub fn is_own(self) -> bool {
        self == Self::FollowSegmentation
    }

    /// How much longer than others its slices may take: what is all or nothing is one slice, and does as much as a bulk
    /// call may.
    pub fn more_time(self) -> Duration {
        match self {
            Self::Promote => BULK_DEADLINE,
            _ => Duration::ZERO,
        }
    }
}

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    /// It has not begun.
    #[sea_orm(string_value = "QUEUED")]
    Queued,
    /// It is under way.
    #[sea_orm(string_value = "RUNNING")]
    Running,
    /// It has ended.
    #[sea_orm(string_value = "DONE")]
    Done,
}

/// No relations: joins are written out in the repository.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

// === impl Model ===

impl Model {
    /// An operation that nobody has begun with, on nothing yet.
    pub fn queued(tenant: TenantId, kind: Kind, principal: String, time: Micros) -> Self {
        Self {
            tenant_id: tenant,
            id: OperationId::new(),
            kind,
            principal,
            method: String::new(),
            workspace_id: None,
            resource_id: None,
            request: Json::Null,
            cursor: Json::Null,
            state: State::Queued,
            done: 0,
            total: 0,
            failed: 0,
            result: Json::Null,
            error: Json::Null,
            revision: 0,
            cancel_time: None,
            lease_holder: None,
            lease_until: None,
            fence: 0,
            attempts: 0,
            create_time: time,
            start_time: None,
            update_time: time,
            end_time: None,
            expire_time: None,
        }
    }

    /// It has begun with what nobody could finish after it: it goes on to its end, whoever asks it to stop.
    pub fn must_end(&self) -> bool {
        self.kind == Kind::ErasePerson && !self.cursor.is_null()
    }

    /// Its name, as callers know it.
    pub fn name(&self) -> String {
        name(self.id)
    }
}

/// The name of an operation.
pub fn name(id: OperationId) -> String {
    format!("operations/{id}")
}
