//! What must hold of the rows of a database at any moment, whatever happened before.

mod access;
mod assets;
mod feed;
mod identity;
pub mod lifecycle;
mod operations;
mod segmentations;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use precinct::entity::Person;
use precinct::entity::binding::Access;
use precinct::entity::tenant::{ConsentScope, DuplicatePolicy, Settings};
use precinct::id::TenantId;
use precinct::repository::{Store, audit};
use precinct::secret::Use;
use precinct::service::person::ChunkDone;
use uuid::Uuid;

use super::rows::Rows;
use super::{config, context, secrets};

/// Reads a whole database and fails if any rule is broken in it.
pub async fn check(url: &str) {
    let mut flaws = Vec::new();
    for (tenant, rows) in Rows::all(url).await {
        let found = examine(url, tenant, rows).await;
        flaws.extend(found.into_iter().map(|flaw| format!("tenant {tenant}: {flaw}")));
    }
    assert!(flaws.is_empty(), "{flaws:#?}");
}

/// The rules that are broken for a tenant, each with its id.
pub async fn flaws(url: &str, tenant: TenantId) -> Vec<String> {
    let rows = Rows::of(url, &[tenant]).await.remove(&tenant).unwrap_or_default();
    examine(url, tenant, rows).await
}

async fn examine(url: &str, tenant: TenantId, rows: Rows) -> Vec<String> {
    let check = Check { tenant, settings: settings(&rows), rows };
    let mut flaws = check.all();
    flaws.extend(lifecycle::flaws(url, tenant, &check.rows).await);
    let audit = audit_flaw(url, tenant).await;
    flaws.extend(audit.map(|flaw| format!("K-06: the audit log does not verify: {flaw:?}")));
    flaws
}

/// What is wrong with a tenant's audit log.
pub async fn audit_flaw(url: &str, tenant: TenantId) -> Option<audit::Flaw> {
    let store = Store::connect(&config(url), secrets()).await.expect("the database opens");
    let scope = store.read(&context(tenant)).await.expect("the tenant is there");
    let flaw = audit::verify(&scope, &secrets()).await.expect("the log reads");
    drop(scope);
    store.close().await;
    flaw
}

fn settings(rows: &Rows) -> Settings {
    let stored = rows.tenants.first().map(|tenant| &tenant.settings);
    stored.map(Settings::from_json).unwrap_or_default()
}

/// One tenant, under examination.
struct Check {
    tenant: TenantId,
    settings: Settings,
    rows: Rows,
}

// === impl Check ===

impl Check {
    fn all(&self) -> Vec<String> {
        let mut flaws = Vec::new();
        flaws.extend(self.revisions());
        flaws.extend(self.audit());
        flaws.extend(self.requests());
        flaws.extend(self.quotas());
        flaws.extend(self.primaries());
        flaws.extend(self.homes());
        flaws.extend(self.emails());
        flaws.extend(self.folded());
        flaws.extend(self.consent());
        flaws.extend(self.imports());
        flaws.extend(access::flaws(&self.rows));
        flaws.extend(assets::flaws(&self.rows, &self.settings));
        flaws.extend(feed::flaws(&self.rows));
        flaws.extend(identity::flaws(self.tenant, &self.rows));
        flaws.extend(operations::flaws(&self.rows));
        flaws.extend(segmentations::flaws(&self.rows));
        flaws
    }

    /// H-08: each revision of the tenant changed something, and none is missing of those that are kept.
    fn revisions(&self) -> Vec<String> {
        let [head] = &self.rows.heads[..] else {
            return vec![format!("T-01: {} heads", self.rows.heads.len())];
        };
        let changed: BTreeSet<i64> = self.rows.changes.iter().map(|one| one.revision).collect();
        let oldest = changed.first().copied().unwrap_or(1);
        let wanted: BTreeSet<i64> = (oldest..=head.revision).collect();
        let mut flaws = Vec::new();
        if changed != wanted {
            let missing: Vec<_> = wanted.symmetric_difference(&changed).collect();
            flaws.push(format!(
                "H-08: up to {} the feed has not, or more: {missing:?}",
                head.revision
            ));
        }
        let parts = [
            head.access_revision,
            head.field_revision,
            head.consent_revision,
            head.routing_revision,
            head.segment_revision,
        ];
        if parts.iter().any(|part| *part > head.revision) {
            flaws.push(format!("H-08: {parts:?} beyond {}", head.revision));
        }
        let mut ordinals: BTreeMap<i64, BTreeSet<i32>> = BTreeMap::new();
        for one in &self.rows.changes {
            ordinals.entry(one.revision).or_default().insert(one.ordinal);
        }
        let gap = |of: &BTreeSet<i32>| !of.iter().copied().eq((0..).take(of.len()));
        let gaps = ordinals.iter().filter(|(_, of)| gap(of));
        flaws.extend(gaps.map(|(at, of)| format!("K-07: revision {at} has the changes {of:?}")));
        flaws
    }

    /// K-06: each revision has one audit record; refusals have theirs without one.
    fn audit(&self) -> Vec<String> {
        let done = self.rows.audits.iter().filter(|one| one.refusal.is_empty());
        let mut records: Vec<i64> = done.map(|one| one.revision).collect();
        records.sort_unstable();
        let newest = self.rows.heads.iter().map(|head| head.revision).sum::<i64>();
        let revisions: Vec<i64> = (1..=newest).collect();
        let mut flaws = Vec::new();
        if !records.iter().eq(&revisions) {
            let first = records.iter().zip(&revisions).find(|(record, wanted)| record != wanted);
            let (some, all) = (records.len(), revisions.len());
            flaws.push(format!("K-06: {some} audit records of {all} revisions: {first:?}"));
        }
        let all = self.rows.audits.len();
        let counted = self.rows.heads.iter().map(|head| head.audit_seq).sum::<i64>();
        if usize::try_from(counted) != Ok(all) {
            flaws.push(format!("K-06: the head counts {counted} of {all}"));
        }
        flaws
    }

    /// H-03: a request_id that is kept has its answer.
    fn requests(&self) -> Vec<String> {
        let open = |one: &&super::rows::Request| one.answer.is_none() || one.revision.is_none();
        let open = self.rows.requests.iter().filter(open);
        open.map(|one| format!("H-03: request {} has no answer", one.request_id)).collect()
    }

    /// T-03: what is counted is what is there.
    fn quotas(&self) -> Vec<String> {
        let workspaces = self.rows.workspaces.iter().filter(|one| one.delete_time.is_none());
        let partitions = self.rows.partitions.iter().filter(|one| one.delete_time.is_none());
        let (folders, assets) = assets::living(&self.rows);
        let mut there = BTreeMap::from([
            ("assets", assets),
            ("fields", self.rows.fields.len()),
            ("folders", folders),
            ("grants", self.rows.grants.len()),
            ("group_members", self.rows.members.len()),
            ("groups", self.rows.groups.len()),
            ("partitions", partitions.count()),
            ("roles", self.rows.roles.len()),
            ("service_accounts", self.rows.accounts.len()),
            ("workspaces", workspaces.count()),
        ]);
        let mut flaws = Vec::new();
        for quota in &self.rows.quotas {
            let there = there.remove(quota.name.as_str());
            if there != usize::try_from(quota.used).ok() {
                flaws.push(format!("T-03: {}: {} counted, {there:?} are", quota.name, quota.used));
            }
        }
        flaws.extend(there.keys().map(|name| format!("T-03: {name}: not counted")));
        flaws
    }

    /// W-02: a living workspace has one primary partition, which lives and can be written.
    fn primaries(&self) -> Vec<String> {
        let living = self.living_partitions();
        let mut flaws = Vec::new();
        for workspace in self.rows.workspaces.iter().filter(|one| one.delete_time.is_none()) {
            let bound = self.rows.bindings.iter().filter(|one| one.workspace_id == workspace.id);
            let primaries: Vec<_> = bound.filter(|one| one.is_primary).collect();
            let good = matches!(primaries[..], [one] if one.access == Access::ReadWrite
                && living.contains(&one.partition_id.0));
            if !good {
                flaws.push(format!("W-02: workspace {} has {primaries:?}", workspace.id));
            }
        }
        flaws
    }

    /// P-04, M-01: living people are in living partitions.
    fn homes(&self) -> Vec<String> {
        let living = self.living_partitions();
        let homeless = self.living_people().filter(|one| !living.contains(&one.partition_id.0));
        homeless.map(|one| format!("P-04: {} is in {}", one.id, one.partition_id)).collect()
    }

    /// L-02: what filters compare texts by is what the texts give.
    fn folded(&self) -> Vec<String> {
        let astray = self.rows.people.iter().filter(|one| one.folded != Some(one.fold()));
        astray.map(|one| format!("L-02: {} is folded to {:?}", one.id, one.folded)).collect()
    }

    /// D-01, D-02: an email is where it must be unique once, and that is where the policy says.
    fn emails(&self) -> Vec<String> {
        let reject = self.settings.duplicate_policy == DuplicatePolicy::Reject;
        let scope = |one: &Person| if reject { Uuid::nil() } else { one.partition_id.0 };
        let astray = self.rows.people.iter().filter(|one| one.uniqueness_scope != scope(one));
        let mut flaws: Vec<String> =
            astray.map(|one| format!("D-02: {} in {}", one.id, one.uniqueness_scope)).collect();
        let mut keys = HashSet::new();
        for one in self.living_people() {
            let home = one.partition_id.0;
            let email = one.email_key.is_empty() || keys.insert((scope(one), &one.email_key, true));
            let external = one.external_id.as_ref();
            if !email || !external.is_none_or(|id| keys.insert((home, id, false))) {
                flaws.push(format!(
                    "D-01: {} is there twice: {}, {external:?}",
                    one.id, one.email_key
                ));
            }
        }
        flaws
    }

    /// D-09: who is marked is who unsubscribed, where consent holds.
    fn consent(&self) -> Vec<String> {
        let whole = self.settings.consent_scope == ConsentScope::Tenant;
        let astray = self.rows.consents.iter().filter(|one| one.scope_id.is_nil() != whole);
        let mut flaws: Vec<String> =
            astray.map(|one| format!("D-09: a row of scope {}", one.scope_id)).collect();
        let withdrawn: HashSet<(Uuid, &[u8])> =
            self.rows.consents.iter().map(|one| (one.scope_id, &one.email_hash[..])).collect();
        let secrets = secrets();
        let tenant = self.tenant.0.into_bytes();
        for one in self.living_people().filter(|one| !one.email_key.is_empty()) {
            let scope = if whole { Uuid::nil() } else { one.partition_id.0 };
            let hash = secrets.mac(Use::Consent, &[&tenant, one.email_key.as_bytes()]);
            let known = withdrawn.contains(&(scope, &hash[..]));
            if known != one.unsubscribed {
                flaws.push(format!("D-09: {}: {}, known: {known}", one.id, one.unsubscribed));
            }
        }
        flaws
    }

    /// H-09: what an import counts is what its chunks did, each row once.
    fn imports(&self) -> Vec<String> {
        let mut flaws = Vec::new();
        for import in &self.rows.imports {
            let chunks = self.rows.chunks.iter().filter(|one| one.import_id == import.id);
            let answers = chunks.map(|one| serde_json::from_str::<ChunkDone>(&one.answer));
            let mut answers: Vec<ChunkDone> = answers.collect::<Result<_, _>>().expect("an answer");
            answers.sort_by_key(|one| one.first_row);
            let mut done = [0; 6];
            for one in &answers {
                if one.first_row != done[0] {
                    flaws.push(format!(
                        "{}: a chunk at {} after {}",
                        import.id, one.first_row, done[0]
                    ));
                }
                let failed = i64::try_from(one.errors.len()).unwrap_or_default();
                let all = one.created + one.updated + one.unchanged + one.withheld + failed;
                let parts = [all, one.created, one.updated, one.unchanged, one.withheld, failed];
                for (sum, part) in done.iter_mut().zip(parts) {
                    *sum += part;
                }
            }
            let said = [
                import.committed_rows,
                import.created,
                import.updated,
                import.unchanged,
                import.withheld,
                import.failed,
            ];
            if said != done {
                flaws
                    .push(format!("H-09: import {} says {said:?}, its chunks {done:?}", import.id));
            }
        }
        flaws
    }

    fn living_partitions(&self) -> HashSet<Uuid> {
        let living = self.rows.partitions.iter().filter(|one| one.delete_time.is_none());
        living.map(|one| one.id.0).collect()
    }

    fn living_people(&self) -> impl Iterator<Item = &Person> {
        self.rows.people.iter().filter(|one| one.delete_time.is_none())
    }
}
