//! Every limit and every default, in one place.

mod issuers;

use std::time::Duration;

pub use self::issuers::{Algorithm, Issuer, Jwks};
use crate::clock::Clock;
use crate::domain::topology::Amount;

/// The commit that this binary was built from; empty if the build did not know.
pub const COMMIT: &str = match option_env!("PRECINCT_COMMIT") {
    Some(commit) => commit,
    None => "",
};

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `sqlite://file.db` or `postgres://…`.
    pub url: String,
    /// Most connections at once; for SQLite, most readers.
    pub max_connections: u32,
    /// Connections kept open when idle.
    pub min_connections: u32,
    /// Refuse to serve as an owner or superuser instead of stepping down to the restricted role.
    pub require_restricted_role: bool,
}

/// Deadline of a unary call that names none, and the most that one may name.
pub const UNARY_DEADLINE: Duration = Duration::from_secs(5);
/// The same for calls that work on up to 10,000 rows or rewrite a tenant's people.
pub const BULK_DEADLINE: Duration = Duration::from_secs(60);
/// Largest message, in bytes.
pub const MESSAGE_BYTES: usize = 4 * 1024 * 1024;
/// Largest message of the bulk rpcs, in bytes.
pub const BULK_MESSAGE_BYTES: usize = 32 * 1024 * 1024;
/// Items of a page, if the caller does not say.
pub const PAGE_DEFAULT: i32 = 50;
/// Most items of a page; more is taken as this.
pub const PAGE_MAX: i32 = 1_000;
/// Most items of a batch.
pub const BATCH_MAX: usize = 1_000;
/// Most rows of a chunk of an import.
pub const CHUNK_MAX: usize = 10_000;
/// People whom an operation looks at in one slice.
pub const SLICE_PEOPLE: i64 = 1_000;
/// How long an operation that has ended is kept.
pub const OPERATION_RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// People per message of an audience.
pub const AUDIENCE_PAGE: i64 = 1_000;
/// How long an audience waits for its caller to take a message: it keeps a transaction open.
pub const AUDIENCE_PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of changes per message of a feed, about, unless a single change has more.
pub const FEED_MESSAGE_BYTES: usize = 1024 * 1024;
/// Most kinds that a watcher may ask for.
pub const FEED_KINDS_MAX: usize = 100;
/// Rows per message of an export.
pub const EXPORT_PAGE: i64 = 1_000;
/// How long deleted things can be restored.
pub const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Most characters of a name.
pub const NAME_MAX: usize = 255;
/// Most characters of a description.
pub const DESCRIPTION_MAX: usize = 2_000;
/// Most bytes of a workspace's settings, as JSON.
pub const SETTINGS_BYTES: usize = 64 * 1024;
/// Most attributes of a person.
pub const ATTRIBUTES_MAX: usize = 100;
/// Most bytes of one attribute.
pub const ATTRIBUTE_BYTES: usize = 4 * 1024;

/// Most living workspaces of a tenant.
pub const WORKSPACES_MAX: i64 = 1_000;
/// Most living partitions of a tenant.
pub const PARTITIONS_MAX: i64 = 1_000;
/// Most fields of a tenant.
pub const FIELDS_MAX: i64 = 500;

/// Most rules of a routing policy.
pub const ROUTING_RULES_MAX: usize = 200;

/// Most bytes of the tenants' indexes that are kept in memory.
pub const INDEX_BYTES: usize = 256 * 1024 * 1024;

/// Most custom roles of a tenant.
pub const ROLES_MAX: i64 = 200;
/// Most groups of a tenant.
pub const GROUPS_MAX: i64 = 5_000;
/// Most memberships in a tenant's groups.
pub const GROUP_MEMBERS_MAX: i64 = 200_000;
/// How deep groups may nest.
pub const GROUP_DEPTH_MAX: usize = 8;
/// Most service accounts of a tenant.
pub const SERVICE_ACCOUNTS_MAX: i64 = 1_000;
/// Most keys of a service account.
pub const API_KEYS_MAX: i64 = 20;
/// How long a key lives, if the caller does not say.
pub const API_KEY_LIFE: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// The longest that a key may live.
pub const API_KEY_LIFE_MAX: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// How long a replaced key goes on, if the caller does not say.
pub const API_KEY_OVERLAP: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest that a replaced key may go on.
pub const API_KEY_OVERLAP_MAX: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Most grants of a tenant.
pub const GRANTS_MAX: i64 = 100_000;
/// Most grants that come with a new workspace.
pub const FIRST_GRANTS_MAX: usize = 100;

/// Most folders of a tenant, the roots apart.
pub const FOLDERS_MAX: i64 = 50_000;
/// Deepest folder.
pub const FOLDER_DEPTH_MAX: i32 = 32;
/// Most assets of a tenant.
pub const ASSETS_MAX: i64 = 500_000;
/// Most bytes of an asset's content, as JSON.
pub const CONTENT_BYTES: usize = 256 * 1024;
/// Most assets of a batch with their content.
pub const CONTENTS_MAX: usize = 10;
/// Most references of an asset.
pub const REFERENCES_MAX: usize = 200;
/// Most members that come along with a cloned list.
pub const CLONED_MEMBERS_MAX: i64 = 999;
/// Most things of a kind that a plan names.
pub const PLAN_ITEMS_MAX: usize = 1_000;
/// Most of a topology that is shown at once.
pub const TOPOLOGY_MAX: Amount =
    Amount { workspaces: 2_000, partitions: 2_000, bindings: 10_000, shares: 5_000 };
/// Most findings about a topology that are shown at once.
pub const TOPOLOGY_FINDINGS_MAX: usize = 1_000;

/// Deepest folder that a tenant may let be shared.
pub const SHARE_DEPTH_MAX: i32 = 32;
/// Most segmentations that a tenant may allow itself.
pub const SEGMENTATIONS_MAX: i32 = 1_000;
/// Most segments of a segmentation that a tenant may allow itself.
pub const SEGMENTS_MAX: i32 = 1_000;
/// Most regions that a tenant may list.
pub const REGIONS_MAX: usize = 100;
/// Most pairs of regions that a tenant may list.
pub const REGION_PAIRS_MAX: usize = 1_000;

/// Longest bearer token that is looked at, in bytes.
pub const TOKEN_BYTES: usize = 8 * 1024;
/// How far the clocks of those who issue tokens may be off.
pub const TOKEN_LEEWAY: Duration = Duration::from_secs(30);
/// Tokens whose signature need not be checked again.
pub const TOKENS_CACHED: usize = 4_096;
/// How old the keys of an issuer may grow before they are fetched again.
pub const KEYS_REFRESH: Duration = Duration::from_secs(5 * 60);
/// The same for keys in a file.
pub const KEYS_FILE_CHECK: Duration = Duration::from_secs(2);
/// How long keys are good for when their issuer does not answer.
pub const KEYS_MAX_AGE: Duration = Duration::from_secs(60 * 60);
/// Least time between two fetches for the sake of a key that is not known.
pub const KEYS_UNKNOWN: Duration = Duration::from_secs(30);
/// Least time between two fetches while there are no good keys.
pub const KEYS_RETRY: Duration = Duration::from_secs(5);
/// Most time that a fetch of keys may take.
pub const KEYS_TIMEOUT: Duration = Duration::from_secs(3);
/// Most bytes of a set of keys.
pub const KEYS_BYTES: usize = 256 * 1024;
/// Most calls that wait for the keys of one issuer.
pub const KEYS_WAITING: usize = 128;

/// The ways to prove who is calling; each is on or off, and all that are on hold.
#[derive(Clone, Debug, Default)]
pub struct Authentication {
    /// Headers that a trusted proxy or mesh sets.
    pub trusted_headers: bool,
    /// Tokens of these issuers.
    pub jwt: Vec<Issuer>,
    /// Keys of service accounts.
    pub api_keys: bool,
    /// The time by which tokens and keys expire.
    pub clock: Clock,
}

/// How operations are worked on.
#[derive(Clone, Copy, Debug)]
pub struct WorkConfig {
    /// How many at once; none, if other replicas do it.
    pub at_once: usize,
    /// How long a slice may take; it is well below a second unless the database is slow. Promotions have more time.
    pub slice_time: Duration,
    /// People whom a slice looks at.
    pub people: i64,
}

/// How changes are watched.
#[derive(Clone, Copy, Debug)]
pub struct WatchConfig {
    /// Changes that are read at once.
    pub page: i64,
    /// How long a stream may be silent.
    pub heartbeat: Duration,
    /// How long a message may wait for its watcher to take it.
    pub patience: Duration,
    /// Most watchers; they take nothing while nothing happens.
    pub watchers: usize,
    /// The same for one tenant.
    pub watchers_per_tenant: usize,
}

/// How the gRPC server serves.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// How callers prove who they are.
    pub authentication: Authentication,
    /// Offer server reflection.
    pub reflection: bool,
    /// How operations are worked on.
    pub work: WorkConfig,
    /// How changes are watched.
    pub watch: WatchConfig,
    /// Most calls in progress; more are refused rather than queued.
    pub in_flight: usize,
    /// The same for one tenant, so that none can crowd out the others.
    pub in_flight_per_tenant: usize,
    /// Most connections; more wait in the listen queue.
    pub connections: usize,
    /// How long a peer may take to open HTTP/2.
    pub preface_timeout: Duration,
    /// How old a connection may grow, give or take a tenth: a balancer spreads only new ones.
    pub connection_age: Duration,
    /// How long the calls of a connection that grew too old may go on.
    pub connection_grace: Duration,
}

impl Default for WorkConfig {
    fn default() -> Self {
        Self { at_once: 2, slice_time: Duration::from_secs(10), people: SLICE_PEOPLE }
    }
}

impl Default for WatchConfig {
    fn default() -> Self {
        Self {
            page: 64,
            heartbeat: Duration::from_secs(15),
            patience: Duration::from_secs(10),
            watchers: 4_096,
            watchers_per_tenant: 1_024,
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            authentication: Authentication::default(),
            reflection: true,
            work: WorkConfig::default(),
            watch: WatchConfig::default(),
            in_flight: 1_024,
            in_flight_per_tenant: 256,
            connections: 8_192,
            preface_timeout: Duration::from_secs(10),
            connection_age: Duration::from_secs(30 * 60),
            connection_grace: Duration::from_secs(60),
        }
    }
}

// === impl Authentication ===

impl Authentication {
    /// Trusted headers and nothing else.
    pub fn trusted_headers() -> Self {
        Self { trusted_headers: true, ..Self::default() }
    }

    /// Whether nobody could prove anything.
    pub fn is_empty(&self) -> bool {
        !self.trusted_headers && self.jwt.is_empty() && !self.api_keys
    }
}
