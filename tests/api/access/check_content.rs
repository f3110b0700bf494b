//! `CheckAccess` about folders and assets (A-05, A-06, A-08, S-05 to S-07, W-12).

use precinct::pb::{AccessReason, Area, AssetType, ErrorReason};
use serde_json::json;
use tonic::Code;
use uuid::Uuid;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::check::Asked;
use crate::support::status::assert_refused;
use crate::support::{App, Tenant, redact};

/// Whoever may do everything.
pub(super) const OWNER: &str = "user:owner";

/// A tenant with two folders in its Default workspace, one shared to Asia, with a draft and an approved snippet in
/// each.
pub(super) struct Stage {
    pub(super) tenant: Tenant,
    pub(super) ada: Actor,
    pub(super) home: String,
    pub(super) asia: String,
    pub(super) shared: Place,
    pub(super) hidden: Place,
}

/// A folder, as the resource of a question, and its id; and what is in it.
pub(super) struct Place {
    pub(super) id: String,
    pub(super) folder: String,
    pub(super) live: String,
    pub(super) draft: String,
}

// === impl Stage ===

impl Stage {
    pub(super) async fn new(app: &App) -> Self {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), tenant.default_workspace.clone());
        let asia = ada.workspace("Asia", &[&tenant.default_partition]).await;
        let shared = Place::new(&ada, &home, "Shared").await;
        let hidden = Place::new(&ada, &home, "Hidden").await;
        ok(ada.try_share(&home, &shared.id, &[&asia]).await);
        Self { tenant, ada, home, asia, shared, hidden }
    }
}

// === impl Place ===

impl Place {
    async fn new(ada: &Actor, home: &str, name: &str) -> Self {
        let id = ada.folder(home, &ada.root(home, Area::DesignStudio).await, name).await;
        let draft = ada.asset_in(home, &id, AssetType::Snippet, &format!("{name} draft")).await;
        let live = ada.asset_in(home, &id, AssetType::Snippet, &format!("{name} live")).await;
        ada.approve(home, &live).await;
        let (live, draft) = (asset(&live), asset(&draft));
        Self { folder: folder(&id), id, live, draft }
    }

    fn all(&self) -> [&String; 3] {
        [&self.folder, &self.live, &self.draft]
    }
}

/// A folder, as the resource of a question.
pub(super) fn folder(id: &str) -> String {
    format!("folder:{id}")
}

/// An asset, as the resource of a question.
pub(super) fn asset(id: &str) -> String {
    format!("asset:{id}")
}

/// That a question is refused just as one about an id that never was.
async fn assert_never_was(asker: &Actor, asked: Asked<'_>) {
    let Asked(principal, permission, workspace, resource) = asked;
    let (kind, id) = resource.split_once(':').expect("a kind and an id");
    let nothing = Uuid::now_v7().to_string();
    let missing = format!("{kind}:{nothing}");
    let missing = Asked(principal, permission, workspace, &missing);
    let reason = match kind {
        "folder" => ErrorReason::FolderNotFound,
        _ => ErrorReason::AssetNotFound,
    };
    let hidden = assert_refused(asker.try_check(asked).await, Code::NotFound, reason);
    let missing = assert_refused(asker.try_check(missing).await, Code::NotFound, reason);
    let text = |status, id: &str| redact::refusal(status).replace(id, "<id>");
    assert_eq!(text(&hidden, id), text(&missing, &nothing));
}

on_both! {
    /// A-08, S-05 to S-07: in its own workspace all is as without a resource; what is shared is read and cloned there,
    /// once it is live, and changed by no role; the rest is not seen.
    async fn s_06_no_role_reaches_past_a_share(app) {
        let Stage { ada, home, asia, shared, hidden, .. } = Stage::new(app).await;
        let root = folder(&ada.root(&home, Area::DesignStudio).await);
        let reads = ["assets.read", "assets.clone"];
        let changes = ["assets.write", "assets.approve", "assets.share", "assets.move"];
        let (granted, unseen) = (AccessReason::Granted, AccessReason::FolderNotVisible);
        let read_only = AccessReason::SharedReadOnly;
        let mut expected = Vec::new();
        for resource in shared.all().into_iter().chain(hidden.all()).chain([&root]) {
            expected.push((&home, resource, granted, granted));
        }
        for resource in [&shared.folder, &shared.live] {
            expected.push((&asia, resource, granted, read_only));
        }
        for resource in hidden.all().into_iter().chain([&shared.draft, &root]) {
            expected.push((&asia, resource, unseen, unseen));
        }
        for (workspace, resource, read, change) in expected {
            let all = reads.map(|one| (one, read)).into_iter().chain(changes.map(|one| (one, change)));
            for (permission, answer) in all {
                let asked = Asked(OWNER, permission, workspace, resource);
                assert_eq!(ada.check(asked).await, answer, "{asked:?}");
            }
        }
    }

    /// A-01, W-12: who holds nothing there, and what is archived, is refused for that first.
    async fn w_12_other_reasons_come_first(app) {
        let Stage { ada, asia, shared, hidden, .. } = Stage::new(app).await;
        for resource in [&shared.folder, &hidden.live] {
            let asked = Asked("user:ann", "assets.read", &asia, resource);
            assert_eq!(ada.check(asked).await, AccessReason::NoGrant);
            let asked = Asked("user:ann", "fields.manage", &asia, resource);
            assert_eq!(ada.check(asked).await, AccessReason::TenantWideOnly);
        }
        ada.make("WorkspaceService/ArchiveWorkspace", &json!({ "workspace_id": asia })).await.ok();
        for (permission, resource, answer) in [
            ("assets.write", &shared.folder, AccessReason::WorkspaceArchived),
            ("assets.write", &hidden.live, AccessReason::WorkspaceArchived),
            ("assets.read", &shared.live, AccessReason::Granted),
            ("assets.read", &hidden.folder, AccessReason::FolderNotVisible),
        ] {
            assert_eq!(ada.check(Asked(OWNER, permission, &asia, resource)).await, answer);
        }
    }

    /// who may ask somewhere may ask about what that workspace sees, and about what they see elsewhere;
    /// the rest never was.
    async fn a_06_what_the_asker_does_not_see_never_was(app) {
        let Stage { tenant, ada, home, asia, shared, hidden } = Stage::new(app).await;
        let gateway = ada.role("Gateway", &["access.check"]).await;
        ada.grant("user:gate", &gateway, &asia).await;
        ada.grant("user:ann", &built_in("Designer"), &asia).await;
        let (gate, ann) = (tenant.user("gate"), tenant.user("ann"));
        let read = |resource| Asked("user:ann", "assets.read", &asia, resource);
        let write = |resource| Asked("user:ann", "assets.write", &asia, resource);
        // One who may ask there, and one who asks about herself.
        for asker in [&gate, &ann] {
            for resource in [&shared.folder, &shared.live] {
                assert_eq!(asker.check(read(resource)).await, AccessReason::Granted);
                assert_eq!(asker.check(write(resource)).await, AccessReason::SharedReadOnly);
            }
            for resource in hidden.all().into_iter().chain([&shared.draft]) {
                assert_never_was(asker, read(resource)).await;
                assert_never_was(asker, write(resource)).await;
            }
        }
        // Once they see it elsewhere, they are told that it is not seen there.
        ada.grant("user:gate", &built_in("Viewer"), &home).await;
        for resource in hidden.all().into_iter().chain([&shared.draft]) {
            assert_eq!(gate.check(read(resource)).await, AccessReason::FolderNotVisible);
            assert_never_was(&ann, read(resource)).await;
        }
        // What is there no more, and what only a deleted workspace had.
        let gone = ada.folder(&asia, &ada.root(&asia, Area::Database).await, "Gone").await;
        ok(ada.try_delete_folder(&asia, &gone).await);
        let gone = folder(&gone);
        assert_never_was(&ada, read(&gone)).await;
        let old = ada.workspace("Old", &[&tenant.default_partition]).await;
        let left = folder(&ada.root(&old, Area::Database).await);
        assert_eq!(ada.check(read(&left)).await, AccessReason::FolderNotVisible);
        ada.make("WorkspaceService/DeleteWorkspace", &json!({ "workspace_id": old })).await.ok();
        assert_never_was(&ada, read(&left)).await;
    }

    /// T-02: folders and assets of another tenant never were.
    async fn t_02_what_another_tenant_has_never_was(app) {
        let Stage { ada, home, shared, hidden, .. } = Stage::new(app).await;
        let globex = app.tenant("globex").await;
        let (bob, there) = (globex.admin(), &globex.default_workspace);
        for resource in shared.all().into_iter().chain(hidden.all()) {
            assert_never_was(&bob, Asked(OWNER, "assets.read", there, resource)).await;
            assert_eq!(ada.check(Asked(OWNER, "assets.read", &home, resource)).await, AccessReason::Granted);
        }
    }

    /// H-05: a batch asks about all kinds of things; one that is not found does not stop the others.
    async fn h_05_a_batch_asks_about_all_kinds(app) {
        let Stage { tenant, ada, asia, shared, hidden, .. } = Stage::new(app).await;
        let person = ada.person(&asia, "ann@example.com").await.person_id;
        let partition = format!("partition:{}", tenant.default_partition);
        let person = format!("person:{person}");
        let nothing = Uuid::now_v7();
        let (no_folder, no_asset) = (format!("folder:{nothing}"), format!("asset:{nothing}"));
        let write = |resource| Asked(OWNER, "assets.write", &asia, resource);
        let read = |resource| Asked(OWNER, "assets.read", &asia, resource);
        let results = ada
            .check_all(&[
                read(&shared.live),
                read(&no_asset),
                write(&shared.live),
                read(&person),
                write(&shared.folder),
                read(&no_folder),
                read(&hidden.live),
                read(&partition),
                read(&shared.draft),
                read("folder:1"),
                read("asset"),
            ])
            .await;
        let answers: Vec<_> = results
            .iter()
            .map(|one| one.error.as_ref().map_or(Ok(one.reason()), |error| Err(error.reason())))
            .collect();
        assert!(results.iter().all(|one| one.allowed == (one.reason() == AccessReason::Granted)));
        assert_eq!(answers, [
            Ok(AccessReason::Granted),
            Err(ErrorReason::AssetNotFound),
            Ok(AccessReason::SharedReadOnly),
            Ok(AccessReason::Granted),
            Ok(AccessReason::SharedReadOnly),
            Err(ErrorReason::FolderNotFound),
            Ok(AccessReason::FolderNotVisible),
            Ok(AccessReason::Granted),
            Ok(AccessReason::FolderNotVisible),
            Err(ErrorReason::InvalidField),
            Err(ErrorReason::InvalidField),
        ]);
    }

    /// A-05, S-07, S-09: a share, its end, an approval and a move are in force for the next question, here and for
    /// whoever names the revision elsewhere.
    async fn a_05_shares_are_in_force_at_once(app) {
        let Stage { tenant, ada, home, asia, shared, hidden } = Stage::new(app).await;
        let other = tenant.through(app.replica().await).admin();
        let (id, into) = (hidden.id.as_str(), [asia.as_str()]);
        let draft = shared.draft.split_once(':').expect("a kind and an id").1;
        let answers = async |resource: &str, answer: AccessReason| {
            let asked = Asked(OWNER, "assets.read", &asia, resource);
            assert_eq!(ada.check(asked).await, answer, "{resource}");
            let since = ada.revision().await.to_string();
            let there = other.clone().with("x-precinct-at-least-revision", &since);
            assert_eq!(there.check(asked).await, answer, "{resource}");
        };
        for _ in 0..5 {
            ok(ada.try_share(&home, id, &into).await);
            answers(&hidden.folder, AccessReason::Granted).await;
            answers(&hidden.live, AccessReason::Granted).await;
            ok(ada.try_unshare(&home, id, &into, false).await);
            answers(&hidden.folder, AccessReason::FolderNotVisible).await;
            answers(&hidden.live, AccessReason::FolderNotVisible).await;
            ada.approve(&home, draft).await;
            answers(&shared.draft, AccessReason::Granted).await;
            ok(ada.try_unapprove(&home, draft).await);
            answers(&shared.draft, AccessReason::FolderNotVisible).await;
            // What lies below is shared too, and what is taken out is not.
            ok(ada.try_move_folder(&home, id, "", &shared.id).await);
            answers(&hidden.folder, AccessReason::Granted).await;
            let root = ada.root(&home, Area::DesignStudio).await;
            ok(ada.try_move_folder(&home, id, "", &root).await);
            answers(&hidden.folder, AccessReason::FolderNotVisible).await;
        }
    }

    /// a question about a folder is answered from memory; one about an asset reads what one about a person does,
    /// and a batch no more for many.
    async fn a_08_questions_take_few_statements(app) {
        let Stage { ada, asia, shared, hidden, .. } = Stage::new(app).await;
        let person = format!("person:{}", ada.person(&asia, "ann@example.com").await.person_id);
        let read = |resource| Asked(OWNER, "assets.read", &asia, resource);
        let [mut of_folder, mut of_asset, mut of_person, mut of_many] = [u64::MAX; 4];
        // On a machine that stalls for seconds the index is confirmed again.
        for _ in 0..20 {
            let one = async |resource| app.statements(async || ada.check(read(resource)).await).await;
            of_folder = of_folder.min(one(&shared.folder).await);
            of_asset = of_asset.min(one(&shared.live).await);
            of_person = of_person.min(one(&person).await);
            let all = [&shared.live, &hidden.live, &shared.draft, &hidden.draft];
            let all = all.map(|resource| read(resource));
            of_many = of_many.min(app.statements(async || ada.check_all(&all).await).await);
        }
        assert_eq!((of_folder, of_asset, of_many), (0, of_person, of_person));
    }
}
