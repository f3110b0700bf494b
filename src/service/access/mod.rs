//! Who may do what: the one gate that every use case passes, and the use cases that decide who passes.

use crate::context::{Caller, Context};
use crate::domain::access::rpc::{Need, Place, need};
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{PartitionId, WorkspaceId};
use crate::repository::{Scope, Store, Tx, access};
use crate::secret::Secrets;

pub mod api_key;
pub mod check;
pub mod explain;
pub mod grant;
pub mod group;
pub mod look;
pub mod member;
pub mod role;
pub mod seers;
pub mod service_account;
mod sight;
mod turn;
pub mod users;

pub use self::sight::Sight;
pub use crate::domain::access::{Permission, Permissions};
pub use crate::domain::visibility::At;
pub use crate::repository::access::{held, missing};

/// The use cases of roles, groups, grants and service accounts.
#[derive(Clone)]
pub struct Access {
    store: Store,
    secrets: Secrets,
}

/// The things that a tenant-wide permission is needed over.
#[derive(Clone, Copy, Debug, Default)]
pub struct Over<'a> {
    workspaces: &'a [WorkspaceId],
    partitions: &'a [PartitionId],
}

// === impl Access ===

impl Access {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }
}

// === impl Over ===

impl<'a> Over<'a> {
    /// Workspaces and partitions.
    pub fn both(workspaces: &'a [WorkspaceId], partitions: &'a [PartitionId]) -> Self {
        Self { workspaces, partitions }
    }

    /// Workspaces.
    pub fn workspaces(workspaces: &'a [WorkspaceId]) -> Self {
        Self { workspaces, ..Self::default() }
    }

    /// Partitions.
    pub fn partitions(partitions: &'a [PartitionId]) -> Self {
        Self { partitions, ..Self::default() }
    }
}

/// What operators of the platform may do beside, and nobody else: no role has it.
const OPERATOR: &str = "tenants.administer";

/// Refuses a caller who is not an operator of the platform.
pub fn demand_operator(ctx: &Context) -> Result<()> {
    match need(ctx.method) {
        Some(Need::Operator) if ctx.is_operator() => Ok(()),
        Some(Need::Operator) => Err(lacking(ctx, OPERATOR, None)),
        other => Err(misplaced(ctx, other)),
    }
}

/// Refuses a caller who lacks the permission that the rpc needs: NOT_FOUND for a workspace that the caller
/// does not see, PERMISSION_REQUIRED otherwise. A write asks again if access changes before it commits.
pub async fn demand(scope: &Scope, ctx: &Context, at: At) -> Result<()> {
    let permission = permission(ctx, at)?;
    access::demand(scope, ctx, permission, at).await
}

/// As [`demand`], for a tenant-wide permission over single things: NOT_FOUND for the first that the caller
/// does not see, PERMISSION_REQUIRED if all are seen (A-06, P-07).
pub async fn demand_over(scope: &Scope, ctx: &Context, over: Over<'_>) -> Result<()> {
    let permission = permission(ctx, At::Tenant)?;
    demand_also(scope, ctx, permission, over).await
}

/// As [`demand_over`], for a permission that only some requests of the rpc need.
pub async fn demand_also(
    scope: &Scope,
    ctx: &Context,
    permission: Permission,
    over: Over<'_>,
) -> Result<()> {
    if !held(scope, ctx, At::Tenant).await?.has(permission) {
        ctx.lacked.note(permission.name(), over.workspaces.first().copied());
    }
    let refused = match access::demand(scope, ctx, permission, At::Tenant).await {
        Ok(()) => {
            if let [id] = over.workspaces {
                ctx.through.note(*id);
            }
            return Ok(());
        }
        Err(refused) => refused,
    };
    let sight = Sight::of(scope, ctx).await?;
    for id in over.workspaces {
        if !sight.sees_workspace(*id) {
            return Err(Error::not_found(Noun::Workspace, id));
        }
    }
    for id in over.partitions {
        if !sight.sees_partition(*id) {
            return Err(Error::not_found(Noun::Partition, id));
        }
    }
    Err(refused)
}

/// As [`demand`], for a permission that only some requests of the rpc need, in a workspace.
pub async fn demand_in(
    scope: &Scope,
    ctx: &Context,
    permission: Permission,
    workspace: WorkspaceId,
) -> Result<()> {
    access::demand(scope, ctx, permission, At::Workspace(workspace)).await
}

/// The permission that the table names for the rpc, if it is needed in such a place.
fn permission(ctx: &Context, at: At) -> Result<Permission> {
    let fits = |place| match at {
        At::Tenant => matches!(place, Place::Tenant | Place::Named),
        At::Workspace(_) => place != Place::Tenant,
        At::Anywhere => place == Place::Anywhere,
    };
    match need(ctx.method) {
        Some(Need::Permission(permission, place)) if fits(place) => Ok(permission),
        other => Err(misplaced(ctx, other)),
    }
}

/// An rpc that asks for other than the table says is open to nobody.
fn misplaced(ctx: &Context, need: Option<Need>) -> Error {
    Error::internal(format!("{} asks for what it does not need: {need:?}", ctx.method))
}

/// Refuses a caller who would hand on what they do not hold there.
pub async fn demand_all(
    scope: &Scope,
    ctx: &Context,
    permissions: Permissions,
    at: At,
) -> Result<()> {
    match permissions.without(held(scope, ctx, at).await?).widest() {
        Some(lacked) => Err(lacking(ctx, lacked.name(), at.workspace())),
        None => {
            permissions.iter().for_each(|one| scope.demanded(one, at));
            Ok(())
        }
    }
}

/// Refuses a caller who would let others have all that a group or service account holds, and lacks some of it
/// somewhere.
pub async fn demand_cover(tx: &Tx, ctx: &Context, principal: &str) -> Result<()> {
    let sight = Sight::of(tx, ctx).await?;
    let covers = sight.snapshot().index.covers(sight.principal(), principal);
    covers.map_err(|(lacked, workspace)| lacking(ctx, lacked.name(), workspace))
}

/// PERMISSION_REQUIRED, noted for the audit log.
fn lacking(ctx: &Context, permission: &'static str, workspace: Option<WorkspaceId>) -> Error {
    ctx.lacked.note(permission, workspace);
    missing(permission, workspace)
}

/// LAST_ADMIN, if what was just done left the tenant without a user who is its admin.
pub async fn keep_admin(tx: &Tx) -> Result<()> {
    if access::has_admin(tx).await? {
        return Ok(());
    }
    let message = "this would leave the tenant without a tenant admin; make another user tenant admin \
                   first (service accounts do not count, since their keys end)";
    Err(Error::new(Reason::LastAdmin, message))
}

/// The names of the caller's tenant-wide permissions; nobody's, in a tenant that is not there.
pub async fn tenant_wide(store: &Store, ctx: &Context) -> Result<Vec<String>> {
    let held = match &ctx.caller {
        Caller::Operator { .. } => access::of_operators(),
        Caller::Member { principal, .. } => match store.index(ctx).await {
            Ok(current) => current.snapshot.index.held(principal.as_str(), At::Tenant),
            Err(error) if error.reason() == Some(Reason::TenantNotFound) => Permissions::NONE,
            Err(error) => return Err(error),
        },
    };
    let operator = ctx.is_operator().then(|| OPERATOR.to_owned());
    Ok(operator.into_iter().chain(held.iter().map(|one| one.name().to_owned())).collect())
}
