//! Settings of a tenant between the wire and the service.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{
    NAME_MAX, REGION_PAIRS_MAX, REGIONS_MAX, SEGMENTATIONS_MAX, SEGMENTS_MAX, SHARE_DEPTH_MAX,
};
use crate::domain::asset::Area;
use crate::domain::{region, text};
use crate::entity::tenant::{ConsentScope, DuplicatePolicy, KnownElsewhere, Settings};
use crate::grpc::decode::Fields;
use crate::pb;

/// The settings; what is not given has its default.
pub(super) fn parse(fields: &mut Fields, message: &pb::TenantSettings) -> Settings {
    let default = Settings::default();
    Settings {
        duplicate_policy: duplicate_policy(fields, message.duplicate_policy),
        share_depth_limit: depths(fields, &message.share_depth_limit, default.share_depth_limit),
        segmentation_limit: limit(
            fields,
            "segmentation_limit",
            message.segmentation_limit,
            SEGMENTATIONS_MAX,
            default.segmentation_limit,
        ),
        segments_per_segmentation: limit(
            fields,
            "segments_per_segmentation",
            message.segments_per_segmentation,
            SEGMENTS_MAX,
            default.segments_per_segmentation,
        ),
        allowed_regions: regions(fields, &message.allowed_regions),
        allowed_region_pairs: pairs(fields, &message.allowed_region_pairs),
        consent_scope: consent_scope(fields, message.consent_scope),
        known_elsewhere: known_elsewhere(fields, message.known_elsewhere),
        workspace_name_pattern: fields.take(
            &path("workspace_name_pattern"),
            text::line(&message.workspace_name_pattern, NAME_MAX),
        ),
    }
}

/// The paths of the settings that a message gives.
pub(super) fn filled(message: &pb::TenantSettings) -> Vec<&'static str> {
    [
        ("settings.duplicate_policy", message.duplicate_policy != 0),
        ("settings.share_depth_limit", !message.share_depth_limit.is_empty()),
        ("settings.segmentation_limit", message.segmentation_limit != 0),
        ("settings.segments_per_segmentation", message.segments_per_segmentation != 0),
        ("settings.allowed_regions", !message.allowed_regions.is_empty()),
        ("settings.allowed_region_pairs", !message.allowed_region_pairs.is_empty()),
        ("settings.consent_scope", message.consent_scope != 0),
        ("settings.known_elsewhere", message.known_elsewhere != 0),
        ("settings.workspace_name_pattern", !message.workspace_name_pattern.is_empty()),
    ]
    .into_iter()
    .filter_map(|(path, filled)| filled.then_some(path))
    .collect()
}

fn path(setting: &str) -> String {
    format!("tenant.settings.{setting}")
}

/// The limit of each area: the default where none is given.
fn depths(
    fields: &mut Fields,
    given: &BTreeMap<String, i32>,
    mut depths: BTreeMap<String, i32>,
) -> BTreeMap<String, i32> {
    for (area, depth) in given {
        let path = path(&format!("share_depth_limit.{area}"));
        if !Area::ALL.iter().any(|known| known.setting() == area) {
            let known = Area::ALL.map(Area::setting).join(", ");
            fields.violate(path, format!("is not an area; areas are {known}"));
        } else if !(1..=SHARE_DEPTH_MAX).contains(depth) {
            fields.violate(path, format!("must be 1 to {SHARE_DEPTH_MAX}"));
        } else {
            depths.insert(area.clone(), *depth);
        }
    }
    depths
}

fn limit(fields: &mut Fields, setting: &str, given: i32, max: i32, default: i32) -> i32 {
    if !(0..=max).contains(&given) {
        fields.violate(
            path(setting),
            format!("must be 0 to {max}; 0 takes the default of {default}"),
        );
    }
    if given == 0 { default } else { given }
}

fn regions(fields: &mut Fields, given: &[String]) -> Vec<String> {
    let setting = path("allowed_regions");
    bounded(fields, &setting, given.len(), REGIONS_MAX);
    let mut seen = BTreeSet::new();
    for (at, one) in given.iter().enumerate() {
        let path = format!("{setting}[{at}]");
        named_region(fields, &path, one);
        if !seen.insert(one) {
            fields.violate(path, "must not be named twice");
        }
    }
    given.to_vec()
}

fn pairs(fields: &mut Fields, given: &[pb::RegionPair]) -> Vec<(String, String)> {
    let setting = path("allowed_region_pairs");
    bounded(fields, &setting, given.len(), REGION_PAIRS_MAX);
    let mut seen = BTreeSet::new();
    for (at, pair) in given.iter().enumerate() {
        let path = format!("{setting}[{at}]");
        named_region(fields, &format!("{path}.from"), &pair.from);
        named_region(fields, &format!("{path}.to"), &pair.to);
        if pair.from == pair.to {
            fields.violate(&path, "must name two regions: one always works with itself");
        }
        if !seen.insert((&pair.from, &pair.to)) {
            fields.violate(path, "must not be named twice");
        }
    }
    given.iter().map(|pair| (pair.from.clone(), pair.to.clone())).collect()
}

fn named_region(fields: &mut Fields, path: &str, text: &str) {
    if text.is_empty() {
        fields.violate(path, "must be set");
    }
    fields.take(path, region::parse(text));
}

fn bounded(fields: &mut Fields, path: &str, length: usize, max: usize) {
    if length > max {
        fields.violate(path, format!("must have at most {max} items"));
    }
}

fn duplicate_policy(fields: &mut Fields, given: i32) -> DuplicatePolicy {
    let parsed = match pb::DuplicatePolicy::try_from(given) {
        Ok(pb::DuplicatePolicy::Unspecified | pb::DuplicatePolicy::Reject) => {
            Ok(DuplicatePolicy::Reject)
        }
        Ok(pb::DuplicatePolicy::Allow) => Ok(DuplicatePolicy::Allow),
        Err(_) => Err("is not a value of DuplicatePolicy".into()),
    };
    fields.take(&path("duplicate_policy"), parsed)
}

fn consent_scope(fields: &mut Fields, given: i32) -> ConsentScope {
    let parsed = match pb::ConsentScope::try_from(given) {
        Ok(pb::ConsentScope::Unspecified | pb::ConsentScope::Tenant) => Ok(ConsentScope::Tenant),
        Ok(pb::ConsentScope::Partition) => Ok(ConsentScope::Partition),
        Err(_) => Err("is not a value of ConsentScope".into()),
    };
    fields.take(&path("consent_scope"), parsed)
}

fn known_elsewhere(fields: &mut Fields, given: i32) -> KnownElsewhere {
    let parsed = match pb::KnownElsewhere::try_from(given) {
        Ok(pb::KnownElsewhere::Unspecified | pb::KnownElsewhere::Withhold) => {
            Ok(KnownElsewhere::Withhold)
        }
        Ok(pb::KnownElsewhere::Move) => Ok(KnownElsewhere::Move),
        Err(_) => Err("is not a value of KnownElsewhere".into()),
    };
    fields.take(&path("known_elsewhere"), parsed)
}

impl From<Settings> for pb::TenantSettings {
    fn from(settings: Settings) -> Self {
        let duplicate_policy = match settings.duplicate_policy {
            DuplicatePolicy::Reject => pb::DuplicatePolicy::Reject,
            DuplicatePolicy::Allow => pb::DuplicatePolicy::Allow,
        };
        let consent_scope = match settings.consent_scope {
            ConsentScope::Tenant => pb::ConsentScope::Tenant,
            ConsentScope::Partition => pb::ConsentScope::Partition,
        };
        let known_elsewhere = match settings.known_elsewhere {
            KnownElsewhere::Withhold => pb::KnownElsewhere::Withhold,
            KnownElsewhere::Move => pb::KnownElsewhere::Move,
        };
        let pair = |(from, to)| pb::RegionPair { from, to };
        Self {
            duplicate_policy: duplicate_policy.into(),
            share_depth_limit: settings.share_depth_limit,
            segmentation_limit: settings.segmentation_limit,
            segments_per_segmentation: settings.segments_per_segmentation,
            allowed_regions: settings.allowed_regions,
            allowed_region_pairs: settings.allowed_region_pairs.into_iter().map(pair).collect(),
            consent_scope: consent_scope.into(),
            known_elsewhere: known_elsewhere.into(),
            workspace_name_pattern: settings.workspace_name_pattern,
        }
    }
}
