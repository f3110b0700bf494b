//! Refusals of privileged calls go to the audit log (K-06), in the task of the call and before its reply.

use http::HeaderMap;
use tonic::{Code, Status};

use super::codes;
use crate::context::Context;
use crate::domain::access::rpc::is_privileged;
use crate::error::by_wire_name;
use crate::repository::Store;

/// Records a reply, by its headers, that is a refusal for want of a right, if the call is privileged. What is hidden for
/// want of a right is not found. The refusal is answered even if it cannot be recorded.
pub(super) async fn record(store: &Store, ctx: &Context, headers: &HeaderMap) {
    let Some(lack) = ctx.lacked.get() else { return };
    let Some(status) = Status::from_header_map(headers) else { return };
    let refused = matches!(status.code(), Code::PermissionDenied | Code::NotFound);
    // Operators work on no tenant, unless their request names it.
    if !refused || !is_privileged(ctx.method, lack.permission) || ctx.tenant().is_err() {
        return;
    }
    let reason = codes::reason(&status).and_then(|name| by_wire_name(&name)).unwrap_or_default();
    if let Err(error) = store.refused(ctx, reason, lack).await {
        tracing::warn!(%error, permission = lack.permission, "a refusal is not in the audit log");
    }
}
