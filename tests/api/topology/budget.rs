//! How many statements the calls take, however much there is (design: no row by row).

use precinct::pb::{DescribeTopologyRequest, SeenKind, TopologyFormat};

use crate::on_both;
use crate::support::actor::ok;
use crate::support::topology::Site;

on_both! {
    /// what is answered from memory takes no statement, the rest a fixed number.
    async fn calls_take_few_statements(app) {
        let site = Site::new(app).await;
        for n in 0..10 {
            let partition = site.ada.partition(&format!("P{n}")).await;
            site.ada.workspace(&format!("W{n}"), &[&partition]).await;
        }
        let person = site.ada.named_person(&site.europe, &site.european, "Cay").await;
        let mut request = DescribeTopologyRequest {
            format: TopologyFormat::Mermaid.into(),
            ..DescribeTopologyRequest::default()
        };
        let whole = app.statements(async || site.ada.describe(request.clone()).await).await;
        request.omit_findings = true;
        request.omit_counts = true;
        let bare = app.statements(async || site.ada.describe(request.clone()).await).await;
        let who = app.statements(async || {
            let request = precinct::pb::WhoCanSeeRequest {
                workspace_id: site.europe.clone(),
                person_id: person.clone(),
                ..precinct::pb::WhoCanSeeRequest::default()
            };
            ok(site.ada.topology().who_can_see(request).await)
        }).await;
        let what = app.statements(async || {
            let request = precinct::pb::WhatCanSeeRequest {
                kind: SeenKind::Folder.into(),
                ..precinct::pb::WhatCanSeeRequest::default()
            };
            ok(site.ada.topology().what_can_see(request).await)
        }).await;
        let all = [whole, bare, who, what];
        for (taken, most) in all.into_iter().zip([9, 6, 3, 1]) {
            assert!(taken <= most, "{taken} statements, at most {most}: {all:?}");
        }
    }
}
