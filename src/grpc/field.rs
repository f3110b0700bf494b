//! `FieldService`.

use tonic::{Request, Response, Status};

use super::decode::{self, Fields as Collected, times};
use super::{mutate, open, reply};
use crate::config::DESCRIPTION_MAX;
use crate::domain::{built_in, text};
use crate::entity::field::FieldType;
use crate::entity::{Field, etag};
use crate::pb;
use crate::pb::field_service_server::FieldService;
use crate::service::field::{FieldPatch, Fields, NewField};

const MUTABLE: &[&str] = &["description"];
const IMMUTABLE: &[&str] =
    &["field_id", "name", "type", "built_in", "etag", "create_time", "update_time"];

/// The service.
#[derive(Clone)]
pub struct Api {
    fields: Fields,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(fields: Fields) -> Self {
        Self { fields }
    }
}

#[tonic::async_trait]
impl FieldService for Api {
    async fn create_field(
        &self,
        request: Request<pb::CreateFieldRequest>,
    ) -> Result<Response<pb::CreateFieldResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let new = new(&decode::required("field", request.field)?)?;
        let made = self.fields.create(&ctx, &new).await?;
        Ok(reply(made, |made, revision| pb::CreateFieldResponse {
            field: Some(made.into()),
            revision,
        }))
    }

    async fn get_field(
        &self,
        request: Request<pb::GetFieldRequest>,
    ) -> Result<Response<pb::GetFieldResponse>, Status> {
        let (ctx, request) = open(request)?;
        let id = decode::id("field_id", &request.field_id)?;
        let found = self.fields.get(&ctx, id).await?;
        Ok(reply(found, |found, _| pb::GetFieldResponse { field: Some(found.into()) }))
    }

    async fn list_fields(
        &self,
        request: Request<pb::ListFieldsRequest>,
    ) -> Result<Response<pb::ListFieldsResponse>, Status> {
        let (ctx, request) = open(request)?;
        let order = decode::order(&request.order_by, "name")?;
        let (size, token) = (request.page_size, &request.page_token);
        let page = self.fields.list(&ctx, order, size, token).await?;
        Ok(reply(page, |page, _| pb::ListFieldsResponse {
            fields: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next,
        }))
    }

    async fn update_field(
        &self,
        request: Request<pb::UpdateFieldRequest>,
    ) -> Result<Response<pb::UpdateFieldResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let message = decode::required("field", request.field)?;
        let patch = patch(message, request.update_mask)?;
        let changed = self.fields.update(&ctx, &patch).await?;
        Ok(reply(changed, |changed, revision| pb::UpdateFieldResponse {
            field: Some(changed.into()),
            revision,
        }))
    }

    async fn delete_field(
        &self,
        request: Request<pb::DeleteFieldRequest>,
    ) -> Result<Response<pb::DeleteFieldResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let id = decode::id("field_id", &request.field_id)?;
        let deleted = self.fields.delete(&ctx, id, &request.etag).await?;
        Ok(reply(deleted, |deleted, revision| pb::DeleteFieldResponse {
            field: Some(deleted.into()),
            revision,
        }))
    }
}

// === conversions ===

fn new(message: &pb::Field) -> crate::error::Result<NewField> {
    let mut fields = Collected::default();
    let name = fields.take("field.name", built_in::parse_name(&message.name));
    let description = description(&mut fields, message);
    let kind = kind(message.r#type);
    if kind.is_none() {
        fields.violate("field.type", "must be set to a value of FieldType");
    }
    fields.check()?;
    decode::required("field.type", kind).map(|kind| NewField { name, kind, description })
}

/// What to change of a field. Without a mask, a name and a type say what the caller believes.
fn patch(
    message: pb::Field,
    mask: Option<prost_types::FieldMask>,
) -> crate::error::Result<FieldPatch> {
    let unmasked = mask.as_ref().is_none_or(|mask| mask.paths.is_empty());
    let filled: &[&str] = if message.description.is_empty() { &[] } else { &["description"] };
    let paths = decode::mask(mask, filled, MUTABLE, IMMUTABLE)?;
    let mut fields = Collected::default();
    let patch = FieldPatch {
        id: fields.id("field.field_id", &message.field_id),
        description: paths.contains("description").then(|| description(&mut fields, &message)),
        name: Some(message.name).filter(|text| unmasked && !text.is_empty()),
        kind: kind(message.r#type).filter(|_| unmasked),
        etag: message.etag,
    };
    fields.check().map(|()| patch)
}

fn description(fields: &mut Collected, message: &pb::Field) -> String {
    fields.take("field.description", text::paragraph(&message.description, DESCRIPTION_MAX))
}

fn kind(kind: i32) -> Option<FieldType> {
    match pb::FieldType::try_from(kind) {
        Ok(pb::FieldType::Text) => Some(FieldType::Text),
        Ok(pb::FieldType::Integer) => Some(FieldType::Integer),
        Ok(pb::FieldType::Number) => Some(FieldType::Number),
        Ok(pb::FieldType::Boolean) => Some(FieldType::Boolean),
        Ok(pb::FieldType::Date) => Some(FieldType::Date),
        Ok(pb::FieldType::Timestamp) => Some(FieldType::Timestamp),
        Ok(pb::FieldType::Unspecified) | Err(_) => None,
    }
}

impl From<FieldType> for pb::FieldType {
    fn from(kind: FieldType) -> Self {
        match kind {
            FieldType::Text => Self::Text,
            FieldType::Integer => Self::Integer,
            FieldType::Number => Self::Number,
            FieldType::Boolean => Self::Boolean,
            FieldType::Date => Self::Date,
            FieldType::Timestamp => Self::Timestamp,
        }
    }
}

impl From<Field> for pb::Field {
    fn from(field: Field) -> Self {
        let built_in = built_in::named(&field.name).is_some();
        // Built-in fields were always there.
        let since = |time| times(Some(time).filter(|_| !built_in));
        Self {
            field_id: field.id.to_string(),
            name: field.name,
            r#type: pb::FieldType::from(field.kind).into(),
            description: field.description,
            built_in,
            etag: etag(field.version),
            create_time: since(field.create_time),
            update_time: since(field.update_time),
        }
    }
}
