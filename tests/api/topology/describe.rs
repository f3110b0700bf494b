//! `DescribeTopology`: what it shows, to whom, and how it is drawn.

use precinct::pb::{
    BindingAccess, DescribeTopologyRequest, Environment, ErrorReason, TopologyFormat,
};
use tonic::Code;
use uuid::Uuid;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::status::{assert_refused, fields};
use crate::support::topology::{Site, told};

fn request(format: TopologyFormat) -> DescribeTopologyRequest {
    DescribeTopologyRequest { format: format.into(), ..DescribeTopologyRequest::default() }
}

fn only(workspace: &str) -> DescribeTopologyRequest {
    DescribeTopologyRequest {
        workspace_ids: vec![workspace.into()],
        ..request(TopologyFormat::Text)
    }
}

on_both! {
    /// workspaces, partitions, bindings and shares as data.
    async fn x_04_the_data_is_what_there_is(app) {
        let site = Site::new(app).await;
        site.ada.bind(&site.america, &site.unseen, BindingAccess::ReadOnly).await;
        let described = site.ada.describe(request(TopologyFormat::Data)).await;
        assert_eq!(described.diagram, "");
        let data = described.data.expect("there is something");
        let names: Vec<&str> = data.workspaces.iter().map(|one| &*one.display_name).collect();
        assert_eq!(names, ["Default", "Acme - EU - Production", "Acme - EU - Staging", "America"]);
        let staging = &data.workspaces[2];
        assert_eq!((&*staging.region, &*staging.brand), ("eu", "Acme"));
        assert_eq!((staging.environment(), staging.all_partitions), (Environment::Staging, false));
        let people: Vec<_> =
            data.partitions.iter().map(|one| (&*one.display_name, one.people)).collect();
        let expected = [("America", 0), ("Default", 0), ("Europe", 2), ("Left over", 0)];
        assert_eq!(people, expected.map(|(name, count)| (name, Some(count))));
        let bound = |workspace: &str| {
            let of = data.bindings.iter().filter(|one| one.workspace_id == workspace);
            of.map(|one| (one.partition_id.clone(), one.access(), one.primary)).collect::<Vec<_>>()
        };
        let (american, unseen) = (site.american.clone(), site.unseen.clone());
        let both =
            [(american, BindingAccess::ReadWrite, true), (unseen, BindingAccess::ReadOnly, false)];
        assert_eq!(bound(&site.america), both);
        assert_eq!(bound(&site.staging), [(site.european.clone(), BindingAccess::ReadWrite, true)]);
        let shares: Vec<_> = data.shares.iter().map(|one| &*one.folder_name).collect();
        assert_eq!(shares, ["Segments", "Snippets"]);
        let share = &data.shares[0];
        assert_eq!((&share.owner_workspace_id, &share.target_workspace_id), (&site.europe, &site.america));
        assert_eq!(share.folder_id, site.segments);
        let bare = DescribeTopologyRequest {
            omit_counts: true,
            omit_findings: true,
            ..request(TopologyFormat::Data)
        };
        let bare = site.ada.describe(bare).await;
        assert!(bare.findings.is_empty());
        assert!(bare.data.unwrap().partitions.iter().all(|one| one.people.is_none()));
    }

    /// what the caller does not see is neither named nor counted, in no form.
    async fn a_06_what_is_hidden_is_not_there(app) {
        let site = Site::new(app).await;
        let Site { ada, tenant, america, american, .. } = &site;
        ada.grant("user:bob", &built_in("Workspace admin"), america).await;
        let bob = tenant.user("bob");
        let hidden = [
            &site.europe, &site.staging, &site.european, &site.unseen, &site.segments, &site.segmentation,
            &site.snippets, &tenant.default_workspace, &tenant.default_partition,
        ];
        for format in ["TOPOLOGY_FORMAT_DATA", "TOPOLOGY_FORMAT_MERMAID", "TOPOLOGY_FORMAT_TEXT"] {
            let told = told(&bob, format).await;
            assert!(hidden.iter().all(|id| !told.contains(id.as_str())), "{told}");
            let names = ["Acme - EU", "Europe", "Left over", "Segments", "Snippets"];
            assert!(names.iter().all(|name| !told.contains(name)), "{told}");
            assert!(told.contains(america) && told.contains(american));
        }
        // Who sees a workspace, and no more, is told that it is there.
        let reader = ada.role("Reader", &["workspaces.read"]).await;
        ada.grant("user:cay", &reader, america).await;
        let seen = tenant.user("cay").describe(request(TopologyFormat::Text)).await;
        assert_eq!(seen.diagram, "Workspaces\n└── America (production, us, Acme)\n");
        // Without people.read there is no count.
        let designer = ada.role("Partition reader", &["partitions.read"]).await;
        ada.grant("user:dan", &designer, america).await;
        let seen = tenant.user("dan").describe(request(TopologyFormat::Data)).await.data.unwrap();
        assert_eq!((seen.partitions.len(), seen.partitions[0].people), (1, None));
        // Nobody sees nothing.
        let seen = tenant.user("nobody").describe(request(TopologyFormat::Text)).await;
        assert_eq!((seen.data.unwrap(), seen.diagram), Default::default());
    }

    /// some workspaces alone, with what they see; one that is hidden is as one that never was.
    async fn x_04_some_workspaces_alone(app) {
        let site = Site::new(app).await;
        let seen = site.ada.describe(only(&site.america)).await;
        let expected = "Workspaces\n└── America (production, us, Acme)\n    └── sees America, primary\n\
            Partitions\n└── America (us, 0 people)\n";
        assert_eq!(seen.diagram, expected);
        assert!(seen.findings.iter().all(|one| one.workspace_ids.contains(&site.america)));
        assert!(!seen.findings.is_empty());
        let bob = site.tenant.user("bob");
        for id in [site.america.clone(), Uuid::now_v7().to_string()] {
            let result = bob.topology().describe_topology(only(&id)).await;
            assert_refused(result, Code::NotFound, ErrorReason::WorkspaceNotFound);
        }
        let wrong = DescribeTopologyRequest {
            format: 9,
            workspace_ids: vec!["x".into()],
            ..DescribeTopologyRequest::default()
        };
        let refused = site.ada.topology().describe_topology(wrong).await;
        let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["workspace_ids[0]", "format"]);
    }

    /// names are text in a picture, whatever they hold.
    async fn x_04_names_are_only_text_in_a_picture(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        ada.workspace("\"] --> x %%{init: {}}%% <b>&quot;#35; 😀", &[]).await;
        let chart = ada.describe(request(TopologyFormat::Mermaid)).await.diagram;
        let line = chart.lines().find(|line| line.contains('😀')).expect("it is drawn");
        let name = "#34;#93; --#62; x #37;#37;#123;init#58; #123;#125;#125;#37;#37; \
            #60;b#62;#38;quot#59;#35;35#59; 😀";
        assert_eq!(line, format!("  w1[\"{name}<br/>production\"]:::production"));
    }
}
