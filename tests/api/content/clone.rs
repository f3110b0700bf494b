//! Cloning (C-01 to C-03, C-06).

use precinct::pb;
use precinct::pb::{Area, AssetState, AssetType, ErrorReason, ReferenceKind};
use tonic::{Code, Response, Status};

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::assets::{new_asset, refers, text_content, text_of};
use crate::support::members::{Kind, Members};
use crate::support::status::{assert_refused, metadata, offenders};

fn cloning(from: &str, id: &str, to: &str) -> pb::CloneAssetRequest {
    pb::CloneAssetRequest {
        workspace_id: from.into(),
        asset_id: id.into(),
        target_workspace_id: to.into(),
        ..pb::CloneAssetRequest::default()
    }
}

async fn try_clone(
    actor: &Actor,
    request: pb::CloneAssetRequest,
) -> Result<Response<pb::CloneAssetResponse>, Status> {
    actor.assets().clone_asset(request).await
}

on_both! {
    /// C-02, C-03: an email whose template is not shared is refused with the template's name; once it is shared, the
    /// clone is a draft that remembers its origin.
    async fn c_02_an_email_needs_its_template(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let folder = ada.folder(home, &ada.root(home, Area::DesignStudio).await, "Templates").await;
        let template = ada.asset_in(home, &folder, AssetType::EmailTemplate, "Plain").await;
        ada.approve(home, &template).await;
        let snippet = ada.asset_in(home, &folder, AssetType::Snippet, "Footer").await;
        let references = [refers(ReferenceKind::Template, &template), refers(ReferenceKind::Snippet, &snippet)];
        let email = pb::Asset {
            references: references.to_vec(),
            content: Some(text_content("Hello")),
            ..new_asset(AssetType::Email, "Welcome")
        };
        let email = ada.asset_of(home, email).await;
        let before = ada.revision().await;
        let refused = try_clone(&ada, cloning(home, &email, &other)).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::DependencyNotShared);
        let mut missing = [template.clone(), snippet.clone()];
        missing.sort();
        assert_eq!(offenders(&refused), missing);
        assert_eq!(metadata(&refused, "dependencies").as_deref(), Some("2"));
        assert!(format!("{refused:?}").contains("Plain"), "the template is named");
        assert_eq!(ada.revision().await, before, "H-08");
        ok(ada.try_share(home, &folder, &[&other]).await);
        // S-07: what is shared and not approved is not seen.
        let refused = try_clone(&ada, cloning(home, &email, &other)).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::DependencyNotShared);
        assert_eq!(offenders(&refused), [snippet.as_str()]);
        ada.approve(home, &snippet).await;
        ada.approve(home, &email).await;
        let cloned = ok(try_clone(&ada, cloning(home, &email, &other)).await);
        let copy = ada.get_asset(&other, &cloned.asset.expect("a copy").asset_id).await;
        assert_eq!((copy.state(), copy.approved_version), (AssetState::Draft, 0));
        assert_eq!((&copy.origin_asset_id, &copy.origin_workspace_id), (&email, home));
        assert_eq!((text_of(&copy).as_str(), copy.display_name.as_str()), ("Hello", "Welcome"));
        let mut targets: Vec<_> = copy.references.iter().map(|one| one.asset_id.clone()).collect();
        targets.sort();
        assert_eq!(targets, missing);
        assert_eq!(cloned.clones.len(), 1);
        let again = try_clone(&ada, cloning(home, &email, &other)).await;
        assert_refused(again, Code::AlreadyExists, ErrorReason::NameTaken);
        let named = pb::CloneAssetRequest { display_name: "Welcome 2".into(), ..cloning(home, &email, &other) };
        ok(try_clone(&ada, named).await);
    }

    /// C-01: what is shared, or comes with its program, is not cloned by itself.
    async fn c_01_only_some_types_are_cloned(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        for kind in [AssetType::EmailTemplate, AssetType::Segmentation, AssetType::SmartList, AssetType::SmartCampaign] {
            let id = ada.asset(home, kind, kind.as_str_name()).await;
            let refused = try_clone(&ada, cloning(home, &id, home)).await;
            let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::NotCloneable);
            assert_eq!(metadata(&refused, "type").as_deref(), kind.as_str_name().strip_prefix("ASSET_TYPE_"));
        }
        let hidden = try_clone(&ada, cloning(home, &uuid::Uuid::now_v7().to_string(), home)).await;
        assert_refused(hidden, Code::NotFound, ErrorReason::AssetNotFound);
    }

    /// C-01, A-06: a clone needs the right to clone here and to create there.
    async fn c_01_a_clone_needs_rights_on_both_sides(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let form = ada.asset(home, AssetType::Form, "Contact").await;
        let bob = tenant.user("bob");
        ada.grant("user:bob", &built_in("Viewer"), home).await;
        ada.grant("user:bob", &built_in("Designer"), &other).await;
        let refused = try_clone(&bob, cloning(home, &form, &other)).await;
        let refused = assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
        assert_eq!(metadata(&refused, "permission").as_deref(), Some("assets.clone"));
        let cay = tenant.user("cay");
        ada.grant("user:cay", &built_in("Designer"), home).await;
        let refused = try_clone(&cay, cloning(home, &form, &other)).await;
        assert_refused(refused, Code::NotFound, ErrorReason::WorkspaceNotFound);
        ada.grant("user:cay", &built_in("Viewer"), &other).await;
        let refused = try_clone(&cay, cloning(home, &form, &other)).await;
        assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
        ada.grant("user:cay", &built_in("Designer"), &other).await;
        ok(try_clone(&cay, cloning(home, &form, &other)).await);
    }

    /// C-06: a program comes with its local assets; what they say of each other points at the copies; nothing runs.
    async fn c_06_a_program_comes_with_its_local_assets(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let program = ada.asset(home, AssetType::Program, "Launch").await;
        let email = ada.local(home, &program, AssetType::Email, "Mail").await;
        let list = ada.local(home, &program, AssetType::SmartList, "Who").await;
        let references = [
            refers(ReferenceKind::Message, &email),
            refers(ReferenceKind::List, &list),
            refers(ReferenceKind::Program, &program),
        ];
        let campaign = pb::Asset {
            parent_program_id: program.clone(),
            references: references.to_vec(),
            active: true,
            ..new_asset(AssetType::SmartCampaign, "Send")
        };
        let campaign = ada.asset_of(home, campaign).await;
        let cloned = ok(try_clone(&ada, cloning(home, &program, &other)).await);
        let of = |source: &str| -> String {
            let pair = cloned.clones.iter().find(|one| one.source_asset_id == source);
            pair.expect("it was copied").asset_id.clone()
        };
        assert_eq!(cloned.clones.len(), 4);
        assert_eq!(cloned.clones[0].source_asset_id, program);
        let copy = ada.get_asset(&other, &of(&campaign)).await;
        assert!(!copy.active, "campaigns arrive inactive");
        assert!(ada.get_asset(home, &campaign).await.active);
        assert_eq!(copy.parent_program_id, of(&program));
        let mut targets: Vec<_> = copy.references.iter().map(|one| one.asset_id.clone()).collect();
        targets.sort();
        let mut expected = [of(&email), of(&list), of(&program)];
        expected.sort();
        assert_eq!(targets, expected);
    }

    /// C-02: with include_dependencies, what can be cloned comes along, in the root of its area if it is of another;
    /// what cannot is missing all the same.
    async fn c_02_dependencies_come_along(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let workflow = ada.asset(home, AssetType::Workflow, "Follow up").await;
        let form = ada
            .user_of(home, AssetType::Form, "Contact", &[refers(ReferenceKind::Campaign, &workflow)])
            .await;
        let page = ada.user_of(home, AssetType::LandingPage, "Start", &[refers(ReferenceKind::Form, &form)]).await;
        let refused = try_clone(&ada, cloning(home, &page, &other)).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::DependencyNotShared);
        assert_eq!(offenders(&refused), [form.as_str()]);
        let place = ada.folder(&other, &ada.root(&other, Area::DesignStudio).await, "Pages").await;
        let along = pb::CloneAssetRequest {
            include_dependencies: true,
            target_folder_id: place.clone(),
            ..cloning(home, &page, &other)
        };
        let cloned = ok(try_clone(&ada, along.clone()).await);
        let sources: Vec<_> = cloned.clones.iter().map(|one| one.source_asset_id.clone()).collect();
        assert_eq!(sources.len(), 3);
        for one in &cloned.clones {
            let copy = ada.get_asset(&other, &one.asset_id).await;
            let beside = copy.folder_id == place;
            assert_eq!(beside, one.source_asset_id != workflow, "{copy:?}");
        }
        let list = ada.asset(home, AssetType::SmartList, "Who").await;
        ok(ada.try_refer(home, &workflow, &[refers(ReferenceKind::List, &list)]).await);
        let named = pb::CloneAssetRequest { display_name: "Again".into(), ..along };
        let refused = try_clone(&ada, named).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::DependencyNotShared);
        assert_eq!(offenders(&refused), [list.as_str()]);
    }

    /// S-03, F-01: a clone is put where an asset of its type may be.
    async fn s_03_a_clone_goes_where_its_type_may_be(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let email = ada.asset(home, AssetType::Email, "Welcome").await;
        let shared = ada.folder(&other, &ada.root(&other, Area::DesignStudio).await, "Shared").await;
        ok(ada.try_share(&other, &shared, &[home]).await);
        let into = |folder: &str| pb::CloneAssetRequest {
            target_folder_id: folder.into(),
            ..cloning(home, &email, &other)
        };
        let refused = try_clone(&ada, into(&shared)).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::NotShareable);
        let wrong = ada.root(&other, Area::Database).await;
        let refused = try_clone(&ada, into(&wrong)).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::FolderAreaMismatch);
        let program = ada.asset(&other, AssetType::Program, "Launch").await;
        let local = pb::CloneAssetRequest { target_program_id: program.clone(), ..cloning(home, &email, &other) };
        let cloned = ok(try_clone(&ada, local).await).asset.expect("a copy");
        assert_eq!(cloned.parent_program_id, program);
        let program = ada.asset(home, AssetType::Program, "Whole").await;
        let nested = pb::CloneAssetRequest { target_program_id: cloned.parent_program_id, ..cloning(home, &program, &other) };
        assert_refused(try_clone(&ada, nested).await, Code::InvalidArgument, ErrorReason::InvalidField);
    }

    /// C-03, C-05, V-01: a list in a program comes with the people whom both workspaces see, if they are at most 999,
    /// and the reply says how many stayed behind; members of the program do not come.
    async fn c_03_a_list_comes_with_the_people_whom_both_see(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let (north, south) = (ada.partition("North").await, ada.partition("South").await);
        let here = ada.workspace("Here", &[&north, &south]).await;
        let there = ada.workspace("There", &[&south]).await;
        let mut people = Vec::new();
        for (partition, email) in [(&north, "a"), (&north, "b"), (&south, "c")] {
            let person = pb::Person { email: format!("{email}@example.com"), ..pb::Person::default() };
            let request = pb::CreatePersonRequest {
                workspace_id: here.clone(),
                partition_id: partition.clone(),
                person: Some(person),
                ..pb::CreatePersonRequest::default()
            };
            let made = ok(ada.people().create_person(request).await);
            people.push(made.person.expect("a person").person_id);
        }
        let program = ada.asset(&here, AssetType::Program, "Launch").await;
        let list = ada.local(&here, &program, AssetType::StaticList, "Who").await;
        let ids: Vec<&str> = people.iter().map(String::as_str).collect();
        Members::new(&ada, Kind::List, &here, &list).add(&ids).await;
        Members::new(&ada, Kind::Program, &here, &program).add(&ids).await;
        let cloned = ok(try_clone(&ada, cloning(&here, &program, &there)).await);
        let left_out: Vec<i64> = cloned.left_out_members.iter().map(|one| one.count).collect();
        assert_eq!(left_out, [2]);
        let copies = cloned.clones.iter().map(|one| (one.source_asset_id.clone(), one.asset_id.clone()));
        let copies: std::collections::BTreeMap<String, String> = copies.collect();
        let copied = |kind, source: &String| Members::new(&ada, kind, &there, &copies[source]);
        assert_eq!(copied(Kind::List, &list).all(10).await, [people[2].clone()]);
        assert_eq!(copied(Kind::Program, &program).count().await, (0, 0));
        // One more than come along: then nobody does.
        let many = (0..999).map(|n| pb::Person { email: format!("row{n}@example.com"), ..pb::Person::default() });
        let request = pb::SyncPeopleRequest {
            workspace_id: here.clone(),
            partition_id: south.clone(),
            people: many.collect(),
            ..pb::SyncPeopleRequest::default()
        };
        let made = ok(ada.people().sync_people(request).await).results;
        let more: Vec<&str> = made.iter().map(|one| one.person_id.as_str()).collect();
        Members::new(&ada, Kind::List, &here, &list).add(&more).await;
        let again = pb::CloneAssetRequest { display_name: "Again".into(), ..cloning(&here, &program, &there) };
        let cloned = ok(try_clone(&ada, again).await);
        assert_eq!(cloned.left_out_members[0].count, 1_002);
        let copy = &cloned.left_out_members[0].asset_id;
        assert_eq!(Members::new(&ada, Kind::List, &there, copy).count().await, (0, 0));
        // C-05: with its members, the program itself does not move, hidden ones or not.
        let root = ada.root(&here, Area::MarketingActivities).await;
        let folder = ada.folder(&here, &root, "Going").await;
        ok(ada.try_move_asset(&here, &program, &folder, "").await);
        let refused = ada.try_move_folder(&here, &folder, home, "").await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::ProgramHasMembers);
        assert_eq!(offenders(&refused), [program.as_str()]);
        assert!(format!("{refused:?}").contains("Launch"), "the program is named");
    }
}
