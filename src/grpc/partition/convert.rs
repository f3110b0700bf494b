//! Partitions and bindings between the wire and the service.

use crate::clock::timestamp;
use crate::config::{DESCRIPTION_MAX, NAME_MAX};
use crate::domain::text;
use crate::entity::binding::Access;
use crate::entity::{Partition, etag};
use crate::error::Result;
use crate::grpc::decode::{self, Fields, times};
use crate::pb;
use crate::repository::binding::Binding;
use crate::service::partition::PartitionPatch;

const MUTABLE: &[&str] = &["display_name", "description"];
const IMMUTABLE: &[&str] = &[
    "partition_id",
    "region",
    "is_default",
    "etag",
    "create_time",
    "update_time",
    "delete_time",
    "purge_time",
];

/// What to change of a partition. Without a mask, a region says what the caller believes.
pub(super) fn patch(
    message: pb::Partition,
    mask: Option<prost_types::FieldMask>,
) -> Result<PartitionPatch> {
    let unmasked = mask.as_ref().is_none_or(|mask| mask.paths.is_empty());
    let filled: Vec<&str> = [
        ("display_name", !message.display_name.is_empty()),
        ("description", !message.description.is_empty()),
    ]
    .into_iter()
    .filter_map(|(path, filled)| filled.then_some(path))
    .collect();
    let paths = decode::mask(mask, &filled, MUTABLE, IMMUTABLE)?;
    let mut fields = Fields::default();
    let patch = PartitionPatch {
        id: fields.id("partition.partition_id", &message.partition_id),
        display_name: paths.contains("display_name").then(|| display_name(&mut fields, &message)),
        description: paths.contains("description").then(|| description(&mut fields, &message)),
        region: Some(message.region).filter(|text| unmasked && !text.is_empty()),
        etag: message.etag,
    };
    fields.check().map(|()| patch)
}

pub(super) fn display_name(fields: &mut Fields, message: &pb::Partition) -> String {
    fields.take("partition.display_name", text::name(&message.display_name, NAME_MAX))
}

pub(super) fn description(fields: &mut Fields, message: &pb::Partition) -> String {
    let parsed = text::paragraph(&message.description, DESCRIPTION_MAX);
    fields.take("partition.description", parsed)
}

pub(super) fn access(fields: &mut Fields, access: i32) -> Option<Access> {
    match pb::BindingAccess::try_from(access) {
        Ok(pb::BindingAccess::Unspecified) => None,
        Ok(pb::BindingAccess::ReadWrite) => Some(Access::ReadWrite),
        Ok(pb::BindingAccess::ReadOnly) => Some(Access::ReadOnly),
        Err(_) => {
            fields.violate("access", "is not a value of BindingAccess");
            None
        }
    }
}

impl From<Partition> for pb::Partition {
    fn from(partition: Partition) -> Self {
        Self {
            partition_id: partition.id.to_string(),
            display_name: partition.display_name,
            description: partition.description,
            region: partition.region,
            is_default: partition.is_default,
            etag: etag(partition.version),
            create_time: Some(timestamp(partition.create_time)),
            update_time: Some(timestamp(partition.update_time)),
            delete_time: times(partition.delete_time),
            purge_time: times(partition.purge_time),
        }
    }
}

impl From<Binding> for pb::Binding {
    fn from(binding: Binding) -> Self {
        let access = match binding.access {
            Access::ReadWrite => pb::BindingAccess::ReadWrite,
            Access::ReadOnly => pb::BindingAccess::ReadOnly,
        };
        Self {
            workspace_id: binding.workspace_id.to_string(),
            partition_id: binding.partition_id.to_string(),
            access: access.into(),
            primary: binding.is_primary,
            implicit: binding.implicit,
            create_time: times(binding.create_time),
        }
    }
}
