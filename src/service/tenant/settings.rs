//! Settings of a tenant: what they must be among themselves, and what the stored data must allow (T-03).

use crate::clock::Micros;
use crate::domain::region;
use crate::entity::tenant::{ConsentScope, DuplicatePolicy, Settings};
use crate::error::{Error, Reason, Result};
use crate::repository::tenant::{self, RegionUse};
use crate::repository::{Tx, consent_scope, effect};

/// The settings that stored data must be in line with: they are switched by a write that is alone.
pub(super) const SWITCHED: [&str; 7] = [
    "allowed_regions",
    "allowed_region_pairs",
    "consent_scope",
    "duplicate_policy",
    "segmentation_limit",
    "segments_per_segmentation",
    "share_depth_limit",
];

/// The region pairs must be within the allowed regions.
pub(super) fn check(settings: &Settings) -> Result<()> {
    let outside = |one: &String| !region::allowed(one, &settings.allowed_regions);
    match settings.allowed_region_pairs.iter().flat_map(|(a, b)| [a, b]).find(|one| outside(one)) {
        None => Ok(()),
        Some(one) => {
            let message = format!("names {one:?}, which is not among allowed_regions");
            Err(Error::invalid("tenant.settings.allowed_region_pairs", message))
        }
    }
}

/// Brings the stored data in line with new settings, or SETTING_CONFLICTS_WITH_DATA. The caller holds the
/// tenant's row: no write is under way, and those that follow see the new settings.
pub(super) async fn switch(tx: &Tx, old: &Settings, new: &Settings, time: Micros) -> Result<()> {
    if old.allowed_regions != new.allowed_regions {
        let allows = |one: &RegionUse| region::allowed(&one.from_region, &new.allowed_regions);
        refuse("allowed_regions", outside(&tenant::regions(tx).await?, allows))?;
    }
    if old.allowed_region_pairs != new.allowed_region_pairs {
        let pairs = &new.allowed_region_pairs;
        let allows = |one: &RegionUse| region::compatible(&one.from_region, &one.to_region, pairs);
        refuse("allowed_region_pairs", outside(&tenant::crossings(tx).await?, allows))?;
    }
    if old.share_depth_limit != new.share_depth_limit {
        let shared = tenant::shared_depths(tx).await?.into_iter();
        let deeper = shared.filter(|one| one.depth > new.share_depth(one.area));
        refuse("share_depth_limit", deeper.map(|one| one.folders).sum())?;
    }
    if new.segmentation_limit < old.segmentation_limit {
        let beyond = effect::count_segmentations(tx).await? - i64::from(new.segmentation_limit);
        refuse("segmentation_limit", beyond.max(0))?;
    }
    if new.segments_per_segmentation < old.segments_per_segmentation {
        let most = i64::from(new.segments_per_segmentation);
        let beyond = effect::count_segmentations_beyond(tx, most).await?;
        refuse("segments_per_segmentation", beyond)?;
    }
    match (old.duplicate_policy, new.duplicate_policy) {
        (DuplicatePolicy::Allow, DuplicatePolicy::Reject) => {
            refuse("duplicate_policy", tenant::count_duplicates(tx).await?)?;
            tenant::unite_emails(tx).await?;
        }
        (DuplicatePolicy::Reject, DuplicatePolicy::Allow) => tenant::part_emails(tx).await?,
        _ => {}
    }
    match (old.consent_scope, new.consent_scope) {
        (ConsentScope::Tenant, ConsentScope::Partition) => consent_scope::split(tx).await,
        (ConsentScope::Partition, ConsentScope::Tenant) => consent_scope::join(tx, time).await,
        _ => Ok(()),
    }
}

fn outside(uses: &[RegionUse], allows: impl Fn(&RegionUse) -> bool) -> i64 {
    uses.iter().filter(|one| !allows(one)).map(|one| one.uses).sum()
}

/// SETTING_CONFLICTS_WITH_DATA, if there are conflicts.
fn refuse(setting: &str, conflicts: i64) -> Result<()> {
    if conflicts == 0 {
        return Ok(());
    }
    let message = format!(
        "{conflicts} stored items contradict the new value of {setting}; change them first, restoring \
         deleted ones if need be"
    );
    Err(Error::new(Reason::SettingConflictsWithData, message)
        .with("setting", format!("settings.{setting}"))
        .with("conflicts", conflicts)
        .field(format!("tenant.settings.{setting}")))
}
