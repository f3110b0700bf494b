//! `AccessService`: service accounts.

use tonic::{Request, Response, Status};

use crate::clock::timestamp;
use crate::config::{DESCRIPTION_MAX, NAME_MAX};
use crate::domain::text;
use crate::domain::visibility::account_name;
use crate::entity::etag;
use crate::error::Result;
use crate::grpc::decode::{self, Fields, times};
use crate::grpc::{mutate, open, plan, planned, reply};
use crate::pb;
use crate::service::access::Access;
use crate::service::access::service_account::{Account, NewServiceAccount, ServiceAccountPatch};

const MUTABLE: &[&str] = &["display_name", "description", "disabled"];
const IMMUTABLE: &[&str] =
    &["service_account_id", "principal", "last_used_time", "etag", "create_time", "update_time"];

pub(super) async fn create_service_account(
    access: &Access,
    request: Request<pb::CreateServiceAccountRequest>,
) -> Result<Response<pb::CreateServiceAccountResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let new = new(&decode::required("service_account", request.service_account)?)?;
    let made = access.create_service_account(&ctx, &new).await?;
    Ok(reply(made, |made, revision| pb::CreateServiceAccountResponse {
        service_account: Some(made.into()),
        revision,
    }))
}

pub(super) async fn get_service_account(
    access: &Access,
    request: Request<pb::GetServiceAccountRequest>,
) -> Result<Response<pb::GetServiceAccountResponse>, Status> {
    let (ctx, request) = open(request)?;
    let id = decode::id("service_account_id", &request.service_account_id)?;
    let found = access.service_account(&ctx, id).await?;
    Ok(reply(found, |found, _| pb::GetServiceAccountResponse {
        service_account: Some(found.into()),
    }))
}

pub(super) async fn list_service_accounts(
    access: &Access,
    request: Request<pb::ListServiceAccountsRequest>,
) -> Result<Response<pb::ListServiceAccountsResponse>, Status> {
    let (ctx, request) = open(request)?;
    let order = decode::order(&request.order_by, "display_name")?;
    let (size, token) = (request.page_size, &request.page_token);
    let page = access.list_service_accounts(&ctx, order, size, token).await?;
    Ok(reply(page, |page, _| pb::ListServiceAccountsResponse {
        service_accounts: page.items.into_iter().map(Into::into).collect(),
        next_page_token: page.next,
    }))
}

pub(super) async fn update_service_account(
    access: &Access,
    request: Request<pb::UpdateServiceAccountRequest>,
) -> Result<Response<pb::UpdateServiceAccountResponse>, Status> {
    let (ctx, request) = plan(request)?;
    let message = decode::required("service_account", request.service_account)?;
    let patch = patch(message, request.update_mask)?;
    let changed = access.update_service_account(&ctx, &patch).await?;
    Ok(planned(changed, |changed, plan, revision| pb::UpdateServiceAccountResponse {
        plan,
        service_account: Some(changed.into()),
        revision,
    }))
}

pub(super) async fn delete_service_account(
    access: &Access,
    request: Request<pb::DeleteServiceAccountRequest>,
) -> Result<Response<pb::DeleteServiceAccountResponse>, Status> {
    let (ctx, request) = plan(request)?;
    let id = decode::id("service_account_id", &request.service_account_id)?;
    let gone = access.delete_service_account(&ctx, id, &request.etag).await?;
    Ok(planned(gone, |(), plan, revision| pb::DeleteServiceAccountResponse { plan, revision }))
}

// === conversions ===

fn new(message: &pb::ServiceAccount) -> Result<NewServiceAccount> {
    let mut fields = Fields::default();
    let new = NewServiceAccount {
        display_name: display_name(&mut fields, message),
        description: description(&mut fields, message),
        disabled: message.disabled,
    };
    fields.check().map(|()| new)
}

fn patch(
    message: pb::ServiceAccount,
    mask: Option<prost_types::FieldMask>,
) -> Result<ServiceAccountPatch> {
    let filled: Vec<&str> = [
        ("display_name", !message.display_name.is_empty()),
        ("description", !message.description.is_empty()),
        ("disabled", message.disabled),
    ]
    .into_iter()
    .filter_map(|(path, filled)| filled.then_some(path))
    .collect();
    let paths = decode::mask(mask, &filled, MUTABLE, IMMUTABLE)?;
    let mut fields = Fields::default();
    let patch = ServiceAccountPatch {
        id: fields.id("service_account.service_account_id", &message.service_account_id),
        display_name: paths.contains("display_name").then(|| display_name(&mut fields, &message)),
        description: paths.contains("description").then(|| description(&mut fields, &message)),
        disabled: paths.contains("disabled").then_some(message.disabled),
        etag: message.etag,
    };
    fields.check().map(|()| patch)
}

fn display_name(fields: &mut Fields, message: &pb::ServiceAccount) -> String {
    fields.take("service_account.display_name", text::name(&message.display_name, NAME_MAX))
}

fn description(fields: &mut Fields, message: &pb::ServiceAccount) -> String {
    let parsed = text::paragraph(&message.description, DESCRIPTION_MAX);
    fields.take("service_account.description", parsed)
}

impl From<Account> for pb::ServiceAccount {
    fn from(account: Account) -> Self {
        let row = account.row;
        Self {
            service_account_id: row.id.to_string(),
            principal: account_name(row.id),
            display_name: row.display_name,
            description: row.description,
            disabled: row.disabled,
            last_used_time: times(account.last_used_time),
            etag: etag(row.version),
            create_time: Some(timestamp(row.create_time)),
            update_time: Some(timestamp(row.update_time)),
        }
    }
}
