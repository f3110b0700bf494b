//! D-09: what outlives an erasure: an unsubscription always, and that the email may not come back, if asked for.

use precinct::pb::{self, ErrorReason};
use serde_json::{Value as Json, json};
use tonic::Code;

use crate::on_both;
use crate::support::App;
use crate::support::actor::Actor;
use crate::support::routing::Door;
use crate::support::status::assert_refused;

const EMAIL: &str = "ada@x.example";

async fn erase(app: &App, ada: &Actor, suppress: bool) {
    let request = json!({ "email": EMAIL, "suppress": suppress });
    ada.make("PersonService/ErasePerson", &request).await.ok();
    app.finish().await;
}

async fn silence(ada: &Actor, w: &str, id: &str) {
    let request = json!({ "workspace_id": w, "person": { "person_id": id, "unsubscribed": true } });
    ada.make("PersonService/UpdatePerson", &request).await.ok();
}

fn sync(w: &str, emails: &[&str]) -> Json {
    let people: Vec<Json> = emails.iter().map(|email| json!({ "email": email })).collect();
    json!({ "workspace_id": w, "people": people })
}

on_both! {
    /// D-09: who unsubscribed and was erased is unsubscribed again, however the address comes back.
    async fn d_09_an_unsubscription_survives_erasure(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), acme.default_workspace.clone());
        let form = Door::new(&ada, &w).await;
        for way in ["create", "sync", "import", "form"] {
            let id = ada.person(&w, EMAIL).await.person_id;
            silence(&ada, &w, &id).await;
            erase(app, &ada, false).await;
            match way {
                "create" => drop(ada.person(&w, EMAIL).await),
                "sync" => drop(ada.make("PersonService/SyncPeople", &sync(&w, &[EMAIL])).await.ok()),
                "import" => {
                    let header = json!({ "import_id": uuid::Uuid::now_v7(), "workspace_id": w });
                    let chunk = json!({ "people": [{ "email": EMAIL }], "last": true });
                    let import = json!([{ "header": header }, { "chunk": chunk }]);
                    ada.make("PersonService/ImportPeople", &import).await.ok();
                }
                _ => {
                    form.submit(&ada, pb::Person { email: EMAIL.into(), ..pb::Person::default() }).await;
                }
            }
            let people = ada.list(&w, 10).await;
            assert_eq!(people.len(), 1, "{way}");
            assert!(people[0].unsubscribed() && people[0].person_id != id, "{way}");
            erase(app, &ada, false).await;
        }
    }

    /// D-09: a suppressed address is refused row by row, and as the new address of somebody; others of the same call
    /// come in.
    async fn d_09_a_suppressed_address_is_refused(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), acme.default_workspace.clone());
        ada.person(&w, EMAIL).await;
        erase(app, &ada, true).await;
        let refused = ada.try_person(&w, "", "Ada@X.example").await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::PersonSuppressed);
        let synced = ada.make("PersonService/SyncPeople", &sync(&w, &["b@x.example", EMAIL])).await.ok();
        let results = synced["results"].as_array().unwrap();
        assert_eq!(results[0]["status"], "PERSON_WRITE_STATUS_CREATED");
        assert_eq!(results[1]["error"]["reason"], "ERROR_REASON_PERSON_SUPPRESSED");
        let header = json!({ "import_id": uuid::Uuid::now_v7(), "workspace_id": w });
        let chunk = json!({ "people": [{ "email": "c@x.example" }, { "email": EMAIL }], "last": true });
        let imported = ada.make("PersonService/ImportPeople", &json!([{ "header": header }, { "chunk": chunk }])).await.ok();
        assert_eq!((&imported["created"], &imported["failed"]), (&json!(1), &json!(1)));
        assert_eq!(imported["errors"][0]["error"]["reason"], "ERROR_REASON_PERSON_SUPPRESSED");
        let change = json!({ "person_id": results[0]["person_id"], "email": EMAIL });
        let update = ada.make("PersonService/UpdatePerson", &json!({ "workspace_id": w, "person": change })).await;
        assert_refused(update.result(), Code::FailedPrecondition, ErrorReason::PersonSuppressed);
        assert_eq!(ada.count(&w).await, 2);
    }

    /// D-09, R-06: a form tells nobody that an address is suppressed, and keeps nothing of who has it.
    async fn r_06_a_form_does_not_tell_of_suppression(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), acme.default_workspace.clone());
        let form = Door::new(&ada, &w).await;
        erase(app, &ada, true).await;
        let somebody = |email: &str| pb::Person { email: email.into(), last_name: "L".into(), ..pb::Person::default() };
        let new = form.submit(&ada, somebody("new@x.example")).await;
        let suppressed = form.submit(&ada, somebody(EMAIL)).await;
        assert_eq!(suppressed, new);
        assert_eq!((ada.count(&w).await, form.members(&ada).await), (1, (1, 0)));
    }

    /// D-09: who agrees again comes back, unsubscribed as before; lifting what is not there changes nothing.
    async fn d_09_a_suppression_is_lifted(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), acme.default_workspace.clone());
        let id = ada.person(&w, EMAIL).await.person_id;
        silence(&ada, &w, &id).await;
        erase(app, &ada, true).await;
        let lift = async || {
            ada.make("PersonService/UnsuppressEmail", &json!({ "email": "ADA@x.example" })).await.ok()
        };
        let before = ada.revision().await;
        assert_eq!((&lift().await["lifted"], ada.revision().await), (&json!(true), before + 1));
        assert_eq!((&lift().await["lifted"], ada.revision().await), (&Json::Null, before + 1));
        assert!(ada.person(&w, EMAIL).await.unsubscribed());
    }
}
