//! Shorthands for service accounts and their keys.

use precinct::pb;
use tonic::{Response, Status};

use super::actor::{Actor, ok};

// === impl Actor ===

impl Actor {
    /// A service account; its id.
    pub async fn account(&self, name: &str) -> String {
        let made = ok(self.try_account(name).await);
        made.service_account.map(|one| one.service_account_id).unwrap_or_default()
    }

    pub async fn try_account(
        &self,
        name: &str,
    ) -> Result<Response<pb::CreateServiceAccountResponse>, Status> {
        let account =
            pb::ServiceAccount { display_name: name.into(), ..pb::ServiceAccount::default() };
        let request = pb::CreateServiceAccountRequest {
            service_account: Some(account),
            ..pb::CreateServiceAccountRequest::default()
        };
        self.access().create_service_account(request).await
    }

    pub async fn try_get_account(&self, id: &str) -> Result<pb::ServiceAccount, Status> {
        let request = pb::GetServiceAccountRequest { service_account_id: id.into() };
        let found = self.access().get_service_account(request).await?;
        Ok(found.into_inner().service_account.unwrap_or_default())
    }

    pub async fn try_update_account(
        &self,
        account: pb::ServiceAccount,
        paths: &[&str],
    ) -> Result<Response<pb::UpdateServiceAccountResponse>, Status> {
        let paths = paths.iter().map(ToString::to_string).collect();
        let request = pb::UpdateServiceAccountRequest {
            service_account: Some(account),
            update_mask: Some(prost_types::FieldMask { paths }),
            ..pb::UpdateServiceAccountRequest::default()
        };
        self.access().update_service_account(request).await
    }

    /// Switches a service account off, or on again.
    pub async fn disable(&self, id: &str, disabled: bool) {
        let account = pb::ServiceAccount {
            service_account_id: id.into(),
            disabled,
            ..pb::ServiceAccount::default()
        };
        ok(self.try_update_account(account, &["disabled"]).await);
    }

    pub async fn try_delete_account(
        &self,
        id: &str,
        etag: &str,
    ) -> Result<Response<pb::DeleteServiceAccountResponse>, Status> {
        let request = pb::DeleteServiceAccountRequest {
            service_account_id: id.into(),
            etag: etag.into(),
            ..pb::DeleteServiceAccountRequest::default()
        };
        self.access().delete_service_account(request).await
    }

    /// A key of a service account: its id, and its text.
    pub async fn key(&self, account: &str) -> (String, String) {
        let made = ok(self.try_key(account).await);
        (made.api_key.map(|key| key.api_key_id).unwrap_or_default(), made.key)
    }

    pub async fn try_key(
        &self,
        account: &str,
    ) -> Result<Response<pb::CreateApiKeyResponse>, Status> {
        let request = pb::CreateApiKeyRequest {
            service_account_id: account.into(),
            ..pb::CreateApiKeyRequest::default()
        };
        self.access().create_api_key(request).await
    }

    pub async fn try_rotate(
        &self,
        key: &str,
        overlap: Option<i64>,
    ) -> Result<Response<pb::RotateApiKeyResponse>, Status> {
        let request = pb::RotateApiKeyRequest {
            api_key_id: key.into(),
            overlap: overlap.map(|seconds| prost_types::Duration { seconds, nanos: 0 }),
            ..pb::RotateApiKeyRequest::default()
        };
        self.access().rotate_api_key(request).await
    }

    pub async fn try_revoke_key(
        &self,
        key: &str,
    ) -> Result<Response<pb::RevokeApiKeyResponse>, Status> {
        let request = pb::RevokeApiKeyRequest {
            api_key_id: key.into(),
            ..pb::RevokeApiKeyRequest::default()
        };
        self.access().revoke_api_key(request).await
    }

    /// The keys of a service account.
    pub async fn keys(&self, account: &str) -> Vec<pb::ApiKey> {
        let request = pb::ListApiKeysRequest {
            service_account_id: account.into(),
            page_size: 1_000,
            ..pb::ListApiKeysRequest::default()
        };
        ok(self.access().list_api_keys(request).await).api_keys
    }

    /// How the server understands who calls.
    pub async fn whoami(&self) -> Result<pb::GetCallContextResponse, Status> {
        let found = self.system().get_call_context(pb::GetCallContextRequest {}).await?;
        Ok(found.into_inner())
    }

    /// The switcher.
    pub async fn switcher(&self) -> Vec<pb::AccessibleWorkspace> {
        let request = pb::ListAccessibleWorkspacesRequest::default();
        ok(self.workspaces().list_accessible_workspaces(request).await).workspaces
    }
}
