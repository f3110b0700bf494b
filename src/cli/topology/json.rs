//! A topology as JSON: the messages of the API, by the names of their fields.

use serde_json::{Value as Json, json};

use crate::pb::{
    DescribeTopologyResponse, TopologyBinding, TopologyFinding, TopologyPartition,
    TopologySeverity, TopologyShare, TopologyWorkspace,
};

/// The data and the findings, as one object.
pub(super) fn topology(described: &DescribeTopologyResponse) -> String {
    let data = described.data.clone().unwrap_or_default();
    let rest = described.rest.unwrap_or_default();
    let all = json!({
        "workspaces": data.workspaces.iter().map(workspace).collect::<Vec<_>>(),
        "partitions": data.partitions.iter().map(partition).collect::<Vec<_>>(),
        "bindings": data.bindings.iter().map(binding).collect::<Vec<_>>(),
        "shares": data.shares.iter().map(share).collect::<Vec<_>>(),
        "findings": described.findings.iter().map(finding).collect::<Vec<_>>(),
        "rest": {
            "workspaces": rest.workspaces,
            "partitions": rest.partitions,
            "bindings": rest.bindings,
            "shares": rest.shares,
            "findings": rest.findings,
        },
    });
    format!("{all:#}\n")
}

/// The findings, as one array.
pub(super) fn findings(findings: &[TopologyFinding]) -> String {
    format!("{:#}\n", Json::from_iter(findings.iter().map(finding)))
}

/// How bad a finding is, in a word.
pub(super) fn severity(finding: &TopologyFinding) -> &'static str {
    match finding.severity() {
        TopologySeverity::Error => "error",
        TopologySeverity::Warning => "warning",
        TopologySeverity::Info | TopologySeverity::Unspecified => "info",
    }
}

fn workspace(one: &TopologyWorkspace) -> Json {
    let environment = one.environment().as_str_name().trim_start_matches("ENVIRONMENT_");
    json!({
        "workspace_id": one.workspace_id,
        "display_name": one.display_name,
        "environment": environment,
        "region": one.region,
        "brand": one.brand,
        "all_partitions": one.all_partitions,
        "archived": one.archived,
    })
}

fn partition(one: &TopologyPartition) -> Json {
    json!({
        "partition_id": one.partition_id,
        "display_name": one.display_name,
        "region": one.region,
        "people": one.people,
    })
}

fn binding(one: &TopologyBinding) -> Json {
    json!({
        "workspace_id": one.workspace_id,
        "partition_id": one.partition_id,
        "access": one.access().as_str_name().trim_start_matches("BINDING_ACCESS_"),
        "primary": one.primary,
    })
}

fn share(one: &TopologyShare) -> Json {
    json!({
        "folder_id": one.folder_id,
        "folder_name": one.folder_name,
        "owner_workspace_id": one.owner_workspace_id,
        "target_workspace_id": one.target_workspace_id,
    })
}

fn finding(one: &TopologyFinding) -> Json {
    json!({
        "kind": one.kind().as_str_name().trim_start_matches("TOPOLOGY_FINDING_KIND_"),
        "severity": severity(one).to_uppercase(),
        "text": one.text,
        "fix": one.fix,
        "workspace_ids": one.workspace_ids,
        "partition_ids": one.partition_ids,
        "folder_id": one.folder_id,
        "asset_id": one.asset_id,
        "principal": one.principal,
    })
}
