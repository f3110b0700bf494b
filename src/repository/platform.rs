//! What the platform's operators see over all tenants: the tenants' own rows, and nothing that is in them.

use sea_orm::FromQueryResult;
use sqlx::SqlSafeStr;

use super::connection::Connection;
use super::keyset::bounds;
use super::sql::Arg;
use super::store::{Access, Store};
use crate::context::Context;
use crate::domain::order::{By, Order, Place};
use crate::entity::Tenant;
use crate::error::{Error, Result};

/// A read over all tenants. Its only statements are the ones in this file.
pub struct Platform(Connection);

impl Store {
    /// A read over all tenants, for operators.
    pub async fn platform(&self, ctx: &Context) -> Result<Platform> {
        let mut connection =
            self.begin(ctx, Access::Read, "SET LOCAL app.platform = 'on';").await?;
        connection.simple("SELECT 1".into()).await?;
        Ok(Platform(connection))
    }
}

// === impl Platform ===

impl Platform {
    /// A page of tenants.
    pub async fn tenants(
        &mut self,
        show_deleted: bool,
        order: Order,
        after: Option<Place>,
        limit: i64,
    ) -> Result<Vec<Tenant>> {
        let mut args = vec![Arg::from(show_deleted)];
        args.extend(bounds(order, after, limit));
        let rows = self.0.fetch(page(order).into_sql_str(), args, true).await?;
        rows.iter().map(|row| Tenant::from_query_result(row, "").map_err(Error::internal)).collect()
    }
}

fn page(order: Order) -> &'static str {
    macro_rules! ordered {
        ($key:literal, $beyond:literal, $direction:literal) => {
            concat!(
                "SELECT * FROM tenant WHERE ($1 OR delete_time IS NULL) \
                 AND (",
                $key,
                ", tenant_id) ",
                $beyond,
                " ($2, $3) \
                 ORDER BY ",
                $key,
                " ",
                $direction,
                ", tenant_id ",
                $direction,
                " LIMIT $4"
            )
        };
    }
    match (order.by, order.descending) {
        (By::Name, false) => ordered!("display_name", ">", "ASC"),
        (By::Name, true) => ordered!("display_name", "<", "DESC"),
        (By::CreateTime, false) => ordered!("create_time", ">", "ASC"),
        (By::CreateTime, true) => ordered!("create_time", "<", "DESC"),
    }
}
