//! Pinecone Books: a small company with one database of people, who never sees anything of the other.

use super::company::Company;
use super::people::people;
use crate::cli::client::Result;
use crate::pb::{self, Environment};

pub(super) const NAME: &str = "Pinecone Books";

/// Who is who.
pub(super) const PRINCIPALS: &[(&str, &str)] =
    &[("user:ada", "admin of the whole company"), ("user:dov", "marketer in Shop")];

/// As every company begins: an email stands once.
pub(super) fn settings() -> pb::TenantSettings {
    pb::TenantSettings::default()
}

pub(super) async fn fill(company: &mut Company) -> Result<()> {
    company.make_partition("Readers", "").await?;
    for name in ["Shop", "Schools"] {
        let workspace = pb::Workspace {
            display_name: name.into(),
            environment: Environment::Production.into(),
            ..pb::Workspace::default()
        };
        company.make_workspace(workspace, "Readers").await?;
    }
    company.grant("user:dov", "Marketer", "Shop").await?;
    company.make_fields().await?;
    company.put("Readers", people("reader", &["NO", "DK"], 60)).await.map(drop)
}
