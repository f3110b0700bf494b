//! What a workspace learns of where it does not see, and what it may only read.

use precinct::pb;
use precinct::pb::{ErrorReason, PersonSource, PersonWriteMode, PersonWriteStatus, RoutingReason};
use serde_json::json;
use tonic::Code;
use uuid::Uuid;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::ok;
use crate::support::routing::{always, from, somebody, tenant_with};
use crate::support::status::assert_refused;

on_both! {
    /// who is led out of sight is made, counted, and not shown.
    async fn r_08_who_lands_out_of_sight_is_not_shown(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let w = ada.workspace("W", &[&p]).await;
        ada.route(&[from(PersonSource::Api, &q)]).await;
        let made = ok(ada.try_create(&w, PersonSource::Api, somebody("a@example.com", "Ada")).await);
        assert_eq!((made.person, made.hidden), (None, true));
        let twice = vec![somebody("b@example.com", "Bob"), somebody("b@example.com", "Rob")];
        let results = ada.sync(&w, PersonWriteMode::CreateOrUpdate, twice).await;
        for (result, status) in results.iter().zip([PersonWriteStatus::Created, PersonWriteStatus::Updated]) {
            assert_eq!((result.status(), result.person_id.as_str(), result.hidden), (status, "", true));
        }
        ada.route(&[always(&q)]).await;
        let header = json!({ "import_id": Uuid::now_v7().to_string(), "workspace_id": w });
        let chunk = json!({ "people": [{ "email": "c@example.com" }], "last": true });
        let request = json!([{ "header": header }, { "chunk": chunk }]);
        let reply = ada.make("PersonService/ImportPeople", &request).await;
        assert_eq!(reply.replies.last().unwrap()["created"], 1);
        assert_eq!((ada.count(&w).await, ada.count(all).await), (0, 3));
        assert!(ada.list(all, 10).await.iter().all(|one| one.partition_id == q));
        // D-03: that the email is taken is all that is said, whatever the policy.
        for request in [somebody("a@example.com", "Ada"), somebody("b@example.com", "Bob")] {
            let refused = ada.try_create(&w, PersonSource::Api, request).await;
            let reason = ErrorReason::DuplicateInOtherPartition;
            let status = assert_refused(refused, Code::AlreadyExists, reason);
            let info = tonic_types::StatusExt::get_details_error_info(&status).unwrap();
            assert_eq!(info.metadata.len(), 1, "{info:?}");
        }
    }

    /// R-08, D-03: under ALLOW too, nothing is told of a twin where the rule leads.
    async fn r_08_a_twin_out_of_sight_is_not_told(app) {
        let settings = pb::TenantSettings {
            duplicate_policy: pb::DuplicatePolicy::Allow.into(),
            ..pb::TenantSettings::default()
        };
        let acme = tenant_with(app, settings).await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let w = ada.workspace("W", &[&p]).await;
        ok(ada.try_person(all, &q, "a@example.com").await);
        ok(ada.try_create(&w, PersonSource::Api, somebody("a@example.com", "Ada")).await);
        ada.route(&[always(&q)]).await;
        let refused = ada.try_create(&w, PersonSource::Api, somebody("a@example.com", "Ada")).await;
        assert_refused(refused, Code::AlreadyExists, ErrorReason::DuplicateInOtherPartition);
        // D-11: an upsert is about whom the workspace knows, wherever the rule would lead a new one.
        let upsert = vec![somebody("a@example.com", "Eve"), somebody("n@example.com", "New")];
        let results = ada.sync(&w, PersonWriteMode::CreateOrUpdate, upsert).await;
        assert_eq!((results[0].status(), results[0].hidden), (PersonWriteStatus::Updated, false));
        assert_eq!((results[1].status(), results[1].hidden), (PersonWriteStatus::Created, true));
    }

    /// a simulation tells no more than a creation would, save to those who see all partitions.
    async fn r_08_a_simulation_tells_nothing_of_what_is_not_seen(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p, q) = (ada.partition("P").await, ada.regional_partition("Q", "us").await);
        let w = ada.workspace("W", &[&p]).await;
        ada.grant("user:bob", &built_in("Workspace admin"), &w).await;
        let bob = acme.user("bob");
        ada.route(&[from(PersonSource::Api, &q), from(PersonSource::Crm, &p)]).await;
        let person = || somebody("a@example.com", "Ada");
        let told = ada.simulate(&w, PersonSource::Api, person()).await;
        assert_eq!((&told.partition_id, told.rule_index, told.hidden), (&q, 0, true));
        let told = bob.simulate(&w, PersonSource::Api, person()).await;
        assert_eq!((told.reason(), told.hidden), (RoutingReason::Rule, true));
        assert_eq!((told.partition_id.as_str(), told.rule_index), ("", -1));
        let told = bob.simulate(&w, PersonSource::Crm, person()).await;
        assert_eq!((&told.partition_id, told.rule_index, told.hidden), (&p, 1, false));
    }

    /// where the workspace may only read, a rule still leads, and the person is shown.
    async fn r_08_a_rule_may_lead_where_the_workspace_may_only_read(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let w = ada.workspace("W", &[&p]).await;
        ada.bind_read_only(&w, &q).await;
        ada.route(&[always(&q)]).await;
        let made = ok(ada.try_create(&w, PersonSource::Api, somebody("a@example.com", "Ada")).await);
        assert_eq!((made.person.unwrap().partition_id, made.hidden), (q, false));
    }

    /// R-07, D-09: where the workspace may only read, an upsert withholds and says so, an update is refused, and an
    /// unsubscription passes.
    async fn r_07_an_upsert_withholds_where_people_may_only_be_read(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let w = ada.workspace("W", &[&p]).await;
        ada.bind_read_only(&w, &q).await;
        let known = ok(ada.try_person(all, &q, "a@example.com").await).person.unwrap();
        let row = somebody("a@example.com", "Eve");
        let revision = ada.revision().await;
        let results = ada.sync(&w, PersonWriteMode::CreateOrUpdate, vec![row.clone()]).await;
        assert_eq!((results[0].status(), &results[0].person_id), (PersonWriteStatus::Withheld, &known.person_id));
        assert!(results[0].note.contains("withheld"), "{}", results[0].note);
        assert_eq!(ada.revision().await, revision, "H-08: nothing changed");
        let results = ada.sync(&w, PersonWriteMode::UpdateOnly, vec![row.clone()]).await;
        let error = results[0].error.as_ref().unwrap();
        assert_eq!(error.reason, ErrorReason::PartitionReadOnly as i32);
        let goodbye = pb::Person { unsubscribed: Some(true), ..row };
        let results = ada.sync(&w, PersonWriteMode::CreateOrUpdate, vec![goodbye]).await;
        assert_eq!(results[0].status(), PersonWriteStatus::Withheld);
        let now = ada.try_get_person(all, &known.person_id).await.unwrap();
        assert_eq!((now.first_name.as_str(), now.unsubscribed), ("", Some(true)));
        let header = json!({ "import_id": Uuid::now_v7().to_string(), "workspace_id": w });
        let chunk = json!({ "people": [{ "email": "a@example.com", "first_name": "Eve" }], "last": true });
        let reply = ada.make("PersonService/ImportPeople", &json!([{ "header": header }, { "chunk": chunk }])).await;
        assert_eq!(reply.replies.last().unwrap()["withheld"], 1);
    }
}
