//! `precinct explain`: why something is seen or allowed, or not, and what would change that.

use clap::{Args, Subcommand};
use uuid::Uuid;

use super::Failure;
use super::client::{Client, Result, Server};
use crate::pb::{AccessChange, ExplainAccessRequest, ExplainVisibilityRequest};

/// Explain why something is seen or allowed, or not, and what would change that.
#[derive(Args, Debug)]
pub(super) struct Explain {
    #[command(subcommand)]
    pub what: What,
}

#[derive(Debug, Subcommand)]
pub(super) enum What {
    Visibility(Visibility),
    Access(Access),
}

/// Why a workspace sees a person, an asset, or a person in an asset.
#[derive(Args, Debug)]
pub(super) struct Visibility {
    /// The workspace that looks.
    #[arg(long)]
    pub workspace: Uuid,

    /// A person.
    #[arg(long, required_unless_present = "asset")]
    pub person: Option<Uuid>,

    /// An asset; with a person: what the person is, or is not, in.
    #[arg(long)]
    pub asset: Option<Uuid>,

    /// With both, a segment of the segmentation.
    #[arg(long, requires_all = ["person", "asset"])]
    pub segment: Option<Uuid>,

    /// The service.
    #[command(flatten)]
    pub server: Server,
}

/// Why a principal may do something.
#[derive(Args, Debug)]
pub(super) struct Access {
    /// Who: `user:<subject>`, `group:<id>` or `service:<id>`.
    #[arg(long, value_name = "PRINCIPAL")]
    pub who: String,

    /// What, such as people.write.
    #[arg(long)]
    pub permission: String,

    /// Where [default: tenant-wide].
    #[arg(long)]
    pub workspace: Option<Uuid>,

    /// With what there: `partition:<id>`, `person:<id>`, `folder:<id>` or `asset:<id>`.
    #[arg(long, requires = "workspace")]
    pub resource: Option<String>,

    /// The service.
    #[command(flatten)]
    pub server: Server,
}

// === impl Explain ===

impl Explain {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.what {
            What::Visibility(asked) => asked.run().await?,
            What::Access(asked) => asked.run().await?,
        }
        Ok(())
    }
}

// === impl Visibility ===

impl Visibility {
    async fn run(self) -> Result<()> {
        let client: Client = self.server.client().await?;
        let request = ExplainVisibilityRequest {
            workspace_id: self.workspace.to_string(),
            person_id: text(self.person),
            asset_id: text(self.asset),
            segment_id: text(self.segment),
        };
        let seen = client.topology().explain_visibility(request).await?.into_inner();
        let facts = seen.links.iter().map(|link| (link.holds, link.text.as_str()));
        let verdict = if seen.visible { "seen" } else { "not seen" };
        print!("{}", explained(verdict, facts, seen.visible, seen.change.as_ref()));
        Ok(())
    }
}

// === impl Access ===

impl Access {
    async fn run(self) -> Result<()> {
        let client: Client = self.server.client().await?;
        let request = ExplainAccessRequest {
            principal: self.who,
            permission: self.permission,
            workspace_id: text(self.workspace),
            resource: self.resource.unwrap_or_default(),
        };
        let answer = client.topology().explain_access(request).await?.into_inner();
        let facts = answer.links.iter().map(|link| (link.holds, link.text.as_str()));
        let verdict = if answer.allowed { "allowed" } else { "not allowed" };
        print!("{}", explained(verdict, facts, answer.allowed, answer.change.as_ref()));
        Ok(())
    }
}

fn text(id: Option<Uuid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// A verdict, the facts that it rests on, and what would turn it.
fn explained<'a>(
    verdict: &str,
    facts: impl Iterator<Item = (bool, &'a str)>,
    holds: bool,
    change: Option<&AccessChange>,
) -> String {
    let fact =
        |(holds, text): (bool, &str)| format!("  {} {text}\n", if holds { '✓' } else { '✗' });
    let facts: String = facts.map(fact).collect();
    let change = match change {
        _ if holds => String::new(),
        None => "  no single change would turn it\n".into(),
        Some(change) => {
            let ids = [
                ("principal", &change.principal),
                ("person", &change.person_id),
                ("workspace", &change.workspace_id),
                ("partition", &change.partition_id),
                ("folder", &change.folder_id),
                ("owner", &change.owner_workspace_id),
                ("role", &change.role_id),
            ];
            let named = ids.iter().filter(|(_, id)| !id.is_empty());
            let named: Vec<String> = named.map(|(noun, id)| format!("{noun} {id}")).collect();
            format!("  → {} ({})\n", change.text, named.join(", "))
        }
    };
    format!("{verdict}\n{facts}{change}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x_01_a_verdict_with_its_facts_and_what_turns_it() {
        let facts = || [(true, "it is there"), (false, "it is not seen")].into_iter();
        let change = AccessChange {
            text: "bind it".into(),
            workspace_id: "w".into(),
            partition_id: "p".into(),
            ..AccessChange::default()
        };
        assert_eq!(
            explained("not seen", facts(), false, Some(&change)),
            "not seen\n  ✓ it is there\n  ✗ it is not seen\n  → bind it (workspace w, partition p)\n"
        );
        assert!(
            explained("no", facts(), false, None).ends_with("no single change would turn it\n")
        );
        assert_eq!(explained("seen", [(true, "x")].into_iter(), true, None), "seen\n  ✓ x\n");
    }
}
