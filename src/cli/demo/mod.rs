//! `precinct demo`: two made-up companies in a running service, to try everything on.

mod aurelia;
mod company;
mod content;
mod people;
mod pinecone;

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use self::company::Company;
use super::Failure;
use super::client::{Error, Result, Trust, connect};

/// Fill a service with two made-up companies.
///
/// Aurelia Travel has two brands in two regions, a staging environment, folders that are shared, a segmentation that
/// one of its viewers sees nobody of, and people who are there twice. Pinecone Books is small, and never sees any of
/// it. Everything is the same each time; a second run within a day changes nothing. The service has to trust headers,
/// as it does on loopback.
#[derive(Args, Debug)]
pub(super) struct Demo {
    /// The address of the service; https://… if it serves with TLS.
    #[arg(long, env = "PRECINCT_ADDRESS", default_value = "http://127.0.0.1:50051")]
    pub address: String,

    #[command(flatten)]
    pub trust: Trust,

    /// The operator who makes the companies.
    #[arg(long, default_value = "platform:demo")]
    pub operator: String,

    /// Print what was made as JSON, for scripts.
    #[arg(long)]
    pub json: bool,
}

/// What was made of a company, by name.
#[derive(Debug, Serialize)]
struct Made {
    display_name: String,
    tenant_id: String,
    principals: BTreeMap<&'static str, &'static str>,
    workspaces: BTreeMap<String, String>,
    partitions: BTreeMap<String, String>,
    assets: BTreeMap<String, String>,
    folders: BTreeMap<String, String>,
}

// === impl Demo ===

impl Demo {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let made = self.make().await?;
        if self.json {
            let text =
                serde_json::to_string_pretty(&made).map_err(|e| Failure::Crash(e.to_string()))?;
            println!("{text}");
        } else {
            made.iter().for_each(Made::tell);
        }
        Ok(())
    }

    async fn make(&self) -> Result<Vec<Made>> {
        let channel = connect(&self.address, &self.trust).await?;
        let found = async |name, settings| {
            Company::found(channel.clone(), &self.operator, name, settings).await
        };
        let mut aurelia = found(aurelia::NAME, aurelia::settings()).await?;
        let mut pinecone = found(pinecone::NAME, pinecone::settings()).await?;
        aurelia::fill(&mut aurelia).await?;
        pinecone::fill(&mut pinecone).await?;
        Ok(vec![aurelia.made(aurelia::PRINCIPALS), pinecone.made(pinecone::PRINCIPALS)])
    }
}

// === impl Made ===

impl Made {
    fn tell(&self) {
        println!("{}\n  tenant {}", self.display_name, self.tenant_id);
        for (principal, what) in &self.principals {
            println!("  {principal}: {what}");
        }
        for (name, id) in &self.workspaces {
            println!("  workspace {id}  {name}");
        }
        for (name, id) in &self.partitions {
            println!("  partition {id}  {name}");
        }
    }
}

/// What an answer must have.
fn there<T>(part: Option<T>) -> Result<T> {
    part.ok_or_else(|| Error::protocol("the service left out what it made"))
}
