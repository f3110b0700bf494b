//! The assets of a world.

use precinct::pb::{Area, AssetType, ReferenceKind};

use crate::support::actor::Actor;
use crate::support::assets::refers;

/// Ids of assets of the world's workspace.
#[derive(Clone)]
pub struct Assets {
    /// A folder of the design studio, empty.
    pub folder: String,
    /// A program, empty.
    pub program: String,
    /// A snippet that is approved, and that the email uses.
    pub snippet: String,
    /// An email that never was approved.
    pub email: String,
    /// A form that is approved, and that nothing uses.
    pub form: String,
    /// A landing page that is approved, and has a draft.
    pub page: String,
}

// === impl Assets ===

impl Assets {
    /// New ones.
    pub async fn new(admin: &Actor, workspace: &str) -> Self {
        let root = admin.root(workspace, Area::DesignStudio).await;
        let folder = admin.folder(workspace, &root, "Spring").await;
        let program = admin.asset(workspace, AssetType::Program, "Fair").await;
        let snippet = admin.asset(workspace, AssetType::Snippet, "Footer").await;
        let form = admin.asset(workspace, AssetType::Form, "Sign up").await;
        let page = admin.asset(workspace, AssetType::LandingPage, "Welcome").await;
        for id in [&snippet, &form, &page] {
            admin.approve(workspace, id).await;
        }
        admin.write_asset(workspace, &page, "next").await;
        let uses = [refers(ReferenceKind::Snippet, &snippet)];
        let email = admin.user_of(workspace, AssetType::Email, "Invitation", &uses).await;
        Self { folder, program, snippet, email, form, page }
    }
}
