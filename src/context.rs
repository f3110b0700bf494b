//! Who is asking, for which tenant, until when: made once at the door, passed to everything below.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::error::{Error, Reason, Result};
use crate::id::{ApiKeyId, GroupId, ServiceAccountId, TenantId, WorkspaceId};

/// The context of one call.
#[derive(Clone, Debug)]
pub struct Context {
    /// Who calls, and within which bounds.
    pub caller: Caller,
    /// Where the tenant and the principal were read from, for `GetCallContext`.
    pub source: Source,
    /// The id of this call in logs and errors (`x-request-id`).
    pub call_id: String,
    /// When the caller stops waiting.
    pub deadline: Instant,
    /// The revision that a read must have reached (`x-precinct-at-least-revision`).
    pub at_least_revision: Option<i64>,
    /// The rpc, as `Service/Method`.
    pub method: &'static str,
    /// What a mutation says of itself; nothing for reads.
    pub mutation: Mutation,
    /// The workspace that the call goes through, once that is known.
    pub through: Through,
    /// The right that the call was found to lack, if it was.
    pub lacked: Lacked,
}

/// The workspace that a call goes through (W-10): noted where the caller's right in it is looked at, read when
/// the call has ended well. All copies of a context share it.
#[derive(Clone, Debug, Default)]
pub struct Through(Arc<OnceLock<WorkspaceId>>);

/// A right that a call lacks (K-06): noted where the right is looked at, read when the call has ended in a refusal. All
/// copies of a context share it.
#[derive(Clone, Debug, Default)]
pub struct Lacked(Arc<OnceLock<Lack>>);

/// A right that is lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lack {
    /// The permission.
    pub permission: &'static str,
    /// In which workspace; nothing: tenant-wide.
    pub workspace: Option<WorkspaceId>,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A principal of a tenant.
    Member {
        /// The tenant.
        tenant: TenantId,
        /// The principal.
        principal: Principal,
    },
    /// An operator of the platform; belongs to no tenant.
    Operator {
        /// The name after `platform:`.
        name: String,
        /// The tenant that the operator works on, once the request has named it.
        acting_on: Option<TenantId>,
    },
}

/// A principal: `user:<subject>`, `group:<id>` or `service:<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal(String);

/// How a caller proved itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Headers set by a trusted proxy or mesh.
    TrustedHeaders,
    /// A token of an issuer that this server knows.
    Jwt {
        /// The claim that names the tenant; nothing if all tokens of the issuer are of one tenant.
        tenant_claim: Option<Arc<str>>,
        /// The claim that names the subject.
        subject_claim: Arc<str>,
    },
    /// A key of a service account.
    ApiKey {
        /// Which one.
        id: ApiKeyId,
    },
    /// The service itself: sweeps and other work of its own.
    Internal,
}

/// What a mutation says of itself.
#[derive(Clone, Debug, Default)]
pub struct Mutation {
    /// The caller's key for safe retries, with the hash of the request that it stands for.
    pub request: Option<RequestKey>,
    /// Run again, it finds what it did: a chunk of an import, by its place.
    pub repeatable: bool,
    /// Check everything, change nothing.
    pub validate_only: bool,
    /// For calls that ask for a plan, or follow one.
    pub plan: Option<PlanKey>,
}

/// What a call is planned by.
#[derive(Clone, Debug)]
pub struct PlanKey {
    /// Hash of the request without its `request_id`, `validate_only` and `plan_token`.
    pub call: [u8; 32],
    /// The plan that it follows; empty: none.
    pub token: String,
}

/// A `request_id` and what it was used for.
#[derive(Clone, Debug)]
pub struct RequestKey {
    /// The caller's UUID.
    pub id: Uuid,
    /// Hash of the re-encoded request.
    pub body: [u8; 32],
}

// === impl Context ===

impl Context {
    /// The context of work that the service does of its own, in no tenant's name.
    pub fn internal(name: &'static str, patience: Duration) -> Self {
        Self {
            caller: Caller::Operator { name: name.into(), acting_on: None },
            source: Source::Internal,
            call_id: String::new(),
            deadline: Instant::now() + patience,
            at_least_revision: None,
            method: name,
            mutation: Mutation::default(),
            through: Through::default(),
            lacked: Lacked::default(),
        }
    }

    /// The tenant that this call is bound to; an operator has one only where the request names it.
    pub fn tenant(&self) -> Result<TenantId> {
        match &self.caller {
            Caller::Member { tenant, .. } => Ok(*tenant),
            Caller::Operator { acting_on: Some(tenant), .. } => Ok(*tenant),
            Caller::Operator { acting_on: None, .. } => Err(Error::new(
                Reason::PermissionRequired,
                "operators of the platform manage tenants, not what is in them; call as a principal \
                 of the tenant",
            )
            .with("permission", "tenant.member")),
        }
    }

    /// The same call, bound to the tenant that an operator's request names.
    #[must_use]
    pub fn acting_on(&self, tenant: TenantId) -> Self {
        let mut context = self.clone();
        if let Caller::Operator { acting_on, .. } = &mut context.caller {
            *acting_on = Some(tenant);
        }
        context
    }

    /// The same caller and deadline, for a read of what is newest.
    #[must_use]
    pub fn reading(&self) -> Self {
        Self { mutation: Mutation::default(), at_least_revision: None, ..self.clone() }
    }

    /// Whether the caller is an operator of the platform.
    pub fn is_operator(&self) -> bool {
        matches!(self.caller, Caller::Operator { .. })
    }

    /// The time left, or DEADLINE once there is none.
    pub fn time_left(&self) -> Result<Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(deadline_exceeded()) } else { Ok(left) }
    }
}

/// The refusal of a call whose time is up.
pub fn deadline_exceeded() -> Error {
    Error::new(Reason::Deadline, "the deadline passed before the work was done")
}

// === impl Through ===

impl Through {
    /// Takes note of the workspace; the first one counts.
    pub fn note(&self, id: WorkspaceId) {
        let _ = self.0.set(id);
    }

    /// The workspace, if the call goes through one.
    pub fn workspace(&self) -> Option<WorkspaceId> {
        self.0.get().copied()
    }
}

// === impl Lacked ===

impl Lacked {
    /// Takes note of a right; the first one counts.
    pub fn note(&self, permission: &'static str, workspace: Option<WorkspaceId>) {
        let _ = self.0.set(Lack { permission, workspace });
    }

    /// The right, if one is lacking.
    pub fn get(&self) -> Option<Lack> {
        self.0.get().copied()
    }
}

// === impl Caller ===

impl Caller {
    /// What the service calls itself in audit logs, where it works of its own accord: no operator has that name.
    const SERVICE: &str = "precinct";

    /// An operator; nothing for one of the service's own name, or of one that is too long.
    pub fn operator(name: &str, acting_on: Option<TenantId>) -> Option<Self> {
        let caller = Self::Operator { name: name.into(), acting_on };
        let good = !name.is_empty() && name != Self::SERVICE;
        (good && caller.to_string().len() <= Principal::MAX_BYTES).then_some(caller)
    }

    /// The service itself, in a tenant.
    pub fn service(tenant: TenantId) -> Self {
        Self::Operator { name: Self::SERVICE.into(), acting_on: Some(tenant) }
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member { principal, .. } => f.write_str(principal.as_str()),
            Self::Operator { name, .. } => write!(f, "platform:{name}"),
        }
    }
}

// === impl Principal ===

impl Principal {
    /// The kinds that a principal can be of.
    pub const KINDS: [&'static str; 3] = ["user", "group", "service"];
    /// Longest principal, in bytes.
    pub const MAX_BYTES: usize = 255;

    /// Parses `kind:subject`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let known = text
            .split_once(':')
            .is_some_and(|(kind, subject)| Self::KINDS.contains(&kind) && !subject.is_empty());
        if !known {
            return Err("must be user:<subject>, group:<id> or service:<id>".into());
        }
        if text.len() > Self::MAX_BYTES || text.chars().any(char::is_control) {
            return Err(format!(
                "must have at most {} bytes and no control characters",
                Self::MAX_BYTES
            ));
        }
        let Some((kind, id)) = text.split_once(':').filter(|(kind, _)| *kind != "user") else {
            return Ok(Self(text.into()));
        };
        // One id is written in one way, since principals are compared as text.
        let id = Uuid::parse_str(id).ok().filter(|_| id.len() == 36);
        id.map(|id| Self(format!("{kind}:{id}"))).ok_or_else(|| format!("{kind}:<id> needs a UUID"))
    }

    /// A user's, or a program's; a group cannot call.
    pub fn is_caller(&self) -> bool {
        self.group().is_none()
    }

    /// Nobody: stands in for a principal that was refused.
    pub fn nobody() -> Self {
        Self("user:nobody".into())
    }

    /// Whether it is a user.
    pub fn is_user(&self) -> bool {
        self.0.starts_with("user:")
    }

    /// The group that it is.
    pub fn group(&self) -> Option<GroupId> {
        self.0.strip_prefix("group:").and_then(|id| id.parse().ok())
    }

    /// The service account that it is.
    pub fn service_account(&self) -> Option<ServiceAccountId> {
        self.0.strip_prefix("service:").and_then(|id| id.parse().ok())
    }

    /// Whether it can call; a group cannot, it only holds grants.
    pub fn can_call(&self) -> bool {
        !self.0.starts_with("group:")
    }

    /// The principal as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// === impl Source ===

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TrustedHeaders => "trusted-headers",
            Self::Jwt { .. } => "jwt",
            Self::ApiKey { .. } => "api-key",
            Self::Internal => "internal",
        })
    }
}
