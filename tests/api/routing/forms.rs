//! Forms: nobody is refused for being known, nobody is lost, and nobody is told.

use precinct::pb;
use precinct::pb::attribute_value::Kind;
use precinct::pb::{AssetType, ErrorReason, FieldType, KnownElsewhere};
use tonic::Code;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::feed::kinds;
use crate::support::routing::{Door, always, somebody, tenant_with};
use crate::support::status::{assert_refused, fields};
use crate::support::{App, Tenant};

/// A tenant, with a workspace that sees one partition, reads another, and does not see the third.
struct House {
    tenant: Tenant,
    ada: Actor,
    door: Door,
    seen: String,
    read: String,
    hidden: String,
}

impl House {
    async fn new(app: &App, settings: pb::TenantSettings) -> Self {
        let tenant = tenant_with(app, settings).await;
        let ada = tenant.admin();
        let [seen, read, hidden] = [
            ada.partition("Seen").await,
            ada.partition("Read").await,
            ada.partition("Hidden").await,
        ];
        let w = ada.workspace("W", &[&seen]).await;
        ada.bind_read_only(&w, &read).await;
        let door = Door::new(&ada, &w).await;
        Self { tenant, ada, door, seen, read, hidden }
    }

    /// Somebody who is known already.
    async fn known(&self, partition: &str, email: &str) -> String {
        let all = &self.tenant.default_workspace;
        ok(self.ada.try_person(all, partition, email).await).person.unwrap_or_default().person_id
    }

    async fn person(&self, id: &str) -> pb::Person {
        self.ada.try_get_person(&self.tenant.default_workspace, id).await.unwrap()
    }

    /// All who have an email, wherever.
    async fn all(&self, email: &str) -> Vec<pb::Person> {
        let request = pb::LookupPeopleRequest {
            workspace_id: self.tenant.default_workspace.clone(),
            emails: vec![email.into()],
        };
        ok(self.ada.people().lookup_people(request).await).results.remove(0).people
    }
}

fn settings(known_elsewhere: KnownElsewhere) -> pb::TenantSettings {
    let known_elsewhere = known_elsewhere.into();
    pb::TenantSettings { known_elsewhere, ..pb::TenantSettings::default() }
}

fn allow() -> pb::TenantSettings {
    pb::TenantSettings {
        duplicate_policy: pb::DuplicatePolicy::Allow.into(),
        ..pb::TenantSettings::default()
    }
}

on_both! {
    /// new, known, read-only, out of sight, deleted or unsubscribed: the reply is the same to the byte, and
    /// each submission raises the revision by one.
    async fn r_06_everybody_gets_the_same_reply(app) {
        for settings in [settings(KnownElsewhere::Withhold), settings(KnownElsewhere::Move), allow()] {
            let house = House::new(app, settings).await;
            for (email, partition) in [
                ("seen@example.com", &house.seen),
                ("read@example.com", &house.read),
                ("hidden@example.com", &house.hidden),
                ("deleted@example.com", &house.seen),
            ] {
                house.known(partition, email).await;
            }
            let request = pb::DeletePersonRequest {
                workspace_id: house.door.workspace.clone(),
                person_id: house.all("deleted@example.com").await.remove(0).person_id,
                ..pb::DeletePersonRequest::default()
            };
            ok(house.ada.people().delete_person(request).await);
            let wanted = house.door.submit(&house.ada, somebody("new@example.com", "Zoe")).await;
            for email in ["seen", "read", "hidden", "deleted", "new", "other"] {
                let email = format!("{email}@example.com");
                for unsubscribed in [false, true] {
                    let person = pb::Person { unsubscribed: Some(unsubscribed), ..somebody(&email, "Zoe") };
                    assert_eq!(house.door.submit(&house.ada, person).await, wanted, "{email}");
                }
                // D-09: whatever else is withheld, nobody who unsubscribes is left out.
                let all = house.all(&email).await;
                assert!(all.iter().all(|one| one.unsubscribed == Some(true)), "{email}: {all:?}");
            }
            let (shown, hidden) = house.door.members(&house.ada).await;
            assert_eq!(shown + hidden, 6, "each is a member");
        }
    }

    /// who is seen is changed where that may be; where it may only be read, or is not seen, the fields are
    /// withheld and the person is a member.
    async fn r_06_fields_are_withheld_and_members_are_not(app) {
        let house = House::new(app, pb::TenantSettings::default()).await;
        let (door, ada) = (&house.door, &house.ada);
        for (partition, name, members) in [
            (&house.seen, "Zoe", (1, 0)),
            (&house.read, "", (2, 0)),
            (&house.hidden, "", (2, 1)),
        ] {
            let id = house.known(partition, &format!("{partition}@example.com")).await;
            door.submit(ada, somebody(&format!("{partition}@example.com"), "Zoe")).await;
            let now = house.person(&id).await;
            assert_eq!((now.first_name.as_str(), &now.partition_id), (name, partition));
            assert_eq!(door.members(ada).await, members);
        }
    }

    /// with MOVE, who is known out of sight comes to where a new person would go, as a move.
    async fn r_06_who_is_known_elsewhere_is_moved_if_the_tenant_says_so(app) {
        let house = House::new(app, settings(KnownElsewhere::Move)).await;
        let id = house.known(&house.hidden, "a@example.com").await;
        house.door.submit(&house.ada, somebody("A@example.com", "Zoe")).await;
        let now = house.person(&id).await;
        assert_eq!((now.first_name.as_str(), &now.partition_id), ("Zoe", &house.seen));
        assert_eq!(house.door.members(&house.ada).await, (1, 0));
        let rows = app.rows(&[house.tenant.id.parse().unwrap()]).await.into_values().next().unwrap();
        let moves: Vec<_> = rows.changes.iter().filter(|one| one.kind == "people.moved").collect();
        assert_eq!(moves.len(), 1);
        assert_eq!(moves[0].detail["moved"][0]["person_id"], id.as_str());
    }

    /// R-06, M-03: nobody is moved across regions; the person is a member all the same.
    async fn r_06_nobody_is_moved_across_regions(app) {
        let house = House::new(app, settings(KnownElsewhere::Move)).await;
        let (us, eu) = (
            house.ada.regional_partition("US", "us").await,
            house.ada.regional_partition("EU", "eu").await,
        );
        house.ada.route(&[always(&eu)]).await;
        let id = house.known(&us, "a@example.com").await;
        house.door.submit(&house.ada, somebody("a@example.com", "Zoe")).await;
        let now = house.person(&id).await;
        assert_eq!((now.first_name.as_str(), &now.partition_id), ("", &us));
        assert_eq!(house.door.members(&house.ada).await, (0, 1));
    }

    /// R-06, D-11: under ALLOW, who is known out of sight is another person; of several who are seen the primary's is
    /// meant, and where none is there, nobody is refused.
    async fn r_06_under_allow_a_new_person_is_made(app) {
        let house = House::new(app, allow()).await;
        let (door, ada) = (&house.door, &house.ada);
        house.known(&house.hidden, "a@example.com").await;
        door.submit(ada, somebody("a@example.com", "Zoe")).await;
        let all = house.all("a@example.com").await;
        assert_eq!(all.len(), 2);
        assert!(all.iter().any(|one| one.partition_id == house.seen && one.first_name == "Zoe"));
        let more = ada.partition("More").await;
        ada.bind_read_only(&door.workspace, &more).await;
        house.known(&house.read, "b@example.com").await;
        house.known(&more, "b@example.com").await;
        door.submit(ada, somebody("b@example.com", "Zoe")).await;
        assert_eq!(house.all("b@example.com").await.len(), 3, "two twins are seen, and neither is meant");
        ada.route(&[always(&house.hidden)]).await;
        let c = house.known(&house.hidden, "c@example.com").await;
        door.submit(ada, somebody("c@example.com", "Zoe")).await;
        assert_eq!(house.person(&c).await.first_name, "", "where the rule leads, the email is taken");
        assert_eq!(door.members(ada).await, (2, 1));
    }

    /// an external id that somebody else has is left out, and nothing else is lost.
    async fn r_06_an_external_id_in_conflict_is_left_out(app) {
        let house = House::new(app, pb::TenantSettings::default()).await;
        let (door, ada) = (&house.door, &house.ada);
        let with_id = |email: &str| pb::Person { external_id: "x-1".into(), ..somebody(email, "Zoe") };
        let wanted = door.submit(ada, with_id("first@example.com")).await;
        let id = house.known(&house.seen, "known@example.com").await;
        for email in ["second@example.com", "known@example.com"] {
            assert_eq!(door.submit(ada, with_id(email)).await, wanted);
            let now = house.all(email).await.remove(0);
            assert_eq!((now.external_id.as_str(), now.first_name.as_str()), ("", "Zoe"), "{email}");
        }
        assert_eq!(house.all("first@example.com").await[0].external_id, "x-1");
        assert_eq!(house.person(&id).await.first_name, "Zoe");
    }

    /// what is empty changes nothing.
    async fn r_06_an_empty_field_changes_nothing(app) {
        let house = House::new(app, pb::TenantSettings::default()).await;
        let (door, ada) = (&house.door, &house.ada);
        ada.field("hat", FieldType::Text).await;
        ada.field("coat", FieldType::Text).await;
        let value = |kind| pb::AttributeValue { kind: Some(kind) };
        let mut person = somebody("a@example.com", "Zoe");
        for name in ["hat", "coat"] {
            person.attributes.insert(name.into(), value(Kind::TextValue("red".into())));
        }
        door.submit(ada, person.clone()).await;
        let before = house.all("a@example.com").await;
        person.first_name = String::new();
        person.attributes.insert("hat".into(), value(Kind::NullValue(0)));
        person.attributes.insert("coat".into(), value(Kind::TextValue("  ".into())));
        door.submit(ada, person).await;
        assert_eq!(house.all("a@example.com").await, before);
    }

    /// R-06, W-12, D-09: a form is the workspace's own and approved; an archived workspace takes an unsubscription.
    async fn r_06_what_a_form_needs(app) {
        let house = House::new(app, pb::TenantSettings::default()).await;
        let (door, ada) = (&house.door, &house.ada);
        let draft = ada.asset(&door.workspace, AssetType::Form, "Draft").await;
        let other = Door::new(ada, &house.tenant.default_workspace).await;
        let good = || door.request(somebody("a@example.com", "Zoe"));
        let submit = async |request| ada.assets().submit_form(request).await;
        let request = pb::SubmitFormRequest { form_id: draft, ..good() };
        assert_refused(submit(request).await, Code::FailedPrecondition, ErrorReason::NotApprovable);
        for request in [
            pb::SubmitFormRequest { form_id: other.form.clone(), ..good() },
            pb::SubmitFormRequest { form_id: door.program.clone(), ..good() },
            pb::SubmitFormRequest { program_id: other.program, ..good() },
            pb::SubmitFormRequest { program_id: door.form.clone(), ..good() },
        ] {
            assert_refused(submit(request).await, Code::NotFound, ErrorReason::AssetNotFound);
        }
        let refused = submit(door.request(somebody(" ", "Zoe"))).await;
        let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["person.email"]);
        let id = house.known(&house.seen, "a@example.com").await;
        let archive = pb::ArchiveWorkspaceRequest {
            workspace_id: door.workspace.clone(),
            ..pb::ArchiveWorkspaceRequest::default()
        };
        ok(ada.workspaces().archive_workspace(archive).await);
        assert_refused(submit(good()).await, Code::FailedPrecondition, ErrorReason::WorkspaceArchived);
        for email in ["a@example.com", "nobody@example.com"] {
            door.submit(ada, pb::Person { unsubscribed: Some(true), ..somebody(email, "") }).await;
        }
        assert_eq!(house.person(&id).await.unsubscribed, Some(true));
        assert!(house.all("nobody@example.com").await.is_empty());
        let later = house.known(&house.read, "nobody@example.com").await;
        assert_eq!(house.person(&later).await.unsubscribed, Some(true));
        assert_eq!(door.members(ada).await, (0, 0));
    }

    /// the audit log tells what happened; the feed names nobody whom the workspace does not see.
    async fn r_06_the_audit_log_tells_what_happened(app) {
        let house = House::new(app, pb::TenantSettings::default()).await;
        house.known(&house.hidden, "a@example.com").await;
        for email in ["a@example.com", "b@example.com"] {
            house.door.submit(&house.ada, somebody(email, "Zoe")).await;
        }
        let rows = app.rows(&[house.tenant.id.parse().unwrap()]).await.into_values().next().unwrap();
        let told: Vec<_> = rows.changes.iter().filter(|one| one.kind == "form.submitted").collect();
        assert_eq!(told.len(), 2);
        assert!(told[0].detail["person_id"].is_null() && told[1].detail["person_id"].is_string());
        assert_eq!(rows.audits.iter().filter(|one| one.action == "AssetService/SubmitForm").count(), 2);
    }

    /// K-07, K-10: whom a form makes or changes, the feed tells to all who see them, whether they see the form or not.
    async fn k_10_whom_a_form_makes_is_told_to_all_who_see_them(app) {
        let house = House::new(app, pb::TenantSettings::default()).await;
        let other = house.ada.workspace("Other", &[&house.seen]).await;
        let blind = house.ada.workspace("Blind", &[&house.hidden]).await;
        let since = house.ada.revision().await;
        house.door.submit(&house.ada, somebody("b@example.com", "Zoe")).await;
        house.door.submit(&house.ada, somebody("b@example.com", "Zo")).await;
        let told = house.ada.changes(since, &other).await;
        assert_eq!(kinds(&told), ["person.created", "person.updated"]);
        let id = house.all("b@example.com").await[0].person_id.clone();
        assert!(told.iter().all(|one| one.people[0].person_id == id), "{told:?}");
        assert_eq!(house.ada.changes(since, &blind).await, []);
    }
}
