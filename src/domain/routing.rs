//! Where a new person lands: the named partition, else that of the first rule that matches, else the default
//! choice, else the primary of the workspace that the person comes in through.

use super::region;
use crate::id::PartitionId;

/// A partition that a policy leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The partition.
    pub partition: PartitionId,
    /// Its region, empty for none; nothing if the partition is no longer there.
    pub region: Option<String>,
}

/// Where a policy leads: its rules in order, and the default choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// That of each rule.
    pub rules: Vec<Target>,
    /// Where people go whom no rule leads; nothing: to the primary.
    pub default: Option<Target>,
}

/// The way in: the workspace through which a person comes.
#[derive(Clone, Copy, Debug)]
pub struct Door<'a> {
    /// Its region; empty for none.
    pub region: &'a str,
    /// Its primary partition.
    pub primary: PartitionId,
    /// The pairs of regions that the tenant lets people pass between.
    pub allowed: &'a [(String, String)],
}

/// Why a person lands where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The request named the partition.
    Named,
    /// The rule in this place, from 0.
    Rule(usize),
    /// No rule led anywhere: the default choice.
    Default,
    /// No rule led anywhere, and the default choice is the primary, or could not be taken.
    Primary,
}

/// Where a person lands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The partition.
    pub partition: PartitionId,
    /// Why.
    pub why: Why,
    /// The rules before that matched and were passed over: the region of their partition does not go with that of the
    /// workspace.
    pub skipped: Vec<usize>,
}

/// Decides where a person lands. `matches` says whether a rule is about the person; it is asked in order, and no
/// further than the rule that decides.
pub fn decide(
    door: &Door<'_>,
    targets: &Targets,
    named: Option<PartitionId>,
    mut matches: impl FnMut(usize) -> bool,
) -> Decision {
    if let Some(partition) = named {
        return Decision { partition, why: Why::Named, skipped: Vec::new() };
    }
    let mut skipped = Vec::new();
    for (at, target) in targets.rules.iter().enumerate() {
        let Some(region) = &target.region else { continue };
        if !matches(at) {
            continue;
        }
        if door.leads_to(region) {
            return Decision { partition: target.partition, why: Why::Rule(at), skipped };
        }
        skipped.push(at);
    }
    let open = |target: &&Target| target.region.as_ref().is_some_and(|to| door.leads_to(to));
    match targets.default.as_ref().filter(open) {
        Some(target) => Decision { partition: target.partition, why: Why::Default, skipped },
        None => Decision { partition: door.primary, why: Why::Primary, skipped },
    }
}

// === impl Door ===

impl Door<'_> {
    fn leads_to(&self, region: &str) -> bool {
        region::compatible(self.region, region, self.allowed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn target(region: Option<&str>) -> Target {
        Target { partition: PartitionId::new(), region: region.map(Into::into) }
    }

    fn door(region: &str) -> Door<'_> {
        Door { region, primary: PartitionId::new(), allowed: &[] }
    }

    #[test]
    fn r_01_named_then_the_first_rule_then_the_default_then_the_primary() {
        let here = door("");
        let mut targets =
            Targets { rules: vec![target(Some("")), target(Some(""))], default: None };
        let named = PartitionId::new();
        let decision = decide(&here, &targets, Some(named), |_| panic!("no rule is asked"));
        assert_eq!((decision.partition, decision.why), (named, Why::Named));
        let decision = decide(&here, &targets, None, |_| true);
        assert_eq!(decision.partition, targets.rules[0].partition);
        let decision = decide(&here, &targets, None, |at| at == 1);
        assert_eq!(decision.why, Why::Rule(1));
        let decision = decide(&here, &targets, None, |_| false);
        assert_eq!((decision.partition, decision.why), (here.primary, Why::Primary));
        targets.default = Some(target(Some("")));
        let decision = decide(&here, &targets, None, |_| false);
        assert_eq!(decision.why, Why::Default);
    }

    #[test]
    fn r_05_rules_of_another_region_are_passed_over_and_named() {
        let allowed = [("eu".to_owned(), "uk".to_owned())];
        let here = Door { allowed: &allowed, ..door("eu") };
        let rules = vec![target(Some("us")), target(None), target(Some("uk"))];
        let targets = Targets { rules, default: Some(target(Some("us"))) };
        let decision = decide(&here, &targets, None, |_| true);
        assert_eq!((decision.why, decision.skipped), (Why::Rule(2), vec![0]));
        let decision = decide(&here, &targets, None, |at| at == 0);
        assert_eq!((decision.partition, decision.why), (here.primary, Why::Primary));
    }

    proptest! {
        /// whatever the policy, the one rule that decides is the first that matches and may be taken.
        #[test]
        fn r_01_the_first_rule_that_may_be_taken_decides(
            rules in proptest::collection::vec((any::<bool>(), 0_usize..4), 0..8),
            default in proptest::option::of(0_usize..4),
        ) {
            let regions = [None, Some(""), Some("eu"), Some("us")];
            let here = door("eu");
            let all = rules.iter().map(|(_, region)| target(regions[*region])).collect();
            let targets = Targets { rules: all, default: default.map(|at| target(regions[at])) };
            let decision = decide(&here, &targets, None, |at| rules[at].0);
            let fits = |region: usize| matches!(regions[region], Some("" | "eu"));
            let first = rules.iter().position(|(matches, region)| *matches && fits(*region));
            match first {
                Some(at) => prop_assert_eq!(decision.why, Why::Rule(at)),
                None if default.is_some_and(fits) => prop_assert_eq!(decision.why, Why::Default),
                None => prop_assert_eq!(decision.partition, here.primary),
            }
            let until = first.unwrap_or(rules.len());
            let passed = |at: &usize| rules[*at].0 && regions[rules[*at].1] == Some("us");
            let skipped: Vec<usize> = (0..until).filter(passed).collect();
            prop_assert_eq!(decision.skipped, skipped);
        }
    }
}
