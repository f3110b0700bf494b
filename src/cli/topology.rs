//! `precinct topology`: workspaces, partitions and shares as a picture, and what is likely to be wrong with them.

mod json;

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use uuid::Uuid;

use super::Failure;
use super::client::{Error, Result, Server};
use crate::pb::{
    DescribeTopologyRequest, DescribeTopologyResponse, TopologyFinding, TopologyFormat,
    TopologySeverity,
};

/// Show workspaces, partitions and shares, and what is likely to be wrong with them.
///
/// Shows what the caller sees: what is hidden is neither named nor counted.
#[derive(Args, Debug)]
pub(super) struct Topology {
    /// How to show it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,

    /// Only this workspace; may be given several times [default: all that the caller sees].
    #[arg(long)]
    pub workspace: Vec<Uuid>,

    /// Only what is likely to be wrong; exits with 1 if one of it is an error.
    #[arg(long)]
    pub findings: bool,

    /// The service.
    #[command(flatten)]
    pub server: Server,
}

/// How a topology is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A tree.
    #[default]
    Text,
    /// A Mermaid flowchart.
    Mermaid,
    /// The data, as one JSON object.
    Json,
}

// === impl Topology ===

impl Topology {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let described = self.describe().await?;
        match io::stdout().write_all(self.show(&described).as_bytes()) {
            // Whoever reads has enough, as in `precinct topology | head`.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written.map_err(|error| Error::file("-".as_ref(), error))?,
        }
        let errors = described.findings.iter().filter(|one| is_error(one)).count();
        match errors {
            0 => Ok(()),
            _ if !self.findings => Ok(()),
            1 => Err(Failure::Faulty("1 finding is an error".into())),
            errors => Err(Failure::Faulty(format!("{errors} findings are errors"))),
        }
    }

    async fn describe(&self) -> Result<DescribeTopologyResponse> {
        let format = match self.format {
            _ if self.findings => TopologyFormat::Data,
            Format::Text => TopologyFormat::Text,
            Format::Mermaid => TopologyFormat::Mermaid,
            Format::Json => TopologyFormat::Data,
        };
        let request = DescribeTopologyRequest {
            format: format.into(),
            workspace_ids: self.workspace.iter().map(Uuid::to_string).collect(),
            omit_findings: self.format == Format::Mermaid && !self.findings,
            omit_counts: self.findings,
        };
        let client = self.server.client().await?;
        Ok(client.topology().describe_topology(request).await?.into_inner())
    }

    fn show(&self, described: &DescribeTopologyResponse) -> String {
        let findings = || described.findings.iter().map(finding).collect::<String>();
        match (self.format, self.findings) {
            (Format::Json, false) => json::topology(described),
            (Format::Json, true) => json::findings(&described.findings),
            (Format::Text | Format::Mermaid, true) => findings(),
            (Format::Text, false) if described.findings.is_empty() => described.diagram.clone(),
            (Format::Text, false) => format!("{}\n{}", described.diagram, findings()),
            (Format::Mermaid, false) => described.diagram.clone(),
        }
    }
}

fn is_error(finding: &TopologyFinding) -> bool {
    finding.severity() == TopologySeverity::Error
}

/// A finding on two lines.
fn finding(one: &TopologyFinding) -> String {
    format!("{}: {}\n  {}\n", json::severity(one), one.text, one.fix)
}
