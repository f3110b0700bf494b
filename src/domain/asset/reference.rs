//! What assets can be to each other (F-05).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Type::{self, *};
use crate::id::AssetId;

/// What a target is to the asset that refers to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the table below describes them")]
#[repr(u8)]
pub enum Kind {
    Template,
    Snippet,
    Segmentation,
    List,
    Program,
    Form,
    Message,
    Page,
    Card,
    Campaign,
    Integration,
}

/// One asset's use of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reference {
    /// What the target is to the asset.
    pub kind: Kind,
    /// The asset that it refers to.
    pub target: AssetId,
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The kind.
    pub kind: Kind,
    /// The kind as callers and the database read it.
    pub name: &'static str,
    /// What it says, for people: the asset … the target.
    pub title: &'static str,
    /// Which types refer so.
    pub from: &'static [Type],
    /// To which types.
    pub to: &'static [Type],
    /// An asset has at most one.
    pub one: bool,
}

const fn many(
    kind: Kind,
    name: &'static str,
    title: &'static str,
    from: &'static [Type],
    to: &'static [Type],
) -> Line {
    Line { kind, name, title, from, to, one: false }
}

/// What people get to read.
const CONTENT: &[Type] = &[
    Email,
    LandingPage,
    EmailTemplate,
    LandingPageTemplate,
    Snippet,
    Site,
    Card,
    Sms,
    TransactionalMessage,
];
/// What acts on people.
const ACTING: &[Type] = &[SmartCampaign, Workflow, Trigger];

/// All kinds, in the order of the enum.
#[rustfmt::skip]
pub static KINDS: [Line; 11] = [
    Line { one: true, ..many(Kind::Template, "TEMPLATE", "is made from", &[Email, LandingPage], &[EmailTemplate, LandingPageTemplate]) },
    many(Kind::Snippet, "SNIPPET", "contains", CONTENT, &[Snippet]),
    many(Kind::Segmentation, "SEGMENTATION", "varies by, or means segments of",
        &[Email, LandingPage, EmailTemplate, LandingPageTemplate, Snippet, Site, Card, Sms, TransactionalMessage,
            SmartList, SmartCampaign, Workflow, Trigger], &[Segmentation]),
    many(Kind::List, "LIST", "means or leaves out the people of",
        &[SmartList, Segmentation, SmartCampaign, Workflow, Trigger, RevenueModel], &[SmartList, StaticList]),
    many(Kind::Program, "PROGRAM", "means or leaves out the members of",
        &[SmartList, Segmentation, SmartCampaign, Workflow, Trigger, RevenueModel], &[Program]),
    many(Kind::Form, "FORM", "contains, or starts by", &[LandingPage, Site, Card, SmartCampaign, Workflow, Trigger], &[Form]),
    many(Kind::Message, "MESSAGE", "sends", ACTING, &[Email, Sms, TransactionalMessage]),
    many(Kind::Page, "PAGE", "leads to", &[Email, LandingPage, Form, Snippet, Site, Card, Sms, TransactionalMessage],
        &[LandingPage, Site]),
    many(Kind::Card, "CARD", "contains", &[Site, LandingPage, Workflow], &[Card]),
    many(Kind::Campaign, "CAMPAIGN", "starts", &[SmartCampaign, Workflow, Trigger, Form], &[SmartCampaign, Workflow]),
    many(Kind::Integration, "INTEGRATION", "calls", &[SmartCampaign, Workflow, Trigger, Form, Site], &[Integration]),
];

/// What is wrong with a reference of this kind between these types.
pub fn allowed(kind: Kind, from: Type, to: Type) -> Result<(), String> {
    let line = kind.line();
    let names = |types: &[Type]| types.iter().map(|one| one.name()).collect::<Vec<_>>().join(", ");
    if !line.from.contains(&from) {
        return Err(format!(
            "{from} has no references of the kind {kind}; {} have",
            names(line.from)
        ));
    }
    let fits = match (kind, from) {
        // Each is made from a template of its own kind.
        (Kind::Template, Email) => to == EmailTemplate,
        (Kind::Template, LandingPage) => to == LandingPageTemplate,
        _ => line.to.contains(&to),
    };
    match fits {
        true => Ok(()),
        false => Err(format!(
            "a reference of the kind {kind} leads to {}, and not to {to}",
            names(line.to)
        )),
    }
}

// === impl Kind ===

impl Kind {
    /// The kind's line of the table.
    pub fn line(self) -> &'static Line {
        &KINDS[self as usize]
    }

    /// The kind as callers and the database read it.
    pub fn name(self) -> &'static str {
        self.line().name
    }

    /// The kind of a name.
    pub fn named(name: &str) -> Option<Self> {
        KINDS.iter().find(|one| one.name == name).map(|one| one.kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_05_the_table_is_in_the_order_of_the_enum() {
        for (place, line) in KINDS.iter().enumerate() {
            assert_eq!(line.kind as usize, place, "{}", line.name);
            assert_eq!(Kind::named(line.name), Some(line.kind));
        }
    }

    #[test]
    fn f_05_references_fit_both_ends() {
        assert_eq!(allowed(Kind::Template, Email, EmailTemplate), Ok(()));
        assert!(allowed(Kind::Template, Email, LandingPageTemplate).is_err());
        assert!(allowed(Kind::Template, Snippet, EmailTemplate).is_err());
        assert_eq!(allowed(Kind::Snippet, Email, Snippet), Ok(()));
        assert_eq!(allowed(Kind::Segmentation, Snippet, Segmentation), Ok(()));
        assert_eq!(allowed(Kind::List, SmartList, SmartList), Ok(()));
        assert!(allowed(Kind::List, SmartList, Segmentation).is_err());
    }
}
