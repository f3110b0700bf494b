//! Workspaces between the wire and the service.

use crate::clock::timestamp;
use crate::config::{BATCH_MAX, DESCRIPTION_MAX, FIRST_GRANTS_MAX, NAME_MAX, SETTINGS_BYTES};
use crate::context::Principal;
use crate::domain::{language, region, text};
use crate::entity::etag;
use crate::entity::workspace::Environment;
use crate::error::Result;
use crate::grpc::decode::{self, Fields, times};
use crate::grpc::json;
use crate::id::RoleId;
use crate::pb;
use crate::repository::workspace::Detail;
use crate::service::workspace::{Accessible, NewWorkspace, WorkspacePatch};

const MUTABLE: &[&str] = &[
    "display_name",
    "description",
    "environment",
    "brand",
    "domain",
    "settings",
    "all_partitions",
];
const IMMUTABLE: &[&str] = &[
    "workspace_id",
    "language",
    "region",
    "is_default",
    "archived",
    "archive_time",
    "primary_partition_id",
    "etag",
    "create_time",
    "update_time",
    "delete_time",
    "purge_time",
];

/// A workspace to make.
pub(super) fn new(request: pb::CreateWorkspaceRequest) -> Result<NewWorkspace> {
    let message = decode::required("workspace", request.workspace)?;
    let mut fields = Fields::default();
    if message.all_partitions && !message.region.is_empty() {
        fields.violate("workspace.all_partitions", "must not be set for a workspace with a region");
    }
    let new = NewWorkspace {
        display_name: display_name(&mut fields, &message),
        description: description(&mut fields, &message),
        language: fields.take("workspace.language", language::parse(&message.language)),
        region: fields.take("workspace.region", region::parse(&message.region)),
        environment: environment(&mut fields, &message),
        brand: fields.take("workspace.brand", text::line(&message.brand, NAME_MAX)),
        domain: fields.take("workspace.domain", text::line(&message.domain, NAME_MAX)),
        settings: settings(&mut fields, &message),
        all_partitions: message.all_partitions,
        partition_ids: fields.ids("partition_ids", &request.partition_ids, BATCH_MAX),
        primary: fields.optional_id("primary_partition_id", &request.primary_partition_id),
        grants: grants(&mut fields, &request.grants),
    };
    fields.check().map(|()| new)
}

fn grants(fields: &mut Fields, grants: &[pb::Grant]) -> Vec<(Principal, RoleId)> {
    if grants.len() > FIRST_GRANTS_MAX {
        fields.violate("grants", format!("must have at most {FIRST_GRANTS_MAX} items"));
        return Vec::new();
    }
    let parse = |(at, grant): (usize, &pb::Grant)| {
        if !grant.workspace_id.is_empty() {
            let text = "must be empty: it is the new workspace";
            fields.violate(format!("grants[{at}].workspace_id"), text);
        }
        let principal = fields.principal(&format!("grants[{at}].principal"), &grant.principal);
        (principal, fields.id(&format!("grants[{at}].role_id"), &grant.role_id))
    };
    grants.iter().enumerate().map(parse).collect()
}

/// What to change of a workspace. Without a mask, a language and a region say what the caller believes.
pub(super) fn patch(
    message: pb::Workspace,
    mask: Option<prost_types::FieldMask>,
) -> Result<WorkspacePatch> {
    let unmasked = mask.as_ref().is_none_or(|mask| mask.paths.is_empty());
    let paths = decode::mask(mask, &filled(&message), MUTABLE, IMMUTABLE)?;
    let named = |path: &str| paths.contains(path);
    let mut fields = Fields::default();
    let patch = WorkspacePatch {
        id: fields.id("workspace.workspace_id", &message.workspace_id),
        display_name: named("display_name").then(|| display_name(&mut fields, &message)),
        description: named("description").then(|| description(&mut fields, &message)),
        environment: named("environment").then(|| environment(&mut fields, &message)),
        brand: named("brand")
            .then(|| fields.take("workspace.brand", text::line(&message.brand, NAME_MAX))),
        domain: named("domain")
            .then(|| fields.take("workspace.domain", text::line(&message.domain, NAME_MAX))),
        settings: named("settings").then(|| settings(&mut fields, &message)),
        all_partitions: named("all_partitions").then_some(message.all_partitions),
        language: Some(message.language).filter(|text| unmasked && !text.is_empty()),
        region: Some(message.region).filter(|text| unmasked && !text.is_empty()),
        etag: message.etag,
    };
    fields.check().map(|()| patch)
}

/// A workspace as the switcher shows it.
pub(super) fn accessible(found: Accessible) -> pb::AccessibleWorkspace {
    let workspace = found.workspace;
    pb::AccessibleWorkspace {
        workspace_id: workspace.id.to_string(),
        display_name: workspace.display_name,
        environment: pb::Environment::from(workspace.environment).into(),
        region: workspace.region,
        roles: found.roles.into_iter().collect(),
        last_used_time: times(found.last_used_time),
    }
}

fn filled(message: &pb::Workspace) -> Vec<&'static str> {
    [
        ("display_name", !message.display_name.is_empty()),
        ("description", !message.description.is_empty()),
        ("environment", message.environment != 0),
        ("brand", !message.brand.is_empty()),
        ("domain", !message.domain.is_empty()),
        ("settings", message.settings.is_some()),
        ("all_partitions", message.all_partitions),
    ]
    .into_iter()
    .filter_map(|(path, filled)| filled.then_some(path))
    .collect()
}

fn display_name(fields: &mut Fields, message: &pb::Workspace) -> String {
    fields.take("workspace.display_name", text::name(&message.display_name, NAME_MAX))
}

fn description(fields: &mut Fields, message: &pb::Workspace) -> String {
    let parsed = text::paragraph(&message.description, DESCRIPTION_MAX);
    fields.take("workspace.description", parsed)
}

fn settings(fields: &mut Fields, message: &pb::Workspace) -> serde_json::Value {
    fields.take("workspace.settings", json::object(message.settings.as_ref(), SETTINGS_BYTES))
}

fn environment(fields: &mut Fields, message: &pb::Workspace) -> Environment {
    let parsed = match pb::Environment::try_from(message.environment) {
        Ok(pb::Environment::Unspecified | pb::Environment::Production) => {
            Ok(Environment::Production)
        }
        Ok(pb::Environment::Staging) => Ok(Environment::Staging),
        Ok(pb::Environment::Development) => Ok(Environment::Development),
        Err(_) => Err("is not a value of Environment".into()),
    };
    fields.take("workspace.environment", parsed)
}

impl From<Environment> for pb::Environment {
    fn from(environment: Environment) -> Self {
        match environment {
            Environment::Production => Self::Production,
            Environment::Staging => Self::Staging,
            Environment::Development => Self::Development,
        }
    }
}

impl From<Detail> for pb::Workspace {
    fn from(detail: Detail) -> Self {
        let workspace = detail.workspace;
        let primary = detail.primary_partition_id;
        Self {
            workspace_id: workspace.id.to_string(),
            display_name: workspace.display_name,
            description: workspace.description,
            language: workspace.language,
            region: workspace.region,
            environment: pb::Environment::from(workspace.environment).into(),
            brand: workspace.brand,
            domain: workspace.domain,
            settings: Some(json::message(&workspace.settings)),
            all_partitions: workspace.all_partitions,
            is_default: workspace.is_default,
            archived: workspace.archive_time.is_some(),
            archive_time: times(workspace.archive_time),
            primary_partition_id: primary.map(|id| id.to_string()).unwrap_or_default(),
            etag: etag(workspace.version),
            create_time: Some(timestamp(workspace.create_time)),
            update_time: Some(timestamp(workspace.update_time)),
            delete_time: times(workspace.delete_time),
            purge_time: times(workspace.purge_time),
        }
    }
}
