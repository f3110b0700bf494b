//! Keys of service accounts: a key that was not made here is refused without a look, any other is
//! looked up in memory, so that no call costs a statement.

use std::time::Instant;

use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::{Refused, Why};
use crate::clock::Clock;
use crate::context::{Caller, Context, Lacked, Mutation, Principal, Source, Through};
use crate::domain::access::api_key::ApiKeyText;
use crate::domain::visibility::account_name;
use crate::error::{Error, Reason};
use crate::repository::Store;
use crate::repository::index::Current;
use crate::secret::{Secrets, Use};

/// What keys are looked up in.
pub(in crate::server) struct Keys<'a> {
    pub(in crate::server) store: &'a Store,
    pub(in crate::server) secrets: &'a Secrets,
    pub(in crate::server) tasks: &'a TaskTracker,
    pub(in crate::server) deadline: Instant,
    pub(in crate::server) at_least_revision: Option<i64>,
}

// === impl Keys ===

impl Keys<'_> {
    /// Whose key it is.
    pub(super) async fn caller(
        &self,
        text: &str,
        clock: &Clock,
    ) -> Result<(Caller, Source), Refused> {
        let (key, tag) = ApiKeyText::parse(text).ok_or(Why::Form)?;
        if !self.secrets.verify_tag(Use::ApiKeys, &key.parts(), &tag) {
            return Err(Why::Signature.into());
        }
        let current = self.index(&key).await?;
        let account = current.snapshot.account_of(key.id, &key.secret, clock.now());
        let principal = account.and_then(|id| Principal::parse(&account_name(id)).ok());
        let principal = principal.ok_or(Why::ApiKey)?;
        let caller = Caller::Member { tenant: key.tenant, principal };
        Ok((caller, Source::ApiKey { id: key.id }))
    }

    /// The index of the key's tenant, as new as the call asks for: a key that was revoked is refused by all who
    /// were told so.
    async fn index(&self, key: &ApiKeyText) -> Result<Current, Refused> {
        let ctx = Context {
            // Nobody is known yet, and nothing is answered but whether the key is there.
            caller: Caller::Member { tenant: key.tenant, principal: Principal::nobody() },
            source: Source::ApiKey { id: key.id },
            call_id: String::new(),
            deadline: self.deadline,
            at_least_revision: self.at_least_revision,
            method: "authenticate",
            mutation: Mutation::default(),
            through: Through::default(),
            lacked: Lacked::default(),
        };
        if let Some(current) = self.store.index_in_memory(&ctx)? {
            return Ok(current);
        }
        // A task of its own, so that a caller who leaves never cuts its transaction in the middle.
        let store = self.store.clone();
        let asked = async move { store.index(&ctx).await };
        match self.tasks.spawn(asked.in_current_span()).await {
            Ok(Err(error)) if error.reason() == Some(Reason::TenantNotFound) => {
                Err(Why::Tenant.into())
            }
            Ok(found) => Ok(found?),
            Err(panic) => Err(Error::internal(panic).into()),
        }
    }
}
