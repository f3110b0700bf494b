//! V-04, K-03: what is exported of a workspace, by whatever way, never holds a person outside it, and packages nobody.

use std::collections::BTreeSet;

use precinct::pb;
use precinct::pb::AssetType;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::assets::new_asset;
use crate::support::filters::text;
use crate::support::members::{Kind, Members};
use crate::support::transfers::promotion;

/// The emails that an export of people holds.
async fn exported(actor: &Actor, workspace: &str) -> BTreeSet<String> {
    let request = pb::ExportPeopleRequest {
        workspace_id: workspace.into(),
        ..pb::ExportPeopleRequest::default()
    };
    let mut stream = ok(actor.people().export_people(request).await);
    let mut emails = BTreeSet::new();
    while let Some(page) = stream.message().await.expect("it goes on") {
        emails.extend(page.people.into_iter().map(|one| one.email));
    }
    emails
}

on_both! {
    /// V-04: lists, programs and campaigns hold people of two partitions; a workspace that sees one of them gets those
    /// of that one, by export, by audience, and none by package or promotion.
    async fn v_04_no_export_holds_people_outside(app) {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let (inside, outside) = (ada.partition("Inside").await, ada.partition("Outside").await);
        let both = ada.workspace("Both", &[&inside, &outside]).await;
        let production = ada.workspace("Production", &[&inside]).await;
        let mut people = Vec::new();
        for (partition, email) in [
            (&inside, "in@example.com"), (&inside, "in2@example.com"), (&outside, "out@example.com"),
        ] {
            let made = ok(ada.try_person(&both, partition, email).await).person.unwrap_or_default();
            people.push(made.person_id);
        }
        let people: Vec<&str> = people.iter().map(String::as_str).collect();
        let program = ada.asset(&both, AssetType::Program, "Fair").await;
        Members::new(&ada, Kind::Program, &both, &program).add(&people).await;
        let list = ada.local(&both, &program, AssetType::StaticList, "Guests").await;
        Members::new(&ada, Kind::List, &both, &list).add(&people).await;
        let campaign = pb::Asset {
            parent_program_id: program.clone(),
            filter: Some(text(&format!("in_list(\"{list}\")"))),
            ..new_asset(AssetType::SmartCampaign, "Invite")
        };
        let campaign = ada.asset_of(&both, campaign).await;
        let file = String::from_utf8(ada.package(&both, &[&program]).await).expect("lines of JSON");
        assert!(!file.contains("example.com") && people.iter().all(|id| !file.contains(id)), "{file}");
        ada.promote(app, &promotion(&both, &production, &[&program])).await;
        let diff = ada.promotion_of(&promotion(&both, &production, &[&program])).await;
        for one in &diff.changes {
            if one.r#type() == AssetType::SmartCampaign || one.r#type() == AssetType::StaticList {
                assert!(ada.audience(&production, &one.asset_id).await.is_empty(), "nobody came along");
            }
        }
        // The workspace loses sight of a partition: whatever was in its lists, it exports nobody of it.
        assert_eq!(ada.audience(&both, &campaign).await.len(), 3);
        let unbind = pb::UnbindPartitionRequest {
            workspace_id: both.clone(),
            partition_id: outside,
            ..pb::UnbindPartitionRequest::default()
        };
        ok(ada.partitions().unbind_partition(unbind).await);
        let seen = BTreeSet::from(["in@example.com".to_owned(), "in2@example.com".to_owned()]);
        assert_eq!(exported(&ada, &both).await, seen);
        for asset in [&list, &campaign, &program] {
            let audience = ada.audience(&both, asset).await;
            assert_eq!(BTreeSet::from_iter(audience), BTreeSet::from([people[0].to_owned(), people[1].to_owned()]));
        }
        let file = String::from_utf8(ada.package(&both, &[&program]).await).expect("lines of JSON");
        assert!(!file.contains("example.com"));
    }
}
