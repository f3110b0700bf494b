//! H-03, A-06: the answer that is kept with a `request_id` is given again only to who may still get it.

use precinct::pb::{self, ErrorReason};
use tonic::Code;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::ok;
use crate::support::status::assert_refused;

on_both! {
    /// a repeat after the right is gone is refused as any other call, and given again with the right.
    async fn h_03_a_kept_answer_is_for_who_may_still_get_it(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let workspace = admin.workspace("W", &[]).await;
        let marketer = built_in("Marketer");
        let grant = admin.grant("user:ann", &marketer, &workspace).await;
        let request = pb::CreatePersonRequest {
            workspace_id: workspace.clone(),
            person: Some(pb::Person { email: "a@example.com".into(), ..pb::Person::default() }),
            request_id: "0190f0e0-0000-4000-8000-000000000001".into(),
            ..pb::CreatePersonRequest::default()
        };
        let ann = acme.user("ann");
        let first = ok(ann.people().create_person(request.clone()).await);
        ok(admin.try_revoke(&grant).await);
        let refused = ann.people().create_person(request.clone()).await;
        assert_refused(refused, Code::NotFound, ErrorReason::WorkspaceNotFound);
        admin.grant("user:ann", &built_in("Viewer"), &workspace).await;
        let refused = ann.people().create_person(request.clone()).await;
        assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
        admin.grant("user:ann", &marketer, &workspace).await;
        assert_eq!(ok(ann.people().create_person(request).await), first);
    }
}
