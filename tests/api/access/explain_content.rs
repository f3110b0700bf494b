//! `ExplainAccess` about folders and assets (X-01, S-02, S-03, S-06, W-12).

use precinct::pb::{
    AccessChange, AccessChangeKind, AccessLinkKind, AccessReason, Area, AssetType,
    ExplainAccessResponse,
};
use serde_json::json;

use super::check_content::{OWNER, Stage, asset, folder};
use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::check::Asked;

/// The kinds of the chain, and whether each link holds.
fn chain(explained: &ExplainAccessResponse) -> Vec<(AccessLinkKind, bool)> {
    explained.links.iter().map(|link| (link.kind(), link.holds)).collect()
}

/// Why a question is answered as it is: as a check answers.
async fn explain(asker: &Actor, asked: Asked<'_>) -> ExplainAccessResponse {
    let explained = asker.explain(asked).await;
    assert_eq!(explained.reason(), asker.check(asked).await, "{asked:?}");
    explained
}

/// The share that an answer names; made, the answer is yes.
async fn turn(asker: &Actor, asked: Asked<'_>) -> AccessChange {
    let explained = explain(asker, asked).await;
    assert_eq!(explained.reason(), AccessReason::FolderNotVisible);
    let change = explained.change.expect("there is a way");
    assert_eq!(change.kind(), AccessChangeKind::Share);
    let AccessChange { owner_workspace_id, folder_id, workspace_id, .. } = &change;
    ok(asker.try_share(owner_workspace_id, folder_id, &[workspace_id]).await);
    let turned = explain(asker, asked).await;
    assert!(turned.allowed && turned.change.is_none(), "{turned:?}");
    assert!(turned.links.iter().all(|link| link.holds));
    change
}

/// That no single change would turn a refusal.
async fn assert_no_way(asker: &Actor, asked: Asked<'_>, reason: AccessReason) {
    let explained = explain(asker, asked).await;
    assert_eq!((explained.reason(), explained.change), (reason, None), "{asked:?}");
}

on_both! {
    /// the chain ends at the link that fails; the named share turns the answer.
    async fn x_01_the_named_share_turns_the_answer(app) {
        let Stage { ada, home, asia, hidden, .. } = Stage::new(app).await;
        for (permission, resource) in
            [("assets.read", &hidden.folder), ("assets.clone", &hidden.live)]
        {
            let asked = Asked(OWNER, permission, &asia, resource);
            let explained = explain(&ada, asked).await;
            assert_eq!(chain(&explained), [
                (AccessLinkKind::Principal, true),
                (AccessLinkKind::Grant, true),
                (AccessLinkKind::VisibleFolder, false),
            ]);
            let last = explained.links.last().expect("a link");
            let named = if *resource == hidden.folder { hidden.id.as_str() } else { "" };
            assert_eq!((last.workspace_id.as_str(), last.folder_id.as_str()), (asia.as_str(), named));
            let change = turn(&ada, asked).await;
            assert_eq!(change.folder_id, hidden.id);
            assert_eq!((change.owner_workspace_id, change.workspace_id), (home.clone(), asia.clone()));
            ok(ada.try_share(&home, &hidden.id, &[]).await);
        }
    }

    /// X-01, S-06: what is shared is not changed there, and nothing done there makes it so; its own workspace may.
    async fn x_01_nothing_makes_a_share_writable(app) {
        let Stage { ada, home, asia, shared, .. } = Stage::new(app).await;
        for resource in [&shared.folder, &shared.live] {
            let asked = Asked(OWNER, "assets.write", &asia, resource);
            assert_no_way(&ada, asked, AccessReason::SharedReadOnly).await;
            assert_eq!(chain(&ada.explain(asked).await), [
                (AccessLinkKind::Principal, true),
                (AccessLinkKind::Grant, true),
                (AccessLinkKind::ActiveWorkspace, true),
                (AccessLinkKind::VisibleFolder, true),
                (AccessLinkKind::WritableFolder, false),
            ]);
            let own = explain(&ada, Asked(OWNER, "assets.write", &home, resource)).await;
            assert_eq!(chain(&own)[3..], [
                (AccessLinkKind::VisibleFolder, true),
                (AccessLinkKind::WritableFolder, true),
            ]);
            // Reading asks for no more than sight.
            let read = explain(&ada, Asked(OWNER, "assets.read", &asia, resource)).await;
            assert_eq!(chain(&read)[2..], [(AccessLinkKind::VisibleFolder, true)]);
            // A grant alone would not do.
            let asked = Asked("user:ann", "assets.write", &asia, resource);
            assert_no_way(&ada, asked, AccessReason::NoGrant).await;
        }
        let granted = explain(&ada, Asked("user:ann", "assets.read", &asia, &shared.live)).await;
        let change = granted.change.expect("a grant does");
        assert_eq!((change.kind(), change.workspace_id), (AccessChangeKind::Grant, asia));
    }

    /// X-01, S-02: where a folder lies too deep, the one above it that does not is named.
    async fn s_02_the_share_is_of_a_folder_that_may_be_shared(app) {
        let Stage { ada, home, asia, hidden, .. } = Stage::new(app).await;
        let inner = ada.folder(&home, &hidden.id, "Inner").await;
        let innermost = ada.folder(&home, &inner, "Innermost").await;
        let snippet = ada.asset_in(&home, &innermost, AssetType::Snippet, "Deep").await;
        ada.approve(&home, &snippet).await;
        let resource = asset(&snippet);
        let asked = Asked(OWNER, "assets.read", &asia, &resource);
        for (limit, named) in [(1, &hidden.id), (2, &inner), (3, &innermost), (4, &innermost)] {
            let settings = json!({ "share_depth_limit": { "design_studio": limit } });
            ada.make("TenantService/UpdateTenant", &json!({ "tenant": { "settings": settings } })).await.ok();
            let change = turn(&ada, asked).await;
            assert_eq!(&change.folder_id, named, "{limit}");
            ok(ada.try_share(&home, named, &[]).await);
        }
    }

    /// X-01, S-02, S-03, S-07, W-12: no share is named that would be refused, or that would not be enough.
    async fn x_01_no_share_is_named_that_would_not_do(app) {
        let Stage { ada, home, asia, shared, hidden, .. } = Stage::new(app).await;
        let unseen = AccessReason::FolderNotVisible;
        let read = |resource| Asked(OWNER, "assets.read", &asia, resource);
        // Roots are not shared.
        let root = ada.root(&home, Area::DesignStudio).await;
        let loose = ada.asset(&home, AssetType::Snippet, "Loose").await;
        ada.approve(&home, &loose).await;
        let (root, loose) = (folder(&root), asset(&loose));
        for resource in [&root, &loose] {
            assert_no_way(&ada, read(resource), unseen).await;
        }
        // Drafts are seen by none, and what is shared is not changed.
        for resource in [&shared.draft, &hidden.draft] {
            assert_no_way(&ada, read(resource), unseen).await;
        }
        for permission in ["assets.write", "assets.share"] {
            assert_no_way(&ada, Asked(OWNER, permission, &asia, &hidden.folder), unseen).await;
        }
        // Somebody who holds nothing there lacks two things.
        let asked = Asked("user:ann", "assets.read", &asia, &hidden.folder);
        assert_no_way(&ada, asked, AccessReason::NoGrant).await;
        // Beside or below it is what cannot be shared.
        let below = ada.folder(&home, &hidden.id, "Below").await;
        let email = ada.asset_in(&home, &below, AssetType::Email, "Email").await;
        ada.approve(&home, &email).await;
        let (at_below, at_email) = (folder(&below), asset(&email));
        for resource in [&hidden.folder, &hidden.live, &at_below, &at_email] {
            assert_no_way(&ada, read(resource), unseen).await;
        }
        ok(ada.try_unapprove(&home, &email).await);
        ok(ada.try_delete_asset(&home, &email).await);
        assert!(explain(&ada, read(&hidden.folder)).await.change.is_some());
        // What is archived takes no share.
        ada.make("WorkspaceService/ArchiveWorkspace", &json!({ "workspace_id": asia })).await.ok();
        assert_no_way(&ada, read(&hidden.folder), unseen).await;
    }

    /// X-01, W-12: what is archived shares nothing.
    async fn w_12_an_archived_workspace_shares_nothing(app) {
        let Stage { ada, home, asia, .. } = Stage::new(app).await;
        let out = ada.folder(&asia, &ada.root(&asia, Area::Database).await, "Out").await;
        let resource = folder(&out);
        let asked = Asked(OWNER, "assets.read", &home, &resource);
        assert!(explain(&ada, asked).await.change.is_some());
        ada.make("WorkspaceService/ArchiveWorkspace", &json!({ "workspace_id": asia })).await.ok();
        assert_no_way(&ada, asked, AccessReason::FolderNotVisible).await;
    }

    /// a share is named to whoever sees both ends; how others hold what they hold is told
    /// to whoever may see it.
    async fn x_01_who_does_not_see_the_owner_is_told_no_way(app) {
        let Stage { tenant, ada, home, asia, shared, .. } = Stage::new(app).await;
        let europe = ada.workspace("Europe", &[&tenant.default_partition]).await;
        let gateway = ada.role("Gateway", &["access.check"]).await;
        ada.grant("user:ann", &built_in("Viewer"), &europe).await;
        ada.grant("user:gate", &gateway, &europe).await;
        ada.grant("user:gate", &built_in("Viewer"), &asia).await;
        let gate = tenant.user("gate");
        let asked = Asked("user:ann", "assets.read", &europe, &shared.live);
        // The folder is seen through Asia, and its owner is not.
        let explained = explain(&gate, asked).await;
        assert_eq!((explained.reason(), explained.change), (AccessReason::FolderNotVisible, None));
        let told = explained.links.iter();
        assert!(told.clone().all(|link| link.grant_id.is_empty() && link.role_id.is_empty()));
        assert!(told.clone().all(|link| link.workspace_id != home && link.workspace_id != asia));
        let change = ada.explain(asked).await.change.expect("the admin sees both");
        assert_eq!((&change.folder_id, &change.owner_workspace_id), (&shared.id, &home));
        // Seeing that the owner is there is enough to hear of the folder, which is known.
        let sees = ada.role("Sees", &["workspaces.read"]).await;
        ada.grant("user:gate", &sees, &home).await;
        assert_eq!(gate.explain(asked).await.change, Some(change));
    }
}
