//! `AccessService`: keys of service accounts.

use tonic::{Request, Response, Status};

use crate::clock::timestamp;
use crate::config::{API_KEY_OVERLAP_MAX, NAME_MAX};
use crate::domain::text;
use crate::entity::ApiKey;
use crate::grpc::decode::{self, Fields, times};
use crate::grpc::{mutate, open, reply};
use crate::pb;
use crate::service::access::Access;
use crate::service::access::api_key::{NewApiKey, Rotation, ShownKey, UsedKey};

pub(super) async fn create_api_key(
    access: &Access,
    request: Request<pb::CreateApiKeyRequest>,
) -> Result<Response<pb::CreateApiKeyResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let message = request.api_key.unwrap_or_default();
    let mut fields = Fields::default();
    let expire_time = message.expire_time.as_ref();
    let new = NewApiKey {
        account: fields.id("service_account_id", &request.service_account_id),
        display_name: fields
            .take("api_key.display_name", text::line(&message.display_name, NAME_MAX)),
        expire_time: fields.optional_time("api_key.expire_time", expire_time),
    };
    fields.check()?;
    let made = access.create_api_key(&ctx, &new).await?;
    Ok(reply(made, |ShownKey { key, text, .. }, revision| pb::CreateApiKeyResponse {
        api_key: Some(unused(key)),
        key: text,
        revision,
    }))
}

pub(super) async fn list_api_keys(
    access: &Access,
    request: Request<pb::ListApiKeysRequest>,
) -> Result<Response<pb::ListApiKeysResponse>, Status> {
    let (ctx, request) = open(request)?;
    let account = decode::id("service_account_id", &request.service_account_id)?;
    let (size, token) = (request.page_size, &request.page_token);
    let page = access.list_api_keys(&ctx, account, size, token).await?;
    Ok(reply(page, |page, _| pb::ListApiKeysResponse {
        api_keys: page.items.into_iter().map(Into::into).collect(),
        next_page_token: page.next,
    }))
}

pub(super) async fn rotate_api_key(
    access: &Access,
    request: Request<pb::RotateApiKeyRequest>,
) -> Result<Response<pb::RotateApiKeyResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let mut fields = Fields::default();
    let overlap = request.overlap.as_ref();
    let rotation = Rotation {
        id: fields.id("api_key_id", &request.api_key_id),
        overlap: fields.optional_duration("overlap", overlap, API_KEY_OVERLAP_MAX),
        expire_time: fields.optional_time("expire_time", request.expire_time.as_ref()),
    };
    fields.check()?;
    let made = access.rotate_api_key(&ctx, &rotation).await?;
    Ok(reply(made, |ShownKey { key, text, old }, revision| pb::RotateApiKeyResponse {
        api_key: Some(unused(key)),
        key: text,
        old_api_key: old.map(Into::into),
        revision,
    }))
}

pub(super) async fn revoke_api_key(
    access: &Access,
    request: Request<pb::RevokeApiKeyRequest>,
) -> Result<Response<pb::RevokeApiKeyResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let id = decode::id("api_key_id", &request.api_key_id)?;
    let gone = access.revoke_api_key(&ctx, id).await?;
    Ok(reply(gone, |(), revision| pb::RevokeApiKeyResponse { revision }))
}

// === conversions ===

/// A key that is new.
fn unused(row: ApiKey) -> pb::ApiKey {
    UsedKey { row, last_used_time: None }.into()
}

impl From<UsedKey> for pb::ApiKey {
    fn from(key: UsedKey) -> Self {
        let row = key.row;
        Self {
            api_key_id: row.id.to_string(),
            service_account_id: row.service_account_id.to_string(),
            display_name: row.display_name,
            expire_time: Some(timestamp(row.expire_time)),
            last_used_time: times(key.last_used_time),
            create_time: Some(timestamp(row.create_time)),
        }
    }
}
