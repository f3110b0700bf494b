//! Shorthands for promotions and packages.

use precinct::pb;
use precinct::pb::import_package_request::Part;
use precinct::pb::longrunning::operation::Result as Ending;
use precinct::pb::transfer_service_client::TransferServiceClient;
use precinct::pb::{TransferAction, TransferPart};
use prost::Message;
use tonic::{Response, Status};

use super::App;
use super::actor::{Actor, Way, ok};

/// A promotion of assets.
pub fn promotion(from: &str, to: &str, assets: &[&String]) -> pb::PromoteRequest {
    pb::PromoteRequest {
        source_workspace_id: from.into(),
        target_workspace_id: to.into(),
        asset_ids: assets.iter().map(|id| (*id).clone()).collect(),
        ..pb::PromoteRequest::default()
    }
}

/// What a difference says of an asset by name: what is done, the parts that change, and its id if it is there.
pub fn change<'a>(diff: &'a pb::TransferDiff, name: &str) -> &'a pb::TransferChange {
    let found = diff.changes.iter().find(|one| one.display_name == name);
    found.unwrap_or_else(|| panic!("nothing of {name}: {diff:#?}"))
}

/// All that a difference says, short: what is done with what, by name.
pub fn said(diff: &pb::TransferDiff) -> Vec<(String, TransferAction, Vec<TransferPart>)> {
    let one =
        |one: &pb::TransferChange| (one.display_name.clone(), one.action(), one.parts().collect());
    let mut said: Vec<_> = diff.changes.iter().map(one).collect();
    said.sort_by(|one, other| one.0.cmp(&other.0));
    said
}

/// Pieces of a file, as an import sends them.
pub fn import(
    header: pb::ImportPackageHeader,
    file: &[u8],
    piece: usize,
) -> Vec<pb::ImportPackageRequest> {
    let pieces = file.chunks(piece).map(|data| Part::Data(data.to_vec()));
    let parts = [Part::Header(header)].into_iter().chain(pieces);
    parts.map(|part| pb::ImportPackageRequest { part: Some(part) }).collect()
}

/// An import to a workspace.
pub fn into(workspace: &str) -> pb::ImportPackageHeader {
    pb::ImportPackageHeader { workspace_id: workspace.into(), ..pb::ImportPackageHeader::default() }
}

// === impl Actor ===

impl Actor {
    pub fn transfers(&self) -> TransferServiceClient<Way> {
        TransferServiceClient::new(self.way())
    }

    pub async fn try_promote(
        &self,
        request: pb::PromoteRequest,
    ) -> Result<Response<pb::PromoteResponse>, Status> {
        self.transfers().promote(request).await
    }

    /// What a promotion would change.
    pub async fn promotion_of(&self, request: &pb::PromoteRequest) -> pb::TransferDiff {
        let request = pb::PromoteRequest { validate_only: true, ..request.clone() };
        ok(self.try_promote(request).await).diff.unwrap_or_default()
    }

    /// Promotes, and waits for it; what it did.
    pub async fn promote(&self, app: &App, request: &pb::PromoteRequest) -> pb::PromoteResult {
        let operation = ok(self.try_promote(request.clone()).await).operation;
        let name = operation.expect("there is something to do").name;
        app.finish().await;
        match self.operation(&name).await.result {
            Some(Ending::Response(any)) => {
                pb::PromoteResult::decode(any.value.as_slice()).expect("of its type")
            }
            other => panic!("no response: {other:?}"),
        }
    }

    /// The file of a package of some assets.
    pub async fn package(&self, workspace: &str, assets: &[&String]) -> Vec<u8> {
        let request = pb::ExportPackageRequest {
            workspace_id: workspace.into(),
            asset_ids: assets.iter().map(|id| (*id).clone()).collect(),
            ..pb::ExportPackageRequest::default()
        };
        self.try_package(request).await.expect("it is exported")
    }

    pub async fn try_package(&self, request: pb::ExportPackageRequest) -> Result<Vec<u8>, Status> {
        let mut stream = self.transfers().export_package(request).await?.into_inner();
        let mut file = Vec::new();
        while let Some(piece) = stream.message().await? {
            file.extend(piece.data);
        }
        Ok(file)
    }

    pub async fn try_import(
        &self,
        header: pb::ImportPackageHeader,
        file: &[u8],
    ) -> Result<pb::ImportPackageResponse, Status> {
        let messages = tokio_stream::iter(import(header, file, 10_000));
        Ok(self.transfers().import_package(messages).await?.into_inner())
    }

    /// Imports a package; what that changed.
    pub async fn import_package(
        &self,
        header: pb::ImportPackageHeader,
        file: &[u8],
    ) -> pb::TransferDiff {
        self.try_import(header, file).await.expect("it is imported").diff.unwrap_or_default()
    }
}
