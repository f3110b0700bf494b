//! `precinct topology` and `precinct explain`.

use super::Site;

/// a tree, a chart and data of the same; findings that are errors are so for scripts.
#[tokio::test]
async fn x_04_a_topology_is_shown_and_looked_over() {
    let site = Site::new().await;
    let said = site.run(&["topology"]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    let tree = "Workspaces\n└── Default (production)\n    ├── sees all partitions\n    └── sees Default, primary\n\
        Partitions\n└── Default (0 people)\n";
    let finding = "warning: user:owner alone administers the workspace \"Default\"\n  \
        Make another user an admin of it, directly or through a group.\n";
    assert_eq!(said.output, format!("{tree}\n{finding}"));
    let said = site.run(&["topology", "--format", "mermaid"]);
    assert!(
        said.output.starts_with("flowchart LR\n  w0[\"Default<br/>production\"]"),
        "{}",
        said.output
    );
    let said = site.run(&["topology", "--format", "json"]);
    let data: serde_json::Value = serde_json::from_str(&said.output).expect("one object");
    assert_eq!(data["workspaces"][0]["workspace_id"], site.workspace);
    assert_eq!(data["findings"][0]["kind"], "SINGLE_ADMIN");
    assert_eq!(data["bindings"][0]["access"], "READ_WRITE");
    let said = site.run(&["topology", "--findings"]);
    assert_eq!((said.code, said.output.as_str()), (Some(0), finding));
    site.share_across_environments().await;
    let said = site.run(&["topology", "--findings", "--format", "json"]);
    assert_eq!(said.code, Some(1));
    assert!(said.errors.contains("1 finding is an error"), "{}", said.errors);
    let found: serde_json::Value = serde_json::from_str(&said.output).expect("one array");
    assert_eq!(found[0]["severity"], "ERROR");
}

/// the chain, and what would turn it.
#[tokio::test]
async fn x_01_an_answer_is_explained() {
    let site = Site::new().await;
    site.write("people.csv", "email\nada@example.com\n");
    site.run(&["import", "people.csv"]);
    let export = site.run(&["export", "--format", "jsonl"]);
    let person: serde_json::Value = serde_json::from_str(&export.output).expect("one person");
    let id = person["person_id"].as_str().expect("an id");
    let said = site.run(&["explain", "visibility", "--person", id]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    assert!(said.output.starts_with("seen\n  ✓ the workspace is there\n"), "{}", said.output);
    let asked = ["explain", "access", "--who", "user:bob", "--permission", "people.read"];
    let said = site.run(&asked);
    assert!(said.output.starts_with("not allowed\n"), "{}", said.output);
    assert!(said.output.contains("  ✗ no grant gives user:bob the permission people.read there\n"));
    assert!(said.output.contains("  → grant user:bob the role Viewer in the workspace"));
}
