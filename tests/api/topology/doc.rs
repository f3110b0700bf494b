//! `docs/topology.md`: a tenant as it is described, measured on a running server: `UPDATE_DOCS=1 tests/run topology::doc`
//! writes it.

use std::{env, fs};

use precinct::pb::{DescribeTopologyRequest, TopologyFinding, TopologyFormat, TopologySeverity};

use crate::on_both;
use crate::support::topology::Site;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/topology.md");

async fn render(site: &Site) -> String {
    let describe = async |format: TopologyFormat| {
        let request = DescribeTopologyRequest { format: format.into(), ..Default::default() };
        site.ada.describe(request).await
    };
    let chart = describe(TopologyFormat::Mermaid).await;
    let tree = describe(TopologyFormat::Text).await.diagram;
    let findings: String = chart.findings.iter().map(finding).collect();
    let chart = chart.diagram;
    format!(
        "# The topology of a tenant\n\n\
         Made by a test from a running server; not written by hand.\n\n\
         `TopologyService/DescribeTopology` shows the workspaces, partitions, bindings and shares that the caller sees, as\n\
         data, as a Mermaid flowchart or as a tree of text, and what is likely to be wrong. What the caller does not see is\n\
         neither named nor counted, and a finding is told to those who see all that it follows from. On the command line:\n\n\
         ```sh\n\
         precinct topology                      # a tree, and the findings\n\
         precinct topology --format mermaid     # a flowchart\n\
         precinct topology --format json        # the data\n\
         precinct topology --findings           # the findings alone; exits with 1 if one is an error\n\
         ```\n\n\
         The pictures below are of a tenant that is wrong in every way that is found.\n\n\
         ## As a flowchart\n\n\
         Thick arrows lead to primary partitions, dotted ones are shared folders. A chart keeps to what renderers take, 50,000\n\
         characters and 500 edges; what there is no room for is left out, and a node says how much that is.\n\n\
         ```mermaid\n{chart}```\n\n\
         ## As a tree\n\n\
         ```text\n{tree}```\n\n\
         ## What is found\n\n\
         | severity | kind | what | what to do |\n|---|---|---|---|\n{findings}\n\
         ## Who sees what\n\n\
         `WhoCanSee` lists the users, groups and service accounts who see a person or an asset, with the grants that let them\n\
         and the workspaces through which they do. `WhatCanSee` lists the workspaces, partitions and folders that a principal\n\
         sees, with what it may do there. Both answer from memory, by the rule of `CheckAccess`, and so as the reads do.\n\
         `ExplainVisibility` and `ExplainAccess` say why, and what would change it.\n"
    )
}

fn finding(one: &TopologyFinding) -> String {
    let severity = match one.severity() {
        TopologySeverity::Error => "error",
        TopologySeverity::Warning => "warning",
        _ => "info",
    };
    let kind = one.kind().as_str_name().trim_start_matches("TOPOLOGY_FINDING_KIND_");
    format!("| {severity} | {kind} | {} | {} |\n", one.text, one.fix)
}

on_both! {
    /// X-04: the document says what the server does.
    async fn x_04_the_document_is_what_the_server_says(app) {
        let document = render(&Site::new(app).await).await;
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::write(FILE, &document).expect("the document");
        }
        let stored = fs::read_to_string(FILE).unwrap_or_default();
        assert!(stored == document, "docs/topology.md is stale: UPDATE_DOCS=1 tests/run topology::doc\n{document}");
    }
}
