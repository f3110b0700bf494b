//! The types of assets, and what can be done with each (F-01).

use std::fmt;

use super::Area::{self, Database, DesignStudio, MarketingActivities};

/// What an asset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the table below names them for people")]
#[repr(u8)]
pub enum Type {
    Program,
    SmartCampaign,
    Email,
    LandingPage,
    Form,
    EmailTemplate,
    LandingPageTemplate,
    Snippet,
    SmartList,
    StaticList,
    Segmentation,
    RevenueModel,
    Site,
    Card,
    Sms,
    TransactionalMessage,
    Workflow,
    Trigger,
    Integration,
}

/// What can be done with assets of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits {
    /// The type.
    pub kind: Type,
    /// The type as callers and the database read it.
    pub name: &'static str,
    /// The type, for people.
    pub title: &'static str,
    /// The area that it belongs to; a local asset lives in that of programs, whatever this says.
    pub area: Area,
    /// A folder with one in it can be shared.
    pub shareable: bool,
    /// It can be copied.
    pub cloning: Cloning,
    /// It has drafts and approved versions; what has not is live as it is.
    pub approvable: bool,
    /// Others are made from it.
    pub template: bool,
    /// It may be local to a program.
    pub local: bool,
    /// Whether people are in it.
    pub members: Members,
}

/// Whether assets of a type can be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloning {
    /// No.
    No,
    /// By themselves.
    Alone,
    /// Along with the program that they are local to.
    WithProgram,
}

/// Whether people are in assets of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Members {
    /// No.
    None,
    /// They are put in.
    People,
    /// They follow from a filter.
    Computed,
}

const BASE: Traits = Traits {
    kind: Type::Program,
    name: "",
    title: "",
    area: MarketingActivities,
    shareable: false,
    cloning: Cloning::No,
    approvable: false,
    template: false,
    local: false,
    members: Members::None,
};

/// What people make, approve and copy.
const fn made(kind: Type, name: &'static str, title: &'static str, area: Area) -> Traits {
    Traits {
        kind,
        name,
        title,
        area,
        cloning: Cloning::Alone,
        approvable: true,
        local: true,
        ..BASE
    }
}

/// What is approved once and shared with all.
const fn common(kind: Type, name: &'static str, title: &'static str, area: Area) -> Traits {
    Traits { kind, name, title, area, shareable: true, approvable: true, ..BASE }
}

/// What is live as it is, and belongs to a program or to everybody.
const fn live(kind: Type, name: &'static str, title: &'static str, area: Area) -> Traits {
    Traits {
        kind,
        name,
        title,
        area,
        shareable: true,
        cloning: Cloning::WithProgram,
        local: true,
        ..BASE
    }
}

/// All types, in the order of the enum.
#[rustfmt::skip]
pub static TYPES: [Traits; 19] = [
    Traits { kind: Type::Program, name: "PROGRAM", title: "program", cloning: Cloning::Alone, members: Members::People, ..BASE },
    live(Type::SmartCampaign, "SMART_CAMPAIGN", "smart campaign", MarketingActivities),
    made(Type::Email, "EMAIL", "email", DesignStudio),
    made(Type::LandingPage, "LANDING_PAGE", "landing page", DesignStudio),
    made(Type::Form, "FORM", "form", DesignStudio),
    Traits { template: true, ..common(Type::EmailTemplate, "EMAIL_TEMPLATE", "email template", DesignStudio) },
    Traits { template: true, ..common(Type::LandingPageTemplate, "LANDING_PAGE_TEMPLATE", "landing page template", DesignStudio) },
    common(Type::Snippet, "SNIPPET", "snippet", DesignStudio),
    Traits { members: Members::Computed, ..live(Type::SmartList, "SMART_LIST", "smart list", Database) },
    Traits { members: Members::People, ..live(Type::StaticList, "STATIC_LIST", "static list", Database) },
    Traits { members: Members::Computed, ..common(Type::Segmentation, "SEGMENTATION", "segmentation", Database) },
    common(Type::RevenueModel, "REVENUE_MODEL", "revenue model", MarketingActivities),
    made(Type::Site, "SITE", "site", DesignStudio),
    made(Type::Card, "CARD", "card", DesignStudio),
    made(Type::Sms, "SMS", "SMS", DesignStudio),
    made(Type::TransactionalMessage, "TRANSACTIONAL_MESSAGE", "transactional message", DesignStudio),
    made(Type::Workflow, "WORKFLOW", "workflow", MarketingActivities),
    made(Type::Trigger, "TRIGGER", "trigger", MarketingActivities),
    made(Type::Integration, "INTEGRATION", "integration", MarketingActivities),
];

// === impl Type ===

impl Type {
    /// What can be done with it.
    pub fn traits(self) -> &'static Traits {
        &TYPES[self as usize]
    }

    /// The type as callers and the database read it.
    pub fn name(self) -> &'static str {
        self.traits().name
    }

    /// The type of a name.
    pub fn named(name: &str) -> Option<Self> {
        TYPES.iter().find(|one| one.name == name).map(|one| one.kind)
    }

    /// Its content has a filter: whom the list holds, or the campaign means.
    pub fn has_filter(self) -> bool {
        matches!(self, Self::SmartList | Self::SmartCampaign)
    }

    /// Its content reads fields of people.
    pub fn reads_fields(self) -> bool {
        self.has_filter() || self == Self::Segmentation
    }

    /// It can run: nothing else is ever active.
    pub fn runs(self) -> bool {
        self == Self::SmartCampaign
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_01_the_table_is_in_the_order_of_the_enum() {
        for (place, one) in TYPES.iter().enumerate() {
            assert_eq!(one.kind as usize, place, "{}", one.name);
            assert_eq!(Type::named(one.name), Some(one.kind));
        }
    }

    /// S-03: what can be shared.
    #[test]
    fn s_03_what_can_be_shared() {
        let shareable: Vec<_> =
            TYPES.iter().filter(|one| one.shareable).map(|one| one.title).collect();
        assert_eq!(
            shareable,
            [
                "smart campaign",
                "email template",
                "landing page template",
                "snippet",
                "smart list",
                "static list",
                "segmentation",
                "revenue model",
            ]
        );
    }

    /// C-01: what is copied by itself cannot be shared, so a copy is the way to have it elsewhere.
    #[test]
    fn c_01_what_is_copied_alone_is_not_shared() {
        assert!(TYPES.iter().all(|one| !(one.shareable && one.cloning == Cloning::Alone)));
        assert!(TYPES.iter().all(|one| one.cloning != Cloning::WithProgram || one.local));
    }
}
