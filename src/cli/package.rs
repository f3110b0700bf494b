//! `precinct package`: assets of a workspace into a file, and from a file into a workspace.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use uuid::Uuid;

use super::Failure;
use super::client::{Error, Result, Server};
use crate::pb::import_package_request::Part;
use crate::pb::{
    AssetMapping, AssetType, ExportPackageRequest, FieldMapping, FolderMapping,
    ImportPackageHeader, ImportPackageRequest, NameMapping, PartitionMapping, TransferAction,
    TransferChange, TransferOptions,
};

const STANDARD: &str = "-";
/// Bytes of a piece of a file.
const PIECE: usize = 64 * 1024;

/// Take assets from one workspace to another, of any tenant or server, as a file.
///
/// A package holds definitions as they are live, and nobody: people travel by `precinct export` and `precinct import`.
#[derive(Args, Debug)]
pub(super) struct Package {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Export(Export),
    Import(Box<Import>),
}

/// Write assets of a workspace, with all that they use and are in, into a file.
#[derive(Args, Debug)]
struct Export {
    /// The workspace to take from.
    #[arg(long)]
    workspace: Uuid,

    /// An asset; may be given several times.
    #[arg(long, required_unless_present = "type")]
    asset: Vec<Uuid>,

    /// All assets of a type that are live, such as EMAIL; may be given several times.
    #[arg(long, value_parser = asset_type)]
    r#type: Vec<AssetType>,

    /// Where to write. "-" is the standard output.
    #[arg(long, value_name = "FILE", default_value = STANDARD)]
    output: PathBuf,

    /// The service.
    #[command(flatten)]
    server: Server,
}

/// Bring the assets of a file into a workspace: all, or, if anything is in the way, none.
///
/// What the first import made, later ones change. What is mapped and not in the file does nothing.
#[derive(Args, Debug)]
struct Import {
    /// The file. "-" is the standard input.
    file: PathBuf,

    /// The workspace to bring them into.
    #[arg(long)]
    workspace: Uuid,

    /// Say what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,

    /// Write over what was changed in the workspace since the last import.
    #[arg(long)]
    overwrite: bool,

    /// Approve what is written, as far as all that it uses is live.
    #[arg(long)]
    approve: bool,

    /// Another name for an asset.
    #[arg(long, value_name = "ASSET=NAME", value_parser = pair)]
    name: Vec<(String, String)>,

    /// A folder of the workspace in place of one of the file.
    #[arg(long, value_name = "FROM=TO", value_parser = pair)]
    folder: Vec<(String, String)>,

    /// An asset that the workspace sees in place of one that the file uses and does not hold.
    #[arg(long, value_name = "FROM=TO", value_parser = pair)]
    asset: Vec<(String, String)>,

    /// A partition that the workspace sees in place of one that filters name.
    #[arg(long, value_name = "FROM=TO", value_parser = pair)]
    partition: Vec<(String, String)>,

    /// A field in place of one that filters name.
    #[arg(long, value_name = "FROM=TO", value_parser = pair)]
    field: Vec<(String, String)>,

    /// The service.
    #[command(flatten)]
    server: Server,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (from, to) = text.split_once('=').ok_or("must have an = between the two")?;
    Ok((from.into(), to.into()))
}

fn asset_type(text: &str) -> Result<AssetType, String> {
    let name = format!("ASSET_TYPE_{}", text.to_ascii_uppercase().replace('-', "_"));
    let known = AssetType::from_str_name(&name).filter(|one| *one != AssetType::Unspecified);
    known.ok_or_else(|| "must be the name of an AssetType, such as EMAIL".into())
}

// === impl Package ===

impl Package {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.action {
            Action::Export(export) => export.run().await?,
            Action::Import(import) => import.run().await?,
        }
        Ok(())
    }
}

// === impl Export ===

impl Export {
    async fn run(self) -> Result<()> {
        let request = ExportPackageRequest {
            workspace_id: self.workspace.to_string(),
            asset_ids: self.asset.iter().map(Uuid::to_string).collect(),
            kinds: self.r#type.iter().map(|one| (*one).into()).collect(),
        };
        let client = self.server.client().await?;
        let mut pieces = client.transfers().export_package(request).await?.into_inner();
        let mut file = Vec::new();
        while let Some(piece) = pieces.message().await? {
            file.extend(piece.data);
        }
        // Only now: a file that is there is whole.
        let written = match self.output == Path::new(STANDARD) {
            true => io::stdout().write_all(&file),
            false => fs::write(&self.output, &file),
        };
        written.map_err(|error| Error::file(&self.output, error))
    }
}

// === impl Import ===

impl Import {
    async fn run(self) -> Result<()> {
        let mut file = Vec::new();
        let read = match self.file == Path::new(STANDARD) {
            true => io::stdin().read_to_end(&mut file).map(drop),
            false => fs::read(&self.file).map(|bytes| file = bytes),
        };
        read.map_err(|error| Error::file(&self.file, error))?;
        let dry_run = self.dry_run;
        let client = self.server.client().await?;
        let pieces = file.chunks(PIECE).map(|piece| Part::Data(piece.to_vec()));
        let parts = [Part::Header(self.header())].into_iter().chain(pieces);
        let messages: Vec<_> =
            parts.map(|part| ImportPackageRequest { part: Some(part) }).collect();
        let reply = client.transfers().import_package(tokio_stream::iter(messages)).await?;
        let diff = reply.into_inner().diff.unwrap_or_default();
        for one in &diff.changes {
            println!("{}", line(one));
        }
        let would = if dry_run { "would be " } else { "" };
        let (added, changed) = (diff.added, diff.changed);
        eprintln!("{would}{added} added, {changed} changed, {} unchanged", diff.unchanged);
        Ok(())
    }

    fn header(self) -> ImportPackageHeader {
        let name = |(asset_id, display_name)| NameMapping { asset_id, display_name };
        let folder = |(source_folder_id, target_folder_id)| FolderMapping {
            source_folder_id,
            target_folder_id,
        };
        let asset =
            |(source_asset_id, target_asset_id)| AssetMapping { source_asset_id, target_asset_id };
        let partition = |(source_partition_id, target_partition_id)| PartitionMapping {
            source_partition_id,
            target_partition_id,
        };
        let field = |(source_name, target_name)| FieldMapping { source_name, target_name };
        let options = TransferOptions {
            names: self.name.into_iter().map(name).collect(),
            folders: self.folder.into_iter().map(folder).collect(),
            assets: self.asset.into_iter().map(asset).collect(),
            partitions: self.partition.into_iter().map(partition).collect(),
            fields: self.field.into_iter().map(field).collect(),
            overwrite: self.overwrite,
            approve: self.approve,
        };
        ImportPackageHeader {
            workspace_id: self.workspace.to_string(),
            options: Some(options),
            request_id: String::new(),
            validate_only: self.dry_run,
        }
    }
}

/// What becomes of an asset, for people: `change EMAIL "Welcome" (CONTENT)`.
fn line(one: &TransferChange) -> String {
    let action = match one.action() {
        TransferAction::Add => "add",
        TransferAction::Change => "change",
        TransferAction::Keep | TransferAction::Unspecified => "keep",
    };
    let kind = one.r#type().as_str_name().trim_start_matches("ASSET_TYPE_");
    let parts = one.parts().map(|part| part.as_str_name().trim_start_matches("TRANSFER_PART_"));
    let parts: Vec<&str> = parts.collect();
    let parts = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
    format!("{action} {kind} {:?}{parts}", one.display_name)
}
