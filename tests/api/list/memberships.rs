//! What a person is in, as a workspace sees it (V-06).

use precinct::pb;
use precinct::pb::MembershipKind;
use tonic::Code;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::members::{Kind, Members};
use crate::support::status::assert_refused;

async fn page(
    by: &Actor,
    workspace: &str,
    person: &str,
    size: i32,
    token: &str,
) -> pb::ListPersonMembershipsResponse {
    let request = pb::ListPersonMembershipsRequest {
        workspace_id: workspace.into(),
        person_id: person.into(),
        page_size: size,
        page_token: token.into(),
    };
    ok(by.people().list_person_memberships(request).await)
}

/// The kinds and names, page by page.
async fn memberships(
    by: &Actor,
    workspace: &str,
    person: &str,
    size: i32,
) -> Vec<(MembershipKind, String)> {
    let (mut all, mut token) = (Vec::new(), String::new());
    loop {
        let page = page(by, workspace, person, size, &token).await;
        all.extend(page.memberships.into_iter().map(|one| (one.kind(), one.display_name)));
        token = page.next_page_token;
        if token.is_empty() {
            return all;
        }
    }
}

on_both! {
    /// V-06: through a workspace a person is in what belongs to it or is shared to it, and in nothing else.
    async fn v_06_memberships_are_of_what_the_workspace_sees(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let other = ada.workspace("Other", &[]).await;
        let a = ada.person(w, "a@example.com").await.person_id;
        let b = ada.person(w, "b@example.com").await.person_id;
        let shared = ada.folder(w, &ada.root(w, pb::Area::Database).await, "Shared").await;
        let below = ada.folder(w, &shared, "Below").await;
        let root = |kind: Kind, of: &str| {
            let (ada, of) = (ada.clone(), of.to_owned());
            async move { ada.root(&of, kind.area()).await }
        };
        let places = [
            (w.as_str(), Kind::Program, root(Kind::Program, w).await, "Program"),
            (w, Kind::List, root(Kind::List, w).await, "List"),
            (w, Kind::List, below, "Deep"),
            (&other, Kind::List, root(Kind::List, &other).await, "Elsewhere"),
        ];
        for (of, kind, folder, name) in places {
            Members::make(&ada, kind, of, &folder, name).await.add(&[&a]).await;
        }
        let own = [(MembershipKind::Program, "Program"), (MembershipKind::List, "List"), (MembershipKind::List, "Deep")]
            .map(|(kind, name)| (kind, name.to_owned()));
        let elsewhere = (MembershipKind::List, "Elsewhere".to_owned());
        for size in [1, 2, 50] {
            assert_eq!(memberships(&ada, w, &a, size).await, own);
        }
        assert_eq!(memberships(&ada, &other, &a, 50).await, [elsewhere.clone()]);
        assert_eq!(memberships(&ada, w, &b, 50).await, []);
        ok(ada.try_share(w, &shared, &[&other]).await);
        assert_eq!(memberships(&ada, &other, &a, 1).await, [own[2].clone(), elsewhere.clone()]);
        ok(ada.try_unshare(w, &shared, &[&other], false).await);
        assert_eq!(memberships(&ada, &other, &a, 50).await, [elsewhere]);
        let first = page(&ada, w, &a, 1, "").await;
        let request = pb::ListPersonMembershipsRequest {
            workspace_id: w.clone(),
            person_id: b,
            page_size: 1,
            page_token: first.next_page_token,
        };
        let result = ada.people().list_person_memberships(request).await;
        assert_refused(result, Code::InvalidArgument, pb::ErrorReason::InvalidPageToken);
    }
}
