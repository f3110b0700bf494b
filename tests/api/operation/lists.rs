//! Which operations somebody finds, and by what.

use std::slice::from_ref;

use precinct::pb::ErrorReason;
use precinct::pb::longrunning::{GetOperationRequest, ListOperationsRequest};
use tonic::Code;

use super::Scene;
use crate::on_both;
use crate::support::status::{assert_refused, fields};

on_both! {
    /// H-09: by whether it has ended, its kind, and its workspace; newest first.
    async fn h_09_operations_are_found_by_what_they_are(app) {
        let acme = Scene::new(app, "acme", 3).await;
        let other = acme.ada.workspace("Other", &[&acme.from, &acme.to]).await;
        let ended = acme.start().await;
        app.finish().await;
        let open = acme.ada.move_all(&other, &[&acme.to], &acme.from).await;
        let found = async |filter: &str| acme.ada.operation_names(filter).await;
        assert_eq!(found("").await, [open.clone(), ended.clone()]);
        assert_eq!(found("done=true").await, from_ref(&ended));
        assert_eq!(found("done = false").await, from_ref(&open));
        assert_eq!(found("kind=MOVE_PEOPLE").await, [open.clone(), ended.clone()]);
        assert_eq!(found(&format!("workspace_id={other}")).await, from_ref(&open));
        let both = format!("kind=MOVE_PEOPLE AND done=true AND workspace_id={other}");
        assert_eq!(found(&both).await, Vec::<String>::new());
    }

    /// H-06: what the list does not understand is refused, naming the field.
    async fn h_06_other_filters_and_names_are_refused(app) {
        let ada = app.tenant("acme").await.admin();
        for filter in ["done", "done=yes", "kind=MAGIC", "state=DONE", "done=true AND done=true", "workspace_id=7", "AND"] {
            let refused = ada.try_operations(filter).await;
            let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
            assert_eq!(fields(&status), ["filter"], "{filter}");
        }
        let request = ListOperationsRequest { name: "tenants/7".into(), ..ListOperationsRequest::default() };
        let refused = ada.operations().list_operations(request).await;
        let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["name"]);
        for name in ["", "operations", "operations/", "operations/7", "0190f0e0-0000-7000-8000-00000000dead"] {
            let refused = ada.operations().get_operation(GetOperationRequest { name: name.into() }).await;
            let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
            assert_eq!(fields(&status), ["name"], "{name}");
        }
    }
}
