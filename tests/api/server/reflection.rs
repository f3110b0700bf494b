//! Server reflection, in the version of today and in the one that older tools speak.

use precinct::config::ServerConfig;
use precinct::server::{Server, method};
use prost::Message;
use prost_types::FileDescriptorProto;
use tonic::codec::CompressionEncoding::Gzip;

/// Lists the services and looks up `google.rpc.ErrorInfo`, by one version of the protocol.
macro_rules! reflect {
    ($server:expr, $version:ident) => {{
        use tonic_reflection::pb::$version::ServerReflectionRequest;
        use tonic_reflection::pb::$version::server_reflection_client::ServerReflectionClient;
        use tonic_reflection::pb::$version::server_reflection_request::MessageRequest;
        use tonic_reflection::pb::$version::server_reflection_response::MessageResponse;

        let ask = |message| ServerReflectionRequest {
            message_request: Some(message),
            ..ServerReflectionRequest::default()
        };
        let questions = [
            ask(MessageRequest::ListServices(String::new())),
            ask(MessageRequest::FileContainingSymbol("google.rpc.ErrorInfo".into())),
        ];
        let mut client = ServerReflectionClient::new($server).send_compressed(Gzip);
        let answers = client.server_reflection_info(tokio_stream::iter(questions)).await;
        let mut answers = answers.expect("a stream").into_inner();
        let mut next = async || answers.message().await.unwrap().unwrap().message_response.unwrap();
        let MessageResponse::ListServicesResponse(services) = next().await else {
            panic!("services are listed");
        };
        let MessageResponse::FileDescriptorResponse(files) = next().await else {
            panic!("google.rpc.ErrorInfo is known");
        };
        let names: Vec<String> = services.service.into_iter().map(|one| one.name).collect();
        (names, files.file_descriptor_proto)
    }};
}

fn assert_complete((services, files): (Vec<String>, Vec<Vec<u8>>)) {
    for rpc in method::all() {
        assert!(services.contains(&rpc.service), "{} is listed: {services:?}", rpc.service);
    }
    let file = FileDescriptorProto::decode(files[0].as_slice()).unwrap();
    assert!(file.message_type.iter().any(|message| message.name() == "ErrorInfo"));
}

#[tokio::test]
async fn v1() {
    assert_complete(reflect!(Server::new(ServerConfig::default()), v1));
}

#[tokio::test]
async fn v1alpha() {
    assert_complete(reflect!(Server::new(ServerConfig::default()), v1alpha));
}

/// Switched off, it is as if it did not exist.
#[tokio::test]
async fn off() {
    let server = Server::new(ServerConfig { reflection: false, ..ServerConfig::default() });
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let call = super::raw::request(path, super::raw::EMPTY);
    assert_eq!(super::raw::refusal(&server, call).await, "Unimplemented / METHOD_NOT_FOUND");
}
