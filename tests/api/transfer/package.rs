//! K-03: assets as files, to another tenant and back.

use precinct::domain::asset::Type;
use precinct::pb;
use precinct::pb::{
    Area, AssetState, AssetType, ErrorReason, FieldType, ReferenceKind, TransferPart,
};
use precinct::repository::transfer;
use tonic::Code;

use crate::on_both;
use crate::support::actor::Actor;
use crate::support::assets::{new_asset, refers, text_of};
use crate::support::context;
use crate::support::filters::text;
use crate::support::segmentations::segment;
use crate::support::status::{assert_refused, offenders};
use crate::support::transfers::{change, into, said};

/// A workspace with an email in a folder that uses a snippet, a smart list, a program with a campaign, and a
/// segmentation; what is live is exported.
async fn filled(app: &crate::support::App, ada: &Actor, home: &str) -> Vec<String> {
    ada.field("shoe_size", FieldType::Integer).await;
    let folder = ada.folder(home, &ada.root(home, Area::DesignStudio).await, "Spring").await;
    let snippet = ada.asset(home, AssetType::Snippet, "Footer").await;
    ada.approve(home, &snippet).await;
    let email = pb::Asset {
        folder_id: folder,
        references: vec![refers(ReferenceKind::Snippet, &snippet)],
        ..new_asset(AssetType::Email, "Welcome")
    };
    let email = ada.asset_of(home, email).await;
    ada.write_asset(home, &email, "Hello").await;
    ada.approve(home, &email).await;
    let list = pb::Asset {
        filter: Some(text("shoe_size > 40")),
        ..new_asset(AssetType::SmartList, "Big")
    };
    let list = ada.asset_of(home, list).await;
    let program = ada.asset(home, AssetType::Program, "Fair").await;
    let campaign = pb::Asset {
        parent_program_id: program.clone(),
        filter: Some(text(&format!("in_smart_list(\"{list}\")"))),
        ..new_asset(AssetType::SmartCampaign, "Invite")
    };
    ada.asset_of(home, campaign).await;
    let by = ada.segmentation(home, "By size", &[segment("Big", "shoe_size > 40")]).await;
    let by = by.approved(app).await.id;
    vec![email, list, program, by]
}

on_both! {
    /// K-03: another tenant has what was exported, once; a later file changes what the first made.
    async fn k_03_a_package_goes_to_another_tenant(app) {
        let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
        let (ada, home) = (acme.admin(), &acme.default_workspace);
        let (zoe, there) = (globex.admin(), &globex.default_workspace);
        let ids = filled(app, &ada, home).await;
        let ids: Vec<&String> = ids.iter().collect();
        let file = ada.package(home, &ids).await;
        let behind = |file: &[u8]| file.split_inclusive(|byte| *byte == b'\n').skip(1).collect::<Vec<_>>().concat();
        assert_eq!(behind(&file), behind(&ada.package(home, &ids).await), "the same content is the same file");
        zoe.field("shoe_size", FieldType::Integer).await;
        let before = zoe.revision().await;
        let dry = pb::ImportPackageHeader { validate_only: true, ..into(there) };
        let tried = zoe.import_package(dry, &file).await;
        assert_eq!((tried.added, tried.folders.clone()), (6, vec!["Spring".to_owned()]));
        assert_eq!(zoe.revision().await, before);
        let done = zoe.import_package(into(there), &file).await;
        assert_eq!(done, tried);
        assert_eq!(
            zoe.asset_names(there).await,
            ["Big", "By size", "Fair", "Footer", "Invite", "Welcome"]
        );
        let before = zoe.revision().await;
        let again = zoe.import_package(into(there), &file).await;
        assert_eq!((again.unchanged, zoe.revision().await), (6, before), "H-08: nothing is changed");
        let copied = zoe.get_asset(there, &change(&again, "Welcome").asset_id).await;
        assert_eq!((copied.state(), text_of(&copied).as_str()), (AssetState::Draft, "Hello"));
        assert_eq!(copied.references, [refers(ReferenceKind::Snippet, &change(&again, "Footer").asset_id)]);
        assert!(copied.origin_asset_id.is_empty(), "ids of others are not shown as ours");
        ada.write_asset(home, ids[0], "Hello again").await;
        ada.approve(home, ids[0]).await;
        let done = zoe.import_package(into(there), &ada.package(home, &ids).await).await;
        assert_eq!((done.changed, done.unchanged), (1, 5));
        assert_eq!(change(&done, "Welcome").parts().collect::<Vec<_>>(), [TransferPart::Content]);
        assert_eq!(text_of(&zoe.get_asset(there, &copied.asset_id).await), "Hello again");
    }

    /// K-03: all that the workspace lacks is listed: fields, partitions, what is only shared; a mapping mends it.
    async fn k_03_what_is_missing_is_listed_and_can_be_mapped(app) {
        let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
        let (ada, home) = (acme.admin(), &acme.default_workspace);
        let (zoe, there) = (globex.admin(), &globex.default_workspace);
        let staging = ada.workspace("Staging", &[&acme.default_partition]).await;
        ada.field("shoe_size", FieldType::Integer).await;
        ada.field("birthday", FieldType::Date).await;
        let shared = ada.folder(home, &ada.root(home, Area::DesignStudio).await, "Shared").await;
        let template = ada.asset_in(home, &shared, AssetType::EmailTemplate, "Plain").await;
        ada.approve(home, &template).await;
        ada.try_share(home, &shared, &[&staging]).await.expect("it is shared");
        let email = ada.user_of(&staging, AssetType::Email, "Welcome", &[refers(ReferenceKind::Template, &template)]).await;
        ada.approve(&staging, &email).await;
        let partition = &acme.default_partition;
        let filter = format!("in_partition(\"{partition}\") and shoe_size > 40 and birthday is not empty");
        let list = pb::Asset { filter: Some(text(&filter)), ..new_asset(AssetType::SmartList, "Big") };
        let list = ada.asset_of(&staging, list).await;
        let file = ada.package(&staging, &[&email, &list]).await;
        zoe.field("birthday", FieldType::Text).await;
        let refused = zoe.try_import(into(there), &file).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::RequirementMissing);
        let mut missing = vec!["birthday", "shoe_size", template.as_str(), partition.as_str()];
        missing.sort_unstable();
        assert_eq!(offenders(&refused), missing);
        zoe.field("hat_size", FieldType::Integer).await;
        zoe.field("born", FieldType::Date).await;
        let own = zoe.asset(there, AssetType::EmailTemplate, "Ours").await;
        let field = |from: &str, to: &str| pb::FieldMapping { source_name: from.into(), target_name: to.into() };
        let options = pb::TransferOptions {
            assets: vec![pb::AssetMapping { source_asset_id: template, target_asset_id: own.clone() }],
            partitions: vec![pb::PartitionMapping {
                source_partition_id: partition.clone(),
                target_partition_id: globex.default_partition.clone(),
            }],
            fields: vec![field("shoe_size", "hat_size"), field("birthday", "born")],
            ..pb::TransferOptions::default()
        };
        let mapped = pb::ImportPackageHeader { options: Some(options), ..into(there) };
        let done = zoe.import_package(mapped.clone(), &file).await;
        assert_eq!(done.added, 2);
        let done = zoe.import_package(mapped, &file).await;
        assert_eq!(done.unchanged, 2);
        let copied = zoe.get_asset(there, &change(&done, "Welcome").asset_id).await;
        assert_eq!(copied.references, [refers(ReferenceKind::Template, &own)]);
        let copied = zoe.get_asset(there, &change(&done, "Big").asset_id).await.filter.unwrap_or_default().text;
        assert!(copied.contains("hat_size > 40") && copied.contains("born"), "{copied}");
        assert!(copied.contains(&globex.default_partition) && !copied.contains(partition), "{copied}");
    }

    /// K-03: by type, what is live of a workspace, and nothing that only is shared to it.
    async fn k_03_a_package_by_type(app) {
        let acme = app.tenant("acme").await;
        let (ada, home) = (acme.admin(), &acme.default_workspace);
        filled(app, &ada, home).await;
        ada.asset(home, AssetType::Email, "Never approved").await;
        let request = pb::ExportPackageRequest {
            workspace_id: home.clone(),
            kinds: vec![AssetType::Email.into(), AssetType::Segmentation.into()],
            ..pb::ExportPackageRequest::default()
        };
        let file = ada.try_package(request.clone()).await.expect("it is exported");
        let copy = ada.workspace("Copy", &[&acme.default_partition]).await;
        let done = ada.import_package(into(&copy), &file).await;
        let names: Vec<String> = said(&done).into_iter().map(|one| one.0).collect();
        assert_eq!(names, ["By size", "Footer", "Welcome"]);
        let refused = ada.try_package(pb::ExportPackageRequest { kinds: Vec::new(), ..request }).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
    }

    /// K-03: what is not live takes no room from what is: of a type, all that is live is exported.
    async fn k_03_what_is_not_live_takes_no_room(app) {
        let acme = app.tenant("acme").await;
        let (ada, home) = (acme.admin(), &acme.default_workspace);
        for name in ["One", "Two"] {
            ada.asset(home, AssetType::Email, name).await;
        }
        let email = ada.asset(home, AssetType::Email, "Live").await;
        ada.approve(home, &email).await;
        let list = ada.asset(home, AssetType::StaticList, "Guests").await;
        let scope = app.store.read(&context(acme.id.parse().unwrap())).await.expect("a scope");
        let types = [Type::Email, Type::StaticList];
        let live = transfer::live_of_types(&scope, home.parse().unwrap(), &types, 2).await.expect("a list");
        drop(scope);
        let ids: Vec<String> = live.into_iter().map(|one| one.id.to_string()).collect();
        assert_eq!(ids, [email, list]);
    }

    /// H-03: a repeated import gets the first answer; another file or header with the same request_id is refused.
    async fn h_03_an_import_can_be_repeated(app) {
        let acme = app.tenant("acme").await;
        let (ada, home) = (acme.admin(), &acme.default_workspace);
        let ids = filled(app, &ada, home).await;
        let copy = ada.workspace("Copy", &[&acme.default_partition]).await;
        let file = ada.package(home, &[&ids[0]]).await;
        let request_id = uuid::Uuid::now_v7().to_string();
        let header = pb::ImportPackageHeader { request_id, ..into(&copy) };
        let first = ada.try_import(header.clone(), &file).await.expect("it is imported");
        assert_eq!(first.diff.as_ref().map(|one| one.added), Some(2));
        let second = ada.try_import(header.clone(), &file).await.expect("it is answered again");
        assert_eq!(second, first);
        let other = ada.package(home, &[&ids[1]]).await;
        let refused = ada.try_import(header, &other).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::RequestIdReused);
    }
}
