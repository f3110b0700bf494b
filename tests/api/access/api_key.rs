//! Keys of service accounts: made, shown, replaced and ended.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use precinct::config::API_KEYS_MAX;
use precinct::pb;
use precinct::pb::ErrorReason;
use precinct::secret::digest;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use tonic::Code;

use crate::on_both;
use crate::support::App;
use crate::support::access::built_in;
use crate::support::actor::ok;
use crate::support::status::{assert_refused, fields, metadata};

const DAY: i64 = 24 * 60 * 60;

/// All that a database holds, as bytes.
async fn dump(app: &App) -> Vec<u8> {
    if let Some(file) = app.database.url.strip_prefix("sqlite://") {
        let mut bytes = std::fs::read(file).unwrap();
        bytes.extend(std::fs::read(format!("{file}-wal")).unwrap_or_default());
        return bytes;
    }
    let mut connection = PgConnection::connect(&app.database.url).await.unwrap();
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
    let mut bytes = Vec::new();
    for table in sqlx::query(tables).fetch_all(&mut connection).await.unwrap() {
        let rows = format!("SELECT t::text FROM {} t", table.get::<String, _>(0));
        for row in sqlx::query(AssertSqlSafe(rows)).fetch_all(&mut connection).await.unwrap() {
            bytes.extend(row.get::<String, _>(0).into_bytes());
        }
    }
    bytes
}

/// Whether bytes are there, as they are or written in one of the usual ways.
fn holds(dump: &[u8], secret: &[u8]) -> bool {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let numbers: Vec<String> = secret.iter().map(u8::to_string).collect();
    let mut forms = vec![secret.to_vec(), numbers.join(",").into(), hex.to_uppercase().into()];
    forms.push(hex.into());
    // Of longer texts, base64 shows a part of three bytes' multiples, at each of three offsets.
    for offset in 0..3 {
        let whole = &secret[offset..offset + (secret.len() - offset) / 3 * 3];
        forms.push(URL_SAFE_NO_PAD.encode(whole).into());
    }
    forms.iter().any(|form| dump.windows(form.len()).any(|window| window == form.as_slice()))
}

/// The secret in a key.
fn secret(text: &str) -> Vec<u8> {
    let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix("pct_").unwrap()).unwrap();
    assert_eq!(bytes.len(), 80);
    bytes[32..64].to_vec()
}

fn now() -> i64 {
    precinct::clock::now() / 1_000_000
}

fn time(seconds: i64) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp { seconds, nanos: 0 })
}

fn create(account: &str, expire_time: Option<prost_types::Timestamp>) -> pb::CreateApiKeyRequest {
    let key = pb::ApiKey { display_name: "CI".into(), expire_time, ..pb::ApiKey::default() };
    pb::CreateApiKeyRequest {
        service_account_id: account.into(),
        api_key: Some(key),
        ..pb::CreateApiKeyRequest::default()
    }
}

on_both! {
    /// A-08, H-03: a key is shown to its maker alone, again if the call is repeated; kept are its hash and
    /// nothing from which it could be made.
    async fn a_08_a_key_is_shown_once_and_kept_as_a_hash(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let account = ada.account("Robot").await;
        let request = pb::CreateApiKeyRequest {
            request_id: "0190f0e0-0000-4000-8000-000000000001".into(),
            ..create(&account, None)
        };
        let tried = pb::CreateApiKeyRequest { validate_only: true, ..request.clone() };
        let tried = ok(ada.access().create_api_key(tried).await);
        assert_eq!(tried.key, "");
        assert_eq!(tried.api_key.unwrap().display_name, "CI");
        assert_eq!(ada.keys(&account).await, []);
        let made = ok(ada.access().create_api_key(request.clone()).await);
        assert_eq!(ok(ada.access().create_api_key(request).await), made);
        let rotate = pb::RotateApiKeyRequest {
            api_key_id: made.api_key.clone().unwrap().api_key_id,
            request_id: "0190f0e0-0000-4000-8000-000000000002".into(),
            ..pb::RotateApiKeyRequest::default()
        };
        let rotated = ok(ada.access().rotate_api_key(rotate.clone()).await);
        assert_eq!(ok(ada.access().rotate_api_key(rotate).await), rotated);
        assert_ne!(rotated.key, made.key);
        assert_eq!(rotated.api_key.clone().unwrap().display_name, "CI");
        let listed = ada.keys(&account).await;
        assert_eq!(listed, [rotated.old_api_key.unwrap(), rotated.api_key.unwrap()]);
        let dump = dump(app).await;
        for key in [&made.key, &rotated.key] {
            assert_eq!(acme.bearer(key).whoami().await.unwrap().principal_source, "api-key");
            assert!(holds(&dump, &digest(&[&secret(key)])), "what is looked for would be found");
            assert!(!holds(&dump, &secret(key)), "the secret is in the database");
            assert!(!holds(&dump, key.as_bytes()), "the key is in the database");
        }
        // The hash, too, is in its own table alone.
        let answers = app.rows(&[acme.id.parse().unwrap()]).await;
        let answers = answers.into_values().flat_map(|rows| rows.requests);
        for answer in answers.filter_map(|request| request.answer) {
            assert!(!holds(answer.as_bytes(), &digest(&[&secret(&made.key)])), "{answer}");
        }
    }

    /// a key ends within 366 days, after 90 if nothing is said.
    async fn a_08_a_key_has_an_end(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let account = ada.account("Robot").await;
        let made = ok(ada.try_key(&account).await).api_key.unwrap();
        let life = made.expire_time.unwrap().seconds - made.create_time.unwrap().seconds;
        assert_eq!(life, 90 * DAY);
        let end = time(now() + 365 * DAY);
        let made = ok(ada.access().create_api_key(create(&account, end)).await).api_key.unwrap();
        assert_eq!(made.expire_time, end);
        let wrong = [time(now() - 1), time(now() + 367 * DAY), time(i64::MAX)];
        for expire_time in wrong {
            let result = ada.access().create_api_key(create(&account, expire_time)).await;
            let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
            assert_eq!(fields(&status), ["api_key.expire_time"]);
            let rotate = pb::RotateApiKeyRequest {
                api_key_id: made.api_key_id.clone(),
                expire_time,
                ..pb::RotateApiKeyRequest::default()
            };
            let result = ada.access().rotate_api_key(rotate).await;
            let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
            assert_eq!(fields(&status), ["expire_time"]);
        }
        for overlap in [-1, 31 * DAY] {
            let result = ada.try_rotate(&made.api_key_id, Some(overlap)).await;
            let status = assert_refused(result, Code::InvalidArgument, ErrorReason::InvalidField);
            assert_eq!(fields(&status), ["overlap"]);
        }
        assert_eq!(ada.keys(&account).await.len(), 2);
    }

    /// a replaced key goes on for a while, so that programs change over without a gap, and no longer
    /// than it would have.
    async fn a_08_keys_overlap_when_they_rotate(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let account = ada.account("Robot").await;
        let (first, one) = ada.key(&account).await;
        let rotated = ok(ada.try_rotate(&first, None).await);
        let (old, two) = (rotated.old_api_key.unwrap(), rotated.key);
        assert_eq!(old.api_key_id, first);
        let left = old.expire_time.unwrap().seconds - now();
        assert!((DAY - 60..=DAY).contains(&left), "{left}");
        for key in [&one, &two] {
            acme.bearer(key).whoami().await.unwrap();
        }
        // It ends when it ends, however long the overlap.
        let again = ok(ada.try_rotate(&first, Some(30 * DAY)).await);
        assert_eq!(again.old_api_key.unwrap().expire_time, old.expire_time);
        // Without an overlap it ends now.
        ok(ada.try_rotate(&first, Some(0)).await);
        let refused = acme.bearer(&one).whoami().await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsRequired);
        for key in [&two, &again.key] {
            acme.bearer(key).whoami().await.unwrap();
        }
    }

    /// a key hands on all that its account holds: its maker has to hold it too.
    async fn a_03_nobody_makes_a_key_of_an_account_that_holds_more(app) {
        let acme = app.tenant("acme").await;
        let (ada, bob) = (acme.admin(), acme.user("bob"));
        let keeper = ada.role("Keeper of keys", &["service_accounts.manage"]).await;
        ada.grant("user:bob", &keeper, "").await;
        let account = ada.account("Robot").await;
        let (key, _) = bob.key(&account).await;
        let w = ada.workspace("EMEA", &[]).await;
        let grant = ada.grant(&format!("service:{account}"), &built_in("Viewer"), &w).await;
        for refused in [
            bob.try_key(&account).await.map(drop),
            bob.try_rotate(&key, None).await.map(drop),
        ] {
            let status =
                assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
            assert_eq!(metadata(&status, "workspace_id"), Some(w.clone()));
            assert_ne!(metadata(&status, "permission").as_deref(), Some("service_accounts.manage"));
        }
        // Ending one hands on nothing.
        ok(bob.try_revoke_key(&key).await);
        ada.grant("user:bob", &built_in("Viewer"), &w).await;
        bob.key(&account).await;
        ok(ada.try_revoke(&grant).await);
        bob.key(&account).await;
    }

    /// T-03: an account has a number of keys at most; those that have ended make room.
    async fn t_03_an_account_has_so_many_keys(app) {
        let ada = app.tenant("acme").await.admin();
        let account = ada.account("Robot").await;
        let mut last = String::new();
        for _ in 0..API_KEYS_MAX {
            (last, _) = ada.key(&account).await;
        }
        for refused in [
            ada.try_key(&account).await.map(drop),
            ada.try_rotate(&last, None).await.map(drop),
        ] {
            let status = assert_refused(refused, Code::ResourceExhausted, ErrorReason::QuotaExceeded);
            let facts = ["quota", "limit", "used"].map(|name| metadata(&status, name).unwrap());
            assert_eq!(facts, ["api_keys", "20", "20"]);
        }
        // Other accounts have their own.
        ada.key(&ada.account("Other").await).await;
        app.database.sabotage("UPDATE api_key SET expire_time = 1 WHERE id = {id}", &last).await;
        ada.key(&account).await;
        let left = ada.keys(&account).await;
        assert_eq!(left.len(), 20);
        assert!(left.iter().all(|key| key.api_key_id != last));
    }
}
