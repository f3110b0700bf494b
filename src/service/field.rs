//! The fields that tenants define for their people, and the built-in ones among them (E-01).

use serde_json::{Value as Json, json};

use super::access::{At, Permission, Sight, demand};
use super::patch::Changed;
use super::refuse;
use crate::clock::now;
use crate::context::Context;
use crate::domain::attribute::Type;
use crate::domain::built_in::{self, BuiltIn};
use crate::domain::order::{Order, Place};
use crate::entity::Field;
use crate::entity::field::FieldType;
use crate::error::{Error, Noun, OnUnique, Reason, Result};
use crate::id::{FieldId, TenantId};
use crate::page::{Listed, Tokens};
use crate::repository::quota::{self, Quota};
use crate::repository::{Answer, Change, Store, Touches, Tx, asset, field, routing};
use crate::secret::Secrets;

/// The use cases of fields.
#[derive(Clone)]
pub struct Fields {
    store: Store,
    secrets: Secrets,
}

/// A field to make; its texts are parsed.
#[derive(Clone, Debug)]
pub struct NewField {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub kind: FieldType,
    /// What it is for.
    pub description: String,
}

/// What to change of a field; nothing: leave it as it is.
#[derive(Clone, Debug, Default)]
pub struct FieldPatch {
    /// Which one.
    pub id: FieldId,
    /// What the caller read; empty: anything.
    pub etag: String,
    /// What it is for.
    pub description: Option<String>,
    /// The name that the caller believes it has.
    pub name: Option<String>,
    /// The type that the caller believes it has.
    pub kind: Option<FieldType>,
}

// === impl Fields ===

impl Fields {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }

    /// Defines a field.
    pub async fn create(&self, ctx: &Context, new: &NewField) -> Result<Answer<Field>> {
        self.store
            .write(ctx, |tx| async move {
                demand(&tx, ctx, At::Tenant).await?;
                create(&tx, new).await
            })
            .await
    }

    /// Reads a field.
    pub async fn get(&self, ctx: &Context, id: FieldId) -> Result<Answer<Field>> {
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, At::Anywhere).await?;
        let value = match built_in::with_id(id.0) {
            Some(one) => built_in_row(scope.tenant(), one),
            None => field::get(&scope, id).await?.ok_or_else(|| not_found(id))?,
        };
        Ok(scope.answer(value))
    }

    /// Lists the fields, built-in ones among them. They are few enough to be ordered here.
    pub async fn list(
        &self,
        ctx: &Context,
        order: Order,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<Field>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{order:?}")]);
        let page = tokens.request(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, At::Anywhere).await?;
        let mut fields = field::all(&scope).await?;
        fields.extend(built_in::ALL.iter().map(|one| built_in_row(scope.tenant(), one)));
        if let Some(after) = &page.after {
            fields.retain(|one| order.compare(&place(one), after).is_gt());
        }
        fields.sort_by(|a, b| order.compare(&place(a), &place(b)));
        let value = tokens.list(page.page(fields), place);
        Ok(scope.answer(value))
    }

    /// Changes the description of a field.
    pub async fn update(&self, ctx: &Context, patch: &FieldPatch) -> Result<Answer<Field>> {
        self.store
            .write(ctx, |tx| async move {
                demand(&tx, ctx, At::Tenant).await?;
                update(&tx, patch).await
            })
            .await
    }

    /// Deletes a field, for good.
    pub async fn delete(&self, ctx: &Context, id: FieldId, etag: &str) -> Result<Answer<Field>> {
        self.store
            .write(ctx, |tx| async move {
                demand(&tx, ctx, At::Tenant).await?;
                delete(&tx, ctx, id, etag).await
            })
            .await
    }
}

/// The place of a field in a list.
fn place(field: &Field) -> Place {
    Place { name: field.name.clone(), create_time: field.create_time, id: field.id.0 }
}

async fn create(tx: &Tx, new: &NewField) -> Result<Field> {
    if built_in::named(&new.name).is_some() {
        return Err(refuse::name_taken(Noun::Field, &new.name));
    }
    let time = now();
    let made = Field {
        tenant_id: tx.tenant(),
        id: FieldId::new(),
        name: new.name.clone(),
        kind: new.kind,
        description: new.description.clone(),
        ordinal: quota::take(tx, Quota::Fields).await?,
        version: 1,
        create_time: time,
        update_time: time,
    };
    tx.insert(&made)
        .await
        .on_unique("field_name", || refuse::name_taken(Noun::Field, &new.name))?;
    record(tx, "field.created", made.id, Json::Null, json!(made));
    Ok(made)
}

async fn update(tx: &Tx, patch: &FieldPatch) -> Result<Field> {
    let before = get_own(tx, patch.id).await?;
    refuse::stale_etag(&patch.etag, before.version, Noun::Field, patch.id)?;
    refuse::immutable("name", patch.name.as_ref(), &before.name)?;
    refuse::immutable("type", patch.kind.as_ref(), &before.kind)?;
    let mut after = before.clone();
    let mut changed = Changed::default();
    changed.set("description", &mut after.description, patch.description.as_ref());
    if changed.is_empty() {
        return Ok(before);
    }
    after.version += 1;
    after.update_time = now();
    tx.update(&after).await?;
    record(tx, "field.updated", patch.id, json!(before), json!(after));
    Ok(after)
}

async fn delete(tx: &Tx, ctx: &Context, id: FieldId, etag: &str) -> Result<Field> {
    get_own(tx, id).await?;
    let field = field::lock(tx, id).await?.ok_or_else(|| not_found(id))?;
    refuse::stale_etag(etag, field.version, Noun::Field, id)?;
    refuse_read(tx, ctx, &field).await?;
    if !field::delete(tx, &field).await? {
        return Err(Error::Contended);
    }
    quota::give_back(tx, Quota::Fields).await?;
    record(tx, "field.deleted", id, json!(field), Json::Null);
    Ok(field)
}

/// FIELD_IN_USE, if routing rules or filters of assets read the field (E-01); the assets that the caller sees are named.
/// It is locked: nobody makes another one read it meanwhile.
async fn refuse_read(tx: &Tx, ctx: &Context, field: &Field) -> Result<()> {
    let rules = routing::reading(tx, &field.name).await?;
    let assets = asset::field_readers(tx, field.id).await?;
    if rules == 0 && assets.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{rules} routing rules and {} assets, draft or live, read the field; change them first",
        assets.len()
    );
    let error = Error::new(Reason::FieldInUse, message)
        .with("field_id", field.id)
        .with("used_by", rules + assets.len())
        .resource(Noun::Field, field.id.to_string());
    let sight = Sight::of(tx, ctx).await?;
    let sees = |one: &&asset::FieldReader| {
        let owner = sight.snapshot().index.owner_of(one.folder_id);
        owner.is_some_and(|at| sight.holds(Permission::AssetsRead, At::Workspace(at)))
    };
    let seen = assets.iter().filter(sees);
    Err(seen.fold(error, |error, one| {
        error.offender(one.asset_id, format!("{:?} reads it", one.display_name))
    }))
}

/// A field of the tenant's own: BUILT_IN_FIELD for the others.
async fn get_own(tx: &Tx, id: FieldId) -> Result<Field> {
    if let Some(one) = built_in::with_id(id.0) {
        let message = format!(
            "{} is a built-in field and cannot be changed or deleted; create a field of your own",
            one.name
        );
        return Err(Error::new(Reason::BuiltInField, message)
            .with("field_id", id)
            .with("name", one.name)
            .resource(Noun::Field, id.to_string()));
    }
    field::get(tx, id).await?.ok_or_else(|| not_found(id))
}

fn record(tx: &Tx, kind: &'static str, id: FieldId, before: Json, after: Json) {
    tx.record(Change {
        kind,
        resource_id: Some(id.0),
        detail: json!({}),
        before,
        after,
        touches: Touches::Fields,
        ..Change::default()
    });
}

fn not_found(id: FieldId) -> Error {
    Error::not_found(Noun::Field, id)
}

/// A built-in field as if it were a row: it has no version and no times.
fn built_in_row(tenant: TenantId, one: &BuiltIn) -> Field {
    Field {
        tenant_id: tenant,
        id: FieldId(one.id()),
        name: one.name.into(),
        kind: match one.kind {
            Type::Text => FieldType::Text,
            Type::Integer => FieldType::Integer,
            Type::Number => FieldType::Number,
            Type::Boolean => FieldType::Boolean,
            Type::Date => FieldType::Date,
            Type::Timestamp => FieldType::Timestamp,
        },
        description: one.description.into(),
        ordinal: 0,
        version: 0,
        create_time: 0,
        update_time: 0,
    }
}
