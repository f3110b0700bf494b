//! All rows of a database by tenant, read past the service and from one snapshot.

use std::collections::BTreeMap;

use precinct::entity::{
    ApiKey, Asset, Binding, Field, Folder, Grant, Group, Import, Operation, Partition, Person,
    Role, Routing, Segmentation, ServiceAccount, Share, Tenant, Workspace,
};
use precinct::id::{
    AssetId, FieldId, FolderId, GroupId, ImportId, PartitionId, PersonId, SegmentId,
    ServiceAccountId, TenantId,
};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseTransaction, FromQueryResult,
    IsolationLevel, Statement, TransactionTrait,
};
use serde_json::Value as Json;
use uuid::Uuid;

/// The rows of one tenant.
#[derive(Debug, Default, PartialEq)]
pub struct Rows {
    pub tenants: Vec<Tenant>,
    pub heads: Vec<Head>,
    pub quotas: Vec<Quota>,
    pub requests: Vec<Request>,
    pub changes: Vec<Change>,
    pub audits: Vec<Audit>,
    pub payloads: Vec<Payload>,
    pub workspaces: Vec<Workspace>,
    pub partitions: Vec<Partition>,
    pub bindings: Vec<Binding>,
    pub fields: Vec<Field>,
    pub people: Vec<Person>,
    pub consents: Vec<Consent>,
    pub suppressions: Vec<Suppression>,
    pub imports: Vec<Import>,
    pub chunks: Vec<Chunk>,
    pub roles: Vec<Role>,
    pub groups: Vec<Group>,
    pub members: Vec<Member>,
    pub accounts: Vec<ServiceAccount>,
    pub keys: Vec<ApiKey>,
    pub grants: Vec<Grant>,
    pub folders: Vec<Folder>,
    pub paths: Vec<Path>,
    pub shares: Vec<Share>,
    pub assets: Vec<Asset>,
    pub contents: Vec<Content>,
    pub versions: Vec<Version>,
    pub references: Vec<Reference>,
    pub asset_members: Vec<AssetMember>,
    pub operations: Vec<Operation>,
    pub dues: Vec<Due>,
    pub routing: Vec<Routing>,
    pub segmentations: Vec<Segmentation>,
    pub coverages: Vec<Coverage>,
    pub segment_members: Vec<SegmentMember>,
    pub asset_fields: Vec<AssetField>,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Head {
    tenant_id: TenantId,
    pub revision: i64,
    pub access_revision: i64,
    pub field_revision: i64,
    pub consent_revision: i64,
    pub routing_revision: i64,
    pub segment_revision: i64,
    pub audit_seq: i64,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Quota {
    tenant_id: TenantId,
    pub name: String,
    pub used: i64,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Request {
    tenant_id: TenantId,
    pub request_id: Uuid,
    pub answer: Option<String>,
    pub revision: Option<i64>,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Change {
    tenant_id: TenantId,
    pub revision: i64,
    pub ordinal: i32,
    pub kind: String,
    pub resource_id: Option<Uuid>,
    pub detail: Json,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Audit {
    tenant_id: TenantId,
    pub seq: i64,
    pub revision: i64,
    pub actor: String,
    pub action: String,
    pub kind: String,
    pub request_id: Option<Uuid>,
    pub refusal: String,
    pub about: String,
    pub resource_id: Option<Uuid>,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Payload {
    tenant_id: TenantId,
    pub seq: i64,
    pub payload: String,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Consent {
    tenant_id: TenantId,
    pub scope_id: Uuid,
    pub email_hash: Vec<u8>,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Suppression {
    tenant_id: TenantId,
    pub email_hash: Vec<u8>,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Chunk {
    tenant_id: TenantId,
    pub import_id: ImportId,
    pub answer: String,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Member {
    tenant_id: TenantId,
    pub group_id: GroupId,
    pub member: String,
    pub member_group_id: Option<GroupId>,
    pub member_service_account_id: Option<ServiceAccountId>,
    pub create_time: i64,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Path {
    tenant_id: TenantId,
    pub folder_id: FolderId,
    pub ancestor_id: FolderId,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Content {
    tenant_id: TenantId,
    pub asset_id: AssetId,
    pub content: Json,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Version {
    tenant_id: TenantId,
    pub asset_id: AssetId,
    pub number: i64,
    pub content: Json,
    pub refers_to: Json,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Reference {
    tenant_id: TenantId,
    pub asset_id: AssetId,
    pub live: bool,
    pub kind: String,
    pub target_id: AssetId,
    /// What it refers to is gone.
    pub lost: bool,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct AssetMember {
    tenant_id: TenantId,
    pub asset_id: AssetId,
    pub person_id: PersonId,
    pub add_time: i64,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Coverage {
    tenant_id: TenantId,
    pub segmentation_id: AssetId,
    pub partition_id: PartitionId,
    pub generation: Option<i64>,
    pub compute_time: Option<i64>,
    pub dropped: bool,
    pub rounds: i64,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct SegmentMember {
    tenant_id: TenantId,
    pub segmentation_id: AssetId,
    pub person_id: PersonId,
    pub from_generation: i64,
    pub to_generation: i64,
    pub partition_id: PartitionId,
    pub segment_id: SegmentId,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct AssetField {
    tenant_id: TenantId,
    pub asset_id: AssetId,
    pub live: bool,
    pub field_id: FieldId,
}

#[derive(Debug, PartialEq, FromQueryResult)]
pub struct Due {
    tenant_id: TenantId,
    pub kind: String,
    pub id: Uuid,
    pub at: i64,
}

// === impl Rows ===

impl Rows {
    /// The rows of every tenant.
    pub async fn all(url: &str) -> BTreeMap<TenantId, Self> {
        Self::read(url, "").await
    }

    /// The rows of these tenants.
    pub async fn of(url: &str, tenants: &[TenantId]) -> BTreeMap<TenantId, Self> {
        let sqlite = url.starts_with("sqlite:");
        let literal = |id: &TenantId| match sqlite {
            true => format!("x'{}'", id.0.simple()),
            false => format!("'{id}'"),
        };
        let ids: Vec<String> = tenants.iter().map(literal).collect();
        Self::read(url, &format!("WHERE tenant_id IN ({})", ids.join(", "))).await
    }

    #[expect(clippy::disallowed_methods, reason = "it looks past the store")]
    async fn read(url: &str, which: &str) -> BTreeMap<TenantId, Self> {
        let mut options = ConnectOptions::new(url);
        options.sqlx_logging(false).max_connections(1);
        let database = Database::connect(options).await.expect("the database opens");
        let (level, mode) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
        // SQLite knows no levels: there, every transaction is a snapshot.
        let postgres = database.get_database_backend() == sea_orm::DbBackend::Postgres;
        let snapshot = match postgres {
            true => database.begin_with_config(Some(level), Some(mode)).await,
            false => database.begin().await,
        };
        let snapshot = snapshot.expect("a transaction begins");
        let mut all = BTreeMap::new();
        macro_rules! take {
            ($($table:literal into $field:ident;)+) => {$(
                let rows = table(&snapshot, $table, which).await;
                sort(&mut all, |tenant| &mut tenant.$field, rows, |row| row.tenant_id);
            )+};
        }
        take! {
            "tenant" into tenants;
            "tenant_head" into heads;
            "quota" into quotas;
            "request" into requests;
            "change" into changes;
            "audit" into audits;
            "audit_payload" into payloads;
            "workspace" into workspaces;
            "person_partition" into partitions;
            "binding" into bindings;
            "field" into fields;
            "person" into people;
            "consent" into consents;
            "suppression" into suppressions;
            "import" into imports;
            "import_chunk" into chunks;
            "role" into roles;
            "principal_group" into groups;
            "group_member" into members;
            "service_account" into accounts;
            "api_key" into keys;
            "access_grant" into grants;
            "folder" into folders;
            "folder_path" into paths;
            "share" into shares;
            "asset" into assets;
            "asset_content" into contents;
            "asset_version" into versions;
            "asset_reference" into references;
            "asset_member" into asset_members;
            "operation" into operations;
            "due" into dues;
            "routing_policy" into routing;
            "segmentation" into segmentations;
            "segment_coverage" into coverages;
            "segment_member" into segment_members;
            "asset_field" into asset_fields;
        }
        snapshot.rollback().await.expect("the snapshot ends");
        database.close().await.expect("the connection closes");
        all
    }
}

async fn table<T: FromQueryResult>(
    snapshot: &DatabaseTransaction,
    name: &str,
    which: &str,
) -> Vec<T> {
    let backend = snapshot.get_database_backend();
    // Keys come first in every table; without an order, rows that stayed may change places.
    let key = match name {
        "asset_reference" => "1, 2, 3, 4, 5",
        "segment_member" | "asset_field" => "1, 2, 3, 4",
        _ => "1, 2, 3",
    };
    let sql = format!("SELECT * FROM {name} {which} ORDER BY {key}");
    let statement = Statement::from_string(backend, sql);
    let rows = snapshot.query_all_raw(statement).await.expect("the table reads");
    let row = |row| T::from_query_result(row, "").expect("the row is of its type");
    rows.iter().map(row).collect()
}

fn sort<T>(
    all: &mut BTreeMap<TenantId, Rows>,
    place: impl Fn(&mut Rows) -> &mut Vec<T>,
    rows: Vec<T>,
    tenant: impl Fn(&T) -> TenantId,
) {
    for row in rows {
        place(all.entry(tenant(&row)).or_default()).push(row);
    }
}
