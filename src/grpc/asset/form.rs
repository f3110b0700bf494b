//! What people fill in.

use tonic::{Request, Response, Status};

use crate::grpc::decode::Fields;
use crate::grpc::person::required_person;
use crate::grpc::{mutate, reply};
use crate::pb;
use crate::service::person::{People, Submission};

pub(super) async fn submit_form(
    people: &People,
    request: Request<pb::SubmitFormRequest>,
) -> Result<Response<pb::SubmitFormResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let mut fields = Fields::default();
    let submission = Submission {
        workspace: fields.id("workspace_id", &request.workspace_id),
        form: fields.id("form_id", &request.form_id),
        program: fields.optional_id("program_id", &request.program_id),
        input: required_person(&mut fields, "person", request.person.as_ref()),
    };
    if request.person.is_some_and(|person| person.email.trim().is_empty()) {
        fields.violate("person.email", "must be set: a form knows people by it");
    }
    fields.check()?;
    let taken = people.submit_form(&ctx, &submission).await?;
    Ok(reply(taken, |(), revision| pb::SubmitFormResponse { revision }))
}
