//! The file of a package: lines of JSON, the same bytes for the same content but for the time in the first line.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{FORMAT, Needs, Package, VERSION};

/// The first line. Nothing in it but the checksum of all behind it is of consequence.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) format: String,
    pub(super) version: u64,
    pub(super) create_time: String,
    pub(super) sha256: String,
}

/// The second line: what is needed, and what follows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) needs: Needs,
    pub(super) folders: usize,
    pub(super) assets: usize,
    pub(super) items: Vec<Entry>,
}

/// A line that follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) id: Uuid,
    /// Of the line, without its end.
    pub(super) sha256: String,
}

/// Writes the file of a package. Whatever order its parts came in, they are written in one.
pub fn write(package: &Package, create_time: &str) -> Vec<u8> {
    let folders = package.folders.iter().map(|one| (one.id.0, json!({ "folder": one })));
    let assets = package.assets.iter().map(|one| (one.id.0, json!({ "asset": one })));
    let lines: Vec<(Uuid, String)> =
        folders.chain(assets).map(|(id, line): (Uuid, Json)| (id, line.to_string())).collect();
    let entry = |(id, line): &(Uuid, String)| Entry { id: *id, sha256: digest(line.as_bytes()) };
    let manifest = Manifest {
        needs: package.needs.clone(),
        folders: package.folders.len(),
        assets: package.assets.len(),
        items: lines.iter().map(entry).collect(),
    };
    let mut behind = json!(manifest).to_string();
    behind.push('\n');
    for (_, line) in lines {
        behind.push_str(&line);
        behind.push('\n');
    }
    let header = Header {
        format: FORMAT.into(),
        version: VERSION,
        create_time: create_time.into(),
        sha256: digest(behind.as_bytes()),
    };
    let mut file = json!(header).to_string();
    file.push('\n');
    file.push_str(&behind);
    file.into_bytes()
}

/// The SHA-256 of some bytes, in hex.
pub(super) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
