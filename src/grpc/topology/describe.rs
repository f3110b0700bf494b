//! A topology, between the wire and the use case.

use crate::config::BATCH_MAX;
use crate::domain::lint::{Finding, Kind, Severity};
use crate::domain::topology::{Binding, Partition, Picture, Share, Workspace};
use crate::error::Result;
use crate::grpc::decode::Fields;
use crate::pb;
use crate::service::topology::{Asked, Described};

/// A question as callers write it.
pub(super) fn parse(request: &pb::DescribeTopologyRequest) -> Result<Asked> {
    use pb::TopologyFormat as Format;
    let mut fields = Fields::default();
    let picture = match Format::try_from(request.format) {
        Ok(Format::Unspecified | Format::Data) => Ok(None),
        Ok(Format::Mermaid) => Ok(Some(Picture::Mermaid)),
        Ok(Format::Text) => Ok(Some(Picture::Text)),
        Err(_) => Err("is not a value of TopologyFormat".into()),
    };
    let asked = Asked {
        workspaces: fields.ids("workspace_ids", &request.workspace_ids, BATCH_MAX),
        picture: fields.take("format", picture),
        findings: !request.omit_findings,
        counts: !request.omit_counts,
    };
    fields.check().map(|()| asked)
}

pub(super) fn response(described: Described) -> pb::DescribeTopologyResponse {
    let Described { topology, diagram, findings, rest, more_findings } = described;
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    pb::DescribeTopologyResponse {
        data: Some(pb::Topology {
            workspaces: topology.workspaces.into_iter().map(workspace).collect(),
            partitions: topology.partitions.into_iter().map(partition).collect(),
            bindings: topology.bindings.iter().map(binding).collect(),
            shares: topology.shares.into_iter().map(share).collect(),
        }),
        diagram,
        findings: findings.into_iter().map(finding).collect(),
        rest: Some(pb::TopologyRest {
            workspaces: count(rest.workspaces),
            partitions: count(rest.partitions),
            bindings: count(rest.bindings),
            shares: count(rest.shares),
            findings: count(more_findings),
        }),
    }
}

fn workspace(one: Workspace) -> pb::TopologyWorkspace {
    pb::TopologyWorkspace {
        workspace_id: one.id.to_string(),
        display_name: one.display_name,
        environment: pb::Environment::from(one.environment).into(),
        region: one.region,
        brand: one.brand,
        all_partitions: one.all_partitions,
        archived: one.archived,
    }
}

fn partition(one: Partition) -> pb::TopologyPartition {
    pb::TopologyPartition {
        partition_id: one.id.to_string(),
        display_name: one.display_name,
        region: one.region,
        people: one.people,
    }
}

fn binding(one: &Binding) -> pb::TopologyBinding {
    let access = match one.read_only {
        true => pb::BindingAccess::ReadOnly,
        false => pb::BindingAccess::ReadWrite,
    };
    pb::TopologyBinding {
        workspace_id: one.workspace.to_string(),
        partition_id: one.partition.to_string(),
        access: access.into(),
        primary: one.primary,
    }
}

fn share(one: Share) -> pb::TopologyShare {
    pb::TopologyShare {
        folder_id: one.folder.to_string(),
        folder_name: one.folder_name,
        owner_workspace_id: one.owner.to_string(),
        target_workspace_id: one.target.to_string(),
    }
}

fn finding(one: Finding) -> pb::TopologyFinding {
    pb::TopologyFinding {
        kind: kind(one.kind).into(),
        severity: severity(one.kind.severity()).into(),
        text: one.text,
        fix: one.fix,
        workspace_ids: one.workspaces.iter().map(ToString::to_string).collect(),
        partition_ids: one.partitions.iter().map(ToString::to_string).collect(),
        folder_id: one.folder.map(|id| id.to_string()).unwrap_or_default(),
        asset_id: one.asset.map(|id| id.to_string()).unwrap_or_default(),
        principal: one.principal.unwrap_or_default(),
    }
}

fn kind(kind: Kind) -> pb::TopologyFindingKind {
    use pb::TopologyFindingKind as Wire;
    match kind {
        Kind::PartitionUnseen => Wire::PartitionUnseen,
        Kind::SegmentationWithoutOverlap => Wire::SegmentationWithoutOverlap,
        Kind::EnvironmentsSharePartition => Wire::EnvironmentsSharePartition,
        Kind::NoWorkspaceSeesEverything => Wire::NoWorkspaceSeesEverything,
        Kind::SingleAdmin => Wire::SingleAdmin,
        Kind::NameOffPattern => Wire::NameOffPattern,
        Kind::MostlySharedIn => Wire::MostlySharedIn,
    }
}

fn severity(severity: Severity) -> pb::TopologySeverity {
    match severity {
        Severity::Error => pb::TopologySeverity::Error,
        Severity::Warning => pb::TopologySeverity::Warning,
        Severity::Info => pb::TopologySeverity::Info,
    }
}
