//! What became of the rows of a set of people.

use crate::error::Refusal;
use crate::id::PersonId;

/// What became of a row.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Outcome {
    /// A person was made.
    Created(PersonId),
    /// A person was changed.
    Updated(PersonId),
    /// All was as the row says.
    Unchanged(PersonId),
    /// The workspace may only read where the person is: at most an unsubscription was taken.
    Withheld {
        /// Who.
        id: PersonId,
        /// The unsubscription was taken.
        unsubscribed: bool,
    },
    /// As in it, for a person whom the workspace does not see.
    Hidden(Box<Self>),
    /// The row was refused.
    Failed(Box<Refusal>),
}

// === impl Outcome ===

impl Outcome {
    /// The person, if the row changed anything.
    pub fn written(&self) -> Option<PersonId> {
        match self {
            Self::Created(id) | Self::Updated(id) | Self::Withheld { id, unsubscribed: true } => {
                Some(*id)
            }
            Self::Hidden(one) => one.written(),
            Self::Unchanged(_) | Self::Withheld { .. } | Self::Failed(_) => None,
        }
    }

    /// The person, if the row made one.
    pub fn created(&self) -> Option<PersonId> {
        match self {
            Self::Created(id) => Some(*id),
            Self::Hidden(one) => one.created(),
            _ => None,
        }
    }

    /// The same, for a person whom the workspace does not see.
    #[must_use]
    pub fn hidden(self) -> Self {
        Self::Hidden(Box::new(self))
    }

    /// What becomes of a later row about the same person, which changed or confirmed what the first left.
    #[must_use]
    pub fn followed(self, changed: bool) -> Self {
        match self {
            Self::Created(id) | Self::Updated(id) if changed => Self::Updated(id),
            Self::Created(id) | Self::Updated(id) => Self::Unchanged(id),
            Self::Hidden(one) => one.followed(changed).hidden(),
            other => other,
        }
    }
}
