//! The parts of a workspace.

use std::fmt;

/// The part of a workspace that a folder is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Programs and what runs.
    MarketingActivities,
    /// What people get to see.
    DesignStudio,
    /// Lists of people.
    Database,
}

// === impl Area ===

impl Area {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::MarketingActivities, Self::DesignStudio, Self::Database];

    /// The area as callers and the database read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::MarketingActivities => "MARKETING_ACTIVITIES",
            Self::DesignStudio => "DESIGN_STUDIO",
            Self::Database => "DATABASE",
        }
    }

    /// The area of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|area| area.name() == name)
    }

    /// The area, for people: the name of its root.
    pub fn title(self) -> &'static str {
        match self {
            Self::MarketingActivities => "Marketing activities",
            Self::DesignStudio => "Design studio",
            Self::Database => "Database",
        }
    }

    /// The area as the tenant's settings name it.
    pub fn setting(self) -> &'static str {
        match self {
            Self::MarketingActivities => "marketing_activities",
            Self::DesignStudio => "design_studio",
            Self::Database => "database",
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
