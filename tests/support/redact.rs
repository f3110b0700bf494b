//! Replies and refusals without what differs from call to call, so that two calls can be compared.

use std::collections::BTreeMap;

use prost::Message;
use serde_json::Value as Json;
use tonic::Status;
use tonic_types::StatusExt;
use uuid::Uuid;

/// A reply without its times, its revision, a key that it shows, the token of a plan, which is of its request, and ids
/// that `known`, a text, does not hold.
pub fn reply(json: &Json, known: &str) -> Json {
    match json {
        Json::Object(fields) => {
            let differs = ["revision", "key", "plan_token"];
            let stays =
                |name: &String| !differs.contains(&name.as_str()) && !name.ends_with("_time");
            let fields = fields.iter().filter(|(name, _)| stays(name));
            fields.map(|(name, value)| (name.clone(), reply(value, known))).collect()
        }
        Json::Array(items) => items.iter().map(|item| reply(item, known)).collect(),
        Json::String(text) if is_id(text) && !known.contains(text) => "<new id>".into(),
        other => other.clone(),
    }
}

/// Whether a text is an id, or a principal or an operation that is named by one.
fn is_id(text: &str) -> bool {
    let id = ["group:", "service:", "operations/"].iter().find_map(|kind| text.strip_prefix(kind));
    Uuid::parse_str(id.unwrap_or(text)).is_ok()
}

/// Everything that a caller can see of a refusal, but the id of the call.
pub fn refusal(status: &Status) -> String {
    let sent = tonic_types::pb::Status::decode(status.details()).expect("details decode");
    let details = sent.details.iter().map(|detail| {
        let kind = detail.type_url.as_str();
        if kind.ends_with("ErrorInfo") {
            info(status)
        } else {
            format!("{kind} {}", lossy(&detail.value))
        }
    });
    let details: Vec<String> = details.collect();
    let headers = status.metadata().clone().into_headers();
    let call = status.get_details_request_info().expect("a refusal names its call").request_id;
    format!("{:?}: {}\n{details:#?}\n{headers:?}", status.code(), status.message())
        .replace(&call, "<call>")
}

/// The facts of an ErrorInfo come in no order.
fn info(status: &Status) -> String {
    let info = status.get_details_error_info().expect("it is there");
    let facts: BTreeMap<_, _> = info.metadata.into_iter().collect();
    format!("{} {} {facts:?}", info.domain, info.reason)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
