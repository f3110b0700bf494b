//! Decode, call, encode: one file per service, its conversions below its handlers.

pub mod access;
pub mod activity;
pub mod asset;
mod attribute;
pub mod decode;
pub mod field;
pub mod filter;
pub mod folder;
mod item;
pub mod json;
pub mod list;
mod mutation;
pub mod operation;
pub mod partition;
pub mod person;
mod plan;
pub mod routing;
pub mod segmentation;
pub mod sharing;
pub mod system;
pub mod tenant;
pub mod topology;
pub mod transfer;
pub mod usage;
pub mod workspace;

use tonic::metadata::MetadataValue;
use tonic::{Request, Response, Status};

use crate::context::Context;
use crate::pb;
use crate::repository::Answer;
use crate::service::plan::Planned;

pub use mutation::Mutates;
use mutation::Plans;

/// The metadata key of the revision that a reply is of.
pub const REVISION: &str = "x-precinct-revision";

/// Splits a request into who is asking and what they ask. Fails closed: without the context that the door
/// makes, nothing is answered.
pub fn open<T>(request: Request<T>) -> Result<(Context, T), Status> {
    let (_, mut extensions, message) = request.into_parts();
    let ctx = extensions
        .remove::<Context>()
        .ok_or_else(|| crate::error::Error::internal("a request came in without a context"))?;
    Ok((ctx, message))
}

/// As [`open`], for a mutation: its `request_id` and `validate_only` go into the context.
pub fn mutate<T: Mutates>(request: Request<T>) -> Result<(Context, T), Status> {
    let (mut ctx, message) = open(request)?;
    ctx.mutation = message.mutation()?;
    Ok((ctx, message))
}

/// As [`mutate`], for a call that can be planned: its `plan_token` goes into the context too.
fn plan<T: Plans>(request: Request<T>) -> Result<(Context, T), Status> {
    let (mut ctx, message) = mutate(request)?;
    ctx.mutation.plan = message.plan_key();
    Ok((ctx, message))
}

/// A reply with the revision that it is of, in the metadata too.
pub fn reply<T, M>(answer: Answer<T>, encode: impl FnOnce(T, i64) -> M) -> Response<M> {
    let revision = answer.revision;
    let mut response = Response::new(encode(answer.value, revision));
    response.metadata_mut().insert(REVISION, MetadataValue::from(revision));
    response
}

/// As [`reply`], for a call that can be planned: with its plan, if that was asked.
fn planned<T, M>(
    answer: Answer<Planned<T>>,
    encode: impl FnOnce(T, Option<pb::Plan>, i64) -> M,
) -> Response<M> {
    reply(answer, |one, revision| encode(one.value, one.plan.map(Into::into), revision))
}
