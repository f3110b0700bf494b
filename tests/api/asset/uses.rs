//! F-03: what uses an asset.

use precinct::pb::{self, Area, AssetType, BrokenReason, ReferenceKind};

use super::Pair;
use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::ok;
use crate::support::assets::refers;

on_both! {
    /// F-03: uses are listed where the caller may look, and counted elsewhere; through a share, only the viewer's own.
    async fn f_03_uses_are_listed_where_the_caller_may_look(app) {
        let pair = Pair::new(app, Area::DesignStudio).await;
        let Pair { admin, owner, target, tenant, folder, .. } = &pair;
        let snippet = pair.shared(AssetType::Snippet, "Footer").await;
        admin.approve(owner, &snippet).await;
        let uses = [refers(ReferenceKind::Snippet, &snippet)];
        let here = admin.user_of(owner, AssetType::Email, "Here", &uses).await;
        let there = admin.user_of(target, AssetType::Email, "There", &uses).await;
        admin.approve(owner, &here).await;
        admin.write_asset(owner, &here, "next").await;
        let one = |workspace: &String, id: &String, name: &str, live| pb::AssetUse {
            workspace_id: workspace.clone(),
            asset_id: id.clone(),
            display_name: name.into(),
            r#type: AssetType::Email.into(),
            kind: ReferenceKind::Snippet.into(),
            in_draft: true,
            in_live: live,
            broken: BrokenReason::Unspecified.into(),
        };
        let (own, theirs) = (one(owner, &here, "Here", true), one(target, &there, "There", false));
        let all = admin.used_by(owner, &snippet).await;
        assert_eq!((all.uses, all.hidden_count), (vec![own.clone(), theirs.clone()], 0));
        admin.grant("user:bob", &built_in("Viewer"), owner).await;
        let some = tenant.user("bob").used_by(owner, &snippet).await;
        assert_eq!((some.uses, some.hidden_count), (vec![own], 1));
        let received = admin.used_by(target, &snippet).await;
        assert_eq!((received.uses, received.hidden_count), (vec![theirs.clone()], 0));
        ok(admin.try_unshare(owner, folder, &[target], true).await);
        let after = admin.used_by(owner, &snippet).await.uses;
        let broken = pb::AssetUse { broken: BrokenReason::NotShared.into(), ..theirs };
        assert_eq!(after[1], broken);
    }

    /// H-04: pages of uses make up the whole, an asset that uses another in two ways included.
    async fn h_04_pages_of_uses_make_up_the_whole(app) {
        let pair = Pair::new(app, Area::Database).await;
        let Pair { admin, owner, .. } = &pair;
        let list = pair.shared(AssetType::SmartList, "List").await;
        for n in 0..5 {
            let uses = [refers(ReferenceKind::List, &list)];
            admin.user_of(owner, AssetType::SmartList, &format!("Uses {n}"), &uses).await;
        }
        let whole = admin.used_by(owner, &list).await.uses;
        assert_eq!(whole.len(), 5);
        let mut walked = Vec::new();
        let mut request = pb::ListUsedByRequest {
            workspace_id: owner.clone(),
            asset_id: list.clone(),
            page_size: 2,
            ..pb::ListUsedByRequest::default()
        };
        loop {
            let page = ok(admin.assets().list_used_by(request.clone()).await);
            walked.extend(page.uses);
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                break;
            }
        }
        assert_eq!(walked, whole);
    }
}
