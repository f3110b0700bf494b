//! Packages: assets on their way from one workspace to another, of the same tenant or of another (K-02, K-03).
//!
//! A package holds definitions and never people: no members of lists and programs, no results. Ids in it tell its parts
//! apart, and from one package to the next; nothing is granted for them. `docs/transfer.md` has the format of its file.

mod adapt;
mod check;
mod diff;
mod extent;
mod order;
mod read;
mod write;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::domain::asset::{Area, Reference, Type};
use crate::id::{AssetId, FolderId, PartitionId};

pub use self::adapt::{Renames, adapt, filters};
pub use self::check::{Limits, check};
pub use self::diff::{Form, Part};
pub use self::extent::{VALUES_MAX, values};
pub use self::order::order;
pub use self::read::Reader;
pub use self::write::write;

/// What the file of a package says that it is.
pub const FORMAT: &str = "precinct.package";
/// The version of the format.
pub const VERSION: u64 = 1;
/// Most assets of a package.
pub const ASSETS_MAX: usize = 1_000;
/// Most folders of a package, the roots of areas included.
pub const FOLDERS_MAX: usize = 1_000;
/// Most bytes of the file of a package.
pub const BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most bytes of a line of it.
pub const LINE_MAX: usize = 1024 * 1024;
/// Most characters of what is said of a flaw: it may repeat what the file says, and has to fit into the headers of a
/// reply.
const TEXT_MAX: usize = 240;

/// What a package holds, and what it needs of where it goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Package {
    /// What has to be there.
    pub needs: Needs,
    /// The folders that its assets are in, and all above them: each after the one that it lies in.
    pub folders: Vec<Folder>,
    /// The assets: each after those that it uses, and a program before what is local to it.
    pub assets: Vec<Item>,
}

/// What has to be there where a package goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Needs {
    /// The region that it comes from; empty: none.
    pub region: String,
    /// The fields of people that its filters name, by name.
    pub fields: Vec<Field>,
    /// The partitions that its filters name.
    pub partitions: Vec<PartitionId>,
    /// The assets that it uses and does not hold.
    pub outside: Vec<Outside>,
}

/// A field of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The name of its type.
    #[serde(rename = "type")]
    pub kind: String,
}

/// An asset that is used and not held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    /// Its id.
    pub id: AssetId,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Its name; empty if the workspace does not see it any more.
    pub display_name: String,
}

/// A folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// Its id.
    pub id: FolderId,
    /// The part of the workspace that it is in.
    pub area: Area,
    /// The folder that it lies in; nothing: it is the root of the area.
    pub parent_id: Option<FolderId>,
    /// Its name.
    pub display_name: String,
    /// What it is for.
    pub description: String,
}

/// An asset, as it is live where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its id.
    pub id: AssetId,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Its name.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// The folder that it is in.
    pub folder_id: FolderId,
    /// The program that it is local to.
    pub program_id: Option<AssetId>,
    /// Its content.
    pub content: Json,
    /// What it uses, in order.
    pub references: Vec<Reference>,
}

/// What is wrong with the file of a package, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The kind of it.
    pub problem: Problem,
    /// The sentence.
    pub text: String,
}

/// Kinds of flaws, as callers read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is no package, or a line is not what its place asks for.
    Format,
    /// It is of a version that is not known.
    Version,
    /// Something was changed.
    Checksum,
    /// Items are in other places than they were.
    Order,
    /// It was cut.
    Missing,
    /// It is too large.
    Size,
    /// It is whole, and holds what cannot be.
    Content,
}

// === impl Flaw ===

impl Flaw {
    fn new(problem: Problem, text: impl Into<String>) -> Self {
        let text: String = text.into();
        Self { problem, text: text.chars().take(TEXT_MAX).collect() }
    }
}

// === impl Problem ===

impl Problem {
    /// The kind as callers read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Format => "FORMAT",
            Self::Version => "VERSION",
            Self::Checksum => "CHECKSUM",
            Self::Order => "ORDER",
            Self::Missing => "MISSING",
            Self::Size => "SIZE",
            Self::Content => "CONTENT",
        }
    }
}
