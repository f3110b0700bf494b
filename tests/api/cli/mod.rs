//! The commands that work with people, run as a person runs them: the program itself, against a server in
//! a process of its own.

mod events;
mod export;
mod import;
mod proxy;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use precinct::pb;
use precinct::pb::field_service_client::FieldServiceClient;
use precinct::pb::tenant_service_client::TenantServiceClient;
use tempfile::TempDir;
use tonic::Request;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;

use self::proxy::Proxy;
use crate::support::actor::ok;
use crate::support::process::{Process, precinct};

/// A server, and a tenant of it with a field of each type.
struct Site {
    server: Process,
    channel: Channel,
    tenant: String,
    workspace: String,
    files: TempDir,
}

/// What a command said.
struct Said {
    code: Option<i32>,
    output: String,
    errors: String,
}

// === impl Site ===

impl Site {
    async fn new() -> Self {
        let server = Process::start(&[]);
        server.ready().await;
        let channel = Channel::from_shared(format!("http://{}", server.address)).unwrap();
        let channel = channel.connect().await.expect("the server accepts");
        let (tenant, workspace) = tenant(&channel).await;
        let files = tempfile::tempdir().unwrap();
        Self { server, channel, tenant, workspace, files }
    }

    /// Goes on with another tenant of the same server.
    async fn another(&mut self) {
        (self.tenant, self.workspace) = tenant(&self.channel).await;
    }

    fn path(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// A command, in the folder of the files.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = precinct();
        command
            .args(arguments)
            .args(["--workspace", &self.workspace])
            .env("PRECINCT_ADDRESS", format!("http://{}", self.server.address))
            .env("PRECINCT_TENANT", &self.tenant)
            .env("PRECINCT_PRINCIPAL", "user:owner")
            .current_dir(self.files.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        Said::from(self.command(arguments).output().expect("the program runs"))
    }

    /// The same over another way to the server.
    async fn run_through(&self, proxy: &Proxy, arguments: &[&str]) -> Said {
        let mut command = self.command(arguments);
        command.env("PRECINCT_ADDRESS", &proxy.address);
        let run = tokio::task::spawn_blocking(move || command.output());
        Said::from(run.await.unwrap().expect("the program runs"))
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            output: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Said {
    /// The exit code, and the counts without the pace.
    #[track_caller]
    fn counts(&self) -> (Option<i32>, &str) {
        let counts = self.output.split_once(';').map(|(counts, _)| counts);
        (self.code, counts.unwrap_or_else(|| panic!("{}{}", self.output, self.errors)))
    }
}

async fn tenant(channel: &Channel) -> (String, String) {
    let operator = |mut request: Request<()>| {
        let principal = MetadataValue::from_static("platform:ops");
        request.metadata_mut().insert("x-precinct-principal", principal);
        Ok(request)
    };
    let tenant = pb::Tenant { display_name: "Acme".into(), ..pb::Tenant::default() };
    let owner = "user:owner".to_owned();
    let request = pb::CreateTenantRequest { tenant: Some(tenant), owner, ..Default::default() };
    let mut tenants = TenantServiceClient::with_interceptor(channel.clone(), operator);
    let made = ok(tenants.create_tenant(request).await);
    let id = made.tenant.unwrap().tenant_id;
    fields(channel, &id).await;
    (id, made.default_workspace_id)
}

async fn fields(channel: &Channel, tenant: &str) {
    let tenant: MetadataValue<_> = tenant.parse().unwrap();
    let owner = move |mut request: Request<()>| {
        request.metadata_mut().insert("x-precinct-tenant", tenant.clone());
        let principal = MetadataValue::from_static("user:owner");
        request.metadata_mut().insert("x-precinct-principal", principal);
        Ok(request)
    };
    let mut client = FieldServiceClient::with_interceptor(channel.clone(), owner);
    for (name, kind) in [
        ("job_title", pb::FieldType::Text),
        ("visits", pb::FieldType::Integer),
        ("score", pb::FieldType::Number),
        ("vip", pb::FieldType::Boolean),
        ("birthday", pb::FieldType::Date),
        ("last_seen", pb::FieldType::Timestamp),
    ] {
        let field = pb::Field { name: name.into(), r#type: kind.into(), ..Default::default() };
        let request = pb::CreateFieldRequest { field: Some(field), ..Default::default() };
        ok(client.create_field(request).await);
    }
}
