//! The files of packages, which come and go in pieces.

use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Response, Status, Streaming};

use super::convert;
use crate::context::Context;
use crate::domain::package::{ASSETS_MAX, Reader};
use crate::error::Error;
use crate::grpc::asset::asset_type;
use crate::grpc::decode::Fields;
use crate::grpc::person::stream::{Replies, WINDOW, detach, shutting_down, step};
use crate::grpc::{Mutates, REVISION, reply};
use crate::pb;
use crate::pb::import_package_request::Part;
use crate::secret::digest;
use crate::service::transfer::{Export, Import, Transfers, invalid};

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;

// === export ===

/// Writes a package. All of it is known before the reply begins, so that a refusal is the call's own.
pub(super) async fn export(
    transfers: &Transfers,
    ctx: Context,
    request: pb::ExportPackageRequest,
    shutdown: CancellationToken,
) -> Result<Response<Replies<pb::ExportPackageResponse>>, Status> {
    let mut fields = Fields::default();
    let types = request.kinds.iter().enumerate().filter_map(|(at, kind)| {
        let kind = asset_type(*kind).and_then(|one| one.ok_or("must be set".into())).map(Some);
        fields.take(&format!("kinds[{at}]"), kind)
    });
    let types = types.collect();
    let export = Export {
        workspace: fields.id("workspace_id", &request.workspace_id),
        assets: fields.ids("asset_ids", &request.asset_ids, ASSETS_MAX),
        types,
    };
    if request.asset_ids.is_empty() && request.kinds.is_empty() {
        fields.violate("asset_ids", "must name something, unless kinds does");
    }
    fields.check()?;
    let file = transfers.export(&step(&ctx), &export).await?;
    let (replies, stream) = mpsc::channel(WINDOW);
    let mut response = Response::new(ReceiverStream::new(stream));
    response.metadata_mut().insert(REVISION, file.revision.into());
    let pieces = replies.clone();
    detach(replies, async move {
        for piece in file.value.chunks(PIECE) {
            if shutdown.is_cancelled() {
                return Err(shutting_down().into());
            }
            let piece = pb::ExportPackageResponse { data: piece.to_vec() };
            if pieces.send(Ok(piece)).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    });
    Ok(response)
}

// === import ===

/// Reads a package, and brings it in once it is there.
pub(super) async fn import(
    transfers: &Transfers,
    mut ctx: Context,
    mut messages: Streaming<pb::ImportPackageRequest>,
    shutdown: CancellationToken,
) -> Result<Response<pb::ImportPackageResponse>, Status> {
    let Some(Part::Header(header)) = next(&mut messages, &shutdown).await? else {
        return Err(Error::invalid("header", "must be the first message of the stream").into());
    };
    ctx.mutation = header.mutation()?;
    let mut fields = Fields::default();
    let import = Import {
        workspace: fields.id("header.workspace_id", &header.workspace_id),
        options: convert::options(&mut fields, "header.options", header.options),
    };
    fields.check()?;
    transfers.admit(&step(&ctx), &import).await?;
    let (mut reader, mut file) = (Reader::default(), Sha256::new());
    while let Some(part) = next(&mut messages, &shutdown).await? {
        let Part::Data(data) = part else {
            return Err(Error::invalid("header", "must be sent once").into());
        };
        file.update(&data);
        reader.push(&data).map_err(invalid)?;
    }
    let package = reader.end().map_err(invalid)?;
    if let Some(key) = &mut ctx.mutation.request {
        // The file is of the body as much as the header.
        key.body = digest(&[&key.body, &file.finalize()]);
    }
    let done = transfers.import(&step(&ctx), &import, package).await?;
    Ok(reply(done, |diff, revision| pb::ImportPackageResponse {
        diff: Some(diff.into()),
        revision,
    }))
}

async fn next(
    messages: &mut Streaming<pb::ImportPackageRequest>,
    shutdown: &CancellationToken,
) -> Result<Option<Part>, Status> {
    tokio::select! {
        biased;
        () = shutdown.cancelled() => Err(shutting_down().into()),
        message = messages.message() => match message? {
            None => Ok(None),
            Some(pb::ImportPackageRequest { part: Some(part) }) => Ok(Some(part)),
            Some(_) => Err(Error::invalid("part", "must be a header or data").into()),
        },
    }
}
