//! F-05: what assets use.

use precinct::pb::{self, AssetType, BrokenReason, ErrorReason, ReferenceKind};
use tonic::Code;

use super::workspace;
use crate::on_both;
use crate::support::actor::ok;
use crate::support::assets::{new_asset, refers};
use crate::support::status::{assert_refused, fields, metadata, offenders};

/// A smart list that means the people of others.
fn means(name: &str, lists: &[&String]) -> pb::Asset {
    let references = lists.iter().map(|id| refers(ReferenceKind::List, id)).collect();
    pb::Asset { references, ..new_asset(AssetType::SmartList, name) }
}

on_both! {
    /// F-05: what is not in the workspace is not found, be it elsewhere or nowhere.
    async fn f_05_a_reference_leads_to_what_is_seen(app) {
        let (admin, w) = workspace(app).await;
        let elsewhere = admin.workspace("Elsewhere", &[]).await;
        let foreign = admin.asset(&elsewhere, AssetType::SmartList, "List").await;
        let own = admin.asset(&w, AssetType::SmartList, "List").await;
        let never = uuid::Uuid::now_v7().to_string();
        for target in [&foreign, &never] {
            let refused = admin.try_asset(&w, means("New", &[target])).await;
            let status = assert_refused(refused, Code::NotFound, ErrorReason::ReferenceNotVisible);
            assert_eq!(metadata(&status, "reference_id").as_ref(), Some(target));
            let refused = admin.try_refer(&w, &own, &means("", &[target]).references).await;
            assert_refused(refused, Code::NotFound, ErrorReason::ReferenceNotVisible);
        }
        let made = ok(admin.try_asset(&w, means("New", &[&own])).await).asset.unwrap();
        assert_eq!(made.references, [refers(ReferenceKind::List, &own)]);
    }

    /// F-05: each kind leads from certain types to certain types; all that is wrong is named.
    async fn f_05_kinds_fit_both_ends(app) {
        let (admin, w) = workspace(app).await;
        let template = admin.asset(&w, AssetType::EmailTemplate, "Plain").await;
        let page = admin.asset(&w, AssetType::LandingPageTemplate, "Page").await;
        let list = admin.asset(&w, AssetType::SmartList, "List").await;
        let email = |references| pb::Asset { references, ..new_asset(AssetType::Email, "Invitation") };
        let wrong = email(vec![
            refers(ReferenceKind::Template, &page),
            refers(ReferenceKind::Snippet, &template),
            refers(ReferenceKind::List, &list),
        ]);
        let status = admin.try_asset(&w, wrong).await;
        let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
        let expected: Vec<String> = (0..3).map(|i| format!("asset.references[{i}].kind")).collect();
        assert_eq!(fields(&status), expected);
        let other = admin.asset(&w, AssetType::EmailTemplate, "Other").await;
        let twice = email(vec![
            refers(ReferenceKind::Template, &template),
            refers(ReferenceKind::Template, &other),
        ]);
        let status = admin.try_asset(&w, twice).await;
        let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["asset.references[1].kind"]);
        let same = email(vec![refers(ReferenceKind::Template, &template); 2]);
        let status = admin.try_asset(&w, same).await;
        let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["asset.references[1].asset_id"]);
        ok(admin.try_asset(&w, email(vec![refers(ReferenceKind::Template, &template)])).await);
    }

    /// F-05: an asset has at most 200 references.
    async fn f_05_references_have_a_bound(app) {
        let (admin, w) = workspace(app).await;
        let ids: Vec<String> = (0..201).map(|_| uuid::Uuid::now_v7().to_string()).collect();
        let all: Vec<&String> = ids.iter().collect();
        let status = admin.try_asset(&w, means("Many", &all)).await;
        let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["asset.references"]);
    }

    /// F-05: no way leads back, not by one step either.
    async fn f_05_references_close_no_circle(app) {
        let (admin, w) = workspace(app).await;
        let a = admin.asset(&w, AssetType::SmartList, "A").await;
        let b = admin.asset_of(&w, means("B", &[&a])).await;
        let c = admin.asset_of(&w, means("C", &[&b])).await;
        for target in [&a, &b, &c] {
            let refused = admin.try_refer(&w, &a, &means("", &[target]).references).await;
            let status = assert_refused(refused, Code::FailedPrecondition, ErrorReason::ReferenceCycle);
            assert_eq!(metadata(&status, "asset_id").as_ref(), Some(&a));
        }
        ok(admin.try_refer(&w, &c, &means("", &[&a, &b]).references).await);
    }

    /// F-05: drafts and what is live count together, so that no approval closes a circle.
    async fn f_05_a_draft_closes_no_circle_with_what_is_live(app) {
        let (admin, w) = workspace(app).await;
        let a = admin.asset(&w, AssetType::Snippet, "A").await;
        admin.approve(&w, &a).await;
        let b = admin.user_of(&w, AssetType::Snippet, "B", &[refers(ReferenceKind::Snippet, &a)]).await;
        admin.approve(&w, &b).await;
        // The draft of B is free of A, and the live one is not.
        ok(admin.try_refer(&w, &b, &[]).await);
        let refused = admin.try_refer(&w, &a, &[refers(ReferenceKind::Snippet, &b)]).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::ReferenceCycle);
        admin.approve(&w, &b).await;
        ok(admin.try_refer(&w, &a, &[refers(ReferenceKind::Snippet, &b)]).await);
        let refused = admin.try_refer(&w, &b, &[refers(ReferenceKind::Snippet, &a)]).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::ReferenceCycle);
    }

    /// F-05: of two that would close a circle together, one is refused.
    async fn f_05_racing_references_close_no_circle(app) {
        let (admin, w) = workspace(app).await;
        for round in 0..5 {
            let a = admin.asset(&w, AssetType::SmartList, &format!("A{round}")).await;
            let b = admin.asset(&w, AssetType::SmartList, &format!("B{round}")).await;
            let (to_b, to_a) = (means("", &[&b]).references, means("", &[&a]).references);
            let (one, other) =
                tokio::join!(admin.try_refer(&w, &a, &to_b), admin.try_refer(&w, &b, &to_a));
            let refused = match (one, other) {
                (Ok(_), refused) | (refused, Ok(_)) => refused,
                both => panic!("{both:?}"),
            };
            assert_refused(refused, Code::FailedPrecondition, ErrorReason::ReferenceCycle);
        }
    }

    /// F-04, F-05: what is not approved can be used in a draft, and not in what is to be live.
    async fn f_05_an_approval_needs_what_it_uses(app) {
        let (admin, w) = workspace(app).await;
        let one = admin.asset(&w, AssetType::Snippet, "One").await;
        let two = admin.asset(&w, AssetType::Snippet, "Two").await;
        let done = admin.asset(&w, AssetType::Snippet, "Done").await;
        admin.approve(&w, &done).await;
        let uses = [&one, &two, &done].map(|id| refers(ReferenceKind::Snippet, id));
        let email = admin.user_of(&w, AssetType::Email, "Invitation", &uses).await;
        assert_eq!(admin.get_asset(&w, &email).await.references, uses, "nothing is broken in a draft");
        let status = admin.try_approve(&w, &email).await;
        let status = assert_refused(status, Code::FailedPrecondition, ErrorReason::BrokenReference);
        let keys = ["asset_id", "reference_id"].map(|key| metadata(&status, key));
        assert_eq!(keys, [Some(email.clone()), Some(one.clone())]);
        assert_eq!(offenders(&status), [one.clone(), two.clone()]);
        for id in [&one, &two] {
            admin.approve(&w, id).await;
        }
        assert_eq!(admin.approve(&w, &email).await.references, uses);
    }

    /// F-05: what is live as it is may name a segmentation before its approval, and shows that it is broken until then.
    async fn f_05_a_live_reference_to_a_draft_is_broken(app) {
        let (admin, w) = workspace(app).await;
        let segmentation = admin.asset(&w, AssetType::Segmentation, "Regions").await;
        let uses = [refers(ReferenceKind::Segmentation, &segmentation)];
        let list = admin.user_of(&w, AssetType::SmartList, "North", &uses).await;
        let broken = admin.get_asset(&w, &list).await.references[0].broken();
        assert_eq!(broken, BrokenReason::NotApproved);
        app.approve_segmentation(&admin, &w, &segmentation).await;
        assert_eq!(admin.get_asset(&w, &list).await.references, uses);
    }
}
