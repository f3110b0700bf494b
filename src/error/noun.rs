//! The nouns of the API.

use super::Reason;

/// A noun of the API, for what is not found or clashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Noun {
    Tenant,
    Workspace,
    Partition,
    Binding,
    Field,
    Person,
    Import,
    Role,
    Group,
    Grant,
    ServiceAccount,
    ApiKey,
    Folder,
    Asset,
    Share,
    Operation,
    Segmentation,
    Segment,
}

// === impl Noun ===

impl Noun {
    /// The noun as callers read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Workspace => "workspace",
            Self::Partition => "partition",
            Self::Binding => "binding",
            Self::Field => "field",
            Self::Person => "person",
            Self::Import => "import",
            Self::Role => "role",
            Self::Group => "group",
            Self::Grant => "grant",
            Self::ServiceAccount => "service_account",
            Self::ApiKey => "api_key",
            Self::Folder => "folder",
            Self::Asset => "asset",
            Self::Share => "share",
            Self::Operation => "operation",
            Self::Segmentation => "segmentation",
            Self::Segment => "segment",
        }
    }

    /// The reason of its not being found.
    pub(super) fn not_found(self) -> Reason {
        match self {
            Self::Tenant => Reason::TenantNotFound,
            Self::Workspace => Reason::WorkspaceNotFound,
            Self::Partition => Reason::PartitionNotFound,
            Self::Binding => Reason::BindingNotFound,
            Self::Field => Reason::FieldNotFound,
            Self::Person => Reason::PersonNotFound,
            Self::Import => Reason::ImportNotFound,
            Self::Role => Reason::RoleNotFound,
            Self::Group => Reason::GroupNotFound,
            Self::Grant => Reason::GrantNotFound,
            Self::ServiceAccount => Reason::ServiceAccountNotFound,
            Self::ApiKey => Reason::ApiKeyNotFound,
            Self::Folder => Reason::FolderNotFound,
            Self::Asset => Reason::AssetNotFound,
            Self::Share => Reason::ShareNotFound,
            Self::Operation => Reason::OperationNotFound,
            Self::Segmentation => Reason::SegmentationNotFound,
            Self::Segment => Reason::SegmentNotFound,
        }
    }
}
