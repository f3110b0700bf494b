//! The command line.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Output;

use precinct::pb;

use crate::support::database::Database;
use crate::support::process::{Process, precinct, sqlite};

fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = precinct().args(arguments).output().expect("it runs");
    let said = [stdout, stderr].concat();
    (status.code(), String::from_utf8(said).expect("text"))
}

/// H-01: an address that others can reach needs a way to prove who calls, and so does one where it is off.
#[test]
fn h_01_a_way_is_needed() {
    for arguments in
        [["--listen", "0.0.0.0:0"], ["--listen=127.0.0.1:0", "--trusted-headers=false"]]
    {
        let (code, said) = run(&[&["serve"], &arguments[..]].concat());
        assert_eq!(code, Some(2), "{said}");
        for flag in ["--trusted-headers", "--jwt-issuers", "--api-keys"] {
            assert!(said.contains(flag), "{said}");
        }
    }
}

/// H-01: what cannot be safe, or cannot work, is found at start.
#[test]
fn h_01_issuers_and_certificates_are_checked_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let secret =
        r#"[{"issuer": "a", "audiences": ["p"], "jwks": "https://a/", "algorithms": ["HS256"]}]"#;
    let plain = r#"[{"issuer": "a", "audiences": ["p"], "jwks": "http://a.example.com/"}]"#;
    let (secret, plain) = (file("secret.json", secret), file("plain.json", plain));
    let certificate = |names: &str| rcgen::generate_simple_self_signed([names.to_owned()]).unwrap();
    let (one, two) = (certificate("a.example.com"), certificate("a.example.com"));
    let chain = file("chain.pem", &one.cert.pem());
    let other = file("other.pem", &two.signing_key.serialize_pem());
    for (arguments, why) in [
        (&["--jwt-issuers", "/nowhere.json"][..], "/nowhere.json"),
        (&["--jwt-issuers", &secret], "shared secrets"),
        (&["--jwt-issuers", &plain], "use https"),
        (&["--tls-cert", &chain], "--tls-key"),
        (&["--tls-cert", &chain, "--tls-key", "/nowhere.pem"], "/nowhere.pem"),
        (&["--tls-cert", &chain, "--tls-key", &chain], "chain.pem"),
        (&["--tls-cert", &chain, "--tls-key", &other], "other.pem"),
    ] {
        let url = sqlite(folder.path());
        let serve = ["serve", "--listen=127.0.0.1:0", "--admin-listen=", "--database-url", &url];
        let (code, said) = run(&[&serve, arguments].concat());
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
}

/// H-01: where tokens are taken, headers are trusted only if that is said too.
#[tokio::test]
async fn h_01_headers_are_not_trusted_beside_tokens() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("keys.json"), r#"{"keys": []}"#).unwrap();
    let issuers = folder.path().join("issuers.json");
    std::fs::write(&issuers, r#"[{"issuer": "a", "audiences": ["p"], "jwks": "keys.json"}]"#)
        .unwrap();
    let issuers = ["--jwt-issuers", issuers.to_str().unwrap()];
    for (more, known) in [(&[][..], false), (&["--trusted-headers"], true)] {
        let server = Process::start(&[&issuers, more].concat());
        server.ready().await;
        let call = server.operator().system().get_server_info(pb::GetServerInfoRequest {}).await;
        assert_eq!(call.is_ok(), known, "{more:?}: {call:?}");
    }
}

#[test]
fn a_second_server_on_one_file_is_refused() {
    let server = Process::start(&[]);
    let url = sqlite(server.directory.path());
    let (code, said) = run(&["serve", "--listen", "127.0.0.1:0", "--database-url", &url]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("another server"), "{said}");
}

#[test]
fn migrate() {
    let directory = tempfile::tempdir().unwrap();
    let migrate =
        |action: &str| run(&["migrate", action, "--database-url", &sqlite(directory.path())]);
    assert_eq!(migrate("status").0, Some(3), "a new file is behind");
    assert_eq!(migrate("up").0, Some(0));
    assert_eq!(migrate("status").0, Some(0));
}

/// On PostgreSQL the server waits for somebody to migrate, alive but not ready.
#[tokio::test]
async fn postgres_waits_for_migrations() {
    let database = Database::empty().await;
    let secret = ["--secret", "a secret for tests only"];
    let server = Process::on(&database.url, tempfile::tempdir().unwrap(), &secret);
    let ask =
        |service: &str| run(&["health", "--address", &server.address, "--service", service]).0;
    assert_eq!((ask("liveness"), ask("startup"), ask("readiness")), (Some(0), Some(4), Some(4)));
    let migrate = ["migrate", "up", "--database-url", &database.url, secret[0], secret[1]];
    assert_eq!(run(&migrate).0, Some(0));
    server.ready().await;
}

#[tokio::test]
async fn health() {
    let server = Process::start(&[]);
    server.ready().await;
    let ask =
        |service: &str| run(&["health", "--address", &server.address, "--service", service]).0;
    assert_eq!(ask("readiness"), Some(0));
    assert_eq!(ask("precinct.v1.PersonService"), Some(0));
    assert_eq!(ask("nope"), Some(4));
    assert_eq!(run(&["health", "--address", "127.0.0.1:1"]).0, Some(5));
}

#[tokio::test]
async fn admin_port() {
    let server = Process::start(&[]);
    server.ready().await;
    let get = |path: &str| {
        let mut socket = TcpStream::connect(&server.admin).expect("the admin port accepts");
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).expect("a request");
        let mut reply = String::new();
        socket.read_to_string(&mut reply).expect("a reply");
        reply
    };
    assert!(get("/livez").starts_with("HTTP/1.1 200"));
    assert!(get("/readyz").starts_with("HTTP/1.1 200"));
    let metrics = get("/metrics");
    for name in
        ["grpc_server_started_total", "grpc_server_handled_total", "grpc_server_handling_seconds"]
    {
        assert!(metrics.contains(name), "{name} in {metrics}");
    }
    let watch = "grpc_service=\"grpc.health.v1.Health\",grpc_method=\"Watch\"} 1";
    assert!(metrics.contains(watch), "calls are counted: {metrics}");
}

#[test]
fn completions_and_version() {
    let (code, said) = run(&["completions", "bash"]);
    assert_eq!((code, said.contains("_precinct()")), (Some(0), true), "{said}");
    let (code, said) = run(&["--version"]);
    assert_eq!((code, said.starts_with("precinct ")), (Some(0), true), "{said}");
}
