//! Tenants between the wire and the service.

use super::settings;
use crate::clock::timestamp;
use crate::config::NAME_MAX;
use crate::domain::text;
use crate::entity::tenant::Settings;
use crate::entity::{Tenant, etag};
use crate::error::Result;
use crate::grpc::decode::{self, Fields, times};
use crate::pb;
use crate::repository::quota::Usage;
use crate::service::tenant::{NewTenant, TenantPatch};

const IMMUTABLE: &[&str] = &[
    "tenant_id",
    "state",
    "default_workspace_id",
    "default_partition_id",
    "etag",
    "create_time",
    "update_time",
    "delete_time",
    "purge_time",
    "suspend_time",
];

/// A tenant to make.
pub(super) fn new(request: pb::CreateTenantRequest) -> Result<NewTenant> {
    let message = decode::required("tenant", request.tenant)?;
    let mut fields = Fields::default();
    let display_name =
        fields.take("tenant.display_name", text::name(&message.display_name, NAME_MAX));
    let settings = settings::parse(&mut fields, &message.settings.unwrap_or_default());
    let owner = fields.user("owner", &request.owner);
    fields.check().map(|()| NewTenant { display_name, settings, owner })
}

/// What to change of a tenant.
pub(super) fn patch(
    message: pb::Tenant,
    mask: Option<prost_types::FieldMask>,
) -> Result<TenantPatch> {
    let given = message.settings.unwrap_or_default();
    let paths: Vec<String> =
        Settings::NAMES.iter().map(|name| format!("settings.{name}")).collect();
    let mut mutable: Vec<&str> = vec!["display_name", "settings"];
    mutable.extend(paths.iter().map(String::as_str));
    let mut filled = settings::filled(&given);
    if !message.display_name.is_empty() {
        filled.push("display_name");
    }
    let named = decode::mask(mask, &filled, &mutable, IMMUTABLE)?;
    let takes = |path: &String| named.contains("settings") || named.contains(path);
    let mut fields = Fields::default();
    let patch = TenantPatch {
        id: fields.optional_id("tenant.tenant_id", &message.tenant_id),
        etag: message.etag,
        display_name: named.contains("display_name").then(|| {
            fields.take("tenant.display_name", text::name(&message.display_name, NAME_MAX))
        }),
        settings: settings::parse(&mut fields, &given),
        setting_names: Settings::NAMES
            .into_iter()
            .zip(&paths)
            .filter_map(|(name, path)| takes(path).then_some(name))
            .collect(),
    };
    fields.check().map(|()| patch)
}

impl From<Tenant> for pb::Tenant {
    fn from(tenant: Tenant) -> Self {
        let state = match (tenant.delete_time, tenant.suspend_time) {
            (Some(_), _) => pb::TenantState::Deleted,
            (None, Some(_)) => pb::TenantState::Suspended,
            (None, None) => pb::TenantState::Active,
        };
        Self {
            tenant_id: tenant.tenant_id.to_string(),
            display_name: tenant.display_name,
            settings: Some(Settings::from_json(&tenant.settings).into()),
            state: state.into(),
            default_workspace_id: tenant.default_workspace_id.to_string(),
            default_partition_id: tenant.default_partition_id.to_string(),
            etag: etag(tenant.version),
            create_time: Some(timestamp(tenant.create_time)),
            update_time: Some(timestamp(tenant.update_time)),
            delete_time: times(tenant.delete_time),
            purge_time: times(tenant.purge_time),
            suspend_time: times(tenant.suspend_time),
        }
    }
}

impl From<Usage> for pb::Quota {
    fn from(usage: Usage) -> Self {
        Self { name: usage.quota.name().into(), limit: usage.quota.limit(), used: usage.used }
    }
}
