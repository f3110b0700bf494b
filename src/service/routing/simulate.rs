//! Where a person would land, told as far as the caller may know it.

use super::{Router, Routings, Sample, Way};
use crate::context::Context;
use crate::domain::person::PersonInput;
use crate::domain::routing::Why;
use crate::domain::upsert::Reach;
use crate::entity::person::Source;
use crate::error::Result;
use crate::id::{PartitionId, WorkspaceId};
use crate::repository::Answer;
use crate::service::access::{self, At, Permission};
use crate::service::person;

/// A person who might come in.
#[derive(Clone, Debug)]
pub struct Question {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How.
    pub source: Source,
    /// The partition that the request would name.
    pub partition: Option<PartitionId>,
    /// The person.
    pub input: PersonInput,
}

/// Where it would land.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The partition, if the caller may know it.
    pub partition: Option<PartitionId>,
    /// Why.
    pub why: Why,
    /// The rules that matched and were passed over, as far as the caller may know their partitions.
    pub skipped: Vec<usize>,
    /// The workspace does not see it.
    pub hidden: bool,
    /// The version of the policy.
    pub version: i64,
}

// === impl Routings ===

impl Routings {
    /// Says where a person would land, and why.
    pub async fn simulate(&self, ctx: &Context, question: &Question) -> Result<Answer<Simulated>> {
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(question.workspace)).await?;
        let sight = person::sight(&scope, question.workspace).await?;
        if let Some(named) = question.partition {
            sight.narrow(&[named])?;
            if sight.reach(named) != Reach::Write {
                return Err(person::read_only(named));
            }
        }
        let fields = scope.fields().await?;
        let values = person::values(&fields, &question.input);
        let attributes = values.map_err(|error| error.below("person"))?;
        let way = Way { sight: &sight, named: question.partition, source: question.source };
        let router = Router::new(&scope, way).await?;
        let decision = router.decide(&Sample { input: &question.input, attributes: &attributes });
        // Whoever may see all partitions knows these too.
        let all = access::held(&scope, ctx, At::Tenant).await?.has(Permission::PartitionsRead);
        let told = |id: PartitionId| all || sight.seen(id).is_some();
        let partition = Some(decision.partition).filter(|id| told(*id));
        let passed = decision.skipped.into_iter();
        let skipped = passed.filter(|at| router.leads_to(*at).is_some_and(told)).collect();
        Ok(scope.answer(Simulated {
            partition,
            why: decision.why,
            skipped,
            hidden: sight.seen(decision.partition).is_none(),
            version: router.version(),
        }))
    }
}
