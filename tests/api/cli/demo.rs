//! `precinct demo`.

use serde_json::Value as Json;

use super::Site;

impl Site {
    /// What the demo says that it made.
    fn demo(&self) -> Json {
        let output = self.precinct(&["demo", "--json"]).output().expect("the program runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{errors}");
        serde_json::from_slice(&output.stdout).expect("it is JSON")
    }
}

/// H-03: the companies are there after one run, and the same ones after another.
#[tokio::test]
async fn h_03_a_second_run_makes_nothing() {
    let site = Site::new().await;
    let made = site.demo();
    let names = |of: &Json| -> Vec<String> { of.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(made[0]["display_name"], "Aurelia Travel");
    assert_eq!(names(&made[0]["workspaces"]).len(), 7);
    assert_eq!(names(&made[1]["workspaces"]), ["Default", "Schools", "Shop"]);
    assert_eq!(site.demo(), made);
    let mut export = site.precinct(&["export", "--principal", "user:cleo"]);
    let brisa = made[0]["workspaces"]["Brisa - EU - Production"].as_str().unwrap();
    export.env("PRECINCT_TENANT", made[0]["tenant_id"].as_str().unwrap());
    let output = export.args(["--workspace", brisa]).output().expect("the program runs");
    assert_ne!(output.status.code(), Some(0), "a viewer exports nobody");
    let mut export = site.precinct(&["export", "--principal", "user:ada", "--format", "jsonl"]);
    export.env("PRECINCT_TENANT", made[0]["tenant_id"].as_str().unwrap());
    let output = export.args(["--workspace", brisa]).output().expect("the program runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 200 + 400);
}
