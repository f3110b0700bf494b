//! A person: one record, in exactly one partition.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::domain::filter::folded;
use crate::domain::merge::Values;
use crate::id::{PartitionId, PersonId, TenantId};

/// A row of `person`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PersonId,
    /// Where the person is.
    pub partition_id: PartitionId,
    /// Where the email must be unique: the partition, or the nil UUID for the whole tenant.
    pub uniqueness_scope: Uuid,
    /// The email, as given.
    pub email: Option<String>,
    /// What it is compared by; empty for people without one.
    pub email_key: String,
    /// The person's id in the client's own system.
    pub external_id: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Must be left out of every audience.
    pub unsubscribed: bool,
    /// How the person came in.
    pub source: Source,
    /// Values by the ordinal of their field.
    pub attributes: Json,
    /// What filters compare texts by, where it differs from the value: by name of a built-in field, by ordinal of
    /// another. Nothing: it was not kept when the person was written.
    #[serde(skip)]
    pub folded: Option<Json>,
    /// Counts the changes of the row.
    pub version: i64,
    /// When it was made.
    pub create_time: Micros,
    /// When it last changed.
    pub update_time: Micros,
    /// When it was deleted.
    pub delete_time: Option<Micros>,
    /// When it will be gone for good.
    pub purge_time: Option<Micros>,
    /// The person whose id answers for this one, since they were merged.
    #[serde(default)]
    pub merged_into: Option<PersonId>,
}

// === impl Model ===

impl Model {
    /// What a merge joins.
    pub fn values(&self) -> Values {
        Values {
            email: self.email.clone().map(|email| (email, self.email_key.clone())),
            external_id: self.external_id.clone(),
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            unsubscribed: self.unsubscribed,
            attributes: self.attributes.as_object().cloned().unwrap_or_default(),
        }
    }

    /// The person with what a merge has joined.
    #[must_use]
    pub fn with_values(self, values: Values) -> Self {
        let Values { email, external_id, first_name, last_name, unsubscribed, attributes } = values;
        let (email, email_key) = email.unzip();
        let email_key = email_key.unwrap_or_default();
        let attributes = Json::Object(attributes);
        let merged = Self {
            email,
            email_key,
            external_id,
            first_name,
            last_name,
            unsubscribed,
            attributes,
            ..self
        };
        Self { folded: Some(merged.fold()), ..merged }
    }

    /// What filters compare the texts of the person by, where it differs from them.
    pub fn fold(&self) -> Json {
        let Self { email, external_id, first_name, last_name, attributes, .. } = self;
        folded([email, external_id, first_name, last_name], attributes)
    }
}

/// How a person came in.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Source {
    /// A call of a service.
    #[default]
    #[sea_orm(string_value = "API")]
    Api,
    /// A form.
    #[sea_orm(string_value = "FORM")]
    Form,
    /// An import.
    #[sea_orm(string_value = "IMPORT")]
    Import,
    /// A CRM.
    #[sea_orm(string_value = "CRM")]
    Crm,
    /// Somebody's hand.
    #[sea_orm(string_value = "MANUAL")]
    Manual,
}

// === impl Source ===

impl Source {
    /// As it is stored.
    pub fn name(self) -> String {
        sea_orm::ActiveEnum::to_value(&self)
    }
}

/// No relations: joins are written out in the repository.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
