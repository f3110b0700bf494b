//! Custom roles.

use serde_json::Value as Json;

use super::scope::Scope;
use crate::domain::access::{Permission, Permissions};
use crate::entity::Role;
use crate::error::Result;
use crate::id::RoleId;
use crate::{args, sql};

/// A custom role.
pub async fn get(scope: &Scope, id: RoleId) -> Result<Option<Role>> {
    scope.one(sql!("SELECT * FROM role WHERE tenant_id = $1 AND id = $2"), args![id]).await
}

/// All custom roles.
pub async fn all(scope: &Scope) -> Result<Vec<Role>> {
    scope.all(sql!("SELECT * FROM role WHERE tenant_id = $1"), args![]).await
}

/// What a custom role holds, with what that implies. Names that this version does not know allow nothing.
pub fn permissions(names: &Json) -> Permissions {
    let names = names.as_array().into_iter().flatten().filter_map(Json::as_str);
    names.filter_map(Permission::named).collect::<Permissions>().with_implied()
}
