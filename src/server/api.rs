//! What is served: one line per service.

use prost::Message;
use prost_types::FileDescriptorSet;
use tokio_util::sync::CancellationToken;
use tonic::codec::CompressionEncoding::Gzip;
use tonic::service::Routes;
use tonic_health::pb::health_server::HealthServer;
use tonic_reflection::server::Builder;

use super::health::Health;
use super::method::DESCRIPTORS;
use crate::config::{BULK_MESSAGE_BYTES, MESSAGE_BYTES, ServerConfig};
use crate::grpc;
use crate::grpc::system::System;
use crate::pb::access_service_server::AccessServiceServer;
use crate::pb::activity_service_server::ActivityServiceServer;
use crate::pb::asset_service_server::AssetServiceServer;
use crate::pb::field_service_server::FieldServiceServer;
use crate::pb::folder_service_server::FolderServiceServer;
use crate::pb::list_service_server::ListServiceServer;
use crate::pb::longrunning::operations_server::OperationsServer;
use crate::pb::partition_service_server::PartitionServiceServer;
use crate::pb::person_service_server::PersonServiceServer;
use crate::pb::routing_service_server::RoutingServiceServer;
use crate::pb::segmentation_service_server::SegmentationServiceServer;
use crate::pb::sharing_service_server::SharingServiceServer;
use crate::pb::system_service_server::SystemServiceServer;
use crate::pb::tenant_service_server::TenantServiceServer;
use crate::pb::topology_service_server::TopologyServiceServer;
use crate::pb::transfer_service_server::TransferServiceServer;
use crate::pb::usage_service_server::UsageServiceServer;
use crate::pb::workspace_service_server::WorkspaceServiceServer;
use crate::repository::Store;
use crate::secret::Secrets;
use crate::service::access::Access;
use crate::service::activity::Activities;
use crate::service::asset::Assets;
use crate::service::binding::Bindings;
use crate::service::field::Fields;
use crate::service::folder::Folders;
use crate::service::operation::Operations;
use crate::service::partition::Partitions;
use crate::service::person::People;
use crate::service::routing::Routings;
use crate::service::segmentation::Segmentations;
use crate::service::sharing::Sharing;
use crate::service::tenant::Tenants;
use crate::service::topology::Topologies;
use crate::service::transfer::Transfers;
use crate::service::usage::Usages;
use crate::service::workspace::Workspaces;

/// A service with its largest message; gzip is understood, and not sent: most replies are small.
macro_rules! limit {
    ($service:expr, $bytes:expr) => {
        $service.max_decoding_message_size($bytes).accept_compressed(Gzip)
    };
}

/// The services of `precinct.v1`, which need credentials. Their streams end when `stop` is cancelled.
pub(super) fn closed(
    store: &Store,
    secrets: &Secrets,
    config: &ServerConfig,
    stop: &CancellationToken,
) -> Routes {
    let system = System::new(store.clone());
    let access = Access::new(store.clone(), secrets.clone());
    let tenants = Tenants::new(store.clone(), secrets.clone());
    let workspaces = Workspaces::new(store.clone(), secrets.clone());
    let partitions = Partitions::new(store.clone(), secrets.clone());
    let bindings = Bindings::new(store.clone(), secrets.clone());
    let fields = Fields::new(store.clone(), secrets.clone());
    let people = People::new(store.clone(), secrets.clone());
    let folders = Folders::new(store.clone(), secrets.clone());
    let assets = Assets::new(store.clone(), secrets.clone());
    let sharing = Sharing::new(store.clone(), secrets.clone());
    let segmentations = Segmentations::new(store.clone(), secrets.clone());
    let operations = Operations::new(store.clone(), secrets.clone());
    let operations = grpc::operation::Api::new(operations);
    let activities = Activities::new(store.clone(), secrets.clone());
    let activities = grpc::activity::Api::new(activities, config.watch, stop.clone());
    let topology = grpc::topology::Api::new(access.clone(), Topologies::new(store.clone()));
    let access = grpc::access::Api::new(access);
    let tenants = grpc::tenant::Api::new(tenants);
    let workspaces = grpc::workspace::Api::new(workspaces);
    let partitions = grpc::partition::Api::new(partitions, bindings);
    let fields = grpc::field::Api::new(fields);
    let folders = grpc::folder::Api::new(folders);
    let lists = grpc::list::Api::new(assets.clone());
    let assets = grpc::asset::Api::new(assets, people.clone(), stop.clone());
    let routing = Routings::new(store.clone(), secrets.clone());
    let routing = grpc::routing::Api::new(routing, people.clone());
    let people = grpc::person::Api::new(people, stop.clone());
    let sharing = grpc::sharing::Api::new(sharing);
    let transfers = Transfers::new(store.clone(), secrets.clone());
    let transfers = grpc::transfer::Api::new(transfers, stop.clone());
    let segmentations = grpc::segmentation::Api::new(segmentations);
    let usage = grpc::usage::Api::new(Usages::new(store.clone()));
    Routes::default()
        .add_service(limit!(SystemServiceServer::new(system), MESSAGE_BYTES))
        .add_service(limit!(AccessServiceServer::new(access), MESSAGE_BYTES))
        .add_service(limit!(ActivityServiceServer::new(activities), MESSAGE_BYTES))
        .add_service(limit!(TopologyServiceServer::new(topology), MESSAGE_BYTES))
        .add_service(limit!(TenantServiceServer::new(tenants), MESSAGE_BYTES))
        .add_service(limit!(WorkspaceServiceServer::new(workspaces), MESSAGE_BYTES))
        .add_service(limit!(PartitionServiceServer::new(partitions), MESSAGE_BYTES))
        .add_service(limit!(RoutingServiceServer::new(routing), MESSAGE_BYTES))
        .add_service(limit!(FieldServiceServer::new(fields), MESSAGE_BYTES))
        .add_service(limit!(PersonServiceServer::new(people), BULK_MESSAGE_BYTES))
        .add_service(limit!(FolderServiceServer::new(folders), MESSAGE_BYTES))
        .add_service(limit!(AssetServiceServer::new(assets), MESSAGE_BYTES))
        .add_service(limit!(ListServiceServer::new(lists), MESSAGE_BYTES))
        .add_service(limit!(SegmentationServiceServer::new(segmentations), MESSAGE_BYTES))
        .add_service(limit!(SharingServiceServer::new(sharing), MESSAGE_BYTES))
        .add_service(limit!(TransferServiceServer::new(transfers), MESSAGE_BYTES))
        .add_service(limit!(UsageServiceServer::new(usage), MESSAGE_BYTES))
        .add_service(limit!(OperationsServer::new(operations), MESSAGE_BYTES))
        .prepare()
}

/// Health and reflection, which answer anybody.
pub(super) fn open(health: Health, reflection: bool) -> Routes {
    let routes = Routes::default().add_service(limit!(HealthServer::new(health), MESSAGE_BYTES));
    if !reflection {
        return routes.prepare();
    }
    let sets = || {
        let builder = Builder::configure().include_reflection_service(false);
        let builder = builder.register_file_descriptor_set(error_details());
        DESCRIPTORS
            .iter()
            .fold(builder, |builder, set| builder.register_encoded_file_descriptor_set(set))
    };
    let v1 = sets().build_v1().expect("the descriptors are generated by the build");
    let v1alpha = sets().build_v1alpha().expect("the descriptors are generated by the build");
    routes
        .add_service(limit!(v1, MESSAGE_BYTES))
        .add_service(limit!(v1alpha, MESSAGE_BYTES))
        .prepare()
}

/// What the statuses of calls carry. The status itself is described beside the operations, which name it, and would be
/// there twice.
fn error_details() -> FileDescriptorSet {
    let set = FileDescriptorSet::decode(tonic_types::pb::FILE_DESCRIPTOR_SET);
    let mut set = set.expect("generated by the library");
    set.file.retain(|file| file.name() != "status.proto");
    set
}
