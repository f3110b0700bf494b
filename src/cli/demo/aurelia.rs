//! Aurelia Travel: two brands in two regions, a staging environment, and much that is shared.

use super::company::Company;
use super::people::people;
use crate::cli::client::Result;
use crate::pb::{
    self, Area, AssetReference, AssetType, DuplicatePolicy, Environment, ReferenceKind, RegionPair,
};

pub(super) const NAME: &str = "Aurelia Travel";

/// Who is who.
pub(super) const PRINCIPALS: &[(&str, &str)] = &[
    ("user:ada", "admin of the whole company"),
    ("user:ben", "admin of Aurelia - EU - Production, marketer in Aurelia - EU - Staging"),
    ("user:cleo", "viewer of Brisa - EU - Production"),
];

const CENTRE: &str = "Brand centre";
const EU: &str = "Aurelia - EU - Production";
const STAGING: &str = "Aurelia - EU - Staging";
const US: &str = "Aurelia - US - Production";
const BRISA_EU: &str = "Brisa - EU - Production";
const BRISA_US: &str = "Brisa - US - Production";

/// Each brand keeps a database of its own in each region, so one email may stand in several.
pub(super) fn settings() -> pb::TenantSettings {
    let pair = |from: &str, to: &str| RegionPair { from: from.into(), to: to.into() };
    pb::TenantSettings {
        duplicate_policy: DuplicatePolicy::Allow.into(),
        allowed_regions: vec!["EU".into(), "UK".into(), "US".into()],
        allowed_region_pairs: vec![pair("EU", "UK"), pair("UK", "EU")],
        workspace_name_pattern: "Brand - Region - Environment".into(),
        ..pb::TenantSettings::default()
    }
}

pub(super) async fn fill(company: &mut Company) -> Result<()> {
    places(company).await?;
    let guests = crowd(company).await?;
    brand_centre(company).await?;
    production(company, &guests).await?;
    staging(company).await
}

/// Partitions, workspaces, and who may do what there.
async fn places(company: &mut Company) -> Result<()> {
    for (name, region) in [
        ("Aurelia EU", "EU"),
        ("Aurelia US", "US"),
        ("Brisa EU", "EU"),
        ("Brisa US", "US"),
        ("Samples EU", "EU"),
        ("Old newsletter", ""),
    ] {
        company.make_partition(name, region).await?;
    }
    for (name, brand, region, environment, partition) in [
        (EU, "Aurelia", "EU", Environment::Production, "Aurelia EU"),
        (STAGING, "Aurelia", "EU", Environment::Staging, "Samples EU"),
        (US, "Aurelia", "US", Environment::Production, "Aurelia US"),
        (BRISA_EU, "Brisa", "EU", Environment::Production, "Brisa EU"),
        (BRISA_US, "Brisa", "US", Environment::Production, "Brisa US"),
        (CENTRE, "", "", Environment::Production, "Default"),
    ] {
        let workspace = pb::Workspace {
            display_name: name.into(),
            brand: brand.into(),
            region: region.into(),
            environment: environment.into(),
            language: "en".into(),
            ..pb::Workspace::default()
        };
        company.make_workspace(workspace, partition).await?;
    }
    company.let_read(BRISA_EU, "Aurelia EU").await?;
    company.grant("user:ben", "Workspace admin", EU).await?;
    company.grant("user:ben", "Marketer", STAGING).await?;
    company.grant("user:cleo", "Viewer", BRISA_EU).await
}

/// People, some of them in two partitions; those of Aurelia in Europe.
async fn crowd(company: &mut Company) -> Result<Vec<String>> {
    company.make_fields().await?;
    let europe = people("eu", &["DE", "FR", "ES", "IT", "SE"], 400);
    let twice = europe.iter().take(25).cloned();
    let brisa: Vec<pb::Person> =
        people("brisa.eu", &["ES", "PT"], 175).into_iter().chain(twice).collect();
    company.put("Brisa EU", brisa).await?;
    let guests = company.put("Aurelia EU", europe).await?;
    company.put("Aurelia US", people("us", &["US", "CA"], 300)).await?;
    company.put("Brisa US", people("brisa.us", &["US", "MX"], 120)).await?;
    company.put("Samples EU", people("sample", &["DE"], 20)).await?;
    company.put("Old newsletter", people("old", &["DE", "US"], 15)).await?;
    Ok(guests)
}

/// Templates and lists for everybody.
async fn brand_centre(company: &mut Company) -> Result<()> {
    company.make_folder(CENTRE, Area::DesignStudio, "Brand templates").await?;
    for (kind, name) in [
        (AssetType::EmailTemplate, "Letterhead"),
        (AssetType::LandingPageTemplate, "Plain page"),
        (AssetType::Snippet, "Footer"),
    ] {
        company.make_asset(CENTRE, asset(company.folder("Brand templates"), kind, name)).await?;
        company.approve(CENTRE, name).await?;
    }
    company.share(CENTRE, "Brand templates", &[EU, STAGING, US, BRISA_EU, BRISA_US]).await
}

/// A segmentation that one viewer shares people of, and another does not; a list; a program with its own mail.
async fn production(company: &mut Company, guests: &[String]) -> Result<()> {
    company.make_folder(EU, Area::Database, "Shared audiences").await?;
    let segments =
        [("Members", "member = true"), ("Frequent", "trips >= 12"), ("New", "trips = 0")];
    company.make_segmentation(EU, "Shared audiences", "Travellers", &segments).await?;
    let list = asset(company.folder("Shared audiences"), AssetType::StaticList, "Invited guests");
    company.make_asset(EU, list).await?;
    company.add_to_list(EU, "Invited guests", &guests[..60]).await?;
    company.share(EU, "Shared audiences", &[BRISA_EU, US]).await?;
    company.make_folder(EU, Area::MarketingActivities, "Campaigns").await?;
    let program = asset(company.folder("Campaigns"), AssetType::Program, "Spring sale");
    company.make_asset(EU, program).await?;
    company.add_to_program(EU, "Spring sale", &guests[40..120]).await?;
    let mail = pb::Asset {
        parent_program_id: company.asset("Spring sale"),
        references: letterhead(company),
        ..asset(String::new(), AssetType::Email, "Spring offer")
    };
    company.make_asset(EU, mail).await?;
    company.approve(EU, "Spring offer").await
}

/// What is tried before it goes to production.
async fn staging(company: &mut Company) -> Result<()> {
    company.make_folder(STAGING, Area::DesignStudio, "Autumn").await?;
    for name in ["Autumn welcome", "Autumn reminder"] {
        let mail = pb::Asset {
            references: letterhead(company),
            ..asset(company.folder("Autumn"), AssetType::Email, name)
        };
        company.make_asset(STAGING, mail).await?;
        company.approve(STAGING, name).await?;
    }
    Ok(())
}

fn letterhead(company: &Company) -> Vec<AssetReference> {
    let reference = |kind: ReferenceKind, name| AssetReference {
        kind: kind.into(),
        asset_id: company.asset(name),
        ..AssetReference::default()
    };
    vec![
        reference(ReferenceKind::Template, "Letterhead"),
        reference(ReferenceKind::Snippet, "Footer"),
    ]
}

fn asset(folder_id: String, kind: AssetType, name: &str) -> pb::Asset {
    pb::Asset { folder_id, r#type: kind.into(), display_name: name.into(), ..pb::Asset::default() }
}
