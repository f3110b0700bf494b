//! `SyncPeople`: a set with a result for each row, in order.

use precinct::pb;
use precinct::pb::{ErrorReason, PersonLookupField, PersonWriteMode, PersonWriteStatus};
use tonic::Code;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::{assert_refused, metadata};
use crate::support::{Tenant, allowing_duplicates};

fn named(email: &str, first_name: &str) -> pb::Person {
    pb::Person { email: email.into(), first_name: first_name.into(), ..pb::Person::default() }
}

fn request(w: &str, mode: PersonWriteMode, people: Vec<pb::Person>) -> pb::SyncPeopleRequest {
    pb::SyncPeopleRequest {
        workspace_id: w.into(),
        mode: mode.into(),
        people,
        ..pb::SyncPeopleRequest::default()
    }
}

async fn statuses(
    ada: &Actor,
    request: pb::SyncPeopleRequest,
) -> Vec<(PersonWriteStatus, ErrorReason)> {
    let results = ok(ada.people().sync_people(request).await).results;
    let of = |result: &pb::SyncResult| {
        let error = result.error.as_ref().map(pb::ItemError::reason);
        (result.status(), error.unwrap_or(ErrorReason::Unspecified))
    };
    results.iter().map(of).collect()
}

fn done(status: PersonWriteStatus) -> (PersonWriteStatus, ErrorReason) {
    (status, ErrorReason::Unspecified)
}

fn failed(reason: ErrorReason) -> (PersonWriteStatus, ErrorReason) {
    (PersonWriteStatus::Failed, reason)
}

async fn allowing(app: &crate::support::App) -> (Actor, Tenant) {
    let acme = app.tenant("acme").await;
    let request = pb::UpdateTenantRequest {
        tenant: Some(pb::Tenant {
            tenant_id: acme.id.clone(),
            settings: Some(allowing_duplicates()),
            ..pb::Tenant::default()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["settings.duplicate_policy".into()],
        }),
        ..pb::UpdateTenantRequest::default()
    };
    ok(app.operator().tenants().update_tenant(request).await);
    (acme.admin(), acme)
}

on_both! {
    /// H-05: a result per row, in order; one bad row does not stop the others.
    async fn h_05_a_result_per_row_in_order(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        ada.person(w, "known@example.com").await;
        let people = vec![
            named("new@example.com", "New"),
            named("not an email", "Bad"),
            named("known@example.com", "Known"),
            named("known@example.com", "Known"),
            named("new@example.com", "Newer"),
            named("", "Nameless"),
        ];
        let found = statuses(&ada, request(w, PersonWriteMode::CreateOrUpdate, people)).await;
        let wanted = [
            done(PersonWriteStatus::Created),
            failed(ErrorReason::InvalidField),
            done(PersonWriteStatus::Updated),
            done(PersonWriteStatus::Unchanged),
            done(PersonWriteStatus::Updated),
            done(PersonWriteStatus::Created),
        ];
        assert_eq!(found, wanted);
        let lookup = pb::LookupPeopleRequest {
            workspace_id: w.clone(),
            emails: vec!["new@example.com".into()],
        };
        let looked_up = ok(ada.people().lookup_people(lookup).await).results.remove(0).people;
        assert_eq!(looked_up[0].first_name, "Newer", "rows apply in order");
    }

    /// H-05: with `atomic` the first bad row refuses the whole call.
    async fn h_05_atomic_is_all_or_nothing(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let people = vec![named("a@example.com", ""), named("bad", "")];
        let mut call = request(w, PersonWriteMode::CreateOnly, people);
        call.atomic = true;
        let before = ada.revision().await;
        let result = ada.people().sync_people(call).await;
        let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(metadata(&status, "index").as_deref(), Some("1"));
        assert_eq!((ada.count(w).await, ada.revision().await), (0, before));
    }

    /// The modes: what is known is not made, what is unknown is not changed.
    async fn modes(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        ada.person(w, "known@example.com").await;
        let people = vec![named("known@example.com", "K"), named("new@example.com", "N")];
        let found = statuses(&ada, request(w, PersonWriteMode::UpdateOnly, people.clone())).await;
        let wanted =
            [done(PersonWriteStatus::Updated), failed(ErrorReason::PersonNotFound)];
        assert_eq!(found, wanted);
        let found = statuses(&ada, request(w, PersonWriteMode::CreateOnly, people)).await;
        let wanted =
            [failed(ErrorReason::DuplicateInPartition), done(PersonWriteStatus::Created)];
        assert_eq!(found, wanted);
    }

    /// H-08: a set that changes nothing raises no revision.
    async fn h_08_an_unchanged_set_is_no_change(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let call = request(w, PersonWriteMode::CreateOrUpdate, vec![named("a@example.com", "A")]);
        ok(ada.people().sync_people(call.clone()).await);
        let before = ada.revision().await;
        assert_eq!(statuses(&ada, call).await, [done(PersonWriteStatus::Unchanged)]);
        assert_eq!(ada.revision().await, before);
    }

    /// M-02: an upsert never moves anybody: under REJECT naming another partition is refused, under ALLOW it
    /// is a create there.
    async fn m_02_an_upsert_moves_nobody(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        let person = ada.person(&w, "a@example.com").await;
        let mut call = request(&w, PersonWriteMode::CreateOrUpdate, vec![named("a@example.com", "A")]);
        call.partition_id = p2.clone();
        let refused = [failed(ErrorReason::PartitionChangeNotAllowed)];
        assert_eq!(statuses(&ada, call.clone()).await, refused);
        let by_id = pb::SyncPeopleRequest {
            lookup_field: PersonLookupField::Id.into(),
            mode: PersonWriteMode::UpdateOnly.into(),
            people: vec![pb::Person { person_id: person.person_id.clone(), ..named("", "B") }],
            ..call
        };
        assert_eq!(statuses(&ada, by_id).await, refused);
        let (ada, _acme) = allowing(app).await;
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        ada.person(&w, "a@example.com").await;
        let mut call = request(&w, PersonWriteMode::CreateOrUpdate, vec![named("a@example.com", "A")]);
        call.partition_id = p2;
        assert_eq!(statuses(&ada, call).await, [done(PersonWriteStatus::Created)]);
    }

    /// D-11: of twins the named partition's is taken, else the primary's, else the only one, else nobody.
    async fn d_11_which_of_the_twins(app) {
        let (ada, _acme) = allowing(app).await;
        let (p1, p2, p3) =
            (ada.partition("P1").await, ada.partition("P2").await, ada.partition("P3").await);
        let w = ada.workspace("W", &[&p1, &p2, &p3]).await;
        let two = ok(ada.try_person(&w, &p2, "a@example.com").await).person.unwrap();
        let upsert = |name: &str| {
            request(&w, PersonWriteMode::CreateOrUpdate, vec![named("a@example.com", name)])
        };
        let only = ok(ada.people().sync_people(upsert("1")).await).results.remove(0);
        assert_eq!((only.status(), only.person_id), (PersonWriteStatus::Updated, two.person_id));
        ok(ada.try_person(&w, &p3, "a@example.com").await);
        assert_eq!(statuses(&ada, upsert("2")).await, [failed(ErrorReason::AmbiguousPerson)]);
        let one = ok(ada.try_person(&w, &p1, "a@example.com").await).person.unwrap();
        let primary = ok(ada.people().sync_people(upsert("3")).await).results.remove(0);
        assert_eq!(primary.person_id, one.person_id);
    }

    /// By external id: found and changed, email included; a taken email is said to be.
    async fn by_external_id(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        ada.person(w, "taken@example.com").await;
        let row = |external: &str, email: &str| pb::Person {
            external_id: external.into(),
            ..named(email, "")
        };
        let mut call = request(
            w,
            PersonWriteMode::CreateOrUpdate,
            vec![row("1", "a@example.com"), row("2", "b@example.com"), row("3", "taken@example.com")],
        );
        call.lookup_field = PersonLookupField::ExternalId.into();
        let wanted = [
            done(PersonWriteStatus::Created),
            done(PersonWriteStatus::Created),
            failed(ErrorReason::DuplicateInPartition),
        ];
        assert_eq!(statuses(&ada, call.clone()).await, wanted);
        call.people = vec![row("1", "a2@example.com"), row("2", "taken@example.com"), row("2", "")];
        let found = statuses(&ada, call).await;
        assert_eq!(found[0], done(PersonWriteStatus::Updated));
        assert_eq!(found[1], failed(ErrorReason::DuplicateInPartition));
    }

    /// A batch has 1 to 1,000 rows; a mode that nobody knows is refused, none upserts.
    async fn a_batch_is_bounded(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        for people in [vec![], vec![named("a@example.com", ""); 1_001]] {
            let call = request(w, PersonWriteMode::CreateOnly, people);
            let result = ada.people().sync_people(call).await;
            assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
        }
        let upsert = request(w, PersonWriteMode::Unspecified, vec![named("a@example.com", "")]);
        assert_eq!(statuses(&ada, upsert.clone()).await, [done(PersonWriteStatus::Created)]);
        let unknown = pb::SyncPeopleRequest { mode: 99, ..upsert };
        let result = ada.people().sync_people(unknown).await;
        assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
    }
}
