//! Identifiers: UUIDv7 made by the service, one type per noun so that they cannot be mixed up.

use std::fmt;
use std::str::FromStr;

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DeriveValueType,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id, greater than all that this process made before.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }

        // Asked for by sea-orm of every key; our ids never come from a sequence.
        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )+};
}

ids! {
    /// A tenant.
    TenantId,
    /// A workspace.
    WorkspaceId,
    /// A person partition.
    PartitionId,
    /// A person.
    PersonId,
    /// A field of people.
    FieldId,
    /// An import, named by its client.
    ImportId,
    /// A role.
    RoleId,
    /// A group of principals.
    GroupId,
    /// A grant.
    GrantId,
    /// A service account.
    ServiceAccountId,
    /// A key of a service account.
    ApiKeyId,
    /// A folder.
    FolderId,
    /// An asset.
    AssetId,
    /// A segment of a segmentation; the nil UUID is Default.
    SegmentId,
    /// An operation.
    OperationId,
}

// === impl TenantId ===

impl TenantId {
    /// A tenant's id in the usual form of 36 characters, as in requests, and in no other.
    pub fn parse_usual(text: &str) -> Option<Self> {
        text.parse().ok().filter(|_| text.len() == 36)
    }
}
