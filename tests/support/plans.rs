//! Shorthands for calls that are planned, by any rpc.

use serde_json::{Value as Json, json};
use tonic::Status;

use super::actor::Actor;

/// A request with one field more.
pub fn with(request: &Json, field: &str, value: Json) -> Json {
    let mut request = request.clone();
    request[field] = value;
    request
}

/// What a plan says of a workspace: a number, 0 if it says nothing.
pub fn number(plan: &Json, workspace: &str, field: &str) -> i64 {
    let effects = plan["effects"].as_array().into_iter().flatten();
    let mut found = effects.filter(|one| one["workspace_id"].as_str().unwrap_or("") == workspace);
    found.next().and_then(|one| one[field].as_i64()).unwrap_or(0)
}

/// The items of a list of a plan.
pub fn items<'a>(plan: &'a Json, field: &str) -> &'a [Json] {
    plan[field].as_array().map(Vec::as_slice).unwrap_or_default()
}

// === impl Actor ===

impl Actor {
    /// What a call would do.
    #[track_caller]
    pub fn plan(&self, rpc: &str, request: &Json) -> impl Future<Output = Json> {
        let planned = self.try_plan(rpc.to_owned(), request.clone());
        async move { planned.await.unwrap_or_else(|status| panic!("{}", status.message())) }
    }

    pub fn try_plan(
        &self,
        rpc: String,
        request: Json,
    ) -> impl Future<Output = Result<Json, Status>> + use<> {
        let actor = self.clone();
        async move {
            let asked = with(&request, "validate_only", json!(true));
            let mut reply = actor.make(&rpc, &asked).await.result()?.remove(0);
            let plan = reply["plan"].take();
            assert!(plan["plan_token"].is_string(), "{rpc}: {plan}");
            Ok(plan)
        }
    }

    /// Does what was planned.
    pub async fn apply_plan(&self, rpc: &str, request: &Json, plan: &Json) -> Result<Json, Status> {
        let planned = with(request, "plan_token", plan["plan_token"].clone());
        let reply = self.make(rpc, &planned).await.result()?.remove(0);
        assert!(reply["plan"].is_null(), "{rpc}: a call that is done has no plan");
        Ok(reply)
    }
}
