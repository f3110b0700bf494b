//! Keys of service accounts: shown once, kept as hashes, with an end.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::service_account::{self, change};
use super::{Access, At, demand, demand_cover};
use crate::clock::{Micros, after, now};
use crate::config::{API_KEY_LIFE, API_KEY_LIFE_MAX, API_KEY_OVERLAP, API_KEYS_MAX};
use crate::context::Context;
use crate::domain::access::api_key::{ApiKeyText, SECRET_BYTES};
use crate::domain::visibility::account_name;
use crate::entity::ApiKey;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{ApiKeyId, ServiceAccountId};
use crate::page::{Listed, Tokens};
use crate::repository::{Answer, Scope, Tx, access, api_key, last_use};
use crate::secret::{Secrets, Use, digest};

/// A key to make.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// Whose.
    pub account: ServiceAccountId,
    /// What it is for.
    pub display_name: String,
    /// When it ends, if the caller says.
    pub expire_time: Option<Micros>,
}

/// A key to put in the place of another.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// The other.
    pub id: ApiKeyId,
    /// How long the other goes on, if the caller says.
    pub overlap: Option<Duration>,
    /// When the new one ends, if the caller says.
    pub expire_time: Option<Micros>,
}

/// A key that was just made, with the text that is never shown again.
pub struct ShownKey {
    /// The key.
    pub key: ApiKey,
    /// What programs send; empty if the key was only tried.
    pub text: String,
    /// The key in whose place it is.
    pub old: Option<UsedKey>,
}

/// A key, and when it was last used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedKey {
    /// The key.
    pub row: ApiKey,
    /// The last good call with it.
    pub last_used_time: Option<Micros>,
}

/// A new key as it is kept for a repeat of its call: of the secret, only what the deployment's own can unseal.
#[derive(Serialize, Deserialize)]
struct Kept {
    key: ApiKey,
    sealed: Option<[u8; SECRET_BYTES]>,
    old: Option<UsedKey>,
}

// === impl Access ===

impl Access {
    /// Makes a key. Nobody makes one of an account that holds what they do not hold.
    pub async fn create_api_key(&self, ctx: &Context, new: &NewApiKey) -> Result<Answer<ShownKey>> {
        let made = self
            .store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::lock(tx).await?;
                demand(tx, ctx, At::Tenant).await?;
                let account = service_account::get(tx, new.account).await?.id;
                // Who has a key may do what its account may.
                demand_cover(tx, ctx, &account_name(account)).await?;
                let time = now();
                let end = end(new.expire_time, "api_key.expire_time", time)?;
                make_room(tx, account, None, time).await?;
                let made = self.make(tx, ctx, account, &new.display_name, time, end).await?;
                let detail = json!({ "api_key_id": made.key.id });
                let after = json!(made.key);
                let kind = "service_account.key_created";
                tx.record(change(kind, account, detail, Json::Null, after));
                Ok(made)
            })
            .await?;
        Ok(made.map(|made| made.shown(&self.secrets)))
    }

    /// Makes a key in the place of another, which goes on for a while and never longer than it would have.
    pub async fn rotate_api_key(
        &self,
        ctx: &Context,
        rotation: &Rotation,
    ) -> Result<Answer<ShownKey>> {
        let made = self
            .store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::lock(tx).await?;
                demand(tx, ctx, At::Tenant).await?;
                let before = get(tx, rotation.id).await?;
                let account = before.service_account_id;
                // Who has a key may do what its account may.
                demand_cover(tx, ctx, &account_name(account)).await?;
                let time = now();
                let end = end(rotation.expire_time, "expire_time", time)?;
                make_room(tx, account, Some(before.id), time).await?;
                let mut made = self.make(tx, ctx, account, &before.display_name, time, end).await?;
                let mut old = before.clone();
                let overlap = rotation.overlap.unwrap_or(API_KEY_OVERLAP);
                old.expire_time = old.expire_time.min(after(time, overlap));
                api_key::end_at(tx, old.id, old.expire_time).await?;
                let detail = json!({ "api_key_id": made.key.id, "old_api_key_id": old.id });
                let after = json!([made.key, old]);
                let kind = "service_account.key_rotated";
                tx.record(change(kind, account, detail, json!([before]), after));
                made.old = self.with_key_use(tx, vec![old]).await?.pop();
                Ok(made)
            })
            .await?;
        Ok(made.map(|made| made.shown(&self.secrets)))
    }

    /// Lists the keys of a service account.
    pub async fn list_api_keys(
        &self,
        ctx: &Context,
        account: ServiceAccountId,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<UsedKey>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&account.to_string()]);
        let page = tokens.request(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, At::Anywhere).await?;
        let account = service_account::get_known(&scope, ctx, account).await?.id;
        let rows = api_key::list(&scope, account, page.after, page.limit()).await?;
        let Listed { items, next } = tokens.list(page.page(rows), |last| last.id);
        let items = self.with_key_use(&scope, items).await?;
        Ok(scope.answer(Listed { items, next }))
    }

    /// Ends a key at once, and deletes it.
    pub async fn revoke_api_key(&self, ctx: &Context, id: ApiKeyId) -> Result<Answer<()>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::lock(tx).await?;
                demand(tx, ctx, At::Tenant).await?;
                let key = get(tx, id).await?;
                api_key::delete(tx, id).await?;
                let detail = json!({ "api_key_id": id });
                let (kind, account) = ("service_account.key_revoked", key.service_account_id);
                tx.record(change(kind, account, detail, json!(key), Json::Null));
                Ok(())
            })
            .await
    }

    /// A new row, and its secret, sealed; of one that is only tried there is none to show.
    async fn make(
        &self,
        tx: &Tx,
        ctx: &Context,
        account: ServiceAccountId,
        display_name: &str,
        create_time: Micros,
        expire_time: Micros,
    ) -> Result<Kept> {
        let secret: [u8; SECRET_BYTES] = rand::random();
        let key = ApiKey {
            tenant_id: tx.tenant(),
            id: ApiKeyId::new(),
            service_account_id: account,
            display_name: display_name.into(),
            hash: digest(&[&secret]).to_vec(),
            expire_time,
            create_time,
        };
        tx.insert(&key).await?;
        let sealed = seal(&self.secrets, &key, secret);
        Ok(Kept { key, sealed: (!ctx.mutation.validate_only).then_some(sealed), old: None })
    }

    async fn with_key_use(&self, scope: &Scope, rows: Vec<ApiKey>) -> Result<Vec<UsedKey>> {
        let subjects = rows.iter().map(|row| last_use::key_name(row.id)).collect();
        let times = last_use::of_subjects(scope, self.store.uses(), subjects).await?;
        let one = |row: ApiKey| {
            let last_used_time = times.get(&last_use::key_name(row.id)).copied();
            UsedKey { row, last_used_time }
        };
        Ok(rows.into_iter().map(one).collect())
    }
}

async fn get(tx: &Tx, id: ApiKeyId) -> Result<ApiKey> {
    api_key::get(tx, id).await?.ok_or_else(|| Error::not_found(Noun::ApiKey, id))
}

/// QUOTA_EXCEEDED, if the account has as many keys as it may. Those that have ended make room.
async fn make_room(
    tx: &Tx,
    account: ServiceAccountId,
    but: Option<ApiKeyId>,
    time: Micros,
) -> Result<()> {
    if api_key::count(tx, account).await? < API_KEYS_MAX {
        return Ok(());
    }
    api_key::delete_ended(tx, account, but, time).await?;
    let used = api_key::count(tx, account).await?;
    if used < API_KEYS_MAX {
        return Ok(());
    }
    let message = format!(
        "the service account has {used} keys and may have {API_KEYS_MAX}; revoke some that are not used"
    );
    Err(Error::new(Reason::QuotaExceeded, message)
        .with("quota", "api_keys")
        .with("limit", API_KEYS_MAX)
        .with("used", used))
}

/// When a new key ends.
fn end(given: Option<Micros>, field: &str, time: Micros) -> Result<Micros> {
    match given {
        None => Ok(after(time, API_KEY_LIFE)),
        Some(given) if given <= time => Err(Error::invalid(field, "must be in the future")),
        Some(given) if given > after(time, API_KEY_LIFE_MAX) => {
            Err(Error::invalid(field, "must be at most 366 days ahead"))
        }
        Some(given) => Ok(given),
    }
}

/// Seals the secret of a key, or unseals it. The id of a key is never given out again.
fn seal(secrets: &Secrets, key: &ApiKey, secret: [u8; SECRET_BYTES]) -> [u8; SECRET_BYTES] {
    let name: [&[u8]; 2] = [key.tenant_id.0.as_bytes(), key.id.0.as_bytes()];
    secrets.seal(Use::Answers, &name, secret)
}

// === impl Kept ===

impl Kept {
    fn shown(self, secrets: &Secrets) -> ShownKey {
        let Self { key, sealed, old } = self;
        let text = sealed.map(|sealed| {
            let secret = seal(secrets, &key, sealed);
            let text = ApiKeyText { tenant: key.tenant_id, id: key.id, secret };
            text.text(&secrets.tag(Use::ApiKeys, &text.parts()))
        });
        ShownKey { key, text: text.unwrap_or_default(), old }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::DAY;

    #[test]
    fn a_08_a_key_ends() {
        let end = |given| end(given, "expire_time", 1_000).ok();
        assert_eq!(end(None), Some(1_000 + 90 * DAY));
        assert_eq!(end(Some(1_001)), Some(1_001));
        assert_eq!(end(Some(1_000)), None);
        assert_eq!(end(Some(1_000 + 366 * DAY)), Some(1_000 + 366 * DAY));
        assert_eq!(end(Some(1_001 + 366 * DAY)), None);
    }
}
