//! A tenant with one of everything, in every state that a request needs it in.

mod assets;
mod segmentations;

use precinct::domain::access::rpc::{Need, need};
use precinct::id::TenantId;
use precinct::service::operation::Worker;
use serde_json::{Value as Json, json};

use self::assets::Assets;
use self::segmentations::Segmentations;
use super::access::built_in;
use super::actor::Actor;
use super::members::Holders;
use super::{App, Tenant, operations};

/// Ids of one tenant. Worlds are made alike: what has a name here has the same name in each.
#[derive(Clone)]
pub struct World {
    pub tenant: Tenant,
    operator: Actor,
    pub suspended_tenant: String,
    pub deleted_tenant: String,
    /// Sees the two partitions below.
    pub workspace: String,
    pub archived_workspace: String,
    pub deleted_workspace: String,
    /// The primary one, where the people are.
    pub partition: String,
    pub second_partition: String,
    /// Empty, and bound to no workspace.
    pub spare_partition: String,
    pub deleted_partition: String,
    pub field: String,
    pub person: String,
    /// Somebody else, in nothing.
    pub twin: String,
    pub deleted_person: String,
    pub import: String,
    /// A custom role that nobody holds.
    pub role: String,
    /// Somebody's, in the workspace.
    pub grant: String,
    /// A group with one member, `MEMBER`.
    pub group: String,
    /// A service account with one key.
    pub account: String,
    pub key: String,
    /// What the workspace holds.
    pub assets: Assets,
    /// How many assets those are, with all that other things need.
    pub held_assets: usize,
    /// Programs and lists of the workspace.
    pub holders: Holders,
    /// Segmentations of the workspace.
    pub segmentations: Segmentations,
    /// An operation that has ended.
    pub operation: String,
    /// Another, which nothing else is asked of.
    pub spare_operation: String,
    worker: Worker,
}

/// An email that nobody had, and that may not come in.
pub const SUPPRESSED: &str = "mallory@example.com";

/// The member of the group.
pub const MEMBER: &str = "user:cay";

// === impl World ===

impl World {
    /// A new tenant of this name, with all that is in it.
    pub async fn new(app: &App, name: &str) -> Self {
        let tenant = app.tenant(name).await;
        let (admin, operator) = (tenant.admin(), app.operator());
        let partition = admin.partition("Europe").await;
        let second = admin.partition("Asia").await;
        let spare = admin.partition("Spare").await;
        let deleted_partition = admin.partition("Closed").await;
        let workspace = admin.workspace("Main", &[&partition, &second]).await;
        let archived_workspace = admin.workspace("Old", &[&partition]).await;
        let deleted_workspace = admin.workspace("Gone", &[&partition]).await;
        let field = admin.field("shoe_size", precinct::pb::FieldType::Integer).await;
        let person = admin.person(&workspace, "ada@example.com").await.person_id;
        let twin = admin.person(&workspace, "dee@example.com").await.person_id;
        let suppressed = json!({ "email": SUPPRESSED, "suppress": true });
        admin.make("PersonService/ErasePerson", &suppressed).await.ok();
        let deleted_person = admin.person(&workspace, "bob@example.com").await.person_id;
        let role = admin.role("Reader", &["people.read"]).await;
        let group = admin.group("Team", &[MEMBER]).await;
        let grant = admin.grant(MEMBER, &built_in("Viewer"), &workspace).await;
        let account = admin.account("Robot").await;
        let (key, _) = admin.key(&account).await;
        let assets = Assets::new(&admin, &workspace, &tenant.default_workspace).await;
        let holders = Holders::new(&admin, &workspace, &person).await;
        let segmentations = Segmentations::new(app, &admin, &workspace).await;
        let held_assets = admin.asset_names(&workspace).await.len();
        let mut world = Self {
            suspended_tenant: app.tenant(&format!("{name} suspended")).await.id,
            deleted_tenant: app.tenant(&format!("{name} deleted")).await.id,
            import: uuid::Uuid::now_v7().to_string(),
            tenant,
            operator,
            workspace,
            archived_workspace,
            deleted_workspace,
            partition,
            second_partition: second,
            spare_partition: spare,
            deleted_partition,
            field,
            person,
            twin,
            deleted_person,
            role,
            grant,
            group,
            account,
            key,
            assets,
            held_assets,
            holders,
            segmentations,
            operation: String::new(),
            spare_operation: String::new(),
            worker: operations::worker(&app.server).clone(),
        };
        world.operation = world.ended_operation().await;
        world.spare_operation = world.ended_operation().await;
        world.settle(name).await;
        world
    }

    /// A user of the tenant.
    pub fn admin(&self) -> Actor {
        self.tenant.admin()
    }

    /// Its tenant, and the two that stand beside it.
    pub fn tenants(&self) -> [TenantId; 3] {
        let ids = [&self.tenant.id, &self.suspended_tenant, &self.deleted_tenant];
        ids.map(|id| id.parse().expect("an id"))
    }

    /// Another operation that has ended: nobody was there to move.
    pub async fn ended_operation(&self) -> String {
        let World { workspace, partition, second_partition, .. } = self;
        let name = self.admin().move_all(workspace, &[second_partition], partition).await;
        operations::finish(&self.worker).await;
        name
    }

    /// Who may call an rpc.
    pub fn caller(&self, label: &str) -> Actor {
        if for_operators(label) { self.operator.clone() } else { self.admin() }
    }

    /// Brings things into the states that their names say.
    async fn settle(&self, name: &str) {
        let (admin, operator) = (self.admin(), &self.operator);
        let id = |key: &str, id: &str| json!({ key: id });
        let suspended = id("tenant_id", &self.suspended_tenant);
        operator.make("TenantService/SuspendTenant", &suspended).await.ok();
        let deleted = json!({
            "tenant_id": self.deleted_tenant,
            "confirm_display_name": format!("{name} deleted"),
        });
        operator.make("TenantService/DeleteTenant", &deleted).await.ok();
        let archived = id("workspace_id", &self.archived_workspace);
        admin.make("WorkspaceService/ArchiveWorkspace", &archived).await.ok();
        let deleted = id("workspace_id", &self.deleted_workspace);
        admin.make("WorkspaceService/DeleteWorkspace", &deleted).await.ok();
        let deleted = id("partition_id", &self.deleted_partition);
        admin.make("PartitionService/DeletePartition", &deleted).await.ok();
        let deleted = json!({ "workspace_id": self.workspace, "person_id": self.deleted_person });
        admin.make("PersonService/DeletePerson", &deleted).await.ok();
        admin.make("PersonService/ImportPeople", &self.import_request(&self.import)).await.ok();
    }

    /// An import that finds everybody as they are.
    pub fn import_request(&self, import: &str) -> Json {
        let header = json!({
            "import_id": import,
            "workspace_id": self.workspace,
            "partition_id": self.partition,
            "mode": "PERSON_WRITE_MODE_UPDATE_ONLY",
            "lookup_field": "PERSON_LOOKUP_FIELD_ID",
        });
        let row = json!({ "person_id": self.person, "email": "ada@example.com" });
        json!([{ "header": header }, { "chunk": { "people": [row], "last": true } }])
    }
}

/// Whether an rpc is for operators of the platform alone.
pub fn for_operators(label: &str) -> bool {
    need(label) == Some(Need::Operator)
}
