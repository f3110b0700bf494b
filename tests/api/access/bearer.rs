//! Callers by API keys (A-08, H-01).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use precinct::clock::Clock;
use precinct::config::{API_KEY_LIFE, Authentication, ServerConfig};
use precinct::pb;
use precinct::pb::ErrorReason;
use precinct::secret::Secrets;
use precinct::server::Server;
use tonic::{Code, Status};

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::status::assert_refused;
use crate::support::{App, redact, secrets};

/// A server on the same database, with its own ways to prove who calls.
fn serve(app: &App, authentication: Authentication, secrets: &Secrets) -> Server {
    let server = Server::new(ServerConfig { authentication, ..ServerConfig::default() });
    server.open(&app.store, secrets);
    server
}

fn keys_alone() -> Authentication {
    Authentication { api_keys: true, ..Authentication::default() }
}

/// A call that anybody who is known may make.
async fn call(actor: &Actor) -> Result<String, Status> {
    actor.whoami().await.map(|found| found.principal)
}

/// All that a caller learns of a refusal.
async fn refusal(actor: &Actor) -> String {
    let refused = call(actor).await;
    let status = assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsRequired);
    redact::refusal(&status)
}

fn bytes(key: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(key.strip_prefix("pct_").unwrap()).unwrap()
}

fn text(bytes: &[u8]) -> String {
    format!("pct_{}", URL_SAFE_NO_PAD.encode(bytes))
}

on_both! {
    /// a key is its account: it works within the account's grants, and sees nothing without any.
    async fn a_08_an_account_works_within_its_grants(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), &acme.default_workspace);
        let account = ada.account("Robot").await;
        let (_, key) = ada.key(&account).await;
        let robot = acme.bearer(&key);
        let seen = robot.whoami().await.unwrap();
        assert_eq!(seen.principal, format!("service:{account}"));
        assert_eq!((&*seen.tenant_source, &*seen.principal_source), ("api-key", "api-key"));
        assert_eq!((seen.tenant_id, seen.permissions), (acme.id.clone(), vec![]));
        assert_eq!(robot.switcher().await, []);
        let request = pb::CountPeopleRequest { workspace_id: w.clone(), ..Default::default() };
        let refused = robot.people().count_people(request).await;
        assert_refused(refused, Code::NotFound, ErrorReason::WorkspaceNotFound);
        let grant = ada.grant(&format!("service:{account}"), &built_in("Marketer"), w).await;
        robot.person(w, "ada@example.com").await;
        assert_eq!(robot.count(w).await, 1);
        let refused = robot.try_account("Another").await;
        assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
        ok(ada.try_revoke(&grant).await);
        assert_eq!(robot.switcher().await, []);
    }

    /// a key costs no statement.
    async fn a_08_a_key_is_looked_up_in_memory(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (_, key) = ada.key(&ada.account("Robot").await).await;
        let robot = acme.bearer(&key);
        assert_eq!(app.statements(async || call(&robot).await.unwrap()).await, 0);
    }

    /// a key that was revoked, or whose account is switched off or deleted, is dead at once; on
    /// another replica, for those who are told the revision.
    async fn a_08_a_dead_key_is_dead_at_once(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let account = ada.account("Robot").await;
        let (id, one) = ada.key(&account).await;
        let (_, two) = ada.key(&account).await;
        let elsewhere = acme.through(app.replica().await);
        for key in [&one, &two] {
            call(&elsewhere.bearer(key)).await.unwrap();
            call(&acme.bearer(key)).await.unwrap();
        }
        let revision = ok(ada.try_revoke_key(&id).await).revision.to_string();
        let dead = refusal(&acme.bearer(&one)).await;
        let told = |key| elsewhere.bearer(key).with("x-precinct-at-least-revision", &revision);
        assert_eq!(refusal(&told(&one)).await, dead);
        call(&told(&two)).await.unwrap();
        ada.disable(&account, true).await;
        assert_eq!(refusal(&acme.bearer(&two)).await, dead);
        ada.disable(&account, false).await;
        call(&acme.bearer(&two)).await.unwrap();
        ok(ada.try_delete_account(&account, "").await);
        assert_eq!(refusal(&acme.bearer(&two)).await, dead);
        let result = ada.try_revoke_key(&id).await;
        assert_refused(result, Code::NotFound, ErrorReason::ApiKeyNotFound);
    }

    /// a key ends by the clock of the server.
    async fn a_08_a_key_ends(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (_, key) = ada.key(&ada.account("Robot").await).await;
        let clock = Clock::default();
        let authentication = Authentication { clock: clock.clone(), ..keys_alone() };
        let later = acme.through(serve(app, authentication, &secrets()));
        clock.advance(API_KEY_LIFE - Duration::from_secs(60));
        call(&later.bearer(&key)).await.unwrap();
        clock.advance(Duration::from_secs(60));
        refusal(&later.bearer(&key)).await;
        call(&acme.bearer(&key)).await.unwrap();
    }

    /// H-01, A-08: whatever is wrong with a key, the refusal is the same.
    async fn h_01_forged_keys_are_refused_alike(app) {
        let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
        let (ada, bob) = (acme.admin(), globex.admin());
        let account = ada.account("Robot").await;
        let (_, key) = ada.key(&account).await;
        let (_, other) = ada.key(&account).await;
        let (_, foreign) = bob.key(&bob.account("Robot").await).await;
        let server = serve(app, keys_alone(), &secrets());
        let bearer = |key: &str| Actor::nobody(server.clone())
            .with("authorization", &format!("Bearer {key}"));
        call(&bearer(&key)).await.unwrap();
        let dead = refusal(&Actor::nobody(server.clone())).await;
        let good = bytes(&key);
        let mut forged: Vec<String> = (0..good.len()).map(|at| {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            text(&bytes)
        }).collect();
        // Parts of good keys put together: another tenant's, another key's.
        for other in [bytes(&other), bytes(&foreign)] {
            forged.push(text(&[&other[..16], &good[16..]].concat()));
            forged.push(text(&[&good[..16], &other[16..]].concat()));
            forged.push(text(&[&good[..32], &other[32..]].concat()));
            forged.push(text(&[&good[..64], &other[64..]].concat()));
        }
        // A tenant that never was, a key that is too short or too long, or no key at all.
        forged.push(text(&[uuid::Uuid::now_v7().as_bytes(), &good[16..]].concat()));
        forged.extend((0..key.len()).map(|length| key[..length].to_owned()));
        forged.extend([format!("{key}A"), format!("{key}="), "pct_".repeat(40), "x".repeat(9_000)]);
        // The second of these is the first, since both keys are of one tenant.
        let forged = forged.iter().filter(|text| ![&key, &other, &foreign].contains(text));
        for text in forged {
            assert_eq!(refusal(&bearer(text)).await, dead, "{text}");
        }
        // Of a deployment with another secret.
        let theirs = Secrets::parse("the secret of another deployment").unwrap();
        let stranger = serve(app, keys_alone(), &theirs);
        let actor = Actor::nobody(stranger).with("authorization", &format!("Bearer {key}"));
        assert_eq!(refusal(&actor).await, dead);
        // Of one that has changed its secret since, and kept the old one: good.
        let newer = format!("a newer secret of ours,{}", crate::support::SECRET);
        let ours = serve(app, keys_alone(), &Secrets::parse(&newer).unwrap());
        call(&Actor::nobody(ours).with("authorization", &format!("Bearer {key}"))).await.unwrap();
    }

    /// H-01: a tenant that is named beside a key has to be the key's; keys are taken where they are switched
    /// on, and count alone.
    async fn h_01_a_key_counts_alone(app) {
        let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
        let ada = acme.admin();
        let account = ada.account("Robot").await;
        let (_, key) = ada.key(&account).await;
        let principal = format!("service:{account}");
        let robot = acme.bearer(&key);
        let named = robot.clone().with("x-precinct-tenant", &acme.id);
        assert_eq!(call(&named).await.unwrap(), principal);
        let impostor = named.clone().with("x-precinct-principal", "user:owner");
        assert_eq!(call(&impostor).await.unwrap(), principal);
        refusal(&robot.clone().with("x-precinct-tenant", &globex.id)).await;
        refusal(&robot.clone().with("x-precinct-tenant", "acme")).await;
        let headers = acme.admin().with("authorization", "Bearer pct_x");
        refusal(&headers).await;
        let off = serve(app, Authentication::trusted_headers(), &secrets());
        refusal(&acme.through(off).bearer(&key)).await;
    }

    /// T-04: a key of a suspended tenant reads, one of a deleted tenant is as one that never was.
    async fn t_04_keys_follow_their_tenant(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (_, key) = ada.key(&ada.account("Robot").await).await;
        let robot = acme.bearer(&key);
        let request = pb::SuspendTenantRequest { tenant_id: acme.id.clone(), ..Default::default() };
        ok(app.operator().tenants().suspend_tenant(request).await);
        call(&robot).await.unwrap();
        let request = pb::DeleteTenantRequest {
            tenant_id: acme.id.clone(),
            confirm_display_name: "acme".into(),
            ..Default::default()
        };
        ok(app.operator().tenants().delete_tenant(request).await);
        refusal(&robot).await;
    }
}
